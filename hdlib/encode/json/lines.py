"""Records from where they come: JSON Lines files and streams, pandas frames, plain iterables."""

from __future__ import annotations

import itertools
import os
import pathlib
import time
from collections.abc import Iterable, Iterator, Sized
from typing import Any

from hdlib.encode.json.errors import JSONInputError
from hdlib.encode.json.parse import decoded, parse
from hdlib.encode.json.rules import Odd, Rules, Twice


def read_json_lines(
    source: str | os.PathLike[str] | Iterable[str | bytes],
    *,
    errors: list[JSONInputError] | None = None,
    nonfinite: Odd = "error",
    duplicates: Twice = "error",
    max_depth: int = 100_000,
    max_values: int = 1_000_000,
) -> Iterator[Any]:
    """The documents of a JSON Lines file or stream, one a line, blank lines left out.

    source: a path, an open file, or any iterable of lines; it is read as it is needed. errors: a
    list that takes the faults, and reading goes on; without it the first fault is raised.
    The other options are those of ``JSONEncoder``. Errors: JSONInputError with line, column and
    path. Taught in notebook 06.

    >>> faults = []
    >>> list(read_json_lines(['{"a": 1}', '{"a": ', '{"a": 3}'], errors=faults))
    [{'a': 1}, {'a': 3}]
    >>> print(faults[0])
    line 2, column 7, at $.a: expected a value, got the end of the text
    """
    limits = Rules(nonfinite, duplicates, max_depth, max_values)
    if isinstance(source, str | os.PathLike):
        with pathlib.Path(source).open("rb") as file:
            yield from _lines(file, errors, limits)
    else:
        yield from _lines(source, errors, limits)


def _lines(
    lines: Iterable[str | bytes], errors: list[JSONInputError] | None, rules: Rules
) -> Iterator[Any]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = parse(decoded(line).rstrip("\r\n"), rules)
        except JSONInputError as error:
            error.line = number
            if errors is None:
                raise
            errors.append(error)
            continue
        yield value


def batches(records: Any, size: int, verb: str) -> Iterator[list[Any]]:
    """Documents in lists of up to ``size``: of a frame its rows, of an iterable its items.

    After a second a bar shows how many have been worked on.
    """
    if isinstance(records, str | bytes | dict) or not isinstance(records, Iterable):
        raise TypeError(f"expected several documents, got {type(records).__name__}; give a list")
    source = iter(rows(records) if is_frame(records) else records)
    total = len(records) if isinstance(records, Sized) else None
    began, done, bar = time.monotonic(), 0, None  # a bar in a notebook is a dozen widgets
    try:
        while batch := list(itertools.islice(source, size)):
            yield batch
            done += len(batch)
            if bar is not None:
                bar.update(len(batch))
            elif time.monotonic() - began > 1:
                from tqdm.auto import tqdm

                bar = tqdm(desc=verb, total=total, unit=" records", initial=done)
    finally:
        if bar is not None:
            bar.close()


def is_frame(data: Any) -> bool:
    """A pandas frame, told without importing pandas."""
    return type(data).__module__.partition(".")[0] == "pandas" and hasattr(data, "columns")


def rows(frame: Any) -> Iterator[dict[str, Any]]:
    """The rows of a pandas frame: missing values are absent fields, times are ISO texts."""
    names = [name if isinstance(name, str) else str(name) for name in frame.columns]
    if len(set(names)) < len(names):
        raise ValueError("the frame has two columns of one name; rename one")
    known = [frame[name].notna().tolist() for name in frame.columns]
    values = [[plain(value) for value in frame[name].tolist()] for name in frame.columns]
    for row, there in zip(zip(*values, strict=True), zip(*known, strict=True), strict=True):
        yield {
            name: value for name, value, is_there in zip(names, row, there, strict=True) if is_there
        }


def plain(value: Any) -> Any:
    """A cell as JSON knows it."""
    return value.isoformat() if hasattr(value, "isoformat") else value
