"""The same atoms in, the same results out: torchhd where it is right, slow loops elsewhere."""

import warnings

import numpy as np
import pytest
import torch
from scipy import linalg

from hdlib import BSC, BSDC, CGR, FHRR, HRR, MAPB, MAPI, MBAT, MCR, SBC, VTB
from hdlib.vsa.matrix import hadamard

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    try:
        import torchhd
    except ImportError:
        torchhd = None

needs_torchhd = pytest.mark.skipif(torchhd is None, reason="torchhd is not installed")
PEERS = {
    "MAPI": (MAPI(100), "MAP"),
    "MAPB": (MAPB(100), "MAP"),
    "BSC": (BSC(100), "BSC"),
    "HRR": (HRR(100), "HRR"),
    "FHRR": (FHRR(100), "FHRR"),
    "VTB": (VTB(100), "VTB"),
}


def peer(name):
    """Our space, five vectors of it, and the same five as torchhd's."""
    vsa, model = PEERS[name]
    xs = vsa.atoms(range(5))
    if model == "MAP":  # torchhd's int8 sums overflow, so it gets floats
        theirs = xs.to(torch.float32)
    else:
        theirs = vsa.dense(xs).bool() if model == "BSC" else xs
    return vsa, xs, theirs.as_subclass(getattr(torchhd, f"{model}Tensor"))


def equal(vsa, ours, theirs):
    plain = theirs.as_subclass(torch.Tensor)
    own = vsa.dense(ours)
    torch.testing.assert_close(own.to(plain.dtype), plain, rtol=1e-4, atol=1e-5)


@needs_torchhd
@pytest.mark.parametrize("name", PEERS)
def test_bind_is_torchhds(name):
    vsa, xs, theirs = peer(name)
    equal(vsa, vsa.bind(xs[:2], xs[2:4]), torchhd.bind(theirs[:2], theirs[2:4]))


@needs_torchhd
@pytest.mark.parametrize("name", PEERS)
def test_inverse_and_unbind_are_torchhds(name):
    vsa, xs, theirs = peer(name)
    equal(vsa, vsa.inverse(xs), torchhd.inverse(theirs))
    equal(vsa, vsa.unbind(xs[0], xs[1]), torchhd.bind(theirs[0], torchhd.inverse(theirs[1])))


@needs_torchhd
@pytest.mark.parametrize("name", PEERS)
def test_bundle_of_an_odd_number_is_torchhds(name):
    vsa, xs, theirs = peer(name)
    bundle = torchhd.multiset(theirs)
    equal(vsa, vsa.bundle(xs), bundle.sign() if name == "MAPB" else bundle)


@needs_torchhd
@pytest.mark.parametrize("name", PEERS)
@pytest.mark.parametrize("shift", [1, -3, 7])
def test_permute_is_torchhds(name, shift):
    vsa, xs, theirs = peer(name)
    equal(vsa, vsa.permute(xs, shift), torchhd.permute(theirs, shifts=shift))


@needs_torchhd
@pytest.mark.parametrize("name", PEERS)
def test_similarity_is_torchhds_cosine(name):
    vsa, xs, theirs = peer(name)
    expected = torchhd.cosine_similarity(theirs, theirs).as_subclass(torch.Tensor)
    torch.testing.assert_close(vsa.similarity(xs, xs), expected.float(), rtol=1e-4, atol=1e-5)


@needs_torchhd
@pytest.mark.parametrize("name", ["MAPI", "BSC", "HRR", "FHRR", "VTB"])
def test_the_identity_is_torchhds(name):
    vsa, model = PEERS[name]
    equal(vsa, vsa.identity(), torchhd.identity(1, vsa.dim, model)[0])


@needs_torchhd
@pytest.mark.parametrize("modulus", [5, 16])
@pytest.mark.parametrize("model", [MCR, CGR])
def test_integers_are_bound_undone_and_moved_as_torchhds(model, modulus):
    vsa = model(100, modulus=modulus)
    xs = vsa.random(4)
    kind = getattr(torchhd, f"{model.__name__}Tensor")
    theirs = xs.to(torch.int64).as_subclass(kind)
    theirs.block_size = modulus
    equal(vsa, vsa.bind(xs[0], xs[1]), theirs[0].bind(theirs[1]))
    equal(vsa, vsa.inverse(xs), theirs.inverse())
    equal(vsa, vsa.permute(xs, 3), theirs.permute(3))


@needs_torchhd
@pytest.mark.parametrize("modulus", [5, 16])
def test_bundles_of_phasors_are_torchhds_where_nothing_is_even(modulus):
    vsa = MCR(2000, modulus=modulus)
    xs = vsa.random(3)
    theirs = xs.to(torch.int64).as_subclass(torchhd.MCRTensor)
    theirs.block_size = modulus
    ours, found = vsa.bundle(xs), theirs.multibundle().as_subclass(torch.Tensor)
    phasors = torch.exp(2j * torch.pi / modulus * xs.to(torch.complex128)).sum(0)
    steps = phasors.angle() * modulus / (2 * torch.pi)
    clear = ((steps - steps.round()).abs() < 0.49) & (phasors.abs() > 1e-6)
    assert clear.double().mean() > 0.4
    assert torch.equal(ours[clear].to(torch.int64), found[clear])


# Slow and plain: one number at a time


def test_hrr_binds_by_the_convolution_sum():
    vsa = HRR(7)
    x, y = vsa.random(2)
    want = [sum(x[k] * y[(i - k) % 7] for k in range(7)) for i in range(7)]
    torch.testing.assert_close(vsa.bind(x, y), torch.stack(want))


def test_hrr_unbinds_by_the_correlation_sum():
    vsa = HRR(8)
    z, y = vsa.random(2)
    want = [sum(z[(i + k) % 8] * y[k] for k in range(8)) for i in range(8)]
    torch.testing.assert_close(vsa.unbind(z, y), torch.stack(want))


def test_vtb_binds_block_by_block():
    vsa = VTB(16)
    x, y = vsa.random(2).numpy()
    matrix = np.zeros((4, 4))
    for i in range(4):
        for j in range(4):
            matrix[i, j] = y[4 * i + j]
    blocks = [2 * (matrix @ x[4 * b : 4 * b + 4]) for b in range(4)]  # sqrt(d) = 2
    bound = vsa.bind(*torch.from_numpy(np.stack([x, y])))
    np.testing.assert_allclose(bound, np.concatenate(blocks), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("bundles", ["or", "count"])
def test_bsdc_binds_by_a_shift(bundles):
    vsa = BSDC(70, density=0.1, bundles=bundles)
    x, y = vsa.random(2)
    shift = sum(i for i, one in enumerate(vsa.dense(y).tolist()) if one)
    want = [0] * 70
    for i, one in enumerate(vsa.dense(x).tolist()):
        want[(i + shift) % 70] = one
    assert vsa.dense(vsa.bind(x, y)).tolist() == want


def test_bsdc_bundles_by_or_and_by_counting():
    union, count = BSDC(70, density=0.1), BSDC(70, density=0.1, bundles="count")
    for n in (1, 2, 3, 6, 9):
        xs = count.random(n)
        want = sum(np.array(row) for row in xs.tolist())
        assert count.bundle(xs).tolist() == want.tolist()
        either = union.dense(union.bundle(union.random(n)))
        assert either.tolist() == (want > 0).astype(int).tolist()


@pytest.mark.parametrize("bundles", ["or", "count"])
def test_bsdc_similarity_is_pearsons_correlation(bundles):
    vsa = BSDC(200, bundles=bundles)
    xs = vsa.random(3, 4)
    rows = torch.cat([xs[0], vsa.bundle(xs).to(xs.dtype)])
    want = np.corrcoef(vsa.dense(rows).numpy())
    np.testing.assert_allclose(vsa.similarity(rows, rows), want, atol=1e-6)


def test_sbc_binds_by_convolving_each_block():
    vsa = SBC(15, block=5)
    x, y = vsa.random(2)
    a, b = vsa.dense(x).reshape(3, 5).tolist(), vsa.dense(y).reshape(3, 5).tolist()
    want = [
        [sum(p[k] * q[(i - k) % 5] for k in range(5)) for i in range(5)]
        for p, q in zip(a, b, strict=True)
    ]
    assert vsa.dense(vsa.bind(x, y)).reshape(3, 5).tolist() == want


def test_sbc_bundles_by_the_most_frequent_symbol():
    vsa = SBC(400, block=4)
    xs = vsa.random(5)
    for place, symbol in enumerate(vsa.bundle(xs).tolist()):
        votes = np.bincount(xs[:, place].numpy(), minlength=4)
        assert votes[symbol] == votes.max()


def test_sbc_similarity_is_the_centred_share_of_equal_symbols():
    vsa = SBC(400, block=4)
    x, y = vsa.random(2)
    want = ((x == y).double().mean() - 1 / 4) / (1 - 1 / 4)
    assert vsa.similarity(x, y).item() == pytest.approx(want.item(), abs=1e-6)


def test_cgr_bundles_by_the_most_frequent_integer():
    vsa = CGR(400, modulus=4)
    xs = vsa.random(5)
    for place, integer in enumerate(vsa.bundle(xs).tolist()):
        votes = np.bincount(xs[:, place].numpy(), minlength=4)
        assert votes[integer] == votes.max()


@pytest.mark.parametrize("modulus", [3, 6, 16])
def test_mcr_bundles_to_an_angle_nearest_to_the_sum(modulus):
    vsa = MCR(400, modulus=modulus)
    for n in (2, 3, 4, 7):
        xs = vsa.random(n)
        total = np.exp(2j * np.pi / modulus * xs.numpy()).sum(0)
        off = np.angle(total * np.exp(-2j * np.pi / modulus * vsa.bundle(xs).numpy()))
        assert (np.abs(off)[np.abs(total) > 1e-9] <= np.pi / modulus + 1e-9).all()


@pytest.mark.parametrize("modulus", [6, 16])
def test_mcr_breaks_its_ties_both_ways(modulus):
    vsa = MCR(20_000, modulus=modulus)
    xs = vsa.random(2)
    xs[1] = (xs[0] + 1) % modulus  # every sum lies halfway
    first = (vsa.bundle(xs) == xs[0]).double().mean()
    assert abs(first - 0.5) < 5 * 0.5 / np.sqrt(20_000)
    xs[1] = (xs[0] + modulus // 2) % modulus  # every sum is zero
    counts = torch.bincount(vsa.bundle(xs).long(), minlength=modulus).double()
    expected = 20_000 / modulus
    assert (counts - expected).abs().max() < 5 * np.sqrt(expected)


@pytest.mark.parametrize("model", [MCR, CGR])
def test_the_similarity_of_integers_is_the_mean_cosine_of_their_angles(model):
    vsa = model(400)
    x, y = vsa.random(2)
    want = np.cos(2 * np.pi / 16 * (x - y).numpy()).mean()
    assert vsa.similarity(x, y).item() == pytest.approx(want, abs=1e-6)


def matrix_of(vsa, role):
    """The matrix that a role stands for: its columns are the bound basis vectors."""
    return vsa.bind(torch.eye(vsa.dim), role).mT


@pytest.mark.parametrize("kind", ["permutation", "orthogonal", "hadamard", "gaussian"])
def test_mbat_binds_by_one_matrix_a_role(kind):
    vsa = MBAT(64, kind=kind)
    xs, role = vsa.random(3), vsa.random()
    matrix = matrix_of(vsa, role)
    torch.testing.assert_close(vsa.bind(xs, role), xs @ matrix.mT)
    torch.testing.assert_close(vsa.unbind(xs, role), xs @ matrix)


@pytest.mark.parametrize("kind", ["permutation", "orthogonal", "hadamard", "gaussian"])
def test_mbat_matrices_are_orthogonal_but_for_the_gaussian_one(kind):
    vsa = MBAT(64, kind=kind)
    matrix = matrix_of(vsa, vsa.random())
    orthogonal = torch.allclose(matrix @ matrix.mT, torch.eye(64), atol=1e-5)
    assert orthogonal == (kind != "gaussian")


@pytest.mark.parametrize("kind", ["permutation", "orthogonal", "hadamard", "gaussian"])
def test_mbat_roles_have_matrices_of_their_own(kind):
    vsa = MBAT(64, kind=kind)
    a, b = vsa.random(2)
    overlap = (matrix_of(vsa, a) * matrix_of(vsa, b)).sum() / 64
    assert abs(overlap) < 5 / 8  # sd 1 / sqrt(64)
    assert not torch.equal(matrix_of(vsa, a), matrix_of(MBAT(64, kind=kind, seed=1), a))


def test_mbat_forgets_old_matrices_and_makes_them_again(monkeypatch):
    vsa = MBAT(64, kind="gaussian")
    monkeypatch.setattr(vsa, "room", 3 * 64 * 64 * 4, raising=False)
    x, roles = vsa.random(), vsa.random(10)
    first = [vsa.bind(x, role) for role in roles]
    assert len(vsa._kept) == 3
    assert torch.equal(torch.stack(first), vsa.bind(x, roles))


@pytest.mark.parametrize("dim", [1, 2, 16, 64])
def test_the_hadamard_transform_is_scipys(dim):
    want = torch.from_numpy(linalg.hadamard(dim) / np.sqrt(dim)).float()
    torch.testing.assert_close(hadamard(torch.eye(dim)), want)
