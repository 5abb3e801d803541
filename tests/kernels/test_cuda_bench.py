"""The benchmark of the GPU measures what it says, here with few rows on the CPU."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from benchmarks import cuda, harness
from hdlib.kernels import cpu

ROOT = Path(__file__).parents[2]


def test_every_task_runs_and_is_measured_beside_its_floor(monkeypatch):
    monkeypatch.setattr(cuda, "QUERIES", (1, 3))
    rows = cuda.run(torch.device("cpu"), 200, rounds=1)
    ways = {}
    for row in rows:
        assert row.seconds > 0
        ways.setdefault(row.task, []).append(row.way)
    assert ways == {
        "xor of 200 pairs": ["copy", "hdlib"],
        "10 majorities of 20": ["copy", "hdlib"],
        "200 random rows": ["copy", "hdlib", "torch"],
        "1 query, 200 rows": ["copy", "hdlib", "hdlib, made"],
        "1 x 20 rows": ["bf16", "hdlib"],
        "3 x 20 rows": ["bf16", "hdlib"],
    }


def test_a_wrong_answer_is_not_timed(monkeypatch):
    monkeypatch.setattr(cpu, "majority", lambda rows, offsets, *_: rows[: len(offsets) - 1])
    with pytest.raises(AssertionError, match="nothing to time"):
        cuda.streams(60, torch.device("cpu"), 1)


def test_both_units_are_raced_where_there_are_two(monkeypatch):
    monkeypatch.setattr(cpu, "by_popcount", cpu.hamming, raising=False)
    monkeypatch.setattr(cpu, "by_dot", cpu.hamming, raising=False)
    rows = cuda.products(20, torch.device("cpu"), (2,), 1)
    assert [row.way for row in rows] == ["bf16", "hdlib", "popc", "dot"]
    monkeypatch.setattr(cpu, "by_dot", lambda q, x: cpu.hamming(q, x) + 1)
    with pytest.raises(AssertionError, match="dot gives another result"):
        cuda.products(20, torch.device("cpu"), (2,), 1)


def test_the_table_compares_each_way_with_the_floor_of_its_task():
    rows = [harness.Row("a task", "copy", 0.5e-3, 1.0), harness.Row("a task", "hdlib", 1e-3, 1.0)]
    table = cuda.table(rows)
    assert [line.split()[-3:] for line in table.splitlines()[-2:]] == [
        ["copy", "0.500", "1.00"],
        ["hdlib", "1.000", "2.00"],
    ]


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_without_a_gpu_it_says_so_and_measures_nothing():
    command = [sys.executable, "-m", "benchmarks.cuda"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 2
    assert run.stdout == ""
    assert "no CUDA device" in run.stderr
