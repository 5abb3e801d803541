"""The table of countries: complete, real, and labels that can be told apart."""

from collections import Counter

import pytest

from hdlib.workbook.countries import FIELDS, STEPS, countries, step, values


def test_every_country_of_gapminder_has_every_field():
    assert len(countries()) == 142
    assert all(tuple(record) == FIELDS and all(record.values()) for record in countries().values())


def test_domains_tell_countries_apart_where_gapminders_codes_do_not():
    domains = Counter(record["domain"] for record in countries().values())
    assert set(domains.values()) == {1}
    assert {".kp", ".kr"} <= set(domains)


@pytest.mark.parametrize(
    ("country", "capital", "currency"),
    [
        ("Mexico", "Mexico City", "Mexican peso"),
        ("Croatia", "Zagreb", "euro"),
        ("Kenya", "Nairobi", "Kenyan shilling"),
        ("Ecuador", "Quito", "US dollar"),
    ],
)
def test_facts_are_facts(country, capital, currency):
    record = countries()[country]
    assert (record["capital"], record["currency"]) == (capital, currency)


def test_values_hold_every_value_once():
    everything = {value for record in countries().values() for value in record.values()}
    assert set(values()) == everything
    assert len(values()) == len(everything)


@pytest.mark.parametrize("field", list(STEPS))
def test_bands_cover_all_numbers_and_edges_belong_above(field):
    _, edges, unit, scale = STEPS[field]
    labels = [step(field, str(edge / scale)) for edge in (0, *edges)]
    assert len(set(labels)) == len(edges) + 1
    assert all(label.endswith(unit) for label in labels)
