"""Integers modulo r as angles: bundled by the sum of phasors (MCR) or by the majority (CGR)."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from hdlib import bits, kernels
from hdlib.vsa.base import VSA, Device, whole, wrapped

EVEN = 1e-12  # votes closer than this share of all votes are equal: rounding is a thousandth of it


class _Modular(VSA):
    """What MCR and CGR share: D integers mod r, int16, added to bind; a tally counts each integer.

    A tally has ``T = D · modulus`` numbers, so that a stream of items loses nothing.
    """

    dtypes = (torch.int16,)
    additive = False

    def __init__(
        self, dim: int, *, modulus: int = 16, device: Device = None, seed: int = 0
    ) -> None:
        super().__init__(dim, device=device, seed=seed)
        name = type(self).__name__
        self.modulus = whole(f"{name}: modulus", modulus, 2)
        if self.modulus > 1024:  # a bundle counts each integer, at every place
            raise ValueError(f"{name}: modulus must be at most 1024, got {modulus}")

    def options(self) -> dict[str, Any]:
        return {"modulus": self.modulus}

    @property
    def _size(self) -> int:
        return self.dim * self.modulus

    def _draw(self, seed: int, ids: Tensor) -> Tensor:
        words = kernels.words(seed, ids, (self.dim + 1) // 2)
        return (bits.halves(words)[..., : self.dim] * self.modulus >> 32).to(torch.int16)

    def _bind(self, x: Tensor, y: Tensor) -> Tensor:
        return wrapped(x + y, self.modulus)  # below 2048: int16 has the room

    def _inverse(self, x: Tensor) -> Tensor:
        return wrapped(-x, self.modulus)

    def _identity(self) -> Tensor:
        return torch.zeros(self.dim, dtype=torch.int16, device=self.device)

    def _signs(self, xs: Tensor) -> Tensor:
        ones = torch.zeros((*xs.shape, self.modulus), dtype=torch.int8, device=self.device)
        return ones.scatter_(-1, xs.to(torch.int64).unsqueeze(-1), 1).flatten(-2)

    def _votes(self, counts: Tensor) -> Tensor:
        """What each integer has in its favour: ``(…, D, r) -> (…, D, r)``."""
        raise NotImplementedError

    def _settle(self, tally: Tensor) -> Tensor:
        counts = tally.unflatten(-1, (self.dim, self.modulus))
        votes = self._votes(counts)
        margin = EVEN * counts.abs().sum(-1, keepdim=True).to(torch.float64)
        best = votes >= votes.amax(-1, keepdim=True) - margin
        content = bits.digest(bits.pack(best.flatten(-2)))  # (…,): who leads, at every place
        luck = bits.lsr(kernels.words(bits.derive(self.seed, "ties"), content, self.dim), 1)
        rank = best.cumsum(-1, dtype=torch.int16)  # the leaders at each place, numbered from 1
        chosen = (luck % rank[..., -1]).unsqueeze(-1)
        settled: Tensor = (rank <= chosen).sum(-1).to(torch.int16)
        return settled

    def _features(self, x: Tensor) -> Tensor:
        turns = torch.arange(self.modulus, dtype=torch.float64, device=self.device)
        turns = turns * (2 * math.pi / self.modulus)
        table: Tensor = torch.stack([turns.cos(), turns.sin()], -1).to(torch.float32)  # (r, 2)
        return table[self._settled(x).to(torch.int64)].flatten(-2)  # (…, 2 D)

    def _flaw(self, x: Tensor) -> str | None:
        if self._own(x) and x.numel() and not 0 <= x.min() <= x.max() < self.modulus:
            return f"integers outside 0..{self.modulus - 1}; make it with the same modulus"
        return super()._flaw(x)


class MCR(_Modular):
    """Modular composite representation: integers mod r, a bundle is the nearest to their phasors.

    Integer k is the angle 2πk/r. A bundle adds the phasors of all its members and takes the integer
    nearest to the angle of the sum; halfway between two, or at a sum of zero, a seeded random one
    of the nearest. ``similarity`` is the mean cosine of the angles between two vectors; the paper
    has a distance around the circle instead. modulus: r, 2 to 1024; 2 is binary. Source: Snaider &
    Franklin 2014, doi:10.1007/s12559-013-9243-y. Taught in notebook 02.

    >>> vsa = MCR(10_000)
    >>> members = vsa.atoms(["x", "y", "z"])
    >>> round(vsa.similarity(vsa.bundle(members), members[0]).item(), 1)
    0.5
    """

    def _votes(self, counts: Tensor) -> Tensor:
        """The length of the sum of phasors along each angle; the nearest angle has the longest."""
        k = torch.arange(self.modulus, device=self.device)
        turns = ((k - k.unsqueeze(-1)) % self.modulus).to(torch.float64)
        return counts.to(torch.float64) @ (turns * (2 * math.pi / self.modulus)).cos()


class CGR(_Modular):
    """Cyclic group representation: integers mod r, a bundle keeps the most frequent of each place.

    Ties fall by seeded random bits. ``similarity`` is the mean cosine of the angles between two
    vectors, integer k being the angle 2πk/r. modulus: r, 2 to 1024; 2 is binary. Source: Yu et al.
    2022, arXiv 2202.04805. Taught in notebook 02.

    >>> vsa = CGR(10_000)
    >>> x, y = vsa.atoms(["x", "y"])
    >>> round(vsa.similarity(vsa.unbind(vsa.bind(x, y), y), x).item(), 3)
    1.0
    """

    def _votes(self, counts: Tensor) -> Tensor:
        return counts
