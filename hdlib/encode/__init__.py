"""Structure in one vector: numbers, records, sequences, trees, graphs, state machines, JSON."""

from hdlib.encode.basis import circular, fractional_power, level, projection, thermometer
from hdlib.encode.common import move
from hdlib.encode.graph import Graph
from hdlib.encode.json import (
    JSONEncoder,
    JSONIndex,
    JSONInputError,
    Match,
    Part,
    Reading,
    read_json_lines,
)
from hdlib.encode.machine import Machine
from hdlib.encode.records import HashTable, encode_record, read_field
from hdlib.encode.sequences import (
    BindSequence,
    BundleSequence,
    bind_sequence,
    bundle_sequence,
    ngrams,
)
from hdlib.encode.stack import Stack
from hdlib.encode.text import bundle_ngrams, count_ngrams, encode_texts, ngram_vectors
from hdlib.encode.tree import Tree

__all__ = [
    "BindSequence",
    "BundleSequence",
    "Graph",
    "HashTable",
    "JSONEncoder",
    "JSONIndex",
    "JSONInputError",
    "Machine",
    "Match",
    "Part",
    "Reading",
    "Stack",
    "Tree",
    "bind_sequence",
    "bundle_ngrams",
    "bundle_sequence",
    "circular",
    "count_ngrams",
    "encode_record",
    "encode_texts",
    "fractional_power",
    "level",
    "move",
    "ngram_vectors",
    "ngrams",
    "projection",
    "read_field",
    "read_json_lines",
    "thermometer",
]
