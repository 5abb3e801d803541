"""Numbers as a reader should meet them: no digit more than the error allows."""

import math


def rounded(value: float, stderr: float) -> str:
    """Write `value ± stderr` with one digit of error, two where the first is a 1.

    >>> rounded(0.31234, 0.0042)
    '0.312 ± 0.004'
    >>> rounded(0.31234, 0.0142)
    '0.312 ± 0.014'
    >>> rounded(1634.2, 38)
    '1,630 ± 40'
    >>> rounded(2, 0)
    '2'

    Raises:
        ValueError: the error is negative or not finite.
    """
    if not (math.isfinite(stderr) and stderr >= 0):
        raise ValueError(f"rounded: stderr is {stderr}; give a finite number that is not negative")
    if stderr == 0 or not math.isfinite(value):
        return f"{value:,g}" if abs(value) < 1e6 else f"{value:,.0f}"
    places = -math.floor(math.log10(stderr))
    if float(f"{stderr:.1e}") * 10**places < 2:  # a leading 1: one digit alone would be 50 % off
        places += 1
    return f"{_at(value, places)} ± {_at(stderr, places)}"


def said(mean: float, stderr: float) -> str:
    """Write a measured mean with its error; where all draws agree, without their float rounding.

    >>> said(0.31234, 0.0042), said(0.9999999, 1e-9)
    ('0.312 ± 0.004', '1.000')
    """
    return rounded(mean, stderr) if stderr > 1e-6 else f"{mean:.3f}"


def _at(value: float, places: int) -> str:
    return f"{round(value, places):,.{max(places, 0)}f}"
