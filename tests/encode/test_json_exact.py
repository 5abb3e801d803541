"""The scan of int8 codes leaves out no record that belongs to the best: search is brute force."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hdlib.encode import JSONEncoder, JSONIndex
from hdlib.encode.json import codes
from hdlib.encode.json.rows import Rows

STORAGE = pytest.mark.parametrize("storage", ["float32", "half", "int8"])


def brute(x, query, allowed, k):
    """The k best by sorting all products, of equals the first: values exact in float64."""
    scores = x.astype(np.float64) @ query.astype(np.float64)
    slots = np.flatnonzero(allowed)
    return [int(i) for i in slots[np.argsort(-scores[slots], kind="stable")][:k]]


def nearest(x, query, allowed, k, storage="float32"):
    rows = Rows(x.shape[1], storage)
    rows.write(0, torch.from_numpy(x))
    (found,) = rows.nearest(torch.from_numpy(query)[None], allowed)
    return found.best(min(k, int(allowed.sum()))), rows


@st.composite
def cases(draw):
    """Rows of whole numbers / 1024, often repeated, so that half and float64 are exact."""
    dim, n = draw(st.integers(1, 19)), draw(st.integers(1, 60))
    numbers = st.integers(-1023, 1023)
    pool = draw(arrays.arrays(np.int64, (draw(st.integers(1, 8)), dim), elements=numbers))
    x = pool[draw(arrays.arrays(np.int64, n, elements=st.integers(0, len(pool) - 1)))]
    x = x + draw(arrays.arrays(np.int64, (n, dim), elements=st.integers(-1, 1), fill=st.just(0)))
    query = draw(arrays.arrays(np.int64, dim, elements=numbers))
    allowed = draw(arrays.arrays(np.bool_, n))
    scaled = [(part / 1024).astype(np.float32) for part in (x, query)]
    return *scaled, allowed, draw(st.integers(1, n))


@pytest.mark.claim("json-exact")
@settings(max_examples=150, deadline=None, derandomize=True)
@given(cases(), st.sampled_from(["float32", "half"]))
def test_the_best_are_those_of_brute_force_also_among_equals(case, storage):
    x, query, allowed, k = case
    (scores, slots), _ = nearest(x, query, allowed, k, storage)
    assert slots.tolist() == brute(x, query, allowed, k)
    assert scores.tolist() == [float(x[i].astype(np.float64) @ query) for i in slots]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(cases())
def test_codes_alone_are_searched_exactly_too(case):
    x, query, allowed, k = case
    (scores, slots), rows = nearest(x, query, allowed, k, "int8")
    kept = rows.wide(slice(None), len(x)).numpy()
    every = kept.astype(np.float64) @ query.astype(np.float64)
    assert np.allclose(scores, np.sort(every[allowed])[::-1][:k], atol=1e-12)
    assert np.allclose(scores, every[slots], atol=1e-12)
    assert len(set(slots.tolist())) == len(slots) == min(k, allowed.sum())


REALS = st.floats(-1e6, 1e6, width=32)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.integers(1, 40).flatmap(lambda d: arrays.arrays(np.float32, (4, d), elements=REALS)))
def test_no_product_passes_its_ceiling_whatever_the_numbers(x):
    query, rows = x[0], x[1:]
    for alone in (False, True):
        packed = codes.pack(rows, alone)
        wide = packed[:, : x.shape[1]] * codes.tails(packed)[:, :1] if alone else rows
        (high,) = codes.ceilings(packed, query[None])
        length = math.sqrt(math.fsum(float(v) ** 2 for v in query))
        for row, most, (_, bound) in zip(wide, high, codes.tails(packed), strict=True):
            exact = math.fsum(float(a) * float(b) for a, b in zip(row, query, strict=True))
            assert exact <= most <= exact + 2.001 * length * float(bound) + 1e-30


def test_where_codes_tell_nothing_apart_every_row_is_compared():
    rng = np.random.default_rng(0)
    x = np.zeros((3000, 64), dtype=np.float32)
    x[:, 0] = 1  # one number so large that the others are lost
    x[:, 1:] = 0.003 * rng.uniform(-1, 1, (3000, 63))
    query = rng.normal(size=64).astype(np.float32)
    (_, slots), rows = nearest(x, query, np.ones(3000, dtype=bool), 25)
    assert not rows._codes.read(3000)[:, 1:64].any()
    assert slots.tolist() == brute(x, query, np.ones(3000, dtype=bool), 25)


def test_thousands_of_equals_come_in_order_of_age():
    index = JSONIndex(JSONEncoder(64))
    index.add({"n": i % 2} for i in range(6000))
    found = [match.id for match in index.search({"n": 1}, k=3001)]
    assert found == [*range(2, 6001, 2), 1]


def test_few_rows_of_many_are_compared_in_full(monkeypatch):
    x = np.random.default_rng(0).normal(size=(20_000, 512)).astype(np.float32)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    compared, products = [], codes.products
    monkeypatch.setattr(
        codes, "products", lambda x, q, out: (compared.append(len(x)), products(x, q, out))
    )
    (_, slots), _ = nearest(x, x[7], np.ones(20_000, dtype=bool), 10)
    assert slots.tolist() == brute(x, x[7], np.ones(20_000, dtype=bool), 10)
    print("compared in full:", compared)
    assert sum(compared) < 400


CHANGES = st.lists(
    st.one_of(
        st.lists(st.integers(0, 5), max_size=6),  # records to add
        st.integers(0, 30),  # the place of a record to remove
        st.sampled_from(["load", "save"]),
    ),
    min_size=1,
    max_size=8,
)


@STORAGE
@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    changes=CHANGES,
    k=st.integers(1, 12),
    where=st.sampled_from([None, "sql", "python"]),
    seen=st.booleans(),
)
def test_an_index_that_changes_stays_brute_force(
    storage, tmp_path_factory, changes, k, where, seen
):
    folder = tmp_path_factory.mktemp("index")
    encoder = JSONEncoder(64).fit([{"n": i, "s": f"name {i}"} for i in range(6)])
    index, kept = JSONIndex(encoder, storage=storage, folder=folder / "0"), {}
    for number, change in enumerate(changes, 1):
        if isinstance(change, list):
            records = [{"n": i, "s": f"name {i}"} for i in change]
            kept |= dict(zip(index.add(records), records, strict=True))
        elif isinstance(change, int):
            if kept:
                id_ = sorted(kept)[change % len(kept)]
                index.remove(id_)
                del kept[id_]
        elif change == "save":
            index.save(folder / str(number))
            index = JSONIndex.load(folder / str(number))
        else:
            last = index._records._base.execute("PRAGMA database_list").fetchone()[2]
            index.close()
            index = JSONIndex.load(last.rsplit("/", 1)[0])
    conditions = {"sql": "record ->> '$.n' > 2", "python": lambda record: record["n"] > 2}
    query, weights = {"n": 4, "s": "name 1"}, {"$.n": 0.5} if seen else None
    x = encoder.encode(query, weights=weights).double()
    wanted = sorted(
        (-float(index.vector(id_).double() @ x), id_)
        for id_, record in kept.items()
        if where is None or record["n"] > 2
    )
    found = index.search(query, k=k, weights=weights, where=conditions.get(where))
    assert [match.record for match in found] == [kept[match.id] for match in found]
    assert np.allclose([m.score for m in found], [-s for s, _ in wanted[:k]], atol=1e-9)
    near = [(-round(m.score, 9), m.id) for m in found]
    assert near == sorted(near)  # of equals the oldest first
    index.close()
