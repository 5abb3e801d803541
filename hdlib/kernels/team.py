"""Machine code on many threads, which take part after part of the work until none is left.

Torch's own threads are the best: after their work they wait for more, awake, while others, started
beside them, come late. Where torch's OpenMP has no door for others, and in a child forked after
this was imported, which has no such threads, Python's threads share large work.

Kernels get a plan of numbers: the next part, whether a flaw was seen, how many parts there are and
how many are done; then the addresses of tensors, and what else a kernel needs.
"""

from __future__ import annotations

import ctypes
import functools
import os
from array import array
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import torch
from numba.core import types
from torch import Tensor

from hdlib.kernels.instructions import add_one

SLOTS = 24  # of a plan, or more
PARALLEL = 1 << 21  # words below which waking other threads costs more than it gives
SHARES = 4  # parts of the work for each thread: one that is done takes the next
ZEROS = array("q", SLOTS * [0])
HOME = os.getpid()


@functools.cache
def team() -> Callable[..., None] | None:
    """A call of machine code on all of torch's threads, GNU's way; None where there is none."""
    call = getattr(ctypes.CDLL(torch._C.__file__), "GOMP_parallel", None)
    if call:
        call.argtypes, call.restype = [*2 * [ctypes.c_void_p], *2 * [ctypes.c_uint]], None
    return call


def door() -> Callable[..., None] | None:
    """The same; None in a child, too, which was forked away from torch's threads."""
    return team() if os.getpid() == HOME else None


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
    machine = numba.njit(cache=True, nogil=True)(kernel)

    def run(tasks: int, work: int, *arrays: Any) -> list[Any]:
        threads = min(tasks, torch.get_num_threads()) if work >= PARALLEL else 1
        if threads < 2:
            return [machine(0, tasks, *arrays)]
        parts = min(tasks, SHARES * threads)
        cuts = iter([(tasks * p // parts, tasks * (p + 1) // parts) for p in range(parts)])
        done = pool().map(lambda _: [machine(*cut, *arrays) for cut in cuts], range(threads))
        return [result for results in done for result in results]

    return run


@functools.cache
def code(kernel: Callable[[Any], None]) -> Any:
    """The machine code of a kernel, which works on shares of its plan."""
    return numba.cfunc(types.void(types.voidptr), cache=True)(kernel)


@numba.njit
def shares(plan: Any, count: int) -> Iterator[tuple[int, int]]:
    """The parts of ``count`` tasks that this thread takes, each from its first to its last."""
    parts, part = plan[2], add_one(plan)
    while part < parts:
        yield count * part // parts, count * (part + 1) // parts
        add_one(plan[3:])  # a kernel that failed does not come back
        part = add_one(plan)


def alone(words: int, least: int) -> bool:
    """Is so little better done by one thread? ``least``: enough for threads that are awake."""
    return words < least or (words < PARALLEL and door() is None)


def nowhere(x: Tensor) -> int:
    """The address of no numbers."""
    if x.numel():
        raise RuntimeError(f"a tensor of shape {tuple(x.shape)} has no memory to work on")
    return 0


def spread(
    kernel: Callable[[Any], None], single: bool, tensors: tuple[Tensor, ...], *needs: int
) -> bool:
    """Let all threads, or this one alone, do the work of a kernel; has none seen a flaw?

    Raises:
        MemoryError: a kernel had no room for what it keeps beside its results.
        RuntimeError: a tensor has no memory, as those of torch's FakeTensorMode.
    """
    if torch.compiler.is_dynamo_compiling():  # it would not see that addresses keep tensors alive
        return torch.compiler.disable(spread)(kernel, single, tensors, *needs)  # type: ignore[no-any-return]
    places = [x.data_ptr() or nowhere(x) for x in tensors]
    threads = 1 if single else torch.get_num_threads()
    plan = array("q", (0, 0, SHARES * threads, 0, *places, *needs))
    plan += ZEROS  # what a kernel was not given is 0
    start, _ = plan.buffer_info()
    if threads == 1:
        code(kernel).ctypes(start)
    elif call := door():
        call(code(kernel).address, start, threads, 0)
    else:
        kept = plan, tensors  # an interrupt leaves here while threads still work
        work = code(kernel).ctypes
        list(pool().map(lambda _, kept=kept: work(start), range(threads)))
    if plan[3] < plan[2]:  # what numba raises in such code is printed and forgotten
        raise MemoryError(f"{kernel.__name__.strip('_')}: no room beside the result")
    return not plan[1]
