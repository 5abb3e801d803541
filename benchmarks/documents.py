"""JSON documents: encoding, search and binding beside feature hashing, TF-IDF, flattening, faiss.

The records are gapminder's, nested; the queries are 300 of them with a typing error, 2 % noise on
every number and one field dropped, and a harder set in which the year is another one, too. Recall
stands beside the times, also where a rival is as good: what hashing lacks is the way back.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import faiss
import numpy as np
import plotly.data
import torch
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import StandardScaler, normalize
from torch import Tensor

from benchmarks.harness import Row, race
from hdlib import MBAT
from hdlib.encode import JSONEncoder
from hdlib.encode.json.rows import Rows
from hdlib.encode.json.texts import trigrams

DIM = 1024
VECTORS = 100_000
Records = list[dict[str, Any]]


def gapminder() -> Records:
    """1,704 records, three containers deep."""
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
        for row in plotly.data.gapminder().to_dict("records")
    ]


def mutant(record: dict[str, Any], rng: np.random.Generator, years: bool) -> dict[str, Any]:
    """A query that should find a record."""
    name, at = record["country"], int(rng.integers(len(record["country"])))
    letter = chr(ord("a") + int(rng.integers(26)))
    stats = {key: value * (1 + 0.02 * rng.normal()) for key, value in record["stats"].items()}
    geo = dict(record["geo"])
    dropped = str(rng.choice(["iso", "continent", "lifeExp", "gdpPercap", "pop"]))
    geo.pop(dropped, None)
    stats.pop(dropped, None)
    others = [year for year in range(1952, 2008, 5) if year != record["year"]]
    year = int(rng.choice(others)) if years else record["year"]
    return {
        "stats": stats,
        "year": year,
        "geo": geo,
        "country": name[:at] + letter + name[at + 1 :],
    }


def flat(record: dict[str, Any], path: str = "") -> dict[str, Any]:
    """Leaves by their dotted paths."""
    found: dict[str, Any] = {}
    for key, value in record.items():
        name = f"{path}{key}"
        found |= flat(value, f"{name}.") if isinstance(value, dict) else {name: value}
    return found


class Hashing:
    """Feature hashing of the same features: trigrams and whole texts, 20 quantiles per number."""

    def __init__(self, records: Records) -> None:
        self.hasher = FeatureHasher(DIM, input_type="pair")
        columns: dict[str, list[float]] = {}
        for record in map(flat, records):
            for path, value in record.items():
                if not isinstance(value, str):
                    columns.setdefault(path, []).append(value)
        self.knots = {
            path: np.quantile(values, np.linspace(0, 1, 21)) for path, values in columns.items()
        }

    def pairs(self, record: dict[str, Any]) -> list[tuple[str, float]]:
        """Named features with their weights."""
        found = []
        for path, value in flat(record).items():
            if isinstance(value, str):
                grams = trigrams(value)
                found += [(f"{path}/{gram}", 0.9 / math.sqrt(len(grams))) for gram in grams]
                found.append((f"{path}={value}", 0.45))
            else:
                place = float(np.interp(value, self.knots[path], range(21)))
                low, share = int(place), place - int(place)
                found.append((f"{path}#{low}", math.sqrt(1 - share)))
                found.append((f"{path}#{low + 1}", math.sqrt(share)))
        return found

    def __call__(self, records: Records) -> np.ndarray:
        """Unit rows ``(n, D)``."""
        return normalize(self.hasher.transform(map(self.pairs, records)).toarray())


class Flattening:
    """One column a path or a path and text, standardised; what is missing is the column's mean."""

    def __init__(self, records: Records) -> None:
        self.columns = DictVectorizer(sparse=False)
        x = self.columns.fit_transform(map(self.row, records))
        self.scaler = StandardScaler().fit(x)

    def row(self, record: dict[str, Any]) -> dict[str, Any]:
        """Leaves, numbers as logarithms."""
        leaves = flat(record).items()
        return {p: v if isinstance(v, str) else math.log1p(v) for p, v in leaves}

    def __call__(self, records: Records) -> np.ndarray:
        """Rows that are compared by distance: ``(n, columns)``."""
        rows = [self.row(record) for record in records]
        x = self.columns.transform(rows)
        for path in ("year", "stats.lifeExp", "stats.pop", "stats.gdpPercap"):
            column = self.columns.vocabulary_[path]
            x[[path not in row for row in rows], column] = self.scaler.mean_[column]
        return np.asarray(self.scaler.transform(x))


def recall(queries: np.ndarray, items: np.ndarray, places: list[int]) -> float:
    """How often the nearest row is the right one."""
    far = -2 * queries @ items.T + (items**2).sum(1)
    return float((far.argmin(1) == places).mean())


def encoding() -> list[Row]:
    """All records to vectors, and what the vectors find."""
    records = gapminder()
    encoder = JSONEncoder(DIM).fit(records)
    leaves = JSONEncoder(DIM, weighting="leaf").fit(records)
    texts = [json.dumps(record) for record in records]
    tfidf = TfidfVectorizer(analyzer="char", ngram_range=(3, 3)).fit(texts)
    ways: dict[str, Callable[[Records], Any]] = {
        "hdlib": lambda some: encoder.encode(some).numpy(),
        "hdlib, weighting=leaf": lambda some: leaves.encode(some).numpy(),
        "feature hashing": Hashing(records),
        "TF-IDF, trigrams": lambda some: tfidf.transform(map(json.dumps, some)).toarray(),
        "flattening": Flattening(records),
    }
    rng = np.random.default_rng(0)
    places = rng.choice(len(records), 300, replace=False).tolist()
    easy = [mutant(records[place], rng, False) for place in places]
    hard = [mutant(records[place], rng, True) for place in places]
    notes = {}
    for name, way in ways.items():
        items = way(records)
        found = [f"{recall(way(queries), items, places):.3f}" for queries in (easy, hard)]
        notes[name] = f"recall@1 {found[0]}, with another year {found[1]}"
    rivals = {name: lambda way=way: way(records) for name, way in ways.items()}  # type: ignore[misc]
    rows = race(f"encode {len(records):,} records", rivals, rounds=5, notes=notes)
    many = records * 6
    batch = race(f"encode {len(many):,} records", {"hdlib": lambda: encoder.encode(many)}, rounds=5)
    single = race("encode 1 record", {"hdlib": lambda: encoder.encode(records[0])}, rounds=99)
    for row in batch + single:
        count = len(many) if row in batch else 1
        rows.append(replace(row, note=f"{count / row.seconds:,.0f} records/s"))
    return rows


def ten_best(rows: Rows, asked: Tensor) -> Tensor:
    """The rows of the ten best of all, query by query: ``(q, D) -> (q, 10)``."""
    every = np.ones(VECTORS, dtype=bool)
    return torch.from_numpy(np.stack([n.best(10)[1] for n in rows.nearest(asked, every)]))


def searching(queries: int) -> list[Row]:
    """The ten best of 100,000 vectors on one thread, without the records."""
    x = torch.nn.functional.normalize(
        torch.from_numpy(np.random.default_rng(0).normal(size=(VECTORS, DIM)).astype(np.float32)),
        dim=-1,
    )
    asked = x[:queries].clone()
    ways: dict[str, Callable[[], Any]] = {}
    for storage in ("float32", "half", "int8"):
        rows = Rows(DIM, storage)  # type: ignore[arg-type]
        rows.write(0, x)
        ways[f"hdlib, {storage}"] = partial(ten_best, rows, asked)
    flat_index = faiss.IndexFlatIP(DIM)
    flat_index.add(x.numpy())
    ways["faiss, IndexFlatIP"] = lambda: torch.from_numpy(flat_index.search(asked.numpy(), 10)[1])
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    faiss.omp_set_num_threads(1)
    try:
        exact = ways["faiss, IndexFlatIP"]()
        notes = {
            name: f"{(way()[:, :, None] == exact[:, None]).any(-1).float().mean():.3f} of the exact"
            for name, way in ways.items()
        }
        return race(f"{VECTORS:,} vectors, {queries} queries", ways, notes=notes)
    finally:
        torch.set_num_threads(threads)


def binding(dim: int, times: int = 20) -> list[Row]:
    """One vector times the matrix of a key that is known already, so often that caches are warm."""
    spaces = {kind: MBAT(dim, kind=kind) for kind in ("permutation", "hadamard", "orthogonal")}  # type: ignore[arg-type]
    x = spaces["permutation"].atoms("x")
    ways: dict[str, Callable[[], None]] = {}
    for name, vsa in spaces.items():
        matrix = vsa._matrix(1)

        def bind(vsa: MBAT = vsa, matrix: tuple[Tensor, ...] = matrix) -> None:
            for _ in range(times):
                vsa._apply(x, matrix, True)

        bind()
        ways[f"hdlib, {name}"] = bind
    return race(f"{times} binds, D = {dim:,}", ways)


def run() -> list[Row]:
    """The whole suite, about a minute."""
    return encoding() + searching(1) + searching(10) + binding(1024) + binding(4096)
