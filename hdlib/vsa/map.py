"""Multiply, add, permute (Gayler 1998): bipolar atoms, bundled as sums (MAPI) or signs (MAPB)."""

from __future__ import annotations

import torch
from torch import Tensor

from hdlib import bits, kernels
from hdlib.vsa.base import REALS, VSA, guard, peak


def signs(seed: int, tally: Tensor) -> Tensor:
    """The sign of every sum, int8; ties fall by seeded bits that depend on the tally."""
    out = torch.where(tally < 0, -1, 1).to(torch.int8)
    even = tally == 0
    if even.any():
        ties = bits.tie_words(seed, bits.pack(tally < 0), bits.pack(even))
        flipped = bits.unpack(ties, tally.shape[-1]).bool() & even
        out = torch.where(flipped, -1, out)
    return out


class _MAP(VSA):
    """What MAPI and MAPB share: int8 atoms of ±1, products, cyclic shifts."""

    def _draw(self, seed: int, ids: Tensor) -> Tensor:
        ones = bits.unpack(kernels.words(seed, ids, bits.word_count(self.dim)), self.dim)
        return 1 - 2 * ones.view(torch.int8)

    def _bind(self, x: Tensor, y: Tensor) -> Tensor:
        kind = torch.promote_types(x.dtype, y.dtype)
        if x.dtype == y.dtype == torch.int32:
            kind = torch.int64  # a product of two sums
        guard("bind", peak(x) * peak(y), kind)
        return x.to(kind) * y

    def _inverse(self, x: Tensor) -> Tensor:
        return x

    def _identity(self) -> Tensor:
        return torch.ones(self.dim, dtype=torch.int8, device=self.device)

    def _settle(self, tally: Tensor) -> Tensor:
        return signs(bits.derive(self.seed, "ties"), tally)


class MAPI(_MAP):
    """MAP with integer sums: a bundle is the plain sum of its members, nothing is forgotten.

    Atoms and their bindings are int8; a bundle of them is int32, a bundle of bundles or a product
    of two bundles int64, and float weights give float32. Source: arXiv 2301.10352, section on
    MAP-I; Gayler 2003, arXiv cs/0412059. Taught in notebook 02.

    >>> vsa = MAPI(10_000)
    >>> x, y = vsa.atoms(["x", "y"])
    >>> round(vsa.similarity(vsa.bundle(vsa.atoms(["x", "y"])), x).item(), 2)
    0.71
    >>> vsa.similarity(vsa.unbind(vsa.bind(x, y), y), x).item()
    1.0
    """

    dtypes = (torch.int8, torch.int32, torch.int64, *REALS)


class MAPB(_MAP):
    """MAP with bipolar bundles: the sign of the sum, so that everything stays ±1.

    Ties (even bundles) fall by seeded random bits. Source: arXiv 2301.10352, section on MAP-B.
    Taught in notebook 02.

    >>> vsa = MAPB(10_000)
    >>> members = vsa.atoms(["x", "y", "z"])
    >>> round(vsa.similarity(vsa.bundle(members), members[0]).item(), 2)
    0.5
    """

    dtypes = (torch.int8,)
    additive = False

    def _settled(self, x: Tensor) -> Tensor:
        return self._settle(x)  # an int8 tensor may be a tally, and signs stay what they are

    def _features(self, x: Tensor) -> Tensor:
        return super()._features(x if x.dtype == torch.int8 else self._settle(x))
