"""What plain torch cannot do at speed: one meaning (reference.py), and the fastest path here."""

from __future__ import annotations

from types import ModuleType

import torch
from torch import Tensor

from hdlib.kernels import cpu, reference

__all__ = ["hamming", "majority", "words"]


def path(device: torch.device) -> ModuleType:
    """The implementation for a device: numba on a CPU, the torch reference anywhere else."""
    return cpu if device.type == "cpu" else reference


def packed(verb: str, **tensors: Tensor) -> None:
    """Refuse, before any work, what is not a matrix of int64 words on one device with one width."""
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    for name, tensor in tensors.items():
        if tensor.dtype != torch.int64:
            raise TypeError(
                f"{verb}: {name} must be packed int64 words, got {tensor.dtype}; see bits.pack"
            )
        if tensor.dim() != 2:
            raise ValueError(f"{verb}: {name} must be (rows, words), got {shapes[name]}")
    if len({shape[-1] for shape in shapes.values()}) > 1:
        raise ValueError(f"{verb}: widths differ, {shapes}; pack both with the same dim")
    if len({tensor.device for tensor in tensors.values()}) > 1:
        raise ValueError(f"{verb}: devices differ; move both to one with .to(device)")


def words(seed: int, ids: Tensor, n: int) -> Tensor:
    """The first ``n`` random words of each id, as ``bits.words``: ``(*s,) -> (*s, n)``."""
    if ids.dtype != torch.int64:
        raise TypeError(f"words: ids must be int64, got {ids.dtype}; see bits.ids")
    return path(ids.device).words(seed, ids, n)  # type: ignore[no-any-return]


def hamming(queries: Tensor, items: Tensor) -> Tensor:
    """Differing bits of every pair of packed rows: ``(Q, W), (N, W) -> (Q, N)`` int32.

    >>> hamming(torch.tensor([[7, 0]]), torch.tensor([[0, 0], [7, -1]])).tolist()
    [[3, 64]]
    """
    packed("hamming", queries=queries, items=items)
    return path(items.device).hamming(queries, items)  # type: ignore[no-any-return]


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
    for name, tensor, low, high in (
        ("offsets", offsets, 0, voters),
        ("index", index, 0, len(rows) - 1),
    ):
        if tensor is None:
            continue
        if tensor.dtype != torch.int64 or tensor.dim() != 1 or tensor.device != rows.device:
            raise TypeError(f"majority: {name} must be a 1-D int64 tensor on {rows.device}")
        if len(tensor) and not (low <= int(tensor.min()) and int(tensor.max()) <= high):
            raise ValueError(f"majority: {name} must lie in {low}..{high}")
    if len(offsets) == 0 or bool((offsets[1:] < offsets[:-1]).any()):
        raise ValueError("majority: offsets must be a rising list with at least one entry")
    return path(rows.device).majority(rows, offsets, index, seed)  # type: ignore[no-any-return]
