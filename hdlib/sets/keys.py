"""Keys of any kind as 64-bit ids, the same in every process, on every machine and for ever."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hdlib import bits
from hdlib.kernels.streams import Array
from hdlib.sets import fast

PART = 1 << 14  # keys looked at together: their objects stay in the cache
PAD = 16  # zero bytes after the last of them, so that whole words can be read
WHOLE = (torch.int8, torch.int16, torch.int32, torch.int64, torch.uint8)
UNSIGNED = (torch.uint16, torch.uint32, torch.uint64)
Keys = Any  # an integer, a text, bytes, or a batch of them: tensor, array, or any iterable


def ids(keys: Keys, seed: int, device: torch.device, verb: str = "add") -> Tensor:
    """The ids of keys: a key ``-> ()``, a batch ``-> (n,)``, tensors and arrays keep their shape.

    An integer below 2^63 is its own id; above, its mixed pattern. A text is its UTF-8 bytes, hashed
    under the seed; the bytes themselves are the same key. Nothing else is a key.

    >>> ids(["peso", 7, b"peso"], 0, torch.device("cpu")).tolist()
    [8167851297948119072, 7, 8167851297948119072]
    """
    if isinstance(keys, Tensor):
        return numbers(keys, verb).to(device)
    if isinstance(keys, np.ndarray | np.generic):
        if keys.dtype.kind in "iu":
            return numbers(torch.from_numpy(np.array(keys, keys.dtype.newbyteorder("="))), verb).to(
                device
            )
        if keys.dtype.kind not in "USTO":
            raise unfit(verb, f"a numpy array of {keys.dtype}")
        if not keys.ndim:
            return ids(keys.item(), seed, device, verb)
        flat = ids(keys.ravel().tolist(), seed, device, verb)
        return flat.reshape(keys.shape)
    if isinstance(keys, str | bytes | Integral):
        return listed([keys], seed, verb).to(device)[0]
    if not isinstance(keys, Iterable):
        raise unfit(verb, f"{keys!r} ({type(keys).__name__})")
    return listed(list(keys), seed, verb).to(device)


def unfit(verb: str, what: str) -> TypeError:
    """The error for what is no key."""
    return TypeError(f"{verb}: a key is an integer, a text or bytes, got {what}")


def numbers(x: Tensor, verb: str) -> Tensor:
    """Ids of a tensor of integers of any type, on its device."""
    if x.dtype not in WHOLE + UNSIGNED:
        raise unfit(verb, f"a tensor of {x.dtype}")
    if x.dtype != torch.uint64:
        return x.to(torch.int64)
    pattern = x.view(torch.int64)
    return torch.where(pattern < 0, bits.mix(pattern), pattern)


def number(key: Any, place: int, verb: str) -> int:
    """The id of one integer."""
    value = int(key)
    if not -(1 << 63) <= value < 1 << 64:
        raise ValueError(f"{verb}: key {value} at [{place}] does not fit 64 bits; give it as text")
    if value >= 1 << 63:
        return int(bits.mix(torch.tensor(bits.signed(value), device="cpu")))
    return value


def listed(keys: list[Any], seed: int, verb: str) -> Tensor:
    """Ids of a list of keys, part by part; a part of one type is not looked at one by one."""
    out = torch.empty(len(keys), dtype=torch.int64, device="cpu")
    for i in range(0, len(keys), PART):
        part, room = keys[i : i + PART], out.numpy()[i : i + PART]
        types = set(map(type, part))
        if types == {str}:
            texts(part, seed, room)
        elif types == {bytes}:
            octets(part, seed, room)
        elif types != {int} or not integers(part, room):
            mixed(part, seed, i, verb, room)
    return out


def integers(keys: list[int], out: Array) -> bool:
    """Write the ids of integers below 2^63; False if there are larger ones."""
    try:
        out[:] = np.fromiter(keys, np.int64, len(keys))
    except OverflowError:
        return False
    return True


def mixed(keys: list[Any], seed: int, start: int, verb: str, out: Array) -> None:
    """Write the ids of keys of any type, which come ``start`` places after the first."""
    places: list[int] = []
    found: list[bytes] = []  # the texts and bytes at these places
    for i, key in enumerate(keys):
        if isinstance(key, Tensor | np.ndarray) and key.ndim == 0:
            key = key.item()
        if isinstance(key, str | bytes):
            places.append(i)
            found.append(encoded(key) if isinstance(key, str) else key)
        elif isinstance(key, Integral) and not isinstance(key, bool):
            out[i] = number(key, start + i, verb)
        else:
            raise unfit(verb, f"{key!r} at [{start + i}] ({type(key).__name__})")
    if found:
        hashed = np.empty(len(found), np.int64)
        octets(found, seed, hashed)
        out[places] = hashed


def encoded(text: str) -> bytes:
    """The bytes of a text, lone surrogates included."""
    return str(text).encode("utf-8", "surrogatepass")


def texts(keys: list[str], seed: int, out: Array) -> None:
    """Write the ids of texts: joined by zero bytes, so that one pass finds where each ends."""
    data = np.frombuffer(encoded("\0".join(keys) + "\0" * PAD), np.uint8)
    ends = np.flatnonzero(data[: len(data) - PAD + 1] == 0)
    if len(ends) == len(keys):
        digest(data, np.concatenate([[0], ends[:-1] + 1]), ends, seed, out)
    else:  # a text that holds a zero itself
        octets([encoded(key) for key in keys], seed, out)


def octets(keys: list[bytes], seed: int, out: Array) -> None:
    """Write the ids of byte strings: joined, with their lengths beside."""
    data = np.frombuffer(b"".join([*keys, bytes(PAD)]), np.uint8)
    ends = np.fromiter(map(len, keys), np.int64, len(keys)).cumsum()
    digest(data, np.concatenate([[0], ends[:-1]]), ends, seed, out)


def digest(data: Array, starts: Array, ends: Array, seed: int, out: Array) -> None:
    """Write a 64-bit hash of each piece of a byte string.

    The piece is cut into little-endian words, zero bytes after the last (at least one). From the
    mixed seed on, the state becomes mix(state ^ word) for each word; the hash is the mix of the
    last state plus the length times the golden ratio, ``bits.GAMMA``.
    """
    words = data[: len(data) // 8 * 8].view("<u8")
    root = np.uint64(bits.root(bits.derive(seed, "text")) % 2**64)
    fast.digest(root, words, starts.astype(np.int64), ends.astype(np.int64), out.view(np.uint64))
