"""The kernels for CPUs, compiled by numba: what reference.py means, at the speed of the machine.

Bundles and elections have files of their own; how work is shared among threads is in team.py.
numba's own threads are not used: two of its callers at once, or a fork, can end the process, and
they spin on the cores that torch's threads need.
"""

from __future__ import annotations

import functools
from typing import Any

import numba
import numpy as np
import torch
from numba import carray  # type: ignore[attr-defined, unused-ignore]
from torch import Tensor

from hdlib import bits
from hdlib.kernels.bundles import bipolar as bipolar
from hdlib.kernels.bundles import majority as majority
from hdlib.kernels.bundles import tally as tally
from hdlib.kernels.elections import elect as elect
from hdlib.kernels.instructions import at, popcount, prefetch, smaller
from hdlib.kernels.streams import GAMMA, HALF, LOW, Array, U, mix, rooted, stream
from hdlib.kernels.team import SLOTS, alone, compiled, shares, spread
from hdlib.storage import room

BLOCK = 16  # rows that stay in the first-level cache while queries pass over them
GROUP = 64  # queries of a task
FEW = 4  # queries that are compared with an item while memory brings the next
SCANNED = 1 << 19  # words from which torch's threads share such a search
AHEAD, LINE = 640, 8  # words from the item at hand to what is asked for, and of a line of memory

CPU = torch.device("cpu")  # not torch's default, which may be another
NEGATIVE_ZERO = -(2**31)  # the bits of -0.0
LAST = bits.LOW


@numba.njit(inline="always")
def sortable(pattern: int, place: int) -> np.int64:
    """``reference.sortable`` of one score, given its bits."""
    ordered = pattern ^ (pattern >> 31 & 0x7FFFFFFF)
    ordered += ordered == -1  # -0.0 is 0.0
    return (np.int64(ordered) << 32) + (LAST - place)


@numba.njit(inline="always")
def differing(a: Array, b: Array) -> U:
    """Bits that differ between two rows."""
    total = U(0)
    for w in range(len(a)):
        total += popcount(a[w] ^ b[w])
    return total


def _words(first: int, last: int, root: U, ids: Array, out: Array) -> None:
    for i in range(first, last):
        start, step = stream(root, ids[i])
        for w in range(out.shape[1]):
            start += step
            out[i, w] = mix(start)


def _digest(first: int, last: int, rows: Array, out: Array) -> None:
    for i in range(first, last):
        total = U(0)
        for w in range(rows.shape[1]):
            number = np.int64(rows[i, w])
            total += mix(U(number * (number != NEGATIVE_ZERO)) + U(w + 1) * GAMMA)
        out[i] = mix(total)


def _coins(first: int, last: int, root: U, ids: Array, out: Array) -> None:
    for i in range(first, last):
        start, step = stream(root, ids[i])
        for d0 in range(0, out.shape[1], 64):
            start += step
            word, row = mix(start), out[i, d0 : d0 + 64]
            for b in range(len(row)):
                row[b] = np.int8(1) - np.int8((word >> U(b) & U(1)) << U(1))


def _hamming(first: int, last: int, queries: Array, items: Array, out: Array) -> None:
    groups = -(-len(queries) // GROUP)
    for task in range(first, last):
        n0, i0 = BLOCK * (task // groups), GROUP * (task % groups)
        n1, i1 = min(len(items), n0 + BLOCK), min(len(queries), i0 + GROUP)
        for i in range(i0, i1):
            query = queries[i]
            for n in range(n0, n1 - 3, 4):  # four items share each reading of the query
                a, b, c, d = items[n], items[n + 1], items[n + 2], items[n + 3]
                da = db = dc = dd = U(0)
                for w in range(len(query)):
                    word = query[w]
                    da += popcount(word ^ a[w])
                    db += popcount(word ^ b[w])
                    dc += popcount(word ^ c[w])
                    dd += popcount(word ^ d[w])
                out[i, n], out[i, n + 1], out[i, n + 2], out[i, n + 3] = da, db, dc, dd
            for n in range(n1 - n1 % 4, n1):
                out[i, n] = differing(query, items[n])


def _scan(address: Any) -> None:
    plan = carray(address, SLOTS, np.int64)
    count, width, many = plan[7], plan[8], plan[9]
    out = carray(at(plan[4]), (many, count), np.int32)
    queries, words = carray(at(plan[5]), (many, width), U), carray(at(plan[6]), count * width, U)
    for first, last in shares(plan, count):
        for n in range(first, last):
            for w in range(n * width + AHEAD, (n + 1) * width + AHEAD, LINE):
                prefetch(words, w)
            for i in range(many):
                out[i, n] = differing(queries[i], words[n * width : (n + 1) * width])


def _hamming_made(
    first: int, last: int, queries: Array, root: U, ids: Array, keep: Array, out: Array
) -> None:
    row = np.empty(queries.shape[1], np.uint64)
    for n in range(first, last):
        start, step = stream(root, ids[n])
        for w in range(len(row)):
            start += step
            row[w] = mix(start) & keep[w]
        for i in range(len(queries)):
            distance = U(0)
            for w in range(len(row)):
                distance += popcount((queries[i, w] & keep[w]) ^ row[w])
            out[i, n] = distance


def _best(first: int, last: int, scores: Array, patterns: Array, start: int, keys: Array) -> None:
    k = keys.shape[1]
    for i in range(first, last):
        row, heap = scores[i], keys[i]  # the least of the best comes first in a heap
        for n in range(k):
            heap[n] = sortable(patterns[i, n], start + n)
        heap.sort()
        least = row[LAST - (heap[0] & LAST) - start]
        for n in range(k, len(row)):
            if row[n] > least:  # an equal one came first
                new, hole, child = sortable(patterns[i, n], start + n), 0, 1
                while child < k:
                    child += child + 1 < k and heap[child + 1] < heap[child]
                    if heap[child] > new:
                        break
                    heap[hole], hole, child = heap[child], child, 2 * child + 1
                heap[hole] = new
                least = row[LAST - (heap[0] & LAST) - start]
        heap[:] = np.sort(heap)[::-1]


def _dots(first: int, last: int, queries: Array, items: Array, out: Array) -> None:
    for task in range(first, last):
        end = min(len(items), BLOCK * (task + 1))
        for i in range(len(queries)):
            for n in range(BLOCK * task, end):
                total = np.int32(0)  # products of short integers add up in pairs, 32 at a time
                for d in range(queries.shape[1]):
                    total += np.int32(queries[i, d]) * np.int32(items[n, d])
                out[i, n] = total


def _matches(first: int, last: int, queries: Array, items: Array, out: Array) -> None:
    for n in range(first, last):
        for i in range(len(queries)):
            equal = 0
            for w in range(queries.shape[1]):
                equal += queries[i, w] == items[n, w]
            out[i, n] = equal


def _rotate(first: int, last: int, rows: Array, shift: Array, dim: int, out: Array) -> None:
    width, words = rows.shape[1], -(-dim // 64)
    padded = np.zeros(3 * width + 2, np.uint64)  # a row, and the zeros that come in beside it
    start, middle = width + 1, padded[width + 1 : 2 * width + 1]
    for r in range(first, last):
        row, new, back = rows[r], out[r], dim - shift[r]  # what falls off the end comes in again
        up, part = start - shift[r] // 64, U(shift[r] % 64)
        down, rest = start + back // 64, U(back % 64)
        for w in range(width):
            middle[w] = row[w]
        a, b = padded[up : up + width], padded[up - 1 : up + width - 1]
        c, d = padded[down : down + width], padded[down + 1 : down + width + 1]
        for w in range(width):  # a shift by 64 is none: in two steps
            moved = a[w] << part | b[w] >> U(1) >> U(63) - part
            new[w] = moved | c[w] >> rest | d[w] << U(1) << U(63) - rest
        for w in range(words, width):
            new[w] = U(0)
        new[words - 1] &= ~U(0) >> U(-dim % 64)


def _stray(first: int, last: int, rows: Array, dim: int) -> bool:
    place, ones = dim // 64, U(0)
    for r in range(first, last):
        ones |= U(rows[r, place]) >> U(dim % 64)
        for w in range(place + 1, rows.shape[1]):
            ones |= U(rows[r, w])
    return bool(ones != U(0))


def _ends(first: int, last: int, x: Array) -> tuple[int, int]:
    part = x[first:last]
    low = high = part[0]
    for i in range(len(part)):
        low, high = min(low, part[i]), max(high, part[i])
    return low, high


def _symbols(first: int, last: int, root: U, ids: Array, modulus: U, out: Array) -> None:
    for r in range(first, last):
        (start, step), row = stream(root, ids[r]), out[r]
        for w in range(len(row) // 2):
            word = mix(start + U(w + 1) * step)
            row[2 * w] = (word & LOW) * modulus >> HALF
            row[2 * w + 1] = (word >> HALF) * modulus >> HALF
        if len(row) % 2:
            word = mix(start + U(len(row) // 2 + 1) * step)
            row[len(row) - 1] = (word & LOW) * modulus >> HALF


def _signs(first: int, last: int, rows: Array, out: Array, strange: Array) -> None:
    width = rows.shape[1]
    for r in range(first, last):
        row, other = rows[r], U(0)
        for w in range(width // 64):
            minus = smaller(row, 64 * w, 0)
            out[r, w] = minus
            other |= smaller(row, 64 * w, -1) | ~smaller(row, 64 * w, 2)
            other |= smaller(row, 64 * w, 1) & ~minus
        for w in range(width // 64, out.shape[1]):
            word = U(0)
            for b in range(width - 64 * w):
                value = row[64 * w + b]
                word |= U(value < 0) << U(b)
                other |= U((value != 1) & (value != -1))
            out[r, w] = word
        strange[r] = other


run_words, run_symbols, run_ends = compiled(_words), compiled(_symbols), compiled(_ends)
run_digest = compiled(_digest)
run_hamming, run_hamming_made = compiled(_hamming), compiled(_hamming_made)
run_best = compiled(_best)
run_matches, run_rotate, run_stray = compiled(_matches), compiled(_rotate), compiled(_stray)
run_signs, run_dots, run_coins = compiled(_signs), compiled(_dots), compiled(_coins)


def plain(x: Tensor) -> Array:
    """The same memory as numpy sees it, rows one after another."""
    return x.contiguous().numpy()


def unsigned(x: Tensor) -> Array:
    """The same memory as unsigned words, rows one after another."""
    return plain(x).view(np.uint64)


def words(seed: int, ids: Tensor, n: int) -> Tensor:
    """``bits.words``, one pass and no temporaries."""
    out = torch.empty(ids.numel(), n, dtype=torch.int64, device=CPU)
    run_words(len(out), out.numel(), rooted(seed), unsigned(ids.reshape(-1)), unsigned(out))
    return out.reshape(*ids.shape, n)


def symbols(seed: int, ids: Tensor, n: int, modulus: int) -> Tensor:
    """``reference.symbols``, each as its word is made."""
    out = torch.empty(ids.numel(), n, dtype=torch.int16, device=CPU)
    picked = unsigned(ids.reshape(-1))
    run_symbols(len(out), out.numel(), rooted(seed), picked, U(modulus), out.numpy())
    return out.reshape(*ids.shape, n)


def digest(rows: Tensor) -> Tensor:
    """``reference.digest``, one pass and no temporaries."""
    out = torch.empty(len(rows), dtype=torch.int64, device=CPU)
    numbers = rows.contiguous().view(torch.int32).numpy()
    run_digest(len(rows), rows.numel(), numbers, unsigned(out))
    return out


def coins(seed: int, ids: Tensor, dim: int) -> Tensor:
    """``reference.coins``, each word spread as soon as it is made."""
    out = torch.empty(ids.numel(), dim, dtype=torch.int8, device=CPU)
    run_coins(len(out), out.numel() // 8, rooted(seed), unsigned(ids.reshape(-1)), out.numpy())
    return out.reshape(*ids.shape, dim)


def hamming(queries: Tensor, items: Tensor) -> Tensor:
    """``reference.hamming``, with the processor's popcount."""
    queries, items = queries.contiguous(), items.contiguous()
    many, (count, width) = queries.shape[0], items.shape
    out = room((many, count), torch.int32, CPU)
    if many > FEW:
        given = unsigned(queries), unsigned(items), plain(out)
        run_hamming(-(-many // GROUP) * -(-count // BLOCK), many * count * width, *given)
    elif out.numel():
        few = alone(count * width, SCANNED)
        spread(_scan, few, (out, queries, items), count, width, many)
    return out


def hamming_made(queries: Tensor, seed: int, ids: Tensor, dim: int) -> Tensor:
    """``reference.hamming_made``, each row made in the cache, compared and forgotten."""
    out = np.empty((len(queries), len(ids)), np.int32)
    root, keep = rooted(seed), unsigned(bits.mask(dim, ids.device))
    work = (len(queries) + 3) * len(ids) * queries.shape[-1]  # to make a row costs some queries
    run_hamming_made(len(ids), work, unsigned(queries), root, unsigned(ids), keep, out)
    return torch.from_numpy(out)


def best(scores: Tensor, start: int, k: int) -> Tensor:
    """``reference.best``, in one pass that keeps the best so far."""
    rows = plain(scores)
    keys = np.empty((len(rows), min(k, rows.shape[1])), np.int64)
    if keys.size:
        run_best(len(keys), rows.size // 4, rows, rows.view(np.int32), start, keys)
    return torch.from_numpy(keys)


def dots(queries: Tensor, items: Tensor) -> Tensor:
    """``reference.dots``, in integers as short as they are."""
    left, right = plain(queries), plain(items)
    out = np.empty((len(left), len(right)), np.int32)
    run_dots(-(-len(right) // BLOCK), len(left) * right.size // 8, left, right, out)
    return torch.from_numpy(out)


def matches(queries: Tensor, items: Tensor) -> Tensor:
    """``reference.matches``, without its temporaries."""
    left, right = plain(queries), plain(items)
    out = np.empty((len(left), len(right)), np.int32)
    run_matches(len(right), len(left) * right.size, left, right, out)
    return torch.from_numpy(out)


def rotate(rows: Tensor, shift: Tensor, dim: int) -> Tensor:
    """``reference.rotate``, each word from the two that it is made of."""
    words = unsigned(rows)
    out = np.empty(words.shape, np.int64)
    run_rotate(len(words), words.size, words, plain(shift), dim, out.view(np.uint64))
    return torch.from_numpy(out)


def stray(rows: Tensor, dim: int) -> bool:
    """``reference.stray``, from the last words of each row alone."""
    words = plain(rows)
    return dim < 64 * words.shape[1] and any(run_stray(len(words), len(words), words, dim))


def ends(x: Tensor) -> tuple[int, int]:
    """``reference.ends``, in one pass."""
    numbers = x.numpy().ravel()
    found: list[tuple[int, int]] = run_ends(numbers.size, numbers.nbytes // 4, numbers)
    return functools.reduce(wider, found)


def wider(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    """The ends of both."""
    return min(a[0], b[0]), max(a[1], b[1])


def signs(rows: Tensor) -> Tensor | None:
    """``reference.signs``, in one pass."""
    width = bits.word_count(rows.shape[-1])
    out = torch.empty(len(rows), width, dtype=torch.int64, device=CPU)
    strange = np.empty(len(rows), np.uint64)
    run_signs(len(rows), out.numel() * 8, plain(rows), unsigned(out), strange)
    return None if strange.any() else out
