"""Binary spatter codes (Kanerva 1996): packed bits, XOR to bind, majority to bundle."""

from __future__ import annotations

import functools

import torch
from torch import Tensor

from hdlib import bits, kernels
from hdlib.vsa.base import VSA
from hdlib.vsa.map import signs


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

    @property
    def width(self) -> int:
        return bits.word_count(self.dim)

    def _draw(self, seed: int, ids: Tensor) -> Tensor:
        return kernels.words(seed, ids, self.width) & ~beyond(self.dim, ids.device)

    def _bind(self, x: Tensor, y: Tensor) -> Tensor:
        return x ^ y

    def _inverse(self, x: Tensor) -> Tensor:
        return x

    def _identity(self) -> Tensor:
        return torch.zeros(self.width, dtype=torch.int64, device=self.device)

    def _bundle(self, xs: Tensor, weights: Tensor | None) -> Tensor:
        if weights is not None:
            return super()._bundle(xs, weights)
        batch, n = xs.shape[:-2], xs.shape[-2]
        offsets = torch.arange(batch.numel() + 1, device=self.device) * n
        seed = bits.derive(self.seed, "ties")
        voted = kernels.majority(xs.reshape(-1, self.width), offsets, seed=seed)  # (S, W)
        return voted.reshape(*batch, self.width)

    def _signs(self, xs: Tensor) -> Tensor:
        return 1 - 2 * bits.unpack(xs, self.dim).view(torch.int8)

    def _settle(self, tally: Tensor) -> Tensor:
        return bits.pack(signs(bits.derive(self.seed, "ties"), tally) < 0)

    def _permute(self, x: Tensor, shift: int) -> Tensor:
        return rotate(x, torch.tensor(shift, device=self.device), self.dim)

    def _similarity(self, x: Tensor, y: Tensor) -> Tensor:
        differing = distances(self._settled(x), self._settled(y)).to(torch.float32)
        return 1 - differing * (2 / self.dim)

    def _dense(self, x: Tensor) -> Tensor:
        return bits.unpack(x, self.dim)

    def _flaw(self, x: Tensor) -> str | None:
        return stray(x, self.dim) if self._own(x) else super()._flaw(x)


@functools.lru_cache(maxsize=64)
def beyond(dim: int, device: torch.device) -> Tensor:
    """Ones where the words of a row reach beyond its ``dim`` bits: ``-> (W,)``."""
    return ~bits.mask(dim, device)


def stray(x: Tensor, dim: int) -> str | None:
    """The flaw of packed rows that another dimension has made."""
    last = slice(dim // 64, None)
    outside = bool((x[..., last] & beyond(dim, x.device)[last]).any())
    return f"ones beyond bit {dim}; make it with the same dim" if outside else None


def distances(x: Tensor, y: Tensor) -> Tensor:
    """Hamming distances of all pairs, int32: ``(…, n, W), (…, m, W) -> (…, n, m)``."""
    batch = torch.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    shape = (*batch, x.shape[-2], y.shape[-2])
    if y.shape[:-2].numel() == 1:  # one set of items: every query in one call
        return kernels.hamming(x.flatten(0, -2), y.flatten(0, -2)).reshape(shape)
    out = torch.empty(shape, dtype=torch.int32, device=x.device)
    left, right = (v.expand(*batch, *v.shape[-2:]).flatten(0, -3) for v in (x, y))
    for a, b, distance in zip(left, right, out.view(-1, *shape[-2:]), strict=True):
        distance[:] = kernels.hamming(a, b)
    return out


def rotate(x: Tensor, shift: Tensor, dim: int) -> Tensor:
    """Move the first ``dim`` bits of each packed row by ``shift (…,)`` places, around the end.

    A cyclic move is two plain ones: up by s, and down by D - s for the bits that fell off.
    """
    shift = (shift % dim).unsqueeze(-1)
    return (move(x, shift) | move(x, shift - dim)) & ~beyond(dim, x.device)


def move(x: Tensor, shift: Tensor) -> Tensor:
    """Move the bits of each packed row up by ``shift (…, 1)`` places, zeros come in."""
    words, place = shift.div(64, rounding_mode="floor"), shift % 64
    x = x.expand(torch.broadcast_shapes(x.shape, (*shift.shape[:-1], x.shape[-1])))
    source = torch.arange(x.shape[-1], device=x.device) - words  # the word of the high part
    high = take(x, source) << place
    low = bits.lsr(take(x, source - 1), 1)  # in two steps, as a shift by 64 is none
    return high | (low >> (63 - place))


def take(x: Tensor, source: Tensor) -> Tensor:
    """``x[..., source]`` with zeros outside."""
    inside = (source >= 0) & (source < x.shape[-1])
    index = source.clamp(0, max(0, x.shape[-1] - 1)).expand(x.shape)
    return torch.where(inside, x.gather(-1, index), 0)
