"""Any document becomes one finite unit vector, by the rules of the code."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hdlib import HRR, MAPI, MBAT
from hdlib.encode import JSONEncoder, JSONInputError
from tests.encode.json_records import gapminder
from tests.vsa.spaces import same

NUMBERS = st.integers() | st.integers(10**300, 10**330) | st.floats()
LEAVES = st.none() | st.booleans() | NUMBERS | st.text(st.characters())  # with lone surrogates
DOCUMENTS = st.recursive(
    LEAVES,
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(), parts, max_size=4),
    max_leaves=12,
)
OPTIONS = [
    {},
    {"array": "bag"},
    {"array": "ngram"},
    {"array": "mixed"},
    {"weighting": "leaf"},
    {"numbers": "thermometer"},
    {"numbers": "thermometer", "array": "bag"},
    {"kind": "orthogonal"},
    {"kind": "hadamard"},
]
EACH = pytest.mark.parametrize("options", OPTIONS, ids=lambda options: str(options)[1:-1])


def cosine(one, other, dim=4096, **options):
    x, y = JSONEncoder(dim, **options).encode([one, other])
    return float(x @ y)


def close(value, want, dim=4096, sds=5):
    """Within five standard deviations of a cosine of unrelated vectors."""
    return abs(value - want) < sds / math.sqrt(dim)


# What every document gives


@EACH
@settings(deadline=None, derandomize=True, max_examples=30)
@given(documents=st.lists(DOCUMENTS, min_size=1, max_size=4))
def test_every_document_gives_a_finite_unit_vector(options, documents):
    encoder = JSONEncoder(64, nonfinite="code", **options)
    for _ in range(2):
        x = encoder.encode(documents)
        assert x.shape == (len(documents), 64)
        assert torch.allclose(x.norm(dim=-1), torch.ones(len(documents)), atol=1e-5)
        for document, row in zip(documents, x, strict=True):
            assert torch.allclose(encoder.encode([document])[0], row, atol=1e-5)
        encoder.fit(documents)  # scales of numbers that are strange as well


def test_cancelling_values_still_give_a_unit_vector():
    encoder = JSONEncoder(64, numbers="thermometer", array="bag")
    assert encoder.encode([[-1e9, 1e9]]).norm() == pytest.approx(1)


@EACH
def test_a_vector_is_the_same_for_ever_alone_or_in_a_batch(options):
    document = {"b": [1, {"c": "x"}, []], "a": None}
    one, other = (JSONEncoder(256, **options) for _ in range(2))
    alone = one.encode(document)
    batch = other.encode([{"z": 1}, document, {"a": None, "b": [1, {"c": "x"}, []]}, "x"])
    assert same(batch[1], alone)
    assert torch.equal(batch[1], batch[2])
    assert not same(JSONEncoder(256, seed=1, **options).encode(document), alone)


def test_the_rules_are_those_of_the_paper_written_out():
    """The slow way, by the public verbs of MBAT: roles are atoms, arrays follow Horner's rule."""
    vsa = MBAT(512, seed=3)
    encoder = JSONEncoder(512, seed=3)

    def text(letter):
        return encoder.encode(letter)

    def normal(x):
        return x / x.norm()

    key, item, array = (vsa.atoms(label) for label in ("key/k", "item", "array"))
    p, q, r = text("p"), text("q"), text("r")
    once, twice = vsa.bind(q, item, item), vsa.bind(r, item, item, item)
    listed = normal(vsa.bind(vsa.bind(p, item) + once + twice, array))
    want = normal(vsa.bind(listed, key) + vsa.bind(p, vsa.atoms("key/other")))
    assert same(encoder.encode({"other": "p", "k": ["p", "q", "r"]}), want, tolerance=1e-5)


@pytest.mark.claim("json-collisions")
@pytest.mark.parametrize(
    ("one", "other", "want"),
    [
        ({"a": {"b": 1}}, {"b": {"a": 1}}, 0),
        ({"a": {"a": "x"}}, "x", 0),
        ([["p", "q"], ["r", "s"]], [["p", "r"], ["q", "s"]], 0.5),
        (["p", "q", "r"], ["r", "q", "p"], 1 / 3),
        ({"a": {"b": "x"}}, {"a": "x"}, 0),
        (["x"], "x", 0),
        ([], {}, 0),
        ({"a": 1, "b": "x"}, {"b": "x", "a": 1.0}, 1),
        ({"a": 1}, {"a": "1"}, 0),
        (True, 1, 0),
        (None, False, 0),
        ("", [], 0),
        ({"a": 1, "b": None}, {"a": 1}, math.sqrt(0.5)),
        (["p", "q", "r", "s", "t"], ["z", "p", "q", "r", "s", "t"], 0),
        ({"\u00e9": 1}, {"e\u0301": 1}, 0),
    ],
)
@pytest.mark.parametrize("kind", ["permutation", "hadamard"])
def test_documents_collide_only_where_they_agree(kind, one, other, want):
    assert close(cosine(one, other, kind=kind), want)


def test_without_an_array_operator_a_matrix_and_its_transpose_would_collide():
    """What the operator A repairs: powers of one matrix commute."""
    vsa = MBAT(4096)
    m = vsa.atoms("item")
    p, q, r, s = vsa.atoms(["p", "q", "r", "s"])

    def row(x, y):
        return vsa.bind(x, m) + vsa.bind(y, m, m)

    assert vsa.similarity(row(row(p, q), row(r, s)), row(row(p, r), row(q, s))) == pytest.approx(1)


@pytest.mark.claim("json-commuting")
def test_binding_that_commutes_confuses_what_matrices_keep_apart():
    """Keys that swap places, keys that cancel themselves, and trees whose levels share keys."""
    for vsa, confused in ((MAPI(4096), True), (HRR(4096), True), (MBAT(4096), False)):
        x, a, b = vsa.atoms(["x", "a", "b"])
        swapped = vsa.similarity(vsa.bind(x, a, b), vsa.bind(x, b, a)).item()
        assert swapped == pytest.approx(1, abs=1e-4) if confused else close(swapped, 0)
    vsa = MAPI(4096)
    x, a = vsa.atoms(["x", "a"])
    assert vsa.similarity(vsa.bind(x, a, a), x) == 1
    assert tree_recall(MBAT(1024)) == 1
    # theory of the collisions: 12 of 16 leaves share their vector with one other, 4 with three
    assert tree_recall(MAPI(1024)) == pytest.approx(12 / 16 / 2 + 4 / 16 / 4, abs=0.08)


def tree_recall(vsa, trees=40, words=100):
    """How often a leaf of a tree is right: two levels, the same four keys on both."""
    keys, known = vsa.atoms(["a", "b", "c", "d"]), vsa.random(words)
    rng, right = np.random.default_rng(0), 0
    paths = [(i, j) for i in range(4) for j in range(4)]
    for _ in range(trees):
        chosen = rng.integers(words, size=16).tolist()
        parts = [
            vsa.bind(known[w], keys[i], keys[j]) for w, (i, j) in zip(chosen, paths, strict=True)
        ]
        whole = vsa.bundle(torch.stack(parts))
        back = [vsa.unbind(vsa.unbind(whole, keys[j]), keys[i]) for i, j in paths]
        found = vsa.similarity(torch.stack(back), known).argmax(-1).tolist()
        right += sum(map(int.__eq__, found, chosen))
    return right / (16 * trees)


@pytest.mark.claim("json-norms")
def test_gaussian_matrices_are_unstable_and_orthogonal_ones_are_not():
    """The lengths of chains of 16 binds, and the condition numbers that rule out inversion."""
    for kind in ("permutation", "orthogonal", "hadamard", "gaussian"):
        vsa = MBAT(256, kind=kind)
        x = vsa.random(20)
        for key in vsa.random(16):
            x = vsa.bind(x, key)
        lengths = x.norm(dim=-1)
        print(kind, lengths.mean(), lengths.std())
        if kind == "gaussian":
            assert lengths.std() > 0.05
        else:
            assert torch.allclose(lengths, torch.ones(20), atol=1e-4)
    gaussian = MBAT(256, kind="gaussian")
    conditions = [float(torch.linalg.cond(gaussian._matrix(i)[0])) for i in range(9)]
    print("median condition number", np.median(conditions))
    assert np.median(conditions) > 100


def test_arrays_may_forget_order_or_survive_insertion():
    one, other = list("pqrst"), list("zpqrst")
    assert cosine(one, list("tsrqp"), array="bag") == pytest.approx(1)
    assert close(cosine(one, other, array="bag"), math.sqrt(5 / 6))
    assert close(cosine(one, other, array="ngram"), 5 / math.sqrt(6 * 7), sds=8)
    assert close(cosine(one, list("tsrqp"), array="ngram"), 0)
    assert close(cosine(one, other, array="mixed"), math.sqrt(5 / 6) / 2, sds=8)
    assert close(cosine(["x"], "x", array="bag"), 0)


@pytest.mark.parametrize(("weighting", "want"), [("level", 0.5), ("leaf", 0.75)])
def test_weighting_says_whether_containers_or_leaves_count_the_same(weighting, want):
    one = {"a": "x", "b": {"c": "p", "d": "q", "e": "r"}}
    assert close(cosine(one, one | {"a": "y"}, weighting=weighting), want, sds=8)


def test_similar_texts_and_numbers_are_similar():
    grams = 1 / (1 + 0.5**2)  # the share of the trigrams; the rest is the whole text's
    assert close(cosine("Israel", "Isreal"), grams * 2 / 6)
    assert close(cosine("Switzerland", "Switzerlant"), grams * 9 / 11)
    assert close(cosine("Bern", "bern"), grams)
    assert close(cosine("Israel", "Kuwait"), 0)


@pytest.mark.parametrize(("x", "y", "want"), [(1, 1.1, 0.96), (1, 2, 0.09), (100, 110, 0.93)])
def test_unfitted_numbers_follow_the_gaussian_kernel(x, y, want):
    distance = (math.asinh(x) - math.asinh(y)) / 0.25
    assert math.exp(-(distance**2) / 2) == pytest.approx(want, abs=0.02)
    assert close(cosine(x, y), math.exp(-(distance**2) / 2))


def test_a_fitted_scale_tells_years_apart():
    years = [{"year": year} for year in range(1952, 2008, 5)]
    fitted, plain = JSONEncoder(4096).fit(years), JSONEncoder(4096)
    a, b = {"year": 1977}, {"year": 1982}
    assert float(plain.encode(a) @ plain.encode(b)) > 0.99
    distance = 1 / 11 / 0.05
    want = math.exp(-(distance**2) / 2)
    assert close(float(fitted.encode(a) @ fitted.encode(b)), want)


def test_a_thermometer_falls_in_a_straight_line():
    encoder = JSONEncoder(4096, numbers="thermometer").fit(range(101))
    x = encoder.encode([0, 25, 50, 100])
    assert np.allclose((x @ x[0]).tolist(), [1, 0.5, 0, -1], atol=0.02)


def test_word_vectors_bring_words_of_one_meaning_together():
    known = {"car": [1.0, 0.0, 0.0], "auto": [0.9, 0.1, 0.0], "pear": [0.0, 0.0, 1.0]}
    assert cosine("car", "auto") < 0.2
    assert cosine("car", "auto", words=known) > 0.3 > cosine("car", "pear", words=known.get)


def test_path_weights_leave_out_and_emphasise():
    encoder = JSONEncoder(4096)
    x = encoder.encode({"a": "p", "b": {"c": "q", "d": "r"}, "t": 5})
    same_but_time = encoder.encode({"a": "p", "b": {"c": "q", "d": "r"}}, weights={"$.t": 0})
    left_out = encoder.encode({"a": "p", "b": {"c": "q", "d": "r"}, "t": 5}, weights={"$.t": 0})
    assert same(left_out, same_but_time, tolerance=1e-5)
    heavy = encoder.encode({"a": "p", "b": {"c": "q", "d": "r"}, "t": 5}, weights={("b", "c"): 9})
    only = {"b": {"c": "q"}}
    assert float(heavy @ encoder.encode(only)) > float(x @ encoder.encode(only)) + 0.1
    items = encoder.encode([{"l": ["p", {"x": 1}]}], weights={"$.l[*].x": 0})[0]
    assert items.norm() == pytest.approx(1)


# What it is fitted to


def test_fitting_in_parts_is_fitting_at_once():
    records = gapminder()[:300]
    whole = JSONEncoder(256).fit(iter(records))
    parts = JSONEncoder(256).partial_fit(records[:100]).partial_fit(records[100:])
    assert torch.equal(whole.encode(records), parts.encode(records))
    assert whole.schema.seen == parts.schema.seen == 300


def test_a_fit_begins_anew_and_a_failed_one_changes_nothing():
    encoder = JSONEncoder(64).fit([{"a": 1}])
    before = encoder.encode({"a": 3})
    for fit in (encoder.fit, encoder.partial_fit):
        with pytest.raises(JSONInputError, match=r"record 1, at \$\.b: a object is no JSON value"):
            fit([{"a": 7}, {"b": object()}])
    assert torch.equal(encoder.encode({"a": 3}), before)
    assert (encoder.schema.seen, encoder.fits) == (1, 1)
    assert encoder.fit([{"a": 5}, {"a": 9}]).schema.seen == 2


def test_long_streams_of_numbers_keep_their_quantiles():
    rng = np.random.default_rng(0)
    values = np.exp(rng.normal(size=60_000)).tolist()
    scale = JSONEncoder(64).fit([value] for value in values).schema.items.scale
    shares = np.linspace(0.01, 0.99, 50)
    found = scale.units(np.quantile(values, shares)) * 0.05
    assert np.abs(found - shares).max() < 0.003
    assert len(scale.values) < 2_100


@EACH
def test_an_encoder_comes_back_from_a_file(options, tmp_path):
    records = [*gapminder()[:50], [1, "x", None], {"\ud800": float("nan")}]
    encoder = JSONEncoder(128, nonfinite="code", seed=5, **options).fit(records)
    encoder.save(tmp_path / "e")
    loaded = JSONEncoder.load(tmp_path / "e")
    assert torch.equal(loaded.encode(records), encoder.encode(records))
    assert repr(loaded) == repr(encoder)
    x = encoder.encode(records[0])
    assert loaded.get(x, "$.geo") == encoder.get(x, "$.geo")


def test_word_vectors_are_asked_for_again(tmp_path):
    JSONEncoder(64, words={"a": [1.0]}).save(tmp_path / "e")
    with pytest.raises(ValueError, match="give words= again"):
        JSONEncoder.load(tmp_path / "e")
    assert JSONEncoder.load(tmp_path / "e", words={"a": [1.0]}).dim == 64


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"dim": 8}, "dim must be at least 16"),
        ({"array": "set"}, "array must be one of position, bag, ngram, mixed, got 'set'"),
        ({"weighting": "tree"}, "weighting must be one of level, leaf"),
        ({"numbers": "log"}, 'numbers must be "fourier" or "thermometer"'),
        ({"kind": "dense"}, "kind must be one of"),
        ({"nonfinite": "drop"}, "nonfinite must be error or code"),
        ({"duplicates": "first"}, "duplicates must be error or last"),
        ({"max_depth": 0}, "max_depth must be at least 1"),
    ],
)
def test_options_are_checked(options, why):
    with pytest.raises(ValueError, match=why):
        JSONEncoder(**{"dim": 64, **options})
