"""Notebook 06: real records, found by example, and which fields speak for a match."""

from __future__ import annotations

from functools import cache
from typing import Any

from hdlib.encode.json import JSONEncoder, JSONIndex, Part
from hdlib.workbook.controls import Select, Slider, Text
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.matches import (
    SHOWN,
    listed,
    matched,
    matches_figure,
    valued,
    values_figure,
)
from hdlib.workbook.nations import gapminder

DIM = 1024
ANY = "any"
CONTINENTS = (ANY, "Africa", "Americas", "Asia", "Europe", "Oceania")
YEARS = (ANY, *map(str, range(1952, 2008, 5)))
LIVES = (ANY, *map(str, range(30, 90, 5)))


def explore_records(country: str = "Swizerland", year: str = "1977") -> Explorer:
    """A form for a query, its matches among real records, and why. Taught in notebook 06.

    >>> card = explore_records()
    >>> card.words.split(".")[0]
    'Of 1,704 records Switzerland in 1977 is most like the query, by 0'
    """
    controls = {
        "country": Text("country", country, max_length=40),
        "continent": Select("continent", CONTINENTS),
        "year": Select("year", YEARS, year),
        "life": Select("life expectancy", LIVES, "75"),
        "match": Slider("explain match", 1, min=1, max=SHOWN),
    }
    return Explorer(
        "spell a country as you like, leave fields out, and ask why the second match is not the "
        "first.",
        controls,
        (matches_figure(), values_figure("score of a field (line: if equal)")),
        update,
    )


@cache
def index() -> JSONIndex:
    """All records, once for all cards."""
    records = gapminder()
    made = JSONIndex(JSONEncoder(DIM).fit(records))
    made.add(records)
    return made


def example(country: str, continent: str, year: str, life: str) -> dict[str, Any]:
    """The query: what is left open is left out."""
    query: dict[str, Any] = {}
    if country.strip():
        query["country"] = country.strip()
    if continent != ANY:
        query["geo"] = {"continent": continent}
    if year != ANY:
        query["year"] = int(year)
    if life != ANY:
        query["stats"] = {"lifeExp": int(life)}
    if not query:
        raise ValueError("the query is empty; fill in one field at least.")
    return query


def update(country: str, continent: str, year: str, life: str, match: int) -> Any:
    """What both figures show for these settings."""
    query = example(country, continent, year, life)
    found = index().search(query, SHOWN)
    chosen = found[match - 1]
    parts = [part for part in index().explain(query, chosen.id) if part.leaf]
    names = [f"{each.record['country']}, {each.record['year']}" for each in found]
    left, matches = matched(names, [each.score for each in found], match - 1)
    fields = [field(part) for part in parts]
    right, values = valued(
        fields,
        [part.score for part in parts],
        [part.expected for part in parts],
        parts[0].noise,
        [verdict(part) != "against" for part in parts],
    )
    layouts = (
        {"title": f"Nearest: {names[0]}, then {names[1]}", **matches},
        {"title": reasons(names[match - 1], parts), **values},
    )
    return (left, right), layouts, in_words(query, names, found, match, parts)


def field(part: Part) -> str:
    """A field of the query with its value."""
    return f"{part.path.split('.')[-1]}: {part.value}"[:26]


def verdict(part: Part) -> str:
    """Whether a field speaks for a match: as an equal value does, in part, or not above noise."""
    if part.expected and part.score > 0.75 * part.expected:
        return "for it"
    return "in part" if part.expected and part.score > 3 * part.noise else "against"


def reasons(name: str, parts: list[Part]) -> str:
    """Which fields speak for a match."""
    said = []
    for kind in ("for it", "in part", "against"):
        names = [part.path.split(".")[-1] for part in parts if verdict(part) == kind]
        said += [f"{listed(names)} {kind}"] if names else []
    return f"{name}: {', '.join(said)}"


def in_words(
    query: dict[str, Any], names: list[str], found: list[Any], match: int, parts: list[Part]
) -> str:
    """What the figures show, in one line."""
    first = names[0].replace(", ", " in ")
    shares = ", ".join(f"{field(part)} {part.contribution:.2f}" for part in parts)
    cosine = found[match - 1].score
    return (
        f"Of {len(index()):,} records {first} is most like the query, by {found[0].score:.2f}. "
        f"Why {names[match - 1].replace(', ', ' in ')}: {shares}, which makes {cosine:.2f}. "
        f"Noise of a score: ± {parts[0].noise:.2f} (D = {DIM:,})."
    )
