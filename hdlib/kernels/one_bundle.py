"""One bundle is the commonest of all: kernels take it without offsets and give back one row."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


def segmentwise(kernel: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A kernel on segments that without offsets takes all voters as one: ``-> (W,)``."""

    @functools.wraps(kernel)
    def run(rows: Tensor, offsets: Tensor | None, index: Tensor | None, *rest: Any) -> Tensor:
        if offsets is not None:
            return kernel(rows, offsets, index, *rest)
        voters = rows if index is None else index
        return kernel(rows, torch.tensor([0, len(voters)], device=rows.device), index, *rest)[0]

    return run
