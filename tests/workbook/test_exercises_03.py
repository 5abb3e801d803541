"""The exercises of notebook 03: solutions are right, wrong answers get the advice that fits."""

import math
from collections import Counter
from statistics import NormalDist

import pytest
import torch

from hdlib import encode
from hdlib.workbook import check
from hdlib.workbook.exercises import nb03
from tests.workbook.lessons import lesson

NAMES = ("lookup", "trigrams", "alike", "neighbours", "walk", "needed")


def pairs(text):
    return [text[i : i + 2] for i in range(len(text) - 1)]


def moved(*shifts):
    def answer(vsa, text):
        atoms, last = vsa.atoms(list(text)), len(text) - 2
        views = [vsa.permute(atoms[k : last + k], shift) for k, shift in enumerate(shifts)]
        return vsa.bundle(vsa.bind(*views))

    return answer


def cosine(one, other):
    x, y = Counter(one), Counter(other)
    dot = sum(count * y[key] for key, count in x.items())
    return dot / math.sqrt(sum(c * c for c in x.values()) * sum(c * c for c in y.values()))


def without_counts(one, other):
    return cosine(set(pairs(one)), set(pairs(other)))


def shared(one, other):
    x, y = set(pairs(one)), set(pairs(other))
    return len(x & y) / len(x | y)


def above(bar):
    def answer(vsa, graph, edges, node, memory):
        scores = vsa.similarity(vsa.unbind(graph, vsa.atoms(node)), memory.vectors())
        return [x for x, s in zip(memory.labels, scores, strict=True) if s > bar]

    return answer


def two_dirty_steps(vsa, machine, states, start, inputs):
    state, visited = vsa.atoms(start), []
    for symbol in inputs:  # cleaned up for the list, but not for the next step
        noisy = vsa.unbind(vsa.unbind(machine, state), vsa.permute(vsa.atoms(symbol), 2))
        state = vsa.permute(noisy, -1)
        visited.append(states.cleanup(state)[0])
    return visited


def from_the_start(*given):
    return [given[3], *nb03.walk(*given)]


def with_noise(vsa, machine, states, start, inputs):
    return ["nowhere", *nb03.walk(vsa, machine, states, start, inputs)[1:]]


TestLesson = lesson(
    "03",
    {f"03.{name}": getattr(nb03, name) for name in NAMES},
    [
        ("03.lookup", lambda v, r, f, m: m.cleanup(v.unbind(r, v.atoms(f))), "the label alone"),
        ("03.lookup", lambda v, r, f, m: v.unbind(r, v.atoms(f)), "clean it up"),
        ("03.lookup", lambda v, r, f, m: m.cleanup(r)[0], "was the field taken off"),
        ("03.lookup", lambda v, r, f, m: f, "no label of the memory"),
        ("03.trigrams", moved(0, 0, 0), "“abc” and “cba”"),
        ("03.trigrams", moved(0, 1, 2), "first is to move by 2"),
        ("03.trigrams", moved(-2, -1, 0), "other way"),
        ("03.trigrams", moved(3, 2, 1), "the last one stays"),
        ("03.trigrams", lambda v, t: encode.ngrams(v, list(t), 2), "those are pairs"),
        (
            "03.trigrams",
            lambda v, t: nb03.trigrams(v, t[:-1] if len(t) > 3 else t),
            "last trigram is missing",
        ),
        ("03.trigrams", lambda v, t: v.bundle(v.atoms(list(t))), "to the right vector"),
        ("03.trigrams", lambda v, t: v.atoms(list(t)), "returns shape"),
        ("03.trigrams", lambda v, t: "", "a str; a vector of shape"),
        ("03.trigrams", lambda v, t: [None], "a list; a vector of shape"),
        ("03.alike", shared, "share of common pairs"),
        ("03.alike", without_counts, "weighs twice"),
        ("03.alike", cosine, "single letters"),
        ("03.alike", lambda one, other: nb03.alike(one, other) ** 2, "the square"),
        ("03.alike", lambda one, other: -0.4, "MAP-I at a large D"),
        ("03.neighbours", above(0.5), "you "),
        ("03.neighbours", above(2.0), "you find none"),
        ("03.neighbours", above(-2.0), "you also name"),
        ("03.neighbours", lambda *given: "AB", "a list of labels"),
        ("03.neighbours", lambda *given: [], "you find none"),
        ("03.walk", from_the_start, "begins with the start"),
        ("03.walk", lambda *given: nb03.walk(*given)[:-1], "states."),
        ("03.walk", with_noise, "moved by one place"),
        ("03.walk", two_dirty_steps, "moved by one place"),
        ("03.needed", lambda e, p: nb03.needed(e, p) / 4, "a half squared"),
        ("03.needed", lambda e, p: nb03.needed(e, p) ** 0.5, "the root of it"),
        ("03.needed", lambda e, p: nb03.needed(1, p), "right for one edge"),
        ("03.needed", lambda e, p: e * (2 * NormalDist().inv_cdf(1 - p / 2)) ** 2, "one side"),
        ("03.needed", lambda e, p: 7, "pass for edges"),
    ],
    questions=7,
)


def test_a_remembered_number_fails():
    for name in ("03.alike", "03.needed"):
        seen = {check(name, lambda *given: 0.125).message for _ in range(4)}
        assert len(seen) > 1, "the check draws no fresh numbers"


def test_a_place_may_be_rounded_and_tensors_returned():
    assert check("03.needed", lambda e, p: math.ceil(nb03.needed(e, p))).ok
    assert check("03.alike", lambda a, b: torch.tensor(nb03.alike(a, b), dtype=torch.float64)).ok
    assert check("03.neighbours", lambda *given: set(nb03.neighbours(*given))).ok


@pytest.mark.parametrize("text", ["abc", "banana"])
def test_the_trigrams_are_those_of_the_library(text):
    from hdlib import MAPI

    vsa = MAPI(256)
    assert torch.equal(nb03.trigrams(vsa, text), encode.ngrams(vsa, list(text), 3))
