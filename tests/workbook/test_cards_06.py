"""The cards of notebook 06: they never wait, never lose what was typed, and say what is so."""

import json
import math

import numpy as np
import pytest
import torch
from sklearn.feature_extraction import FeatureHasher
from sklearn.preprocessing import normalize

from hdlib import workbook as wb
from hdlib.encode import JSONEncoder
from hdlib.workbook.documents import read_document, read_records
from hdlib.workbook.explorers import byexample, commuting, numberscale, ownjson, stability
from tests.workbook.cards import deck, trace

NAMES = ("collisions", "json", "records", "scale", "stability")
CARDS = [getattr(wb, f"explore_{name}") for name in NAMES]
TestDeck = deck(CARDS)


def titles(card):
    return [view.figure.layout.title.text for view in card.figures]


# Stability


@pytest.mark.claim("json-card-recall")
def test_orthogonal_matrices_recall_as_theory_says_and_others_do_not():
    zs = []
    for kind in stability.STABLE:
        for dim in stability.DIMS[:2]:
            for depth in (2, 4, 6, 8, 16):
                mean, _, cosine = stability.recalled(kind, dim, depth)
                wanted = stability.law(dim)[depth - 1]
                leaves = stability.SETS * stability.LEAVES
                zs.append((mean - wanted) / math.sqrt(wanted * (1 - wanted) / leaves + 1e-6))
                assert cosine == pytest.approx(stability.terms(depth) ** -0.5, abs=0.02)
    assert abs(np.mean(zs)) < 3.5 / len(zs) ** 0.5
    assert 0.5 < np.std(zs) < 1.5
    for kind in ("gaussian", "inverse", "hrr"):
        assert stability.recalled(kind, 256, 8)[0] < 0.2 < stability.law(256)[7] - 0.3
    assert stability.recalled("inverse", 256, 1)[0] < 0.2  # already at depth 1


def test_gaussian_lengths_spread_as_the_band_says():
    ratios = []
    for dim in stability.DIMS:
        ends = np.array([row[-1] for row in stability.lengths("gaussian", dim)]) ** 2
        assert abs(ends.mean() - 1) < 4 * stability.spread("gaussian", dim, 16) / len(ends) ** 0.5
        ratios.append(ends.std() / stability.spread("gaussian", dim, 16))
    assert 0.6 < np.mean(ratios) < 1.5
    for kind in stability.STABLE:
        assert np.allclose(stability.lengths(kind, 128), 1, atol=1e-4)


# Collisions


DOCUMENTS = [
    *(text for _, *both in commuting.PAIRS.values() for text in both),
    '{"a": [1, {"b": [true, "1"]}], "c": {"a": {"a": null}}}',
    '{"a": [1, {"b": ["1", true]}], "c": null}',
    "[[], {}, [[]], 1.0]",
    '[[["x"]], "x", ["x", "x"]]',
]


@pytest.mark.claim("json-algebras")
def test_cosines_on_paper_are_those_of_the_vectors():
    dim, zs = 4096, []
    for algebra in commuting.ALGEBRAS:
        for one in DOCUMENTS:
            for other in DOCUMENTS:
                exact = commuting.expected(one, other, algebra)
                x, y = (commuting.vector(text, algebra, dim) for text in (one, other))
                off = float(x @ y) - exact
                if exact > 0.999:
                    assert abs(off) < 1e-3
                else:
                    zs.append(off * math.sqrt(dim))
    assert np.abs(zs).max() < 6
    assert np.std(zs) < 1.2


def test_the_last_row_is_the_librarys_encoder():
    encoder = JSONEncoder(4096)
    for one in DOCUMENTS:
        for other in DOCUMENTS:
            x, y = encoder.encode([json.loads(one), json.loads(other)])
            exact = commuting.expected(one, other, "MBAT")
            assert abs(float(x @ y) - exact) < 6 / 64  # its texts are not atoms, but unlike


def test_the_title_names_who_is_fooled():
    card = wb.explore_collisions()
    for pair, title in (
        ("swap", "MAP and circulants take both for one"),
        ("cancel", "MAP takes both for one"),
        ("transpose", "MAP, circulants and MBAT without A take both for one"),
        ("order", "One document, written in two ways: every cosine is 1"),
        ("null", "Each of the four tells these documents apart"),
    ):
        card.controls["pair"].value = pair
        assert titles(card) == [title]
        assert [card.controls[name].value for name in ("first", "second")] == list(
            commuting.PAIRS[pair][1:]
        )
    card.controls["first"].value, card.controls["second"].value = "[1, true]", "[true, 1]"
    assert titles(card) == ["Each of the four tells these documents apart"]
    assert commuting.same({"a": [1, None]}, {"a": [1.0, None]})
    assert not commuting.same([1], [1, 1])
    assert not commuting.same(1, "1")


# Numbers


@pytest.mark.claim("json-years")
def test_years_are_one_on_a_scale_for_all_numbers_and_not_on_their_own():
    card = wb.explore_scale()
    assert titles(card)[0] == "1977 and 1982: similarity 1.00"
    card.controls["scale"].value = "fitted"
    assert titles(card)[0] == "1977 and 1982: similarity 0.19"


def test_similarities_of_numbers_are_the_exact_ones():
    card = wb.explore_scale()
    card.controls["dim"].value = 4096
    zs = []
    for path in numberscale.PATHS:
        for scale in numberscale.SCALES:
            card.controls["path"].value, card.controls["scale"].value = path, scale
            drawn, here = trace(card.figure, "these vectors"), trace(card.figure, "you are here")
            units = numberscale.units(path, scale, drawn.x)
            own = numberscale.units(path, scale, here.x)[0]
            exact = numberscale.kernel(scale, units - own)
            zs += ((np.array(drawn.y) - exact) * 64)[np.array(drawn.x) != here.x[0]].tolist()
    assert np.abs(zs).max() < 6
    assert np.std(zs) < 1.2


# Search


def test_a_form_finds_what_it_describes_and_says_why():
    card = wb.explore_records()
    assert titles(card) == [
        "Nearest: Switzerland, 1977, then Netherlands, 1977",
        "Switzerland, 1977: year and lifeExp for it, country in part",
    ]
    card.controls["match"].value = 4
    assert titles(card)[1].startswith("Japan, 1977: year and lifeExp for it, country against")
    for name in ("year", "life", "continent"):
        card.controls[name].value = "any"
    card.controls["match"].value = 1
    assert titles(card)[0].startswith("Nearest: Switzerland")
    before = titles(card)
    card.controls["country"].value = ""
    assert "the query is empty; fill in one field at least." in card.words
    assert titles(card) == before
    card.controls["continent"].value = "Oceania"
    assert card.error is None


def test_contributions_add_up_to_the_cosine_that_is_shown():
    query = byexample.example("Isreal", "Asia", "1977", "any")
    found = byexample.index().search(query, 3)
    for match in found:
        parts = [part for part in byexample.index().explain(query, match.id) if part.leaf]
        assert sum(part.contribution for part in parts) == pytest.approx(match.score, abs=1e-4)


# Own JSON


@pytest.mark.parametrize(
    ("control", "text", "why"),
    [
        ("records", "", "your records, line 1, column 1, at $: expected a value"),
        ("records", "[]", "there is no record in it"),
        ("records", '[{"a": 1},]', "your records, line 1, column 11"),
        (
            "records",
            '{"a": 1}\n{"a": }',
            "your records, line 2, column 7, at $.a: expected a value",
        ),
        ("records", '[{"a": NaN}]', "NaN is no JSON"),
        ("records", '{"a": 1, "a": 2}', "comes twice"),
        ("records", json.dumps([1] * 501), "501 records, at most 500"),
        ("records", json.dumps([{"a": [1] * 501}]), "more than 500 values"),
        ("records", "[" * 60 + "]" * 60, "levels deep"),
        ("records", '["\\ud800"', "expected ',' or ']'"),
        ("query", "{", "the query, line 1, column 2"),
        ("query", json.dumps([1] * 201), "more than 200 values"),
        ("query", "[" * 30 + "]" * 30, "levels deep"),
    ],
)
def test_wrong_input_is_explained_and_nothing_is_lost(control, text, why):
    card = wb.explore_json()
    before = [view.figure.to_json() for view in card.figures]
    card.controls[control].value = text
    assert why in card.words
    assert card.words.startswith("These settings do not work: ")
    assert card.words.endswith("The figure shows the last that did.")
    assert [view.figure.to_json() for view in card.figures] == before
    assert card.controls[control].value == text  # what was typed stays
    card.controls[control].value = ownjson.TEAS if control == "records" else ownjson.QUERY
    assert card.error is None


@pytest.mark.parametrize(
    "text",
    [
        "7",
        '"a word"',
        "null",
        "[[], {}, null]",
        '[{"a": ""}, {"\\ud800": -1e308}]',
        "[1e400]".replace("1e400", "1" * 400),
        '{"a": 1}\r\n\r\n{"b": [[[1]]]}\r\n',
        json.dumps([{"deep": [[[[{"x": list(range(30))}]]]]}] * 40),
    ],
)
def test_every_json_is_searched_and_read(text):
    card = wb.explore_json()
    card.controls["records"].value = text
    for array in ownjson.ARRAYS:
        card.controls["array"].value = array
        for weighting in ownjson.WEIGHTINGS:
            card.controls["weighting"].value = weighting
            assert card.error is None, card.words


def test_what_is_read_back_is_told_right_from_wrong():
    card = wb.explore_json()
    assert titles(card) == [
        "Record 5 is nearest",
        "From its vector come back all 8 values at D = 1,024",
    ]
    card.controls["dim"].value = 64
    assert "wrong is $." in card.words
    wrong = trace(card.figures[1], "read wrongly")
    right = trace(card.figures[1], "matches")
    assert len(wrong.y) + len(right.y) == 8
    assert f"come back {len(right.y)} of 8" in titles(card)[1]


def test_records_are_an_array_or_lines_or_one_document():
    want = [{"a": 1}, {"a": 2}]
    for text in ('[{"a": 1}, {"a": 2}]', '{"a": 1}\n{"a": 2}\n', '\n{"a":1}\r\n\n{"a":2}'):
        assert read_records(text, "x") == want
    assert read_records('{\n"a": 1\n}', "x") == [{"a": 1}]
    with pytest.raises(ValueError, match=r"^left, line 1, column 1, at \$: expected a value, got"):
        read_document("?", "left")


# Beside it


@pytest.mark.claim("json-hashing")
def test_feature_hashing_and_vectors_find_the_same_records():
    """scikit-learn's hasher on the notebook's features: as good, and better with wrong years."""
    records, (places, easy) = wb.gapminder(), wb.misquoted()
    _, hard = wb.misquoted(years=True)
    columns = {
        path: np.quantile([value for record in records for p, value in leaves(record) if p == path],
                          np.linspace(0, 1, 21))
        for path, value in leaves(records[0]) if not isinstance(value, str)
    }  # fmt: skip

    def features(record):
        for path, value in leaves(record):
            if path in columns:
                place = float(np.interp(value, columns[path], range(21)))
                yield f"{path}#{int(place)}", math.sqrt(1 - place % 1)
                yield f"{path}#{int(place) + 1}", math.sqrt(place % 1)
            else:
                marked = f"\2{value.lower()}\3"
                grams = [marked[i : i + 3] for i in range(len(marked) - 2)]
                yield from ((f"{path}/{gram}", 0.9 / math.sqrt(len(grams))) for gram in grams)
                yield f"{path}={value}", 0.45

    def hashed(some):
        hasher = FeatureHasher(1024, input_type="pair")
        return torch.from_numpy(normalize(hasher.transform(map(features, some)).toarray()))

    def recall(encode):
        items = encode(records)
        best = [(encode(queries) @ items.T).argmax(-1).tolist() for queries in (easy, hard)]
        return [sum(map(int.__eq__, rows, places)) / len(places) for rows in best], best[1]

    level, found = recall(JSONEncoder(1024).fit(records).encode)
    leaf, _ = recall(JSONEncoder(1024, weighting="leaf").fit(records).encode)
    rows, _ = recall(hashed)
    assert level[0] >= 0.99
    assert leaf[0] >= 0.99
    assert rows[0] >= 0.99
    assert rows[1] > leaf[1] > level[1]
    right = [(records[i]["country"], q["year"]) for i, q in zip(places, hard, strict=True)]
    seen = [(records[i]["country"], records[i]["year"]) for i in found]
    assert np.mean([a == b for a, b in zip(right, seen, strict=True)]) > 0.9


def leaves(value, path="$"):
    if isinstance(value, dict):
        for name, part in value.items():
            yield from leaves(part, f"{path}.{name}")
    else:
        yield path, value
