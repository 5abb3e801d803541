"""Hopfield networks as set memories: sums of outer products, which are bundles of all pairs."""

from __future__ import annotations

import os
from typing import Self

import torch
from torch import Tensor

from hdlib import bits, files
from hdlib.files import Path
from hdlib.vsa import MAPB, MAPI
from hdlib.vsa.base import whole

EXACT = 1 << 53  # integers up to here are exact in float64, in which the products are summed


class Hopfield:
    """W = Σ σ a aᵀ over the stored patterns a of ±1: D² numbers that answer "was it stored?".

    The score of a query is the quadratic form xᵀ W x. Without the diagonal, which knows nothing,
    it is twice the dot product of two MAP-I vectors with D (D - 1) / 2 dimensions, the bundle of
    the patterns' ``pair_products`` and those of the query: a Hopfield network is MAP-I on pairs.

    vsa: a MAPI or MAPB space, whose atoms are the patterns. signed: every pattern comes with a sign
    σ of its own, drawn from its content, else σ = 1. The signed network is our reading of the
    "Hopfield±" of arXiv 2301.10352, of which we know the abstract only. diagonal: keep the diagonal
    of W, as the plain sum of outer products has it; it adds D Σ σ to every score, which the
    threshold of the unsigned network takes off again and that of the signed one cannot know.

    Source: Hopfield 1982, doi:10.1073/pnas.79.8.2554. Taught in notebook 04.

    >>> from hdlib import MAPB
    >>> vsa = MAPB(64)
    >>> memory = Hopfield(vsa).add(vsa.atoms(range(5)))
    >>> memory.contains(vsa.atoms([0, 4, 5])).tolist(), len(memory)
    ([True, True, False], 5)
    """

    def __init__(self, vsa: MAPI | MAPB, *, signed: bool = False, diagonal: bool = False) -> None:
        if not isinstance(vsa, MAPI | MAPB):
            raise TypeError(f"Hopfield: patterns are ±1, take a MAPI or MAPB space, not {vsa!r}")
        self.vsa, self.signed, self.diagonal = vsa, bool(signed), bool(diagonal)
        self._weights = torch.zeros(vsa.dim, vsa.dim, dtype=torch.int32, device=vsa.device)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __repr__(self) -> str:
        kind = "signed" if self.signed else "unsigned"
        return f"Hopfield({len(self)} patterns of {self.vsa!r}, {kind})"

    @property
    def weights(self) -> Tensor:
        """A copy of W: ``-> (D, D)`` int32, symmetric."""
        return self._weights.clone()

    def add(self, xs: Tensor) -> Self:
        """Store one pattern ``(D,)`` or several ``(…, D)``; returns itself."""
        return self._move("add", xs, 1)

    def remove(self, xs: Tensor) -> Self:
        """Take back what was added before: the weights are then as if it had never been added."""
        return self._move("remove", xs, -1)

    def _move(self, verb: str, xs: Tensor, direction: int) -> Self:
        rows = self._patterns(verb, xs).reshape(-1, self.vsa.dim)
        count = self._count + direction * len(rows)
        if count < 0:
            few = f"{len(rows)} patterns from {self._count}"
            raise ValueError(f"{verb}: {few}; remove only what was added")
        if count * self.vsa.dim**2 >= EXACT:
            raise OverflowError(f"{verb}: {count} patterns of {self.vsa.dim} leave exact integers")
        for part in rows.split(1 << 20):  # float32 sums of so many signs are exact
            signed = part.to(torch.float32)
            change = signed.mT @ (signed * self.signs(part).unsqueeze(-1))
            if not self.diagonal:
                change.fill_diagonal_(0)
            self._weights += direction * change.to(torch.int32)
        self._count = count
        return self

    def signs(self, xs: Tensor) -> Tensor:
        """σ of each pattern, a function of its content: ``(…, D) -> (…,)`` int8."""
        if not self.signed:
            return torch.ones(xs.shape[:-1], dtype=torch.int8, device=xs.device)
        seed = bits.derive(self.vsa.seed, "hopfield")
        first = bits.words(seed, bits.digest(xs), 1)[..., 0]
        return 1 - 2 * (first & 1).to(torch.int8)

    def scores(self, x: Tensor) -> Tensor:
        """The quadratic form xᵀ W x, exact: ``(…, D) -> (…,)`` int64.

        Of a member D (D - 1) on average (times σ), of others 0; with the diagonal D² and, times
        the number of patterns (or the sum of their signs), D.
        """
        queries = self._patterns("scores", x).to(torch.float64)
        return ((queries @ self._weights.to(torch.float64)) * queries).sum(-1).to(torch.int64)

    @property
    def threshold(self) -> float:
        """Halfway between the mean scores of strangers and members; if signed, of their sizes."""
        d = self.vsa.dim
        if not self.diagonal:
            return d * (d - 1) / 2
        return d * d / 2 if self.signed else len(self) * d + d * (d - 1) / 2

    def contains(self, x: Tensor) -> Tensor:
        """Was it stored? By the threshold, so wrong at times: ``(…, D) -> (…,)`` bool.

        Errors: ``theory`` gives their probabilities. Taught in notebook 04.
        """
        scores = self.scores(x)
        return (scores.abs() if self.signed else scores) >= self.threshold

    def recall(self, x: Tensor, steps: int = 1) -> Tensor:
        """Update all units at once, up to ``steps`` times: ``(…, D) -> (…, D)`` int8.

        Ties fall by seeded random bits. It ends early where nothing changes any more. The signed
        network multiplies by the sign of the score, as W shows it a pattern or its negative.
        """
        whole("recall: steps", steps, 0)
        state = self._patterns("recall", x)
        for _ in range(steps):
            fields = state.to(torch.float64) @ self._weights.to(torch.float64)
            if self.signed:
                score = (fields * state).sum(-1, keepdim=True)
                fields = torch.where(score < 0, -fields, fields)
            updated = self.vsa._settle(fields)
            if torch.equal(updated, state):
                break
            state = updated
        return state

    def intersection_size(self, other: Hopfield) -> float:
        """Estimated number of patterns in both: unbiased, from the inner product of the weights.

        Both need the same space and options. Taught in notebook 04.
        """
        mine, theirs = ((m.vsa.name, m.signed, m.diagonal) for m in (self, other))
        if mine != theirs:
            raise ValueError(
                f"intersection_size: networks differ, {mine} and {theirs}; make both alike"
            )
        d = self.vsa.dim
        inner = float((self._weights.to(torch.float64) * other._weights).sum())
        if not self.diagonal:
            return inner / (d * d - d)
        return inner / d**2 if self.signed else (inner - len(self) * len(other) * d) / (d * d - d)

    def save(self, path: Path) -> None:
        """Write everything to one safetensors file, whole or not at all."""
        vsa = self.vsa
        header = {"model": type(vsa).__name__, "dim": vsa.dim, "seed": vsa.seed}
        header |= {"signed": self.signed, "diagonal": self.diagonal, "count": self._count}
        files.save(path, "Hopfield", header, {"weights": self._weights})

    @classmethod
    def load(cls, path: Path, *, device: torch.device | str | None = None) -> Self:
        """Read what ``save`` wrote; a damaged or foreign file is a ``FileFormatError``."""
        header, tensors = files.load(path, "Hopfield")
        try:
            vsa = (MAPI if header["model"] == "MAPI" else MAPB)(
                header["dim"], device=device, seed=header["seed"]
            )
            loaded = cls(vsa, signed=header["signed"], diagonal=header["diagonal"])
            weights = tensors["weights"]
            if (weights.shape, weights.dtype) != (loaded._weights.shape, torch.int32):
                raise ValueError(f"weights are {tuple(weights.shape)} of {weights.dtype}")
            loaded._weights = weights.to(vsa.device)
            loaded._count = whole("count", header["count"], 0)
            return loaded
        except (LookupError, TypeError, ValueError) as error:
            raise files.FileFormatError(f"load: {os.fspath(path)!r} is damaged ({error})") from None

    def _patterns(self, verb: str, x: Tensor) -> Tensor:
        self.vsa._check(verb, x)
        if x.dtype != torch.int8 or bool((x.abs() != 1).any()):
            raise ValueError(f"{verb}: a pattern holds only ±1; take atoms, or MAPB bundles")
        return x


def pair_products(x: Tensor) -> Tensor:
    """The products x_i x_j of all pairs i < j: ``(…, D) -> (…, D (D - 1) / 2)``.

    Bundled, they are the weights of a Hopfield network above the diagonal, row by row.
    Taught in notebook 04.

    >>> pair_products(torch.tensor([1, -1, 2])).tolist()
    [-1, 2, -2]
    """
    if x.dim() == 0:
        raise ValueError("pair_products: expected a vector, got a tensor without axes")
    first, second = torch.triu_indices(x.shape[-1], x.shape[-1], 1, device=x.device)
    return x[..., first] * x[..., second]
