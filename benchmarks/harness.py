"""Measure rivals fairly: first their results must be equal, then their runs are interleaved."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import torch

Rivals = dict[str, Callable[[], Any]]


@dataclass(frozen=True)
class Row:
    """The median time of one way to do a task, and how many times the first way's that is.

    note: what else belongs to the time, such as how good the result was.
    """

    task: str
    way: str
    seconds: float
    ratio: float
    note: str = ""


def timed(run: Callable[[], Any]) -> float:
    """Seconds of one call."""
    start = perf_counter()
    run()
    return perf_counter() - start


def compare(
    task: str,
    rivals: Rivals,
    *,
    rounds: int = 7,
    agree: Callable[[torch.Tensor, torch.Tensor], bool] = torch.equal,
) -> list[Row]:
    """Medians over rounds in which every way runs once; the first way is ours.

    Taking turns spreads what else the machine does over all of them, and the call that checks the
    result also compiles and warms.
    """
    ours, *others = (torch.as_tensor(run()) for run in rivals.values())
    for name, other in zip(list(rivals)[1:], others, strict=True):
        if not agree(ours, other.to(ours.dtype)):
            raise AssertionError(f"{task}: {name} gives another result; there is nothing to time")
    return race(task, rivals, rounds=rounds)


def race(
    task: str, rivals: Rivals, *, rounds: int = 7, notes: dict[str, str] | None = None
) -> list[Row]:
    """The times alone, for ways that were warmed and whose results are compared elsewhere."""
    times: dict[str, list[float]] = {name: [] for name in rivals}
    for _ in range(rounds):
        for name, run in rivals.items():
            times[name].append(timed(run))
    medians = {name: statistics.median(measured) for name, measured in times.items()}
    first = next(iter(medians.values()))
    said = notes or {}
    return [
        Row(task, name, seconds, seconds / first, said.get(name, ""))
        for name, seconds in medians.items()
    ]
