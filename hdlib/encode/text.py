"""Many texts at once: their n-grams are counted, and each n-gram is encoded only once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from hdlib.encode.common import move
from hdlib.vsa import VSA
from hdlib.vsa.base import INTEGERS, ROOM, whole

Texts = Iterable[str | Iterable[str]]  # a text, or several that are counted as one


def count_ngrams(texts: Texts, n: int = 3) -> tuple[list[str], Tensor]:
    """All n-grams of some texts, sorted, and how often each text has each: ``-> (T, G)`` sparse.

    An item of ``texts`` is a text, or a list of texts that are counted together; no n-gram reaches
    from one into the next. Counts are float32. Errors: ValueError if n < 1 or a text has fewer than
    n characters; TypeError for what is no text. Taught in notebook 03.

    >>> grams, counts = count_ngrams(["banana", ["ban", "nan"]])
    >>> grams, counts.to_dense().tolist()
    (['ana', 'ban', 'nan'], [[2.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    """
    n = whole("count_ngrams: n", n, 1)
    counters = [_counted([item] if isinstance(item, str) else list(item), n) for item in texts]
    if not counters:
        raise ValueError("count_ngrams: no texts; give at least one")
    grams = sorted(set().union(*counters))
    place = {gram: i for i, gram in enumerate(grams)}
    rows = [row for row, counter in enumerate(counters) for _ in counter]
    columns = [place[gram] for counter in counters for gram in counter]
    counts = [float(count) for counter in counters for count in counter.values()]
    shape, at = (len(counters), len(grams)), torch.tensor([rows, columns])
    return grams, _sparse(at, torch.tensor(counts), shape).coalesce()


def ngram_vectors(vsa: VSA, grams: Sequence[str]) -> Tensor:
    """The vector of each n-gram, its characters moved and bound as in ``ngrams``: ``-> (G, W)``.

    Errors: ValueError where n-grams are of different lengths. Taught in notebook 03.

    >>> from hdlib import MAPB, encode
    >>> vsa = MAPB(1000)
    >>> vsa.similarity(ngram_vectors(vsa, ["the"])[0], encode.ngrams(vsa, list("the"))).item()
    1.0
    """
    sizes = sorted({len(gram) for gram in grams})
    if len(sizes) != 1 or sizes[0] == 0:
        raise ValueError(f"ngram_vectors: n-grams of lengths {sizes}; give some, of one length")
    letters = sorted(set().union(*grams))
    place, atoms = {letter: i for i, letter in enumerate(letters)}, vsa.atoms(letters)
    at = torch.tensor([[place[letter] for letter in gram] for gram in grams], device=vsa.device)
    parts = [move(vsa, atoms, sizes[0] - 1 - k)[at[:, k]] for k in range(sizes[0])]  # n × (G, W)
    return vsa.bind(*parts)


def encode_texts(vsa: VSA, texts: Texts, n: int = 3) -> Tensor:
    """The bundle of each text's n-grams, as ``ngrams`` of its characters: ``-> (T, W)``.

    Sparse counts times one vector for each distinct n-gram, so that a thousand texts cost little
    more than one. A list of texts in the place of a text is bundled as one, each n-gram with one
    vote: the profile of a language. Takes every model. Errors: those of ``count_ngrams``. Source:
    Joshi, Halseth & Kanerva 2016, arXiv 1412.7026. Taught in notebook 03.

    >>> from hdlib import MAPI
    >>> vsa = MAPI(10_000)
    >>> english, german = encode_texts(vsa, [["the cat", "that hat"], ["die katze", "der hut"]])
    >>> (query,) = encode_texts(vsa, ["the hat"])
    >>> round(vsa.similarity(query, english).item(), 1), vsa.similarity(query, german).item() < 0.1
    (0.6, True)
    """
    return bundle_ngrams(vsa, *count_ngrams(texts, n))


def bundle_ngrams(vsa: VSA, grams: Sequence[str], counts: Tensor) -> Tensor:
    """Bundles of n-grams that were counted before, for many spaces at once: ``(T, G) -> (T, W)``.

    grams and counts are those of ``count_ngrams``, the counts sparse. Errors: ValueError where
    there is no column for each n-gram. Taught in notebook 03.

    >>> from hdlib import MAPB
    >>> vsa, counted = MAPB(1000), count_ngrams(["banana"])
    >>> bool((bundle_ngrams(vsa, *counted) == encode_texts(vsa, ["banana"])).all())
    True
    """
    if counts.dim() != 2 or counts.shape[1] != len(grams):
        need = f"(T, {len(grams)}), got {tuple(counts.shape)}"
        raise ValueError(f"bundle_ngrams: {len(grams)} n-grams need counts {need}")
    counts = counts.coalesce()
    columns, values, total = counts.indices()[1], counts.values(), torch.zeros(())
    step = max(1, ROOM // (vsa._size * 2))  # n-grams at once: no temporary grows with their number
    for i in range(0, len(grams), step):
        signs = vsa._signs(ngram_vectors(vsa, grams[i : i + step]))  # what a tally adds up, (g, T)
        kind = signs.dtype
        numbers = torch.view_as_real(signs).flatten(-2) if kind.is_complex else signs.float()
        some = (columns >= i) & (columns < i + step)
        at = counts.indices()[:, some] - torch.tensor([[0], [i]])
        part = _sparse(at, values[some], (counts.shape[0], len(numbers)))
        total = total + torch.sparse.mm(part.to(vsa.device), numbers)
    if kind.is_complex:
        total = torch.view_as_complex(total.unflatten(-1, (-1, 2)))
    elif kind in (*INTEGERS, torch.uint8):
        total = total.to(torch.int32)  # whole numbers, which float32 holds up to 2^24
    return total if vsa.additive else vsa._settle(total)


def _sparse(at: Tensor, values: Tensor, shape: tuple[int, int]) -> Tensor:
    return torch.sparse_coo_tensor(at, values, shape, check_invariants=True)


def _counted(texts: list[str], n: int) -> Counter[str]:
    counter: Counter[str] = Counter()
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(f"count_ngrams: expected a text, got {text!r}")
        if len(text) < n:
            raise ValueError(f"count_ngrams: {text!r} has fewer than {n} characters; leave it out")
        counter.update(text[i : i + n] for i in range(len(text) - n + 1))
    return counter
