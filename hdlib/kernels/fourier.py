"""Circular convolution by Fourier transforms, in parts that stay in the cache."""

from __future__ import annotations

import functools
import itertools
from operator import mul

import torch
from torch import Tensor

from hdlib.kernels.rows import broadcast, by_rows


def smooth(n: int) -> bool:
    """No prime factor above 13: other lengths cost a Fourier transform up to twenty times more."""
    for prime in (2, 3, 5, 7, 11, 13):
        while n % prime == 0:
            n //= prime
    return n == 1


@functools.lru_cache(64)
def length(dim: int) -> int:
    """The quickest length of the transforms that convolve: D, or a smooth one with room for all."""
    return dim if smooth(dim) else next(n for n in itertools.count(2 * dim) if smooth(n))


def spectrum(dim: int, x: Tensor) -> Tensor:
    """The Fourier transform, ``(…, D) -> (…, F)``, of what is none."""
    if x.is_complex() or x.numel() == 0:  # some transforms refuse an empty batch
        return x
    made: Tensor = torch.fft.rfft(x, length(dim))
    return made


def convolve(dim: int, *xs: Tensor, undo: bool = False) -> Tensor:
    """Vectors or their spectra, ``(…, D or F) … -> (…, D)``; undo: correlated with the last.

    >>> convolve(3, torch.tensor([1.0, 2, 3]), torch.tensor([0.0, 1, 0])).tolist()
    [3.0, 1.0, 2.0]
    """
    if length(dim) != dim and len(xs) > 2:  # transforms with room for two only
        return functools.reduce(functools.partial(convolve, dim), xs)
    shape = torch.Size((*broadcast(*(x.shape[:-1] for x in xs)), dim))
    kind = functools.reduce(torch.promote_types, (x.dtype.to_real() for x in xs))
    once = [x if x.shape == shape else spectrum(dim, x) for x in xs]
    return by_rows(functools.partial(turned_back, dim, undo), shape, kind, *once)


def turned_back(dim: int, undo: bool, *xs: Tensor) -> Tensor:
    """``convolve`` of some rows, which stay in the cache."""
    if all(x.dim() == 1 and not x.is_complex() for x in xs):
        xs = spectrum(dim, torch.stack(xs)).unbind()  # together, so that threads share them
    *others, last = (spectrum(dim, x) for x in xs)
    spectra, size = (*others, last.conj() if undo else last), length(dim)
    product: Tensor = torch.fft.irfft(functools.reduce(mul, spectra), size)
    if size == dim:
        return product
    start = size - dim if undo else dim  # a plain convolution, its end laid on its start
    return product[..., :dim] + product[..., start : start + dim]
