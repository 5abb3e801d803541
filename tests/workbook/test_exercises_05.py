"""The exercises of notebook 05: solutions are right, wrong answers get the advice that fits."""

import math

import pytest
import torch

from hdlib import theory
from hdlib.workbook.exercises import nb05
from tests.workbook.lessons import lesson

NAMES = [task[0] for task in nb05.TASKS]


def counted(places, bits):
    return torch.zeros(bits).index_add_(0, places.flatten(), torch.ones(places.numel()))


def both(x, y):
    return int((x & y).sum())


def cleared(counters, places):
    left = counters.clone()
    left[places] = 0
    return left


def unchecked(counters, places):
    left = counters.clone()
    left[places] -= 1
    return left


def in_place(counters, places):
    counters[places] -= 1
    return counters


NEAR = [
    ("05.build", lambda p, m: counted(p, m), "counting filter"),
    ("05.build", lambda p, m: 1 - nb05.build(p, m), "swapped"),
    ("05.build", lambda p, m: nb05.build(p[:, :1], m), "first place"),
    ("05.build", lambda p, m: counted(p, m).long() % 2, "XOR"),
    ("05.build", lambda p, m: torch.zeros(m), "are wrong"),
    ("05.build", lambda p, m: torch.zeros(3), "returns shape"),
    ("05.member", lambda f, p: f[p].sum(-1), "Those are the hits"),
    ("05.member", lambda f, p: f[p].any(-1), "not enough"),
    ("05.member", lambda f, p: f[p].double().mean(-1) > 0.5, "A majority"),
    ("05.member", lambda f, p: ~f[p].all(-1), "answers are wrong"),
    ("05.fill", lambda n, m, k: k * n / m, "set twice"),
    ("05.fill", lambda n, m, k: (1 - 1 / m) ** (k * n), "zeros"),
    ("05.fill", lambda n, m, k: 1 - math.exp(-k * n / m), "its limit"),
    ("05.fill", lambda n, m, k: 1 - (1 - k / m) ** n, "different places"),
    ("05.fill", lambda n, m, k: nb05.fill(n, m, k) * m, "number of ones"),
    ("05.fill", lambda n, m, k: 0.123, "By simulation"),
    ("05.wrong_hits", lambda n, m, k: nb05.fill(n, m, k) ** k, "textbook"),
    ("05.wrong_hits", lambda n, m, k: (1 - math.exp(-k * n / m)) ** k, "large filters"),
    ("05.wrong_hits", lambda n, m, k: 0.5, "average"),
    ("05.bits_per_key", lambda f: math.log2(1 / f), "number of hashes"),
    ("05.bits_per_key", lambda f: math.log(1 / f), "factor is missing"),
    ("05.bits_per_key", lambda f: math.log2(f) / math.log(2), "the sign"),
    ("05.bits_per_key", lambda f: 8, "half of the bits"),
    ("05.best_hashes", lambda n, m: m / n * math.log(2), "whole numbers"),
    ("05.best_hashes", lambda n, m: math.floor(m / n * math.log(2)), "round down"),
    ("05.best_hashes", lambda n, m: math.ceil(m / n * math.log(2)), "round up"),
    ("05.best_hashes", lambda n, m: 20, "the rule"),
    ("05.count", lambda x, m, k: x / k, "two keys share"),
    ("05.count", lambda x, m, k: -m / k * math.log(1 - x / m), "its limit"),
    ("05.count", lambda x, m, k: nb05.count(x, m, 1), "throws"),
    ("05.count", lambda x, m, k: math.log(1 - x / m) / math.log(1 - k / m), "different"),
    ("05.count", lambda x, m, k: 5, "Solve"),
    ("05.overlap", lambda a, b, c, m, k: m * (1 - (1 - k / m) ** c) + (c == 0) * 9, "neither"),
    ("05.overlap", lambda a, b, c, m, k: m * (1 - (1 - k / m) ** (a + b - c)), "that is the OR"),
    ("05.common", lambda x, y, k: both(x, y) / k, "unrelated bits"),
    ("05.common", lambda x, y, k: math.log(1 - both(x, y) / len(x)) / math.log(1 - k / len(x)),
     "no count"),
    ("05.common", lambda x, y, k: 999, "X or Y"),
    ("05.remove", in_place, "a clone"),
    ("05.remove", cleared, "other keys need them"),
    ("05.remove", unchecked, "give None"),
    ("05.remove", lambda c, p: c.clone(), "are wrong"),
    ("05.reads", lambda c, p, t, a: (c[p] >= t).sum(-1) >= a, "not at θ"),
    ("05.reads", lambda c, p, t, a: (c[p] > t).sum(-1) > a, "not more than T"),
    ("05.reads", lambda c, p, t, a: (c[p] > t).all(-1), "T of them"),
    ("05.reads", lambda c, p, t, a: (c[p] > t).any(-1) & False, "are wrong"),
    ("05.spread", lambda a, b, c, m, k: nb05.spread(a, b, c, m, k) ** 2, "take the root"),
    ("05.spread", lambda a, b, c, m, k: ((a * b + c**2 - 2 * c) / m) ** 0.5, "MAP-I"),
    ("05.spread", lambda a, b, c, m, k: (a * b / (m)) ** 0.5, "disjoint"),
    ("05.spread", lambda a, b, c, m, k: nb05.spread(a, b, c, m, k) / k**0.5, "k cancels"),
    ("05.spread", lambda a, b, c, m, k: 3, "whatever k is"),
]  # fmt: skip
TestLesson = lesson("05", {f"05.{name}": getattr(nb05, name) for name in NAMES}, NEAR, questions=7)


def test_the_solutions_are_the_closed_forms():
    shape = {"bits": 40, "hashes": 3}
    assert nb05.wrong_hits(6, 40, 3) == pytest.approx(theory.bloom_false_positive(6, **shape))
    assert nb05.fill(6, 40, 3) == pytest.approx(theory.bloom_fill(6, **shape))
    assert nb05.best_hashes(100, 1024) == round(float(theory.bloom_hashes(100, bits=1024)))
    two = (50, 40, 20)
    shape = {"bits": 1024, "hashes": 4, "kind": "distinct"}
    assert nb05.overlap(*two, 1024, 4) == pytest.approx(theory.bloom_overlap(*two, **shape))
    wanted = theory.counting_intersection_sd(*two, **shape)
    assert nb05.spread(*two, 1024, 4) == pytest.approx(wanted)
