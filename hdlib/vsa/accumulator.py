"""A bundle that grows and shrinks: it keeps the tally, so it favours no item and forgets none."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from hdlib.vsa.base import INTEGERS, VSA, guard, peak


class Accumulator:
    """A running bundle of one space: ``add`` and ``remove`` vectors in any order, read ``value``.

    Adding items one by one equals bundling them at once, for every model (float sums: to rounding);
    chained bundles of pairs would halve the oldest item at each step. Taught in notebook 02.

    >>> from hdlib import BSC
    >>> vsa = BSC(10_000)
    >>> x, y, z = vsa.atoms(["x", "y", "z"])
    >>> running = Accumulator(vsa).add(x).add(y).add(z)
    >>> bool((running.value == vsa.bundle(vsa.atoms(["x", "y", "z"]))).all()), len(running)
    (True, 3)
    """

    def __init__(self, vsa: VSA) -> None:
        self.vsa = vsa
        self._tally: Tensor | None = None
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, xs: Tensor, weights: Any = None) -> Accumulator:
        """Add one vector ``(W,)`` or several ``(…, W)``; returns itself."""
        return self._move("add", xs, weights, 1)

    def remove(self, xs: Tensor, weights: Any = None) -> Accumulator:
        """Take back what was added before: the state is then as if it had never been added."""
        return self._move("remove", xs, weights, -1)

    def _move(self, verb: str, xs: Tensor, weights: Any, sign: int) -> Accumulator:
        self.vsa._check(verb, xs)
        rows, weights = self.vsa._rows(verb, xs.reshape(-1, xs.shape[-1]), -2, weights)
        if self._count + sign * len(rows) < 0:
            few = f"{len(rows)} vectors from a bundle of {self._count}"
            raise ValueError(f"{verb}: {few}; remove only what was added")
        part = sign * self.vsa._tally(verb, rows, weights)[0]
        if part.dtype in INTEGERS:
            part = part.to(torch.int64)  # room for many additions
        if self._tally is not None:
            guard(verb, peak(self._tally) + peak(part), self._tally.dtype, part.dtype)
            part = self._tally + part
        self._tally = part
        self._count += sign * len(rows)
        return self

    @property
    def tally(self) -> Tensor:
        """The exact running sum: ``-> (T,)``, as from the space's ``tally``."""
        if self._tally is None:
            raise ValueError("tally: nothing was added to this Accumulator; call add first")
        return self._tally

    @property
    def value(self) -> Tensor:
        """The bundle of what is inside now: ``-> (W,)``; quantised models refuse an empty one."""
        if self.vsa.additive:
            return self.tally
        if self._count == 0:
            raise ValueError(f"value: {type(self.vsa).__name__} has no empty bundle; add a vector")
        return self.vsa._settle(self.tally)
