"""The same items in, the same structures out: torchhd where it is right, slow loops elsewhere."""

import itertools

import pytest
import torch

from hdlib import encode
from tests.vsa.spaces import ALL, make, same
from tests.vsa.test_against_torchhd import equal, needs_torchhd, peer, torchhd

EACH = pytest.mark.parametrize("name", ALL)
AMONG = pytest.mark.parametrize("name", ["MAPI", "BSC", "HRR", "FHRR"])
MOVING = pytest.mark.parametrize("name", ["MAPI", "BSC", "FHRR"])  # HRR needs another move


@needs_torchhd
@AMONG
def test_hash_tables_are_torchhds(name):
    vsa, xs, theirs = peer(name)
    keys, values = [0, 1, 2], [3, 4, 0]
    want = torchhd.hash_table(theirs[keys], theirs[values])
    equal(vsa, encode.HashTable(vsa).add(xs[keys], xs[values]).value, want)
    equal(vsa, encode.encode_record(vsa, xs[keys], xs[values]), want)


@needs_torchhd
@MOVING
def test_sequences_are_torchhds(name):
    """There the last item stays, here the first."""
    vsa, xs, theirs = peer(name)
    equal(vsa, encode.bundle_sequence(vsa, xs), torchhd.bundle_sequence(theirs.flip(0)))
    equal(vsa, encode.bind_sequence(vsa, xs), torchhd.bind_sequence(theirs.flip(0)))
    equal(vsa, encode.ngrams(vsa, xs, 3), torchhd.ngrams(theirs, 3))


@needs_torchhd
@pytest.mark.parametrize(
    ("name", "directed"),
    [*itertools.product(["MAPI", "BSC", "FHRR"], [True, False]), ("HRR", False)],
)
def test_graphs_are_torchhds(name, directed):
    """There a directed edge of HRR is the same both ways; ours is not."""
    vsa, xs, theirs = peer(name)
    sources, targets = [0, 0, 3], [1, 2, 4]
    want = torchhd.graph(torch.stack([theirs[sources], theirs[targets]]), directed=directed)
    graph = encode.Graph(vsa, directed=directed).add(xs[sources], xs[targets])
    equal(vsa, graph.value, want)


@EACH
def test_sequences_are_those_of_a_loop_and_forget_no_item(name):
    """There: n-ary HRR binding is wrong, and what is appended one by one pushes out the oldest."""
    vsa = make(name, 256)
    xs = vsa.random(9)
    moved = [encode.move(vsa, x, i) for i, x in enumerate(xs)]
    at_once, growing = encode.bundle_sequence(vsa, xs), encode.BundleSequence(vsa)
    for x in xs:
        growing.append(x)
    assert same(at_once, vsa.bundle(torch.stack(moved)))
    assert same(growing.value.to(at_once.dtype), at_once)
    product = moved[0]
    for x in moved[1:5]:
        product = vsa.bind(product, x)
    assert same(encode.bind_sequence(vsa, xs[:5]), product)


@EACH
def test_tables_trees_and_graphs_are_those_of_a_loop(name):
    """There: additions halve what was there, and a tree's branches are always of MAP."""
    vsa = make(name, 256)
    xs, ys = vsa.random(5), vsa.random(5)
    table, graph = encode.HashTable(vsa), encode.Graph(vsa, directed=True)
    for x, y in zip(xs, ys, strict=True):
        table.add(x, y)
        graph.add(x, y)
    pairs = torch.stack([vsa.bind(y, x) for x, y in zip(xs, ys, strict=True)])
    edges = [vsa.bind(encode.move(vsa, y), x) for x, y in zip(xs, ys, strict=True)]
    for found, parts in ((table, pairs), (graph, torch.stack(edges))):
        want = vsa.bundle(parts)
        assert same(found.value.to(want.dtype), want)
    tree, paths = encode.Tree(vsa), [list(path) for path in itertools.product("lr", repeat=2)]
    for path, x in zip(paths, xs, strict=False):
        tree.add(path, x)
    parts = [encode.Tree(vsa).add(path, x).value for path, x in zip(paths, xs, strict=False)]
    want = vsa.bundle(torch.stack(parts))
    assert same(tree.value.to(want.dtype), want, tolerance=1e-5)
