"""The public sets, where the reader has them: set HDLIB_DIALOGUES to their folder."""

import os
from pathlib import Path

import pytest

from hdlib.segment import TopicSegmenter, evaluate, read_dialogues

FOLDER = Path(os.environ.get("HDLIB_DIALOGUES", "not given"))
RECORDED = {  # Pk and WindowDiff, learned from the same text and with nothing learned
    "dialseg711_dev": ((0.125, 0.143), (0.314, 0.327)),
    "superdialseg_dev": ((0.367, 0.379), (0.461, 0.463)),
    "tiage_dev": ((0.439, 0.439), (0.465, 0.469)),
}


@pytest.mark.claim("segment-public")
@pytest.mark.skipif(not FOLDER.is_dir(), reason="the public sets are not shipped")
@pytest.mark.parametrize("name", RECORDED)
def test_public_sets_score_as_recorded(name):
    dialogues = read_dialogues(FOLDER / f"{name}.jsonl")
    segmenter = TopicSegmenter()
    bare = evaluate(segmenter, dialogues, resamples=1)
    learned = evaluate(segmenter.fit(dialogues), dialogues, resamples=1)
    for found, recorded in zip((learned, bare), RECORDED[name], strict=True):
        assert (found.pk, found.window_diff) == pytest.approx(recorded, abs=0.006)
