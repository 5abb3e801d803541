"""Dialogues from files: ours, plain text, subtitles, and the public sets in their own formats."""

from __future__ import annotations

import json
import pathlib
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from hdlib.files import Path
from hdlib.segment.dialogues import Dialogue, flaw
from hdlib.segment.segmentation import sizes_of

RULE = re.compile(r"={4,}")  # a line that ends a topic
TURN = re.compile(r"([^:]{1,40}):\s+(.*\S)\s*")
TIME = r"(?:\d+:)?\d{1,2}:\d{1,2}[.,]\d+"
TIMES = re.compile(rf"\s*{TIME}\s+-->\s+{TIME}(\s.*)?")

Found = tuple[str, Any]  # where in the file, and a dialogue or the reason why it is none


class DialogueFormatError(ValueError):
    """A file of dialogues that cannot be read: which file, which line, why."""


def read_dialogues(
    path: Path, format: str | None = None, *, skip_bad: bool = False
) -> list[Dialogue]:
    """All dialogues of a file, or of a folder of files of one format.

    format: by default from the name and the first bytes; else one of

    - "jsonl": ours, one dialogue a line, ``{"utterances": […], "segments": [sizes], "roles": […]}``
    - "plain": one dialogue of lines ``Speaker: words``; a line ``====`` ends a topic
    - "vtt", "srt": one dialogue of captions (needs webvtt-py)
    - "dialseg711": a list of ``{"dial_id", "utterances", "segments"}`` in one JSON file, or text
      files with one utterance a line and ``====`` after each topic
    - "superdialseg": ``{"dial_data": {name: [{"dial_id", "turns": […]}]}}``
    - "tiage": ``{id: [[utterance, "1" where a topic begins], …]}``
    - "qmsum": meetings with ``meeting_transcripts`` and ``topic_list``, one a file or one a line

    What cannot be read is a ``DialogueFormatError`` with file, line and reason; with skip_bad it is
    left out and a warning tells how often. Taught in notebook 07.
    """
    where = pathlib.Path(path)
    if not where.exists():
        raise FileNotFoundError(f"read_dialogues: there is no file {str(path)!r}")
    if format is not None and format not in FORMATS:
        raise ValueError(f"read_dialogues: format {format!r} is none of {', '.join(FORMATS)}")
    paths = sorted(p for p in where.iterdir() if p.is_file()) if where.is_dir() else [where]
    found = ((f"{file}, {place}", each) for file in paths for place, each in _read(file, format))
    dialogues, bad = _sound("read_dialogues", found, skip_bad)
    if bad:
        warnings.warn(
            f"read_dialogues: left out {len(bad)}, the first: {bad[0]}", UserWarning, stacklevel=2
        )
    return dialogues


def parse_dialogues(
    text: str, format: str | None = None, *, name: str = "transcript"
) -> list[Dialogue]:
    """The dialogues of a text that is at hand, as ``read_dialogues`` would read them from a file.

    format: as there; by default from how the text begins. name: what a dialogue without an id is
    called, and what errors call the text. What cannot be read is a ``DialogueFormatError`` with
    line and reason. Taught in notebook 07.

    >>> parse_dialogues("Ann: hello\\nBob: hi\\n====\\nAnn: now, the plan")[0]["segments"]
    [2, 1]
    """
    if not isinstance(text, str):
        raise TypeError(f"parse_dialogues: expected text, got {type(text).__name__}")
    if format is not None and format not in FORMATS:
        raise ValueError(f"parse_dialogues: format {format!r} is none of {', '.join(FORMATS)}")
    kind = format or guess(ending(text), text)
    if kind is None:
        raise DialogueFormatError(
            f"parse_dialogues: {name}: cannot tell the format; give one of {', '.join(FORMATS)}"
        )
    suffix = kind if kind in ("vtt", "srt") else "txt"
    read = FORMATS[kind](pathlib.Path(f"{name}.{suffix}"), text)
    return _sound("parse_dialogues", ((f"{name}, {at}", each) for at, each in read), False)[0]


def ending(text: str) -> str:
    """The ending that the file of a text would have, by how it begins.

    >>> ending("WEBVTT\\n\\n00:00.000 --> 00:02.000\\nHello")
    '.vtt'
    """
    head = text.lstrip("\ufeff \t\r\n")[:4000]
    if head.startswith("WEBVTT"):
        return ".vtt"
    if any(TIMES.fullmatch(line) for line in head.splitlines()[:3]):
        return ".srt"
    if head.startswith("{") and _json(head.split("\n", 1)[0])[1] is None:
        return ".jsonl"
    return ".json" if head.startswith(("{", "[")) else ".txt"


def _sound(verb: str, found: Iterable[Found], skip_bad: bool) -> tuple[list[Dialogue], list[str]]:
    """What is a dialogue, and what is wrong with the rest; the first that is wrong is raised."""
    dialogues: list[Dialogue] = []
    bad: list[str] = []
    for place, each in found:
        reason = each if isinstance(each, str) else flaw(each)
        if reason is None:
            dialogues.append(each)
            continue
        bad.append(f"{place}: {reason}")
        if not skip_bad:
            more = "; skip_bad=True leaves it out" if verb == "read_dialogues" else ""
            raise DialogueFormatError(f"{verb}: {bad[0]}{more}")
    return dialogues, bad


def _read(file: pathlib.Path, format: str | None) -> Iterator[Found]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].count(b"\n")
        yield f"line {before + 1}", f"no UTF-8 ({error.reason})"
        return
    kind = format or guess(file.suffix.lower(), text)
    if kind is None:
        yield "line 1", f"cannot tell the format; give one of {', '.join(FORMATS)}"
        return
    yield from FORMATS[kind](file, text)


def guess(suffix: str, text: str) -> str | None:
    """The format that a name's ending and a text suggest."""
    if suffix in (".vtt", ".srt"):
        return suffix[1:]
    if suffix == ".txt":
        lines = [line for line in text.splitlines() if line.strip() and not RULE.match(line)]
        return "plain" if any(TURN.fullmatch(line) for line in lines[:1]) else "dialseg711"
    if suffix == ".jsonl":
        return "qmsum" if '"meeting_transcripts"' in text.split("\n", 1)[0] else "jsonl"
    if suffix == ".json":
        head = text[:4000].lstrip()
        if '"dial_data"' in head:
            return "superdialseg"
        if head.startswith("["):
            return "dialseg711"
        if '"meeting_transcripts"' in text:
            return "qmsum"
        return "tiage" if re.match(r'\{\s*"[^"]*"\s*:\s*\[\s*\[', head) else None
    return None


def _json(text: str) -> tuple[Any, Found | None]:
    """A whole file as JSON, or where it is none."""
    try:
        return json.loads(text), None
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        return None, (f"line {line}", f"no JSON ({error})")


def _lines(text: str, convert: Callable[[Any, str], Any], stem: str) -> Iterator[Found]:
    """One JSON value a line."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            value, wrong = _json(line)
            place = f"line {number}"
            yield place, wrong[1] if wrong else convert(value, f"{stem}-{number}")


def _each(values: Any, convert: Callable[[Any, str], Any], stem: str) -> Iterator[Found]:
    """The dialogues of a list."""
    if not isinstance(values, list):
        yield "line 1", f"expected a list of dialogues, got {type(values).__name__}"
        return
    for number, value in enumerate(values, 1):
        yield f"dialogue {number}", convert(value, f"{stem}-{number}")


def _safely(convert: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    """What is missing or of a wrong kind becomes a reason."""

    def safe(value: Any, name: str) -> Any:
        try:
            return convert(value, name)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            return f"{type(error).__name__}: {error}"

    return safe


@_safely
def _ours(value: Any, name: str) -> Any:
    known = Dialogue.__annotations__
    return {"id": name, **{key: value[key] for key in known if key in value}}


@_safely
def _listed(value: Any, name: str) -> Any:
    number = value.get("dial_id", name)
    return {"id": str(number), "utterances": value["utterances"], "segments": value["segments"]}


@_safely
def _labelled(value: Any, name: str) -> Any:
    turns = value["turns"]
    ends = [int(turn["segmentation_label"]) == 1 for turn in turns[:-1]]
    dialogue = {"id": str(value.get("dial_id", name)), "segments": sizes_of(ends)}
    dialogue["utterances"] = [turn["utterance"] for turn in turns]
    if turns and all("role" in turn for turn in turns):
        dialogue["roles"] = [turn["role"] for turn in turns]
    return dialogue


@_safely
def _shifts(value: Any, name: str) -> Any:
    ends = [str(label) == "1" for _, label in value[1:]]
    return {"id": name, "utterances": [text for text, _ in value], "segments": sizes_of(ends)}


@_safely
def _meeting(value: Any, name: str) -> Any:
    """A topic begins where a span does; what lies between spans belongs to the one before."""
    turns = value["meeting_transcripts"]
    starts = {int(a): t["topic"] for t in value["topic_list"] for a, _ in t["relevant_text_span"]}
    inside = sorted(n for n in starts if 0 < n < len(turns))
    ends = [i + 1 in inside for i in range(len(turns) - 1)]
    return {
        "id": name,
        "utterances": [turn["content"] for turn in turns],
        "roles": [turn["speaker"] for turn in turns],
        "segments": sizes_of(ends),
        "topics": [starts.get(0, "")] + [starts[n] for n in inside],
    }


def _jsonl(file: pathlib.Path, text: str) -> Iterator[Found]:
    return _lines(text, _ours, file.stem)


def _superdialseg(file: pathlib.Path, text: str) -> Iterator[Found]:
    value, wrong = _json(text)
    data = value.get("dial_data") if isinstance(value, dict) else None
    if wrong or not isinstance(data, dict):
        yield wrong or ("line 1", "there is no dial_data")
        return
    for name, values in data.items():
        yield from _each(values, _labelled, name)


def _tiage(file: pathlib.Path, text: str) -> Iterator[Found]:
    value, wrong = _json(text)
    if wrong or not isinstance(value, dict):
        yield wrong or ("line 1", f"expected an object, got {type(value).__name__}")
        return
    for number, (name, turns) in enumerate(value.items(), 1):
        yield f"dialogue {number}", _shifts(turns, name)


def _qmsum(file: pathlib.Path, text: str) -> Iterator[Found]:
    value, wrong = _json(text)
    if wrong is None:
        return iter([("line 1", _meeting(value, file.stem))])
    return _lines(text, _meeting, file.stem)


def _dialseg711(file: pathlib.Path, text: str) -> Iterator[Found]:
    if text.lstrip().startswith("["):
        value, wrong = _json(text)
        yield from [wrong] if wrong else _each(value, _listed, file.stem)
        return
    utterances, ends = _with_rules([(line.strip(), line) for line in text.splitlines()])
    if utterances:
        found = {"id": file.stem, "utterances": utterances, "segments": _sizes(utterances, ends)}
        yield "line 1", found


def _plain(file: pathlib.Path, text: str) -> Iterator[Found]:
    turns, roles = [], []
    for number, line in enumerate(text.splitlines(), 1):
        spoken = TURN.fullmatch(line)
        if spoken:
            turns.append((spoken[2], line))
            roles.append(spoken[1].strip())
        elif RULE.match(line):
            turns.append(("", line))
        elif line.strip():
            yield f"line {number}", f"expected 'Speaker: words', got {line.strip()[:40]!r}"
    utterances, ends = _with_rules(turns)
    if utterances:
        found = {"id": file.stem, "utterances": utterances, "roles": roles}
        if ends:
            found["segments"] = _sizes(utterances, ends)
        yield "line 1", found


def _with_rules(lines: list[tuple[str, str]]) -> tuple[list[str], set[int]]:
    """Utterances, and after how many of them a rule stands."""
    utterances: list[str] = []
    ends = set()
    for said, line in lines:
        if RULE.match(line):
            ends.add(len(utterances))
        elif said:
            utterances.append(said)
    return utterances, ends


def _sizes(utterances: list[str], ends: set[int]) -> list[int]:
    return sizes_of([i in ends for i in range(1, len(utterances))])


def _captions(file: pathlib.Path, text: str) -> Iterator[Found]:
    kind = "srt" if file.suffix.lower() == ".srt" else "vtt"
    try:
        import webvtt
    except ImportError:
        raise ImportError(f"read_dialogues: {kind} needs the package webvtt-py") from None
    for number, line in enumerate(text.splitlines(), 1):
        if "-->" in line and not TIMES.fullmatch(line):
            yield f"line {number}", f"expected 'start --> end', got {line.strip()[:40]!r}"
    try:
        captions = webvtt.from_buffer(text.splitlines(keepends=True), format=kind).captions
    except webvtt.errors.MalformedFileError as error:
        yield "line 1", f"not in the format {kind} ({error})"
        return
    utterances, roles = [], []
    for caption in captions:
        said = " ".join(caption.text.split())
        if not said:
            continue
        spoken = TURN.fullmatch(said)
        if caption.voice or not spoken:
            utterances.append(said)
            roles.append(caption.voice or "")
        else:
            utterances.append(spoken[2])
            roles.append(spoken[1].strip())
    found: dict[str, Any] = {"id": file.stem, "utterances": utterances}
    if utterances and all(roles):
        found["roles"] = roles
    yield "line 1", found


FORMATS: dict[str, Callable[[pathlib.Path, str], Iterator[Found]]] = {
    "jsonl": _jsonl,
    "plain": _plain,
    "vtt": _captions,
    "srt": _captions,
    "dialseg711": _dialseg711,
    "superdialseg": _superdialseg,
    "tiage": _tiage,
    "qmsum": _qmsum,
}
