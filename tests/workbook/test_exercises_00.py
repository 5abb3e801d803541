"""The exercises of notebook 00: solutions are right, wrong answers get the advice that fits."""

import torch

from hdlib.workbook import check
from hdlib.workbook.exercises import nb00
from tests.workbook.lessons import lesson


def with_score(vsa, record, field, candidates):
    return nb00.ask(vsa, record, field, candidates), 0.5


TestLesson = lesson(
    "00",
    {"00.city": nb00.city(), "00.similarity": nb00.similarity(), "00.ask": nb00.ask},
    [
        ("00.city", "yen", "Japan's currency"),
        ("00.city", "Paris", "where the question starts"),
        ("00.city", "Lima", "not in the record of Japan"),
        ("00.city", ("Tokyo", 0.25), "the label alone"),
        ("00.similarity", 3 / 8, "two"),
        ("00.similarity", 3 / 8 * 0.8, "one record and noise"),
        ("00.similarity", 9 / 64, "without noise"),
        ("00.similarity", 9 / 64 * 0.9, "counts twice"),
        ("00.similarity", 0.2, "three facts"),
        ("00.similarity", 0.9, "too large"),
        ("00.similarity", 0.01, "too small"),
        ("00.ask", with_score, "label alone"),
        ("00.ask", lambda vsa, record, field, candidates: candidates[0], "came out as"),
    ],
    questions=3,
)


def test_a_similarity_may_come_as_a_tensor():
    assert check("00.similarity", torch.tensor(0.1125)).ok
