"""Machine code on torch's own threads: after their work they wait for more, awake.

Others, started beside them, come too late. Where torch's OpenMP has no door for others, as on
macOS, and in a child forked after this was imported, which has no such threads, the thread that
calls does all the work.
"""

from __future__ import annotations

import ctypes
import functools
import os
from collections.abc import Callable
from typing import Any

import numba
import torch
from numba.core import types

SLOTS = 12  # of a plan
SHARES = 4  # parts of the work for each thread: one that is done takes the next
HOME = os.getpid()
Plan = ctypes.c_int64 * SLOTS  # next part, any flaw, what a kernel needs; at last how many parts


@functools.cache
def team() -> Callable[..., None] | None:
    """A call of machine code on all of torch's threads, GNU's way; None where there is none."""
    call = getattr(ctypes.CDLL(torch._C.__file__), "GOMP_parallel", None)
    if call:
        call.argtypes, call.restype = [ctypes.c_size_t, ctypes.c_void_p, *2 * [ctypes.c_uint]], None
    return call


@functools.cache
def code(kernel: Callable[[Any], None]) -> Any:
    """The machine code of a kernel, which takes parts of the work until none is left."""
    return numba.cfunc(types.void(types.voidptr), cache=True)(kernel)


def spread(kernel: Callable[[Any], None], alone: bool, *needs: int) -> bool:
    """Let all threads, or this one alone, do the parts of a kernel; has none seen a flaw?"""
    plan, call = Plan(0, 0, *needs), team()
    threads = 1 if alone or call is None or os.getpid() != HOME else torch.get_num_threads()
    plan[SLOTS - 1] = SHARES * threads
    if threads == 1:
        code(kernel).ctypes(ctypes.addressof(plan))
    else:
        call(code(kernel).address, plan, threads, 0)  # type: ignore[misc]
    return not plan[1]
