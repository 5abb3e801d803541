"""Where a key's bits are, and what is done with them: plain torch, and numba where it can.

A table is a row of int64 words; a field of 1, 4, 8 or 16 bits belongs to each place, place 0 in the
lowest bits of word 0. With fields of one bit it is laid out as ``bits.pack`` lays out a vector.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from hdlib import bits
from hdlib.kernels.cpu import unsigned
from hdlib.sets import fast

KINDS = ("plain", "distinct", "partitioned")
CHUNK = 1 << 20  # places in a temporary: 8 MB


def high(x: Tensor, size: Tensor | int) -> Tensor:
    """The upper 64 bits of x · size, both unsigned: x scaled to ``0 … size - 1``, no division.

    >>> high(torch.tensor([0, -(2**63), -1]), 10).tolist()
    [0, 5, 9]
    """
    size = torch.as_tensor(size, dtype=torch.int64, device=x.device)
    above, below = bits.lsr(x, 32), x & bits.LOW
    most, least = bits.lsr(size, 32), size & bits.LOW
    middle = above * least + bits.lsr(below * least, 32)
    other = below * most + (middle & bits.LOW)
    return above * most + bits.lsr(middle, 32) + bits.lsr(other, 32)


@dataclass(frozen=True)
class Probes:
    """The places of every key: how many, among how many, of which kind, under which seed."""

    bits: int
    hashes: int
    kind: str
    seed: int

    @property
    def root(self) -> int:
        """The seed of the streams from which places are read."""
        return bits.derive(self.seed, "places")

    def places(self, ids: Tensor) -> Tensor:
        """The places of keys, the first words of their streams: ``(n,) -> (n, hashes)`` int64.

        Plain places may coincide. Distinct ones are a random subset, by Floyd's algorithm (Bentley
        & Floyd 1987, doi:10.1145/30401.315746). Partitioned ones lie in one slice each.
        """
        words = bits.words(self.root, ids, self.hashes)
        if self.kind == "plain":
            return high(words, self.bits)
        if self.kind == "partitioned":
            part = self.bits // self.hashes
            return high(words, part) + torch.arange(self.hashes, device=ids.device) * part
        chosen = torch.empty_like(words)
        for i in range(self.hashes):
            last = self.bits - self.hashes + i
            place = high(words[:, i], last + 1)
            taken = (chosen[:, :i] == place.unsqueeze(-1)).any(-1)
            chosen[:, i] = torch.where(taken, last, place)
        return chosen

    def chunks(self, ids: Tensor) -> list[Tensor]:
        """Keys in parts whose places fit a small temporary."""
        return list(ids.split(max(1, CHUNK // self.hashes)))


def empty(words: int, device: torch.device) -> Tensor:
    """A table of zeros; numpy asks for large pages, in which random places are found sooner."""
    if device.type == "cpu":
        return torch.from_numpy(np.zeros(words, np.int64))
    return torch.zeros(words, dtype=torch.int64, device=device)


def fields(table: Tensor, places: Tensor, width: int) -> Tensor:
    """The values at places: ``(…,) -> (…,)`` int64."""
    each = 64 // width
    return table[places // each] >> (places % each * width) & ((1 << width) - 1)


def run(probes: Probes, ids: Tensor) -> tuple[np.uint64, np.ndarray, np.uint64, int, int]:
    """What every kernel is told first: the mixed seed, the keys, and the shape of their places."""
    root = np.uint64(bits.root(probes.root) % 2**64)
    kind = KINDS.index(probes.kind)
    return root, unsigned(ids), np.uint64(probes.bits), probes.hashes, kind


def put(table: Tensor, probes: Probes, ids: Tensor) -> None:
    """Set the bits of all keys in place."""
    if table.device.type == "cpu":
        fast.put(*run(probes, ids), unsigned(table))
    else:
        put_reference(table, probes, ids)


def put_reference(table: Tensor, probes: Probes, ids: Tensor) -> None:
    """``put`` in torch: different places of one word add up to the word that has all their bits."""
    for part in probes.chunks(ids):
        places = probes.places(part).unique()
        words, group = (places >> 6).unique_consecutive(return_inverse=True)
        table[words] |= torch.zeros_like(words).index_add_(0, group, 1 << (places & 63))


def holds(table: Tensor, probes: Probes, ids: Tensor, width: int = 1) -> Tensor:
    """Whether all fields of each key are above 0: ``(n,) -> (n,)`` bool."""
    if table.device.type != "cpu":
        return holds_reference(table, probes, ids, width)
    out = torch.empty(len(ids), dtype=torch.bool, device="cpu")
    tasks = -(-len(ids) // fast.BLOCK)
    work = len(ids) * probes.hashes
    log = width.bit_length() - 1
    fast.run_holds(tasks, work, *run(probes, ids), log, unsigned(table), out.numpy())
    return out


def holds_reference(table: Tensor, probes: Probes, ids: Tensor, width: int = 1) -> Tensor:
    """``holds`` in torch."""
    parts = [(fields(table, probes.places(p), width) > 0).all(-1) for p in probes.chunks(ids)]
    return torch.cat(parts)


def count(table: Tensor, probes: Probes, ids: Tensor, width: int, sign: int, stick: bool) -> int:
    """Raise (sign 1) or lower (-1) the fields of all keys in place.

    Returns -1; or, with the table as it was, the first key for which a full field would have to
    rise or an empty one to fall. Where fields ``stick``, a full one stays full for ever instead.
    """
    if table.device.type == "cpu":
        log = width.bit_length() - 1
        return int(fast.count(*run(probes, ids), log, unsigned(table), sign, stick))
    return count_reference(table, probes, ids, width, sign, stick)


def count_reference(
    table: Tensor, probes: Probes, ids: Tensor, width: int, sign: int, stick: bool
) -> int:
    """``count`` in torch: all changes of a field at once."""
    if not len(ids):
        return -1
    full = (1 << width) - 1
    flat = torch.cat([probes.places(part).flatten() for part in probes.chunks(ids)])
    places, order = flat.sort(stable=True)  # equal places in the order of their keys
    own, group, many = places.unique_consecutive(return_inverse=True, return_counts=True)
    value = fields(table, own, width)
    room = full - value if sign > 0 else value  # how often the field can be stepped
    if stick:
        room = torch.where((value == full) | (sign > 0), len(flat), room)
    rank = torch.arange(len(flat), device=flat.device) - (many.cumsum(0) - many)[group]
    late = rank >= room[group]
    if late.any():
        return int((order[late] // probes.hashes).min())
    after = value + sign * many
    if stick:
        after = torch.where(value == full, full, after).clamp(max=full)
    words, owner = (own // (64 // width)).unique_consecutive(return_inverse=True)
    change = (after - value) << (own % (64 // width) * width)
    table[words] += torch.zeros_like(words).index_add_(0, owner, change)
    return -1


def ones(table: Tensor) -> int:
    """Bits set in a table."""
    if table.device.type == "cpu":
        return int(fast.ones(unsigned(table)))
    return sum(int(bits.popcount(part).sum()) for part in table.split(CHUNK))


def ones_of_slices(table: Tensor, size: int, slices: int) -> list[int]:
    """Bits set in each of equal slices of the first ``size`` bits."""
    part = size // slices

    def before(place: int) -> int:
        word, bit = divmod(place, 64)
        rest = int(bits.popcount(table[word] & ((1 << bit) - 1))) if bit else 0
        return whole[word] + rest

    cuts = [i * part for i in range(slices + 1)]
    words = sorted({cut // 64 for cut in cuts})
    whole, total = {words[0]: 0}, 0
    for start, end in pairwise(words):
        total += ones(table[start:end])
        whole[end] = total
    counts = [before(cut) for cut in cuts]
    return [b - a for a, b in pairwise(counts)]
