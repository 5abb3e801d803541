"""Where the topic of a dialogue changes: segmenters, baselines, metrics, readers, a corpus."""

from hdlib.segment.baselines import (
    AllBoundaries,
    EvenBoundaries,
    NoBoundary,
    RandomBoundaries,
    TextTiling,
    TfidfDepth,
)
from hdlib.segment.dialogues import Dialogue
from hdlib.segment.evaluation import Evaluation, evaluate
from hdlib.segment.hyperseg import HyperSeg, expected_cosines
from hdlib.segment.metrics import boundary_similarity, f1, pk, window_diff
from hdlib.segment.own import corpus
from hdlib.segment.readers import DialogueFormatError, parse_dialogues, read_dialogues
from hdlib.segment.segmentation import Segmentation, boundaries_of, sizes_of
from hdlib.segment.stream import Stream
from hdlib.segment.summary import summarise
from hdlib.segment.topics import TopicSegmenter

__all__ = [
    "AllBoundaries",
    "Dialogue",
    "DialogueFormatError",
    "Evaluation",
    "EvenBoundaries",
    "HyperSeg",
    "NoBoundary",
    "RandomBoundaries",
    "Segmentation",
    "Stream",
    "TextTiling",
    "TfidfDepth",
    "TopicSegmenter",
    "boundaries_of",
    "boundary_similarity",
    "corpus",
    "evaluate",
    "expected_cosines",
    "f1",
    "parse_dialogues",
    "pk",
    "read_dialogues",
    "sizes_of",
    "summarise",
    "window_diff",
]
