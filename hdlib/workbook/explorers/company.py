"""Notebook 07: what a word is about, learned from the company it keeps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
import torch

from hdlib.segment import contexts, words
from hdlib.segment.segmentation import Array
from hdlib.vsa import MAPI
from hdlib.workbook.colours import ACCENT, INK
from hdlib.workbook.controls import Select, Slider, Toggle
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers import talks
from hdlib.workbook.figure import LiveFigure

ASKED = ("train", "hotel", "museum", "taxi", "weather", "restaurant", "doctor", "shop", "hund")
DIMS = (64, 128, 256, 512, 1024)
TALK = "service-en-22"
NEAR = 8  # words that are shown
TWICE = 2  # how often a word must come to be learned
WINDOW, LIMIT = 3, 0.5  # those with which the valleys card begins
COMMON = 0.003  # a word with this share of the text counts half
SHARE = "similarity to the word"


@dataclass(frozen=True)
class Lexicon:
    """The words of all shipped dialogues that come at least twice."""

    text: words.Text
    kept: Array  # their stems, (V,)
    names: list[str]  # the commonest word of each stem
    place: dict[str, int]
    weight: Array  # (V,), less for common words


@cache
def lexicon() -> Lexicon:
    """Counted once for all cards."""
    text = words.read(list(talks.shipped().values()))
    _, stem = words.bags(text)
    often = np.bincount(stem, minlength=len(text.stems))
    kept = np.flatnonzero(often >= TWICE)
    told = np.bincount(text.token, minlength=len(text.tokens) + 1)
    name = {}
    for token in np.argsort(told[: len(text.tokens)], kind="stable").tolist():
        name[text.tokens[token][: words.STEM]] = text.tokens[token]  # the commonest comes last
    stems = [text.stems[i] for i in kept]
    stops = words.stop_stems()
    share = often[kept] / often.sum() + np.array([0.02 * (stem in stops) for stem in stems])
    place = {stem: i for i, stem in enumerate(stems)}
    return Lexicon(text, kept, [name[s] for s in stems], place, COMMON / (COMMON + share))


@lru_cache(maxsize=16)
def weights(reach: int, ppmi: bool) -> Any:
    """How much each word hears of each other one, sparse ``(V, V)``."""
    counts = contexts.cooccurrence(lexicon().text, lexicon().kept, reach)
    return contexts.ppmi(counts) if ppmi else counts


@lru_cache(maxsize=64)
def vectors(reach: int, ppmi: bool, passes: int, dim: int) -> Array:
    """The words as atoms, or as their company: ``-> (V, D)``, rows of length 1."""
    known = lexicon()
    alone = contexts.atoms(MAPI(dim), [known.text.stems[i] for i in known.kept])
    found: Array = contexts.context_vectors(weights(reach, ppmi), alone, passes).numpy()
    return found


@lru_cache(maxsize=1)
def bags() -> Any:
    """Which words each utterance of the dialogue has: known ones by place, strange ones by name."""
    known = lexicon().place
    rows = []
    for utterance in talks.shipped()[TALK]["utterances"]:
        stems = {token[: words.STEM] for token in words.tokens(utterance) if token not in "?!"}
        rows.append(
            (sorted(known[s] for s in stems if s in known), sorted(s for s in stems - set(known)))
        )
    return rows


@lru_cache(maxsize=64)
def heights(reach: int, ppmi: bool, passes: int, dim: int) -> Array:
    """The similarity curve of the dialogue with these vectors, half company and half atom."""
    known = lexicon()
    alone, learned = vectors(reach, ppmi, 0, dim), vectors(reach, ppmi, passes, dim)
    vsa, rows = MAPI(dim), []
    for own, strange in bags():
        row = known.weight[own] @ (alone[own] + learned[own]) / 2
        if strange:
            row = row + contexts.atoms(vsa, strange).sum(0).numpy() / 2
        rows.append(row)
    return talks.across(torch.from_numpy(np.stack(rows)).float(), WINDOW)


def explore_company(word: str = "train") -> Explorer:
    """The words nearest to a word, and a curve that they change. Taught in notebook 07.

    >>> card = explore_company()
    >>> card.controls["passes"].value = 0
    >>> card.words.split(":")[0]
    'Atoms know nothing'
    """
    controls = {
        "word": Select("word", ASKED, word),
        "passes": Slider("passes", 2, min=0, max=3),
        "reach": Slider("reach", 4, min=0, max=6, unit="utterances"),
        "ppmi": Toggle("PPMI weights", True),
        "dim": Slider("dimension D", 512, values=DIMS),
    }
    return Explorer(
        "start from 0 passes, where words are atoms and strangers. Add one pass, then a second; "
        "then take the PPMI weights away.",
        controls,
        (near_figure(), talks.figure("similarity of both sides", (-0.35, 1.02))),
        update,
    )


def near_figure() -> LiveFigure:
    """A bar for each of the nearest words."""
    bars = go.Bar(
        name=SHARE,
        meta="samples",
        orientation="h",
        marker={"color": ACCENT, "line": {"width": 0}},
        opacity=0.45,
        hovertemplate="%{x:.2f}<extra></extra>",
    )
    layout = {
        "xaxis": {"title": {"text": SHARE}, "range": [0, 1.02], "tickformat": ".1f"},
        "yaxis": {"range": [NEAR - 0.4, -0.6], "showgrid": False, "showticklabels": False},
        "margin": {"l": 12},
    }
    return LiveFigure(go.Figure([bars], layout))


def nearest(word: str, reach: int, ppmi: bool, passes: int, dim: int) -> list[tuple[str, float]]:
    """The words most like a word, but for itself; stop words are passed over."""
    known = lexicon()
    table = vectors(reach, ppmi, passes, dim)
    own = known.place[word[: words.STEM]]
    score = table @ table[own]
    stops = words.stop_stems()
    out: list[tuple[str, float]] = []
    for i in np.argsort(-score, kind="stable").tolist():
        if i != own and known.text.stems[known.kept[i]] not in stops:
            out.append((known.names[i], float(score[i])))
        if len(out) == NEAR:
            break
    return out


def update(word: str, passes: int, reach: int, ppmi: bool, dim: int) -> Any:
    """What both figures show for these settings."""
    near = nearest(word, reach, ppmi, passes, dim)
    curve = heights(reach, ppmi, passes, dim)
    _, _bar, found = talks.deep(curve, LIMIT)
    truth = talks.truth_of(TALK)
    wrong = talks.score(truth, found)
    value = np.array([max(0.0, s) for _, s in near])
    bars = {SHARE: {"x": value.round(4), "y": np.arange(NEAR)}}
    names = [
        {"x": 0.02, "y": i, "text": name, "xanchor": "left", "showarrow": False}
        | {"font": {"size": 13, "color": INK}}
        for i, (name, _) in enumerate(near)
    ]
    change = (bars, talks.drawn(curve, found, talks.sides(talks.shipped()[TALK]["utterances"])))
    listed = ", ".join(name for name, _ in near[:4])
    title = (
        f"An atom is like nobody: the best is {near[0][1]:.2f}"
        if not passes
        else f"{word}: {listed}"
    )
    layout = (
        {"title": title, "annotations": names},
        {
            "title": f"With these words it {talks.verdict(truth, found)}",
            "shapes": talks.ends(truth),
        },
    )
    told = (
        f"Atoms know nothing: nearest to “{word}” is {near[0][0]} with {near[0][1]:.2f}, by chance."
        if not passes
        else f"Nearest to “{word}” after {passes} pass{'es' * (passes > 1)}: "
        + ", ".join(f"{name} {value:.2f}" for name, value in near[:5])
        + "."
    )
    return (
        change,
        layout,
        (
            f"{told} The talk about {talks.SHOWN[TALK]} (window {WINDOW}) is cut after "
            f"{talks.places(found)}, really after {talks.places(truth)}: Pk = {wrong:.2f}."
        ),
    )
