"""What the checks of all exercises need: fresh numbers to ask with, and answers read with care."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor

T = TypeVar("T")

CHANCE: random.Random = random.SystemRandom()  # the tests put a seeded one here


def between(low: int, high: int) -> int:
    """A fresh number, low and high included: a check that draws it cannot be guessed."""
    return CHANCE.randint(low, high)


def one_of(options: Sequence[T]) -> T:
    """A fresh choice."""
    return CHANCE.choice(options)


def number(given: Any) -> float:
    """What a reader's function returned, as a number; a truth value or None is none."""
    assert given is not None, "Your function returns None; end it with `return …`."
    assert not isinstance(given, bool | str), f"Your function returns {given!r}, not a number."
    return float(given)


def function(answer: Any) -> Callable[..., Any]:
    assert callable(answer), "Give the function itself, by its name, not what it returns."
    called: Callable[..., Any] = answer
    return called


def needs_function(answer: Any, name: str) -> str | None:
    """The complaint about an answer that cannot be called."""
    return None if callable(answer) else f"Give the function itself: `{name}`, not what it returns."


def close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9)


def off(where: str, given: Any, near: dict[float, str], right: float, last: str) -> str | None:
    """The complaint about a number, naming the near miss that it is."""
    value = float(given)
    if math.isclose(value, right, rel_tol=1e-6, abs_tol=1e-12):
        return None
    for wrong, why in near.items():
        if math.isclose(value, wrong, rel_tol=1e-6):
            return f"{where} you give {value:.4g}: {why}"
    return f"{where} you give {value:.4g}. {last}"


def fresh_seed() -> int:
    """Another one each time: a check draws a new instance, so that no number can be learned."""
    return CHANCE.getrandbits(40)


def as_numbers(given: Any, shape: tuple[int, ...]) -> Tensor | str:
    """What a reader's function returned as a tensor, or what is wrong with it."""
    if given is None:
        return "It returns None; end with `return`."
    try:
        found = given if isinstance(given, Tensor) else torch.as_tensor(given)
    except (TypeError, ValueError, RuntimeError):
        return f"It returns a {type(given).__name__}; a vector of shape {shape} is asked for."
    if tuple(found.shape) != shape:
        return f"It returns shape {tuple(found.shape)}, not {shape}."
    return found
