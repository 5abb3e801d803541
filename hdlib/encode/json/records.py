"""Records in an SQLite file: their ids, their JSON text, and the row of their vector."""

from __future__ import annotations

import json
import pathlib
import sqlite3
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

FORMAT = 2
TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE records (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    slot INTEGER NOT NULL UNIQUE,
    record TEXT NOT NULL
);
"""


class Records:
    """The table ``records (id, slot, record)``; an id is never given twice.

    A transaction is all there or not at all, also after a crash: that is SQLite's own promise, and
    the reason that records, not vectors, say what an index holds.
    """

    def __init__(self, path: pathlib.Path | None, about: dict[str, Any] | None = None) -> None:
        """Make a new file that holds ``about``, or open one where that is None."""
        name = ":memory:" if path is None else str(path)
        self._base = sqlite3.connect(name, isolation_level=None, check_same_thread=False)
        self.close = weakref.finalize(self, self._base.close)  # by hand, or when nobody holds it
        if about is not None:
            with self.writing():
                for statement in filter(str.strip, TABLES.split(";")):
                    self._base.execute(statement)
                rows = [(name, json.dumps(value)) for name, value in about.items()]
                self._base.executemany("INSERT INTO about VALUES (?, ?)", rows)

    def about(self) -> dict[str, Any]:
        """What the file was made with."""
        found = self._base.execute("SELECT name, value FROM about")
        return {name: json.loads(value) for name, value in found}

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: none of it stays if it fails, and no other process writes meanwhile."""
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._base.execute("ROLLBACK")
            raise
        self._base.execute("COMMIT")

    @property
    def version(self) -> int:
        """A number that changes when another process writes."""
        return int(self._base.execute("PRAGMA data_version").fetchone()[0])

    def slots(self) -> list[tuple[int, int]]:
        """Every id with its slot, oldest first."""
        return self._base.execute("SELECT id, slot FROM records ORDER BY id").fetchall()

    def add(self, slot: int, texts: Sequence[str]) -> list[int]:
        """Rows for texts, in slots one after another; their ids."""
        ids = []
        for place, text in enumerate(texts, slot):
            values = (place, text)
            made = self._base.execute("INSERT INTO records (slot, record) VALUES (?, ?)", values)
            ids.append(int(made.lastrowid or 0))
        return ids

    def restore(self, rows: Sequence[tuple[int, int, str]], last: int) -> None:
        """Rows with the ids that they had, and the greatest that was given, in an empty table."""
        self._base.executemany("INSERT INTO records VALUES (?, ?, ?)", rows)
        self._base.execute("DELETE FROM sqlite_sequence")
        self._base.execute("INSERT INTO sqlite_sequence VALUES ('records', ?)", (last,))

    @property
    def last(self) -> int:
        """The greatest id that was ever given."""
        row = self._base.execute(
            "SELECT seq FROM sqlite_sequence WHERE name = 'records'"
        ).fetchone()
        return int(row[0]) if row else 0

    def remove(self, ids: Sequence[int]) -> None:
        """Take rows out."""
        self._base.executemany("DELETE FROM records WHERE id = ?", [(id_,) for id_ in ids])

    def texts(self, ids: Sequence[int]) -> list[str]:
        """The JSON texts of ids."""
        found = []
        for id_ in ids:
            row = self._base.execute("SELECT record FROM records WHERE id = ?", (id_,)).fetchone()
            found.append(str(row[0]))
        return found

    def every(self) -> Iterator[tuple[int, int, str]]:
        """Every id, slot and text, oldest first."""
        yield from self._base.execute("SELECT id, slot, record FROM records ORDER BY id")

    def query(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows that a statement gives; it cannot change anything."""
        self._base.execute("PRAGMA query_only = ON")
        try:
            return self._base.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            columns = "records (id, record), with SQLite's JSON functions"
            raise ValueError(f"{sql!r}: {error}; the table is {columns}") from None
        finally:
            self._base.execute("PRAGMA query_only = OFF")
