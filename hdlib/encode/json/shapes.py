"""The shape of a document, so that documents of one shape are encoded together.

A shape is a list of tokens, one for each value, containers before what they hold: of an object its
sorted keys, of an array its length, of a leaf its kind. Arrays are written from their end, which is
the order of Horner's rule. Nothing here recurses.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from numbers import Integral, Real
from typing import Any

from hdlib.encode.json.errors import JSONInputError
from hdlib.encode.json.paths import Path, Step
from hdlib.encode.json.rules import Rules

Token = tuple[str, ...] | int | str
STRING, NUMBER = "string", "number"
NULL, TRUE, FALSE, BLANK, NONE, NOTHING = "null", "true", "false", "empty text", "[]", "{}"
CONSTANTS: dict[str, Any] = {NULL: None, TRUE: True, FALSE: False, BLANK: "", NONE: [], NOTHING: {}}
CONSTANTS |= {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def flatten(document: Any, rules: Rules) -> tuple[tuple[Token, ...], list[Any]]:
    """The tokens of a document, and its texts and numbers in their order.

    >>> flatten({"b": [1, "x"], "a": None}, Rules())
    ((('a', 'b'), 'null', 2, 'string', 'number'), ['x', 1])
    """
    tokens: list[Token] = []
    leaves: list[Any] = []
    waiting, room = [document], rules.max_values
    while waiting:
        value = waiting.pop()
        kind = type(value)
        if kind is str:
            if value:
                tokens.append(STRING)
                leaves.append(value)
            else:
                tokens.append(BLANK)
        elif kind is int or (kind is float and value - value == 0):
            tokens.append(NUMBER)
            leaves.append(value)
        elif kind is dict:
            if value:
                keys = _keys(value)
                tokens.append(keys)
                waiting.extend([value[key] for key in reversed(keys)])
            else:
                tokens.append(NOTHING)
        elif kind is list:
            tokens.append(len(value) or NONE)
            waiting.extend(value)
        elif value is None:
            tokens.append(NULL)
        elif kind is bool:
            tokens.append(TRUE if value else FALSE)
        elif kind is float:
            tokens.append(_odd(value, rules))
        else:
            waiting.append(plain(value))
        if len(tokens) + len(waiting) > room:
            raise JSONInputError(f"more than {room:,} values, or a loop; raise max_values", path=())
    flat = tuple(tokens)
    if len(flat) > rules.max_depth and depth(flat) > rules.max_depth:
        raise JSONInputError(f"more than {rules.max_depth:,} levels deep; raise max_depth", path=())
    return flat, leaves


def _keys(value: dict[str, Any]) -> tuple[str, ...]:
    try:
        keys = sorted(value)
        "".join(keys)  # refuses what is no text
    except TypeError:
        odd = next(key for key in value if not isinstance(key, str))
        raise JSONInputError(f"the key {odd!r} is no text; make it one") from None
    return tuple(keys)


def _odd(value: float, rules: Rules) -> str:
    """The kind of a number that is not finite."""
    if rules.nonfinite == "error":
        raise JSONInputError(f'{value} is no JSON; nonfinite="code" takes it')
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"


def plain(value: Any) -> Any:
    """What a value of another type means in JSON: numpy's numbers, subclasses, tuples, mappings."""
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list | tuple):
        return list(value)
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:  # numpy.bool_, a 0-D tensor
        return value.item()
    kind = type(value).__name__
    raise JSONInputError(f"a {kind} is no JSON value; give null, true, false, a number, a text, …")


def blame(document: Any, rules: Rules, error: JSONInputError) -> JSONInputError:
    """The same fault with the path of the value that has it: a slow walk, taken after a failure."""
    if error.path is not None:
        return error
    for path, value in itertools.islice(walk(document), rules.max_values):
        try:
            if isinstance(value, dict):
                _keys(value)
            elif not isinstance(value, Mapping | list | tuple):
                flatten(value, rules)
        except JSONInputError as found:
            error.path = path
            error.why = found.why
            break
    return error


def walk(document: Any, deepest: int = 1_000) -> Iterator[tuple[Path, Any]]:
    """Every value with its path, containers first; what lies deeper is left out.

    >>> [path for path, value in walk({"a": [1, {}]})]
    [(), ('a',), ('a', 0), ('a', 1)]
    """
    waiting: list[tuple[Path, Any]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        yield path, value
        if len(path) < deepest:
            waiting += [((*path, step), part) for step, part in reversed(children(value))]


def children(value: Any) -> list[tuple[Step, Any]]:
    """The steps into a container and what lies there; of a leaf nothing."""
    if isinstance(value, Mapping):
        return list(value.items())
    if isinstance(value, list | tuple):
        return list(enumerate(value))
    return []


def depth(tokens: tuple[Token, ...]) -> int:
    """How many containers lie within each other."""
    deepest, open_ = 0, [1]
    for token in tokens:
        open_[-1] -= 1
        if isinstance(token, tuple | int):
            open_.append(len(token) if isinstance(token, tuple) else token)
            deepest = max(deepest, len(open_) - 1)
        else:
            while len(open_) > 1 and open_[-1] == 0:
                open_.pop()
    return deepest
