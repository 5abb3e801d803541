"""An array whose rows grow: in memory, or in a file that is mapped and only ever appended to."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import numpy as np

Array = np.ndarray


class Growing:
    """Rows ``(n, width)`` of one kind of number.

    With a path they live in a file, which may be larger than memory. What lies behind the rows that
    the caller counts is garbage of a write that was never finished, and is written over.
    """

    def __init__(self, width: int, kind: Any, path: pathlib.Path | None = None) -> None:
        self.width, self.kind, self._path = width, np.dtype(kind), path
        self._room: Array = np.empty((0, width), dtype=self.kind)

    @property
    def size(self) -> int:
        """Bytes of a row."""
        return self.width * int(self.kind.itemsize)

    @property
    def name(self) -> str:
        """Where the rows live."""
        return "memory" if self._path is None else self._path.name

    def touch(self) -> None:
        """Make the file."""
        if self._path is not None:
            self._path.touch()

    def write(self, start: int, rows: Array) -> None:
        """Put rows at a place and those after it; in a file they are not yet safe."""
        end = start + len(rows)
        if self._path is None:
            if end > len(self._room):
                room = np.empty((max(end, 2 * start), self.width), dtype=self.kind)
                room[:start] = self._room[:start]
                self._room = room
            self._room[start:end] = rows
            return
        with self._path.open("r+b") as file:
            file.seek(start * self.size)
            file.write(rows.tobytes())

    def flush(self) -> None:
        """Make what was written survive a power cut."""
        if self._path is not None:
            with self._path.open("rb+") as file:
                os.fsync(file.fileno())

    def holds(self, n: int) -> bool:
        """Whether the file is there and long enough for n rows."""
        if self._path is None:
            return True
        return self._path.is_file() and self._path.stat().st_size >= n * self.size

    def read(self, n: int) -> Array:
        """The first n rows, without a copy."""
        if self._path is not None and n > len(self._room):
            whole = self._path.stat().st_size // self.size
            self._room = np.memmap(
                self._path, dtype=self.kind, mode="r+", shape=(whole, self.width)
            )
        return np.asarray(self._room[:n])
