"""Hashing, setting, testing and counting on a CPU, compiled by numba: what probes.py means, fast.

Every kernel first writes the places of a block of keys, many at a time in vector registers, then
touches memory in plain loops whose loads do not wait for each other: a filter is larger than the
caches, so what counts is how many of its words are on their way at once. Queries drop the keys that
have failed after every probe, without a branch that the processor would have to guess.

What writes keeps the interpreter's lock: two threads that add at once take turns.
"""

from __future__ import annotations

import numba
import numpy as np

from hdlib.kernels.instructions import popcount
from hdlib.kernels.streams import GAMMA, Array, U, mix, stream
from hdlib.kernels.team import compiled

BLOCK = 128  # keys whose places are known before memory is touched
DISTINCT, PARTITIONED = 1, 2  # places in probes.KINDS
HALF, LOW = U(32), U(0xFFFFFFFF)


@numba.njit(inline="always")
def high(x: U, size: U) -> U:
    """``probes.high``: the upper half of a product, in steps that vector registers have."""
    above, below, most, least = x >> HALF, x & LOW, size >> HALF, size & LOW
    middle = above * least + (below * least >> HALF)
    return above * most + (middle >> HALF) + ((below * most + (middle & LOW)) >> HALF)


@numba.njit(inline="always")
def locate(root: U, ids: Array, first: int, many: int, size: U, kind: int, room: Array) -> None:
    """``probes.places`` of the keys ``first … first + many - 1``: ``room (2 + k, BLOCK)``.

    The places fill all rows but the first two, which hold the streams they are read from.
    """
    start, step, places = room[0], room[1], room[2:]
    hashes = len(places)
    part = size // U(hashes) if kind == PARTITIONED else size
    for j in range(many):
        start[j], step[j] = stream(root, ids[first + j])
    for i in range(hashes):
        span = size - U(hashes) + U(i + 1) if kind == DISTINCT else part
        base = U(i) * part if kind == PARTITIONED else U(0)
        for j in range(many):
            start[j] += step[j]
            places[i, j] = base + high(mix(start[j]), span)
        if kind == DISTINCT:
            for other in range(i):
                for j in range(many):
                    if places[other, j] == places[i, j]:
                        places[i, j] = span - U(1)


@numba.njit(cache=True)
def put(root: U, ids: Array, size: U, hashes: int, kind: int, table: Array) -> None:
    """Set the bits of all keys."""
    room = np.empty((2 + hashes, BLOCK), np.uint64)
    for first in range(0, len(ids), BLOCK):
        many = min(BLOCK, len(ids) - first)
        locate(root, ids, first, many, size, kind, room)
        for i in range(2, 2 + hashes):
            for j in range(many):
                table[room[i, j] >> U(6)] |= U(1) << (room[i, j] & U(63))


@numba.njit(cache=True, nogil=True)
def ones(table: Array) -> int:
    """Bits set in a table."""
    total = U(0)
    for word in table:
        total += popcount(word)
    return int(total)


def _holds(
    begin: int,
    end: int,
    root: U,
    ids: Array,
    size: U,
    hashes: int,
    kind: int,
    log: int,
    table: Array,
    out: Array,
) -> None:
    room, alive = np.empty((2 + hashes, BLOCK), np.uint64), np.empty(BLOCK, np.int64)
    shift, inner = U(6 - log), (U(1) << U(6 - log)) - U(1)
    field = (U(1) << (U(1) << U(log))) - U(1)
    for task in range(begin, end):
        first = BLOCK * task
        many = min(BLOCK, len(ids) - first)
        locate(root, ids, first, many, size, kind, room)
        left = many
        for j in range(many):
            alive[j] = j
            out[first + j] = False
        for i in range(2, 2 + hashes):
            kept = 0
            for a in range(left):
                j = alive[a]
                place = room[i, j]
                value = table[place >> shift] >> ((place & inner) << U(log)) & field
                alive[kept] = j
                kept += value != U(0)
            left = kept
        for a in range(left):
            out[first + alive[a]] = True


run_holds = compiled(_holds)


@numba.njit(inline="always")
def step_all(
    places: Array, j: int, size: int, log: int, table: Array, sign: int, stick: bool
) -> int:
    """Move the first ``size`` counters of a key by one; at how many of them it had to stop.

    A counter stops at its end: a full one is not raised, an empty one not lowered. Counters that
    stick are not lowered from the top either, and stopping is no failure.
    """
    shift, inner = U(6 - log), (U(1) << U(6 - log)) - U(1)
    field = (U(1) << (U(1) << U(log))) - U(1)
    for i in range(size):
        place = places[i, j]
        word, bit = place >> shift, (place & inner) << U(log)
        value = table[word] >> bit & field
        if sign > 0:
            if value != field:
                table[word] += U(1) << bit
            elif not stick:
                return i
        elif value == U(0):
            return i
        elif not (stick and value == field):
            table[word] -= U(1) << bit
    return size


@numba.njit
def march(
    root: U,
    ids: Array,
    size: U,
    kind: int,
    log: int,
    table: Array,
    sign: int,
    stick: bool,
    room: Array,
) -> tuple[int, int]:
    """Step the counters of key after key: the first that cannot, and how far it came, or -1, 0."""
    for first in range(0, len(ids), BLOCK):
        many = min(BLOCK, len(ids) - first)
        locate(root, ids, first, many, size, kind, room)
        for j in range(many):
            done = step_all(room[2:], j, len(room) - 2, log, table, sign, stick)
            if done < len(room) - 2:
                return first + j, done
    return -1, 0


@numba.njit(cache=True)
def count(
    root: U,
    ids: Array,
    size: U,
    hashes: int,
    kind: int,
    log: int,
    table: Array,
    sign: int,
    stick: bool,
) -> int:
    """Raise or lower the counters of all keys; -1, or the first key that cannot, and no change."""
    room = np.empty((2 + hashes, BLOCK), np.uint64)
    key, done = march(root, ids, size, kind, log, table, sign, stick, room)
    if key >= 0:  # step back: first what this key has done, then all before it
        locate(root, ids, key, 1, size, kind, room)
        step_all(room[2:], 0, done, log, table, -sign, stick)
        march(root, ids[:key], size, kind, log, table, -sign, stick, room)
    return int(key)


@numba.njit(cache=True, nogil=True)
def digest(root: U, words: Array, starts: Array, ends: Array, out: Array) -> None:
    """One word for each piece of a byte string: ``keys.digest`` says what it means."""
    for i in range(len(starts)):
        place, end = starts[i], ends[i]
        state = root
        while True:
            at, bit = place >> 3, U(place & 7) << U(3)
            word = words[at] >> bit | words[at + 1] << U(1) << (U(63) - bit)
            left = end - place
            if left < 8:
                word &= (U(1) << U(8 * left)) - U(1)
                state = mix(state ^ word)
                break
            state = mix(state ^ word)
            place += 8
        out[i] = mix(state + U(end - starts[i]) * GAMMA)
