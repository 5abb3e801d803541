"""What all structures share: labels or vectors as operands, and what a model must be able to do."""

from __future__ import annotations

import functools

import torch
from torch import Tensor

from hdlib import bits, kernels, theory
from hdlib.bits import Labels
from hdlib.vsa import BSC, BSDC, CGR, FHRR, HRR, MAPB, MAPI, MCR, SBC, VSA, Accumulator
from hdlib.vsa.base import whole

COMMUTATIVE = (MAPI, MAPB, BSC, SBC, MCR, CGR, HRR, FHRR)  # filler and role may change places
Item = Labels | Tensor  # a tensor holds hypervectors; anything else is labels, and means atoms


class Structure:
    """A bundle that grows and shrinks, and how many items it holds: what structures are made of."""

    def __init__(self, vsa: VSA) -> None:
        self.vsa = vsa
        self._sum = Accumulator(vsa)

    def __len__(self) -> int:
        return len(self._sum)

    @property
    def value(self) -> Tensor:
        """The whole structure as one vector: ``-> (W,)``."""
        return self._sum.value


def vectors(vsa: VSA, item: Item) -> Tensor:
    """Hypervectors as they are; of labels the atoms: ``(*s,) -> (*s, W)``.

    >>> from hdlib import MAPI
    >>> vectors(MAPI(100), ["x", "y"]).shape
    torch.Size([2, 100])
    """
    return item if isinstance(item, Tensor) else vsa.atoms(item)


def rows(vsa: VSA, verb: str, item: Item) -> Tensor:
    """One vector or several, as rows: ``(…, W) -> (n, W)``; a ``ValueError`` if there are none."""
    found = vectors(vsa, item)
    if found.dim() == 0 or found.numel() == 0:
        raise ValueError(f"{verb}: expected at least one vector, got shape {tuple(found.shape)}")
    return found.reshape(-1, found.shape[-1])


def one(vsa: VSA, verb: str, item: Item) -> Tensor:
    """One vector ``(W,)``, given or the atom of a label; a ``ValueError`` for any other shape."""
    found = vectors(vsa, item)
    if found.dim() != 1:
        raise ValueError(f"{verb}: expected one vector, got shape {tuple(found.shape)}")
    return found


def pairs(vsa: VSA, verb: str, *items: Item) -> list[Tensor]:
    """Operands as rows, one for one: a single one goes with each; else equal numbers."""
    found = [rows(vsa, verb, item) for item in items]
    sizes = [len(part) for part in found]
    if len({*sizes} - {1}) > 1:
        listed = " and ".join(map(str, sizes))
        raise ValueError(f"{verb}: {listed} vectors do not pair up; give as many, or one")
    return [part.expand(max(sizes), -1) for part in found]


def commutes(vsa: VSA, verb: str, repair: str) -> None:
    """Refuse models whose roles act on fillers and cannot change places with them."""
    if not isinstance(vsa, COMMUTATIVE):
        name = type(vsa).__name__
        raise NotImplementedError(f"{verb}: binding of {name} does not commute; {repair}")


def move(vsa: VSA, x: Tensor, places: int = 1) -> Tensor:
    """Mark by position: ``(…, W) -> (…, W)``; as many places back undoes it.

    ``permute``, where that is no binding itself. A turn of HRR's components commutes with circular
    convolution, one of BSDC's with binding by a shift, and both would lose who came first: there
    the components follow powers of one random order. Errors: those of ``permute``. Source: Kanerva
    2009, doi:10.1007/s12559-009-9009-8; Plate 1995, doi:10.1109/72.377968 (on commutativity).
    Taught in notebook 03.

    >>> from hdlib import HRR
    >>> vsa = HRR(10_000)
    >>> x, y = vsa.atoms(["x", "y"])
    >>> turned = vsa.bind(vsa.permute(x), y), vsa.bind(x, vsa.permute(y))
    >>> moved = vsa.bind(move(vsa, x), y), vsa.bind(x, move(vsa, y))
    >>> round(vsa.similarity(*turned).item(), 1), abs(round(vsa.similarity(*moved).item(), 1))
    (1.0, 0.0)
    """
    if not isinstance(vsa, HRR | BSDC):
        return vsa.permute(x, places)
    vsa._check("move", x)
    order = _order(vsa.seed, vsa.dim, whole("move: places", places), vsa.device)
    if isinstance(vsa, BSDC) and not vsa.additive:
        return bits.pack(vsa.dense(x)[..., order])
    return x[..., order]


@functools.lru_cache(256)
def _order(seed: int, dim: int, places: int, device: torch.device) -> Tensor:
    """The power of a random order of the components: ``-> (D,)``."""
    zero = torch.zeros((), dtype=torch.int64, device=device)
    base = kernels.words(bits.derive(seed, "order"), zero, dim).argsort()
    base, rest = (base.argsort() if places < 0 else base), abs(places)
    power = torch.arange(dim, device=device)
    while rest:
        power = power[base] if rest & 1 else power
        base, rest = base[base], rest >> 1
    return power


def at_positions(vsa: VSA, xs: Tensor, first: int = 0, step: int = 1) -> Tensor:
    """Row i moved by ``first + i · step`` places: ``(…, n, W) -> (…, n, W)``."""
    moved = [move(vsa, x, first + i * step) for i, x in enumerate(xs.unbind(-2))]
    return torch.stack(moved, -2)


def member_threshold(vsa: VSA, count: int) -> float:
    """Half the similarity that a member has to its bundle of ``count``: above it, it is one."""
    taken = ("density", "bundles", "block", "modulus")
    options = {name: value for name, value in vsa.options().items() if name in taken}
    name = type(vsa).__name__
    return float(theory.member_similarity(name, count, dim=vsa.dim, **options)) / 2
