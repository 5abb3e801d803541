"""Throws of dice and shuffled cards for explorers: from the counter, the same for ever."""

from __future__ import annotations

import torch

from hdlib import bits, kernels


def throws(seed: int, purpose: str, faces: int, count: int) -> list[int]:
    """Fair throws of a die with faces 0 to ``faces - 1``.

    >>> throws(0, "a doctest", 6, 5) == throws(0, "a doctest", 6, 9)[:5]
    True
    """
    thrown: list[int] = (bits.lsr(_words(seed, purpose, count), 1) % faces).tolist()
    return thrown


def shuffled(seed: int, purpose: str, count: int) -> list[int]:
    """The numbers from 0 to ``count - 1`` in random order.

    >>> sorted(shuffled(0, "a doctest", 4))
    [0, 1, 2, 3]
    """
    order: list[int] = _words(seed, purpose, count).argsort().tolist()
    return order


def _words(seed: int, purpose: str, count: int) -> torch.Tensor:
    return kernels.words(bits.derive(seed, purpose), torch.zeros((), dtype=torch.int64), count)
