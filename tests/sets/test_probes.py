"""The compiled kernels and the torch reference equal one slow, obvious oracle, bit for bit."""

import itertools
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hdlib import bits
from hdlib.kernels import cpu, team
from hdlib.sets import fast, probes, warm
from hdlib.sets.probes import KINDS, Probes

law = settings(deadline=None, derandomize=True, max_examples=40)
WORD = (1 << 64) - 1


@pytest.fixture(params=["reference", "compiled", "threads"])
def path(request, monkeypatch):
    """One of the implementations; five threads whatever the machine has."""
    if request.param == "reference":
        monkeypatch.setattr(probes, "CHUNK", 50)
        monkeypatch.setattr(probes, "put", probes.put_reference)
        monkeypatch.setattr(probes, "holds", probes.holds_reference)
        monkeypatch.setattr(probes, "count", probes.count_reference)
    elif request.param == "threads":
        monkeypatch.setattr(team, "PARALLEL", 0)
        monkeypatch.setattr(torch, "get_num_threads", lambda: 5)
    return probes


def keys_of(n, salt=0):
    return bits.words(salt, torch.arange(n), 1)[:, 0]


def oracle_places(plan, key):
    """A key's places in Python's integers, from the words of its stream."""
    words = [w & WORD for w in bits.words(plan.root, torch.tensor(key), plan.hashes).tolist()]
    if plan.kind == "plain":
        return [w * plan.bits >> 64 for w in words]
    if plan.kind == "partitioned":
        part = plan.bits // plan.hashes
        return [i * part + (w * part >> 64) for i, w in enumerate(words)]
    chosen = []
    for i, w in enumerate(words):
        last = plan.bits - plan.hashes + i
        place = w * (last + 1) >> 64
        chosen.append(last if place in chosen else place)
    return chosen


def table_of(plan, width, values):
    """The table with these fields."""
    words = [0] * -(-plan.bits * width // 64)
    for place, value in values.items():
        words[place * width // 64] |= value << place * width % 64
    return torch.tensor([bits.signed(word) for word in words])


PLANS = [
    Probes(size, hashes, kind, seed)
    for (size, hashes), kind, seed in itertools.product(
        [(7, 7), (64, 1), (130, 5), (1000, 4), (3 * 2**33, 3), (2**62, 2)], KINDS, (0, 2**70)
    )
    if kind != "partitioned" or size % hashes == 0
]


@pytest.mark.parametrize("plan", PLANS, ids=str)
def test_places_are_what_is_written_down(plan):
    keys = torch.cat([keys_of(200), torch.tensor([0, -1, 2**63 - 1, -(2**63)])])
    places = plan.places(keys)
    want = torch.tensor([oracle_places(plan, key) for key in keys.tolist()])
    assert torch.equal(places, want)
    root = np.uint64(bits.root(plan.root) % 2**64)
    room = np.zeros((2 + plan.hashes, fast.BLOCK), np.uint64)
    for first in range(0, len(keys), fast.BLOCK):
        many = min(fast.BLOCK, len(keys) - first)
        kind = KINDS.index(plan.kind)
        fast.locate(root, cpu.unsigned(keys), first, many, np.uint64(plan.bits), kind, room)
        assert np.array_equal(room[2:, :many].T, want[first : first + many].numpy())
    if plan.kind == "distinct":
        assert all(len(set(row)) == plan.hashes for row in want.tolist())


@law
@given(st.integers(-(2**63), 2**63 - 1), st.integers(1, 2**63 - 1))
def test_high_is_the_upper_half_of_a_product(x, size):
    want = (x & WORD) * size >> 64
    assert probes.high(torch.tensor(x), size).item() == want
    assert int(fast.high(np.uint64(x & WORD), np.uint64(size))) == want


@pytest.mark.parametrize("kind", KINDS)
def test_places_are_uniform(kind):
    plan = Probes(60, 4, kind, 3)
    counts = plan.places(keys_of(30_000)).flatten().bincount(minlength=60)
    assert stats.chisquare(counts.numpy()).pvalue > 1e-4
    if kind == "plain":  # the first two places of a key are independent
        pairs = plan.places(keys_of(60_000))[:, :2] // 6
        table = (pairs[:, 0] * 10 + pairs[:, 1]).bincount(minlength=100).reshape(10, 10)
        assert stats.chi2_contingency(table.numpy()).pvalue > 1e-4


SHAPES = [(64, 3), (200, 4), (999, 9), (6, 2)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("size", "hashes"), SHAPES)
def test_bits_are_set_and_found(path, size, hashes, kind):
    plan = Probes(size // hashes * hashes, hashes, kind, 5)
    for n in (0, 1, 30, 129):
        members, others = keys_of(n), keys_of(260, salt=1)
        want = {p for key in members.tolist() for p in oracle_places(plan, key)}
        table = probes.empty(-(-plan.bits // 64), torch.device("cpu"))
        path.put(table, plan, members)
        assert torch.equal(table, table_of(plan, 1, dict.fromkeys(want, 1)))
        assert path.holds(table, plan, members).all()
        found = path.holds(table, plan, others)
        assert found.tolist() == [want >= set(oracle_places(plan, k)) for k in others.tolist()]
        assert probes.ones(table) == len(want)
        slices = Counter(p * hashes // plan.bits for p in want)
        counts = probes.ones_of_slices(table, plan.bits, hashes)
        assert counts == [slices[i] for i in range(hashes)]


class Counters:
    """The oracle: a dictionary of counts, changed key by key."""

    def __init__(self, plan, width, stick):
        self.plan, self.top, self.stick, self.values = plan, (1 << width) - 1, stick, Counter()

    def step(self, keys, sign):
        new = Counter(self.values)
        for i, key in enumerate(keys):
            for place in oracle_places(self.plan, key):
                full = new[place] == self.top
                if (sign < 0 and new[place] == 0) or (sign > 0 and full and not self.stick):
                    return i
                new[place] += 0 if full and self.stick else sign
        self.values = Counter({place: value for place, value in new.items() if value})
        return -1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stick", [False, True])
@pytest.mark.parametrize("width", [4, 8, 16])
def test_counters_rise_and_fall(path, kind, width, stick):
    plan = Probes(99, 3, kind, 1)
    draw = random.Random(width)
    oracle = Counters(plan, width, stick)
    table = probes.empty(-(-99 * width // 64), torch.device("cpu"))
    refusals = set()
    for step in range(60):
        few = keys_of(5).tolist() if width == 4 else keys_of(40).tolist()
        batch = draw.choices(few, k=draw.choice([0, 1, 3, 9, 40]))
        sign = draw.choice([1, -1, 1]) if step % 20 < 15 else -1
        want = oracle.step(batch, sign)
        found = path.count(table, plan, torch.tensor(batch, dtype=torch.int64), width, sign, stick)
        assert found == want
        assert torch.equal(table, table_of(plan, width, oracle.values))
        refusals.add((sign, want >= 0))
    assert (-1, True) in refusals
    assert stick or width > 4 or (1, True) in refusals


@pytest.mark.parametrize("kind", KINDS)
def test_counters_above_zero_are_found(path, kind):
    for width in (4, 8, 16):
        plan = Probes(120, 4, kind, 2)
        table = probes.empty(-(-120 * width // 64), torch.device("cpu"))
        members, others = keys_of(20), keys_of(300, salt=1)
        assert path.count(table, plan, members, width, 1, False) == -1
        bitmap = probes.empty(2, torch.device("cpu"))
        path.put(bitmap, plan, members)
        assert torch.equal(path.holds(table, plan, others, width), path.holds(bitmap, plan, others))


def test_threads_may_ask_at_once():
    plan = Probes(10_000, 5, "plain", 0)
    table = probes.empty(157, torch.device("cpu"))
    probes.put(table, plan, keys_of(900))
    want = probes.holds(table, plan, keys_of(3000, salt=1))
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda _: probes.holds(table, plan, keys_of(3000, salt=1)), range(40))
        assert all(torch.equal(one, want) for one in found)


def test_threads_that_add_at_once_lose_nothing():
    plan = Probes(1 << 16, 7, "plain", 0)
    table, want = (probes.empty(1 << 10, torch.device("cpu")) for _ in range(2))
    parts = keys_of(8000).split(100)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda part: probes.put(table, plan, part), parts))
    probes.put(want, plan, keys_of(8000))
    assert torch.equal(table, want)


def test_warming_up_compiles_every_kernel():
    assert warm.warm() >= 0
