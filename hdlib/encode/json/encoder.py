"""JSON documents as vectors: fitted to records, encoded, read back, explained and edited."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self, get_args

import torch
from torch import Tensor

from hdlib import files
from hdlib.encode.json import explaining, lines, parse, schema, shapes
from hdlib.encode.json.errors import JSONInputError
from hdlib.encode.json.evaluate import Arrays, Evaluator, Weighting, Weights, normal
from hdlib.encode.json.explaining import Part
from hdlib.encode.json.numbers import Codes
from hdlib.encode.json.paths import to_path
from hdlib.encode.json.reading import Reader, Reading
from hdlib.encode.json.rules import Odd, Rules, Twice
from hdlib.encode.json.texts import Words
from hdlib.files import Path as FilePath
from hdlib.vsa import MBAT
from hdlib.vsa.base import Device, finite, whole
from hdlib.vsa.matrix import Kind

CHUNK = 1 << 17  # elements of a vector block: what stays in the cache of a core
FLATTENED = 4_096  # documents looked at together
Flat = tuple[tuple[shapes.Token, ...], list[Any]]  # a document as tokens and leaves


class JSONEncoder:
    """Any JSON document as one vector of length 1, which can be compared, read, explained, edited.

    An object is the sum of its values, each bound by the matrix of its key; an array is
    A·Σ M^(i+1) v_i, where A keeps nested arrays apart. Matrices are orthogonal, so no depth loses
    similarity or precision. A field that is absent adds nothing; null has an atom of its own, as
    have true, false, "", [] and {}. Keys are not ordered; 1 and 1.0 are equal.

    dim: D, about 32 for each leaf to read each back (``theory.cleanup_accuracy("MBAT", …)``).
    kind: the matrices, as in ``MBAT``. array: items by "position"; as a "bag"; by "ngram", pairs of
    neighbours, which survive insertion; or "mixed", position and bag. weighting: by "level" every
    container has length 1, so that all values of an object count the same; by "leaf" every leaf
    does. numbers: "fourier" or "thermometer". words: word vectors for texts, a mapping or function.
    nonfinite: NaN and ±Infinity are an "error", or get a "code" each. duplicates: a key twice in
    a text is an "error", or the "last" one wins. max_depth, max_values: limits of one document.

    Errors: JSONInputError for documents; ValueError for options.
    Source: Gallant 2022, arXiv 2202.04771; the array matrix A, per-path scales and the reading are
    of this library. Taught in notebook 06.

    >>> records = [{"city": "Bern", "size": 134}, {"city": "Basel", "size": 177}]
    >>> encoder = JSONEncoder(1024).fit(records)
    >>> bern = encoder.encode(records[0])
    >>> encoder.get(bern, "$.city").value
    'Bern'
    """

    def __init__(
        self,
        dim: int = 1024,
        *,
        kind: Kind = "permutation",
        array: Arrays = "position",
        weighting: Weighting = "level",
        numbers: Codes = "fourier",
        words: Words | None = None,
        nonfinite: Odd = "error",
        duplicates: Twice = "error",
        max_depth: int = 100_000,
        max_values: int = 1_000_000,
        device: Device = None,
        seed: int = 0,
    ) -> None:
        whole("JSONEncoder: dim", dim, 16)
        for name, given, options in (("array", array, Arrays), ("weighting", weighting, Weighting)):
            if given not in get_args(options):
                listed = ", ".join(get_args(options))
                raise ValueError(f"JSONEncoder: {name} must be one of {listed}, got {given!r}")
        self.vsa = MBAT(dim, kind=kind, device=device, seed=seed)
        self.rules = Rules(nonfinite, duplicates, max_depth, max_values)
        self.options: dict[str, Any] = {"array": array, "weighting": weighting, "numbers": numbers}
        self._evaluator = Evaluator(self.vsa, **self.options, words=words)
        self._words = words is not None
        self.schema = schema.Node()
        self._reads: Reader | None = None
        self.fits = 0  # calls of partial_fit: vectors of different scales do not compare

    @property
    def dim(self) -> int:
        """Components of a vector."""
        return self.vsa.dim

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.options.items())
        return f"JSONEncoder({self.vsa!r}, {given}; fitted to {self.schema.seen:,} records)"

    # Fitting

    def fit(self, records: Any) -> Self:
        """Learn the scales, texts and kinds at each path, from nothing; returns itself.

        records: an iterable of documents, read once, or a pandas frame. Without a fit numbers share
        one logarithmic scale, on which 1977 and 1982 are the same, and nothing can be read back.
        """
        fresh = schema.Node()
        for tokens, leaves in self._flats(records):
            schema.learn(fresh, tokens, leaves)
        self.schema = fresh
        self.fits += 1
        return self

    def partial_fit(self, records: Any) -> Self:
        """Learn more records; a batch with a fault in it teaches nothing. Returns itself.

        Scales move: vectors from before compare with later ones no more.
        """
        for tokens, leaves in list(self._flats(records)):
            schema.learn(self.schema, tokens, leaves)
        self._reads = None
        self.fits += 1
        return self

    def _flats(self, records: Any) -> Iterator[Flat]:
        start = 0
        for batch in lines.batches(records, FLATTENED, "fit"):
            yield from self._flat(batch, start)
            start += len(batch)

    # Encoding

    def encode(self, data: Any, *, weights: Mapping[Any, float] | None = None) -> Tensor:
        """A document to ``(D,)``; a list, iterable or pandas frame of documents to ``(n, D)``.

        A document that is itself an array goes in a list: ``encode([[1, 2]])[0]``. Fields that a
        frame misses are absent. weights: how much the value at a path counts, 1 where nothing is
        said, 0 to leave it out: ``{"$.time": 0, "$.items[*].name": 2}``. Errors: JSONInputError
        with the record and the path of the fault, before anything is encoded.
        """
        if isinstance(data, str | Mapping) or not isinstance(data, Iterable):
            return self._encode([data], weights, alone=True)[0]
        batch = list(lines.rows(data) if lines.is_frame(data) else data)
        return self._encode(batch, weights)

    def encode_text(self, json_text: str | bytes) -> Tensor:
        """One document as JSON text to ``(D,)``. Errors: JSONInputError with line, column and path.

        >>> encoder = JSONEncoder(512)
        >>> torch.equal(encoder.encode_text('{"a": 1}'), encoder.encode({"a": 1}))
        True
        """
        document = parse.parse(json_text, self.rules)
        try:
            return self._encode([document], None, alone=True)[0]
        except JSONInputError:
            parse.Located(parse.decoded(json_text), self.rules).read()  # tells line and column
            raise

    # Reading

    def get(self, vector: Tensor, path: Any = "$") -> Any:
        """What stands at a path: a ``Reading`` for a vector ``(D,)``, a list for ``(n, D)``.

        path: a JSONPath that names one place, or a list of keys and positions. Texts are read from
        those that the fit saw at that path, numbers on its scale; objects and arrays are put
        together from their parts. Arrays can be read if encoded by "position" or "mixed". Errors:
        KeyError for a path that the fit never saw; ValueError for items that have no positions.
        """
        steps = to_path("get", path)
        rows = self.unit_rows("get", vector)
        found = self._reader.read(rows, steps)
        return found if vector.dim() == 2 else found[0]

    def explain(self, query: Any, document: Any) -> list[Part]:
        """Why a query and a document are as similar as they are, path by path.

        query: a document; document: one, or a vector ``(D,)``. The contributions of the leaves add
        up to the cosine. Errors: ValueError for a query of more than 1,000 values.

        >>> encoder = JSONEncoder(4096)
        >>> for part in encoder.explain({"a": "x", "b": "y"}, {"a": "x", "b": "z"}):
        ...     print(part.path, f"{part.score:.1f} of {part.expected:.1f} ± {part.noise:.2f}")
        $.a 0.7 of 0.7 ± 0.02
        $.b 0.0 of 0.7 ± 0.02
        """
        given = isinstance(document, Tensor)
        x = self.unit_rows("explain", document) if given else self.encode([document])
        self._flat([query], None)
        of = query if given else document
        return explaining.explain(self._evaluator, self.rules, query, self.schema, x[0], of)

    def update(
        self, vector: Tensor, path: Any, old: Any, new: Any, *, weight: float | None = None
    ) -> Tensor:
        """Another value at a path, without the document: ``(…, D) -> (…, D)`` of length 1.

        old must be what stands there. weight: how much it weighs in the vector; by default the
        weight is read from the vector, to about 1/sqrt(D), and so is the result right to about
        that. Errors: ValueError for arrays of pairs.
        """
        steps = to_path("update", path)
        rows = self.unit_rows("update", vector)
        places = [step for step in steps if isinstance(step, int)]
        if self._evaluator.array == "ngram" and places:
            raise ValueError('update: pairs have no positions; take array="position"')
        if max(places, default=0) >= self.rules.max_values:
            raise ValueError(f"update: no array has a position {max(places)}; see max_values")
        node = schema.find(self.schema, steps)
        codes = []
        for value in (old, new):
            code = self._evaluator.document(self._flat([value], None)[0], node)
            for step in reversed(steps):
                code = self._evaluator.bind_step(step, code)
            codes.append(code)
        was, becomes = codes
        own = (rows @ was / (was @ was)).unsqueeze(-1) if weight is None else weight
        return normal(rows + own * (becomes - was)).reshape(vector.shape)

    def analogy(self, value: Any, source: Tensor, target: Tensor) -> Reading:
        """What is to the target as a value is to the source: "the dollar of Mexico".

        The value is looked for at every path of the source that the fit saw it at, array items left
        out; then that path of the target is read. Both are vectors ``(D,)``. Errors: KeyError where
        the fit saw the value nowhere.
        """
        x = self.unit_rows("analogy", source)
        path = self._reader.place(self._flat([value], None)[0], x)
        found: Reading = self.get(target, path)
        return found

    @property
    def _reader(self) -> Reader:
        if self._reads is None or self._reads.root is not self.schema:
            self._reads = Reader(self._evaluator, self.schema)
        return self._reads

    def unit_rows(self, verb: str, vector: Tensor) -> Tensor:
        """Vectors as float32 rows of length 1: ``(D,) or (n, D) -> (n, D)``; or an error."""
        if not isinstance(vector, Tensor) or not vector.is_floating_point():
            raise TypeError(f"{verb}: expected a vector of floats, got {type(vector).__name__}")
        if vector.dim() not in (1, 2) or vector.shape[-1] != self.dim:
            have = tuple(vector.shape)
            raise ValueError(f"{verb}: expected ({self.dim},) or (n, {self.dim}), got {have}")
        if not finite(vector):
            raise ValueError(f"{verb}: the vector holds NaN or inf")
        return normal(vector.to(self.vsa.device, torch.float32).reshape(-1, self.dim))

    def _encode(
        self, batch: list[Any], weights: Mapping[Any, float] | None, alone: bool = False
    ) -> Tensor:
        """Documents to unit vectors, those of one shape together: ``-> (n, D)``."""
        trie = weighted(weights) if weights else None
        out = torch.empty(len(batch), self.dim, device=self.vsa.device)
        groups: dict[tuple[shapes.Token, ...], list[tuple[int, list[Any]]]] = {}
        for place, (tokens, leaves) in enumerate(self._flat(batch, None if alone else 0)):
            groups.setdefault(tokens, []).append((place, leaves))
        rows = max(1, CHUNK // self.dim)
        with one_thread():
            for tokens, members in groups.items():
                for start in range(0, len(members), rows):
                    places, leaves_of = zip(*members[start : start + rows], strict=True)
                    columns = list(zip(*leaves_of, strict=True))
                    x = self._evaluator.evaluate(tokens, columns, self.schema, trie, raw=True)
                    at = torch.tensor(places, device=out.device)
                    out.index_copy_(0, at, self._evaluator.filled(normal(x)).expand(len(at), -1))
        return out

    def _flat(self, batch: list[Any], first: int | None = 0) -> list[Flat]:
        """Every document as tokens and leaves, or the first fault in any of them."""
        found = []
        for place, document in enumerate(batch):
            try:
                found.append(shapes.flatten(document, self.rules))
            except JSONInputError as error:
                error.record = None if first is None else first + place
                raise shapes.blame(document, self.rules, error) from None
        return found

    # Files

    def save(self, path: FilePath) -> None:
        """Write options and schema to one safetensors file, whole or not at all.

        Word vectors are not written: give them to ``load`` again.
        """
        header = {"dim": self.dim, "kind": self.vsa.kind, "seed": self.vsa.seed, **self.options}
        header |= {"rules": vars(self.rules), "words": self._words, "fits": self.fits}
        tensors = {"schema": files.text_tensor(schema.state(self.schema))}
        files.save(path, "JSONEncoder", header, tensors)

    @classmethod
    def load(cls, path: FilePath, *, words: Words | None = None, device: Device = None) -> Self:
        """Read what ``save`` wrote; a damaged or foreign file is a ``FileFormatError``."""
        header, tensors = files.load(path, "JSONEncoder")
        if header.get("words") and words is None:
            raise ValueError("load: this encoder was made with word vectors; give words= again")
        try:
            names = ("dim", "kind", "seed", "array", "weighting", "numbers")
            given = {name: header[name] for name in names} | header["rules"]
            made = cls(**given, words=words, device=device)
            made.schema = schema.restored(files.text_value(tensors["schema"]))
            made.fits = int(header["fits"])
        except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
            raise files.FileFormatError(f"load: {os.fspath(path)!r} is damaged ({error})") from None
        return made


@contextmanager
def one_thread() -> Iterator[None]:
    """No division of work between torch's threads: of pieces that fit a cache it costs more than
    it gives, on a busy machine twenty times as much."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def weighted(weights: Mapping[Any, float]) -> Weights:
    """Path weights as a tree; a ValueError for a weight that is negative or not finite."""
    root = Weights()
    for path, value in weights.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"weights: {path!r} has the weight {value!r}; give a number")
        if not 0 <= value < math.inf:
            raise ValueError(f"weights: {path!r} has the weight {value!r}; give one of at least 0")
        node = root
        for step in to_path("weights", path, wild=True):
            if isinstance(step, int):
                raise ValueError(f"weights: {path!r} names one item; all items count alike, [*]")
            node = node.below.setdefault(step, Weights())
        node.value = float(value)
    return root
