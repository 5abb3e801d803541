"""The Bloom filter: a set in a few bits a key, that never forgets and seldom invents."""

from __future__ import annotations

from typing import Any, Self

import torch
from torch import Tensor

from hdlib import bits as words
from hdlib import theory
from hdlib.sets import probes
from hdlib.sets.common import CapacityWarning, Estimate, Filter, most_ones, warn
from hdlib.sets.keys import Keys
from hdlib.vsa import BSDC
from hdlib.vsa.base import Device, whole


class BloomFilter(Filter):
    """A set of keys in few bits each: no key is ever missed, a share ``error_rate`` is invented.

    The smallest filter whose exact false-positive rate with ``capacity`` different keys is at most
    ``error_rate``. Each key sets ``hashes`` of the ``bits``; keys are integers, texts, bytes or
    batches of them. kind: "plain" (independent places), "distinct" (different places: an OR bundle
    of ``BSDC``) or "partitioned" (one in each slice). The places depend on key and seed alone: the
    same on every machine, in every process and version. Adding uses one thread, asking several.
    Source: Bloom 1970, doi:10.1145/362686.362692. Taught in notebook 05.

    >>> words = BloomFilter(1000, 0.01).add(["apple", "pear", 7])
    >>> "apple" in words, "plum" in words, words.contains([7, 8]).tolist()
    (True, False, [True, False])
    >>> words.bits, words.hashes, words.ones
    (9595, 7, 20)
    """

    def _begin(self, plan: probes.Probes, device: Device) -> None:
        super()._begin(plan, device)
        self._ones, self._since = 0, 0  # bits set when last counted, and at most so many since
        self._limit = -1  # worked out when first needed

    @property
    def ones(self) -> int:
        """How many bits are set."""
        if self._since:
            self._ones, self._since = probes.ones(self._table), 0
        return self._ones

    def _ones_of_slices(self) -> list[int]:
        return probes.ones_of_slices(self._table, self.bits, self.hashes)

    def add(self, keys: Keys) -> Self:
        """Add a key or a batch of keys; returns itself.

        Beyond its capacity the filter warns (``CapacityWarning``), and again when the rate of false
        positives has doubled; where warnings are errors, nothing is added. Taught in notebook 05.
        """
        new = self._ids(keys, "add").reshape(-1)
        if self._limit < 0:
            self._limit = most_ones(self._shape, self.capacity)
        more = self.hashes * len(new)  # bits that may be set
        close = self._ones + self._since + more > self._limit  # counting takes a pass: only then
        kept = self._table.clone() if close and self.ones + more > self._limit else None
        probes.put(self._table, self._probes, new)
        self._since += more
        if kept is not None and self.ones > self._limit:
            try:
                warn("add", self)
            except CapacityWarning:
                self._fill(kept)
                raise
            self._limit = min(self.bits, int(self.ones * 2 ** (1 / self.hashes)))
        return self

    # Two filters

    def __or__(self, other: Self) -> Self:
        """The filter of the union, bit for bit the one that all keys would have made."""
        if not isinstance(other, BloomFilter):
            return NotImplemented
        self._same("|", other)
        made = self._like()
        made._fill(self._table | other._table)
        return made

    def __and__(self, other: Self) -> Self:
        """The bits of both: holds every common key, and more bits than their own filter would."""
        if not isinstance(other, BloomFilter):
            return NotImplemented
        self._same("&", other)
        made = self._like()
        made._fill(self._table & other._table)
        return made

    def intersection_size(self, other: Self) -> Estimate:
        """How many keys both hold, n(X) + n(Y) - n(X or Y), with the standard error by theory.

        Source: ``theory.bloom_intersection_sd``. Taught in notebook 05.
        """
        a, b, union = self._three("intersection_size", other)
        common = a + b - union
        sd = theory.bloom_intersection_sd(*plausible(a, b, common), **self._shape)
        return Estimate(common, float(sd))

    def jaccard(self, other: Self) -> Estimate:
        """Common keys as a share of all, with the standard error by theory.

        Two empty filters have none. Source: ``theory.bloom_jaccard_sd``. Taught in notebook 05.
        """
        a, b, union = self._three("jaccard", other)
        sd = theory.bloom_jaccard_sd(*plausible(a, b, a + b - union), **self._shape)
        return Estimate((a + b) / union - 1 if union else 0.0, float(sd))

    def _three(self, verb: str, other: Self) -> tuple[float, float, float]:
        """Estimated counts of both and of their union."""
        if not isinstance(other, BloomFilter):
            raise TypeError(f"{verb}: a BloomFilter is needed, got {type(other).__name__}")
        self._same(verb, other)
        union = probes.ones(self._table | other._table)
        if union == self.bits:
            raise ValueError(
                f"{verb}: together the filters are full, which any number of keys "
                "could have done; make larger ones"
            )
        full = (self.ones, other.ones, union)
        a, b, both = (float(theory.bloom_count(ones, **self._shape)) for ones in full)
        return a, b, both

    # The same as a hypervector

    @property
    def space(self) -> BSDC:
        """The space of sparse binary codes whose OR bundles distinct filters of this size are."""
        return BSDC(self.bits, density=self.hashes / self.bits, device=self.device, seed=self.seed)

    def atoms(self, keys: Keys) -> Tensor:
        """The hypervector of each key, ones at its places: ``(*s,) -> (*s, W)`` packed.

        Their OR is the filter: ``space.bundle(f.atoms(keys))`` equals ``f.to_hypervector()``. A key
        is in when the vector covers its atom. Taught in notebook 05.
        """
        asked = self._ids(keys, "atoms")
        places = self._probes.places(asked.reshape(-1))
        dense = torch.zeros(len(places), self.bits, dtype=torch.bool, device=self.device)
        packed = words.pack(dense.scatter_(-1, places, True))
        return packed.reshape(*asked.shape, words.word_count(self.bits))

    def to_hypervector(self) -> Tensor:
        """The filter as a packed sparse binary vector, as ``bits.pack`` lays one out: ``-> (W,)``.

        Taught in notebook 05.
        """
        vector = self._table.new_zeros(words.word_count(self.bits))
        vector[: len(self._table)] = self._table
        return vector

    @classmethod
    def from_hypervector(
        cls, vector: Tensor, bits: int, hashes: int, *, kind: str = "plain", seed: int = 0
    ) -> Self:
        """The filter whose bits a packed vector holds: ``(W,) ->``. Taught in notebook 05.

        >>> small = BloomFilter.with_size(100, 3, kind="distinct").add(range(9))
        >>> vector = small.space.bundle(small.atoms(range(9)))
        >>> same = BloomFilter.from_hypervector(vector, 100, 3, kind="distinct")
        >>> same.contains(range(9)).all().item(), same.ones == small.ones
        (True, True)
        """
        width = words.word_count(whole("from_hypervector: bits", bits, 1))
        if not isinstance(vector, Tensor) or vector.dtype != torch.int64:
            kind_of = vector.dtype if isinstance(vector, Tensor) else type(vector).__name__
            raise TypeError(f"from_hypervector: a packed int64 vector is needed, got {kind_of}")
        if vector.shape != (width,):
            shape = tuple(vector.shape)
            raise ValueError(f"from_hypervector: {bits} bits are ({width},) words, got {shape}")
        if bool((vector & ~words.mask(bits, vector.device)).any()):
            raise ValueError(f"from_hypervector: the vector has ones beyond its {bits} bits")
        made = cls.with_size(bits, hashes, kind=kind, device=vector.device, seed=seed)
        made._fill(vector[: len(made._table)].clone())
        return made

    def _fill(self, table: Tensor) -> None:
        self._table, self._ones, self._since = table, probes.ones(table), 0


def plausible(a: float, b: float, c: float) -> tuple[Any, Any, Any]:
    """Estimated sizes brought into the range that sets can have, for the error they imply."""
    return a, b, min(max(c, 0.0), a, b)
