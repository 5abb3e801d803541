"""Our segmenter: words by their company, valleys of similarity, and turns learned from both."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from hdlib import files
from hdlib.files import Path
from hdlib.segment import contexts, mixture, turns, valleys, words
from hdlib.segment.dialogues import Dialogue, checked, one
from hdlib.segment.segmentation import NOTHING, Array, Segmentation
from hdlib.segment.stream import Stream
from hdlib.segment.words import Text
from hdlib.vsa import BSC, HRR, MAPB, MAPI, MODELS, VSA
from hdlib.vsa.base import whole

BLOCK = 1 << 10  # utterances whose vectors are held at once: they stay in the cache
COMMON = 0.003  # a word with this share of the text counts half
STOP_SHARE, STOP_TEXT = 0.02, 3000  # what is believed of stop words: their share, in so many words
HALF_LEARNED = 1500  # utterances of text after which company counts as much as the word itself
HALF_SURE = 300  # gaps after which what was learned about scores counts as much as the default
EDGE = 20  # gaps after which the mean of an edge counts as half
TRUST = 2.5  # greatest weight of cues
DOUBT = 0.1  # agreement at which cues are half believed
SILENCE = 6.0  # log-odds taken off if cues and valleys never agree
ALONE = 20.0  # and after the first utterance: it greets or opens, and is hardly ever a topic
ROUNDS = 5  # of learning cues from scores and scores from cues
LOW = 0.5  # what a low similarity counts beside a deep valley
FLAT = 0.25  # spread of depths at which a dialogue's valleys are believed by 7 tenths
LIMIT, SLOPE = 1.1, 2.0  # the threshold and its sharpness where nothing was learned
SHARE = 0.15  # of gaps that are boundaries, where nothing was learned
OPENER = 1.0  # what speaks for a boundary before the first speaker's turn where nothing was learned
MANY, LONG = 4, 1000  # boundaries that a dialogue of up to so many gaps is expected to have
CHANCE, SHORT = 6.0, 100  # of many valleys some are deep by chance: log-odds off with log(gaps)


@dataclass(frozen=True)
class Learned:
    """What a fit found beyond the words: edges, cues, and the score at which a topic ends."""

    edges: Array  # mean height of the gaps near an end, (7,)
    spread: float  # of what is left
    cues: turns.Cues | None
    trust: float  # weight of the cues
    total: float  # spread of the sum
    limit: float
    slope: float
    share: float  # of gaps that are boundaries
    doubt: float  # log-odds taken off every gap, because valleys and cues hardly agree
    agreement: float


NUMBERS = ("spread", "trust", "total", "limit", "slope", "share", "doubt", "agreement")


def untaught() -> Learned:
    """What is believed before any text was seen."""
    return Learned(np.zeros(7), 1.0, None, 0.0, 1.0, LIMIT, SLOPE, SHARE, 0.0, 0.0)


class TopicSegmenter:
    """Where the topic of a dialogue changes, without labels and without a neural network.

    A word is a hypervector, mixed with the bundle of the company it keeps in unlabelled text (if
    any was given to ``fit``); an utterance is the bundle of its words; a topic ends where the
    utterances on both sides are unlike, in a deep and low valley of the similarity; a curve that
    hardly moves is doubted, and the first utterance is no topic of its own. The valleys teach which
    words and changes of speaker come with them, which then help to find valleys; where the scores
    part into two populations, the upper one is taken.

    vsa: MAPI or HRR (real sums), MAPB (signs) or BSC (packed bits); by default ``MAPI(1024)``.
    reach: how many utterances away a word still is company. windows: utterances on each side of a
    gap that are compared, averaged. passes: 1 for random indexing, more for reflections.

    Without ``fit`` it knows only that equal words are alike. Nothing in it is random but the atoms,
    so equal text gives equal results. Source: random indexing, Kanerva, Kristoferson & Holst 2000;
    depth, Hearst 1997, ACL J97-1003; the rest was made for this course. Taught in notebook 07.

    >>> talk = ["A train to Bonn, please", "One way train?", "The train at noon",
    ...         "Now a pizza", "Pizza with cheese?", "Cheese pizza, yes"]
    >>> TopicSegmenter().segment(talk, topics=2).sizes
    [3, 3]
    """

    def __init__(
        self,
        vsa: VSA | None = None,
        *,
        reach: int = 4,
        windows: Sequence[int] = (2, 3, 4),
        passes: int = 2,
    ) -> None:
        self.vsa = MAPI(1024) if vsa is None else vsa
        if not isinstance(self.vsa, MAPI | MAPB | BSC | HRR):
            name = type(self.vsa).__name__
            raise TypeError(f"TopicSegmenter: {name} has no real sums; take MAPI, HRR, MAPB or BSC")
        self.reach = whole("TopicSegmenter: reach", reach, 0)
        self.passes = whole("TopicSegmenter: passes", passes, 1)
        self.windows = tuple(whole("TopicSegmenter: a window", w, 1) for w in windows)
        if not self.windows:
            raise ValueError("TopicSegmenter: windows is empty; give at least one, such as (2, 3)")
        self._place: dict[str, int] = {}
        self._vectors = contexts.stored(self.vsa, torch.zeros(0, self.vsa.dim))  # (V, W)
        self._weights: Array = np.zeros(0)  # (V,)
        self._mix = 0.0  # share of company in a learned word
        self._learned = untaught()

    def __repr__(self) -> str:
        fitted = f"{len(self._place)} words" if self._place else "not fitted"
        return f"TopicSegmenter({self.vsa.name}; {fitted})"

    def save(self, path: Path) -> None:
        """Write what was learned to one safetensors file, whole or not at all."""
        vsa, learned = self.vsa, self._learned
        header: dict[str, Any] = {"model": type(vsa).__name__, "dim": vsa.dim, "seed": vsa.seed}
        header |= {"options": vsa.options(), "reach": self.reach, "windows": list(self.windows)}
        header |= {"passes": self.passes, "mix": self._mix}
        header |= {name: getattr(learned, name) for name in NUMBERS}
        tensors = {"words": files.text_tensor(list(self._place)), "vectors": self._vectors}
        tensors |= {"weights": torch.tensor(self._weights.tolist(), dtype=torch.float64)}
        tensors |= {"edges": torch.from_numpy(learned.edges)}
        if learned.cues is not None:
            header |= {"offset": learned.cues.offset, "scale": learned.cues.scale}
            tensors["cues"] = torch.from_numpy(learned.cues.weights)
            listed = [learned.cues.words, learned.cues.speakers]
            tensors["cue_names"] = files.text_tensor(listed)
        files.save(path, "TopicSegmenter", header, tensors)

    @classmethod
    def load(cls, path: Path, *, device: torch.device | str | None = None) -> Self:
        """Read what ``save`` wrote; a damaged or foreign file is a ``FileFormatError``."""
        header, tensors = files.load(path, "TopicSegmenter")
        try:
            model = MODELS[header["model"]]
            vsa = model(header["dim"], device=device, seed=header["seed"], **header["options"])
            made = cls(
                vsa, reach=header["reach"], windows=header["windows"], passes=header["passes"]
            )
            names = files.text_value(tensors["words"])
            made._place = {name: i for i, name in enumerate(names)}
            made._mix = float(header["mix"])
            made._vectors = tensors["vectors"].to(vsa.device)
            made._weights = tensors["weights"].numpy()
            if not len(names) == len(made._place) == len(made._vectors) == len(made._weights):
                raise ValueError("words, vectors and weights do not pair up")
            cues = None
            if "cues" in tensors:
                listed, speakers = files.text_value(tensors["cue_names"])
                weights, offset, scale = tensors["cues"].numpy(), header["offset"], header["scale"]
                if len(weights) != 2 * len(listed) + len(speakers):
                    raise ValueError("cues and their weights do not pair up")
                cues = turns.Cues(listed, speakers, weights, offset, scale)
            numbers = {name: float(header[name]) for name in NUMBERS}
            made._learned = Learned(edges=tensors["edges"].numpy(), cues=cues, **numbers)
            return made
        except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
            raise files.FileFormatError(f"load: {os.fspath(path)!r} is damaged ({error})") from None

    # Learning

    def fit(self, dialogues: Iterable[Any]) -> Self:
        """Learn from unlabelled dialogues; what was learned before is forgotten. Returns itself.

        dialogues: objects with utterances and perhaps roles, or plain lists of texts. Labels are
        not looked at. The text to be segmented may be among them. Errors: ValueError for a
        malformed dialogue, before anything changes.
        """
        text = words.read(checked("fit", dialogues))
        fresh = type(self)(self.vsa, reach=self.reach, windows=self.windows, passes=self.passes)
        fresh._learn_words(text)
        fresh._learn_turns(text)
        self.__dict__.update(fresh.__dict__)
        return self

    def _learn_words(self, text: Text) -> None:
        _, stem = words.bags(text)
        often = np.bincount(stem, minlength=len(text.stems)).astype(np.float64)
        kept = np.sort(np.argsort(-often, kind="stable")[: contexts.WORDS])
        if not len(kept):
            return
        names = [text.stems[i] for i in kept]
        self._mix = text.size / (text.size + HALF_LEARNED)
        stops = words.stop_stems()
        believed = STOP_TEXT * STOP_SHARE * np.array([name in stops for name in names])
        share = (often[kept] + believed) / (often.sum() + STOP_TEXT)
        weights = contexts.ppmi(contexts.cooccurrence(text, kept, self.reach))
        alone = contexts.atoms(self.vsa, names)
        company = contexts.context_vectors(weights, alone, self.passes)
        self._vectors = contexts.stored(self.vsa, alone.lerp_(company, self._mix))
        self._weights = COMMON / (COMMON + share)
        self._place = {name: i for i, name in enumerate(names)}

    def _learn_turns(self, text: Text) -> None:
        starts = text.gaps
        height = self._heights(text)[0]
        if len(height) < 8:
            return
        edge = valleys.edges(starts)
        count = np.bincount(edge, minlength=7)
        means = np.bincount(edge, height, 7) / (count + EDGE)
        height = height - means[edge]
        spread = max(float(height.std()), 1e-9)
        height = height / spread
        listed, speakers, rows = turns.features(text)
        agreement = turns.agreement(rows, height)
        sure = len(height) / (len(height) + HALF_SURE)
        # cues that foretell no valley elsewhere are not believed; what foretells all adds little
        belief = agreement**4 / (agreement**4 + DOUBT**4)
        trust = TRUST * (1 - agreement) * belief
        ridge = turns.Ridge(rows)
        score, total, cues = height, 1.0, None
        for _ in range(ROUNDS):
            # beside a hilltop of the score nothing ends, however high it is there
            hilltop = valleys.peaks(score - ALONE * text.opening, starts)
            target = np.where(hilltop, score, np.minimum(score, 0))
            found = ridge.weights(target)
            told = ridge(rows, found)
            scale = float(told.std())
            if scale < 1e-9:
                break
            cues = turns.Cues(listed, speakers, found, float(ridge.mean @ found), scale)
            score = height + trust * told / scale
            total = max(float(score.std()), 1e-9)
            score = score / total
        both = mixture.fit(score)
        limit, slope, share = LIMIT, SLOPE, SHARE
        if both is not None:
            limit = sure * both.even + (1 - sure) * LIMIT
            slope, share = sure * both.slope + (1 - sure) * SLOPE, both.share
        doubt = SILENCE * sure * (1 - belief)
        self._learned = Learned(
            means, spread, cues, trust, total, limit, slope, share, doubt, agreement
        )

    # Segmenting

    def segment(
        self,
        utterances: Sequence[str],
        roles: Sequence[str] | None = None,
        *,
        topics: int | None = None,
    ) -> Segmentation:
        """The topics of one dialogue of N utterances.

        roles: who speaks, one label an utterance, in the words that ``fit`` saw. topics: how many
        there are; by default as many as the scores show. Errors: ValueError for more topics than
        utterances, or roles that do not pair up. Taught in notebook 07.
        """
        return self._segment([one("segment", utterances, roles)], topics)[0]

    def stream(self, delay: int = 8) -> Stream:
        """For utterances that arrive one by one; each gap is decided ``delay`` utterances later."""
        return Stream(self, delay)

    def segment_all(
        self, dialogues: Iterable[Any], *, topics: int | None = None
    ) -> list[Segmentation]:
        """The same for many dialogues at once, which is faster than one by one."""
        return self._segment(checked("segment_all", dialogues), topics)

    def encode(self, utterances: Sequence[str]) -> Tensor:
        """The hypervector of each utterance, the bundle of its words: ``-> (N, W)``."""
        text = words.read([one("encode", utterances)])
        rows = [block for block, _ in self._blocks(text, 0)]
        return torch.cat(rows) if rows else self._vectors[:0]

    def nearest_words(self, vector: Tensor, k: int = 5) -> list[str]:
        """The k learned words, cut to their first letters, that are most like a vector ``(W,)``.

        Common words count less, as they do in bundles. Errors: ValueError before ``fit``.
        """
        if not 1 <= whole("nearest_words: k", k, 1) <= len(self._place):
            raise ValueError(f"nearest_words: k = {k} of {len(self._place)} words; fit some text")
        score = self.vsa.similarity(self._vectors, vector).cpu().numpy() * self._weights
        names = list(self._place)
        return [names[i] for i in np.argsort(-score, kind="stable")[:k]]

    def _segment(self, dialogues: list[Dialogue], topics: int | None) -> list[Segmentation]:
        if topics is not None:
            whole("segment: topics", topics, 1)
            short = [d for d in dialogues if len(d["utterances"]) < topics]
            if short:
                count = len(short[0]["utterances"])
                raise ValueError(f"segment: {topics} topics in {count} utterances; ask for fewer")
        text = words.read(dialogues)
        score, similarity = self._scores(text)
        odds = self._learned.slope * (score - self._learned.limit) + self._prior(text)
        top = valleys.peaks(odds, text.gaps)
        sure = mixture.chance(odds)
        out = []
        for dialogue, *parts in zip(
            dialogues, *map(text.split, (top, odds, sure, similarity)), strict=True
        ):
            if not dialogue["utterances"]:
                out.append(NOTHING)
                continue
            high, odd, belief, alike = parts
            chosen = high & (odd > 0) if topics is None else best(odd, high, topics - 1)
            out.append(Segmentation.of(chosen, belief, alike))
        return out

    def _prior(self, text: Text) -> Array:
        """Log-odds: off in long dialogues, which seldom have a topic for every few turns."""
        size, learned = np.diff(text.gaps), self._learned
        few = np.minimum(learned.share, MANY / np.clip(size, MANY + 1, LONG))
        shift = np.log(few / (1 - few)) - math.log(learned.share / (1 - learned.share))
        chance = CHANCE * np.log(np.clip(size, SHORT, LONG) / SHORT)
        every = np.repeat(np.minimum(shift, 0) - chance - learned.doubt, size)
        return every - ALONE * text.opening

    def _scores(self, text: Text) -> tuple[Array, Array]:
        """How much speaks for a boundary at each gap, and how alike its sides are."""
        height, similarity = self._heights(text)
        learned = self._learned
        score = (height - learned.edges[valleys.edges(text.gaps)]) / learned.spread
        if learned.cues is None:
            return score + OPENER * turns.openers(text), similarity
        return (score + learned.trust * learned.cues(text)) / learned.total, similarity

    def _heights(self, text: Text) -> tuple[Array, Array]:
        """How deep and low each gap lies in its dialogue, with mean 0 and spread 1; similarity."""
        width = 2 * max(self.windows)
        near = [np.zeros((0, width))]
        for block, size in self._blocks(text, width):
            near.append(valleys.band(contexts.real(self.vsa, block).cpu().numpy(), width)[:size])
        similarity = valleys.curve(np.concatenate(near), text.starts, self.windows)[text.left]
        fall = valleys.depth(similarity, text.gaps) - LOW * similarity
        return valleys.standard(fall, text.gaps, FLAT), similarity

    def _blocks(self, text: Text, more: int) -> Iterator[tuple[Tensor, int]]:
        """Utterances as weighted bundles of their words, some at a time: ``(n + more, W), n``."""
        utterance, stem = words.bags(text)
        tables = self._tables(text, stem)
        places = [utterance[at] for _, at, _, _ in tables]
        for start in range(0, text.size, BLOCK):
            size = min(BLOCK, text.size - start)
            end = min(text.size, start + size + more)
            sums = []
            for (table, _, row, weight), where in zip(tables, places, strict=True):
                first = np.searchsorted(where, np.arange(start, end + 1))
                here = slice(first[0], first[-1])
                given = (row[here], first[:-1] - first[0], weight[here])
                parts = (torch.from_numpy(part).to(self.vsa.device) for part in given)
                sums.append(contexts.bags_of(table, *parts))
            total = sums[0] if len(sums) == 1 else sums[0].add_(sums[1])
            yield total if self.vsa.additive else self.vsa.normalize(total), size

    def _tables(self, text: Text, stem: Array) -> list[tuple[Tensor, Array, Array, Array]]:
        """Words, learned and strange: vectors, which of ``stem`` they are, their rows, weights."""
        find, stops = self._place.get, words.stop_stems()
        place = np.array([find(name, -1) for name in text.stems], dtype=np.int64)
        known = place >= 0
        strange = [text.stems[i] for i in np.flatnonzero(~known)]
        rare = np.array([STOP_SHARE if name in stops else 0.0 for name in strange])
        used = place[known]
        learned = self._vectors
        if not self.vsa.additive:
            learned = contexts.real(self.vsa, learned[torch.from_numpy(used)])
        own = contexts.atoms(self.vsa, strange).mul_(1 - self._mix)
        own = contexts.real(self.vsa, contexts.stored(self.vsa, own))
        row, weight = np.empty(len(place), dtype=np.int64), np.empty(len(place), dtype=np.float32)
        row[known] = used if self.vsa.additive else np.arange(len(used))
        row[~known], weight[known] = np.arange(len(strange)), self._weights[used]
        weight[~known] = COMMON / (COMMON + rare)
        out = []
        for table, mine in ((learned, known), (own, ~known)):
            at = np.flatnonzero(mine[stem])
            if len(at) or table is learned:
                out.append((table, at, row[stem[at]], weight[stem[at]]))
        return out


def best(score: Array, high: Array, count: int) -> Array:
    """The ``count`` best gaps, hilltops before others."""
    chosen = np.zeros(len(score), dtype=np.bool_)
    chosen[np.lexsort((-score, ~high))[:count]] = True
    return chosen
