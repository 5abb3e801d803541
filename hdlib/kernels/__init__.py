"""What plain torch cannot do at speed: one meaning (reference.py), and the fastest path here."""

from __future__ import annotations

import functools
import warnings
from types import ModuleType

import torch
from torch import Tensor

from hdlib import bits
from hdlib.kernels import cpu, reference

__all__ = [
    "coins",
    "dots",
    "hamming",
    "hamming_made",
    "majority",
    "matches",
    "rotate",
    "signs",
    "tally",
    "words",
]


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
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    for name, tensor in tensors.items():
        if tensor.dtype != kind:
            need = "packed int64 words" if kind == torch.int64 else kind
            repair = "; see bits.pack" if kind == torch.int64 else ""
            raise TypeError(f"{verb}: {name} must be {need}, got {tensor.dtype}{repair}")
        if tensor.dim() != 2:
            raise ValueError(f"{verb}: {name} must be (rows, words), got {shapes[name]}")
    if len({shape[-1] for shape in shapes.values()}) > 1:
        raise ValueError(f"{verb}: widths differ, {shapes}; pack both with the same dim")
    if len({tensor.device for tensor in tensors.values()}) > 1:
        raise ValueError(f"{verb}: devices differ; move both to one with .to(device)")


def segments(verb: str, rows: Tensor, offsets: Tensor, index: Tensor | None) -> None:
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
    if len(offsets) == 0 or bool((offsets[1:] < offsets[:-1]).any()):
        raise ValueError(f"{verb}: offsets must be a rising list with at least one entry")


def words(seed: int, ids: Tensor, n: int) -> Tensor:
    """The first ``n`` random words of each id, as ``bits.words``: ``(*s,) -> (*s, n)``."""
    if ids.dtype != torch.int64:
        raise TypeError(f"words: ids must be int64, got {ids.dtype}; see bits.ids")
    return path(ids.device).words(seed, ids, n)  # type: ignore[no-any-return]


def coins(seed: int, ids: Tensor, dim: int) -> Tensor:
    """The first ``dim`` bits of ``words`` as ±1, -1 for a one: ``(*s,) -> (*s, D)`` int8.

    >>> coins(7, torch.tensor([3]), 4), words(7, torch.tensor([3]), 1) & 15
    (tensor([[ 1,  1,  1, -1]], dtype=torch.int8), tensor([[8]]))
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


def dots(queries: Tensor, items: Tensor) -> Tensor:
    """Dot products of every pair of rows: ``(Q, D) int16, (N, D) int8 -> (Q, N)`` int32.

    Sums must fit: the greatest magnitude of a query, times 128 D, lies below 2³¹.

    >>> dots(torch.tensor([[3, -2]]).short(), torch.tensor([[1, 1], [1, -1]]).char()).tolist()
    [[1, 5]]
    """
    packed("dots", torch.int16, queries=queries)
    packed("dots", torch.int8, items=items)
    if queries.shape[-1] != items.shape[-1] or queries.device != items.device:
        shapes = f"{tuple(queries.shape)} and {tuple(items.shape)}"
        raise ValueError(f"dots: widths {shapes} or devices differ; make both in one space")
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


def tally(rows: Tensor, offsets: Tensor, index: Tensor | None = None) -> Tensor:
    """The sum of each segment of int8 rows: ``(N, D), (S + 1,), (M,)? -> (S, D)`` int32.

    Segments as in ``majority``.

    >>> tally(torch.tensor([[1], [1], [-1]]).to(torch.int8), torch.tensor([0, 2, 3])).tolist()
    [[2], [-1]]
    """
    packed("tally", torch.int8, rows=rows)
    segments("tally", rows, offsets, index)
    return path(rows.device).tally(rows, offsets, index)  # type: ignore[no-any-return]


def majority(
    rows: Tensor, offsets: Tensor | None = None, index: Tensor | None = None, *, seed: int = 0
) -> Tensor:
    """The bitwise majority of packed rows: ``(n, W) -> (W,)``, or of many segments at once.

    With ``offsets (S + 1,)``, bundle s votes over rows ``offsets[s]:offsets[s + 1]`` (of
    ``rows[index]`` where an ``index (M,)`` is given) and the result is ``(S, W)``. Ties fall by
    ``bits.tie_words``.

    >>> majority(torch.tensor([[1], [3], [6]])).tolist()
    [3]
    """
    packed("majority", rows=rows)
    voters = len(rows) if index is None else len(index)
    if offsets is None:
        return majority(rows, torch.tensor([0, voters], device=rows.device), index, seed=seed)[0]
    segments("majority", rows, offsets, index)
    return path(rows.device).majority(rows, offsets, index, seed)  # type: ignore[no-any-return]
