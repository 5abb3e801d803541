"""Exercises and quiz of notebook 03, Structure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from statistics import NormalDist
from typing import Any

import torch
from torch import Tensor

from hdlib import encode, theory
from hdlib.memory.items import ItemMemory
from hdlib.vsa import BSC, HRR, MAPB, MAPI, VSA
from hdlib.workbook.exercise import Exercise, register
from hdlib.workbook.exercises.asking import (
    as_numbers,
    between,
    close,
    fresh_seed,
    function,
    number,
    one_of,
)
from hdlib.workbook.quizzes import Choice, Question, register_quiz

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def word(size: int, letters: str = LETTERS) -> str:
    """A word that nobody has seen before."""
    return "".join(one_of(letters) for _ in range(size))


def label_of(found: Any, known: ItemMemory) -> str:
    """A label that a reader's function returned, or the complaint about what it returned."""
    assert found is not None, "It returns None; end with `return`."
    assert not isinstance(found, tuple), "It returns label and score; the label alone is asked for."
    assert not isinstance(found, Tensor), "It returns a vector; clean it up and return the label."
    assert found in known.labels, f"It returns {found!r}, which is no label of the memory."
    return str(found)


# 1


def lookup(vsa: VSA, record: Tensor, field: str, memory: ItemMemory) -> str:
    label: str = memory.cleanup(vsa.unbind(record, vsa.atoms(field)))[0]
    return label


def lookup_complaint(answer: Callable[..., Any]) -> str | None:
    for model in (MAPI, BSC, HRR):
        vsa = model(4096, seed=fresh_seed())
        fields, values = ["name", "town", "trade"], [word(5) for _ in range(3)]
        record = encode.encode_record(vsa, fields, values)
        memory = ItemMemory(vsa).add(list(dict.fromkeys([*(word(4) for _ in range(9)), *values])))
        for field, right in zip(fields, values, strict=True):
            found = label_of(function(answer)(vsa, record, field, memory), memory)
            if found == right:
                continue
            if found == memory.cleanup(record)[0]:
                return f"In {model.__name__} {field!r} gives {found!r}: was the field taken off?"
            return f"In {model.__name__} {field!r} gives {found!r}; the record holds {right!r}."
    return None


# 2


def trigrams(vsa: VSA, text: str) -> Tensor:
    grams = [
        vsa.bind(vsa.permute(vsa.atoms(a), 2), vsa.permute(vsa.atoms(b), 1), vsa.atoms(c))
        for a, b, c in zip(text, text[1:], text[2:], strict=False)
    ]
    return vsa.bundle(torch.stack(grams))


def trigrams_complaint(answer: Callable[..., Any]) -> str | None:
    for size in (3, 6, 9):
        vsa, text = MAPI(1024, seed=fresh_seed()), word(size)
        found = as_numbers(function(answer)(vsa, text), (vsa.width,))
        if isinstance(found, str):
            return found
        if torch.equal(found.double(), trigrams(vsa, text).double()):
            continue
        where, atoms = f"For {text!r}", vsa.atoms(list(text))
        shifts = {
            (0, 0, 0): "all letters stay: “abc” and “cba” would be one trigram.",
            (0, 1, 2): "you moved the last letter most; the first is to move by 2.",
            (-2, -1, 0): "you moved the other way; ρ² is a move by +2.",
            (3, 2, 1): "every letter moved once too often; the last one stays.",
        }
        for moves, why in shifts.items():
            views = [vsa.permute(atoms[k : len(text) - 2 + k], m) for k, m in enumerate(moves)]
            if torch.equal(found.double(), vsa.bundle(vsa.bind(*views)).double()):
                return f"{where} {why}"
        if size > 3 and torch.equal(found.double(), trigrams(vsa, text[:-1]).double()):
            return f"{where} the last trigram is missing; there are {size - 2}."
        if torch.equal(found.double(), encode.ngrams(vsa, list(text), 2).double()):
            return f"{where} those are pairs; take three letters at a time."
        like = float(vsa.similarity(found.to(torch.float32), trigrams(vsa, text)))
        return f"{where} it has similarity {like:.2f} to the right vector."
    return None


# 3


def alike(one: str, other: str) -> float:
    x, y = (Counter(text[i : i + 2] for i in range(len(text) - 1)) for text in (one, other))
    dot = sum(count * y[pair] for pair, count in x.items())
    return dot / math.sqrt(sum(c * c for c in x.values()) * sum(c * c for c in y.values()))


def alike_complaint(answer: Callable[..., Any]) -> str | None:
    for _ in range(3):
        core = word(5, "abc")
        one, other = "abab" + core, core + "ab" + word(3)  # some pairs come more than once
        given, right = number(function(answer)(one, other)), alike(one, other)
        if close(given, right):
            continue
        asked = f"For {one!r} and {other!r} you give {given:.4g}"
        x, y = ({text[i : i + 2] for i in range(len(text) - 1)} for text in (one, other))
        if close(given, len(x & y) / len(x | y)):
            return f"{asked}, the share of common pairs; a cosine divides by lengths."
        if close(given, len(x & y) / math.sqrt(len(x) * len(y))):
            return f"{asked}; a pair that comes twice weighs twice: count."
        a, b = Counter(one), Counter(other)
        dot = sum(count * b[letter] for letter, count in a.items())
        norms = math.sqrt(sum(c * c for c in a.values()) * sum(c * c for c in b.values()))
        if close(given, dot / norms):
            return f"{asked}, the cosine of single letters; take pairs."
        if close(given, right**2):
            return f"{asked}, the square; the lengths are roots."
        return f"{asked}; MAP-I at a large D gives about {right:.2f}."
    return None


# 4


def neighbours(vsa: VSA, graph: Tensor, edges: int, node: str, memory: ItemMemory) -> list[str]:
    scores = vsa.similarity(vsa.unbind(graph, vsa.atoms(node)), memory.vectors())
    near = (scores > 0.5 / math.sqrt(edges)).tolist()
    return [str(label) for label, yes in zip(memory.labels, near, strict=True) if yes]


def neighbours_complaint(answer: Callable[..., Any]) -> str | None:
    nodes = list("ABCDEFGHIJKLMNOP")
    for edges in (6, 30):
        vsa = MAPI(16_384, seed=fresh_seed())
        pairs = [(u, v) for i, u in enumerate(nodes) for v in nodes[:i]]
        chosen = [pairs.pop(between(0, len(pairs) - 1)) for _ in range(edges)]
        graph = encode.Graph(vsa).add(*(list(side) for side in zip(*chosen, strict=True)))
        memory = ItemMemory(vsa).add(nodes)
        for node in {chosen[0][0], chosen[-1][1], one_of(nodes)}:
            found = function(answer)(vsa, graph.value, edges, node, memory)
            assert found is not None, "It returns None; end with `return`."
            assert isinstance(found, list | tuple | set), "Return a list of labels."
            want = {v for u, v in chosen if u == node} | {u for u, v in chosen if v == node}
            if set(found) == want and len(found) == len(want):
                continue
            missing, extra = sorted(want - set(found)), sorted(set(found) - want)
            many = "1 neighbour" if len(want) == 1 else f"{len(want)} neighbours"
            where = f"With {edges} edges, {node} has {many}"
            if missing and not found:
                return f"{where}; you find none. An edge keeps only 1/√edges, not 1."
            if missing:
                return f"{where}; you miss {', '.join(missing)}."
            return f"{where}; you also name {', '.join(map(str, extra))}, a stranger to it."
    return None


# 5


def walk(
    vsa: VSA, machine: Tensor, states: ItemMemory, start: str, inputs: Sequence[str]
) -> list[str]:
    state, visited = start, []
    for symbol in inputs:
        noisy = vsa.unbind(vsa.unbind(machine, vsa.atoms(state)), vsa.permute(vsa.atoms(symbol), 2))
        state = states.cleanup(vsa.permute(noisy, -1))[0]
        visited.append(state)
    return visited


def walk_complaint(answer: Callable[..., Any]) -> str | None:
    for states, symbols, steps in ((2, 1, 3), (5, 2, 100)):
        vsa = MAPB(2048, seed=fresh_seed())
        names, inputs = [word(4) + str(i) for i in range(states)], list("xy")[:symbols]
        table = {(s, i): one_of(names) for s in names for i in inputs}
        before, by = (list(part) for part in zip(*table, strict=True))
        machine = encode.Machine(vsa).add(before, by, list(table.values()))
        given = [one_of(inputs) for _ in range(steps)]
        state, want = names[0], []
        for symbol in given:
            state = table[state, symbol]
            want.append(state)
        found = function(answer)(vsa, machine.value, machine.states, names[0], given)
        assert found is not None, "It returns None; end with `return`."
        assert isinstance(found, list | tuple), "Return the list of states, one for each input."
        found = list(found)
        if found == want:
            continue
        if found == [names[0], *want] or found == [names[0], *want[:-1]]:
            return "Your list begins with the start; give the state after each input."
        if len(found) != steps:
            return f"For {steps} inputs it returns {len(found)} states."
        first = next(i for i, pair in enumerate(zip(found, want, strict=True)) if len({*pair}) > 1)
        return (
            f"With {states} states step {first + 1} gives {found[first]!r} for {want[first]!r}. "
            "The next state is moved by one place, the input by two."
        )
    return None


# 6


def needed(edges: int, error: float) -> float:
    return edges * (2 * NormalDist().inv_cdf(1 - error)) ** 2


def needed_complaint(answer: Callable[..., Any]) -> str | None:
    for _ in range(3):
        edges, error = 10 * between(2, 40), between(1, 90) / 1000
        given, right = number(function(answer)(edges, error)), needed(edges, error)
        if abs(given - right) <= max(1.0, 1e-3 * right):
            continue
        asked = f"For {edges} edges and an error of {error:.1%} you give {given:,.5g}"
        if close(given, right / 4) or abs(given - right / 4) <= 1:
            return f"{asked}; the bar lies at half of 1/√edges, and a half squared is a quarter."
        if close(given, math.sqrt(right)):
            return f"{asked}, the root of it."
        if close(given, needed(1, error)):
            return f"{asked}, which is right for one edge."
        if given > 0 and close(given, edges * (2 * NormalDist().inv_cdf(1 - error / 2)) ** 2):
            return f"{asked}; only scores above the bar are errors, one side."
        _, invented = theory.edge_test("MAPI", edges, dim=max(4, round(abs(given))))
        return f"{asked}; there {invented:.2%} of all strangers pass for edges."
    return None


register(
    Exercise(
        "03.lookup",
        "write lookup(vsa, record, field, memory): the label of a field's value, in any model.",
        lookup_complaint,
        (
            "A field is bound to its value; taking the field off leaves a noisy value.",
            "`vsa.unbind(record, vsa.atoms(field))` is that noisy value.",
            "`memory.cleanup(noisy)` gives a label and a score; return the label.",
        ),
        lookup,
        praise="Unbind, then clean up: so every structure is read.",
    )
)
register(
    Exercise(
        "03.trigrams",
        "write trigrams(vsa, text): bundle ρ²(a) ⊗ ρ(b) ⊗ c of all letters a, b, c in a row.",
        trigrams_complaint,
        (
            "“the” is t moved by 2, times h moved by 1, times e.",
            "`zip(text, text[1:], text[2:])` gives three letters in a row.",
            "`vsa.bind(vsa.permute(vsa.atoms(a), 2), vsa.permute(vsa.atoms(b), 1), vsa.atoms(c))`.",
        ),
        trigrams,
        praise="The same as `encode.ngrams(vsa, list(text), 3)`.",
    )
)
register(
    Exercise(
        "03.alike",
        "write alike(one, other): the similarity of two words' bigram vectors, by counting alone.",
        alike_complaint,
        (
            "At a large D different pairs are orthogonal: only equal pairs count.",
            "Count the pairs of each word; the similarity is the cosine of both counts.",
            "`Counter(text[i : i + 2] for i in range(len(text) - 1))`; Σ x·y / √(Σ x² · Σ y²).",
        ),
        alike,
        praise="Hypervectors add noise of 1/√D to this, and never need the table of pairs.",
    )
)
register(
    Exercise(
        "03.neighbours",
        "write neighbours(vsa, graph, edges, node, memory): labels of all nodes joined to node.",
        neighbours_complaint,
        (
            "An edge is u ⊗ v, so taking u off leaves v, and noise of all other edges.",
            "A true neighbour keeps 1/√edges in MAP-I, a stranger 0; put the bar halfway.",
            "`vsa.similarity(vsa.unbind(graph, vsa.atoms(node)), memory.vectors())`, "
            "above `0.5 / edges**0.5`.",
        ),
        neighbours,
        praise="`Graph.decode` does the same, with the threshold of each model.",
    )
)
register(
    Exercise(
        "03.walk",
        "write walk(vsa, machine, states, start, inputs): the state after each input.",
        walk_complaint,
        (
            "A transition is ρ(next) ⊗ state ⊗ ρ²(input). Take off what you know.",
            "Move what is left back by one place, then clean it up in `states`.",
            "Inside the loop: `state = states.cleanup(vsa.permute(noisy, -1))[0]`.",
        ),
        walk,
        praise="Clean-up at every step: that is why 100 steps are no harder than one.",
    )
)
register(
    Exercise(
        "03.needed",
        "write needed(edges, error): the D at which a share `error` of strangers pass for edges.",
        needed_complaint,
        (
            "A stranger scores 0 ± 1/√D; the bar lies at ½ · 1/√edges.",
            "So z = ½ √(D / edges) standard deviations. Which z leaves `error` above it?",
            "`z = statistics.NormalDist().inv_cdf(1 - error)`; D = edges · (2 z)².",
        ),
        needed,
        praise="Linear in the edges: 22 dimensions an edge for 1 %, 38 for a tenth of that.",
    )
)

register_quiz(
    "03.quiz",
    [
        Question(
            "You store left ⊗ right in HRR and mark the left one with a cyclic permutation. "
            "Is the order safe?",
            [
                Choice("Yes, a permutation always marks order", "Not one that binding ignores."),
                Choice(
                    "No: turning one part turns the product",
                    "Convolution commutes with a turn, so ρ(x) ⊗ y = x ⊗ ρ(y). "
                    "`encode.move` uses a random order there.",
                    right=True,
                ),
                Choice("Only at a large D", "The equality is exact at every D."),
            ],
        ),
        Question(
            "“listen” and “silent” as bundles of their letters, each moved to its place. "
            "How alike are they?",
            [
                Choice("1: the letters are the same", "So they would be without the moves."),
                Choice(
                    "About 0.17",
                    "One letter of six stands in the same place: the i.",
                    right=True,
                ),
                Choice("0: they are different words", "That is what binding all letters gives."),
            ],
        ),
        Question(
            "A machine has run 10 steps without an error. How likely is it to survive 1,000?",
            [
                Choice(
                    "Nearly as likely as 100",
                    "Clean-up leaves no noise behind. Once every transition has been right, "
                    "it is right for ever.",
                    right=True,
                ),
                Choice("Noise adds up, so hardly", "Without clean-up; with it each step is new."),
                Choice("A hundredth as likely", "The steps reuse the same few transitions."),
            ],
        ),
        Question(
            "You double the edges of a graph, and want as few errors as before. What happens to D?",
            [
                Choice("It stays; one vector is one vector", "Then each edge keeps less."),
                Choice(
                    "It doubles",
                    "Only D / edges counts: the bar falls with 1/√edges, the noise with 1/√D.",
                    right=True,
                ),
                Choice("It grows fourfold", "That would halve the noise; the bar fell by √2."),
            ],
        ),
        Question(
            "Hours of a day: which encoding?",
            [
                Choice("Levels", "23 and 0 would be the least alike of all."),
                Choice("Random atoms", "Then 12 is as unlike 13 as 3."),
                Choice("Circular", "24 is 0 again, and neighbours are alike.", right=True),
            ],
        ),
        Question(
            "Trigrams in 10,000 numbers recognise 87.6 % of the sentences, exact counts 88.5 %. "
            "And a million numbers?",
            [
                Choice(
                    "88.5 %",
                    "Hypervectors approximate the counts. They cannot know more than these.",
                    right=True,
                ),
                Choice("Nearly 100 %", "The counts themselves confuse Czech and Slovak."),
                Choice("Less: they overfit", "Nothing is fitted; the noise only shrinks."),
            ],
        ),
        Question(
            "Which is the cheapest way to store 1,000 edges of a known graph?",
            [
                Choice("A hypervector, of course", "It needs about 22,000 numbers for 1 % errors."),
                Choice(
                    "A list of pairs",
                    "It is smaller and exact. The vector wins where graphs are compared, added, "
                    "or noisy.",
                    right=True,
                ),
            ],
        ),
    ],
)
