"""What models of integers share: symbols that are added to bind and counted to bundle."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

import torch
from torch import Tensor

from hdlib import bits, kernels
from hdlib.kernels.reference import elected
from hdlib.kernels.rows import result
from hdlib.vsa.base import VSA


def wrapped(x: Tensor, modulus: int) -> Tensor:
    """Integers modulo r in place: a mask where r is a power of two, which is much faster."""
    return x.bitwise_and_(modulus - 1) if modulus & (modulus - 1) == 0 else x.remainder_(modulus)


class Symbols(VSA):
    """W integers below r, int16. A tally counts each integer at each place, ``T = W · r``.

    So a stream of items loses nothing. ``each``: how ties are drawn, see ``kernels.elect``.
    """

    dtypes = seen = (torch.int16,)
    additive = False
    each: ClassVar[bool] = False
    nouns: ClassVar[tuple[str, str]] = ("integers", "modulus")  # what they are called, and r

    @property
    def _range(self) -> int:
        """The number r of symbols."""
        raise NotImplementedError

    @property
    def _size(self) -> int:
        return self.width * self._range

    @cached_property
    def _table(self) -> Tensor:
        """How counts are votes: as they are, or by cosines and sines ``(2, r)``."""
        return torch.empty(0, self._range, dtype=torch.float64, device=self.device)

    def _draw(self, seed: int, ids: Tensor) -> Tensor:
        return kernels.symbols(seed, ids, self.width, self._range)

    def _bind(self, x: Tensor, y: Tensor) -> Tensor:
        roomy = x if self._range <= 1 << 14 else x.to(torch.int32)
        sums = torch.add(roomy, y, out=result(roomy, y))
        return wrapped(sums, self._range).to(torch.int16)

    def _inverse(self, x: Tensor) -> Tensor:
        return wrapped(-x, self._range)

    def _identity(self) -> Tensor:
        return torch.zeros(self.width, dtype=torch.int16, device=self.device)

    def _signs(self, xs: Tensor) -> Tensor:
        ones = torch.zeros((*xs.shape, self._range), dtype=torch.int8, device=self.device)
        return ones.scatter_(-1, xs.to(torch.int64).unsqueeze(-1), 1).flatten(-2)

    def _bundle(self, xs: Tensor, weights: Tensor | None) -> tuple[Tensor, bool]:
        return super()._bundle(xs, weights) if weights is not None else (self._elect(xs), True)

    def _bundle_segments(self, rows: Tensor, offsets: Tensor, index: Tensor | None) -> Tensor:
        return self._elect(rows, offsets, index)

    def _elect(self, rows: Tensor, *segments: Tensor | None) -> Tensor:
        seed = bits.derive(self.seed, "ties")
        return kernels.elect(rows, self._table, *segments, seed=seed, each=self.each)

    def _settle(self, tally: Tensor) -> Tensor:
        counts = tally.unflatten(-1, (self.width, self._range))
        return elected(counts, self._table, bits.derive(self.seed, "ties"), self.each)

    def _flaw(self, x: Tensor) -> str | None:
        if not self._own(x):
            return super()._flaw(x)
        low, high = kernels.ends(x)
        if low >= 0 and high < self._range:
            return None
        plural, option = self.nouns
        return f"{plural} outside 0..{self._range - 1}; make it with the same {option}"
