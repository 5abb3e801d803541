"""The experiments of Schlegel, Neubert & Protzel, for any model: what does a bundle hold?

Their article (doi:10.1007/s10462-021-10110-3) and their VSA_Toolbox are the best outside reference
on capacity. Run as ``python -m benchmarks.schlegel`` this file makes the measurement that notebook
04 draws.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

import hdlib
from benchmarks.harness import Row, compare, race
from hdlib import bits, kernels
from hdlib.capacity import sweep
from hdlib.vsa import MODELS, VSA

DIMS = tuple((2 * i) ** 2 for i in range(1, 21))
SIZES = tuple(range(3, 52, 2))
KEPT = Path(hdlib.__file__).parent / "workbook/data/schlegel.json"

# Dimensions per bundled item for 99 % in their published results (straight line, see `slope`).
PUBLISHED = {
    "MAPI": 31.8,
    "MAPB": 50.4,
    "BSC": 47.9,
    "HRR": 31.8,
    "FHRR": 22.0,
    "VTB": 30.9,
    "MBAT": 33.5,
    "BSDC-SHIFT": 21.3,
    "BSDC-SEG": 19.9,
}


class Segments(hdlib.SBC):
    """BSDC-SEG: sqrt(D) segments with a single one in each, bundled by OR, compared by overlap.

    It is a partitioned Bloom filter with sqrt(D) hashes. A bundle has D numbers, an atom sqrt(D).
    """

    def __init__(self, dim: int, *, seed: int = 0) -> None:
        super().__init__(dim, block=round(dim**0.5), seed=seed)

    def _bundle(self, xs: Tensor, weights: Tensor | None) -> tuple[Tensor, bool]:
        return (self._tally("bundle", xs, weights)[0] > 0).to(torch.int8), True

    def _bundle_segments(self, rows: Tensor, offsets: Tensor, index: Tensor | None) -> Tensor:
        sets = (rows if index is None else rows[index]).split(offsets.diff().tolist())
        return torch.stack([self._bundle(members, None)[0] for members in sets])  # wider than atoms

    def unbind(self, z: Tensor, y: Tensor) -> Tensor:
        """Turn every segment of a bundle back: ``(…, D), (…, W) -> (…, D)``."""
        source = (torch.arange(self.block) + y.unsqueeze(-1)) % self.block
        segments = z.unflatten(-1, (self.width, self.block))
        shape = torch.broadcast_shapes(segments.shape, source.shape)
        return segments.expand(shape).gather(-1, source.expand(shape)).flatten(-2)

    def _similarity(self, x: Tensor, y: Tensor) -> Tensor:
        return x.to(torch.float32) @ self._dense(y).to(torch.float32).mT / self.width


Maker = Callable[..., VSA]
Experiment = Literal["bundle", "pairs", "rebind"]
TieRule = Literal["pool", "border"]
MAKERS: dict[str, Maker] = {**MODELS, "BSDC-SHIFT": hdlib.BSDC, "BSDC-SEG": Segments}


@dataclass(frozen=True)
class Scores:
    """Mean scores over the runs, and their variance: a row a dimension, a column a size."""

    model: str
    experiment: str
    dims: list[int]
    sizes: list[int]
    runs: int
    mean: list[list[float]]
    variance: list[list[float]]

    def cells(self) -> list[dict[str, Any]]:
        """A row a cell, as a table has it: dim, size, accuracy and its variance over the runs."""
        return [
            {"dim": dim, "size": size, "accuracy": mean, "variance": variance}
            for dim, means, variances in zip(self.dims, self.mean, self.variance, strict=True)
            for size, mean, variance in zip(self.sizes, means, variances, strict=True)
        ]

    def enough(self, level: float = 0.99) -> dict[int, int]:
        """The first dimension that reaches the level, for each size that has one in the grid."""
        reached = np.array(self.mean) >= level
        return {
            k: self.dims[int(column.argmax())]
            for k, column in zip(self.sizes, reached.T, strict=True)
            if column.any()
        }

    def slope(self, level: float = 0.99) -> float:
        """Dimensions per item: the straight line through (size, first dimension that is enough)."""
        needed = self.enough(level)
        if len(needed) < 2:
            raise ValueError(f"slope: {len(needed)} sizes of {self.model} reach {level}; need 2")
        return float(np.polyfit(list(needed), list(needed.values()), 1)[0])


def schlegel(
    vsa: str | Maker,
    *,
    experiment: Experiment = "bundle",
    dims: Iterable[int] = DIMS,
    sizes: Iterable[int] = SIZES,
    runs: int = 10,
    items: int = 1000,
    tie_rule: TieRule = "pool",
    seed: int = 0,
    map: Callable[..., Iterable[Any]] = map,
    progress: bool = False,
) -> Scores:
    """One of their experiments over a grid of dimensions and sizes.

    - "bundle": k different of N random atoms are bundled, and the k items most similar to the
      bundle are taken. Score: the share of members among them.
    - "pairs": of 2 k different atoms, k are fillers bound to the k others, and the pairs bundled.
      Score: the share of roles whose unbinding is closest to their filler among all N items.
    - "rebind": an atom is bound to k fresh ones and unbound again, last first. Score: its
      similarity to what comes out.

    vsa: the name of a model, also "BSDC-SHIFT" (BSDC with OR) and "BSDC-SEG" (``Segments``), or a
    callable that makes a space from a dimension and a ``seed=``, such as ``partial(BSC,
    device="cuda")``. Named models take the nearest dimension that they allow: SBC a multiple of 16.
    FHRR bundles are normalised to phases, as theirs are. MAPI and MBAT store ±1; their MAP-I does,
    their MBAT atoms are normal.

    tie_rule: "pool" is theirs: all items that score at least as high as the k-th best are pooled
    and k of them drawn, so that an item may be dropped for one that scored less; "border" draws
    among those that tie at the border alone. Draws are averaged over, not made. A "pairs" score
    asks for one item, for which both rules are the same.

    Every run has its own atoms, every cell its own members; sizes of one run and dimension share
    the item memory. ``map`` spreads dimensions over any executor, as in ``hdlib.capacity.sweep``.

    Defaults are theirs: N = 1000, D = (2 i)² up to 1600, k = 3, 5, … 51, 10 runs. The accuracy of a
    cell is the mean score of its runs; for "rebind" it is a similarity.

    >>> for cell in schlegel("MAPI", dims=[64, 1600], sizes=[2, 50], tie_rule="border").cells():
    ...     print(cell["dim"], cell["size"], round(cell["accuracy"], 1))
    64 2 1.0
    64 50 0.2
    1600 2 1.0
    1600 50 1.0
    """
    if isinstance(vsa, str) and vsa not in MAKERS:
        raise ValueError(f"schlegel: no model {vsa!r}; there is {', '.join(MAKERS)}")
    for name, value, known in (
        ("experiment", experiment, tuple(EXPERIMENTS)),
        ("tie_rule", tie_rule, ("pool", "border")),
    ):
        if value not in known:
            raise ValueError(f"schlegel: {name} must be one of {', '.join(known)}, got {value!r}")
    dims, sizes = list(dims), list(sizes)
    if not dims or not sizes or min(dims) < 1 or min(sizes) < 1 or runs < 2:
        raise ValueError("schlegel: give dims and sizes of at least 1, and at least 2 runs")
    most = max(sizes) * (2 if experiment == "pairs" else 1)
    if experiment != "rebind" and most > items:
        raise ValueError(f"schlegel: {max(sizes)} {experiment} need {most} of {items} items")
    one = partial(
        cell, vsa, experiment=experiment, sizes=sizes, runs=runs, items=items, tie_rule=tie_rule,
        seed=seed,
    )  # fmt: skip
    rows = sweep(one, {"dim": dims}, map=map, progress=progress)
    name = vsa if isinstance(vsa, str) else getattr(vsa, "__name__", str(vsa))
    means, variances = ([row[what] for row in rows] for what in ("mean", "variance"))
    return Scores(name, experiment, [row["used"] for row in rows], sizes, runs, means, variances)


def cell(
    vsa: str | Maker, *, dim: int, experiment: str, sizes: list[int], seed: int, **how: Any
) -> dict[str, Any]:
    """All sizes and runs at one dimension: mean and variance of the score."""
    make = MAKERS[vsa] if isinstance(vsa, str) else vsa
    dim = max(16, 16 * round(dim / 16)) if vsa == "SBC" else dim
    space = make(dim, seed=bits.derive(seed, f"schlegel/{dim}"))
    found = EXPERIMENTS[experiment](space, sizes, **how).cpu().to(torch.float64)  # (runs, sizes)
    return {"used": dim, "mean": found.mean(0), "variance": found.var(0)}


def drawn(space: VSA, sizes: list[int], most: int, runs: int, items: int) -> Tensor:
    """Different items for every run and size, in random order: ``-> (runs, sizes, most)``."""
    cells = torch.arange(runs * len(sizes), device=space.device).view(runs, len(sizes))
    words = kernels.words(bits.derive(space.seed, "members"), cells, items)
    low = (1 << items.bit_length()) - 1  # the place of an item is written into its word
    order = rising(words & ~low | torch.arange(items, device=space.device))
    return order[..., -most:].flip(-1) & low


def rising(x: Tensor) -> Tensor:
    """Each row sorted: numpy's sort of numbers is ten times as fast as torch's on a CPU."""
    return torch.from_numpy(np.sort(x.numpy())) if x.device.type == "cpu" else x.sort().values


def settled(space: VSA, bundle: Tensor) -> Tensor:
    """Phasors back on the unit circle, other bundles as they are."""
    return space.normalize(bundle) if isinstance(space, hdlib.FHRR) else bundle


def bundles(space: VSA, sizes: list[int], runs: int, items: int, tie_rule: str) -> Tensor:
    """The share of members among the k most similar items: ``-> (runs, sizes)``."""
    where = {"device": space.device}
    atoms = space.atoms(torch.arange(runs * items, **where))  # (runs · items, W)
    chosen, k = drawn(space, sizes, max(sizes), runs, items), torch.tensor(sizes, **where)
    inside = (torch.arange(max(sizes), **where) < k.unsqueeze(1)).expand(chosen.shape)
    rows = (chosen + items * torch.arange(runs, **where).view(-1, 1, 1))[inside]  # set after set
    ends = torch.tensor([0, *sizes * runs], **where).cumsum(0)
    sums = settled(space, space.bundle_segments(atoms, ends, rows)).unflatten(0, (runs, -1))
    scores = space.similarity(sums, atoms.unflatten(0, (runs, -1)))  # (runs, sizes, items)
    own = scores.gather(-1, chosen).masked_fill(~inside, -math.inf)
    return share(scores, own, k, tie_rule)


def share(scores: Tensor, own: Tensor, k: Tensor, tie_rule: str) -> Tensor:
    """The expected share of members among k items: ``(…, k, N), (…, k, M), (k,) -> (…, k)``.

    own: the scores of the members; -inf where there are fewer than M.
    """
    order, many = rising(scores), scores.shape[-1]
    border = order.gather(-1, (many - k).expand(scores.shape[:-1]).unsqueeze(-1))  # the k-th best
    below, upto = (torch.searchsorted(order, border, right=end) for end in (False, True))
    best, above = (many - count.squeeze(-1) for count in (below, upto))  # at least it, and above
    sure, level = ((own > border).sum(-1), (own == border).sum(-1))
    if tie_rule == "pool":
        return (sure + level) / best
    return (sure + (k - above) / (best - above) * level) / k


def pairs(space: VSA, sizes: list[int], runs: int, items: int, tie_rule: str) -> Tensor:
    """The share of roles that lead to their filler: ``-> (runs, sizes)``."""
    atoms = space.atoms(torch.arange(runs * items).view(runs, items))
    chosen = drawn(space, sizes, 2 * max(sizes), runs, items)
    out = torch.empty(runs, len(sizes))
    for r, i in np.ndindex(runs, len(sizes)):
        filler, role = chosen[r, i, : 2 * sizes[i]].chunk(2)
        bundle = settled(space, space.bundle(space.bind(atoms[r, filler], atoms[r, role])))
        scores = space.similarity(space.unbind(bundle, atoms[r, role]), atoms[r])  # (k, items)
        best = scores == scores.amax(-1, keepdim=True)
        right = best.gather(-1, filler.unsqueeze(-1)).squeeze(-1)
        out[r, i] = (right / best.sum(-1)).mean()
    return out


def rebind(space: VSA, sizes: list[int], runs: int, items: int, tie_rule: str) -> Tensor:
    """The similarity that is left after k bindings and unbindings: ``-> (runs, sizes)``."""
    x, keys = space.random(runs), space.random(max(sizes), runs)
    out = torch.empty(runs, len(sizes))
    bound = [x]
    for key in keys:
        bound.append(space.bind(bound[-1], key))
    for i, k in enumerate(sizes):
        z = bound[k]
        for key in keys[:k].flip(0):
            z = space.unbind(z, key)
        out[:, i] = torch.stack([space.similarity(a, b) for a, b in zip(z, x, strict=True)])
    return out


EXPERIMENTS: dict[str, Callable[..., Tensor]] = {
    "bundle": bundles,
    "pairs": pairs,
    "rebind": rebind,
}


# Speed, beside a loop with torchhd


def torchhd_loop(model: str, dims: Iterable[int], runs: int) -> Tensor:
    """The first experiment as one writes it with torchhd: ``-> (dims, sizes)`` mean scores."""
    import torchhd

    means = []
    for dim in dims:
        found = torch.zeros(runs, len(SIZES))
        for run in range(runs):
            items = torchhd.random(1000, dim, model)
            for i, k in enumerate(SIZES):
                members = torch.randperm(1000)[:k]
                bundle = torchhd.multibundle(items[members])
                best = torchhd.dot_similarity(bundle, items).topk(k).indices
                found[run, i] = torch.isin(best, members).float().mean()
        means.append(found.mean(0))
    return torch.stack(means)


def alike(ours: Tensor, other: Tensor) -> bool:
    """Two means over the whole grid, of other atoms, differ by less than a hundredth."""
    return bool((ours.double().mean() - other.double().mean()).abs() < 0.01)


def run() -> list[Row]:
    """A quarter of the grid beside torchhd's MAP and BSC, then the whole grid by itself.

    Ten runs as in the article. Dimensions are spread over threads, the greatest first.
    """
    rows, dims = [], DIMS[3::4][::-1]
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:

        def ours(model: str, dims: Iterable[int], tie_rule: TieRule = "pool") -> Tensor:
            return torch.tensor(schlegel(model, dims=dims, tie_rule=tie_rule, map=pool.map).mean)

        for model, theirs in (("MAPI", "MAP"), ("BSC", "BSC")):
            ways = {
                "hdlib": partial(ours, model, dims, "border"),
                "torchhd": partial(torchhd_loop, theirs, dims, 10),
            }
            rows += compare(f"Schlegel's bundles, {model}", ways, rounds=3, agree=alike)
        for model in ("MAPB", "BSC"):
            whole = {"hdlib": partial(ours, model, DIMS[::-1])}
            rows += race(f"Schlegel's whole grid, {model}", whole, rounds=3)
    return rows


def main() -> None:
    """Measure all models and keep what notebook 04 draws: bundles four times, as slopes scatter."""
    kept = []
    for model, published in PUBLISHED.items():
        for experiment, times in (("bundle", 4), ("pairs", 1)):
            found = [schlegel(model, experiment=experiment, seed=seed) for seed in range(times)]
            slopes = [round(scores.slope(), 1) for scores in found]
            mean = np.mean([scores.mean for scores in found], axis=0).round(3).tolist()
            kept.append({**asdict(found[0]), "mean": mean, "slopes": slopes})
            kept[-1]["runs"] *= times
            variance = np.mean([scores.variance for scores in found], axis=0)
            kept[-1]["stderr"] = np.sqrt(variance / kept[-1]["runs"]).round(3).tolist()
            del kept[-1]["variance"]
            print(f"{model:12}{experiment:8}{slopes}, published for bundles {published}")
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in kept)
    KEPT.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
