"""The scale of the numbers at one path: where in their distribution a number stands.

A code for numbers tells apart what differs by about one unit here. The years 1977 and 1982 are the
same on any scale that also holds populations, so each path gets its own: quantiles of what was seen
there, a unit for every twentieth of them.
"""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
WIDTH = 0.05  # quantiles that make a unit
LOG_WIDTH = 0.25  # of asinh, where nothing was fitted
KNOTS = 2_048  # values kept of a distribution
LARGEST = 1e300  # numbers beyond count as this


def floats(values: list[Any]) -> Array:
    """Python numbers as float64; integers beyond its range become the infinities."""
    try:
        return np.array(values, dtype=np.float64)
    except OverflowError:
        return np.array([_float(value) for value in values])


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


class NumberScale:
    """A growing sample of numbers, and the map from numbers to units and back.

    Up to 2,048 distinct values are kept exactly; more are thinned to so many, each standing for an
    equal share. Beyond its ends the scale goes on linearly at first, then as a logarithm.
    """

    def __init__(self) -> None:
        self.values: Array = np.empty(0)  # distinct, rising
        self.weights: Array = np.empty(0)
        self.whole = True  # only integers were seen
        self._new: list[float] = []
        self._places: Array | None = None

    def add(self, value: float) -> None:
        """Take one more number; what is not finite is passed over."""
        value = _float(value)
        if not -math.inf < value < math.inf:
            return
        self.whole = self.whole and value == math.floor(value)
        self._new.append(max(-LARGEST, min(LARGEST, value)))
        self._places = None
        if len(self._new) >= 4 * KNOTS:
            self._settle()

    def _settle(self) -> None:
        if not self._new:
            return
        values = np.concatenate([self.values, self._new]) + 0.0
        weights = np.concatenate([self.weights, np.ones(len(self._new))])
        self._new = []
        self.values, place = np.unique(values, return_inverse=True)
        self.weights = np.bincount(place, weights).astype(np.float64)
        if len(self.values) > KNOTS:
            total = self.weights.cumsum()
            shares = np.linspace(0, total[-1], KNOTS)
            kept = np.unique(np.minimum(np.searchsorted(total, shares), len(total) - 1))
            home = np.searchsorted(kept, np.arange(len(total)))  # of each the next kept one
            self.values = self.values[kept]
            self.weights = np.bincount(home, self.weights, len(kept)).astype(np.float64)

    @property
    def places(self) -> Array:
        """The quantile of each kept value, from 0 to 1: ties stand in the middle of their ranks."""
        if self._places is None:
            self._settle()
            middle = self.weights.cumsum() - self.weights / 2
            span = middle[-1] - middle[0] if len(middle) > 1 else 1.0
            self._places = (middle - middle[0]) / span if len(middle) else middle
        return self._places

    @property
    def reach(self) -> tuple[float, float]:
        """Units within which numbers are looked for when a vector is read."""
        if not len(self.places):
            return math.asinh(-1e9) / LOG_WIDTH, math.asinh(1e9) / LOG_WIDTH
        if len(self.places) == 1:
            return -1 / WIDTH, 1 / WIDTH
        return -0.1 / WIDTH, 1.1 / WIDTH

    def units(self, numbers: Array) -> Array:
        """Numbers to units: ``(n,) -> (n,)``; the infinities give those of the largest number.

        >>> scale = NumberScale()
        >>> for year in range(1952, 2008, 5): scale.add(year)
        >>> scale.units(np.array([1952, 1977, 2007])).round(1).tolist()
        [0.0, 9.1, 20.0]
        """
        x = np.clip(numbers, -LARGEST, LARGEST)
        q = self.places
        if not len(q):
            return np.arcsinh(x) / LOG_WIDTH
        low, high = self.values[0], self.values[-1]
        inside = np.clip(np.interp(x, self.values, q), 0, 1)
        with np.errstate(over="ignore"):
            beyond = (np.minimum(x - low, 0) + np.maximum(x - high, 0)) / self._span
        units: Array = (inside + np.arcsinh(np.clip(beyond, -LARGEST, LARGEST))) / WIDTH
        return units

    def numbers(self, units: Array) -> Array:
        """Units back to numbers: ``(n,) -> (n,)``, whole ones where only such were seen."""
        q = self.places
        if not len(q):
            x = np.sinh(np.clip(units * LOG_WIDTH, -690, 690))
        else:
            t = np.clip(units * WIDTH, -690, 690)
            inside = np.interp(t, q, self.values)
            low, high = q[0], q[-1]
            beyond = np.sinh(np.minimum(t - low, 0) + np.maximum(t - high, 0))
            x = inside + beyond * self._span
        return np.rint(x) if self.whole and len(q) else x

    @property
    def _span(self) -> float:
        low, high = float(self.values[0]), float(self.values[-1])
        if low == high:
            return abs(high) / 10 or 1.0
        return max(high - low, sys.float_info.min)

    def state(self) -> dict[str, Any]:
        """What ``restored`` makes the same scale of."""
        self._settle()
        kept = {"values": self.values.tolist(), "weights": self.weights.tolist()}
        return {**kept, "whole": self.whole}

    @classmethod
    def restored(cls, state: dict[str, Any]) -> NumberScale:
        """The scale that a ``state`` was taken of; a ValueError if it is none."""
        made = cls()
        made.values = np.array(state["values"], dtype=np.float64)
        made.weights = np.array(state["weights"], dtype=np.float64)
        made.whole = bool(state["whole"])
        sound = made.values.shape == made.weights.shape and made.values.ndim == 1
        if not (sound and np.isfinite(made.values).all() and (np.diff(made.values) > 0).all()):
            raise ValueError("a number scale is damaged")
        if not ((made.weights > 0).all() and np.isfinite(made.weights).all()):
            raise ValueError("a number scale is damaged")
        return made
