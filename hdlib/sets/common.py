"""What all filters share: their size, their checks, their keys, and how they are kept in a file."""

from __future__ import annotations

import math
import os
import warnings
from typing import Any, NamedTuple, Self

import torch
from torch import Tensor

from hdlib import files, theory
from hdlib.files import Path
from hdlib.sets import probes
from hdlib.sets.keys import Keys, ids
from hdlib.sets.probes import KINDS, Probes
from hdlib.vsa.base import Device, whole

SPREAD = 4  # standard deviations of the fill that are no reason to warn


class CapacityWarning(UserWarning):
    """A filter holds more keys than it was made for; the message says how often it errs now."""


class Estimate(NamedTuple):
    """An estimated number and its standard error."""

    value: float
    stderr: float

    def __float__(self) -> float:
        return self.value


class Filter:
    """A table of small fields, of which every key has ``hashes`` places: base of all filters."""

    width: int = 1  # bits of a field

    def __init__(
        self,
        capacity: int,
        error_rate: float = 0.01,
        *,
        kind: str = "plain",
        device: Device = None,
        seed: int = 0,
    ) -> None:
        name = type(self).__name__
        capacity = whole(f"{name}: capacity", capacity, 1)
        if isinstance(error_rate, bool) or not isinstance(error_rate, int | float):
            raise TypeError(f"{name}: error_rate must be a number, got {error_rate!r}")
        if not 0 < error_rate < 1:
            raise ValueError(f"{name}: error_rate must lie between 0 and 1, got {error_rate!r}")
        self._check_kind(kind)
        size, hashes = theory.bloom_size(capacity, float(error_rate), kind=kind)
        self._begin(Probes(size, hashes, kind, whole(f"{name}: seed", seed)), device)
        self.capacity, self.error_rate = capacity, float(error_rate)

    @classmethod
    def with_size(
        cls,
        bits: int,
        hashes: int,
        *,
        kind: str = "plain",
        device: Device = None,
        seed: int = 0,
        **options: Any,
    ) -> Self:
        """A filter of so many bits (counting ones: counters) and hashes.

        Its capacity is the number of keys that leave half of the bits set.
        """
        name = cls.__name__
        bits, hashes = whole(f"{name}: bits", bits, 1), whole(f"{name}: hashes", hashes, 1)
        cls._check_kind(kind)
        if kind != "plain" and hashes > bits:
            raise ValueError(f"{name}: {hashes} different places do not fit {bits} bits")
        if kind == "partitioned" and bits % hashes:
            near = f"take {-(-bits // hashes) * hashes}"
            raise ValueError(f"{name}: {bits} bits are no multiple of {hashes} hashes; {near}")
        made = cls.__new__(cls)
        made._options(**options)
        made._begin(Probes(bits, hashes, kind, whole(f"{name}: seed", seed)), device)
        made.capacity = max(1, round(bits / hashes * math.log(2)))
        made.error_rate = float(made._predicted(made.capacity))
        return made

    def _options(self) -> None:
        """Take the options that a subclass adds."""

    def _begin(self, plan: Probes, device: Device) -> None:
        where = torch.get_default_device() if device is None else torch.device(device)
        if where.type == "cuda" and not torch.cuda.is_available():
            name = type(self).__name__
            raise ValueError(f"{name}: torch sees no GPU here; take device=hdlib.best_device()")
        self._probes = plan
        words = -(-plan.bits * self.width // 64)
        self._table = probes.empty(words, where)
        self.device = self._table.device

    @classmethod
    def _check_kind(cls, kind: str) -> None:
        if kind not in KINDS:
            allowed = ", ".join(map(repr, KINDS))
            raise ValueError(f"{cls.__name__}: kind must be one of {allowed}, got {kind!r}")

    # What a filter is

    @property
    def bits(self) -> int:
        """How many places there are, m."""
        return self._probes.bits

    @property
    def hashes(self) -> int:
        """How many places a key has, k."""
        return self._probes.hashes

    @property
    def kind(self) -> str:
        """How the places of a key are drawn: "plain", "distinct" or "partitioned"."""
        return self._probes.kind

    @property
    def seed(self) -> int:
        """The seed of the hash; filters of different seeds cannot be compared."""
        return self._probes.seed

    @property
    def nbytes(self) -> int:
        """Bytes of the table."""
        return self._table.nbytes

    @property
    def _shape(self) -> dict[str, Any]:
        return {"bits": self.bits, "hashes": self.hashes, "kind": self.kind}

    def __repr__(self) -> str:
        shape = f"{self.bits:,} bits, {self.hashes} hashes, {self.kind}"
        holds = f"about {round(self._count_now())}" if self.ones < self.bits else "too many"
        return f"{type(self).__name__}({holds} of {self.capacity:,} keys in {shape})"

    def _ids(self, keys: Keys, verb: str) -> Tensor:
        return ids(keys, self.seed, self.device, verb)

    # Questions

    def contains(self, keys: Keys) -> Tensor:
        """Whether each key may be among those added: a key ``-> ()``, a batch ``-> (n,)`` bool.

        A key that was added is never missed. Of others, a share ``false_positive_rate()`` is said
        to be in. Tensors and arrays keep their shape. Taught in notebook 05.
        """
        asked = self._ids(keys, "contains")
        flat = probes.holds(self._table, self._probes, asked.reshape(-1), self.width)
        return flat.reshape(asked.shape)

    def __contains__(self, key: object) -> bool:
        found = self.contains(key)
        if found.dim():
            raise TypeError(f"in: {type(key).__name__} is a batch of keys; ask contains() instead")
        return bool(found)

    @property
    def ones(self) -> int:
        """How many places are set."""
        raise NotImplementedError

    @property
    def fill(self) -> float:
        """The share of places that are set; the best filter is half full."""
        return self.ones / self.bits

    def _count_now(self) -> float:
        return float(theory.bloom_count(self.ones, **self._shape))

    def estimated_count(self) -> Estimate:
        """How many different keys were added, from the fill, with the standard error.

        Source: ``theory.bloom_count``. Taught in notebook 05.
        """
        n = self._count_now()
        return Estimate(n, float(theory.bloom_count_sd(n, **self._shape)) if n < math.inf else n)

    def false_positive_rate(self, n: int | None = None) -> float:
        """The chance that a key never added is said to be in.

        Now, exactly, given the bits that are set; or with ``n``, predicted for such a filter of n
        different keys by the exact form ``theory.bloom_false_positive``. Taught in notebook 05.
        """
        if n is not None:
            return self._predicted(whole("false_positive_rate: n", n, 0))
        if self.kind == "partitioned":
            slices = self._ones_of_slices()
            return math.prod(count * self.hashes / self.bits for count in slices)
        return float(theory.bloom_false_positive_now(self.ones, **self._shape))

    def _predicted(self, n: int) -> float:
        return float(theory.bloom_false_positive(n, **self._shape))

    def _ones_of_slices(self) -> list[int]:
        raise NotImplementedError

    # Two filters

    def _same(self, verb: str, other: Self) -> None:
        """Refuse what has other places for the same key."""
        for name in ("bits", "hashes", "kind", "seed", "width", "device"):
            own, its = getattr(self, name), getattr(other, name)
            if own != its:
                raise ValueError(
                    f"{verb}: {name} differs, {own} and {its}; make both filters with the same"
                )

    def copy(self) -> Self:
        """An independent filter with the same content."""
        made = self._like()
        made._fill(self._table.clone())
        return made

    def _like(self) -> Self:
        """A filter with the same parameters, whose table is about to be replaced."""
        made = type(self).__new__(type(self))
        made.__dict__.update(self.__dict__)
        return made

    # Files

    def _header(self) -> dict[str, Any]:
        shape = {**self._shape, "seed": self.seed}
        return {**shape, "capacity": self.capacity, "error_rate": self.error_rate}

    def save(self, path: Path) -> None:
        """Write everything to one safetensors file, whole or not at all."""
        files.save(path, type(self).__name__, self._header(), {"table": self._table})

    @classmethod
    def load(cls, path: Path, *, device: Device = None) -> Self:
        """Read what ``save`` wrote; a damaged or foreign file is a ``FileFormatError``."""
        header, tensors = files.load(path, cls.__name__)
        try:
            return cls._restored(header, tensors["table"], device)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise files.FileFormatError(f"load: {os.fspath(path)!r} is damaged ({error})") from None

    @classmethod
    def _restored(cls, header: dict[str, Any], table: Tensor, device: Device) -> Self:
        """A filter from a header and a table, both checked before anything is made."""
        parts = {key: header[key] for key in header if key not in ("format", "class")}
        capacity, error_rate = parts.pop("capacity"), parts.pop("error_rate")
        width = parts.get("counter_bits", 1)
        words = -(-whole("bits", parts["bits"], 1) * whole("counter_bits", width, 1) // 64)
        if table.dtype != torch.int64 or table.shape != (words,):
            raise ValueError(f"a table of {words} words is missing")
        over = parts["bits"] * width % 64
        if over and int(table[-1]) >> over & ((1 << (64 - over)) - 1):
            raise ValueError("the table has bits beyond its end")
        made = cls.with_size(**parts, device=device)
        if not isinstance(error_rate, float) or not 0 <= error_rate <= 1:
            raise ValueError(f"error_rate is {error_rate!r}")
        made.capacity, made.error_rate = whole("capacity", capacity, 1), error_rate
        if made._header() != {**parts, "capacity": capacity, "error_rate": error_rate}:
            raise ValueError("its parameters are incomplete")
        made._fill(table.to(made.device))
        return made

    def _fill(self, table: Tensor) -> None:
        """Take a table over."""
        self._table = table


def most_ones(shape: dict[str, Any], capacity: int) -> int:
    """The most places that ``capacity`` keys may set before one should think there are more."""
    expected = theory.bloom_fill(capacity, **shape)
    spread = theory.bloom_fill_sd(capacity, **shape)
    return int(min(shape["bits"] - 1, shape["bits"] * (expected + SPREAD * spread)))


def warn(verb: str, filter_: Filter) -> None:
    """Say that a filter holds more than it was made for, and what that costs."""
    ones, shape = filter_.ones, filter_._shape
    n = float(theory.bloom_count(ones, **shape))
    about = f"about {round(n):,}" if n < math.inf else "far too many"
    rate = filter_.false_positive_rate()
    warnings.warn(
        f"{verb}: {about} keys in a filter made for {filter_.capacity:,}; it now says yes to "
        f"{rate:.3g} of all strangers instead of {filter_.error_rate:.3g}; "
        "make a larger one, or a ScalableBloomFilter",
        CapacityWarning,
        stacklevel=3,
    )
