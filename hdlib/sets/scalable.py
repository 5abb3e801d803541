"""A Bloom filter that grows: slices of doubling size and shrinking error, whatever comes."""

from __future__ import annotations

import math
import os
from typing import Any, Self

import torch
from torch import Tensor

from hdlib import files
from hdlib.files import Path
from hdlib.sets.bloom import BloomFilter
from hdlib.sets.common import Estimate, Filter
from hdlib.sets.keys import Keys, ids
from hdlib.vsa.base import Device, whole

GROWTH, TIGHTENING = 2, 0.5  # each slice holds twice the keys of the last, and errs half as often


class ScalableBloomFilter:
    """A set of any number of keys whose rate of false positives stays below ``error_rate``.

    A full slice is left as it is and a new one begun, twice as large and with half the error, so
    that all errors together stay below the bound. capacity: keys in the first slice. Costs more
    bits a key than a ``BloomFilter`` of the right size: take that where the size is known. Source:
    Almeida et al. 2007, doi:10.1016/j.ipl.2006.10.007. Taught in notebook 05.

    >>> seen = ScalableBloomFilter(100, 0.01).add(range(1000))
    >>> len(seen.slices), seen.contains(range(1000)).all().item()
    (4, True)
    """

    def __init__(
        self,
        capacity: int = 1000,
        error_rate: float = 0.01,
        *,
        kind: str = "plain",
        device: Device = None,
        seed: int = 0,
    ) -> None:
        first = BloomFilter(
            capacity, error_rate * (1 - TIGHTENING), kind=kind, device=device, seed=seed
        )
        self.capacity, self.error_rate, self.slices = capacity, float(error_rate), [first]
        self._room = first.capacity  # keys that the last slice can still take

    def __repr__(self) -> str:
        number = round(self.estimated_count().value)
        return f"ScalableBloomFilter(about {number} keys in {len(self.slices)} slices)"

    @property
    def device(self) -> torch.device:
        """Where the slices are."""
        return self.slices[0].device

    @property
    def nbytes(self) -> int:
        """Bytes of all tables."""
        return sum(part.nbytes for part in self.slices)

    def add(self, keys: Keys) -> Self:
        """Add a key or a batch of keys; returns itself. Taught in notebook 05."""
        new = ids(keys, self.slices[0].seed, self.device, "add").reshape(-1).unique()
        new = new[~self._holds(new)]  # what is there already takes no room
        while len(new):
            if not self._room:
                self.slices.append(self._next(self.slices[-1]))
                self._room = self.slices[-1].capacity
            self.slices[-1].add(new[: self._room])
            new, self._room = new[self._room :], max(0, self._room - len(new))
        return self

    def _next(self, last: BloomFilter) -> BloomFilter:
        return BloomFilter(
            GROWTH * last.capacity,
            TIGHTENING * last.error_rate,
            kind=last.kind,
            device=self.device,
            seed=last.seed,
        )

    def contains(self, keys: Keys) -> Tensor:
        """Whether each key may be among those added: a key ``-> ()``, a batch ``-> (n,)`` bool.

        Taught in notebook 05.
        """
        asked = ids(keys, self.slices[0].seed, self.device, "contains")
        return self._holds(asked.reshape(-1)).reshape(asked.shape)

    def _holds(self, asked: Tensor) -> Tensor:
        found = torch.zeros(len(asked), dtype=torch.bool, device=self.device)
        for part in reversed(self.slices):  # the last holds most
            found |= part.contains(asked)
        return found

    __contains__ = Filter.__contains__

    def estimated_count(self) -> Estimate:
        """How many different keys are stored, from the fill of all slices, with the standard error.

        A key that passed for known when it came is not stored: at most a share of the error rate.
        """
        values, errors = zip(*(part.estimated_count() for part in self.slices), strict=True)
        return Estimate(sum(values), math.hypot(*errors))

    def false_positive_rate(self) -> float:
        """The chance that a key never added is said to be in, given the bits that are set.

        Taught in notebook 05.
        """
        return 1 - math.prod(1 - part.false_positive_rate() for part in self.slices)

    def save(self, path: Path) -> None:
        """Write everything to one safetensors file, whole or not at all."""
        header: dict[str, Any] = {"capacity": self.capacity, "error_rate": self.error_rate}
        header["room"] = self._room
        header["slices"] = [part._header() for part in self.slices]
        tensors = {f"table{i}": part._table for i, part in enumerate(self.slices)}
        files.save(path, "ScalableBloomFilter", header, tensors)

    @classmethod
    def load(cls, path: Path, *, device: Device = None) -> Self:
        """Read what ``save`` wrote; a damaged or foreign file is a ``FileFormatError``."""
        header, tensors = files.load(path, "ScalableBloomFilter")
        made = cls.__new__(cls)
        try:
            made.slices = [
                BloomFilter._restored(part, tensors[f"table{i}"], device)
                for i, part in enumerate(header["slices"])
            ]
            made.capacity = whole("capacity", header["capacity"], 1)
            made.error_rate = float(header["error_rate"])
            made._room = whole("room", header["room"], 0)
            if not made.slices:
                raise ValueError("it has no slices")
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise files.FileFormatError(f"load: {os.fspath(path)!r} is damaged ({error})") from None
        return made
