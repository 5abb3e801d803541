"""Cumbof's hdlib, which has our import name: measured in an environment and process of its own.

`make bench` makes the environment. Vectors go there in a file, and its results come back: they must
be ours where both mean the same. Times are those of two processes, one right after the other.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from benchmarks.harness import Rivals, Row, race
from hdlib import BSC, MAPI, VSA

PYTHON = Path(sys.prefix, ".cumbof", "bin", "python")
CHILD = Path(__file__).with_name("cumbof_child.py")
DIM, PAIRS, QUERIES = 10_000, 1_000, 10
KINDS = {"MAPI": "bipolar", "BSC": "binary"}


def ours(vsa: VSA, a: Tensor, b: Tensor) -> Rivals:
    """The verbs that both have, by the names that the child gives them too."""
    ways: Rivals = {
        f"random {len(a):,}": lambda: vsa.random(len(a)),
        f"bind {len(a):,}": lambda: vsa.bind(a, b),
        f"permute {len(a):,}": lambda: vsa.permute(a),
        f"similarity {QUERIES} x {len(a):,}": lambda: vsa.similarity(a[:QUERIES], b),
        "bind one pair": lambda: vsa.bind(a[0], b[0]),
    }
    if isinstance(vsa, MAPI):  # its binary bundle of two is their AND: nothing to compare
        ways["bundle of 101"] = lambda: vsa.bundle(a[:101])
    return ways


def theirs(name: str, a: Tensor, b: Tensor) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """Seconds and results of the child."""
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder, "given.npz"), Path(folder, "made.npz")
        np.savez(given, a=a.numpy(), b=b.numpy())
        command = [str(PYTHON), "-I", str(CHILD), KINDS[name], str(QUERIES), str(given), str(made)]
        run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        with np.load(made) as kept:
            return json.loads(run.stdout), dict(kept)


def model(vsa: VSA) -> list[Row]:
    """All rows of one model."""
    name, rows = type(vsa).__name__, []
    a, b = vsa.random(PAIRS), vsa.random(PAIRS)
    seconds, results = theirs(name, *(vsa.dense(x).to(torch.int64) for x in (a, b)))
    for task, run in ours(vsa, a, b).items():
        own = run()
        if task in results and not same(vsa, own, torch.from_numpy(results[task])):
            raise AssertionError(f"{name} {task}: cumbof's hdlib gives another result")
        rows += race(f"{name} {task}", {"hdlib": run}, rounds=9)
        ratio = seconds[task] / rows[-1].seconds
        rows.append(replace(rows[-1], way="cumbof", seconds=seconds[task], ratio=ratio, peak=None))
    return rows


def same(vsa: VSA, own: Tensor, other: Tensor) -> bool:
    """Equal numbers; cosines to rounding."""
    if own.is_floating_point():
        return torch.allclose(own, other.to(own.dtype), atol=1e-5)
    return torch.equal(vsa.dense(own).to(other.dtype), other)


def run() -> list[Row]:
    """Both models, half a minute; nothing, and a word about it, without the environment."""
    if not PYTHON.exists():
        print("cumbof: its environment is missing, SKIPPED; `make bench` makes it", file=sys.stderr)
        return []
    return [row for vsa in (MAPI(DIM), BSC(DIM)) for row in model(vsa)]
