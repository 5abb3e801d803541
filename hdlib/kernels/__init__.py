"""What plain torch cannot do at speed: one meaning (reference.py), and the fastest path here."""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from hdlib import bits
from hdlib.kernels import cpu, gaussian, reference
from hdlib.kernels.bindings import times, xor
from hdlib.kernels.floats import product, roll
from hdlib.kernels.totals import total

__all__ = ["best", "bipolar", "coins", "digest", "dots", "elect", "ends", "hamming"]
__all__ += ["hamming_made", "majority", "matches", "normals", "product", "roll", "rotate"]
__all__ += ["signs", "stray", "symbols", "tally", "times", "total", "words", "xor"]

Parts = tuple[Tensor | None, ...]  # offsets and index, as far as they are given


def path(device: torch.device) -> ModuleType:
    """The implementation for a device: numba on a CPU, Triton on CUDA, else the torch reference."""
    if device.type == "cpu":
        return cpu
    return gpu(device) if device.type == "cuda" else reference


@functools.cache
def gpu(device: torch.device) -> ModuleType:
    """Triton's kernels where they run on this GPU, else the reference and a warning that says why.

    Triton may be missing (it is made for Linux), the GPU too old for it, or the C compiler absent
    that Triton needs on its first day.
    """
    try:
        from hdlib.kernels import cuda  # Triton takes a second to load: never without a GPU

        cuda.words(0, torch.zeros(1, dtype=torch.int64, device=device), 1)
    except Exception as error:
        warnings.warn(f"hdlib runs its slow reference on {device}: {error}", stacklevel=2)
        return reference
    return cuda


def packed(verb: str, kind: torch.dtype = torch.int64, **tensors: Tensor) -> None:
    """Refuse, before any work, what is not a matrix of words on one device with one width."""
    for name, tensor in tensors.items():
        if tensor.dtype != kind:
            need = "packed int64 words" if kind == torch.int64 else kind
            repair = "; see bits.pack" if kind == torch.int64 else ""
            raise TypeError(f"{verb}: {name} must be {need}, got {tensor.dtype}{repair}")
        if tensor.dim() != 2:
            raise ValueError(f"{verb}: {name} must be (rows, words), got {tuple(tensor.shape)}")
    first, *others = tensors.values()
    for other in others:
        if other.shape[1] != first.shape[1]:
            shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
            raise ValueError(f"{verb}: widths differ, {shapes}; pack both with the same dim")
        if other.device != first.device:
            raise ValueError(f"{verb}: devices differ; move both to one with .to(device)")


def segments(verb: str, rows: Tensor, offsets: Tensor | None, index: Tensor | None) -> None:
    """Refuse offsets that do not rise, and offsets or an index that point outside."""
    voters = len(rows) if index is None else len(index)
    for name, tensor, low, high in (
        ("offsets", offsets, 0, voters),
        ("index", index, 0, len(rows) - 1),
    ):
        if tensor is None:
            continue
        if tensor.dtype != torch.int64 or tensor.dim() != 1 or tensor.device != rows.device:
            raise TypeError(f"{verb}: {name} must be a 1-D int64 tensor on {rows.device}")
        if len(tensor) and not (low <= int(tensor.min()) and int(tensor.max()) <= high):
            raise ValueError(f"{verb}: {name} must lie in {low}..{high}")
    if offsets is None or len(offsets) == 0 or bool((offsets[1:] < offsets[:-1]).any()):
        raise ValueError(f"{verb}: offsets must be a rising list with at least one entry")


def words(seed: int, ids: Tensor, n: int) -> Tensor:
    """The first ``n`` random words of each id, as ``bits.words``: ``(*s,) -> (*s, n)``."""
    if ids.dtype != torch.int64:
        raise TypeError(f"words: ids must be int64, got {ids.dtype}; see bits.ids")
    return path(ids.device).words(seed, ids, n)  # type: ignore[no-any-return]


def digest(rows: Tensor) -> Tensor:
    """One int64 for the content of each row of numbers, -0 is 0: ``(N, n) float32 -> (N,)``."""
    packed("digest", torch.float32, rows=rows)
    return path(rows.device).digest(rows)  # type: ignore[no-any-return]


def coins(seed: int, ids: Tensor, dim: int) -> Tensor:
    """The first ``dim`` bits of ``words`` as ±1, -1 for a one: ``(*s,) -> (*s, D)`` int8.

    >>> coins(7, torch.tensor([3]), 4), words(7, torch.tensor([3]), 1) & 15
    (tensor([[ 1,  1, -1, -1]], dtype=torch.int8), tensor([[12]]))
    """
    if ids.dtype != torch.int64:
        raise TypeError(f"coins: ids must be int64, got {ids.dtype}; see bits.ids")
    return path(ids.device).coins(seed, ids, dim)  # type: ignore[no-any-return]


def hamming(queries: Tensor, items: Tensor) -> Tensor:
    """Differing bits of every pair of packed rows: ``(Q, W), (N, W) -> (Q, N)`` int32.

    >>> hamming(torch.tensor([[7, 0]]), torch.tensor([[0, 0], [7, -1]])).tolist()
    [[3, 64]]
    """
    packed("hamming", queries=queries, items=items)
    return path(items.device).hamming(queries, items)  # type: ignore[no-any-return]


def hamming_made(queries: Tensor, seed: int, ids: Tensor, dim: int) -> Tensor:
    """``hamming`` to the atoms of ids, which are never stored: ``(Q, W), (N,) -> (Q, N)`` int32.

    >>> atoms = words(7, torch.arange(3), 8)
    >>> found = hamming_made(atoms[:1], 7, torch.arange(3), 512)
    >>> bool((found == hamming(atoms[:1], atoms)).all()), found[0, 0].item()
    (True, 0)
    """
    packed("hamming_made", queries=queries)
    if ids.dtype != torch.int64 or ids.dim() != 1 or ids.device != queries.device:
        raise TypeError(f"hamming_made: ids must be a 1-D int64 tensor on {queries.device}")
    if bits.word_count(dim) != queries.shape[-1]:
        need = bits.word_count(dim)
        raise ValueError(f"hamming_made: dim {dim} has {need} words, got {tuple(queries.shape)}")
    return path(ids.device).hamming_made(queries, seed, ids, dim)  # type: ignore[no-any-return]


def best(scores: Tensor, start: int, k: int) -> Tensor:
    """Keys of the k greatest scores, best first: ``(Q, n) float32 -> (Q, min(k, n))`` int64.

    A key holds a score and its place, counted from ``start``; of equal scores the first is better.
    None may be NaN.

    >>> bits.LOW - (best(torch.tensor([[0.5, 0.9, 0.5]]), 7, 2) & bits.LOW)
    tensor([[8, 7]])
    """
    packed("best", torch.float32, scores=scores)
    return path(scores.device).best(scores, start, k)  # type: ignore[no-any-return]


def dots(queries: Tensor, items: Tensor) -> Tensor:
    """Dot products of every pair of rows: ``(Q, D) int16, (N, D) int8 -> (Q, N)`` int32.

    Sums must fit: the greatest magnitude of a query, times 128 D, lies below 2³¹.

    >>> dots(torch.tensor([[3, -2]]).short(), torch.tensor([[1, 1], [1, -1]]).char()).tolist()
    [[1, 5]]
    """
    packed("dots", torch.int16, queries=queries)
    packed("dots", torch.int8, items=items)
    if queries.shape[-1] != items.shape[-1] or queries.device != items.device:
        raise ValueError("dots: widths or devices differ; make both with one space")
    return path(items.device).dots(queries, items)  # type: ignore[no-any-return]


def matches(queries: Tensor, items: Tensor) -> Tensor:
    """Equal symbols of every pair of rows: ``(Q, W), (N, W) int16 -> (Q, N)`` int32.

    >>> matches(torch.tensor([[1, 2]]).short(), torch.tensor([[1, 2], [2, 2]]).short()).tolist()
    [[2, 1]]
    """
    packed("matches", torch.int16, queries=queries, items=items)
    return path(items.device).matches(queries, items)  # type: ignore[no-any-return]


def rotate(rows: Tensor, shift: Tensor, dim: int) -> Tensor:
    """Move the first ``dim`` bits of each packed row up, around the end: ``(R, W), (R,)``.

    Shifts lie in 0..dim - 1, and the rows have no ones beyond bit ``dim``.

    >>> rotate(torch.tensor([[6] + 7 * [0]]), torch.tensor([2]), 4)[0, 0].item()
    9
    """
    packed("rotate", rows=rows)
    if shift.dtype != torch.int64 or shift.shape != rows.shape[:1] or shift.device != rows.device:
        raise TypeError(f"rotate: shift must be ({len(rows)},) int64 on {rows.device}")
    if not 0 < dim <= 64 * rows.shape[-1]:
        raise ValueError(f"rotate: dim {dim} does not fit rows of {rows.shape[-1]} words")
    return path(rows.device).rotate(rows, shift, dim)  # type: ignore[no-any-return]


def signs(rows: Tensor) -> Tensor | None:
    """Rows of ±1 as packed bits, a one for each -1: ``(N, D) int8 -> (N, W)``; None for others.

    >>> signs(torch.tensor([[1, -1, -1]], dtype=torch.int8))[0, 0].item()
    6
    """
    packed("signs", torch.int8, rows=rows)
    return path(rows.device).signs(rows)  # type: ignore[no-any-return]


def stray(rows: Tensor, dim: int) -> bool:
    """Has any packed row ones beyond its first ``dim`` bits? ``(N, W) ->`` a truth value.

    >>> stray(torch.tensor([[3, 0]]), 2), stray(torch.tensor([[4, 0]]), 2)
    (False, True)
    """
    packed("stray", rows=rows)
    return path(rows.device).stray(rows, dim)  # type: ignore[no-any-return]


def ends(x: Tensor) -> tuple[int, int]:
    """The least and the greatest of integers of any shape, 0 and 0 where there are none.

    >>> ends(torch.tensor([3, -1, 2]))
    (-1, 3)
    """
    if not x.numel():
        return 0, 0
    return (path(x.device) if x.is_contiguous() else reference).ends(x)  # type: ignore[no-any-return]


def normals(seed: int, ids: Tensor, n: int) -> Tensor:
    """``n`` standard normals of each id, as ``bits.normals`` of its words: ``(*s,) -> (*s, n)``."""
    if ids.device.type == "cpu":
        return gaussian.normals(seed, ids, n)
    return bits.normals(words(seed, ids, (n + 1) // 2))[..., :n]


def symbols(seed: int, ids: Tensor, n: int, modulus: int) -> Tensor:
    """``n`` random integers 0 to modulus - 1 of each id, int16: ``(*s,) -> (*s, n)``."""
    return path(ids.device).symbols(seed, ids, n, modulus)  # type: ignore[no-any-return]


def tally(rows: Tensor, offsets: Tensor | None = None, index: Tensor | None = None) -> Tensor:
    """The sum of each segment of int8 rows: ``(N, D), (S + 1,), (M,)? -> (S, D)`` int32.

    Segments as in ``majority``; without offsets, the sum of each stack, ``(…, n, D) -> (…, D)``.

    >>> tally(torch.tensor([[1], [1], [-1]]).to(torch.int8), torch.tensor([0, 2, 3])).tolist()
    [[2], [-1]]
    """
    return segmented("tally", torch.int8, rows, (offsets, index))


def bipolar(rows: Tensor, *parts: Tensor | None, seed: int = 0) -> Tensor:
    """The sign of each sum of ``tally``, int8; ties fall as in ``majority``.

    >>> bipolar(torch.tensor([[5, 1], [-3, -4]], dtype=torch.int8)).tolist()
    [1, -1]
    """
    return segmented("bipolar", torch.int8, rows, parts, seed)


def elect(
    rows: Tensor, table: Tensor, *parts: Tensor | None, seed: int = 0, each: bool = False
) -> Tensor:
    """The symbol with most votes at each place of each segment, int16 to int16.

    Symbols lie below r; others of the voters are refused. Offsets and index, or none, are as in
    ``tally``; votes and ties as in ``reference.elected`` with its table (2, r), or (0, r) for plain
    counts.

    >>> elect(torch.tensor([[5, 1], [5, 2], [6, 2]]).short(), torch.empty(0, 7)).tolist()
    [5, 2]
    """
    if table.dim() != 2 or table.shape[0] not in (0, 2) or table.device != rows.device:
        raise ValueError(f"elect: the table must be (2, r) or (0, r), on {rows.device}")
    more = table.to(torch.float64), seed, each
    return segmented("elect", torch.int16, rows, parts, *more)


def majority(
    rows: Tensor, offsets: Tensor | None = None, index: Tensor | None = None, *, seed: int = 0
) -> Tensor:
    """The bitwise majority of packed rows: ``(…, n, W) -> (…, W)``, or of many segments at once.

    With ``offsets (S + 1,)``, bundle s votes over rows ``offsets[s]:offsets[s + 1]`` (of
    ``rows[index]`` where an ``index (M,)`` is given) and the result is ``(S, W)``. Ties fall by
    ``bits.tie_words``.

    >>> majority(torch.tensor([[1], [3], [6]])).tolist()
    [3]
    """
    return segmented("majority", torch.int64, rows, (offsets, index), seed)


@functools.lru_cache(64)
def evenly(count: int, n: int, device: torch.device) -> Tensor:
    """Offsets of segments of one size: ``-> (count + 1,)``."""
    return torch.arange(count + 1, device=device) * n


def segmented(verb: str, kind: torch.dtype, rows: Tensor, parts: Parts, *rest: Any) -> Tensor:
    """A kernel on each segment, on each stack of rows, or on the rows that an index picks."""
    kernel: Callable[..., Tensor] = getattr(path(rows.device), verb)
    offsets, index = (*parts, None, None)[:2]
    if offsets is index is None and rows.dtype == kind and rows.dim() > 1:
        if rows.dim() == 2:
            return kernel(rows, None, None, *rest)
        *batch, n, width = rows.shape
        offsets = evenly(math.prod(batch), n, rows.device)
        return kernel(rows.flatten(0, -2), offsets, None, *rest).view(*batch, width)
    packed(verb, kind, rows=rows)
    if offsets is None and index is not None:
        whole = torch.tensor([0, len(index)], device=rows.device)
        return segmented(verb, kind, rows, (whole, index), *rest)[0]
    segments(verb, rows, offsets, index)
    return kernel(rows, offsets, index, *rest)
