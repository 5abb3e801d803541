"""Notebook 07: a transcript as a curve of similarities, its valleys, and topics in between."""

from __future__ import annotations

from typing import Any

from hdlib.workbook.controls import Select, Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers import talks
from hdlib.workbook.explorers.similarity import note


def explore_valleys(talk: str = "service-en-19") -> Explorer:
    """Where the topic of a dialogue changes: the valleys of similarity. Taught in notebook 07.

    >>> card = explore_valleys()
    >>> card.words.split(";")[0]
    'Topics end after utterances 6 and 12 (rings), and really after 6 and 12 (dashed)'
    """
    controls = {
        "talk": Select("dialogue", talks.SHOWN, talk),
        "window": Slider("window", 3, min=1, max=6, unit="utterances"),
        "limit": Slider("threshold", 0.5, min=-1, max=2, step=0.25, unit="sd"),
        "dim": Slider("dimension D", 1024, values=talks.DIMS),
    }
    return Explorer(
        "begin with a window of 1 and widen it; then lower the threshold until too many gaps pass. "
        "Point at a gap to read both sides.",
        controls,
        (
            talks.figure("similarity of both sides", (-0.1, 0.75)),
            talks.figure("depth of the valley", (-0.05, 1.1)),
        ),
        update,
    )


def update(talk: str, window: int, limit: float, dim: int) -> Any:
    """What the figures show for these settings."""
    text = talks.sides(talks.shipped()[talk]["utterances"])
    heights = talks.across(talks.bundles(talk, dim), window)
    depth, bar, found = talks.deep(heights, limit)
    truth = talks.truth_of(talk)
    wrong = talks.score(truth, found)
    change = (talks.drawn(heights, found, text), talks.drawn(depth, found, text))
    lines = talks.ends(truth)
    late = found[2 * len(found) // 3 :].any()  # there a ring would stand in the way
    named = note(0 if late else 1, bar, "threshold", "left" if late else "right", yshift=9)
    named["xref"] = "paper"
    layout = (
        {"title": f"It {talks.verdict(truth, found)}", "shapes": lines},
        {
            "title": f"{int(found.sum())} hilltops of depth pass the threshold",
            "shapes": [*lines, talks.level(bar)],
            "annotations": [named],
        },
    )
    words = (
        f"Topics end after utterances {talks.places(found)} (rings), and really after "
        f"{talks.places(truth)} (dashed); Pk = {wrong:.2f}, the share of wrong windows. A boundary "
        f"is a hilltop of depth above {bar:.2f}, the mean and {limit:g} standard deviations."
    )
    return change, layout, words
