"""The cards of notebook 03: they never wait, and say what theory and the plain algebra say."""

import itertools
import math
import re

import numpy as np
import pytest
import torch

from hdlib import MAPI, ItemMemory, encode, theory
from hdlib.workbook import (
    explore_basis,
    explore_graph,
    explore_languages,
    explore_machine,
    explore_order,
)
from hdlib.workbook.explorers import basis, graph, machine, order, trigrams
from hdlib.workbook.models import NAMES, measured, space
from tests.vsa.spaces import pooled
from tests.workbook.cards import deck, trace

CARDS = [explore_basis, explore_order, explore_graph, explore_machine, explore_languages]
DRAWINGS = ["this draw", "pairs", "found", "missed", "invented", "nodes", "right", "wanted", "lost"]
TestDeck = deck(CARDS, DRAWINGS)


# Basis


@pytest.mark.parametrize("encoding", basis.ENCODINGS)
def test_profiles_are_as_theory_says(encoding):
    zs = []
    for at in (0, 7, 24):
        rows = np.array([basis.drawn(encoding, 1024, 50 + seed)[at] for seed in range(30)])
        law, sd = basis.expected(encoding, at), rows.std(0, ddof=1) / math.sqrt(30)
        sure = sd < 1e-4
        assert rows.mean(0)[sure] == pytest.approx(law[sure], abs=0.003)
        far = [i for i in range(0, 25, 6) if not sure[i]]  # neighbours share their components
        zs += [(rows.mean(0)[i] - law[i]) / math.hypot(sd[i], 0.002) for i in far]
    assert np.abs(zs).max(initial=0) < 4.5


def test_words_and_figures_of_the_basis_card_agree():
    card = explore_basis("thermometer").wait()
    card.controls["at"].value = 0
    line, shown = trace(card.figures[0], "theory"), trace(card.figures[0], basis.ONCE)
    assert line.y[24] == -1
    said = re.search(r"(-?[\d.]+) to 24 \(drawn (-?[\d.]+)\)", card.words)
    assert [float(x) for x in said.groups()] == pytest.approx([line.y[24], shown.y[24]], abs=0.005)
    heat = trace(card.figures[1], "pairs")
    assert np.asarray(heat.z).shape == (25, 25)
    assert np.asarray(heat.z)[0].tolist() == pytest.approx(np.asarray(shown.y).tolist(), abs=0.001)


# Order


@pytest.mark.parametrize("model", order.MODELS)
def test_vectors_are_as_alike_as_the_counts(model):
    pairs = [("banana split", "bandana"), ("stop", "pots"), ("one two", "two one")]
    zs = []
    for first, second in pairs:
        rows = np.array([order.drawn(first, second, model, 2304, 70 + s) for s in range(30)])
        want, sd = order.by_counting(first, second), rows.std(0, ddof=1) / math.sqrt(30)
        zs += ((rows.mean(0) - want) / np.hypot(sd, 0.003)).tolist()
    assert np.abs(zs).max() < 4.5


def test_a_text_is_read_back_as_the_plain_algebra_reads_it():
    vsa, text = space("FHRR", 576, 5), "hyperdimensional"
    value = encode.bundle_sequence(vsa, list(text))
    memory = ItemMemory(vsa).add(list(order.ALPHABET))
    by_hand = [memory.cleanup(encode.move(vsa, value, -i))[0] for i in range(len(text))]
    assert order.read(text, "FHRR", 576, 5) == "".join(by_hand)


def test_reading_is_as_often_right_as_theory_says():
    for size in (24, 48):
        mean, error = order.share_read("MAPI", 256, size)
        want = theory.cleanup_accuracy("MAPI", size, 27, dim=256)
        assert abs(mean - want) < 4 * max(error, 0.01)


@pytest.mark.parametrize("text", ["", "?!", "a", "Ü", "x" * 60])
def test_any_text_gives_words(text):
    card = explore_order()
    card.controls["first"].value = text
    assert card.error is None
    assert card.words.startswith("By counting")
    card.wait()
    assert card.error is None


# Graph


def test_a_judgement_of_the_card_is_the_plain_algebra():
    vsa, joined = space("MAPI", 256, 3), graph.truth(25, 3)
    nodes = vsa.atoms(list(range(graph.NODES))).int()
    total = sum(nodes[u] * nodes[v] for (u, v), yes in zip(graph.PAIRS, joined, strict=True) if yes)
    bar = theory.member_similarity("MAPI", 25, dim=256) / 2
    by_hand = [
        float(vsa.similarity((nodes[u] * nodes[v]).long(), total.long())) > bar
        for u, v in graph.PAIRS
    ]
    assert graph.judged("MAPI", 25, 256, 3).tolist() == by_hand


@pytest.mark.parametrize("model", NAMES)
def test_graphs_are_judged_nearly_as_well_as_independent_edges(model):
    for edges, dim in ((15, 256), (25, 1024)):
        found = [
            np.mean(graph.judged(model, edges, dim, s) == graph.truth(edges, s)) for s in range(12)
        ]
        want = graph.expected(model, edges)[graph.FINE.index(dim)]
        assert np.mean(found) == pytest.approx(want, abs=0.05)


def test_words_and_figures_of_the_graph_card_agree():
    card = explore_graph("BSC")
    card.controls["edges"].value = 40
    missed, invented = map(int, re.search(r"(\d+) missed and (\d+) invented", card.words).groups())
    segments = {name: trace(card.figures[0], name).x for name in ("found", "missed", "invented")}
    counts = {name: sum(x is None for x in xs or ()) for name, xs in segments.items()}
    assert (counts["missed"], counts["invented"]) == (missed, invented)
    assert counts["found"] == 40 - missed
    assert f"{invented} invented" in card.figure.figure.layout.title.text
    card.wait()
    assert trace(card.figures[1], measured("graph")).visible


# Machine


@pytest.mark.parametrize("model", machine.MODELS)
def test_a_walk_of_the_recalled_table_is_a_run_of_the_machine(model):
    table = machine.rules(4, 2, 9)
    built = encode.Machine(space(model, 256, 9))
    for state, symbol in itertools.product(range(4), range(2)):
        built.add(state, f"input {symbol}", int(table[state, symbol]))
    symbols = [f"input {i}" for i in machine.throws(9, "inputs", 2, machine.STEPS)]
    assert machine.walk(machine.recalled(model, 4, 2, 256, 9), 9)[0] == built.run(0, symbols)


@pytest.mark.claim("machine-law")
def test_runs_are_right_as_often_as_their_transitions():
    zs = []
    for model, states, inputs, dim in (
        ("MAPI", 8, 3, 256),
        ("MAPI", 16, 2, 576),
        ("MAPB", 4, 2, 256),
        ("BSC", 8, 2, 576),
        ("FHRR", 16, 2, 256),
        ("MBAT", 6, 2, 256),
    ):
        want = machine.expected(model, states, inputs)[machine.FINE.index(dim)]
        won = 0
        for seed in range(1000, 1060):
            given = machine.recalled(model, states, inputs, dim, seed)
            won += (
                machine.walk(given, seed)[0]
                == machine.walk(machine.rules(states, inputs, seed), seed)[0]
            )
        print(f"{model} {states} x {inputs} at D = {dim}: {won} of 60, theory {60 * want:.0f}")
        zs.append((won - 60 * want) / math.sqrt(60 * want * (1 - want) + 60 * 0.05**2))
    pooled(zs)


def test_words_and_figures_of_the_machine_card_agree():
    card = explore_machine()
    card.controls["dim"].value = 4096
    assert "0 of them come back wrong" in card.words
    assert card.figure.figure.layout.title.text == "All 100 steps are right"
    assert len(trace(card.figures[0], machine.RIGHT).x) == 100
    card.controls["dim"].value = 64
    first = int(re.search(r"wrong turn at step (\d+)", card.figure.figure.layout.title.text)[1])
    assert trace(card.figures[0], machine.LOST).x[0] == first
    assert "D = 768" in card.words
    assert trace(card.figures[1], "rule").x[0] == 768


# Languages


@pytest.mark.claim("language-law")
def test_accuracy_grows_with_the_dimension_as_theory_says():
    for dim in (64, 256, 1024):
        found = np.mean([trigrams.recognised("sums", dim, seed) for seed in range(3)])
        want = trigrams.expected("sums")[trigrams.DIMS.index(dim)]
        print(f"D = {dim}: {found:.4f}, theory {want:.4f}")
        assert found == pytest.approx(want, abs=0.02)
    signs = trigrams.recognised("signs", 1024, 0)
    assert signs == pytest.approx(trigrams.expected("signs")[trigrams.DIMS.index(1024)], abs=0.03)
    assert max(trigrams.expected("sums")) < trigrams.counted().ceiling + 0.005


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("bitte geben sie einen gültigen wert in dieses feld ein", "German"),
        ("veuillez saisir une valeur correcte dans ce champ", "French"),
        ("kérem adjon meg egy érvényes értéket ebben a mezőben", "Hungarian"),
    ],
)
def test_a_typed_sentence_is_recognised(sentence, language):
    card = explore_languages(sentence).wait()
    assert card.figure.figure.layout.title.text.startswith(f"Nearest: {language}")
    assert f"the vectors say {language}" in card.words
    like = trigrams.exactly(sentence)
    assert max(like) == pytest.approx(trace(card.figures[0], "counts").x[0])


@pytest.mark.parametrize("sentence", ["", "?", "no", "名前の変更を保存"])
def test_any_sentence_gives_words(sentence):
    card = explore_languages()
    card.controls["sentence"].value = sentence
    assert card.error is None
    assert "exact trigrams" in card.words


def test_the_vectors_of_the_card_are_the_plain_algebra():
    vsa = MAPI(256)
    profiles = trigrams.profiles("sums", 256, 0)
    by_hand = [
        sum(encode.ngrams(vsa, list(text)).long() for text in learn)
        for learn, _ in list(trigrams.messages().values())[:2]
    ]
    assert torch.equal(profiles[:2].long(), torch.stack(by_hand))
