"""Saved memories: the same after loading, and no hostile file does harm."""

import json

import pytest
import torch

import hdlib
from hdlib import FileFormatError, ItemMemory, files

SPACES = {
    "MAPI": lambda: hdlib.MAPI(64, seed=-3),
    "MAPB": lambda: hdlib.MAPB(65),
    "BSC": lambda: hdlib.BSC(100, seed=2**70),
    "BSDC": lambda: hdlib.BSDC(100),
    "BSDC dense": lambda: hdlib.BSDC(100, density=0.3),
    "BSDC count": lambda: hdlib.BSDC(100, bundles="count"),
    "SBC": lambda: hdlib.SBC(64, block=4),
    "HRR": lambda: hdlib.HRR(63),
    "FHRR": lambda: hdlib.FHRR(63),
    "VTB": lambda: hdlib.VTB(64),
    "MBAT": lambda: hdlib.MBAT(64),
    "MBAT orthogonal": lambda: hdlib.MBAT(64, kind="orthogonal"),
    "MBAT hadamard": lambda: hdlib.MBAT(64, kind="hadamard"),
    "MBAT gaussian": lambda: hdlib.MBAT(64, kind="gaussian"),
}
LABELS = ["text", 7, -(2**63), "7", "", "é😀", "\ud800", "\0", " line\nbreak "]


@pytest.fixture(params=SPACES)
def vsa(request):
    return SPACES[request.param]()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "memory.safetensors"


def check_same(one, other):
    assert repr(one) == repr(other)
    assert one.labels == other.labels
    assert [type(a) for a in one.labels] == [type(b) for b in other.labels]
    assert one.vectors().dtype == other.vectors().dtype
    assert torch.equal(one.vectors(), other.vectors())
    assert torch.equal(one.vsa.atoms(["new", 3]), other.vsa.atoms(["new", 3]))
    assert one.cleanup(one.vectors())[0] == other.cleanup(one.vectors())[0]


@pytest.mark.parametrize("stored", [True, False])
def test_a_memory_of_atoms_comes_back(vsa, path, stored):
    memory = ItemMemory(vsa, stored=stored).add(LABELS)
    memory.save(path)
    check_same(ItemMemory.load(path), memory)


def test_a_memory_of_given_vectors_comes_back(vsa, path):
    memory = ItemMemory(vsa).add(LABELS, vsa.random(len(LABELS)))
    memory.save(path)
    check_same(ItemMemory.load(path), memory)
    ItemMemory.load(path).add("more").save(path)
    assert ItemMemory.load(path).labels == [*LABELS, "more"]


@pytest.mark.parametrize("kind", [torch.int32, torch.int64, torch.float32, torch.float64])
def test_sums_come_back_in_their_own_type(path, kind):
    memory = ItemMemory(hdlib.MAPI(64)).add(["a"], torch.arange(64).to(kind)[None])
    memory.save(path)
    check_same(ItemMemory.load(path), memory)


def test_double_precision_comes_back(path):
    for vsa, kind in ((hdlib.HRR(64), torch.float64), (hdlib.FHRR(64), torch.complex128)):
        memory = ItemMemory(vsa).add(["a", "b"], vsa.random(2).to(kind) / 3)
        memory.save(path)
        check_same(ItemMemory.load(path), memory)


@pytest.mark.parametrize("stored", [True, False])
def test_an_empty_memory_comes_back(vsa, path, stored):
    ItemMemory(vsa, stored=stored).save(path)
    memory = ItemMemory.load(path)
    assert (memory.labels, memory.stored) == ([], stored)
    assert memory.add("a").cleanup(vsa.atoms("a"))[0] == "a"


def test_a_memory_is_loaded_onto_the_device_that_is_asked_for(path):
    ItemMemory(hdlib.BSC(100)).add("a").save(path)
    assert ItemMemory.load(path, device="cpu").vsa.device.type == "cpu"
    ItemMemory(hdlib.BSC(100), stored=False).add("a").save(path)
    assert ItemMemory.load(path, device="meta").vsa.device.type == "meta"


def test_saving_leaves_slack_out(path):
    memory = ItemMemory(hdlib.BSC(10_000))
    for i in range(33):  # room for 64
        memory.add(i)
    memory.save(path)
    assert path.stat().st_size < 40 * 1280


def test_another_file_of_hdlib_is_refused(path):
    files.save(path, "BloomFilter", {}, {})
    with pytest.raises(FileFormatError, match="holds a 'BloomFilter', not a 'ItemMemory'"):
        ItemMemory.load(path)


@pytest.mark.parametrize("stored", [True, False])
def test_any_flipped_byte_is_noticed_or_harmless(path, stored):
    memory = ItemMemory(hdlib.BSC(64), stored=stored).add(["a", 1])
    memory.save(path)
    data = path.read_bytes()
    for place in range(len(data)):
        damaged = bytearray(data)
        damaged[place] ^= 0x01
        path.write_bytes(damaged)
        try:
            found = ItemMemory.load(path)
        except FileFormatError:
            continue
        check_same(found, memory)


# Files with a right checksum and wrong content

GOOD = {"model": "BSC", "dim": 64, "seed": 0, "options": {}, "stored": True}
VECTORS = torch.zeros(2, 8, dtype=torch.int64)
HEADERS = {
    "dim too large": {"dim": 10**12},
    "dim beyond floats": {"dim": 10**400},
    "dim negative": {"dim": -64},
    "dim zero": {"dim": 0},
    "dim text": {"dim": "64"},
    "dim real": {"dim": 64.0},
    "dim true": {"dim": True},
    "dim null": {"dim": None},
    "seed text": {"seed": "0"},
    "seed real": {"seed": 0.5},
    "model unknown": {"model": "VSA"},
    "model list": {"model": ["BSC"]},
    "model null": {"model": None},
    "model of another type": {"model": "HRR"},
    "options null": {"options": None},
    "options list": {"options": [1]},
    "options unknown": {"options": {"x": 1}},
    "options device": {"options": {"device": "cuda"}},
    "options dim": {"options": {"dim": 3}},
    "density of another type": {"model": "BSDC", "options": {"density": "1"}},
    "density nan": {"model": "BSDC", "options": {"density": float("nan")}},
    "block huge": {"model": "SBC", "options": {"block": 10**30}},
    "kind list": {"model": "MBAT", "options": {"kind": ["x"]}},
    "not a square": {"model": "VTB", "dim": 65},
    "stored null": {"stored": None},
    "stored text": {"stored": "yes"},
    "stored false, with vectors": {"stored": False},
}


def write(path, header=(), labels=("a", "b"), vectors=VECTORS, **more):
    content = {"labels": labels if isinstance(labels, torch.Tensor) else files.text_tensor(labels)}
    if vectors is not None:
        content["vectors"] = vectors
    files.save(path, "ItemMemory", {**GOOD, **dict(header)}, {**content, **more})


def octets(data):
    return torch.tensor(list(data), dtype=torch.uint8)


def refused(path):
    with pytest.raises(FileFormatError, match=r"memory\.safetensors.*damaged"):
        ItemMemory.load(path)


def test_the_model_of_the_hostile_files_is_good(path):
    write(path)
    assert ItemMemory.load(path).labels == ["a", "b"]


@pytest.mark.parametrize("case", HEADERS)
def test_a_hostile_header_is_refused(path, case):
    write(path, HEADERS[case])
    refused(path)


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_missing_entry_is_refused(path, name):
    header = {k: v for k, v in GOOD.items() if k != name}
    files.save(path, "ItemMemory", header, {"labels": files.text_tensor([]), "vectors": VECTORS})
    refused(path)


@pytest.mark.parametrize(
    "labels",
    [
        None,
        {},
        "ab",
        3,
        ["a"],
        ["a", "a"],
        ["a", None],
        ["a", True],
        ["a", 1.5],
        ["a", ["b"]],
        ["a"] * 9,
        list(range(100_000)),
        torch.zeros(2, 8),
        octets(b"\xff\xfe"),
        octets(b""),
        octets(b"[" * 100_000),
        octets(b"[" + b"9" * 10_000 + b"]"),
    ],
    ids=lambda labels: str(labels)[:20],
)
def test_hostile_labels_are_refused(path, labels):
    write(path, labels=labels)
    refused(path)


@pytest.mark.parametrize(
    "vectors",
    [
        None,
        VECTORS[:1],
        VECTORS[:, :7],
        VECTORS[0],
        VECTORS[None],
        torch.tensor(0),
        VECTORS.int(),
        VECTORS.double(),
        VECTORS.bool(),
        VECTORS.to(torch.complex64),
        torch.zeros(2, 0, dtype=torch.int64),
    ],
    ids=lambda v: "none" if v is None else f"{v.dtype} {tuple(v.shape)}",
)
def test_hostile_vectors_are_refused(path, vectors):
    write(path, vectors=vectors)
    refused(path)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_vectors_that_are_no_numbers_are_refused(path, value):
    write(path, {"model": "HRR"}, vectors=torch.full((2, 64), value))
    refused(path)


def test_a_file_without_labels_is_refused(path):
    files.save(path, "ItemMemory", GOOD, {"vectors": VECTORS})
    refused(path)


def test_a_huge_dim_reserves_no_memory_before_it_is_refused(path):
    for model in hdlib.MODELS:
        write(path, {"model": model, "dim": 10**12, "options": {}})
        refused(path)


def test_a_large_header_is_json(path):
    memory = ItemMemory(hdlib.BSC(64), stored=False).add([f"label {i}" for i in range(20_000)])
    memory.save(path)
    length = int.from_bytes(path.read_bytes()[:8], "little")
    assert length < 2000  # labels live in a tensor: a header of any length would have to fit 100 MB
    json.loads(path.read_bytes()[8 : 8 + length])
    assert ItemMemory.load(path).labels == memory.labels
