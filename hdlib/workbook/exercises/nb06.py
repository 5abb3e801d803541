"""Exercises and quiz of notebook 06, JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hdlib.vsa import MBAT
from hdlib.workbook.exercise import Exercise, register
from hdlib.workbook.exercises.asking import (
    as_numbers,
    between,
    close,
    fresh_seed,
    function,
    number,
    one_of,
)
from hdlib.workbook.quizzes import Choice, Question, register_quiz

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def words(count: int) -> list[str]:
    """Different words that nobody has seen before."""
    made: dict[str, None] = {}
    while len(made) < count:
        made["".join(one_of(LETTERS) for _ in range(5))] = None
    return list(made)


def space(dim: int = 1024) -> MBAT:
    """Matrices and atoms of their own for each question."""
    return MBAT(dim, seed=fresh_seed())


def vector(given: Any, dim: int) -> Tensor:
    """What a reader's function returned, as a finite vector."""
    found = as_numbers(given, (dim,))
    assert not isinstance(found, str), found
    assert bool(torch.isfinite(found.double()).all()), "It holds NaN or inf."
    return found.to(torch.float32)


def near(x: Tensor, y: Tensor) -> bool:
    """Equal but for rounding."""
    return bool(torch.allclose(x, y, atol=1e-4))


def cosine(x: Tensor, y: Tensor) -> float:
    return float(x @ y / (x.norm() * y.norm()).clamp_min(1e-30))


# 1


def path_code(vsa: MBAT, value: Tensor, keys: Sequence[str]) -> Tensor:
    for key in reversed(keys):  # the innermost key is bound first
        value = vsa.bind(value, vsa.atoms(key))
    return value


def path_code_complaint(answer: Callable[..., Any]) -> str | None:
    for size in (3, 2, 4):
        vsa, keys = space(), words(size)
        value = vsa.random()
        found = vector(function(answer)(vsa, value, list(keys)), vsa.dim)
        if near(found, path_code(vsa, value, keys)):
            continue
        back = value
        for key in reversed(keys):
            back = vsa.unbind(back, vsa.atoms(key))
        misses = {
            "the keys are bound in the other order; the innermost comes first.": path_code(
                vsa, value, keys[::-1]
            ),
            "that unbinds; the document binds.": back,
            "the value alone; no key is bound.": value,
            "only the outermost key is bound.": path_code(vsa, value, keys[:1]),
            "only the innermost key is bound.": path_code(vsa, value, keys[-1:]),
        }
        for why, wrong in misses.items():
            if near(found, wrong):
                return f"For the keys {keys}: {why}"
        like = cosine(found, path_code(vsa, value, keys))
        return f"For the keys {keys} its cosine with the right vector is {like:.2f}."
    return None


# 2


def read(vsa: MBAT, vector: Tensor, keys: Sequence[str], known: Tensor) -> int:
    for key in keys:  # from the outside in
        vector = vsa.unbind(vector, vsa.atoms(key))
    return int((known @ vector).argmax())  # (n, D) @ (D,) -> (n,)


def read_complaint(answer: Callable[..., Any]) -> str | None:
    for _ in range(3):
        vsa, (a, b, c) = space(2048), words(3)
        known, (x, y, z) = vsa.random(40), torch.randperm(40)[:3].tolist()
        parts = [(x, [a, b, c]), (y, [c, b, a]), (z, [a])]
        document = sum(path_code(vsa, known[i], keys) for i, keys in parts)
        for right, keys in parts[:2]:
            given = number(function(answer)(vsa, document, list(keys), known))
            if given == right:
                continue
            asked = f"At {keys} you find row {given:g}, but row {right} stands there"
            if given in (x, y):
                return f"{asked}. You found what stands at {keys[::-1]}: undo the outermost first."
            if given == z:
                return f"{asked}. All keys must be undone, not only the first."
            return f"{asked}."
    return None


# 3


def plain_powers(document: Any, vsa: MBAT) -> Tensor:
    """The code without A: item i of an array gets the power i + 1 of one matrix."""
    if not isinstance(document, list):
        leaf: Tensor = vsa.atoms(f"leaf {json.dumps(document)}")
        return leaf
    assert len(document) < 30, "That array is too long for a twin."
    total = torch.zeros(vsa.dim)
    for item in reversed(document):
        total = vsa.bind(total + plain_powers(item, vsa), vsa.atoms("item"))
    return total


def twin(table: list[list[Any]]) -> list[list[Any]]:
    return [list(column) for column in zip(*table, strict=True)]


def twin_complaint(answer: Callable[..., Any]) -> str | None:
    for size in (2, 3, between(2, 4)):
        vsa, names = space(), words(size * size)
        table = [names[i * size : (i + 1) * size] for i in range(size)]
        given = function(answer)([list(row) for row in table])
        assert given is not None, "It returns None; end with `return`."
        assert isinstance(given, list), f"It returns a {type(given).__name__}; give nested lists."
        given = json.loads(json.dumps(given))
        if given == table:
            return "That is the same document; a twin is another one with the same vector."
        one, other = plain_powers(table, vsa), plain_powers(given, vsa)
        if near(one, other):
            continue
        like = cosine(one, other)
        return (
            f"{table} and {given} have the cosine {like:.2f} under powers of one matrix. Row i and "
            "column j bind by the power (i + 1) + (j + 1): who shares that sum?"
        )
    return None


# 4


def array_code(vsa: MBAT, items: Tensor) -> Tensor:
    total: Tensor = torch.zeros(vsa.dim)
    for item in items.flip(0):  # Horner: the last item is bound most often
        total = vsa.bind(total + item, vsa.atoms("item"))
    total = vsa.bind(total, vsa.atoms("array"))
    unit: Tensor = total / total.norm()
    return unit


def array_code_complaint(answer: Callable[..., Any]) -> str | None:
    for size in (3, 1, between(4, 7)):
        vsa = space()
        items = vsa.random(size)
        found = vector(function(answer)(vsa, items.clone()), vsa.dim)
        right = array_code(vsa, items)
        if near(found, right):
            continue
        m, a = vsa.atoms(["item", "array"])
        bare = vsa.unbind(right, a)
        misses = {
            "A is missing: without it a table and its transpose are one vector.": bare,
            "the powers are one too low: item 0 gets M once.": vsa.bind(vsa.unbind(bare, m), a),
            "the items come in the other order.": array_code(vsa, items.flip(0)),
            "A is undone, not applied.": vsa.unbind(bare, a),
            "A acts before the powers of M; it belongs outside.": sum(
                path_code(vsa, vsa.bind(x, a), ["item"] * (i + 1)) for i, x in enumerate(items)
            ),
        }
        for why, wrong in misses.items():
            if isinstance(wrong, Tensor) and cosine(found, wrong) > 0.999:
                return f"For {size} items: {why}"
        if cosine(found, right) > 0.999:
            return f"Its length is {float(found.norm()):.2f}; a container has length 1."
        return f"For {size} items its cosine with the right vector is {cosine(found, right):.2f}."
    return None


# 5


def kept(depth: int, siblings: int) -> float:
    return 1 / math.sqrt(siblings * depth + 1)


def kept_complaint(answer: Callable[..., Any]) -> str | None:
    for depth, siblings in ((16, 3), (between(2, 9), between(2, 6)), (1, 1)):
        given, right = number(function(answer)(depth, siblings)), kept(depth, siblings)
        if close(given, right):
            continue
        asked = f"For depth {depth} with {siblings} siblings a level you give {given:.4g}"
        wrong = {
            right**2: "that is the square: take the root of the number of terms.",
            1 / math.sqrt(siblings * depth): "the leaf itself is a term of the sum as well.",
            (siblings + 1) ** (-depth / 2): "that is with containers set to length 1 at each "
            "level; here nothing is.",
            (siblings + 1) ** (-depth): "siblings do not multiply: each level adds some terms.",
        }
        for value, why in wrong.items():
            if close(given, value):
                return f"{asked}: {why}"
        return f"{asked}. How many terms of length 1 has the sum?"
    return None


# 6


def overflows(dim: int, largest: float) -> int:
    return math.floor(math.log(largest) / math.log(math.sqrt(dim))) + 1


def overflows_complaint(answer: Callable[..., Any]) -> str | None:
    for dim, largest in ((1024, 65_504), (1024, 3.4e38), (between(100, 900), 65_504)):
        given, right = number(function(answer)(dim, largest)), overflows(dim, largest)
        if given == right:
            continue
        asked = f"For D = {dim} and {largest:g} you give {given:g}"
        if given == math.floor(math.log(largest) / math.log(dim)) + 1:
            return f"{asked}: a sum of D signs is about √D, not D."
        if given == right - 1:
            return f"{asked}: at that level the components still fit."
        if given == right + 1:
            return f"{asked}: one level before, they are already too large."
        if given != int(given):
            return f"{asked}: levels are whole numbers."
        return f"{asked}. Each level multiplies a component by about √D."
    return None


# 7


def place(x: float, values: Sequence[float]) -> float:
    return float(np.interp(x, sorted(values), np.linspace(0, 1, len(values))))


def place_complaint(answer: Callable[..., Any]) -> str | None:
    for _ in range(3):
        values = sorted({between(1, 9) * 10 ** between(0, 6) + between(0, 9) for _ in range(9)})
        i, share = between(1, len(values) - 3), between(0, 8) / 10 + 0.05
        x = values[i] + share * (values[i + 1] - values[i])
        shuffled = values[::2] + values[1::2]
        given, right = number(function(answer)(x, list(shuffled))), place(x, values)
        if close(given, right):
            continue
        asked = f"For {x:g} among {values} you give {given:.4g}"
        span = values[-1] - values[0]
        wrong = {
            (x - values[0]) / span: "that is the straight scale, on which most of these values "
            "are one; take ranks.",
            (i + 1) / len(values): "that is the share of values below; go on between neighbours.",
            right * (len(values) - 1): "that is the rank; divide by the last rank.",
            i / (len(values) - 1): "between two values the place goes on evenly.",
            float(np.interp(x, shuffled, np.linspace(0, 1, len(values)))): "sort the values first.",
        }
        for value, why in wrong.items():
            if close(given, value):
                return f"{asked}: {why}"
        return f"{asked}; the least value has place 0, the greatest 1, neighbours equal steps."
    return None


# 8


def weight(document: Any, path: Sequence[Any]) -> float:
    product = 1.0
    for step in path:
        product /= math.sqrt(len(document))  # its parts share the length 1 of a container
        document = document[step]
    return product


def weight_complaint(answer: Callable[..., Any]) -> str | None:
    for _ in range(3):
        a, b, c, *more = words(9)
        inner = {b: 1, **dict.fromkeys(more[: between(1, 3)], 2)}
        listed = [inner, *range(between(1, 3))]
        document = {a: listed, c: "x", **dict.fromkeys(more[3 : 3 + between(1, 3)])}
        for path in ([a, 0, b], [a, 1], [c]):
            given, right = number(function(answer)(document, list(path))), weight(document, path)
            if close(given, right):
                continue
            sizes = [len(document), len(listed), len(inner)][: len(path)]
            leaves = len(document) - 1 + len(listed) - 1 + len(inner)
            asked = f"For {path} in {json.dumps(document)} you give {given:.4g}"
            wrong = {
                right**2: "take the root: n equal parts of a vector of length 1 have 1/√n each.",
                1 / math.sqrt(leaves): "that is the weight when every leaf counts alike.",
                1 / math.sqrt(sizes[-1]): "that is its weight within its own container only.",
                1 / math.sqrt(sum(sizes)): "weights of levels multiply.",
            }
            for value, why in wrong.items():
                if close(given, value):
                    return f"{asked}: {why}"
            return f"{asked}. The containers on the way have {sizes} parts."
    return None


# 9


def edit(vsa: MBAT, document: Tensor, keys: Sequence[str], old: Tensor, new: Tensor) -> Tensor:
    change = new - old
    for key in reversed(keys):
        change = vsa.bind(change, vsa.atoms(key))
    return document + change


def edit_complaint(answer: Callable[..., Any]) -> str | None:
    for size in (2, 3):
        vsa, keys, (old, new, other) = space(), words(size), space().random(3)
        document = path_code(vsa, old, keys) + path_code(vsa, other, [*words(1), keys[0]])
        before = document.clone()
        found = vector(function(answer)(vsa, document, list(keys), old, new), vsa.dim)
        if not torch.equal(document, before):
            return "Your function changes the vector that it was given; return a new one."
        right = edit(vsa, document, keys, old, new)
        if near(found, right):
            continue
        misses = {
            "the values are changed at the root; bind the change to the path.": document
            + new
            - old,
            "the old value is still there.": document + path_code(vsa, new, keys),
            "the old value is gone, and the new one is missing.": document
            - path_code(vsa, old, keys),
            "old and new are swapped.": edit(vsa, document, keys, new, old),
            "the keys are bound in the other order.": edit(vsa, document, keys[::-1], old, new),
        }
        for why, wrong in misses.items():
            if near(found, wrong):
                return f"At {keys}: {why}"
        return f"At {keys} its cosine with the right vector is {cosine(found, right):.2f}."
    return None


# 10


def hashed(
    features: Mapping[str, float],
    dim: int,
    place: Callable[[str], int],
    sign: Callable[[str], int],
) -> Tensor:
    row = torch.zeros(dim)
    for name, share in features.items():
        row[place(name)] += sign(name) * share
    return row


def hashed_complaint(answer: Callable[..., Any]) -> str | None:
    for dim in (8, 16):  # so small that features meet
        names = words(24)
        features = {name: between(1, 9) / 4 for name in names}
        places = {name: between(0, dim - 1) for name in names}
        signs = {name: 2 * between(0, 1) - 1 for name in names}
        given = function(answer)(dict(features), dim, places.__getitem__, signs.__getitem__)
        found, right = vector(given, dim), hashed(features, dim, places.get, signs.get)  # type: ignore[arg-type]
        if near(found, right):
            continue
        last = torch.zeros(dim)
        for name, share in features.items():
            last[places[name]] = signs[name] * share
        unsigned = hashed(features, dim, places.__getitem__, lambda name: 1)
        counted = hashed(dict.fromkeys(features, 1.0), dim, places.__getitem__, signs.__getitem__)
        misses = {
            "features that meet overwrite each other; add them.": last,
            "the signs are missing; without them collisions only ever add up.": unsigned,
            "the weights are missing.": counted,
            "all signs are turned round.": -right,
        }
        for why, wrong in misses.items():
            if near(found, wrong):
                return f"With {dim} places: {why}"
        if cosine(found, right) > 0.999:
            return "The direction is right, the length is not: leave the sum as it comes."
        return f"With {dim} places its cosine with the right row is {cosine(found, right):.2f}."
    return None


TASKS = (
    (
        "path_code",
        "write path_code(vsa, value, keys), the vector of {key: {key: … value}}.",
        path_code_complaint,
        (
            "{“a”: {“b”: x}} is M_a M_b x: which matrix acts on x first?",
            "Go through the keys from the last to the first.",
            "`for key in reversed(keys): value = vsa.bind(value, vsa.atoms(key))`.",
        ),
        path_code,
        "Matrices apply from the inside out; that order is what commuting binding loses.",
    ),
    (
        "read",
        "write read(vsa, vector, keys, known): the row of known that stands at the keys.",
        read_complaint,
        (
            "The outermost matrix was applied last, so it is undone first.",
            "`vsa.unbind(vector, vsa.atoms(key))` undoes one key.",
            "Unbind for each key in keys, then `int((known @ vector).argmax())`.",
        ),
        read,
        "The transpose is the exact inverse; what is left is the crosstalk of the siblings.",
    ),
    (
        "twin",
        "write twin(table): another document with the same vector under powers of one matrix.",
        twin_complaint,
        (
            "Row i, column j is bound by M^(i+1) M^(j+1).",
            "M^i M^j = M^(i+j): the entry at (i, j) and the one at (j, i) can change places.",
            "The transpose: `[list(column) for column in zip(*table)]`.",
        ),
        twin,
        "Powers of one matrix commute, so a table and its transpose collide.",
    ),
    (
        "array_code",
        "write array_code(vsa, items): A Σ M^(i+1) v_i, of length 1.",
        array_code_complaint,
        (
            "Horner: from the last item to the first, add the item, then apply M.",
            "M is the matrix of `vsa.atoms('item')`; A, of `vsa.atoms('array')`, acts once at the "
            "end.",
            "`total = vsa.bind(total + item, M)` for the reversed items; bind A; divide by norm.",
        ),
        array_code,
        "A M^i A M^j does not commute: nested arrays are told apart.",
    ),
    (
        "kept",
        "write kept(depth, siblings): the expected cosine of a leaf with its whole document.",
        kept_complaint,
        (
            "Orthogonal matrices keep lengths: the document is a sum of how many unit vectors?",
            "Each level adds the siblings; the leaf is one more.",
            "`1 / math.sqrt(siblings * depth + 1)`.",
        ),
        kept,
        "Depth costs only the terms that it adds: 1/√(3d + 1) for three siblings.",
    ),
    (
        "overflows",
        "write overflows(dim, largest): the level at which ±1 matrices pass a number format.",
        overflows_complaint,
        (
            "A component is a sum of D products of random signs.",
            "Such a sum is about √D; after n levels, √D to the power n.",
            "`math.floor(math.log(largest) / math.log(math.sqrt(dim))) + 1`.",
        ),
        overflows,
        "At D = 1,024 float16 ends at level 4, float32 at level 26.",
    ),
    (
        "place",
        "write place(x, values): the place of x between 0 and 1, by the ranks of the values.",
        place_complaint,
        (
            "Sort the values; the first stands at 0, the last at 1, all others in equal steps.",
            "Between two values go on in a straight line: `numpy.interp`.",
            "`numpy.interp(x, sorted(values), numpy.linspace(0, 1, len(values)))`.",
        ),
        place,
        "On its own ranks every path has room: years as well as populations.",
    ),
    (
        "weight",
        "write weight(document, path): the weight of the value at a path, level by level.",
        weight_complaint,
        (
            "A container of n parts of length 1 is a sum of length √n, set back to 1.",
            "So each of its parts weighs 1/√n; weights multiply along the path.",
            "For each step: `product /= math.sqrt(len(document)); document = document[step]`.",
        ),
        weight,
        "So a field deep in a document weighs little; path weights or “leaf” change that.",
    ),
    (
        "edit",
        "write edit(vsa, document, keys, old, new): another value at the keys, without the rest.",
        edit_complaint,
        (
            "The document is a sum, and only one term of it changes.",
            "Take away the bound old value, add the bound new one.",
            "Bind `new - old` by the reversed keys and add it to the document.",
        ),
        edit,
        "A matrix is linear: M(new − old) is the whole difference of the documents.",
    ),
    (
        "hashed",
        "write hashed(features, dim, place, sign): a row in which each feature has a place.",
        hashed_complaint,
        (
            "Begin with zeros; each feature adds to one place.",
            "Add its weight times its sign; features that meet must add up.",
            "`row[place(name)] += sign(name) * share` for each item.",
        ),
        hashed,
        "That is feature hashing: an atom with a single entry in place of a dense one.",
    ),
)
for _name, _question, _complaint, _hints, _solution, _praise in TASKS:
    register(Exercise(f"06.{_name}", _question, _complaint, _hints, _solution, praise=_praise))

register_quiz(
    "06.quiz",
    [
        Question(
            "Why must the matrices of keys be orthogonal?",
            [
                Choice("They are faster to draw", "Dense orthogonal ones are slower to draw."),
                Choice(
                    "They keep lengths and angles at any depth, and their transpose undoes them",
                    "So a leaf at depth 16 is as good as one at depth 1, but for its siblings.",
                    right=True,
                ),
                Choice("Only they have an inverse", "A Gaussian matrix has one, too: a bad one."),
            ],
        ),
        Question(
            "A Gaussian matrix has an exact inverse. Why not unbind with that?",
            [
                Choice(
                    "It blows up the siblings",
                    "Its condition number is in the hundreds or thousands: noise is multiplied.",
                    right=True,
                ),
                Choice("It does not exist", "Almost every random matrix can be inverted."),
                Choice("It is exact, so one should", "For a leaf alone. Siblings are not undone."),
            ],
        ),
        Question(
            "MAP binds by multiplying signs. What are {“a”: {“b”: 1}} and {“b”: {“a”: 1}} to it?",
            [
                Choice("Unrelated", "a · b = b · a: the order of keys is gone."),
                Choice("Half alike", "They hold one leaf each, behind one and the same product."),
                Choice(
                    "The same vector",
                    "a · b · 1 = b · a · 1. Documents need binding that does not commute.",
                    right=True,
                ),
            ],
        ),
        Question(
            "Arrays by powers of one matrix M take which two documents for one?",
            [
                Choice("[p, q] and [q, p]", "M p + M² q is not M q + M² p."),
                Choice(
                    "[[p, q], [r, s]] and [[p, r], [q, s]]",
                    "M M² = M² M. A second matrix A, once an array, keeps them apart.",
                    right=True,
                ),
                Choice("[p] and p", "M p is unrelated to p."),
            ],
        ),
        Question(
            "All numbers share one logarithmic scale. Which fields suffer?",
            [
                Choice(
                    "Years: 1977 and 1982 become one",
                    "They differ by a quarter of a per cent. A scale for each path tells them "
                    "apart.",
                    right=True,
                ),
                Choice("Populations", "They spread over many factors of ten, as logarithms like."),
                Choice("None, D is large enough", "More dimensions sharpen nothing that is equal."),
            ],
        ),
        Question(
            "A record lacks the field “income”; another has null there. Are they the same?",
            [
                Choice("Yes, both say nothing", "null is a value, with an atom of its own."),
                Choice(
                    "No: absent adds nothing, null adds its atom",
                    "So a query may lack fields, and one may search for null.",
                    right=True,
                ),
                Choice("It depends on D", "The rule is the same at every D."),
            ],
        ),
        Question(
            "You only ever search for records by example. What does a vector give you over "
            "feature hashing?",
            [
                Choice("Better matches", "From the same features both find the same records."),
                Choice("Fewer dimensions", "Both need about as many."),
                Choice(
                    "Nothing; its gain is reading, explaining, editing",
                    "Hashing has no way back from the row to the values.",
                    right=True,
                ),
            ],
        ),
    ],
)
