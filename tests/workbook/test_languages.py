"""Sentences in twenty languages: real, split without leaks, and told apart by trigrams."""

from importlib import metadata

import pytest
import torch

from hdlib import MAPB, MAPI, encode
from hdlib.workbook.languages import LANGUAGES, messages, plain


def everything():
    """Profiles to learn, sentences to test, and the language of each."""
    learn = [learn for learn, _ in messages().values()]
    pairs = [(text, i) for i, (_, test) in enumerate(messages().values()) for text in test]
    return learn, [text for text, _ in pairs], torch.tensor([i for _, i in pairs])


def share(scores, right):
    return scores.argmax(-1).eq(right).double().mean().item()


def test_the_licence_lies_beside_the_catalogues():
    files = [str(path) for path in metadata.files("django") if "licenses" in str(path)]
    text = metadata.distribution("django").read_text("licenses/LICENSE")
    assert {path.rsplit("/", 1)[1] for path in files} >= {"LICENSE", "AUTHORS"}
    assert "Redistribution and use in source and binary forms" in text


def test_every_language_has_sentences_and_none_is_on_both_sides():
    assert list(messages()) == list(LANGUAGES)
    for learn, test in messages().values():
        assert min(len(learn), len(test)) > 50
        assert not set(learn) & set(test)
        assert all(text == plain(text) and len(text) >= 20 for text in learn + test)


def test_without_django_the_repair_is_named(monkeypatch):
    monkeypatch.setattr("hdlib.workbook.languages.find_spec", lambda name: None)
    with pytest.raises(ImportError, match="catalogues are missing; pip install django"):
        messages.__wrapped__()


@pytest.mark.claim("language-trigrams")
def test_languages_are_told_apart_as_well_as_measured_before():
    learn, test, right = everything()
    grams, counts = encode.count_ngrams([*learn, *test])
    exact = torch.nn.functional.normalize(counts.to_dense())
    ceiling = share(exact[len(learn) :] @ exact[: len(learn)].T, right)
    print(f"{len(test)} sentences, exact trigrams {ceiling:.4f}, before .886")
    assert ceiling == pytest.approx(0.886, abs=0.015)
    for dim, sums, signs in ((1000, 0.84, 0.79), (4000, 0.875, 0.86), (10_000, 0.882, 0.87)):
        found = []
        for seed in range(1 if dim > 4000 else 2):
            vsa = MAPI(dim, seed=seed)
            both = encode.bundle_ngrams(vsa, grams, counts)
            profiles, queries = both[: len(learn)], both[len(learn) :]
            settled = MAPB(dim, seed=seed).normalize(profiles)
            seen = (vsa.similarity(queries, kept) for kept in (profiles, settled))
            found.append([share(scores, right) for scores in seen])
        sum_share, sign_share = torch.tensor(found).mean(0).tolist()
        print(f"D = {dim}: sums {sum_share:.4f} (before {sums}), signs {sign_share:.4f} ({signs})")
        assert sum_share == pytest.approx(sums, abs=0.02)
        assert sign_share == pytest.approx(signs, abs=0.025)
