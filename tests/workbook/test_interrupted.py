"""A measurement that a newer question ends keeps the points that it has, and goes on from there."""

from itertools import count

import pytest

from hdlib.workbook.behind import StaleError
from hdlib.workbook.explorers import bundle, graph, machine, ties

CARDS = {
    "bundle": (bundle.measure, bundle.drawn, {"model": "BSC", "n": 5, "dim": 64, "items": 27}),
    "ties": (ties.measure, ties.drawn, {"model": "BSC", "n": 4, "dim": 64}),
    "graph": (graph.measure, graph.judged, {"model": "MAPI", "edges": 20, "dim": 256}),
    "machine": (
        machine.measure,
        machine.recalled,
        {"model": "MAPI", "states": 3, "inputs": 2, "dim": 256},
    ),
}


@pytest.mark.parametrize("name", CARDS)
def test_what_is_done_is_kept(name):
    measure, point, values = CARDS[name]
    steps = count()

    def stop(fraction):
        if next(steps) == 4:
            raise StaleError

    point.cache_clear()
    whole = measure(lambda fraction: None, **values)
    points = point.cache_info().misses
    point.cache_clear()
    with pytest.raises(StaleError):
        measure(stop, **values)
    kept = point.cache_info().misses
    assert 0 < kept < points
    assert repr(measure(lambda fraction: None, **values)) == repr(whole)
    assert point.cache_info().misses == points  # none was measured twice
