"""What a word is about, learned from the company it keeps: random indexing with PPMI weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from hdlib.segment.segmentation import Array
from hdlib.segment.words import Text, bags
from hdlib.vsa import VSA

SMOOTHING = 0.75  # of the shares of contexts, so that rare ones do not win every time
WORDS = 1 << 13  # the most frequent words that are learned; the others keep their atoms
PAIRS = 1 << 22  # the strongest pairs of words that are kept
COLUMNS = 64  # of all words' vectors, multiplied at once


def cooccurrence(text: Text, words: Array, reach: int) -> Any:
    """How often two words stand at most ``reach`` utterances apart: ``-> (V, V)`` sparse counts.

    words: the stems that are counted, ``(V,)``. Each utterance counts a word once; a word is no
    company of its own; dialogues do not touch.
    """
    from scipy import sparse

    place = np.full(len(text.stems), -1)
    place[words] = np.arange(len(words))
    utterance, stem = bags(text)
    known = place[stem] >= 0
    ones = np.ones(int(known.sum()), dtype=np.float32)
    shape = text.size, len(words)
    bag = sparse.csr_array((ones, (utterance[known], place[stem[known]])), shape=shape)
    dialogue = text.dialogue
    rows, columns = [np.arange(text.size)], [np.arange(text.size)]
    for step in range(1, reach + 1):
        near = np.flatnonzero(dialogue[:-step] == dialogue[step:])
        rows += [near, near + step]
        columns += [near + step, near]
    row, column = np.concatenate(rows), np.concatenate(columns)
    link = np.ones(len(row), dtype=np.float32)
    near_by = sparse.csr_array((link, (row, column)), shape=(text.size, text.size)) @ bag
    counts = sparse.csr_array(bag.T) @ near_by
    counts.setdiag(0)
    counts.eliminate_zeros()
    return counts


def ppmi(counts: Any) -> Any:
    """Positive pointwise mutual information of a sparse count matrix: ``(V, V) -> (V, V)``.

    max(0, log(x / (row sum · column share))), with shares of the column sums raised to 0.75. Of
    more than 2^22 positive entries the greatest are kept. Source: Levy, Goldberg & Dagan 2015,
    doi:10.1162/tacl_a_00134.
    """
    from scipy import sparse

    rows = np.asarray(counts.sum(1), dtype=np.float64)
    share = np.asarray(counts.sum(0), dtype=np.float64) ** SMOOTHING
    share /= max(share.sum(), 1e-30)
    with np.errstate(divide="ignore"):  # a word without company has no entry
        of_row, of_column = np.log(rows).astype(np.float32), np.log(share).astype(np.float32)
    value = np.log(counts.data)
    value -= np.repeat(of_row, np.diff(counts.indptr))
    value -= of_column[counts.indices]
    keep = value > 0
    if keep.sum() > PAIRS:
        keep = value > np.partition(value, -PAIRS)[-PAIRS]
    ends = np.concatenate([[0], np.cumsum(keep)])[counts.indptr]
    return sparse.csr_array((value[keep], counts.indices[keep], ends), shape=counts.shape)


def rows_of_one(x: Tensor) -> Tensor:
    """Rows divided by their lengths, in place; a zero row stays zero."""
    norm = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    return x.div_(norm.where(norm > 0, 1))


def atoms(vsa: VSA, labels: list[str]) -> Tensor:
    """Atoms of labels as real rows of length 1: ``-> (n, D)`` float32."""
    drawn = vsa.atoms(labels) if labels else vsa.random(0)
    return rows_of_one(real(vsa, drawn).to("cpu", torch.float32, copy=True))


def company(weights: Any, x: Tensor) -> Tensor:
    """Each word's company added up: ``(V, V)`` sparse times ``(V, D)``.

    Some columns at a time, which stay in the cache while rows are fetched a million times.
    """
    start, word = (torch.from_numpy(a.astype(np.int64)) for a in (weights.indptr, weights.indices))
    weight, out = torch.from_numpy(weights.data), torch.empty_like(x)
    for some, into in zip(x.split(COLUMNS, -1), out.split(COLUMNS, -1), strict=True):
        into.copy_(bags_of(some.contiguous(), word, start[:-1], weight))
    return out


def bags_of(rows: Tensor, which: Tensor, starts: Tensor, weights: Tensor) -> Tensor:
    """Weighted sums of rows, one for each start: ``(n, D), (m,), (b,), (m,) -> (b, D)``."""
    return torch.nn.functional.embedding_bag(
        which, rows, starts, mode="sum", per_sample_weights=weights
    )


def context_vectors(weights: Any, alone: Tensor, passes: int) -> Tensor:
    """Each word as the weighted bundle of its company: ``(V, V), (V, D) -> (V, D)`` float32.

    The first pass adds up atoms (random indexing), a further one adds up the vectors of the pass
    before (reflection): words meet that share company without ever meeting. Rows are centred and
    have length 1. Source: Kanerva, Kristoferson & Holst 2000, CogSci; the reflective pass after
    Cohen, Schvaneveldt & Widdows 2010, doi:10.1016/j.jbi.2009.09.003.
    """
    vectors = alone
    for _ in range(passes):
        vectors = rows_of_one(company(weights, vectors))
        vectors = rows_of_one(vectors.sub_(vectors.mean(0)))
    return vectors


def stored(vsa: VSA, rows: Tensor) -> Tensor:
    """Real rows in the space's own form: signs, packed signs, or as they are: ``-> (n, W)``."""
    rows = rows.to(vsa.device)
    return rows if vsa.additive else vsa.normalize(rows)


def real(vsa: VSA, rows: Tensor) -> Tensor:
    """Rows in the space's own form as real numbers: ``(n, W) -> (n, D)``."""
    return rows if vsa.additive else vsa.tally(rows.unsqueeze(-2)).to(torch.float32)
