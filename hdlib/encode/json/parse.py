"""JSON text to Python objects: Python's own parser, and one that knows where it stands.

The second takes over where the first gives up: it tells line, column and path of a fault, and it
keeps its own stack, so that nesting is limited by the rules alone.
"""

from __future__ import annotations

import json
import math
import re
from json.decoder import scanstring  # type: ignore[attr-defined]
from json.scanner import NUMBER_RE
from typing import Any

from hdlib.encode.json.errors import JSONInputError
from hdlib.encode.json.paths import Step
from hdlib.encode.json.rules import Rules

_SPACE = re.compile(r"[ \t\n\r]*")
_WORDS = {"true": True, "false": False, "null": None}
_CONSTANTS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class _FaultError(ValueError):
    """Something the second parser must look at."""


def parse(text: str | bytes, rules: Rules) -> Any:
    """One document. Errors: JSONInputError with line, column and path.

    >>> parse('{"a": [1, 2]}', Rules())
    {'a': [1, 2]}
    """
    text = decoded(text)
    pairs = _unique if rules.duplicates == "error" else None
    constant = _refuse if rules.nonfinite == "error" else None
    try:
        return json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except (ValueError, RecursionError):
        return Located(text, rules).read()


def decoded(text: str | bytes) -> str:
    """Text as it is; bytes in the Unicode encoding that they begin in."""
    if isinstance(text, str):
        return text
    if not isinstance(text, bytes | bytearray):
        raise TypeError(f"parse: expected JSON text, got {type(text).__name__}")
    try:
        return text.decode(json.detect_encoding(text), "surrogatepass")
    except UnicodeDecodeError as error:
        before = bytes(text[: error.start]).decode(error.encoding, "replace")
        line, column = place(before, len(before))
        why = f"bytes that are no {error.encoding} text ({error.reason})"
        raise JSONInputError(why, line=line, column=column) from None


def place(text: str, at: int) -> tuple[int, int]:
    """Line and column, from 1, of a position in a text."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise _FaultError
    return made


def _refuse(name: str) -> Any:
    raise _FaultError


class Located:
    """Reads one text step by step, with a stack of its own."""

    def __init__(self, text: str, rules: Rules) -> None:
        self.text, self.rules = text, rules
        self.at, self.values = 0, 0
        self.steps: list[Step] = []
        self.open: list[Any] = []  # containers around the place that is read

    def read(self) -> Any:
        """The document, or the first fault in it."""
        if self.text.startswith("\ufeff"):
            raise self.fault("a byte order mark; decode the file as utf-8-sig")
        while True:
            self._skip()
            value, more = self._value()
            while not more:
                self._skip()
                if not self.open:
                    if self.at < len(self.text):
                        raise self.fault("text after the end of the document")
                    return value
                value, more = self._into(value)

    def fault(self, why: str, at: int | None = None, *, inside: bool = True) -> JSONInputError:
        """An error at a position, by default here."""
        line, column = place(self.text, self.at if at is None else at)
        steps = self.steps if inside else self.steps[:-1]
        return JSONInputError(why, line=line, column=column, path=tuple(steps))

    def _skip(self) -> None:
        self.at = _SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]

    def _value(self) -> tuple[Any, bool]:
        """A value that begins here, and whether it is a container that has to be filled first."""
        self.values += 1
        if self.values > self.rules.max_values:
            raise self.fault(f"more than {self.rules.max_values:,} values; raise max_values")
        here = self.text[self.at : self.at + 1]
        if here == '"':
            return self._string(), False
        if here in ("{", "["):
            return self._container(here)
        for word, value in (_WORDS | _CONSTANTS).items():
            if self.text.startswith(word, self.at):
                if word in _CONSTANTS and self.rules.nonfinite == "error":
                    raise self.fault(f'{word} is no JSON; nonfinite="code" takes it')
                self.at += len(word)
                return value, False
        found = NUMBER_RE.match(self.text, self.at)
        if found is None:
            what = f"{here!r}" if here else "the end of the text"
            raise self.fault(f"expected a value, got {what}")
        return self._number(*found.groups(), end=found.end()), False

    def _number(self, whole: str, fraction: str | None, exponent: str | None, *, end: int) -> Any:
        if fraction is None and exponent is None:
            try:
                value: Any = int(whole)
            except ValueError:  # Python's guard against quadratic time
                raise self.fault(f"an integer of {len(whole):,} digits, too long") from None
        else:
            value = float(whole + (fraction or "") + (exponent or ""))
            if math.isinf(value) and self.rules.nonfinite == "error":
                raise self.fault('a number beyond the range of floats; nonfinite="code" takes it')
        self.at = end
        return value

    def _string(self) -> str:
        try:
            value, self.at = scanstring(self.text, self.at + 1, True)
        except json.JSONDecodeError as error:
            raise self.fault(error.msg[:1].lower() + error.msg[1:], error.pos) from None
        return str(value)

    def _container(self, opening: str) -> tuple[Any, bool]:
        if len(self.open) >= self.rules.max_depth:
            raise self.fault(f"more than {self.rules.max_depth:,} levels deep; raise max_depth")
        made: Any = {} if opening == "{" else []
        self.at += 1
        self._skip()
        if self.text.startswith("}" if opening == "{" else "]", self.at):
            self.at += 1
            return made, False
        self.open.append(made)
        if opening == "{":
            self.steps.append(None)
            self._key(made)
        else:
            self.steps.append(0)
        return made, True

    def _key(self, made: dict[str, Any]) -> None:
        start = self.at
        if not self.text.startswith('"', self.at):
            here = self.text[self.at : self.at + 1]
            what = f"{here!r}" if here else "the end of the text"
            raise self.fault(f"expected a key in double quotes, got {what}", inside=False)
        key = self._string()
        self.steps[-1] = key
        if key in made and self.rules.duplicates == "error":
            why = f'the key {key!r} comes twice in one object; duplicates="last" takes the last'
            raise self.fault(why, start)
        self._skip()
        if not self.text.startswith(":", self.at):
            raise self.fault("expected ':' after a key")
        self.at += 1

    def _into(self, value: Any) -> tuple[Any, bool]:
        """Put a value where it belongs; the container itself where that ends it."""
        around, step = self.open[-1], self.steps[-1]
        if isinstance(around, dict):
            around[step] = value
        else:
            around.append(value)
        here = self.text[self.at : self.at + 1]
        if here == ",":
            self.at += 1
            self._skip()
            if isinstance(around, dict):
                self._key(around)
            else:
                self.steps[-1] = len(around)
            return None, True
        end = "}" if isinstance(around, dict) else "]"
        if here != end:
            what = f"{here!r}" if here else "the end of the text"
            raise self.fault(f"expected ',' or '{end}', got {what}")
        self.at += 1
        self.steps.pop()
        return self.open.pop(), False
