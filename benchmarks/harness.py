"""Measure rivals fairly: first their results must be equal, then their runs are interleaved."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from torch import Tensor

from hdlib.workbook.machine import timed

Rivals = dict[str, Callable[[], Any]]
OWN = ("hdlib", "made", "list", "counting")  # ways of ours; the others are peers


@dataclass(frozen=True)
class Work:
    """What a task cannot do without, however it is done.

    bytes: moved to and from memory, in our representation; bits: pairs of bits that are compared;
    flops: multiplications and additions of floats.
    """

    bytes: float = 0
    bits: float = 0
    flops: float = 0


@dataclass(frozen=True)
class Row:
    """The median time of one way to do a task, and how many times the first way's that is.

    work: what the task must do. floor: seconds that this machine needs for it at least. peak: bytes
    of memory that one call takes beside its input. None: not measured. note: what else belongs to
    the time, such as how good the result was.
    """

    task: str
    way: str
    seconds: float
    ratio: float
    work: Work | None = None
    floor: float | None = None
    peak: int | None = None
    note: str = ""


def equal(ours: Tensor, other: Tensor) -> bool:
    """The same numbers, of whatever type."""
    return torch.equal(ours, other.to(ours.dtype))


def compare(
    task: str,
    rivals: Rivals,
    *,
    rounds: int = 7,
    budget: float = float("inf"),
    agree: Callable[[Tensor, Tensor], bool] = equal,
    work: Work | None = None,
    floor: float | None = None,
    memory: bool = False,
) -> list[Row]:
    """Medians over rounds in which every way runs once; the first way is ours.

    Taking turns spreads what else the machine does over all of them, and the call that checks the
    result also compiles and warms. Rounds end when the seconds of the budget are gone, but not
    before the third. agree: whether another's result is as good as ours.
    """
    ours, *others = (torch.as_tensor(run()).as_subclass(Tensor) for run in rivals.values())
    for name, other in zip(list(rivals)[1:], others, strict=True):
        if not agree(ours, other):
            raise AssertionError(f"{task}: {name} gives another result; there is nothing to time")
    del ours, others
    return race(task, rivals, rounds=rounds, budget=budget, work=work, floor=floor, memory=memory)


def race(
    task: str,
    rivals: Rivals,
    *,
    rounds: int = 7,
    budget: float = float("inf"),
    work: Work | None = None,
    floor: float | None = None,
    memory: bool = False,
    notes: dict[str, str] | None = None,
) -> list[Row]:
    """The times alone, for ways that were warmed and whose results are compared elsewhere."""
    times: dict[str, list[float]] = {name: [] for name in rivals}
    start = perf_counter()
    for turn in range(rounds):
        if turn >= 3 and perf_counter() - start > budget:
            break
        for name, run in rivals.items():
            times[name].append(timed(run))
    medians = {name: statistics.median(measured) for name, measured in times.items()}
    first = next(iter(medians.values()))
    return [
        Row(
            task,
            name,
            seconds,
            seconds / first,
            work,
            floor,
            peak(rivals[name]) if memory else None,
            (notes or {}).get(name, ""),
        )
        for name, seconds in medians.items()
    ]


def peak(run: Callable[[], Any]) -> int | None:
    """Bytes of memory that a call takes at its worst; None where the system does not say.

    Linux forgets the highest use so far when it is told to. What a call takes from room that
    earlier calls have left is not seen, so small figures are too small.
    """
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return None
    before = resident("VmRSS")
    run()
    return max(0, resident("VmHWM") - before)


def resident(field: str) -> int:
    """A line of this process's memory, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return 1024 * int(line.split()[1])
    raise LookupError(field)
