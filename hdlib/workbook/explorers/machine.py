"""Notebook 03: a state machine in one vector runs a hundred steps, or loses its way."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from hdlib import encode, theory
from hdlib.workbook import style
from hdlib.workbook.colours import INK, QUIET
from hdlib.workbook.controls import Select, Slider
from hdlib.workbook.dice import throws
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.analogy import percent
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.models import FINE, measured, space
from hdlib.workbook.models import WIDER as DIMS

STEPS, RULE = 100, 32  # dimensions a transition, by the rule of thumb
MODELS = ("MAPI", "MAPB", "BSC", "SBC", "MCR", "CGR", "FHRR", "MBAT")  # their unbinding is exact
TRIALS, PATHS = 24, 60
RANGE = (-0.03, 1.05)
WANTED, RIGHT, LOST = "wanted", "right", "lost"
Table = npt.NDArray[np.int64]


def explore_machine(model: str = "MAPI") -> Explorer:
    """Transitions and dimension against runs of 100 right steps. Taught in notebook 03.

    >>> card = explore_machine()
    >>> card.controls["dim"].value = 1024
    >>> card.words.split(":")[0]
    '8 states and 3 inputs, 24 transitions, in one vector of MAPI at D = 1,024'
    """
    controls = {
        "model": Select("model", MODELS, model),
        "states": Slider("states", 8, min=2, max=16),
        "inputs": Slider("inputs", 3, min=1, max=4),
        "dim": Slider("dimension D", 256, values=DIMS),
    }
    return Explorer(
        "find the dimension at which no run is lost; then double the states, and find it again.",
        controls,
        (run_figure(), share_figure()),
        update,
        slow=measure,
    )


def run_figure() -> LiveFigure:
    """One run: the states that are right, and where it is lost and should have been."""
    marks = {
        RIGHT: ("circle", style.COLOURS["MAPI"], 0),
        WANTED: ("circle-open", QUIET, 1),
        LOST: ("x-thin-open", style.COLOURS["BSC"], 2),
    }
    traces = [
        go.Scatter(
            x=[],
            y=[],
            name=name,
            mode="markers",
            marker={"size": 7, "symbol": symbol, "color": colour, "line": {"width": width}},
            hovertemplate="step %{x}: state %{y}<extra>" + name + "</extra>",
        )
        for name, (symbol, colour, width) in marks.items()
    ]
    layout = {
        "xaxis": {
            "title": {"text": "step (dot: right · cross: lost · ring: wanted there)"},
            "range": [-1, STEPS + 2],
        },
        "yaxis": {"title": {"text": "state"}, "dtick": 2},
    }
    return LiveFigure(go.Figure(traces, layout))


def share_figure() -> LiveFigure:
    """The share of machines whose whole run is right, over the dimension."""
    rule = style.approximate([1, 1], [0, 1], "rule").update(line={"color": INK, "width": 1.5})
    traces = [
        rule,
        style.approximate(FINE, [0] * len(FINE), "theory", "MAPI"),
        style.measured([], [], [], measured("machine"), "MAPI").update(visible=False),
        style.here(1, 1),
    ]
    layout = {
        "xaxis": style.log_axis("dimension D (dotted: approximate)", DIMS, 1.75, 3.68)
        | {"tickangle": -45},
        "yaxis": {"title": {"text": "runs all right"}, "range": RANGE, "tickformat": ".0%"},
    }
    return LiveFigure(go.Figure(traces, layout))


def rules(states: int, inputs: int, seed: int) -> Table:
    """A random machine, what follows each state by each input: ``-> (states, inputs)``."""
    thrown = throws(seed, "rules", states, states * inputs)
    return np.array(thrown).reshape(states, inputs)


def walk(table: Table, seed: int) -> tuple[list[int], int]:
    """The states of 100 random steps from state 0, and how many transitions they use."""
    state, visited, used = 0, [], set()
    for symbol in throws(seed, "inputs", table.shape[1], STEPS):
        used.add((state, symbol))
        state = int(table[state, symbol])
        visited.append(state)
    return visited, len(used)


@lru_cache(maxsize=8192)
def recalled(model: str, states: int, inputs: int, dim: int, seed: int) -> Table:
    """The table as one vector gives it back, every transition unbound and cleaned up at once.

    Clean-up leaves nothing of the noise, so a run of the vector is a walk of this table.
    """
    table = rules(states, inputs, seed)
    before, by = (part.flatten().tolist() for part in np.indices(table.shape))
    symbols = [f"input {symbol}" for symbol in by]
    machine = encode.Machine(space(model, dim, seed)).add(before, symbols, table.flatten().tolist())
    return np.array(machine.step(before, symbols)).reshape(table.shape)


@lru_cache(maxsize=256)
def expected(model: str, states: int, inputs: int) -> list[float]:
    """The share of runs all right: each transition that a run uses must be cleaned up right."""
    sure = theory.cleanup_accuracy(model, states * inputs, states, dim=np.array(FINE))
    shares: list[float] = np.mean(np.power.outer(sure, used(states, inputs)), -1).tolist()
    return shares


@lru_cache(maxsize=256)
def used(states: int, inputs: int) -> tuple[int, ...]:
    """How many transitions a run of 100 steps uses, in some machines."""
    return tuple(walk(rules(states, inputs, seed), seed)[1] for seed in range(PATHS))


def update(model: str, states: int, inputs: int, dim: int) -> Any:
    """What both figures show for these settings."""
    tables = rules(states, inputs, 0), recalled(model, states, inputs, dim, 0)
    wanted, got = (np.array(walk(table, 0)[0]) for table in tables)
    steps, good = np.arange(1, STEPS + 1), wanted == got
    left = {
        RIGHT: {"x": steps[good], "y": got[good]},
        WANTED: {"x": steps[~good], "y": wanted[~good]},
        LOST: {"x": steps[~good], "y": got[~good]},
    }
    line, colour, at = expected(model, states, inputs), style.COLOURS[model], FINE.index(dim)
    rule = RULE * states * inputs
    right = {
        "rule": {"x": [rule, rule]},
        "theory": {"y": line, "line": {"color": colour}},
        measured("machine"): {
            "marker": {"color": colour, "symbol": style.SYMBOLS[model], "line": {"color": colour}},
            "error_y": {"color": colour},
        },
        "you are here": {"x": [dim], "y": [line[at]]},
    }
    layouts = (
        {"title": run_title(good), "yaxis": {"range": [-0.7, states - 0.3]}},
        {
            "title": f"{percent(line[at])} of all runs are right at D = {dim:,}",
            "annotations": [rule_name(rule)],
        },
    )
    return (left, right), layouts, in_words(model, states, inputs, dim)


def run_title(good: npt.NDArray[np.bool_]) -> str:
    """How far the run came."""
    if good.all():
        return f"All {STEPS} steps are right"
    return f"It takes a wrong turn at step {int((~good).argmax()) + 1}"


def rule_name(rule: int) -> dict[str, Any]:
    """The name of the vertical line, on its right, where the curve leaves room."""
    return {
        "x": np.log10(rule),
        "y": 0.5,
        "text": f"{RULE} a<br>transition",
        "showarrow": False,
        "align": "left",
        "xanchor": "left",
        "xshift": 4,
        "font": {"size": 12, "color": INK},
    }


def in_words(model: str, states: int, inputs: int, dim: int) -> str:
    """What the figures show, in one line."""
    transitions = states * inputs
    table, given = rules(states, inputs, 0), recalled(model, states, inputs, dim, 0)
    wrong = int((table != given).sum())
    share = expected(model, states, inputs)[FINE.index(dim)]
    return (
        f"{states} states and {inputs} input{'s' * (inputs > 1)}, {transitions} transitions, in "
        f"one vector of {model} at D = {dim:,}: {wrong} of them come back wrong in this draw. "
        f"Approximate theory expects {percent(share)} of all runs of {STEPS} steps to be right; "
        f"by the rule of thumb D = {RULE * transitions:,} is safe in MAPI."
    )


def measure(progress: Any, model: str, states: int, inputs: int, dim: int) -> Any:
    """Other machines, at every dimension."""
    won = []
    for place, size in enumerate(DIMS):
        count = 0
        for trial in range(TRIALS):
            progress((place + trial / TRIALS) / len(DIMS))
            seed = 1 + trial
            given = recalled(model, states, inputs, size, seed)
            count += walk(given, seed)[0] == walk(rules(states, inputs, seed), seed)[0]
        won.append(count)
    shares = np.array(won) / TRIALS
    # The error of a share, from a prior of one success and one failure: never 0.
    guess = (np.array(won) + 1) / (TRIALS + 2)
    errors = np.sqrt(guess * (1 - guess) / TRIALS)
    points = {measured("machine"): {"x": DIMS, "y": shares, "error_y": {"array": errors}}}
    found = f"Of {TRIALS} other machines {won[DIMS.index(dim)]} ran right."
    return ({}, points), ({}, {}), f"{in_words(model, states, inputs, dim)} {found}"
