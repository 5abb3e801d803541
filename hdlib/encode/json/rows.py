"""Vectors in rows that grow: in memory, or in a file that is mapped and only ever appended to."""

from __future__ import annotations

import math
import os
import pathlib
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor

from hdlib.encode.json.dots import dots

Storage = Literal["float32", "half", "int8"]
KINDS = {"float32": np.float32, "half": np.float16, "int8": np.int8}
CLIP = 5.0  # standard deviations of a component that int8 spans
BLOCK = 1 << 22  # elements that are widened at once
CACHED = 256  # rows that stay in the cache while they are multiplied


class Rows:
    """Unit vectors ``(n, D)`` as float32, half or int8, the last in 254 steps of 1/(25·sqrt(D)).

    With a path they live in a file, which may be larger than memory. What lies behind the rows that
    the caller counts is garbage of a write that was never finished, and is written over.
    """

    def __init__(self, dim: int, storage: Storage, path: pathlib.Path | None = None) -> None:
        if storage not in get_args(Storage):
            listed = ", ".join(get_args(Storage))
            raise ValueError(f"storage must be one of {listed}, got {storage!r}")
        self.dim, self.storage, self.path = dim, storage, path
        self.kind = np.dtype(KINDS[storage])
        self._room: np.ndarray = np.empty((0, dim), dtype=self.kind)

    @property
    def size(self) -> int:
        """Bytes of a row."""
        return self.dim * self.kind.itemsize

    def write(self, start: int, x: Tensor) -> None:
        """Put vectors ``(n, D)`` at a row and those after it; in a file they are not yet safe."""
        packed = self.packed(x)
        end = start + len(packed)
        if self.path is None:
            if end > len(self._room):
                room = np.empty((max(end, 2 * start), self.dim), dtype=self.kind)
                room[:start] = self._room[:start]
                self._room = room
            self._room[start:end] = packed
            return
        with self.path.open("r+b") as file:
            file.seek(start * self.size)
            file.write(packed.tobytes())

    def flush(self) -> None:
        """Make what was written survive a power cut."""
        if self.path is not None:
            with self.path.open("rb+") as file:
                os.fsync(file.fileno())

    def read(self, start: int, end: int) -> Tensor:
        """Rows as they are stored: ``-> (end - start, D)``, without a copy."""
        if self.path is not None and end > len(self._room):
            whole = self.path.stat().st_size // self.size
            self._room = np.memmap(self.path, dtype=self.kind, mode="r+", shape=(whole, self.dim))
        return torch.from_numpy(np.asarray(self._room[start:end]))

    def wide(self, start: int, end: int) -> Tensor:
        """Rows as float32: ``-> (end - start, D)``, a view where they are stored so."""
        return self.widened(self.read(start, end))

    @property
    def _step(self) -> float:
        """What one step of int8 stands for."""
        return CLIP / (127 * math.sqrt(self.dim))

    def lengths(self, n: int) -> Tensor:
        """Lengths of the first n rows: ``-> (n,)``, near 1 but for rounding."""
        some = max(1, BLOCK // self.dim)
        parts = [self.wide(at, min(n, at + some)).norm(dim=-1) for at in range(0, n, some)]
        return torch.cat([torch.empty(0), *parts])

    def packed(self, x: Tensor) -> np.ndarray:
        """Float32 vectors as they are stored."""
        x = x.detach().cpu().to(torch.float32)
        if self.storage == "int8":
            x = (x / self._step).round().clamp(-127, 127)
        return x.numpy().astype(self.kind)

    def widened(self, x: Tensor) -> Tensor:
        """What is stored as float32 vectors."""
        wide = x.to(torch.float32)
        return wide * self._step if self.storage == "int8" else wide

    def scores(self, queries: Tensor, n: int) -> Tensor:
        """Products of queries with the first n rows: ``(q, D), -> (q, n)``."""
        stored = self.read(0, n)
        if self.storage == "float32":
            return queries @ stored.mT
        out = torch.empty(len(queries), n)
        if self.storage == "int8":
            for query, row in zip(queries.contiguous(), out, strict=True):
                dots(stored.numpy(), query.numpy(), row.numpy())
            return out.mul_(self._step)
        wide = torch.empty(CACHED, self.dim)  # torch has no fast product of half precision here
        for at in range(0, n, CACHED):
            end = min(n, at + CACHED)
            out[:, at:end] = queries @ wide[: end - at].copy_(stored[at:end]).mT
        return out
