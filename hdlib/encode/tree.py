"""A tree in one vector: each leaf bound to the branches that lead to it."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from hdlib.bits import Label
from hdlib.encode.common import Item, Structure, one
from hdlib.vsa.base import whole


class Tree(Structure):
    """Leaves at paths: a path is a list of labels, the branches from the root down.

    A leaf is bound to each branch in turn. A branch has an atom of its own at each depth, so that
    left-right is not right-left, in any model. Takes every model; where unbinding is noisy (HRR,
    VTB) each step down costs. Errors: ValueError for several leaves at once; TypeError for a path
    given as one text. Source: Frady et al. 2020, arXiv 2007.03748; Heddes et al. 2023, arXiv
    2205.09208. Taught in notebook 03.

    >>> from hdlib import ItemMemory, SBC
    >>> vsa = SBC(16_000)
    >>> leaves = ItemMemory(vsa).add(["a", "b", "c"])
    >>> tree = Tree(vsa).add(["left"], "a").add(["right", "left"], "b").add(["right", "right"], "c")
    >>> leaves.cleanup(tree.get(["right", "left"]))[0], len(tree)
    ('b', 3)
    """

    def add(self, path: Sequence[Label], leaf: Item) -> Tree:
        """Put a leaf ``(W,)`` at a path; returns itself."""
        self._sum.add(self._bound("add", path, leaf))
        return self

    def remove(self, path: Sequence[Label], leaf: Item) -> Tree:
        """Take back a leaf that was added; returns itself."""
        self._sum.remove(self._bound("remove", path, leaf))
        return self

    def get(self, path: Sequence[Label]) -> Tensor:
        """The noisy leaf at a path, for clean-up: ``-> (W,)``."""
        found = self.value
        for role in reversed(self._roles("get", path)):
            found = self.vsa.unbind(found, role)
        return found

    def _roles(self, verb: str, path: Sequence[Label]) -> list[Tensor]:
        if isinstance(path, str | bytes) or not isinstance(path, Sequence):
            raise TypeError(f"{verb}: a path is a list of branches, got {path!r}")
        plain = [b if isinstance(b, str) else whole(f"{verb}: a branch", b) for b in path]
        return [self.vsa.atoms(f"{depth}/{branch!r}") for depth, branch in enumerate(plain)]

    def _bound(self, verb: str, path: Sequence[Label], leaf: Item) -> Tensor:
        return self.vsa.bind(one(self.vsa, verb, leaf), *self._roles(verb, path))
