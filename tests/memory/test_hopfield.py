"""Hopfield networks: MAP-I on pairs, exactly; errors and recall as theory says."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hdlib import BSC, MAPB, MAPI, FileFormatError
from hdlib.memory import Hopfield, pair_products
from tests.vsa.spaces import law, pooled

KINDS = [(False, False), (False, True), (True, False), (True, True)]


def outer_products(memory, patterns):
    """W by the plain loop."""
    d = memory.vsa.dim
    weights = np.zeros((d, d), dtype=np.int64)
    for a, sign in zip(patterns.numpy().astype(np.int64), memory.signs(patterns), strict=True):
        weights += int(sign) * np.outer(a, a)
    if not memory.diagonal:
        np.fill_diagonal(weights, 0)
    return weights


@pytest.mark.parametrize(("signed", "diagonal"), KINDS)
def test_weights_and_scores_equal_the_plain_loop(signed, diagonal):
    vsa = MAPB(37, seed=3)
    patterns, query = vsa.random(9), vsa.random(4)
    memory = Hopfield(vsa, signed=signed, diagonal=diagonal).add(patterns[0]).add(patterns[1:])
    weights = outer_products(memory, patterns)
    np.testing.assert_array_equal(memory.weights.numpy(), weights)
    for x in [*patterns, *query]:
        assert memory.scores(x) == int(x.numpy().astype(np.int64) @ weights @ x.numpy())
    assert memory.scores(patterns.view(3, 3, -1)).shape == (3, 3)


@pytest.mark.claim("hopfield-pairs")
@law
@given(st.integers(2, 40), st.integers(1, 30), st.integers(0, 2**70))
def test_a_hopfield_network_is_map_i_on_pair_products(dim, n, seed):
    vsa = MAPI(dim, seed=seed)
    patterns, queries = vsa.random(n), torch.cat([vsa.random(3), vsa.atoms(["x"])])
    queries = torch.cat([queries, patterns[:1]])
    memory = Hopfield(vsa).add(patterns)
    pairs = MAPI(dim * (dim - 1) // 2)  # only its verbs are used, on vectors of pair products
    bundle, tested = pairs.bundle(pair_products(patterns)), pair_products(queries)
    upper = torch.triu_indices(dim, dim, 1)
    assert torch.equal(memory.weights[upper[0], upper[1]], bundle)
    dots = (bundle.to(torch.int64) * tested).sum(-1)
    assert torch.equal(memory.scores(queries), 2 * dots)
    lengths = float(memory.weights.double().norm()) * math.sqrt(dim * (dim - 1))
    if lengths:
        cosines = memory.scores(queries) / lengths
        torch.testing.assert_close(
            cosines.float(), pairs.similarity(tested, bundle), atol=1e-5, rtol=0
        )


@pytest.mark.parametrize(("signed", "diagonal"), KINDS)
def test_what_is_removed_was_never_there(signed, diagonal):
    vsa = MAPB(50)
    patterns = vsa.random(8)
    memory = Hopfield(vsa, signed=signed, diagonal=diagonal).add(patterns)
    memory.remove(patterns[3:]).remove(patterns[:1])
    want = Hopfield(vsa, signed=signed, diagonal=diagonal).add(patterns[1:3])
    assert torch.equal(memory.weights, want.weights)
    assert len(memory) == 2
    with pytest.raises(ValueError, match="remove only what was added"):
        memory.remove(patterns[:3])
    assert torch.equal(memory.weights, want.weights)


def squares(dim):
    """The distribution of R², R a walk of ``dim`` steps: values and probabilities."""
    walk = 2 * np.arange(dim + 1) - dim
    return walk.astype(np.int64) ** 2, stats.binom.pmf(np.arange(dim + 1), dim, 0.5)


def sums_of_squares(dim, n, signed=False):
    """The exact law of Σ σ R² over n patterns: its least value, and probabilities from there."""
    values, mass = squares(dim)
    step = np.zeros(2 * dim * dim + 1)
    for sign, share in ((1, 0.5), (-1, 0.5)) if signed else ((1, 1.0),):
        np.add.at(step, dim * dim + sign * values, share * mass)
    size = 1 << (2 * dim * dim * max(1, n)).bit_length()
    whole = np.fft.irfft(np.fft.rfft(step, size) ** n, size)[: 2 * n * dim * dim + 1]
    return -n * dim * dim, np.maximum(whole, 0)


def errors(dim, n, signed, diagonal):
    """Exact probabilities of a false positive and a false negative, by convolution."""
    rates = []
    for members, member in ((n, False), (n - 1, True)):
        offset, mass = sums_of_squares(dim, members, signed)
        scores = offset + np.arange(len(mass)) + (dim * dim if member else 0)
        if not diagonal:
            scores = scores - n * dim  # unsigned only: the diagonal is known
        threshold = dim * (dim - 1) / 2
        if diagonal:
            threshold = dim * dim / 2 if signed else n * dim + threshold
        hit = (np.abs(scores) if signed else scores) >= threshold
        rates.append(mass[~hit].sum() if member else mass[hit].sum())
    return rates


@pytest.mark.claim("hopfield-errors")
def test_errors_are_those_of_sums_of_squared_walks():
    fp, fn = errors(64, 100, False, False)
    assert fp == pytest.approx(0.0183, abs=5e-5)
    assert fn == pytest.approx(0.0062, abs=5e-5)
    assert errors(64, 100, True, True)[0] == pytest.approx(0.0640, abs=5e-5)
    zs = []
    for dim, n, signed in itertools.product((16, 24, 33), (6, 20, 45), (False, True)):
        diagonal = signed  # the law of the signed network without its diagonal is another
        fp, fn = errors(dim, n, signed, diagonal)
        found = []
        for seed in range(40):
            vsa = MAPB(dim, seed=1000 * dim + n + 7 * seed)
            members, others = vsa.random(n), vsa.random(40)
            memory = Hopfield(vsa, signed=signed, diagonal=diagonal).add(members)
            found.append(
                [
                    float(memory.contains(others).double().mean()),
                    1 - float(memory.contains(members).double().mean()),
                ]
            )
        rates = np.array(found)
        for want, mean, sd in zip((fp, fn), rates.mean(0), rates.std(0, ddof=1), strict=True):
            if sd > 0 and 0.01 < want < 0.99:
                zs.append((mean - want) / (sd / math.sqrt(len(rates))))
    assert len(zs) > 25
    pooled(zs)


def flip(dim, n):
    """P(a bit of a stored pattern flips in one step), zero diagonal, fair ties. Exact."""
    steps = (n - 1) * (dim - 1)
    walk = stats.binom(steps, 0.5)
    low = (steps - (dim - 1)) / 2  # D - 1 + 2 Bin - steps < 0
    tie = walk.pmf(low) if low == int(low) else 0.0
    return float(walk.cdf(math.ceil(low) - 1) + tie / 2)


@pytest.mark.claim("hopfield-recall")
def test_one_step_of_recall_flips_as_many_bits_as_theory_says():
    assert flip(64, 100) == pytest.approx(0.2125, abs=5e-5)
    zs = []
    for dim, n in itertools.product((20, 41, 64), (10, 20, 40)):
        flips = []
        for seed in range(50):
            vsa = MAPB(dim, seed=100 * dim + n + 13 * seed)
            patterns = vsa.random(n)
            memory = Hopfield(vsa).add(patterns)
            flips.append(float((memory.recall(patterns) != patterns).double().mean()))
        se = np.std(flips, ddof=1) / math.sqrt(len(flips))
        zs.append((np.mean(flips) - flip(dim, n)) / se)
    pooled(zs)


@pytest.mark.parametrize("signed", [False, True])
def test_a_damaged_pattern_comes_back_and_stays(signed):
    vsa = MAPB(200)
    patterns = vsa.random(8)
    memory = Hopfield(vsa, signed=signed).add(patterns)
    damaged = patterns.clone()
    damaged[:, :25] *= -1
    assert torch.equal(memory.recall(damaged, steps=10), patterns)
    assert torch.equal(memory.recall(patterns), patterns)
    assert torch.equal(memory.recall(damaged, steps=0), damaged)


@pytest.mark.parametrize(("signed", "diagonal"), KINDS)
def test_intersections_are_unbiased_with_the_variance_of_theory(signed, diagonal):
    a, b, c, d, runs = 12, 9, 4, 32, 300
    sizes = []
    for seed in range(runs):
        vsa = MAPB(d, seed=seed)
        items = vsa.random(a + b - c)
        x, y = (Hopfield(vsa, signed=signed, diagonal=diagonal) for _ in range(2))
        sizes.append(x.add(items[:a]).intersection_size(y.add(items[a - c :])))
    spread = a * b + c * c - 2 * c
    if signed and diagonal:
        variance = spread * (3 * d * d - 2 * d) / d**4
    else:
        variance = spread * (2 * d * d - 2 * d) / (d * d - d) ** 2
    z = (np.mean(sizes) - c) / math.sqrt(variance / runs)
    assert abs(z) < 4
    assert np.var(sizes, ddof=1) == pytest.approx(variance, rel=0.45)


def test_a_saved_network_is_the_same_network(tmp_path):
    vsa = MAPI(30, seed=9)
    memory = Hopfield(vsa, signed=True).add(vsa.random(6))
    memory.save(tmp_path / "h")
    loaded = Hopfield.load(tmp_path / "h")
    assert torch.equal(loaded.weights, memory.weights)
    assert (len(loaded), repr(loaded)) == (6, repr(memory))
    with pytest.raises(FileFormatError):
        Hopfield.load(__file__)


def test_what_is_no_pattern_is_refused_and_nothing_changes():
    vsa = MAPI(30)
    memory = Hopfield(vsa).add(vsa.random(3))
    before = memory.weights
    for bad in (vsa.bundle(vsa.random(3)), vsa.random(2) * 0, MAPI(31).random(1)):
        for verb in (memory.add, memory.remove, memory.scores, memory.recall):
            with pytest.raises(ValueError, match=r"±1|width"):
                verb(bad)
    assert torch.equal(memory.weights, before)
    with pytest.raises(TypeError, match="take a MAPI or MAPB space"):
        Hopfield(BSC(64))
    with pytest.raises(ValueError, match="networks differ"):
        memory.intersection_size(Hopfield(vsa, signed=True))
    with pytest.raises(ValueError, match="steps must be at least 0"):
        memory.recall(vsa.random(), steps=-1)
    with pytest.raises(ValueError, match="without axes"):
        pair_products(torch.tensor(1))
