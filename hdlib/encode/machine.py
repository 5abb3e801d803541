"""A finite-state machine in one vector: every transition bound, all of them bundled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import Tensor

from hdlib.bits import Label
from hdlib.encode.common import Item, Structure, move, pairs, vectors
from hdlib.memory.items import ItemMemory
from hdlib.vsa import VSA


class Machine(Structure):
    """States, inputs and transitions; each step is unbound, then cleaned up.

    A transition is the next state, moved one place, bound to the state and to the input, that one
    moved two places, so that one label may be both. With clean-up after each step about 32
    dimensions a transition carry a run of any length (MAPI). Takes every model; HRR and VTB, whose
    unbinding is noisy, need more. Errors: ValueError where the three parts do not pair up, or on a
    step of a machine without transitions. Source: Osipov, Kleyko & Legalov 2017, IECON; Kleyko et
    al. 2022, arXiv 2106.05268; Heddes et al. 2023, arXiv 2205.09208. Taught in notebook 03.

    >>> from hdlib import BSC
    >>> gate = Machine(BSC(1024))
    >>> gate = gate.add(["locked", "open"], ["coin", "push"], ["open", "locked"])
    >>> gate.run("locked", ["coin", "push"] * 50)[-2:], len(gate)
    (['open', 'locked'], 2)
    """

    def __init__(self, vsa: VSA) -> None:
        super().__init__(vsa)
        self.states = ItemMemory(vsa)

    def add(
        self,
        states: Label | Iterable[Label],
        inputs: Label | Iterable[Label],
        following: Label | Iterable[Label],
    ) -> Machine:
        """Add transitions, as labels: from states, by inputs, to what follows; returns itself."""
        before, by, after = (_labels(part) for part in (states, inputs, following))
        bound = self._bound("add", before, by, after)
        new = dict.fromkeys(label for label in [*before, *after] if label not in self.states)
        self.states.add(list(new))
        self._sum.add(bound)
        return self

    def remove(
        self,
        states: Label | Iterable[Label],
        inputs: Label | Iterable[Label],
        following: Label | Iterable[Label],
    ) -> Machine:
        """Take back transitions that were added; returns itself."""
        parts = (_labels(part) for part in (states, inputs, following))
        self._sum.remove(self._bound("remove", *parts))
        return self

    def following(self, states: Item, inputs: Item) -> Tensor:
        """The noisy next states, before clean-up: ``(…, W), (…, W) -> (…, W)``."""
        by = self.vsa.unbind(self.value, move(self.vsa, vectors(self.vsa, inputs), 2))
        return move(self.vsa, self.vsa.unbind(by, vectors(self.vsa, states)), -1)

    def step(self, states: Item, inputs: Item) -> Any:
        """The labels of the next states, cleaned up; lists step many machines at once."""
        return self.states.cleanup(self.following(states, inputs))[0]

    def run(self, start: Item, inputs: Iterable[Any]) -> list[Any]:
        """The state after each input; ``start`` and each input may be lists of equal length."""
        state, visited = start, []
        for symbol in inputs:
            state = self.step(state, symbol)
            visited.append(state)
        return visited

    def _bound(self, verb: str, states: Item, inputs: Item, following: Item) -> Tensor:
        before, by, after = pairs(self.vsa, verb, states, inputs, following)
        return self.vsa.bind(move(self.vsa, after), before, move(self.vsa, by, 2))


def _labels(part: Label | Iterable[Label]) -> list[Label]:
    return list(part) if isinstance(part, Iterable) and not isinstance(part, str) else [part]
