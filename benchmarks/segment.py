"""Topic segmentation beside HyperSeg as published: circular vectors afresh for each dialogue."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch

from benchmarks.harness import Row, alone, race
from hdlib import bits
from hdlib.segment import TopicSegmenter
from hdlib.segment.dialogues import Dialogue
from hdlib.segment.hyperseg import minima, numbered
from hdlib.segment.words import stop_words

TOPICS, COMMON, OWN = 40, 150, 400  # topics; words that all share; words of each topic
DIM = 10_000  # as published
LINES = (12_500, 25_000, 50_000, 100_000)


def talk(dialogues: int, utterances: int, seed: int = 0) -> list[Dialogue]:
    """Invented dialogues: a topic for five utterances or so, twelve words each, half of its topic.

    Words have skewed shares, as in real text, and differ in their first five letters.
    """
    count = dialogues * utterances
    draw = bits.uniforms(bits.words(seed, torch.arange(count), 16)).numpy()  # (count, 32)
    shared = (COMMON ** draw[:, :6]).astype(int)
    own = (OWN ** draw[:, 6:12]).astype(int)
    begins = draw[:, 12] < 0.2
    begins[::utterances] = True
    topic = (draw[begins, 13] * TOPICS).astype(int)[np.cumsum(begins) - 1]
    made = [
        " ".join([*(f"c{n}" for n in a), *(f"{t:02}{n:03}" for n in b)])
        for a, b, t in zip(shared.tolist(), own.tolist(), topic.tolist(), strict=True)
    ]
    return [
        {"utterances": made[start : start + utterances]} for start in range(0, count, utterances)
    ]


def published(dialogues: list[Dialogue]) -> int:
    """HyperSeg with torchhd's circular vectors, token by token; the number of boundaries."""
    import torchhd  # here, as what is measured alone should not carry it

    found = 0
    for dialogue in dialogues:
        _, ids = numbered(dialogue["utterances"], stop_words())
        vectors = torchhd.circular(1 + max(map(max, ids)), DIM, "MAP")
        sums = []
        for row in ids:
            total = torch.zeros(DIM)
            for number in row:
                total = torchhd.permute(total) + vectors[number]
            sums.append(total)
        rows = torch.stack(sums)
        cosines = torch.nn.functional.cosine_similarity(rows[:-1], rows[1:]).numpy()
        found += int(minima(cosines, "published", damp=False).sum())
    return found


def corpus(dialogues: int = 611, rounds: int = 3) -> list[Row]:
    """Short dialogues: ours once learned, one by one, with learning, and as published; in turns."""
    given = talk(dialogues, 28)
    learned = TopicSegmenter().fit(given)
    ways = {
        "hdlib": partial(learned.segment_all, given),
        "hdlib, one by one": lambda: [learned.segment(d["utterances"]) for d in given],
        "hdlib, and learning": lambda: TopicSegmenter().fit(given).segment_all(given),
        "published": partial(published, given),
    }
    for run in list(ways.values())[:-1]:
        run()
    published(given[:1])
    return race(f"segment {dialogues} dialogues", ways, rounds=rounds)


def transcript(utterances: int) -> list[Row]:
    """One long transcript, learned and segmented."""
    given = [[line for part in talk(utterances // 20, 20) for line in part["utterances"]]]
    task = f"learn and segment lines, N = {utterances:,}"
    return race(task, {"hdlib": lambda: TopicSegmenter().fit(given).segment_all(given)}, rounds=1)


def run() -> list[Row]:
    """The whole suite, a minute; one thread, as for the published figures."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        rows = corpus() + [row for n in LINES[:-1] for row in transcript(n)]
    finally:
        torch.set_num_threads(threads)
    return rows + alone("benchmarks.segment", "longest")


def longest() -> list[Row]:
    """The longest transcript, for a process of its own: how much memory it needs shows there."""
    torch.set_num_threads(1)
    TopicSegmenter().fit(talk(2, 20)).segment_all(talk(2, 20))  # compiled, as elsewhere
    return transcript(LINES[-1])
