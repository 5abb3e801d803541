"""One function over a grid of parameters: on any executor, interruptible, resumable, exact."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import itertools
import json
import os
import pathlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from tqdm.auto import tqdm

from hdlib.files import FileFormatError, Path

FORMAT = 1
Row = dict[str, Any]
Grid = Mapping[str, Iterable[Any]] | Iterable[Mapping[str, Any]]


class Interrupted(KeyboardInterrupt):
    """A sweep that was stopped: ``rows`` holds what it had finished, in the order of the grid."""

    def __init__(self, message: str, rows: list[Row]) -> None:
        super().__init__(message)
        self.rows = rows


def sweep(
    fn: Callable[..., Any],
    grid: Grid,
    *,
    map: Callable[..., Iterable[Any]] = map,
    progress: bool = True,
    save: Path | None = None,
) -> list[Row]:
    """Call ``fn(**point)`` for every point of a grid: a row each, in the grid's order.

    grid: lists by name, of which all combinations are taken, the last name fastest; or the points
    themselves, as mappings. A value is a number, a text, a truth value or None. fn returns a
    number, a list, or several of them by name (a mapping or a dataclass), as numbers of Python,
    numpy or torch. A row holds the point and what fn returned, under ``value`` or the names given.

    map: anything that works like the built-in one, in any order: a pool's ``map`` or
    ``imap_unordered``, an executor's ``map``, ``dask.distributed.Client().get_executor().map``.
    Points and results travel as JSON, in which every float keeps its bits: where fn depends on its
    point alone (all draws of hdlib do), serial runs, threads, processes and clusters give the same
    numbers. Processes and clusters must be able to import fn.

    save: a file of one line a point, written as soon as the point is done. The same call again
    takes those lines from it and computes the others, so that nothing is lost by an interrupt, a
    kill or an error. The file remembers the name of fn and what ``functools.partial`` has fixed,
    not its code: start a new file when that changes. One sweep at a time may use a file.

    Raises TypeError or ValueError before any work for a bad grid or for a file of another sweep,
    and ``Interrupted`` (a KeyboardInterrupt) with the finished rows when it is stopped.
    Taught in notebook 04.

    >>> rows = sweep(lambda n, dim: n / dim, {"n": [1, 2], "dim": [4, 8]}, progress=False)
    >>> rows[1], len(rows)
    ({'n': 1, 'dim': 8, 'value': 0.125}, 4)
    """
    points = expanded(grid)
    texts = [json.dumps(point, sort_keys=True) for point in points]
    journal = None if save is None else pathlib.Path(save)
    done = {} if journal is None else resumed(journal, header(fn))
    left = [text for text in dict.fromkeys(texts) if text not in done]
    bar = tqdm(total=len(left) + len(done.keys() & set(texts)), disable=not progress)
    bar.update(bar.total - len(left))
    try:
        with bar, appended(journal) as keep:
            for text, result in map(_Call(fn), left):
                keep(f"[{text}, {result}]")
                done[text] = json.loads(result)
                bar.update()
    except KeyboardInterrupt:
        rows = [row(point, done[t]) for point, t in zip(points, texts, strict=True) if t in done]
        where = "in .rows; give save= to resume" if save is None else f"in {os.fspath(save)!r}"
        message = f"sweep: stopped with {len(rows)} of {len(points)} points done, kept {where}"
        raise Interrupted(message, rows) from None
    return [row(point, done[text]) for point, text in zip(points, texts, strict=True)]


class _Call:
    """A point as text to its result as text: what is sent to workers, and what they send back."""

    def __init__(self, fn: Callable[..., Any]) -> None:
        self.fn = fn

    def __call__(self, text: str) -> tuple[str, str]:
        point = json.loads(text)
        try:
            result = plain(self.fn(**point))
            row(point, result)
        except Exception as error:
            error.add_note(f"sweep: at the point {point}")
            raise
        return text, json.dumps(result)


def row(point: Row, result: Any) -> Row:
    """The point and its result side by side."""
    found = result if isinstance(result, dict) else {"value": result}
    for name in point.keys() & found.keys():
        if point[name] != found[name]:
            raise ValueError(
                f"sweep: fn returns {name} = {found[name]!r}, where the grid has {point[name]!r}; "
                "rename one of them"
            )
    return point | found


def expanded(grid: Grid) -> list[Row]:
    """All points of a grid, their values plain."""
    if isinstance(grid, Mapping):
        for name, values in grid.items():
            if isinstance(values, str | bytes) or not isinstance(values, Iterable):
                raise TypeError(f"sweep: give {name} a list of values, got {values!r}")
        chosen = itertools.product(*grid.values())
        points = [dict(zip(grid, values, strict=True)) for values in chosen]
    elif isinstance(grid, Iterable) and not isinstance(grid, str | bytes):
        points = [dict(point) if isinstance(point, Mapping) else point for point in grid]
    else:
        raise TypeError(f"sweep: a grid is a mapping or a list of points, got {grid!r}")
    for i, point in enumerate(points):
        if not isinstance(point, dict) or not all(isinstance(name, str) for name in point):
            raise TypeError(f"sweep: point {i} must be a mapping of names to values, got {point!r}")
        for name, value in point.items():
            point[name] = plain(value)
            if isinstance(point[name], list | dict):
                raise TypeError(f"sweep: {name} must be a number, a text or None, got {value!r}")
    return points


def plain(value: Any) -> Any:
    """The value as JSON has it; a dataclass is its fields."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return int(value) if isinstance(value, int) else float(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
        return {name: plain(part) for name, part in value.items()}
    if hasattr(value, "tolist"):  # numpy and torch
        return plain(value.tolist())
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [plain(part) for part in value]
    raise TypeError(f"sweep: {value!r} is no number, text, list or mapping; return plain values")


def header(fn: Callable[..., Any]) -> Row:
    """What a file remembers of the function."""
    fixed: Row = {}
    while isinstance(fn, functools.partial):
        fixed = (
            {str(i): named(v) for i, v in enumerate(fn.args)}
            | {name: named(v) for name, v in fn.keywords.items()}
            | fixed
        )
        fn = fn.func
    return {"sweep": FORMAT, "fn": named(fn), "fixed": fixed}


def named(value: Any) -> Any:
    """The value if JSON has it, else how it is called."""
    if hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    return value if isinstance(value, bool | int | float | str | None) else repr(value)


def resumed(path: pathlib.Path, own: Row) -> dict[str, Any]:
    """The results that a file holds, by point. A file that is not there is begun.

    A last line without an end was being written when the computer stopped: it is cut off.
    """
    if not path.exists():
        part = path.with_name(f"{path.name}.part")
        part.write_text(json.dumps(own) + "\n", encoding="utf-8")
        part.replace(path)
        return {}
    whole, _, torn = path.read_bytes().rpartition(b"\n")
    try:
        first, *lines = (json.loads(line) for line in whole.decode().split("\n"))
        results = {json.dumps(point, sort_keys=True): result for point, result in lines}
        if not isinstance(first, dict) or first.get("sweep") != FORMAT:
            raise ValueError("its first line is not that of a sweep")
    except (ValueError, TypeError) as error:
        raise FileFormatError(f"sweep: {os.fspath(path)!r} holds no sweep ({error})") from None
    for what in ("fn", "fixed"):
        if first.get(what) != own[what]:
            raise ValueError(
                f"sweep: {os.fspath(path)!r} was made with {what} {first.get(what)!r}, not with "
                f"{own[what]!r}; give another file"
            )
    if torn:
        os.truncate(path, len(whole) + 1)
    return results


@contextlib.contextmanager
def appended(path: pathlib.Path | None) -> Iterator[Callable[[str], None]]:
    """A function that puts a line at the end of a file; without a file, nowhere."""
    if path is None:
        yield lambda line: None
        return
    with path.open("a", encoding="utf-8") as file:

        def keep(line: str) -> None:
            file.write(line + "\n")
            file.flush()

        try:
            yield keep
        finally:
            os.fsync(file.fileno())
