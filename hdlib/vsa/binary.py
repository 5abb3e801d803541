"""Binary spatter codes (Kanerva 1996): packed bits, XOR to bind, majority to bundle."""

from __future__ import annotations

import functools
from functools import cached_property

import torch
from torch import Tensor

from hdlib import bits, kernels
from hdlib.kernels.reference import sign
from hdlib.vsa.base import VSA
from hdlib.vsa.packed import beyond, pairs, rotate, stray


class BSC(VSA):
    """Binary spatter code: D bits in ``ceil(D / 64)`` words, padded to 64 bytes.

    It is MAPB written in bits (one stands for -1): same atoms, bundles and ties for the same seed.
    ``similarity`` is 1 - 2 · (differing bits) / D. A tally is the integer sum of ±1, ``(…, D)``
    int32. Source: Kanerva 2009, doi:10.1007/s12559-009-9009-8. Taught in notebook 02.

    >>> vsa = BSC(10_000)
    >>> x, y = vsa.atoms(["x", "y"])
    >>> vsa.similarity(vsa.unbind(vsa.bind(x, y), y), x).item(), x.numel() * 8  # bytes
    (1.0, 1280)
    """

    dtypes = (torch.int64,)
    additive = False

    @cached_property
    def width(self) -> int:
        return bits.word_count(self.dim)

    def _draw(self, seed: int, ids: Tensor) -> Tensor:
        return kernels.words(seed, ids, self.width) & ~beyond(self.dim, ids.device)

    def bind(self, x: Tensor, *ys: Tensor) -> Tensor:
        self._check("bind", x, *ys, carried=self.dtypes if ys else ())
        return functools.reduce(functools.partial(self._xor, "bind"), ys, x)

    def unbind(self, z: Tensor, y: Tensor) -> Tensor:
        self._check("unbind", z, y, carried=self.dtypes)
        return self._xor("unbind", z, y)

    def _xor(self, verb: str, x: Tensor, y: Tensor) -> Tensor:
        return self._looked(verb, kernels.xor(x, y, self.dim), x, y)

    def _inverse(self, x: Tensor) -> Tensor:
        return x

    def _identity(self) -> Tensor:
        return torch.zeros(self.width, dtype=torch.int64, device=self.device)

    def _bundle(self, xs: Tensor, weights: Tensor | None) -> tuple[Tensor, bool]:
        if weights is not None:
            return super()._bundle(xs, weights)
        return kernels.majority(xs, seed=bits.derive(self.seed, "ties")), True

    def _bundle_segments(self, rows: Tensor, offsets: Tensor, index: Tensor | None) -> Tensor:
        return kernels.majority(rows, offsets, index, seed=bits.derive(self.seed, "ties"))

    def _signs(self, xs: Tensor) -> Tensor:
        return bits.plus_minus(xs, self.dim)

    def _settle(self, tally: Tensor) -> Tensor:
        return bits.pack(sign(tally, bits.derive(self.seed, "ties")) < 0)

    def _permute(self, x: Tensor, shift: int) -> Tensor:
        return rotate(x, shift, self.dim)

    def _similarity(self, x: Tensor, y: Tensor, index: Tensor | None = None) -> Tensor:
        return self._agreement(pairs(kernels.hamming, self._settled(x), self._settled(y)))

    def _index(self, y: Tensor) -> None:
        return None

    def _similarity_made(self, x: Tensor, ids: Tensor) -> Tensor:
        return self._agreement(kernels.hamming_made(self._settled(x), self.seed, ids, self.dim))

    def _agreement(self, differing: Tensor) -> Tensor:
        return differing.to(torch.float32).mul_(-2 / self.dim).add_(1)

    def _dense(self, x: Tensor) -> Tensor:
        return bits.unpack(x, self.dim)

    def _flaw(self, x: Tensor) -> str | None:
        return stray(x, self.dim) if self._own(x) else super()._flaw(x)
