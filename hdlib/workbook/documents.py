"""JSON that a reader types, pastes or opens: read with limits, and refused with where and why."""

from __future__ import annotations

from typing import Any

from hdlib.encode.json import JSONInputError, read_json_lines
from hdlib.encode.json.parse import parse
from hdlib.encode.json.rules import Rules
from hdlib.encode.json.shapes import blame, flatten


def read_document(text: str, name: str, *, max_values: int = 60, max_depth: int = 20) -> Any:
    """One document from text.

    >>> read_document('{"a": [1, null]}', "left")
    {'a': [1, None]}
    >>> read_document('{"a": tru}', "left")
    Traceback (most recent call last):
    ValueError: left, line 1, column 7, at $.a: expected a value, got 't'.

    Raises:
        ValueError: the text is no JSON, or larger than the limits.
    """
    rules = Rules(max_values=max_values, max_depth=max_depth)
    try:
        document = parse(text, rules)
        _check(document, rules)
    except JSONInputError as error:
        raise ValueError(f"{name}, {error}.") from None
    return document


def read_records(
    text: str, name: str, *, most: int = 500, max_values: int = 500, max_depth: int = 50
) -> list[Any]:
    """Records from a JSON array, from JSON Lines, or one document alone.

    >>> read_records('{"a": 1}\\n{"a": 2}', "records") == read_records('[{"a":1},{"a":2}]', "x")
    True
    >>> read_records('{"a": 1}\\n{"a" 2}', "records")
    Traceback (most recent call last):
    ValueError: records, line 2, column 6, at $.a: expected ':' after a key.

    Raises:
        ValueError: the text is no JSON, holds no record, or more than the limits.
    """
    rules = Rules(max_values=max_values, max_depth=max_depth)
    whole = Rules(max_values=most * max_values, max_depth=max_depth + 1)
    try:
        if _is_lines(text, rules):
            records = list(
                read_json_lines(text.splitlines(), max_values=max_values, max_depth=max_depth)
            )
        else:
            found = parse(text, whole)
            records = found if isinstance(found, list) else [found]
        for place, record in enumerate(records):
            _check(record, rules, place)
    except JSONInputError as error:
        raise ValueError(f"{name}, {error}.") from None
    if not records:
        raise ValueError(f"{name}: there is no record in it; give [{{…}}, {{…}}].")
    if len(records) > most:
        raise ValueError(f"{name}: {len(records):,} records, at most {most:,} are taken.")
    return records


def _is_lines(text: str, rules: Rules) -> bool:
    """Whether the first of several lines is a document by itself."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        return False
    try:
        parse(lines[0], rules)
    except JSONInputError:
        return False
    return True


def _check(document: Any, rules: Rules, record: int | None = None) -> None:
    """Raise what is too large or too deep, with its place."""
    try:
        flatten(document, rules)
    except JSONInputError as error:
        error.record = record
        raise blame(document, rules, error) from None
