"""Real records for JSON: 142 countries in twelve years, nested three containers deep."""

from __future__ import annotations

import csv
import functools
import gzip
from importlib.resources import files
from typing import Any

import torch

from hdlib import bits
from hdlib.workbook.dice import shuffled, throws


@functools.cache
def _rows() -> list[dict[str, str]]:
    source = files("plotly") / "package_data" / "datasets" / "gapminder.csv.gz"
    with gzip.open(str(source), "rt", encoding="utf-8") as table:
        return list(csv.DictReader(table))


def gapminder() -> list[dict[str, Any]]:
    """1,704 records of a country in a year, as JSON; new ones at each call. Taught in notebook 06.

    From gapminder.org (CC BY), as the installed plotly package ships it. Life expectancies are in
    years, incomes in dollars a year and head, both rounded to two decimals.

    >>> len(gapminder()), gapminder()[0]["stats"]
    (1704, {'lifeExp': 28.8, 'pop': 8425333, 'gdpPercap': 779.45})
    """
    return [
        {
            "country": row["country"],
            "geo": {"continent": row["continent"], "iso": row["iso_alpha"]},
            "year": int(row["year"]),
            "stats": {
                "lifeExp": round(float(row["lifeExp"]), 2),
                "pop": int(float(row["pop"])),
                "gdpPercap": round(float(row["gdpPercap"]), 2),
            },
        }
        for row in _rows()
    ]


def misquoted(count: int = 300, *, years: bool = False) -> tuple[list[int], list[dict[str, Any]]]:
    """Places of some records, and each as someone remembers it. Taught in notebook 06.

    One letter of the country is another, every statistic is off by 2 % (standard deviation), one
    field is missing; with ``years`` the year is another one as well. The same for ever.

    >>> places, queries = misquoted(1)
    >>> queries[0]["country"], gapminder()[places[0]]["country"]
    ('Boqswana', 'Botswana')
    """
    records = gapminder()
    places = shuffled(0, "misquoted records", len(records))[:count]
    return places, [_misquote(records[place], seed, years) for seed, place in enumerate(places)]


def _misquote(record: dict[str, Any], seed: int, years: bool) -> dict[str, Any]:
    name, stats, geo = record["country"], record["stats"], record["geo"]
    (letter,) = throws(seed, "a letter", 26, 1)
    (at,) = throws(seed, "its place", len(name), 1)
    noise = bits.normals(bits.words(seed, torch.tensor(7), 2)).tolist()
    for key, off in zip(stats, noise, strict=False):
        stats[key] = stats[key] * (1 + 0.02 * off)
    where, missing = [
        (geo, "iso"),
        (geo, "continent"),
        (stats, "lifeExp"),
        (stats, "gdpPercap"),
        (stats, "pop"),
    ][throws(seed, "what is missing", 5, 1)[0]]
    del where[missing]
    year = record["year"]
    if years:
        other = throws(seed, "another year", 11, 1)[0]
        year = [each for each in range(1952, 2008, 5) if each != year][other]
    typed = name[:at] + chr(ord("a") + letter) + name[at + 1 :]
    return {"stats": stats, "year": year, "geo": geo, "country": typed}
