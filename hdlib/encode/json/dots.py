"""Products of a float vector with int8 rows, which no library offers: a quarter of the traffic."""

from __future__ import annotations

import numba
import numpy as np

Array = np.ndarray


@numba.njit(cache=True, nogil=True, fastmath=True)  # sums in any order, so that they vectorise
def dots(rows: Array, query: Array, out: Array) -> None:
    """``(n, D)`` int8 times ``(D,)`` float32 into ``(n,)`` float32."""
    for i in range(len(rows)):
        total = np.float32(0)
        for j in range(len(query)):
            total += np.float32(rows[i, j]) * query[j]
        out[i] = total
