"""What each kernel means, in plain torch: runs on any device, and every fast path must equal it."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor

from hdlib import bits
from hdlib.kernels.one_bundle import segmentwise

CHUNK = 1 << 20  # words in a temporary: 8 MB
EVEN = 1e-12  # votes closer than this share of all votes are equal: rounding is a thousandth of it


def hamming(queries: Tensor, items: Tensor) -> Tensor:
    """Differing bits of every pair: ``(Q, W), (N, W) -> (Q, N)`` int32."""
    out = torch.empty(len(queries), len(items), dtype=torch.int32, device=items.device)
    rows = max(1, CHUNK // max(1, items.shape[-1]))
    some = max(1, rows // max(1, len(items)))  # queries at once, where all items fit
    for n in range(0, len(items), rows):
        for i in range(0, len(queries), some):
            pairs = queries[i : i + some, None] ^ items[n : n + rows]  # (some, rows, W)
            out[i : i + some, n : n + rows] = bits.popcount(pairs).sum(-1)
    return out


def vote(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Where ones win and where the vote is even: ``(n, W) -> (W,), (W,)``, 64 columns to the word.

    Carry-save addition: plane j holds bit j of all 64 W column sums at once, so that a column of
    votes is never spread out. Three words of one weight become one of it and one of twice as much.
    """
    n, planes = len(rows), []
    while len(rows):
        carries = []
        while len(rows) >= 3:  # full adders on thirds of the rows
            third = len(rows) // 3
            a, b, c = rows[:third], rows[third : 2 * third], rows[2 * third : 3 * third]
            odd = a ^ b
            carries.append((a & b) | (odd & c))
            rows = torch.cat([odd ^ c, rows[3 * third :]])
        if len(rows) == 2:  # a half adder
            carries.append((rows[0] & rows[1]).unsqueeze(0))
            rows = (rows[0] ^ rows[1]).unsqueeze(0)
        planes.append(rows[0])
        rows = torch.cat(carries) if carries else rows[:0]
    width = rows.shape[-1]
    more = torch.zeros(width, dtype=torch.int64, device=rows.device)
    same = torch.full((width,), -1, dtype=torch.int64, device=rows.device)
    for j in reversed(range(len(planes))):  # compare every sum with n // 2, high bit first
        if (n // 2) >> j & 1:
            same = same & planes[j]
        else:
            more, same = more | (same & planes[j]), same & ~planes[j]
    return (more, same) if n % 2 == 0 else (more, torch.zeros_like(same))


@segmentwise
def majority(rows: Tensor, offsets: Tensor, index: Tensor | None, seed: int) -> Tensor:
    """The majority of each segment of rows: ``(N, W), (S + 1,), (M,)? -> (S, W)``."""
    out = torch.empty(len(offsets) - 1, rows.shape[-1], dtype=torch.int64, device=rows.device)
    bounds = offsets.tolist()
    for s, (start, end) in enumerate(pairwise(bounds)):
        more, same = vote(rows[start:end] if index is None else rows[index[start:end]])
        out[s] = more | (same & bits.tie_words(seed, more, same))
    return out


def sign(tally: Tensor, seed: int) -> Tensor:
    """The sign of every sum, int8, ties as in ``majority``: ``(…, D) -> (…, D)``."""
    minus, even = tally < 0, tally == 0
    ties = bits.tie_words(seed, bits.pack(minus), bits.pack(even))
    flipped = bits.unpack(ties, tally.shape[-1]).bool() & even
    return 1 - 2 * (minus | flipped).to(torch.int8)


@segmentwise
def bipolar(rows: Tensor, offsets: Tensor, index: Tensor | None, seed: int) -> Tensor:
    """The sign of the sum of each segment: ``(N, D), (S + 1,), (M,)? -> (S, D)`` int8."""
    return sign(tally(rows, offsets, index), seed)


def elected(tally: Tensor, table: Tensor, seed: int, each: bool) -> Tensor:
    """The symbol with most votes at each place: ``(…, D, r) -> (…, D)`` int16.

    Votes are what each symbol was counted or, with a table (2, r) of cosines and sines, how far the
    sum of all phasors reaches along its angle. Ties fall by seeded bits that depend on who leads:
    ``each`` leader draws and the greatest wins (of counts that are equal to the last bit), or one
    draw for a place numbers the winner.
    """
    votes, margin = tally, torch.zeros((), dtype=torch.float64, device=tally.device)
    if len(table):
        votes = tally.to(torch.float64) @ table.mT @ table
    if not each:
        margin = EVEN * tally.abs().sum(-1, keepdim=True).to(torch.float64)
    best = votes >= votes.amax(-1, keepdim=True) - margin
    content = bits.digest(bits.pack(best.flatten(-2)))  # (…,): who leads, at every place
    places = best[..., 0].numel() // max(1, content.numel())
    if each:
        luck = bits.lsr(words(seed, content, places * tally.shape[-1]), 1).view_as(best)
        return torch.where(best, luck, -1).argmax(-1).to(torch.int16)
    luck = bits.lsr(words(seed, content, places), 1)
    rank = best.cumsum(-1, dtype=torch.int16)  # the leaders at each place, numbered from 1
    chosen = (luck % rank[..., -1]).unsqueeze(-1)
    return (rank <= chosen).sum(-1).to(torch.int16)


@segmentwise
def elect(
    rows: Tensor, offsets: Tensor, index: Tensor | None, table: Tensor, seed: int, each: bool
) -> Tensor:
    """``elected`` of the symbols in each segment: ``(N, D) int16, (S + 1,), (M,)? -> (S, D)``."""
    (_, dim), modulus = rows.shape, table.shape[-1]
    out = rows.new_empty(len(offsets) - 1, dim)
    bounds = offsets.tolist()
    picked = rows if index is None else rows[index]
    voters = picked[bounds[0] : bounds[-1]]
    low, high = ends(voters) if voters.numel() else (0, 0)
    if low < 0 or high >= modulus:
        raise ValueError(f"elect: symbols must lie in 0..{modulus - 1}")
    for s, (start, end) in enumerate(pairwise(bounds)):
        voters = picked[start:end]
        tally = torch.zeros(dim, modulus, dtype=torch.int32, device=rows.device)
        for voter in voters:
            tally.scatter_add_(1, voter[:, None].long(), tally.new_ones(dim, 1))
        out[s] = elected(tally, table, seed, each)
    return out


words = bits.words


def digest(rows: Tensor) -> Tensor:
    """``bits.digest`` of the bits of numbers, -0 read as 0: ``(N, n) float32 -> (N,)``."""
    return bits.digest((rows + 0.0).view(torch.int32))


def symbols(seed: int, ids: Tensor, n: int, modulus: int) -> Tensor:
    """A random number below ``modulus`` from each half of a word: ``(*s,) -> (*s, n)`` int16."""
    halves = bits.halves(words(seed, ids, (n + 1) // 2))[..., :n]
    return (halves * modulus >> 32).to(torch.int16)


def stray(rows: Tensor, dim: int) -> bool:
    """Has any row ones beyond its first ``dim`` bits?"""
    last = slice(dim // 64, None)
    return bool((rows[:, last] & ~bits.mask(dim, rows.device)[last]).any())


def ends(x: Tensor) -> tuple[int, int]:
    """The least and the greatest integer in x."""
    low, high = x.aminmax()
    return int(low), int(high)


def coins(seed: int, ids: Tensor, dim: int) -> Tensor:
    """The first ``dim`` bits of ``words`` as ±1, -1 for a one: ``(*s,) -> (*s, D)`` int8."""
    return bits.plus_minus(words(seed, ids, bits.word_count(dim)), dim)


def hamming_made(queries: Tensor, seed: int, ids: Tensor, dim: int) -> Tensor:
    """``hamming`` to the rows that ``words`` makes, cut to ``dim`` bits: ``(Q, W) -> (Q, N)``."""
    keep = bits.mask(dim, ids.device)
    return hamming(queries & keep, words(seed, ids, queries.shape[-1]) & keep)


def signs(rows: Tensor) -> Tensor | None:
    """A bit for each component ±1, one where it is negative: ``(N, D) -> (N, W)``, or None."""
    parts = rows.split(max(1, CHUNK // max(1, rows.shape[-1])))
    if not all(bool((part.abs() == 1).all()) for part in parts):
        return None
    return torch.cat([bits.pack(part < 0) for part in parts])


@segmentwise
def tally(rows: Tensor, offsets: Tensor, index: Tensor | None) -> Tensor:
    """Sums of segments of int8 rows: ``(N, D), (S + 1,), (M,)? -> (S, D)`` int32."""
    out = torch.zeros(len(offsets) - 1, rows.shape[-1], dtype=torch.int32, device=rows.device)
    sets = torch.arange(len(out), device=rows.device).repeat_interleave(offsets.diff())
    first, step = int(offsets[0]), max(1, CHUNK // max(1, rows.shape[-1]))
    for i, goal in enumerate(sets.split(step)):  # some voters at a time, of however many sets
        part = slice(first + i * step, first + i * step + len(goal))
        voters = rows[part] if index is None else rows[index[part]]
        out.index_add_(0, goal, voters.to(torch.int32))
    return out


def dots(queries: Tensor, items: Tensor) -> Tensor:
    """Dot products of int16 rows with int8 rows: ``(Q, D), (N, D) -> (Q, N)`` int32.

    Floats of 53 bits, which multiply matrices on any device, hold every sum.
    """
    rows = max(1, CHUNK // max(1, items.shape[-1]))
    parts = [(queries.double() @ part.double().mT).to(torch.int32) for part in items.split(rows)]
    return torch.cat(parts, -1)


def matches(queries: Tensor, items: Tensor) -> Tensor:
    """Equal symbols of every pair of int16 rows: ``(Q, W), (N, W) -> (Q, N)`` int32."""
    out = torch.empty(len(queries), len(items), dtype=torch.int32, device=items.device)
    rows = max(1, CHUNK // max(1, items.shape[-1]))
    for i, query in enumerate(queries):
        for n in range(0, len(items), rows):
            out[i, n : n + rows] = (items[n : n + rows] == query).sum(-1)
    return out


def rotate(rows: Tensor, shift: Tensor, dim: int) -> Tensor:
    """Move the first ``dim`` bits of each row up by ``shift``, around the end: ``(R, W), (R,)``.

    A cyclic move is two plain ones: up by s, and down by D - s for the bits that fell off.
    """
    shift = shift.unsqueeze(-1)
    return (move(rows, shift) | move(rows, shift - dim)) & bits.mask(dim, rows.device)


def move(rows: Tensor, shift: Tensor) -> Tensor:
    """Move the bits of each row up by ``shift (R, 1)`` places, zeros come in."""
    words, place = shift.div(64, rounding_mode="floor"), shift % 64
    source = torch.arange(rows.shape[-1], device=rows.device) - words  # the word of the high part
    high = take(rows, source) << place
    low = bits.lsr(take(rows, source - 1), 1)  # in two steps, as a shift by 64 is none
    return high | (low >> (63 - place))


def take(rows: Tensor, source: Tensor) -> Tensor:
    """``rows[..., source]`` with zeros outside."""
    inside = (source >= 0) & (source < rows.shape[-1])
    index = source.clamp(0, max(0, rows.shape[-1] - 1)).expand(rows.shape)
    return torch.where(inside, rows.gather(-1, index), 0)


def best(scores: Tensor, start: int, k: int) -> Tensor:
    """``sortable`` keys of the k best scores of each row: ``(Q, n) -> (Q, min(k, n))``."""
    return largest(sortable(scores, start), k)


def sortable(scores: Tensor, start: int) -> Tensor:
    """Score and place in one int64, sorted by score, then by lower place: ``(Q, n) -> (Q, n)``.

    A float32 read as an integer sorts like the float, once negative ones are turned round.
    """
    pattern = (scores + 0.0).view(torch.int32)
    ordered = torch.where(pattern < 0, pattern ^ 0x7FFFFFFF, pattern).to(torch.int64)
    place = start + torch.arange(scores.shape[-1], device=scores.device)
    return (ordered << 32) + (bits.LOW - place)


def largest(keys: Tensor, k: int) -> Tensor:
    """The k largest of each row, all where there are fewer: ``(Q, n) -> (Q, min(k, n))``."""
    return keys.amax(-1, keepdim=True) if k == 1 else keys.topk(min(k, keys.shape[-1])).values
