"""The exercises of notebook 01: solutions are right, wrong answers get the advice that fits."""

import math

import torch

from hdlib.workbook import check
from hdlib.workbook.exercises import nb01
from tests.workbook.lessons import lesson

TestLesson = lesson(
    "01",
    {
        "01.agree": nb01.agree,
        "01.needed": nb01.needed,
        "01.at_least": nb01.at_least,
        "01.fit": nb01.fit,
        "01.twice": nb01.twice,
        "01.recognise": nb01.recognise,
    },
    [
        ("01.agree", lambda s, d: s * d, "minus places that differ"),
        ("01.agree", lambda s, d: d * (1 - s) / 2, "places that differ"),
        ("01.agree", lambda s, d: (1 + s) / 2, "multiply by D"),
        ("01.agree", lambda s, d: 7, "expected"),
        ("01.needed", lambda sd: 1 / sd**2, "round up"),
        ("01.needed", lambda sd: math.floor(1 / sd**2), "round up"),
        ("01.needed", lambda sd: math.ceil(1 / sd), "square it"),
        ("01.needed", lambda sd: 40_000, "expected"),
        ("01.at_least", lambda d, k: math.comb(d, k) / 2**d, "exactly k"),
        ("01.at_least", lambda d, k: nb01.at_least(d, k + 1), "leaves out k itself"),
        ("01.at_least", lambda d, k: 1 - nb01.at_least(d, k), "other side"),
        ("01.at_least", lambda d, k: 2 * nb01.at_least(d, k), "both sides"),
        ("01.at_least", lambda d, k: 0.9999, "expected"),
        ("01.fit", lambda d, e: 0.01 * math.exp(d * e**2 / 2), "take the root"),
        ("01.fit", lambda d, e: math.exp(d * e**2 / 4), "forgets the 0.01"),
        ("01.fit", lambda d, e: -1, "expected"),
        ("01.twice", lambda p, q: 1 - 2 * (p + q), "right again"),
        ("01.twice", lambda p, q: 1 - p - q, "disagrees"),
        ("01.twice", lambda p, q: (1 - p) * (1 - q), "tossed anew"),
        ("01.twice", lambda p, q: p + q - 2 * p * q, "share of wrong bits"),
        ("01.twice", lambda p, q: 2, "expected"),
        ("01.recognise", lambda x, b: (b.float() @ x.float()).max(0), "alone"),
        ("01.recognise", lambda x, b: b.float() @ x.float(), "place of the greatest"),
        ("01.recognise", lambda x, b: (b.float() @ x.float()).argmin(), "least similar"),
        ("01.recognise", lambda x, b: (b.float() @ x.float()).max(), "its place"),
        ("01.recognise", lambda x, b: 0, "damaged copy of row"),
    ],
    questions=7,
)


def test_sums_of_int8_overflow_and_the_check_says_so():
    seen = {check("01.recognise", lambda x, b: int((b @ x).argmax())).message for _ in range(20)}
    assert any("overflowed" in message for message in seen)


def test_places_may_be_rounded_and_tensors_returned():
    assert check("01.agree", lambda s, d: round(d * (1 + s) / 2)).ok
    assert check("01.twice", lambda p, q: torch.tensor(nb01.twice(p, q), dtype=torch.float64)).ok
    assert check("01.fit", lambda d, e: math.floor(nb01.fit(d, e))).ok
    assert check("01.recognise", lambda x, b: (b.float() @ x.float()).argmax()).ok


def test_a_remembered_number_fails():
    for name in ("01.agree", "01.at_least", "01.twice"):
        seen = {check(name, lambda *given: 0.125).message for _ in range(4)}
        assert len(seen) > 1, "the check draws no fresh numbers"
