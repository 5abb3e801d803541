"""Where a value stands in a document: a tuple of keys and positions, written as JSONPath."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

Step = str | int | None  # a key, a position, or any position
Path = tuple[Step, ...]
ANY: Final = None  # every item of an array
SHOWN = 20  # steps of a path that are written out
_PLAIN = re.compile(r"[A-Za-z_\u0080-\ud7ff\ue000-\uffff][0-9A-Za-z_\u0080-\ud7ff\ue000-\uffff]*")


def show(path: Sequence[Step]) -> str:
    """A path as JSONPath (RFC 9535); the middle of a very long one is left out.

    >>> show(("geo", "odd key", 0))
    "$.geo['odd key'][0]"
    """
    half = SHOWN // 2
    if len(path) > SHOWN:
        return f"{show(path[:half])} … {show(path[-half:])[1:]}"
    return "$" + "".join(_step(step) for step in path)


def _step(step: Step) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if step is ANY:
        return "[*]"
    if _PLAIN.fullmatch(step):
        return f".{step}"
    quoted = step.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{quoted}']"


def to_path(verb: str, path: Any, *, wild: bool = False) -> Path:
    """The steps of a JSONPath text, or of a list of keys and positions.

    The text is read by python-jsonpath, which is imported here and nowhere else; the leading ``$.``
    may be left out. ``wild`` allows ``[*]``, any position. Errors: ValueError where the path names
    no single place, or is none.

    >>> to_path("get", "$.geo['iso'][2]"), to_path("get", ["geo", "iso", 2])
    (('geo', 'iso', 2), ('geo', 'iso', 2))
    """
    if isinstance(path, str):
        return _parsed(verb, path, wild)
    if not isinstance(path, Sequence) or isinstance(path, bytes):
        raise TypeError(f"{verb}: a path is a JSONPath text or a list of steps, got {path!r}")
    for step in path:
        if isinstance(step, str) or (wild and step is ANY):
            continue
        if isinstance(step, bool) or not isinstance(step, int) or step < 0:
            raise ValueError(f"{verb}: a step is a key or a position from 0, got {step!r}")
    return tuple(path)


def _parsed(verb: str, text: str, wild: bool) -> Path:
    try:
        import jsonpath
    except ImportError as error:
        repair = "pip install python-jsonpath, or give the path as a list: ['geo', 'iso']"
        raise ImportError(f"{verb}: JSONPath needs python-jsonpath; {repair}") from error
    from jsonpath.segments import JSONPathChildSegment
    from jsonpath.selectors import IndexSelector, NameSelector, WildcardSelector

    try:
        compiled = jsonpath.compile(text)
    except jsonpath.JSONPathError as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"{verb}: {text!r} is no JSONPath ({reason})") from None
    steps: list[Step] = []
    for segment in getattr(compiled, "segments", [None]):  # a union of paths has none
        chosen = segment.selectors if isinstance(segment, JSONPathChildSegment) else ()
        match chosen:
            case (NameSelector(name=name),):
                steps.append(name)
            case (IndexSelector(index=index),) if index >= 0:
                steps.append(index)
            case (WildcardSelector(),) if wild:
                steps.append(ANY)
            case _:
                may = "keys, positions from 0 and [*]" if wild else "keys and positions from 0"
                raise ValueError(f"{verb}: {text!r} names no single place; use {may} only")
    return tuple(steps)
