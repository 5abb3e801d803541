"""The item memory: labels, their vectors, and clean-up, from a noisy vector to a known one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from numbers import Integral
from typing import Any, Self

import torch
from torch import Tensor

from hdlib import bits, files, kernels
from hdlib.bits import Label
from hdlib.files import Path
from hdlib.kernels.reference import largest
from hdlib.vsa import MODELS, VSA

SCORES = 1 << 19  # scores in flight at once: with all temporaries under 64 MB


class ItemMemory:
    """Labels with their vectors, and the nearest of them to any query.

    stored=True keeps vectors in one growing tensor, any vectors you give. stored=False keeps labels
    alone and makes their atoms again while it searches: no memory, the same answers.
    Taught in notebook 00.

    >>> from hdlib import BSC
    >>> vsa = BSC(10_000)
    >>> memory = ItemMemory(vsa).add(["peso", "dollar", "real"])
    >>> noisy = vsa.bundle(vsa.atoms(["dollar", "apple", "pear"]))
    >>> label, score = memory.cleanup(noisy)
    >>> label, round(score.item(), 1)
    ('dollar', 0.5)
    """

    def __init__(self, vsa: VSA, *, stored: bool = True) -> None:
        self.vsa, self.stored = vsa, stored
        self._labels: list[Label] = []
        self._place: dict[Label, int] = {}
        shape, kind = ((0, vsa.width), vsa.dtypes[0]) if stored else ((0,), torch.int64)
        self._room = torch.empty(shape, dtype=kind, device=vsa.device)  # (room, W) vectors or ids
        self._index: Tensor | None = None  # what comparing needs beside the vectors
        self._indexed = 0  # items that it covers

    def __len__(self) -> int:
        return len(self._labels)

    def __contains__(self, label: object) -> bool:
        return label in self._place

    def __repr__(self) -> str:
        how = "stored" if self.stored else "made on the fly"
        return f"ItemMemory({len(self)} items of {self.vsa!r}, {how})"

    @property
    def labels(self) -> list[Label]:
        """All labels, in the order they came."""
        return list(self._labels)

    def add(self, labels: Label | Iterable[Label], vectors: Tensor | None = None) -> Self:
        """Store labels with their vectors ``(n, W)``, by default their atoms; returns itself.

        A label that is there already, or comes twice, is refused and nothing is stored.
        """
        new = self._listed("add", labels)
        seen: set[Label] = set()
        for label in new:
            if label in self._place or label in seen:
                raise ValueError(f"add: label {label!r} is stored already; labels are unique")
            seen.add(label)
        if vectors is not None:
            if not self.stored:
                raise ValueError("add: with stored=False atoms are made; leave vectors out")
            self.vsa._check("add", vectors)
            vectors = vectors.unsqueeze(0) if vectors.dim() == 1 else vectors
            if vectors.shape != (len(new), self.vsa.width):
                need = (len(new), self.vsa.width)
                raise ValueError(f"add: labels need vectors {need}, got {tuple(vectors.shape)}")
        if not new:
            return self
        if vectors is None:
            ids = bits.ids(new, self.vsa.device)
            vectors = self.vsa.atoms(ids) if self.stored else ids
        self._append(vectors.detach())
        self._place.update({label: len(self._labels) + i for i, label in enumerate(new)})
        self._labels.extend(new)
        return self

    def vectors(self, labels: Label | Iterable[Label] | None = None) -> Tensor:
        """A copy of the vectors of labels, or of all: ``-> (n, W)``, of one label ``(W,)``."""
        if labels is None:
            return self._rows(0, len(self)).clone()
        wanted = self._listed("vectors", labels)
        unknown = [label for label in wanted if label not in self._place]
        if unknown:
            raise KeyError(
                f"vectors: {unknown[0]!r} is none of the {len(self)} items; add it first"
            )
        rows = self._made(self._room[[self._place[label] for label in wanted]])
        return rows[0] if isinstance(labels, str | Integral) else rows

    def cleanup(self, x: Tensor, k: int = 1) -> tuple[Any, Tensor]:
        """The k most similar items of each query: ``(…, W) -> labels, scores (…,)``.

        With k > 1 both have one more axis, ``(…, k)``. Labels come as nested lists (one label for
        one query). Best first; of equal scores the item that was added first wins, on every device.
        Taught in notebook 00.
        """
        self.vsa._check("cleanup", x, tally=True)
        if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= len(self):
            have = f"{len(self)} items; ask for at least 1 and at most all, or add items"
            raise ValueError(f"cleanup: k = {k!r} of {have}")
        queries = x.detach().reshape(-1, x.shape[-1])
        kept = nearest(queries, len(self), k, self._scores)
        shape = x.shape[:-1] if k == 1 else (*x.shape[:-1], k)
        places, scores = places_of(kept).reshape(shape), scores_of(kept).reshape(shape)
        return self._named(places.tolist()), scores

    def save(self, path: Path) -> None:
        """Write everything to one safetensors file, whole or not at all."""
        vsa = self.vsa
        header = {"model": type(vsa).__name__, "dim": vsa.dim, "seed": vsa.seed}
        header |= {"options": vsa.options(), "stored": self.stored}
        tensors = {"labels": files.text_tensor(self._labels)}
        if self.stored:
            tensors["vectors"] = self._rows(0, len(self))
        files.save(path, "ItemMemory", header, tensors)

    @classmethod
    def load(cls, path: Path, *, device: torch.device | str | None = None) -> Self:
        """Read what ``save`` wrote; a damaged or foreign file is a ``FileFormatError``."""
        header, tensors = files.load(path, "ItemMemory")
        try:
            model, stored = MODELS[header["model"]], header["stored"]
            vsa = model(header["dim"], device=device, seed=header["seed"], **header["options"])
            labels, vectors = files.text_value(tensors["labels"]), tensors.get("vectors")
            if not isinstance(labels, list) or stored is not (vectors is not None):
                raise TypeError("labels or vectors are missing")
            given = None if vectors is None else vectors.to(vsa.device)
            return cls(vsa, stored=stored).add(labels, given)
        except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
            raise files.FileFormatError(f"load: {os.fspath(path)!r} is damaged ({error})") from None

    def _listed(self, verb: str, labels: Label | Iterable[Label]) -> list[Label]:
        several = isinstance(labels, Iterable) and not isinstance(labels, str | bytes)
        listed: list[Any] = list(labels) if several else [labels]  # type: ignore[arg-type]
        for label in listed:
            if isinstance(label, bool) or not isinstance(label, str | Integral):
                raise TypeError(f"{verb}: a label is a text or an integer, got {label!r}")
        return [str(label) if isinstance(label, str) else int(label) for label in listed]

    def _append(self, rows: Tensor) -> None:
        used, needed, kinds = len(self), len(self) + len(rows), {self._room.dtype, rows.dtype}
        kind = torch.promote_types(rows.dtype, self._room.dtype)
        if kind == torch.float32 and kinds & {torch.int32, torch.int64}:
            kind = torch.float64  # float32 would round what is stored
        if needed > len(self._room) or kind != self._room.dtype:
            room = rows.new_empty((max(needed, 2 * used), *rows.shape[1:]), dtype=kind)
            room[:used] = self._room[:used]
            self._room = room
        self._room[used:needed] = rows

    def _scores(self, queries: Tensor, start: int, end: int) -> Tensor:
        """Similarities to a range of items: ``(Q, W) -> (Q, n)``."""
        kept = self._room[start:end]
        if not self.stored:
            return self.vsa._similarity_made(queries, kept)
        if self._indexed < len(self):
            self._index, self._indexed = self.vsa._index(self._rows(0, len(self))), len(self)
        index = None if self._index is None else self._index[start : start + len(kept)]
        return self.vsa._similarity(queries, kept, index)

    def _rows(self, start: int, end: int) -> Tensor:
        return self._made(self._room[start : min(end, len(self))])

    def _made(self, kept: Tensor) -> Tensor:
        return kept if self.stored else self.vsa.atoms(kept)

    def _named(self, places: Any) -> Any:
        several = isinstance(places, list)
        return [self._named(p) for p in places] if several else self._labels[places]


def nearest(
    queries: Tensor, count: int, k: int, scores: Callable[[Tensor, int, int], Tensor]
) -> Tensor:
    """``sortable`` keys of the k best of ``count`` items: ``(Q, W) -> (Q, k)``.

    ``scores(queries, start, end)`` compares with a range of items: only some exist at a time.
    """
    rows = max(k, SCORES // max(1, min(len(queries), 1024)))  # items compared at once
    some = max(1, SCORES // min(rows, count))  # queries compared at once
    kept = torch.empty(len(queries), 0, dtype=torch.int64, device=queries.device)
    for start in range(0, count, rows):
        end = min(start + rows, count)
        parts = (scores(part, start, end).to(torch.float32) for part in queries.split(some))
        best = torch.cat([kernels.best(part.clamp_(-1, 1), start, k) for part in parts])
        kept = largest(torch.cat([kept, best], -1), k) if start else best
    return kept


def places_of(keys: Tensor) -> Tensor:
    """The places in ``sortable`` keys."""
    return bits.LOW - (keys & bits.LOW)


def scores_of(keys: Tensor) -> Tensor:
    """The scores in ``sortable`` keys, float32."""
    ordered = (keys >> 32).to(torch.int32)
    return torch.where(ordered < 0, ordered ^ 0x7FFFFFFF, ordered).view(torch.float32)
