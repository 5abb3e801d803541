"""The random words: equal to an independent oracle, the same for ever, and random enough."""

import hashlib
import math
import os
import random
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import hdlib
from hdlib import bits
from hdlib.kernels import cpu

INT64 = st.integers(-(2**63), 2**63 - 1)
law = settings(deadline=None, derandomize=True, max_examples=50)
ALL = 2**64 - 1


# The published algorithm in Python's own integers, modulo 2^64


def oracle_mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & ALL
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & ALL
    return z ^ (z >> 31)


def oracle_streams(seed, id_):
    root = oracle_mix((seed + 0x9E3779B97F4A7C15) & ALL)
    start = oracle_mix((root + id_ * 0x9E3779B97F4A7C15) & ALL)
    step = oracle_mix((start + 0x9E3779B97F4A7C15) & ALL) | 1
    changes = (step ^ (step >> 1)).bit_count()
    return start, step ^ 0xAAAAAAAAAAAAAAAA if changes < 24 else step, changes < 24


def oracle(seed, id_, n):
    start, step, _ = oracle_streams(seed, id_)
    return [bits.signed(oracle_mix((start + w * step) & ALL)) for w in range(1, n + 1)]


def ids_of(*values):
    return torch.tensor(values, dtype=torch.int64)


# Golden values

GOLDEN_WORDS = [
    (0, 0, 0, -6412402454108568639),
    (0, 0, 1, -1545213578059685803),
    (0, 1, 0, 1950530531966082390),
    (1, 0, 0, -7080652842514407240),
    (-1, 0, 0, -8486953906447227160),
    (0, -1, 0, 1481256443962079214),
    (7, 3, 0, -7723228107095936148),
    (7, 3, 1, -3752464222525844834),
    (42, 123456789, 63, -7357936101064535697),
    (9223372036854775807, -9223372036854775808, 2, -5596824592347619528),
    (-9223372036854775808, 9223372036854775807, 2, 5820365230130280753),
    (18446744073709551616, 0, 0, -347345697517687082),
    (1000000000000000000000000000000, 5, 9, 2461689282253060696),
    (-1000000000000000000000000000000, 5, 9, 6198215432547881696),
]

GOLDEN_KEYS = [
    ("", -5426141060434712860),
    ("peso", -8438526778978475283),
    ("é", 3394012004367669963),
    ("\ud800", 7497787021708494914),
    ("a" * 1000, -2872773281867115233),
]

GOLDEN_ATOMS = {
    "MAPI": "1b9a3729f842da06",
    "MAPB": "1b9a3729f842da06",
    "BSC": "f269d733e7252338",
    "BSDC": "caac91a21edc6e31",
    "SBC": "f5c299ef3c63d0b6",
    "MCR": "93ab80960ebbb0ff",
    "CGR": "93ab80960ebbb0ff",
    "HRR": [-0.065, 0.032, 0.04, -0.091, -0.634],
    "FHRR": [-0.898, 0.439, -0.997, -0.083, -11.555],
    "VTB": [-0.065, 0.032, 0.04, -0.091, -0.634],
    "MBAT": [0.062, -0.062, 0.062, 0.062, -0.886],
}


def fingerprint(atoms):
    """A checksum of integers, rounded values of floats."""
    if atoms.is_floating_point() or atoms.is_complex():
        flat = torch.view_as_real(atoms).flatten() if atoms.is_complex() else atoms.flatten()
        ramp = torch.linspace(-1, 1, len(flat))  # takes in every value
        return [round(v, 3) for v in [*flat[:4].tolist(), (flat * ramp).sum().item()]]
    return hashlib.blake2b(atoms.numpy().tobytes(), digest_size=8).hexdigest()


@pytest.mark.claim("same-for-ever")
@pytest.mark.parametrize(("seed", "id_", "w", "value"), GOLDEN_WORDS)
def test_a_word_is_the_same_for_ever(seed, id_, w, value):
    assert bits.words(seed, ids_of(id_), w + 1)[0, w].item() == value


@pytest.mark.parametrize(("text", "value"), GOLDEN_KEYS)
def test_the_id_of_a_text_is_the_same_for_ever(text, value):
    assert bits.key(text) == value


@pytest.mark.parametrize("model", GOLDEN_ATOMS)
def test_the_atoms_of_a_model_are_the_same_for_ever(model):
    vsa = getattr(hdlib, model)(256, seed=42)
    expected = GOLDEN_ATOMS[model]
    found = fingerprint(vsa.atoms(["golden", 7, -7]))
    assert (
        found == expected if isinstance(expected, str) else np.allclose(found, expected, atol=2e-3)
    )


def test_uniforms_and_normals_are_the_same_for_ever():
    words = bits.words(1, ids_of(2), 2)
    expected = [0.3288963, 0.2041472, 0.5225061, 0.4721438]
    assert torch.allclose(bits.uniforms(words)[0], torch.tensor(expected), atol=1e-6)
    expected = [-0.84794, 1.56806, -1.2129, -0.17267]
    assert torch.allclose(bits.normals(words)[0], torch.tensor(expected), atol=1e-4)


# Equal to the algorithm


def test_the_mixer_is_that_of_the_published_splitmix64():
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    weyl = 1234567 + bits.GAMMA * torch.arange(1, 4)
    assert [x % 2**64 for x in bits.mix(weyl).tolist()] == published


@law
@given(INT64, st.lists(INT64, min_size=1, max_size=4), st.integers(0, 9))
def test_torch_numba_and_the_oracle_give_the_same_words(seed, ids, n):
    expected = [oracle(seed, id_, n) for id_ in ids]
    assert bits.words(seed, ids_of(*ids), n).tolist() == expected
    assert cpu.words(seed, ids_of(*ids), n).tolist() == expected


def test_dull_increments_are_repaired_alike_on_every_path():
    dull = [id_ for id_ in range(2000) if oracle_streams(3, id_)[2]]
    assert dull
    expected = [oracle(3, id_, 5) for id_ in dull]
    assert bits.words(3, ids_of(*dull), 5).tolist() == expected
    assert cpu.words(3, ids_of(*dull), 5).tolist() == expected


@law
@given(INT64, INT64, st.integers(0, 20), st.integers(0, 20))
def test_a_shorter_draw_is_a_prefix_of_a_longer_one(seed, id_, n, more):
    long = bits.words(seed, ids_of(id_), n + more)
    assert torch.equal(bits.words(seed, ids_of(id_), n), long[:, :n])


@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0), (2, 3)])
def test_words_keep_the_shape_of_the_ids(shape):
    ids = torch.arange(math.prod(shape)).reshape(shape)
    assert bits.words(0, ids, 5).shape == (*shape, 5)
    assert torch.equal(cpu.words(0, ids, 5), bits.words(0, ids, 5))


def test_ids_may_lie_anywhere_in_memory():
    ids = torch.arange(24).reshape(4, 6).t()[::2]
    assert torch.equal(cpu.words(0, ids, 5), bits.words(0, ids.contiguous(), 5))


@pytest.mark.parametrize("other", [2**64, -(2**64), 2**63, 10**40])
def test_a_seed_beyond_64_bits_is_no_other_seed(other):
    wrapped = bits.words(bits.signed(other), ids_of(5), 4)
    assert not torch.equal(bits.words(other, ids_of(5), 4), wrapped)
    assert torch.equal(bits.words(other, ids_of(5), 4), cpu.words(other, ids_of(5), 4))


def test_no_two_ids_seeds_or_purposes_share_a_stream():
    seeds = [0, 1, -1, 2**63 - 1, -(2**63), 2**64]
    seeds += [bits.derive(s, p) for s in (0, 1) for p in ("ties", "fresh", "mbat/permutation")]
    ids = torch.cat([torch.arange(-500, 500), 1 << torch.arange(10, 64), ids_of(2**63 - 1)])
    words = torch.stack([bits.words(seed, ids, 8) for seed in seeds])
    assert words.unique().numel() == words.numel()  # a shifted stream would repeat words, too


# Random enough: many cells, one bound on all of them together


def draw(seed, ids, n):
    """Words as signs, ``(ids, 64 n)``."""
    octets = bits.words(seed, ids, n).numpy().view(np.uint8)
    return 1.0 - 2.0 * np.unpackbits(octets, axis=-1, bitorder="little")


def assert_standard(z):
    """The cells are N(0, 1): their mean, their spread and their largest."""
    z = np.asarray(z, dtype=np.float64).ravel()
    assert abs(z.sum() / math.sqrt(z.size)) < 4.5
    assert abs(((z**2).sum() - z.size) / math.sqrt(2 * z.size)) < 4.5
    assert np.abs(z).max() < stats.norm.isf(1e-6 / z.size)


def test_ones_and_zeros_are_even():
    assert_standard([draw(seed, torch.arange(32), 32).sum() / 256 for seed in range(100)])


def test_every_bit_position_is_even():
    signs = np.concatenate([draw(seed, torch.arange(64), 64) for seed in range(20)])
    assert_standard(signs.reshape(-1, 64).sum(0) / math.sqrt(signs.size / 64))


def pairs(words):
    """Similarities of all pairs of rows, in standard deviations."""
    distances = cpu.hamming(words, words).numpy()
    dim = 64 * words.shape[-1]
    return ((1 - 2 * distances / dim) * math.sqrt(dim))[np.triu_indices(len(words), 1)]


SETS = {
    "consecutive ids": lambda: bits.words(5, torch.arange(500), 16),
    "consecutive seeds": lambda: torch.cat([bits.words(s, ids_of(3), 16) for s in range(500)]),
    "scattered ids": lambda: bits.words(5, bits.ids([str(i) for i in range(500)]), 16),
    "ids of one bit": lambda: bits.words(5, 1 << torch.arange(64), 16),
    "seeds and ids swapped": lambda: torch.cat(
        [bits.words(s, torch.arange(20), 16) for s in range(20)]
    ),
    "purposes": lambda: torch.cat(
        [bits.words(bits.derive(s, p), torch.arange(20), 16) for s in range(9) for p in "ab"]
    ),
}


@pytest.mark.claim("similarity-sd")
@pytest.mark.parametrize("name", SETS)
def test_similarities_of_pairs_have_mean_0_and_sd_of_1_over_root_dim(name):
    assert_standard(pairs(SETS[name]()))


def test_ids_that_differ_in_one_bit_are_unrelated():
    ids = bits.ids([str(i) for i in range(50)])
    near = ids[:, None] ^ (1 << torch.arange(64))
    products = draw(9, ids, 16)[:, None] * draw(9, near.flatten(), 16).reshape(50, 64, -1)
    assert_standard(products.sum(-1) / 32)


def test_a_stream_has_no_serial_correlation():
    signs = draw(11, torch.arange(200), 64)
    assert_standard(
        [
            (signs[:, :-lag] * signs[:, lag:]).sum() / math.sqrt(signs[:, lag:].size)
            for lag in [*range(1, 130), 192, 256, 512, 1024]
        ]
    )


def test_neighbouring_streams_are_not_shifts_of_each_other():
    signs = draw(12, torch.arange(300), 32).reshape(300, 32, 64)
    cells = []
    for lag in range(-16, 17):
        a = signs[:-1, max(0, -lag) : 32 - max(0, lag)]
        b = signs[1:, max(0, lag) : 32 - max(0, -lag)]
        cells.append((a * b).sum() / math.sqrt(a.size))
    assert_standard(cells)


def flips(one, other):
    """How often each output bit changed, in standard deviations: ``(n,), (n,) -> (64,)``."""
    changed = np.unpackbits(
        (one ^ other).contiguous().numpy().view(np.uint8).reshape(-1, 8), axis=1
    )
    return (changed.sum(0) - len(changed) / 2) / math.sqrt(len(changed) / 4)


IDS = bits.ids([f"avalanche {i}" for i in range(1500)])


def test_each_bit_of_the_seed_flips_each_output_bit_half_the_time():
    base = bits.words(77, IDS, 1)
    flipped = [bits.words(bits.signed(77 ^ (1 << b)), IDS, 1) for b in range(64)]
    assert_standard([flips(base, other) for other in flipped])


def test_each_bit_of_the_id_flips_each_output_bit_half_the_time():
    base = bits.words(77, IDS, 1)
    masks = [bits.signed(1 << b) for b in range(64)]
    assert_standard([flips(base, bits.words(77, IDS ^ m, 1)) for m in masks])


def test_each_bit_of_the_place_flips_each_output_bit_half_the_time():
    words = bits.words(77, IDS[:200], 1023)  # word w at column w - 1
    places = torch.arange(1, 512)
    cells = []
    for b in range(9):
        low = places[(places >> b & 1) == 0]
        cells.append(flips(words[:, low - 1], words[:, (low | 1 << b) - 1]))
    assert_standard(cells)


@pytest.mark.parametrize(("numbers", "law_"), [(bits.uniforms, "uniform"), (bits.normals, "norm")])
def test_numbers_follow_their_distribution(numbers, law_):
    p = [
        stats.kstest(
            numbers(bits.words(s, ids_of(1), 1000))[0].numpy(), law_, method="asymp"
        ).pvalue
        for s in range(200)
    ]
    assert stats.kstest(p, "uniform").pvalue > 1e-4


def test_uniforms_lie_in_0_to_1_without_1():
    hostile = torch.tensor([[0, -1, 2**63 - 1, -(2**63), 0xFFFFFFFF]])
    values = bits.uniforms(hostile)
    assert values.min() >= 0
    assert values.max() < 1


def test_normals_of_hostile_words_are_finite():
    hostile = torch.tensor(
        [[0, -1, 2**63 - 1, -(2**63), 0xFFFFFFFF, bits.signed(0xFFFFFFFF << 32)]]
    )
    assert bits.normals(hostile).isfinite().all()
    assert bits.normals(hostile).abs().max() < 7


# Bits and words

HOSTILE = [0, 1, -1, 2**63 - 1, -(2**63), 0x5555555555555555, bits.ALTERNATING, 1 << 32, -(1 << 32)]


def test_popcount_equals_pythons_for_hostile_patterns():
    values = HOSTILE + [bits.signed(1 << b) for b in range(64)]
    values += [bits.signed((1 << b) - 1) for b in range(65)]
    expected = [(v % 2**64).bit_count() for v in values]
    assert bits.popcount(torch.tensor(values)).tolist() == expected


@law
@given(st.lists(INT64, min_size=1, max_size=9))
def test_popcount_equals_pythons(values):
    expected = [(v % 2**64).bit_count() for v in values]
    assert bits.popcount(torch.tensor(values)).tolist() == expected


@law
@given(INT64, st.integers(1, 63))
def test_a_logical_shift_brings_in_zeros(value, k):
    assert bits.lsr(ids_of(value), k).item() == (value % 2**64) >> k


@pytest.mark.parametrize("dim", [0, 1, 63, 64, 65, 511, 512, 513, 10_000])
@pytest.mark.parametrize("batch", [(), (3,), (0,), (2, 3)])
def test_packing_is_undone_by_unpacking(dim, batch):
    x = draw(dim, torch.arange(math.prod(batch)), dim // 64 + 1)[:, :dim] > 0
    x = torch.from_numpy(x).reshape(*batch, dim)
    packed = bits.pack(x)
    assert packed.shape == (*batch, bits.word_count(dim))
    assert torch.equal(bits.unpack(packed, dim), x.to(torch.uint8))
    assert bits.popcount(packed).sum() == x.sum()  # the padding is zero


def test_packing_takes_any_layout_and_any_numbers():
    x = torch.from_numpy(draw(0, torch.arange(70), 2)[:, :100]).t()[::3]
    expected = bits.pack((x != 0).contiguous())
    assert torch.equal(bits.pack(x), expected)
    words = bits.words(0, torch.arange(16), 6).t()
    assert torch.equal(bits.unpack(words, 900), bits.unpack(words.contiguous(), 900))


def test_bit_i_stands_in_word_i_over_64_at_place_i_mod_64():
    for i in (0, 1, 63, 64, 100, 511, 512):
        x = torch.zeros(513, dtype=torch.bool)
        x[i] = True
        packed = bits.pack(x).tolist()
        assert packed[i // 64] % 2**64 == 1 << i % 64
        assert sum(map(bool, packed)) == 1


@pytest.mark.parametrize(("dim", "width"), [(0, 0), (1, 8), (512, 8), (513, 16), (10_000, 160)])
def test_rows_are_whole_groups_of_64_bytes(dim, width):
    assert bits.word_count(dim) == width
    assert bits.mask(dim).shape == (width,)
    assert int(bits.popcount(bits.mask(dim)).sum()) == dim


def test_halves_are_unsigned_and_the_low_one_comes_first():
    assert bits.halves(ids_of(-1, 1, -(2**63))).tolist() == [2**32 - 1] * 2 + [1, 0, 0, 2**31]


def test_a_digest_depends_on_values_order_and_length():
    rows = [[1, 2, 3], [1, 3, 2], [0, 0, 0], [0, 0], [0, 0, 1], [1, 0, 0], [-1, 0, 1]]
    digests = {bits.digest(ids_of(*row)).item() for row in rows}
    assert len(digests) == len(rows)
    assert bits.digest(torch.tensor(rows[0], dtype=torch.int8)).item() in digests


def test_two_votes_never_share_their_tie_breaks():
    more, same = bits.words(1, torch.arange(200), 16), bits.words(2, torch.arange(200), 16)
    assert_standard(pairs(bits.tie_words(0, more, same)))
    assert_standard(pairs(bits.tie_words(0, more, torch.full_like(more, -1))))
    assert_standard(pairs(bits.tie_words(0, torch.zeros_like(same), same)))


# Labels


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (7, 7),
        (-(2**63), -(2**63)),
        ([], []),
        ([1, -2], [1, -2]),
        ([[1, 2], [3, 4]], [[1, 2], [3, 4]]),
        (((1,), (2,)), [[1], [2]]),
        (range(3), [0, 1, 2]),
        ((i for i in (4, 5)), [4, 5]),
        (np.arange(3, dtype=np.uint8), [0, 1, 2]),
        ([np.int64(3), torch.tensor(4)], [3, 4]),
        (torch.tensor([[5]], dtype=torch.int16), [[5]]),
        ("peso", bits.key("peso")),
        (["peso", 7], [bits.key("peso"), 7]),
        (b"peso", bits.key("peso")),
        ({"a": 1}.keys(), [bits.key("a")]),
    ],
    ids=lambda case: type(case).__name__,
)
def test_labels_become_ids(labels, expected):
    found = bits.ids(labels)
    assert found.tolist() == expected
    assert found.dtype == torch.int64


@pytest.mark.parametrize(
    ("labels", "error", "words"),
    [
        (1.5, TypeError, "got 1.5 .float."),
        ([1, [2, 3.0]], TypeError, r"got 3.0 at \[1\]\[1\]"),
        (True, TypeError, "got True"),
        ([1, False], TypeError, r"got False at \[1\]"),
        (None, TypeError, "got None"),
        ({"a", "b"}, TypeError, "set"),
        (np.array([1.5]), TypeError, r"at \[0\]"),
        (torch.tensor([1.5]), TypeError, "float32 tensor"),
        (torch.tensor([True]), TypeError, "bool tensor"),
        ([torch.tensor([1.5])], TypeError, "float32 tensor"),
        (2**63, ValueError, "does not fit 64 bits"),
        ([0, -(2**63) - 1], ValueError, r"at \[1\] does not fit"),
        ([1, [2]], ValueError, "rectangular"),
        ([[1], 2], ValueError, "rectangular"),
        ([[1], [2, 3]], ValueError, "rectangular"),
        (["a", ["b"]], ValueError, "rectangular"),
    ],
    ids=lambda case: type(case).__name__,
)
def test_what_is_no_label_is_refused_by_name_and_place(labels, error, words):
    with pytest.raises(error, match=words):
        bits.ids(labels)


@law
@given(st.text(st.characters()), st.text(st.characters()))
def test_texts_have_one_id_each(one, other):
    assert (bits.key(one) == bits.key(other)) == (one == other)


def test_every_text_has_an_id():
    texts = ["", "\0", "peso", "Peso", "é", "e\u0301", "\ud800", "\udfff", "\ud83d\ude00", "😀"]
    assert len({bits.key(text) for text in texts}) == len(texts)


def test_a_text_has_the_same_id_in_every_process():
    code = "from hdlib import bits; print(bits.ids(['peso', 'é', '']).tolist())"
    for hash_seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": hash_seed}
        env["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
        run = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True)
        assert run.stdout.decode().strip() == str(bits.ids(["peso", "é", ""]).tolist())


def test_no_global_generator_is_touched():
    def states():
        return torch.get_rng_state().tolist(), repr(np.random.get_state()), random.getstate()

    before = states()
    for name in GOLDEN_ATOMS:
        vsa = getattr(hdlib, name)(256)
        x = vsa.random(4)
        vsa.bind(vsa.bundle(x), vsa.atoms("role"))
        hdlib.ItemMemory(vsa).add(range(4)).cleanup(x)
    assert states() == before
