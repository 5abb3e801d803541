"""Sparse codes: few ones at random places (BSDC), or exactly one in every block (SBC)."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any, Literal, SupportsFloat

import torch
from torch import Tensor

from hdlib import bits, kernels
from hdlib.kernels.rows import broadcast
from hdlib.vsa.base import REALS, VSA, Device, whole
from hdlib.vsa.packed import pairs, rotate, stray
from hdlib.vsa.symbols import Symbols


class BSDC(VSA):
    """Binary sparse distributed code: exactly ``round(density · D)`` ones, bundled by OR or counts.

    An OR bundle is a Bloom filter with distinct probes, a counting one a counting Bloom filter.
    Roles act by a shift: binding to y moves every component by the sum of the places of y's ones,
    mod D, so roles must be exact, and two roles share a shift with probability 1/D.
    ``similarity`` is Pearson's correlation. In a weighted OR a place is set where the weighted
    tally is positive.

    density: share of ones in an atom, default 1/sqrt(D). bundles: "or" (packed words, one bit a
    dimension) or "count" (int32 counters, ``W = D``). Source: Rachkovskij 2001,
    doi:10.1109/69.917565; shift binding: Schlegel, Neubert & Protzel 2022,
    doi:10.1007/s10462-021-10110-3. Taught in notebook 02.

    >>> vsa = BSDC(10_000)
    >>> x, y = vsa.atoms(["x", "y"])
    >>> int(vsa.dense(x).sum()), vsa.similarity(vsa.unbind(vsa.bind(x, y), y), x).item()
    (100, 1.0)
    """

    def __init__(
        self,
        dim: int,
        *,
        density: float | None = None,
        bundles: Literal["or", "count"] = "or",
        device: Device = None,
        seed: int = 0,
    ) -> None:
        super().__init__(dim, device=device, seed=seed)
        if bundles not in ("or", "count"):
            raise ValueError(f'BSDC: bundles must be "or" or "count", got {bundles!r}')
        density = 1 / math.sqrt(max(2, self.dim)) if density is None else density
        if not isinstance(density, SupportsFloat) or not 0 < float(density) < 1:
            raise ValueError(f"BSDC: density must be a number between 0 and 1, got {density!r}")
        self.density, self.bundles = float(density), bundles
        self.ones = max(1, round(self.density * self.dim))  # in every atom
        if self.ones == self.dim:
            repair = "take a lower density or more dimensions"
            raise ValueError(f"BSDC: density {self.density:.3g} sets all of dim {dim}; {repair}")
        self.additive = bundles == "count"
        counters = (torch.int8, torch.int32, torch.int64, *REALS)
        self.dtypes = counters if self.additive else (torch.int64,)

    def options(self) -> dict[str, Any]:
        return {"density": self.density, "bundles": self.bundles}

    @cached_property
    def width(self) -> int:
        return self.dim if self.additive else bits.word_count(self.dim)

    def _draw(self, seed: int, ids: Tensor) -> Tensor:
        keys = kernels.words(seed, ids, self.dim)  # the k smallest of D words: k places
        places = keys.topk(self.ones, dim=-1, largest=False, sorted=False).indices
        rows = torch.zeros_like(keys, dtype=torch.int8).scatter_(-1, places, 1)
        return rows if self.additive else bits.pack(rows)

    def _shift(self, y: Tensor) -> Tensor:
        """Sum of the places of the ones, mod D: ``(…, W) -> (…,)``."""
        places = torch.arange(self.dim, device=self.device)
        return (places * (self._dense(y) != 0)).sum(-1) % self.dim

    def _bind(self, x: Tensor, y: Tensor) -> Tensor:
        return self._move(x, self._shift(y))

    def _unbind(self, z: Tensor, y: Tensor) -> Tensor:
        return self._move(z, -self._shift(y))

    def _move(self, x: Tensor, shift: Tensor) -> Tensor:
        if not self.additive:
            return rotate(x, shift, self.dim)
        source = (torch.arange(self.dim, device=self.device) - shift.unsqueeze(-1)) % self.dim
        shape = broadcast(x.shape, source.shape)
        return x.expand(shape).gather(-1, source.expand(shape))

    def _inverse(self, x: Tensor) -> Tensor:
        mirrored = self._dense(x).flip(-1).roll(1, -1)  # place p to -p mod D: the sum changes sign
        return mirrored if self.additive else bits.pack(mirrored)

    def _identity(self) -> Tensor:
        kind = torch.int8 if self.additive else torch.int64
        return torch.zeros(self.width, dtype=kind, device=self.device)  # no ones, no shift

    def _signs(self, xs: Tensor) -> Tensor:
        return self._dense(xs)

    def _bundle(self, xs: Tensor, weights: Tensor | None) -> tuple[Tensor, bool]:
        if self.additive or weights is not None:
            return super()._bundle(xs, weights)
        while (n := xs.shape[-2]) > 1:  # OR of the first and the last half; they may overlap
            xs = xs[..., : (n + 1) // 2, :] | xs[..., n // 2 :, :]
        return xs[..., 0, :], True

    def _settle(self, tally: Tensor) -> Tensor:
        return (tally > 0).to(torch.int8) if self.additive else bits.pack(tally > 0)

    def _permute(self, x: Tensor, shift: int) -> Tensor:
        return self._sound("permute", self._move(x, torch.tensor(shift, device=self.device)), x)

    def _index(self, y: Tensor) -> Tensor | None:
        return super()._index(y) if self.additive else None

    def _similarity(self, x: Tensor, y: Tensor, index: Tensor | None = None) -> Tensor:
        if self.additive:
            return super()._similarity(x, y, index)
        x, y = self._settled(x), self._settled(y)
        a, b = (bits.popcount(v).sum(-1).to(torch.float32) for v in (x, y))
        a, b = a.unsqueeze(-1), b.unsqueeze(-2)
        overlap = (a + b - pairs(kernels.hamming, x, y)) / 2  # |x or y| - |x xor y|, halved
        spread = (a * (1 - a / self.dim) * b * (1 - b / self.dim)).sqrt()
        return torch.where(spread > 0, (overlap - a * b / self.dim) / spread.clamp_min(1e-30), 0)

    def _features(self, x: Tensor) -> Tensor:
        x = super()._features(x)
        return x - x.mean(-1, keepdim=True)

    def _dense(self, x: Tensor) -> Tensor:
        return x if self.additive else bits.unpack(x, self.dim)

    def _flaw(self, x: Tensor) -> str | None:
        packed = not self.additive and self._own(x)
        return stray(x, self.dim) if packed else super()._flaw(x)


class SBC(Symbols):
    """Sparse block code: D components in blocks, exactly one active in each; stored as its index.

    ``W = D / block`` symbols, int16. Binding adds symbols modulo the block size (a circular
    convolution of one-hot blocks); a bundle keeps the most frequent symbol of each block, ties
    broken by seeded random bits. ``similarity`` is the share of equal symbols, centred so that
    chance (1/block) becomes 0; permute moves whole blocks. Source: Laiho et al. 2015,
    doi:10.1109/BioCAS.2015.7348414; Frady, Kleyko & Sommer 2020, arXiv 2009.06734.
    Taught in notebook 02.

    >>> vsa = SBC(1024)
    >>> x, y = vsa.atoms(["x", "y"])
    >>> x.shape, round(vsa.similarity(vsa.unbind(vsa.bind(x, y), y), x).item(), 3)
    (torch.Size([64]), 1.0)
    """

    each = True
    nouns = ("symbols", "block")

    def __init__(self, dim: int, *, block: int = 16, device: Device = None, seed: int = 0) -> None:
        super().__init__(dim, device=device, seed=seed)
        self.block = whole("SBC: block", block, 2)
        if self.block > 2**15:
            raise ValueError(f"SBC: block must be at most 32768, got {block}")
        if self.dim % self.block:
            near = f"take {max(1, round(self.dim / self.block)) * self.block} or another block"
            raise ValueError(f"SBC: dim {dim} is not a multiple of block {block}; {near}")

    def options(self) -> dict[str, Any]:
        return {"block": self.block}

    @cached_property
    def width(self) -> int:
        return self.dim // self.block

    @property
    def _range(self) -> int:
        return self.block

    def _dense(self, x: Tensor) -> Tensor:
        return self._signs(x)

    def _similarity(self, x: Tensor, y: Tensor, index: Tensor | None = None) -> Tensor:
        equal = pairs(kernels.matches, self._settled(x), self._settled(y)).to(torch.float32)
        chance = self.width / self.block
        return equal.sub_(chance).div_(self.width - chance)

    def _index(self, y: Tensor) -> None:
        return None
