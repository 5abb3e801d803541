"""Many texts at once are what a loop makes of each, in every model."""

from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from hdlib import MAPB, MAPI, encode
from tests.vsa.spaces import ALL, law, make, same

TEXTS = ["banana", "the cat", "aaaaaaa", "ßçé"]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("n", [1, 3])
def test_texts_at_once_are_the_ngrams_of_each(name, n):
    vsa = make(name, 130)
    one_by_one = torch.stack([encode.ngrams(vsa, list(text), n) for text in TEXTS])
    assert same(encode.encode_texts(vsa, TEXTS, n).to(one_by_one.dtype), one_by_one, tolerance=1e-4)


@pytest.mark.parametrize("name", ALL)
def test_a_list_of_texts_is_one_vote_for_each_ngram(name):
    vsa = make(name, 130)
    grams = [text[i : i + 3] for text in TEXTS for i in range(len(text) - 2)]
    want = vsa.bundle(torch.stack([encode.ngrams(vsa, list(gram)) for gram in grams]))
    found = encode.encode_texts(vsa, ["the dog", TEXTS])[1]
    assert same(found.to(want.dtype), want, tolerance=1e-4)


def test_blocks_of_ngrams_add_up(monkeypatch):
    vsa = MAPI(64)
    whole = encode.encode_texts(vsa, TEXTS)
    monkeypatch.setattr("hdlib.encode.text.ROOM", 3 * 128)  # three n-grams at a time
    assert torch.equal(encode.encode_texts(vsa, TEXTS), whole)


@law
@given(st.lists(st.lists(st.text("ab ", min_size=2), min_size=1), min_size=1), st.integers(1, 2))
def test_counts_are_those_of_a_counter(texts, n):
    grams, counts = encode.count_ngrams(texts, n)
    assert grams == sorted(set(grams))
    for row, several in zip(counts.to_dense().tolist(), texts, strict=True):
        want = Counter(text[i : i + n] for text in several for i in range(len(text) - n + 1))
        assert {g: c for g, c in zip(grams, row, strict=True) if c} == want


@pytest.mark.parametrize(
    ("error", "message", "call"),
    [
        (
            ValueError,
            "'ab' has fewer than 3 characters",
            lambda: encode.count_ngrams(["abc", "ab"]),
        ),
        (ValueError, "no texts; give", lambda: encode.encode_texts(MAPB(9), [])),
        (ValueError, "n must be at least 1", lambda: encode.encode_texts(MAPB(9), ["abc"], 0)),
        (TypeError, "expected a text, got 7", lambda: encode.count_ngrams([["abc", 7]])),
        (ValueError, r"lengths \[2, 3\]", lambda: encode.ngram_vectors(MAPB(9), ["ab", "abc"])),
        (
            ValueError,
            r"2 n-grams need counts \(T, 2\), got \(1, 3\)",
            lambda: encode.bundle_ngrams(MAPB(9), ["ab", "bc"], torch.zeros(1, 3).to_sparse()),
        ),
        (ValueError, r"lengths \[\]", lambda: encode.ngram_vectors(MAPB(9), [])),
    ],
)
def test_what_cannot_be_is_refused(error, message, call):
    with pytest.raises(error, match=message):
        call()
