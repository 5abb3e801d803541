"""The exercises of notebook 06: solutions are right, wrong answers get the advice that fits."""

import math

import numpy as np
import pytest
import torch

from hdlib.encode import JSONEncoder
from hdlib.vsa import MBAT
from hdlib.workbook import check
from hdlib.workbook.exercises import nb06
from tests.workbook.lessons import lesson

NAMES = ("path_code", "read", "twin", "array_code", "kept", "overflows", "place", "weight", "edit",
         "hashed")  # fmt: skip


def powers(vsa, items, first=1):
    parts = [nb06.path_code(vsa, x, ["item"] * (i + first)) for i, x in enumerate(items)]
    return torch.stack(parts).sum(0)


def framed(vsa, items, first=1):
    total = vsa.bind(powers(vsa, items, first), vsa.atoms("array"))
    return total / total.norm()


def inside(vsa, items):
    return powers(vsa, vsa.bind(items, vsa.atoms("array")))


def kept_in_place(vsa, document, keys, old, new):
    document += nb06.path_code(vsa, new - old, keys)
    return document


def overwritten(features, dim, place, sign):
    row = torch.zeros(dim)
    for name, share in features.items():
        row[place(name)] = sign(name) * share
    return row


def straight(x, values):
    return (x - min(values)) / (max(values) - min(values))


def below(x, values):
    return sum(value <= x for value in values) / len(values)


def steps(x, values):
    return (sum(value <= x for value in values) - 1) / (len(values) - 1)


def unsorted(x, values):
    return float(np.interp(x, values, np.linspace(0, 1, len(values))))


def sizes(document, path):
    found = []
    for step in path:
        found.append(len(document))
        document = document[step]
    return found


def leaves(value):
    parts = value.values() if isinstance(value, dict) else value
    return sum(map(leaves, parts)) if isinstance(value, dict | list) else 1


NEAR = [
    ("06.path_code", lambda v, x, k: nb06.path_code(v, x, k[::-1]), "other order"),
    ("06.path_code", lambda v, x, k: x, "no key is bound"),
    ("06.path_code", lambda v, x, k: v.bind(x, v.atoms(k[0])), "only the outermost"),
    ("06.path_code", lambda v, x, k: v.bind(x, v.atoms(k[-1])), "only the innermost"),
    ("06.path_code", lambda v, x, k: 0 * x, "its cosine"),
    ("06.path_code", lambda v, x, k: x / 0, "NaN or inf"),
    ("06.read", lambda v, z, k, known: nb06.read(v, z, k[::-1], known), "outermost first"),
    ("06.read", lambda v, z, k, known: nb06.read(v, z, k[:1], known), "All keys"),
    ("06.read", lambda v, z, k, known: 99, "you find row 99"),
    ("06.twin", lambda table: table, "same document"),
    ("06.twin", lambda table: table[::-1], "who shares that sum"),
    ("06.twin", lambda table: [x for row in table for x in row], "who shares that sum"),
    ("06.twin", lambda table: "no", "nested lists"),
    ("06.array_code", lambda v, x: powers(v, x) / powers(v, x).norm(), "A is missing"),
    ("06.array_code", lambda v, x: framed(v, x, 0), "one too low"),
    ("06.array_code", lambda v, x: framed(v, x.flip(0)), "other order"),
    ("06.array_code", lambda v, x: v.unbind(powers(v, x), v.atoms("array")), "undone"),
    ("06.array_code", inside, "belongs outside"),
    ("06.array_code", lambda v, x: 2 * framed(v, x), "length is 2.00"),
    ("06.array_code", lambda v, x: x[0], "cosine with the right"),
    ("06.kept", lambda d, s: 1 / (s * d + 1), "the square"),
    ("06.kept", lambda d, s: 1 / math.sqrt(s * d), "leaf itself"),
    ("06.kept", lambda d, s: (s + 1) ** (-d / 2), "at each level"),
    ("06.kept", lambda d, s: (s + 1.0) ** -d, "do not multiply"),
    ("06.kept", lambda d, s: 0.5, "How many terms"),
    ("06.overflows", lambda d, x: math.floor(math.log(x) / math.log(d)) + 1, "not D"),
    ("06.overflows", lambda d, x: nb06.overflows(d, x) - 1, "still fit"),
    ("06.overflows", lambda d, x: nb06.overflows(d, x) + 1, "already too large"),
    ("06.overflows", lambda d, x: math.log(x) / math.log(d**0.5) + 9, "whole numbers"),
    ("06.overflows", lambda d, x: 99, "about √D"),
    ("06.place", straight, "straight scale"),
    ("06.place", below, "share of values"),
    ("06.place", lambda x, v: nb06.place(x, v) * (len(v) - 1), "the rank"),
    ("06.place", steps, "goes on evenly"),
    ("06.place", lambda x, v: 7, "equal steps"),
    ("06.weight", lambda d, p: nb06.weight(d, p) ** 2, "take the root"),
    ("06.weight", lambda d, p: 1 / math.sqrt(leaves(d)), "every leaf counts alike"),
    ("06.weight", lambda d, p: 1 / math.sqrt(sizes(d, p)[-1]), "own container only"),
    ("06.weight", lambda d, p: 1 / math.sqrt(sum(sizes(d, p))), "weights of levels multiply"),
    ("06.weight", lambda d, p: 7, "on the way"),
    ("06.edit", lambda v, z, k, o, n: z + n - o, "at the root"),
    ("06.edit", lambda v, z, k, o, n: z + nb06.path_code(v, n, k), "still there"),
    ("06.edit", lambda v, z, k, o, n: z - nb06.path_code(v, o, k), "is missing"),
    ("06.edit", lambda v, z, k, o, n: nb06.edit(v, z, k, n, o), "swapped"),
    ("06.edit", lambda v, z, k, o, n: nb06.edit(v, z, k[::-1], o, n), "other order"),
    ("06.edit", kept_in_place, "return a new one"),
    ("06.edit", lambda v, z, k, o, n: n, "cosine with the right"),
    ("06.hashed", overwritten, "overwrite"),
    ("06.hashed", lambda f, d, p, s: nb06.hashed(f, d, p, lambda x: 1), "signs are missing"),
    ("06.hashed", lambda f, d, p, s: nb06.hashed(dict.fromkeys(f, 1), d, p, s), "weights"),
    ("06.hashed", lambda f, d, p, s: -nb06.hashed(f, d, p, s), "turned round"),
    ("06.hashed", lambda f, d, p, s: 3 * nb06.hashed(f, d, p, s), "the length is not"),
    ("06.hashed", lambda f, d, p, s: torch.ones(d), "cosine with the right row"),
    ("06.hashed", lambda f, d, p, s: torch.ones(d + 1), "shape"),
]  # fmt: skip

TestLesson = lesson("06", {f"06.{name}": getattr(nb06, name) for name in NAMES}, NEAR, questions=7)


def test_unsorted_values_are_no_obstacle():
    assert not check("06.place", unsorted).ok


def test_other_twins_are_twins():
    """Any two entries with the same sum of row and column may change places."""

    def one_pair(table):
        made = [list(row) for row in table]
        made[0][1], made[1][0] = made[1][0], made[0][1]
        return made

    assert check("06.twin", one_pair).ok


def test_solutions_agree_with_the_library():
    vsa, encoder = MBAT(512), JSONEncoder(512)
    x = encoder.encode("x")
    items = torch.stack([encoder.encode(text) for text in "pqr"])
    assert torch.allclose(nb06.array_code(vsa, items), encoder.encode([list("pqr")])[0], atol=1e-5)
    nested = nb06.path_code(vsa, x, ["key/a", "key/b"])
    assert torch.allclose(nested, encoder.encode({"a": {"b": "x"}}), atol=1e-5)
    known = torch.stack([encoder.encode(text) for text in "abcx"])
    assert nb06.read(vsa, nested, ["key/a", "key/b"], known) == 3


def test_the_weight_is_the_one_that_an_explanation_expects():
    document = {"a": [{"b": 1, "c": 2}, "y"], "d": "x", "e": None}
    parts = JSONEncoder(64).explain(document, document)
    for part in parts:
        if part.leaf:
            steps = part.path.replace("[", ".").replace("]", "").split(".")[1:]
            path = [int(step) if step.isdigit() else step for step in steps]
            assert nb06.weight(document, path) == pytest.approx(part.expected)


def test_levels_at_which_formats_end():
    assert nb06.overflows(1024, torch.finfo(torch.float16).max) == 4
    assert nb06.overflows(1024, torch.finfo(torch.float32).max) == 26
    x, matrix = torch.ones(1024), 1 - 2.0 * (torch.rand(1024, 1024, generator=torch.Generator()
        .manual_seed(1)) < 0.5)  # fmt: skip
    for level in range(1, 5):
        x = matrix @ x
        typical = float(x.square().mean().sqrt())
        assert (typical > 65_504) == (level >= nb06.overflows(1024, 65_504))
