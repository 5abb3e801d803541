"""The cards of notebook 07: they never wait, lose nothing, and say what hdlib and theory say."""

import numpy as np
import pytest
import torch

from hdlib import MAPI, theory
from hdlib import workbook as wb
from hdlib.segment import (
    HyperSeg,
    Segmentation,
    TopicSegmenter,
    boundaries_of,
    contexts,
    evaluate,
    expected_cosines,
    parse_dialogues,
    pk,
    summarise,
    window_diff,
    words,
)
from hdlib.segment.metrics import window
from hdlib.workbook.explorers import buying, circle, company, growth, ravines, talks, transcripts
from tests.workbook.cards import deck, trace

NAMES = ("valleys", "hyperseg", "company", "pk", "transcript", "scale")
CARDS = [getattr(wb, f"explore_{name}") for name in NAMES]


def title(card, figure=0):
    return card.figures[figure].figure.layout.title.text


DRAWINGS = (talks.CURVE, talks.FOUND, circle.TABLE, transcripts.SURE, transcripts.BANDS)
WINDOWS = ("true", "guessed", "joined wrongly", "parted wrongly", "right")
TestDeck = deck(CARDS, (*DRAWINGS, *WINDOWS, "no boundary"))


# Valleys


def test_the_curve_is_that_of_the_segmenter_and_of_bundles_made_by_hand():
    for name, w in (("service-en-22", 2), ("chat-en-01", 4)):
        utterances = talks.shipped()[name]["utterances"]
        found = talks.across(talks.bundles(name, 512), w)
        own = TopicSegmenter(MAPI(512), windows=(w,)).segment(utterances)
        assert found == pytest.approx(own.similarity, abs=1e-5)
        rows = torch.nn.functional.normalize(talks.bundles(name, 512))
        slow = [
            torch.cosine_similarity(rows[max(0, g - w) : g].sum(0), rows[g : g + w].sum(0), dim=0)
            for g in range(1, len(rows))
        ]
        assert found == pytest.approx(np.array(slow), abs=1e-4)


def test_rings_are_hilltops_of_depth_above_the_threshold():
    card = wb.explore_valleys()
    for limit in (-1, 0.5, 2):
        card.controls["limit"].value = limit
        heights = np.array(trace(card.figure, talks.CURVE).y)
        depth = np.array(trace(card.figures[1], talks.CURVE).y)
        bar = depth.mean() + limit * depth.std()
        inner = np.pad(depth, 1, constant_values=-np.inf)
        top = (depth >= inner[2:]) & (depth > inner[:-2])
        wanted = np.flatnonzero(top & (depth > bar)) + 1
        assert list(trace(card.figure, talks.FOUND).x) == wanted.tolist()
        assert len(heights) == len(depth) == 15
    card.controls["talk"].value = "service-de-12"
    assert len(card.figure.figure.layout.shapes) == 2  # a dashed line for each true end
    assert ravines.update("service-en-19", 3, 0.5, 1024)[2].endswith("standard deviations.")


# HyperSeg


@pytest.mark.claim("hyperseg-lengths")
def test_hypersegs_curve_survives_without_a_single_repetition_and_dies_with_equal_lengths():
    alike, equal = [], []
    for name in talks.shipped():
        spoken, fresh, level = (
            expected_cosines(circle.said(name, what)[1]) for what in circle.CONTENT
        )
        alike.append(circle.likeness(spoken, fresh))
        equal.append(level.std())
    assert np.mean(alike) == pytest.approx(0.937, abs=0.005)
    assert max(equal) < 1e-9


def test_the_card_of_the_circle_shows_hyperseg_and_its_closed_form():
    card = wb.explore_hyperseg("chat-en-01")
    utterances = talks.shipped()["chat-en-01"]["utterances"]
    for sign in circle.SIGNS:
        card.controls["sign"].value = sign
        own = HyperSeg(sign=sign).segment(utterances)
        assert (
            list(trace(card.figure, talks.FOUND).x) == (np.flatnonzero(own.boundaries) + 1).tolist()
        )
        heard = own.similarity[~np.isnan(own.similarity)]
        assert trace(card.figure, talks.CURVE).y == pytest.approx(heard, abs=1e-4)
    closed = np.array(trace(card.figure, circle.CLOSED).y)
    assert np.corrcoef(closed, trace(card.figure, talks.CURVE).y)[0, 1] > 0.99
    card.controls["basis"].value = "random"
    assert np.abs(trace(card.figure, talks.CURVE).y).max() < 0.2
    assert title(card) == "Independent words: flat, but for 0 of 17 pairs"
    card.controls["basis"].value, card.controls["content"].value = "circular", "equal"
    assert np.std(trace(card.figure, talks.CURVE).y) < 0.02
    assert "closed form is flat" in card.words


# Company


def test_company_is_counted_and_added_as_in_the_segmenter():
    known = company.lexicon()
    wanted = contexts.ppmi(contexts.cooccurrence(known.text, known.kept, 4))
    atoms = contexts.atoms(MAPI(256), [known.text.stems[i] for i in known.kept])
    slow = contexts.context_vectors(wanted, atoms, 2)
    assert company.vectors(4, True, 2, 256) == pytest.approx(slow.numpy(), abs=1e-6)
    for word in company.ASKED:
        near = company.nearest(word, 4, True, 2, 256)
        assert len(near) == company.NEAR
        scores = [score for _, score in near]
        assert scores == sorted(scores, reverse=True)
        assert word not in [name for name, _ in near]
        assert not {name[: words.STEM] for name, _ in near} & words.stop_stems()


def test_friends_are_alike_only_after_learning():
    near = [company.nearest("train", 4, True, passes, 1024)[0] for passes in (0, 2)]
    assert near[0][1] < 0.15
    assert near[1] == ("platform", pytest.approx(0.94, abs=0.02))
    card = wb.explore_company()
    assert "finds 2 of 2" in title(card, 1)
    card.controls["passes"].value = 0
    assert "like nobody" in title(card)


# Pk


@pytest.mark.claim("coins-pk")
def test_coins_score_what_theory_says():
    zs = []
    for length, topics, shape in ((6, 5, "equal"), (3, 8, "equal"), (10, 7, "uneven")):
        truth = buying.reference(length, topics, shape)
        for rate in (0.1, 0.3, 0.6):
            exact = theory.random_segmentation(truth, rate, window=window(truth))
            both = buying.drawn(length, topics, shape, rate)
            zs += [(m - e) / s for (m, s), e in zip(both, exact, strict=True) if s > 0]
    assert len(zs) == 18
    assert abs(np.mean(zs[::2])) < 3.5 / 3
    assert abs(np.mean(zs[1::2])) < 3.5 / 3
    assert np.std(zs) < 1.7


def test_the_best_coin_says_always_or_never():
    for length, shape in ((2, "equal"), (6, "equal"), (20, "uneven")):
        one, two = buying.expected(length, 6, shape)
        assert min(one) == pytest.approx(min(one[0], one[-1]))
        truth = buying.reference(length, 6, shape)
        for at, guess in ((0, np.zeros_like(truth)), (-1, np.ones_like(truth))):
            assert one[at] == pytest.approx(pk(truth, guess))
            assert two[at] == pytest.approx(window_diff(truth, guess))
    card = wb.explore_pk(length=2)
    assert "a boundary everywhere is best: Pk = 0.00" in title(card)


def test_every_window_of_the_strip_has_one_mark():
    card = wb.explore_pk()
    truth = buying.reference(6, 5, "equal")
    marks = [trace(card.figures[1], n).x for n in ("joined wrongly", "parted wrongly", "right")]
    assert sum(len(x) for x in marks) == len(truth) + 1 - window(truth)
    wrong = len(marks[0]) + len(marks[1])
    assert title(card, 1).startswith(f"{wrong} of ")
    assert pk(truth, buying.guessed(len(truth), 0.2, 0)) == wrong / sum(len(x) for x in marks)


# The playground


def test_at_one_half_the_playground_cuts_as_the_segmenter_does():
    for name in ("service-en-22", "chat-de-01", "meeting-en-03"):
        dialogue = talks.shipped()[name]
        text = transcripts.script(dialogue)
        assert parse_dialogues(text)[0]["segments"] == dialogue["segments"]
        found = transcripts.reading(text, 4, 512)
        given = {key: dialogue[key] for key in ("utterances", "roles")}
        own = TopicSegmenter(MAPI(512), windows=(4,)).fit([given])
        wanted = own.segment(given["utterances"], given["roles"])
        assert found.boundaries(0.5).tolist() == wanted.boundaries.tolist()
        chosen = summarise(own, given["utterances"], dialogue["segments"])
        assert transcripts.summaries(found, dialogue["segments"]) == [i for (i,) in chosen]


def test_pk_is_shown_where_ends_are_marked_and_only_there():
    card = wb.explore_transcript()
    assert "Pk = 0.00, WindowDiff = 0.00" in card.words
    truth, counts = talks.truth_of("service-en-22"), []
    found = transcripts.reading(card.controls["text"].value, 4, 1024)
    for threshold in (0.05, 0.5, 0.95):
        card.controls["threshold"].value = threshold
        gaps = found.boundaries(threshold)
        counts.append(int(gaps.sum()))
        assert title(card) == transcripts.title(truth, gaps)
        assert (
            f"Pk = {pk(truth, gaps):.2f}, WindowDiff = {window_diff(truth, gaps):.2f}" in card.words
        )
    assert counts[0] >= counts[1] > counts[2]
    plain = card.controls["text"].value.replace("====\n", "")
    card.controls["text"].value = plain
    assert "Mark true ends" in card.words
    assert "Pk =" not in title(card)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Ann: hello\nBob: hi\nwho was that", "line 3: expected 'Speaker: words'"),
        ('{"utterances": ["a"], "segments": [2]}', "sum to 2"),
        ('{"utterances": ["a"]}\n{"utterances": ["b"]}', "2 dialogues"),
        ("[1, 2", "no JSON"),
        ("WEBVTT\n\n00:00.000 -> 00:01.000\nHello --> you", "start --> end"),
        ('{"some": "thing"}', "utterances"),
    ],
)
def test_bad_text_is_named_and_loses_nothing(text, said):
    card = wb.explore_transcript()
    before = [view.figure.to_json() for view in card.figures]
    card.controls["text"].value = text
    assert card.error is not None
    assert said in card.words
    assert "parse_dialogues" not in card.words
    assert [view.figure.to_json() for view in card.figures] == before
    card.controls["text"].value = "Ann: tea?\nBob: tea!"
    assert card.error is None
    assert card.words.startswith(
        "2 utterances, 1 topic above a confidence of 0.50. From utterance 1 on: 2: tea"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n ",
        "one line only",
        "...\n!!!\n???",
        "Ann: <b>bold & free</b>\nBob: {x}",
        "Größe: 名前\nGröße: 名前です",
        "WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n\n00:01.000 --> 00:02.000\nYou",
        "1\n00:00:00,000 --> 00:00:01,000\nHello there\n",
        '{"utterances": ["tea", "tea", "rain"], "segments": [2, 1]}',
        "word " * 3000 + "\n" + "tea",
    ],
)
def test_odd_text_is_read(text):
    card = wb.explore_transcript(text)
    card.wait()
    assert card.error is None
    for name, value in (("window", 1), ("threshold", 0.05), ("dim", 64), ("place", 90)):
        card.controls[name].value = value
        card.wait()
        assert card.error is None, name


def test_a_very_long_transcript_is_read_behind_and_stays_small(wire):
    lines = growth.transcript(6000)
    card = wb.explore_transcript()
    wire.clear()
    card.controls["text"].value = "\n".join(f"{'AB'[i % 2]}: {x}" for i, x in enumerate(lines))
    assert card.words == "Reading 6,000 utterances …"
    card.wait()
    assert card.words.startswith("6,000 utterances, ")
    assert len(trace(card.figure, talks.CURVE).y) == transcripts.VIEW
    wire.clear()
    card.controls["threshold"].value = 0.3
    assert card.words.startswith("6,000 utterances, ")  # at once: nothing is read again
    card.controls["place"].value = 50
    assert trace(card.figure, talks.CURVE).x[0] == 3001
    assert "From utterance 3,001 on" in card.words
    assert " of " in title(card, 1)
    assert sum(wire.sizes) < 400_000


def test_a_long_reading_that_is_under_way_does_not_hide_an_error():
    card = wb.explore_transcript()
    card.controls["text"].value = "\n".join(f"A: {line}" for line in growth.transcript(5000))
    card.controls["text"].value = "A: well\nwho was that"
    card.wait()
    assert "line 2: expected" in card.words
    assert card.error is not None


def test_the_words_of_a_topic_are_its_own():
    dialogue = talks.shipped()["service-en-22"]
    found = transcripts.reading(transcripts.script(dialogue), 4, 1024)
    near = transcripts.topic_words(found, dialogue["utterances"], dialogue["segments"])
    assert [names[0] for names in near] == ["weather", "museum", "bicycles"]
    starts = np.cumsum([0, *dialogue["segments"]])
    for names, a, b in zip(near, starts, starts[1:], strict=False):
        spoken = words.tokens(" ".join(dialogue["utterances"][a:b]))
        assert set(names) <= set(spoken)


# Growth


@pytest.mark.claim("segment-dims-desk")
def test_quality_at_the_desk_is_flat_from_512_on():
    at = {dim: growth.quality("no", dim) for dim in (32, 512, 10_000)}
    assert at[32][0] - at[512][0] > 3 * (at[32][1] + at[512][1]) * 0.7
    assert abs(at[512][0] - at[10_000][0]) < 0.03
    own = evaluate(TopicSegmenter(MAPI(512)), talks.desk(), resamples=1).pk
    assert abs(own - at[512][0]) < 0.05
    assert len(growth.transcript(3000)) == 3000


def test_found_and_true_are_told_in_words():
    truth, found = boundaries_of([2, 3, 2]), Segmentation.of([0, 1, 0, 0, 0, 1]).boundaries
    assert talks.verdict(truth, found) == "finds 1 of 2 topic ends and 1 too many"
    assert talks.places(np.ones(20, bool)).endswith("and 13 more")
    assert talks.places(np.zeros(3, bool)) == "no gap"
