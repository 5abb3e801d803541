"""What is in a vector can be read, explained and edited, as well as theory says."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hdlib import theory
from hdlib.encode import JSONEncoder
from tests.encode.json_records import gapminder
from tests.vsa.spaces import pooled

WORDS = [chr(0x4E00 + i) for i in range(1000)]  # texts of one letter have no trigram in common


def z_of(hits, n, p):
    """Standard errors between a count and its expectation, kept away from 0 and 1."""
    p = min(max(p, 0.5 / n), 1 - 0.5 / n)
    return (hits - n * p) / math.sqrt(n * p * (1 - p))


# Laws


def recall(dim, leaves, words, documents, seed, **options):
    """How many leaves of flat documents are read rightly, and of how many."""
    rng = np.random.default_rng(seed)
    keys = [f"k{i}" for i in range(leaves)]
    fitted = [dict.fromkeys(keys, word) for word in WORDS[:words]]
    encoder = JSONEncoder(dim, seed=seed, **options).fit(fitted)
    chosen = rng.integers(words, size=(documents, leaves)).tolist()
    given = [{key: WORDS[i] for key, i in zip(keys, row, strict=True)} for row in chosen]
    x = encoder.encode(given)
    found = [reading.value for key in keys for reading in encoder.get(x, [key])]
    wanted = [document[key] for key in keys for document in given]
    return sum(map(str.__eq__, map(str, found), wanted)), len(wanted)


@pytest.mark.claim("json-recall")
def test_leaves_are_read_as_often_as_theory_says():
    """Only leaves / D counts: the law of clean-up, whatever the document."""
    zs = []
    for dim, leaves in [(128, 4), (128, 8), (128, 16), (256, 8), (256, 16), (256, 32), (512, 32)]:
        for seed, weighting in enumerate(("level", "leaf"), dim + 10 * leaves):
            hits, n = recall(dim, leaves, 100, 2400 // leaves, seed, weighting=weighting)
            law = float(theory.cleanup_accuracy("MBAT", leaves, 100, dim=dim))
            zs.append(z_of(hits, n, law))
            print(dim, leaves, weighting, hits / n, law)
    pooled(zs)


@pytest.mark.claim("json-capacity")
def test_32_dimensions_a_leaf_give_99_percent_among_1000():
    law = [float(theory.cleanup_accuracy("MBAT", n, 1000, dim=32 * n)) for n in (8, 32, 128)]
    assert min(law) > 0.985
    assert float(theory.cleanup_accuracy("MBAT", 32, 1000, dim=33 * 32)) > 0.99
    hits, n = recall(512, 16, 1000, 100, 0)
    assert hits / n == pytest.approx(0.99, abs=0.01)


@pytest.mark.claim("json-stability")
def test_orthogonal_matrices_do_not_care_about_depth():
    """A leaf d levels down, three siblings at each: 3 d + 1 leaves, and nothing else counts."""
    zs, gaussian = [], {}
    for kind in ("permutation", "orthogonal", "hadamard", "gaussian"):
        for depth in (4, 8, 12, 16):
            hits, n = nested(kind, depth, 160)
            law = float(theory.cleanup_accuracy("MBAT", 3 * depth + 1, 200, dim=512))
            print(kind, depth, hits / n, law)
            if kind == "gaussian":
                gaussian[depth] = hits / n
            else:
                zs.append(z_of(hits, n, law))
    pooled(zs)
    assert gaussian[8] < 0.5
    assert gaussian[16] < 0.15


def nested(kind, depth, documents):
    rng = np.random.default_rng(depth)
    path = [f"k{level}" for level in range(depth)]

    def document(words):
        made = WORDS[words[0]]
        for level, key in enumerate(reversed(path)):
            part = words[1 + 3 * level : 4 + 3 * level]
            made = {key: made, **{f"s{i}": WORDS[word] for i, word in enumerate(part)}}
        return made

    fitted = [document([word] * (3 * depth + 1)) for word in range(200)]
    encoder = JSONEncoder(512, kind=kind, weighting="leaf", seed=depth).fit(fitted)
    chosen = rng.integers(200, size=(documents, 3 * depth + 1)).tolist()
    found = encoder.get(encoder.encode([document(row) for row in chosen]), path)
    return sum(r.value == WORDS[row[0]] for r, row in zip(found, chosen, strict=True)), documents


def test_confidence_is_the_chance_to_be_right():
    zs = []
    for dim in (24, 32, 48, 64, 96, 128):
        encoder = JSONEncoder(dim, seed=dim).fit(gapminder())
        x = encoder.encode(gapminder()[::3])
        for path in ("$.geo.iso", "$.geo.continent"):
            readings = encoder.get(x, path)
            key = path.rpartition(".")[2]
            wanted = [record["geo"][key] for record in gapminder()[::3]]
            right = np.array([r.value == w for r, w in zip(readings, wanted, strict=True)])
            sure = np.array([r.confidence for r in readings])
            print(dim, key, right.mean(), sure.mean())
            zs.append((right - sure).sum() / math.sqrt((sure * (1 - sure)).sum() + 1))
    assert abs(np.mean(zs)) < 2


# Reading back


@pytest.mark.claim("json-readback")
def test_gapminder_is_read_back():
    records = gapminder()
    encoder = JSONEncoder(256).fit(records)
    found = encoder.get(encoder.encode(records), "$.geo.iso")
    assert [r.value for r in found] == [record["geo"]["iso"] for record in records]
    encoder = JSONEncoder(2048).fit(records)
    found = encoder.get(encoder.encode(records), "$.stats.pop")
    true = np.array([record["stats"]["pop"] for record in records])
    error = np.abs(np.array([r.value for r in found]) / true - 1)
    print("median", np.median(error), "within 10 %", (error < 0.1).mean())
    assert np.median(error) <= 0.02
    assert all(isinstance(r.value, int) for r in found)


LEAVES = st.sampled_from(["a", "b", "c", "", None, True, False, [], {}])
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "x": LEAVES,
        "l": st.lists(LEAVES, min_size=1, max_size=3),
        "o": st.fixed_dictionaries({"y": LEAVES}, optional={"z": LEAVES}),
        "m": LEAVES | st.fixed_dictionaries({"u": LEAVES}),
    },
)


@pytest.mark.parametrize(
    "options", [{}, {"weighting": "leaf"}, {"array": "mixed"}, {"kind": "hadamard"}]
)
@settings(deadline=None, derandomize=True, max_examples=15)
@given(documents=st.lists(DOCUMENTS.filter(bool), min_size=1, max_size=4))
def test_whole_documents_are_read_back(options, documents):
    encoder = JSONEncoder(4096, **options).fit(documents)
    found = encoder.get(encoder.encode(documents))
    assert [reading.value for reading in found] == documents


def test_a_reading_says_what_it_is():
    records = [{"a": "x", "n": 1.5, "b": None}, {"a": "y", "n": 2.5}]
    encoder = JSONEncoder(4096).fit(records)
    full, less = encoder.encode(records)
    assert encoder.get(full, "$.b").kind == "null"
    absent = encoder.get(less, "$.b")
    assert (absent.kind, absent.value) == ("absent", None)
    assert absent.confidence > 0.99
    reading = encoder.get(full, "$.a")
    assert (reading.path, reading.value, reading.kind) == ("$.a", "x", "string")
    assert reading.score == pytest.approx(reading.expected, abs=0.1)
    assert reading.noise == 1 / 64
    assert encoder.get(full, "$.n").value == pytest.approx(1.5, abs=0.05)
    assert [r.value for r in encoder.get(torch.stack([full, less]), "a")] == ["x", "y"]


def test_a_thermometer_is_read_as_well():
    records = [{"n": n, "s": str(n)} for n in range(100)]
    encoder = JSONEncoder(4096, numbers="thermometer").fit(records)
    found = encoder.get(encoder.encode(records), "$.n")
    assert np.median([abs(r.value - i) for i, r in enumerate(found)]) <= 3


def test_arrays_are_read_by_position_and_nested_paths():
    document = {"l": [{"a": ["p", "q"]}, "r"]}
    encoder = JSONEncoder(4096).fit([document])
    x = encoder.encode(document)
    assert encoder.get(x, "$.l[0].a[1]").value == "q"
    assert encoder.get(x, ["l", 1]).value == "r"
    assert encoder.get(x).value == document
    shorter = encoder.encode({"l": [{"a": ["q"]}]})
    assert (
        encoder.get(shorter, "$.l[0].a[1]").kind == encoder.get(shorter, "$.l[1]").kind == "absent"
    )
    with pytest.raises(KeyError, match=r"nothing was seen at \$\.l\[2\]"):
        encoder.get(x, "$.l[2].a")
    with pytest.raises(ValueError, match="no array has a position"):
        encoder.update(x, ["l", 10**9], "p", "q")


@pytest.mark.parametrize(
    ("path", "error", "why"),
    [
        ("$.z", KeyError, r"nothing was seen at \$\.z"),
        ("$..a", ValueError, "names no single place"),
        ("$.l[*]", ValueError, "names no single place"),
        ("$.l[-1]", ValueError, "names no single place"),
        ("$.l[", ValueError, "is no JSONPath"),
        (["l", -1], ValueError, "a key or a position from 0"),
        (["l", True], ValueError, "a key or a position from 0"),
        (7, TypeError, "a path is a JSONPath text or a list of steps"),
    ],
)
def test_paths_that_lead_nowhere(path, error, why):
    encoder = JSONEncoder(64).fit([{"l": ["a"]}])
    with pytest.raises(error, match=why):
        encoder.get(encoder.encode({"l": ["a"]}), path)


@pytest.mark.parametrize("array", ["bag", "ngram"])
def test_items_without_positions_are_not_read(array):
    encoder = JSONEncoder(64, array=array).fit([{"l": ["a"]}])
    with pytest.raises(ValueError, match=f"an array as {array} has no positions"):
        encoder.get(encoder.encode({"l": ["a"]}), "$.l[0]")


@pytest.mark.parametrize(
    ("vector", "error", "why"),
    [
        ([0.0] * 64, TypeError, "expected a vector of floats, got list"),
        (torch.zeros(64, dtype=torch.int64), TypeError, "expected a vector of floats"),
        (torch.zeros(63), ValueError, r"expected \(64,\) or \(n, 64\), got \(63,\)"),
        (torch.full((64,), math.inf), ValueError, "NaN or inf"),
    ],
)
def test_vectors_are_checked(vector, error, why):
    encoder = JSONEncoder(64).fit([{"a": 1}])
    for verb in (
        lambda: encoder.get(vector, "$.a"),
        lambda: encoder.update(vector, "$.a", 1, 2),
        lambda: encoder.analogy(1, vector, vector),
    ):
        with pytest.raises(error, match=why):
            verb()


# Explaining


ALL = [
    {},
    {"weighting": "leaf"},
    {"array": "bag"},
    {"array": "mixed"},
    {"array": "ngram"},
    {"array": "mixed", "weighting": "leaf"},
    {"kind": "orthogonal"},
]


@pytest.mark.parametrize("options", ALL, ids=str)
@settings(deadline=None, derandomize=True, max_examples=12)
@given(pair=st.tuples(DOCUMENTS, DOCUMENTS))
def test_contributions_add_up_to_the_cosine(options, pair):
    encoder = JSONEncoder(128, **options)
    query, document = pair
    x, y = encoder.encode([query, document])
    parts = encoder.explain(query, document)
    assert sum(p.contribution for p in parts if p.leaf) == pytest.approx(float(x @ y), abs=1e-4)
    by_vector = encoder.explain(query, y)
    assert [p.score for p in by_vector] == pytest.approx([p.score for p in parts], abs=1e-5)


@pytest.mark.parametrize("options", ALL[:2], ids=str)
def test_expected_scores_are_those_of_equal_values(options):
    record = gapminder()[600]
    zs = []
    for seed in range(12):
        encoder = JSONEncoder(1024, seed=seed, **options).fit(gapminder())
        parts = encoder.explain(record, record)
        zs += [(part.score - part.expected) / part.noise for part in parts]
    assert abs(np.mean(zs)) < 0.5
    assert np.std(zs) < 1.1


def test_what_cancels_is_explained_as_nothing():
    encoder = JSONEncoder(64, numbers="thermometer", array="bag")
    parts = encoder.explain({"a": [-1e9, 1e9], "b": "x"}, {"b": "x"})
    assert sum(part.contribution for part in parts if part.leaf) == pytest.approx(1, abs=1e-5)


def test_an_explanation_shows_what_agrees():
    record = gapminder()[600]
    query = record | {"country": "Nowhere"}
    encoder = JSONEncoder(4096).fit(gapminder())
    parts = {part.path: part for part in encoder.explain(query, record)}
    assert list(parts)[:2] == ["$.country", "$.geo"]
    assert [round(parts[p].expected, 2) for p in ("$.year", "$.geo", "$.geo.iso")] == [
        0.5,
        0.5,
        0.35,
    ]
    assert abs(parts["$.country"].score) < 0.1
    assert parts["$.geo.iso"].score == pytest.approx(0.35, abs=0.07)
    assert parts["$.geo"].value == record["geo"]
    lacking = encoder.explain({"odd": 1}, record)
    assert (lacking[0].expected, lacking[0].leaf) == (0, True)
    with pytest.raises(ValueError, match="more than 1,000 values"):
        encoder.explain([[1] * 1001], record)


# Editing and analogies


@pytest.mark.parametrize("array", ["position", "bag", "mixed"])
def test_an_edit_with_the_known_weight_is_exact(array):
    """At the top by any weighting, at any depth by leaf, where no other length changes."""
    old = {"a": {"b": ["x", "y"]}, "c": "z"}
    new = {"a": {"b": ["x", "w"]}, "c": "z"}
    encoder = JSONEncoder(1024, weighting="leaf", array=array)
    x, y = encoder.encode([old, new])
    (part,) = [part for part in encoder.explain(old, old) if part.path == "$.c"]
    edited = encoder.update(x, "$.a.b[1]", "y", "w", weight=part.weight)
    assert torch.allclose(edited, y, atol=1e-5)
    assert float(encoder.update(x, "$.a.b[1]", "y", "w") @ y) > 0.98


def test_edits_of_records_come_near_to_encoding_again():
    records = gapminder()[:40]
    encoder = JSONEncoder(1024).fit(records)
    x = encoder.encode(records)
    cosines = []
    for record, row in zip(records, x, strict=True):
        new = record | {"geo": {"continent": "Asia", "iso": "JPN"}}
        edited = encoder.update(row, "$.geo", record["geo"], new["geo"])
        cosines.append(float(edited @ encoder.encode(new)))
        assert edited.norm() == pytest.approx(1)
    print(min(cosines))
    assert min(cosines) > 0.99
    with pytest.raises(ValueError, match="pairs have no positions"):
        JSONEncoder(64, array="ngram").update(torch.ones(64), "$.a[0]", 1, 2)


def test_the_dollar_of_mexico():
    records = [
        {"name": "USA", "capital": "Washington", "money": "dollar"},
        {"name": "Mexico", "capital": "Mexico City", "money": "peso"},
        {"name": "Japan", "capital": "Tokyo", "money": "yen"},
    ]
    encoder = JSONEncoder(1024).fit(records)
    usa, mexico, japan = encoder.encode(records)
    reading = encoder.analogy("dollar", usa, mexico)
    assert (reading.path, reading.value) == ("$.money", "peso")
    assert encoder.analogy("Tokyo", japan, usa).value == "Washington"
    with pytest.raises(KeyError, match="saw this value nowhere"):
        encoder.analogy("euro", usa, mexico)
