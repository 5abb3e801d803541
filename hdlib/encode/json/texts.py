"""Texts as vectors: one part for the whole text, one for its trigrams, one for its words."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from hdlib.encode.basis import projection
from hdlib.vsa import MBAT
from hdlib.vsa.base import unit

Words = Mapping[str, Any] | Callable[[str], Any]
ROOM = 1 << 28  # bytes of vectors kept for the next time
BLOCK = 1 << 22  # elements of a temporary
WHOLE = 0.5  # weight of the whole text beside its trigrams
_WORD = re.compile(r"\w+")


def trigrams(text: str) -> list[str]:
    """The trigrams of a text in lower case, its ends marked.

    >>> [gram.strip("\\2\\3") for gram in trigrams("Cat")]
    ['ca', 'cat', 'at']
    """
    marked = f"\2{text.lower()}\3"
    return [marked[i : i + 3] for i in range(len(marked) - 2)]


class Texts:
    """Unit vectors of texts: half an atom of the whole text, plus all of its trigrams' atoms.

    So equal texts match exactly and similar ones partly. ``words`` adds the mean of word vectors:
    a mapping or a function from a lower-case word to a vector of any length, or to None.
    """

    def __init__(self, vsa: MBAT, words: Words | None = None) -> None:
        self.vsa = vsa
        self._word = words.get if isinstance(words, Mapping) else words
        self._kept: dict[str, Tensor] = {}

    def vectors(self, texts: Sequence[str]) -> Tensor:
        """Distinct texts to vectors: ``-> (n, D)``."""
        new = [text for text in texts if text not in self._kept]
        if new:
            if (len(self._kept) + len(new)) * self.vsa.dim * 4 > ROOM:
                self._kept.clear()
                new = list(texts)
            self._kept.update(zip(new, self._made(new), strict=True))
        if len(texts) == 1:
            return self._kept[texts[0]].unsqueeze(0)
        return torch.stack([self._kept[text] for text in texts])

    def _made(self, texts: Sequence[str]) -> list[Tensor]:
        whole = self.vsa.atoms([f"text/{text}" for text in texts])
        made = unit(self._grams(texts)) + WHOLE * whole
        if self._word is not None:
            for row, text in zip(made, texts, strict=True):
                row += unit(self._meaning(text))
        return [row.clone() for row in unit(made)]  # rows of their own, so that few can be kept

    def _grams(self, texts: Sequence[str]) -> Tensor:
        """The sum of the trigrams' atoms of each text: ``-> (n, D)``."""
        out = torch.zeros(len(texts), self.vsa.dim, device=self.vsa.device)
        block = max(1, BLOCK // self.vsa.dim)
        entries = (
            (row, gram, count)
            for row, text in enumerate(texts)
            for gram, count in Counter(trigrams(text)).items()
        )
        while some := list(itertools.islice(entries, block)):
            rows, grams, counts = zip(*some, strict=True)
            distinct = {gram: place for place, gram in enumerate(dict.fromkeys(grams))}
            atoms = self.vsa.atoms([f"gram/{gram}" for gram in distinct])
            places = torch.tensor([distinct[gram] for gram in grams], device=out.device)
            weights = torch.tensor(counts, dtype=torch.float32, device=out.device)
            parts = atoms[places] * weights.unsqueeze(-1)
            out.index_add_(0, torch.tensor(rows, device=out.device), parts)
        return out

    def _meaning(self, text: str) -> Tensor:
        """The sum of the word vectors of a text, projected: ``-> (D,)``."""
        assert self._word is not None
        total = torch.zeros(self.vsa.dim, device=self.vsa.device)
        for word in _WORD.findall(text.lower()):
            found = self._word(word)
            if found is not None:
                total += unit(projection(self.vsa, torch.as_tensor(found), name="json/words"))
        return total
