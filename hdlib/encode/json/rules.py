"""What a document may hold: the limits and options that every way in obeys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from hdlib.vsa.base import whole

Odd = Literal["error", "code"]
Twice = Literal["error", "last"]


@dataclass(frozen=True)
class Rules:
    """Strict by default: a document that breaks a rule is refused, and nothing else is touched.

    nonfinite: NaN and ±Infinity are an "error", or get a "code" of their own each.
    duplicates: a key twice in an object is an "error", or the "last" value wins, as in Python.
    max_depth: containers within containers. max_values: all values of a document, containers too.
    """

    nonfinite: Odd = "error"
    duplicates: Twice = "error"
    max_depth: int = 100_000
    max_values: int = 1_000_000

    def __post_init__(self) -> None:
        for name, allowed in (("nonfinite", get_args(Odd)), ("duplicates", get_args(Twice))):
            if getattr(self, name) not in allowed:
                given = getattr(self, name)
                raise ValueError(f"{name} must be {' or '.join(allowed)}, got {given!r}")
        whole("max_depth", self.max_depth, 1)
        whole("max_values", self.max_values, 1)
