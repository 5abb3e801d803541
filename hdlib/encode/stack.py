"""A stack in one vector: pushing moves what is below one place down."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from hdlib.encode.common import Item, Structure, move, one
from hdlib.memory.items import ItemMemory


class Stack(Structure):
    """Last in, first out: ``value`` is the top, plus the permuted rest.

    Takes every model. How deep it may be is the capacity of a bundle. Errors: IndexError when
    empty. Source: Plate 1995, doi:10.1109/72.377968; Kleyko et al. 2022, arXiv 2106.05268.
    Taught in notebook 03.

    >>> from hdlib import FHRR, ItemMemory
    >>> vsa = FHRR(10_000)
    >>> dishes = ItemMemory(vsa).add(["plate", "cup", "bowl"])
    >>> pile = Stack(vsa).push("plate").push("cup").push("bowl")
    >>> pile.pop(dishes), pile.pop(dishes), len(pile)
    ('bowl', 'cup', 1)
    """

    @property
    def value(self) -> Tensor:
        """The stack, its top unmoved, so that this is also a noisy top: ``-> (W,)``."""
        return move(self.vsa, self._sum.value, len(self) - 1)

    def push(self, x: Item) -> Stack:
        """Put one vector ``(W,)`` on top; returns itself."""
        item = one(self.vsa, "push", x)
        self._sum.add(move(self.vsa, item, -len(self)))
        return self

    def top(self, memory: ItemMemory) -> Any:
        """The label of the top, cleaned up in a memory."""
        if len(self) == 0:
            raise IndexError("top: the stack is empty; push first")
        return memory.cleanup(self.value)[0]

    def pop(self, memory: ItemMemory) -> Any:
        """Take off the top as the memory knows it, and return its label."""
        if len(self) == 0:
            raise IndexError("pop: the stack is empty; push first")
        label = self.top(memory)
        self._sum.remove(move(self.vsa, memory.vectors(label), 1 - len(self)))
        return label
