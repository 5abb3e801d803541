"""Sequences: n-grams, and items at positions, where a permutation says the place."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from hdlib.encode.common import Item, Structure, at_positions, commutes, move, one, rows, vectors
from hdlib.memory.items import ItemMemory
from hdlib.vsa import VSA
from hdlib.vsa.base import whole


def ngrams(vsa: VSA, xs: Item, n: int = 3) -> Tensor:
    """The bundle of all n-grams, each of its items moved and bound: ``(…, L, W) -> (…, W)``.

    The item k places before the last of its n-gram is moved k times. One pass: n shifted views are
    bound, then bundled. Errors: ValueError if n < 1 or fewer than n items. Source: Joshi, Halseth &
    Kanerva 2016, arXiv 1412.7026. Taught in notebook 03.

    >>> from hdlib import MAPI
    >>> vsa = MAPI(10_000)
    >>> one, other = ngrams(vsa, list("the cat sat on")), ngrams(vsa, list("the cat ran on"))
    >>> round(vsa.similarity(one, other).item(), 1)
    0.6
    """
    items, n = vectors(vsa, xs), whole("ngrams: n", n, 1)
    if items.dim() < 2 or items.shape[-2] < n:
        raise ValueError(f"ngrams: no {n} items in shape {tuple(items.shape)}; give (…, L, W)")
    count = items.shape[-2] - n + 1
    parts = [move(vsa, items[..., k : k + count, :], n - 1 - k) for k in range(n)]
    return vsa.bundle(vsa.bind(*parts))


def bundle_sequence(vsa: VSA, xs: Item) -> Tensor:
    """Items moved by their positions 0, 1, … and bundled: ``(…, n, W) -> (…, W)``.

    ``move(vsa, result, -i)`` is a noisy copy of item i. Errors: those of ``bundle``. Source: Plate
    1995, doi:10.1109/72.377968; Schlegel et al. 2022, doi:10.1007/s10462-021-10110-3.
    Taught in notebook 03.

    >>> from hdlib import BSC
    >>> vsa = BSC(10_000)
    >>> word = bundle_sequence(vsa, list("cat"))
    >>> round(vsa.similarity(move(vsa, word, -1), vsa.atoms("a")).item(), 1)
    0.5
    """
    return vsa.bundle(at_positions(vsa, vectors(vsa, xs)))


def bind_sequence(vsa: VSA, xs: Item) -> Tensor:
    """Items moved by their positions 0, 1, … and bound: ``(…, n, W) -> (…, W)``.

    Unlike any other sequence, also one that differs in one item. Errors: ValueError for no items.
    Source: Kleyko et al. 2022, arXiv 2111.06077. Taught in notebook 03.

    >>> from hdlib import BSC
    >>> vsa = BSC(10_000)
    >>> cat, car = bind_sequence(vsa, list("cat")), bind_sequence(vsa, list("car"))
    >>> abs(vsa.similarity(cat, car).item()) < 0.05
    True
    """
    items = vectors(vsa, xs)
    if items.dim() < 2 or items.shape[-2] == 0:
        raise ValueError(f"bind_sequence: no items in shape {tuple(items.shape)}; give (…, n, W)")
    return vsa.bind(*at_positions(vsa, items).unbind(-2))


class BundleSequence(Structure):
    """A sequence in one bundle that grows and shrinks at both ends; its items can be read.

    Similar sequences have similar vectors. Takes every model; places repeat after ``dim`` positions
    (SBC: D / block; HRR and BSDC: never). Errors: IndexError for a position outside. Source: as
    ``bundle_sequence``; Heddes et al. 2023, arXiv 2205.09208. Taught in notebook 03.

    >>> from hdlib import ItemMemory, MAPI
    >>> vsa = MAPI(10_000)
    >>> letters = ItemMemory(vsa).add(list("abcdefghij"))
    >>> word = BundleSequence(vsa, list("head")).replace(0, "h", "b").pop("d")
    >>> word.decode(letters), len(word)
    (['b', 'e', 'a'], 3)
    """

    def __init__(self, vsa: VSA, xs: Item | None = None) -> None:
        super().__init__(vsa)
        self._first = 0  # the permutation of item 0
        if xs is not None:
            self.append(xs)

    @property
    def value(self) -> Tensor:
        """As ``bundle_sequence`` of the items: ``-> (W,)``."""
        return move(self.vsa, self._sum.value, -self._first)

    def append(self, xs: Item) -> BundleSequence:
        """Add one item or several at the end; returns itself."""
        items = rows(self.vsa, "append", xs)
        self._sum.add(at_positions(self.vsa, items, self._first + len(self)))
        return self

    def appendleft(self, xs: Item) -> BundleSequence:
        """Add items before the first, the last of them outermost; returns itself."""
        items = rows(self.vsa, "appendleft", xs)
        self._sum.add(at_positions(self.vsa, items, self._first - 1, -1))
        self._first -= len(items)
        return self

    def pop(self, x: Item) -> BundleSequence:
        """Take off the last item, which is x; returns itself."""
        self._take("pop", len(self) - 1, x)
        return self

    def popleft(self, x: Item) -> BundleSequence:
        """Take off the first item, which is x; returns itself."""
        self._take("popleft", 0, x)
        self._first += 1
        return self

    def replace(self, index: int, old: Item, new: Item) -> BundleSequence:
        """Another item at a position; returns itself."""
        place = self._place("replace", index)
        moved = move(self.vsa, one(self.vsa, "replace", new), place)
        self._take("replace", index, old)
        self._sum.add(moved)
        return self

    def get(self, index: int) -> Tensor:
        """A noisy copy of the item at a position, for clean-up: ``-> (W,)``."""
        return move(self.vsa, self._sum.value, -self._place("get", index))

    def decode(self, memory: ItemMemory) -> list[Any]:
        """The label of each item, cleaned up in a memory."""
        if len(self) == 0:
            return []
        stack = self._sum.value.expand(len(self), -1)
        found: list[Any] = memory.cleanup(at_positions(self.vsa, stack, -self._first, -1))[0]
        return found

    def _place(self, verb: str, index: int) -> int:
        index = whole(f"{verb}: index", index)
        if not -len(self) <= index < len(self):
            raise IndexError(f"{verb}: position {index} of a sequence of {len(self)}")
        return self._first + index % len(self)

    def _take(self, verb: str, index: int, x: Item) -> None:
        place = self._place(verb, index)
        item = one(self.vsa, verb, x)
        self._sum.remove(move(self.vsa, item, place))


class BindSequence:
    """A sequence in one product: any other sequence, however near, has an unrelated vector.

    Also called a distinct sequence. An item can be taken off or replaced by who knows it, and the
    last or any other read by who knows the rest. Models: those whose binding commutes; with HRR,
    whose unbinding is noisy, errors add up. Errors: NotImplementedError for BSDC, VTB and MBAT;
    IndexError for a position outside. Source: as ``bind_sequence``. Taught in notebook 03.

    >>> from hdlib import BSC
    >>> vsa = BSC(10_000)
    >>> word = BindSequence(vsa, list("cat")).replace(2, "t", "r")
    >>> vsa.similarity(word.value, bind_sequence(vsa, list("car"))).item()
    1.0
    """

    def __init__(self, vsa: VSA, xs: Item | None = None) -> None:
        commutes(vsa, "BindSequence", "take BundleSequence")
        self.vsa = vsa
        self._value, self._count = vsa.identity(), 0
        if xs is not None:
            self.append(xs)

    def __len__(self) -> int:
        return self._count

    @property
    def value(self) -> Tensor:
        """As ``bind_sequence`` of the items, of none the identity: ``-> (W,)``."""
        return self._value

    def append(self, xs: Item) -> BindSequence:
        """Add one item or several at the end; returns itself."""
        items = rows(self.vsa, "append", xs)
        moved = at_positions(self.vsa, items, self._count)
        self._value = self.vsa.bind(self._value, *moved.unbind(0))
        self._count += len(items)
        return self

    def pop(self, x: Item) -> BindSequence:
        """Take off the last item, which is x; returns itself."""
        self._value = self._without("pop", self._count - 1, x)
        self._count -= 1
        return self

    def replace(self, index: int, old: Item, new: Item) -> BindSequence:
        """Another item at a position; returns itself."""
        rest = self._without("replace", index, old)
        moved = move(self.vsa, one(self.vsa, "replace", new), index % self._count)
        self._value = self.vsa.bind(rest, moved)
        return self

    def get(self, index: int, others: Item) -> Tensor:
        """The item at a position, by who knows all others, in order: ``(n - 1, W) -> (W,)``."""
        place = self._place("get", index)
        rest = self.vsa.identity().unsqueeze(0)
        known = vectors(self.vsa, others) if self._count > 1 else rest[:0]
        if known.dim() != 2 or len(known) != self._count - 1:
            need = f"{self._count - 1} other items, got shape {tuple(known.shape)}"
            raise ValueError(f"get: expected {need}")
        full = torch.cat([known[:place], rest.to(known.dtype), known[place:]])
        out = self._value
        for i, x in enumerate(full):
            if i != place:
                out = self.vsa.unbind(out, move(self.vsa, x, i))
        return move(self.vsa, out, -place)

    def _place(self, verb: str, index: int) -> int:
        index = whole(f"{verb}: index", index)
        if not -self._count <= index < self._count:
            raise IndexError(f"{verb}: position {index} of a sequence of {self._count}")
        return index % self._count

    def _without(self, verb: str, index: int, x: Item) -> Tensor:
        place, item = self._place(verb, index), one(self.vsa, verb, x)
        return self.vsa.unbind(self._value, move(self.vsa, item, place))
