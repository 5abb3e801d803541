"""The counting Bloom filter: small counters for bits, so that keys can be taken out again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, Self

import torch
from torch import Tensor

from hdlib import bits as words
from hdlib import theory
from hdlib.sets import probes
from hdlib.sets.bloom import BloomFilter, plausible
from hdlib.sets.common import Estimate, Filter
from hdlib.sets.keys import Keys
from hdlib.vsa.base import Device

WIDTHS = (4, 8, 16)


class CountingBloomFilter(Filter):
    """A Bloom filter of counters: keys can be removed, counted, and two filters multiplied.

    counter_bits: 4, 8 or 16 a counter. overflow: "raise" refuses a batch that does not fit a
    counter; "saturate" leaves a full counter full for ever, so that no key is ever missed, but
    counts are then too low and removed keys may stay. Adding a key twice counts it twice, and it
    must be removed twice. Other parameters as in ``BloomFilter``. Source: Fan et al. 2000,
    doi:10.1109/90.851975. Taught in notebook 05.

    >>> stock = CountingBloomFilter(1000, 0.01).add(["apple", "pear", "pear"])
    >>> stock.remove(["apple", "pear"]).contains(["apple", "pear"]).tolist()
    [False, True]
    >>> stock.remove("plum")
    Traceback (most recent call last):
        ...
    KeyError: 'remove: key number 0 is not in the filter (that often); nothing was removed'
    """

    def __init__(
        self,
        capacity: int,
        error_rate: float = 0.01,
        *,
        counter_bits: int = 4,
        overflow: Literal["raise", "saturate"] = "raise",
        kind: str = "plain",
        device: Device = None,
        seed: int = 0,
    ) -> None:
        self._options(counter_bits=counter_bits, overflow=overflow)
        super().__init__(capacity, error_rate, kind=kind, device=device, seed=seed)

    def _options(self, counter_bits: int = 4, overflow: str = "raise") -> None:
        if counter_bits not in WIDTHS or isinstance(counter_bits, bool):
            raise ValueError(
                f"CountingBloomFilter: counter_bits must be 4, 8 or 16, got {counter_bits!r}"
            )
        if overflow not in ("raise", "saturate"):
            raise ValueError(
                f'CountingBloomFilter: overflow must be "raise" or "saturate", got {overflow!r}'
            )
        self.width, self.overflow = counter_bits, overflow

    @property
    def counter_bits(self) -> int:
        """Bits of a counter."""
        return self.width

    @property
    def _sticks(self) -> bool:
        return self.overflow == "saturate"

    def _header(self) -> dict[str, Any]:
        return {**super()._header(), "counter_bits": self.width, "overflow": self.overflow}

    def _parts(self) -> Iterator[Tensor]:
        """All counters, some at a time, as int64."""
        each = 64 // self.width
        shifts = torch.arange(0, 64, self.width, device=self.device)
        for part in self._table.split(max(1, probes.CHUNK // each)):
            yield ((part.unsqueeze(-1) >> shifts) & ((1 << self.width) - 1)).flatten()

    @property
    def counters(self) -> Tensor:
        """A copy of all counters: ``-> (bits,)`` int64. Taught in notebook 05."""
        return torch.cat(list(self._parts()))[: self.bits]

    @property
    def ones(self) -> int:
        """How many counters are above 0."""
        return sum(int(part.count_nonzero()) for part in self._parts())

    @property
    def count(self) -> float:
        """Keys added less keys removed: the sum of all counters, divided by the hashes.

        Exact while no counter has saturated. Taught in notebook 05.
        """
        return sum(int(part.sum()) for part in self._parts()) / self.hashes

    def _ones_of_slices(self) -> list[int]:
        slices = (self.counters > 0).reshape(self.hashes, -1)
        counts: list[int] = slices.sum(-1).tolist()
        return counts

    def add(self, keys: Keys) -> Self:
        """Add a key or a batch of keys; returns itself. Taught in notebook 05.

        An ``OverflowError`` says that a counter is full; nothing is then added.
        """
        new = self._ids(keys, "add").reshape(-1)
        refused = self._step(new, 1)
        if refused >= 0:
            raise OverflowError(
                f"add: a counter of key number {refused} is full at {(1 << self.width) - 1}; "
                "nothing was added;"
                ' take more counter_bits, or overflow="saturate"'
            )
        return self

    def remove(self, keys: Keys) -> Self:
        """Remove a key or a batch of keys that were added; returns itself.

        A key with a counter at 0 was not, or not so often: a ``KeyError``, and nothing is removed.
        A stranger whose places all happen to be set cannot be told from a member, and removing it
        makes the filter miss others. Taught in notebook 05.
        """
        refused = self._step(self._ids(keys, "remove").reshape(-1), -1)
        if refused >= 0:
            raise KeyError(
                f"remove: key number {refused} is not in the filter (that often); "
                "nothing was removed"
            )
        return self

    def _step(self, new: Tensor, sign: int) -> int:
        return probes.count(self._table, self._probes, new, self.width, sign, self._sticks)

    # Readings

    def counts(self, keys: Keys) -> Tensor:
        """The counters at each key's places: ``(*s,) -> (*s, hashes)`` int64.

        Their least is never less than how often the key was added. Taught in notebook 05.
        """
        asked = self._ids(keys, "counts")
        flat = [
            probes.fields(self._table, self._probes.places(part), self.width)
            for part in self._probes.chunks(asked.reshape(-1))
        ]
        return torch.cat(flat).reshape(*asked.shape, self.hashes)

    def reads(self, keys: Keys, *, threshold: int = 0, accept: int | None = None) -> Tensor:
        """The autoscaling reading: are at least ``accept`` of a key's counters above ``threshold``?

        Both raised together, a filter far beyond its capacity can still be read, at the price of
        missed keys; ``theory.threshold_reading`` predicts both. accept: default all hashes.
        ``(*s,) -> (*s,)`` bool. Source: Kleyko et al. 2020, doi:10.1007/s00521-019-04397-1.
        Taught in notebook 05.
        """
        least = self.hashes if accept is None else accept
        return (self.counts(keys) > threshold).sum(-1) >= least

    def to_bloom(self) -> BloomFilter:
        """The Bloom filter of the keys that are left: a one where a counter is above 0."""
        made = BloomFilter.with_size(**self._shape, device=self.device, seed=self.seed)
        made.capacity, made.error_rate = self.capacity, self.error_rate
        made._fill(words.pack(self.counters > 0)[: len(made._table)])
        return made

    # Two filters

    def intersection_size(self, other: Self) -> Estimate:
        """How many keys both hold, from the product of the counters, with the standard error.

        Unbiased; keys counted twice count so. Source: ``theory.counting_intersection_sd``.
        Taught in notebook 05.
        """
        if not isinstance(other, CountingBloomFilter):
            kind = type(other).__name__
            raise TypeError(f"intersection_size: a CountingBloomFilter is needed, got {kind}")
        self._same("intersection_size", other)
        pairs = zip(self._parts(), other._parts(), strict=True)
        product = sum(int((x * y).sum()) for x, y in pairs)
        a, b, k, m = self.count, other.count, self.hashes, self.bits
        own = k + k * (k - 1) / m if self.kind == "plain" else k
        if own <= k * k / m:
            raise ValueError(f"intersection_size: {m} counters with {k} hashes tell nothing apart")
        common = (product - a * b * k * k / m) / (own - k * k / m)
        sd = theory.counting_intersection_sd(*plausible(a, b, common), **self._shape)
        return Estimate(common, float(sd))
