"""Numbers as vectors: random Fourier features, or the thermometer of the paper."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from hdlib import bits, kernels
from hdlib.encode.basis import thermometer
from hdlib.vsa import MBAT

Codes = Literal["fourier", "thermometer"]
LEVELS = 256  # of a thermometer


class Numbers:
    """Unit vectors of numbers that are given in the units of their path's scale.

    "fourier": pairs of cosine and sine at normal frequencies; the similarity of numbers a distance
    d apart is about exp(-d²/2). Source: Rahimi & Recht 2007, Random features for large-scale kernel
    machines, NIPS. "thermometer": 256 levels between the ends of the scale, from an atom to its
    opposite, as ``encode.thermometer``; the similarity falls in a straight line.
    """

    def __init__(self, vsa: MBAT, kind: Codes) -> None:
        if kind not in ("fourier", "thermometer"):
            raise ValueError(f'numbers must be "fourier" or "thermometer", got {kind!r}')
        self.vsa, self.kind = vsa, kind
        if kind == "fourier":
            half = vsa.dim // 2
            words = kernels.words(bits.derive(vsa.seed, "json/number"), self._zero, (half + 1) // 2)
            self.waves = bits.normals(words)[:half]  # (D // 2,)
        else:
            self.levels = thermometer(vsa, LEVELS, name="json/number")  # (256, D)

    @property
    def _zero(self) -> Tensor:
        return torch.zeros((), dtype=torch.int64, device=self.vsa.device)

    def vectors(self, units: Tensor, ends: tuple[float, float]) -> Tensor:
        """Float32 units to vectors ``(n,) -> (n, D)``; ``ends`` are those of the thermometer."""
        if self.kind == "thermometer":
            low, high = ends
            place = (units - low) / (high - low) * (LEVELS - 1)
            return self.levels[place.round().clamp(0, LEVELS - 1).to(torch.int64)]
        half = len(self.waves)
        angles = units.unsqueeze(-1) * self.waves
        out = units.new_zeros(len(units), self.vsa.dim)
        torch.cos(angles, out=out[:, :half])
        torch.sin(angles, out=out[:, half : 2 * half])
        return out.mul_(1 / math.sqrt(half))

    def grid(self, reach: tuple[float, float]) -> Tensor:
        """The units that are tried when a vector is read: ``-> (n,)``."""
        low, high = reach
        steps = LEVELS - 1 if self.kind == "thermometer" else math.ceil((high - low) * 8)
        return torch.linspace(low, high, steps + 1, device=self.vsa.device)
