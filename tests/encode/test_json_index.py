"""Records are found by example, kept through crashes, and queried beside."""

import itertools
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas
import pytest
import torch

from hdlib import FileFormatError
from hdlib.encode import JSONEncoder, JSONIndex, JSONInputError
from tests.encode.json_records import gapminder, mutated

ROOT = Path(__file__).parents[2]
STORAGE = pytest.mark.parametrize("storage", ["float32", "half", "int8"])


@pytest.fixture(scope="module")
def encoder():
    return JSONEncoder(1024).fit(gapminder())


@pytest.fixture(scope="module")
def index(encoder):
    found = JSONIndex(encoder)
    found.add(gapminder())
    return found


@pytest.fixture
def small():
    records = [{"n": i, "s": f"name {i}"} for i in range(20)]
    made = JSONIndex(JSONEncoder(256).fit(records))
    made.add(records)
    return made


def found(matches):
    return [match.id for match in matches]


# Search


@STORAGE
def test_search_is_the_sort_of_all_cosines(encoder, storage):
    index = JSONIndex(encoder, storage=storage)
    index.add(gapminder())
    x = encoder.encode(gapminder())
    _, queries = mutated(20)
    cosines = encoder.encode(queries) @ x.mT
    tolerance = {"float32": 1e-5, "half": 1e-4, "int8": 3e-3}[storage]
    for matches, row in zip(index.search(queries, k=7), cosines, strict=True):
        best = row.sort(descending=True).values[:7]
        assert np.allclose([match.score for match in matches], best, atol=tolerance)
        assert all(gapminder()[match.id - 1] == match.record for match in matches)
    one = index.search(queries[0], k=7)
    assert found(one) == found(index.search(encoder.encode(queries[0]), k=7))
    assert [m.score for m in one] == sorted((m.score for m in one), reverse=True)


@pytest.mark.claim("json-storage")
def test_half_and_int8_lose_less_than_the_noise(encoder):
    places, queries = mutated()
    x, errors, recalls = encoder.encode(queries), {}, {}
    exact = x @ encoder.encode(gapminder()).mT
    for storage in ("float32", "half", "int8"):
        index = JSONIndex(encoder, storage=storage)
        index.add(gapminder())
        scores = index._rows.scores(x, len(index))
        errors[storage] = float((scores - exact).pow(2).mean().sqrt())
        top = np.array([matches[0].id - 1 for matches in index.search(queries, k=1)])
        recalls[storage] = float((top == np.array(places)).mean())
    print(errors, recalls)
    noise = 1 / 1024**0.5
    assert errors["float32"] < 1e-6
    assert errors["half"] < noise / 1000
    assert errors["int8"] < noise / 50
    assert recalls["int8"] >= recalls["float32"] - 0.01


@pytest.mark.claim("json-search")
def test_mutated_records_are_found_again(index):
    """Typing error, noise on numbers, one field dropped; the harder set has another year, too."""
    places, queries = mutated(300)
    hits = [m[0].id - 1 == place for m, place in zip(index.search(queries), places, strict=True)]
    print("recall@1", np.mean(hits))
    assert np.mean(hits) >= 0.99
    places, queries = mutated(300, years=True)
    country = [gapminder()[place]["country"] for place in places]
    nearest = [matches[0].record for matches in index.search(queries, k=1)]
    same = np.mean(
        [record["country"] == name for record, name in zip(nearest, country, strict=True)]
    )
    ignored = index.search(queries, k=1, weights={"$.year": 0})
    exact = np.mean([m[0].id - 1 == place for m, place in zip(ignored, places, strict=True)])
    print("harder: right country", same, "right record with the year left out", exact)
    assert same >= 0.9
    assert exact >= 0.65


def test_a_query_may_lack_fields_and_weigh_paths(index):
    first = index.search({"country": "Japan", "year": 1997}, k=1)[0]
    assert (first.record["country"], first.record["year"]) == ("Japan", 1997)
    by_name = index.search({"country": "Japan", "year": 1997}, k=12, weights={"$.year": 0})
    assert {match.record["country"] for match in by_name} == {"Japan"}


def test_where_is_sql_or_a_function(index):
    query = {"country": "Japan"}
    late = index.search(query, k=5, where="record ->> '$.year' > 1990")
    assert len(late) == 4 + 1
    assert {m.record["year"] for m in late} >= {1992, 1997, 2002, 2007}
    assert all(m.record["year"] > 1990 for m in late)
    python = index.search(query, k=5, where=lambda record: record["year"] > 1990)
    assert found(python) == found(late)
    assert index.search(query, where="record ->> '$.year' = 1") == []
    assert index.search(query, where=lambda record: record["year"] == 1) == []
    assert len(index.search(query, k=5000, where=lambda record: record["year"] == 1952)) == 142
    with pytest.raises(ValueError, match=r"no such column: yaer; the table is records"):
        index.search(query, where="yaer > 3")
    with pytest.raises(ValueError, match="readonly"):
        index.sql("DELETE FROM records")
    assert len(index) == index.sql("SELECT count(*) FROM records")[0][0] == 1704


def test_duplicates_are_all_pairs_that_are_near_enough():
    records = [*gapminder()[:40], gapminder()[3], dict(reversed(gapminder()[7].items()))]
    for storage in ("float32", "int8"):
        index = JSONIndex(JSONEncoder(1024).fit(records), storage=storage)
        index.add(records)
        assert [pair[:2] for pair in index.duplicates(0.9999)] in (
            [(4, 41), (8, 42)],
            [(8, 42), (4, 41)],
        )
    x = index.encoder.encode(records)
    want = {
        (i + 1, j + 1)
        for i, j in itertools.combinations(range(len(records)), 2)
        if float(x[i] @ x[j]) >= 0.6
    }
    index = JSONIndex(index.encoder)
    index.add(records)
    assert {pair[:2] for pair in index.duplicates(0.6)} == want
    index.remove(4)
    assert {pair[:2] for pair in index.duplicates(0.6)} == {p for p in want if 4 not in p}


def test_faiss_finds_the_same(index):
    _, queries = mutated(10)
    x = index.encoder.encode(queries)
    scores, ids = index.to_faiss().search(x.numpy(), 3)
    for matches, row, values in zip(index.search(queries, k=3), ids, scores, strict=True):
        assert found(matches) == row.tolist()
        assert np.allclose([match.score for match in matches], values, atol=1e-5)


def test_why_a_record_was_found(index):
    query = {"country": "Japan", "geo": {"iso": "JPN"}}
    match = index.search(query, k=1)[0]
    parts = index.explain(query, match.id)
    assert sum(part.contribution for part in parts if part.leaf) == pytest.approx(
        match.score, abs=1e-5
    )


# Adding and removing


def test_ids_are_never_used_again(small, tmp_path):
    small.remove([20, 3])
    assert (len(small), small.ids) == (18, [*range(1, 3), *range(4, 20)])
    assert 3 not in found(small.search({"n": 2, "s": "name 2"}, k=20))
    assert len(small.search({}, k=99)) == 18
    small.save(tmp_path / "i")
    for index in (small, JSONIndex.load(tmp_path / "i")):
        assert index.add([{"n": 7}]) == [21]
        assert index.record(21) == {"n": 7}
        assert torch.allclose(index.vector(21), index.encoder.encode({"n": 7}), atol=1e-6)


@pytest.mark.parametrize("ids", [[3, 99], [99], 0, [-1]])
def test_removing_what_is_not_there_removes_nothing(small, ids):
    with pytest.raises(KeyError, match="there is no record"):
        small.remove(ids)
    assert len(small) == 20
    with pytest.raises(KeyError, match="there is no record 77"):
        small.record(77)


@pytest.mark.parametrize("place", ["memory", "folder"])
@pytest.mark.parametrize("bad", [{"a": object()}, {"a": float("nan")}, {"n": 10**5000}, [[]]])
def test_a_bad_record_leaves_the_index_as_it_was(place, bad, tmp_path):
    records = [{"n": i} for i in range(5000)]
    folder = tmp_path / "i" if place == "folder" else None
    index = JSONIndex(JSONEncoder(16).fit(records[:10]), folder=folder)
    index.add(records[:5])
    if bad == [[]]:
        for _ in range(5000):
            bad = [bad]
    with pytest.raises(ValueError, match="record 4999"):
        index.add([*records[:4999], bad])
    assert len(index) == 5
    assert index.add([{"n": 5}]) == [6]
    assert [m.record["n"] for m in index.search({"n": 5}, k=1)] == [5]


def test_frames_and_streams_are_added(small):
    frame = pandas.DataFrame(
        {"n": [1, 2], "s": ["x", None], "t": pandas.to_datetime(["2020", None])}
    )
    ids = small.add(frame)
    assert [small.record(id_) for id_ in ids] == [
        {"n": 1, "s": "x", "t": "2020-01-01T00:00:00"},
        {"n": 2},
    ]
    assert len(small.add({"n": i} for i in range(3))) == 3
    assert len(small.search(frame, k=2)) == 2
    assert small.add([]) == []


def test_an_encoder_fitted_again_is_refused(small):
    small.encoder.partial_fit([{"n": 1000}])
    for verb in (lambda: small.add([{"n": 1}]), lambda: small.search({"n": 1})):
        with pytest.raises(ValueError, match="fitted again after the index"):
            verb()


def test_bad_questions(small):
    with pytest.raises(ValueError, match="k must be at least 1"):
        small.search({"n": 1}, k=0)
    with pytest.raises(ValueError, match=r"expected \(256,\) or \(n, 256\), got \(3,\)"):
        small.search(torch.zeros(3))
    with pytest.raises(ValueError, match="NaN or inf"):
        small.search(torch.full((256,), torch.nan))
    with pytest.raises(ValueError, match="weights belong to a document"):
        small.search(torch.ones(256), weights={"$.n": 1})
    with pytest.raises(JSONInputError, match=r"at \$\.n: nan is no JSON"):
        small.search({"n": float("nan")})
    with pytest.raises(ValueError, match="threshold must be a cosine"):
        small.duplicates(2)
    with pytest.raises(ValueError, match="storage must be one of"):
        JSONIndex(small.encoder, storage="int4")
    with pytest.raises(TypeError, match="expected a JSONEncoder, got int"):
        JSONIndex(7)


# Files


@STORAGE
def test_an_index_comes_back_and_grows(encoder, storage, tmp_path):
    index = JSONIndex(encoder, storage=storage)
    index.add(gapminder()[:100])
    index.remove([2, 50])
    index.save(tmp_path / "i")
    loaded = JSONIndex.load(tmp_path / "i")
    assert (loaded.ids, repr(loaded)) == (index.ids, repr(index))
    _, queries = mutated(5)
    one, other = index.search(queries, k=3), loaded.search(queries, k=3)
    assert [found(m) for m in one] == [found(m) for m in other]
    names = ["codes.bin"] if storage == "int8" else ["codes.bin", "vectors.bin"]
    assert sorted(path.name for path in (tmp_path / "i").glob("*.bin")) == names
    before = [(tmp_path / "i" / name).read_bytes() for name in names]
    ids = loaded.add(gapminder()[100:200])
    loaded.close()
    for name, old in zip(names, before, strict=True):
        new = (tmp_path / "i" / name).read_bytes()
        assert (len(new) - len(old), new[: len(old)]) == (100 * len(old) // 98, old)
    again = JSONIndex.load(tmp_path / "i")
    assert len(again) == 198
    assert again.record(ids[-1]) == gapminder()[199]
    assert again.search(gapminder()[150], k=1)[0].score == pytest.approx(1, abs=0.01)


@pytest.mark.skipif(sys.platform == "win32", reason="files with holes take all their room there")
def test_an_index_larger_than_memory_opens_at_once(small, tmp_path):
    small.save(tmp_path / "i")
    for name in ("vectors.bin", "codes.bin"):
        os.truncate(tmp_path / "i" / name, 1 << 38)  # what lies behind the records is not looked at
    index = JSONIndex.load(tmp_path / "i")
    query = {"n": 7, "s": "name 7"}
    assert index.search(query, k=1)[0].record == query
    assert index.add([{"n": 100}]) == [21]
    assert index.search({"n": 100}, k=1)[0].id == 21


def test_the_records_can_be_queried_beside(small, tmp_path):
    small.save(tmp_path / "i")
    with sqlite3.connect(tmp_path / "i/records.sqlite") as base:
        query = "SELECT count(*) FROM records WHERE record ->> '$.n' >= 15"
        assert base.execute(query).fetchone() == (5,)
    base.close()


def test_what_another_process_adds_is_seen(small, tmp_path):
    small.save(tmp_path / "i")
    one, other = JSONIndex.load(tmp_path / "i"), JSONIndex.load(tmp_path / "i")
    assert one.add([{"n": 100}]) == [21]
    assert other.add([{"n": 200}]) == [22]
    assert one.search({"n": 200}, k=1)[0].record == {"n": 200}
    assert len(one) == len(other) == 22


CRASH = """
import itertools, os, signal, sys
from hdlib.encode import JSONIndex

index = JSONIndex.load(sys.argv[1])
index.add([{"n": 1000 + i} for i in range(50)])
print("one", flush=True)

def records():
    for i in itertools.count():
        if i == 5_000:
            os.kill(os.getpid(), signal.SIGKILL)
        yield {"n": i}

index.add(records())
"""


def test_a_kill_in_the_middle_of_an_add_loses_only_that_add(small, tmp_path):
    small.save(tmp_path / "i")
    command = [sys.executable, "-c", CRASH, str(tmp_path / "i")]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (-signal.SIGKILL, "one\n")
    assert (tmp_path / "i/vectors.bin").stat().st_size > 4_000 * 4 * 256  # it was well under way
    index = JSONIndex.load(tmp_path / "i")
    assert len(index) == 70
    assert index.add([{"n": 5000}]) == [71]
    assert index.search({"n": 5000}, k=1)[0].record == {"n": 5000}
    x = torch.stack([index.vector(id_) for id_ in index.ids])
    assert torch.allclose(x, index.encoder.encode([index.record(i) for i in index.ids]), atol=1e-6)


def test_a_folder_that_exists_is_not_touched(small, tmp_path):
    (tmp_path / "i").mkdir()
    for make in (
        lambda: small.save(tmp_path / "i"),
        lambda: JSONIndex(small.encoder, folder=tmp_path / "i"),
    ):
        with pytest.raises(FileExistsError, match="exists; give a new folder"):
            make()
    assert [path.name for path in tmp_path.iterdir()] == ["i"]


@pytest.mark.parametrize(
    "name", ["encoder.safetensors", "vectors.bin", "codes.bin", "records.sqlite"]
)
@pytest.mark.parametrize("harm", ["gone", "cut", "noise"])
def test_damage_is_refused_by_name(small, tmp_path, name, harm):
    small.save(tmp_path / "i")
    path = tmp_path / "i" / name
    data = path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(
            data[: len(data) // 2] if harm == "cut" else bytes(range(256)) * (len(data) // 256 - 1)
        )
    wanted = (
        FileNotFoundError if harm == "gone" and name == "encoder.safetensors" else FileFormatError
    )
    with pytest.raises(wanted, match="load"):
        JSONIndex.load(tmp_path / "i")


def test_numbers_that_are_no_json_are_kept_where_they_are_allowed(tmp_path):
    records = [{"x": float("nan"), "y": 1}, {"x": float("inf"), "y": 2}, {"x": 1.5, "y": 3}]
    index = JSONIndex(JSONEncoder(256, nonfinite="code").fit(records), folder=tmp_path / "i")
    index.add(records)
    assert [json.dumps(m.record) for m in index.search(records, k=1)[0]] == ['{"x": NaN, "y": 1}']
    assert index.encoder.get(index.vector(2), "$.x").value == float("inf")
    assert found(index.search(records[0], where="record ->> '$.y' > 0")) == [3]
