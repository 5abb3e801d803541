"""The card of notebook 00: it says what the algebra does, theory beside it, and never waits."""

import re
from math import sqrt

import numpy as np
import pytest

from hdlib import BSC, ItemMemory, theory
from hdlib.workbook import explore_analogy
from hdlib.workbook.countries import FIELDS, countries
from hdlib.workbook.driving import drive
from hdlib.workbook.explorers.analogy import DIMS, MEAN, Question, lead, percent, scores


@pytest.fixture(scope="module")
def card():
    return explore_analogy()


@pytest.mark.alone
def test_every_control_answers_at_once_and_changes_something(card):
    assert drive(card)


@pytest.mark.parametrize("country", ["Mexico", "Ecuador", "Singapore"])
def test_scores_are_those_of_the_plain_algebra(country):
    question = Question.about(country, "currency", 4)
    vsa, place = BSC(1024, seed=0), DIMS.index(1024)
    roles = vsa.atoms(list(question.fields))
    usa, other = (
        vsa.bundle(vsa.bind(vsa.atoms([countries()[c][f] for f in question.fields]), roles))
        for c in ("United States", country)
    )
    answer = vsa.unbind(other, vsa.unbind(usa, vsa.atoms("US dollar")))
    memory = ItemMemory(vsa).add(question.candidates)
    expected = vsa.similarity(answer, memory.vectors())
    assert scores(question, 0.0, DIMS, seed=0)[place].tolist() == pytest.approx(expected.tolist())
    assert memory.cleanup(answer)[0] == question.b


def test_a_smaller_dimension_is_a_prefix_of_a_larger_one():
    question = Question.about("Kenya", "capital", 5)
    everything = scores(question, 0.2, DIMS, seed=3)
    for row, dim in zip(everything, DIMS, strict=True):
        if dim >= 512:
            assert scores(question, 0.2, (dim,), seed=3)[0].tolist() == pytest.approx(row.tolist())


@pytest.mark.claim("analogy-margin")
def test_the_lead_is_the_exact_one_for_all_settings():
    z = []
    for cell, (country, asked) in enumerate(
        zip(sorted(countries())[::9], FIELDS * 2, strict=False)
    ):
        for facts in (1, 3, 4, 7):
            question = Question.about(country, asked, facts)
            if all(a == b for a, b in question.pairs):
                continue
            noise, dim, trials = 0.05 * (cell % 4), 512, 20
            mean, sd = theory.margin(dim, question.similarity(noise), len(question.candidates))
            leads = [
                lead(scores(question, noise, (dim,), seed=100 * cell + trial)[0], question.right)
                for trial in range(trials)
            ]
            z.append((np.mean(leads) - mean) / (sd / sqrt(trials)))
    assert len(z) > 50
    assert abs(np.mean(z)) < 3 / sqrt(len(z))
    assert 0.75 < np.std(z) < 1.25


def test_the_value_asked_with_is_no_candidate_unless_it_is_the_answer():
    assert "US dollar" not in Question.about("Mexico", "currency", 4).candidates
    assert "US dollar" in Question.about("Ecuador", "currency", 4).candidates


def test_words_and_figures_say_the_same(card):
    card.controls["dim"].value, card.controls["facts"].value = 256, 5
    dim, facts = re.search(r"D = ([\d,]+) with (\d) facts", card.words).groups()
    assert (dim, facts) == ("256", "5")
    ring = card.figures[1].figure.data[-1]
    assert list(ring.x) == [256]
    said = float(re.search(r"by (\d\.\d+)\.", card.words).group(1))
    assert abs(ring.y[0]) == pytest.approx(said, abs=0.0006)


def test_the_measurement_follows_behind(card):
    card.controls["dim"].value, card.controls["noise"].value = 512, 10
    card.wait()
    assert "other draws" in card.words
    point = next(trace for trace in card.figures[1].figure.data if trace.name == MEAN)
    assert list(point.x) == [512]
    assert point.visible


def test_a_lost_answer_is_said_to_be_lost(card):
    card.controls["dim"].value, card.controls["noise"].value = 64, 45
    assert card.figures[0].figure.layout.title.text.endswith("is lost")
    assert "trails" in card.words


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.5, "50 %"), (0.9994, "99.94 %"), (1.0, "more than 99.99 %"), (0.0, "less than 0.01 %")],
)
def test_probabilities_keep_the_digits_that_matter(share, text):
    assert percent(share) == text
