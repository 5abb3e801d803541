"""Elections on CPUs: the symbol with most votes at each place of segments of rows."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import torch
from numba import carray  # type: ignore[attr-defined, unused-ignore]
from torch import Tensor

from hdlib import bits
from hdlib.kernels.bundles import by_segments, segments
from hdlib.kernels.instructions import at, popcount
from hdlib.kernels.reference import EVEN
from hdlib.kernels.streams import GAMMA, HALF, LOW, Array, U, mix, stream
from hdlib.kernels.team import SLOTS, shares

SIDES = 16  # voters whose symbols are compared with each other, not counted
LONG = 2048  # counters of symbols that stay in the first-level cache


@numba.njit(inline="always")
def known(rows: Array, voters: Array, modulus: int) -> bool:
    """Do these rows hold nothing but symbols?"""
    low = high = np.int16(0)
    for voter in voters:
        row = rows[voter]
        for d in range(len(row)):
            low, high = min(low, row[d]), max(high, row[d])
    return bool(low >= 0 and high < modulus)


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


def _elect(address: Any) -> None:
    plan = carray(address, SLOTS, np.int64)
    offsets, index, number, width, many = segments(plan)
    rows = carray(at(plan[5]), (number, width), np.int16)
    out = carray(at(plan[4]), (many, width), np.int16)
    table, each = carray(at(plan[8]), (plan[15], plan[16]), np.float64), plan[17]
    modulus = table.shape[1]
    leading = np.empty((-(-modulus // 64), width), np.uint64)  # a bit for each leader
    for first, last in shares(plan, many):
        for s in range(first, last):
            here, end = offsets[s], offsets[s + 1]
            voters = index[here:end] if len(index) else np.arange(here, end)
            if not known(rows, voters, modulus):
                plan[1] = 1
                continue
            if len(table) == 0 and 0 < len(voters) <= SIDES:
                lead(rows, voters, leading)
            else:
                margin = 0.0 if each else EVEN * len(voters)
                count(rows, voters, table, margin, leading)
            start, step = stream(U(plan[14]), content(leading, modulus))
            draw(leading, modulus, start, step, each, out[s])


def elect(
    rows: Tensor,
    offsets: Tensor | None,
    index: Tensor | None,
    table: Tensor,
    seed: int,
    each: bool,
) -> Tensor:
    """``reference.elect``, counted and settled where the counters stay in the cache."""
    (axes, modulus), table = table.shape, table.contiguous()
    given = bits.root(seed), axes, modulus, each
    out, sound = by_segments(_elect, torch.int16, 1, rows, offsets, index, *given, table=table)
    if not sound:
        raise ValueError(f"elect: symbols must lie in 0..{modulus - 1}")
    return out
