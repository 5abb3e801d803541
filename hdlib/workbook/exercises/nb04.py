"""Exercises and quiz of notebook 04, Capacity."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from hdlib import theory
from hdlib.memory import Hopfield
from hdlib.vsa import MAPB, MAPI, VSA
from hdlib.workbook.exercise import Exercise, register
from hdlib.workbook.exercises.asking import as_numbers, between, fresh_seed, needs_function
from hdlib.workbook.exercises.nb02 import kept
from hdlib.workbook.quizzes import Choice, Question, register_quiz


def number(given: Any) -> float | str:
    """What a reader's function returned as a float, or what is wrong with it."""
    if given is None:
        return "It returns None; end with `return`."
    try:
        return float(given)
    except (TypeError, ValueError):
        return f"It returns {given!r}, which is no number."


def near(given: float, value: float) -> bool:
    return math.isclose(given, value, rel_tol=1e-6, abs_tol=1e-15)


def compared(
    answer: Callable[..., Any],
    name: str,
    cases: Sequence[tuple[Any, ...]],
    right: Callable[..., float],
    misses: Callable[..., dict[str, float]],
    else_: str,
) -> str | None:
    """The complaint of an exercise whose answer is a number: the first case that is wrong."""
    if complaint := needs_function(answer, name):
        return complaint
    for case in cases:
        given, want = number(answer(*case)), float(right(*case))
        if isinstance(given, str):
            return given
        if near(given, want):
            continue
        where = f"{name}{case!r}" if len(case) > 1 else f"{name}({case[0]!r})"
        for why, value in misses(*case).items():
            if near(given, value):
                return f"For {where} you give {given:.4g}: {why}"
        return f"For {where} you give {given:.4g}; {else_}"
    return None


# 1


def false_alarm(n: int, dim: int) -> float:
    steps = dim * n  # a stranger's score is a walk of so many fair signs
    least = -(-(dim // 2 + steps) // 2)  # pluses that lift the walk to D / 2
    ways = sum(math.comb(steps, plus) for plus in range(least, steps + 1))
    return float(ways / 2**steps)


def false_alarm_complaint(answer: Callable[..., Any]) -> str | None:
    def tail(z: float) -> float:
        return 0.5 * math.erfc(z / math.sqrt(2))

    def exact(n: int, dim: int, threshold: float = 0.5) -> float:
        return float(theory.false_positive("MAPI", n, dim=dim, threshold=threshold))

    def misses(n: int, dim: int) -> dict[str, float]:
        return {
            "that is the normal tail, a good approximation; here count the walk.": tail(
                math.sqrt(dim / (4 * n))
            ),
            "that is the chance to miss a member.": float(
                theory.false_negative("MAPI", n, dim=dim)
            ),
            "a stranger takes D n steps; you let it take D (n − 1).": exact(n - 1, dim)
            if n > 1
            else -1,
            "a score of exactly D/2 is a yes as well.": exact(n, dim, 0.5 + 1.5 / dim),
            "that is the chance of a no; asked is a yes.": 1 - exact(n, dim),
        }

    cases = [(3, 40), (5, 64), (2 * between(1, 6), 2 * between(10, 40))]
    hint = "a stranger's score is a walk of D n fair signs; when does it reach D/2?"
    return compared(answer, "false_alarm", cases, exact, misses, hint)


# 2


def threshold(n: int) -> float:
    return kept(n) / 2  # halfway between strangers, at 0, and members, at β


def threshold_complaint(answer: Callable[..., Any]) -> str | None:
    def misses(n: int) -> dict[str, float]:
        return {
            "one half is halfway for MAP-I, whose members score 1; here they keep β.": 0.5,
            "that is where members are; half of them would be missed.": kept(n),
            "1/√n is what a sum keeps as a cosine; a majority keeps β.": n**-0.5 / 2,
            "√(2/πn) is the limit of β for large n; here it is to be exact.": (2 / (math.pi * n))
            ** 0.5
            / 2,
        }

    cases = [(5,), (8,), (2 * between(3, 30) + 1,), (2 * between(3, 30),)]
    hint = "strangers lie at 0 and members at β; where is the middle?"
    return compared(answer, "threshold", cases, threshold, misses, hint)


# 3


def enough(n: int, universe: int, failure: float) -> float:
    return 8 * n * math.log(universe / failure)


def enough_complaint(answer: Callable[..., Any]) -> str | None:
    def misses(n: int, universe: int, failure: float) -> dict[str, float]:
        return {
            "the logarithm of the failure alone; the universe is missing. All d answers must be "
            "right.": 8 * n * math.log(1 / failure),
            "that uses log10; the bound e^(−D/8n) asks for the natural logarithm.": 8
            * n
            * math.log10(universe / failure),
            "that uses log2; the bound e^(−D/8n) asks for the natural logarithm.": 8
            * n
            * math.log2(universe / failure),
            "that is the bound of a majority, 4π.": 4 * math.pi * n * math.log(universe / failure),
            "d e^(−D/8n) must be δ: the 8 is missing.": n * math.log(universe / failure),
        }

    cases = [(10, 500, 0.1), (between(2, 90), 10 ** between(3, 6), 10.0 ** -between(1, 4))]
    hint = "solve universe · exp(−D / 8n) = failure for D."
    return compared(answer, "enough", cases, enough, misses, hint)


# 4


def holds(dim: int, universe: int, failure: float) -> int:
    return math.floor(dim / (8 * math.log(universe / failure)))


def holds_complaint(answer: Callable[..., Any]) -> str | None:
    def misses(dim: int, universe: int, failure: float) -> dict[str, float]:
        exact = dim / (8 * math.log(universe / failure))
        return {
            "a bundle holds whole items: round down.": exact,
            "rounded up it is one item too many.": math.ceil(exact),
            "√D is a story that is told; what a bundle holds grows like D.": math.floor(
                math.sqrt(dim)
            ),
        }

    cases = [(10_000, 1000, 0.01), (between(3000, 90_000), 10 ** between(3, 6), 0.01)]
    hint = "turn D = 8 n ln(d/δ) round."
    return compared(answer, "holds", cases, holds, misses, hint)


# 5


def smallest(model: str, n: int, universe: int, failure: float, dims: Sequence[int]) -> int | None:
    for dim in dims:
        if theory.membership_error(model, n, universe, dim=dim) <= failure:
            return dim
    return None


def smallest_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "smallest"):
        return complaint
    grid = list(range(100, 6000, 50))
    cases = [
        ("MAPI", 10, 500, 0.1),
        ("BSC", between(4, 20), 500, 0.1),
        ("MAPI", between(4, 30), 900, 0.01),
    ]
    for case in cases:
        given, want = answer(*case, grid), smallest(*case, grid)
        if given == want:
            continue
        if given is None:
            return f"For {case} it finds none; {want} would do."
        if not isinstance(given, int):
            return f"For {case} it returns {given!r}; give one of the dims."
        error = float(theory.membership_error(*case[:3], dim=given)) if given >= 4 else 1.0
        if error > case[3]:
            return f"For {case} you give {given}, which fails with {error:.2g}, too often."
        return f"For {case} you give {given}; a smaller one is enough."
    if answer("MAPI", 100, 10_000, 0.001, [100, 200]) is not None:
        return "Where none of the dims is enough, return None."
    return None


# 6


def levels(sizes: Sequence[int]) -> float:
    return math.prod(kept(size) for size in sizes)


def levels_complaint(answer: Callable[..., Any]) -> str | None:
    def misses(sizes: list[int]) -> dict[str, float]:
        return {
            "that is what a flat bundle of all keeps; nesting costs more.": kept(math.prod(sizes)),
            "that is the inmost bundle alone; what becomes of it?": kept(sizes[0]),
            "a sum; what is left of what is left is a product.": sum(map(kept, sizes)),
            "the limit √(2/πn) of each; here use the exact β.": math.prod(
                (2 / (math.pi * n)) ** 0.5 for n in sizes
            ),
        }

    cases = [([7, 5],), ([2] * between(4, 9),), ([between(2, 9), between(2, 9), between(2, 9)],)]
    hint = "each level keeps its β of what came in."
    return compared(answer, "levels", cases, levels, misses, hint)


# 7


def shared(vsa: VSA, x: Tensor, y: Tensor) -> float:
    return float((x.double() * y.double()).sum() / vsa.dim)


def shared_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "shared"):
        return complaint
    for _ in range(3):
        vsa, a, b = MAPI(between(3000, 5000), seed=fresh_seed()), between(12, 40), between(12, 40)
        common = between(3, 10)
        items = vsa.random(a + b - common)
        x, y = vsa.bundle(items[:a]), vsa.bundle(items[a - common :])
        given, want = number(answer(vsa, x, y)), shared(vsa, x, y)
        if isinstance(given, str):
            return given
        if math.isclose(given, want, rel_tol=1e-4, abs_tol=1e-6):
            continue
        where = f"Sets of {a} and {b} that share {common}"
        if math.isclose(given, want * vsa.dim, rel_tol=1e-4):
            return f"{where}: {given:,.0f} is the product; each shared item adds D to it."
        cosine = float(vsa.similarity(x, y))
        if math.isclose(given, cosine, rel_tol=1e-3, abs_tol=1e-5):
            return f"{where}: {given:.3f} is the cosine, which divides by both lengths."
        return f"{where}: you give {given:.4g}. How much does one shared item add to x · y?"
    return None


# 8


def spread(a: int, b: int, c: int, dim: int) -> float:
    return math.sqrt((a * b + c * c - 2 * c) / dim)


def spread_complaint(answer: Callable[..., Any]) -> str | None:
    def misses(a: int, b: int, c: int, dim: int) -> dict[str, float]:
        return {
            "that is the variance; take the root.": spread(a, b, c, dim) ** 2,
            "√(ab/D) is what disjoint sets have; the shared items add c² − 2c.": math.sqrt(
                a * b / dim
            ),
            "ab + c² is the variance with normal numbers (HRR); signs save 2c.": math.sqrt(
                (a * b + c * c) / dim
            ),
        }

    common = between(3, 9)
    cases = [(50, 40, 20, 1024), (between(10, 60), between(10, 60), common, between(500, 9000))]
    hint = "the variance of x · y / D is (ab + c² − 2c) / D."
    return compared(answer, "spread", cases, spread, misses, hint)


# 9


def overlap(a: int, b: int, k: int, m: int) -> float:
    return m * (1 - (1 - k / m) ** a) * (1 - (1 - k / m) ** b)


def overlap_complaint(answer: Callable[..., Any]) -> str | None:
    def misses(a: int, b: int, k: int, m: int) -> dict[str, float]:
        return {
            "disjoint sets still meet by chance: a place may be set in both.": 0.0,
            "that counts a place as often as it is hit; a bit is set once.": a * b * k * k / m,
            "that is a share; multiply by the m places.": overlap(a, b, k, m) / m,
        }

    cases = [
        (50, 40, 4, 1024),
        (between(20, 80), between(20, 80), between(2, 8), 2 ** between(9, 12)),
    ]
    hint = "a place is set in one filter with probability 1 − (1 − k/m)^n; and in both?"
    return compared(answer, "overlap", cases, overlap, misses, hint)


# 10


def bits_per_key(error: float) -> float:
    return -math.log(error) / math.log(2) ** 2


def bits_per_key_complaint(answer: Callable[..., Any]) -> str | None:
    def misses(error: float) -> dict[str, float]:
        return {
            "that is the number of hashes, log2(1/f); each costs 1/ln 2 bits.": -math.log2(error),
            "that is −log2 of the error times ln 2; divide instead.": -math.log2(error)
            * math.log(2),
            "one ln 2 is missing.": -math.log(error) / math.log(2),
        }

    cases = [(0.01,), (0.001,), (10.0 ** -between(2, 9),)]
    hint = "with k = (m/n) ln 2 the error is 2^(−k); solve for m/n."
    return compared(answer, "bits_per_key", cases, bits_per_key, misses, hint)


# 11


def score(patterns: Tensor, x: Tensor) -> int:
    weights = patterns.long().T @ patterns.long()  # (D, n) @ (n, D) -> (D, D)
    weights.fill_diagonal_(0)
    return int(x.long() @ weights @ x.long())


def score_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "score"):
        return complaint
    for n in (1, 5, between(6, 30)):
        vsa = MAPB(between(40, 90), seed=fresh_seed())
        patterns, stranger = vsa.random(n), vsa.random()
        for x, who in ((patterns[0], "a member"), (stranger, "a stranger")):
            given, want = number(answer(patterns, x)), int(Hopfield(vsa).add(patterns).scores(x))
            if isinstance(given, str):
                return given
            if given == want:
                continue
            where = f"D = {vsa.dim}, n = {n}, {who}: you give {given:,.0f}"
            if given == want + n * vsa.dim:
                return f"{where}; the diagonal is still there: it adds n D to everyone."
            if 2 * given == want:
                return f"{where}; each pair counts twice, as i, j and as j, i."
            return f"{where}, not {want:,}. Is it x · W · x, with all patterns in W?"
    return None


# 12


def fields(vsa: VSA, record: Tensor, roles: Tensor, known: Tensor) -> list[int]:
    noisy = vsa.unbind(record, roles)  # (n, W)
    found: list[int] = vsa.similarity(noisy, known).argmax(-1).tolist()
    return found


def fields_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "fields"):
        return complaint
    for model, n in ((MAPI, 5), (MAPB, 9), (MAPI, between(4, 12))):
        vsa = model(2048, seed=fresh_seed())
        known, roles = vsa.random(40), vsa.random(n)
        which = torch.randperm(40, generator=torch.Generator().manual_seed(between(0, 10**6)))[:n]
        record = vsa.bundle(vsa.bind(known[which], roles))
        found = answer(vsa, record, roles, known)
        checked = as_numbers(found, (n,))
        if isinstance(checked, str):
            return f"{checked} Give one place in `known` for each role."
        if checked.long().tolist() == which.tolist():
            continue
        if checked.long().tolist() == vsa.similarity(known, record).topk(n).indices.tolist():
            return (
                "Those are the items most like the record itself; unbind it with each role first."
            )
        right = int((checked.long() == which).sum())
        return (
            f"{model.__name__}, {n} fields: {right} are right. Unbind, then take the most similar."
        )
    return None


def add(
    name: str,
    task: str,
    complaint: Callable[..., str | None],
    hints: tuple[str, str, str],
    solution: Callable[..., Any],
    praise: str,
) -> None:
    """Register one exercise of this notebook."""
    register(Exercise(f"04.{name}", task, complaint, hints, solution, praise=praise))


add(
    "false_alarm",
    "write false_alarm(n, dim): how often a stranger passes the test s ≥ D/2 of a MAP-I bundle.",
    false_alarm_complaint,
    (
        "x · a is a sum of D n fair signs, whoever a is, as long as it was not bundled.",
        "With j pluses among N signs the sum is 2j − N. For which j is it at least D/2?",
        "`sum(math.comb(N, j) for j in range(least, N + 1)) / 2**N`, N = dim · n.",
    ),
    false_alarm,
    "Exact, in whole numbers: .01282 for 50 items in 1,000 dimensions, where the bell says .01267.",
)
add(
    "threshold",
    "write threshold(n): the similarity halfway between strangers and members of a MAP-B bundle.",
    threshold_complaint,
    (
        "Where do strangers lie, and where do members?",
        "Members keep β: C(n − 1, (n − 1)/2) / 2^(n − 1) for odd n; an even n is as n + 1.",
        "`hdlib.theory.majority_agreement(n) / 2`.",
    ),
    threshold,
    "A cosine of 0.5 is no threshold: from four items on, members lie below it.",
)
add(
    "enough",
    "write enough(n, universe, failure): dimensions that suffice for MAP-I, by Hoeffding's bound.",
    enough_complaint,
    (
        "One answer is wrong with probability e^(−D/8n) at most. And any of d answers?",
        "d · e^(−D/8n) = δ. Take logarithms.",
        "`8 * n * math.log(universe / failure)`.",
    ),
    enough,
    "Linear in n, and only a logarithm for the universe.",
)
add(
    "holds",
    "write holds(dim, universe, failure): how many items are safe in a MAP-I bundle, by the bound.",
    holds_complaint,
    (
        "It is the exercise before, turned round.",
        "n = D / (8 ln(d/δ)), and items are whole.",
        "`math.floor(dim / (8 * math.log(universe / failure)))`.",
    ),
    holds,
    "Twice the dimensions, twice the items: capacity is linear in D.",
)
add(
    "smallest",
    "write smallest(model, n, universe, failure, dims): the first dim that is enough, or None.",
    smallest_complaint,
    (
        "`theory.membership_error(model, n, universe, dim=dim)` is the exact chance of any error.",
        "Go through the dims, which rise, and stop at the first that fails rarely enough.",
        "`for dim in dims: if theory.membership_error(…) <= failure: return dim`.",
    ),
    smallest,
    "That is what dimension_for does, with fewer questions.",
)
add(
    "levels",
    "write levels(sizes): what an item keeps when bundles of these sizes are nested (MAP-B).",
    levels_complaint,
    (
        "The inmost bundle keeps β of the item. The next keeps β of that bundle.",
        "What is left of what is left: multiply.",
        "`math.prod(theory.majority_agreement(n) for n in sizes)`.",
    ),
    levels,
    "Depth costs a factor each time; a sum (MAP-I) would not care.",
)
add(
    "shared",
    "write shared(vsa, x, y): how many items two MAP-I bundles have in common, estimated.",
    shared_complaint,
    (
        "Multiply out x · y: most products of two atoms are about 0.",
        "An item that is in both adds a · a = D.",
        "`(x.double() * y.double()).sum() / vsa.dim`.",
    ),
    shared,
    "Without bias, and without knowing how large the sets are.",
)
add(
    "spread",
    "write spread(a, b, c, dim): the standard deviation of that estimate.",
    spread_complaint,
    (
        "ab products of atoms, of which c are sure; each of the others varies by 1/D.",
        "Pairs of shared items occur twice, which adds c² − 2c.",
        "`math.sqrt((a * b + c * c - 2 * c) / dim)`.",
    ),
    spread,
    "1.52 for sets of 50 and 40 that share 20, at D = 1,024. A counting Bloom filter has the same.",
)
add(
    "overlap",
    "write overlap(a, b, k, m): ones in the AND of two Bloom filters of disjoint sets, expected.",
    overlap_complaint,
    (
        "k different places of m are set by each key.",
        "A place stays empty with probability (1 − k/m)^n.",
        "`m * (1 - (1 - k / m) ** a) * (1 - (1 - k / m) ** b)`.",
    ),
    overlap,
    "26.4 for 50 and 40 keys: read as shared keys that would be 6.6, where there are none.",
)
add(
    "bits_per_key",
    "write bits_per_key(error): bits a key of the best Bloom filter for a false-positive rate.",
    bits_per_key_complaint,
    (
        "At its best a filter is half full: each of k probes says yes with probability 1/2.",
        "2^(−k) = f, and k = (m/n) ln 2.",
        "`-math.log(error) / math.log(2) ** 2`.",
    ),
    bits_per_key,
    "9.585 at 1 %, and 4.79 more for each factor of ten.",
)
add(
    "score",
    "write score(patterns, x): the Hopfield test xᵀ W x without the diagonal of W.",
    score_complaint,
    (
        "W is the sum of the outer products of all patterns.",
        "`patterns.T @ patterns`, in integers wider than int8; then clear the diagonal.",
        "`w = patterns.long().T @ patterns.long(); w.fill_diagonal_(0); x.long() @ w @ x.long()`.",
    ),
    score,
    "Twice the MAP-I product of the pair products: the same memory, written as a square.",
)
add(
    "fields",
    "write fields(vsa, record, roles, known): for each role the place of its filler in `known`.",
    fields_complaint,
    (
        "Unbind the record with a role: what comes out is most like that role's filler.",
        "`vsa.unbind(record, roles)` does all roles at once; `similarity` compares all pairs.",
        "`vsa.similarity(vsa.unbind(record, roles), known).argmax(-1).tolist()`.",
    ),
    fields,
    "Unbinding turns a record of n fields into a bundle of n, so one formula is for both.",
)

register_quiz(
    "04.quiz",
    [
        Question(
            "You double D. How many more items fit into a bundle, at the same failure?",
            [
                Choice("√2 times as many", "That would be capacity ~ √D; it is linear in D."),
                Choice("Twice as many", "D = const · n · ln(d/δ): linear in n.", right=True),
                Choice("2^D times as many", "So grows the number of atoms, not of members."),
            ],
        ),
        Question(
            "The universe grows from a thousand items to a million. What does that cost?",
            [
                Choice("A thousand times D", "Only the logarithm of the universe counts."),
                Choice("Nothing, D depends on n alone", "All answers must be right: ln(d/δ)."),
                Choice(
                    "About half as much D again",
                    "ln(10⁶/.01) is 1.6 times ln(10³/.01).",
                    right=True,
                ),
            ],
        ),
        Question(
            "A theorem says m = O(n log(d/δ)), its proof 56 n ln(2d/δ). How large must m be?",
            [
                Choice("56 n ln(2d/δ)", "That suffices. The need is about a sixth of it."),
                Choice(
                    "About 9 to 11 times n ln(d/δ)",
                    "By the exact form; 4π is a bound with a simple proof.",
                    right=True,
                ),
                Choice("n log(d/δ)", "An O(·) hides a factor, here about ten."),
            ],
        ),
        Question(
            "Five groups of seven, or 35 items at once, in MAP-B. Which keeps an item better?",
            [
                Choice("The groups, they are smaller", ".1172: each level costs its own β."),
                Choice("The flat bundle", ".1358 against .1172.", right=True),
                Choice("Both the same", "So it is for sums; a majority is not associative."),
            ],
        ),
        Question(
            "You only ever ask “is it in the set?”. What do you take?",
            [
                Choice(
                    "A Bloom filter",
                    "2.08 n ln(d/δ) bits and no member is ever missed.",
                    right=True,
                ),
                Choice("MAP-B, it has bits as well", "12.6 for 2.08, and it misses members."),
                Choice("A Hopfield network", "Few units, but their number squared is stored."),
            ],
        ),
        Question(
            "A counting Bloom filter counts overlaps too noisily. You double its hashes. And then?",
            [
                Choice("The noise halves", "Its variance does not contain k at all."),
                Choice("Nothing", "(ab + c² − 2c) / (m − 1), as for MAP-I.", right=True),
                Choice("It gets worse", "That is so for plain filters when they fill up."),
            ],
        ),
        Question(
            "A Hopfield network of 1,000 units recalls 138 patterns. Better than a bundle?",
            [
                Choice("Yes, 138 of 1,000", "It stores about 500,000 sums, not 1,000."),
                Choice(
                    "Compare at equal storage: no",
                    "It is MAP-I on the pairs; half a million dimensions hold far more.",
                    right=True,
                ),
                Choice("They cannot be compared", "Count the numbers that are stored."),
            ],
        ),
    ],
)
