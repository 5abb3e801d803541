"""Clean-up among the atoms of a whole range of ids, of which nothing is ever stored."""

from __future__ import annotations

import torch
from torch import Tensor

from hdlib.memory.items import nearest, places_of, scores_of
from hdlib.vsa import VSA


def nearest_atoms(vsa: VSA, x: Tensor, count: int, k: int = 1) -> tuple[Tensor, Tensor]:
    """The k most similar of atoms 0 … count - 1: ``(…, W) -> ids (…,), scores (…,)``.

    With k > 1 both have one more axis. Atoms are made while they are compared (in MAP and BSC in
    the kernel), so that 10⁸ symbols, 125 GB of vectors, take no memory. Best first; of equal scores
    the smallest id. count: up to 2³². Taught in notebook 08.

    >>> from hdlib import BSC
    >>> vsa = BSC(1024)
    >>> noisy = vsa.bundle(vsa.atoms([7, 123_456, 10**9]))
    >>> ids, scores = nearest_atoms(vsa, noisy, 200_000, k=2)
    >>> sorted(ids.tolist())
    [7, 123456]
    """
    vsa._check("nearest_atoms", x, tally=True)
    if isinstance(k, bool) or not 1 <= k <= count <= 2**32:
        raise ValueError(
            f"nearest_atoms: k = {k!r} of {count!r} atoms; ask for 1 ≤ k ≤ count ≤ 2³²"
        )

    def scores(queries: Tensor, start: int, end: int) -> Tensor:
        return vsa._similarity_made(queries, torch.arange(start, end, device=vsa.device))

    queries = x.detach().reshape(-1, x.shape[-1])
    kept = nearest(queries, count, k, scores)
    shape = x.shape[:-1] if k == 1 else (*x.shape[:-1], k)
    return places_of(kept).reshape(shape), scores_of(kept).reshape(shape)
