"""Integers modulo r as angles: bundled by the sum of phasors (MCR) or by the majority (CGR)."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from hdlib.vsa.base import Device, whole
from hdlib.vsa.symbols import Symbols


class _Modular(Symbols):
    """What MCR and CGR share: D integers mod r, compared as angles."""

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
    def _range(self) -> int:
        return self.modulus

    @cached_property
    def _angles(self) -> Tensor:
        """Cosine and sine of every integer's angle, ``(2, r)`` float64."""
        turns = torch.arange(self.modulus, dtype=torch.float64, device=self.device)
        turns = turns * (2 * math.pi / self.modulus)
        return torch.stack([turns.cos(), turns.sin()])

    @cached_property
    def _phasors(self) -> Tensor:
        """The same as complex numbers, ``(r,)`` complex64."""
        return torch.view_as_complex(self._angles.mT.to(torch.float32).contiguous())

    def _features(self, x: Tensor) -> Tensor:
        symbols = self._settled(x)
        phasors = self._phasors.index_select(0, symbols.flatten().to(torch.int32))
        return torch.view_as_real(phasors).view(*symbols.shape[:-1], 2 * self.dim)

    def _measured(self, x: Tensor) -> tuple[Tensor, Tensor]:
        phasors = self._features(x)
        return phasors, phasors.new_full((1, 1), math.sqrt(self.dim))

    def _index(self, y: Tensor) -> None:
        return None


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

    @property
    def _table(self) -> Tensor:
        """Votes are how far the sum of phasors reaches; the nearest angle's reach farthest."""
        return self._angles


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
