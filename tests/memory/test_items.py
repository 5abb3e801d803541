"""The item memory: what is added comes back, and clean-up is a brute-force search."""

import copy
import math
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import hdlib
from hdlib import ItemMemory, kernels
from hdlib.memory import items
from hdlib.memory.items import places_of, scores_of
from hdlib.vsa import base

SPACES = {
    "MAPI": lambda: hdlib.MAPI(256),
    "MAPB": lambda: hdlib.MAPB(256),
    "BSC": lambda: hdlib.BSC(200),
    "BSDC or": lambda: hdlib.BSDC(256, density=0.1),
    "BSDC count": lambda: hdlib.BSDC(256, bundles="count"),
    "SBC": lambda: hdlib.SBC(256, block=4),
    "MCR": lambda: hdlib.MCR(256),
    "CGR": lambda: hdlib.CGR(256, modulus=5),
    "HRR": lambda: hdlib.HRR(256),
    "FHRR": lambda: hdlib.FHRR(256),
    "VTB": lambda: hdlib.VTB(256),
    "MBAT": lambda: hdlib.MBAT(256),
}
EXACT = ("MAPI", "MAPB", "BSC", "BSDC or", "SBC")  # equal vectors have equal scores to the last bit


@pytest.fixture(params=SPACES)
def vsa(request):
    return SPACES[request.param]()


@pytest.fixture(params=EXACT)
def exact(request):
    return SPACES[request.param]()


@pytest.fixture
def bsc():
    return SPACES["BSC"]()


def state(memory):
    return memory.labels, memory.vectors().clone(), len(memory), memory.cleanup(memory.vectors())


def same_state(one, other):
    return (
        one[0] == other[0]
        and torch.equal(one[1], other[1])
        and one[2] == other[2]
        and one[3][0] == other[3][0]
        and torch.equal(one[3][1], other[3][1])
    )


def brute_force(vsa, queries, rows, k):
    """Every similarity, sorted by score and then by place."""
    scores = vsa.similarity(queries, rows).to(torch.float32).numpy()
    order = np.lexsort((np.arange(scores.shape[1])[None].repeat(len(scores), 0), -scores))[:, :k]
    return order.tolist(), np.take_along_axis(scores, order, 1)


# Adding and reading


def test_atoms_are_stored_by_default(vsa):
    memory = ItemMemory(vsa).add(["x", 7, "é", ""])
    assert memory.labels == ["x", 7, "é", ""]
    assert torch.equal(memory.vectors(), vsa.atoms(["x", 7, "é", ""]))
    assert torch.equal(memory.vectors("é"), vsa.atoms("é"))
    assert torch.equal(memory.vectors([7, "x", 7]), vsa.atoms([7, "x", 7]))
    assert memory.vectors([]).shape == (0, vsa.width)


def test_given_vectors_are_stored_as_they_are(vsa):
    vectors = vsa.random(3)
    memory = ItemMemory(vsa).add(["a", "b", "c"], vectors)
    assert torch.equal(memory.vectors(), vectors)
    assert memory.add("d", vectors[0]).cleanup(vectors[1])[0] == "b"


def test_an_empty_memory_has_no_rows(vsa):
    for stored in (True, False):
        memory = ItemMemory(vsa, stored=stored)
        assert len(memory) == 0
        assert memory.labels == []
        assert memory.vectors().shape == (0, vsa.width)
        assert memory.vectors().dtype == vsa.atoms([]).dtype
        assert memory.add([]).labels == []


@pytest.mark.parametrize("stored", [True, False])
def test_growing_one_by_one_equals_adding_at_once(bsc, stored):
    grown = ItemMemory(bsc, stored=stored)
    for i in range(70):
        grown.add(f"item {i}")
    grown.add(range(100))
    once = ItemMemory(bsc, stored=stored).add([*(f"item {i}" for i in range(70)), *range(100)])
    assert same_state(state(grown), state(once))


def test_labels_are_found(bsc):
    memory = ItemMemory(bsc).add(["1", 2])
    assert "1" in memory
    assert 2 in memory
    assert 1 not in memory
    assert "2" not in memory
    assert len(memory) == 2


def test_numpy_labels_become_plain_ones(bsc):
    memory = ItemMemory(bsc).add(np.arange(3)).add(np.array(["a"]))
    assert memory.labels == [0, 1, 2, "a"]
    assert {type(label) for label in memory.labels} == {int, str}
    assert torch.equal(memory.vectors(np.int64(2)), bsc.atoms(2))


def test_sums_of_growing_size_keep_their_values():
    vsa = hdlib.MAPI(64)
    sums = vsa.bundle(vsa.atoms(range(200)))
    huge = torch.full((64,), 2**24 + 1, dtype=torch.int32)
    memory = ItemMemory(vsa).add("atom").add("sum", sums).add("huge", huge)
    memory.add("real", torch.full((64,), 0.5))
    assert torch.equal(memory.vectors("huge").to(torch.int32), huge)
    assert torch.equal(memory.vectors("sum").to(torch.int32), sums)
    assert torch.equal(memory.vectors("atom").to(torch.int8), vsa.atoms("atom"))
    assert memory.vectors("real").unique().item() == 0.5


# What is stored cannot be damaged


def test_the_label_list_is_a_copy(bsc):
    memory = ItemMemory(bsc).add(["a"])
    memory.labels.append("b")
    assert memory.labels == ["a"]


def test_writing_into_vectors_does_not_reach_the_memory(vsa):
    given = vsa.random(2)
    memory = ItemMemory(vsa).add(["a", "b"], given)
    before = given.clone()
    memory.vectors().zero_()
    memory.vectors("a").zero_()
    memory.vectors(["a", "b"]).zero_()
    given.zero_()
    assert torch.equal(memory.vectors(), before)


def test_gradients_stay_outside():
    vsa = hdlib.HRR(64)
    given = vsa.random(2).requires_grad_()
    memory = ItemMemory(vsa).add(["a", "b"], given)
    label, score = memory.cleanup(given[1] * 2)
    assert label == "b"
    assert not score.requires_grad
    assert not memory.vectors().requires_grad


BAD_ADDS = {
    "twice": (["new", "new"], None, ValueError, "'new' is stored already"),
    "known": (["new", "b"], None, ValueError, "'b' is stored already"),
    "float": (["new", 1.5], None, TypeError, "a label is a text or an integer, got 1.5"),
    "bool": (["new", True], None, TypeError, "got True"),
    "none": (None, None, TypeError, "got None"),
    "bytes": (b"new", None, TypeError, "got b'new'"),
    "list": (["new", ["x"]], None, TypeError, r"got \['x'\]"),
    "huge": (["new", 2**64], None, ValueError, "does not fit 64 bits"),
    "too few": (["new", "newer"], lambda v: v[:1], ValueError, r"need vectors \(2, 8\)"),
    "one row": (["new", "newer"], lambda v: v[0], ValueError, r"need vectors \(2, 8\)"),
    "width": (["new"], lambda v: v[:1, :7], ValueError, r"\(1, 7\)"),
    "dtype": (["new"], lambda v: v[:1].to(torch.int8), TypeError, "int8"),
    "batch": (["new"], lambda v: v[None, :1], ValueError, "need vectors"),
    "device": (["new"], lambda v: v[:1].to("meta"), ValueError, "meta"),
    "no tensor": (["new"], lambda v: v[:1].tolist(), TypeError, "tensor"),
}


@pytest.mark.parametrize("case", BAD_ADDS)
def test_a_refused_add_stores_nothing(bsc, case):
    labels, vectors, error, words = BAD_ADDS[case]
    memory = ItemMemory(bsc).add(["a", "b", 3])
    before = state(memory)
    with pytest.raises(error, match=words):
        memory.add(labels, None if vectors is None else vectors(bsc.random(2)))
    assert same_state(state(memory), before)
    assert "new" not in memory
    assert memory.add("new").labels == ["a", "b", 3, "new"]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_nan_and_inf_are_refused(value):
    vsa = hdlib.HRR(64)
    memory = ItemMemory(vsa).add("a")
    with pytest.raises(ValueError, match="NaN or inf"):
        memory.add("b", torch.full((64,), value))
    with pytest.raises(ValueError, match="NaN or inf"):
        memory.cleanup(torch.full((64,), value))
    assert memory.labels == ["a"]


def test_vectors_cannot_be_given_to_a_memory_that_makes_them(bsc):
    memory = ItemMemory(bsc, stored=False)
    with pytest.raises(ValueError, match="stored=False"):
        memory.add("a", bsc.random())
    assert len(memory) == 0


def test_an_unknown_label_is_named(bsc):
    with pytest.raises(KeyError, match="'z' is none of the 1 items"):
        ItemMemory(bsc).add("a").vectors(["a", "z"])


# Clean-up


@pytest.mark.parametrize("batch", [(), (1,), (4,), (2, 3), (0,), (2, 0)])
@pytest.mark.parametrize("k", [1, 3])
def test_answers_have_the_shape_of_the_queries(vsa, batch, k):
    memory = ItemMemory(vsa).add(range(5))
    labels, scores = memory.cleanup(vsa.random(*batch), k)
    shape = batch if k == 1 else (*batch, k)
    assert scores.shape == shape
    assert scores.dtype == torch.float32
    assert np.array(labels).reshape(shape).shape == shape


def test_a_single_query_gets_a_single_label(bsc):
    memory = ItemMemory(bsc).add(["a", "b"])
    assert memory.cleanup(bsc.atoms("b")) == ("b", torch.tensor(1.0))
    assert memory.cleanup(bsc.atoms("b"), k=2)[0] == ["b", "a"]
    assert memory.cleanup(bsc.atoms(["b", "a"]))[0] == ["b", "a"]


def test_every_item_cleans_up_to_itself(vsa):
    memory = ItemMemory(vsa).add(range(50))
    labels, scores = memory.cleanup(vsa.atoms(range(50)))
    assert labels == list(range(50))
    assert torch.allclose(scores, torch.ones(50), atol=1e-5)


@pytest.mark.parametrize("k", [1, 2, 7, 60])
def test_clean_up_is_a_brute_force_search_by_score_then_place(exact, k):
    rows = exact.atoms([i % 40 for i in range(60)])  # twenty vectors are there twice
    queries = torch.cat([exact.bundle(exact.random(9, 3)), rows[-3:]])
    memory = ItemMemory(exact).add(range(60), rows)
    labels, scores = memory.cleanup(queries, k)
    places, expected = brute_force(exact, queries, rows, k)
    assert labels == (places if k > 1 else [p for (p,) in places])
    assert np.array_equal(scores.numpy().reshape(len(queries), k), expected)


def test_clean_up_is_a_brute_force_search_for_every_model(vsa):
    memory = ItemMemory(vsa).add(range(60))
    queries = vsa.bundle(vsa.atoms(torch.arange(27).reshape(9, 3)))
    labels, scores = memory.cleanup(queries, 5)
    places, expected = brute_force(vsa, queries, memory.vectors(), 5)
    assert np.allclose(scores.numpy(), expected, atol=1e-5)
    own = vsa.similarity(queries, memory.vectors()).gather(1, torch.tensor(labels))
    assert torch.allclose(own.to(torch.float32), scores, atol=1e-5)
    assert [row[0] for row in labels] == [row[0] for row in places]


@pytest.mark.parametrize("k", [1, 4])
def test_of_equal_scores_the_first_added_wins(exact, k):
    memory = ItemMemory(exact).add(["far"]).add(list("dcba"), exact.atoms([1, 1, 1, 1]))
    labels, _ = memory.cleanup(exact.atoms(1), k)
    assert labels == ("d" if k == 1 else list("dcba"))


def test_a_query_similar_to_nothing_gets_the_first_items():
    vsa = hdlib.MAPI(64)
    memory = ItemMemory(vsa).add(range(4))
    labels, scores = memory.cleanup(torch.zeros(64, dtype=torch.int8), 3)
    assert labels == [0, 1, 2]
    assert scores.tolist() == [0, 0, 0]


def test_a_tally_can_be_cleaned_up(vsa):
    memory = ItemMemory(vsa).add(range(9))
    tally = vsa.tally(vsa.atoms([1, 2, 3]))
    labels, scores = memory.cleanup(tally, 3)
    assert sorted(labels) == [1, 2, 3]
    assert torch.allclose(vsa.similarity(tally, vsa.atoms(labels)).float(), scores, atol=1e-5)


def test_made_on_the_fly_equals_stored(vsa):
    queries = vsa.bundle(vsa.random(7, 3))
    for k in (1, 4):
        labels, scores = ItemMemory(vsa).add(range(50)).cleanup(queries, k)
        other, others = ItemMemory(vsa, stored=False).add(range(50)).cleanup(queries, k)
        assert labels == other
        assert torch.equal(scores, others)


@pytest.mark.parametrize("k", [0, -1, 6, True, 1.0, None])
def test_a_wrong_k_is_refused(bsc, k):
    memory = ItemMemory(bsc).add(range(5))
    with pytest.raises(ValueError, match=f"k = {k} of 5 items"):
        memory.cleanup(bsc.random(), k)


def test_an_empty_memory_cannot_clean_up(bsc):
    with pytest.raises(ValueError, match=r"of 0 items.* or add items"):
        ItemMemory(bsc).cleanup(bsc.random())


def test_a_query_of_another_space_is_refused(bsc):
    memory = ItemMemory(bsc).add(range(5))
    with pytest.raises(ValueError, match=r"cleanup.*16"):
        memory.cleanup(hdlib.BSC(1000).random())
    with pytest.raises(TypeError, match="cleanup"):
        memory.cleanup(hdlib.SBC(256).random())


# Chunks


@pytest.mark.parametrize("scores", [1, 7, 64, 1000])
@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("k", [1, 3])
def test_chunks_change_no_answer(exact, monkeypatch, scores, stored, k):
    rows, queries = [i % 30 for i in range(50)], exact.bundle(exact.random(11, 3))
    memory = ItemMemory(exact, stored=stored)
    memory.add(range(50), *([exact.atoms(rows)] if stored else []))
    expected = memory.cleanup(queries, k)
    monkeypatch.setattr(items, "SCORES", scores)
    monkeypatch.setattr(base, "MADE", 4096)
    found = memory.cleanup(queries, k)
    assert found[0] == expected[0]
    assert torch.equal(found[1], expected[1])


def peak(call):
    """Most bytes that torch held at once for a call, by its own account."""
    activities = [torch.profiler.ProfilerActivity.CPU]
    with torch.profiler.profile(activities=activities, profile_memory=True) as seen:
        call()
    events = [e for e in seen.profiler.kineto_results.events() if e.name() == "[memory]"]
    events.sort(key=lambda event: event.start_ns())
    return max(np.cumsum([event.nbytes() for event in events]))


def test_the_peak_is_measured():
    assert peak(lambda: torch.ones(1 << 20) + torch.ones(1 << 20)) >= 8 << 20


@pytest.mark.parametrize(("n", "q"), [(10_000, 1000), (100, 20_000), (200_000, 1)])
def test_temporaries_stay_under_64_mb(n, q):
    vsa = hdlib.BSC(512)
    memory, queries = ItemMemory(vsa).add(range(n)), vsa.atoms(range(q))
    for k in (1, 10):
        assert peak(lambda k=k: memory.cleanup(queries, k)) < 64 << 20


@pytest.mark.parametrize("name", ["HRR", "FHRR", "BSC", "MAPI"])
def test_items_made_on_the_fly_stay_under_64_mb(name):
    vsa = getattr(hdlib, name)(10_240)
    memory = ItemMemory(vsa, stored=False).add(range(2000))  # 80 MB if HRR made them at once
    assert peak(lambda: memory.cleanup(vsa.atoms(0))) < 64 << 20


# Sort keys

SCORE = st.floats(-1, 1, width=32)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.lists(SCORE | st.sampled_from([0.0, -0.0, 1.0, -1.0, 1e-45]), min_size=1, max_size=20))
def test_keys_sort_by_score_then_place_and_can_be_read_back(values):
    scores = torch.tensor([values], dtype=torch.float32)
    keys = kernels.best(scores, 1000, len(values))
    order = sorted(range(len(values)), key=lambda i: (-scores[0, i].item(), i))
    assert places_of(keys)[0].tolist() == [1000 + i for i in order]
    assert scores_of(keys)[0].tolist() == [scores[0, i].item() for i in order]


# Copies


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("copier", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_is_equal_and_independent(vsa, stored, copier):
    memory = ItemMemory(vsa, stored=stored).add(["a", "b", 3])
    before = state(memory)
    other = copier(memory)
    assert same_state(state(other), before)
    other.add("c")
    assert same_state(state(memory), before)
    assert other.labels == ["a", "b", 3, "c"]


def test_a_memory_says_what_it_is(bsc):
    assert repr(ItemMemory(bsc).add("a")) == f"ItemMemory(1 items of {bsc!r}, stored)"
    assert "made on the fly" in repr(ItemMemory(bsc, stored=False))


def test_what_a_memory_keeps_for_comparing_follows_what_it_stores(vsa):
    memory = ItemMemory(vsa).add(range(20))
    query = vsa.bundle(vsa.atoms([3, 30, 31]))
    assert memory.cleanup(query)[0] == 3
    memory.add(range(20, 40))
    labels, scores = memory.cleanup(query, 40)
    expected = vsa.similarity(query, vsa.atoms(labels))
    assert set(labels[:3]) == {3, 30, 31}
    assert torch.allclose(scores, expected, atol=1e-6)


@pytest.mark.parametrize("model", [hdlib.MAPI, hdlib.MAPB])
def test_vectors_that_cannot_be_packed_are_compared_as_they_are(model):
    ternary = torch.tensor([[1, 0, -1, 1]], dtype=torch.int8)
    memory = ItemMemory(model(4)).add(["a"], ternary)
    query = torch.tensor([1, 1, -1, 1], dtype=torch.int8)
    assert memory.cleanup(query)[1].item() == pytest.approx(3 / math.sqrt(12))
