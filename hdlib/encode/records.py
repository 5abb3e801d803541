"""Records: a role for each field, bound to its filler, all fields in one bundle."""

from __future__ import annotations

from torch import Tensor

from hdlib.encode.common import Item, Structure, pairs, vectors
from hdlib.vsa import VSA


def encode_record(vsa: VSA, keys: Item, values: Item) -> Tensor:
    """The bundle of values bound to their keys: ``(…, n, W), (…, n, W) -> (…, W)``.

    Labels stand for their atoms; axes broadcast. Errors: those of ``bind`` and ``bundle``.
    Source: Kanerva 2009, doi:10.1007/s12559-009-9009-8. Taught in notebook 03.

    >>> from hdlib import BSC
    >>> vsa = BSC(10_000)
    >>> record = encode_record(vsa, ["name", "money", "city"], ["Mexico", "peso", "Mexico City"])
    >>> round(vsa.similarity(read_field(vsa, record, "money"), vsa.atoms("peso")).item(), 1)
    0.5
    """
    return vsa.bundle(vsa.bind(vectors(vsa, values), vectors(vsa, keys)))


def read_field(vsa: VSA, record: Tensor, key: Item) -> Tensor:
    """A noisy copy of the value under a key, for clean-up: ``(…, W), (…, W) -> (…, W)``.

    Errors: those of ``unbind``. Source: Kanerva 2009. Taught in notebook 03.

    >>> from hdlib import FHRR
    >>> vsa = FHRR(10_000)
    >>> record = encode_record(vsa, ["name", "money"], ["Mexico", "peso"])
    >>> round(vsa.similarity(read_field(vsa, record, "money"), vsa.atoms("peso")).item(), 1)
    0.7
    """
    return vsa.unbind(record, vectors(vsa, key))


class HashTable(Structure):
    """Keys and values in one vector that can be changed; reading gives a noisy value to clean up.

    Takes every model: what was removed leaves nothing behind. Labels stand for their atoms.
    Errors: ValueError where keys and values do not pair up. Source: Plate 1995,
    doi:10.1109/72.377968; Heddes et al. 2023, arXiv 2205.09208. Taught in notebook 03.

    >>> from hdlib import ItemMemory, MAPB
    >>> vsa = MAPB(10_000)
    >>> table = HashTable(vsa).add(["red", "green", "blue"], ["rouge", "vert", "bleu"])
    >>> words = ItemMemory(vsa).add(["rouge", "vert", "bleu"])
    >>> words.cleanup(table.get(["green", "red"]))[0], len(table)
    (['vert', 'rouge'], 3)
    """

    def add(self, keys: Item, values: Item) -> HashTable:
        """Store values under keys: ``(n, W), (n, W)``; returns itself."""
        self._sum.add(self._bound("add", keys, values))
        return self

    def remove(self, keys: Item, values: Item) -> HashTable:
        """Take back pairs that were added: ``(n, W), (n, W)``; returns itself."""
        self._sum.remove(self._bound("remove", keys, values))
        return self

    def replace(self, keys: Item, old: Item, new: Item) -> HashTable:
        """Other values under the same keys; returns itself."""
        before, after = self._bound("replace", keys, old), self._bound("replace", keys, new)
        self._sum.remove(before)
        self._sum.add(after)
        return self

    def get(self, keys: Item) -> Tensor:
        """The noisy values under keys: ``(…, W) -> (…, W)``."""
        return read_field(self.vsa, self.value, keys)

    def _bound(self, verb: str, keys: Item, values: Item) -> Tensor:
        fillers, roles = pairs(self.vsa, verb, values, keys)
        return self.vsa.bind(fillers, roles)
