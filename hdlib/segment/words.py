"""From utterances to numbered words: one pass over the text, arrays for everything after it."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import pairwise

import numpy as np

from hdlib.segment.dialogues import Dialogue
from hdlib.segment.segmentation import Array

TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|[?!]")
END = "\n"  # between utterances that are read at once
PIECES = re.compile(TOKEN.pattern + "|" + END)
MARKS = ("?", "!")
LINES = 1 << 12  # utterances that are read at once
STEM = 5  # letters: a crude stem, for any language


def tokens(text: str) -> list[str]:
    """Lower-cased words, and ? and !, which say how an utterance ends.

    >>> tokens("It's 5 o'clock: where are the guests?")
    ["it's", '5', "o'clock", 'where', 'are', 'the', 'guests', '?']
    """
    return TOKEN.findall(text.lower())


@functools.cache
def stop_words() -> frozenset[str]:
    """Function words of English and German."""
    text = resources.files("hdlib.segment").joinpath("data/stopwords.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return frozenset(word for line in lines for word in line.split())


@functools.cache
def stop_stems() -> frozenset[str]:
    """The stems of function words."""
    return frozenset(word[:STEM] for word in stop_words())


def distinct(values: Array) -> Array:
    """Rising integers without repetition; sorting beats the hash table of numpy here."""
    ordered = np.sort(values)
    return ordered[np.diff(ordered, prepend=-1) > 0]


class Numbering(dict[str, int]):
    """Numbers for texts, in order of first appearance."""

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


@dataclass(frozen=True)
class Text:
    """Dialogues as arrays, distinct words of each utterance alone.

    N utterances and T words: starts (dialogues + 1,) says where each dialogue begins; utterance
    (T,), stem (T,) and token (T,) run together, utterances rising, and stem -1 is a mark.
    """

    starts: Array
    utterance: Array
    stem: Array
    token: Array
    stems: list[str]
    tokens: list[str]
    roles: list[Sequence[str] | None]

    @property
    def size(self) -> int:
        """Number of utterances, N."""
        return int(self.starts[-1])

    @property
    def dialogue(self) -> Array:
        """The number of each utterance's dialogue: ``-> (N,)``."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    @functools.cached_property
    def left(self) -> Array:
        """The utterance before each gap inside a dialogue: ``-> (gaps,)``."""
        inside = np.ones(self.size, dtype=np.bool_)
        inside[self.starts[1:][np.diff(self.starts) > 0] - 1] = False
        return np.flatnonzero(inside)

    @functools.cached_property
    def gaps(self) -> Array:
        """Where each dialogue's gaps begin: ``-> (dialogues + 1,)``."""
        return np.concatenate([[0], np.cumsum(np.maximum(np.diff(self.starts) - 1, 0))])

    @functools.cached_property
    def opening(self) -> Array:
        """Whether a gap follows the first utterance of its dialogue: ``-> (gaps,)``."""
        first = np.zeros(int(self.gaps[-1]), dtype=np.bool_)
        first[self.gaps[:-1][np.diff(self.gaps) > 0]] = True
        return first

    def split(self, values: Array) -> list[Array]:
        """Numbers of gaps, dialogue by dialogue."""
        return [values[a:b] for a, b in pairwise(self.gaps.tolist())]


def read(dialogues: Sequence[Dialogue]) -> Text:
    """The words of dialogues, numbered as they come."""
    number = {END: 0}
    flat: list[int] = []
    for dialogue in dialogues:
        utterances = dialogue["utterances"]
        for start in range(0, len(utterances), LINES):
            lines = [line.replace(END, " ") for line in utterances[start : start + LINES]]
            found = PIECES.findall(END.join([*lines, ""]).lower())
            fresh = [name for name in dict.fromkeys(found) if name not in number]
            number.update(zip(fresh, range(len(number), len(number) + len(fresh)), strict=True))
            flat += map(number.__getitem__, found)
    names = list(number)[1:]
    heads = [name[:STEM] for name in names]
    stems = [head for head in dict.fromkeys(heads) if head not in MARKS]
    stem_number = {head: i for i, head in enumerate(stems)}
    stem_of = [stem_number.get(head, -1) for head in heads]
    token, size = np.array(flat, dtype=np.int64), len(names) + 1
    place, word = np.cumsum(token == 0), token > 0
    place, token = np.divmod(distinct(place[word] * size + token[word] - 1), size)
    stem = np.array([*stem_of, -1], dtype=np.int64)[token]
    sizes = [len(dialogue["utterances"]) for dialogue in dialogues]
    return Text(
        np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]),
        place,
        stem,
        token,
        stems,
        names,
        [dialogue.get("roles") for dialogue in dialogues],
    )


def bags(text: Text) -> tuple[Array, Array]:
    """Utterance and stem of each distinct stem of an utterance, no marks: ``-> (M,), (M,)``."""
    size = len(text.stems) + 1
    word = text.stem >= 0
    pairs = distinct(text.utterance[word] * size + text.stem[word])
    return np.divmod(pairs, size)
