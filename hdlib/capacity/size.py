"""How many dimensions does a task need, and how much does a vector hold? By closed forms alone."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from hdlib.capacity.tasks import FINEST, NETWORKS, resolve
from hdlib.vsa import VSA
from hdlib.vsa.base import whole

LEAST = 4  # dimensions: below, nothing is worth a formula
MOST = 1 << 40
BEST = ("exact", "approximate", "sufficient")

Numbers = npt.NDArray[np.int64]
Excess = Callable[[Numbers, int], Any]  # (numbers, nudge) -> log of failure over what is allowed


@dataclasses.dataclass(frozen=True)
class Size:
    """The answer of ``dimension_for``: dimensions, and bits to store a bundle, for each form."""

    model: str
    task: str
    n: int
    universe: int
    failure: float
    dims: dict[str, int]
    bits: dict[str, int]

    @property
    def form(self) -> str:
        """The form of ``dim``: exact, else approximate, else sufficient."""
        return next(form for form in BEST if form in self.dims)

    @property
    def dim(self) -> int:
        """Dimensions, by the best form."""
        return self.dims[self.form]

    @property
    def bound(self) -> int | None:
        """Dimensions that a simple proof guarantees, if there is one."""
        return self.dims.get("sufficient")


@dataclasses.dataclass(frozen=True)
class Capacity:
    """The answer of ``capacity_of``: items, for each form."""

    model: str
    task: str
    dim: int
    universe: int
    failure: float
    items: dict[str, int]

    @property
    def form(self) -> str:
        """The form of ``n``: exact, else approximate, else sufficient."""
        return next(form for form in BEST if form in self.items)

    @property
    def n(self) -> int:
        """Items, by the best form."""
        return self.items[self.form]

    @property
    def bound(self) -> int | None:
        """Items that a simple proof guarantees, if there is one."""
        return self.items.get("sufficient")


def dimension_for(
    model: str | type[VSA] | VSA,
    task: str = "membership",
    *,
    n: int,
    universe: int = 1000,
    failure: float = 0.01,
    **options: Any,
) -> Size:
    """The smallest D from which on a task fails with probability ``failure`` at most.

    A score takes whole values and meets a threshold, so the chance of failure is a saw-tooth in D,
    and some smaller D may hold by luck. The D returned holds, and so does every greater one that
    the model allows (squares for VTB, multiples of the block for SBC).

    model: a name, a class, or a space, of which only the options count. task: one of
    ``capacity.TASKS``, which says what n and universe are. failure: the chance that any answer is
    wrong. options: those of the task. Forms: "exact" adds up the exact tails of all answers (a
    union bound, close while failure is small), "sufficient" their rigorous bounds, "approximate"
    their normal tails. A ValueError says where there is no form. bits: ``bundle_bits``.
    Taught in notebook 04.

    >>> dimension_for("MAPI", n=10, universe=500, failure=0.1).dims
    {'exact': 505, 'sufficient': 682, 'approximate': 501}
    >>> size = dimension_for("BSC", n=10, universe=500, failure=0.1)
    >>> size.dim, size.bits["exact"]
    (838, 838)
    """
    name, known, options = resolve("dimension_for", model, task, options)
    items, many = whole("dimension_for: n", n, 1), whole("dimension_for: universe", universe, 1)
    _check("dimension_for", task, known.vectorised, items, failure)
    if known.within_universe and many < items:
        raise ValueError(
            f"dimension_for: universe = {many} holds n = {items} items? Give at least {items}"
        )
    dims: dict[str, int] = {}
    step: int | None = None
    forms = known.forms(name, **options)
    covering = name == "BSDC" and "approximate" not in forms  # an OR: no threshold, slow digits
    for form in reversed(forms):

        def excess(steps: Numbers, nudge: int, form: str = form) -> Any:
            sizes = _dims(name, steps, options)
            found = known.failure(name, items, many, dim=sizes, form=form, nudge=nudge, **options)
            return _ratio(found, failure)

        quick = known.vectorised and form == "exact" and not covering and name not in NETWORKS
        above = step if covering else None  # where the bound holds, so does the exact form
        step = _from_on(excess, quick, above, name == "BSDC" and task != "intersection")
        if step is not None:
            dims[form] = int(_dims(name, np.array(step), options))
    dims = {form: dims[form] for form in forms if form in dims}
    if not dims:
        raise ValueError(
            f"dimension_for: {name} does not reach failure {failure} in {task} with n = {items} "
            "below 2^40 dimensions; allow more failure or fewer items"
        )
    stored = {"bundles": "count"} | options if task == "intersection" else options
    bits = {form: bundle_bits(name, items, dim, **stored) for form, dim in dims.items()}
    return Size(name, task, items, many, failure, dims, bits)


def capacity_of(
    model: str | type[VSA] | VSA,
    task: str = "membership",
    *,
    dim: int,
    universe: int = 1000,
    failure: float = 0.01,
    **options: Any,
) -> Capacity:
    """The largest n up to which a task fails with probability ``failure`` at most.

    It holds for every smaller n as well. 0 where not one item works, ``universe`` where all fit.
    Arguments and forms as in ``dimension_for``. Taught in notebook 04.

    >>> capacity_of("MAPI", dim=10_000, universe=1000, failure=0.01).items
    {'exact': 137, 'sufficient': 108, 'approximate': 137}
    """
    name, known, options = resolve("capacity_of", model, task, options)
    many, size = whole("capacity_of: universe", universe, 1), whole("capacity_of: dim", dim, LEAST)
    _check("capacity_of", task, known.vectorised, 1, failure)
    items: dict[str, int] = {}
    for form in known.forms(name, **options):

        def excess(counts: Numbers, nudge: int, form: str = form) -> Any:
            found = known.failure(name, counts, many, dim=size, form=form, nudge=nudge, **options)
            return _ratio(found, failure)

        most = many if known.within_universe else MOST
        quick = known.vectorised and known.within_universe and form == "exact"
        quick = quick and (name != "BSDC" or options.get("bundles") == "count")
        items[form] = _up_to(excess, most, quick)
    return Capacity(name, task, size, many, failure, items)


def bundle_bits(
    model: str | type[VSA] | VSA,
    n: int,
    dim: int,
    *,
    block: int = 16,
    modulus: int = 16,
    bundles: str = "or",
    **_: Any,
) -> int:
    """Bits that a bundle of n atoms takes, every component by itself and none to spare.

    MAPI, MBAT and counts (BSDC) ceil(log2(n + 1)) a dimension, as the sum of n signs has n + 1
    values; MAPB, BSC, BSDC 1; SBC ceil(log2 block) a block; MCR, CGR ceil(log2 modulus); HRR, VTB
    32 (a float); FHRR 64; Hopfield as MAPI, for each of dim (dim - 1) / 2 pairs. Taught in
    notebook 04.

    >>> bundle_bits("MAPI", 10, 502), bundle_bits("BSC", 10, 838)
    (2008, 838)
    """
    name, _known, own = resolve("bundle_bits", model, "membership", {})
    block, modulus = own.get("block", block), own.get("modulus", modulus)
    counts = name == "BSDC" and own.get("bundles", bundles) == "count"
    if name in NETWORKS:
        return dim * (dim - 1) // 2 * math.ceil(math.log2(n + 1))
    if name in ("MAPI", "MBAT") or counts:
        return dim * math.ceil(math.log2(n + 1))
    if name in ("MCR", "CGR"):
        return dim * math.ceil(math.log2(modulus))
    if name == "SBC":
        return dim // block * math.ceil(math.log2(block))
    return dim * {"HRR": 32, "VTB": 32, "FHRR": 64}.get(name, 1)


def _check(verb: str, task: str, vectorised: bool, n: int, failure: float) -> None:
    if not 0 < failure < 1:
        raise ValueError(f"{verb}: failure is a probability between 0 and 1, got {failure!r}")
    if not vectorised and failure < 100 * FINEST * n:
        raise ValueError(f"{verb}: {task} is computed down to failures of {100 * FINEST * n:.0e}")


def _dims(model: str, steps: Any, options: dict[str, Any]) -> Any:
    """The dimensions that a model allows, numbered from 1."""
    if model == "VTB":
        return (steps + 1) ** 2
    if model == "SBC":
        return steps * options.get("block", 16)
    return steps + LEAST - 1


def _ratio(found: Any, failure: float) -> Any:
    with np.errstate(divide="ignore"):
        return np.log(np.asarray(found) / failure)


def _from_on(excess: Excess, vectorised: bool, above: int | None, uneven: bool) -> int | None:
    """The least number from which on all hold; None if there is none up to 2^40.

    With the threshold moved against us by one value the failure is no less than that at a smooth
    threshold, which falls with D: where it holds, everything above holds. From there down to the
    first that fails. ``above``: from there on all are known to hold. ``uneven``: the number of ones
    of an atom is rounded, and each time it grows the failure may jump.
    """
    top = above or _first(lambda numbers: excess(numbers, 1), MOST, vectorised)
    if top > MOST:
        return None
    many = vectorised or uneven or above is not None
    chunk, growth = (64, 2) if many else (1, 1)
    if above is None:
        top += 0 if vectorised else 2  # without a threshold only odd and even differ
        top += 6 * math.isqrt(top) + 12 if uneven else 0  # three more ones
    while top > 1:
        below = np.arange(max(1, top - chunk), top)
        fails = np.flatnonzero(excess(below, 0) > 0)
        if len(fails):
            return int(below[fails[-1]]) + 1
        top, chunk = int(below[0]), growth * chunk
    return 1


def _up_to(excess: Excess, most: int, vectorised: bool) -> int:
    """The greatest number up to ``most`` up to which all hold, as in ``_from_on``."""
    end = _first(lambda numbers: 1e-300 - excess(numbers, 1), most, vectorised) - 1
    chunk, growth = (8, 2) if vectorised else (1, 1)
    end = end if vectorised else max(0, end - 2)
    while end < most:
        above = np.arange(end + 1, min(end + chunk, most) + 1)
        fails = np.flatnonzero(excess(above, 0) > 0)
        if len(fails):
            return int(above[fails[0]]) - 1
        end, chunk = int(above[-1]), growth * chunk
    return most


def _first(value: Callable[[Numbers], Any], most: int, vectorised: bool) -> int:
    """The least number whose value is not above 0, most + 1 if none is; they fall, as far as seen.

    Where many numbers cost little more than one, 24 are tried at once. Where each costs, the next
    one is where the line through the last two meets 0, as the logarithm of a tail is nearly
    straight; and the middle where that line does not halve what is left.
    """
    low, high, power = 0, most + 1, 1
    seen: list[tuple[int, float]] = []
    while power <= most and high > most:
        numbers = power << np.arange(8 if vectorised else 1)
        numbers = numbers[numbers <= most]
        values = value(numbers)
        found = np.flatnonzero(values <= 0)
        seen = [*seen[-1:], *zip(numbers.tolist(), values.tolist(), strict=True)]
        if len(found):
            high = int(numbers[found[0]])
            low = high // 2
        else:
            low, power = int(numbers[-1]), 2 * int(numbers[-1])
    slow = 0
    while high - low > 1:
        if vectorised:
            numbers = np.unique(np.linspace(low, high, 26).astype(np.int64)[1:-1])
            numbers = numbers[(numbers > low) & (numbers < high)]
        else:
            slow, guess = slow + 1, _crossing(*seen[-2:]) if slow % 3 < 2 else None
            middle = (low + high) // 2
            numbers = np.array([middle if guess is None else min(max(guess, low + 1), high - 1)])
        values = value(numbers)
        seen = [*seen[-1:], *zip(numbers.tolist(), values.tolist(), strict=True)]
        found = np.flatnonzero(values <= 0)
        first = int(found[0]) if len(found) else len(numbers)
        low, high = (
            int(numbers[first - 1]) if first else low,
            int(numbers[first]) if len(found) else high,
        )
    return high


def _crossing(*points: tuple[int, float]) -> int | None:
    """Where the line through two points meets 0; None if it does not."""
    (x0, y0), (x1, y1) = points
    rise = y1 - y0
    if not math.isfinite(rise) or rise == 0:
        return None
    where = x1 - y1 * (x1 - x0) / rise
    return math.ceil(where) if 0 < where < 2**53 else None
