"""The laws of the algebra, for every model and option."""

import copy
import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import hdlib
from hdlib import (
    BSC,
    BSDC,
    CGR,
    FHRR,
    HRR,
    MAPB,
    MAPI,
    MBAT,
    MCR,
    SBC,
    VTB,
    Accumulator,
    kernels,
    theory,
)
from hdlib.vsa import base
from tests.vsa.spaces import (
    ADDITIVE,
    ALL,
    BITWISE,
    FLOATS,
    NOISY,
    QUANTISED,
    law,
    make,
    pairwise,
    pooled,
    same,
    shapes,
    spaces,
)

EACH = pytest.mark.parametrize("name", ALL)


# Binding


@pytest.mark.parametrize("name", [n for n in ALL if n not in NOISY])
@law
@given(data=st.data())
def test_unbind_undoes_bind(name, data):
    vsa, shape = data.draw(spaces(name)), data.draw(shapes)
    x, y = vsa.random(*shape), vsa.random(*shape)
    back = vsa.unbind(vsa.bind(x, y), y)
    assert torch.equal(back, x) if name in BITWISE else same(back, x)


@pytest.mark.claim("unbind-similarity")
def test_noisy_unbinding_is_as_similar_as_theory_says():
    zs = []
    for name, dim in itertools.product(NOISY, (256, 1024, 4096)):
        if name == "MBAT-gaussian" and dim > 1024:
            continue
        vsa = make(name, dim, seed=dim)
        trials = 12 if name == "MBAT-gaussian" else 60
        x, y = vsa.random(trials), vsa.random(trials)
        found = pairwise(vsa, vsa.unbind(vsa.bind(x, y), y), x)
        kind = getattr(vsa, "kind", None)
        expected = theory.unbind_similarity(type(vsa).__name__, kind, dim=vsa.dim)
        zs.append(float((found.mean() - expected) / (found.std() / math.sqrt(trials))))
    pooled(zs)


@pytest.mark.parametrize("name", ["HRR", "VTB", "FHRR"])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_a_long_bind_is_the_fold_of_short_ones(name, count):
    vsa = make(name, 1000)
    xs = vsa.random(count)
    folded = xs[0]
    for x in xs[1:]:
        folded = vsa.bind(folded, x)
    assert same(vsa.bind(*xs), folded)


@pytest.mark.parametrize("name", [n for n in ALL if not n.startswith("MBAT")])
@law
@given(data=st.data())
def test_binding_to_the_inverse_is_unbinding(name, data):
    vsa, shape = data.draw(spaces(name)), data.draw(shapes)
    z, y = vsa.random(*shape), vsa.random(*shape)
    assert same(vsa.bind(z, vsa.inverse(y)), vsa.unbind(z, y))
    assert same(vsa.inverse(vsa.inverse(y)), y)


@pytest.mark.parametrize("name", [n for n in ALL if not n.startswith("MBAT")])
@law
@given(data=st.data())
def test_the_identity_binds_without_effect(name, data):
    vsa, shape = data.draw(spaces(name)), data.draw(shapes)
    x = vsa.random(*shape)
    assert same(vsa.bind(x, vsa.identity()), x)
    assert same(vsa.unbind(x, vsa.identity()), x)


@pytest.mark.parametrize("kind", ["permutation", "orthogonal", "hadamard", "gaussian"])
@pytest.mark.parametrize("verb", ["inverse", "identity"])
def test_mbat_says_what_it_lacks_and_what_to_do(kind, verb):
    vsa = MBAT(16, kind=kind)
    with pytest.raises(NotImplementedError, match=f"^{verb}: MBAT has none: .*(unbind|unbound)"):
        vsa.inverse(vsa.random()) if verb == "inverse" else vsa.identity()
    assert f"no {verb}: " in repr(vsa)


@EACH
def test_bind_broadcasts_either_way(name):
    vsa = make(name, 64)
    one, many = vsa.random(), vsa.random(2, 3)
    for verb in (vsa.bind, vsa.unbind):
        for x, y in ((one, many), (many, one), (many[:1], many[:, :1])):
            whole = verb(x, y)
            left, right = torch.broadcast_tensors(x, y)
            each = [
                verb(a, b) for a, b in zip(left.flatten(0, 1), right.flatten(0, 1), strict=True)
            ]
            assert same(whole, torch.stack(each).reshape(whole.shape))


@EACH
def test_a_bound_pair_is_unlike_its_parts(name):
    vsa = make(name, 256)
    x, y = vsa.random(40), vsa.random(40)
    bound = vsa.bind(x, y)
    sd = theory_sd(vsa) * (math.sqrt(2) if name == "HRR" else 1)  # the spectrum of x enters twice
    zs = [pairwise(vsa, bound, part) / sd for part in (x, y)]
    pooled(torch.cat(zs).numpy())


# Order


@EACH
@law
@given(data=st.data())
def test_permute_composes_and_a_full_turn_is_nothing(name, data):
    vsa, shape = data.draw(spaces(name)), data.draw(shapes)
    s, t = (data.draw(st.integers(-(10**20), 10**20)) for _ in range(2))
    x = vsa.random(*shape)
    assert torch.equal(vsa.permute(vsa.permute(x, s), t), vsa.permute(x, s + t))
    assert torch.equal(vsa.permute(vsa.permute(x, s), -s), x)
    assert torch.equal(vsa.permute(x, vsa.dim), x)
    assert torch.equal(vsa.permute(x), vsa.permute(x, 1))


@pytest.mark.parametrize("name", [n for n in ALL if not n.startswith("SBC")])
@law
@given(data=st.data())
def test_permute_moves_components_as_roll_does(name, data):
    vsa, shift = data.draw(spaces(name)), data.draw(st.integers(-200, 200))
    x = vsa.random(3)
    assert torch.equal(vsa.dense(vsa.permute(x, shift)), vsa.dense(x).roll(shift, -1))


@EACH
def test_a_permuted_atom_is_unlike_itself(name):
    vsa = make(name, 1024)
    x = vsa.random(60)
    pooled((pairwise(vsa, vsa.permute(x), x) / theory_sd(vsa)).numpy())


# Superposition


@EACH
@law
@given(data=st.data())
def test_a_bundle_does_not_know_the_order_of_its_items(name, data):
    vsa, n = data.draw(spaces(name)), data.draw(st.integers(1, 6))
    xs = vsa.random(2, n)
    order = data.draw(st.permutations(range(n)))
    assert same(vsa.bundle(xs[:, order]), vsa.bundle(xs))


@EACH
@law
@given(data=st.data())
def test_a_bundle_may_run_along_any_batch_axis(name, data):
    vsa = data.draw(spaces(name))
    xs = vsa.random(2, 3, 2)
    for dim in (0, 1, 2, -2, -3, -4):
        expected = vsa.bundle(xs.movedim(dim, -2).contiguous())
        assert same(vsa.bundle(xs, dim=dim), expected)


@EACH
@law
@given(data=st.data())
def test_many_bundles_in_one_call_are_the_single_ones(name, data):
    vsa, batch = data.draw(spaces(name)), data.draw(shapes)
    n = data.draw(st.integers(1, 5))
    xs = vsa.random(*batch, n)
    together = vsa.bundle(xs)
    assert together.shape == (*batch, vsa.width)
    alone = [vsa.bundle(one) for one in xs.reshape(-1, n, vsa.width)]
    for got, want in zip(together.reshape(-1, vsa.width), alone, strict=True):
        assert same(got, want)


@EACH
def test_bundles_of_segments_are_the_single_ones(name):
    vsa = make(name, 130)
    rows = vsa.random(12)
    index = torch.tensor([5, 0, 0, 11, 3, 7, 2, 2, 9, 5])
    for picked, offsets in (
        (None, [0, 1, 3, 12]),
        (index, [2, 4, 9, 10]),
        (None, [4]),
        (index, [0]),
    ):
        voters = rows if picked is None else rows[picked]
        found = vsa.bundle_segments(rows, torch.tensor(offsets), picked)
        assert found.shape == (len(offsets) - 1, vsa.width)
        for part, (a, b) in zip(found, itertools.pairwise(offsets), strict=True):
            assert same(part, vsa.bundle(voters[a:b]))
    with pytest.raises(ValueError, match="rising"):
        vsa.bundle_segments(rows, torch.tensor([3, 1]))
    with pytest.raises(ValueError, match=r"index must lie in 0\.\.11"):
        vsa.bundle_segments(rows, torch.tensor([0, 1]), torch.tensor([12]))
    empty = torch.tensor([0, 0, 12])
    if name in ADDITIVE:
        assert not vsa.bundle_segments(rows, empty)[0].any()
    else:
        with pytest.raises(ValueError, match="no empty bundle"):
            vsa.bundle_segments(rows, empty)


def test_bundles_of_sums_and_of_other_integers_are_exact():
    sums = MAPI(70).bundle(MAPI(70).random(6, 5))  # int32
    offsets, index = torch.tensor([0, 2, 6]), torch.tensor([5, 1, 0, 0, 3, 4])
    found = MAPI(70).bundle_segments(sums, offsets, index)
    assert torch.equal(found[1], sums[index[2:]].to(torch.int64).sum(0))
    tallies = torch.tensor([[0, 3], [-2, 0], [5, -1]], dtype=torch.int8)  # no plain signs
    found = MAPB(2).bundle_segments(tallies, torch.tensor([0, 3]))
    assert torch.equal(found[0], MAPB(2).bundle(tallies))


@EACH
@law
@given(data=st.data())
def test_an_integer_weight_is_a_repetition(name, data):
    vsa = data.draw(spaces(name))
    weights = data.draw(st.lists(st.integers(0, 4), min_size=1, max_size=5).filter(any))
    xs = vsa.random(len(weights))
    repeated = vsa.bundle(xs.repeat_interleave(torch.tensor(weights), 0))
    assert same(vsa.bundle(xs, weights=weights), repeated)
    real = vsa.bundle(xs, weights=[float(w) for w in weights])
    assert same(real, repeated.to(real.dtype))


@EACH
def test_a_zero_weight_is_absence_and_a_negative_one_takes_away(name):
    vsa = make(name, 130)
    xs = vsa.random(4)
    assert same(vsa.bundle(xs, weights=[1, 1, 1, 0]), vsa.bundle(xs[:3]))
    doubled = vsa.tally(torch.cat([xs, xs[3:]]), weights=[1, 1, 1, 1, -1])
    assert same(doubled, vsa.tally(xs[:4], weights=[1, 1, 1, 0]))


@EACH
def test_each_bundle_of_a_batch_may_have_its_own_weights(name):
    vsa = make(name, 130)
    xs, weights = vsa.random(3, 4), torch.arange(12).reshape(3, 4) + 1
    together = vsa.bundle(xs, weights=weights)
    for row in range(3):
        assert same(together[row], vsa.bundle(xs[row], weights=weights[row]))
    assert same(
        vsa.bundle(xs[0], weights=weights), vsa.bundle(xs[:1].expand(3, 4, -1), weights=weights)
    )


@pytest.mark.parametrize("name", QUANTISED)
@law
@given(data=st.data())
def test_float_weights_settle_the_same_in_any_order(name, data):
    vsa = data.draw(spaces(name))
    weights = torch.tensor(data.draw(st.lists(st.floats(0.001, 10), min_size=1, max_size=8)))
    xs, order = vsa.random(len(weights)), data.draw(st.permutations(range(len(weights))))
    assert torch.equal(
        vsa.bundle(xs, weights=weights), vsa.bundle(xs[list(order)], weights=weights[list(order)])
    )


@pytest.mark.parametrize("name", QUANTISED)
def test_a_bundle_is_its_settled_tally_and_tallies_add_up(name):
    for dim in (8, 130, 1000):
        vsa = make(name, dim)
        xs = vsa.random(300)
        parts = vsa.tally(xs[:120]) + vsa.tally(xs[120:])
        assert same(vsa.tally(xs), parts)
        assert same(vsa.normalize(parts), vsa.bundle(xs))


@pytest.mark.parametrize("name", ADDITIVE)
def test_an_empty_additive_bundle_is_zero(name):
    vsa = make(name, 64)
    empty = vsa.bundle(vsa.random(2, 0))
    assert empty.shape == (2, vsa.dim)
    assert not empty.any()


@EACH
def test_a_bundle_of_one_is_that_one(name):
    vsa = make(name, 130)
    x = vsa.random(1)
    assert same(vsa.bundle(x).to(x.dtype), x[0])


@pytest.mark.claim("member-similarity")
def test_a_member_is_as_similar_to_its_bundle_as_theory_says():
    zs = []
    for name, n, dim in itertools.product(ALL, (2, 3, 4, 7, 20), (256, 1024)):
        if name.startswith("MBAT") and name != "MBAT-permutation":
            continue  # the same atoms and sums
        # Models draw from the same words: only a seed of its own makes a cell a cell of its own.
        vsa, trials = make(name, dim, seed=1000 + len(zs)), 40
        members = vsa.random(trials, n)
        bundles = vsa.bundle(members).unsqueeze(-2)
        found = vsa.similarity(bundles, members).mean((-2, -1)).to(torch.float64)  # (trials,)
        expected = theory_member(vsa, n)
        zs.append(float((found.mean() - expected) / (found.std() / math.sqrt(trials) + 1e-12)))
    pooled(zs)


def theory_member(vsa, n):
    taken = ("density", "bundles", "block", "modulus")
    options = {k: v for k, v in vsa.options().items() if k in taken}
    return theory.member_similarity(type(vsa).__name__, n, dim=vsa.dim, **options)


def theory_sd(vsa):
    symbols = {k: v for k, v in vsa.options().items() if k in ("block", "modulus")}
    return theory.similarity_sd(vsa.dim, model=type(vsa).__name__, **symbols)


# Similarity


@EACH
@law
@given(data=st.data())
def test_similarity_is_symmetric_bounded_and_one_with_itself(name, data):
    vsa = data.draw(spaces(name))
    x, y = vsa.random(4), vsa.random(3)
    there, back = vsa.similarity(x, y), vsa.similarity(y, x)
    torch.testing.assert_close(there, back.mT, rtol=0, atol=1e-6)
    assert (there.abs() <= 1).all()
    assert there.dtype == torch.float32
    assert (vsa.similarity(x, x).diagonal() - 1).abs().max() <= 1e-6


@EACH
def test_unrelated_atoms_have_mean_0_and_the_sd_of_theory(name):
    zs = []
    for dim, seed in itertools.product((64, 200, 1024), range(3)):
        vsa, pairs = make(name, dim, seed=seed), 200
        found = pairwise(vsa, vsa.random(pairs), vsa.random(pairs)).to(torch.float64)
        sd, squares = theory_sd(vsa), found**2
        zs.append(float(found.mean() / (sd / math.sqrt(pairs))))
        zs.append(float((squares.mean() - sd**2) / (squares.std() / math.sqrt(pairs))))
        tail = 8 if name.startswith("BSDC") else 5  # the overlap of small sets has a long tail
        assert found.abs().max() < tail * sd
    pooled(zs)


@EACH
def test_similarity_has_the_shapes_of_matmul(name):
    vsa = make(name, 64)
    x, y = vsa.random(2, 3), vsa.random(2, 4)
    whole = vsa.similarity(x, y)
    assert whole.shape == (2, 3, 4)
    one = vsa.similarity(x[0, 0], y[0, 0])
    assert one.shape == ()
    torch.testing.assert_close(one, whole[0, 0, 0])
    torch.testing.assert_close(vsa.similarity(x, y[0, 1]), whole_with(vsa, x, y[0, 1]))
    torch.testing.assert_close(vsa.similarity(x[0, 1], y), whole_with(vsa, y, x[0, 1]))
    torch.testing.assert_close(
        vsa.similarity(x[:, None], y[None])[1, 0], vsa.similarity(x[1], y[0])
    )


def whole_with(vsa, many, one):
    return vsa.similarity(many, one.unsqueeze(0)).squeeze(-1)


@EACH
@pytest.mark.parametrize(
    ("left", "right", "out"),
    [
        ((0,), (3,), (0, 3)),
        ((3,), (0,), (3, 0)),
        ((0,), (0,), (0, 0)),
        ((0, 3), (4,), (0, 3, 4)),
        ((0, 3), (0, 4), (0, 3, 4)),
        ((0, 3), (1, 4), (0, 3, 4)),
        ((), (0,), (0,)),
    ],
)
def test_similarity_with_no_rows_has_no_rows(name, left, right, out):
    vsa = make(name, 64)
    assert vsa.similarity(vsa.random(*left), vsa.random(*right)).shape == out


@pytest.mark.parametrize("tops", [(3, 4, 5), (11, 11, 1), (11, 11, 11), (1, 127, 1)])
def test_a_chain_of_integers_binds_from_left_to_right(tops):
    """Where the greatest factors do not meet, products fit that their bound would not."""
    vsa = MAPI(3)
    x, y, z = (torch.diag(torch.tensor(tops) - 1) + 1).to(torch.int8)
    assert torch.equal(vsa.bind(x, y, z), vsa.bind(vsa.bind(x, y), z))


TOPS = [
    127,
    128,
    2**14 - 1,
    2**14,
    2**15 - 1,
    2**15,
    40_000,
    2**30 - 1,
    2**30,
]  # where the next longer integers are needed


@pytest.mark.parametrize("model", [MAPI, MAPB])
@pytest.mark.parametrize("items", [1, 40])
def test_packed_similarity_of_integers_is_the_exact_cosine(model, items):
    vsa, draw = model(200), torch.Generator().manual_seed(0)
    atoms = vsa.random(items)
    for x in (
        vsa.random(2, 3),
        vsa.tally(vsa.random(2, 3, 4)),  # even sums
        vsa.tally(vsa.random(2, 3, 5)),  # odd ones
        vsa.tally(vsa.random(2, 3, 5)) * 10**6,
        torch.zeros(2, 3, 200, dtype=torch.int32),
        torch.randint(-99, 99, (2, 3, 200), generator=draw, dtype=torch.int32),
        *(torch.randint(-t, t + 1, (2, 3, 200), generator=draw) for t in TOPS),
    ):
        own = vsa.normalize(x) if model is MAPB else x
        dots = own.to(torch.float64) @ atoms.to(torch.float64).mT
        norms = own.to(torch.float64).norm(dim=-1, keepdim=True) * math.sqrt(200)
        expected = (dots / norms.clamp_min(1)).to(torch.float32)
        assert same(vsa.similarity(x, atoms), expected)
        assert same(vsa.similarity(atoms, x), expected.mT)


@EACH
def test_small_blocks_give_the_same_similarity(name, monkeypatch):
    vsa = make(name, 130)
    x, y = vsa.random(2, 5), vsa.random(7)
    expected = vsa.similarity(x, y)
    monkeypatch.setattr(base, "ROOM", 3 * vsa.dim)
    torch.testing.assert_close(vsa.similarity(x, y), expected)


@pytest.mark.parametrize("name", QUANTISED)
def test_a_tally_is_as_similar_as_the_bundle_it_becomes(name):
    vsa = make(name, 130)
    xs = vsa.random(3, 4)
    assert torch.equal(vsa.similarity(vsa.tally(xs), xs), vsa.similarity(vsa.bundle(xs), xs))


@pytest.mark.parametrize("name", FLOATS)
@pytest.mark.parametrize("size", [1e-35, 1e-20, 1e20, 1e35])
def test_size_does_not_matter_to_similarity(name, size):
    vsa = make(name, 1000)
    x, y = vsa.random(3), vsa.random(4)
    torch.testing.assert_close(vsa.similarity(x * size, y), vsa.similarity(x, y))
    assert (vsa.similarity(x * size, x * size).diagonal() - 1).abs().max() < 1e-6
    assert same(vsa.normalize(x * size), vsa.normalize(x))


@pytest.mark.parametrize("name", ADDITIVE)
def test_a_zero_vector_is_similar_to_nothing(name):
    vsa = make(name, 64)
    x = vsa.random(2)
    assert torch.equal(vsa.similarity(torch.zeros_like(x), x), torch.zeros(2, 2))


# Atoms


@EACH
@law
@given(data=st.data())
def test_a_seed_gives_the_same_atoms_for_ever(name, data):
    vsa, ids = data.draw(spaces(name)), data.draw(st.lists(st.integers(-(2**63), 2**63 - 1)))
    twin = vsa.copy()
    assert torch.equal(vsa.atoms(ids), twin.atoms(ids))
    assert torch.equal(vsa.random(2, 3), twin.random(2, 3))


@EACH
def test_other_seeds_give_unrelated_atoms(name):
    spaces = [make(name, 512, seed=seed) for seed in range(20)]
    atoms = torch.stack([vsa.atoms("apple") for vsa in spaces])
    found = spaces[0].similarity(atoms, atoms)
    pooled((found[torch.triu(torch.ones(20, 20), 1) > 0] / theory_sd(spaces[0])).numpy())


@EACH
def test_random_is_a_counter(name):
    vsa = make(name, 512)
    first = torch.cat([vsa.random(3), vsa.random(1, 2)[0], vsa.random().unsqueeze(0)])
    assert torch.equal(first, vsa.copy().random(6))
    labels = vsa.atoms(list(range(6)))
    assert vsa.similarity(first, torch.cat([labels, vsa.random(6)])).max() < 0.5


def test_an_atom_at_fewer_dimensions_is_a_prefix():
    ids = [0, 1, -5]
    for model in (MAPI, MAPB, BSC, FHRR):
        small, large = model(130, seed=3), model(1000, seed=3)
        assert torch.equal(small.dense(small.atoms(ids)), large.dense(large.atoms(ids))[..., :130])
    small, large = SBC(130, block=10), SBC(1000, block=10)
    assert torch.equal(small.atoms(ids), large.atoms(ids)[..., :13])
    for model in (MCR, CGR):
        small, large = model(13, modulus=10), model(1000, modulus=10)
        assert torch.equal(small.atoms(ids), large.atoms(ids)[..., :13])


@pytest.mark.parametrize("model", [HRR, VTB, MBAT])
def test_an_atom_of_length_one_is_a_prefix_up_to_its_length(model):
    small, large = model(100).atoms([0, 1, -5]) * 10, model(1024).atoms([0, 1, -5]) * 32
    torch.testing.assert_close(small, large[..., :100])


@law
@given(dim=st.integers(1, 200), n=st.integers(1, 9), seed=st.integers(0, 99), shift=st.integers())
def test_mapb_and_bsc_are_one_algebra_bit_for_bit(dim, n, seed, shift):
    signs, words = MAPB(dim, seed=seed), BSC(dim, seed=seed)

    def agree(bipolar, packed):
        return torch.equal(bipolar, 1 - 2 * words.dense(packed).to(torch.int8))

    x, y = signs.random(3, n), words.random(3, n)
    weights = torch.arange(n) + 1
    assert agree(x, y)
    assert agree(signs.bundle(x), words.bundle(y))
    assert agree(signs.bundle(x, weights=weights), words.bundle(y, weights=weights))
    assert agree(signs.bind(x, x[:1]), words.bind(y, y[:1]))
    assert agree(signs.permute(x, shift), words.permute(y, shift))
    assert torch.equal(signs.tally(x), words.tally(y))
    torch.testing.assert_close(signs.similarity(x, x), words.similarity(y, y), rtol=0, atol=1e-6)


# What every verb keeps to


def everything(vsa, xs, y):
    """The result of every verb, by name."""
    out = {
        "bind": vsa.bind(xs, y),
        "unbind": vsa.unbind(xs, y),
        "bundle": vsa.bundle(xs),
        "even": vsa.bundle(xs[..., :4, :]),
        "weighted": vsa.bundle(xs, weights=torch.arange(xs.shape[-2]) / 2 + 1),
        "tally": vsa.tally(xs),
        "permute": vsa.permute(xs, 5),
        "similarity": vsa.similarity(xs, y),
        "normalize": vsa.normalize(xs),
        "dense": vsa.dense(xs),
    }
    if not vsa.lacks:
        out |= {"inverse": vsa.inverse(xs), "identity": vsa.identity()}
    return out


@EACH
def test_the_fast_path_is_the_reference(name, monkeypatch):
    vsa = make(name, 1000, seed=5) if "MBAT" not in name else make(name, 100)
    xs, y = vsa.random(2, 5), vsa.random()
    fast = everything(vsa, xs, y)
    monkeypatch.setattr(kernels, "path", lambda device: kernels.reference)
    twin = vsa.copy()
    assert torch.equal(twin.random(2, 5), xs)
    slow = everything(twin, xs, y)
    for verb, result in fast.items():
        assert torch.equal(result, slow[verb]), verb


@EACH
def test_no_verb_changes_its_arguments(name):
    vsa = make(name, 130)
    xs, y = vsa.random(2, 5), vsa.random()
    before = xs.clone(), y.clone()
    everything(vsa, xs, y)
    assert torch.equal(xs, before[0])
    assert torch.equal(y, before[1])


@EACH
def test_strides_do_not_matter(name):
    vsa = make(name, 130)
    xs, y = vsa.random(4, 6), vsa.random(2)[1]
    strided = xs.transpose(0, 1)[::2].transpose(0, 1)  # (4, 3, W), no row beside the next
    wide = torch.empty(*strided.shape, 2, dtype=xs.dtype)
    wide[..., 0] = strided
    for view in (strided, wide[..., 0]):
        got = everything(vsa, view[:, :], y)
        for verb, result in everything(vsa, strided.contiguous(), y).items():
            assert same(got[verb], result), verb


def test_a_lazily_conjugated_vector_is_a_vector():
    vsa = FHRR(100)
    x, y = vsa.random(3), vsa.random(3)
    for verb, result in everything(vsa, x.conj().resolve_conj(), y[0]).items():
        assert same(everything(vsa, x.conj(), y[0])[verb], result), verb


@pytest.mark.parametrize("name", FLOATS)
def test_double_precision_stays_double_also_when_mixed(name):
    vsa = make(name, 64)
    x, y = vsa.random(3), vsa.random()
    wide = torch.complex128 if name == "FHRR" else torch.float64
    for left, right in ((x.to(wide), y.to(wide)), (x.to(wide), y), (x, y.to(wide))):
        bound = vsa.bind(left, right)
        assert bound.dtype == wide
        assert same(bound, vsa.bind(x, y).to(wide))
        assert same(vsa.unbind(bound, y), vsa.unbind(vsa.bind(x, y), y).to(wide))
        torch.testing.assert_close(
            vsa.similarity(left, right),
            vsa.similarity(x, y).to(torch.float64),
            atol=1e-6,
            rtol=1e-4,
        )


def test_the_default_dtype_and_the_global_generator_change_nothing():
    for name in ALL:
        vsa, twin = make(name, 64), make(name, 64)
        expected = everything(vsa, vsa.random(2, 5), vsa.random())
        state = torch.get_rng_state()
        torch.set_default_dtype(torch.float64)
        try:
            got = everything(twin, twin.random(2, 5), twin.random())
        finally:
            torch.set_default_dtype(torch.float32)
        assert torch.equal(torch.get_rng_state(), state)
        for verb, result in expected.items():
            assert same(got[verb], result), (name, verb)


@pytest.mark.parametrize("name", [*FLOATS, "MAPI", "BSDC-count"])
def test_additive_models_are_differentiable(name):
    vsa = make(name, 64)
    kind = torch.complex64 if name == "FHRR" else torch.float32
    xs = vsa.random(3).to(kind).requires_grad_()
    weights = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    role = vsa.random()
    bundle = vsa.permute(vsa.bundle(vsa.bind(xs, role), weights=weights))
    vsa.similarity(vsa.unbind(bundle, role), vsa.random()).backward()
    for gradient in (xs.grad, weights.grad):
        assert gradient.isfinite().all()
        assert gradient.abs().max() > 0


def test_a_learned_role_of_mbat_still_has_its_matrix():
    vsa = MBAT(64)
    x, role = vsa.random(), vsa.random()
    assert torch.equal(vsa.bind(x, role.clone().requires_grad_()), vsa.bind(x, role))
    assert torch.equal(vsa.bind(x, role.double()), vsa.bind(x, role).double())


# Types


def test_mapi_widens_before_it_overflows():
    vsa = MAPI(8)
    atoms = vsa.random(2)
    total = vsa.bundle(atoms)
    kinds = {
        torch.int8: vsa.bind(*atoms),
        torch.int32: total,
        torch.int64: vsa.bundle(total.unsqueeze(0)),
        torch.float32: vsa.bundle(atoms, weights=[0.5, 1.0]),
    }
    for kind, result in kinds.items():
        assert result.dtype == kind
    assert vsa.bind(total, total).dtype == torch.int64
    assert vsa.bind(total, atoms[0]).dtype == torch.int32


@pytest.mark.parametrize("model", [BSC, MAPB, SBC, MCR, CGR])
@pytest.mark.parametrize("weights", [None, [1, 1, 1], [1.0, 1.0, 1.0]])
def test_a_bundle_does_not_depend_on_how_equal_weights_are_written(model, weights):
    vsa = model(128)
    xs = vsa.random(3)
    for factor in (1, 3, 0.25):
        scaled = None if weights is None else [w * factor for w in weights]
        assert torch.equal(vsa.bundle(xs, weights=scaled), vsa.bundle(xs))


# Accumulator


@EACH
@law
@given(data=st.data())
def test_adding_one_by_one_in_any_order_is_bundling(name, data):
    vsa, n = data.draw(spaces(name)), data.draw(st.integers(1, 7))
    xs, running = vsa.random(n), Accumulator(vsa)
    for i in data.draw(st.permutations(range(n))):
        running.add(xs[i])
    assert len(running) == n
    expected = vsa.bundle(xs)
    assert same(running.value.to(expected.dtype), expected)
    assert same(Accumulator(vsa).add(xs).value.to(expected.dtype), expected)


@EACH
@law
@given(data=st.data())
def test_removing_restores_the_state(name, data):
    vsa = data.draw(spaces(name))
    xs, more = vsa.random(3), vsa.random(2, 2)
    running = Accumulator(vsa).add(xs)
    before = running.value
    running.add(more, weights=[1, 2, 3, 4]).remove(more, weights=[1, 2, 3, 4])
    assert len(running) == 3
    assert same(running.value, before, tolerance=1e-5)


@EACH
def test_an_accumulator_takes_no_vectors_at_all(name):
    vsa = make(name, 64)
    running = Accumulator(vsa).add(vsa.random(0)).add(vsa.random(2))
    assert len(running) == 2


@pytest.mark.parametrize("name", QUANTISED)
def test_float_weights_are_taken_back_exactly(name):
    vsa = make(name, 130)
    xs, weights = vsa.random(6), [0.1, 0.2, 0.3, 0.7, 1e-3, 123.0]
    running = Accumulator(vsa).add(xs[:2]).add(xs, weights=weights).remove(xs, weights=weights)
    assert torch.equal(running.value, vsa.bundle(xs[:2]))


def test_a_copied_accumulator_goes_its_own_way():
    vsa = BSC(100)
    running = Accumulator(vsa).add(vsa.atoms("a"))
    other = copy.deepcopy(running).add(vsa.atoms(["b", "c"]))
    assert (len(running), len(other)) == (1, 3)
    assert torch.equal(running.value, vsa.atoms("a"))


# What the models are


def test_bsdc_atoms_have_their_number_of_ones():
    for dim, density in ((3, 0.4), (65, 0.1), (1000, 0.5), (10_000, None)):
        for bundles in ("or", "count"):
            vsa = BSDC(dim, density=density, bundles=bundles)
            assert (vsa.dense(vsa.random(20)).sum(-1) == vsa.ones).all()


def test_bsdc_uses_every_place_equally():
    vsa = BSDC(100, density=0.2)
    counts = vsa.dense(vsa.random(4000)).sum(0).to(torch.float64)
    pooled(((counts - 800) / math.sqrt(4000 * 0.2 * 0.8)).numpy()[:-1])  # the last one is not free


def test_sbc_uses_every_symbol_equally():
    vsa = SBC(1000, block=10)
    counts = torch.bincount(vsa.random(500).flatten().long(), minlength=10).double()
    pooled(((counts - 5000) / math.sqrt(50_000 * 0.1 * 0.9)).numpy()[:-1])


@pytest.mark.parametrize("model", [MCR, CGR])
@pytest.mark.parametrize("modulus", [3, 16])
def test_modular_models_use_every_integer_equally(model, modulus):
    vsa = model(1000, modulus=modulus)
    for rows in (vsa.random(50), vsa.bundle(vsa.random(50, 2)), vsa.bundle(vsa.random(50, 5))):
        counts = torch.bincount(rows.flatten().long(), minlength=modulus).double()
        share = 1 / modulus
        pooled(((counts - 50_000 * share) / math.sqrt(50_000 * share * (1 - share))).numpy()[:-1])


@pytest.mark.parametrize("n", [1, 2, 3, 8, 9])
def test_of_modulus_2_both_modular_models_are_one(n):
    one, other = MCR(500, modulus=2), CGR(500, modulus=2)
    xs = one.random(4, n)
    assert torch.equal(one.bundle(xs), other.bundle(xs))
    assert torch.equal(one.bind(xs, xs[0]), xs ^ xs[0])


@EACH
def test_a_space_is_made_again_by_its_name(name):
    vsa = make(name, 64, seed=9)
    twin = eval(vsa.name, vars(hdlib))
    assert (twin.name, twin.width, twin.options()) == (vsa.name, vsa.width, vsa.options())
    assert torch.equal(twin.atoms("x"), vsa.atoms("x"))


@EACH
def test_whole_numbers_of_numpy_are_welcome(name):
    import numpy as np

    vsa = make(name, 64)
    twin = type(vsa)(np.int64(vsa.dim), seed=np.int32(0), **vsa.options())
    x = twin.random(np.int64(2))
    assert torch.equal(twin.permute(x, np.int64(-1)), vsa.permute(vsa.random(2), -1))
    assert torch.equal(twin.bundle(x, dim=np.int64(0)), vsa.bundle(x))


def test_vtb_has_an_identity_from_both_sides_of_a_transpose():
    vsa = VTB(49)
    assert torch.equal(vsa.inverse(vsa.identity()), vsa.identity())


def test_the_widest_blocks_hold_their_own_symbols():
    vsa = SBC(2**17, block=2**15)  # symbols up to the greatest int16
    x, y = vsa.random(2, 100)
    assert int(x.max()) > 2**14
    assert torch.equal(vsa.unbind(vsa.bind(x, y), y), x)
    assert torch.equal(vsa.bundle(torch.stack([x, y, x]), dim=0), x)
