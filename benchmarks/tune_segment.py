"""What each setting of TopicSegmenter is worth: ``python -m benchmarks.tune_segment FILE …``.

Each file holds labelled dialogues. For each setting the segmenter learns from all of a file without
labels ("all"), from one half for the other ("halves"), and nothing; Pk and WindowDiff are averaged
over seeds. A default lies where the table is flat for all files, not where one of them is best.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import mean

from hdlib import BSC, HRR, MAPI
from hdlib.segment import (
    AllBoundaries,
    EvenBoundaries,
    HyperSeg,
    NoBoundary,
    RandomBoundaries,
    TextTiling,
    TfidfDepth,
    TopicSegmenter,
    contexts,
    evaluate,
    read_dialogues,
    topics,
    turns,
)
from hdlib.segment.dialogues import Dialogue

Maker = Callable[[int], TopicSegmenter]
Cell = tuple[float, float, float]  # Pk, WindowDiff, boundaries a dialogue

CONSTANTS = {  # of a module: the values to try beside the default
    (topics, "COMMON"): (0.001, 0.01),
    (topics, "HALF_LEARNED"): (1000, 3000),
    (topics, "HALF_SURE"): (100, 1000),
    (topics, "TRUST"): (2.0, 3.0),
    (topics, "DOUBT"): (0.08, 0.12),
    (topics, "SILENCE"): (4.0, 8.0),
    (topics, "ALONE"): (0.0, 3.0),
    (topics, "LOW"): (0.0, 1.0),
    (topics, "FLAT"): (0.0, 0.15, 0.4),
    (topics, "LIMIT"): (1.0, 1.25),
    (topics, "ROUNDS"): (3, 8),
    (topics, "MANY"): (3, 6),
    (topics, "CHANCE"): (3.0, 9.0),
    (turns, "RIDGE"): (0.08, 0.3),
    (turns, "CUES"): (100, 400),
    (contexts, "SMOOTHING"): (0.6, 0.9),
}
DIMS = (256, 512, 2048, 4096, 10_000)


@contextmanager
def constant(module: object, name: str, value: float) -> Iterator[None]:
    """A module's constant changed for a while."""
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


def cell(make: Maker, train: list[Dialogue], test: list[Dialogue], seed: int) -> Cell:
    """Learn from one list, measure on another."""
    found = evaluate(make(seed).fit(train), test, resamples=1)
    return found.pk, found.window_diff, found.found


def bare(make: Maker, dialogues: list[Dialogue], seed: int) -> Cell:
    """By what is known without any text."""
    return cell(make, [], dialogues, seed)


def halves(make: Maker, dialogues: list[Dialogue], seed: int) -> Cell:
    """Each half by what was learned from the other one."""
    odd, even = dialogues[1::2], dialogues[::2]
    one, two = cell(make, odd, even, seed), cell(make, even, odd, seed)
    share = len(even) / len(dialogues)
    pk, wd, found = (share * a + (1 - share) * b for a, b in zip(one, two, strict=True))
    return pk, wd, found


def line(name: str, make: Maker, sets: dict[str, list[Dialogue]], seeds: int) -> None:
    """One setting on all sets."""
    parts = []
    for given in sets.values():
        cells = [
            (cell(make, given, given, s), halves(make, given, s), bare(make, given, s))
            for s in range(seeds)
        ]
        for way in zip(*cells, strict=True):
            pk, wd, found = (mean(column) for column in zip(*way, strict=True))
            parts.append(f"{pk:.3f}/{wd:.3f} {found:4.1f}")
    print(f"{name:28}" + "  ".join(parts), flush=True)


def settings() -> Iterator[tuple[str, Maker]]:
    """The default, then one change at a time."""
    yield "default", lambda seed: TopicSegmenter(MAPI(1024, seed=seed))
    for dim in DIMS:
        yield f"MAPI({dim})", lambda seed, d=dim: TopicSegmenter(MAPI(d, seed=seed))
    for model in (HRR, BSC):
        yield f"{model.__name__}(1024)", lambda seed, m=model: TopicSegmenter(m(1024, seed=seed))
    changes: dict[str, tuple[object, ...]] = {
        "windows": ((2,), (2, 3), (1, 2, 3), (1, 2, 3, 4), (3, 4)),
        "reach": (2, 3, 6),
        "passes": (1, 3),
    }
    for name, values in changes.items():
        for value in values:
            more = {name: value}
            yield f"{name} {value}", lambda seed, m=more: TopicSegmenter(MAPI(1024, seed=seed), **m)


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(prog="tune_segment", description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--constants", action="store_true", help="the constants of modules as well")
    arguments = parser.parse_args()
    sets = {path.stem: read_dialogues(path) for path in arguments.files}
    head = "  ".join(f"{name[:14]:18}{'halves':18}{'nothing':16}" for name in sets)
    print(f"{'Pk/WindowDiff, found':28}{head}")
    rivals = (NoBoundary(), AllBoundaries(), RandomBoundaries(), EvenBoundaries(), TextTiling())
    for rival in (*rivals, TfidfDepth(), HyperSeg(), HyperSeg(sign="fixed")):
        row = []
        for given in sets.values():
            found = evaluate(rival.fit(given), given, resamples=1)
            row.append(f"{found.pk:.3f}/{found.window_diff:.3f} {found.found:4.1f}{'':36}")
        print(f"{repr(rival)[:27]:28}" + "  ".join(row), flush=True)
    for name, make in settings():
        line(name, make, sets, arguments.seeds)
    for (module, name), values in CONSTANTS.items() if arguments.constants else ():
        for value in values:
            with constant(module, name, value):
                line(f"{name} {value}", lambda s: TopicSegmenter(MAPI(1024, seed=s)), sets, 1)


if __name__ == "__main__":
    main()
