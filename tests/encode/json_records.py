"""Records that the tests of JSON share: gapminder as nested documents, and queries made of them."""

import functools

import numpy as np
import plotly.data


@functools.cache
def gapminder():
    """1,704 records of countries and years, three containers deep."""
    rows = plotly.data.gapminder().to_dict("records")
    return [
        {
            "country": row["country"],
            "geo": {"continent": row["continent"], "iso": row["iso_alpha"]},
            "year": row["year"],
            "stats": {
                "lifeExp": round(row["lifeExp"], 2),
                "pop": row["pop"],
                "gdpPercap": round(row["gdpPercap"], 2),
            },
        }
        for row in rows
    ]


def mutated(count=300, *, seed=0, years=False):
    """Places of records, and queries: a typing error, 2 % noise on every stat, one field dropped.

    With ``years`` the year is another one of the twelve, too.
    """
    rng = np.random.default_rng(seed)
    records = gapminder()
    places = rng.choice(len(records), count, replace=False).tolist()
    return places, [_mutant(records[place], rng, years) for place in places]


def _mutant(record, rng, years):
    name = record["country"]
    at = int(rng.integers(len(name)))
    letter = chr(ord("a") + int(rng.integers(26)))
    stats = {key: value * (1 + 0.02 * rng.normal()) for key, value in record["stats"].items()}
    year = record["year"]
    if years:
        year = 1952 + 5 * int(rng.choice([i for i in range(12) if 1952 + 5 * i != year]))
    geo = dict(record["geo"])
    dropped = str(rng.choice(["iso", "continent", "lifeExp", "gdpPercap", "pop"]))
    geo.pop(dropped, None)
    stats.pop(dropped, None)
    query = {
        "stats": stats,
        "year": year,
        "geo": geo,
        "country": name[:at] + letter + name[at + 1 :],
    }
    keys = list(query)
    rng.shuffle(keys)
    return {key: query[key] for key in keys}
