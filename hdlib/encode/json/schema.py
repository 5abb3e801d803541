"""What was seen at each path: kinds of values, texts, number scales, sizes of containers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from hdlib.encode.json.paths import ANY, Path, Step
from hdlib.encode.json.scales import NumberScale
from hdlib.encode.json.shapes import NUMBER, STRING, Token

OBJECT, LIST = "object", "array"
END: Any = object()
VOCABULARY = 10_000  # texts remembered at one path


class Node:
    """One path of the schema; all items of an array share one, the step ``[*]``."""

    __slots__ = ("counts", "items", "keys", "longest", "parts", "scale", "texts", "total")

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}  # values of each kind
        self.keys: dict[str, Node] = {}
        self.items: Node | None = None
        self.texts: dict[str, int] = {}
        self.scale: NumberScale | None = None
        self.parts = 0  # children of all containers that were seen here
        self.longest = 0  # items of the longest array
        self.total = 0  # leaves below all values that were seen here

    def child(self, step: Step) -> Node | None:
        """The path one step further, if anything was seen there."""
        return self.keys.get(step) if isinstance(step, str) else self.items

    @property
    def seen(self) -> int:
        """Values of any kind that were seen here."""
        return sum(self.counts.values())


def learn(root: Node, tokens: tuple[Token, ...], leaves: list[Any]) -> None:
    """Take one flat document into the schema; nothing recurses."""
    values = iter(leaves)
    root.total += sum(not isinstance(token, tuple | int) for token in tokens)
    open_: list[tuple[Node, Iterator[Step]]] = []  # containers, and the steps still to come
    node = root
    for token in tokens:
        if isinstance(token, tuple):
            _count(node, OBJECT, len(token))
            open_.append((node, iter(token)))
        elif isinstance(token, int):
            _count(node, LIST, token)
            node.longest = max(node.longest, token)
            open_.append((node, itertools.repeat(ANY, token)))
        else:
            _count(node, token)
            if token == STRING:
                _text(node, next(values))
            elif token == NUMBER:
                node.scale = node.scale or NumberScale()
                node.scale.add(next(values))
        while open_:
            above, steps = open_[-1]
            step = next(steps, END)
            if step is not END:
                node = _grown(above, step)
                break
            open_.pop()


def _count(node: Node, kind: str, parts: int = 0) -> None:
    node.counts[kind] = node.counts.get(kind, 0) + 1
    node.parts += parts


def _text(node: Node, text: str) -> None:
    if text in node.texts or len(node.texts) < VOCABULARY:
        node.texts[text] = node.texts.get(text, 0) + 1


def _grown(above: Node, step: Step) -> Node:
    """The child at a step, new where nothing was seen there."""
    if isinstance(step, str):
        if step not in above.keys:
            above.keys[step] = Node()
        return above.keys[step]
    above.items = above.items or Node()
    return above.items


def find(root: Node, path: Path) -> Node | None:
    """The node of a path, if anything was seen there."""
    node: Node | None = root
    for step in path:
        if node is None:
            return None
        node = node.child(step)
    return node


def walk(root: Node) -> Iterator[tuple[int, Step, Node]]:
    """Every node with the place of its parent in this order, and its step; the root's is -1."""
    waiting: list[tuple[int, Step, Node]] = [(-1, ANY, root)]
    place = 0
    while waiting:
        entry = waiting.pop()
        yield entry
        node = entry[2]
        parts: list[tuple[Step, Node]] = list(node.keys.items())
        parts += [(ANY, node.items)] if node.items is not None else []
        waiting += [(place, step, part) for step, part in reversed(parts)]
        place += 1


def state(root: Node) -> list[Any]:
    """The schema as a flat list of plain values, parents first."""
    return [
        [
            parent,
            step,
            node.counts,
            node.texts,
            node.scale and node.scale.state(),
            [node.parts, node.longest, node.total],
        ]
        for parent, step, node in walk(root)
    ]


def restored(entries: list[Any]) -> Node:
    """The schema that a ``state`` was taken of."""
    nodes: list[Node] = []
    for parent, step, counts, texts, scale, sizes in entries:
        node = Node() if parent == -1 else _grown(nodes[parent], step)
        node.counts, node.texts = dict(counts), dict(texts)
        node.scale = None if scale is None else NumberScale.restored(scale)
        node.parts, node.longest, node.total = map(int, sizes)
        nodes.append(node)
    return nodes[0]
