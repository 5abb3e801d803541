"""The benchmarks measure what they say: every row first agrees with its peers, here on few rows."""

import json
from importlib.util import find_spec

import pytest
import torch

from benchmarks.page import RESULTS

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
    from benchmarks.harness import race

    ways = {str(n): lambda n=n: torch.ones(n << 18) for n in (1, 100)}
    small, large = (row.peak for row in race("t", ways, rounds=1))
    if large is None:
        pytest.skip("this system does not say")
    assert 80e6 < large < 300e6
    assert small < large / 4


def test_a_process_of_its_own_has_its_own_memory():
    from benchmarks.harness import Row, alone

    (row,) = alone("tests.benchmarks.test_suites", "two_hundred_megabytes")
    if row.process is None:
        pytest.skip("this system does not say")
    assert row == Row("t", "hdlib", row.seconds, 1.0, peak=row.peak, process=row.process)
    assert 200e6 < row.peak < row.process


def two_hundred_megabytes():
    """What the process above measures, after something that took more before."""
    from benchmarks.harness import race

    torch.ones(100 << 18)
    return race("t", {"hdlib": lambda: torch.ones(50 << 20)}, rounds=1)


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

    small = {"DIM": 1024, "PAIRS": {1024: 20}, "BUNDLES": (3, 11), "FEW": 5, "BUDGET": 0}
    for what, value in small.items():
        monkeypatch.setattr(models, what, value)
    rows = models.model(name, 1024)
    ways = {"hdlib", "hdlib, made"} | ({"torchhd"} if name != "BSDC" else set())
    assert {row.way for row in rows} == ways
    assert all(row.seconds > 0 and row.floor is not None and row.floor > 0 for row in rows)


def test_searches_and_bundles_agree_with_every_peer(monkeypatch):
    from benchmarks import search

    monkeypatch.setattr(search, "BUDGET", 0)
    bsc, mapi = search.BSC(1024), search.MAPI(1024)
    rows = search.distances(3, 50, 1024) + search.counted(2, 50) + search.similarity(bsc, 3, 50)
    rows += search.cleanup(bsc, 1, 50, 1) + search.cleanup(mapi, 3, 50, 10)
    rows += search.bundles(bsc, 30) + search.bundles(mapi, 30)
    found = {way: [row.task for row in rows if row.way == way] for way in {r.way for r in rows}}
    assert len(found["hdlib"]) == 7
    assert (len(found["faiss"]), len(found["torchhd"]), len(found["gather"])) == (2, 4, 2)


def test_growth_is_the_slope_past_overhead():
    from benchmarks.growth import fits, slopes
    from benchmarks.harness import Row

    sizes = [1, 64, 256, 1024, 4096]
    assert slopes(sizes, [1 + (n - 1) ** 1.5 for n in sizes]) == (1.5, 1.5)
    assert slopes(sizes, [1.0, 1.0, 1.1, 1.2, 1.9]) == (None, None)
    dear = [1 + n * (3 if n > 500 else 1) for n in sizes]  # beyond a cache: a step, then linear
    exponent, last = slopes(sizes, dear)
    assert exponent > 1.2
    assert last == pytest.approx(1, abs=0.01)
    rows = [Row(f"X bind, D = {n:,}", "hdlib", 5 + n, 1.0) for n in sizes]
    rows.insert(2, Row("X bind, D = 64", "torchhd", 1, 1.0))
    (fit,) = fits([*rows, Row("X bind, N = 1", "hdlib", 1, 1.0)])
    assert (fit.task, fit.along, fit.sizes, fit.linear) == ("X bind", "D", sizes, True)
    assert fit.exponent == pytest.approx(1, abs=0.01)


def test_growth_may_be_as_steep_as_that_of_a_copy():
    from benchmarks.growth import fits
    from benchmarks.harness import Row

    sizes = [1, 16, 64, 256]
    rows = [Row(f"X bind, N = {n}", "hdlib", n**1.5, 1.0) for n in sizes]
    (bind,) = fits(rows)
    assert (bind.copy, bind.linear) == (None, False)
    rows += [Row(f"X copy, N = {n}", "hdlib", n**1.4, 1.0) for n in [*sizes, 1024]]
    assert [fit.linear for fit in fits(rows)] == [True, True]
    rows += [Row(f"X bundle, N = {n}", "hdlib", n**1.6, 1.0) for n in sizes]
    assert [fit.linear for fit in fits(rows)] == [True, True, False]


def test_every_model_grows_along_both_axes(monkeypatch):
    from benchmarks import growth

    monkeypatch.setattr(growth, "COUNTS", (1, 4, 8, 16))
    monkeypatch.setattr(growth, "DIMS", (64, 256, 1024, 4096))
    monkeypatch.setattr(growth, "DIM", 1024)
    monkeypatch.setattr(growth, "COUNT", 16)
    for name in ("BSC", "VTB"):
        found = growth.fits(growth.model(name))
        assert [(fit.task, fit.along) for fit in found] == [
            (f"{name} {verb}", along)
            for along in "ND"
            for verb in ("bind", "bundle", "clean-up", "copy", "similarity")
        ]
        assert all(fit.sizes == [1, 4, 8, 16] for fit in found[:5])
        assert len(growth.table(found).splitlines()) == 10


def test_bars_are_held_against_the_worst_row():
    from benchmarks import bars
    from benchmarks.harness import Row

    rows = [Row("a", "hdlib", 1.0, 1.0, peak=5), Row("a", "torchhd", 3.0, 3.0)]
    rows += [Row("b", "hdlib", 2.0, 1.0, peak=5, process=50), Row("b", "torchhd", 4.0, 2.0)]
    for bar, task, found, met in (
        (bars.faster("s", "*", "torchhd", 2.5), "b", 2.0, False),
        (bars.faster("s", "a", "torchhd", 2.5), "a", 3.0, True),
        (bars.within("s", "*", 1.5), "b", 2.0, False),
        (bars.below("s", "a", 5), "a", 5, True),
        (bars.below("s", "b", 5), "b", 5, True),
        (bars.below("s", "b", 5, "bytes in all"), "b", 50, False),
    ):
        one = bars.verdict(bar, rows)
        assert (one.task, one.found, one.met) == (task, found, met)
    assert one.margin == 0.1
    assert "MISSED by 10.00×" in bars.table([one])
    with pytest.raises(LookupError, match="s has no row 'c' of 'hdlib' beside 'faiss'"):
        bars.verdict(bars.faster("s", "c", "faiss", 1), rows)


@pytest.mark.parametrize("path", [*RESULTS.glob("*.json")], ids=lambda path: path.stem)
def test_every_bar_names_a_row_of_the_saved_results(path):
    from benchmarks.bars import BARS, check
    from benchmarks.harness import row_of

    kept = json.loads(path.read_text())
    suites = kept.get("suites") or {"cuda": kept["rows"]}
    verdicts = check({name: [row_of(row) for row in rows] for name, rows in suites.items()})
    assert len(verdicts) == sum(bar.suite in suites for bar in BARS)


def test_bars_belong_to_suites_that_there_are():
    from benchmarks.__main__ import SUITES
    from benchmarks.bars import BARS

    assert {bar.suite for bar in BARS} <= SUITES.keys() | {"cuda"}


def test_without_its_environment_the_other_hdlib_is_skipped_aloud(tmp_path, monkeypatch, capsys):
    from benchmarks import cumbof

    monkeypatch.setattr(cumbof, "PYTHON", tmp_path / "python")
    assert cumbof.run() == []
    assert "SKIPPED" in capsys.readouterr().err


def test_the_page_says_where_a_peer_is_faster(tmp_path, monkeypatch):
    from benchmarks import __main__ as command
    from benchmarks import bars, floors, page
    from benchmarks.harness import Row, Work

    work = Work(bytes=100, bits=1000)
    rows = [Row("BSC x", "hdlib", 2e-3, 1.0, work, 1e-3, 5), Row("BSC x", "faiss", 1e-3, 0.5, work)]
    rows.append(Row("BSC x", "hdlib, made", 1e-3, 0.5, work, process=10**9, note="a note"))
    rows += [Row(f"BSC bind, N = {n}", "hdlib", n * n, 1.0) for n in (1, 10, 20, 40)]
    rates = {"copies": {"65536": 1e10}, "popcounts": 1e12, "flops": 1e11}
    known = {"processor": "A, avx2", "cores": 2, "threads": 2, "memory_gb": 8}
    monkeypatch.setattr(floors, "machine", lambda: known | rates)
    monkeypatch.setattr(bars, "BARS", (bars.faster("search", "BSC x", "faiss", 1),))
    for module in (command, page):
        monkeypatch.setattr(module, "RESULTS", tmp_path)
    assert "No measurement" in page.page()
    kept = json.loads(command.save({"search": rows}).read_text())
    assert kept["suites"]["search"][1]["way"] == "faiss"
    text = page.page()
    assert "0 of 1 bars are met" in text
    assert "**missed by 2×**" in text
    assert "In 1 of the 1 tasks that a peer has" in text
    assert "| BSC x | 2 | faiss | 1 | 2× |" in text
    assert "faiss 1 (**0.5×**); made 1 (0.5×), a note" in text
    assert "| BSC | **1.90 → 1.93** |" in text  # the exponent is bold
    table = command.table(rows).splitlines()
    assert [line for line in table if "faster than ours" in line] == [table[3]]
    assert "1000.0  of the whole process; a note" in table[4]


@pytest.mark.parametrize("name", ["MAPI", "CGR", "FHRR", "MBAT"])
def test_many_vectors_of_a_model(name, monkeypatch):
    from benchmarks import many

    monkeypatch.setattr(many, "PAIRS", ((1, 50), (3, 20)))
    monkeypatch.setattr(many, "SETS", 100)
    found = [(row.task.partition(" ")[2], row.way) for row in many.model(name)]
    assert {task for task, _ in found} == {
        "similarity 1 x 50, D = 1,024",
        "similarity 3 x 20, D = 1,024",
        "100 bundles of 20, D = 1,024",
    }
    ways = [way for _, way in found]
    assert ways.count("hdlib") == 3
    assert ways.count("torchhd") == (2 if name in ("MAPI", "FHRR") else 0)
    assert ways.count("gather") == (name != "CGR")
