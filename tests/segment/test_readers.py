"""Every format is read, and a bad line is reported with file, line and reason."""

import json

import pytest

from hdlib.segment import DialogueFormatError, corpus, parse_dialogues, read_dialogues

OURS = {"id": "a", "utterances": ["hi", "yes", "bye"], "segments": [2, 1]}


def write(path, value):
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def sizes(path, **more):
    return [d.get("segments") for d in read_dialogues(path, **more)]


def test_json_lines(tmp_path):
    line = json.dumps({**OURS, "roles": ["u", "s", "u"], "unknown": 1})
    path = write(tmp_path / "a.jsonl", f"\ufeff{line}\n\n{line}\n")
    first, second = read_dialogues(path)
    assert first == second == {**OURS, "roles": ["u", "s", "u"]}


BAD_LINES = [
    ("{", "no JSON"),
    ("[1]", "AttributeError|list"),
    ('{"utterances": ["a"], "segments": [2]}', "sum to 2"),
    ('{"utterances": "a"}', "list of texts"),
    ('{"utterances": ["a"], "segments": [1.0]}', "positive whole numbers"),
    ('{"utterances": ["a", "b"], "roles": ["x"]}', "1 roles for 2"),
    ('{"utterances": ["a"], "segments": [1], "topics": []}', "0 topics for 1"),
]


@pytest.mark.parametrize(("line", "reason"), BAD_LINES)
def test_a_bad_line_is_reported_and_skipped_only_if_asked(tmp_path, line, reason):
    path = write(tmp_path / "a.jsonl", json.dumps(OURS) + "\n" + line + "\n" + json.dumps(OURS))
    with pytest.raises(DialogueFormatError, match=rf"a\.jsonl, line 2: .*({reason})"):
        read_dialogues(path)
    with pytest.warns(UserWarning, match="left out 1"):
        assert len(read_dialogues(path, skip_bad=True)) == 2


def test_plain_text(tmp_path):
    path = write(tmp_path / "a.txt", "Ann: Hello there: you\nBob:  Hi\n\n=====\nAnn: Bye\n")
    (found,) = read_dialogues(path)
    assert found["utterances"] == ["Hello there: you", "Hi", "Bye"]
    assert found["roles"] == ["Ann", "Bob", "Ann"]
    assert found["segments"] == [2, 1]
    write(path, "Ann: Hello\n(laughs)\nBob: Hi\n")
    with pytest.raises(DialogueFormatError, match=r"line 2: expected 'Speaker: words'"):
        read_dialogues(path)
    with pytest.warns(UserWarning, match="left out 1"):
        (found,) = read_dialogues(path, skip_bad=True)
    assert found["utterances"] == ["Hello", "Hi"]
    assert "segments" not in found


def test_subtitles(tmp_path):
    vtt = "WEBVTT\n\n00:00.000 --> 00:02.000\n<v Ann>Hello\nthere\n\n"
    path = write(tmp_path / "a.vtt", vtt + "00:02.000 --> 00:04.000\nBob: Hi\n")
    (found,) = read_dialogues(path)
    assert found == {"id": "a", "utterances": ["Hello there", "Hi"], "roles": ["Ann", "Bob"]}
    srt = "1\n00:00:00,000 --> 00:00:02,000\nHello\n\n2\n00:00:02,000 --> 00:00:04,000\nHi\n"
    (found,) = read_dialogues(write(tmp_path / "a.srt", srt))
    assert found == {"id": "a", "utterances": ["Hello", "Hi"]}
    write(path, vtt + "00:02.000 --> soon\nHi\n")
    with pytest.raises(DialogueFormatError, match=r"a\.vtt, line 7: expected 'start --> end'"):
        read_dialogues(path)
    with pytest.raises(DialogueFormatError, match="not in the format vtt"):
        read_dialogues(write(tmp_path / "b.vtt", "no subtitles"))


def test_public_formats(tmp_path):
    listed = [{"dial_id": 0, "utterances": ["a", "b", "c"], "segments": [1, 2], "set": "test"}]
    assert sizes(write(tmp_path / "dialseg_711.json", listed)) == [[1, 2]]
    assert sizes(write(tmp_path / "12.txt", "a b\nc\n================\nd\n")) == [[2, 1]]
    turns = [
        {"utterance": text, "role": "user", "segmentation_label": end}
        for text, end in [("a", 0), ("b", 1), ("c", 0)]
    ]
    data = {"dial_data": {"superseg-v2": [{"dial_id": "x", "turns": turns}]}}
    (found,) = read_dialogues(write(tmp_path / "super.json", data))
    assert found == {
        "id": "x",
        "utterances": ["a", "b", "c"],
        "segments": [2, 1],
        "roles": ["user"] * 3,
    }
    tiage = {"7": [["a", "-1"], ["b", "0"], ["c", "1"]]}
    assert read_dialogues(write(tmp_path / "anno_test.json", tiage)) == [
        {"id": "7", "utterances": ["a", "b", "c"], "segments": [2, 1]}
    ]
    meeting = {
        "topic_list": [
            {"topic": "one", "relevant_text_span": [["0", "1"]]},
            {"topic": "two", "relevant_text_span": [["2", "3"]]},
        ],
        "meeting_transcripts": [{"speaker": s, "content": s.lower()} for s in "ABCD"],
    }
    wanted = {"segments": [2, 2], "roles": ["A", "B", "C", "D"], "topics": ["one", "two"]}
    (found,) = read_dialogues(write(tmp_path / "m.json", meeting))
    assert found == {"id": "m", "utterances": ["a", "b", "c", "d"], **wanted}
    lines = "\n".join([json.dumps(meeting)] * 2)
    assert sizes(write(tmp_path / "m.jsonl", lines)) == [[2, 2]] * 2


def test_a_folder_is_read_file_by_file(tmp_path):
    for name in ("2", "1"):
        write(tmp_path / f"{name}.txt", f"first {name}\n====\nsecond\n")
    assert [d["id"] for d in read_dialogues(tmp_path, "dialseg711")] == ["1", "2"]


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.json", "{", "line 1: (no JSON|cannot tell)"),
        ("a.json", '{"dial_data": 3}', "no dial_data"),
        ("a.json", '{"dial_data": {"x": [{"turns": [{}]}]}}', "dialogue 1: KeyError"),
        ("a.json", '{"7": [["a"]]}', "dialogue 1"),
        ("a.json", '{"meeting_transcripts": [{}], "topic_list": []}', "KeyError"),
        ("a.xyz", "text", "cannot tell the format"),
    ],
)
def test_bad_files_are_reported(tmp_path, name, text, reason):
    with pytest.raises(DialogueFormatError, match=reason):
        read_dialogues(write(tmp_path / name, text))


def test_bytes_that_are_no_text_are_reported_with_their_line(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"Ann: hi\nBob: \xff\n")
    with pytest.raises(DialogueFormatError, match=r"a\.txt, line 2: no UTF-8"):
        read_dialogues(tmp_path / "a.txt")


def test_what_makes_no_sense_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="no file"):
        read_dialogues(tmp_path / "none.jsonl")
    with pytest.raises(ValueError, match="format 'pdf' is none of"):
        read_dialogues(write(tmp_path / "a.jsonl", ""), "pdf")
    with pytest.raises(ValueError, match="'dev' or 'test'"):
        corpus("train")
    with pytest.raises(ValueError, match="'en' or 'de'"):
        corpus(language="fr")


def test_our_own_corpus_is_what_its_card_says():
    everything = corpus()
    assert len(everything) >= 60
    assert len({d["id"] for d in everything}) == len(everything)
    assert {d["language"] for d in everything} == {"en", "de"}
    assert {d["kind"] for d in everything} == {"service", "meeting", "chat"}
    for d in everything:
        assert 12 <= len(d["utterances"]) <= 30
        assert 2 <= len(d["segments"]) == len(d["topics"]) <= 5
        assert len(d["roles"]) == len(d["utterances"])
    assert len(corpus("dev", "de")) + len(corpus("test", "de")) == len(corpus(language="de"))


CAPTIONS = "00:00.000 --> 00:01.000\nHello\n\n00:01.000 --> 00:02.000\nBye\n"
TEXTS = {
    "plain": ("Ann: hi\nBob: yes\n====\nAnn: bye", ".txt"),
    "dialseg711": ("hi\nyes\n====\nbye", ".txt"),
    "vtt": (f"WEBVTT\n\n{CAPTIONS}", ".vtt"),
    "srt": ("1\n00:00:00,000 --> 00:00:01,000\nHello\n", ".srt"),
    "jsonl": (json.dumps(OURS) + "\n" + json.dumps(OURS), ".jsonl"),
    "tiage": (json.dumps({"one": [["hi", "0"], ["yes", "1"]]}), ".json"),
    "superdialseg": (json.dumps({"dial_data": {"a": []}}, indent=1), ".json"),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_text_is_read_as_its_file_would_be(tmp_path, kind):
    text, suffix = TEXTS[kind]
    path = write(tmp_path / f"transcript{suffix}", text)
    if kind == "tiage":  # one line of JSON could be ours as well: say which
        assert parse_dialogues(text, "tiage") == read_dialogues(path)
        return
    assert parse_dialogues(text) == parse_dialogues(text, kind) == read_dialogues(path)


def test_a_bad_text_is_named_by_its_line():
    with pytest.raises(DialogueFormatError, match=r"parse_dialogues: mine, line 2: expected"):
        parse_dialogues("Ann: hi\nwho?", name="mine")
    with pytest.raises(DialogueFormatError, match="mine: cannot tell the format"):
        parse_dialogues('{\n"a": 1}', name="mine")
    with pytest.raises(ValueError, match="'word' is none of"):
        parse_dialogues("hi", "word")
    with pytest.raises(TypeError, match="expected text"):
        parse_dialogues(b"hi")
