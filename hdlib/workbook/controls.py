"""Controls with an accessible name: a native label and a native input, live from both sides.

>>> dimension = Slider("dimension", 1024, values=[256, 1024, 4096], unit="bits")
>>> print(dimension.text)
1,024 bits
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import traitlets as t

from hdlib.workbook.widget import HERE, Widget

THIN = "\u202f"  # the narrow no-break space between a number and its unit


class ControlError(ValueError, t.TraitError):
    """A value that this control cannot take; traitlets puts the old value back."""


class _Value(t.Any):
    """Any value but None, which traitlets would let pass unchecked."""

    allow_none = False


class Control(Widget):
    """What all controls share: a label, a value that is checked, and the page's side of it."""

    _esm = HERE / "controls.js"
    kind = t.Unicode().tag(sync=True)
    label = t.Unicode().tag(sync=True)
    value = _Value().tag(sync=True)
    disabled = t.Bool(False).tag(sync=True)

    @t.validate("value")
    def _check(self, proposal: Any) -> Any:
        return self.valid(proposal["value"])

    def valid(self, value: Any) -> Any:
        """Give back `value` as this control stores it, or raise a ControlError."""
        raise NotImplementedError

    def choices(self) -> list[Any]:
        """List the values that a test should try: both ends and the middle, or every option."""
        raise NotImplementedError

    def refuse(self, value: Any, repair: str) -> ControlError:
        """Say which control refused what, and what it takes."""
        return ControlError(f"{self.label}: {value!r} is not possible; {repair}")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.label!r}, {self.value!r})"


class Slider(Control):
    """A number from `min` to `max` in steps, or one of `values`; whole if all of these are.

    >>> noise = Slider("noise", 0.1, min=0, max=0.5, step=0.05)
    >>> noise.value = 0.3
    >>> noise.value = 2
    Traceback (most recent call last):
    hdlib.workbook.controls.ControlError: noise: 2 is not possible; take 0 to 0.5 in steps of 0.05

    Raises:
        ControlError: the range is empty, or the value is not on it; the old value stays.
    """

    min = t.Float().tag(sync=True)
    max = t.Float().tag(sync=True)
    step = t.Float().tag(sync=True)
    values: t.List[float] = t.List().tag(sync=True)
    unit = t.Unicode().tag(sync=True)
    digits = t.Int().tag(sync=True)

    def __init__(
        self,
        label: str,
        value: float,
        *,
        min: float | None = None,
        max: float | None = None,
        step: float = 1,
        values: Sequence[float] = (),
        unit: str = "",
    ) -> None:
        values = list(values)
        if values:
            min, max, step = values[0], values[-1], values[-1] - values[0]
            if any(low >= high for low, high in pairwise(values)):
                raise ControlError(f"{label}: values must rise from each to the next")
        if min is None or max is None or not (min < max and 0 < step <= max - min):
            raise ControlError(
                f"{label}: from {min} to {max} in steps of {step} is empty; "
                "give min < max and a step that fits, or values=[…]"
            )
        numbers = values or [min, max, step]
        self.number: type[int] | type[float] = (
            int if all(isinstance(number, int) for number in [*numbers, value]) else float
        )
        super().__init__(
            kind="slider",
            label=label,
            min=min,
            max=max,
            step=step,
            values=values,
            unit=unit,
            digits=_largest(_decimals(number) for number in numbers),
            value=value,
        )

    def valid(self, value: Any) -> int | float:
        """Give back the step of this slider that `value` is, whole if the slider is."""
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise self.refuse(value, "take a number")
        if self.values:
            near = min(self.values, key=lambda choice: abs(choice - value))
            repair = "take one of " + ", ".join(f"{choice:,}" for choice in self.values)
        else:
            steps = math.floor((self.max - self.min) / self.step + 1e-9)
            count = min(max((value - self.min) / self.step, 0), steps)
            near = round(self.min + round(count) * self.step, 12)
            repair = f"take {self.min:,g} to {self.max:,g} in steps of {self.step:g}"
        if not math.isclose(near, value, rel_tol=1e-9, abs_tol=1e-9 * self.step):
            raise self.refuse(value, repair)
        return self.number(near)

    def choices(self) -> list[int | float]:
        """Both ends and the middle."""
        if self.values:
            return [self.values[0], self.values[len(self.values) // 2], self.values[-1]]
        steps = math.floor((self.max - self.min) / self.step + 1e-9)
        return [
            self.valid(round(self.min + count * self.step, 12)) for count in (0, steps // 2, steps)
        ]

    @property
    def text(self) -> str:
        """The value as the page shows it, with its unit."""
        number = f"{self.value:,.{self.digits}f}"
        if self.values and "." in number:
            number = number.rstrip("0").rstrip(".")
        return number + (THIN + self.unit if self.unit else "")


class Select(Control):
    """One of some options: their names, or a mapping from each value to the name that is shown.

    >>> Select("model", ["MAPI", "BSC"]).value
    'MAPI'

    Raises:
        ControlError: there are no options, or the value is none of them; the old value stays.
    """

    options: t.List[str] = t.List().tag(sync=True)
    names: t.List[str] = t.List().tag(sync=True)

    def __init__(
        self, label: str, options: Sequence[str] | Mapping[str, str], value: str | None = None
    ) -> None:
        names = dict(options) if isinstance(options, Mapping) else {name: name for name in options}
        if not names:
            raise ControlError(f"{label}: no options; give at least one")
        super().__init__(
            kind="select",
            label=label,
            options=list(names),
            names=list(names.values()),
            value=next(iter(names)) if value is None else value,
        )

    def valid(self, value: Any) -> str:
        """Give back `value` if it is an option."""
        if value not in self.options:
            raise self.refuse(value, "take one of " + ", ".join(self.options))
        return str(value)

    def choices(self) -> list[str]:
        """Every option."""
        return list(self.options)


class Text(Control):
    """A line of text, passed on while it is typed.

    Raises:
        ControlError: the value is not text, or longer than `max_length`; the old value stays.
    """

    max_length = t.Int().tag(sync=True)

    def __init__(self, label: str, value: str = "", *, max_length: int = 200) -> None:
        super().__init__(kind="text", label=label, max_length=max_length, value=value)

    def valid(self, value: Any) -> str:
        """Give back `value` if it is text and fits."""
        if not isinstance(value, str) or len(value) > self.max_length:
            raise self.refuse(value, f"take text of at most {self.max_length} characters")
        return value

    def choices(self) -> list[str]:
        """Nothing at all, the text of now, and letters of other scripts."""
        return ["", self.value, "Größe, 名前"[: self.max_length]]


class Toggle(Control):
    """A choice of yes or no.

    Raises:
        ControlError: the value is neither True nor False; the old value stays.
    """

    def __init__(self, label: str, value: bool = False) -> None:
        super().__init__(kind="toggle", label=label, value=value)

    def valid(self, value: Any) -> bool:
        """Give back `value` if it is True or False."""
        if not isinstance(value, bool):
            raise self.refuse(value, "take True or False")
        return value

    def choices(self) -> list[bool]:
        """Both."""
        return [False, True]


class Button(Control):
    """Something to press; its value counts the presses, so that it can serve as a seed.

    >>> again = Button("Draw again")
    >>> again.press()
    >>> again.value
    1

    Raises:
        ControlError: the value is not a count; the old value stays.
    """

    def __init__(self, label: str) -> None:
        super().__init__(kind="button", label=label, value=0)

    def valid(self, value: Any) -> int:
        """Give back `value` if it is a count."""
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self.refuse(value, "take a count of presses")
        return value

    def choices(self) -> list[int]:
        """Two more presses."""
        return [self.value + 1, self.value + 2]

    def press(self) -> None:
        """Do what the button does when it is pressed on the page."""
        self.value += 1


def _decimals(number: float) -> int:
    """How many decimals `number` is written with, at most nine: 0.05 has two."""
    return next(places for places in range(10) if places == 9 or round(number, places) == number)


def _largest(counts: Iterable[int]) -> int:
    return max(counts)  # `max` is an argument inside Slider
