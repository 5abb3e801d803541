"""Exercises and quiz of notebook 00, Start here."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

from hdlib import theory
from hdlib.memory import ItemMemory
from hdlib.vsa import BSC
from hdlib.workbook.countries import countries, values
from hdlib.workbook.exercise import Exercise, register
from hdlib.workbook.quizzes import Choice, Question, register_quiz


def city() -> str:
    vsa = BSC(10_000)
    fields = ["country", "capital", "currency"]

    def encode(country: str) -> Tensor:
        facts = [countries()[country][field] for field in fields]
        return vsa.bundle(vsa.bind(vsa.atoms(facts), vsa.atoms(fields)))

    role = vsa.unbind(encode("France"), vsa.atoms("Paris"))
    answer = vsa.unbind(encode("Japan"), role)
    label, _ = ItemMemory(vsa).add(values()).cleanup(answer)
    return str(label)


def city_complaint(answer: Any) -> str | None:
    if isinstance(answer, tuple):
        return "cleanup gives a label and a score; the answer is the label alone."
    if not isinstance(answer, str):
        return "The answer is a label, a text such as 'Mexican peso'."
    if answer in countries()["Japan"].values():
        field = next(field for field, value in countries()["Japan"].items() if value == answer)
        return (
            None if field == "capital" else f"{answer} is Japan's {field}; Paris is not a {field}."
        )
    if answer in ("Paris", "France"):
        return f"{answer} is where the question starts: unbind Japan's record with its role."
    return f"{answer!r} is not in the record of Japan; was its record made with the same fields?"


def similarity() -> float:
    kept = theory.majority_agreement(5)  # 3/8, what one of five facts keeps in its record
    return float(kept**2 * (1 - 2 * 0.10))  # through two records, then 10 % of the bits flipped


def similarity_complaint(answer: Any) -> str | None:
    given = float(answer)
    kept, right = 0.375, similarity()
    near = {
        kept: "that is one record; the question passes through two.",
        kept * 0.8: "that is one record and noise; the question passes through two.",
        kept**2: "that is the answer without noise.",
        kept**2 * 0.9: "a flipped bit counts twice: it no longer agrees, and it disagrees.",
        0.25 * 0.8: "that is for three facts; here there are five.",
    }
    if math.isclose(given, right, abs_tol=0.001):
        return None
    for value, why in near.items():
        if math.isclose(given, value, abs_tol=0.0006):
            return f"{given:g}: {why}"
    side = "large" if given > right else "small"
    return f"{given:g} is too {side}. Start from β for five facts, 3/8."


def ask(vsa: BSC, record: Tensor, field: str, candidates: Sequence[str]) -> str:
    noisy = vsa.unbind(record, vsa.atoms(field))
    label, _ = ItemMemory(vsa).add(candidates).cleanup(noisy)
    return str(label)


def ask_complaint(answer: Callable[..., Any]) -> str | None:
    if not callable(answer):
        return "Give the function itself: `ask`, not what it returns."
    vsa = BSC(4096, seed=5)
    for country in ("Kenya", "Iceland", "Vietnam"):
        facts = countries()[country]
        fields = ["country", "capital", "currency", "continent", "domain"]
        record = vsa.bundle(
            vsa.bind(vsa.atoms([facts[field] for field in fields]), vsa.atoms(fields))
        )
        for field in fields:
            given = answer(vsa, record, field, list(values()))
            if isinstance(given, tuple):
                return "It returns a label and a score; return the label alone."
            if given != facts[field]:
                return f"The {field} of {country} came out as {given!r}, not {facts[field]!r}."
    return None


register(
    Exercise(
        "00.city",
        "which city is to Japan what Paris is to France?",
        city_complaint,
        (
            "It is the dollar of Mexico again, with other names.",
            "Unbind `encode('France', fields)` with `vsa.atoms('Paris')`: that is the role.",
            "`memory.cleanup(vsa.unbind(encode('Japan', fields), role))`: a label and a score.",
        ),
        city,
        praise="The role “capital” was never named: the record of France gave it away.",
    )
)
register(
    Exercise(
        "00.similarity",
        "what similarity does the right value keep?",
        similarity_complaint,
        (
            "One fact of five survives in its record with β = 3/8. How many records are passed?",
            "Two: β². If a share p of the bits is flipped, 1 − p agree as before, p disagree.",
            "β² · (1 − 2p) with β = 3/8 and p = 0.1.",
        ),
        similarity,
        praise="β²(1 − 2p) = 9/64 · 0.8. Among 555 values, 2,048 bits then answer right in 97 %.",
    )
)
register(
    Exercise(
        "00.ask",
        "write ask(vsa, record, field, candidates).",
        ask_complaint,
        (
            "Two steps: unbind with the role, then clean up.",
            "The role is `vsa.atoms(field)`. An `ItemMemory(vsa)` takes labels by `add`.",
            "`ItemMemory(vsa).add(candidates).cleanup(vsa.unbind(record, vsa.atoms(field)))`.",
        ),
        ask,
        praise="Three lines, and every record of this course can be asked.",
    )
)

register_quiz(
    "00.quiz",
    [
        Question(
            "You bundle three facts. How similar is the bundle to one of them?",
            [
                Choice("1, it is stored in it", "A vote of three is not any one of the three."),
                Choice(
                    "about 1/2",
                    "The two others disagree half of the time; then this fact decides.",
                    right=True,
                ),
                Choice(
                    "about 1/3",
                    "Each fact is a third of the votes, but a majority agrees more often.",
                ),
                Choice(
                    "0, unrelated",
                    "That is binding, which hides its parts; a bundle resembles its members.",
                ),
            ],
        ),
        Question(
            "Why can the role be left unnamed in “the dollar of Mexico”?",
            [
                Choice(
                    "Both records use the same roles",
                    "So unbinding one gives a role that fits the other.",
                    right=True,
                ),
                Choice(
                    "The memory knows that a peso is money",
                    "It knows labels and random bits, nothing else.",
                ),
                Choice(
                    "Dollar and peso have similar vectors",
                    "Their atoms are as unrelated as any two.",
                ),
            ],
        ),
        Question(
            "Your answer comes back wrong at D = 256. What helps most?",
            [
                Choice("Another seed", "It moves the luck around and keeps the odds."),
                Choice(
                    "More facts in each record", "More voters leave less of each fact: β falls."
                ),
                Choice(
                    "A larger D",
                    "The luck of wrong values shrinks like 1/√D, the right one stays.",
                    right=True,
                ),
                Choice(
                    "More candidates to choose from",
                    "More candidates, more chances for a lucky one.",
                ),
            ],
        ),
    ],
)
