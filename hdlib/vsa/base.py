"""What all vector symbolic architectures share: the verbs, their checks, their broadcasting."""

from __future__ import annotations

import functools
import math
import operator
from functools import cached_property
from typing import Any, ClassVar, Self

import torch
from torch import Tensor

from hdlib import bits, kernels
from hdlib.bits import Labels
from hdlib.kernels import floats
from hdlib.kernels.rows import broadcast
from hdlib.storage import room

ROOM = 1 << 24  # elements of a temporary: 64 MB of float32
ROWS = 255  # rows of a bundle that are spread into numbers at once
DRAWN = 1 << 18  # numbers drawn at once: with all temporaries they stay in the cache
MADE = 1 << 23  # bytes of atoms made at once: those that need most work take five times as much
INTEGERS = (torch.int8, torch.int16, torch.int32, torch.int64)
REALS = (torch.float32, torch.float64)
FLOATS = (*REALS, torch.complex64, torch.complex128)
Device = torch.device | str | None
MAKERS = {
    torch.int8: "MAPI or MAPB",
    torch.int16: "SBC, MCR or CGR",
    torch.int64: "BSC or BSDC",
    torch.complex64: "FHRR or HRR's prepare",
    torch.float32: "HRR, VTB or MBAT",
}


def whole(what: str, value: Any, low: int | None = None) -> int:
    """The value as an int: no fraction, no truth value, nothing below ``low``."""
    try:
        if isinstance(value, bool):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{what} must be a whole number, got {value!r}") from None
    if low is not None and number < low:
        raise ValueError(f"{what} must be at least {low}, got {number}")
    return number


def peak(x: Tensor) -> float:
    """The greatest magnitude in x, NaN where it holds one: one pass, no temporary."""
    if x.dtype in INTEGERS:
        low, high = kernels.ends(x)
        return max(-low, high)
    x = torch.view_as_real(x.resolve_conj()) if x.is_complex() else x
    return max(abs(end.item()) for end in x.detach().aminmax()) if x.numel() else 0


def finite(x: Tensor) -> bool:
    """Neither NaN nor infinite anywhere."""
    return floats.finite(x) or math.isfinite(peak(x))  # a sum of finite numbers may be infinite


def guard(verb: str, bound: float, *kinds: torch.dtype) -> None:
    """No silent overflow: refuse when magnitudes up to ``bound`` might not fit integer types."""
    if bound <= 127:  # every type holds so many
        return
    kind = functools.reduce(torch.promote_types, kinds)
    if not (kind.is_floating_point or kind.is_complex) and bound > torch.iinfo(kind).max:
        raise OverflowError(
            f"{verb}: values of up to {float(bound):.3g} do not fit {plain(kind)}; "
            "use smaller weights, normalized vectors, or floats"
        )


def plain(kind: torch.dtype) -> str:
    """A type's name without its module."""
    return str(kind).removeprefix("torch.")


def scaled(x: Tensor) -> tuple[Tensor, Tensor]:
    """Rows and their lengths; rows whose squares would leave the range of floats are rescaled."""
    norm = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    if not ((norm > 1e-15) & (norm < 1e15)).all():
        x = x / torch.linalg.vector_norm(x, torch.inf, dim=-1, keepdim=True).clamp_min(1e-37)
        norm = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    return x, norm


def unit(x: Tensor) -> Tensor:
    """Rows of length 1; a zero row stays zero."""
    x, norm = scaled(x)
    return x / torch.where(norm > 0, norm, 1)


def agree(verb: str, *shapes: torch.Size) -> None:
    """Refuse batch axes that do not broadcast."""
    if all(shape == shapes[0] for shape in shapes[1:]):
        return
    try:
        broadcast(*shapes)
    except ValueError:
        listed = " and ".join(str(tuple(shape)) for shape in shapes)
        message = f"{verb}: batch axes {listed} do not broadcast; make them equal, or 1"
        raise ValueError(message) from None


class VSA:
    """A space of hypervectors: its dimension, device and seed, and the verbs on its tensors.

    A hypervector is the last axis of a plain ``torch.Tensor``; leading axes are batch, and verbs
    broadcast over them. A subclass says what its values are and how they bind, tally and settle.

    dim: components of the textbook form. device: where tensors live (default: torch's).
    seed: spaces of one model with one seed have the same atoms, for ever and on every device.
    """

    dtypes: tuple[torch.dtype, ...] = ()  # what the verbs accept, the atoms' own first
    additive: bool = True  # a bundle is the tally itself; if not, the tally settled on own values
    carries: tuple[torch.dtype, ...] = ()  # types whose NaN and infinity a binding shows
    seen: tuple[torch.dtype, ...] = ()  # types whose flaws a plain bundle finds on its way
    lacks: ClassVar[dict[str, str]] = {}  # verbs the model cannot have, and what to do instead

    def __init__(self, dim: int, *, device: Device = None, seed: int = 0) -> None:
        name = type(self).__name__
        self.dim, self.seed = whole(f"{name}: dim", dim, 1), whole(f"{name}: seed", seed)
        where = torch.get_default_device() if device is None else torch.device(device)
        if where.type == "cuda" and not torch.cuda.is_available():
            raise ValueError(f"{name}: torch sees no GPU here; take device=hdlib.best_device()")
        if where.type == "cuda" and where.index is None:
            where = torch.device("cuda", torch.cuda.current_device())  # what tensors report
        self.device = where
        self._drawn = 0

    # What a model is

    @cached_property
    def width(self) -> int:
        """Length of the stored last axis, W."""
        return self.dim

    @property
    def _size(self) -> int:
        """Numbers in a tally, D but for models that count symbols."""
        return self.dim

    def options(self) -> dict[str, Any]:
        """The constructor's arguments beyond dim, device and seed, as plain values."""
        return {}

    @property
    def name(self) -> str:
        """The call that makes this space."""
        given = {"dim": self.dim, **self.options(), "seed": self.seed}
        if self.device.type != "cpu":
            given["device"] = str(self.device)
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in given.items())})"

    def __repr__(self) -> str:
        return self.name + "".join(f"; no {verb}: {why}" for verb, why in self.lacks.items())

    def copy(self) -> Self:
        """The same space with its counter of fresh atoms at the start."""
        return type(self)(self.dim, device=self.device, seed=self.seed, **self.options())

    # Atoms

    def atoms(self, labels: Labels) -> Tensor:
        """The atoms of ids or text labels: ``(*s,) -> (*s, W)``. Taught in notebook 00."""
        return self._drawn_rows(self.seed, bits.ids(labels, self.device))

    def random(self, *shape: int) -> Tensor:
        """The next fresh atoms of this space: ``-> (*shape, W)``. Taught in notebook 01.

        They follow one counter: the same calls in the same order give the same atoms, and no
        label's atom is among them.
        """
        size = torch.Size([whole("random: a size", n, 0) for n in shape])
        fresh = torch.arange(self._drawn, self._drawn + size.numel(), device=self.device)
        self._drawn += size.numel()
        return self._drawn_rows(bits.derive(self.seed, "fresh"), fresh.reshape(size))

    def _drawn_rows(self, seed: int, ids: Tensor) -> Tensor:
        """``_draw``, some rows at a time."""
        flat, step = ids.reshape(-1), max(1, DRAWN // self.dim)
        if len(flat) <= step:
            return self._draw(seed, ids)
        out = room((len(flat), self.width), self.dtypes[0], self.device)
        for i in range(0, len(flat), step):
            out[i : i + step] = self._draw(seed, flat[i : i + step])
        return out.view(*ids.shape, self.width)

    def _draw(self, seed: int, ids: Tensor) -> Tensor:
        raise NotImplementedError

    # Association

    def bind(self, x: Tensor, *ys: Tensor) -> Tensor:
        """Associate: ``(…, W), (…, W) -> (…, W)``; more operands bind from left to right.

        Taught in notebook 02. Where order matters, x is the filler and y the role.
        """
        self._check("bind", x, *ys, carried=self.carries)
        return self._sound("bind", self._chain(x, *ys) if ys else x, x, *ys)

    def unbind(self, z: Tensor, y: Tensor) -> Tensor:
        """Undo ``bind(x, y)``: ``(…, W), (…, W) -> (…, W)``. Taught in notebook 02."""
        self._check("unbind", z, y, carried=self.carries)
        return self._sound("unbind", self._unbind(z, y), z, y)

    def prepare(self, y: Tensor) -> Tensor:
        """Roles for many calls of ``bind`` and ``unbind``: ``(…, W) -> (…, P)``.

        HRR's Fourier transforms, of which each call then makes one less, and which no other verb
        takes; of other models the vectors as they are. Taught in notebook 08.
        """
        self._check("prepare", y)
        return y

    def inverse(self, x: Tensor) -> Tensor:
        """The vector whose binding undoes x's: ``(…, W) -> (…, W)``. Taught in notebook 02."""
        self._has("inverse")
        self._check("inverse", x)
        return self._inverse(x)

    def identity(self) -> Tensor:
        """The second operand that binds without effect: ``-> (W,)``. Taught in notebook 02."""
        self._has("identity")
        return self._identity()

    def _bind(self, x: Tensor, y: Tensor) -> Tensor:
        raise NotImplementedError

    def _chain(self, *xs: Tensor) -> Tensor:
        """Two or more operands bound from left to right."""
        return functools.reduce(self._bind, xs)

    def _unbind(self, z: Tensor, y: Tensor) -> Tensor:
        return self._bind(z, self._inverse(y))

    def _inverse(self, x: Tensor) -> Tensor:
        raise NotImplementedError

    def _identity(self) -> Tensor:
        raise NotImplementedError

    # Superposition

    def bundle(self, xs: Tensor, dim: int = -2, weights: Any = None) -> Tensor:
        """Superpose along an axis, optionally weighted: ``(…, n, W) -> (…, W)``.

        Models that keep only a sign or a symbol break ties by seeded bits that depend on the tally:
        neither the order of the items nor the device matters, and unrelated bundles stay unrelated.
        Taught in notebook 00.
        """
        rows, weights = self._rows("bundle", xs, dim, weights, self.seen if weights is None else ())
        if not self.additive and rows.shape[-2] == 0:
            raise ValueError(
                f"bundle: {type(self).__name__} has no empty bundle, any value of it would mean "
                "something; give at least one vector"
            )
        try:
            made = self._bundle(rows, weights)
        except ValueError:
            self._whole("bundle", xs)  # the same, in the words of the model
            raise
        return self._looked("bundle", made, xs)

    def bundle_segments(self, rows: Tensor, offsets: Tensor, index: Tensor | None = None) -> Tensor:
        """Many bundles at once, of any sizes: ``(N, W), (S + 1,), (M,)? -> (S, W)``.

        Bundle s holds rows ``offsets[s]:offsets[s + 1]``, or ``rows[index]`` in these places where
        an index is given, so that 10,000 bundles of known atoms never copy an atom. Equal to
        ``bundle`` of each (float sums: to rounding). Taught in notebook 08.
        """
        self._check("bundle_segments", rows)
        if rows.dim() != 2:
            raise ValueError(f"bundle_segments: rows must be (N, W), got {tuple(rows.shape)}")
        kernels.segments("bundle_segments", rows, offsets, index)
        if not self.additive and bool((offsets[1:] == offsets[:-1]).any()):
            raise ValueError(f"bundle_segments: {type(self).__name__} has no empty bundle")
        return self._bundle_segments(rows, offsets, index)

    def tally(self, xs: Tensor, dim: int = -2, weights: Any = None) -> Tensor:
        """The exact running sum behind a bundle: ``(…, n, W) -> (…, T)``; parts add up.

        T is D, or D · modulus where a model counts integers (MCR, CGR). ``normalize`` turns a tally
        into the model's values. Taught in notebook 02.
        """
        total = self._tally("tally", *self._rows("tally", xs, dim, weights))
        return self._looked("tally", total, xs)

    def normalize(self, x: Tensor) -> Tensor:
        """A tally or vector onto the model's own values: ``-> (…, W)``. Taught in notebook 02."""
        self._check("normalize", x, tally=True)
        return self._settled(x)

    def _rows(
        self, verb: str, xs: Tensor, dim: int, weights: Any, carried: tuple[torch.dtype, ...] = ()
    ) -> tuple[Tensor, Tensor | None]:
        """The bundled axis brought to -2, and weights that multiply its rows, ``(…, n, 1)``."""
        self._check(verb, xs, carried=FLOATS if self.additive else carried)
        dim, axes = whole(f"{verb}: dim", dim), xs.dim()
        if axes < 2 or not -axes <= dim < axes or dim in (-1, axes - 1):
            shape = tuple(xs.shape)
            raise ValueError(f"{verb}: dim={dim} is no batch axis of {shape}; stack vectors first")
        xs = xs if dim == -2 else xs.movedim(dim, -2)
        if weights is None:
            return xs, None
        try:
            given = torch.as_tensor(weights, device=self.device)
        except (TypeError, ValueError, RuntimeError):
            raise TypeError(f"{verb}: weights must be real numbers, got {weights!r}") from None
        if given.dtype == torch.bool or given.is_complex():
            raise TypeError(f"{verb}: weights must be real numbers, got {plain(given.dtype)}")
        if given.dim() == 0 or given.shape[-1] != xs.shape[-2]:
            raise ValueError(
                f"{verb}: weights of shape {tuple(given.shape)} for {xs.shape[-2]} vectors; "
                "give one number for each vector"
            )
        agree(f"{verb}: weights", given.shape[:-1], xs.shape[:-2])
        if given.is_floating_point() and xs.dtype not in (torch.float64, torch.complex128):
            given = given.to(torch.float32)
        if not finite(given):
            raise ValueError(
                f"{verb}: weights hold NaN or inf as {plain(given.dtype)}; replace them"
            )
        return xs, given.unsqueeze(-1)

    def _bundle(self, xs: Tensor, weights: Tensor | None) -> tuple[Tensor, bool]:
        if self.additive:
            return self._tally("bundle", xs, weights)
        return self._settle(self._tally("bundle", xs, weights)[0]), True

    def _bundle_segments(self, rows: Tensor, offsets: Tensor, index: Tensor | None) -> Tensor:
        if self.additive and rows.dtype == torch.int8:
            return kernels.tally(rows, offsets, index)
        picked = torch.arange(len(rows), device=self.device) if index is None else index
        if not self.additive or rows.dtype in INTEGERS:
            return self._bundle_by_size(rows, offsets, picked)
        real = torch.view_as_real(rows.resolve_conj()).flatten(1) if rows.is_complex() else rows
        start, stop = offsets[:1].tolist()[0], offsets[-1:].tolist()[0]
        inside = picked[start:stop]
        sums: Tensor = torch.nn.functional.embedding_bag(
            inside, real, offsets - start, mode="sum", include_last_offset=True
        )
        return torch.view_as_complex(sums.unflatten(1, (-1, 2))) if rows.is_complex() else sums

    def _bundle_by_size(self, rows: Tensor, offsets: Tensor, picked: Tensor) -> Tensor:
        """Segments of one size stand side by side, so that as many as have room are one bundle."""
        sizes, made, order = offsets.diff(), [rows[:0]], [offsets[:0]]
        for n in sizes.unique().tolist():
            which = (sizes == n).nonzero().squeeze(-1)
            for some in which.split(max(1, ROOM // max(1, n * self.width))):
                place = offsets[some].unsqueeze(-1) + torch.arange(n, device=self.device)
                made.append(self._bundle(rows[picked[place]], None)[0])  # (sets, n, W) -> (sets, W)
                order.append(some)
        return torch.cat(made)[torch.cat(order).argsort()]

    def _tally(self, verb: str, xs: Tensor, weights: Tensor | None) -> tuple[Tensor, bool]:
        """Σ weights · signs over axis -2, and is it finite? No second copy of xs is made."""
        batch, n, kind = xs.shape[:-2], xs.shape[-2], xs.dtype
        if weights is None and kind == torch.int8 and n < 1 << 24:  # sums fit int32
            return kernels.tally(xs), True
        if kind in INTEGERS:
            kind = torch.int32 if kind == torch.int8 or not self.additive else torch.int64
            load = n if weights is None else peak(weights.abs().sum(-2, dtype=torch.float64))
            if weights is not None and weights.is_floating_point():
                # sums of float32 weights are exact in float64: ties do not depend on the order
                kind = torch.float32 if self.additive else torch.float64
            guard(verb, load * (peak(xs) if self.additive else 1), kind)
        elif weights is None:
            return kernels.total(self._signs(xs))
        if weights is not None:
            batch, weights = broadcast(batch, weights.shape[:-2]), weights.to(kind)
        total = torch.zeros((*batch, self._size), dtype=kind, device=self.device)
        room = ROOM if weights is None else ROOM >> 5  # small products stay in the cache
        rows = ROWS * self.dim // self._size
        step = max(1, min(rows, room // max(1, total.numel())))
        for i in range(0, n, step):
            part = self._signs(xs[..., i : i + step, :])
            if weights is not None:
                part = part * weights[..., i : i + step, :]
            if part.dtype in (torch.int8, torch.uint8):
                total.add_(kernels.tally(part.contiguous().view(torch.int8)))
            elif step == 1:
                total.add_(part[..., 0, :])
            else:
                total.add_(part.sum(-2, dtype=kind))
        return total, finite(total)

    def _signs(self, xs: Tensor) -> Tensor:
        """The numbers that a tally adds up, ``(…, W) -> (…, T)``."""
        return xs

    def _settle(self, tally: Tensor) -> Tensor:
        """The model's own values nearest to a tally, ``(…, T) -> (…, W)``; here length 1."""
        return unit(tally)

    def _settled(self, x: Tensor) -> Tensor:
        """A tally settled; a quantised model's own vector as it is."""
        return x if self._own(x) and not self.additive else self._settle(x)

    # Order

    def permute(self, x: Tensor, shift: int = 1) -> Tensor:
        """Move by ``shift`` places, cyclically; a negative shift undoes. Taught in notebook 02."""
        self._check("permute", x, carried=FLOATS)
        return self._permute(x, whole("permute: shift", shift) % self.dim)

    def _permute(self, x: Tensor, shift: int) -> Tensor:
        return self._looked("permute", kernels.roll(x, shift), x)

    # Comparison

    def similarity(self, x: Tensor, y: Tensor) -> Tensor:
        """All pairs: ``(…, n, W), (…, m, W) -> (…, n, m)``; as in matmul, 1-D drops its axis.

        Equal atoms give 1, unrelated ones 0 on average with a standard deviation near 1/sqrt(D); a
        zero vector is similar to nothing (0). Always float and in [-1, 1]. Taught in notebook 01.
        """
        self._check("similarity", x, y, tally=True, broadcast=False)
        rows, columns = (v.unsqueeze(0) if v.dim() == 1 else v for v in (x, y))
        agree("similarity", rows.shape[:-2], columns.shape[:-2])
        out = self._similarity(rows, columns).clamp(-1, 1)
        out = out.squeeze(-1) if y.dim() == 1 else out
        return out.squeeze(-2 if y.dim() > 1 else -1) if x.dim() == 1 else out

    def _similarity(self, x: Tensor, y: Tensor, index: Tensor | None = None) -> Tensor:
        """Cosines of ``_features``, block by block: no temporary grows with the number of rows.

        ``index`` is ``_index(y)`` where it is known.
        """
        copies = max(1, x.shape[:-2].numel(), y.shape[:-2].numel())
        step = max(1, ROOM // (copies * self.dim))
        blocks = []
        for i in range(0, max(1, x.shape[-2]), step):
            row = []
            left, left_norm = self._measured(x[..., i : i + step, :])
            for j in range(0, max(1, y.shape[-2]), step):
                part = y[..., j : j + step, :]
                if index is None:
                    right, right_norm = self._measured(part)
                else:
                    right, right_norm = self._features(part), index[..., j : j + step, :]
                kind = torch.promote_types(left.dtype, right.dtype)
                norms = left_norm * right_norm.mT
                dots = left.to(kind) @ right.to(kind).mT
                row.append(torch.where(norms > 0, dots / torch.where(norms > 0, norms, 1), 0))
            blocks.append(row[0] if len(row) == 1 else torch.cat(row, -1))
        return blocks[0] if len(blocks) == 1 else torch.cat(blocks, -2)

    def _index(self, y: Tensor) -> Tensor | None:
        """What ``_similarity`` needs of many items beside themselves, kept by item memories.

        Here their lengths, ``(n, W) -> (n, 1)``; None where there is nothing to keep.
        """
        step = max(1, ROOM // self.dim)
        norms = [torch.linalg.vector_norm(self._features(part), dim=-1) for part in y.split(step)]
        lengths = torch.cat(norms).unsqueeze(-1)
        tame = (lengths == 0) | ((lengths > 1e-15) & (lengths < 1e15))  # no row to rescale
        return lengths if tame.all() else None

    def _similarity_made(self, x: Tensor, ids: Tensor) -> Tensor:
        """``_similarity`` to the atoms of ids: ``(n, W), (m,) -> (n, m)``."""
        step = max(1, MADE // (self.width * self.dtypes[0].itemsize))
        parts = [self._similarity(x, self._drawn_rows(self.seed, part)) for part in ids.split(step)]
        return torch.cat(parts, -1)

    def _measured(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """``_features`` and their lengths."""
        return scaled(self._features(x))

    def _features(self, x: Tensor) -> Tensor:
        """Real numbers whose cosine is the model's similarity: ``(…, n, W) -> (…, n, F)``."""
        return x if x.dtype in REALS else x.to(torch.float32)

    def dense(self, x: Tensor) -> Tensor:
        """The textbook form, a number a dimension: ``(…, W) -> (…, D)``. Taught in notebook 01."""
        self._check("dense", x)
        return self._dense(x)

    def _dense(self, x: Tensor) -> Tensor:
        return x

    # Checks: before any work, with the verb, the values and the repair

    def _has(self, verb: str) -> None:
        if verb in self.lacks:
            raise NotImplementedError(f"{verb}: {type(self).__name__} has none: {self.lacks[verb]}")

    def _check(
        self,
        verb: str,
        *xs: Tensor,
        tally: bool = False,
        broadcast: bool = True,
        carried: tuple[torch.dtype, ...] = (),
    ) -> None:
        """Refuse what is not a vector of this space (with tally=True: nor a tally of it).

        carried: types whose flaws the verb finds itself, in the result or on its way there.
        """
        for x in xs:
            if not (isinstance(x, Tensor) and x.dim() and self._own(x) and x.device == self.device):
                self._refuse(verb, xs, tally)  # or else tallies
                break
        for x in xs:
            if x.dtype not in carried:
                self._whole(verb, x)
        if broadcast and len(xs) > 1 and len({x.shape for x in xs}) > 1:
            agree(verb, *(x.shape[:-1] for x in xs))

    def _refuse(self, verb: str, xs: tuple[Any, ...], tally: bool) -> None:
        """Say which is not a tensor of this space, and how to repair it."""
        for x in xs:
            if not isinstance(x, Tensor):
                kind = type(x).__name__
                raise TypeError(f"{verb}: expected one tensor, got {kind}; see atoms, torch.stack")
            if x.dim() == 0:
                raise ValueError(f"{verb}: expected a vector, got a tensor without axes")
        whose = f"the same {type(self).__name__}"
        if len({x.dtype for x in xs}) == 1 < len({x.shape[-1] for x in xs}) and not tally:
            shapes = " and ".join(str(tuple(x.shape)) for x in xs)
            raise ValueError(f"{verb}: widths differ, {shapes}; make both with {whose}")
        for x in xs:
            if not (self._own(x) or (tally and self._summed(x))):
                raise self._stranger(verb, x, f"make it with {whose}")
            if x.device != self.device:
                raise ValueError(
                    f"{verb}: {self.name} lives on {self.device}, got a tensor on {x.device}; "
                    f"move it with .to({str(self.device)!r})"
                )

    def _sound(self, verb: str, out: Tensor, *xs: Tensor) -> Tensor:
        """The result, unless NaN or infinity came in: sums and products carry them on."""
        return self._looked(verb, (out, finite(out)), *xs)

    def _looked(self, verb: str, made: tuple[Tensor, bool], *xs: Tensor) -> Tensor:
        """A result and whether it shows that its operands are sound; if not, each is searched."""
        out, sound = made
        if not (sound and out.numel()):
            for x in xs:
                self._whole(verb, x)
        return out

    def _whole(self, verb: str, x: Tensor) -> None:
        """Refuse a tensor with a value that no vector of this space holds."""
        flaw = self._flaw(x)
        if flaw:
            raise ValueError(f"{verb}: a tensor of shape {tuple(x.shape)} holds {flaw}")

    def _own(self, x: Tensor) -> bool:
        """Does it look like a vector of this space?"""
        return x.dtype in self.dtypes and x.shape[-1] == self.width

    def _summed(self, x: Tensor) -> bool:
        """Does it look like a tally that a quantised model has yet to settle?"""
        kinds = INTEGERS + REALS
        return not self.additive and x.shape[-1] == self._size and x.dtype in kinds

    def _flaw(self, x: Tensor) -> str | None:
        """What no vector of this space holds, and the repair."""
        return None if finite(x) else "NaN or inf; replace them first"

    def _stranger(self, verb: str, x: Tensor, repair: str) -> Exception:
        """The error for a tensor of another model or of another width."""
        got = f"got {plain(x.dtype)} {tuple(x.shape)}"
        if x.dtype != self.dtypes[0] and x.dtype in MAKERS:
            got += f" as from {MAKERS[x.dtype]}"
        if x.dtype in self.dtypes:
            return ValueError(f"{verb}: {self.name} has width {self.width}, {got}; {repair}")
        own = "/".join(map(plain, self.dtypes))
        also = ", or normalize it if it is a tally" if self._summed(x) else ""
        return TypeError(f"{verb}: {self.name} works on {own}, {got}; {repair}{also}")
