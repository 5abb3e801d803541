"""Why two documents are similar: their cosine as a sum over the paths of one of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from hdlib.encode.json.evaluate import Evaluator
from hdlib.encode.json.paths import Path, Step, show
from hdlib.encode.json.rules import Rules
from hdlib.encode.json.schema import Node
from hdlib.encode.json.shapes import children, flatten

MANY = 1_000  # values of a query that is explained
TINY = 1e-30  # in place of a length of 0: parts may cancel
LACKS: Any = object()  # in place of a value that the document has not


@dataclass(frozen=True)
class Part:
    """One path of a query beside what a document has there.

    score: cosine of the query's value and the document, unbound to the path; expected: the score of
    an equal value, 0 where the document has none; noise: the standard deviation of the score of an
    unrelated one. weight: how much the path counts in the query. contribution: weight · score,
    which over the rows with ``leaf`` adds up to the cosine of query and document.
    """

    path: str
    value: Any
    leaf: bool
    score: float
    expected: float
    noise: float
    weight: float
    contribution: float


def explain(
    evaluator: Evaluator, rules: Rules, query: Any, root: Node, x: Tensor, document: Any
) -> list[Part]:
    """The paths of a query in a vector ``(D,)`` of length 1, containers before their parts.

    document: what the vector was made of, for the expected scores, or the query itself.
    """
    if len(flatten(query, rules)[0]) > MANY:
        raise ValueError(f"explain: a query of more than {MANY:,} values; explain a part of it")
    leafy, noise = evaluator.weighting == "leaf", 1 / math.sqrt(evaluator.vsa.dim)
    scale = 1 / _length(evaluator, rules, query, root) if leafy else 1.0
    found: list[Part] = []
    waiting: list[tuple[Path, Any, Node | None, Tensor, float, Any, float]] = [
        ((), query, root, x, scale, document, 1.0)
    ]
    while waiting:
        path, value, node, at, factor, there, expected = waiting.pop()
        code = evaluator.document(flatten(value, rules), node)
        length = max(float(torch.linalg.vector_norm(code)), TINY)
        part = float(at @ code)  # of the cosine, but for the factor
        below = children(value) if _readable(evaluator, value) else []
        if leafy and there is not LACKS:
            expected = math.sqrt(_leaves(there, rules) / _leaves(document, rules))
        weight, score = factor * length, part / length
        row = (score, expected if there is not LACKS else 0.0, noise, weight, factor * part)
        found.append(Part(show(path), value, not below, *row))
        if not below:
            continue
        factor = factor if leafy else factor / _length(evaluator, rules, value, node)
        inside = expected / math.sqrt(max(1, len(children(there))))
        for step, child in reversed(below):
            lower = evaluator.unbind_step(step, at, all_parts=True)
            node_below = None if node is None else node.child(step)
            entry = ((*path, step), child, node_below, lower, factor, _at(there, step), inside)
            waiting.append(entry)
    return found[1:] if children(query) else found


def _readable(evaluator: Evaluator, value: Any) -> bool:
    """Whether the parts of a value are bound one by one: pairs are not."""
    return isinstance(value, Mapping) or evaluator.array != "ngram"


def _length(evaluator: Evaluator, rules: Rules, value: Any, node: Node | None) -> float:
    """The length of a container's sum before it is set to 1."""
    total = evaluator.document(flatten(value, rules), node, raw=True)
    return max(float(torch.linalg.vector_norm(total)), TINY)


def _leaves(value: Any, rules: Rules) -> int:
    return sum(not isinstance(token, tuple | int) for token in flatten(value, rules)[0])


def _at(value: Any, step: Step) -> Any:
    """The child of a document, or LACKS."""
    for own, child in children(value):
        if own == step:
            return child
    return LACKS
