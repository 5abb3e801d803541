"""Records found by example: their vectors in rows, their texts in SQLite, search by brute force."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from torch import Tensor

from hdlib import files
from hdlib.encode.json import lines, shapes
from hdlib.encode.json.encoder import JSONEncoder
from hdlib.encode.json.errors import JSONInputError
from hdlib.encode.json.explaining import Part
from hdlib.encode.json.parse import parse
from hdlib.encode.json.records import FORMAT, Records
from hdlib.encode.json.rows import Rows, Storage
from hdlib.encode.json.rules import Rules
from hdlib.encode.json.texts import Words
from hdlib.vsa.base import Device, whole

BATCH = 4_096  # records encoded and written together
ASIDE = 64  # records that a predicate is asked about at once
SCORES = 1 << 24  # scores in flight
LENIENT = Rules(nonfinite="code", duplicates="last")  # what was stored has been checked before
ENCODER, RECORDS = "encoder.safetensors", "records.sqlite"  # files beside those of the rows


@dataclass(frozen=True)
class Match:
    """A record that a search found: its id, its cosine to the query, the record itself."""

    id: int
    score: float
    record: Any


class JSONIndex:
    """Records that are found by example: exactly those that a comparison with every one finds.

    encoder: a fitted ``JSONEncoder``; to fit it again later would change the vectors, so an index
    refuses to go on with one that was. storage: vectors as "float32" or "half" with an int8 code
    beside, which is scanned first, or "int8", that code alone: 5, 3 or 1 bytes a dimension, for a
    loss that is small beside the noise. folder: keep everything there from the beginning; without
    it the index is in memory until ``save``. Errors: FileExistsError for a folder that exists.

    Source: exhaustive search, shortened by codes of int8 and the inequality of Cauchy and Schwarz;
    SQLite for the records. Taught in notebook 06.

    >>> records = [{"city": "Bern", "size": 134}, {"city": "Basel", "size": 177}]
    >>> index = JSONIndex(JSONEncoder(1024).fit(records))
    >>> index.add(records)
    [1, 2]
    >>> match = index.search({"city": "Berne"}, k=1)[0]
    >>> match.id, match.record["city"]
    (1, 'Bern')
    """

    def __init__(
        self,
        encoder: JSONEncoder,
        *,
        storage: Storage = "float32",
        folder: files.Path | None = None,
    ) -> None:
        if not isinstance(encoder, JSONEncoder):
            raise TypeError(f"JSONIndex: expected a JSONEncoder, got {type(encoder).__name__}")
        rows = Rows(encoder.dim, storage)  # checks the storage before a folder is made
        about = {"format": FORMAT, "dim": encoder.dim, "storage": storage}
        if folder is None:
            self._open(encoder, rows, Records(None, about))
        else:
            with _new(folder) as made:
                encoder.save(made / ENCODER)
                _touch(Rows(encoder.dim, storage, made))
                Records(made / RECORDS, about).close()
            here = pathlib.Path(folder)
            rows = Rows(encoder.dim, storage, here)
            self._open(encoder, rows, Records(here / RECORDS))

    def _open(self, encoder: JSONEncoder, rows: Rows, records: Records) -> None:
        self.encoder, self._rows, self._records = encoder, rows, records
        self._fits = encoder.fits
        self._read()

    def _read(self) -> None:
        """Take the ids from the records: slots that none of them names are empty."""
        self._version = self._records.version
        found = np.array(self._records.slots(), dtype=np.int64).reshape(-1, 2)
        self._end = int(found[:, 1].max()) + 1 if len(found) else 0
        self._ids = np.zeros(self._end, dtype=np.int64)  # id of each slot, 0 for an empty one
        self._ids[found[:, 1]] = found[:, 0]

    def _ready(self, verb: str) -> None:
        if self.encoder.fits != self._fits:
            repair = "add the records to a new JSONIndex"
            raise ValueError(f"{verb}: the encoder was fitted again after the index; {repair}")
        if self._records.version != self._version:  # another process has written
            self._read()

    def __len__(self) -> int:
        return int(np.count_nonzero(self._ids))

    def __repr__(self) -> str:
        return f"JSONIndex({len(self):,} records, {self._rows.storage}, {self.encoder!r})"

    @property
    def ids(self) -> list[int]:
        """The ids of all records, oldest first."""
        return sorted(self._ids[self._ids > 0].tolist())

    # Records

    def add(self, records: Any) -> list[int]:
        """Add documents, all or none, and give their ids, which are never used again.

        records: an iterable, read as it is needed, or a pandas frame. In a folder, what was added
        is safe when the call returns, and a crash before leaves the index as it was. Errors:
        JSONInputError, and then nothing is added.
        """
        self._ready("add")
        added: list[int] = []
        with self._records.writing():
            self._ready("add")
            end = self._end
            for batch in lines.batches(records, BATCH, "add"):
                vectors = self._encoded(batch, len(added))
                texts = [self._text(record, len(added) + i) for i, record in enumerate(batch)]
                self._rows.write(end, vectors)
                added += self._records.add(end, texts)
                end += len(batch)
            self._rows.flush()
        self._ids = np.concatenate([self._ids, np.array(added, dtype=np.int64)])
        self._end = end
        return added

    def _encoded(self, batch: list[Any], before: int) -> Tensor:
        try:
            return self.encoder.encode(batch)
        except JSONInputError as error:
            error.record = before + (error.record or 0)
            raise

    def _text(self, record: Any, place: int) -> str:
        try:
            return json.dumps(record, separators=(",", ":"), default=shapes.plain)
        except (RecursionError, ValueError) as error:
            raise ValueError(f"add: record {place} cannot be written as JSON ({error})") from None

    def remove(self, ids: int | Iterable[int]) -> None:
        """Take records out, all or none. Errors: KeyError for an id that is not there."""
        self._ready("remove")
        listed = [ids] if isinstance(ids, int) else [whole("remove: an id", id_) for id_ in ids]
        slots = self._slots("remove", listed)
        with self._records.writing():
            self._records.remove(listed)
        self._ids[slots] = 0

    def _slots(self, verb: str, ids: list[int]) -> list[int]:
        slots = []
        for id_ in ids:
            found = np.flatnonzero(self._ids == id_) if id_ > 0 else np.empty(0)
            if not len(found):
                raise KeyError(f"{verb}: there is no record {id_} among the {len(self):,}")
            slots.append(int(found[0]))
        return slots

    def record(self, id_: int) -> Any:
        """The record of an id. Errors: KeyError for one that is not there."""
        self._slots("record", [id_])
        return parse(self._records.texts([id_])[0], LENIENT)

    def vector(self, id_: int) -> Tensor:
        """The stored vector of an id: ``-> (D,)`` float32."""
        (slot,) = self._slots("vector", [id_])
        return self._rows.wide(slice(slot, slot + 1), self._end)[0].clone()

    def sql(self, statement: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of an SQL query on the table ``records (id, record)``, which it cannot change.

        >>> index = JSONIndex(JSONEncoder(64))
        >>> index.add([{"a": 1}, {"a": 5}])
        [1, 2]
        >>> index.sql("SELECT id FROM records WHERE record ->> '$.a' > ?", [2])
        [(2,)]
        """
        return self._records.query(statement, tuple(values))

    # Search

    def search(
        self,
        query: Any,
        k: int = 10,
        *,
        where: str | Callable[[Any], bool] | None = None,
        weights: Mapping[Any, float] | None = None,
    ) -> Any:
        """The k records most like an example, best first; fewer where there are not so many.

        query: a document, which may lack fields, or a vector ``(D,)``: a list of ``Match``. A list
        of documents or vectors ``(n, D)``: a list of such lists. where: an SQL condition on
        ``record``, such as ``"record ->> '$.year' > 1990"``, which NaN or Infinity in a record
        never fulfil, or a function of a record. weights: as in ``JSONEncoder.encode``,
        ``{"$.time": 0}`` to ignore a field.
        """
        self._ready("search")
        k = whole("search: k", k, 1)
        given = self._given(query, weights)
        vectors = self.encoder.unit_rows("search", given).cpu()
        allowed = self._allowed(where) if isinstance(where, str) else self._ids > 0
        some = max(1, SCORES // max(1, self._end))
        found = [
            match
            for part in vectors.split(some)
            for match in self._best(part, k, allowed, where if callable(where) else None)
        ]
        return found if given.dim() == 2 else found[0]

    def _given(self, query: Any, weights: Mapping[Any, float] | None) -> Tensor:
        if not isinstance(query, Tensor):
            return self.encoder.encode(query, weights=weights)
        if weights is not None:
            raise ValueError("search: path weights belong to a document; encode it with them")
        return query

    def _allowed(self, where: str) -> np.ndarray:
        slots = self._records.query(
            f"SELECT slot FROM records WHERE CASE WHEN json_valid(record) THEN ({where}) END"
        )
        allowed = np.zeros(self._end, dtype=bool)
        allowed[[slot for (slot,) in slots]] = True
        return allowed

    def _best(
        self, vectors: Tensor, k: int, allowed: np.ndarray, where: Callable[[Any], bool] | None
    ) -> list[list[Match]]:
        """The best matches of each query among the slots that are allowed."""
        many = int(np.count_nonzero(allowed))
        wide = min(many, k if where is None else max(k, ASIDE))
        out = []
        for nearest in self._rows.nearest(vectors, allowed):
            found: list[Match] = []
            seen, reach = 0, wide
            while len(found) < k and seen < reach:
                values, slots = nearest.best(reach)
                for match in self._matches(values[seen:], slots[seen:], where):
                    found.append(match)
                    if len(found) == k:
                        break
                seen, reach = reach, min(many, 4 * reach) if where is not None else reach
            out.append(found)
        return out

    def _matches(
        self, values: np.ndarray, slots: np.ndarray, where: Callable[[Any], bool] | None
    ) -> Iterable[Match]:
        for score, slot in zip(values.tolist(), slots.tolist(), strict=True):
            id_ = int(self._ids[slot])
            record = parse(self._records.texts([id_])[0], LENIENT)
            if where is None or where(record):
                yield Match(id_, score, record)

    def explain(self, query: Any, id_: int) -> list[Part]:
        """Why a record is as similar to a query as it is: ``JSONEncoder.explain`` of both."""
        return self.encoder.explain(query, self.record(id_))

    def duplicates(self, threshold: float = 0.99) -> list[tuple[int, int, float]]:
        """All pairs of records with a cosine of at least the threshold, most similar first."""
        if not -1 <= threshold <= 1:
            raise ValueError(f"duplicates: threshold must be a cosine, got {threshold!r}")
        from tqdm.auto import tqdm

        self._ready("duplicates")
        n, some = self._end, max(1, SCORES // max(1, self._end))
        lengths = self._rows.lengths(n)
        found: list[tuple[int, int, float]] = []
        for start in tqdm(range(0, n, some), desc="pairs", disable=n <= some):
            end = min(n, start + some)
            scores = self._rows.scores(self._rows.wide(slice(start, end), n), n)
            scores = scores / lengths[start:end, None] / lengths  # int8 is not of length 1
            for row, column in (scores >= threshold - 1e-6).nonzero().tolist():
                one, other = int(self._ids[start + row]), int(self._ids[column])
                if 0 < one < other:
                    found.append((one, other, float(scores[row, column])))
        return sorted(found, key=lambda pair: (-pair[2], pair))

    def to_faiss(self) -> Any:
        """A faiss index of inner products, with the records' ids: for millions of records.

        Errors: ImportError where faiss is not installed.
        """
        try:
            import faiss
        except ImportError as error:
            raise ImportError("to_faiss: faiss is missing; pip install faiss-cpu") from error
        made = faiss.IndexIDMap2(faiss.IndexFlatIP(self.encoder.dim))
        for start in range(0, self._end, BATCH):
            end = min(self._end, start + BATCH)
            alive = self._ids[start:end] > 0
            rows = self._rows.wide(slice(start, end), self._end).numpy()[alive]
            made.add_with_ids(rows, self._ids[start:end][alive])
        return made

    # Files

    def save(self, folder: files.Path) -> None:
        """Write everything to a new folder, whole or not at all; rows of removed records are left.

        The index itself stays where it is; ``load`` opens the folder, and what is added then goes
        there at once. Errors: FileExistsError for a folder that exists.
        """
        self._ready("save")
        storage = self._rows.storage
        about = {"format": FORMAT, "dim": self.encoder.dim, "storage": storage}
        with _new(folder) as made:
            self.encoder.save(made / ENCODER)
            rows = Rows(self.encoder.dim, storage, made)
            _touch(rows)
            records = Records(made / RECORDS, about)
            with records.writing():
                kept = list(self._records.every())
                for start in range(0, len(kept), BATCH):
                    batch = kept[start : start + BATCH]
                    rows.copy(start, self._rows, np.array([slot for _, slot, _ in batch]))
                moved = [(id_, slot, text) for slot, (id_, _, text) in enumerate(kept)]
                records.restore(moved, self._records.last)
            rows.flush()
            records.close()

    @classmethod
    def load(cls, folder: files.Path, *, words: Words | None = None, device: Device = None) -> Self:
        """Open a folder; the vectors are mapped, not read. Errors: FileFormatError for a damaged
        one, and those of ``JSONEncoder.load``."""
        here, shown = pathlib.Path(folder), f"load: {os.fspath(folder)!r}"
        encoder = JSONEncoder.load(here / ENCODER, words=words, device=device)
        if not (here / RECORDS).is_file():
            raise files.FileFormatError(f"{shown} has no {RECORDS}; give the folder of save")
        records = Records(here / RECORDS)
        try:
            about = records.about()
            if about["format"] != FORMAT or about["dim"] != encoder.dim:
                raise ValueError(f"format {about['format']}, dim {about['dim']}")
            rows = Rows(encoder.dim, about["storage"], here)
            made = cls.__new__(cls)
            made._open(encoder, rows, records)
            for part in rows.parts:
                if not part.holds(made._end):
                    raise ValueError(f"{part.name} is missing or too short")
        except (sqlite3.Error, LookupError, TypeError, ValueError) as error:
            records.close()
            raise files.FileFormatError(f"{shown} is damaged ({error})") from None
        return made

    def close(self) -> None:
        """Let go of the files; the index cannot be used any more."""
        self._records.close()


def _touch(rows: Rows) -> None:
    """Make the files of empty rows."""
    for part in rows.parts:
        part.touch()


@contextmanager
def _new(folder: files.Path) -> Iterator[pathlib.Path]:
    """A folder that appears under its name when it is complete, or not at all."""
    target = pathlib.Path(folder)
    if target.exists():
        raise FileExistsError(f"{os.fspath(folder)!r} exists; give a new folder, or load it")
    made = target.with_name(f".{uuid.uuid4().hex}.part")
    made.mkdir()
    try:
        yield made
        made.rename(target)
    except BaseException:
        shutil.rmtree(made)
        raise
