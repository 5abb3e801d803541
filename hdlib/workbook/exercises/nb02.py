"""Exercises and quiz of notebook 02, The algebra."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

from hdlib import theory
from hdlib.vsa import MAPB, MBAT, VSA, Accumulator
from hdlib.workbook.exercise import Exercise, register
from hdlib.workbook.exercises.asking import as_numbers, between, fresh_seed, needs_function
from hdlib.workbook.quizzes import Choice, Question, register_quiz

# 1


def majority(rows: Tensor) -> Tensor:
    return rows.sum(0).sign()  # (n, D) -> (D,); n is odd, so that no sum is 0


def majority_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "majority"):
        return complaint
    for n, dim in ((3, 640), (7, 256), (255, 128)):
        vsa = MAPB(dim, seed=fresh_seed())
        rows = vsa.random(n)
        rows[n // 3 :] = rows[0] if n > 99 else rows[n // 3 :]  # many equal votes: int8 overflows
        found = as_numbers(answer(rows), (dim,))
        if isinstance(found, str):
            return found + (" Add along the first axis." if "shape" in found else "")
        total = rows.int().sum(0)
        if torch.equal(found, vsa.bundle(rows).to(found.dtype)):
            continue
        if torch.equal(found.double(), total.double()):
            return "That is the sum, the bundle of MAP-I; MAP-B keeps only its sign."
        if torch.equal(found.double(), total.double() / n):
            return "That is the mean; MAP-B keeps only its sign."
        if torch.equal(found.double(), -total.sign().double()):
            if n > 127:
                return f"With n = {n} the signs turn round: a sum kept in int8 ends at 127."
            return "All signs are turned round: a sum above 0 gives +1."
        if torch.equal(found.double(), (total > 0).double()):
            return "Those are zeros and ones; the values of MAP-B are −1 and +1."
        agree = float((found.sign() == total.sign()).float().mean())
        return f"With n = {n} it agrees with the majority in {agree:.0%} of the places."
    return None


# 2


def sequence(vsa: VSA, labels: Sequence[str]) -> Tensor:
    moved = [vsa.permute(vsa.atoms(label), place) for place, label in enumerate(labels)]
    return vsa.bundle(torch.stack(moved))


def sequence_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "sequence"):
        return complaint
    for letters in (5, 4, 7):
        vsa = MAPB(1024, seed=fresh_seed())
        word = [f"letter {between(0, 999)}-{i}" for i in range(letters)]
        found = as_numbers(answer(vsa, word), (vsa.width,))
        if isinstance(found, str):
            return found
        if torch.equal(found, sequence(vsa, word)):
            continue
        atoms = vsa.atoms(word)
        if torch.equal(found, vsa.bundle(atoms)):
            return "That is a bundle without order: “stop” and “pots” would be one vector."
        for shifts, why in (
            (range(1, letters + 1), "The first label moves by 0 places; you began with 1."),
            (
                range(0, -letters, -1),
                "Label 1 moves by +1, label 2 by +2; you moved the other way.",
            ),
            (range(letters - 1, -1, -1), "The first label stays, and you let the last one stay."),
        ):
            moved = [vsa.permute(a, s) for a, s in zip(atoms, shifts, strict=True)]
            if torch.equal(found, vsa.bundle(torch.stack(moved))):
                return why
        like = vsa.similarity(found.to(atoms.dtype), sequence(vsa, word)).item()
        return f"It has similarity {like:.2f} to the right vector; move label i by i places."
    return None


# 3


def kept(n: int) -> float:
    odd = n + 1 - n % 2  # ties at random: an even n equals the next odd one
    return float(math.comb(odd - 1, (odd - 1) // 2) / 2 ** (odd - 1))


def kept_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "kept"):
        return complaint
    for n in (1, 3, 2, 2 * between(3, 22) + 1, 2 * between(3, 22)):
        given, right = float(answer(n)), float(theory.majority_agreement(n))
        if math.isclose(given, right, rel_tol=1e-6):
            continue
        near = {
            1 / n: "1/n is a member's share of the votes; a majority agrees more often.",
            n**-0.5: "1/√n is what a sum keeps (MAP-I); a majority loses more.",
            (2 / (math.pi * n)) ** 0.5: "√(2/πn) is its limit for large n; here it is to be exact.",
            0.5
            + right / 2: "that is how often they agree; similarity counts agreeing − differing.",
        }
        for value, why in near.items():
            if math.isclose(given, value, rel_tol=1e-6):
                return f"For n = {n} you give {given:.4g}: {why}"
        if n % 2 == 0:
            return f"For even n = {n} you give {given:.4g}; with fair ties it equals n + 1."
        return f"For n = {n} you give {given:.4g}; by simulation it is about {right:.2g}."
    return None


# 4


def nested(groups: int, size: int) -> float:
    return kept(groups) * kept(size)


def nested_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "nested"):
        return complaint
    drawn = [(9 + 2 * between(0, 4), 3 + 2 * between(0, 4)) for _ in range(2)]
    pairs = [(5, 7), *drawn]  # never the pair of the text again
    for groups, size in pairs:
        given, right = float(answer(groups, size)), nested(groups, size)
        if math.isclose(given, right, rel_tol=1e-6):
            continue
        where = f"{groups} groups of {size}: you give {given:.4g}"
        if math.isclose(given, kept(groups * size), rel_tol=1e-6):
            return f"{where}, which a flat bundle of {groups * size} keeps; nesting loses more."
        if math.isclose(given, kept(groups) + kept(size), rel_tol=1e-6):
            return f"{where}, a sum; what is left of what is left is a product."
        if math.isclose(given, kept(size), rel_tol=1e-6):
            return f"{where}; that is left inside its group, which is then bundled again."
        if math.isclose(given, kept(groups), rel_tol=1e-6):
            return f"{where}; that is what a group keeps, and the item is not the group."
        return f"{where}; what does the group keep of the item, and the bundle of the group?"
    return None


# 5


def stream(vsa: VSA, vectors: Iterable[Tensor]) -> Tensor:
    running = Accumulator(vsa)
    for vector in vectors:
        running.add(vector)
    return running.value


def stream_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "stream"):
        return complaint
    for n in (9, 12, 40):
        vsa = MAPB(2048, seed=fresh_seed())
        vectors = vsa.random(n)
        found = as_numbers(answer(vsa, iter(vectors)), (vsa.width,))
        if isinstance(found, str):
            return found
        if torch.equal(found.double(), vsa.bundle(vectors).double()):
            continue
        if torch.equal(found.double(), vsa.tally(vectors).double()):
            return "That is the tally; `normalize` it, or take the `value` of an Accumulator."
        like = vsa.similarity(vsa.normalize(found), vectors)
        if float(like[0]) < 0.1 < float(like[-1]) - 0.2:
            return (
                f"After {n} vectors the last has similarity {like[-1]:.2f} and the first "
                f"{like[0]:.2f}: bundling one by one forgets. Keep the sum, not its sign."
            )
        same = vsa.similarity(vsa.normalize(found), vsa.bundle(vectors))
        return f"After {n} vectors it has similarity {same:.2f} to the bundle of all; 1 is right."
    return None


# 6


def undo(vsa: VSA, z: Tensor, keys: Sequence[Tensor]) -> Tensor:
    for key in reversed(keys):  # the last one on is the first one off
        z = vsa.unbind(z, key)
    return z


def undo_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "undo"):
        return complaint
    for model in (MAPB, MBAT):
        for count in (1, 2, 4):
            vsa = model(512, seed=fresh_seed())
            x, *keys = vsa.random(count + 1)
            found = as_numbers(answer(vsa, vsa.bind(x, *keys), list(keys)), (vsa.width,))
            if isinstance(found, str):
                return found
            like = vsa.similarity(found.to(x.dtype), x).item()
            if like > 0.999:
                continue
            where = f"In {model.__name__} with {count} key{'s' * (count > 1)} x comes back with"
            if model is MBAT and count > 1:
                return f"{where} {like:.2f}: there order matters. Which key went on last?"
            return f"{where} similarity {like:.2f}, not 1. Was every key taken off?"
    return None


register(
    Exercise(
        "02.majority",
        "write majority(rows), the MAP-B bundle of an odd number of rows of ±1.",
        majority_complaint,
        (
            "A place of the bundle is +1 if more rows hold +1 there than −1.",
            "Add the rows up along the first axis: the sum is positive or negative, never 0.",
            "`rows.sum(0)`, and then its `.sign()`.",
        ),
        majority,
        praise="One line instead of two loops.",
    )
)
register(
    Exercise(
        "02.sequence",
        "write sequence(vsa, labels): label number i moved by i places, all bundled.",
        sequence_complaint,
        (
            "Order is made by moving: label 0 stays, label 1 moves by 1, label 2 by 2.",
            "`vsa.permute(vsa.atoms(label), i)` for each; `enumerate` counts for you.",
            "`vsa.bundle(torch.stack([...]))` of those.",
        ),
        sequence,
        praise="Moving back by i and cleaning up reads place i again.",
    )
)
register(
    Exercise(
        "02.kept",
        "write kept(n): what a member keeps in a MAP-B bundle of n, odd or even.",
        kept_complaint,
        (
            "Your vote decides a place only when the n − 1 others tie. How often do they?",
            "For odd n: C(n − 1, (n − 1)/2) / 2^(n − 1). For even n take n + 1 instead.",
            "`math.comb(m - 1, (m - 1) // 2) / 2 ** (m - 1)` with `m = n + 1 - n % 2`.",
        ),
        kept,
        praise="A member keeps what the ties of the others leave to it.",
    )
)
register(
    Exercise(
        "02.nested",
        "write nested(groups, size): what an item keeps in a bundle of bundles.",
        nested_complaint,
        (
            "First the group keeps something of the item; then the bundle keeps some of the group.",
            "What is left of what is left: multiply.",
            "`kept(groups) * kept(size)`.",
        ),
        nested,
        praise="β multiplies: 5 groups of 7 keep .117, a flat bundle of 35 keeps .136.",
    )
)
register(
    Exercise(
        "02.stream",
        "write stream(vsa, vectors): bundle vectors that come one at a time, none favoured.",
        stream_complaint,
        (
            "If you bundle the bundle so far with the next vector, the first one fades.",
            "Keep the running sum and settle it once, at the end.",
            "`running = hdlib.Accumulator(vsa)`; `running.add(vector)`; `running.value`.",
        ),
        stream,
        praise="Nothing is forgotten, and only one sum is kept.",
    )
)
register(
    Exercise(
        "02.undo",
        "write undo(vsa, z, keys): x out of z = vsa.bind(x, *keys), in every model.",
        undo_complaint,
        (
            "Each key is taken off by one `unbind`.",
            "In MBAT the order matters: shoes come off before socks.",
            "`for key in reversed(keys): z = vsa.unbind(z, key)`.",
        ),
        undo,
        praise="Last on, first off. Models that commute would forgive any order.",
    )
)

register_quiz(
    "02.quiz",
    [
        Question(
            "Your MAP-B bundle holds 4 items. You add a fifth. How much do the others lose?",
            [
                Choice("A fifth less", "Shares of the votes fall by a fifth; similarity does not."),
                Choice(
                    "Nothing",
                    "The fifth vote only replaces the coin that broke the ties: β₄ = β₅ = 3/8.",
                    right=True,
                ),
                Choice("Half", "That is one more level of nesting, not one more vote."),
            ],
        ),
        Question(
            "s = bundle(bundle(a, b), c) in BSC. Which item is the bundle most like?",
            [
                Choice("All three alike", "A majority is not associative: a and b voted as one."),
                Choice("a, it came first", "The first ones fade: they keep 1/4."),
                Choice("c", "It keeps 1/2, and a and b 1/4: one half for each level.", right=True),
            ],
        ),
        Question(
            "You look for members of a MAP-B bundle of 9 by “similarity > 0.5”. What happens?",
            [
                Choice(
                    "It finds none",
                    "Members have β₉ = 0.27. A threshold belongs near β/2, not near 1/2.",
                    right=True,
                ),
                Choice("It finds all nine", "Members would have to score 1; they score 0.27."),
                Choice("It finds many strangers", "Strangers score 0 ± 1/√D, far below 0.5."),
            ],
        ),
        Question(
            "A vector arrives with a fifth of its bits flipped. You bind and unbind it. And now?",
            [
                Choice("The noise is gone", "Binding flips known bits and flips them back."),
                Choice(
                    "The noise is the same",
                    "Binding keeps distances. Only clean-up, which knows the atoms, removes it.",
                    right=True,
                ),
                Choice("The noise has doubled", "Both steps are exact; neither adds any."),
            ],
        ),
        Question(
            "You store subject ⊗ object in one product, and must tell who bit whom. Which model?",
            [
                Choice("BSC, it is the smallest", "x ⊗ y = y ⊗ x: dog and man could swap places."),
                Choice("FHRR, it is exact", "Exact, and commutative: the order is lost."),
                Choice(
                    "MBAT, or permute one of the two",
                    "Matrices do not commute; a permutation gives order to the others (in HRR "
                    "one that is no shift).",
                    right=True,
                ),
            ],
        ),
        Question(
            "HRR unbinds with similarity 0.7. Is that a reason against it?",
            [
                Choice("Yes, answers are often wrong", "0.7 is 20 standard deviations at D = 800."),
                Choice(
                    "Only if you unbind many times without clean-up",
                    "Each key costs a factor of about 1/√2; clean-up in between resets it to 1.",
                    right=True,
                ),
                Choice("No, it goes to 1 as D grows", "It goes to 1/√2, at every D."),
            ],
        ),
    ],
)
