"""Notebook 06: the reader's own records, typed, pasted or from a file: searched, and read back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from torch import Tensor

from hdlib.encode.json import JSONEncoder, Reading
from hdlib.encode.json.scales import floats
from hdlib.encode.json.schema import find
from hdlib.encode.json.shapes import children, walk
from hdlib.workbook.boxes import Area
from hdlib.workbook.controls import Select, Slider
from hdlib.workbook.documents import read_document, read_records
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.matches import (
    SHOWN,
    brief,
    matched,
    matches_figure,
    valued,
    values_figure,
)

DIMS = (64, 256, 1024, 4096)
ARRAYS = {
    "position": "by position",
    "bag": "as a bag",
    "ngram": "as neighbours",
    "mixed": "position and bag",
}
WEIGHTINGS = {"level": "levels alike", "leaf": "values alike"}
MOST = 100_000  # characters of the records
ENDINGS = ".json,.jsonl,.ndjson,.geojson,.ipynb,.txt"
VALUES = 12  # of the nearest record that are drawn
TEAS = """[
{"name": "Assam", "kind": "black", "from": {"country": "India", "metres": 80}, "minutes": 4, "notes": ["malt", "honey"], "organic": false},
{"name": "Darjeeling", "kind": "black", "from": {"country": "India", "metres": 2000}, "minutes": 3, "notes": ["muscat", "flowers"], "organic": true},
{"name": "Ceylon Uva", "kind": "black", "from": {"country": "Sri Lanka", "metres": 1500}, "minutes": 4, "notes": ["mint", "citrus"], "organic": false},
{"name": "Sencha", "kind": "green", "from": {"country": "Japan", "metres": 250}, "minutes": 2, "notes": ["grass", "sea"], "organic": true},
{"name": "Gyokuro", "kind": "green", "from": {"country": "Japan", "metres": 300}, "minutes": 2, "notes": ["sea", "sweet"], "organic": null},
{"name": "Longjing", "kind": "green", "from": {"country": "China", "metres": 600}, "minutes": 3, "notes": ["chestnut", "sweet"], "organic": true},
{"name": "Tieguanyin", "kind": "oolong", "from": {"country": "China", "metres": 900}, "minutes": 3, "notes": ["orchid", "butter"], "organic": false},
{"name": "Rooibos", "kind": "herbal", "from": {"country": "South Africa", "metres": 450}, "minutes": 8, "notes": ["honey", "wood"], "organic": true}
]"""  # noqa: E501
LINES = '{"city": "Bern", "size": 134}\n{"city": "Basel", "size": 177}\n{"city": "Brno"}'
QUERY = '{"kind": "green", "from": {"country": "Japan"}}'


def explore_json(records: str = TEAS, query: str = QUERY) -> Explorer:
    """Own records and a query: matches, and what comes back. Taught in notebook 06.

    >>> card = explore_json()
    >>> card.words.split(" (")[0]
    'Record 5 of 8 is most like the query, by 0.50'
    """
    controls = {
        "records": Area(
            "your records, JSON or JSON Lines",
            records,
            max_length=MOST,
            lines=7,
            accept=ENDINGS,
            examples=[LINES],
        ),
        "query": Area(
            "a query: any part of a record",
            query,
            lines=7,
            examples=['{"city": "Bernn"}', '{"notes": ["honey"]}'],
        ),
        "dim": Slider("dimension D", 1024, values=DIMS),
        "array": Select("arrays", ARRAYS),
        "weighting": Select("weights", WEIGHTINGS),
    }
    return Explorer(
        "bring your own JSON: type, paste or open a file; it goes no further than this "
        "notebook's kernel. Then lower D until values are lost, and search for an item that stands "
        "elsewhere in its array.",
        controls,
        (
            matches_figure(),
            values_figure("score of what is read (line: expected)"),
        ),
        update,
    )


@dataclass(frozen=True)
class Shelf:
    """Records with their encoder and vectors."""

    records: list[Any]
    encoder: JSONEncoder
    vectors: Tensor  # (n, D)


@lru_cache(maxsize=8)
def shelf(text: str, dim: int, array: Any, weighting: Any) -> Shelf:
    """The records of a text, fitted and encoded."""
    records = read_records(text, "your records")
    encoder = JSONEncoder(dim, array=array, weighting=weighting).fit(records)
    return Shelf(records, encoder, encoder.encode(records))


def leaves(record: Any) -> list[tuple[tuple[Any, ...], Any]]:
    """The values of a record that hold nothing, with their paths."""
    return [(path, value) for path, value in walk(record) if not children(value)]


def update(records: str, query: str, dim: int, array: str, weighting: str) -> Any:
    """What both figures show for these settings."""
    own = shelf(records, dim, array, weighting)
    asked = read_document(query, "the query", max_values=200)
    scores = own.vectors @ own.encoder.encode([asked])[0]
    best = scores.argsort(descending=True, stable=True)[:SHOWN].tolist()
    left, matches = matched(
        [f"{place + 1}: {label(own.records[place])}" for place in best],
        [float(scores[place]) for place in best],
        0,
    )
    found = read_back(own, best[0])
    shown = found[:VALUES]
    right, values = (
        valued(
            [
                f"{reading.path[2:] or '$'}: {brief(reading.value, 14)}"[-30:]
                for reading, _ in shown
            ],
            [reading.score for reading, _ in shown],
            [reading.expected for reading, _ in shown],
            dim**-0.5,
            [yes for _, yes in shown],
        )
        if shown
        else nothing()
    )
    layouts = (
        {"title": f"Record {best[0] + 1} is nearest", **matches},
        {"title": come_back(own, best[0], found, dim), **values},
    )
    return (left, right), layouts, in_words(own, best, scores, found)


def nothing() -> tuple[Any, Any]:
    """The right figure where no value can be read."""
    return valued([], [0.0], [], 0.0, [])


def read_back(own: Shelf, place: int) -> list[tuple[Reading, bool]]:
    """Every value of a record that has a place, read from its vector, and whether it is right."""
    ordered = own.encoder.options["array"] in ("position", "mixed")
    found = []
    for path, value in leaves(own.records[place])[: 4 * VALUES]:
        if ordered or not any(isinstance(step, int) for step in path):
            reading = own.encoder.get(own.vectors[place], list(path))
            found.append((reading, equal(own, path, reading.value, value)))
    return found


def label(record: Any) -> str:
    """A short name for a record: its first text, or its beginning."""
    texts = [value for _, value in leaves(record) if isinstance(value, str) and value.strip()]
    return texts[0][:22] if texts else brief(record, 22)


def equal(own: Shelf, path: tuple[Any, ...], one: Any, other: Any) -> bool:
    """Whether a value was read rightly; numbers within a unit of their path's scale."""
    numbers = [isinstance(x, int | float) and not isinstance(x, bool) for x in (one, other)]
    if not all(numbers):
        return type(one) is type(other) and bool(one == other)
    node = find(own.encoder.schema, path)
    assert node is not None
    assert node.scale is not None
    here, there = node.scale.units(floats([one, other]))
    return bool(abs(here - there) <= 1)


def come_back(own: Shelf, place: int, found: list[tuple[Reading, bool]], dim: int) -> str:
    """How many values the vector of a record gives back."""
    if not found:
        return f"Record {place + 1} has nothing that can be read by path"
    right = sum(yes for _, yes in found)
    many = f"{right} of {len(found)} values"
    if right == len(found):
        many = f"all {right} values" if right > 1 else "its one value"
    return f"From its vector come back {many} at D = {dim:,}"


def in_words(own: Shelf, best: list[int], scores: Tensor, found: list[tuple[Reading, bool]]) -> str:
    """What the figures show, in one line."""
    wrong = [reading for reading, yes in found if not yes]
    says = f"Record {best[0] + 1} of {len(own.records)} is most like the query, "
    says += f"by {float(scores[best[0]]):.2f} ({brief(own.records[best[0]], 60)}). "
    if not found:
        return f"{says}Items of arrays have no place here, so there is nothing to read by path."
    says += f"{len(found) - len(wrong)} of {len(found)} values are read from its vector alone"
    if wrong:
        first = wrong[0]
        says += f"; wrong is {first.path}, read as {brief(first.value, 20)} with confidence "
        says += f"{first.confidence:.2f}"
    return f"{says}. Numbers count as right within a unit of their scale, a twentieth of its ranks."
