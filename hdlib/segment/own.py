"""The project's own labelled dialogues, in two languages, shipped with the library."""

from __future__ import annotations

from importlib import resources

from hdlib.segment.dialogues import Dialogue
from hdlib.segment.readers import read_dialogues


def corpus(split: str | None = None, language: str | None = None) -> list[Dialogue]:
    """Dialogues written for this course: service, meetings and chat, in English and German.

    split: "dev" or "test", by default both. language: "en" or "de", by default both. Each has an
    id, a kind, a language, utterances, roles, segments and topics. Licence: CC BY 4.0; see
    ``hdlib/segment/data/README.md``. Errors: ValueError for another split or language. Taught in
    notebook 07.

    >>> len(corpus("dev")), len(corpus("test"))
    (41, 37)
    """
    if split not in (None, "dev", "test"):
        raise ValueError(f"corpus: split must be 'dev' or 'test', got {split!r}")
    if language not in (None, "en", "de"):
        raise ValueError(f"corpus: language must be 'en' or 'de', got {language!r}")
    found: list[Dialogue] = []
    for name in ("dev", "test") if split is None else (split,):
        with resources.as_file(resources.files("hdlib.segment") / f"data/{name}.jsonl") as path:
            found += read_dialogues(path)
    return [d for d in found if language in (None, d["language"])]
