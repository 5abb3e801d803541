"""What the cards of notebook 05 share: many small filters at once, a log axis, rates in words."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import torch
from torch import Tensor

from hdlib.sets.probes import Probes
from hdlib.workbook.colours import GRID
from hdlib.workbook.style import COLOURS

MODEL = "BSDC"  # a Bloom filter is a bundle of sparse binary codes, and has their colour
ORANGE = COLOURS[MODEL]
OFF_ON = [[0, GRID], [1, ORANGE]]  # colours of a bit
TICKS = {1: "100 %", 0.1: "10 %", 0.01: "1 %", 1e-3: "0.1 %", 1e-4: "0.01 %", 1e-5: "10⁻⁵"}
TICKS |= {1e-6: "10⁻⁶"}
LOG = {"type": "log", "tickvals": list(TICKS), "ticktext": list(TICKS.values())}


def places(
    bits: int, hashes: int, filters: int, keys: int, *, kind: str = "plain", seed: int = 0
) -> Tensor:
    """Where the keys of some filters lie, no key twice: ``-> (filters, keys, hashes)``."""
    found = Probes(bits, hashes, kind, seed).places(torch.arange(filters * keys))
    return found.reshape(filters, keys, hashes)


def counted(where: Tensor, bits: int) -> Tensor:
    """The counters of each filter: ``(filters, keys, hashes) -> (filters, bits)``."""
    flat = where.flatten(1)
    empty = torch.zeros(len(flat), bits, dtype=torch.int64)
    return empty.scatter_add_(1, flat, torch.ones_like(flat))


def read(counts: Tensor, where: Tensor) -> Tensor:
    """The counters at places: ``(filters, bits), (filters, keys, hashes) -> (…, hashes)``."""
    return counts.gather(1, where.flatten(1)).reshape(where.shape)


def mean(values: Tensor) -> tuple[float, float]:
    """Mean and standard error over filters, which are independent; the keys of one are not."""
    each = values.double().flatten(1).mean(1) if values.dim() > 1 else values.double()
    return float(each.mean()), float(each.std()) / len(each) ** 0.5


def strangers_pass(
    bits: int, hashes: int, n: int, *, filters: int = 60, strangers: int = 100, seed: int = 0
) -> tuple[float, float]:
    """The measured false-positive rate of filters of n keys, with its standard error."""
    where = places(bits, hashes, filters, n + strangers, seed=seed)
    counts = counted(where[:, :n], bits)
    return mean((read(counts, where[:, n:]) > 0).all(-1))


def cells(z: Any, name: str, scale: Any = None, top: float = 1, **more: Any) -> go.Heatmap:
    """A picture of bits: grey is 0, orange is 1."""
    return go.Heatmap(
        z=z,
        name=name,
        meta="samples",
        zmin=0,
        zmax=top,
        colorscale=scale or OFF_ON,
        showscale=False,
        xgap=1,
        ygap=1,
        **more,
    )


def picture(bits: Tensor, side: int) -> Any:
    """Small numbers in rows of ``side``, a byte each: ``(bits,) -> (bits/side, side)``."""
    return bits.to(torch.uint8).reshape(-1, side).numpy()


def bare(**more: Any) -> dict[str, Any]:
    """An axis of a picture: no line, no ticks."""
    return {"showline": False, "showgrid": False, "ticks": "", "showticklabels": False, **more}


def rate(p: float) -> str:
    """A probability in words, short.

    >>> rate(0.1283), rate(0.00737), rate(2e-6), rate(0), rate(1)
    ('12.8 %', '0.74 %', '1 in 500,000', '0', '100 %')
    """
    if p <= 0:
        return "0"
    if p < 0.0005:
        return f"1 in {float(f'{1 / p:.2g}'):,.0f}" if p > 1e-9 else "less than 1 in a billion"
    digits = 2 if p < 0.01 else 1 if p < 0.995 else 0
    return f"{100 * p:.{digits}f} %"
