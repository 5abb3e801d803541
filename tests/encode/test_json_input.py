"""Hostile input: every fault is named with its place, and nothing is half done."""

import io
import json
import math
from fractions import Fraction
from types import MappingProxyType

import numpy as np
import pandas
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hdlib.encode import JSONEncoder, JSONInputError, read_json_lines
from hdlib.encode.json.parse import Located, parse
from hdlib.encode.json.rules import Rules
from tests.encode.test_json_encoder import DOCUMENTS

LENIENT = Rules(nonfinite="code", duplicates="last")
many = settings(deadline=None, derandomize=True, max_examples=150)


def same(one, other):
    """Equal, NaN included, and True is not 1."""
    return repr(one) == repr(other)


# The parser that knows where it stands


@many
@given(document=DOCUMENTS, indent=st.sampled_from([None, 0, 2]), ascii_=st.booleans())
def test_both_parsers_read_the_same(document, indent, ascii_):
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_)
    want = json.loads(text)
    assert same(Located(text, LENIENT).read(), want)
    assert same(parse(text, LENIENT), want)


@many
@given(
    document=DOCUMENTS,
    at=st.integers(0, 200),
    cut=st.integers(0, 3),
    put=st.sampled_from(
        ["", ",", "]", "}", "[", '"', "\\", ":", "-", "e", "0", "nul", "\n", "\x01"]
    ),
)
@example(document={"a": 1}, at=5, cut=0, put=",")
def test_both_parsers_refuse_the_same(document, at, cut, put):
    text = json.dumps(document)
    text = text[:at] + put + text[at + cut :]
    try:
        want = json.loads(text)
    except ValueError:
        with pytest.raises(JSONInputError, match=r"line \d+, column \d+, at \$"):
            parse(text, LENIENT)
    else:
        assert same(Located(text, LENIENT).read(), want)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "line 1, column 1, at $: expected a value, got the end of the text"),
        ("\n ", "line 2, column 2, at $: expected a value, got the end of the text"),
        ('{"a": [1, 2,]}', "line 1, column 13, at $.a[2]: expected a value, got ']'"),
        ('{"a": 1,}', """line 1, column 9, at $: expected a key in double quotes, got '}'"""),
        ("{'a': 1}", """line 1, column 2, at $: expected a key in double quotes, got "'\""""),
        ('{"a" 1}', "line 1, column 6, at $.a: expected ':' after a key"),
        ('{"a": {"b c": tru}}', "line 1, column 15, at $.a['b c']: expected a value, got 't'"),
        ("[1 2]", "line 1, column 4, at $[0]: expected ',' or ']', got '2'"),
        ('{\n "a": 1\n "b": 2}', """line 3, column 2, at $.a: expected ',' or '}', got '"'"""),
        ("[1] 2", "line 1, column 5, at $: text after the end of the document"),
        ('{"a": "x', "line 1, column 7, at $.a: unterminated string starting at"),
        ('["a\tb"]', "line 1, column 4, at $[0]: invalid control character at"),
        (r'["\x"]', r"line 1, column 3, at $[0]: invalid \escape"),
        ("[NaN]", """line 1, column 2, at $[0]: NaN is no JSON; nonfinite="code" takes it"""),
        ("[-Infinity]", """at $[0]: -Infinity is no JSON; nonfinite="code" takes it"""),
        (
            "[1, 1e999]",
            "line 1, column 5, at $[1]: a number beyond the range of floats; nonfinite=",
        ),
        ('{"a": 1,\n"a": 2}', "line 2, column 1, at $.a: the key 'a' comes twice in one object"),
        ('[{"k": {"a": 1, "a": 2}}]', "line 1, column 17, at $[0].k.a: the key 'a' comes twice"),
        ("[" + "1" * 5000 + "]", "line 1, column 2, at $[0]: an integer of 5,000 digits, too long"),
        ("\ufeff{}", "line 1, column 1, at $: a byte order mark; decode the file as utf-8-sig"),
        (b"[1, \xff]", "line 1, column 5: bytes that are no utf-8 text (invalid start byte)"),
    ],
)
def test_a_fault_in_a_text_is_named_with_its_place(text, why):
    with pytest.raises(JSONInputError) as caught:
        JSONEncoder(64).encode_text(text)
    assert why in str(caught.value)


def test_columns_count_from_the_last_line_and_paths_are_kept_short():
    with pytest.raises(JSONInputError) as caught:
        parse("[\n" * 50 + "}", Rules())
    error = caught.value
    assert (error.line, error.column, error.path) == (51, 1, (0,) * 50)
    assert str(error).count("[0]") == 20


def test_options_take_what_is_refused_by_default():
    lenient = JSONEncoder(256, nonfinite="code", duplicates="last")
    text = '{"a": NaN, "b": Infinity, "c": -1e999, "a": 5}'
    want = {"a": 5, "b": math.inf, "c": -math.inf}
    assert torch.equal(lenient.encode_text(text), lenient.encode(want))
    x = lenient.encode([[math.nan], [math.inf], [-math.inf], [0], [1e308]])
    assert (x @ x.mT - torch.eye(5)).abs().max() < 0.3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32-le"])
def test_bytes_come_in_any_unicode_encoding(encoding):
    encoder, text = JSONEncoder(64), '{"ä": "€"}'
    assert torch.equal(encoder.encode_text(text.encode(encoding)), encoder.encode({"ä": "€"}))


# Depth and size


def test_depth_does_not_overflow_a_stack():
    encoder = JSONEncoder(16)
    document = "x"
    for level in range(100_000):
        document = {"a": document} if level % 2 else [document]
    x = encoder.encode(document if isinstance(document, dict) else [document])
    assert x.norm() == pytest.approx(1)
    with pytest.raises(JSONInputError, match=r"at \$: more than 100,000 levels deep"):
        encoder.encode({"a": document})
    deeper = JSONEncoder(16, max_depth=1000)
    text = "[" * 1000 + "]" * 1000
    assert deeper.encode_text(text).norm() == pytest.approx(1)
    with pytest.raises(JSONInputError, match=r"line 1, column 1001, at .*: more than 1,000 levels"):
        deeper.encode_text("[" * 1001 + "]" * 1001)


def test_deep_schemas_are_fitted_saved_and_read_above(tmp_path):
    document = "x"
    for _ in range(5_000):
        document = {"a": document}
    encoder = JSONEncoder(16).fit([document])
    encoder.save(tmp_path / "e")
    loaded = JSONEncoder.load(tmp_path / "e")
    assert torch.equal(loaded.encode(document), encoder.encode(document))
    assert loaded.get(encoder.encode(document), ["a"] * 5_000).value == "x"
    with pytest.raises(ValueError, match="holds more levels than can be put together"):
        loaded.get(encoder.encode(document))


def test_size_is_limited_and_loops_end():
    encoder = JSONEncoder(64, max_values=100)
    assert encoder.encode([[0] * 99]).norm() == pytest.approx(1)
    with pytest.raises(JSONInputError, match=r"record 0, at \$: more than 100 values, or a loop"):
        encoder.encode([[0] * 100])
    with pytest.raises(JSONInputError, match=r"line 1, column 201, at \$\[99\]: more than 100"):
        encoder.encode_text("[" + "0," * 99 + " 0]")
    loop = {"a": 1}
    loop["self"] = [loop, loop]
    with pytest.raises(JSONInputError, match="or a loop"):
        encoder.encode(loop)


def test_a_text_of_a_million_letters_is_a_vector():
    text = "".join(map(chr, np.random.default_rng(0).integers(32, 2000, 100_000)))
    assert JSONEncoder(64).encode({"a": text}).norm() == pytest.approx(1)


# Python objects


@pytest.mark.parametrize(
    ("given_", "meant"),
    [
        ((1, 2), [1, 2]),
        (np.float32(0.5), 0.5),
        (np.int64(7), 7),
        (np.bool_(True), True),
        (torch.tensor(3), 3),
        (Fraction(1, 2), 0.5),
        (MappingProxyType({"b": 1}), {"b": 1}),
        (np.str_("x"), "x"),
        (-0.0, 0),
        (10**400, 10**401),
    ],
)
def test_values_that_mean_json_are_taken(given_, meant):
    encoder = JSONEncoder(64)
    assert torch.equal(encoder.encode({"a": given_}), encoder.encode({"a": meant}))


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ({1, 2}, "a set is no JSON value"),
        (b"x", "a bytes is no JSON value"),
        (1j, "a complex is no JSON value"),
        (np.zeros(2), "a ndarray is no JSON value"),
        (np.float32("nan"), "nan is no JSON"),
        ({1: 2}, "the key 1 is no text"),
        ({1: 2, "a": 3}, "the key 1 is no text"),
        ({None: 2}, "the key None is no text"),
    ],
)
def test_what_is_no_json_is_refused_with_its_path(bad, why):
    with pytest.raises(JSONInputError) as caught:
        JSONEncoder(64).encode([{}, {"ok": [0, {"a b": bad}]}])
    assert f"record 1, at $.ok[1]['a b']: {why}" in str(caught.value)
    assert caught.value.record == 1


def test_what_is_no_batch_is_refused():
    for data in ("text", 7, {"a": 1}):
        with pytest.raises(TypeError, match="expected several documents"):
            JSONEncoder(64).fit(data)


def test_a_frame_is_its_rows_without_what_is_missing():
    frame = pandas.DataFrame(
        {"n": [1, 2], "s": ["x", None], "t": pandas.to_datetime(["2020", None]), 7: [1.5, np.nan]}
    )
    encoder = JSONEncoder(64).fit(frame)
    want = [{"n": 1, "s": "x", "t": "2020-01-01T00:00:00", "7": 1.5}, {"n": 2}]
    assert torch.equal(encoder.encode(frame), encoder.encode(want))
    with pytest.raises(ValueError, match="two columns of one name"):
        encoder.encode(pandas.DataFrame([[1, 2]], columns=["a", "a"]))


# JSON Lines


def test_json_lines_come_from_files_streams_and_lists(tmp_path):
    text = '{"a": 1}\n\n  \n[2]\r\n"\\ud800"\n'
    path = tmp_path / "x.jsonl"
    path.write_bytes(text.encode())
    want = [{"a": 1}, [2], "\ud800"]
    for source in (path, str(path), io.StringIO(text), io.BytesIO(text.encode()), text.split("\n")):
        assert list(read_json_lines(source)) == want
    with pytest.raises(ValueError, match="nonfinite must be"):
        list(read_json_lines(path, nonfinite="drop"))


def test_a_bad_line_leaves_the_others_alone():
    lines = ['{"a": 1}', "{", b"\xff", '{"a": NaN}', '{"a": 2}']
    faults = []
    assert list(read_json_lines(lines, errors=faults)) == [{"a": 1}, {"a": 2}]
    assert [fault.line for fault in faults] == [2, 3, 4]
    assert [fault.column for fault in faults] == [2, 1, 7]
    reader = read_json_lines(lines)
    assert next(reader) == {"a": 1}
    with pytest.raises(JSONInputError, match="line 2, column 2"):
        next(reader)


def test_a_stream_is_fitted_as_it_comes():
    seen = []

    def lines():
        for i in range(9_000):
            seen.append(i)
            yield f'{{"n": {i}}}'

    encoder = JSONEncoder(64).fit(read_json_lines(lines()))
    assert (encoder.schema.seen, len(seen)) == (9_000, 9_000)
