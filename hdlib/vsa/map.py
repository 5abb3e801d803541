"""Multiply, add, permute (Gayler 1998): bipolar atoms, bundled as sums (MAPI) or signs (MAPB)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from hdlib import bits, kernels
from hdlib.kernels.reference import sign
from hdlib.kernels.rows import result
from hdlib.vsa.base import INTEGERS, REALS, VSA, guard, peak
from hdlib.vsa.packed import pairs

SHORTEST = (torch.uint8, *INTEGERS[1:])  # of non-negative numbers
FEW = 16  # items below which packing them costs more than it saves


def exact(x: Tensor, dim: int) -> bool:
    """Integers whose dot products with ±1 fit int64."""
    return x.dtype in INTEGERS and peak(x) * dim < 2**62


def packed(x: Tensor) -> Tensor | None:
    """Rows of int8 ±1 as bits, ``(…, n, D) -> (…, n, W)``; None for any others."""
    signs = kernels.signs(x.flatten(0, -2)) if x.dtype == torch.int8 else None
    return None if signs is None else signs.unflatten(0, x.shape[:-1])


def sliced_dots(x: Tensor, dim: int, distances: Callable[[Tensor], Tensor]) -> Tensor:
    """Exact dot products of integer rows with packed ±1 items: ``(…, Q, D) -> (…, Q, N)`` int64.

    A row of integers is a weighted sum of bit planes, and the dot product of a plane with an item
    follows from their Hamming distance: the whole costs one ``distances`` of all planes.
    """
    top = int(peak(x))
    kind = next(kind for kind in SHORTEST if 2 * top <= torch.iinfo(kind).max)
    low = x.to(kind) + top  # 0..2 top, and often all even: sums of n signs share a parity
    half = int(not (low & 1).any())
    depth = (2 * top >> half).bit_length()
    planes = [low >> (half + j) & 1 for j in range(depth)]
    rows = torch.cat([bits.pack(plane) for plane in [*planes, torch.zeros_like(low)]], -2)
    far = distances(rows).unflatten(-2, (depth + 1, -1)).movedim(-3, 0)  # (planes + 1, …, Q, N)
    ones = far[depth].to(torch.int64)  # the distance to no ones is the number of ones
    total: Tensor = -top * (dim - 2 * ones)
    for j in range(depth):
        total += far[j] - ones << (half + j)
    return total


class _MAP(VSA):
    """What MAPI and MAPB share: int8 atoms of ±1, products, cyclic shifts."""

    def _draw(self, seed: int, ids: Tensor) -> Tensor:
        return kernels.coins(seed, ids, self.dim)

    def _bind(self, x: Tensor, y: Tensor) -> Tensor:
        if x.dtype == y.dtype == torch.int8:
            product, fits = kernels.times(x, y)
            if fits:
                return product
        if x.dtype == y.dtype == torch.int32:
            x = x.to(torch.int64)  # a product of two sums
        guard("bind", peak(x) * peak(y), x.dtype, y.dtype)
        return torch.mul(x, y, out=result(x, y))

    def _similarity(self, x: Tensor, y: Tensor, index: Tensor | None = None) -> Tensor:
        x, y = self._compared(x), self._compared(y)
        signs = packed(y) if index is None and y.shape[-2] >= FEW else index
        if signs is None or signs.dtype != torch.int64 or not exact(x, self.dim):
            return super()._similarity(x, y, index)
        short = index is None and x.dtype in INTEGERS[1:]
        if short and peak(x) * max(self.dim, 512) < 2**24:  # and their dots
            return self._cosines(x, pairs(kernels.dots, x.to(torch.int16), y))
        return self._near(x, partial(pairs, kernels.hamming, y=signs))

    def _index(self, y: Tensor) -> Tensor | None:
        """Items of ±1 as packed bits, an eighth of their size; the lengths of others."""
        signs = packed(y)
        return super()._index(self._compared(y)) if signs is None else signs

    def _similarity_made(self, x: Tensor, ids: Tensor) -> Tensor:
        x = self._compared(x)
        if not exact(x, self.dim):
            return super()._similarity_made(x, ids)
        made = partial(kernels.hamming_made, seed=self.seed, ids=ids, dim=self.dim)
        return self._near(x, made)

    def _near(self, x: Tensor, distances: Callable[[Tensor], Tensor]) -> Tensor:
        """Cosines of integer rows with packed ±1 items, given the distances of packed rows."""
        signs = packed(x)
        if signs is None:
            return self._cosines(x, sliced_dots(x, self.dim, distances))
        return distances(signs).mul_(-2).add_(self.dim).to(torch.float32) / self.dim

    def _cosines(self, x: Tensor, dots: Tensor) -> Tensor:
        """Dot products of integer rows with ±1 items as cosines: ``(…, n, N)`` float32."""
        x = x.to(torch.float64)
        squares: Tensor = torch.linalg.vecdot(x, x).unsqueeze(-1)  # (…, n, 1), exact below 2^53
        return (dots / (squares * self.dim).sqrt().clamp_min(1)).to(torch.float32)

    def _compared(self, x: Tensor) -> Tensor:
        """The vectors that are compared."""
        return x

    def _inverse(self, x: Tensor) -> Tensor:
        return x

    def _identity(self) -> Tensor:
        return torch.ones(self.dim, dtype=torch.int8, device=self.device)

    def _settle(self, tally: Tensor) -> Tensor:
        return sign(tally, bits.derive(self.seed, "ties"))


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

    def _compared(self, x: Tensor) -> Tensor:
        return x if x.dtype == torch.int8 else self._settle(x)

    def _bundle(self, xs: Tensor, weights: Tensor | None) -> tuple[Tensor, bool]:
        if weights is not None:
            return super()._bundle(xs, weights)
        return kernels.bipolar(xs, seed=bits.derive(self.seed, "ties")), True

    def _bundle_segments(self, rows: Tensor, offsets: Tensor, index: Tensor | None) -> Tensor:
        signs = packed(rows)
        if signs is None:
            return super()._bundle_segments(rows, offsets, index)
        seed = bits.derive(self.seed, "ties")  # the majority of bits, as in BSC
        voted = kernels.majority(signs, offsets, index, seed=seed)
        return bits.plus_minus(voted, self.dim)
