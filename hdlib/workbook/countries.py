"""A real table for records: gapminder's 142 countries with their capitals and currencies."""

from __future__ import annotations

import csv
import functools
import gzip
from importlib.resources import files

FIELDS = ("country", "capital", "currency", "continent", "domain", "population", "life", "income")
"""The fields of a record, in the order in which the explorer adds them."""

STEPS = {  # gapminder column, edges, unit: numbers become one of a few words
    "population": ("pop", (1, 10, 100, 1000), "million people", 1e-6),
    "life": ("lifeExp", (50, 60, 70, 80), "years of life", 1.0),
    "income": ("gdpPercap", (1, 5, 15, 30), "thousand dollars a year", 1e-3),
}


def step(field: str, text: str) -> str:
    """The band a number falls into, as a label.

    >>> step("population", "108700891")
    '100 to 1,000 million people'
    """
    _, edges, unit, scale = STEPS[field]
    value = float(text) * scale
    below = [edge for edge in edges if edge <= value]
    above = [edge for edge in edges if edge > value]
    if not below:
        return f"under {above[0]:,} {unit}"
    return f"{below[-1]:,} to {above[0]:,} {unit}" if above else f"over {below[-1]:,} {unit}"


@functools.cache
def countries() -> dict[str, dict[str, str]]:
    """Every country's record, by name: field to value, all text. Taught in notebook 00.

    Continent, population, life expectancy and income: gapminder 2007 (CC BY, gapminder.org), from
    the installed plotly package. Capital, currency and internet domain: general facts as of the end
    of 2024; where a capital is divided or disputed, one seat of government stands for it. Records
    are keyed by name because gapminder gives both Koreas the code KOR.

    >>> countries()["Mexico"]["currency"], len(countries())
    ('Mexican peso', 142)
    """
    source = files("plotly") / "package_data" / "datasets" / "gapminder.csv.gz"
    with gzip.open(str(source), "rt", encoding="utf-8") as table:
        measured = {row["country"]: row for row in csv.DictReader(table) if row["year"] == "2007"}
    text = (files("hdlib.workbook") / "data" / "countries.csv").read_text(encoding="utf-8")
    records = {}
    for facts in csv.DictReader(text.splitlines()):
        row = measured[facts["country"]]
        bands = {field: step(field, row[column]) for field, (column, *_) in STEPS.items()}
        record = facts | bands | {"continent": row["continent"]}
        records[facts["country"]] = {field: record[field] for field in FIELDS}
    return records


@functools.cache
def values() -> tuple[str, ...]:
    """Every value that occurs in any record, once, sorted: what a clean-up may answer.

    >>> len(values())
    555
    """
    return tuple(sorted({value for record in countries().values() for value in record.values()}))
