"""Work shared among threads: every task is done once, whoever does it, and flaws are seen."""

import contextlib
import os
import subprocess
import sys
import weakref
from typing import Any

import numpy as np
import pytest
import torch
from numba import carray
from torch._subclasses import FakeTensorMode

from hdlib import kernels
from hdlib.kernels import team
from hdlib.kernels.instructions import at

COUNTS = [0, 1, 2, 7, 8, 9, 1000]


def _count(address: Any) -> None:
    plan = carray(address, team.SLOTS, np.int64)
    done, count, bad, worse = carray(at(plan[4]), plan[5], np.int64), plan[5], plan[6], plan[7]
    for first, last in team.shares(plan, count):
        for task in range(first, last):
            done[task] += 1
            if task == bad:
                plan[1] = 1
            if task == worse:
                raise MemoryError


@pytest.fixture(params=["torch's", "Python's", "a child's"])
def threads(request, monkeypatch):
    """Whose threads do the work: torch's, or Python's where torch's have no door or are gone."""
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    if request.param == "Python's":
        monkeypatch.setattr(team, "team", lambda: None)
    if request.param == "a child's":
        monkeypatch.setattr(team, "HOME", -1)


@pytest.mark.parametrize("single", [True, False])
@pytest.mark.parametrize("count", COUNTS)
def test_every_task_is_done_once(threads, single, count):
    done = torch.zeros(count, dtype=torch.int64)
    assert team.spread(_count, single, (done,), count, -1, -1)
    assert done.tolist() == count * [1]


@pytest.mark.parametrize("single", [True, False])
def test_a_flaw_seen_by_one_is_told(threads, single):
    done = torch.zeros(100, dtype=torch.int64)
    for task in (0, 57, 99):
        assert not team.spread(_count, single, (done,), 100, task, -1)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # numba's own word
@pytest.mark.parametrize("single", [True, False])
def test_a_kernel_that_fails_gives_no_result(threads, single):
    for task in (0, 57, 99):
        done = torch.zeros(100, dtype=torch.int64)
        with pytest.raises(MemoryError, match=r"^count: no room"):
            team.spread(_count, single, (done,), 100, -1, task)


def test_an_interrupt_does_not_free_what_threads_work_on(monkeypatch):
    class Interrupted:
        def map(self, call, turns):
            self.call = call
            raise KeyboardInterrupt

    pool = Interrupted()
    monkeypatch.setattr(team, "team", lambda: None)
    monkeypatch.setattr(team, "pool", lambda: pool)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)

    def interrupted():
        done = torch.zeros(100, dtype=torch.int64)
        with contextlib.suppress(KeyboardInterrupt):
            team.spread(_count, False, (done,), 100, -1, -1)
        return weakref.ref(done)

    alive = interrupted()
    assert alive() is not None
    pool.call(0)  # a thread that comes late
    assert alive().tolist() == 100 * [1]


@pytest.mark.filterwarnings("ignore:Accessing the data pointer of FakeTensor")
def test_tensors_without_memory_are_refused():
    with (
        FakeTensorMode(),
        pytest.raises(RuntimeError, match=r"^a tensor of shape .* has no memory"),
    ):
        kernels.tally(torch.ones(3, 9, dtype=torch.int8))
    assert kernels.tally(torch.ones(3, 9, dtype=torch.int8)).unique().tolist() == [3]


COMPILED = """
import torch
from hdlib import BSC, MAPI
for space in (MAPI(64), BSC(64)):
    x = space.random(3)
    bundle = torch.compile(space.bundle, backend="eager")
    bind = torch.compile(lambda x: space.bind(x.mT.contiguous().mT, x), backend="eager")
    for _ in range(3):
        assert torch.equal(bundle(x), space.bundle(x))
        assert torch.equal(bind(x), space.bind(x, x))
"""


def test_torchs_compiler_leaves_kernels_alone():
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    command = [sys.executable, "-W", "ignore", "-c", COMPILED]
    subprocess.run(command, env=env, check=True, timeout=120, capture_output=True)


def test_sleeping_threads_are_woken_for_much_work_only(monkeypatch):
    assert team.alone(9, 10)
    assert team.alone(10, 10) is (team.door() is None)
    monkeypatch.setattr(team, "team", lambda: None)
    assert team.alone(team.PARALLEL - 1, 10)
    assert not team.alone(team.PARALLEL, 10)
