"""Keys become the same ids everywhere, whatever they come in."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hdlib import BloomFilter, bits
from hdlib.sets import keys
from hdlib.sets.probes import Probes

CPU = torch.device("cpu")
law = settings(deadline=None, derandomize=True, max_examples=60)
WORD = (1 << 64) - 1


def ids(batch, seed=0):
    return keys.ids(batch, seed, CPU)


def mixed(x):
    x = ((x ^ x >> 30) * 0xBF58476D1CE4E5B9) & WORD
    x = ((x ^ x >> 27) * 0x94D049BB133111EB) & WORD
    return x ^ x >> 31


def oracle(data, seed):
    """The hash of a byte string, in Python's own integers."""
    state = bits.root(bits.derive(seed, "text")) & WORD
    padded = data + bytes(8 - len(data) % 8)
    for i in range(0, len(padded), 8):
        state = mixed(state ^ int.from_bytes(padded[i : i + 8], "little"))
    return bits.signed(mixed((state + len(data) * bits.GAMMA) & WORD))


@law
@given(st.lists(st.binary(max_size=40)), st.integers(0, 2**70))
def test_bytes_have_the_hash_that_is_written_down(batch, seed):
    assert ids(batch, seed).tolist() == [oracle(data, seed) for data in batch]


@law
@given(st.lists(st.text(st.characters(), max_size=20)))
def test_texts_are_their_bytes(batch):
    raw = [text.encode("utf-8", "surrogatepass") for text in batch]
    assert ids(batch).tolist() == ids(raw).tolist()
    assert [ids(text).item() for text in batch] == ids(raw).tolist()


def test_texts_with_zeros_and_lone_surrogates_are_keys_too():
    batch = ["", "\0", "\0\0", "a\0", "a", "\ud800", "8 bytes!", "8 bytes!\0", "é" * 9]
    raw = [text.encode("utf-8", "surrogatepass") for text in batch]
    want = [oracle(data, 0) for data in raw]
    assert ids(batch).tolist() == ids(raw).tolist() == want
    assert len(set(want)) == len(want)
    plain = [text for text in batch if "\0" not in text]
    assert ids(plain).tolist() == [
        oracle(text.encode("utf-8", "surrogatepass"), 0) for text in plain
    ]


def test_long_batches_are_their_parts(monkeypatch):
    batch = [f"{i:x}" * (i % 7) for i in range(100)] + ["a\0b"] + [b"x", 5, 2**63] * 9
    whole = ids(batch)
    monkeypatch.setattr(keys, "PART", 8)
    assert torch.equal(ids(batch), whole)
    assert whole.tolist() == [ids(key).item() for key in batch]


NUMBERS = [0, 1, -1, 2**63 - 1, -(2**63), 12345]


def test_integers_are_their_own_ids():
    assert ids(NUMBERS).tolist() == NUMBERS
    assert ids(range(5)).tolist() == list(range(5))
    assert ids(torch.tensor(NUMBERS)).tolist() == NUMBERS
    assert ids(np.array(NUMBERS)).tolist() == NUMBERS
    assert ids(np.array(NUMBERS).astype(">i8")).tolist() == NUMBERS


@pytest.mark.parametrize("kind", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32"])
def test_the_type_of_an_integer_does_not_matter(kind):
    array = np.arange(100).astype(kind)
    assert ids(array).tolist() == list(range(100))
    assert ids(torch.from_numpy(array)).tolist() == list(range(100))
    assert ids(list(array)).tolist() == list(range(100))


def test_large_integers_have_one_id_in_every_form():
    large = [2**63, 2**64 - 1, 2**63 + 12345]
    array = np.array(large, np.uint64)
    want = [bits.signed(mixed(key)) for key in large]
    assert ids(large).tolist() == want
    assert ids(array).tolist() == ids(torch.from_numpy(array)).tolist() == want
    assert ids([*NUMBERS, *large]).tolist() == [*NUMBERS, *want]
    assert not set(want) & set(ids([key - 2**64 for key in large]).tolist())


def test_containers_do_not_matter():
    words = ["to", "be", "or"]
    want = ids(words).tolist()
    for batch in (
        tuple(words),
        iter(words),
        dict.fromkeys(words),
        np.array(words),
        np.array(words, object),
        np.array(words).astype("S"),
        np.array(words, np.dtypes.StringDType()),
        [np.str_(word) for word in words],
        [word.encode() for word in words],
        [*words[:1], words[1].encode(), words[2]],
    ):
        assert ids(batch).tolist() == want
    grid = np.array([words, words])
    assert ids(grid).tolist() == [want, want]
    assert ids(np.array("to")).tolist() == want[0] == ids(np.str_("to")).tolist()
    assert ids([torch.tensor(3), np.array(4), np.int8(5), 6]).tolist() == [3, 4, 5, 6]


def test_shapes_are_kept():
    assert ids(7).shape == ids("a").shape == ids(torch.tensor(7)).shape == ()
    assert ids([]).shape == ids(iter(())).shape == (0,)
    assert ids(torch.zeros(2, 3, dtype=torch.int64)).shape == (2, 3)
    assert ids(np.zeros((2, 0, 3), np.int16)).shape == (2, 0, 3)
    assert BloomFilter(10).contains(np.zeros((2, 3), np.int8)).shape == (2, 3)


@pytest.mark.parametrize(
    ("batch", "error", "words"),
    [
        (1.5, TypeError, r"got 1.5 \(float\)"),
        (None, TypeError, "got None"),
        (True, TypeError, "got True"),
        ([1, True], TypeError, r"True at \[1\] \(bool\)"),
        (["a", None], TypeError, r"None at \[1\]"),
        (["a", ["b"]], TypeError, r"\['b'\] at \[1\] \(list\)"),
        ([(1, 2)], TypeError, "tuple"),
        ([{}], TypeError, "dict"),
        (["a", torch.tensor(True)], TypeError, "bool"),
        (["a", torch.tensor([1, 2])], TypeError, "Tensor"),
        ([1.0, 2], TypeError, "1.0 at"),
        (torch.ones(2), TypeError, "torch.float32"),
        (torch.tensor([True]), TypeError, "torch.bool"),
        (np.ones(2), TypeError, "float64"),
        (np.array(["2020-01-01"], "M8[D]"), TypeError, "datetime64"),
        (np.array([1, None], object), TypeError, "None"),
        (2**64, ValueError, "does not fit 64 bits; give it as text"),
        ([1, -(2**63) - 1], ValueError, r"at \[1\] does not fit"),
    ],
)
def test_what_is_no_key_is_refused_and_changes_nothing(batch, error, words):
    filled = BloomFilter(10).add([1, 2])
    before = filled._table.clone()
    for verb in ("add", "contains"):
        with pytest.raises(error, match=words) as caught:
            getattr(filled, verb)(batch)
        assert str(caught.value).startswith(f"{verb}: ")
    assert torch.equal(filled._table, before)


def test_a_batch_is_no_single_key():
    with pytest.raises(TypeError, match=r"batch of keys; ask contains\(\)"):
        _ = [1, 2] in BloomFilter(10)


GOLDEN_KEYS = ["peso", "", "é😀", 0, -1, 2**63, b"\0\xff"]
GOLDEN_IDS = [
    806072425451517393,
    3859628352645763816,
    4041315456293318649,
    0,
    -1,
    2720858781877447050,
    -9029267097672494701,
]
GOLDEN_PLACES = {
    "plain": [510, 128, 770, 416, 601],
    "distinct": [508, 128, 769, 415, 601],
    "partitioned": [102, 225, 554, 683, 920],
}
GOLDEN_TABLE = [54043882731667968, 2310346641323065378]


@pytest.mark.claim("bloom-portable")
def test_ids_and_places_are_the_same_for_ever():
    assert ids(GOLDEN_KEYS, 7).tolist() == GOLDEN_IDS
    for kind, places in GOLDEN_PLACES.items():
        assert Probes(1000, 5, kind, 7).places(ids(["peso"], 7)).tolist() == [places]
    assert BloomFilter.with_size(128, 3, seed=7).add(GOLDEN_KEYS)._table.tolist() == GOLDEN_TABLE


def test_another_process_with_another_hash_seed_agrees():
    code = (
        "import hdlib; f = hdlib.BloomFilter(100, seed=3).add(['a', 'b', 7, b'c']);"
        "print(f._table.tolist())"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    env = {**env, "PYTHONHASHSEED": "1"}
    shown = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    here = BloomFilter(100, seed=3).add(["a", "b", 7, b"c"])
    assert shown.stdout.strip() == str(here._table.tolist())


def test_hashes_spread_evenly_and_flip_with_every_bit():
    """Texts that differ in one bit differ in half of the bits of their ids."""
    base = bytes(range(65, 65 + 24))
    flipped = [
        bytes(b ^ (1 << (bit % 8)) if i == bit // 8 else b for i, b in enumerate(base))
        for bit in range(8 * len(base))
    ]
    distance = bits.popcount(ids(flipped) ^ ids(base)).double()
    assert abs(distance.mean() - 32) < 5 * 4 / len(flipped) ** 0.5
    assert distance.min() > 10
    lines = [f"key {i}" for i in range(50_000)]
    assert len(ids(lines).unique()) == len(lines)
    ones = bits.unpack(ids(lines)[:, None], 64).double().mean(0)
    assert (ones - 0.5).abs().max() < 5 * 0.5 / len(lines) ** 0.5
