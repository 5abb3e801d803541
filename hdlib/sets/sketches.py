"""Counts of keys in a few counters: Count-Min, Count-Sketch, and a MAP-I bundle read as one."""

from __future__ import annotations

import math
from typing import NamedTuple, Self

import torch
from torch import Tensor

from hdlib import bits, kernels, theory
from hdlib.sets.common import Estimate
from hdlib.sets.keys import Keys, ids
from hdlib.sets.probes import CHUNK, Probes
from hdlib.vsa import MAPI
from hdlib.vsa.base import Device, whole


class Frequency(NamedTuple):
    """Estimated frequencies of keys, and the error of each."""

    value: Tensor
    error: Tensor


class Sketch:
    """Counters that are linear in the counts of all keys: base of all sketches."""

    seed: int
    device: torch.device

    def __init__(self, counters: Tensor) -> None:
        self.counters, self.total = counters, 0

    def add(self, keys: Keys, counts: int | Tensor = 1) -> Self:
        """Count a key or a batch of keys, each once or ``counts`` times; returns itself.

        counts: whole numbers of at least 0, one or one for each key. Taught in notebook 05.
        """
        asked = self._ids(keys, "add")
        many = torch.as_tensor(counts, device=self.device)
        if many.is_floating_point() or many.is_complex() or many.dtype == torch.bool:
            raise TypeError(f"add: counts must be whole numbers, got {counts!r}")
        if many.dim() and many.shape != asked.shape:
            shapes = f"{tuple(many.shape)} counts for {tuple(asked.shape)} keys"
            raise ValueError(f"add: {shapes}; give one count, or one for each key")
        if (many < 0).any():
            raise ValueError(f"add: counts must be at least 0, got {int(many.min())}")
        many = many.to(torch.int64).expand(asked.shape).reshape(-1)
        total = self.total + int(many.sum(dtype=torch.float64))
        if total >= 1 << 62:
            raise OverflowError(f"add: a total of {total:.3g} does not fit the counters")
        flat, step = asked.reshape(-1), max(1, CHUNK // self._row)
        for i in range(0, len(flat), step):
            self._count(flat[i : i + step], many[i : i + step])
        self.total += int(many.sum())
        return self

    def __add__(self, other: Self) -> Self:
        """The sketch of all that both have counted."""
        if type(self) is not type(other):
            return NotImplemented
        self._same("+", other)
        made = type(self).__new__(type(self))
        made.__dict__.update(self.__dict__)
        made.counters, made.total = self.counters + other.counters, self.total + other.total
        return made

    def _same(self, verb: str, other: Self) -> None:
        if type(self) is not type(other):
            own, its = type(self).__name__, type(other).__name__
            raise TypeError(f"{verb}: a {own} is needed, got {its}")
        own_place = (self.counters.shape, self.seed, self.device)
        its_place = (other.counters.shape, other.seed, other.device)
        if own_place != its_place:
            raise ValueError(
                f"{verb}: size, seed or device differ, {own_place} and {its_place}; "
                "make both sketches with the same"
            )

    def _ids(self, keys: Keys, verb: str) -> Tensor:
        return ids(keys, self.seed, self.device, verb)

    @property
    def _row(self) -> int:
        """Numbers in a temporary for each key."""
        raise NotImplementedError

    def _count(self, ids: Tensor, counts: Tensor) -> None:
        raise NotImplementedError


class Rows(Sketch):
    """A sketch of ``depth`` rows of ``width`` counters, in each of which a key has one place."""

    def __init__(self, width: int, depth: int, *, device: Device = None, seed: int = 0) -> None:
        name = type(self).__name__
        self.width = whole(f"{name}: width", width, 1)
        self.depth = whole(f"{name}: depth", depth, 1)
        self.seed = whole(f"{name}: seed", seed)
        where = torch.get_default_device() if device is None else torch.device(device)
        super().__init__(torch.zeros(self.depth, self.width, dtype=torch.int64, device=where))
        self.device = self.counters.device
        self._probes = Probes(self.width * self.depth, self.depth, "partitioned", self.seed)

    @property
    def _row(self) -> int:
        return self.depth

    def _signs(self, ids: Tensor) -> Tensor:
        """What a key's count is multiplied by in each row: ``(n,) -> (n, depth)``."""
        return torch.ones(len(ids), self.depth, dtype=torch.int64, device=self.device)

    def _count(self, ids: Tensor, counts: Tensor) -> None:
        parts = counts.unsqueeze(-1) * self._signs(ids)
        places = self._probes.places(ids).flatten()
        self.counters.view(-1).index_add_(0, places, parts.flatten())

    def rows(self, keys: Keys) -> Tensor:
        """What each row says of each key: ``(*s,) -> (*s, depth)`` int64. Taught in notebook 05."""
        asked = self._ids(keys, "rows")
        flat = asked.reshape(-1)
        found = self.counters.view(-1)[self._probes.places(flat)] * self._signs(flat)
        return found.reshape(*asked.shape, self.depth)


class CountMin(Rows):
    """Count-Min: a counting filter of ``depth`` slices, whose least counter is the answer.

    Never too low, and too high by more than e · total / width with probability at most exp(-depth).
    Source: Cormode & Muthukrishnan 2005, doi:10.1016/j.jalgor.2003.12.001. Taught in notebook 05.

    >>> words = CountMin(1000, 5).add(["to", "be", "or", "not", "to", "be"])
    >>> words.frequency(["to", "or", "is"]).value.tolist()
    [2, 1, 0]
    """

    def frequency(self, keys: Keys) -> Frequency:
        """How often each key was counted, at most: ``(*s,)``, and how much too high it may be.

        The error holds with probability 1 - exp(-depth) each. Taught in notebook 05.
        """
        value = self.rows(keys).amin(-1)
        error, _ = theory.count_min_bound(self.total, width=self.width, depth=self.depth)
        return Frequency(value, torch.full(value.shape, float(error), device=self.device))

    def inner(self, other: Self) -> Estimate:
        """Σ f g over all keys, at most; too high by more than the error with P <= exp(-depth)."""
        self._same("inner", other)
        value = int((self.counters * other.counters).sum(-1).min())
        return Estimate(value, math.e * self.total * other.total / self.width)


class CountSketch(Rows):
    """Count-Sketch: signs instead of a minimum, so that errors cancel; an estimate is unbiased.

    The mean of the rows, with its standard error, which is that of a MAP-I bundle of
    width · depth dimensions. Source: Charikar, Chen & Farach-Colton 2004,
    doi:10.1016/S0304-3975(03)00400-6; they take the median, ``rows(keys).median(-1)``, which a
    single heavy key cannot spoil. Taught in notebook 05.

    >>> words = CountSketch(1000, 5).add(["to", "be", "or", "not", "to", "be"])
    >>> [round(float(x), 2) for x in words.frequency("to")]
    [2.0, 0.03]
    """

    def _signs(self, ids: Tensor) -> Tensor:
        # the lowest bit of the word whose upper bits are the place
        return 1 - 2 * (kernels.words(self._probes.root, ids, self.depth) & 1)

    def frequency(self, keys: Keys) -> Frequency:
        """How often each key was counted: ``(*s,)``, without bias, and the standard error.

        Source: ``theory.sketch_frequency_sd``, with F₂ estimated. Taught in notebook 05.
        """
        value = self.rows(keys).double().mean(-1)
        return Frequency(value, deviations(self.second_moment, value, self.counters.numel()))

    @property
    def second_moment(self) -> float:
        """The sum of all squared frequencies, without bias. Taught in notebook 05."""
        return float((self.counters.double() ** 2).sum() / self.depth)

    def inner(self, other: Self) -> Estimate:
        """Σ f g over all keys, without bias, with a standard error that is at least the true one.

        Source: ``theory.sketch_inner_sd``. Taught in notebook 05.
        """
        self._same("inner", other)
        value = float((self.counters.double() * other.counters).sum() / self.depth)
        moments = self.second_moment, other.second_moment
        size = self.counters.numel()
        return Estimate(value, float(theory.sketch_inner_sd(*moments, value, size=size)))


class BundleSketch(Sketch):
    """A MAP-I bundle read as the sketch of a count vector (Johnson & Lindenstrauss; AMS).

    Every key adds its atom, weighted by its count; the frequency of a key is x · a / D, the inner
    product of two count vectors x · y / D, both without bias. Source: Alon, Matias & Szegedy 1999,
    doi:10.1006/jcss.1997.1545; arXiv 2301.10352. Taught in notebook 05.

    >>> words = BundleSketch(MAPI(5000)).add(["to", "be", "or", "not", "to", "be"])
    >>> [round(float(x), 2) for x in words.frequency("to")]
    [1.95, 0.03]
    """

    def __init__(self, vsa: MAPI) -> None:
        if not isinstance(vsa, MAPI):
            raise TypeError(f"BundleSketch: a MAPI space is needed, got {type(vsa).__name__}")
        super().__init__(torch.zeros(vsa.dim, dtype=torch.int64, device=vsa.device))
        self.vsa, self.seed, self.device = vsa, vsa.seed, vsa.device

    def _ids(self, keys: Keys, verb: str) -> Tensor:
        return bits.ids(keys, self.device)  # the atoms that the space itself gives these labels

    @property
    def _row(self) -> int:
        return self.vsa.dim

    def _count(self, ids: Tensor, counts: Tensor) -> None:
        self.counters += self.vsa.tally(self.vsa.atoms(ids), weights=counts)

    def frequency(self, keys: Keys) -> Frequency:
        """As in ``CountSketch``. Taught in notebook 05."""
        asked = self._ids(keys, "frequency")
        x = self.counters.double()
        step = max(1, CHUNK // self.vsa.dim)
        parts = [self.vsa.atoms(part).double() @ x for part in asked.reshape(-1).split(step)]
        value = torch.cat(parts).reshape(asked.shape) / self.vsa.dim
        return Frequency(value, deviations(self.second_moment, value, self.vsa.dim))

    @property
    def second_moment(self) -> float:
        """The sum of all squared frequencies, without bias. Taught in notebook 05."""
        return float((self.counters.double() ** 2).mean())

    def inner(self, other: Self) -> Estimate:
        """As in ``CountSketch``. Taught in notebook 05."""
        self._same("inner", other)
        value = float((self.counters.double() * other.counters).mean())
        moments = self.second_moment, other.second_moment
        return Estimate(value, float(theory.sketch_inner_sd(*moments, value, size=self.vsa.dim)))


def deviations(second_moment: float, value: Tensor, size: int) -> Tensor:
    """``theory.sketch_frequency_sd`` of many keys, as a tensor."""
    sd = theory.sketch_frequency_sd(second_moment, value.cpu().numpy(), size=size)
    return torch.as_tensor(sd, device=value.device)
