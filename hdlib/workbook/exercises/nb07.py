"""Exercises and quiz of notebook 07, segmentation."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from hdlib.workbook.exercise import Exercise, register
from hdlib.workbook.exercises.asking import as_numbers, between, fresh_seed, needs_function, off
from hdlib.workbook.quizzes import Choice, Question, register_quiz

WORDS = ["train", "hotel", "museum", "taxi", "rain", "bread", "coffee", "film", "shoes", "garden"]


def numbers(*shape: int) -> Tensor:
    """Fresh normal numbers."""
    generator = torch.Generator().manual_seed(fresh_seed())
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def drawn_gaps(count: int, true: int) -> list[bool]:
    """Gaps of which so many are boundaries."""
    chosen = set(numbers(count).argsort()[:true].tolist())
    return [i in chosen for i in range(count)]


def listed(given: Any) -> Any:
    """Whole numbers in a plain list, where something like a list was returned."""
    return given.tolist() if hasattr(given, "tolist") else given


# 1


def sizes(boundaries: list[bool]) -> list[int]:
    found, size = [], 1
    for ends in boundaries:
        if ends:
            found.append(size)
            size = 0
        size += 1
    return [*found, size]


def sizes_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "sizes"):
        return complaint
    for count, true in ((between(6, 9), 2), (between(9, 14), between(3, 4)), (3, 3), (4, 0)):
        gaps = drawn_gaps(count, true)
        right, found = sizes(gaps), listed(answer(list(gaps)))
        if not isinstance(found, list | tuple):
            return f"It returns a {type(found).__name__}; give a list of whole numbers."
        if list(found) == right:
            continue
        if list(found) == right[:-1]:
            return "The last topic is missing: it ends where the dialogue does, without a boundary."
        if list(found) == [right[0] - 1, *right[1:]]:
            return "The first topic is one short: gap 0 lies after the first utterance."
        if all(isinstance(n, int) for n in found) and sum(found) != count + 1:
            return (
                f"{count} gaps lie between {count + 1} utterances; your sizes {list(found)} sum to "
                f"{sum(found)}."
            )
        return f"For {gaps} you give {list(found)}."
    return None


# 2


def utterance(vectors: Tensor, ids: list[int]) -> Tensor:
    total = torch.zeros(vectors.shape[-1], dtype=vectors.dtype)
    for place, number in enumerate(reversed(ids)):  # the last word stays where it is
        total = total + vectors[number].roll(place)
    return total


def utterance_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "utterance"):
        return complaint
    for _ in range(3):
        dim, count = between(20, 40), between(3, 6)
        vectors = numbers(8, dim).sign().long()
        ids = [between(0, 7) for _ in range(count - 2)] + [2, 5]
        found = as_numbers(answer(vectors.clone(), list(ids)), (dim,))
        if isinstance(found, str):
            return found
        right = utterance(vectors, ids)
        if torch.equal(found.double(), right.double()):
            continue
        near = {
            "You count from the start; the last word is the one that is not shifted.": sum(
                vectors[n].roll(i) for i, n in enumerate(ids)
            ),
            "The words are not shifted: so order would not matter.": vectors[ids].sum(0),
            "You shift the other way; roll(place) moves to the right.": sum(
                vectors[n].roll(-i) for i, n in enumerate(reversed(ids))
            ),
            "All words are shifted one too far; the last one stays.": right.roll(1),
            "That is the sign; HyperSeg keeps the sum.": right.sign(),
        }
        for advice, wrong in near.items():
            if torch.equal(found.double(), torch.as_tensor(wrong).double()):
                return advice
        return "It is not the sum of the words, each shifted by its distance from the end."
    return None


# 3


def expected(left: list[int], right: list[int], size: int) -> float:
    total = 0.0
    for a, b in zip(reversed(left), reversed(right), strict=False):  # aligned at their ends
        apart = min(abs(a - b), size - abs(a - b))
        total += 1 - 2 * apart / size
    return total / math.sqrt(len(left) * len(right))


def expected_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "expected"):
        return complaint
    for m, n in ((2, 5), (between(3, 6), between(7, 9)), (between(8, 9), between(3, 4))):
        size = between(30, 60)
        left = [between(0, size // 4) for _ in range(m)]
        right = [between(3 * size // 5, size - 1) for _ in range(n)]
        true = expected(left, right, size)
        ends = list(zip(reversed(left), reversed(right), strict=False))
        flat = sum(1 - 2 * abs(a - b) / size for a, b in ends)
        half = sum(1 - min(abs(a - b), size - abs(a - b)) / size for a, b in ends)
        length = math.sqrt(m * n)
        near = {
            expected(left[::-1], right[::-1], size): "that aligns first words; the shifts count "
            "from the end.",
            flat / length: "that is a line. On a circle the distance is at most half of V.",
            half / length: "opposite words must have −1: it is 1 − 2 d / V.",
            true * length / min(m, n): "divide by √(m n), the lengths of both sums.",
            true / length: "divide by √(m n), not by m n.",
            true * length: "that is the product of both sums over D; divide by their lengths.",
        }
        last = "Sum 1 − 2 d / V over the pairs that stand equally far from the end."
        where = f"For {m} and {n} words of {size}"
        if complaint := off(where, answer(list(left), list(right), size), near, true, last):
            return complaint
    return None


# 4


def depth(heights: list[float], gap: int) -> float:
    left = right = gap
    while left > 0 and heights[left - 1] >= heights[left]:
        left -= 1
    while right < len(heights) - 1 and heights[right + 1] >= heights[right]:
        right += 1
    return heights[left] + heights[right] - 2 * heights[gap]


def depth_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "depth"):
        return complaint
    hills = [0.9, 0.3, 0.5, 0.7, 0.2, 0.4, 0.6, 0.5, 0.95]
    for gap in (4, 1, 0, 8):
        heights = [round(h + between(0, 40) / 1000, 3) for h in hills]
        true, here = depth(heights, gap), heights[gap]
        sides = heights[: gap + 1], heights[gap:]
        beside = heights[max(gap - 1, 0)], heights[min(gap + 1, len(heights) - 1)]
        one = [depth(side, at) for side, at in zip(sides, (gap, 0), strict=True)]
        near = {
            max(sides[0]) + max(sides[1]) - 2 * here: "that takes the highest point of each side; "
            "stop at the first hilltop.",
            sum(beside) - 2 * here: "that looks at the neighbours only; go on while it rises.",
            true / 2: "that is the mean of both climbs; add them up.",
            -true: "the sign is turned round: a valley has a positive depth.",
            one[0]: "that is the climb to the left alone.",
            one[1]: "that is the climb to the right alone.",
        }
        last = f"Climb from {here} to both sides while it does not fall, and add both climbs."
        where = f"For gap {gap} of {heights}"
        if complaint := off(where, answer(list(heights), gap), near, true, last):
            return complaint
    return None


# 5


def company(lines: list[list[str]], word: str, reach: int) -> dict[str, int]:
    found: Counter[str] = Counter()
    for i, line in enumerate(lines):
        if word in line:
            for near in lines[max(0, i - reach) : i + reach + 1]:
                found.update(set(near) - {word})
    return dict(found)


def company_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "company"):
        return complaint
    for reach in (1, 2, 0):
        lines = [[WORDS[(i * 3 + between(0, 1)) % 10], WORDS[between(0, 9)]] for i in range(12)]
        lines[4], lines[5], lines[9] = ["train", "hotel"], ["train", "rain"], ["taxi", "taxi"]
        lines[0] = ["train", "bread"]
        given = answer([list(line) for line in lines], "train", reach)
        if not isinstance(given, dict):
            return f"It returns a {type(given).__name__}; give a dict from words to counts."
        found = {str(name): count for name, count in given.items() if count}
        if found == company(lines, "train", reach):
            continue
        if "train" in found:
            return "A word is no company of its own: leave “train” out."
        if found == company(lines, "train", 0):
            return f"You look at the same utterance only; {reach} on both sides count as well."
        behind: Counter[str] = Counter()
        for i, line in enumerate(lines):
            if "train" in line:
                for near in lines[max(0, i - reach) : i + 1]:
                    behind.update(set(near) - {"train"})
        if found == dict(behind):
            return "You look back only; the utterances that follow are company too."
        if set(found) == set(company(lines, "train", reach)):
            return (
                "The words are right, the counts are not: each near utterance counts a word once, "
                "again for every utterance that holds “train”."
            )
        return f"For reach {reach} you give {found}."
    return None


# 6


def ppmi(counts: Tensor) -> Tensor:
    rows = counts.sum(1, keepdim=True)  # (V, 1)
    share = counts.sum(0) ** 0.75  # smoothed, (V,)
    share = share / share.sum()
    return (counts / (rows * share)).log().clamp(min=0)  # log 0 is −∞, and becomes 0


def ppmi_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "ppmi"):
        return complaint
    for size in (4, between(5, 8), between(5, 8)):
        counts = (numbers(size, size).abs() * 3).floor() + torch.eye(size, dtype=torch.float64)
        counts = counts + counts.T
        found = as_numbers(answer(counts.clone()), (size, size))
        if isinstance(found, str):
            return found
        right = ppmi(counts)
        if torch.allclose(found.double(), right, atol=1e-6):
            continue
        rows, columns = counts.sum(1, keepdim=True), counts.sum(0)
        plain = (counts * counts.sum() / (rows * columns)).log()
        smooth = columns**0.75 / (columns**0.75).sum()
        mutual = (counts / (rows * smooth)).log()
        near = {
            "Shares of contexts are raised to the power 0.75 first, then made to sum to 1.": (
                plain.clamp(min=0)
            ),
            "Negative ones become 0: the P is for positive.": mutual,
            "Take the natural logarithm.": right / math.log(2),
            "Take the logarithm.": counts / (rows * smooth),
            "Divide the powers by their own sum, so that they are shares.": (
                (counts / (rows * (columns / columns.sum()) ** 0.75)).log().clamp(min=0)
            ),
        }
        for advice, wrong in near.items():
            if torch.allclose(found.double(), wrong, atol=1e-6):
                return advice
        if not found.double().isfinite().all():
            return "Some entries are not finite; where the count is 0, the value is 0."
        return "It is not max(0, log(x / (row sum · smoothed share of the column)))."
    return None


# 7


def wrong_windows(ref: list[bool], hyp: list[bool], k: int) -> float:
    windows = range(len(ref) + 1 - k)
    wrong = [any(ref[i : i + k]) != any(hyp[i : i + k]) for i in windows]
    return sum(wrong) / len(wrong)


def pk_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "pk"):
        return complaint
    asked = 0
    while asked < 4:
        count, k = between(14, 24), between(2, 4)
        ref, hyp = drawn_gaps(count, 5), drawn_gaps(count, 6)
        windows = range(count + 1 - k)
        true = wrong_windows(ref, hyp, k)
        different = [sum(ref[i : i + k]) != sum(hyp[i : i + k]) for i in windows]
        hits = sum(a and b for a, b in zip(ref, hyp, strict=True))
        near = {
            sum(different) / len(windows): "that compares the numbers of boundaries, which is "
            "WindowDiff; Pk asks only whether there is one.",
            1 - true: "that is the share of right windows.",
            true * len(windows): "that is the number of wrong windows; give the share.",
            wrong_windows(ref, hyp, k - 1): f"your windows have {k - 1} gaps; two utterances k "
            f"apart have {k} gaps between them.",
            wrong_windows(ref, hyp, k + 1): f"your windows have {k + 1} gaps, not {k}.",
            true * len(windows) / (len(windows) + 1): "you divide by one window too many.",
            1 - 2 * hits / 11: "that looks at single gaps; Pk looks at windows.",
        }
        if len({round(value, 9) for value in (true, *near)}) < 8:
            continue  # two of these answers are equal here: no question that tells them apart
        asked += 1
        last = f"There are {len(windows)} windows of {k} gaps in {count} gaps."
        where = f"For {count} gaps and k = {k}"
        if complaint := off(where, answer(list(ref), list(hyp), k), near, true, last):
            return complaint
    return None


# 8


def coins(share: float, rate: float, k: int) -> float:
    empty = (1 - rate) ** k  # no coin falls into a window
    return share * empty + (1 - share) * (1 - empty)


def coins_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "coins"):
        return complaint
    for _ in range(3):
        share, rate, k = between(20, 45) / 100, between(10, 35) / 100, between(2, 6)
        true, empty = coins(share, rate, k), (1 - rate) ** k
        near = {
            1 - true: "that is the share of right windows.",
            share * empty: "that is half of it: a window without an end can be parted wrongly.",
            (1 - share) * (1 - empty): "that is half of it: an end can be missed.",
            share * (1 - rate) + (1 - share) * rate: "that is for windows of one gap; k coins "
            "must all fall on no.",
            share * (1 - k * rate) + (1 - share) * k * rate: "k coins do not add up: the chance of "
            "none is (1 − rate)^k.",
            empty: "that is the chance of an empty window; now ask whether it should be empty.",
        }
        where = f"For a share of {share}, coins at {rate} and k = {k}"
        last = "A window is wrong if it has an end and no coin, or a coin and no end."
        if complaint := off(where, answer(share, rate, k), near, true, last):
            return complaint
    return None


# 9


def stands_for(rows: Tensor) -> int:
    bundle = rows.sum(0)  # (n, D) -> (D,)
    return int(torch.cosine_similarity(rows, bundle, dim=-1).argmax())


def stands_for_complaint(answer: Callable[..., Any]) -> str | None:
    if complaint := needs_function(answer, "stands_for"):
        return complaint
    asked = 0
    while asked < 5:
        topic, rows = numbers(64), numbers(6, 64)
        best = between(0, 5)
        rows[best] += 2.5 * topic
        loud = (best + between(1, 5)) % 6
        rows += 0.7 * topic
        rows[loud] = 4 * (numbers(64) + topic / 2)  # a long row, of which little is the topic
        right, product = stands_for(rows), rows @ rows.sum(0)
        if right == int(product.argmax()):
            continue  # the dot product would do
        asked += 1
        given = answer(rows.clone())
        if given is None or isinstance(given, bool | str):
            return f"It returns {given!r}; give the number of a row."
        found = int(given)
        if found == right:
            continue
        if not 0 <= found < 6:
            return f"It returns {found}, and there are rows 0 to 5."
        cosine = torch.cosine_similarity(rows, rows.sum(0), dim=-1)
        if found == int(product.argmax()):
            return "That is the dot product: a long utterance wins by its length. Take the cosine."
        if found == int(cosine.argmin()):
            return "That is the utterance least like its topic."
        if found == int(rows.norm(dim=-1).argmax()):
            return "That is the longest row; ask which is most like the bundle."
        return f"Row {found} has a cosine of {cosine[found]:.2f} with the bundle, {right} has more."
    return None


TASKS = (
    (
        "sizes",
        "write sizes(boundaries): how many utterances has each topic?",
        sizes_complaint,
        (
            "Walk along the gaps and count; a boundary closes a topic.",
            "After the last gap one topic is still open, also if there was no boundary at all.",
            "Start with size = 1; at each gap append and reset if it ends, then size += 1.",
        ),
        sizes,
        "N utterances have N − 1 gaps; the sizes sum to N.",
    ),
    (
        "utterance",
        "write utterance(vectors, ids): the sum of the words, shifted by their distance from the "
        "end.",
        utterance_complaint,
        (
            "The last word is not shifted, the one before it by one, and so on.",
            "`reversed(ids)` begins with the last word, `enumerate` counts its distance.",
            "Add up `vectors[number].roll(place)` for place, number in enumerate(reversed(ids)).",
        ),
        utterance,
        "So two utterances can only meet in words that stand equally far from the end.",
    ),
    (
        "expected",
        "write expected(left, right, size): the similarity of two utterances on a circle of words.",
        expected_complaint,
        (
            "Which words of the two sums meet? Those with the same shift.",
            "`zip(reversed(left), reversed(right))` pairs them and stops with the shorter one.",
            "Sum 1 − 2 d / V with d = min(|a − b|, V − |a − b|), and divide by √(m n).",
        ),
        expected,
        "No vector, no word: lengths and numbers are all that HyperSeg sees.",
    ),
    (
        "depth",
        "write depth(heights, gap): climb from a gap to the hilltops on both sides, and add up.",
        depth_complaint,
        (
            "Go left while the next place is not lower; the same to the right.",
            "At the edge of the dialogue the climb ends.",
            "`heights[left] + heights[right] - 2 * heights[gap]`.",
        ),
        depth,
        "A valley counts by its sides, not by its height above zero.",
    ),
    (
        "company",
        "write company(lines, word, reach): a dict of the words near it, and how often.",
        company_complaint,
        (
            "Find the utterances that hold the word; look at those around each of them.",
            "`lines[max(0, i - reach) : i + reach + 1]` are the near ones, itself among them.",
            "`Counter.update(set(near) - {word})` for each of them.",
        ),
        company,
        "A row of the count matrix; times the atoms, it is the word's context vector.",
    ),
    (
        "ppmi",
        "write ppmi(counts): positive pointwise mutual information, shares smoothed by 0.75.",
        ppmi_complaint,
        (
            "How often did two words meet, and how often would they by chance?",
            "Chance is the row's sum times the share of the column, its sum to the power 0.75.",
            "`(counts / (rows * share)).log().clamp(min=0)`; log of 0 is −∞ and becomes 0.",
        ),
        ppmi,
        "Company that everybody keeps weighs nothing.",
    ),
    (
        "pk",
        "write pk(ref, hyp, k): the share of windows of k gaps that are judged wrongly.",
        pk_complaint,
        (
            "For each window ask both sides: is there a boundary in it?",
            "There are len(ref) + 1 − k windows; `any(ref[i : i + k])`.",
            "Count where `any(ref[i : i + k]) != any(hyp[i : i + k])`, and divide.",
        ),
        wrong_windows,
        "Equal to segeval 2.0.11; nltk counts one window more.",
    ),
    (
        "coins",
        "write coins(share, rate, k): the expected Pk of a segmenter that flips coins.",
        coins_complaint,
        (
            "How likely is it that a window gets no boundary?",
            "Ends are missed in empty windows, invented in the others.",
            "`share * empty + (1 - share) * (1 - empty)` with empty = (1 − rate)^k.",
        ),
        coins,
        "A straight line from share to 1 − share: none and all are its two ends.",
    ),
    (
        "stands_for",
        "write stands_for(rows): which utterance is most like the bundle of its topic?",
        stands_for_complaint,
        (
            "The topic is the sum of its rows.",
            "Compare by cosine, so that long utterances have no advantage.",
            "`torch.cosine_similarity(rows, rows.sum(0), dim=-1).argmax()`.",
        ),
        stands_for,
        "That is HyperSum: a summary without writing a word.",
    ),
)
for _name, _question, _complaint, _hints, _solution, _praise in TASKS:
    register(Exercise(f"07.{_name}", _question, _complaint, _hints, _solution, praise=_praise))

register_quiz(
    "07.quiz",
    [
        Question(
            "In HyperSeg two words are alike if …",
            [
                Choice("they mean the same", "No meaning enters; there is no text to learn from."),
                Choice("they stand in the same utterance", "Nearly: those enter together, too."),
                Choice(
                    "they first came at about the same time",
                    "Their numbers are near on the circle. In another dialogue it is another pair.",
                    right=True,
                ),
            ],
        ),
        Question(
            "You put independent word vectors into HyperSeg. Why does the curve go flat?",
            [
                Choice("10,000 dimensions are too few", "The noise is 0.01. Look what remains."),
                Choice(
                    "Neighbours seldom have the same word at the same distance from the end",
                    "Only then do two shifted atoms meet; all else is noise around 0.",
                    right=True,
                ),
                Choice("Independent vectors cannot be added", "They can; all bundles are such."),
            ],
        ),
        Question(
            "A short utterance stands beside a long one. What does HyperSeg's curve do?",
            [
                Choice(
                    "It falls, whatever is said",
                    "At most √(min/max) of the cosine is left. Lengths look like topics.",
                    right=True,
                ),
                Choice("Nothing, cosines ignore lengths", "Those of vectors, not of word counts."),
                Choice("It rises", "Fewer words can meet, and the longer sum is divided by."),
            ],
        ),
        Question(
            "“Platform” and “ticket” never stand in one utterance. Why are they alike in the end?",
            [
                Choice("Their letters are", "Five letters are compared, and those differ."),
                Choice(
                    "They keep the same company, or company that keeps the same",
                    "The second pass, reflection, reaches the friends of friends.",
                    right=True,
                ),
                Choice("A model was trained on it", "Two sparse products; nothing is trained."),
            ],
        ),
        Question(
            "Predicting no boundary has Pk = .40 on meetings, a segmenter .56. Is that useless?",
            [
                Choice(
                    "By Pk it is worse than saying nothing; look at F1 and WindowDiff too",
                    "Long topics punish every invented end. No single number decides.",
                    right=True,
                ),
                Choice("No, .56 of its windows are right", "Pk is the share of wrong ones."),
                Choice("Yes, all it found was wrong", "It may find many ends, and invent more."),
            ],
        ),
        Question(
            "Topics of two utterances. A boundary everywhere has Pk = 0. Why is that no triumph?",
            [
                Choice("Pk = 0 is the worst", "0 is the best."),
                Choice(
                    "Every window of two gaps holds an end, so Pk never punishes one too many",
                    "WindowDiff counts, and gives 1. Always report both.",
                    right=True,
                ),
                Choice("The windows are too long", "Too short rather: k is at least 2."),
            ],
        ),
        Question(
            "You need topics of a million utterances, on a laptop. Which dimension?",
            [
                Choice(
                    "512",
                    "Quality is flat from there on, and every further dimension is time.",
                    right=True,
                ),
                Choice("10,000, as everybody", "Twenty times the work for the same boundaries."),
                Choice("32", "A crosstalk of 1/√32 = .18 drowns the valleys."),
            ],
        ),
    ],
)
