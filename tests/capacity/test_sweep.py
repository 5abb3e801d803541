"""Sweeps: every executor gives the same bits, and what was done once is never done again."""

import json
import math
import multiprocessing
import signal
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest
import torch

import hdlib
from hdlib.capacity import Interrupted, sweep
from hdlib.files import FileFormatError

GRID = {"model": ["MAPI", "BSC", "FHRR"], "n": [3, 8], "dim": [64, 100]}


def member(model, n, dim, seed=0):
    """The similarities of n atoms to their bundle: sums of floats, where a model has them."""
    vsa = hdlib.MODELS[model](dim, seed=seed)
    atoms = vsa.atoms(range(n))
    found = vsa.similarity(vsa.bundle(atoms), atoms)
    return {"mean": found.double().mean(), "all": found, "third": n / 3}


def bits_of(rows):
    """Every float by its bits."""
    return json.dumps(rows, default=float.hex)


def test_rows_are_the_product_in_order_with_point_and_result():
    rows = sweep(lambda a, b: 10 * a + b, {"a": [1, 2], "b": (3, 4)}, progress=False)
    assert rows == [
        {"a": 1, "b": 3, "value": 13},
        {"a": 1, "b": 4, "value": 14},
        {"a": 2, "b": 3, "value": 23},
        {"a": 2, "b": 4, "value": 24},
    ]


def test_points_may_be_listed_and_are_computed_once():
    calls = []

    def fn(**point):
        calls.append(point)
        return {"sum": sum(point.values())}

    points = [{"a": 1}, {"b": 2}, {"a": 1}, {}]
    assert [r["sum"] for r in sweep(fn, points, progress=False)] == [1, 2, 1, 0]
    assert calls == [{"a": 1}, {"b": 2}, {}]


@dataclass
class Result:
    mean: torch.Tensor
    trials: np.int64


def test_results_become_plain_numbers_that_keep_their_bits():
    third = torch.tensor(1 / 3, dtype=torch.float64)

    def fn(x):
        return Result(third * x, np.int64(7))

    (row,) = sweep(fn, {"x": np.array([3e-300])}, progress=False)
    assert row == {"x": 3e-300, "mean": 1 / 3 * 3e-300, "trials": 7}
    assert [type(v) for v in row.values()] == [float, float, int]
    values = [math.inf, 5e-324, -0.0, 1.7976931348623157e308]
    got = sweep(lambda x: [x, [x]], {"x": values}, progress=False)
    assert [r["value"][1][0].hex() for r in got] == [x.hex() for x in values]


def test_serial_threads_processes_and_the_order_of_results_give_the_same_bits():
    want = bits_of(sweep(member, GRID, progress=False))
    with ThreadPoolExecutor(2) as pool:
        assert bits_of(sweep(member, GRID, map=pool.map, progress=False)) == want
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        assert bits_of(sweep(member, GRID, map=pool.map, progress=False)) == want

    def backwards(fn, items):
        return map(fn, reversed(items))

    assert bits_of(sweep(member, GRID, map=backwards, progress=False)) == want


def test_a_dask_cluster_of_two_workers_gives_the_same_bits(tmp_path):
    distributed = pytest.importorskip("distributed", reason="needs the extra 'cluster'")
    import dask

    want = bits_of(sweep(partial(member, seed=5), GRID, progress=False))
    quiet = {"temporary-directory": str(tmp_path), "distributed.logging.distributed": "error"}
    with (
        dask.config.set(quiet),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, protocol="tcp"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        cluster_map = client.get_executor().map
        journal = tmp_path / "grid.jsonl"
        fn = partial(member, seed=5)
        assert bits_of(sweep(fn, GRID, map=cluster_map, progress=False, save=journal)) == want
    assert bits_of(sweep(fn, GRID, progress=False, save=journal)) == want  # from the file


class Counted:
    """A function that says how often it was called and can be made to stop."""

    def __init__(self, stop_at=None, how=KeyboardInterrupt):
        self.calls, self.stop_at, self.how = [], stop_at, how
        self.__module__, self.__qualname__ = "tests", "counted"

    def __call__(self, x):
        if x == self.stop_at:
            raise self.how
        self.calls.append(x)
        return x / 3


@pytest.mark.parametrize("how", [KeyboardInterrupt, ZeroDivisionError])
def test_an_interrupted_sweep_keeps_what_is_done_and_resumes(tmp_path, how):
    journal, grid = tmp_path / "s.jsonl", {"x": range(6)}
    with pytest.raises(how) as stopped:
        sweep(Counted(stop_at=4, how=how), grid, progress=False, save=journal)
    if how is KeyboardInterrupt:
        assert isinstance(stopped.value, Interrupted)
        assert [row["x"] for row in stopped.value.rows] == [0, 1, 2, 3]
        assert "4 of 6 points done" in str(stopped.value)
    else:
        assert stopped.value.__notes__ == ["sweep: at the point {'x': 4}"]
    again = Counted()
    rows = sweep(again, {"x": range(8)}, progress=False, save=journal)  # and the grid may grow
    assert again.calls == [4, 5, 6, 7]
    assert rows == sweep(Counted(), {"x": range(8)}, progress=False)


def test_an_interrupt_without_a_file_hands_over_the_rows():
    with pytest.raises(Interrupted) as stopped:
        sweep(Counted(stop_at=2), {"x": range(6)}, progress=False)
    assert [row["value"] for row in stopped.value.rows] == [0, 1 / 3]


KILLED = """
import os, signal
from hdlib.capacity import sweep
def fn(x):
    if x == 3:
        os.kill(os.getpid(), signal.{signal})
    return x / 3
sweep(fn, {{"x": range(6)}}, progress=False, save={path!r})
"""


def test_a_killed_sweep_resumes_from_the_last_whole_line(tmp_path):
    journal = tmp_path / "s.jsonl"
    code = KILLED.format(signal="SIGKILL", path=str(journal))
    run = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert run.returncode == -signal.SIGKILL, run.stderr
    whole = journal.read_bytes()
    assert whole.count(b"\n") == 4
    journal.write_bytes(whole + b'[{"x": 3}, 0.')  # as if the power had failed within a line
    code = KILLED.format(signal="SIGCONT", path=str(journal))
    subprocess.run([sys.executable, "-c", code], check=True)
    lines = journal.read_bytes()
    assert lines.startswith(whole)
    assert [json.loads(line)[1] for line in lines.splitlines()[1:]] == [x / 3 for x in range(6)]


def test_a_file_of_another_sweep_or_of_something_else_is_refused_and_stays_as_it_is(tmp_path):
    journal = tmp_path / "s.jsonl"
    sweep(partial(member, seed=1), GRID, progress=False, save=journal)
    kept = journal.read_bytes()
    with pytest.raises(ValueError, match=r"fixed \{.seed.: 1\}, not with \{.seed.: 2\}"):
        sweep(partial(member, seed=2), GRID, progress=False, save=journal)
    with pytest.raises(ValueError, match=r"made with fn '.*member'"):
        sweep(Counted(), {"x": [1]}, progress=False, save=journal)
    assert journal.read_bytes() == kept
    for content in (b"", b"\n", b"[]\n", b'{"sweep": 99}\n', b"\xff\xfe\n", kept[:-1] + b"}}\n"):
        journal.write_bytes(content)
        with pytest.raises(FileFormatError, match="holds no sweep"):
            sweep(partial(member, seed=1), GRID, progress=False, save=journal)
        assert journal.read_bytes() == content


def test_a_bad_grid_is_refused_before_any_work(tmp_path):
    fn, journal = Counted(), tmp_path / "s.jsonl"
    for grid, words in [
        ({"x": 3}, "give x a list"),
        ({"x": "abc"}, "give x a list"),
        ([{"x": 1}, 2], "point 1 must be a mapping"),
        ([{1: 1}], "point 0 must be a mapping"),
        ({"x": [1, [2]]}, "x must be a number"),
        ({"x": [object()]}, "no number, text"),
        (3, "a grid is a mapping"),
    ]:
        with pytest.raises(TypeError, match=words):
            sweep(fn, grid, progress=False, save=journal)
    assert fn.calls == []
    assert not journal.exists()


def test_a_result_that_cannot_be_kept_is_named_with_its_point():
    with pytest.raises(TypeError, match="return plain values") as failed:
        sweep(lambda x: object(), {"x": [7]}, progress=False)
    assert failed.value.__notes__ == ["sweep: at the point {'x': 7}"]
    with pytest.raises(ValueError, match="fn returns x = 8, where the grid has 7"):
        sweep(lambda x: {"x": 8}, {"x": [7]}, progress=False)


def test_progress_is_a_bar_that_counts_what_was_there_already(tmp_path, capsys):
    journal = tmp_path / "s.jsonl"
    sweep(Counted(), {"x": range(3)}, progress=False, save=journal)
    assert capsys.readouterr().err == ""
    sweep(Counted(), {"x": range(4)}, save=journal)
    assert "4/4" in capsys.readouterr().err
