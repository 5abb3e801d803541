"""How cost grows with the number of vectors and with their dimension: it should grow as they do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch

from benchmarks.harness import Row, race
from hdlib import MODELS, VSA, ItemMemory

COUNTS, DIM = (1, 16, 64, 256, 1_024, 4_096), 10_000
DIMS, COUNT = (64, 1_024, 4_096, 16_384, 65_536), 512  # the last two leave the cache
QUERIES = 10
MOST = {"MBAT": 256}  # pairs that it binds: it makes a matrix for each
BUDGET = 0.05  # seconds of rounds for a point
LINEAR = 0.15  # what an exponent may differ from 1


@dataclass(frozen=True)
class Fit:
    """Seconds at each size, and the exponents of their growth; None where all is overhead.

    exponent: the slope of a straight line through the logarithms of size and of time, both without
    the smallest's, what a call costs that has next to nothing to do. It is above 1 where the work
    leaves the caches on the way, or results outgrow the room that is reused: both happen once.
    last: the slope from the last size but one to the last, how it goes on. copy: this slope of a
    copy of the vectors, which leaves the caches where the work does; None where none was measured.
    """

    task: str
    along: str
    sizes: list[int]
    seconds: list[float]
    exponent: float | None
    last: float | None
    copy: float | None = None

    @property
    def linear(self) -> bool:
        """The last step is, or no steeper than a copy's; or less: then a part comes free."""
        return self.last is None or self.last <= max(1, self.copy or 1) + LINEAR


def slopes(sizes: list[int], seconds: list[float]) -> tuple[float, float] | tuple[None, None]:
    """The two exponents of ``Fit``, from the sizes that take at least twice the smallest's time.

    >>> slopes([1, 101, 201, 401], [1.0, 2.0, 5.0, 17.0])
    (2.0, 2.0)
    """
    (least, rest), *others = zip(sizes, seconds, strict=True)
    past = [(n - least, t - rest) for n, t in others if t >= 2 * rest]
    if len(past) < 2:
        return None, None
    logs = np.log(past)
    line, last = (float(np.polyfit(*some.T, 1)[0]) for some in (logs, logs[-2:]))
    return round(line, 2), round(last, 2)


def fits(rows: Iterable[Row]) -> list[Fit]:
    """A fit of each of our tasks that was measured at four sizes or more: "task, N = 64"."""
    curves: dict[str, dict[int, float]] = {}
    for row in rows:
        name, _, size = row.task.rpartition(" = ")
        if row.way == "hdlib" and name.endswith((", N", ", D")):
            curves.setdefault(name, {})[int(size.replace(",", ""))] = row.seconds
    found = []
    for name, curve in sorted(curves.items(), key=lambda item: item[0].endswith(", D")):
        if len(curve) >= 4:
            task, along = name.rsplit(", ", 1)
            plain = curves.get(f"{task.split()[0]} copy, {along}", {})
            copied = slopes(list(curve), [plain[n] for n in curve])[1] if plain else None
            sizes, seconds = list(curve), list(curve.values())
            found.append(Fit(task, along, sizes, seconds, *slopes(sizes, seconds), copied))
    return found


def verbs(vsa: VSA, n: int) -> dict[str, Callable[[], object]]:
    """What grows with the number n of vectors: pairs, items of a bundle, items to compare with.

    And a plain copy of them, to see what the machine's caches do to it.
    """
    a, b = vsa.random(n), vsa.random(n)
    queries, memory = vsa.random(QUERIES), ItemMemory(vsa).add(range(n), a)
    pairs, goal = MOST.get(type(vsa).__name__, n), torch.empty_like(a)
    return {
        "copy": lambda: goal.copy_(a),
        "bind": lambda: vsa.bind(a[:pairs], b[:pairs]),
        "bundle": lambda: vsa.bundle(a),
        "similarity": lambda: vsa.similarity(queries, a),
        "clean-up": lambda: memory.cleanup(queries[0]),
    }


def run() -> list[Row]:
    """Every model along both axes, a minute."""
    return [row for name in MODELS for row in model(name)]


def model(name: str) -> list[Row]:
    """Every verb of one model, the points of an axis one after another."""
    points = [("N", n, MODELS[name](DIM), n) for n in COUNTS]
    points += [("D", dim, MODELS[name](dim), COUNT) for dim in DIMS]
    rows = []
    for along, size, vsa, n in points:
        for verb, call in verbs(vsa, n).items():
            if along == "N" and verb == "bind" and n > MOST.get(name, n):
                continue
            call()
            task = f"{name} {verb}, {along} = {size:,}"
            rows += race(task, {"hdlib": call}, rounds=25, budget=BUDGET)
    axis = {row.task: i for i, row in enumerate(rows)}
    return sorted(rows, key=lambda row: (row.task.split(" = ")[0], axis[row.task]))


def table(found: list[Fit]) -> str:
    """One line a task: the exponent, and the seconds at both ends."""
    wide = max((len(fit.task) for fit in found), default=0)
    lines = []
    for fit in found:
        ends = f"{1e3 * fit.seconds[0]:10.4f} ms at {fit.sizes[0]:,}"
        ends += f" … {1e3 * fit.seconds[-1]:.4g} ms at {fit.sizes[-1]:,}"
        grown = (
            "overhead" if fit.exponent is None else f"{fit.exponent:.2f}, at last {fit.last:.2f}"
        )
        said = "" if fit.linear else "  not linear"
        lines.append(f"{fit.task:{wide}}  {fit.along}  {grown:18}{ends}{said}")
    return "\n".join(lines)
