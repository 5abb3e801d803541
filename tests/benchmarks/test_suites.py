"""The benchmarks measure what they say: every row first agrees with its peers, here on few rows."""

import json
from importlib.util import find_spec

import pytest
import torch

pytestmark = pytest.mark.skipif(
    find_spec("faiss") is None or find_spec("simsimd") is None, reason="needs the extra `bench`"
)


def test_rounds_end_with_the_budget_and_a_wrong_answer_is_not_timed():
    from benchmarks.harness import compare

    calls = []
    ours = torch.arange(3)
    rows = compare("t", {"a": lambda: calls.append(0) or ours, "b": lambda: ours}, budget=0)
    assert len(calls) == 1 + 3
    assert [row.way for row in rows] == ["a", "b"]
    assert rows[0].ratio == 1
    with pytest.raises(AssertionError, match="b gives another result"):
        compare("t", {"a": lambda: ours, "b": lambda: ours + 1})


def test_the_peak_is_that_of_the_call():
    from benchmarks.harness import peak

    small, large = (peak(lambda n=n: torch.ones(n << 18)) for n in (1, 100))
    if large is None:
        pytest.skip("this system does not say")
    assert 80e6 < large < 300e6
    assert small < large / 4


def test_a_floor_is_the_longest_of_its_parts(monkeypatch):
    from benchmarks import floors

    monkeypatch.setattr(floors, "copies", lambda: {1 << 16: 100.0, 1 << 28: 10.0})
    monkeypatch.setattr(floors, "popcounts", lambda: 1000.0)
    monkeypatch.setattr(floors, "products", lambda: 50.0)
    assert floors.floor(floors.Work(bytes=1 << 10, bits=100)) == (1 << 10) / 100
    assert floors.floor(floors.Work(bytes=1 << 20)) == (1 << 20) / 10
    assert floors.floor(floors.Work(bits=5000, flops=100)) == 5
    assert floors.floor(floors.Work(bits=5000, flops=1000)) == 20


@pytest.mark.parametrize("name", ["MAPB", "BSC", "BSDC", "SBC", "MCR", "CGR", "FHRR", "VTB"])
def test_every_verb_of_a_model_agrees_with_torchhds(name, monkeypatch):
    from benchmarks import models

    for what, value in (("DIM", 1024), ("PAIRS", 20), ("BUNDLES", (3, 11)), ("BUDGET", 0)):
        monkeypatch.setattr(models, what, value)
    rows = models.model(name)
    ways = {"hdlib"} if name == "BSDC" else {"hdlib", "torchhd"}
    assert {row.way for row in rows} == ways
    assert all(row.seconds > 0 and row.floor is not None and row.floor > 0 for row in rows)


def test_searches_and_bundles_agree_with_every_peer(monkeypatch):
    from benchmarks import search

    monkeypatch.setattr(search, "BUDGET", 0)
    bsc, mapi = search.BSC(1024), search.MAPI(1024)
    rows = search.distances(3, 50, 1024) + search.similarity(bsc, 3, 50)
    rows += search.cleanup(bsc, 1, 50, 1) + search.cleanup(mapi, 3, 50, 10)
    rows += search.bundles(bsc, 30) + search.bundles(mapi, 30)
    found = {way: [row.task for row in rows if row.way == way] for way in {r.way for r in rows}}
    assert len(found["hdlib"]) == 6
    assert (len(found["faiss"]), len(found["torchhd"]), len(found["gather"])) == (2, 3, 2)


def test_the_page_says_where_a_peer_is_faster(tmp_path, monkeypatch):
    from benchmarks import __main__ as command
    from benchmarks import floors, page
    from benchmarks.harness import Row, Work

    work = Work(bytes=100, bits=1000)
    rows = [Row("BSC x", "hdlib", 2e-3, 1.0, work, 1e-3, 5), Row("BSC x", "faiss", 1e-3, 0.5, work)]
    rates = {"copies": {"65536": 1e10}, "popcounts": 1e12, "flops": 1e11}
    known = {"processor": "A, avx2", "cores": 2, "threads": 2, "memory_gb": 8}
    monkeypatch.setattr(floors, "machine", lambda: known | rates)
    for module in (command, page):
        monkeypatch.setattr(module, "RESULTS", tmp_path)
    assert "No measurement" in page.page()
    kept = json.loads(command.save({"search": rows}).read_text())
    assert kept["suites"]["search"][1]["way"] == "faiss"
    text = page.page()
    assert "Slower than a peer: BSC x" in text
    assert "faiss 1 (**0.5×**)" in text
    assert "faster than ours" in command.table(rows)
