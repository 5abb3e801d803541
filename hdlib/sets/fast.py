"""Hashing, setting, testing and counting on a CPU, compiled by numba: what probes.py means, fast.

Every kernel first writes the places of a block of keys, then touches memory in plain loops whose
loads do not wait for each other: a filter is larger than the caches, so what counts is how many of
its words are on their way at once. Queries drop the keys that have failed after every probe,
without a branch that the processor would have to guess.

What writes keeps the interpreter's lock: two threads that add at once take turns.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba.core import types
from numba.extending import intrinsic

from hdlib.kernels.cpu import GAMMA, Array, U, compiled, mix, stream, unsigned  # noqa: F401

BLOCK = 128  # keys whose places are known before memory is touched
PLAIN, DISTINCT, PARTITIONED = 0, 1, 2


def product_high(typing: Any, a: Any, b: Any) -> Any:
    """The upper half of a product of two words: one instruction."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        word = args[0].type
        wide = type(word)(128)
        product = builder.mul(*(builder.zext(arg, wide) for arg in args))
        return builder.trunc(builder.lshr(product, wide(64)), word)

    return types.uint64(types.uint64, types.uint64), build


high: Any = intrinsic(product_high)


@numba.njit(inline="always")
def locate(root: U, ids: Array, first: int, many: int, size: U, kind: int, out: Array) -> None:
    """``probes.places`` of the keys ``first … first + many - 1``: ``out (k, BLOCK)``."""
    hashes = out.shape[0]
    part = size // U(hashes)
    for j in range(many):
        start, step = stream(root, ids[first + j])
        for i in range(hashes):
            start += step
            if kind == PLAIN:
                out[i, j] = high(mix(start), size)
            elif kind == PARTITIONED:
                out[i, j] = high(mix(start), part) + U(i) * part
            else:
                last = size - U(hashes) + U(i)
                place = high(mix(start), last + U(1))
                for other in range(i):
                    if out[other, j] == place:
                        place = last
                        break
                out[i, j] = place


@numba.njit(cache=True)
def put(root: U, ids: Array, size: U, hashes: int, kind: int, table: Array) -> U:
    """Set the bits of all keys; how many of them were not set before."""
    places, new = np.empty((hashes, BLOCK), np.uint64), U(0)
    for first in range(0, len(ids), BLOCK):
        many = min(BLOCK, len(ids) - first)
        locate(root, ids, first, many, size, kind, places)
        for i in range(hashes):
            for j in range(many):
                word, bit = places[i, j] >> U(6), places[i, j] & U(63)
                old = table[word]
                new += ~(old >> bit) & U(1)
                table[word] = old | (U(1) << bit)
    return new


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
    places, alive = np.empty((hashes, BLOCK), np.uint64), np.empty(BLOCK, np.int64)
    shift, inner = U(6 - log), (U(1) << U(6 - log)) - U(1)
    field = (U(1) << (U(1) << U(log))) - U(1)
    for task in range(begin, end):
        first = BLOCK * task
        many = min(BLOCK, len(ids) - first)
        locate(root, ids, first, many, size, kind, places)
        left = many
        for j in range(many):
            alive[j] = j
            out[first + j] = False
        for i in range(hashes):
            kept = 0
            for a in range(left):
                j = alive[a]
                place = places[i, j]
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
    places: Array,
) -> tuple[int, int]:
    """Step the counters of key after key: the first that cannot, and how far it came, or -1, 0."""
    for first in range(0, len(ids), BLOCK):
        many = min(BLOCK, len(ids) - first)
        locate(root, ids, first, many, size, kind, places)
        for j in range(many):
            done = step_all(places, j, len(places), log, table, sign, stick)
            if done < len(places):
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
    places = np.empty((hashes, BLOCK), np.uint64)
    key, done = march(root, ids, size, kind, log, table, sign, stick, places)
    if key >= 0:  # step back: first what this key has done, then all before it
        locate(root, ids, key, 1, size, kind, places)
        step_all(places, 0, done, log, table, -sign, stick)
        march(root, ids[:key], size, kind, log, table, -sign, stick, places)
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
