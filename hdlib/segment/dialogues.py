"""What a dialogue is, and the check that every segmenter makes before it works."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

from hdlib.segment.segmentation import Gaps, boundaries_of


class Dialogue(TypedDict, total=False):
    """One dialogue, as read from a file. Only ``utterances`` must be there.

    segments: the sizes of its topics, summing to the number of utterances. roles: who speaks, one
    label an utterance. topics: a name for each segment.
    """

    id: str
    utterances: list[str]
    segments: list[int]
    roles: list[str]
    topics: list[str]
    language: str
    kind: str


def flaw(dialogue: Any) -> str | None:
    """What is wrong with a dialogue, in words, or None.

    >>> flaw({"utterances": ["hi", "bye"], "segments": [3]})
    'segments [3] sum to 3, there are 2 utterances'
    """
    if not isinstance(dialogue, Mapping):
        return f"a dialogue is an object with utterances, got {type(dialogue).__name__}"
    utterances = dialogue.get("utterances")
    if not isinstance(utterances, list) or not all(isinstance(u, str) for u in utterances):
        return "utterances must be a list of texts"
    sizes = dialogue.get("segments")
    if sizes is not None:
        whole = isinstance(sizes, list) and all(type(n) is int and n > 0 for n in sizes)
        if not whole:
            return f"segments must be a list of positive whole numbers, got {sizes!r}"
        if sum(sizes) != len(utterances):
            return f"segments {sizes} sum to {sum(sizes)}, there are {len(utterances)} utterances"
    for name, count in (("roles", len(utterances)), ("topics", len(sizes or ()))):
        labels = dialogue.get(name)
        if labels is None or (name == "topics" and sizes is None):
            continue
        if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
            return f"{name} must be a list of texts"
        if len(labels) != count:
            return f"{len(labels)} {name} for {count}"
    return None


def checked(verb: str, dialogues: Iterable[Any]) -> list[Dialogue]:
    """Dialogues as they are, or a ValueError that says which is wrong, and how.

    A plain list of texts stands for a dialogue of these utterances.
    """
    if isinstance(dialogues, str | Mapping):
        raise TypeError(f"{verb}: expected a list of dialogues, got one {type(dialogues).__name__}")
    found: list[Dialogue] = []
    for i, given in enumerate(dialogues):
        plain = isinstance(given, Sequence) and not isinstance(given, str | bytes)
        dialogue: Any = {"utterances": list(given)} if plain else given
        wrong = flaw(dialogue)
        if wrong:
            raise ValueError(f"{verb}: dialogue {i}: {wrong}")
        found.append(dialogue)
    return found


def one(verb: str, utterances: Sequence[str], roles: Sequence[str] | None = None) -> Dialogue:
    """Utterances and roles as a dialogue, checked."""
    if isinstance(utterances, str | bytes | Mapping):
        raise TypeError(
            f"{verb}: expected a list of utterances, got {type(utterances).__name__}; "
            "give dialogue['utterances']"
        )
    dialogue: Dialogue = {"utterances": list(utterances)}
    if roles is not None:
        dialogue["roles"] = list(roles)
    wrong = flaw(dialogue)
    if wrong:
        raise ValueError(f"{verb}: {wrong}")
    return dialogue


def gold(verb: str, dialogue: Dialogue) -> Gaps:
    """The true boundaries of a labelled dialogue; a ValueError if it has no labels."""
    if not dialogue.get("segments"):
        name = dialogue.get("id", "a dialogue")
        raise ValueError(f"{verb}: {name} has no segments; only labelled dialogues can be scored")
    return boundaries_of(dialogue["segments"])
