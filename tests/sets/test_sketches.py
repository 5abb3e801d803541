"""Sketches: unbiased, as sure as theory says, and linear."""

import math

import numpy as np
import pytest
import torch

from hdlib import MAPI, theory
from hdlib.sets import BundleSketch, CountMin, CountSketch, ScalableBloomFilter
from tests.sets.test_bloom import numbers
from tests.vsa.spaces import pooled

SIGNED = {
    "rows": lambda seed: CountSketch(32, 4, seed=seed),
    "one row": lambda seed: CountSketch(128, 1, seed=seed),
    "bundle": lambda seed: BundleSketch(MAPI(128, seed=seed)),
}
FIRST = torch.arange(48) % 9  # frequencies of the keys 0 … 47
SECOND = FIRST.roll(4)


def made(name, seed, counts=FIRST):
    return SIGNED[name](seed).add(numbers(0, 48), counts)


@pytest.mark.claim("sketches")
@pytest.mark.parametrize("name", SIGNED)
def test_frequencies_and_products_are_as_sure_as_theory_says(name):
    f2, trials = float((FIRST**2).sum()), 250
    found = [made(name, seed) for seed in range(trials)]
    others = [made(name, seed, SECOND) for seed in range(trials)]
    freqs = np.array([s.frequency(numbers(0, 48)).value.numpy() for s in found])
    zs, spreads = [], []
    for key in (0, 8, 13, 30):
        f = int(FIRST[key])
        sd = theory.sketch_frequency_sd(f2, f, size=128)
        z = (freqs[:, key] - f) / sd
        zs.append(z.mean() * math.sqrt(trials))
        spreads.append(((z**2).mean() - 1) / ((z**2).std(ddof=1) / math.sqrt(trials)))
    inner = float(FIRST @ SECOND)
    fourth = float((FIRST**2) @ (SECOND**2))
    sd = theory.sketch_inner_sd(f2, f2, inner, fourth=fourth, size=128)
    z = np.array([(s.inner(o).value - inner) / sd for s, o in zip(found, others, strict=True)])
    zs.append(z.mean() * math.sqrt(trials))
    spreads.append(((z**2).mean() - 1) / ((z**2).std(ddof=1) / math.sqrt(trials)))
    zs.append((np.mean([s.second_moment for s in found]) - f2) / (sd / math.sqrt(trials)) / 2)
    pooled(zs)
    pooled(spreads)
    said = np.mean([s.frequency(3).error.item() for s in found])
    assert said == pytest.approx(theory.sketch_frequency_sd(f2, 3, size=128), rel=0.1)
    assert np.mean([s.inner(o).stderr for s, o in zip(found, others, strict=True)]) >= 0.9 * sd


def test_a_bundle_is_read_as_it_is():
    vsa = MAPI(1000)
    words = ["to", "be", "or", "not", "to", "be"]
    sketch = BundleSketch(vsa).add(words)
    bundle = vsa.bundle(vsa.atoms(words))
    assert torch.equal(sketch.counters, bundle.to(torch.int64))
    value = sketch.frequency(["to", "is"]).value
    want = (vsa.atoms(["to", "is"]).double() @ bundle.double()) / 1000
    assert torch.allclose(value, want)


def test_count_min_is_never_too_low_and_seldom_much_too_high():
    counts = torch.arange(1, 2001) % 17
    beyond = []
    for seed in range(5):
        sketch = CountMin(500, 4, seed=seed).add(numbers(0, 2000), counts)
        value, error = sketch.frequency(numbers(0, 2000))
        assert (value >= counts).all()
        assert error[0].item() == pytest.approx(math.e * int(counts.sum()) / 500)
        beyond.append((value - counts > error).double().mean().item())
    assert np.mean(beyond) <= math.exp(-4)
    other = CountMin(500, 4, seed=4).add(numbers(0, 2000), counts.flip(0))
    inner = sketch.inner(other)
    exact = int(counts @ counts.flip(0))
    assert exact <= inner.value <= exact + inner.stderr


@pytest.mark.parametrize(
    "make", [CountMin, CountSketch, lambda w, d: BundleSketch(MAPI(w))], ids=["min", "sign", "map"]
)
def test_sketches_add_up(make):
    first, second = numbers(0, 50), ["a", "b", "a"]
    parts = make(64, 3).add(first, 3) + make(64, 3).add(second)
    whole = make(64, 3).add(second).add(first).add(first, torch.full((50,), 2))
    assert torch.equal(parts.counters, whole.counters)
    assert parts.total == whole.total == 153
    one = make(64, 3).add("a").add(["b", "a"], [1, 0]).add([], 1)
    assert one.frequency(["a", "b"]).value.shape == (2,)
    assert one.total == 2


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: CountMin(8, 2).add("a", -1), ValueError, "counts must be at least 0, got -1"),
        (lambda: CountMin(8, 2).add("a", 1.5), TypeError, "counts must be whole numbers"),
        (lambda: CountMin(8, 2).add(["a"], [1, 2]), ValueError, "one for each key"),
        (lambda: CountMin(8, 2).add("a", 2**62), OverflowError, "does not fit"),
        (lambda: CountMin(0, 2), ValueError, "width must be at least 1"),
        (lambda: CountSketch(8, 2).inner(CountMin(8, 2)), TypeError, "CountSketch is needed"),
        (lambda: CountSketch(8, 2).inner(CountSketch(8, 3)), ValueError, "size, seed or device"),
        (lambda: CountSketch(8, 2) + CountSketch(8, 2, seed=1), ValueError, "size, seed or device"),
        (lambda: CountSketch(8, 2) + CountMin(8, 2), TypeError, "unsupported operand"),
        (lambda: BundleSketch("MAPI"), TypeError, "a MAPI space is needed, got str"),
    ],
)
def test_what_makes_no_sense_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


# Growing filters


@pytest.mark.claim("scalable")
def test_a_growing_filter_keeps_its_promise():
    members, rates = numbers(0, 6000), []
    for seed in range(30):
        seen = ScalableBloomFilter(100, 0.01, seed=seed)
        for part in members.split(700):
            seen.add(part)
        assert seen.contains(members).all()
        assert len(seen.slices) == 6
        count = seen.estimated_count()
        assert 5940 - 5 * count.stderr < count.value < 6000 + 5 * count.stderr < 6300
        passed = seen.contains(numbers(10**6, 20_000)).double().mean().item()
        assert seen.false_positive_rate() == pytest.approx(passed, abs=0.004)
        rates.append(seen.false_positive_rate())
    assert np.mean(rates) < 0.01 + 2 * np.std(rates) / math.sqrt(len(rates))


def test_known_keys_take_no_room():
    seen = ScalableBloomFilter(100)
    for _ in range(30):
        seen.add(numbers(0, 90))
    assert len(seen.slices) == 1
    assert 5 in seen
    assert seen.add("a").contains(["a", "b"]).tolist() == [True, False]
    assert seen.nbytes == sum(part.nbytes for part in seen.slices)
