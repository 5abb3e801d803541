"""Compile the CPU kernels and keep them on disk: ``python -m hdlib.kernels.warm``, run by make."""

from __future__ import annotations

import time
from pathlib import Path

import torch

from hdlib.kernels import cpu, floats, gaussian, totals
from hdlib.kernels.bindings import times, xor


def forget(package: Path) -> None:
    """Remove machine code that is older than any source: numba looks at a kernel's own file only.

    So it would miss changes of what kernels have in common, in other files.
    """
    newest = max(path.stat().st_mtime for path in package.glob("kernels/*.py"))
    compiled = [*package.glob("*/__pycache__/*.nbi"), *package.glob("*/__pycache__/*.nbc")]
    if any(path.stat().st_mtime < newest for path in compiled):
        for path in compiled:
            path.unlink()


def warm() -> float:
    """Call each kernel; returns the seconds it took (next to none when already compiled)."""
    start = time.perf_counter()
    rows = torch.zeros(9, 8, dtype=torch.int64)
    cpu.words(0, torch.arange(2), 8)
    cpu.digest(rows.to(torch.float32))
    cpu.coins(0, torch.arange(2), 8)
    cpu.hamming(rows, rows)
    cpu.hamming(rows[:1], rows)
    cpu.best(rows.to(torch.float32), 0, 2)
    cpu.hamming_made(rows, 0, torch.arange(2), 512)
    whole, symbols = torch.tensor([0, 9]), rows.to(torch.int16)
    cpu.majority(rows, whole, None, 0)
    cpu.signs(rows.to(torch.int8))
    cpu.bipolar(rows.to(torch.int8), whole, None, 0)
    cpu.stray(rows, 500)
    for kind in (torch.int8, torch.int16, torch.int32, torch.int64):
        cpu.ends(rows.to(kind))
    cpu.tally(rows.to(torch.int8), whole, None)
    cpu.dots(symbols, rows.to(torch.int8))
    cpu.matches(symbols, symbols)
    cpu.rotate(rows, rows[:, 0], 512)
    cpu.symbols(0, torch.arange(2), 8, 16)
    cpu.elect(symbols, whole, None, torch.zeros(0, 16, dtype=torch.float64), 0, False)
    many = torch.zeros(floats.MANY, dtype=torch.complex64)
    floats.roll(many, 1)
    floats.product(many, many)
    xor(rows, rows, 512)
    times(rows.char(), rows.char())
    totals.total(torch.zeros(192, totals.PAGE))
    gaussian.normals(0, torch.arange(2), 8)
    return time.perf_counter() - start


if __name__ == "__main__":
    forget(Path(__file__).parents[1])
    print(f"kernels ready in {warm():.1f} s")
