"""Bloom filters: laws, errors as often as theory says, and no key ever missed."""

import itertools
import math
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import hdlib
from hdlib import BloomFilter, CountingBloomFilter, bits, theory
from hdlib.sets import CapacityWarning, probes
from tests.vsa.spaces import pooled

KINDS = probes.KINDS
law = settings(deadline=None, derandomize=True, max_examples=30)
key = st.one_of(st.integers(-(2**63), 2**64 - 1), st.text(max_size=20), st.binary(max_size=20))
keys = st.lists(key, max_size=60)
shapes = st.tuples(
    st.integers(1, 40), st.integers(1, 9), st.sampled_from(KINDS), st.integers(0, 2**70)
)


def sized(shape, model=BloomFilter, **options):
    """A filter of 1 to 360 bits that fits the kind."""
    many, hashes, kind, seed = shape
    return model.with_size(many * hashes, hashes, kind=kind, seed=seed, **options)


def quietly(work):
    """The result, whatever the filter says of its capacity."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CapacityWarning)
        return work()


def numbers(first, many):
    return torch.arange(first, first + many)


@law
@given(shapes, keys)
def test_no_key_is_ever_missed(shape, members):
    filled = quietly(lambda: sized(shape).add(members))
    assert filled.contains(members).all()
    assert all(key in filled for key in members)


@law
@given(shapes, keys, keys)
def test_a_union_is_the_filter_of_all_keys(shape, first, second):
    def check():
        x, y = sized(shape).add(first), sized(shape).add(second)
        both = sized(shape).add(first + second)
        assert torch.equal((x | y)._table, both._table)
        assert (x | y).ones == both.ones == int(bits.popcount(both._table).sum())
        assert torch.equal((x | y)._table, (y | x)._table)
        assert torch.equal((x | x)._table, x._table)
        assert torch.equal(x.copy().add(first)._table, x._table)
        common = x & y
        assert common.contains([key for key in first if key in second]).all()
        assert common.ones == int(bits.popcount(common._table).sum())
        assert (common | x).ones == x.ones

    quietly(check)


@law
@given(shapes, keys)
def test_a_bundle_of_atoms_is_the_filter(shape, members):
    filled = quietly(lambda: sized(shape).add(members))
    vector, atoms = filled.to_hypervector(), filled.atoms(members)
    assert atoms.shape == (len(members), bits.word_count(filled.bits))
    covered = torch.zeros_like(vector)
    for atom in atoms:
        covered |= atom
    assert torch.equal(covered, vector)
    back = BloomFilter.from_hypervector(
        vector, filled.bits, filled.hashes, kind=filled.kind, seed=filled.seed
    )
    assert torch.equal(back._table, filled._table)
    assert back.ones == filled.ones


def test_distinct_filters_are_or_bundles_of_sparse_codes():
    filled = BloomFilter.with_size(1000, 30, kind="distinct").add(["a", "b", "c"])
    atoms = filled.atoms(["a", "b", "c"])
    assert isinstance(filled.space, hdlib.BSDC)
    assert filled.space.dense(atoms).sum(-1).tolist() == [filled.space.ones] * 3 == [30] * 3
    assert torch.equal(filled.space.bundle(atoms), filled.to_hypervector())


@pytest.mark.claim("bloom-rate")
def test_strangers_pass_as_often_as_the_exact_form_says():
    cells = [
        *itertools.product([(256, 25, 7), (128, 10, 4), (1000, 100, 3), (60, 30, 2)], KINDS),
        *itertools.product([(1024, 100, 7), (1024, 200, 7), (511, 40, 5), (240, 20, 8)], KINDS),
        *itertools.product([(3000, 300, 6), (90, 5, 10)], KINDS),
        ((5000, 400, 9), "plain"),
    ]
    zs = []
    for (m, n, k), kind in cells:
        m -= m % k if kind == "partitioned" else 0
        rates = []
        for seed in range(150):  # rates of one filter hang together: the error is over filters
            filled = quietly(
                lambda m=m, n=n, k=k, kind=kind, seed=seed: BloomFilter.with_size(
                    m, k, kind=kind, seed=seed
                ).add(numbers(0, n))
            )
            rates.append(filled.contains(numbers(10**6, 4000)).double().mean().item())
        want = theory.bloom_false_positive(n, bits=m, hashes=k, kind=kind)
        zs.append((np.mean(rates) - want) / (np.std(rates, ddof=1) / math.sqrt(len(rates))))
    assert len(zs) > 30
    pooled(zs)


def test_the_counting_filter_holds_what_the_plain_one_does():
    for kind in KINDS:
        plain = BloomFilter.with_size(700, 7, kind=kind).add(numbers(0, 60))
        counted = CountingBloomFilter.with_size(700, 7, kind=kind).add(numbers(0, 60))
        assert torch.equal(counted.to_bloom()._table, plain._table)
        assert counted.ones == plain.ones
        assert counted.false_positive_rate() == plain.false_positive_rate()
        asked = numbers(0, 3000)
        assert torch.equal(counted.contains(asked), plain.contains(asked))


# Capacity


def test_a_filter_says_when_it_holds_too_much():
    filled = BloomFilter(1000, 0.01).add(numbers(0, 1000))  # warnings are errors here
    filled.add(numbers(0, 1000))
    with pytest.warns(CapacityWarning, match="about [12],[09].. keys in a filter made for 1,000"):
        filled.add(numbers(1000, 1000))
    filled.add(numbers(1000, 900))  # said once
    with pytest.warns(CapacityWarning) as said:
        filled.add(numbers(2000, 1000))
    rate = filled.false_positive_rate()
    assert f"says yes to {rate:.3g} of all strangers instead of 0.01" in str(said[0].message)
    assert said[0].filename == __file__
    found = filled.contains(numbers(10**6, 20_000)).double().mean()
    assert found == pytest.approx(rate, abs=0.02)
    quietly(lambda: filled.add(numbers(0, 10**5)))
    assert filled.false_positive_rate() == 1
    filled.add(numbers(10**6, 10**5))  # nothing left to say


def test_where_warnings_are_errors_nothing_is_added():
    filled = BloomFilter(100, 0.01).add(numbers(0, 80))
    before, ones = filled._table.clone(), filled.ones
    with pytest.raises(CapacityWarning):
        filled.add(numbers(100, 500))
    assert torch.equal(filled._table, before)
    assert filled.ones == ones


def test_a_full_filter_seldom_warns():
    for seed in range(200):
        BloomFilter(50, 0.02, seed=seed).add(numbers(1000 * seed, 50))


# Sizes and readings


def test_a_filter_takes_its_bits_and_little_more():
    import sys

    filled = BloomFilter.with_size(10**9, 7).add(numbers(0, 10**5))
    size = filled.nbytes + sys.getsizeof(filled.__dict__)
    size += sum(sys.getsizeof(part) for part in filled.__dict__.values())
    assert filled.nbytes == 10**9 / 8
    assert size < 10**9 / 8 + 4096
    assert filled.contains(numbers(0, 10**5)).all()
    assert filled.ones == int(bits.popcount(filled._table).sum())


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_filter_says_of_itself(kind):
    filled = BloomFilter(2000, 0.01, kind=kind).add(numbers(0, 1500))
    assert filled.fill == filled.ones / filled.bits
    count = filled.estimated_count()
    assert abs(count.value - 1500) < 5 * count.stderr < 100
    assert float(count) == count.value
    shape = {"bits": filled.bits, "hashes": filled.hashes, "kind": kind}
    assert filled.false_positive_rate(1500) == theory.bloom_false_positive(1500, **shape)
    assert filled.false_positive_rate(2000) <= 0.01
    asked = numbers(10**6, 200_000)
    passed, rate = filled.contains(asked).double().mean().item(), filled.false_positive_rate()
    assert passed == pytest.approx(rate, abs=4 * math.sqrt(rate / len(asked)))
    empty = BloomFilter(10, kind=kind)
    assert empty.estimated_count() == (0, 0)
    assert empty.false_positive_rate() == empty.false_positive_rate(0) == 0
    assert not empty.contains(numbers(0, 100)).any()
    assert "about 0 of 10 keys" in repr(empty)


def test_slices_are_counted_one_by_one():
    filled = quietly(lambda: BloomFilter.with_size(70, 7, kind="partitioned").add(numbers(0, 8)))
    slices = bits.unpack(filled.to_hypervector(), 70).reshape(7, 10).double().mean(-1)
    assert filled.false_positive_rate() == pytest.approx(slices.prod().item(), rel=1e-12)


@pytest.mark.claim("bloom-intersection")
def test_intersections_and_jaccard_are_as_sure_as_they_say():
    common, similar = [], []
    cells = [
        (1024, 4, 50, 40, 20),
        (999, 8, 50, 40, 20),
        (900, 4, 60, 60, 0),
        (800, 5, 40, 40, 40),
    ]
    for (m, k, a, b, c), kind in itertools.product(cells, KINDS):
        m -= m % k
        for seed in range(40):
            x, y = (
                BloomFilter.with_size(m, k, kind=kind, seed=seed).add(numbers(first, many))
                for first, many in ((0, a), (a - c, b))
            )
            for zs, found, want in (
                (common, x.intersection_size(y), c),
                (similar, x.jaccard(y), c / (a + b - c)),
            ):
                if c < a:
                    zs.append((found.value - want) / found.stderr)
                else:  # equal sets: no error at all beyond that of the counts
                    assert x.jaccard(y).value == pytest.approx(1, abs=1e-12)
    for zs in (common, similar):
        together = sum(zs) / math.sqrt(len(zs))
        print(f"pooled z = {together:+.2f}, sd {np.std(zs):.3f} over {len(zs)} pairs")
        assert abs(together) < 4
        assert np.std(zs) == pytest.approx(1, abs=4 / math.sqrt(2 * len(zs)) + 0.02)


def test_the_and_of_disjoint_filters_is_not_empty():
    x, y = (
        BloomFilter.with_size(1024, 4, kind="distinct", seed=5).add(numbers(i, n))
        for i, n in ((0, 50), (100, 40))
    )
    expected = theory.bloom_overlap(50, 40, 0, bits=1024, hashes=4, kind="distinct")
    assert (x & y).ones == pytest.approx(expected, abs=15)
    assert abs(x.intersection_size(y).value) < 4


# Refusals


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: BloomFilter(0), ValueError, "capacity must be at least 1, got 0"),
        (lambda: BloomFilter(1.5), TypeError, "capacity must be a whole number"),
        (lambda: BloomFilter(10, 0.0), ValueError, "error_rate must lie between 0 and 1"),
        (lambda: BloomFilter(10, 1), ValueError, "error_rate must lie between"),
        (lambda: BloomFilter(10, float("nan")), ValueError, "error_rate must lie between"),
        (lambda: BloomFilter(10, "1%"), TypeError, "error_rate must be a number"),
        (lambda: BloomFilter(10, kind="odd"), ValueError, "kind must be one of 'plain'"),
        (lambda: BloomFilter(10, seed=1.5), TypeError, "seed must be a whole number"),
        (lambda: BloomFilter.with_size(0, 1), ValueError, "bits must be at least 1"),
        (lambda: BloomFilter.with_size(10, 0), ValueError, "hashes must be at least 1"),
        (lambda: BloomFilter.with_size(3, 4, kind="distinct"), ValueError, "do not fit 3 bits"),
        (
            lambda: BloomFilter.with_size(10, 4, kind="partitioned"),
            ValueError,
            "no multiple of 4 hashes; take 12",
        ),
        (lambda: BloomFilter(10) | BloomFilter(20), ValueError, r"\|: bits differs, 98 and 194"),
        (lambda: BloomFilter(10) & BloomFilter(10, seed=1), ValueError, "&: seed differs, 0 and 1"),
        (
            lambda: BloomFilter.with_size(70, 7) | BloomFilter.with_size(70, 7, kind="distinct"),
            ValueError,
            "kind differs",
        ),
        (lambda: BloomFilter(10) | CountingBloomFilter(10), TypeError, "unsupported operand"),
        (lambda: BloomFilter(10).jaccard({1}), TypeError, "a BloomFilter is needed, got set"),
        (lambda: BloomFilter(10).false_positive_rate(-1), ValueError, "n must be at least 0"),
        (
            lambda: BloomFilter.from_hypervector(torch.zeros(8), 100, 3),
            TypeError,
            "packed int64 vector is needed, got torch.float32",
        ),
        (
            lambda: BloomFilter.from_hypervector(torch.zeros(9, dtype=torch.int64), 100, 3),
            ValueError,
            r"100 bits are \(8,\) words, got \(9,\)",
        ),
        (
            lambda: BloomFilter.from_hypervector(torch.full((8,), -1), 100, 3),
            ValueError,
            "ones beyond its 100 bits",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_two_full_filters_have_no_intersection_to_tell():
    full = quietly(lambda: BloomFilter.with_size(8, 2).add(numbers(0, 100)))
    with pytest.raises(ValueError, match="together the filters are full"):
        full.intersection_size(full)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
@pytest.mark.parametrize("kind", KINDS)
def test_a_gpu_sets_and_finds_the_same_bits(kind):
    here, there = (
        BloomFilter(10_000, kind=kind, device=device).add(numbers(0, 9000))
        for device in ("cpu", "cuda")
    )
    assert torch.equal(here._table, there._table.cpu())
    asked = numbers(0, 50_000)
    assert torch.equal(here.contains(asked), there.contains(asked).cpu())
    counted, other = (
        CountingBloomFilter(10_000, kind=kind, device=device).add(numbers(0, 9000))
        for device in ("cpu", "cuda")
    )
    assert torch.equal(counted.counters, other.counters.cpu())
    assert torch.equal(
        counted.remove(numbers(0, 500)).counters, other.remove(numbers(0, 500)).counters.cpu()
    )
