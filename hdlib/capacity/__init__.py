"""How much a vector holds: by closed forms and by experiment, for every task and model."""

from hdlib.capacity.simulate import Estimate, Result, simulate
from hdlib.capacity.size import Capacity, Size, bundle_bits, capacity_of, dimension_for
from hdlib.capacity.tasks import TASKS, Task

__all__ = ["TASKS", "Capacity", "Estimate", "Result", "Size", "Task"]
__all__ += ["bundle_bits", "capacity_of", "dimension_for", "simulate"]
