"""The segmenter as a whole: what it finds, what it keeps, streams, files, summaries."""

import numpy as np
import pytest
import torch

from hdlib import BSC, FHRR, HRR, MAPB, MAPI, FileFormatError
from hdlib.segment import (
    AllBoundaries,
    EvenBoundaries,
    HyperSeg,
    NoBoundary,
    RandomBoundaries,
    TextTiling,
    TfidfDepth,
    TopicSegmenter,
    boundaries_of,
    corpus,
    evaluate,
    f1,
    pk,
    summarise,
    topics,
    window_diff,
)
from tests.segment.talk import talk

TRAIN, TEST = talk(60), talk(40, seed=1)


@pytest.fixture(scope="module")
def fitted():
    return TopicSegmenter().fit(TRAIN)


def same(one, two):
    return (
        one.sizes == two.sizes
        and np.array_equal(one.confidence, two.confidence)
        and np.array_equal(one.similarity, two.similarity)
    )


def test_topics_of_unseen_dialogues_are_found(fitted):
    ours = evaluate(fitted, TEST)
    alone = evaluate(TopicSegmenter(), TEST)
    words = evaluate(TfidfDepth().fit(TRAIN), TEST)
    nothing = evaluate(NoBoundary(), TEST)
    print(f"Pk: ours {ours.pk:.3f}, not fitted {alone.pk:.3f}, words {words.pk:.3f}")
    assert ours.pk < 0.06
    assert ours.pk < alone.pk < nothing.pk
    assert ours.pk < words.pk
    assert ours.found == pytest.approx(ours.true, abs=0.4)


@pytest.mark.claim("segment-dims")
def test_quality_is_flat_from_512_dimensions_on():
    few = TRAIN[:12]  # so that it is hard
    scores = {d: evaluate(TopicSegmenter(MAPI(d)).fit(few), TEST).pk for d in (32, 512, 10_000)}
    print(scores)
    assert abs(scores[512] - scores[10_000]) < 0.02
    assert scores[32] > 1.5 * scores[512]


@pytest.mark.parametrize("vsa", [HRR(512), MAPB(1024), BSC(1024)], ids=str)
def test_every_model_segments(vsa):
    assert evaluate(TopicSegmenter(vsa).fit(TRAIN), TEST).pk < 0.08


def test_signs_and_packed_bits_decide_alike():
    one, two = (TopicSegmenter(model(512)).fit(TRAIN[:20]) for model in (MAPB, BSC))
    for a, b in zip(one.segment_all(TEST), two.segment_all(TEST), strict=True):
        assert a.sizes == b.sizes
        np.testing.assert_allclose(a.similarity, b.similarity, atol=1e-6)


def test_one_by_one_or_all_at_once_is_the_same(fitted):
    for dialogue, found in zip(TEST, fitted.segment_all(TEST), strict=True):
        alone = fitted.segment(dialogue["utterances"])
        assert alone.sizes == found.sizes
        np.testing.assert_allclose(alone.confidence, found.confidence, atol=1e-5)


@pytest.mark.parametrize("vsa", [MAPI(256), BSC(256)], ids=str)
def test_blocks_of_utterances_leave_no_seam(vsa, monkeypatch):
    at_once = TopicSegmenter(vsa).fit(TRAIN[:10]).segment_all(TEST[:5])
    monkeypatch.setattr(topics, "BLOCK", 7)
    by_parts = TopicSegmenter(vsa).fit(TRAIN[:10]).segment_all(TEST[:5])
    for one, two in zip(at_once, by_parts, strict=True):
        assert one.sizes == two.sizes
        np.testing.assert_allclose(one.similarity, two.similarity, atol=1e-6)


def test_labels_are_not_looked_at():
    bare = [{"utterances": d["utterances"]} for d in TRAIN[:10]]
    plain = [d["utterances"] for d in TRAIN[:10]]
    results = [
        TopicSegmenter().fit(x).segment(TEST[0]["utterances"]) for x in (TRAIN[:10], bare, plain)
    ]
    assert same(results[0], results[1])
    assert same(results[0], results[2])


def test_who_speaks_is_learned_without_labels():
    ours = TopicSegmenter().fit(talk(60, topics=20, roles=True))
    weights = dict(zip(ours._learned.cues.speakers, ours._learned.cues.weights[-2:], strict=True))
    assert weights["agent > user"] > weights["user > agent"]
    place = ours._learned.cues.words.index("now")
    opening = ours._learned.cues.weights[len(ours._learned.cues.words) + place]
    assert opening == max(ours._learned.cues.weights)


def test_cues_that_foretell_nothing_are_not_believed():
    draw = np.random.default_rng(0)
    noise = [
        [" ".join(f"w{n}" for n in draw.integers(0, 300, 6)) for _ in range(25)] for _ in range(80)
    ]
    learned = TopicSegmenter().fit(noise)._learned
    assert learned.trust < 1.2
    assert TopicSegmenter().fit(TRAIN)._learned.agreement > learned.agreement


def test_what_opens_a_dialogue_is_no_topic(fitted):
    greeted = [{"utterances": ["hello there", *d["utterances"]]} for d in TRAIN]
    for segmenter in (TopicSegmenter(), TopicSegmenter().fit(greeted)):
        for found in segmenter.segment_all(greeted):
            assert not found.boundaries[0]
            assert found.confidence[0] < 1e-3
    assert fitted.segment(["a", "b"], topics=2).sizes == [1, 1]


def test_where_the_curve_is_flat_there_is_hardly_a_topic():
    """Nothing is learned; every tenth word comes twice, by chance, or half of them by topic."""
    draw = np.random.default_rng(0)
    noise = [
        [" ".join(f"w{n}" for n in draw.integers(0, 600, 6)) for _ in range(25)] for _ in range(40)
    ]
    chance = np.mean([len(s) - 1 for s in TopicSegmenter().segment_all(noise)])
    real = evaluate(TopicSegmenter(), TEST).found
    print(f"cuts a dialogue: {chance:.2f} where words come by chance, {real:.2f} where by topic")
    assert chance < 0.4 * real


def test_a_given_number_of_topics_is_kept(fitted):
    utterances = TEST[0]["utterances"]
    for count in (1, 2, 4, len(utterances)):
        assert len(fitted.segment(utterances, topics=count).sizes) == count
    assert fitted.segment(utterances, topics=4).sizes == TEST[0]["segments"]
    with pytest.raises(ValueError, match="3 topics in 2 utterances"):
        fitted.segment(["a", "b"], topics=3)


def test_confidence_is_a_probability_and_decides(fitted):
    right, wrong = [], []
    for dialogue, found in zip(TEST, fitted.segment_all(TEST), strict=True):
        assert ((found.confidence >= 0) & (found.confidence <= 1)).all()
        assert (found.confidence[found.boundaries] > 0.5).all()
        gold = boundaries_of(dialogue["segments"])
        right += found.confidence[gold].tolist()
        wrong += found.confidence[~gold].tolist()
    assert np.mean(right) > 0.9
    assert np.mean(wrong) < 0.1


def test_short_and_empty_dialogues(fitted):
    for segmenter in (fitted, TopicSegmenter(), TextTiling(), NoBoundary(), RandomBoundaries()):
        assert segmenter.segment([]).sizes == []
        assert segmenter.segment(["hello"]).sizes == [1]
        assert segmenter.segment(["", "?!"]).sizes in ([2], [1, 1])
    assert [s.sizes for s in fitted.segment_all([[], ["a"], []])] == [[], [1], []]
    assert TopicSegmenter().fit([]).segment(["a", "b"]).sizes == [2]
    assert TopicSegmenter().fit([["a"], []]).segment(["a", "b"]).sizes == [2]


def test_a_failed_fit_changes_nothing(fitted):
    before = fitted.segment(TEST[0]["utterances"])
    with pytest.raises(ValueError, match=r"dialogue 1: .* sum to 3"):
        fitted.fit([["a"], {"utterances": ["a"], "segments": [3]}])
    with pytest.raises(TypeError, match="list of dialogues"):
        fitted.fit("text")
    assert same(fitted.segment(TEST[0]["utterances"]), before)


def test_what_makes_no_sense_is_refused(fitted):
    with pytest.raises(TypeError, match="FHRR has no real sums"):
        TopicSegmenter(FHRR(64))
    with pytest.raises(ValueError, match="windows is empty"):
        TopicSegmenter(windows=())
    with pytest.raises(ValueError, match="a window must be at least 1"):
        TopicSegmenter(windows=(0,))
    with pytest.raises(TypeError, match="list of utterances"):
        fitted.segment(TEST[0])
    with pytest.raises(ValueError, match="1 roles for 2"):
        fitted.segment(["a", "b"], ["user"])
    with pytest.raises(ValueError, match="list of texts"):
        fitted.segment(["a", 3])


def meeting(language, seed):
    """Hundreds of turns on few subjects: our dialogues joined by kind, turns of each shuffled."""
    draw, utterances, roles, sizes = np.random.default_rng(seed), [], [], []
    own = corpus(language=language)
    for kind in draw.permutation(["service", "meeting", "chat"]):
        turns = [
            turn
            for d in own
            if d["kind"] == kind
            for turn in zip(d["utterances"], d["roles"], strict=True)
        ]
        for i in draw.permutation(len(turns)):
            utterances.append(turns[i][0])
            roles.append(turns[i][1])
        sizes.append(len(turns))
    return {"utterances": utterances, "roles": roles, "segments": sizes}


@pytest.mark.claim("segment-meetings")
def test_long_meetings_of_few_topics_are_not_cut_to_pieces():
    """In the shape of QMSum: thousands of words, hundreds of turns, few boundaries."""
    given = [meeting(language, seed) for language in ("en", "de") for seed in range(6)]
    nothing = evaluate(NoBoundary(), given)
    ways = {
        "not fitted": TopicSegmenter(),
        "fitted to them": TopicSegmenter().fit(given),
        "fitted to our corpus": TopicSegmenter().fit(corpus("dev")),
    }
    for name, segmenter in ways.items():
        found = evaluate(segmenter, given)
        print(f"{name}: Pk {found.pk:.3f}, none {nothing.pk:.3f}, {found.found} of {found.true}")
        assert found.pk < nothing.pk + 0.03
        assert found.window_diff < nothing.window_diff + 0.03
        assert found.found < 2 * found.true  # of 636 gaps


# Files


@pytest.mark.parametrize("vsa", [MAPI(128, seed=3), BSC(200)], ids=str)
def test_what_is_saved_comes_back(tmp_path, vsa):
    fitted = TopicSegmenter(vsa, windows=(1, 2), reach=2, passes=1).fit(TRAIN[:15])
    fitted.save(tmp_path / "a")
    back = TopicSegmenter.load(tmp_path / "a")
    assert repr(back) == repr(fitted)
    for one, two in zip(fitted.segment_all(TEST), back.segment_all(TEST), strict=True):
        assert same(one, two)
    TopicSegmenter(vsa).save(tmp_path / "a")
    assert "not fitted" in repr(TopicSegmenter.load(tmp_path / "a"))


def test_a_damaged_file_is_refused(tmp_path, fitted):
    path = tmp_path / "a"
    fitted.save(path)
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    with pytest.raises(FileFormatError, match="damaged"):
        TopicSegmenter.load(path)


# Streams


def test_a_stream_decides_each_gap_once_and_after_the_delay(fitted):
    utterances, delay = TEST[0]["utterances"], 5
    stream, decided = fitted.stream(delay), []
    for i, utterance in enumerate(utterances):
        decided += stream.push(utterance)
        assert len(decided) == max(0, i + 1 - delay)
    decided += stream.close()
    assert len(decided) == len(utterances) - 1
    gold = boundaries_of(TEST[0]["segments"])
    assert f1(gold, decided) > 0.6
    with pytest.raises(ValueError, match="closed"):
        stream.push("more")


def test_a_stream_that_waits_decides_as_segment_does(fitted):
    for dialogue in TEST[:5]:
        stream = fitted.stream(delay=len(dialogue["utterances"]))
        for utterance in dialogue["utterances"]:
            assert stream.push(utterance) == []
        assert stream.close() == fitted.segment(dialogue["utterances"]).boundaries.tolist()


def test_a_long_stream_forgets_and_stays_good(fitted):
    whole = talk(12, seed=7)
    utterances = [u for d in whole for u in d["utterances"]]
    ends = np.cumsum([n for d in whole for n in d["segments"]])
    stream = fitted.stream()
    decided = [x for u in utterances for x in stream.push(u)] + stream.close()
    assert len(stream._heard) < 90
    gold = np.isin(np.arange(1, len(utterances)), ends)
    assert pk(gold, decided) < 0.15


def test_streams_take_roles_with_all_or_none(fitted):
    stream = fitted.stream()
    stream.push("hello", "user")
    with pytest.raises(ValueError, match="a role with every utterance"):
        stream.push("hi")
    with pytest.raises(ValueError, match="delay must be at least 1"):
        fitted.stream(0)


# Summaries and words


def test_the_summary_names_the_utterances_nearest_to_their_topics(fitted):
    utterances = TEST[0]["utterances"]
    vectors = fitted.encode(utterances)
    found = summarise(fitted, utterances, TEST[0]["segments"], per_topic=2)
    start = 0
    for size, chosen in zip(TEST[0]["segments"], found, strict=True):
        rows = torch.nn.functional.normalize(vectors[start : start + size], dim=-1)
        score = (rows @ vectors[start : start + size].sum(0)).numpy()
        assert set(chosen) == {start + int(i) for i in np.argsort(-score)[:2]}
        start += size
    assert len(summarise(fitted, utterances)) == len(fitted.segment(utterances).sizes)
    with pytest.raises(ValueError, match="sizes"):
        summarise(fitted, utterances, [1, 1])


def test_the_nearest_words_of_a_topic_are_its_own(fitted):
    topic = TRAIN[0]["utterances"][0].split()[1][0]
    own = [f"{topic}{n}" for n in range(8)]
    near = fitted.nearest_words(fitted.encode([" ".join(own)])[0], k=10)
    assert {word[0] for word in near} == {topic}
    with pytest.raises(ValueError, match="k = 1 of 0 words"):
        TopicSegmenter().nearest_words(fitted.encode(["a"])[0], k=1)


# Evaluation and baselines


def test_evaluation_is_the_mean_over_dialogues(fitted):
    found = evaluate(fitted, TEST, resamples=400)
    guesses = fitted.segment_all(TEST)
    golds = [boundaries_of(d["segments"]) for d in TEST]
    pairs = list(zip(golds, guesses, strict=True))
    assert found.pk == pytest.approx(np.mean([pk(a, b) for a, b in pairs]))
    wanted = np.mean([window_diff(a, b) for a, b in pairs])
    assert found.window_diff == pytest.approx(wanted)
    joined = np.concatenate(golds), np.concatenate([g.boundaries for g in guesses])
    assert found.f1 == pytest.approx(f1(*joined))
    assert [row.id for row in found.rows] == [d["id"] for d in TEST]
    assert f"n = {len(TEST)}" in str(found)
    assert evaluate(fitted, TEST, resamples=400) == found


def test_intervals_are_those_of_the_bootstrap():
    from scipy import stats

    found = evaluate(RandomBoundaries(0.3), TEST, resamples=4000)
    values = np.array([row.pk for row in found.rows])
    rng = np.random.default_rng(0)
    wanted = stats.bootstrap((values,), np.mean, method="percentile", n_resamples=4000, rng=rng)
    assert found.intervals["pk"] == pytest.approx(tuple(wanted.confidence_interval), abs=0.006)


def test_baselines_do_what_they_are_called():
    assert evaluate(AllBoundaries(), TEST).f1 < 0.5
    assert evaluate(NoBoundary(), TEST).found == 0
    even = EvenBoundaries().fit(TRAIN)
    assert even.size == round(np.mean([n for d in TRAIN for n in d["segments"]]))
    random = RandomBoundaries().fit(TRAIN)
    chance = evaluate(random, TEST)
    assert chance.found == pytest.approx(chance.true, rel=0.3)
    assert (
        random.segment(TEST[0]["utterances"]).sizes == random.segment(TEST[0]["utterances"]).sizes
    )
    with pytest.raises(ValueError, match="rate must lie in"):
        RandomBoundaries(1.5)
    with pytest.raises(ValueError, match="no segments"):
        EvenBoundaries().fit([["a", "b"]])


def test_what_cannot_be_evaluated_is_refused(fitted):
    with pytest.raises(ValueError, match="no dialogue"):
        evaluate(fitted, [])
    with pytest.raises(ValueError, match="no segments"):
        evaluate(fitted, [["a", "b"]])
    with pytest.raises(ValueError, match="one utterance"):
        evaluate(fitted, [{"utterances": ["a"], "segments": [1]}])


def test_all_segmenters_run_on_our_own_corpus():
    dev, test = corpus("dev"), corpus("test")
    for segmenter in (TopicSegmenter(), TextTiling(), TfidfDepth(), HyperSeg(1000)):
        found = evaluate(segmenter.fit(dev), test, resamples=50)
        print(type(segmenter).__name__, found)
        assert 0.2 < found.pk < 0.6
