"""Measure rivals fairly: first their results must be equal, then their runs are interleaved."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from torch import Tensor

from hdlib.workbook.machine import timed

Rivals = dict[str, Callable[[], Any]]
FEWEST, MOST, QUICK = 7, 200, 0.1  # rounds, and seconds in which quick ways take more than few
HIGHEST: list[int] = []  # bytes in use that Linux was told to forget


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
    of memory that one call takes beside its input. process: bytes that the whole process took at
    most, where the row had one of its own. None: not measured. note: what else belongs to the
    time, such as how good the result was.
    """

    task: str
    way: str
    seconds: float
    ratio: float
    work: Work | None = None
    floor: float | None = None
    peak: int | None = None
    process: int | None = None
    note: str = ""


def own(way: str) -> bool:
    """Is it ours? "hdlib" is, and "hdlib, made", or whatever else says how."""
    return way.split(",")[0] == "hdlib"


def equal(ours: Tensor, other: Tensor) -> bool:
    """The same numbers, of whatever type."""
    return torch.equal(ours, other.to(ours.dtype))


def compare(
    task: str,
    rivals: Rivals,
    *,
    rounds: int | None = None,
    budget: float = float("inf"),
    agree: Callable[[Tensor, Tensor], bool] = equal,
    work: Work | None = None,
    floor: float | None = None,
) -> list[Row]:
    """Medians over rounds in which every way runs once; the first way is ours.

    Taking turns spreads what else the machine does over all of them, and the call that checks the
    result also compiles and warms. Rounds end when the seconds of the budget are gone, but not
    before the third. rounds: None are seven, and of quick ways, whose single times say little, as
    many as fit a tenth of a second. agree: whether another's result is as good as ours.
    """
    ours, *others = (torch.as_tensor(run()).as_subclass(Tensor) for run in rivals.values())
    for name, other in zip(list(rivals)[1:], others, strict=True):
        if not agree(ours, other):
            raise AssertionError(f"{task}: {name} gives another result; there is nothing to time")
    del ours, others
    return race(task, rivals, rounds=rounds, budget=budget, work=work, floor=floor)


def race(
    task: str,
    rivals: Rivals,
    *,
    rounds: int | None = None,
    budget: float = float("inf"),
    work: Work | None = None,
    floor: float | None = None,
    notes: dict[str, str] | None = None,
) -> list[Row]:
    """The times alone, for ways that were warmed and whose results are compared elsewhere.

    In the first round the memory that each way takes is watched, too.
    """
    times: dict[str, list[float]] = {name: [] for name in rivals}
    peaks: dict[str, int | None] = {}
    start = perf_counter()
    for turn in range(rounds or MOST):
        passed = perf_counter() - start
        if (turn >= 3 and passed > budget) or (not rounds and turn >= FEWEST and passed > QUICK):
            break
        for name, run in rivals.items():
            before = rest() if turn == 0 else None
            times[name].append(timed(run))
            if turn == 0:
                peaks[name] = None if before is None else max(0, resident("VmHWM") - before)
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
            peaks[name],
            note=(notes or {}).get(name, ""),
        )
        for name, seconds in medians.items()
    ]


def rest() -> int | None:
    """Bytes in use now, from where the next highest use counts; None where the system cannot.

    Linux forgets the highest use so far when it is told to. What a call takes from room that
    earlier calls have left is not seen, so small figures are too small.
    """
    try:
        HIGHEST.append(resident("VmHWM"))
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return None
    return resident("VmRSS")


def most() -> int | None:
    """Bytes that this process ever took, also before a ``rest``."""
    return max(*HIGHEST, resident("VmHWM")) if HIGHEST else None


def alone(module: str, function: str) -> list[Row]:
    """The rows of ``module.function()`` from a process of its own, with the most that it took."""
    command = [sys.executable, "-m", "benchmarks.alone", module, function]
    root = Path(__file__).parents[1]
    run = subprocess.run(command, check=True, cwd=root, stdout=subprocess.PIPE, text=True)
    return [row_of(kept) for kept in json.loads(run.stdout)]


def row_of(kept: dict[str, Any]) -> Row:
    """A row as it was saved."""
    work = kept["work"] and Work(**kept["work"])
    return Row(**kept | {"work": work})


def resident(field: str) -> int:
    """A line of this process's memory, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return 1024 * int(line.split()[1])
    raise LookupError(field)
