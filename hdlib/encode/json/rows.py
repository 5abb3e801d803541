"""Vectors in rows that grow, each kept in full and as codes that say which rows can be the best."""

from __future__ import annotations

import pathlib
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor

from hdlib.encode.json import codes
from hdlib.encode.json.growing import Growing

Storage = Literal["float32", "half", "int8"]
KINDS = {"float32": np.float32, "half": np.float16}
NAMES = ("vectors.bin", "codes.bin")
BLOCK = 1 << 20  # elements that are widened at once

Array = np.ndarray


class Rows:
    """Unit vectors ``(n, D)`` as float32 or half with an int8 code beside, or as int8 codes alone.

    folder: where they live, in files that may be larger than memory; without one, in memory.
    """

    def __init__(self, dim: int, storage: Storage, folder: pathlib.Path | None = None) -> None:
        if storage not in get_args(Storage):
            listed = ", ".join(get_args(Storage))
            raise ValueError(f"storage must be one of {listed}, got {storage!r}")
        self.dim, self.storage = dim, storage
        paths = [None if folder is None else folder / name for name in NAMES]
        self._full = Growing(dim, KINDS[storage], paths[0]) if storage in KINDS else None
        self._codes = Growing(codes.width(dim), np.int8, paths[1])
        self.parts = [self._codes] if self._full is None else [self._full, self._codes]

    def write(self, start: int, x: Tensor) -> None:
        """Put vectors ``(n, D)`` at a row and those after it; in a file they are not yet safe."""
        rows = x.detach().cpu().to(torch.float32).numpy()
        if self._full is not None:
            kept = rows.astype(self._full.kind)
            self._full.write(start, kept)
            rows = kept.astype(np.float32)
        self._codes.write(start, codes.pack(rows, self._full is None))

    def copy(self, start: int, other: Rows, where: Array) -> None:
        """Put rows of another store of the same kind at a row and those after it, unchanged."""
        for mine, its in zip(self.parts, other.parts, strict=True):
            mine.write(start, its.read(int(where.max(initial=-1)) + 1)[where])

    def flush(self) -> None:
        """Make what was written survive a power cut."""
        for part in self.parts:
            part.flush()

    def wide(self, where: slice | Array, n: int) -> Tensor:
        """Some of the first n rows as float32: ``-> (rows, D)``, a view if they are stored so."""
        if self._full is not None:
            return torch.from_numpy(self._full.read(n)[where].astype(np.float32, copy=False))
        rows = self._codes.read(n)[where]
        return torch.from_numpy(rows[:, : self.dim] * codes.tails(rows)[:, :1])

    def lengths(self, n: int) -> Tensor:
        """Lengths of the first n rows: ``-> (n,)``, near 1 but for rounding."""
        parts = [self.wide(block, n).norm(dim=-1) for block in self._blocks(n)]
        return torch.cat([torch.empty(0), *parts])

    def _blocks(self, n: int) -> list[slice]:
        some = max(1, BLOCK // self.dim)
        return [slice(at, min(n, at + some)) for at in range(0, n, some)]

    def scores(self, queries: Tensor, n: int) -> Tensor:
        """Products of many queries with the first n rows: ``(q, D), -> (q, n)``."""
        out = torch.empty(len(queries), n)
        for block in self._blocks(n):
            out[:, block] = queries @ self.wide(block, n).mT
        return out

    def nearest(self, queries: Tensor, allowed: Array) -> list[Nearest]:
        """What is most like each query ``(q, D)`` among the first rows, where ``allowed`` (n,)."""
        x = queries.contiguous().numpy()
        high = codes.ceilings(self._codes.read(len(allowed)), x)
        if not allowed.all():
            high[:, ~allowed] = -np.inf
        return [Nearest(self, query, row) for query, row in zip(x, high, strict=True)]


class Nearest:
    """The rows most like one query: what a comparison with every row would give, for less.

    No row scores above its ceiling, so only those with a ceiling as high as the score of the k-th
    best of some rows can be among the best. They are compared in full, all of them if need be.
    """

    def __init__(self, rows: Rows, query: Array, high: Array) -> None:
        self._rows, self._query, self._high = rows, query, high

    def best(self, k: int) -> tuple[Array, Array]:
        """Scores and rows of the k best, at most as many as are allowed; of equals the first."""
        if k == 0:
            return np.empty(0), np.empty(0, dtype=np.int64)
        promising = torch.from_numpy(self._high).topk(k).indices.numpy()
        floor = np.float64(self._scores(promising).min())
        slots = np.flatnonzero(self._high >= floor)
        scores = self._scores(slots)
        order = np.lexsort((slots, -scores))[:k]
        return scores[order], slots[order]

    def _scores(self, slots: Array) -> Array:
        out, some, n = np.empty(len(slots)), max(1, BLOCK // self._rows.dim), len(self._high)
        for at in range(0, len(slots), some):
            x = self._rows.wide(slots[at : at + some], n).numpy()
            codes.products(x, self._query, out[at : at + some])
        return out
