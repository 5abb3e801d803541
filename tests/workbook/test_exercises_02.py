"""The exercises of notebook 02: solutions are right, wrong answers get the advice that fits."""

import math

import pytest
import torch

from hdlib.workbook import check, hint, solution
from hdlib.workbook.exercises import nb02
from hdlib.workbook.quizzes import quiz

NAMES = ["majority", "sequence", "kept", "nested", "stream", "undo"]
JUNK = [0, math.nan, "", "?", [], object(), torch.zeros(3), lambda: 1, lambda *given: None, True]


@pytest.mark.parametrize("name", NAMES)
def test_the_solutions_are_accepted_again_and_again(name):
    for _ in range(5):  # the instances are drawn afresh
        assert check(f"02.{name}", getattr(nb02, name)).ok


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: type(junk).__name__)
def test_junk_is_answered_and_never_accepted(name, junk):
    verdict = check(f"02.{name}", junk)
    assert not verdict.ok
    assert len(verdict.message) > 10


@pytest.mark.parametrize("name", NAMES)
def test_a_blank_is_not_tried_yet(name):
    assert "Not tried yet" in repr(check(f"02.{name}", None))


def said(name, answer):
    verdict = check(f"02.{name}", answer)
    assert not verdict.ok
    return verdict.message


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (lambda rows: rows.int().sum(0), "the bundle of MAP-I"),
        (lambda rows: rows.double().mean(0), "the mean"),
        (lambda rows: -rows.int().sum(0).sign(), "turned round"),
        (lambda rows: (rows.int().sum(0) > 0).int(), "zeros and ones"),
        (lambda rows: rows.int().sum(1).sign(), "first axis"),
        (lambda rows: rows[0], "of the places"),
        (lambda rows: rows.sum(0, dtype=torch.int8).sign(), "n = 255"),
    ],
)
def test_near_misses_of_the_majority(answer, advice):
    assert advice in said("majority", answer)


def moved(shift):
    return lambda vsa, labels: vsa.bundle(
        torch.stack(
            [vsa.permute(vsa.atoms(x), shift(i, len(labels))) for i, x in enumerate(labels)]
        )
    )


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (moved(lambda i, n: 0), "without order"),
        (moved(lambda i, n: i + 1), "began with 1"),
        (moved(lambda i, n: -i), "other way"),
        (moved(lambda i, n: n - 1 - i), "the last one stay"),
        (moved(lambda i, n: 2 * i), "by i places"),
        (lambda vsa, labels: vsa.atoms(labels), "returns shape"),
    ],
)
def test_near_misses_of_the_sequence(answer, advice):
    assert advice in said("sequence", answer)


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (lambda n: 1 / n, "share of the votes"),
        (lambda n: n**-0.5, "MAP-I"),
        (lambda n: nb02.kept(n) if n < 4 else (2 / (math.pi * n)) ** 0.5, "its limit"),
        (lambda n: 0.5 + nb02.kept(n) / 2 if n > 1 else 1, "how often they agree"),
        (lambda n: nb02.kept(n) if n % 2 else 0.4, "equals n + 1"),
        (lambda n: 0.123, "by simulation"),
    ],
)
def test_near_misses_of_what_a_vote_keeps(answer, advice):
    assert advice in said("kept", answer)


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (lambda groups, size: nb02.kept(groups * size), "flat bundle"),
        (lambda groups, size: nb02.kept(groups) + nb02.kept(size), "a sum"),
        (lambda groups, size: nb02.kept(size), "bundled again"),
        (lambda groups, size: nb02.kept(groups), "is not the group"),
        (lambda groups, size: 0.1171875 if (groups, size) == (5, 7) else 0, "you give 0;"),
        (lambda groups, size: 0.5, "what does the group keep"),
    ],
)
def test_near_misses_of_nesting(answer, advice):
    message = said("nested", answer)
    assert advice in message or "what does the group keep" in message


def one_by_one(vsa, vectors):
    out = next(vectors)
    for vector in vectors:
        out = vsa.bundle(torch.stack([out, vector]))
    return out


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (one_by_one, "one by one forgets"),
        (lambda vsa, vectors: vsa.tally(torch.stack(list(vectors))), "That is the tally"),
        (lambda vsa, vectors: vsa.bundle(torch.stack(list(vectors)[:-1])), "1 is right"),
    ],
)
def test_near_misses_of_the_stream(answer, advice):
    assert advice in said("stream", answer)


def in_order(vsa, z, keys):
    for key in keys:
        z = vsa.unbind(z, key)
    return z


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (in_order, "went on last"),
        (lambda vsa, z, keys: vsa.unbind(z, keys[0]), "every key"),
        (lambda vsa, z, keys: z, "every key"),
    ],
)
def test_near_misses_of_undoing(answer, advice):
    assert advice in said("undo", answer)


@pytest.mark.parametrize("name", NAMES)
def test_hints_and_solutions_exist(name):
    for number in (1, 2, 3):
        assert f"Hint {number} of 3" in repr(hint(f"02.{name}"))
    assert "def " in repr(solution(f"02.{name}"))


def test_the_quiz_can_be_won():
    card = quiz("02.quiz")
    card.answers = [
        next(i for i, choice in enumerate(question.choices) if choice.right)
        for question in card.questions
    ]
    assert card.score == len(card.questions) == 6
