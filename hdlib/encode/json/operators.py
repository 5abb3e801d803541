"""The orthogonal matrix of each key and of array positions, by label: MBAT's, kept by name."""

from __future__ import annotations

from torch import Tensor

from hdlib.vsa import MBAT

ITEM, ARRAY, BAG, PAIRS = "item", "array", "bag", "pairs"


class Operators:
    """The matrices of a space by label. The role of the key k is the atom of ``key/k``."""

    def __init__(self, vsa: MBAT) -> None:
        self.vsa = vsa
        self._ids: dict[str, int] = {}

    def forward(self, label: str, x: Tensor) -> Tensor:
        """As ``vsa.bind(x, vsa.atoms(label))``: ``(…, D) -> (…, D)``."""
        return self.vsa._apply(x, self._matrix(label), True)

    def back(self, label: str, x: Tensor) -> Tensor:
        """As ``vsa.unbind(x, vsa.atoms(label))``: ``(…, D) -> (…, D)``."""
        return self.vsa._apply(x, self._matrix(label), False)

    def _matrix(self, label: str) -> tuple[Tensor, ...]:
        if label not in self._ids:
            if len(self._ids) > 1 << 20:
                self._ids.clear()
            self._ids[label] = int(self.vsa._keys(self.vsa.atoms(label)))
        return self.vsa._matrix(self._ids[label])


def key(name: str) -> str:
    """The label of a key's role; positions have labels without a slash."""
    return f"key/{name}"
