"""Exercises and quiz of notebook 05, Bloom filters."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from hdlib import theory
from hdlib.workbook.exercise import Exercise, register
from hdlib.workbook.exercises.asking import as_numbers, between, fresh_seed, needs_function, off
from hdlib.workbook.quizzes import Choice, Question, register_quiz


def drawn_places(keys: int, hashes: int, bits: int) -> Tensor:
    """Different places for each key: ``-> (keys, hashes)``."""
    generator = torch.Generator().manual_seed(fresh_seed())
    return torch.rand(keys, bits, generator=generator).argsort(-1)[:, :hashes]


# 1


def build(places: Tensor, bits: int) -> Tensor:
    filter_ = torch.zeros(bits, dtype=torch.int64)
    filter_[places.flatten()] = 1  # (n, k) places -> (bits,)
    return filter_


def build_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "build"):
        return complaint
    for _ in range(3):
        bits, hashes, n = between(60, 200), between(2, 6), between(15, 40)
        places = drawn_places(n, hashes, bits)
        found = as_numbers(answer(places, bits), (bits,))
        if isinstance(found, str):
            return found
        sums = torch.zeros(bits).index_add_(0, places.flatten(), torch.ones(n * hashes))
        if torch.equal(found.long(), build(places, bits)):
            continue
        if torch.equal(found.double(), sums.double()):
            return "Those are the counts of a counting filter; a Bloom filter keeps only > 0."
        if torch.equal(found.long(), 1 - build(places, bits)):
            return "Ones and zeros are swapped: a key sets its bits to 1."
        if torch.equal(found.long(), build(places[:, :1], bits)):
            return "Only the first place of each key is set; a key sets all its places."
        if torch.equal(found.long(), sums.long() % 2):
            return "That is the XOR: two keys that share a bit must not clear it."
        wrong = int((found.long() != build(places, bits)).sum())
        return f"{wrong} of {bits} bits are wrong."
    return None


# 2


def member(filter_: Tensor, places: Tensor) -> Tensor:
    return filter_[places].all(-1)  # (q, k) -> (q,)


def member_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "member"):
        return complaint
    for _ in range(3):
        bits, hashes = between(150, 300), between(3, 5)
        filter_ = build(drawn_places(30, hashes, bits), bits)
        asked = drawn_places(200, hashes, bits)
        found = as_numbers(answer(filter_, asked), (200,))
        if isinstance(found, str):
            return found
        right, hits = member(filter_, asked), filter_[asked].sum(-1)
        if torch.equal(found.bool(), right) and int(found.max()) <= 1:
            continue
        if torch.equal(found.double(), hits.double()):
            return "Those are the hits; a member has as many as it has places."
        if torch.equal(found.bool(), hits > 0):
            return "One set bit is not enough: all places of the key must be set."
        if torch.equal(found.bool(), 2 * hits > hashes):
            return "A majority is not enough: one empty place proves that the key was never added."
        return f"{int((found.bool() != right).sum())} of 200 answers are wrong."
    return None


# 3


def fill(n: int, bits: int, hashes: int) -> float:
    return 1 - (1 - 1 / bits) ** (hashes * n)


def fill_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "fill"):
        return complaint
    for _ in range(3):
        n, bits, hashes = between(20, 60), between(200, 400), between(3, 7)
        right = fill(n, bits, hashes)
        near = {
            hashes * n / bits: "that counts bits that are set twice as two.",
            1 - right: "that is the share of zeros.",
            1 - math.exp(-hashes * n / bits): "that is its limit for large filters; be exact.",
            1 - (1 - hashes / bits) ** n: "that holds for k different places; here they may meet.",
            right * bits: "that is the number of ones; give the share.",
        }
        where = f"For n = {n}, m = {bits}, k = {hashes}"
        last = f"By simulation about {right:.2f} of the bits are set."
        if complaint := off(where, answer(n, bits, hashes), near, right, last):
            return complaint
    return None


# 4


def wrong_hits(n: int, bits: int, hashes: int) -> float:
    chances = [1.0] + [0.0] * bits  # P(i bits are set), before the first throw
    for _ in range(n * hashes):
        for i in range(bits, 0, -1):
            chances[i] = chances[i] * i / bits + chances[i - 1] * (bits - i + 1) / bits
        chances[0] = 0.0
    return sum(chance * (i / bits) ** hashes for i, chance in enumerate(chances))


def wrong_hits_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "wrong_hits"):
        return complaint
    for n, bits, hashes in ((1, 8, 2), (between(3, 6), between(24, 40), between(2, 4))) * 2:
        right = float(theory.bloom_false_positive(n, bits=bits, hashes=hashes))
        near = {
            float(theory.bloom_textbook(n, bits=bits, hashes=hashes)): "that is the textbook's "
            "form. It puts the mean fill where the fill belongs, and is always too low.",
            (1 - math.exp(-hashes * n / bits)) ** hashes: "that is the form for large filters; "
            "this one is small, so be exact.",
            float(
                theory.bloom_false_positive(n, bits=bits, hashes=hashes, kind="distinct")
            ): "that holds for k different places; here places may coincide.",
        }
        where = f"For n = {n}, m = {bits}, k = {hashes}"
        last = f"It is {right:.3g}: average (i/m)^k over the number i of bits that are set."
        if complaint := off(where, answer(n, bits, hashes), near, right, last):
            return complaint
    return None


# 5


def bits_per_key(error: float) -> float:
    return math.log2(1 / error) / math.log(2)


def bits_per_key_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "bits_per_key"):
        return complaint
    for error in (0.01, 0.001, between(1, 900) / 10_000):
        right = float(theory.bloom_bits_per_key(error))
        near = {
            math.log2(1 / error): "that is the best number of hashes; each hash costs 1/ln 2 bits.",
            math.log(1 / error): "the logarithm is right, the factor is missing: 1/ln²2 = 2.08.",
            math.log(1 / error) / math.log(2): "that is the number of hashes, log₂(1/f).",
            -right: "the sign: a smaller error costs more bits.",
        }
        last = "At the best k half of the bits are set, and f = 2^(−k)."
        if complaint := off(f"For f = {error:g}", answer(error), near, right, last):
            return complaint
    return None


# 6


def best_hashes(n: int, bits: int) -> int:
    return min(range(1, bits), key=lambda k: (1 - (1 - 1 / bits) ** (k * n)) ** k)


def best_hashes_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "best_hashes"):
        return complaint
    for n, bits in ((100, 1024), (200, 1024), (400, 1024), (between(20, 40), between(300, 500))):
        given = float(answer(n, bits))
        rule = bits / n * math.log(2)
        if given != round(given):
            return f"For n = {n}, m = {bits} you give {given:.3g}; hashes come in whole numbers."
        if given == best_hashes(n, bits):
            continue
        if given == math.floor(rule):
            return f"For n = {n}, m = {bits} the rule says {rule:.2f}; do not always round down."
        if given == math.ceil(rule):
            return f"For n = {n}, m = {bits} the rule says {rule:.2f}; do not always round up."
        return f"For n = {n}, m = {bits} you give {given:.0f}; the rule m/n · ln 2 says {rule:.2f}."
    return None


# 7


def count(ones: int, bits: int, hashes: int) -> float:
    return math.log(1 - ones / bits) / (hashes * math.log(1 - 1 / bits))


def count_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "count"):
        return complaint
    for _ in range(3):
        bits, hashes = between(500, 900), between(3, 8)
        ones = between(bits // 3, 2 * bits // 3)
        right = float(theory.bloom_count(ones, bits=bits, hashes=hashes))
        near = {
            ones / hashes: "that forgets the bits that two keys share.",
            -bits / hashes * math.log(1 - ones / bits): "that is its limit for large filters.",
            right * hashes: "that is the number of throws; each key throws k times.",
            math.log(1 - ones / bits) / math.log(1 - hashes / bits): "that holds for k different "
            "places; here they may coincide.",
        }
        where = f"For {ones} ones of {bits}, k = {hashes}"
        last = "Solve fill = 1 − (1 − 1/m)^(k n) for n."
        if complaint := off(where, answer(ones, bits, hashes), near, right, last):
            return complaint
    return None


# 8


def overlap(a: int, b: int, c: int, bits: int, hashes: int) -> float:
    q = 1 - hashes / bits  # one key leaves a bit alone
    return bits * (1 - q**a - q**b + q ** (a + b - c))


def overlap_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "overlap"):
        return complaint
    for c in (0, between(1, 20), between(1, 20)):
        a, b, bits, hashes = between(20, 60), between(20, 60), between(800, 1200), between(2, 6)
        q = 1 - hashes / bits
        right = overlap(a, b, c, bits, hashes)
        near = {
            bits * (1 - q**c): "those are the ones of the common keys; strangers' bits meet too.",
            hashes * c: "k ones for each common key; strangers' bits meet too.",
            bits * (1 - q**a) * (1 - q**b): "that holds for disjoint sets; these share keys.",
            bits * (1 - q ** (a + b - c)): "that is the OR; the AND has ones in both.",
        }
        where = f"For a, b, c = {a}, {b}, {c}, m = {bits}, k = {hashes}"
        last = "A bit is set in both: 1 − P(not in X) − P(not in Y) + P(in neither)."
        if complaint := off(where, answer(a, b, c, bits, hashes), near, right, last):
            return complaint
    return None


# 9


def common(x: Tensor, y: Tensor, hashes: int) -> float:
    bits = len(x)

    def size(filter_: Tensor) -> float:
        return math.log(1 - int(filter_.sum()) / bits) / math.log(1 - hashes / bits)

    return size(x) + size(y) - size(x | y)


def common_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "common"):
        return complaint
    for c in (0, between(5, 25), between(5, 25)):
        bits, hashes, a, b = between(900, 1100), between(3, 6), between(30, 60), between(30, 60)
        places = drawn_places(a + b - c, hashes, bits)
        x, y = build(places[:a], bits), build(places[a - c :], bits)
        right, both = common(x, y, hashes), int((x & y).sum())
        alone = math.log(1 - both / bits) / math.log(1 - hashes / bits)
        near = {
            both / hashes: "that is ones of the AND / k; unrelated bits meet there too.",
            alone: "the AND is not the filter of the intersection, so its fill tells no count.",
            common(x, y, hashes) + 2 * (common(x, x, hashes) - right): "check which is added and "
            "which is taken away.",
        }
        where = f"For two sets of {a} and {b} with {c} in both"
        last = "Count X, Y and their OR by their fills; then n(X) + n(Y) − n(X or Y)."
        if complaint := off(where, answer(x, y, hashes), near, right, last):
            return complaint
    return None


# 10


def remove(counters: Tensor, places: Tensor) -> Tensor | None:
    if (counters[places] == 0).any():
        return None  # it was never added: change nothing
    left = counters.clone()
    left[places] -= 1
    return left


def remove_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "remove"):
        return complaint
    for _ in range(3):
        bits, hashes = between(150, 250), between(3, 5)
        keys = drawn_places(30, hashes, bits)
        counters = torch.zeros(bits, dtype=torch.int64)
        counters.index_add_(0, keys.flatten(), torch.ones(keys.numel(), dtype=torch.int64))
        before = counters.clone()
        key = keys[counters[keys].sum(-1).argmax()]  # one that shares its bits
        found = as_numbers(answer(counters, key), (bits,))
        if isinstance(found, str):
            return f"Removing a member: {found}"
        if not torch.equal(counters, before):
            return "Your function changes the counters that it was given; work on a clone."
        wanted = before.clone()
        wanted[key] -= 1
        if torch.equal(found.long(), torch.where(wanted < before, 0, before)):
            return "You clear the counters; other keys need them. Take 1 from each."
        if not torch.equal(found.long(), wanted):
            return f"{int((found.long() != wanted).sum())} counters of a removed member are wrong."
        strangers = drawn_places(60, hashes, bits)
        stranger = strangers[(before[strangers] == 0).any(-1).nonzero()[0, 0]]
        if answer(before.clone(), stranger) is not None:
            return "A key with a counter at 0 was never added: give None, and change nothing."
    return None


# 11


def reads(counters: Tensor, places: Tensor, theta: int, accept: int) -> Tensor:
    return (counters[places] > theta).sum(-1) >= accept  # (q, k) -> (q,)


def reads_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "reads"):
        return complaint
    for theta, accept in ((1, 2), (0, 4), (2, 3)):
        keys, asked = drawn_places(80, 4, 150), drawn_places(300, 4, 150)
        counters = torch.zeros(150, dtype=torch.int64)
        counters.index_add_(0, keys.flatten(), torch.ones(keys.numel(), dtype=torch.int64))
        found = as_numbers(answer(counters, asked, theta, accept), (300,))
        if isinstance(found, str):
            return found
        here = counters[asked]
        if torch.equal(found.bool(), reads(counters, asked, theta, accept)):
            continue
        if torch.equal(found.bool(), (here >= theta).sum(-1) >= accept):
            return "A counter is set if it is above θ, not at θ."
        if torch.equal(found.bool(), (here > theta).sum(-1) > accept):
            return "T counters are enough: at least T, not more than T."
        if torch.equal(found.bool(), (here > theta).all(-1)):
            return "You ask for all k counters; T of them are enough."
        wrong = int((found.bool() != reads(counters, asked, theta, accept)).sum())
        return f"With θ = {theta} and T = {accept}, {wrong} of 300 answers are wrong."
    return None


# 12


def spread(a: int, b: int, c: int, bits: int, hashes: int) -> float:
    return math.sqrt((a * b + c**2 - 2 * c) / (bits - 1))  # the number of hashes plays no part


def spread_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "spread"):
        return complaint
    for hashes in (1, 4, between(2, 9)):
        a, b, bits = between(40, 60), between(30, 50), between(900, 1100)
        c = between(5, 25)
        right = spread(a, b, c, bits, hashes)
        near = {
            right**2: "that is the variance; take the root.",
            math.sqrt((a * b + c**2 - 2 * c) / bits): "that is MAP-I, over m; here it is m − 1.",
            math.sqrt(a * b / bits): "that is right for disjoint sets only.",
            right / math.sqrt(hashes): "more hashes do not help: k cancels.",
        }
        where = f"For a, b, c = {a}, {b}, {c}, m = {bits}, k = {hashes}"
        last = "The variance is (a b + c² − 2c)/(m − 1), whatever k is."
        if complaint := off(where, answer(a, b, c, bits, hashes), near, right, last):
            return complaint
    return None


TASKS = (
    (
        "build",
        "write build(places, bits), the filter of 0 and 1 with ones at all places.",
        build_complaint,
        (
            "Start from zeros; every key writes ones, and a one stays a one.",
            "`places.flatten()` lists all places of all keys.",
            "`filter_ = torch.zeros(bits, dtype=torch.int64)`; `filter_[places.flatten()] = 1`.",
        ),
        build,
        "Writing a one twice changes nothing: that is the OR.",
    ),
    (
        "member",
        "write member(filter_, places): are all places of each key set?",
        member_complaint,
        (
            "`filter_[places]` looks all places up at once, (q, k).",
            "All of a row must be 1.",
            "`filter_[places].all(-1)`.",
        ),
        member,
        "One empty place is proof; k full ones are only evidence.",
    ),
    (
        "fill",
        "write fill(n, bits, hashes), the expected share of ones, places independent.",
        fill_complaint,
        (
            "How likely is it that one throw misses a given bit?",
            "There are k n throws, and all must miss it.",
            "`1 - (1 - 1 / bits) ** (hashes * n)`.",
        ),
        fill,
        "Exact, on average; what a filter really holds spreads around it.",
    ),
    (
        "wrong_hits",
        "write wrong_hits(n, bits, hashes), the exact false-positive rate.",
        wrong_hits_complaint,
        (
            "If i bits are set, a stranger passes with (i/m)^k. How likely is each i?",
            "A throw meets a set bit with i/m, and sets a new one with (m − i)/m: a recursion.",
            "p[i] becomes p[i]·i/m + p[i−1]·(m−i+1)/m, k n times; then Σ p[i]·(i/m)^k.",
        ),
        wrong_hits,
        "A little more than the textbook: fuller filters err more than emptier ones save.",
    ),
    (
        "bits_per_key",
        "write bits_per_key(error): bits for each key at the best number of hashes.",
        bits_per_key_complaint,
        (
            "At the best k half of the bits are set, so the error is 2^(−k).",
            "k = log₂(1/f), and k = (m/n) ln 2.",
            "`math.log2(1 / error) / math.log(2)`.",
        ),
        bits_per_key,
        "9.585 bits at 1 %, and 4.79 more for each factor of ten, whatever the keys are.",
    ),
    (
        "best_hashes",
        "write best_hashes(n, bits): the whole k with the fewest false positives.",
        best_hashes_complaint,
        (
            "The rule is (m/n) ln 2, but which neighbour is better when it is not whole?",
            "Compare (1 − (1 − 1/m)^(k n))^k for several k.",
            "`min(range(1, 50), key=lambda k: (1 - (1 - 1 / bits) ** (k * n)) ** k)`.",
        ),
        best_hashes,
        "7, 4 and 2 hashes for 100, 200 and 400 keys in 1,024 bits.",
    ),
    (
        "count",
        "write count(ones, bits, hashes): how many keys leave that many ones?",
        count_complaint,
        (
            "Turn the formula of the fill round.",
            "1 − ones/m = (1 − 1/m)^(k n): take logarithms.",
            "`math.log(1 - ones / bits) / (hashes * math.log(1 - 1 / bits))`.",
        ),
        count,
        "The filter forgot the keys, but not how many there were.",
    ),
    (
        "overlap",
        "write overlap(a, b, c, bits, hashes): expected ones of the AND, distinct places.",
        overlap_complaint,
        (
            "One key leaves a given bit alone with probability q = 1 − k/m.",
            "Not in X: q^a. Not in Y: q^b. In neither: q^(a + b − c).",
            "`bits * (1 - q**a - q**b + q ** (a + b - c))`.",
        ),
        overlap,
        "Disjoint sets of 50 and 40, k = 4, m = 1,024: 26.4 ones, “6.6 common keys”.",
    ),
    (
        "common",
        "write common(x, y, hashes): how many keys two filters of 0 and 1 share.",
        common_complaint,
        (
            "You can count X, Y and X or Y by their fills, distinct places.",
            "n = log(1 − ones/m) / log(1 − k/m), for each of the three.",
            "`size(x) + size(y) - size(x | y)`.",
        ),
        common,
        "The OR of two filters is a filter of the union; the AND is a filter of nothing.",
    ),
    (
        "remove",
        "write remove(counters, places): the counters without a key, or None if it was not there.",
        remove_complaint,
        (
            "Look before you take: is every counter of the key above 0?",
            "If one is 0, return None. Else take 1 from a clone.",
            "`left = counters.clone(); left[places] -= 1`.",
        ),
        remove,
        "A stranger that passes cannot be told from a member: removing it does harm.",
    ),
    (
        "reads",
        "write reads(counters, places, theta, accept): at least T counters above θ?",
        reads_complaint,
        (
            "`counters[places]` are the counters of all keys, (q, k).",
            "Count those above θ in each row.",
            "`(counters[places] > theta).sum(-1) >= accept`.",
        ),
        reads,
        "θ = 0 and T = k is the Bloom filter.",
    ),
    (
        "spread",
        "write spread(a, b, c, bits, hashes): the sd of the intersection from counters.",
        spread_complaint,
        (
            "Does it depend on k? Try the explorer above.",
            "It is the variance of MAP-I with one dimension less: (a b + c² − 2c)/(m − 1).",
            "`math.sqrt((a * b + c**2 - 2 * c) / (bits - 1))`.",
        ),
        spread,
        "A counting filter and a MAP-I bundle of equal length know equally much.",
    ),
)
for _name, _question, _complaint, _hints, _solution, _praise in TASKS:
    register(Exercise(f"05.{_name}", _question, _complaint, _hints, _solution, praise=_praise))

register_quiz(
    "05.quiz",
    [
        Question(
            "A filter says no. What do you know?",
            [
                Choice("The key was probably not added", "One empty place is proof, not evidence."),
                Choice(
                    "The key was not added",
                    "Its bits would all be set. A Bloom filter never misses a member.",
                    right=True,
                ),
                Choice("Nothing, it errs at times", "It errs only when it says yes."),
            ],
        ),
        Question(
            "Your filter has 10 bits a key and 7 hashes. You raise that to 20 hashes. And now?",
            [
                Choice("Fewer strangers pass", "More places are asked, and far more are full."),
                Choice(
                    "More strangers pass",
                    "k* = 10 ln 2 = 7. At k = 20 the filter is 86 % full, and .86²⁰ = 5 %.",
                    right=True,
                ),
                Choice("The same number pass", "Try it in the explorer of k."),
            ],
        ),
        Question(
            "More than half of the bits are set. Is the filter full?",
            [
                Choice("Yes, more keys do not fit", "Keys always fit; only the error grows."),
                Choice(
                    "No, it is past its best point",
                    "1,024 bits, k = 7: 100 keys err .7 %, 200 keys 13 %, 400 keys 63 %.",
                    right=True,
                ),
                Choice("Yes, it now says yes to all", "Only when every bit is set."),
            ],
        ),
        Question(
            "You want to delete a key from a Bloom filter and clear its bits. What happens?",
            [
                Choice("The key is gone, the rest stays", "Its bits belong to other keys as well."),
                Choice(
                    "Other members are missed",
                    "Bits are shared. Only counters know by how many; use a counting filter.",
                    right=True,
                ),
                Choice("Nothing, bits cannot be cleared", "They can; that is the trouble."),
            ],
        ),
        Question(
            "Two filters of disjoint sets. How many ones has their AND?",
            [
                Choice("None, the sets share nothing", "Bits meet by chance: m · fill · fill."),
                Choice(
                    "m · fill₁ · fill₂, by chance",
                    "So ones / k invents common keys; the corrected estimate gives 0.",
                    right=True,
                ),
                Choice("As many as the smaller set", "That is if it lies within the larger one."),
            ],
        ),
        Question(
            "You add the same key twice: to a Bloom filter, to a counting filter. What changes?",
            [
                Choice("Nothing in either", "The counters rise to 2, and so the key counts twice."),
                Choice(
                    "Nothing in the first; the second counts 2",
                    "OR is idempotent, a sum is not. It must then be removed twice.",
                    right=True,
                ),
                Choice("Both fill up", "The same bits are set again; no new ones."),
            ],
        ),
        Question(
            "You must only ask “was it added?”, in as few bits as you can. Which memory?",
            [
                Choice("MAP-I, it keeps counts", "It needs fourteen times the bits at n = 20."),
                Choice(
                    "A Bloom filter",
                    "2.08 n ln(1/f) bits. No vector here comes near it for membership alone.",
                    right=True,
                ),
                Choice("Hopfield, m units store .138 m", "In m² numbers; compare equal bits."),
            ],
        ),
    ],
)
