"""Utterances that arrive one by one: each gap is decided once, a fixed number of them later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hdlib.segment.dialogues import one
from hdlib.vsa.base import whole

if TYPE_CHECKING:
    from hdlib.segment.topics import TopicSegmenter

MEMORY = 64  # utterances that are looked back on


class Stream:
    """Feeds a ``TopicSegmenter`` with a dialogue as it is spoken. Taught in notebook 07.

    The gap after utterance i is decided when utterance i + delay arrives, or at ``close``, from the
    last 64 utterances and the delay, and never again. In a dialogue that fits into memory and delay
    the decisions at ``close`` are those of ``segment``. Made by ``TopicSegmenter.stream``.

    >>> from hdlib.segment import TopicSegmenter
    >>> stream = TopicSegmenter().stream(delay=2)
    >>> [stream.push(text) for text in ["hello", "hi", "bye"]], stream.close()
    ([[], [], [False]], [False])
    """

    def __init__(self, segmenter: TopicSegmenter, delay: int = 8) -> None:
        self.segmenter, self.delay = segmenter, whole("stream: delay", delay, 1)
        self._heard: list[str] = []
        self._roles: list[str] = []
        self._decided = 0  # gaps, from the start
        self._forgotten = 0  # utterances, from the start
        self._closed = False

    def push(self, utterance: str, role: str | None = None) -> list[bool]:
        """One more utterance; the decisions that are due: one truth value a gap, oldest first."""
        if self._closed:
            raise ValueError("push: the stream is closed; make another one")
        one("push", [utterance], None if role is None else [role])
        count = self._forgotten + len(self._heard)
        if count and (role is None) is bool(self._roles):
            raise ValueError("push: give a role with every utterance, or with none")
        self._heard.append(utterance)
        if role is not None:
            self._roles.append(role)
        return self._decide(count + 1 - self.delay)

    def close(self) -> list[bool]:
        """The decisions about all gaps that are left."""
        self._closed = True
        return self._decide(self._forgotten + len(self._heard) - 1)

    def _decide(self, upto: int) -> list[bool]:
        """Decide the gaps before number ``upto``, then forget what is too old."""
        if upto <= self._decided:
            return []
        found = self.segmenter.segment(self._heard, self._roles or None).boundaries
        due = found[self._decided - self._forgotten : upto - self._forgotten]
        self._decided = upto
        old = min(upto - MEMORY - self._forgotten, len(self._heard))
        old -= old % 2  # so that odd places stay odd
        if old > 0:
            self._heard, self._roles = self._heard[old:], self._roles[old:]
            self._forgotten += old
        return [bool(x) for x in due]
