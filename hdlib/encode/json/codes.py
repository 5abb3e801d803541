"""Vectors as int8, each with its scale and a bound on what that lost: a quarter of the traffic."""

from __future__ import annotations

import numba
import numpy as np

Array = np.ndarray
TAIL = 8  # bytes after the numbers of a row: its scale, and the bound on its error
ROWS = 256  # that stay in the cache while they are multiplied
ROUNDING = 2.0**-23  # error of a float32 operation, doubled
MARGIN = 16  # operations beside the D of a product
TINY = 1e-30  # below which float32 cannot divide


def width(dim: int) -> int:
    """Bytes of a row, so many that its tail can be read as float32."""
    return -(-dim // 4) * 4 + TAIL


def tails(rows: Array) -> Array:
    """Scale and bound of each row: ``(n, width) -> (n, 2)`` float32, without a copy."""
    return rows.view(np.float32)[:, -2:]


def pack(x: Array, alone: bool) -> Array:
    """Rows ``(n, D)`` float32 as codes ``-> (n, width)`` int8.

    A component is a whole number, at most 127, times the scale of its row. By Cauchy and Schwarz
    the product with a query of length 1 is off by no more than the length of what was lost; the
    bound is that and what float32 may add. alone: the codes are all that is kept, so that nothing
    counts as lost.
    """
    out = np.zeros((len(x), width(x.shape[1])), dtype=np.int8)
    _pack(np.ascontiguousarray(x), alone, out, tails(out))
    return out


@numba.njit(cache=True, nogil=True)
def _pack(x: Array, alone: bool, out: Array, tail: Array) -> None:
    for i in range(len(x)):
        scale = np.float32(np.abs(x[i]).max() / np.float32(127))
        lost, kept = 0.0, 0.0
        for j in range(x.shape[1]):
            code = np.rint(x[i, j] / scale) if scale > TINY else np.float32(0)
            out[i, j] = np.int8(code)
            value = np.float64(code) * np.float64(scale)
            kept += value**2
            lost += (np.float64(x[i, j]) - value) ** 2
        most = (x.shape[1] + MARGIN) * ROUNDING * (np.sqrt(kept) + np.sqrt(lost))
        tail[i, 0] = scale
        tail[i, 1] = (0.0 if alone else np.sqrt(lost)) + most + TINY


def ceilings(rows: Array, queries: Array) -> Array:
    """No product of a query and a row is greater: ``(n, width), (q, D) -> (q, n)`` float32."""
    out = np.empty((len(queries), len(rows)), dtype=np.float32)
    lengths = np.linalg.norm(queries.astype(np.float64), axis=1) * (1 + ROUNDING)
    _ceilings(rows, rows.view(np.float32), queries, lengths.astype(np.float32), out)
    return out


@numba.njit(cache=True, nogil=True, fastmath=True)  # sums in any order, so that they vectorise
def _ceilings(rows: Array, floats: Array, queries: Array, lengths: Array, out: Array) -> None:
    for start in range(0, len(rows), ROWS):
        for q in range(len(queries)):
            query, length = queries[q], lengths[q]
            for i in range(start, min(len(rows), start + ROWS)):
                row, total = rows[i], np.float32(0)
                for j in range(len(query)):
                    total += np.float32(row[j]) * query[j]
                out[q, i] = total * floats[i, -2] + length * floats[i, -1]


@numba.njit(cache=True, nogil=True, fastmath=True)
def products(x: Array, query: Array, out: Array) -> None:
    """``(n, D), (D,)`` float32 into ``(n,)`` float64: equal rows give equal numbers anywhere."""
    for i in range(len(x)):
        total = 0.0
        for j in range(len(query)):
            total += np.float64(x[i, j]) * np.float64(query[j])
        out[i] = total
