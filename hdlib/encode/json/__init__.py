"""JSON documents as vectors: the encoder, what it reads, and how records come in."""

from hdlib.encode.json.encoder import JSONEncoder
from hdlib.encode.json.errors import JSONInputError
from hdlib.encode.json.explaining import Part
from hdlib.encode.json.index import JSONIndex, Match
from hdlib.encode.json.lines import read_json_lines
from hdlib.encode.json.reading import Reading

__all__ = [
    "JSONEncoder",
    "JSONIndex",
    "JSONInputError",
    "Match",
    "Part",
    "Reading",
    "read_json_lines",
]
