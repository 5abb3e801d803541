"""Counter-based random words, packing and popcount: no other file draws randomness.

Every random bit of hdlib is a pure function of three integers (seed, id, w): word ``w`` of the
stream that belongs to atom ``id`` in the space ``seed``. The function is SplitMix64 with one
increment per stream (Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195; finaliser: Stafford's
variant 13), in signed 64-bit arithmetic that wraps: torch, numba and Triton give the same bits on
every machine.
"""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Iterable, Sequence
from numbers import Integral

import torch
from torch import Tensor


def signed(pattern: int) -> int:
    """The int64 with this 64-bit pattern: torch and Python must agree on one sign."""
    pattern &= (1 << 64) - 1
    return pattern - (1 << 64) if pattern >> 63 else pattern


GAMMA = signed(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, odd: the classical Weyl increment
MIX_A, MIX_B = signed(0xBF58476D1CE4E5B9), signed(0x94D049BB133111EB)
ALTERNATING = signed(0xAAAAAAAAAAAAAAAA)
LOW = 0xFFFFFFFF
EVERY = 0x0101010101010101  # a one in each of eight bytes
GATHER = 0x0102040810204080  # times eight bytes of 0 or 1: the high byte holds them as bits
DIAGONAL = signed(0x8040201008040201)  # bit i of byte i


def lsr(x: Tensor, k: int) -> Tensor:
    """Logical shift right: torch's own ``>>`` on int64 copies the sign bit."""
    return (x >> k) & ((1 << (64 - k)) - 1)


def mix(x: Tensor) -> Tensor:
    """A bijection of int64 in which each input bit flips each output bit with probability 1/2.

    >>> mix(torch.tensor(1)).item()
    6238072747940578789
    """
    x = (x ^ lsr(x, 30)) * MIX_A
    x = (x ^ lsr(x, 27)) * MIX_B
    return x ^ lsr(x, 31)


def popcount(x: Tensor) -> Tensor:
    """Ones in each int64, -1 and the minimum included. The last mask lets compilers see a POPC.

    >>> popcount(torch.tensor([0, 7, -1])).tolist()
    [0, 3, 64]
    """
    x = x - ((x >> 1) & 0x5555555555555555)
    x = (x & 0x3333333333333333) + ((x >> 2) & 0x3333333333333333)
    x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0F
    return ((x * 0x0101010101010101) >> 56) & 0x7F


@functools.lru_cache(1024)
def root(seed: int) -> int:
    """The mixed seed. Seeds of any size differ: one beyond 64 bits is hashed, as a text is."""
    if signed(seed) != seed:
        seed = key(f"seed {seed}")
    return int(mix(torch.tensor(signed(seed + GAMMA), device="cpu")))


def streams(seed: int, ids: Tensor) -> tuple[Tensor, Tensor]:
    """Start and increment of the stream of each id: ``(*s,) -> (*s,), (*s,)``.

    The seed is mixed, then the id, then the word: two streams share neither start nor step, so none
    is another one shifted. An increment whose bits seldom change would mix badly and is repaired,
    as in the paper.
    """
    start = mix(root(seed) + ids * GAMMA)
    step = mix(start + GAMMA) | 1
    dull = popcount(step ^ lsr(step, 1)) < 24
    return start, torch.where(dull, step ^ ALTERNATING, step)


def words(seed: int, ids: Tensor, n: int) -> Tensor:
    """The first ``n`` random words of each id: ``(*s,) -> (*s, n)`` int64, where ``ids`` are.

    Word w does not depend on n: a shorter draw is a prefix of a longer one. Taught in notebook 01.

    >>> words(7, torch.tensor([3]), 2).tolist()
    [[-7723228107095936148, -3752464222525844834]]
    """
    start, step = (part.unsqueeze(-1) for part in streams(seed, ids))
    return mix(start + torch.arange(1, n + 1, device=ids.device) * step)


def key(text: str | bytes) -> int:
    """A 64-bit id for a text label, the same in every process (blake2b, never ``hash()``).

    >>> key("peso")
    -8438526778978475283
    """
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little", signed=True)


@functools.lru_cache(1024, typed=True)
def derive(seed: int, purpose: str) -> int:
    """A seed for one purpose (ties, fresh atoms, ...), so that no two purposes share a stream."""
    return key(f"{seed}/{purpose}")


Label = int | str
Labels = Label | Tensor | Sequence["Labels"]


def ids(labels: Labels, device: torch.device | None = None) -> Tensor:
    """Integer ids of labels: an integer is its own id, a text is hashed, lists keep their shape.

    >>> ids(["peso", 7]).tolist()
    [-8438526778978475283, 7]
    """
    if isinstance(labels, Tensor):
        if labels.is_floating_point() or labels.is_complex() or labels.dtype == torch.bool:
            raise TypeError(f"atoms: ids must be integers or text, got a {labels.dtype} tensor")
        return labels.to(device=device, dtype=torch.int64)

    def plain(item: object, place: str = "") -> object:
        if isinstance(item, str | bytes):
            return key(item)
        if isinstance(item, Tensor):
            return ids(item).tolist()
        if isinstance(item, Integral) and not isinstance(item, bool):
            if signed(int(item)) != item:
                raise ValueError(f"atoms: id {item}{place} does not fit 64 bits; give it as text")
            return int(item)
        if isinstance(item, set | frozenset) or not isinstance(
            item, Iterable
        ):  # a set has no order
            kind = type(item).__name__
            raise TypeError(f"atoms: ids must be integers or text, got {item!r}{place} ({kind})")
        return [plain(part, f"{place or ' at '}[{i}]") for i, part in enumerate(item)]

    nested = plain(labels)
    try:
        return torch.tensor(nested, dtype=torch.int64, device=device)
    except (TypeError, ValueError) as error:
        raise ValueError(f"atoms: a nested list of labels must be rectangular ({error})") from None


def digest(x: Tensor) -> Tensor:
    """One int64 for the content of each row of integers, order included: ``(*s, n) -> (*s,)``."""
    place = torch.arange(1, x.shape[-1] + 1, device=x.device) * GAMMA
    return mix(mix(x.to(torch.int64) + place).sum(-1))


def tie_words(seed: int, more: Tensor, same: Tensor) -> Tensor:
    """Random words that break ties: ``(*s, W), (*s, W) -> (*s, W)``.

    ``more`` has a one where ones won, ``same`` where the vote was even. The bits depend on both, so
    that two bundles never share their tie-breaks (which would correlate them), and on nothing else,
    so that the order of the voters and the device do not matter.
    """
    own = words(seed, torch.zeros((), dtype=torch.int64, device=more.device), more.shape[-1])
    return mix(mix(own ^ more) + same)


def word_count(dim: int) -> int:
    """Stored words for ``dim`` bits: whole groups of 8 words, 64 bytes, which memory moves at once.

    >>> word_count(10_000)
    160
    """
    return 8 * math.ceil(dim / 512)


def mask(dim: int, device: torch.device | None = None) -> Tensor:
    """A word row whose first ``dim`` bits are ones: ``-> (word_count(dim),)``."""
    return pack(torch.ones(dim, dtype=torch.bool, device=device))


def pack(x: Tensor) -> Tensor:
    """Truth values to words, bit i at word i // 64, place i % 64: ``(*s, D) -> (*s, W)`` int64.

    >>> pack(torch.tensor([True, False, True]))[0].item()
    5
    """
    dim, width = x.shape[-1], word_count(x.shape[-1])
    padded = torch.zeros((*x.shape[:-1], 64 * width), dtype=torch.bool, device=x.device)
    padded[..., :dim] = x if x.dtype == torch.bool else x != 0
    if not width:
        return padded.to(torch.int64)
    octets = (padded.view(torch.int64) * GATHER >> 56) & 0xFF  # (*s, 8 W): eight bits at a time
    return octets.to(torch.uint8).view(torch.int64)


def unpack(x: Tensor, dim: int) -> Tensor:
    """Words to bits 0 and 1: ``(*s, W) -> (*s, D)`` uint8.

    >>> unpack(torch.tensor([5] + [0] * 7), 4).tolist()
    [1, 0, 1, 0]
    """
    octets = x.clone(memory_format=torch.contiguous_format).view(torch.uint8).to(torch.int64)
    spread = octets.mul_(EVERY).bitwise_and_(DIAGONAL)  # bit i alone in byte i
    ones = spread.add_(0x7F * EVERY).bitwise_right_shift_(7).bitwise_and_(EVERY)  # its carry
    return ones.view(torch.uint8)[..., :dim]


def plus_minus(x: Tensor, dim: int) -> Tensor:
    """Words to ±1, -1 for a one: ``(*s, W) -> (*s, D)`` int8.

    >>> plus_minus(torch.tensor([5] + [0] * 7), 4).tolist()
    [-1, 1, -1, 1]
    """
    return 1 - 2 * unpack(x, dim).view(torch.int8)


def halves(x: Tensor) -> Tensor:
    """Each word as two unsigned 32-bit numbers, low one first: ``(*s, n) -> (*s, 2 n)`` int64."""
    return torch.stack([x & LOW, lsr(x, 32)], dim=-1).flatten(-2)


def uniforms(x: Tensor) -> Tensor:
    """Two numbers in [0, 1) from each word: ``(*s, n) -> (*s, 2 n)`` float32.

    The 24 high bits of a half make a float32 exactly, so every device gives the same value.
    """
    return (halves(x) >> 8).to(torch.float32) * 2.0**-24


def normals(x: Tensor) -> Tensor:
    """Two standard normals from each word (Box and Muller): ``(*s, n) -> (*s, 2 n)`` float32."""
    angle = (x & LOW).to(torch.float32) * (2 * math.pi * 2.0**-32)
    radius = (-2 * torch.log((lsr(x, 32) + 1).to(torch.float32) * 2.0**-32)).sqrt()
    return torch.stack([radius * angle.cos(), radius * angle.sin()], dim=-1).flatten(-2)
