"""How much a vector holds: by closed forms and by experiment, for every task and model."""

from hdlib.capacity.simulate import Estimate, Result, simulate
from hdlib.capacity.size import Capacity, Size, bundle_bits, capacity_of, dimension_for
from hdlib.capacity.sweep import Interrupted, sweep
from hdlib.capacity.tasks import TASKS, Task

__all__ = [
    "TASKS",
    "Capacity",
    "Estimate",
    "Interrupted",
    "Result",
    "Size",
    "Task",
    "bundle_bits",
    "capacity_of",
    "dimension_for",
    "simulate",
    "sweep",
]
