"""The same vectors and the same verbs in torchhd, faiss, simsimd and numpy."""

from __future__ import annotations

import warnings

import faiss
import numpy as np
import simsimd
import torch
from torch import Tensor

from hdlib import VSA

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its optional parts are not installed
    import torchhd

TORCHHD = {
    "MAPI": "MAP",
    "MAPB": "MAP",
    "BSC": "BSC",
    "HRR": "HRR",
    "FHRR": "FHRR",
    "VTB": "VTB",
    "MCR": "MCR",
    "CGR": "CGR",
    "SBC": "BSBC",
}
BLOCK = 16  # symbols of MCR, CGR and SBC


def options(vsa: VSA) -> dict[str, int]:
    """What torchhd must be told beside the model's name."""
    return {"block_size": BLOCK} if type(vsa).__name__ in ("MCR", "CGR", "SBC") else {}


def fresh(vsa: VSA, n: int) -> Tensor:
    """torchhd's own random vectors of as many stored components as ours."""
    name = TORCHHD[type(vsa).__name__]
    size = vsa.width if name == "BSBC" else vsa.dim
    return torchhd.random(n, size, name, **options(vsa))


def same(vsa: VSA, xs: Tensor) -> Tensor:
    """Our vectors as torchhd keeps them: MAP as float32, BSC as bool, symbols as int64."""
    name = TORCHHD[type(vsa).__name__]
    if name == "MAP":
        xs = xs.to(torch.float32)
    elif name == "BSC":
        xs = vsa.dense(xs).bool()
    elif options(vsa):
        xs = xs.to(torch.int64)
    theirs = xs.as_subclass(getattr(torchhd, f"{name}Tensor"))
    if options(vsa):
        theirs.block_size = BLOCK
    return theirs


def octets(rows: Tensor) -> np.ndarray:
    """Packed rows as bytes, not copied."""
    return rows.numpy().view(np.uint8)


def faiss_hammings(queries: Tensor, items: Tensor) -> np.ndarray:
    """All distances, ``(Q, W), (N, W) -> (Q, N)``."""
    q, x = octets(queries), octets(items)
    out = np.empty((len(q), len(x)), np.int32)
    pointers = (faiss.swig_ptr(part) for part in (q, x))
    faiss.hammings(*pointers, len(q), len(x), q.shape[1], faiss.swig_ptr(out))
    return out


def faiss_index(items: Tensor) -> faiss.IndexBinaryFlat:
    """faiss's exact search among packed rows, filled."""
    index = faiss.IndexBinaryFlat(64 * items.shape[1])
    index.add(octets(items))
    return index


def simsimd_hammings(queries: Tensor, items: Tensor) -> np.ndarray:
    """All distances, as float64, on as many threads as ours."""
    q, x = octets(queries), octets(items)
    threads = torch.get_num_threads()
    return np.asarray(simsimd.cdist(q, x, metric="hamming", dtype="bin8", threads=threads))


def numpy_hammings(queries: Tensor, items: Tensor) -> np.ndarray:
    """All distances, one query at a time, so that the temporary stays small."""
    q, x = (t.numpy().view(np.uint64) for t in (queries, items))  # signed words count abs(x)
    return np.stack([np.bitwise_count(row ^ x).sum(-1, dtype=np.int32) for row in q])
