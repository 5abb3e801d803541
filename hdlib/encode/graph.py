"""A graph in one vector: an edge is its two nodes, bound; a graph is the bundle of its edges."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from hdlib.encode.common import (
    COMMUTATIVE,
    Item,
    Structure,
    commutes,
    member_threshold,
    move,
    pairs,
    vectors,
)
from hdlib.memory.items import ItemMemory
from hdlib.vsa import VSA


class Graph(Structure):
    """Edges between nodes: are two joined, and who is next to whom.

    A directed edge is its target, moved one place, bound to its source; an undirected one is both
    nodes bound, or, where binding does not commute (BSDC, VTB, MBAT), both directed edges. Takes
    every model. Errors: ValueError where sources and targets do not pair up. Source: Poduval et al.
    2022, doi:10.3389/fnins.2022.757125; Heddes et al. 2023, arXiv 2205.09208.
    Taught in notebook 03.

    >>> from hdlib import ItemMemory, MAPI
    >>> vsa = MAPI(10_000)
    >>> cities = ItemMemory(vsa).add(["Bonn", "Kiel", "Ulm"])
    >>> roads = Graph(vsa, directed=True).add(["Bonn", "Bonn"], ["Kiel", "Ulm"])
    >>> roads.has_edge("Bonn", "Kiel").item(), roads.has_edge("Kiel", "Bonn").item(), len(roads)
    (True, False, 2)
    >>> roads.decode("Bonn", cities)
    ['Kiel', 'Ulm']
    """

    def __init__(self, vsa: VSA, *, directed: bool = False) -> None:
        super().__init__(vsa)
        self.directed = directed
        self._double = not directed and not isinstance(vsa, COMMUTATIVE)

    def __len__(self) -> int:
        return len(self._sum) // (2 if self._double else 1)

    def add(self, sources: Item, targets: Item) -> Graph:
        """Add edges: ``(n, W), (n, W)``, or one node against many; returns itself."""
        self._sum.add(self._edges("add", sources, targets))
        return self

    def remove(self, sources: Item, targets: Item) -> Graph:
        """Take back edges that were added; returns itself."""
        self._sum.remove(self._edges("remove", sources, targets))
        return self

    def similarity(self, sources: Item, targets: Item) -> Tensor:
        """How similar edges are to the graph, near 0 for none: ``(…, W), (…, W) -> (…,)``."""
        edges = self._edge(vectors(self.vsa, sources), vectors(self.vsa, targets))
        flat = self.vsa.similarity(edges.reshape(-1, edges.shape[-1]), self.value)
        return flat.reshape(edges.shape[:-1])

    def has_edge(self, sources: Item, targets: Item) -> Tensor:
        """Is there an edge? ``(…, W), (…, W) -> (…,)`` bool.

        Yes above half the similarity that theory gives a member of a bundle of this size.
        """
        if len(self) == 0:
            return torch.zeros_like(self._blank(sources, targets), dtype=torch.bool)
        return self.similarity(sources, targets) > member_threshold(self.vsa, len(self._sum))

    def neighbours(self, nodes: Item) -> Tensor:
        """A noisy bundle of where edges lead from each node: ``(…, W) -> (…, W)``."""
        found = self.vsa.unbind(self.value, vectors(self.vsa, nodes))
        return move(self.vsa, found, -1) if self.directed or self._double else found

    def predecessors(self, nodes: Item) -> Tensor:
        """A noisy bundle of where edges to each node begin: ``(…, W) -> (…, W)``.

        Errors: NotImplementedError where binding does not commute.
        """
        if not self.directed:
            return self.neighbours(nodes)
        commutes(self.vsa, "predecessors", "ask has_edge for each node")
        return self.vsa.unbind(self.value, move(self.vsa, vectors(self.vsa, nodes)))

    def decode(self, node: Item, memory: ItemMemory) -> list[Any]:
        """The labels of a memory to which an edge leads from a node, in the memory's order."""
        labels = memory.labels
        joined = self.has_edge(vectors(self.vsa, node), memory.vectors()).tolist()
        return [label for label, yes in zip(labels, joined, strict=True) if yes]

    def _edge(self, sources: Tensor, targets: Tensor) -> Tensor:
        if self.directed or self._double:
            targets = move(self.vsa, targets)
        return self.vsa.bind(targets, sources)

    def _blank(self, sources: Item, targets: Item) -> Tensor:
        return self._edge(vectors(self.vsa, sources), vectors(self.vsa, targets))[..., 0]

    def _edges(self, verb: str, sources: Item, targets: Item) -> Tensor:
        begin, end = pairs(self.vsa, verb, sources, targets)
        edges = self._edge(begin, end)
        return torch.cat([edges, self._edge(end, begin)]) if self._double else edges
