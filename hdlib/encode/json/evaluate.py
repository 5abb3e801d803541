"""From the shape of documents to their vectors: all of one shape at once, without recursion."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import torch
from torch import Tensor

from hdlib.encode.json import operators
from hdlib.encode.json.numbers import Codes, Numbers
from hdlib.encode.json.operators import ARRAY, BAG, ITEM, PAIRS, Operators
from hdlib.encode.json.paths import ANY, Step
from hdlib.encode.json.scales import LOG_WIDTH, WIDTH, NumberScale, floats
from hdlib.encode.json.schema import Node
from hdlib.encode.json.shapes import NUMBER, STRING, Token
from hdlib.encode.json.texts import Texts, Words
from hdlib.vsa import MBAT

Weighting = Literal["level", "leaf"]
Arrays = Literal["position", "bag", "ngram", "mixed"]
UNFITTED = NumberScale()
THERMOMETER_ENDS = -10 / LOG_WIDTH, 10 / LOG_WIDTH  # unfitted: about ±11,000
END: Any = object()
HALF = math.sqrt(0.5)


class Weights:
    """How much the value at a path counts in a query, and at the paths below it."""

    __slots__ = ("below", "value")

    def __init__(self) -> None:
        self.value = 1.0
        self.below: dict[Step, Weights] = {}


class Container:
    """An object or array that is being summed up, for all documents of a group."""

    __slots__ = ("array", "later", "node", "places", "step", "steps", "sum", "weights")

    def __init__(
        self, steps: Iterator[Step], array: bool, node: Node | None, weights: Weights | None
    ) -> None:
        self.steps, self.array, self.node, self.weights = steps, array, node, weights
        self.step: Step = next(steps)  # of the child that is being made
        self.sum: Tensor | None = None
        self.places: Tensor | None = None  # Horner's sum over positions
        self.later: Tensor | None = None  # the item after the present one

    @property
    def below(self) -> tuple[Node | None, Weights | None]:
        """What is known about the present child."""
        node = None if self.node is None else self.node.child(self.step)
        return node, self.weights and self.weights.below.get(self.step)


class Evaluator:
    """The rules of the code: what the vectors of leaves are, and how containers are summed."""

    def __init__(
        self,
        vsa: MBAT,
        *,
        array: Arrays,
        weighting: Weighting,
        numbers: Codes,
        words: Words | None,
    ) -> None:
        self.vsa, self.array, self.weighting = vsa, array, weighting
        self.operators = Operators(vsa)
        self.texts, self.numbers = Texts(vsa, words), Numbers(vsa, numbers)
        self._constants: dict[str, Tensor] = {}

    @property
    def ordered(self) -> bool:
        """Whether the items of an array can be read one by one."""
        return self.array in ("position", "mixed")

    # Leaves

    def constant(self, name: str) -> Tensor:
        """The atom of null, true, false, an empty value, NaN or an infinity."""
        if name not in self._constants:
            self._constants[name] = self.vsa.atoms(f"constant/{name}").unsqueeze(0)
        return self._constants[name]

    def number_vectors(self, numbers: Sequence[Any], scale: NumberScale | None) -> Tensor:
        """Numbers on the scale of their path: ``-> (n, D)``."""
        x = floats(list(numbers))
        scale = scale or UNFITTED
        units = torch.from_numpy(scale.units(x)).to(self.vsa.device, torch.float32)
        return self.numbers.vectors(units, self.ends(scale))

    @staticmethod
    def ends(scale: NumberScale) -> tuple[float, float]:
        """Units at the ends of a thermometer."""
        return (0.0, 1 / WIDTH) if len(scale.places) else THERMOMETER_ENDS

    def leaf(self, token: Token, values: Sequence[Any], node: Node | None) -> Tensor:
        """The leaves of a group: ``-> (n, D)``, or one row where all are equal."""
        if token == NUMBER:
            return self.number_vectors(values, None if node is None else node.scale)
        if token != STRING:
            return self.constant(str(token))
        if len(values) == 1:
            return self.texts.vectors(values)
        distinct = {text: row for row, text in enumerate(dict.fromkeys(values))}
        rows = self.texts.vectors(list(distinct))
        if len(distinct) == 1:
            return rows
        places = torch.tensor([distinct[text] for text in values], device=self.vsa.device)
        return rows.index_select(0, places)

    # Containers

    def evaluate(
        self,
        tokens: Sequence[Token],
        columns: Sequence[Sequence[Any]],
        node: Node | None,
        weights: Weights | None = None,
        raw: bool = False,
    ) -> Tensor:
        """Documents of one shape to vectors: ``-> (n, D)``, or one row where all are equal.

        By "level" they have length 1, if not ``raw``; by "leaf" they are as long as they come.

        ``columns`` holds for each text or number its value in every document.
        """
        column = iter(columns)
        open_: list[Container] = []
        for token in tokens:
            if isinstance(token, tuple | int):
                array = isinstance(token, int)
                steps = itertools.repeat(ANY, token) if isinstance(token, int) else iter(token)
                open_.append(Container(steps, array, node, weights))
                node, weights = open_[-1].below
                continue
            values = next(column) if token in (STRING, NUMBER) else ()
            x = self.leaf(token, values, node)
            while open_:
                container = open_[-1]
                self._attach(container, x if weights is None else x * weights.value)
                container.step = next(container.steps, END)
                if container.step is not END:
                    node, weights = container.below
                    break
                open_.pop()
                x, weights = self._finish(container), container.weights
                if self.weighting == "level" and (open_ or not raw):
                    x = normal(x)
        return x

    def document(
        self, flat: tuple[tuple[Token, ...], list[Any]], node: Node | None, *, raw: bool = False
    ) -> Tensor:
        """One flat document: ``-> (D,)``."""
        tokens, leaves = flat
        return self.evaluate(tokens, [[leaf] for leaf in leaves], node, raw=raw)[0]

    def _attach(self, container: Container, x: Tensor) -> None:
        """Add a child; the items of an array come last first."""
        if not container.array:
            label = operators.key(str(container.step))
            container.sum = _added(container.sum, self.operators.forward(label, x))
            return
        if self.ordered:
            rest = x if container.places is None else container.places + x
            container.places = self.operators.forward(ITEM, rest)
        if self.array in ("bag", "mixed"):
            container.sum = x.clone() if container.sum is None else _added(container.sum, x)
        if self.array == "ngram":
            later = self.constant("end") if container.later is None else container.later
            container.sum = _added(container.sum, self._pair(x, later))
            container.later = x

    def _pair(self, x: Tensor, later: Tensor) -> Tensor:
        """Two neighbours: the product of one and the other moved, so that both may be similar."""
        return normal(x * self.operators.forward(ITEM, later))

    def _finish(self, container: Container) -> Tensor:
        """A container whose children are all there."""
        total, places = container.sum, container.places
        if not container.array:
            assert total is not None
        elif self.array == "ngram":
            assert container.later is not None
            total = _added(total, self._pair(self.constant("start"), container.later))
            total = self.operators.forward(PAIRS, total)
        elif self.array == "bag":
            assert total is not None
            total = self.operators.forward(BAG, total)
        else:
            assert places is not None
            ordered = self.operators.forward(ARRAY, places)
            if total is None:
                total = ordered
            else:
                total = HALF * (ordered + self.operators.forward(BAG, total))
        return total

    def filled(self, x: Tensor) -> Tensor:
        """Vectors of whole documents, where all cancelled an atom: ``(n, D) -> (n, D)``."""
        there = x.any(-1, keepdim=True)
        return x if there.all() else torch.where(there, x, self.constant("cancelled"))

    # One step of a path

    def bind_step(self, step: Step, x: Tensor) -> Tensor:
        """What a value adds to the container in which it stands: ``(…, D) -> (…, D)``."""
        if isinstance(step, str):
            return self.operators.forward(operators.key(step), x)
        parts = []
        if self.ordered:
            placed = x
            for _ in range(self._position(step) + 1):
                placed = self.operators.forward(ITEM, placed)
            parts.append(self.operators.forward(ARRAY, placed))
        if self.array in ("bag", "mixed"):
            parts.append(self.operators.forward(BAG, x))
        return parts[0] if len(parts) == 1 else HALF * (parts[0] + parts[1])

    def unbind_step(self, step: Step, x: Tensor, *, all_parts: bool = False) -> Tensor:
        """The noisy value at a step of a container: ``(…, D) -> (…, D)``.

        Of mixed arrays the ordered part is read, for the other would bring in all items;
        ``all_parts`` gives the exact transpose of ``bind_step`` instead.
        """
        if isinstance(step, str):
            return self.operators.back(operators.key(step), x)
        parts = []
        if self.ordered:
            placed = self.operators.back(ARRAY, x)
            for _ in range(self._position(step) + 1):
                placed = self.operators.back(ITEM, placed)
            parts.append(placed)
        if self.array == "bag" or (self.array == "mixed" and all_parts):
            parts.append(self.operators.back(BAG, x))
        return parts[0] if len(parts) == 1 else HALF * (parts[0] + parts[1])

    @staticmethod
    def _position(step: Step) -> int:
        assert isinstance(step, int)
        return step


def _added(total: Tensor | None, x: Tensor) -> Tensor:
    """A running sum, in place where it has room; x is its own memory."""
    if total is None:
        return x
    return total + x if len(x) > len(total) else total.add_(x)


def normal(x: Tensor) -> Tensor:
    """Rows of length 1; a zero row stays zero."""
    length: Tensor = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    return x / length.clamp_min_(1e-30)
