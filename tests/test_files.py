"""A saved file is whole or absent, and a damaged or foreign one is refused by name."""

import json
import os
import pickle

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from hdlib import files
from hdlib.files import FileFormatError

TENSORS = {
    "int8": torch.tensor([[1, -1], [0, 127]], dtype=torch.int8),
    "int64": torch.tensor([2**63 - 1, -(2**63)]),
    "float64": torch.tensor([0.1, -0.0, 1e300], dtype=torch.float64),
    "bool": torch.tensor([True, False]),
    "number": torch.tensor(3.5),
    "empty": torch.empty(0, 7, dtype=torch.int16),
    "complex64": torch.tensor([1 + 2j, -3j]),
    "complex128": torch.tensor([[1 + 2j]], dtype=torch.complex128),
}
HEADER = {"seed": 7, "names": ["é", ""], "nested": {"x": None}}


def same(one, other):
    return one.keys() == other.keys() and all(
        one[k].dtype == other[k].dtype and torch.equal(one[k], other[k]) for k in one
    )


def files_in(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "x.safetensors"
    files.save(path, "Thing", HEADER, TENSORS)
    return path


def test_what_was_saved_comes_back(saved):
    header, tensors = files.load(saved, "Thing")
    assert header == {"format": files.FORMAT, "class": "Thing", **HEADER}
    assert same(tensors, TENSORS)
    assert files_in(saved.parent) == [saved.name]


def test_a_path_may_be_text(saved):
    files.save(str(saved), "Thing", {}, {})
    assert files.load(str(saved), "Thing")[1] == {}


@pytest.mark.parametrize(
    "tensor",
    [
        torch.arange(12).reshape(3, 4).t(),
        torch.arange(12)[::3],
        torch.ones(1, 2).expand(3, 2),
        torch.tensor([1 + 2j, 3j]).conj(),
        torch.tensor([1 + 2j, 3j]).conj().imag,
        torch.ones(3, requires_grad=True),
    ],
)
def test_views_are_saved_by_their_values(tmp_path, tensor):
    files.save(tmp_path / "x", "Thing", {}, {"x": tensor})
    assert torch.equal(files.load(tmp_path / "x", "Thing")[1]["x"], tensor.detach())


def test_views_of_one_storage_are_saved_apart(tmp_path):
    x = torch.arange(6)
    files.save(tmp_path / "x", "Thing", {}, {"a": x[:3].clone(), "b": x})
    assert files.load(tmp_path / "x", "Thing")[1]["b"].tolist() == list(range(6))


def test_other_tools_can_read_the_file(saved):
    from safetensors.torch import load_file

    assert torch.equal(load_file(saved)["int64"], TENSORS["int64"])


def test_the_file_has_the_usual_rights(saved):
    plain = saved.parent / "plain"
    plain.touch()
    assert saved.stat().st_mode == plain.stat().st_mode


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=9)


@settings(deadline=None, derandomize=True, max_examples=50)
@given(JSON)
def test_text_tensors_bring_json_back(value):
    assert files.text_value(files.text_tensor(value)) == value


# Damage


def tiny(folder):
    path = folder / "tiny"
    files.save(path, "T", {"seed": 7}, {"x": torch.tensor([1, 2]), "y": torch.tensor([1j])})
    return path, path.read_bytes(), files.load(path, "T")


def loads_equal_or_refused(path, data, expected):
    path.write_bytes(data)
    try:
        header, tensors = files.load(path, "T")
    except FileFormatError:
        return False
    assert header == expected[0]
    assert same(tensors, expected[1])
    return True


@pytest.mark.parametrize("flip", [0x01, 0x02, 0x08, 0x20, 0x80, 0xFF])
def test_a_flipped_byte_is_noticed(tmp_path, flip):
    path, data, expected = tiny(tmp_path)
    start = len(data) - 32
    for place in range(len(data)):
        damaged = bytearray(data)
        damaged[place] ^= flip
        harmless = loads_equal_or_refused(path, damaged, expected)
        assert not (harmless and place >= start)  # every byte of the tensors counts


def test_a_file_cut_anywhere_is_noticed(tmp_path):
    path, data, expected = tiny(tmp_path)
    for end in range(len(data)):
        assert not loads_equal_or_refused(path, data[:end], expected)
    assert not loads_equal_or_refused(path, data + b"x", expected)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_refused(tmp_path_factory, data, framed):
    path = tmp_path_factory.getbasetemp() / "noise"
    path.write_bytes(len(data).to_bytes(8, "little") + data if framed else data)
    with pytest.raises(FileFormatError):
        files.load(path, "T")


def foreign(path, **metadata):
    save_file({"x": torch.tensor([1])}, path, metadata=metadata or None)


@pytest.mark.parametrize(
    "header",
    ["null", "[]", "1", '"text"', "{", "[" * 100_000, "9" * 10_000, '{"format": 1}', "\ud7ff"],
    ids=lambda text: text[:9],
)
def test_a_hostile_header_is_refused(tmp_path, header):
    foreign(tmp_path / "x", hdlib=header)
    with pytest.raises(FileFormatError):
        files.load(tmp_path / "x", "T")


def test_a_foreign_safetensors_file_is_refused(tmp_path):
    foreign(tmp_path / "x")
    with pytest.raises(FileFormatError, match="hdlib did not write it"):
        files.load(tmp_path / "x", "T")


def test_a_pickle_is_refused_and_not_opened(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (os._exit, (1,))

    (tmp_path / "x").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(FileFormatError):
        files.load(tmp_path / "x", "T")


def test_another_class_is_refused_by_name(saved):
    with pytest.raises(FileFormatError, match="holds a 'Thing', not a 'Other'"):
        files.load(saved, "Other")


def test_another_format_is_refused_before_its_checksum(tmp_path):
    foreign(tmp_path / "x", hdlib=json.dumps({"class": "T", "format": files.FORMAT + 1}))
    with pytest.raises(FileFormatError, match="has format 2, this hdlib reads 1; upgrade"):
        files.load(tmp_path / "x", "T")


def test_a_file_without_checksum_is_refused(tmp_path):
    foreign(tmp_path / "x", hdlib=json.dumps({"class": "T", "format": files.FORMAT}))
    with pytest.raises(FileFormatError, match="checksum"):
        files.load(tmp_path / "x", "T")


def test_a_missing_file_is_called_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no file .*gone"):
        files.load(tmp_path / "gone", "T")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(FileFormatError, match="no regular file"):
        files.load(tmp_path, "T")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileFormatError, match="no regular file"):
        files.load(tmp_path / "pipe", "T")


def test_the_checksum_covers_header_names_types_shapes_and_values():
    x = torch.arange(6, dtype=torch.int64)
    seals = [
        files.seal("{}", {"x": x}),
        files.seal("{ }", {"x": x}),
        files.seal("{}", {"y": x}),
        files.seal("{}", {"x": x.view(torch.float64)}),
        files.seal("{}", {"x": x.reshape(2, 3)}),
        files.seal("{}", {"x": x.flip(0)}),
        files.seal("{}", {"x": x[:5], "y": x[5:]}),
    ]
    assert len(set(seals)) == len(seals)


# Writing


@pytest.mark.parametrize("target", ["folder", "gone/x", "file/x", "x" * 300])
def test_an_unwritable_target_is_an_error_that_leaves_nothing_behind(tmp_path, target):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(OSError):  # noqa: PT011
        files.save(tmp_path / target, "T", {}, TENSORS)
    assert files_in(tmp_path) == ["file", "folder"]


@pytest.mark.parametrize("step", ["fsync", "rename", "write"])
@pytest.mark.parametrize("crash", [OSError, KeyboardInterrupt])
def test_a_crash_leaves_the_old_file_as_it_was(saved, monkeypatch, step, crash):
    def fail(*args, **kwargs):
        raise crash("no space left")

    before = saved.read_bytes()
    place = {"fsync": "os.fsync", "rename": "pathlib.Path.replace"}
    monkeypatch.setattr(place.get(step, "safetensors.torch.save_file"), fail)
    with pytest.raises(crash):
        files.save(saved, "T", {}, {})
    assert saved.read_bytes() == before
    assert files_in(saved.parent) == [saved.name]


def test_what_json_cannot_hold_is_refused_before_writing(tmp_path):
    with pytest.raises(TypeError):
        files.save(tmp_path / "x", "T", {"bad": object()}, {})
    assert files_in(tmp_path) == []


def test_content_reaches_the_disk_before_the_name(tmp_path, monkeypatch):
    sizes = []
    monkeypatch.setattr(os, "fsync", lambda handle: sizes.append(os.fstat(handle).st_size))
    files.save(tmp_path / "x", "T", {}, TENSORS)
    assert sizes == [(tmp_path / "x").stat().st_size]
