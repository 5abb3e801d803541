"""The same tasks by experiment: many independent bundles, and how sure the averages are."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import torch

from hdlib import bits
from hdlib.capacity.tasks import resolve
from hdlib.capacity.trials import WORK, Setting
from hdlib.vsa import BSDC, VSA
from hdlib.vsa.base import ROOM, whole


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A mean over independent trials, and its standard error."""

    mean: float
    stderr: float


@dataclasses.dataclass(frozen=True)
class Result:
    """What ``simulate`` measured; ``mean`` is the chance that a trial fails, ``stderr`` its error.

    ``measured`` has all averages by name. Each is an average over trials, which are independent,
    whereas the answers of one trial share a bundle and are not.
    """

    task: str
    trials: int
    measured: dict[str, Estimate]

    @property
    def mean(self) -> float:
        """The share of trials with a wrong answer."""
        return self.measured["failure"].mean

    @property
    def stderr(self) -> float:
        """The standard error of ``mean``."""
        return self.measured["failure"].stderr

    def __getitem__(self, name: str) -> Estimate:
        return self.measured[name]


def simulate(
    vsa: VSA,
    task: str = "membership",
    *,
    n: int,
    universe: int = 100,
    trials: int = 1000,
    seed: int = 0,
    threshold: float | None = None,
    shared: int | None = None,
    batch: int | None = None,
    **options: Any,
) -> Result:
    """Do a task again and again with fresh atoms, and count what goes wrong.

    Each trial has its own bundle and its own questions, made of atoms that belong to the space's
    seed, ``seed`` and the number of the trial: neither batch nor threads nor device matter (models
    of floats: but for rounding at a threshold).

    task, n, universe, options: as in ``dimension_for``. threshold: of a membership test, as a
    share of a member's mean score in models that add, as a similarity else; default half of the
    member's mean. shared: items that the two sets of "intersection" have in common, default n // 2.

    Measured are "failure", a trial with any wrong answer; for tests of membership "false_positive"
    and "false_negative", shares of the answers; for cleanup, where "failure" is a member that does
    not win, nothing more; for records "accuracy", of one role; for intersection "estimate" and
    "square_error". Ties are divided. Taught in notebook 04.

    >>> from hdlib import MAPI
    >>> found = simulate(MAPI(400), n=20, universe=50, trials=200)["false_positive"]
    >>> abs(found.mean - 0.0130) < 4 * found.stderr  # theory.false_positive("MAPI", 20, dim=400)
    True
    """
    if not isinstance(vsa, VSA):
        raise TypeError(f"simulate: expected a space such as MAPI(1000), got {vsa!r}")
    model, known, options = resolve("simulate", vsa, task, options)
    items, many = whole("simulate: n", n, 1), whole("simulate: universe", universe, 1)
    runs, common = whole("simulate: trials", trials, 2), items // 2 if shared is None else shared
    if many < items and (known.within_universe or task == "records"):
        raise ValueError(f"simulate: universe = {many} is smaller than n = {items}")
    if not 0 <= whole("simulate: shared", common) <= items:
        raise ValueError(f"simulate: two sets of n = {items} cannot share {common}")
    if task == "intersection":
        known.forms(model, **options)  # is there an estimate?
        if isinstance(vsa, BSDC) and not vsa.additive:
            raise ValueError('simulate: for intersections take BSDC(…, bundles="count")')
    name = f"simulate {task} {whole('simulate: seed', seed)}"
    own = bits.derive(vsa.seed, name)
    space = type(vsa)(vsa.dim, device=vsa.device, seed=own, **vsa.options())
    setting = Setting(space, items, many, threshold, common, options)
    atoms = items * math.prod(options.get("within", ())) + many * options.get("order", 2)
    atoms *= 2 * items if task in ("intersection", "repeats") else 1
    size = (
        max(1, ROOM // (atoms * vsa.dim)) if batch is None else whole("simulate: batch", batch, 1)
    )
    parts = []
    for start in range(0, runs, size):
        numbers = torch.arange(start, min(start + size, runs), device=space.device)
        parts.append(WORK[task](setting, numbers))
    measured = {}
    for key in parts[0]:
        values = torch.cat([part[key].cpu() for part in parts]).double().numpy()
        measured[key] = Estimate(float(values.mean()), float(values.std(ddof=1) / runs**0.5))
    return Result(task, runs, measured)
