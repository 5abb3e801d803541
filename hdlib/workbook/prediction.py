"""Predict first: the reader logs a guess before the notebook moves on to the answer.

>>> card = predict("How many of 100 pairs are nearly orthogonal?", value=50, min=0, max=100)
>>> card.compare(100)
○ No guess was logged. The answer is 100.
>>> card.slider.value = 90
>>> card.log.press()
>>> card.compare(100)
○ You guessed 90, the answer is 100: off by 10.
"""

from typing import Any

import ipywidgets

from hdlib.workbook.controls import THIN, Button, Slider
from hdlib.workbook.line import Line
from hdlib.workbook.verdict import Verdict


def predict(
    question: str,
    *,
    value: float,
    min: float,
    max: float,
    step: float = 1,
    unit: str = "",
    label: str = "your guess",
) -> "Prediction":
    """Ask for a number before it is shown; `guess` holds it once the button was pressed.

    Raises:
        ValueError: the range is empty, or `value`, where the slider starts, is not on it.
    """
    return Prediction(question, Slider(label, value, min=min, max=max, step=step, unit=unit))


class Prediction:
    """A card with a slider and a button; the guess stays in this kernel and goes nowhere."""

    def __init__(self, question: str, slider: Slider) -> None:
        self.question = question
        self.guess: float | None = None
        self.slider = slider
        self.log = Button("Log my guess")
        self._said = Line("", live=True)
        self.log.observe(self._logged, "value")
        controls = ipywidgets.HBox([slider, self.log], layout={"flex_flow": "row wrap"})
        controls.add_class("hdlib-controls")
        self.ui = ipywidgets.VBox([Line(question, lead="Predict"), controls, self._said])
        self.ui.add_class("hdlib-card")
        self.ui.add_class("hdlib-predict")

    def compare(self, answer: float) -> Verdict:
        """Put the guess beside the answer."""
        slider = self.slider
        shown = f"{answer:,.{slider.digits}f}" + (THIN + slider.unit if slider.unit else "")
        if self.guess is None:
            return Verdict("open", f"No guess was logged. The answer is {shown}.")
        off = f"{abs(answer - self.guess):,.{slider.digits}f}"
        said = f"You guessed {self.guess:,.{slider.digits}f}, the answer is {shown}"
        return Verdict("open", f"{said}: off by {off}." if float(off) else f"{said}: exactly.")

    def _logged(self, _: Any) -> None:
        self.guess = self.slider.value
        self._said.text = f"Your guess is {self.slider.text}. Read on to see how close it is."

    def __repr__(self) -> str:
        return f"Predict: {self.question}"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.ui._repr_mimebundle_(**kwargs) | {"text/plain": repr(self)}
