"""Exercises and quiz of notebook 01, Hypervectors."""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor

from hdlib import theory
from hdlib.vsa import MAPB
from hdlib.workbook.exercise import Exercise, register
from hdlib.workbook.exercises.asking import between, close, function, number
from hdlib.workbook.quizzes import Choice, Question, register_quiz


def agree(similarity: float, dim: int) -> float:
    return dim * (1 + similarity) / 2


def agree_complaint(answer: Any) -> str | None:
    for _ in range(3):
        dim = 100 * between(20, 90)
        similarity = between(-80, 80) / 100
        given, right = number(function(answer)(similarity, dim)), agree(similarity, dim)
        asked = f"For similarity {similarity:+.2f} at D = {dim:,}: {given:,.6g}"
        if abs(given - right) <= 0.5:
            continue
        if close(given, dim * similarity):
            return f"{asked} is places that agree minus places that differ; count the former."
        if close(given, dim - right):
            return f"{asked} is the number of places that differ."
        if close(given, right / dim):
            return f"{asked} is a share; multiply by D."
        return f"{asked}, expected {right:,.6g}."
    return None


def needed(sd: float) -> int:
    return math.ceil(1 / sd**2)


def needed_complaint(answer: Any) -> str | None:
    for _ in range(3):
        dim = between(50, 20_000)
        sd = 1 / math.sqrt(dim - 0.5)  # so that no rounding decides
        given = number(function(answer)(sd))
        asked = f"For a standard deviation of {sd:.5f}: {given:,.6g}"
        if given == dim:
            continue
        if close(given, dim - 0.5) or given == dim - 1:
            return f"{asked} is no whole number that suffices; round up, `math.ceil`."
        if abs(given - 1 / sd) <= 1:
            return f"{asked} is 1/sd; the standard deviation is 1/√D, so square it."
        return f"{asked}, expected {dim:,}."
    return None


def at_least(dim: int, k: int) -> float:
    return float(sum(math.comb(dim, j) for j in range(k, dim + 1)) / 2**dim)


def at_least_complaint(answer: Any) -> str | None:
    for _ in range(3):
        dim = between(20, 300)
        k = dim // 2 + between(1, max(2, math.isqrt(dim) // 2))
        mass = theory.binomial(dim, 0.5)
        given, right = number(function(answer)(dim, k)), float(mass[k:].sum())
        asked = f"D = {dim}, k = {k}: {given:.6g}"
        if close(given, right):
            continue
        if close(given, float(mass[k])):
            return f"{asked} is the chance of exactly k; sum over k, k + 1, … D."
        if close(given, right - float(mass[k])):
            return f"{asked} leaves out k itself: “at least” includes it (`range` ends early too)."
        if close(given, 1 - right) or close(given, 1 - right + float(mass[k])):
            return f"{asked} is the other side: that they agree in few places."
        if close(given, 2 * right):
            return f"{asked} counts both sides; few agreements are not asked for."
        return f"{asked}, expected {right:.6g}."
    return None


def fit(dim: int, eps: float) -> float:
    return math.sqrt(0.01) * math.exp(dim * eps**2 / 4)


def fit_complaint(answer: Any) -> str | None:
    for _ in range(3):
        dim, eps = 100 * between(10, 60), between(10, 25) / 100
        given, right = number(function(answer)(dim, eps)), fit(dim, eps)
        asked = f"D = {dim:,}, ε = {eps:.2f}: {given:,.4g}"
        if math.isclose(given, right, rel_tol=1e-4) or abs(given - right) <= 1:
            continue
        if math.isclose(given, 0.01 * math.exp(dim * eps**2 / 2), rel_tol=1e-4):
            return f"{asked} is N², the number of pairs counts; take the root."
        if math.isclose(given, 10 * right, rel_tol=1e-4):
            return f"{asked} forgets the 0.01: the bound is then 1 and promises nothing."
        return f"{asked}, expected {right:,.4g}."
    return None


def twice(p: float, q: float) -> float:
    return (1 - 2 * p) * (1 - 2 * q)


def twice_complaint(answer: Any) -> str | None:
    for _ in range(3):
        p, q = between(4, 30) / 100, between(4, 30) / 100
        given, right = number(function(answer)(p, q)), twice(p, q)
        asked = f"p = {p:.2f}, q = {q:.2f}: {given:.4g}"
        if close(given, right):
            continue
        if close(given, 1 - 2 * (p + q)):
            return f"{asked} forgets the bits that were flipped twice: they are right again."
        if close(given, 1 - p - q):
            return f"{asked}: a flipped bit does not only stop to agree, it disagrees. And twice?"
        if close(given, (1 - p) * (1 - q)):
            return f"{asked} is the similarity if damaged bits were tossed anew, not flipped."
        if close(given, p + q - 2 * p * q):
            return f"{asked} is the share of wrong bits at the end; the similarity is 1 − 2 · that."
        return f"{asked}, expected {right:.4g}."
    return None


def recognise(x: Tensor, book: Tensor) -> int:
    scores = book.float() @ x.float()  # (N, D) @ (D,) -> (N,); int8 sums would overflow
    return int(scores.argmax())


def recognise_complaint(answer: Any) -> str | None:
    dim, n, draws = 2000, 50, []
    for _ in range(3):
        vsa = MAPB(dim, seed=between(0, 10**9))
        book = vsa.random(n)
        right = between(1, n - 1)
        x = book[right].clone()
        x[: dim // 4] *= -1  # a quarter flipped: half of the similarity is left
        given = function(answer)(x, book)
        if isinstance(given, tuple | list):
            return "Return the number of the row alone."
        if isinstance(given, Tensor) and given.dim() and given.numel() > 1:
            return f"It returns {given.numel()} numbers; return the place of the greatest one."
        exact = book.float() @ x.float()
        near = (right, (book @ x).argmax(), exact.argmin(), exact.max())
        draws.append((number(given), *(int(place) for place in near)))
    given, rights, overflowed, least, scores = zip(*draws, strict=True)
    if given == rights:
        return None
    if given == overflowed:  # in every draw: in a single one it may be chance
        return (
            "The scores overflowed: atoms are int8, which ends at 127, and sums of "
            "2,000 signs go beyond. Convert with `.float()` first."
        )
    if given == least:
        return "That is the least similar row; take `argmax`."
    if given == scores:
        return "That is the greatest score; asked for is its place: `argmax`."
    place, right = next(pair for pair in zip(given, rights, strict=True) if pair[0] != pair[1])
    return f"It answers row {place:g}; the vector was a damaged copy of row {right}."


register(
    Exercise(
        "01.agree",
        "write agree(similarity, dim): in how many places do two bit vectors agree?",
        agree_complaint,
        (
            "A place that agrees counts +1, a place that differs counts −1.",
            "With a places that agree, the similarity is (a − (D − a)) / D. Solve for a.",
            "a = D (1 + s) / 2.",
        ),
        agree,
        praise="Similarity 0 is half of the places; the rest of the notebook is about that half.",
    )
)
register(
    Exercise(
        "01.needed",
        "write needed(sd): the smallest D at which unrelated bit vectors are that close to 0.",
        needed_complaint,
        (
            "The standard deviation of the similarity at D is 1/√D.",
            "Solve 1/√D ≤ sd for D, and remember that D is a whole number.",
            "`math.ceil(1 / sd**2)`.",
        ),
        needed,
        praise="Ten times less luck costs a hundred times the dimensions.",
    )
)
register(
    Exercise(
        "01.at_least",
        "write at_least(dim, k): the chance that two rows of coin flips agree in k places or more.",
        at_least_complaint,
        (
            "There are 2^D equally likely patterns of agreement. How many have j agreements?",
            "`math.comb(dim, j)`. Sum it over j from k to D, D included.",
            "`sum(math.comb(dim, j) for j in range(k, dim + 1)) / 2**dim`.",
        ),
        at_least,
        praise="That is the whole theory of this notebook: one binomial sum, nothing estimated.",
    )
)
register(
    Exercise(
        "01.fit",
        "write fit(dim, eps): the N for which N² · exp(−D ε²/2) is 0.01.",
        fit_complaint,
        (
            "Solve for N²: bring the exponential to the other side, where its sign changes.",
            "N² = 0.01 · exp(D ε²/2). The root halves the exponent.",
            "`math.sqrt(0.01) * math.exp(dim * eps**2 / 4)`.",
        ),
        fit,
        praise="Exponential in D, and in ε²: half the tolerance costs four times the dimensions.",
    )
)
register(
    Exercise(
        "01.twice",
        "write twice(p, q): a share p of the bits is flipped, then a share q. What is left?",
        twice_complaint,
        (
            "After the first damage the similarity is 1 − 2p. Where do the second flips fall?",
            "On right and wrong bits alike: each flip of a wrong bit repairs it.",
            "(1 − 2p)(1 − 2q).",
        ),
        twice,
        praise="Damage multiplies. Ten times 5 % leaves 0.9¹⁰ = 0.35, not nothing.",
    )
)
register(
    Exercise(
        "01.recognise",
        "write recognise(x, book): which row of book is x a damaged copy of?",
        recognise_complaint,
        (
            "Compare x with every row, and take the best.",
            "`book @ x` gives all scores at once, if they have room: int8 ends at 127.",
            "`int((book.float() @ x.float()).argmax())`.",
        ),
        recognise,
        praise="That is clean-up: one matrix product, one argmax.",
    )
)

register_quiz(
    "01.quiz",
    [
        Question(
            "How similar are two random vectors of 10,000 bits?",
            [
                Choice("exactly 0, they are orthogonal", "Almost: only 0.8 % of pairs hit 0."),
                Choice(
                    "0, give or take 0.01",
                    "The standard deviation is 1/√D = 0.01, so most lie within ± 0.03.",
                    right=True,
                ),
                Choice(
                    "anything from −1 to 1, they are random",
                    "One bit is anything. The mean of 10,000 of them is not.",
                ),
                Choice("0.5, half of the bits agree", "Half agree and half differ: that is 0."),
            ],
        ),
        Question(
            "You want unrelated vectors to be half as similar by luck. What does it cost?",
            [
                Choice("twice the dimensions", "The luck falls like 1/√D, not like 1/D."),
                Choice("four times the dimensions", "1/√(4D) is half of 1/√D.", right=True),
                Choice("a better random generator", "The luck is in the law, not in the coins."),
                Choice("another model", "Phases gain √2, most others nothing."),
            ],
        ),
        Question(
            "“D bits give 2^D patterns, so one vector can hold about 2^D things.” True?",
            [
                Choice(
                    "Yes, hence the name hyper",
                    "Patterns that differ in one bit cannot be told apart under any noise.",
                ),
                Choice(
                    "No: at most D of them, as in linear algebra",
                    "D can be exactly orthogonal; almost orthogonal ones are far more.",
                ),
                Choice(
                    "No: exponentially many vectors fit into the space, "
                    "but a bundle holds a number that grows like D",
                    "Names are cheap, room in one vector is not. These are two capacities.",
                    right=True,
                ),
            ],
        ),
        Question(
            "Half of the bits are damaged. Can the vector be recognised?",
            [
                Choice("never, half is gone", "Lost is not the same as turned around."),
                Choice(
                    "it depends: not if they were flipped, easily if they were tossed anew",
                    "Flipping half leaves similarity 0; tossing half leaves 1/2.",
                    right=True,
                ),
                Choice(
                    "always, if D is large enough",
                    "If half are flipped, nothing is left at any D: similarity 0.",
                ),
            ],
        ),
        Question(
            "You keep the first 1,000 of 10,000 bits of every atom. What happens?",
            [
                Choice(
                    "the vectors lose their meaning",
                    "No bit is about anything; every thousand of them are as good as any other.",
                ),
                Choice(
                    "they are the atoms of BSC(1000), and luck grows from 0.01 to 0.03",
                    "A smaller dimension is a prefix, and 1/√1,000 is 0.032.",
                    right=True,
                ),
                Choice(
                    "similarities shrink to a tenth", "They are means, and stay where they are."
                ),
            ],
        ),
        Question(
            "A memory of a million atoms, stored=False: what does it keep?",
            [
                Choice(
                    "a million vectors, compressed",
                    "Random bits cannot be compressed, but they can be computed again.",
                ),
                Choice(
                    "the labels alone",
                    "Each atom is a function of seed and label, made again when it is needed.",
                    right=True,
                ),
                Choice(
                    "nothing, so answers differ from run to run",
                    "The same seed and label give the same bits, on every machine.",
                ),
            ],
        ),
        Question(
            "All bits of a vector are flipped. How is the result related to it?",
            [
                Choice("not at all, it is as far away as can be", "As far, yes; unrelated, no."),
                Choice(
                    "it is its opposite: similarity −1",
                    "Unrelated is 0, the middle. An opposite tells you everything.",
                    right=True,
                ),
                Choice("it is a random vector", "It would be near 0; this is −1 for sure."),
            ],
        ),
    ],
)
