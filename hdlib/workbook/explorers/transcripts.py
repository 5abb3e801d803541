"""Notebook 07: the reader's own transcript, cut into topics, each with its words and a summary."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from textwrap import wrap
from threading import Lock
from typing import Any

import numpy as np
import plotly.graph_objects as go
from torch import Tensor

from hdlib.segment import (
    DialogueFormatError,
    TopicSegmenter,
    boundaries_of,
    parse_dialogues,
    pk,
    valleys,
    window_diff,
    words,
)
from hdlib.segment.dialogues import Dialogue
from hdlib.segment.segmentation import Array, Gaps, sizes_of
from hdlib.vsa import MAPI
from hdlib.workbook.boxes import Area
from hdlib.workbook.colours import ACCENT, AXIS, INK
from hdlib.workbook.controls import Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers import talks
from hdlib.workbook.explorers.similarity import note
from hdlib.workbook.figure import LiveFigure

ROWS = 7  # topics that are described
WORDS = 4  # nearest words of each
LINE, LINES = 58, 2  # letters of a line of a summary, and lines
SHORT = 400  # utterances that are read at once; more are read behind
VIEW = 150  # gaps that are drawn at once
KEPT = 24  # readings that are remembered
SURE, BANDS = "confidence", "topics"
MOST = 4_000_000  # characters of a transcript
ENDINGS = ".txt,.vtt,.srt,.json,.jsonl"


def script(dialogue: Dialogue) -> str:
    """A dialogue as text: a line for each utterance, a rule where a topic ends.

    >>> script({"utterances": ["hi", "bye"], "roles": ["A", "B"], "segments": [1, 1]})
    'A: hi\\n====\\nB: bye'
    """
    roles = dialogue.get("roles") or ["Speaker"] * len(dialogue["utterances"])
    starts = set(accumulate(dialogue.get("segments", [])[:-1]))
    lines = []
    for i, (role, said) in enumerate(zip(roles, dialogue["utterances"], strict=True)):
        lines += ["===="] * (i in starts) + [f"{role}: {said}"]
    return "\n".join(lines)


@dataclass(frozen=True)
class Reading:
    """What one window and one dimension find in a transcript."""

    segmenter: TopicSegmenter
    rows: Tensor  # utterances as hypervectors, (N, D)
    similarity: Array  # (N - 1,)
    confidence: Array  # (N - 1,)

    def boundaries(self, threshold: float) -> Gaps:
        """Hilltops of confidence above the threshold; at 0.5 those of ``segment``."""
        ends = np.array([0, len(self.confidence)])
        return valleys.peaks(self.confidence, ends) & (self.confidence > threshold)


@lru_cache(maxsize=8)
def parsed(text: str) -> Dialogue | None:
    """The one dialogue of a text; None of an empty one."""
    if not text.strip():
        return None
    try:
        found = parse_dialogues(text, name="your transcript")
    except DialogueFormatError as error:
        raise ValueError(str(error).removeprefix("parse_dialogues: ") + ".") from None
    if len(found) != 1:
        raise ValueError(f"there are {len(found)} dialogues in this text; paste one.")
    return found[0] if found[0]["utterances"] else None


_readings: OrderedDict[Any, Reading] = OrderedDict()
_one_at_a_time = Lock()


def reading(text: str, window: int, dim: int) -> Reading:
    """What a segmenter finds that has learned from this text, remembered."""
    key = (text, window, dim)
    if key not in _readings:
        dialogue = parsed(text)
        assert dialogue is not None
        segmenter = TopicSegmenter(MAPI(dim), windows=(window,)).fit([dialogue])
        found = segmenter.segment(dialogue["utterances"], dialogue.get("roles"))
        rows = segmenter.encode(dialogue["utterances"])
        made = Reading(segmenter, rows, found.similarity, found.confidence)
        with _one_at_a_time:  # the card and what runs behind it both come here
            _readings[key] = made
            while len(_readings) > KEPT:
                _readings.popitem(last=False)
        return made
    return _readings[key]


def explore_transcript(text: str | None = None) -> Explorer:
    """Cut a transcript of the reader's own into topics. Taught in notebook 07.

    text: lines ``Speaker: words``, or one utterance a line, or WebVTT, SRT or JSON; a line ``====``
    where a topic really ends. By default one of the project's own dialogues.

    >>> explore_transcript("Ann: tea\\nBob: more tea\\n====\\nAnn: trains").words.split(".")[0]
    '3 utterances, 2 topics above a confidence of 0'
    """
    given = script(talks.shipped()["service-en-22"]) if text is None else text
    controls = {
        "text": Area(
            "transcript (a line ==== marks a true end)",
            given,
            max_length=MOST,
            lines=8,
            accept=ENDINGS,
            examples=["", f"{given}\nGröße: 名前"],
        ),
        "window": Slider("window", 4, min=1, max=8, unit="utterances"),
        "threshold": Slider("threshold", 0.5, min=0.05, max=0.95, step=0.05),
        "dim": Slider("dimension D", 1024, values=talks.DIMS),
        "place": Slider("look from", 0, min=0, max=90, step=10, unit="%"),
    }
    return Explorer(
        "paste a conversation of your own, or open a file: Speaker: words, a line each. Then move "
        "window and threshold.",
        controls,
        (curve_figure(), topics_figure()),
        update,
        slow=read,
    )


def curve_figure() -> LiveFigure:
    """Similarity above, confidence below, over the same gaps."""
    view = talks.figure("similarity", (-0.35, 1.05)).figure
    sure = go.Scatter(
        name=SURE,
        meta="curve",
        mode="lines",
        yaxis="y2",
        line={"color": ACCENT, "width": 2},
        fill="tozeroy",
        fillcolor="rgba(0,114,178,0.16)",
        hovertemplate="%{y:.2f} after utterance %{x}<extra>confidence</extra>",
    )
    layout = view.layout.update(
        {
            "xaxis": {"anchor": "y2"},
            "yaxis": {"domain": [0.42, 1], "nticks": 4},
            "yaxis2": {
                "domain": [0, 0.36],
                "range": [0, 1.05],
                "title": {"text": "confidence"},
                "nticks": 3,
            },
            "height": 400,
        }
    )
    return LiveFigure(go.Figure([*view.data, sure], layout))


def topics_figure() -> LiveFigure:
    """A band for each topic, with its words and its summary beside it."""
    bands = go.Bar(
        name=BANDS,
        meta="topics",
        orientation="h",
        marker={"color": ACCENT, "line": {"width": 0}},
        opacity=0.45,
        width=0.8,
        hovertemplate="%{x} utterances<extra></extra>",
    )
    layout = {
        "xaxis": {"visible": False, "range": [0, 10]},
        "yaxis": {"visible": False, "range": [ROWS - 0.4, -0.5], "showgrid": False},
        "margin": {"l": 4, "r": 4, "t": 4, "b": 8},
        "height": 400,
    }
    return LiveFigure(go.Figure([bands], layout))


def topic_words(
    found: Reading, utterances: Sequence[str], sizes: Sequence[int], start: int = 0
) -> list[list[str]]:
    """The words of topics that are most like their bundle and least like the rest.

    start: where the first of them begins. A common word counts less, as in the bundles themselves.
    """
    space = found.segmenter.vsa
    out: list[list[str]] = []
    everything = space.bundle(found.rows)
    for size in sizes:
        token = {
            each[: words.STEM]: each
            for said in reversed(utterances[start : start + size][:SHORT])
            for each in reversed(words.tokens(said))
            if each not in "?!" and each[: words.STEM] not in words.stop_stems() and len(each) > 2
        }
        names = sorted(token.values())
        out.append([])
        if names:
            rows = found.segmenter.encode(names)
            topic = space.bundle(found.rows[start : start + size])
            alike = space.similarity(rows, topic) - 0.5 * space.similarity(rows, everything)
            order = np.argsort(-(rows.norm(dim=-1) * alike).numpy().round(6), kind="stable")
            out[-1] = [names[i] for i in order[:WORDS]]
        start += size
    return out


def summaries(found: Reading, sizes: Sequence[int], start: int = 0) -> list[int]:
    """For each topic its most representative utterance, as ``summarise`` says."""
    out = []
    for size in sizes:
        rows = found.rows[start : start + size]
        score = found.segmenter.vsa.similarity(rows, found.segmenter.vsa.bundle(rows))
        best = np.argsort(-score.numpy().round(6), kind="stable")[0]
        out.append(start + int(best))
        start += size
    return out


def update(text: str, window: int, threshold: float, dim: int, place: int) -> Any:
    """What both figures show; a long transcript is read behind, unless it was read before."""
    dialogue = parsed(text)
    if dialogue is None:
        return nothing("There is no text: paste a conversation, or open a file.")
    count = len(dialogue["utterances"])
    if count > SHORT and (text, window, dim) not in _readings:
        return nothing(f"Reading {count:,} utterances …")
    return shown(dialogue, reading(text, window, dim), threshold, place)


def read(progress: Any, text: str, window: int, threshold: float, dim: int, place: int) -> Any:
    """The same for a long transcript, however long it takes; a short one is shown already."""
    progress(0)
    dialogue = parsed(text)
    if dialogue is None or len(dialogue["utterances"]) <= SHORT:
        return ({}, {}), ({}, {}), update(text, window, threshold, dim, place)[2]
    return shown(dialogue, reading(text, window, dim), threshold, place)


def nothing(said: str) -> Any:
    """An empty card that says why."""
    curve: dict[str, Any] = {name: {"x": [], "y": []} for name in (talks.CURVE, talks.FOUND, SURE)}
    blank: dict[str, Any] = {"shapes": [], "annotations": []}
    layouts = {**blank, "title": said}, {**blank, "title": ""}
    return (curve, {BANDS: {"x": [], "y": []}}), layouts, said


def shown(dialogue: Dialogue, found: Reading, threshold: float, place: int) -> Any:
    """Curves, topics and words for a threshold, from a place on."""
    utterances = dialogue["utterances"]
    gaps = found.boundaries(threshold)
    truth = boundaries_of(dialogue["segments"]) if "segments" in dialogue else None
    start = len(utterances) * place // 100
    curve, first = curves(utterances, found, gaps, truth, threshold, start)
    sizes = sizes_of(gaps)
    begins = np.cumsum([0, *sizes])
    number = int(np.searchsorted(begins, start, side="right")) - 1  # of the topic at this place
    near_sizes, begin = sizes[number : number + ROWS], int(begins[number])
    near = topic_words(found, utterances, near_sizes, begin)
    chosen = [utterances[i] for i in summaries(found, near_sizes, begin)]
    bands, second = described(near_sizes, near, chosen, begin)
    if len(sizes) > len(near):
        second["title"] = f"Topics {number + 1:,} to {number + len(near):,} of {len(sizes):,}"
    listed = "; ".join(
        f"{size}: {', '.join(each)}" for size, each in zip(near_sizes, near, strict=True)
    )
    said = (
        f"{len(utterances):,} utterance{'s' * (len(utterances) != 1)}, {len(sizes):,} "
        f"topic{'s' * (len(sizes) != 1)} above a confidence of {threshold:.2f}. From utterance "
        f"{start + 1:,} on: {listed}. {known(truth, gaps)}"
    )
    return (curve, bands), (first, second), said


def curves(
    utterances: Sequence[str],
    found: Reading,
    gaps: Gaps,
    truth: Gaps | None,
    threshold: float,
    start: int,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The left figure, from utterance ``start`` on."""
    end = min(len(gaps), start + VIEW)
    at = np.arange(start, end)
    text = [f"{talks.cut(utterances[i])}<br>{talks.cut(utterances[i + 1])}" for i in at.tolist()]
    ends = start + np.flatnonzero(gaps[start:end])
    change = {
        talks.CURVE: {"x": at + 1, "y": found.similarity[at].round(3), "text": text},
        talks.FOUND: {"x": ends + 1, "y": found.similarity[ends].round(3)},
        SURE: {"x": at + 1, "y": found.confidence[at].round(3)},
    }
    bar = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y2"}
    bar |= {"y0": threshold, "y1": threshold, "line": {"color": AXIS, "width": 1.5}}
    true = np.zeros(len(gaps), dtype=np.bool_)
    if truth is not None:
        true[start:end] = truth[start:end]
    layout = {
        "title": title(truth, gaps),
        "shapes": [*talks.ends(true), bar],
        "annotations": [
            note(1, threshold, "threshold", "right", xref="paper", yref="y2", yshift=9)
        ],
        "xaxis": {"range": [start + 0.5, max(end, start + 1) + 0.5]},
    }
    return change, layout


def title(truth: Gaps | None, gaps: Gaps) -> str:
    """The finding."""
    count = int(gaps.sum()) + 1
    topics = f"{count:,} topic{'s' * (count != 1)}"
    if truth is None or not len(truth):
        return topics
    return f"{topics} of {int(truth.sum()) + 1:,}: Pk = {pk(truth, gaps):.2f}"


def known(truth: Gaps | None, gaps: Gaps) -> str:
    """How good the cuts are, where the text says what is true."""
    if truth is None or not len(truth):
        return "Mark true ends with a line ==== to get Pk and WindowDiff."
    return (
        f"The text says {int(truth.sum()) + 1:,}: Pk = {pk(truth, gaps):.2f}, WindowDiff = "
        f"{window_diff(truth, gaps):.2f}."
    )


def described(
    sizes: Sequence[int], near: Sequence[list[str]], chosen: Sequence[str], begin: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The right figure: rows of words and summaries."""
    notes = []
    for row, (size, listed, said) in enumerate(zip(sizes, near, chosen, strict=True)):
        lines = wrap(said.replace("<", "‹").replace(">", "›"), LINE) or [""]
        if len(lines) > LINES:
            lines = [*lines[: LINES - 1], lines[LINES - 1][: LINE - 1] + "…"]
        head = f"<b>{begin + 1}–{begin + size}: {', '.join(listed) or 'no words'}</b>"
        text = "<br>".join([head, *lines])
        notes.append(note(1.2, row, text, font={"size": 12, "color": INK}))
        begin += size
    bands = {"x": [size / max(sizes) for size in sizes], "y": list(range(len(notes)))}
    name = "Each topic: its words, and the utterance that stands for it"
    return {BANDS: bands}, {"title": name, "annotations": notes}
