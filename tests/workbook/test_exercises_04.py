"""The exercises of notebook 04: solutions are right, wrong answers get the advice that fits."""

import math

import pytest

from hdlib import theory
from hdlib.workbook import solution
from hdlib.workbook.exercises import nb04
from hdlib.workbook.exercises.nb02 import kept
from tests.workbook.lessons import lesson

NAMES = ["false_alarm", "threshold", "enough", "holds", "smallest", "levels"]
NAMES += ["shared", "spread", "overlap", "bits_per_key", "score", "fields"]


def exact(n, dim):
    return theory.false_positive("MAPI", n, dim=dim)


def hopfield(patterns, x, *, diagonal=False, half=False):
    weights = patterns.long().T @ patterns.long()
    if not diagonal:
        weights.fill_diagonal_(0)
    return int(x.long() @ weights @ x.long()) // (2 if half else 1)


NEAR = [
    ("04.false_alarm", lambda n, d: 0.5 * math.erfc(math.sqrt(d / 8 / n)), "the normal tail"),
    ("04.false_alarm", lambda n, d: exact(n - 1, d), "D (n − 1)"),
    ("04.false_alarm", lambda n, d: 1 - exact(n, d), "asked is a yes"),
    ("04.false_alarm", lambda n, d: 0.3, "a walk of D n fair signs"),
    ("04.threshold", lambda n: 0.5, "MAP-I"),
    ("04.threshold", kept, "half of them would be missed"),
    ("04.threshold", lambda n: n**-0.5 / 2, "a majority keeps β"),
    ("04.threshold", lambda n: 0.1, "where is the middle"),
    ("04.enough", lambda n, d, f: 8 * n * math.log(1 / f), "universe is missing"),
    ("04.enough", lambda n, d, f: 8 * n * math.log2(d / f), "log2"),
    ("04.enough", lambda n, d, f: n * math.log(d / f), "the 8 is missing"),
    ("04.holds", lambda dim, d, f: dim / (8 * math.log(d / f)), "round down"),
    ("04.holds", lambda dim, d, f: math.isqrt(dim), "a story that is told"),
    ("04.smallest", lambda *a: 100, "too often"),
    ("04.smallest", lambda *a: a[-1][-1], "a smaller one is enough"),
    ("04.smallest", lambda *a: None, "would do"),
    ("04.levels", lambda sizes: kept(math.prod(sizes)), "a flat bundle"),
    ("04.levels", lambda sizes: sum(map(kept, sizes)), "a product"),
    ("04.shared", lambda v, x, y: float((x.double() * y).sum()), "is the product"),
    ("04.shared", lambda v, x, y: v.similarity(x, y), "is the cosine"),
    ("04.spread", lambda a, b, c, d: (a * b + c * c - 2 * c) / d, "take the root"),
    ("04.spread", lambda a, b, c, d: math.sqrt(a * b / d), "disjoint sets"),
    ("04.overlap", lambda a, b, k, m: 0, "by chance"),
    ("04.overlap", lambda a, b, k, m: a * b * k * k / m, "a bit is set once"),
    ("04.bits_per_key", lambda f: -math.log2(f), "number of hashes"),
    ("04.score", lambda p, x: hopfield(p, x, diagonal=True), "the diagonal is still there"),
    ("04.score", lambda p, x: hopfield(p, x, half=True), "each pair counts twice"),
    ("04.fields", lambda v, r, roles, k: [0] * len(roles), "are right"),
    (
        "04.fields",
        lambda v, r, roles, k: v.similarity(k, r).topk(len(roles)).indices.tolist(),
        "unbind it",
    ),
]
TestLesson = lesson("04", {f"04.{name}": getattr(nb04, name) for name in NAMES}, NEAR, questions=7)


@pytest.mark.parametrize("name", NAMES)
def test_a_solution_bears_the_name_that_is_asked_for(name):
    assert f"def {name}" in repr(solution(f"04.{name}"))


@pytest.mark.claim("capacity-exercises")
def test_the_answers_derived_by_hand():
    def figure(value, digits):
        return f"{value:.{digits}f}"

    assert figure(exact(50, 1000), 5) == "0.01282"
    assert figure(0.5 * math.erfc(math.sqrt(1000 / 8 / 50)), 5) == "0.01267"
    assert figure(theory.false_negative("MAPI", 50, dim=1000), 5) == "0.01181"
    assert [kept(5), kept(6), kept(7)] == [0.375, 0.3125, 0.3125]
    assert figure(nb04.levels([7, 5]), 4) == "0.1172"
    assert figure(kept(35), 4) == "0.1358"
    assert figure(nb04.bits_per_key(0.01), 3) == "9.585"
    assert figure(nb04.bits_per_key(0.001), 3) == "14.378"
    assert figure(nb04.spread(50, 40, 20, 1024), 3) == "1.518"
    assert math.ceil(nb04.spread(50, 40, 20, 1) ** 2 / 0.25) == 9440
    assert figure(nb04.overlap(50, 40, 4, 1024), 1) == "26.4"
