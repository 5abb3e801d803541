"""Saved filters: the same after loading, and no hostile file does harm."""

import json

import pytest
import torch

from hdlib import BloomFilter, CountingBloomFilter, FileFormatError, files
from hdlib.sets import ScalableBloomFilter
from hdlib.sets.probes import KINDS

MAKERS = {
    **{kind: lambda kind=kind: BloomFilter(50, 0.02, kind=kind, seed=-3) for kind in KINDS},
    "sized": lambda: BloomFilter.with_size(100, 3, seed=2**70),
    "counting": lambda: CountingBloomFilter(50, 0.02, counter_bits=8, overflow="saturate"),
    "scalable": lambda: ScalableBloomFilter(5, 0.02, kind="distinct", seed=4),
}
KEYS = ["text", 7, -(2**63), "", "é😀", "\ud800", "\0", b"\xff", *range(20)]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "filter.safetensors"


@pytest.mark.parametrize("name", MAKERS)
def test_a_filter_comes_back(path, name):
    filled = MAKERS[name]().add(KEYS)
    filled.save(path)
    back = type(filled).load(path)
    assert repr(back) == repr(filled)
    assert (back.capacity, back.error_rate) == (filled.capacity, filled.error_rate)
    asked = torch.arange(3000)
    assert torch.equal(back.contains(asked), filled.contains(asked))
    assert back.contains(KEYS).all()
    back.add("more").save(path)
    assert "more" in type(filled).load(path)


def test_every_flipped_byte_is_noticed(path):
    BloomFilter.with_size(40, 2).add([1, 2, 3]).save(path)
    data = bytearray(path.read_bytes())
    assert len(data) < 600
    for i in range(len(data)):
        data[i] ^= 0x41
        path.write_bytes(data)
        with pytest.raises(FileFormatError):
            BloomFilter.load(path)
        data[i] ^= 0x41
    path.write_bytes(data)
    assert BloomFilter.load(path).contains([1, 2, 3]).all()


def test_every_truncated_file_is_noticed(path):
    CountingBloomFilter.with_size(20, 2).add([1, 2, 3]).save(path)
    data = path.read_bytes()
    for length in range(len(data)):
        path.write_bytes(data[:length])
        with pytest.raises(FileFormatError):
            CountingBloomFilter.load(path)


GOOD = {
    "bits": 100,
    "hashes": 3,
    "kind": "plain",
    "seed": 0,
    "capacity": 9,
    "error_rate": 0.01,
}
TABLE = torch.zeros(2, dtype=torch.int64)


@pytest.mark.parametrize(
    "changed",
    [
        {"bits": 0},
        {"bits": 200},
        {"bits": 10**15},
        {"bits": "100"},
        {"bits": True},
        {"hashes": 0},
        {"hashes": None},
        {"kind": "odd"},
        {"kind": "partitioned"},
        {"kind": ["plain"]},
        {"seed": 1.5},
        {"capacity": 0},
        {"error_rate": "low"},
        {"error_rate": float("nan")},
        {"counter_bits": 4},
        {"more": 1},
    ],
    ids=str,
)
def test_hostile_headers_are_refused(path, changed):
    files.save(path, "BloomFilter", GOOD, {"table": TABLE})
    assert BloomFilter.load(path).bits == 100
    files.save(path, "BloomFilter", GOOD | changed, {"table": TABLE})
    with pytest.raises(FileFormatError, match="is damaged"):
        BloomFilter.load(path)


@pytest.mark.parametrize("missing", GOOD)
def test_headers_that_lack_something_are_refused(path, missing):
    header = {name: value for name, value in GOOD.items() if name != missing}
    files.save(path, "BloomFilter", header, {"table": TABLE})
    with pytest.raises(FileFormatError, match="is damaged"):
        BloomFilter.load(path)


@pytest.mark.parametrize(
    "table",
    [TABLE[:1], TABLE.int(), TABLE[None], torch.full((2,), -1), torch.zeros(3, dtype=torch.int64)],
    ids=lambda t: f"{t.dtype} {tuple(t.shape)}",
)
def test_hostile_tables_are_refused(path, table):
    files.save(path, "BloomFilter", GOOD, {"table": table})
    with pytest.raises(FileFormatError, match="is damaged"):
        BloomFilter.load(path)


def test_hostile_scalable_filters_are_refused(path):
    for slices in ([], [1], None, [GOOD, GOOD]):
        header = {"capacity": 5, "error_rate": 0.01, "room": 1, "slices": slices}
        files.save(path, "ScalableBloomFilter", header, {"table0": TABLE})
        with pytest.raises(FileFormatError, match="is damaged"):
            ScalableBloomFilter.load(path)


def test_another_class_is_refused(path):
    BloomFilter(10).save(path)
    with pytest.raises(FileFormatError, match="holds a 'BloomFilter', not a 'CountingBloom"):
        CountingBloomFilter.load(path)


def test_the_header_is_json(path):
    BloomFilter(10).save(path)
    length = int.from_bytes(path.read_bytes()[:8], "little")
    header = json.loads(json.loads(path.read_bytes()[8 : 8 + length])["__metadata__"]["hdlib"])
    assert header["hashes"] == 6
