"""Work shared among threads: every task is done once, whoever does it, and flaws are seen."""

from typing import Any

import numpy as np
import pytest
import torch
from numba import carray

from hdlib.kernels import team
from hdlib.kernels.instructions import at

COUNTS = [0, 1, 2, 7, 8, 9, 1000]


def _count(address: Any) -> None:
    plan = carray(address, team.SLOTS, np.int64)
    done = carray(at(plan[3]), plan[4], np.int64)
    for first, last in team.shares(plan, plan[4]):
        for task in range(first, last):
            done[task] += 1
            if task == plan[5]:
                plan[1] = 1


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
    assert team.spread(_count, single, done.data_ptr(), count, -1)
    assert done.tolist() == count * [1]


@pytest.mark.parametrize("single", [True, False])
def test_a_flaw_seen_by_one_is_told(threads, single):
    done = torch.zeros(100, dtype=torch.int64)
    for task in (0, 57, 99):
        assert not team.spread(_count, single, done.data_ptr(), 100, task)


def test_sleeping_threads_are_woken_for_much_work_only(monkeypatch):
    assert team.alone(9, 10)
    assert team.alone(10, 10) is (team.door() is None)
    monkeypatch.setattr(team, "team", lambda: None)
    assert team.alone(team.PARALLEL - 1, 10)
    assert not team.alone(team.PARALLEL, 10)
