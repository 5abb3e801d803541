"""Notebook 06: two documents under four ways to bind; which of them can tell the two apart."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import plotly.graph_objects as go
import torch
from torch import Tensor

from hdlib import bits
from hdlib.vsa import MAPB, MBAT
from hdlib.workbook import style
from hdlib.workbook.boxes import Area
from hdlib.workbook.colours import AXIS, INK, QUIET
from hdlib.workbook.controls import Select, Slider
from hdlib.workbook.documents import read_document
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.figure import LiveFigure

DIMS = (256, 1024, 4096)
ALGEBRAS = {
    "MAP": "MAP: signs, multiplied",
    "circulant": "circulant matrices (HRR)",
    "powers": "MBAT, arrays by powers of M",
    "MBAT": "MBAT, with A for arrays",
}
MODELS = {"MAP": "MAPB", "circulant": "HRR", "powers": "MBAT", "MBAT": "MBAT"}
PAIRS = {
    "swap": ("two keys swapped", '{"a": {"b": 1}}', '{"b": {"a": 1}}'),
    "cancel": ("a key within itself", '{"a": {"a": "x"}}', '"x"'),
    "transpose": ("table, transposed", '[["p", "q"], ["r", "s"]]', '[["p", "r"], ["q", "s"]]'),
    "order": ("another order of keys", '{"a": 1, "b": 2}', '{"b": 2, "a": 1.0}'),
    "null": ("null, and no field", '{"a": 1, "b": null}', '{"a": 1}'),
    "front": ("an item put in front", '["p", "q", "r"]', '["z", "p", "q", "r"]'),
}  # fmt: skip
MOST = 400  # characters of a document
Word = tuple[Any, ...]  # the matrices in front of a leaf, the outermost first
Sum = dict[tuple[Word, str], float]  # how much of each leaf, behind which matrices


def explore_collisions(pair: str = "swap") -> Explorer:
    """Two documents, and their cosine under four ways to bind. Taught in notebook 06.

    >>> card = explore_collisions("transpose")
    >>> card.words.split(". ")[0]
    'Exact cosines: MAP 1.00, circulant 1.00, MBAT by powers of M 1.00, MBAT with A 0.50'
    """
    texts = [text for _, *both in PAIRS.values() for text in both]
    controls = {
        "first": Area("one document", PAIRS[pair][1], max_length=MOST, lines=3, examples=texts),
        "second": Area("the other", PAIRS[pair][2], max_length=MOST, lines=3, examples=texts),
        "pair": Select("example", {name: about for name, (about, *_) in PAIRS.items()}, pair),
        "dim": Slider("dimension D", 1024, values=DIMS),
    }

    def fill(change: Any) -> None:
        _, controls["first"].value, controls["second"].value = PAIRS[change["new"]]

    controls["pair"].observe(fill, "value")
    return Explorer(
        "go through the examples, then write two documents that mean different things and that "
        "MAP takes for one.",
        controls,
        cosines_figure(),
        update,
    )


def cosines_figure() -> LiveFigure:
    """A row for each way to bind: the exact cosine as an upright line, this draw as a mark."""
    traces: list[go.Scatter] = []
    for place, (name, model) in enumerate(MODELS.items()):
        line = style.exact([0, 0], [place - 0.32, place + 0.32], f"{name}, exact", model)
        mark = style.measured([0], [place], None, f"{name}, this draw", model)
        traces += [line.update(line={"width": 4}), mark.update(error_y=None)]
    layout = {
        "xaxis": {
            "title": {"text": "cosine of both documents (line: exact; mark: these vectors)"},
            "range": [-0.3, 1.12],
            "zeroline": True,
            "zerolinecolor": AXIS,
            "zerolinewidth": 1,
            "tickformat": ".1f",
        },
        "yaxis": {
            "range": [len(ALGEBRAS) - 0.4, -0.6],
            "tickvals": list(range(len(ALGEBRAS))),
            "ticktext": [name + "  " for name in ALGEBRAS.values()],
            "showgrid": False,
        },
        "height": 260,
    }
    return LiveFigure(go.Figure(traces, layout))


# On paper: a document as a sum of leaves, each behind the matrices that lead to it


def on_paper(document: Any, algebra: str) -> Sum:
    """Which leaves stand behind which matrices, with weights, in vectors of length 1.

    Two terms are the same vector if the algebra says that their matrices have the same product;
    others are orthogonal but for chance. So cosines of such sums are exact.
    """
    if isinstance(document, dict) and document:
        steps: list[tuple[Word, Any]] = [((f"key {key}",), part) for key, part in document.items()]
    elif isinstance(document, list) and document:
        steps = [(position(i, algebra), part) for i, part in enumerate(document)]
    else:
        return {((), leaf_name(document)): 1.0}
    total: Sum = {}
    for word, part in steps:
        for (inner, leaf), share in on_paper(part, algebra).items():
            term = product((*word, *inner), algebra), leaf
            total[term] = total.get(term, 0.0) + share
    length = math.sqrt(sum(share * share for share in total.values()))
    return {term: share / length for term, share in total.items()}


def position(i: int, algebra: str) -> Word:
    """The matrices of item i; MAP and circulants have a vector for each position."""
    if algebra in ("powers", "MBAT"):
        powers = ("M",) * (i + 1)
        return ("A", *powers) if algebra == "MBAT" else powers
    return (f"place {i}",)


def product(word: Word, algebra: str) -> Word:
    """The normal form of a product: what commutes is sorted, and signs cancel in pairs.

    >>> [product(("b", "a", "a"), algebra) for algebra in ("MAP", "circulant", "MBAT")]
    [('b',), ('a', 'a', 'b'), ('b', 'a', 'a')]
    """
    if algebra == "MAP":
        return tuple(sorted(key for key in set(word) if word.count(key) % 2))
    return tuple(sorted(word)) if algebra == "circulant" else word


def leaf_name(value: Any) -> str:
    """A leaf as text; 1 and 1.0 are one number, and 1 is not "1"."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{float(value)!r}" if number else json.dumps(value)


def expected(first: str, second: str, algebra: str) -> float:
    """The exact cosine of two documents, for ever more dimensions."""
    one, other = (on_paper(read(text), algebra) for text in (first, second))
    return sum(share * other.get(term, 0.0) for term, share in one.items())


# In vectors


Bind = Callable[[Tensor, str], Tensor]


@lru_cache(maxsize=len(DIMS) * len(ALGEBRAS))
def binder(algebra: str, dim: int) -> tuple[Callable[[str], Tensor], Bind]:
    """The atoms of leaves, and how the operator of a name acts: ``(D,) -> (D,)``."""
    if algebra == "MAP":
        signs = MAPB(dim)
        return (lambda leaf: signs.atoms(f"leaf {leaf}") / math.sqrt(dim)), (
            lambda x, name: x * signs.atoms(name)
        )
    vsa = MBAT(dim)
    if algebra == "circulant":

        def turn(x: Tensor, name: str) -> Tensor:  # every frequency by an angle of its own
            words = bits.words(bits.derive(0, name), torch.tensor(0), dim // 2 + 1)
            angles = 2 * math.pi * bits.uniforms(words)[: dim // 2 + 1].to(torch.float32)
            angles[0] = angles[-1] = 0
            turned = torch.fft.rfft(x) * torch.polar(torch.ones_like(angles), angles)
            back: Tensor = torch.fft.irfft(turned, dim)
            return back

        return (lambda leaf: vsa.atoms(f"leaf {leaf}")), turn
    return (lambda leaf: vsa.atoms(f"leaf {leaf}")), (lambda x, name: vsa.bind(x, vsa.atoms(name)))


@lru_cache(maxsize=256)
def vector(text: str, algebra: str, dim: int) -> Tensor:
    """A document as a vector of length 1: ``-> (D,)``."""
    atom, bind = binder(algebra, dim)

    def code(value: Any) -> Tensor:
        if isinstance(value, dict) and value:
            parts = [bind(code(part), f"key {key}") for key, part in value.items()]
        elif isinstance(value, list) and value:
            parts = []
            for i, part in enumerate(value):
                x = code(part)
                for name in reversed(position(i, algebra)):
                    x = bind(x, name)
                parts.append(x)
        else:
            return atom(leaf_name(value))
        total = torch.stack(parts).sum(0)
        length: Tensor = total.norm()
        return total / length

    return code(read(text))


@lru_cache(maxsize=256)
def read(text: str) -> Any:
    """A document of the card; errors say which of the two boxes."""
    return read_document(text, "the document")


def update(first: str, second: str, pair: str, dim: int) -> Any:
    """What the figure shows for these settings."""
    for text, name in ((first, "one document"), (second, "the other")):
        read_document(text, name)  # errors name the box
    exact = {name: expected(first, second, name) for name in ALGEBRAS}
    traces = {}
    for name, cosine in exact.items():
        drawn = float(vector(first, name, dim) @ vector(second, name, dim))
        traces[f"{name}, exact"] = {"x": [cosine, cosine]}
        traces[f"{name}, this draw"] = {"x": [drawn]}
    notes = [note(cosine, place) for place, cosine in enumerate(exact.values())]
    return (
        traces,
        {"title": title(exact, first, second), "annotations": notes},
        in_words(exact, dim),
    )


def note(cosine: float, place: int) -> dict[str, Any]:
    """The exact cosine beside its line, on the side with room."""
    left = cosine > 0.8
    return {
        "x": cosine,
        "y": place,
        "text": f"{cosine:.2f}",
        "showarrow": False,
        "xanchor": "right" if left else "left",
        "xshift": -12 if left else 12,
        "font": {"size": 12, "color": INK if cosine > 0.999 else QUIET},
    }


def title(exact: dict[str, float], first: str, second: str) -> str:
    """The finding: who takes the documents for one, and whether they are."""
    fooled = [name for name, cosine in exact.items() if cosine > 0.999]
    if same(read(first), read(second)):
        return "One document, written in two ways: every cosine is 1"
    if not fooled:
        return "Each of the four tells these documents apart"
    said = {"powers": "MBAT without A", "MBAT": "MBAT", "MAP": "MAP", "circulant": "circulants"}
    names = [said[name] for name in fooled]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    listed = listed[0].upper() + listed[1:]
    return f"{listed} take{'s' * (len(names) == 1 and names[0] != 'circulants')} both for one"


def same(one: Any, other: Any) -> bool:
    """Whether two documents mean the same in JSON: keys have no order, true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        pairs = itertools.zip_longest(one, other, fillvalue=...)
        return all(same(x, y) for x, y in pairs)
    containers = (dict, list, type(...))
    if isinstance(one, containers) or isinstance(other, containers):
        return False
    return leaf_name(one) == leaf_name(other)


def in_words(exact: dict[str, float], dim: int) -> str:
    """What the figure shows, in one line."""
    said = {"powers": "MBAT by powers of M", "MBAT": "MBAT with A"}
    cosines = ", ".join(f"{said.get(name, name)} {cosine:.2f}" for name, cosine in exact.items())
    return (
        f"Exact cosines: {cosines}. Each mark is one draw of all atoms at D = {dim:,}; where the "
        f"documents do not coincide, it scatters by about 1/√D = {dim**-0.5:.2f}."
    )
