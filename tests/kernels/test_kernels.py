"""Every path of every kernel equals one slow, obvious oracle, bit for bit."""

import itertools
import math
import os
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hdlib import bits, kernels
from hdlib.kernels import bundles, cpu, elections, reference, team, warm
from hdlib.memory.items import places_of, scores_of

ROWS = [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 64, 127, 128, 129, 1000]
WIDTHS = [0, 1, 8, 31, 32, 33, 157]
SEED = 5
MINIMUM = -(2**63)


def rows_of(n, width, salt=0):
    return bits.words(salt, torch.arange(n), width)


# The oracle: one bit at a time, in numpy


def spread(rows):
    """Words to bits: ``(n, W) -> (n, 64 W)``."""
    octets = np.ascontiguousarray(rows.numpy()).view(np.uint8)
    return np.unpackbits(octets, axis=-1, bitorder="little").astype(np.int64)


def oracle_hamming(queries, items):
    a, b = spread(queries), spread(items)
    return torch.from_numpy((a @ (1 - b).T + (1 - a) @ b.T).astype(np.int32))


def oracle_mix(z):
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def oracle_majority(rows, offsets, index, seed):
    """Count, compare with half, and give ties to mix(mix(own ^ more) + same)."""
    width = rows.shape[1]
    own = bits.words(seed, torch.tensor(0), width).numpy().view(np.uint64)
    voters = spread(rows if index is None else rows[index])
    out = np.zeros((len(offsets) - 1, width), np.uint64)
    for s, (start, end) in enumerate(itertools.pairwise(offsets.tolist())):
        twice = 2 * voters[start:end].sum(0)
        pack = [
            np.packbits(v, bitorder="little") for v in (twice > end - start, twice == end - start)
        ]
        more, same = (v.view(np.uint64) for v in pack)
        out[s] = more | (same & oracle_mix(oracle_mix(own ^ more) + same))
    return torch.from_numpy(out.view(np.int64))


@pytest.fixture(params=["reference", "serial", "threads", "no door"])
def path(request, monkeypatch):
    """One of the implementations; five threads whatever the machine has, torch's or Python's."""
    if request.param == "reference":
        monkeypatch.setattr(reference, "CHUNK", 1000)
        return reference
    few = 1 << 62 if request.param == "serial" else 0
    for module, threshold in ((team, "PARALLEL"), (cpu, "SCANNED"), (bundles, "MANY")):
        monkeypatch.setattr(module, threshold, few)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 5)
    if request.param == "no door":
        monkeypatch.setattr(team, "team", lambda: None)
    return cpu


def check_majority(path, rows, offsets=None, index=None):
    offsets = torch.tensor([0, len(rows)]) if offsets is None else torch.tensor(offsets)
    index = None if index is None else torch.tensor(index, dtype=torch.int64)
    found = path.majority(rows, offsets, index, SEED)
    assert torch.equal(found, oracle_majority(rows, offsets, index, SEED))


# Majority


@pytest.mark.parametrize("width", WIDTHS)
def test_majority_of_any_number_of_rows(path, width):
    for n in ROWS:
        check_majority(path, rows_of(n, width))


def test_majority_of_bundles_wider_than_one_block(path):
    for width in (bundles.WIDE - 1, bundles.WIDE, bundles.WIDE + 1, 2 * bundles.WIDE + 5):
        for n in (2, 9, 30):
            check_majority(path, rows_of(n, width))


@pytest.mark.parametrize("n", [1, 2, 7, 8, 9, 64])
@pytest.mark.parametrize("word", [0, -1, MINIMUM, bits.ALTERNATING])
def test_majority_of_equal_rows_is_that_row(path, n, word):
    rows = torch.full((n, 9), word)
    check_majority(path, rows)
    assert torch.equal(path.majority(rows, torch.tensor([0, n]), None, SEED)[0], rows[0])


def test_majority_of_a_row_and_its_complement_is_all_ties(path):
    x = rows_of(5, 33)
    check_majority(path, torch.cat([x, ~x]))


def test_majority_of_every_count_of_ones(path):
    """Column c of n rows has c ones: each sum against each n."""
    for n in range(1, 64):
        columns = torch.arange(64)[None] < torch.arange(n)[:, None]
        check_majority(path, bits.pack(columns)[:, :1])


def test_majority_of_segments_of_every_length(path):
    offsets = [0, *itertools.accumulate(ROWS[:-1])]
    check_majority(path, rows_of(offsets[-1], 33), offsets)


@pytest.mark.parametrize("offsets", [[0], [5], [0, 0], [3, 3, 3], [0, 0, 4, 4, 9, 9], [2, 7]])
def test_majority_of_none_and_of_empty_segments(path, offsets):
    check_majority(path, rows_of(9, 33), offsets)


def test_an_index_picks_rows_in_any_order_and_again(path):
    rows = rows_of(40, 33)
    index = (bits.words(1, torch.tensor(0), 100) % 40).abs().tolist()
    check_majority(path, rows, [0, 9, 9, 50, 100], index)
    check_majority(path, rows, [0, 3], [39, 39, 0])
    check_majority(path, rows, [0, 0], [])
    check_majority(path, rows[:0], [0], [])


LAYOUTS = {
    "transposed": lambda: rows_of(33, 17).t(),
    "every second row": lambda: rows_of(33, 17)[::2],
    "every second word": lambda: rows_of(33, 17)[:, ::2],
    "middle": lambda: rows_of(33, 17)[3:20, 2:11],
    "expanded rows": lambda: rows_of(1, 17).expand(9, 17),
    "expanded words": lambda: rows_of(9, 1).expand(9, 17),
    "reversed": lambda: rows_of(33, 17).flip(0).t().flip(0),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_layout_of_memory(path, layout):
    x = LAYOUTS[layout]()
    check_majority(path, x)
    check_majority(path, x, [0, 4, 9], [8, 7, 0, 0, 1, 2, 3, 4, 5])
    assert torch.equal(path.hamming(x, x[1:]), oracle_hamming(x, x[1:]))


def test_offsets_and_index_in_any_layout(path):
    rows = rows_of(9, 8)
    offsets, index = torch.tensor([0, 99, 4, 99, 9])[::2], torch.arange(18)[::2] // 2
    expected = oracle_majority(rows, offsets.contiguous(), index, SEED)
    assert torch.equal(path.majority(rows, offsets, index, SEED), expected)


def test_read_only_memory_is_read(path):
    array = rows_of(9, 33).numpy()
    array.flags.writeable = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns of what one might write
        rows = torch.from_numpy(array)
    check_majority(path, rows)
    assert torch.equal(path.hamming(rows, rows), oracle_hamming(rows, rows))


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.data())
def test_every_path_is_the_oracle_on_random_segments(data):
    rows = rows_of(data.draw(st.integers(0, 40)), data.draw(st.integers(0, 20)), salt=3)
    picks = st.lists(st.integers(0, len(rows) - 1), max_size=60) if len(rows) else st.just([])
    index = torch.tensor(data.draw(picks), dtype=torch.int64)
    cuts = data.draw(st.lists(st.integers(0, len(index)), min_size=1, max_size=8).map(sorted))
    offsets = torch.tensor(cuts)
    expected = oracle_majority(rows, offsets, index, SEED)
    assert torch.equal(reference.majority(rows, offsets, index, SEED), expected)
    assert torch.equal(kernels.majority(rows, offsets, index, seed=SEED), expected)


def test_the_order_of_voters_does_not_matter_even_in_ties(path):
    rows, offsets = rows_of(10, 33), torch.tensor([0, 10])
    expected = path.majority(rows, offsets, None, SEED)
    order = rows_of(10, 1)[:, 0].argsort()
    assert torch.equal(path.majority(rows[order], offsets, None, SEED), expected)


# Hamming


@pytest.mark.parametrize("width", WIDTHS)
def test_hamming_of_any_numbers_of_rows(path, width):
    for q, n in [(0, 0), (0, 3), (3, 0), (1, 1), (2, 17), (65, 15), (7, 129), (130, 33)]:
        a, b = rows_of(q, width), rows_of(n, width, salt=1)
        found = path.hamming(a, b)
        assert found.dtype == torch.int32
        assert torch.equal(found, oracle_hamming(a, b))


def test_hamming_of_hostile_words(path):
    x = torch.tensor([[0, 0], [-1, -1], [MINIMUM, 2**63 - 1], [1, MINIMUM], [bits.ALTERNATING, 1]])
    assert torch.equal(path.hamming(x, x), oracle_hamming(x, x))


def test_hamming_and_majority_leave_their_inputs_alone(path):
    rows = rows_of(20, 33)
    before = rows.clone()
    path.hamming(rows, rows)
    path.majority(rows, torch.tensor([0, 7, 20]), None, SEED)
    assert torch.equal(rows, before)


def test_the_reference_keeps_its_temporaries_small(monkeypatch):
    sizes = []

    def popcount(x, real=bits.popcount):
        sizes.append(x.numel())
        return real(x)

    monkeypatch.setattr(bits, "popcount", popcount)
    for q, n, width in [(50, 3000, 157), (3000, 50, 8), (1, 200_000, 8), (2000, 1, 160)]:
        reference.hamming(rows_of(q, width), rows_of(n, width))
    assert max(sizes) <= reference.CHUNK


# Words


@pytest.mark.parametrize("n", [0, 1, 8, 33])
@pytest.mark.parametrize("count", [0, 1, 2, 17, 1000])
def test_words_of_every_path(path, count, n):
    ids = rows_of(count, 1, salt=2)[:, 0]
    assert torch.equal(path.words(-3, ids, n), bits.words(-3, ids, n))


@pytest.mark.parametrize("n", [0, 1, 8, 33])
@pytest.mark.parametrize("count", [0, 1, 2, 1000])
def test_digests_of_every_path(path, count, n):
    rows = rows_of(count, n, salt=4).to(torch.int32) & ~(1 << 23)  # no NaN
    hostile = torch.tensor([0.0, -0.0, math.inf, -math.inf, 1e-45, -1.0])
    rows[::2] = hostile.repeat(n)[:n].view(torch.int32)
    numbers, zero = rows.view(torch.float32), rows == -(2**31)
    rows = torch.where(zero, 0, rows)
    found = path.digest(numbers.t().contiguous().t())
    steps = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    words = rows.to(torch.int64).numpy().view(np.uint64)
    expected = oracle_mix(oracle_mix(words + steps).sum(-1, dtype=np.uint64))
    assert torch.equal(found, torch.from_numpy(expected.view(np.int64)))


@pytest.mark.parametrize("dim", [1, 63, 64, 512, 513, 1000])
def test_hamming_to_atoms_that_are_not_stored(path, dim):
    width = bits.word_count(dim)
    for q, n in [(0, 3), (3, 0), (1, 1), (5, 40)]:
        ids, queries = rows_of(n, 1, salt=2)[:, 0], rows_of(q, width)
        stored = bits.words(-3, ids, width) & bits.mask(dim)
        found = path.hamming_made(queries, -3, ids, dim)
        assert torch.equal(found, oracle_hamming(queries & bits.mask(dim), stored))


@pytest.mark.parametrize("dim", [0, 1, 63, 64, 65, 1000])
@pytest.mark.parametrize("count", [0, 1, 40])
def test_coins_are_the_signs_of_words(path, count, dim):
    ids = rows_of(count, 1, salt=2)
    ones = spread(bits.words(-3, ids, bits.word_count(dim)).flatten(0, 1))[:, :dim]
    found = path.coins(-3, ids, dim)
    assert found.dtype == torch.int8
    assert found.shape == (count, 1, dim)
    assert torch.equal(found[:, 0], torch.from_numpy(1 - 2 * ones).to(torch.int8))


# The best scores


@pytest.mark.parametrize("k", [1, 2, 3, 10, 64, 1000])
def test_the_best_scores_of_every_path(path, k):
    """Sorted by score, then by place: random scores, rising and falling ones, and many ties."""
    rising = torch.linspace(-1, 1, 700)
    drawn = (rows_of(5, 700) % 1000).to(torch.float32) / 1000
    ties = torch.tensor([0.0, -0.0, 1e-45, -1e-45, math.inf, -math.inf, 0.5]).repeat(100)
    scores = torch.stack([rising, rising.flip(0), *drawn, (4 * drawn[0]).round(), ties])
    for n in (1, 2, 9, 700):
        found = path.best(scores[:, -n:], 50, k)
        for row, keys in zip(scores.tolist(), found, strict=True):
            part = row[-n:]
            order = sorted(range(n), key=lambda i, part=part: (-part[i], i))[:k]
            assert places_of(keys).tolist() == [50 + i for i in order]
            assert scores_of(keys).tolist() == [part[i] for i in order]


def test_the_best_of_a_transposed_matrix(path):
    scores = torch.tensor([[0.1, 0.4], [0.3, 0.2]]).t()
    assert places_of(path.best(scores, 0, 1)).tolist() == [[1], [0]]


# Symbols, sums and moves


@pytest.mark.parametrize("width", [0, 1, 17, 65, 1000])
def test_dots_of_any_integers(path, width):
    for q, n, shift in [(0, 3, 0), (3, 0, 0), (1, 1, 48), (4, 65, 48), (4, 65, 56)]:
        a, b = (rows_of(q, width) >> shift).to(torch.int16), rows_of(n, width, 1).to(torch.int8)
        found = path.dots(a, b)
        assert found.dtype == torch.int32
        assert torch.equal(found.long(), a.long() @ b.long().T)


def test_dots_of_other_rows_are_refused():
    long, short = torch.zeros(2, 3, dtype=torch.int16), torch.zeros(2, 4, dtype=torch.int8)
    with pytest.raises(ValueError, match="dots: widths or devices differ"):
        kernels.dots(long, short)
    with pytest.raises(TypeError, match=r"items must be torch.int8"):
        kernels.dots(long, long)
    with pytest.raises(TypeError, match="coins: ids must be int64"):
        kernels.coins(0, torch.zeros(2), 8)


@pytest.mark.parametrize("width", [0, 1, 17, 1000])
def test_matches_of_any_numbers_of_rows(path, width):
    for q, n in [(0, 3), (3, 0), (1, 1), (4, 65)]:
        a, b = (rows_of(k, width, salt).to(torch.int16) % 3 for k, salt in ((q, 0), (n, 1)))
        found = path.matches(a, b)
        assert found.dtype == torch.int32
        assert torch.equal(found, (a[:, None] == b).sum(-1).to(torch.int32))


@pytest.mark.parametrize("dim", [0, 1, 63, 64, 65, 1000])
@pytest.mark.parametrize("n", [0, 1, 40])
def test_signs_are_packed_bits(path, dim, n):
    rows = 1 - 2 * (rows_of(n, dim) & 1).to(torch.int8)
    assert torch.equal(path.signs(rows), bits.pack(rows < 0))
    for value in (0, 2, -128):
        if n and dim:
            rows[-1, -1] = value
            assert path.signs(rows) is None


@pytest.mark.parametrize("width", [1, 63, 4097])
def test_tally_of_segments(path, width):
    rows = rows_of(600, width).to(torch.int8)
    index = torch.randint(600, (900,), generator=torch.Generator().manual_seed(0))
    for picked in (None, index):
        offsets = torch.tensor([0, 0, 1, 2, 300, 590, 600])
        voters = rows if picked is None else rows[picked]
        expected = [voters[a:b].to(torch.int64).sum(0) for a, b in itertools.pairwise(offsets)]
        found = path.tally(rows, offsets, picked)
        assert found.dtype == torch.int32
        assert torch.equal(found.to(torch.int64), torch.stack(expected))


@pytest.mark.parametrize("width", [1, 2047, 2048, 2049])
def test_tally_of_any_number_of_rows(path, width):
    """Rows are added four at a time, and so many that their sums fit 16 bits."""
    short = bundles.SHORT
    rows = torch.full((short + 9, width), -128, dtype=torch.int8)
    rows[::2, 1:] = 127
    sizes = [0, 1, 2, 3, 4, 5, 7, 8, short - 1, short, short + 1, short + 9]
    for picked in (None, torch.arange(len(rows)).flip(0)):
        for n in sizes:
            found = path.tally(rows, torch.tensor([len(rows) - n, len(rows)]), picked)
            voters = rows[len(rows) - n :] if picked is None else rows[:n]
            assert torch.equal(found[0].to(torch.int64), voters.to(torch.int64).sum(0))


@pytest.mark.parametrize("dim", [1, 2, 63, 64, 65, 127, 512, 513, 1000])
def test_rotating_bits_is_rolling_them(path, dim):
    rows = rows_of(40, bits.word_count(dim)) & bits.mask(dim)
    shift = torch.randint(dim, (40,), generator=torch.Generator().manual_seed(dim))
    shift[0], shift[1] = 0, dim - 1
    found = bits.unpack(path.rotate(rows, shift, dim), 64 * rows.shape[1])
    plain = bits.unpack(rows, dim)
    rolled = torch.stack([row.roll(int(s)) for row, s in zip(plain, shift, strict=True)])
    assert torch.equal(found[:, :dim], rolled)
    assert not found[:, dim:].any()


def test_rotating_rows_and_shifts_of_any_layout(path):
    rows, shift = rows_of(9, 16) & bits.mask(1000), torch.arange(0, 900, 100)
    expected = path.rotate(rows, shift, 1000)
    for layout in (rows.t().contiguous().t(), rows.repeat_interleave(2, 0)[::2]):
        assert torch.equal(path.rotate(layout, shift.repeat_interleave(2)[::2], 1000), expected)


@pytest.mark.parametrize("dim", [1, 63, 64, 65, 500, 512])
@pytest.mark.parametrize("n", [0, 1, 40])
def test_ones_beyond_the_last_bit_are_found(path, dim, n):
    clean = rows_of(n, 8) & bits.mask(dim)
    assert path.stray(clean, dim) is False
    for bit in (bit for bit in (dim, 64 * (dim // 64 + 1), 511) if dim <= bit < 512):
        rows = clean.clone()
        rows[n // 2 :, bit // 64] |= bits.signed(1 << bit % 64)
        assert path.stray(rows, dim) is (n > 0)


@pytest.mark.parametrize("kind", [torch.int8, torch.int16, torch.int32, torch.int64])
@pytest.mark.parametrize("shape", [(1,), (7,), (3, 5), (2, 3, 100), (3, 70_000)])
def test_ends_of_integers(path, kind, shape):
    info = torch.iinfo(kind)
    x = rows_of(math.prod(shape), 1).to(kind).view(shape)
    assert path.ends(x) == (int(x.min()), int(x.max()))
    for value in (info.min, info.max, 0):
        assert path.ends(torch.full(shape, value, dtype=kind)) == (value, value)


def test_ends_of_nothing_and_of_any_layout():
    x = rows_of(5, 7)
    assert kernels.ends(x[:0]) == (0, 0)
    for view in (x.t(), x[::2], x[:1].expand(9, 7)):
        assert kernels.ends(view) == (int(view.min()), int(view.max()))


@pytest.mark.parametrize("modulus", [2, 10, 1024, 2**15])
@pytest.mark.parametrize("n", [0, 1, 2, 33])
def test_symbols_are_halves_of_words(path, modulus, n):
    ids = rows_of(20, 1, salt=2)[:, 0].view(4, 5)
    found = path.symbols(-3, ids, n, modulus)
    halves = bits.words(-3, ids, 17).numpy().view(np.uint32)[..., :n].astype(np.uint64)
    assert found.dtype == torch.int16
    assert np.array_equal(found.numpy(), halves * np.uint64(modulus) >> np.uint64(32))


@pytest.mark.parametrize("dim", [1, 63, 64, 65, 600, 4097, 8192])
def test_the_signs_of_sums_are_the_majority_of_their_voters(path, dim):
    voters = (rows_of(20, dim) & 1).to(torch.int8)
    index = torch.tensor([3, 3, 8, 0, 19, 9])
    for picked, cuts in [(None, [0, 1, 3, 11, 20]), (index, [0, 2, 3, 6])]:
        offsets = torch.tensor(cuts)
        voted = path.majority(bits.pack(voters), offsets, picked, SEED)
        found = path.bipolar(1 - 2 * voters, offsets, picked, SEED)
        assert torch.equal(found, 1 - 2 * bits.unpack(voted, dim).to(torch.int8))


def test_the_signs_of_any_sums(path):
    rows = rows_of(700, 130).to(torch.int8)
    rows[:, :9] = -128
    rows[:, 9:20] = 127
    for offsets in (torch.tensor([0, 700]), torch.tensor([0, 1, 2, 300, 600])):
        found = path.bipolar(rows, offsets, None, SEED)
        sums = path.tally(rows, offsets, None)
        assert torch.equal(found, reference.sign(sums, SEED))
        assert torch.equal(found[sums != 0], sums.sign().to(torch.int8)[sums != 0])


def oracle_elect(rows, table, seed, each):
    """Count place by place; a tie falls to the leader that the seeded words favour."""
    dim, modulus = rows.shape[1], table.shape[1]
    counts = np.stack([(rows.numpy() == k).sum(0) for k in range(modulus)], -1)  # (D, r)
    votes = counts if not len(table) else counts @ (table.T @ table).numpy()
    leads = votes >= votes.max(-1, keepdims=True) - 1e-9
    content = bits.digest(bits.pack(torch.from_numpy(leads).flatten()))
    luck = bits.words(seed, content, dim * modulus).numpy().view(np.uint64) >> np.uint64(1)
    winners = []
    for d in range(dim):
        leaders = np.flatnonzero(leads[d])
        draws = luck.reshape(dim, modulus)[d, leaders]
        pick = draws.argmax() if each else luck[d] % np.uint64(len(leaders))
        winners.append(leaders[int(pick)])
    return torch.tensor(winners).to(torch.int16)


@pytest.mark.parametrize(
    ("phasors", "each"), [(False, False), (True, False), (False, True)], ids=["CGR", "MCR", "SBC"]
)
@pytest.mark.parametrize("modulus", [2, 3, 16, 64, 65, 130, 600])
def test_symbols_are_elected(path, modulus, phasors, each):
    turns = torch.arange(modulus, dtype=torch.float64) * (2 * math.pi / modulus)
    table = torch.stack([turns.cos(), turns.sin()])[: 2 if phasors else 0]
    index = torch.tensor([3, 3, 8, 0, 9, 9, 1])
    for dim, range_ in [(1, modulus), (50, modulus), (300, 2), (40, min(4, modulus))]:
        rows = (rows_of(10, dim, salt=modulus) % range_).abs().to(torch.int16)
        for picked, offsets in [(None, [0, 1, 3, 7, 10]), (index, [0, 2, 3, 7])]:
            voters = rows if picked is None else rows[picked]
            expected = [
                oracle_elect(voters[a:b], table, SEED, each) for a, b in itertools.pairwise(offsets)
            ]
            found = path.elect(rows, torch.tensor(offsets), picked, table, SEED, each)
            assert torch.equal(found, torch.stack(expected))


@pytest.mark.parametrize("each", [False, True])
@pytest.mark.parametrize("modulus", [3, 16, 100])
def test_few_voters_elect_as_many_do(path, modulus, each):
    """Few are compared with each other and many are counted; none leave every symbol ahead."""
    table = torch.empty(0, modulus, dtype=torch.float64)
    rows = (rows_of(elections.SIDES + 2, 3, salt=modulus) % modulus).abs().to(torch.int16)
    for n in (0, 1, 2, 3, elections.SIDES - 1, elections.SIDES, elections.SIDES + 1):
        found = path.elect(rows, torch.tensor([1, 1 + n]), None, table, SEED, each)
        assert torch.equal(found[0], oracle_elect(rows[1 : 1 + n], table, SEED, each))


def test_symbols_are_elected_at_many_places(path):
    rows = (rows_of(4, elections.LONG + 3) % 5).abs().to(torch.int16)
    table = torch.empty(0, 5, dtype=torch.float64)
    for each in (False, True):
        found = path.elect(rows, torch.tensor([0, 4]), None, table, SEED, each)
        assert torch.equal(found[0], oracle_elect(rows, table, SEED, each))


@settings(deadline=None, derandomize=True)
@given(st.integers(0, 2**63 - 1), st.integers(1, 2**16 - 1), st.integers(-1, 1))
def test_the_remainder_of_floats_is_exact(x, n, beside):
    near = max(0, x // n * n + beside)
    for number in (x, near, min(near + n, 2**63 - 1)):
        assert elections.remainder(np.uint64(number), np.uint64(n)) == number % n


@pytest.mark.parametrize("n", [1, elections.SIDES + 1])
def test_symbols_beyond_the_table_are_refused(path, n):
    table, offsets = torch.empty(0, 7, dtype=torch.float64), torch.tensor([1, 1 + n, 1 + 2 * n])
    for symbol in (-(2**15), -1, 7, 64, 2**15 - 1):
        for place in range(2 * n + 2):
            rows = torch.full((2 * n + 2, 70), 6, dtype=torch.int16)
            rows[place, 69] = symbol
            given = rows, offsets, None, table, SEED, False
            if 0 < place <= 2 * n:
                with pytest.raises(ValueError, match=r"elect: symbols must lie in 0\.\.6"):
                    path.elect(*given)
            else:  # it has no vote
                assert path.elect(*given).unique().tolist() == [6]
            with pytest.raises(ValueError, match=r"elect: symbols must lie in 0\.\.6"):
                kernels.elect(rows, torch.empty(0, 7))


@pytest.mark.parametrize("table", [torch.empty(7), torch.empty(0, 7, device="meta")])
def test_what_is_no_table_of_votes_is_refused(table):
    with pytest.raises(ValueError, match=r"elect: the table must be \(2, r\) or \(0, r\), on cpu"):
        kernels.elect(torch.zeros(3, 2, dtype=torch.int16), table)


@pytest.mark.parametrize("n", [0, 1, 5])
def test_without_offsets_all_are_one_segment(path, n):
    rows, table = rows_of(5, 9), torch.empty(0, 5, dtype=torch.float64)
    small, symbols = rows.to(torch.int8), (rows % 5).abs().to(torch.int16)
    for index in (None, torch.tensor([4, 0, 0, 2, 3])[:n]):
        for kernel, xs, more in [
            (path.majority, rows, (SEED,)),
            (path.tally, small, ()),
            (path.bipolar, small, (SEED,)),
            (path.elect, symbols, (table, SEED, False)),
        ]:
            some = xs[:n] if index is None else xs
            whole = kernel(some, torch.tensor([0, n]), index, *more)
            assert torch.equal(kernel(some, None, index, *more), whole[0])


@pytest.mark.parametrize("batch", [(), (0,), (3,), (2, 0, 2), (2, 3)])
@pytest.mark.parametrize("n", [1, 4])
def test_stacks_are_segments_of_one_size(batch, n):
    rows = rows_of(math.prod(batch) * n, 9).view(*batch, n, 9)
    offsets = torch.arange(math.prod(batch) + 1) * n
    small, symbols = rows.to(torch.int8), (rows % 5).abs().to(torch.int16)
    for kernel, xs in [
        (kernels.majority, rows),
        (kernels.tally, small),
        (kernels.bipolar, small),
        (lambda *given: kernels.elect(given[0], torch.empty(0, 5), *given[1:]), symbols),
    ]:
        expected = kernel(xs.reshape(-1, 9), offsets).view(*batch, 9)
        assert torch.equal(kernel(xs), expected)
        assert torch.equal(kernel(xs.mT.contiguous().mT), expected)


# Threads, forks and other circumstances


def test_many_threads_may_call_at_once(monkeypatch):
    monkeypatch.setattr(team, "PARALLEL", 0)
    monkeypatch.setattr(bundles, "MANY", 0)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    rows = rows_of(200, 40)
    offsets = torch.arange(0, 201, 10)
    distances = oracle_hamming(rows, rows)
    votes = oracle_majority(rows, offsets, None, SEED)

    def job(i):
        return (
            torch.equal(kernels.hamming(rows, rows), distances)
            and torch.equal(kernels.majority(rows, offsets, seed=SEED), votes)
            and torch.equal(kernels.words(0, torch.arange(200), 40), rows)
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(job, range(80)))


def test_much_work_is_shared_and_little_is_not(monkeypatch):
    shared = []

    class Pool:
        def map(self, call, *args):
            shared.append(len(args[0]))
            return map(call, *args)

    monkeypatch.setattr(team, "pool", Pool)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    kernels.hamming(rows_of(2, 8), rows_of(2, 8))
    assert shared == []
    kernels.hamming(
        torch.zeros(400, 160, dtype=torch.int64), torch.zeros(400, 160, dtype=torch.int64)
    )
    assert shared == [3]
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    kernels.hamming(
        torch.zeros(400, 160, dtype=torch.int64), torch.zeros(400, 160, dtype=torch.int64)
    )
    assert shared == [3]


FORK = """
import os, sys, torch
from hdlib import kernels
from hdlib.kernels import bindings, bundles, cpu, floats, team, totals
team.PARALLEL = cpu.SCANNED = bindings.MANY = bundles.MANY = floats.MANY = 0
totals.MANY = totals.MOST = 0
torch.get_num_threads = lambda: 4
x = torch.arange(640).reshape(80, 8)
y = x.float()

def work():
    return (
        kernels.hamming(x, x), kernels.hamming(x[:2], x), kernels.xor(x, x, 512)[0],
        kernels.roll(y, 3)[0], kernels.majority(x), kernels.tally(x.char()), kernels.total(y)[0],
        kernels.elect(x.short(), torch.empty(0, 640)),
    )

expected = work()
child = os.fork()
if not child:
    os._exit(0 if all(map(torch.equal, work(), expected)) else 1)
assert all(map(torch.equal, work(), expected))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_can_use_threads_too():
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    subprocess.run([sys.executable, "-c", FORK], env=env, check=True, timeout=60)


def test_another_default_device_changes_nothing():
    rows = rows_of(9, 8)
    expected = kernels.majority(rows), kernels.hamming(rows, rows), kernels.words(0, rows, 3)
    with torch.device("meta"):
        found = (
            kernels.majority(rows, torch.tensor([0, 9], device="cpu"))[0],
            kernels.hamming(rows, rows),
            kernels.words(0, rows, 3),
        )
    assert all(torch.equal(a, b) for a, b in zip(expected, found, strict=True))


def test_warming_up_compiles_every_kernel():
    assert warm.warm() >= 0


# Refusals, before any work

INTS = torch.zeros(3, 8, dtype=torch.int64)


@pytest.mark.parametrize(
    ("queries", "items", "error", "words"),
    [
        (INTS.int(), INTS, TypeError, "queries must be packed int64 words, got torch.int32"),
        (INTS, INTS.double(), TypeError, "items must be packed int64"),
        (INTS[0], INTS, ValueError, r"queries must be \(rows, words\), got \(8,\)"),
        (INTS, INTS[None], ValueError, "items must be"),
        (INTS, INTS[:, :7], ValueError, r"widths differ.*\(3, 8\).*\(3, 7\)"),
        (INTS, INTS.to("meta"), ValueError, "devices differ"),
    ],
)
def test_hamming_refuses(queries, items, error, words):
    with pytest.raises(error, match=words):
        kernels.hamming(queries, items)


def offsets_of(*values):
    return torch.tensor(values, dtype=torch.int64)


@pytest.mark.parametrize(
    ("rows", "offsets", "index", "error", "words"),
    [
        (INTS.int(), None, None, TypeError, "rows must be packed int64"),
        (INTS[0], None, None, ValueError, "rows must be"),
        (INTS, offsets_of(), None, ValueError, "at least one entry"),
        (INTS, offsets_of(0, 4), None, ValueError, r"offsets must lie in 0\.\.3"),
        (INTS, offsets_of(-1, 3), None, ValueError, r"offsets must lie in 0\.\.3"),
        (INTS, offsets_of(0, 2, 1), None, ValueError, "rising"),
        (INTS, offsets_of(0, 3).int(), None, TypeError, "offsets must be a 1-D int64"),
        (INTS, offsets_of(0, 3)[None], None, TypeError, "offsets must be a 1-D int64"),
        (INTS, offsets_of(0, 3).to("meta"), None, TypeError, "on cpu"),
        (INTS, None, offsets_of(0, 3), ValueError, r"index must lie in 0\.\.2"),
        (INTS, None, offsets_of(-1), ValueError, r"index must lie in 0\.\.2"),
        (INTS[:0], None, offsets_of(0), ValueError, "index must lie in"),
        (INTS, None, offsets_of(0).float(), TypeError, "index must be a 1-D int64"),
        (INTS, offsets_of(0, 3), offsets_of(0, 1), ValueError, r"offsets must lie in 0\.\.2"),
    ],
)
def test_majority_refuses(rows, offsets, index, error, words):
    with pytest.raises(error, match=words):
        kernels.majority(rows, offsets, index)


def test_words_refuses_ids_that_are_not_int64():
    with pytest.raises(TypeError, match="int64"):
        kernels.words(0, torch.zeros(2, dtype=torch.int32), 3)
