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
