"""Dimensions for a grid of tasks, worked out once so that the sizing card answers at once.

``python -m hdlib.workbook.sizes`` writes data/sizes.json with ``capacity.dimension_for`` and
``theory.bloom_size``; a test works out some of it again.
"""

from __future__ import annotations

import functools
import itertools
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass

from hdlib import theory
from hdlib.capacity import bundle_bits, dimension_for
from hdlib.workbook.widget import HERE

KEPT = HERE / "data" / "sizes.json"
TASKS = ("membership", "records", "intersection")
MODELS = ("MAPI", "MAPB", "SBC", "HRR", "FHRR")
OTHERS = ("Hopfield", "Bloom")  # for membership
SIZES = (3, 5, 10, 20, 50, 100, 200)
UNIVERSES = (200, 1000, 10_000, 1_000_000)
FAILURES = (0.1, 0.01, 0.001)
MEMBERS = 100  # the most patterns of a Hopfield network here


@dataclass(frozen=True)
class Needed:
    """What one model needs for one task: dimensions by the best form, and by a rigorous bound."""

    dim: int
    bound: int | None
    form: str
    bits: int


def cells() -> Iterator[tuple[int, int, float]]:
    """Every n, universe and failure of the grid, in the order of the file."""
    return itertools.product(SIZES, UNIVERSES, FAILURES)


def worked_out(
    task: str, model: str, n: int, universe: int, failure: float
) -> tuple[int, int | None, str]:
    """Dimensions, bound and form of one cell."""
    if model == "Bloom":
        rate = -math.expm1(math.log1p(-failure) / max(1, universe - n))  # independent strangers
        return theory.bloom_size(n, rate)[0], None, "exact"
    size = dimension_for(model, task, n=n, universe=universe, failure=failure)
    return size.dim, size.dims.get("sufficient"), size.form


@functools.lru_cache(maxsize=1)
def kept() -> dict[str, dict[str, tuple[int, int | None, str]]]:
    """The file: by task, then by model and cell."""
    table = {}
    for task, models in json.loads(KEPT.read_text()).items():
        table[task] = {
            f"{model} {cell}": (dim, bound, row["form"])
            for model, row in models.items()
            for cell, (dim, bound) in zip(cells(), row["cells"], strict=True)
            if dim is not None
        }
    return table


def needed(task: str, model: str, n: int, universe: int, failure: float) -> Needed | None:
    """One cell of the file, None where nothing is known.

    >>> needed("membership", "MAPB", 10, 1000, 0.01).dim
    1210
    """
    found = kept()[task].get(f"{model} {(n, universe, failure)}")
    if found is None:
        return None
    dim, bound, form = found
    return Needed(dim, bound, form, storage(model, n, dim))


def storage(model: str, n: int, dim: int) -> int:
    """Bits that the bundle, the filter or the network takes."""
    return dim if model == "Bloom" else bundle_bits(model, n, dim)


def main() -> None:
    """Work out everything and write the file: some minutes."""
    table: dict[str, dict[str, object]] = {}
    for task in TASKS:
        table[task] = {}
        for model in (*MODELS, *OTHERS):
            if model in OTHERS and task != "membership":
                continue
            if model == "SBC" and task == "intersection":
                continue  # no closed form
            rows: list[tuple[int | None, int | None]] = []
            form = ""
            for cell in cells():
                if model == "Hopfield" and cell[0] > MEMBERS:
                    rows.append((None, None))
                    continue
                dim, bound, form = worked_out(task, model, *cell)
                rows.append((dim, bound))
            table[task][model] = {"form": form, "cells": rows}
            print(task, model, form)
    KEPT.write_text(json.dumps(table, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
