"""Exercises and quiz of notebook 08, Speed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from hdlib import bits, kernels
from hdlib.workbook.exercise import Exercise, register
from hdlib.workbook.exercises.asking import as_numbers, between, fresh_seed, needs_function
from hdlib.workbook.quizzes import Choice, Question, register_quiz

HOSTILE = (0, 1, -1, -(2**63), 2**63 - 1)


def rows_of_bits(n: int, width: int) -> Tensor:
    """Fresh packed rows: ``-> (n, width)``."""
    return kernels.words(fresh_seed(), torch.arange(n), width)


# 1


def popcount(x: Tensor) -> Tensor:
    x = x - ((x >> 1) & 0x5555555555555555)
    x = (x & 0x3333333333333333) + ((x >> 2) & 0x3333333333333333)
    x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0F
    return ((x * 0x0101010101010101) >> 56) & 0x7F


def popcount_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "popcount"):
        return complaint
    words = torch.cat([torch.tensor(HOSTILE), rows_of_bits(1, 400)[0]])
    found = as_numbers(answer(words.clone()), tuple(words.shape))
    if isinstance(found, str):
        return found
    right = torch.tensor([(word % 2**64).bit_count() for word in words.tolist()])
    wrong = found.to(torch.float64) != right
    if not wrong.any():
        return None
    absolute = torch.tensor([abs(word).bit_count() for word in words.tolist()])
    if torch.equal(found.to(torch.int64), absolute):
        return "Negative words count |x|, as numpy's signed ones do; the sign is a bit as well."
    place = int(wrong.nonzero()[0])
    return f"Word {words[place].item()} has {right[place]} ones; you count {found[place].item()}."


# 2


def hamming(queries: Tensor, items: Tensor) -> Tensor:
    return popcount(queries[:, None] ^ items).sum(-1)  # (Q, 1, W), (N, W) -> (Q, N)


def hamming_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "hamming"):
        return complaint
    for q, n in ((3, 5), (1, 7), (4, 1)):
        queries, items = rows_of_bits(q, 16), rows_of_bits(n, 16)
        items[0] = ~queries[0]  # all 1,024 bits differ
        found = as_numbers(answer(queries, items), (q, n))
        if isinstance(found, str):
            return found + " Every query meets every item: (Q, N)."
        right = kernels.hamming(queries, items)
        if torch.equal(found.to(torch.int64), right.long()):
            continue
        if torch.equal(found.to(torch.int64), 1024 - right.long()):
            return "Those are the equal bits; count the differing ones."
        return f"Rows with all bits complemented differ in 1,024; you give {found[0, 0].item()}."
    return None


# 3


def add3(a: Tensor, b: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    odd = a ^ b
    return odd ^ c, (a & b) | (odd & c)  # worth 1, worth 2


def add3_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "add3"):
        return complaint
    a, b, c = rows_of_bits(3, 16)
    given = answer(a.clone(), b.clone(), c.clone())
    if not isinstance(given, tuple | list) or len(given) != 2:
        return "Return two rows: the bits worth 1, then the bits worth 2."
    for found, right, other, what in zip(
        given, add3(a, b, c), reversed(add3(a, b, c)), ("worth 1", "worth 2"), strict=True
    ):
        found = as_numbers(found, (16,))
        if isinstance(found, str):
            return found
        if torch.equal(found, other):
            return "You give the two in the other order: first worth 1 (odd), then worth 2 (carry)."
        if not torch.equal(found, right):
            ones = bits.popcount(found.to(torch.int64) ^ right).sum().item()
            return f"The row {what} is wrong in {ones} of 1,024 columns."
    return None


# 4


def nearest(query: Tensor, seed: int, count: int) -> int:
    best = []
    for ids in torch.arange(count).split(1000):  # only a thousand atoms exist at a time
        far = kernels.hamming(query[None], bits.words(seed, ids, len(query)))[0]
        best.append((int(far.min()), int(ids[far.argmin()])))
    return min(best)[1]


def nearest_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "nearest"):
        return complaint
    for count in (1, 700, 5_300):
        seed, wanted = fresh_seed(), between(0, count - 1)
        query = bits.words(seed, torch.tensor(wanted), 16)
        query[:4] ^= rows_of_bits(1, 4)[0]  # an eighth of the bits is noise
        found = answer(query.clone(), seed, count)
        if isinstance(found, Tensor) and found.numel() == 1:
            found = found.item()
        if isinstance(found, bool) or not isinstance(found, int):
            return f"Return the id, one whole number; you give {found!r}."
        if found != wanted:
            return f"Among {count:,} atoms, {wanted} is nearest; you give {found}."
    return None


# 5


def least_seconds(moved: float, operations: float, bandwidth: float, rate: float) -> float:
    return max(moved / bandwidth, operations / rate)


def least_seconds_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "least_seconds"):
        return complaint
    for _ in range(6):
        moved, operations = (float(between(1, 10**9)) for _ in range(2))
        bandwidth, rate = (float(between(1, 10**6)) for _ in range(2))
        given = float(answer(moved, operations, bandwidth, rate))
        parts = moved / bandwidth, operations / rate
        if math.isclose(given, max(parts), rel_tol=1e-6):
            continue
        if math.isclose(given, sum(parts), rel_tol=1e-6):
            return "They overlap: memory works while the arithmetic does. Take the longer one."
        if math.isclose(given, min(parts), rel_tol=1e-6):
            return "The shorter one has finished long before; the longer one decides."
        return f"{parts[0]:.3g} s of memory and {parts[1]:.3g} s of arithmetic: not {given:.3g} s."
    return None


# 6


def fast_length(n: int) -> int:
    while True:
        rest = n
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return n
        n += 1


def fast_length_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "fast_length"):
        return complaint
    for n in (1, 7, 1021, 10_007, between(2, 5001), between(2, 5001)):
        given, right = int(answer(n)), fast_length(n)
        if given == right:
            continue
        if given == 1 << (n - 1).bit_length():
            return f"A power of two is fast, but {right} is nearer to {n} than {given}."
        if given < n:
            return f"{given} is shorter than {n}; nothing may be cut off."
        return f"The next length after {n} of 2s, 3s and 5s is {right}; you give {given}."
    return None


register(
    Exercise(
        "08.popcount",
        "write popcount(x): the ones in each int64, negative ones included, in plain torch.",
        popcount_complaint,
        (
            "A word is 64 counts of one bit each. Add neighbours: pairs, then fours …",
            "x − ((x >> 1) & 0x5555…) counts pairs; 0x3333… makes fours, 0x0F0F… bytes.",
            "Multiply by 0x0101…, then shift down by 56. (`& 0x7F` lets compilers see a popcount.)",
        ),
        popcount,
        praise="Twelve operations for 64 bits; the processor has one.",
    )
)
register(
    Exercise(
        "08.hamming",
        "write hamming(queries, items): the differing bits of all pairs of packed rows.",
        hamming_complaint,
        (
            "XOR leaves a one where two bits differ.",
            "`queries[:, None] ^ items` has all pairs: (Q, N, W).",
            "`popcount(queries[:, None] ^ items).sum(-1)`",
        ),
        hamming,
        praise="The kernel does the same without the (Q, N, W) in between.",
    )
)
register(
    Exercise(
        "08.add3",
        "write add3(a, b, c): three rows of bits become the row worth 1 and the row worth 2.",
        add3_complaint,
        (
            "Worth 1: is the number of ones odd? Worth 2: are there at least two?",
            "Odd is `a ^ b ^ c`; at least two is a majority of three.",
            "`odd = a ^ b`; then `odd ^ c, (a & b) | (odd & c)`.",
        ),
        add3,
        praise="Five operations add in 64 columns at once.",
    )
)
register(
    Exercise(
        "08.nearest",
        "write nearest(query, seed, count): the id of the nearest atom, none of them stored.",
        nearest_complaint,
        (
            "Make a part of the atoms, compare them, keep the best, forget them.",
            "`bits.words(seed, ids, len(query))` makes the atoms of some ids.",
            "`for ids in torch.arange(count).split(1000):` and `kernels.hamming` on each part.",
        ),
        nearest,
        praise="The codebook has taken no memory.",
    )
)
register(
    Exercise(
        "08.least_seconds",
        "write least_seconds(moved, operations, bandwidth, rate): the floor by a roofline.",
        least_seconds_complaint,
        (
            "How long would the memory take alone, and the arithmetic alone?",
            "Both go on at the same time.",
            "`max(moved / bandwidth, operations / rate)`",
        ),
        least_seconds,
        praise="That is the whole roofline, in one line.",
    )
)
register(
    Exercise(
        "08.fast_length",
        "write fast_length(n): the least length from n on that has no prime factor but 2, 3, 5.",
        fast_length_complaint,
        (
            "Try n, n + 1, n + 2 …",
            "Divide by 2, 3 and 5 as often as it goes.",
            "If 1 is left, the length is fast.",
        ),
        fast_length,
        praise="10,000 is such a length; the prime 10,007 is not.",
    )
)

register_quiz(
    "08.quiz",
    [
        Question(
            "One query meets a million packed items. What bounds it?",
            [
                Choice("Popcounts", "Each word is used once: there are far too few of them."),
                Choice(
                    "Memory",
                    "1.28 GB are read and each byte is used once; faster arithmetic would wait.",
                    right=True,
                ),
                Choice("Python", "One call does it all; Python takes microseconds."),
            ],
        ),
        Question(
            "Now 1,000 queries at once. What changes?",
            [
                Choice("It takes 1,000 times as long", "Items are read once for many queries."),
                Choice(
                    "Arithmetic becomes the bound",
                    "Every byte read serves many queries; the ring moves right of the ridge.",
                    right=True,
                ),
                Choice("Nothing", "The bytes are nearly the same, the work is 1,000 times more."),
            ],
        ),
        Question(
            "Why are packed bits faster than float32 with one query?",
            [
                Choice(
                    "They are 32 times fewer bytes",
                    "Memory is the bound, so bytes are the price.",
                    right=True,
                ),
                Choice("XOR is quicker than a product", "Both wait for the memory here."),
                Choice("Fewer dimensions", "There are as many."),
            ],
        ),
        Question(
            "Carry-save adders bundle 1,000 rows. How many word operations for 64 columns?",
            [
                Choice("64,000", "That is one addition a bit, which they avoid."),
                Choice("About 5,000", "n minus its ones adders, of 5 operations.", right=True),
                Choice("About 10", "Ten planes of counts result; making them takes more."),
            ],
        ),
        Question(
            "Atoms are regenerated instead of read. When does that pay?",
            [
                Choice("Always", "With many queries, reading an atom costs each of them little."),
                Choice("Never", "Hashing a word takes about as long as waiting for it."),
                Choice(
                    "When memory is the bound, or too small",
                    "Arithmetic is idle there, and a codebook of nothing always fits.",
                    right=True,
                ),
            ],
        ),
        Question(
            "You add up ±1 in bfloat16, result in bfloat16. What goes wrong?",
            [
                Choice("Nothing: ±1 is exact in it", "The terms are; the sums are not."),
                Choice(
                    "Sums beyond 256 are rounded",
                    "It has 8 bits of precision; accumulate and return float32.",
                    right=True,
                ),
                Choice("It overflows at 65,504", "That is float16; bfloat16 reaches 3·10³⁸."),
            ],
        ),
    ],
)
