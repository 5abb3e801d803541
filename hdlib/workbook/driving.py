"""Drive an explorer without a browser: set every control to its ends, its middle, each option."""

import json
import time
from dataclasses import dataclass, replace
from typing import Any

from hdlib.workbook.explorer import Explorer


@dataclass(frozen=True)
class Step:
    """One move of one control: what it did, and how long the answer took."""

    control: str
    value: Any
    seconds: float
    changed: bool  # the words or a figure, against the step before
    words: str


def drive(explorer: Explorer, limit: float = 0.3) -> list[Step]:
    """Move each control through its choices and put it back; no answer may fail.

    Raises:
        AssertionError: a move failed, took longer than `limit` seconds, or left the card without
        words; or a
            control changes nothing at all.
    """
    steps: list[Step] = []
    for name, control in explorer.controls.items():
        start = control.value
        moves = [_move(explorer, name, value) for value in control.choices()]
        for number, move in enumerate(moves):
            if move.seconds >= limit:  # a busy machine, or slow code? The second time tells
                control.value = start
                again = _move(explorer, name, move.value)
                moves[number] = replace(move, seconds=min(move.seconds, again.seconds))
        control.value = start
        for move in moves:
            where = f"{name} = {move.value!r}"
            assert move.seconds < limit, f"{where} took {move.seconds:.2f} s, over {limit} s"
        assert any(move.changed for move in moves), f"{name} changes neither words nor figure"
        steps += moves
    explorer.wait()
    assert explorer.error is None, f"measuring: {explorer.error!r}"
    return steps


def _move(explorer: Explorer, name: str, value: Any) -> Step:
    before = _state(explorer)
    began = time.perf_counter()
    explorer.controls[name].value = value
    seconds = time.perf_counter() - began
    assert explorer.error is None, f"{name} = {value!r}: {explorer.error!r}"
    assert explorer.words.strip(), f"{name} = {value!r}: the card has no words"
    return Step(name, value, seconds, _state(explorer) != before, explorer.words)


def _state(explorer: Explorer) -> str:
    return json.dumps([explorer.words, *(view.figure.to_json() for view in explorer.figures)])
