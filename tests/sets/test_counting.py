"""Counting filters: what is removed is gone, what is left is found, and nothing fails by halves."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hdlib import CountingBloomFilter, theory
from hdlib.sets.probes import KINDS
from tests.sets.test_bloom import keys, numbers
from tests.vsa.spaces import pooled

law = settings(deadline=None, derandomize=True, max_examples=30)
options = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "counter_bits": st.sampled_from([8, 16]),
        "overflow": st.sampled_from(["raise", "saturate"]),
    }
)


@law
@given(keys, keys, options)
def test_adding_then_removing_restores_every_counter(kept, passing, given_options):
    counted = CountingBloomFilter.with_size(600, 6, **given_options).add(kept)
    before = counted.counters
    counted.add(passing)
    assert counted.contains(kept).all()
    assert counted.contains(passing).all()
    assert counted.count == len(kept) + len(passing)
    counted.remove(list(reversed(passing)))
    assert torch.equal(counted.counters, before)
    assert counted.contains(kept).all()
    counted.remove(kept)
    assert counted.ones == counted.count == 0


def test_removing_what_is_not_there_is_refused_and_changes_nothing():
    for kind in KINDS:
        counted = CountingBloomFilter(100, 0.001, kind=kind).add(["a", "b", "b"])
        before = counted.counters
        for batch, number in (("c", 0), (["a", "c"], 1), (["a", "b", "a"], 2), (["b"] * 3, 2)):
            with pytest.raises(KeyError, match=f"key number {number} is not in the filter"):
                counted.remove(batch)
            assert torch.equal(counted.counters, before)
        assert counted.remove(["b", "a", "b"]).count == 0


def test_a_full_counter_is_refused_and_changes_nothing():
    for width in (4, 8):
        counted = CountingBloomFilter(100, counter_bits=width, kind="distinct")
        counted.add(["a"] * (2**width - 1)).add("b")
        before = counted.counters
        with pytest.raises(OverflowError, match="key number 1 is full at"):
            counted.add(["b", "a"])
        assert torch.equal(counted.counters, before)


def test_a_saturated_counter_never_forgets():
    counted = CountingBloomFilter(100, overflow="saturate", kind="distinct").add(["a"] * 40)
    assert counted.counts("a").tolist() == [15] * counted.hashes
    counted.remove(["a"] * 40)
    assert "a" in counted
    assert counted.counts("a").tolist() == [15] * counted.hashes


def test_what_is_left_after_removals_is_a_fresh_filter():
    members, passing = numbers(0, 60), numbers(100, 300)
    worn = CountingBloomFilter(100).add(members).add(passing).remove(passing)
    fresh = CountingBloomFilter(100).add(members)
    assert torch.equal(worn.counters, fresh.counters)
    assert worn.false_positive_rate() == fresh.false_positive_rate()
    assert torch.equal(worn.to_bloom()._table, fresh.to_bloom()._table)


def test_removing_a_stranger_can_lose_a_member():
    """What cannot be detected: a false positive is removed, and members go missing."""
    counted = CountingBloomFilter.with_size(64, 2).add(numbers(0, 20))
    strangers = numbers(100, 500)
    wrong = strangers[counted.contains(strangers)]
    assert len(wrong) > 20
    counted.remove(wrong[:1])
    assert not counted.contains(numbers(0, 20)).all()


def estimates(kind, m, k, a, b, c, trials):
    first, second = numbers(0, a), numbers(a - c, b)
    return [
        (
            CountingBloomFilter.with_size(m, k, kind=kind, seed=seed, counter_bits=8).add(first)
        ).intersection_size(
            CountingBloomFilter.with_size(m, k, kind=kind, seed=seed, counter_bits=8).add(second)
        )
        for seed in range(trials)
    ]


@pytest.mark.claim("counting-intersection")
def test_intersections_are_unbiased_and_as_sure_as_theory_says():
    zs, spreads = [], []
    cells = [(120, 4, 30, 20, 10), (240, 8, 25, 25, 25), (60, 2, 10, 10, 0), (60, 5, 12, 6, 3)]
    for (m, k, a, b, c), kind in itertools.product(cells, KINDS):
        found = estimates(kind, m, k, a, b, c, 120)
        values = np.array([e.value for e in found])
        sd = theory.counting_intersection_sd(a, b, c, bits=m, hashes=k, kind=kind)
        zs.append((values.mean() - c) / (sd / math.sqrt(len(values))))
        excess = ((values - c) / sd) ** 2
        spreads.append((excess.mean() - 1) / (excess.std(ddof=1) / math.sqrt(len(values))))
        assert np.mean([e.stderr for e in found]) == pytest.approx(sd, rel=0.15)
    pooled(zs)
    pooled(spreads)


def test_the_error_of_an_intersection_does_not_depend_on_the_hashes():
    sds = theory.counting_intersection_sd(50, 40, 20, bits=1025, hashes=[1, 4, 99], kind="distinct")
    assert sds == pytest.approx([1.518] * 3, abs=5e-4)


@pytest.mark.claim("autoscaling")
def test_thresholds_read_an_overfull_filter_as_theory_says():
    n, m, k = 600, 1200, 8
    false, true = [], []
    readings = [(0, 8), (2, 8), (3, 6), (4, 5), (5, 4)]
    for seed in range(60):
        counted = CountingBloomFilter.with_size(m, k, seed=seed, counter_bits=8).add(numbers(0, n))
        for out, asked in ((true, numbers(0, n)), (false, numbers(10**6, 2000))):
            counts = counted.counts(asked)
            for theta, accept in readings:
                found = counted.reads(asked, threshold=theta, accept=accept)
                assert torch.equal(found, (counts > theta).sum(-1) >= accept)
                out.append(found.double().mean().item())
    for out, place in ((false, 0), (true, 1)):
        found = np.array(out).reshape(60, len(readings))
        for i, (theta, accept) in enumerate(readings):
            want = theory.threshold_reading(n, bits=m, hashes=k, threshold=theta, accept=accept)
            # probes hang together a little through the fill: the form is approximate
            assert found[:, i].mean() == pytest.approx(float(want[place]), abs=0.012)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="counter_bits must be 4, 8 or 16, got 5"):
        CountingBloomFilter(10, counter_bits=5)
    with pytest.raises(ValueError, match='overflow must be "raise" or "saturate"'):
        CountingBloomFilter(10, overflow="wrap")
    one = CountingBloomFilter(10)
    with pytest.raises(TypeError, match="a CountingBloomFilter is needed, got BloomFilter"):
        one.intersection_size(one.to_bloom())
    for other in (
        CountingBloomFilter(20),
        CountingBloomFilter(10, seed=1),
        CountingBloomFilter(10, counter_bits=8),
    ):
        with pytest.raises(ValueError, match="differs"):
            one.intersection_size(other)
    tiny = CountingBloomFilter.with_size(1, 1)
    with pytest.raises(ValueError, match="tell nothing apart"):
        tiny.intersection_size(tiny)
