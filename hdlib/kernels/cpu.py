"""The kernels for CPUs, compiled by numba: what reference.py means, at the speed of the machine.

Each but ``_scan`` (see team.py) works on a range of tasks, so that Python threads share them, as
machine code needs no interpreter lock. numba's own threads are not used: two of its callers at
once, or a fork, can end the process, and they spin on the cores that torch's threads need.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np
import torch
from numba import carray  # type: ignore[attr-defined, unused-ignore]
from torch import Tensor

from hdlib import bits
from hdlib.kernels.instructions import add_one, at, popcount, prefetch, smaller
from hdlib.kernels.reference import EVEN
from hdlib.kernels.team import SLOTS, spread
from hdlib.storage import room

PARALLEL = 1 << 21  # words below which waking other threads costs more than it gives
SHARES = 4  # parts of the work for each thread
BLOCK = 16  # rows that stay in the first-level cache while queries pass over them
GROUP = 64  # queries of a task
FEW = 4  # queries that are compared with an item while memory brings the next
SCANNED = 1 << 19  # words from which torch's threads share such a search
AHEAD, LINE = 640, 8  # words from the item at hand to what is asked for, and of a line of memory
SHORT = 252  # bytes whose sum fits 16 bits, four at a time
SIDES = 16  # voters whose symbols are compared with each other, not counted
WIDE = 128  # words of a bundle that are added up side by side
LONG = 2048  # columns of a sum, or counters of symbols, that stay in the first-level cache

U = np.uint64
Array = np.ndarray
CPU = torch.device("cpu")  # not torch's default, which may be another
NONE = np.empty(0, np.int64)  # no index: rows as they come
GAMMA, MIX_A, MIX_B = (U(c % 2**64) for c in (bits.GAMMA, bits.MIX_A, bits.MIX_B))
NEGATIVE_ZERO = -(2**31)  # the bits of -0.0
ALTERNATING = U(bits.ALTERNATING % 2**64)
HALF, LOW, LAST = U(32), U(bits.LOW), bits.LOW


@numba.njit(inline="always")
def mix(x: U) -> U:
    """``bits.mix`` in unsigned arithmetic: the same 64 bits."""
    x = (x ^ (x >> U(30))) * MIX_A
    x = (x ^ (x >> U(27))) * MIX_B
    return x ^ (x >> U(31))


@numba.njit(inline="always")
def stream(root: U, id_: U) -> tuple[U, U]:
    """``bits.streams`` of one id, given the mixed seed."""
    start = mix(root + id_ * GAMMA)
    step = mix(start + GAMMA) | U(1)
    if popcount(step ^ (step >> U(1))) < U(24):
        step ^= ALTERNATING
    return start, step


@numba.njit(inline="always")
def full_adder(a: U, b: U, c: U) -> tuple[U, U]:
    """Three bits of one weight are one of twice the weight and one of the same."""
    odd = a ^ b
    return (a & b) | (odd & c), odd ^ c


@numba.njit(inline="always")
def luck(start: U, step: U, w: int, more: U, same: U) -> U:
    """Word w of ``bits.tie_words``, given the stream of id 0."""
    return mix(mix(mix(start + U(w + 1) * step) ^ more) + same)


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
    count, width, many, parts = plan[5], plan[6], plan[7], plan[SLOTS - 1]
    out = carray(at(plan[2]), (many, count), np.int32)
    queries, words = carray(at(plan[3]), (many, width), U), carray(at(plan[4]), count * width, U)
    part = add_one(plan)
    while part < parts:
        for n in range(count * part // parts, count * (part + 1) // parts):
            for w in range(n * width + AHEAD, (n + 1) * width + AHEAD, LINE):
                prefetch(words, w)
            for i in range(many):
                out[i, n] = differing(queries[i], words[n * width : (n + 1) * width])
        part = add_one(plan)


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


@numba.njit(inline="always")
def voter(rows: Array, here: int, index: Array, d0: int, n: int) -> Array:
    """Some columns of a row, or of the one that an index picks."""
    return rows[index[here] if len(index) else here, d0 : d0 + n]


@numba.njit(inline="always")
def add_up(
    rows: Array, first: int, last: int, index: Array, d0: int, short: Array, total: Array
) -> None:
    """Some columns of rows ``first`` to ``last``, added up."""
    n, here = len(short), first
    total[:] = 0
    while here < last:
        short[:] = 0
        end = min(last, here + SHORT)  # so many bytes add up in 16 bits
        while here + 4 <= end:
            a, b = voter(rows, here, index, d0, n), voter(rows, here + 1, index, d0, n)
            c, e = voter(rows, here + 2, index, d0, n), voter(rows, here + 3, index, d0, n)
            for d in range(n):
                short[d] += (a[d] + b[d]) + (c[d] + e[d])
            here += 4
        while here < end:
            a = voter(rows, here, index, d0, n)
            for d in range(n):
                short[d] += a[d]
            here += 1
        for d in range(n):
            total[d] += short[d]


def _tally(first: int, last: int, rows: Array, offsets: Array, index: Array, out: Array) -> None:
    columns, short = -(-rows.shape[1] // LONG), np.empty(LONG, np.int16)
    for task in range(first, last):
        s, d0 = task // columns, LONG * (task % columns)
        total = out[s, d0 : d0 + LONG]  # views: their loops become vector code
        add_up(rows, offsets[s], offsets[s + 1], index, d0, short[: len(total)], total)


def _bipolar(
    first: int, last: int, rows: Array, offsets: Array, index: Array, root: U, out: Array
) -> None:
    columns, short = -(-rows.shape[1] // LONG), np.empty(LONG, np.int16)
    sums, (start, step) = np.empty(LONG, np.int32), stream(root, U(0))
    for task in range(first, last):
        s, d0 = task // columns, LONG * (task % columns)
        new = out[s, d0 : d0 + LONG]
        add_up(rows, offsets[s], offsets[s + 1], index, d0, short[: len(new)], sums[: len(new)])
        sums[len(new) :] = 1
        for d in range(len(new)):
            new[d] = 1 - 2 * (sums[d] < 0)
        for d in range(0, len(new), 64):
            more = smaller(sums, d, 0)  # as in majority: a one for -1
            tie = smaller(sums, d, 1) & ~more
            if tie:
                flipped = tie & luck(start, step, (d0 + d) // 64, more, tie)
                for b in range(min(64, len(new) - d)):
                    new[d + b] -= 2 * (flipped >> U(b) & U(1))


def _majority(
    first: int, last: int, rows: Array, offsets: Array, index: Array, root: U, out: Array
) -> None:
    start, step = stream(root, U(0))
    planes, scratch = np.empty((64, WIDE), np.uint64), np.empty((11, WIDE), np.uint64)
    eight, carry, more, same = scratch[:8], scratch[8], scratch[9], scratch[10]
    columns = -(-rows.shape[1] // WIDE)
    for task in range(first, last):
        s, w0 = task // columns, WIDE * (task % columns)
        end, wide = offsets[s + 1], min(WIDE, rows.shape[1] - w0)
        n, depth = end - offsets[s], 3
        while n >> depth:
            depth += 1
        planes[:depth] = U(0)  # plane j holds bit j of every column sum
        for here in range(offsets[s], end, 8):  # eight rows: seven adders, one carry of weight 8
            for r in range(8):
                if here + r < end:
                    row = index[here + r] if len(index) else here + r
                    eight[r, :wide] = rows[row, w0 : w0 + wide]
                else:
                    eight[r] = U(0)
            for w in range(wide):
                c1, total = full_adder(eight[0, w], eight[1, w], planes[0, w])
                c2, total = full_adder(eight[2, w], eight[3, w], total)
                c3, total = full_adder(eight[4, w], eight[5, w], total)
                c4, planes[0, w] = full_adder(eight[6, w], eight[7, w], total)
                d1, total = full_adder(c1, c2, planes[1, w])
                d2, planes[1, w] = full_adder(c3, c4, total)
                carry[w], planes[2, w] = full_adder(d1, d2, planes[2, w])
            for j in range(3, depth):
                for w in range(wide):
                    up = planes[j, w] & carry[w]
                    planes[j, w] ^= carry[w]
                    carry[w] = up
        more[:], same[:] = U(0), ~U(0)
        for j in range(depth - 1, -1, -1):  # compare every column sum with n // 2, high bit first
            for w in range(wide):
                if (n // 2) >> j & 1:
                    same[w] &= planes[j, w]
                else:
                    more[w] |= same[w] & planes[j, w]
                    same[w] &= ~planes[j, w]
        for w in range(wide):
            tie = U(0) if n % 2 else same[w]
            out[s, w0 + w] = more[w] | (tie & luck(start, step, w0 + w, more[w], tie))


@numba.njit
def lead(rows: Array, voters: Array, leading: Array) -> None:
    """The leaders of few voters, each of whose symbols is held against all the others'."""
    votes, best = np.empty((len(voters), LONG), np.int16), np.empty(LONG, np.int16)
    for d0 in range(0, rows.shape[1], LONG):
        many = min(LONG, rows.shape[1] - d0)
        best[:] = 0
        for i in range(len(voters)):
            own, vote = rows[voters[i], d0 : d0 + many], votes[i]
            vote[:] = 0
            for j in range(len(voters)):
                other = rows[voters[j], d0 : d0 + many]
                for d in range(many):
                    vote[d] += own[d] == other[d]
            for d in range(many):
                best[d] = max(best[d], vote[d])
        for c in range(len(leading)):
            ahead = leading[c, d0 : d0 + many]
            ahead[:] = U(0)
            for i in range(len(voters)):
                own, vote = rows[voters[i], d0 : d0 + many], votes[i]
                for d in range(many):
                    leads = (vote[d] == best[d]) & (own[d] >> 6 == c)
                    ahead[d] |= U(leads) << U(own[d] & 63)


@numba.njit
def count(rows: Array, voters: Array, table: Array, margin: float, leading: Array) -> None:
    """The leaders of any number of voters, by the votes for every symbol."""
    dim, modulus = rows.shape[1], table.shape[1]
    width = max(8, 2 * LONG // modulus)
    counts, best = np.empty((modulus, width)), np.empty(width)
    votes = np.empty((modulus, width)) if len(table) else counts
    for d0 in range(0, dim, width):
        many = min(width, dim - d0)
        counts[:] = 0
        for voter in voters:
            row = rows[voter, d0 : d0 + many]
            for d in range(many):
                counts[row[d], d] += 1
        if len(table):  # the sum of phasors, seen along each angle
            votes[:] = 0
            for axis in range(len(table)):
                best[:] = 0
                for k in range(modulus):
                    tally, weight = counts[k], table[axis, k]
                    for d in range(width):
                        best[d] += tally[d] * weight
                for k in range(modulus):
                    vote, weight = votes[k], table[axis, k]
                    for d in range(width):
                        vote[d] += best[d] * weight
        best[:] = votes[0]
        for k in range(1, modulus):
            vote = votes[k]
            for d in range(width):
                best[d] = vote[d] if vote[d] > best[d] else best[d]
        best -= margin
        for k in range(modulus):
            vote, ahead = votes[k], leading[k // 64, d0 : d0 + many]
            if k % 64 == 0:
                ahead[:] = U(0)
            for d in range(many):
                ahead[d] |= U(vote[d] >= best[d]) << U(k % 64)


@numba.njit
def content(leading: Array, modulus: int) -> U:
    """``bits.digest`` of all leaders as ``bits.pack`` gives them, place after place."""
    total, word, filled, w = U(0), U(0), 0, U(0)
    for d in range(leading.shape[1]):
        for c in range(len(leading)):
            some, ahead = min(64, modulus - 64 * c), leading[c, d]
            word |= ahead << U(filled)
            filled += some
            if filled >= 64:
                w += U(1)
                total += mix(word + w * GAMMA)
                filled -= 64
                word = ahead >> U(1) >> U(some - filled - 1)  # what did not fit
    for v in range(w, 8 * -(-leading.shape[1] * modulus // 512)):
        total += mix(word + U(v + 1) * GAMMA)
        word = U(0)
    return mix(total)


@numba.njit(inline="always")
def remainder(x: U, n: U) -> U:
    """x < 2^63 modulo n < 2^16, by divisions of floats: all exact, and many at once."""
    high = x >> HALF
    high -= n * U(np.float64(high) / np.float64(n))
    rest = high << HALF | x & LOW
    return rest - n * U(np.float64(rest) / np.float64(n))


@numba.njit(error_model="numpy")
def draw(leading: Array, modulus: int, start: U, step: U, each: bool, out: Array) -> None:
    """One leader for each place: the luckiest where each draws, else the one whose number is drawn.

    Leaders are taken off one by one, the lowest first, everywhere at once: the loops have no
    branches, and become vector code.
    """
    most = np.zeros(len(out), np.uint64)
    number = np.zeros(len(out), np.uint64)
    if not each:
        for c in range(len(leading)):
            for d in range(len(out)):
                most[d] += popcount(leading[c, d])
        for d in range(len(out)):
            number[d] = remainder(mix(start + U(d + 1) * step) >> U(1), most[d])
    for c in range(len(leading)):
        ahead, turns = leading[c], U(0)
        for d in range(len(out)):
            turns = max(turns, popcount(ahead[d]))
        for _ in range(turns):  # the lowest leader that is left, everywhere
            for d in range(len(out)):
                left = ahead[d]
                ahead[d] = left & (left - U(1))
                k = 64 * c + popcount(~left & (left - U(1)))
                if each:
                    own = (mix(start + U(d * modulus + k + 1) * step) >> U(1)) + U(1)
                    wins = (left != U(0)) & (own > most[d])
                    most[d] = own if wins else most[d]
                else:
                    wins = (left != U(0)) & (number[d] == U(0))
                    number[d] -= U(left != U(0))
                out[d] = k if wins else out[d]


def _elect(
    first: int,
    last: int,
    rows: Array,
    offsets: Array,
    index: Array,
    table: Array,
    root: U,
    each: bool,
    out: Array,
) -> None:
    modulus = table.shape[1]
    leading = np.empty((-(-modulus // 64), rows.shape[1]), np.uint64)  # a bit for each leader
    for s in range(first, last):
        here, end = offsets[s], offsets[s + 1]
        voters = index[here:end] if len(index) else np.arange(here, end)
        if len(table) == 0 and 0 < len(voters) <= SIDES:
            lead(rows, voters, leading)
        else:
            margin = 0.0 if each else EVEN * len(voters)
            count(rows, voters, table, margin, leading)
        start, step = stream(root, content(leading, modulus))
        draw(leading, modulus, start, step, each, out[s])


@functools.cache
def pool() -> ThreadPoolExecutor:
    """Threads that sleep until there is much to do."""
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="hdlib")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=pool.cache_clear)  # threads do not survive a fork


def compiled(kernel: Callable[..., Any]) -> Callable[..., list[Any]]:
    """Machine code for a kernel: one thread for little work, as many as torch uses for much.

    Threads take the next part when they are done, as another's may be slow. Results come in a list.
    """
    code = numba.njit(cache=True, nogil=True)(kernel)

    def run(tasks: int, work: int, *arrays: Any) -> list[Any]:
        threads = min(tasks, torch.get_num_threads()) if work >= PARALLEL else 1
        if threads < 2:
            return [code(0, tasks, *arrays)]
        parts = min(tasks, SHARES * threads)
        cuts = iter([(tasks * p // parts, tasks * (p + 1) // parts) for p in range(parts)])
        done = pool().map(lambda _: [code(*cut, *arrays) for cut in cuts], range(threads))
        return [result for results in done for result in results]

    return run


run_words, run_symbols, run_ends = compiled(_words), compiled(_symbols), compiled(_ends)
run_digest = compiled(_digest)
run_hamming, run_hamming_made = compiled(_hamming), compiled(_hamming_made)
run_best = compiled(_best)
run_matches, run_rotate, run_stray = compiled(_matches), compiled(_rotate), compiled(_stray)
run_signs, run_tally, run_bipolar = compiled(_signs), compiled(_tally), compiled(_bipolar)
run_majority, run_elect = compiled(_majority), compiled(_elect)
run_dots, run_coins = compiled(_dots), compiled(_coins)


def plain(x: Tensor) -> Array:
    """The same memory as numpy sees it, rows one after another."""
    return x.contiguous().numpy()


def unsigned(x: Tensor) -> Array:
    """The same memory as unsigned words, rows one after another."""
    return plain(x).view(np.uint64)


@functools.lru_cache(1024)
def rooted(seed: int) -> U:
    """``bits.root`` as an unsigned word."""
    return U(bits.root(seed) % 2**64)


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
        places = out.data_ptr(), queries.data_ptr(), items.data_ptr()
        spread(_scan, count * width < SCANNED, *places, count, width, many)
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


@functools.lru_cache(64)
def whole(n: int) -> Array:
    """The offsets of one segment."""
    return np.array([0, n])


def by_segments(
    run: Callable[..., Any], wide: int, ease: int, kind: torch.dtype, rows: Tensor, *parts: Any
) -> Tensor:
    """A kernel on the segments of rows, ``wide`` columns at a time: ``-> (S, W)`` of this kind.

    Without offsets, on all of them: ``-> (W,)``. ease: how many numbers are as much work as a word.
    """
    given, (offsets, index, *rest) = plain(rows), parts
    picked = given if index is None else plain(index)
    bounds = whole(len(picked)) if offsets is None else plain(offsets)
    many, width = len(bounds) - 1, given.shape[1]
    tasks, work = many * -(-width // wide), (len(picked) + many) * width // ease
    out = room((many, width), kind, CPU)
    run(tasks, work, given, bounds, NONE if index is None else picked, *rest, plain(out))
    return out[0] if offsets is None else out


def tally(rows: Tensor, offsets: Tensor, index: Tensor | None) -> Tensor:
    """``reference.tally``, four rows at a time into sums that stay in the cache."""
    return by_segments(run_tally, LONG, 8, torch.int32, rows, offsets, index)


def bipolar(rows: Tensor, offsets: Tensor, index: Tensor | None, seed: int) -> Tensor:
    """``reference.bipolar``: sums never leave the cache."""
    return by_segments(run_bipolar, LONG, 8, torch.int8, rows, offsets, index, rooted(seed))


def majority(rows: Tensor, offsets: Tensor, index: Tensor | None, seed: int) -> Tensor:
    """``reference.majority``, eight rows at a time through carry-save adders."""
    return by_segments(run_majority, WIDE, 1, torch.int64, rows, offsets, index, rooted(seed))


def elect(
    rows: Tensor, offsets: Tensor, index: Tensor | None, table: Tensor, seed: int, each: bool
) -> Tensor:
    """``reference.elect``, counted and settled where the counters stay in the cache."""
    given = table.numpy(), rooted(seed), each
    return by_segments(
        run_elect, max(1, rows.shape[-1]), 1, torch.int16, rows, offsets, index, *given
    )
