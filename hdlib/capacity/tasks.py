"""The tasks whose capacity is asked for: which formula gives the failure of each, in which form."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from hdlib.theory.cleanup import cleanup_accuracy
from hdlib.theory.hopfield import hopfield_error
from hdlib.theory.intersection import intersection_error, intersection_forms
from hdlib.theory.membership import membership_error, membership_forms
from hdlib.theory.records import cleanup_error_bound, record_accuracy, record_forms
from hdlib.theory.sequences import repeat_false_positive, repeat_forms
from hdlib.theory.tails import FORMS
from hdlib.vsa import MODELS, VSA

NETWORKS = {"Hopfield": False, "HopfieldSigned": True}  # set memories that are no VSA: signed?
LAWS = ("block", "modulus", "density", "bundles")  # options of the models themselves
FINEST = 1e-12  # of 1 - accuracy; below it only rounding is left


@dataclasses.dataclass(frozen=True)
class Task:
    """One task: what it asks, the chance that it fails, and the forms that are known."""

    meaning: str
    failure: Callable[
        ..., Any
    ]  # (model, n, universe, *, dim, form, nudge, **options) -> probability
    forms: Callable[..., tuple[str, ...]]
    options: tuple[str, ...] = ()
    vectorised: bool = True  # its formula is quick for many sizes, and ``nudge`` smooths it
    within_universe: bool = True  # the n items are among the universe


def _membership(
    model: str, n: Any, universe: Any, *, dim: Any, form: str, nudge: int, **options: Any
) -> Any:
    if model in NETWORKS:  # the width of an m × m matrix
        return hopfield_error(n, universe, dim=dim, signed=NETWORKS[model], form=form)
    return membership_error(model, n, universe, dim=dim, form=form, nudge=nudge, **options)


def _forms(model: str, **options: Any) -> tuple[str, ...]:
    return FORMS if model in NETWORKS else membership_forms(model, **options)


def _pairs(model: str, n: Any, universe: Any, *, order: int = 2, **rest: Any) -> Any:
    return _membership(model, n, universe, order=order, **rest)


def _pair_forms(model: str, *, order: int = 2, **options: Any) -> tuple[str, ...]:
    return membership_forms(model, order=order, **options)


def _repeats(model: str, n: Any, universe: Any, *, dim: Any, form: str, nudge: int) -> Any:
    def one(repeats: int, size: int) -> float:  # no more positions than dimensions
        return repeat_false_positive(model, repeats, dim=size, form=form) if repeats < size else 1.0

    return np.minimum(universe * np.vectorize(one, otypes=[np.float64])(n, dim), 1.0)


def _cleanup(
    model: str, n: Any, universe: Any, *, dim: Any, form: str, nudge: int, **options: Any
) -> Any:
    if form == "sufficient":
        return cleanup_error_bound(model, n, universe, dim=dim, **options)
    return np.maximum(1 - cleanup_accuracy(model, n, universe, dim=dim, **options), FINEST)


def _records(
    model: str, n: Any, universe: Any, *, dim: Any, form: str, nudge: int, **options: Any
) -> Any:
    if form == "sufficient":
        one = cleanup_error_bound(model, n, universe, dim=dim, **options)
    else:
        one = np.maximum(1 - record_accuracy(model, n, universe, dim=dim, **options), FINEST)
    return np.minimum(np.asarray(n) * one, 1.0)


def _intersection(
    model: str,
    n: Any,
    universe: Any,
    *,
    dim: Any,
    form: str,
    nudge: int,
    error: float = 0.5,
    **law: Any,
) -> Any:
    how: dict[str, Any] = {"error": error, "form": form, "nudge": nudge} | law

    def worst(size: int, d: Any) -> Any:
        kinds = {0, size // 2, size - 1, size}  # of overlap: the spread depends on it
        chances = [intersection_error(model, size, size, c, dim=d, **how) for c in sorted(kinds)]
        return np.max(chances, axis=0)

    if np.ndim(n) == 0:
        one = worst(int(n), dim)
    else:
        one = np.array([worst(int(size), dim) for size in n])
    return np.minimum(np.asarray(universe) * one, 1.0)


TASKS = {
    "membership": Task(
        "n items are bundled; for each of universe items: is it in? All answers are right",
        _membership,
        _forms,
        LAWS,
    ),
    "pairs": Task(
        "n key–value pairs are bundled; for each of universe pairs: is it in? All are right",
        _pairs,
        _pair_forms,
        LAWS,
    ),
    "bindings": Task(
        "n products of ``order`` atoms are bundled; for each of universe products: is it in?",
        _pairs,
        _pair_forms,
        (*LAWS, "order"),
    ),
    "sequence": Task(
        "n different symbols stand at n positions; for each of universe symbols and positions: is "
        "it there? All answers are right",
        _membership,
        membership_forms,
        LAWS,
    ),
    "repeats": Task(
        "one symbol stands at n positions in a row; is it found at the next one, where it is not? "
        "No, for all of universe sequences",
        _repeats,
        repeat_forms,
        vectorised=False,
        within_universe=False,
    ),
    "nested": Task(
        "n items are bundled, that with others, and so on (``within``: the sizes of the outer "
        "bundles); for each of universe items: is it in the inmost? All answers are right",
        _membership,
        membership_forms,
        (*LAWS, "within"),
    ),
    "cleanup": Task(
        "n items are bundled; one of them beats all others of universe atoms",
        _cleanup,
        record_forms,
        ("block", "density", "modulus"),
        vectorised=False,
        within_universe=False,
    ),
    "records": Task(
        "n role–filler pairs are bundled; each role gives its filler among universe atoms, all n",
        _records,
        record_forms,
        ("block", "density", "modulus"),
        vectorised=False,
        within_universe=False,
    ),
    "intersection": Task(
        "two sets of n items each; the estimate of what they share is off by less than ``error`` "
        "(0.5), for all of universe pairs of sets, whatever they share",
        _intersection,
        lambda model, error=0.5, **law: intersection_forms(model, **law),
        ("error", "block", "modulus"),
        within_universe=False,
    ),
}


def resolve(
    verb: str, model: str | type[VSA] | VSA, task: str, options: dict[str, Any]
) -> tuple[str, Task, dict[str, Any]]:
    """A model's name, the task, and all options that matter to it; or a ValueError."""
    if task not in TASKS:
        raise ValueError(f"{verb}: no task {task!r}; there are {', '.join(TASKS)}")
    known = TASKS[task]
    for option in options:
        if option not in known.options:
            taken = ", ".join(known.options)
            raise ValueError(f"{verb}: {task} takes the options {taken}, not {option!r}")
    if isinstance(model, VSA):
        own = {key: value for key, value in model.options().items() if key in known.options}
        return type(model).__name__, known, own | options
    name = model.__name__ if isinstance(model, type) else model
    if name in NETWORKS and task != "membership":
        raise ValueError(f"{verb}: {name} is a set memory, its one task is membership, not {task}")
    if name not in MODELS and name not in NETWORKS:
        raise ValueError(f"{verb}: no model {name!r}; there are {', '.join([*MODELS, *NETWORKS])}")
    return name, known, options
