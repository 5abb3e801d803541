"""The packed kernels on a GPU, beside what its memory and its tensor cores can do at best.

``make bench-cuda``, or ``python -m benchmarks.cuda [--save]``. Ways to the same result are checked
against each other before they are timed, and nothing moves between the GPU and the rest of the
machine while the clock runs.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks import bars
from benchmarks.harness import Row, compare
from hdlib import bits, kernels
from hdlib.kernels import reference

WORDS = 160  # 10,000 bits, padded to whole cache lines
QUERIES = (1, 4, 16, 32, 64, 1000)  # around the change from popcounts to tensor cores
ROWS, ROUNDS = 1_000_000, 15
VERSIONS = ("hdlib-workbook", "torch", "triton")
RESULTS = Path(__file__).with_name("results")

Ways = dict[str, Callable[[], Any]]


def race(task: str, ways: Ways, device: torch.device, rounds: int) -> list[Row]:
    """``compare``, where a call ends when the GPU has done its work, not when it has been told."""

    def waited(run: Callable[[], Any]) -> Any:
        found = run()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        return found

    return compare(task, {name: partial(waited, way) for name, way in ways.items()}, rounds=rounds)


def rows_of(n: int, device: torch.device, seed: int = 0) -> Tensor:
    """Random rows: ``-> (n, WORDS)``."""
    return kernels.words(seed, torch.arange(n, device=device), WORDS)


def copy(moved: int, device: torch.device) -> Ways:
    """The floor of what memory bounds: a copy that reads half of so many bytes and writes half."""
    source = torch.zeros(moved // 16, dtype=torch.int64, device=device)
    goal = torch.empty_like(source)
    return {"copy": lambda: goal.copy_(source)}


def slow_words(ids: Tensor) -> Tensor:
    """Random rows as plain torch makes them, some at a time for the sake of memory."""
    return torch.cat([bits.words(0, part, WORDS) for part in ids.split(100_000)])


def streams(n: int, device: torch.device, rounds: int = ROUNDS) -> list[Row]:
    """What memory should bound: bind, bundle, draw and search, each after a copy of its bytes."""
    x, y = rows_of(n, device), rows_of(n, device, 1)
    ids, query, size, step = torch.arange(n, device=device), x[n // 2 :][:1], 8 * WORDS, 20
    offsets = torch.arange(0, n + 1, step, device=device)
    some = offsets[:4]  # the reference takes one segment after another: too slow for all
    if not torch.equal(kernels.majority(x, some), reference.majority(x, some, None, 0)):
        raise AssertionError("majority differs from the reference; there is nothing to time")
    tasks: dict[str, tuple[int, Ways]] = {
        f"xor of {n:,} pairs": (3 * size * n, {"hdlib": lambda: x ^ y}),
        f"{n // step:,} majorities of {step}": (
            size * (n + n // step),
            {"hdlib": lambda: kernels.majority(x, offsets)},
        ),
        f"{n:,} random rows": (
            size * n,
            {"hdlib": lambda: kernels.words(0, ids, WORDS), "torch": lambda: slow_words(ids)},
        ),
        f"1 query, {n:,} rows": (
            size * n,
            {
                "hdlib": lambda: kernels.hamming(query, x),
                "hdlib, made": lambda: kernels.hamming_made(query, 0, ids, 64 * WORDS),
            },
        ),
    }
    found: list[Row] = []
    for task, (moved, ways) in tasks.items():
        found += race(task, copy(moved, device), device, rounds)
        found += race(task, ways, device, rounds)
    return found


def products(
    n: int, device: torch.device, queries: tuple[int, ...], rounds: int = ROUNDS
) -> list[Row]:
    """Distances by popcount and by tensor cores, after a bf16 product of rows spread out.

    The product is rounded, so its results are compared with nothing.
    """
    path, rows = kernels.path(device), rows_of(n, device)
    dense = signs(rows)
    found: list[Row] = []
    for q in queries:
        packed = rows_of(q, device, 1)
        ways: Ways = {"hdlib": partial(kernels.hamming, packed, rows)}
        if hasattr(path, "by_dot"):
            ways["popc"] = partial(path.by_popcount, packed, rows)
            ways["dot"] = partial(path.by_dot, packed, rows)
        task = f"{q:,} x {n:,} rows"
        found += race(task, {"bf16": partial(torch.matmul, signs(packed), dense.T)}, device, rounds)
        found += race(task, ways, device, rounds)
    return found


def signs(rows: Tensor) -> Tensor:
    """Rows of bits as ±1, as dense libraries keep them."""
    spread = [bits.unpack(part, 64 * WORDS).to(torch.bfloat16) for part in rows.split(10_000)]
    return 1 - 2 * torch.cat(spread)


def table(rows: list[Row]) -> str:
    """One line a way: milliseconds, and how many times those of its floor, the task's first."""
    wide, long = (max(len(getattr(row, of)) for row in rows) for of in ("task", "way"))
    lines = [f"{'task':{wide}}  {'way':{long}}{'median ms':>11}{'of floor':>10}"]
    floors: dict[str, float] = {}
    for row in rows:
        lines += [""] * (row.task not in floors)
        ratio = row.seconds / floors.setdefault(row.task, row.seconds)
        line = f"{row.task:{wide}}  {row.way:{long}}{1e3 * row.seconds:11.3f}{ratio:10.2f}"
        lines.append(line)
    return "\n".join(lines)


def run(device: torch.device, n: int, rounds: int = ROUNDS) -> list[Row]:
    """The whole suite with n rows; a tenth of them for products, which need 16 times the room."""
    return streams(n, device, rounds) + products(n // 10, device, QUERIES, rounds)


def main() -> None:
    """Measure, show, and keep on request."""
    parser = argparse.ArgumentParser(prog="benchmarks.cuda", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of 10,000 bits")
    parser.add_argument("--save", action="store_true", help="write benchmarks/results/<gpu>.json")
    arguments = parser.parse_args()
    if not torch.cuda.is_available():
        parser.exit(2, "bench-cuda: PyTorch finds no CUDA device here; nothing is measured\n")
    device = torch.device("cuda", torch.cuda.current_device())
    gpu = torch.cuda.get_device_name(device)
    rows = run(device, arguments.rows)
    print(f"{gpu}, {kernels.path(device).__name__}\n\n{table(rows)}")
    if arguments.rows == ROWS:
        print(f"\n{bars.table(bars.check({'cuda': rows}))}")
    if arguments.save:
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{gpu.lower().replace(' ', '-')}.json"
        versions = {name: version(name) for name in VERSIONS}
        kept = {"gpu": gpu, "versions": versions, "rows": [asdict(row) for row in rows]}
        path.write_text(json.dumps(kept, indent=1) + "\n")
        print(f"\nsaved to {path}")


if __name__ == "__main__":
    main()
