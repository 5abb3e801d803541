"""Binding by a matrix that belongs to the role: vector-derived (VTB), or drawn for it (MBAT)."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Any, ClassVar, Literal, get_args

import torch
from torch import Tensor

from hdlib import bits, kernels
from hdlib.kernels.rows import broadcast, result
from hdlib.storage import room
from hdlib.vsa.base import REALS, VSA, Device
from hdlib.vsa.holographic import gaussian_atoms


class VTB(VSA):
    """Vector-derived transformation binding: the role as a matrix acts on blocks of the filler.

    D is a square, d². Unbinding uses the transpose, which leaves a cosine of about 1/sqrt(2) to an
    atom; the order of operands matters. Source: Gosmann & Eliasmith 2019,
    doi:10.1162/neco_a_01179. Taught in notebook 02.

    >>> vsa = VTB(10_000)
    >>> x, y = vsa.atoms(["x", "y"])
    >>> abs(vsa.similarity(vsa.bind(x, y), vsa.bind(y, x)).item()) < 0.05
    True
    """

    dtypes = REALS
    carries = REALS

    def __init__(self, dim: int, *, device: Device = None, seed: int = 0) -> None:
        super().__init__(dim, device=device, seed=seed)
        self.side = d = math.isqrt(self.dim)
        if d * d != self.dim:
            near = f"{d * d} ({d}²) or {(d + 1) ** 2} ({d + 1}²)"
            raise ValueError(f"VTB: dim {dim} is not a square; take {near}")

    def _draw(self, seed: int, ids: Tensor) -> Tensor:
        return gaussian_atoms(self, seed, ids)

    def _square(self, x: Tensor) -> Tensor:
        return x.reshape(*x.shape[:-1], self.side, self.side)

    def _bind(self, x: Tensor, y: Tensor) -> Tensor:
        kind, out = torch.promote_types(x.dtype, y.dtype), result(x, y)
        place = None if out is None else self._square(out)
        blocks, roles = self._square(x.to(kind)), self._square(y.to(kind))  # row b: V_y · block b
        return torch.matmul(blocks, roles.mT, out=place).mul_(math.sqrt(self.side)).flatten(-2)

    def _inverse(self, x: Tensor) -> Tensor:
        return self._square(x).mT.flatten(-2)

    def _identity(self) -> Tensor:
        unit_matrix = torch.eye(self.side, dtype=torch.float32, device=self.device)
        return unit_matrix.flatten() / math.sqrt(self.side)


Kind = Literal["permutation", "orthogonal", "hadamard", "gaussian"]


class MBAT(VSA):
    """Matrix binding of additive terms: each role has its own random matrix, bundles are sums.

    Atoms are ±1/sqrt(D), so of length 1. The matrix of a role is drawn from the role's exact
    content, read as float32, hence a role must be an atom or an exact copy of a vector.
    ``bind(x, y)`` is M_y x. The kinds of matrix:

    - "permutation": signed permutation, O(D), exact inverse, the default;
    - "orthogonal": dense, uniform over all rotations, as in arXiv 2202.04771, O(D²);
    - "hadamard": three rounds of random signs and Hadamard transform, O(D log D), D a power of 2;
    - "gaussian": N(0, 1/D) entries as in 2013, unbound by the transpose: nearly right once,
      unstable when nested, kept for teaching why the others are orthogonal.

    Source: Gallant & Okaywe 2013, arXiv 1501.07627. Taught in notebooks 02 and 06.

    >>> vsa = MBAT(1024)
    >>> x, y = vsa.atoms(["x", "y"])
    >>> round(vsa.similarity(vsa.unbind(vsa.bind(x, y), y), x).item(), 4)
    1.0
    """

    dtypes = REALS
    lacks: ClassVar[dict[str, str]] = {
        "inverse": "a role acts by a matrix of its own, undo it with unbind(z, y)",
        "identity": "no vector has the unit matrix, leave the filler unbound instead",
    }
    room = 1 << 28  # bytes of matrices kept for the next call

    def __init__(
        self, dim: int, *, kind: Kind = "permutation", device: Device = None, seed: int = 0
    ) -> None:
        super().__init__(dim, device=device, seed=seed)
        if kind not in get_args(Kind):
            raise ValueError(f"MBAT: kind must be one of {', '.join(get_args(Kind))}, got {kind!r}")
        if kind == "hadamard" and self.dim & (self.dim - 1):
            low = 1 << (self.dim.bit_length() - 1)
            near = f"take {low} or {2 * low}"
            raise ValueError(f"MBAT: dim {dim} is no power of 2, as 'hadamard' needs; {near}")
        self.kind = kind
        self._kept: OrderedDict[int, tuple[Tensor, ...]] = OrderedDict()

    def options(self) -> dict[str, Any]:
        return {"kind": self.kind}

    def _draw(self, seed: int, ids: Tensor) -> Tensor:
        words = kernels.words(seed, ids, bits.word_count(self.dim))
        return self._bipolar(words) / math.sqrt(self.dim)

    def _bipolar(self, words: Tensor) -> Tensor:
        return bits.plus_minus(words, self.dim).to(torch.float32)

    def _bind(self, x: Tensor, y: Tensor) -> Tensor:
        return self._act(x, y, forward=True)

    def _unbind(self, z: Tensor, y: Tensor) -> Tensor:
        return self._act(z, y, forward=False)

    def _act(self, x: Tensor, roles: Tensor, forward: bool) -> Tensor:
        """Each role's matrix, or its transpose, on x: ``(…, D), (…, D) -> (…, D)``."""
        shape = broadcast(x.shape, roles.shape)
        x = x.to(torch.promote_types(x.dtype, roles.dtype)).expand(shape)
        keys = self._keys(roles)
        if keys.numel() == 1:
            return self._apply(x, self._matrix(int(keys)), forward)
        sorted_keys, order = keys.expand(shape[:-1]).reshape(-1).sort()
        found, counts = sorted_keys.unique_consecutive(return_counts=True)
        x = x.reshape(-1, self.dim)
        out = room(tuple(x.shape), x.dtype, self.device)
        for key, rows in zip(found.tolist(), order.split(counts.tolist()), strict=True):
            acted = self._apply(x.index_select(0, rows), self._matrix(key), forward)
            out.index_copy_(0, rows, acted)
        return out.view(shape)

    def _keys(self, roles: Tensor) -> Tensor:
        """The id of each role's matrix, from the role's content: ``(…, D) -> (…,)``."""
        rows = roles.detach().to(torch.float32).reshape(-1, self.dim)
        return kernels.digest(rows).view(roles.shape[:-1])

    def _apply(self, x: Tensor, matrix: tuple[Tensor, ...], forward: bool) -> Tensor:
        if self.kind == "permutation":
            source, back, sign = matrix  # component i of the result is sign_i · x[source_i]
            turned = x if forward else x * sign
            turned = turned.index_select(-1, source if forward else back)
            return turned * sign if forward else turned
        if self.kind == "hadamard":
            (signs,) = matrix  # (3, D)
            for sign in signs if forward else signs.flip(0):
                x = hadamard(x * sign) if forward else hadamard(x) * sign
            return x
        (m,) = matrix
        return x @ (m.mT if forward else m).to(x.dtype)

    def _matrix(self, key: int) -> tuple[Tensor, ...]:
        """The matrix of a role, kept for the next call while there is room."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        made = self._make(torch.tensor(key, device=self.device))
        size = sum(part.nbytes for part in made)
        while self._kept and size * (len(self._kept) + 1) > self.room:
            self._kept.popitem(last=False)
        self._kept[key] = made
        return made

    def _make(self, key: Tensor) -> tuple[Tensor, ...]:
        seed, d = bits.derive(self.seed, f"mbat/{self.kind}"), self.dim
        if self.kind == "permutation":  # the order of D random words is a random permutation
            words = kernels.words(seed, key, d + bits.word_count(d))
            source = words[:d].argsort()
            back = torch.empty_like(source).scatter_(0, source, torch.arange(d, device=key.device))
            return source.int(), back.int(), self._bipolar(words[d:])
        if self.kind == "hadamard":
            words = kernels.words(seed, key, 3 * bits.word_count(d))
            return (self._bipolar(words.unflatten(0, (3, -1))),)
        entries = kernels.normals(seed, key, d * d).view(d, d)
        if self.kind == "gaussian":
            return (entries / math.sqrt(d),)
        q, r = torch.linalg.qr(entries.to(torch.float64))
        return ((q * r.diagonal().sign()).to(torch.float32),)  # uniform by signs (Mezzadri 2007)


def hadamard(x: Tensor) -> Tensor:
    """The orthonormal Walsh–Hadamard transform of the last axis, in log2(D) butterflies."""
    dim, half = x.shape[-1], 1
    while half < dim:
        pairs = x.unflatten(-1, (-1, 2, half))
        a, b = pairs[..., 0, :], pairs[..., 1, :]
        x = torch.stack([a + b, a - b], dim=-2).flatten(-3)
        half *= 2
    return x / math.sqrt(dim)
