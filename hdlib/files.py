"""One safetensors file for anything that is saved: written whole or not at all, checked if read."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import uuid
from typing import Any

import torch
from torch import Tensor

FORMAT = 1
Path = str | os.PathLike[str]


class FileFormatError(ValueError):
    """A saved file that cannot be read: which file, what is wrong, what to do."""


def save(path: Path, kind: str, header: dict[str, Any], tensors: dict[str, Tensor]) -> None:
    """Write tensors and a JSON header under a temporary name, flush, then rename."""
    from safetensors.torch import save_file

    text = json.dumps({"format": FORMAT, "class": kind, **header}, sort_keys=True)
    plain = {}
    for name, tensor in tensors.items():
        tensor = tensor.detach().cpu().resolve_conj().resolve_neg().contiguous()
        if tensor.is_complex():  # as pairs of reals: the format has no complex128
            name, tensor = f"{name}:complex", torch.view_as_real(tensor)
        plain[name] = tensor
    target = pathlib.Path(path)
    temporary = target.with_name(f".{uuid.uuid4().hex}.part")
    try:
        temporary.touch(exist_ok=False)
        rights = temporary.stat().st_mode  # save_file would keep the file from other users
        save_file(plain, temporary, metadata={"hdlib": text, "blake2b": seal(text, plain)})
        temporary.chmod(rights)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def load(path: Path, kind: str) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Header and tensors of a file that ``save`` wrote for this kind; nothing is ever unpickled."""
    from safetensors import safe_open

    where = f"load: {os.fspath(path)!r}"
    if not pathlib.Path(path).exists():
        raise FileNotFoundError(f"load: there is no file {os.fspath(path)!r}")
    if not pathlib.Path(path).is_file():
        raise FileFormatError(f"{where} is no regular file; give the path that save wrote")
    try:
        with safe_open(os.fspath(path), framework="pt") as file:
            extra = file.metadata() or {}
            tensors: dict[str, Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        text = extra.get("hdlib", "null")
        header = json.loads(text)
    except OSError:
        raise
    except Exception as error:  # whatever a parser makes of foreign bytes
        raise FileFormatError(f"{where} is damaged or not an hdlib file ({error})") from None
    if not isinstance(header, dict):
        raise FileFormatError(f"{where} is a safetensors file, but hdlib did not write it")
    if header.get("class") != kind:
        raise FileFormatError(
            f"{where} holds a {header.get('class')!r}, not a {kind!r}; load it with that class"
        )
    if header.get("format") != FORMAT:
        raise FileFormatError(
            f"{where} has format {header.get('format')!r}, this hdlib reads {FORMAT}; upgrade hdlib"
        )
    if extra.get("blake2b") != seal(text, tensors):
        raise FileFormatError(f"{where} is damaged: its content does not match its checksum")
    for name in [name for name in tensors if name.endswith(":complex")]:
        tensors[name.removesuffix(":complex")] = torch.view_as_complex(tensors.pop(name))
    return header, tensors


def seal(text: str, tensors: dict[str, Tensor]) -> str:
    """The checksum of a header and of its tensors, names and shapes included."""
    state = hashlib.blake2b(text.encode(), digest_size=16)
    for name, tensor in sorted(tensors.items()):
        state.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        state.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return state.hexdigest()


def text_tensor(value: Any) -> Tensor:
    """JSON as a byte tensor, for lists too long for a header."""
    return torch.frombuffer(bytearray(json.dumps(value).encode()), dtype=torch.uint8)


def text_value(tensor: Tensor) -> Any:
    """What ``text_tensor`` was made of."""
    return json.loads(tensor.numpy().tobytes())
