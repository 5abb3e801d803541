"""One test for every path to an answer: the reference, numba, Triton's interpreter and a GPU.

Triton decides when it is first imported whether its kernels are compiled or interpreted, so this
file runs once more in a process of its own, where the interpreter is the path.
"""

import importlib
import itertools
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from hdlib import BSC, bits, kernels
from hdlib.kernels import cpu, reference

ROOT = Path(__file__).parents[2]
INTERPRETED = os.environ.get("TRITON_INTERPRET") == "1"
SEED = 5
MINIMUM = -(2**63)

needs_triton = pytest.mark.skipif(find_spec("triton") is None, reason="Triton is made for Linux")
gpu = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no GPU"),
    pytest.mark.filterwarnings("ignore:TRITON_DEFAULT_FP_FUSION"),
]
HERE = ["interpreted"] if INTERPRETED else ["reference", "cpu", pytest.param("cuda", marks=gpu)]
POPC, TENSOR_CORES = 1 << 62, 1  # numbers of queries from which tensor cores take over
MEASURES = (
    [("interpreted", POPC), ("interpreted", TENSOR_CORES)]
    if INTERPRETED
    else [("reference", None), ("cpu", None)]
    + [pytest.param(("cuda", least), marks=gpu) for least in (POPC, TENSOR_CORES)]
)


class Way:
    """A module of kernels whose arguments go to its device, and whose answers come back."""

    def __init__(self, name):
        modules = {"reference": reference, "cpu": cpu}
        self.module = modules.get(name) or importlib.import_module("hdlib.kernels.cuda")
        self.device = torch.device("cuda" if name == "cuda" else "cpu")

    def __getattr__(self, verb):
        def call(*arguments, **named):
            there = (a.to(self.device) if isinstance(a, torch.Tensor) else a for a in arguments)
            found = getattr(self.module, verb)(*there, **named)
            assert all(f.device.type == self.device.type for f in found)
            return tuple(f.cpu() for f in found) if isinstance(found, tuple) else found.cpu()

        return call


@pytest.fixture(params=HERE)
def path(request):
    return Way(request.param)


@pytest.fixture(params=MEASURES)
def measure(request, monkeypatch):
    """A path to distances; Triton's two are tried for any number of queries."""
    name, least = request.param
    found = Way(name)
    if least is not None:
        monkeypatch.setattr(found.module, "DOT", least)
    return found


def rows_of(n, width, salt=0):
    return bits.words(salt, torch.arange(n), width)


# Words


@pytest.mark.parametrize(("count", "n"), [(0, 3), (1, 1), (3, 0), (2, 33), (70, 160), (1, 1057)])
def test_words_are_those_of_bits(path, count, n):
    ids = rows_of(count, 1, salt=2)[:, 0]
    for seed in (0, -3, 2**70):
        assert torch.equal(path.words(seed, ids, n), bits.words(seed, ids, n))


def test_words_of_any_ids_and_of_dull_increments(path):
    ids = torch.tensor([[0, -1, MINIMUM], [2**63 - 1, 2**32, -(2**31)]])
    assert torch.equal(path.words(1, ids.t(), 5), bits.words(1, ids.t(), 5))
    many = torch.arange(200)
    step = bits.mix(bits.streams(0, many)[0] + bits.GAMMA) | 1
    assert not torch.equal(step, bits.streams(0, many)[1])  # some were repaired
    assert torch.equal(path.words(0, many, 2), bits.words(0, many, 2))


# Hamming distances

SHAPES = [(0, 0, 8), (0, 3, 8), (3, 0, 8), (1, 1, 1), (2, 3, 0), (2, 17, 157), (5, 130, 8)]
SHAPES += [(40, 7, 33), (1, 65, 160), (33, 34, 1), (3, 1, 31), (129, 130, 2)]


@pytest.mark.parametrize(("queries", "items", "width"), SHAPES)
def test_hamming_of_any_shape(measure, queries, items, width):
    a, b = rows_of(queries, width), rows_of(items, width, salt=1)
    found = measure.hamming(a, b)
    assert found.dtype == torch.int32
    assert found.is_contiguous()
    counted = np.bitwise_count((a[:, None] ^ b).numpy().view(np.uint64)).sum(-1)
    assert (found.numpy() == counted).all()


def test_hamming_of_hostile_words_in_any_layout(measure):
    x = torch.tensor([[0, 0], [-1, -1], [MINIMUM, 2**63 - 1], [1, MINIMUM], [bits.ALTERNATING, 1]])
    assert torch.equal(measure.hamming(x, x), reference.hamming(x, x))
    far = measure.hamming(torch.zeros(1, 160, dtype=torch.int64), torch.full((2, 160), -1))
    assert far.tolist() == [[10_240, 10_240]]
    y = rows_of(12, 10)
    for a, b in [(y.t(), y.t()[::2]), (y[:, 1:6], y[::3, 5:]), (y[:1].expand(4, 10), y.flip(0))]:
        assert torch.equal(measure.hamming(a, b), reference.hamming(a, b))


# Majority


def check_majority(path, rows, offsets, index=None):
    offsets = torch.tensor(offsets)
    index = None if index is None else torch.tensor(index, dtype=torch.int64)
    for seed in (SEED, -1):
        found = path.majority(rows, offsets, index, seed)
        assert torch.equal(found, reference.majority(rows, offsets, index, seed))


@pytest.mark.parametrize("width", [0, 1, 157, 160])
def test_majority_of_segments_of_every_length(path, width):
    lengths = [0, 1, 2, 3, 0, 4, 5, 7, 8, 9, 16, 0]
    check_majority(path, rows_of(sum(lengths), width), [0, *itertools.accumulate(lengths)])


@pytest.mark.parametrize("offsets", [[0], [9], [0, 0], [3, 3, 3], [0, 0, 4, 4, 9, 9], [2, 7]])
def test_majority_of_none_and_of_empty_segments(path, offsets):
    check_majority(path, rows_of(9, 3), offsets)
    check_majority(path, rows_of(2, 3), offsets, [1, 0, 1, 1, 1, 0, 0, 1, 0])


def test_majority_of_no_rows(path):
    check_majority(path, rows_of(0, 3), [0, 0])
    check_majority(path, rows_of(0, 3), [0, 0, 0], [])
    check_majority(path, rows_of(5, 3), [0, 0], [])


@pytest.mark.parametrize("word", [0, -1, MINIMUM, bits.ALTERNATING])
def test_majority_of_equal_rows_and_of_ties(path, word):
    check_majority(path, torch.full((9, 3), word), [0, 1, 9])
    x = rows_of(5, 3)
    check_majority(path, torch.cat([x, ~x]), [0, 10])  # nothing but ties


def test_majority_of_every_count_of_ones(path):
    """Column c of n rows has c ones: each sum against each n."""
    lengths = list(range(1, 64, 4 if INTERPRETED else 1))
    columns = [torch.arange(64)[None] < torch.arange(n)[:, None] for n in lengths]
    rows = torch.cat([bits.pack(c)[:, :1] for c in columns])
    check_majority(path, rows, [0, *itertools.accumulate(lengths)])


def test_majority_of_one_long_segment_beside_short_ones(path):
    check_majority(path, rows_of(300, 2), [0, 3, 260, 300])


def test_majority_in_any_layout(path):
    rows = rows_of(20, 12)
    check_majority(path, rows.t(), [0, 5, 12])
    check_majority(path, rows[::2, 1::3], [0, 10], [9, 9, 0, 1, 2, 3, 4, 5, 6, 7])
    offsets, index = torch.tensor([0, 99, 4, 99, 9])[::2], torch.arange(18)[::2] // 2
    expected = reference.majority(rows, offsets, index, SEED)
    assert torch.equal(path.majority(rows, offsets, index, SEED), expected)


def test_nothing_given_is_changed(path):
    rows, offsets = rows_of(20, 3), torch.tensor([0, 7, 20])
    kept = rows.clone()
    path.hamming(rows, rows)
    path.majority(rows, offsets, None, SEED)
    path.words(SEED, rows, 2)
    assert torch.equal(rows, kept)
    assert offsets.tolist() == [0, 7, 20]


# Items that are made


@pytest.mark.parametrize(
    ("queries", "items", "dim"),
    [(0, 3, 500), (3, 0, 9), (1, 70, 500), (5, 9, 10_000), (40, 33, 65)],
)
def test_distances_to_items_that_are_made(measure, queries, items, dim):
    width = bits.word_count(dim)
    ids = rows_of(items, 1, salt=2)[:, 0]
    for q in (rows_of(queries, width, salt=3), rows_of(2 * width, queries, salt=3)[::2].t()):
        atoms = bits.words(SEED, ids, width)
        kept = (q[:, None] ^ atoms) & bits.mask(dim)
        found = measure.hamming_made(q, SEED, ids, dim)
        assert found.dtype == torch.int32
        assert (found.numpy() == np.bitwise_count(kept.numpy().view(np.uint64)).sum(-1)).all()
    hostile = torch.tensor([0, -1, MINIMUM, 2**63 - 1])
    atoms = BSC(dim, seed=SEED).atoms(hostile)
    assert measure.hamming_made(atoms, SEED, hostile, dim).diagonal().tolist() == [0] * 4


# Which kernel runs, and where


@pytest.mark.skipif(not INTERPRETED, reason="runs in the interpreter's process")
def test_tensor_cores_take_over_at_the_documented_number_of_queries(monkeypatch):
    cuda = Way("interpreted").module
    names = []
    monkeypatch.setattr(cuda, "launch", lambda kernel, *_, **__: names.append(kernel.fn.__name__))
    few, many, items = rows_of(cuda.DOT - 1, 8), rows_of(cuda.DOT, 8), rows_of(50, 8)
    for a, b in [(few, items), (many, items), (items, few), (items, many)]:
        cuda.hamming(a, b)
    assert names == ["hamming_kernel", "dot_kernel"] * 2
    monkeypatch.setattr(cuda, "LONG", 7)  # as if 64 times a distance were no int32 any more
    cuda.hamming(many, items)
    assert names[-1] == "hamming_kernel"


@pytest.mark.skipif(not INTERPRETED, reason="runs in the interpreter's process")
def test_sums_of_tensor_cores_stay_exact_up_to_their_limit():
    """64 times a distance of the longest rows, and twice its size on the way, are int32."""
    assert 64 * 64 * Way("interpreted").module.LONG <= 2**30


class Absent:
    """A finder that has no Triton."""

    @staticmethod
    def find_spec(name, *_):
        if name.split(".")[0] == "triton":
            raise ImportError("No module named 'triton'")


def test_a_gpu_without_triton_runs_the_reference_and_says_so(monkeypatch):
    for name in [
        n for n in sys.modules if n.split(".")[0] == "triton" or n == "hdlib.kernels.cuda"
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(kernels, "cuda", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Absent, *sys.meta_path])
    kernels.gpu.cache_clear()
    with pytest.warns(UserWarning, match="slow reference on cuda:7: No module named 'triton'"):
        assert kernels.path(torch.device("cuda:7")) is reference
    assert kernels.path(torch.device("cuda:7")) is reference  # warned once
    kernels.gpu.cache_clear()


@needs_triton
def test_every_path_has_every_kernel():
    elsewhere = {"normals", "product", "roll", "times", "total", "xor"}  # by torch
    for name in ("reference", "cpu", "cuda"):
        module = importlib.import_module(f"hdlib.kernels.{name}")
        verbs = [verb for verb in kernels.__all__ if not callable(getattr(module, verb, None))]
        assert set(verbs) <= elsewhere


def test_other_devices_run_the_reference():
    assert kernels.path(torch.device("cpu")) is cpu
    assert kernels.path(torch.device("meta")) is reference


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no GPU")
def test_a_gpu_runs_triton():
    assert kernels.path(torch.device("cuda:0")).__name__ == "hdlib.kernels.cuda"


# Triton without a GPU, in processes of their own


def environment(**more):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "TRITON_"))}
    return {**kept, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)]), **more}


@needs_triton
@pytest.mark.skipif(INTERPRETED, reason="this is that process")
def test_every_kernel_in_the_interpreter():
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(Path(__file__))]
    environ = environment(TRITON_INTERPRET="1")
    run = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
    assert int(run.stdout.split(" passed")[0].split()[-1]) > 50


TARGETS = {"89": ("IMMA", 99 * 1024), "90": ("IGMMA", 227 * 1024)}  # and bytes for a block


@pytest.mark.claim("one-instruction")
@needs_triton
@pytest.mark.skipif(INTERPRETED, reason="needs the compiler")
def test_machine_code_counts_bits_and_multiplies_matrices_in_one_instruction(tmp_path):
    script = Path(__file__).with_name("compile_cuda.py")
    command = [sys.executable, "-W", "error", str(script), *TARGETS]
    environ = environment(TRITON_CACHE_DIR=str(tmp_path))
    run = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-3000:]
    found = json.loads(run.stdout)
    for target, (product, room) in TARGETS.items():
        code = {name: facts["instructions"] for name, facts in found[target].items()}
        for name in ("hamming, 1 query", "hamming, 4 queries", "made, 1 query"):
            assert code[name]["POPC"] == 2 * 2048 // 128, "two for each word of each thread"
        for name in ("hamming, 1 query", "majority, picked"):
            assert code[name]["LDG.E.128"] > 1, "rows come 16 bytes at a time"
        assert code["hamming, 1,000 queries"][product] >= 16
        assert code["hamming, 1,000 queries"]["PRMT"] < 128, "bytes are masked where they stand"
        for name, facts in found[target].items():
            assert facts["stack"] == 0, f"{name}: registers spill"
            assert facts["shared"] <= room, name
