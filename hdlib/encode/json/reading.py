"""Out of a vector again: which value stands at a path, and how sure that is.

The vector at a path, unbound, is w·v + noise: v the code of the value, w its weight, and the noise
of variance (1 - w²)/D in every direction. So the log-odds of a candidate c against "nothing is
there" are D/(1 - w²)·(w·s - w²/2), where s is the cosine to c, and Bayes' rule turns them and the
counts of the fit into probabilities. Numbers are candidates on a grid.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hdlib.encode.json.evaluate import Evaluator
from hdlib.encode.json.paths import Path, Step, show
from hdlib.encode.json.scales import NumberScale
from hdlib.encode.json.schema import LIST, OBJECT, Node
from hdlib.encode.json.shapes import CONSTANTS, NUMBER, STRING, Token

ABSENT = "absent"
ROOM = 1 << 26  # elements of candidates kept for the next reading
DEEPEST = 100  # levels of a value that is put together from its parts


@dataclass(frozen=True)
class Reading:
    """What stands at a path of a vector.

    kind: "string", "number", "null", "true", "false", "empty text", "[]", "{}", "object", "array",
    or "absent". confidence: the probability of the value given the vector, of a number that it is
    right to about a unit of its scale, of a container that of its least sure part. score: cosine to
    the value's code (of a container, the mean of its parts'); expected: its mean at this path;
    noise: its standard deviation if something else is there.
    """

    path: str
    value: Any
    kind: str
    confidence: float
    score: float
    expected: float
    noise: float


@dataclass
class Candidates:
    """What may stand at a path: rows ``(n, D)``, their prior log-odds, and what they mean."""

    rows: Tensor
    prior: Tensor
    kinds: list[tuple[str, int]]  # kinds and where their rows end
    texts: list[str]
    units: Tensor
    scale: NumberScale | None
    share: float  # of leaves among all that was seen there


class Reader:
    """Reads vectors of one evaluator by one schema."""

    def __init__(self, evaluator: Evaluator, root: Node) -> None:
        self.evaluator, self.root = evaluator, root
        self._kept: OrderedDict[int, Candidates] = OrderedDict()

    # Where a path leads

    def follow(self, x: Tensor, path: Path) -> tuple[Tensor, Node, float, float]:
        """The unbound vectors at a path, its node, its expected weight, the chance of no value."""
        node, weight, absent = self.root, self.start, 0.0
        for place, step in enumerate(path):
            if isinstance(step, int) and not self.evaluator.ordered:
                kind, here = self.evaluator.array, show(path[: place + 1])
                repair = 'make the encoder with array="position"'
                raise ValueError(f"get: {here}: an array as {kind} has no positions; {repair}")
            child = node.child(step)
            if child is None or (isinstance(step, int) and step >= node.longest):
                here = show(path[: place + 1])
                raise KeyError(f"get: nothing was seen at {here}; fit to records that have it")
            x = self.evaluator.unbind_step(step, x)
            weight *= self.factor(node, step)
            absent = self.missing(node, step)
            node = child
        return x, node, weight, absent

    @property
    def start(self) -> float:
        """The mean weight of one leaf, or 1 where containers have length 1."""
        leaf = self.evaluator.weighting == "leaf"
        return math.sqrt(self.root.seen / max(1, self.root.total)) if leaf else 1.0

    def factor(self, node: Node, step: Step) -> float:
        """How much lighter a child is than its container, on average."""
        mixed = (
            math.sqrt(0.5) if not isinstance(step, str) and self.evaluator.array == "mixed" else 1
        )
        if self.evaluator.weighting == "leaf":
            return mixed
        kind = OBJECT if isinstance(step, str) else LIST
        return mixed * math.sqrt(node.counts.get(kind, 0) / max(1, node.parts))

    def missing(self, node: Node, step: Step) -> float:
        """How often a container at a node lacks a step, by the fit."""
        if not isinstance(step, str):
            return 0.5
        seen = node.counts.get(OBJECT, 0)
        child = node.child(step)
        return (seen - (child.seen if child else 0) + 0.5) / (seen + 1)

    # Values

    def read(self, x: Tensor, path: Path) -> list[Reading]:
        """The values at a path of several vectors: ``(n, D) -> n``."""
        at, node, weight, absent = self.follow(x, path)
        return self._values(at, node, weight, absent, path)

    def place(self, flat: tuple[tuple[Token, ...], list[Any]], x: Tensor) -> Path:
        """The path at which a leaf stands in a vector ``(1, D)``: the likeliest that saw it."""
        token, leaves = flat[0][0], flat[1]
        best: tuple[float, Path] = (-math.inf, ())
        waiting: list[tuple[Path, Node, Tensor, float]] = [((), self.root, x, self.start)]
        while waiting:
            path, node, at, weight = waiting.pop()
            known = node.counts.get(str(token), 0) and (token != STRING or leaves[0] in node.texts)
            if known:
                code = self.evaluator.document(flat, node)
                odds = weight * float(at[0] @ code) - weight * weight / 2
                best = max(best, (odds, path))
            if len(path) < DEEPEST:
                waiting += [
                    ((*path, step), child, self.evaluator.unbind_step(step, at), lower)
                    for step, child in node.keys.items()
                    if (lower := weight * self.factor(node, step))
                ]
        if best[0] == -math.inf:
            raise KeyError("analogy: the fit saw this value nowhere; give one that it saw")
        return best[1]

    def _values(
        self, x: Tensor, node: Node, weight: float, absent: float, path: Path
    ) -> list[Reading]:
        leaves = self._leaves(x, node, weight, absent, path)
        containers = [kind for kind in (OBJECT, LIST) if node.counts.get(kind)]
        if not containers:
            return leaves
        if len(path) > DEEPEST:
            raise ValueError(f"get: {show(path)} holds more levels than can be put together")
        made = [self._container(x, node, kind, weight, path) for kind in containers]
        best = [max(options, key=lambda r: r.confidence) for options in zip(*made, strict=True)]
        return [
            leaf if leaf.kind != ABSENT or not container.value else container
            for leaf, container in zip(leaves, best, strict=True)
        ]

    def _container(
        self, x: Tensor, node: Node, kind: str, weight: float, path: Path
    ) -> list[Reading]:
        """Objects and arrays, put together from the parts that can be read."""
        n, noise = len(x), self.noise
        values: list[Any] = [{} if kind == OBJECT else [] for _ in range(n)]
        sure, scores, counts = [1.0] * n, [0.0] * n, [0] * n
        going = [True] * n  # arrays that have not ended
        for step in self._steps(node, kind):
            child = node.child(step)
            assert child is not None
            below = weight * self.factor(node, step)
            at = self.evaluator.unbind_step(step, x)
            absent = self.missing(node, step)
            for i, part in enumerate(self._values(at, child, below, absent, (*path, step))):
                going[i] = going[i] and (part.kind != ABSENT or kind == OBJECT)
                if part.kind == ABSENT or not going[i]:
                    continue
                if kind == OBJECT:
                    values[i][step] = part.value
                else:
                    values[i].append(part.value)
                sure[i] = min(sure[i], part.confidence)
                scores[i], counts[i] = scores[i] + part.score, counts[i] + 1
            if not any(going):
                break
        return [
            Reading(show(path), v, kind, c if v else 0.0, s / max(1, many), weight, noise)
            for v, c, s, many in zip(values, sure, scores, counts, strict=True)
        ]

    def _steps(self, node: Node, kind: str) -> Iterator[Step]:
        if kind == OBJECT:
            yield from node.keys
        elif self.evaluator.ordered:
            yield from range(node.longest)

    @property
    def noise(self) -> float:
        """Standard deviation of the cosine of unrelated vectors."""
        return 1 / math.sqrt(self.evaluator.vsa.dim)

    def _leaves(
        self, x: Tensor, node: Node, weight: float, absent: float, path: Path
    ) -> list[Reading]:
        """The likeliest leaf of each vector, or that there is none."""
        found = self.candidates(node)
        if not len(found.rows):
            nothing = Reading(show(path), None, ABSENT, absent, 0.0, weight, self.noise)
            return [nothing] * len(x)
        x = x / torch.linalg.vector_norm(x, dim=-1, keepdim=True).clamp_min(1e-30)
        scores = x @ found.rows.mT  # (n, C)
        w = min(weight, 0.98)
        gain = self.evaluator.vsa.dim / (1 - w * w)
        odds = gain * (w * scores - w * w / 2) + found.prior
        there = (1 - absent) * found.share
        none = math.log(max(1 - there, 1e-9) / max(there, 1e-9))
        odds = torch.cat([odds, odds.new_full((len(x), 1), none)], dim=-1)
        shares = odds.softmax(-1)
        return [
            self._best(found, row, score, weight, path)
            for row, score in zip(shares.cpu(), scores.cpu(), strict=True)
        ]

    def _best(
        self, found: Candidates, shares: Tensor, scores: Tensor, weight: float, path: Path
    ) -> Reading:
        start, kinds = 0, []
        for kind, end in found.kinds:
            kinds.append((float(shares[start:end].sum()), kind, start, end))
            start = end
        kinds.append((float(shares[-1]), ABSENT, start, start))
        sure, kind, start, end = max(kinds)
        if kind == ABSENT:
            top = float(scores.max())
            return Reading(show(path), None, ABSENT, sure, top, weight, self.noise)
        place = start + int(shares[start:end].argmax())
        score = float(scores[place])
        if kind == NUMBER:
            value, sure = self._number(found, shares[start:end], scores[start:end])
        elif kind == STRING:
            value, sure = found.texts[place - start], float(shares[place])
        else:
            value, sure = CONSTANTS[kind], float(shares[place])
        return Reading(show(path), value, kind, sure, score, weight, self.noise)

    def _number(self, found: Candidates, shares: Tensor, scores: Tensor) -> tuple[Any, float]:
        """The top of the scores on the grid, refined by the parabola through it."""
        units, best = found.units.cpu(), int(scores.argmax())
        at, step = float(units[best]), float(units[1] - units[0])
        if 0 < best < len(scores) - 1:
            left, top, right = (float(scores[best + i]) for i in (-1, 0, 1))
            bend = left - 2 * top + right
            at += step * (left - right) / (2 * bend) if bend < 0 else 0.0
        near = (units - at).abs() <= 1
        scale = found.scale
        assert scale is not None
        value = float(scale.numbers(np.array([at]))[0])
        whole = scale.whole and len(scale.places) > 0
        return (int(value) if whole else value), float(shares[near].sum())

    def candidates(self, node: Node) -> Candidates:
        """What was seen at a node, as rows to compare with."""
        key = id(node)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        made = self._made(node)
        size = made.rows.numel()
        while self._kept and size + sum(c.rows.numel() for c in self._kept.values()) > ROOM:
            self._kept.popitem(last=False)
        self._kept[key] = made
        return made

    def _made(self, node: Node) -> Candidates:
        device, e = self.evaluator.vsa.device, self.evaluator
        rows, prior, kinds = [torch.empty(0, e.vsa.dim, device=device)], [], []
        texts, units = list(node.texts), torch.empty(0, device=device)
        leaves = node.seen - node.counts.get(OBJECT, 0) - node.counts.get(LIST, 0)
        for kind, count in sorted(node.counts.items()):
            if kind == STRING:
                part = e.texts.vectors(texts)
            elif kind == NUMBER:
                assert node.scale is not None
                units = e.numbers.grid(node.scale.reach)
                part = e.numbers.vectors(units, e.ends(node.scale))
            elif kind in CONSTANTS:
                part = e.constant(kind)
            else:
                continue
            rows.append(part)
            prior += [math.log(count / leaves / len(part))] * len(part)
            kinds.append((kind, len(prior)))
        return Candidates(
            torch.cat(rows),
            torch.tensor(prior, device=device),
            kinds,
            texts,
            units,
            node.scale,
            leaves / max(1, node.seen),
        )
