"""Numbers as hypervectors: near numbers alike, far ones not, each with a known profile."""

from __future__ import annotations

import math
from typing import Any, Literal

import torch
from torch import Tensor

from hdlib import bits, kernels
from hdlib.vsa import BSC, BSDC, CGR, FHRR, HRR, MAPB, MAPI, MBAT, MCR, SBC, VSA, VTB
from hdlib.vsa.base import finite, whole


def level(vsa: VSA, n: int, *, name: str = "level") -> Tensor:
    """n levels from one atom to another, a share of the components changed at each: ``-> (n, W)``.

    The similarity falls in a straight line to 0, see ``theory.level_similarity``. Takes every
    model; levels of another name are unrelated. Errors: ValueError if n < 2. Source: Rahimi et al.
    2016, doi:10.1145/2934583.2934624. Taught in notebook 03.

    >>> from hdlib import MAPI
    >>> vsa = MAPI(10_000)
    >>> levels = level(vsa, 5)
    >>> [round(s, 1) for s in vsa.similarity(levels, levels[0]).tolist()]
    [1.0, 0.8, 0.5, 0.3, 0.0]
    """
    n = whole("level: n", n, 2)
    ends = vsa.atoms([f"{name}/low", f"{name}/high"])
    return _select(vsa, ends[0], ends[1], _ranks(vsa, name) < _changed(vsa, n))


def thermometer(vsa: VSA, n: int, *, name: str = "thermometer") -> Tensor:
    """n levels from an atom to its opposite, filled from the left: ``-> (n, W)``.

    The similarity falls in a straight line from 1 to -1, see ``theory.thermometer_similarity``: the
    classical unary code, bound to an atom. Errors: ValueError if n < 2; NotImplementedError for
    models without opposites (BSDC, SBC, odd moduli). Source: Buckman et al. 2018, Thermometer
    encoding, ICLR. Taught in notebook 03.

    >>> from hdlib import BSC
    >>> vsa = BSC(10_000)
    >>> levels = thermometer(vsa, 5)
    >>> [round(s, 3) for s in vsa.similarity(levels, levels[0]).tolist()]
    [1.0, 0.5, 0.0, -0.5, -1.0]
    """
    n = whole("thermometer: n", n, 2)
    low = vsa.atoms(f"{name}/low")
    if isinstance(vsa, BSC):
        high = low ^ bits.mask(vsa.dim, vsa.device)
    elif isinstance(vsa, MCR | CGR) and vsa.modulus % 2 == 0:
        high = (low + vsa.modulus // 2) % vsa.modulus
    elif isinstance(vsa, BSDC | SBC | MCR | CGR):
        raise NotImplementedError(f"thermometer: {vsa.name} has no opposites; take level")
    else:
        high = -low
    places = torch.arange(_components(vsa), device=vsa.device)
    return _select(vsa, low, high, places < _changed(vsa, n))


def circular(vsa: VSA, n: int, *, name: str = "circular") -> Tensor:
    """n vectors around a circle, for hours, days or angles: ``-> (n, W)``.

    Each component belongs to one atom over half of the circle and to another over the other half;
    the similarity falls in a straight line to 0 at the opposite side, see
    ``theory.circular_similarity``, for odd n as for even. Takes every model. Errors: ValueError if
    n < 1. Source: Nunes et al. 2022, arXiv 2205.07920. Taught in notebook 03.

    >>> from hdlib import FHRR
    >>> vsa = FHRR(10_000)
    >>> hours = circular(vsa, 6)
    >>> [round(s, 1) for s in vsa.similarity(hours, hours[0]).tolist()]
    [1.0, 0.7, 0.3, 0.0, 0.3, 0.7]
    """
    n = whole("circular: n", n, 1)
    ends, size = vsa.atoms([f"{name}/one", f"{name}/other"]), _components(vsa)
    turned = torch.arange(n, device=vsa.device).unsqueeze(-1) * (2 * size)
    half = (2 * n * _ranks(vsa, name) + turned) % (2 * n * size) >= n * size  # whole numbers
    return _select(vsa, ends[0], ends[1], half)


def projection(vsa: VSA, x: Any, *, name: str = "projection") -> Tensor:
    """Feature vectors by one random Gaussian matrix: ``(…, F) -> (…, W)``.

    Real models (MAPI, HRR, VTB, MBAT) keep the projections, scaled so that a unit vector gives
    length 1 (MAPI: each component spread 1); MAPB and BSC keep their signs. Similarity as in
    ``theory.projection_similarity``. Errors: ValueError for NaN or an empty last axis;
    NotImplementedError for other models. Source: Charikar 2002, doi:10.1145/509907.509965.
    Taught in notebook 03.

    >>> from hdlib import BSC
    >>> vsa = BSC(10_000)
    >>> near, far = projection(vsa, [[1.0, 0.0], [1.0, 1.0]])
    >>> round(vsa.similarity(near, far).item(), 1)
    0.5
    """
    if not isinstance(vsa, MAPI | MAPB | BSC | HRR | VTB | MBAT):
        repair = "take MAPI, MAPB, BSC, HRR, VTB or MBAT; FHRR has fractional_power"
        raise NotImplementedError(f"projection: {type(vsa).__name__} has no linear form; {repair}")
    features = _numbers("projection", x, vsa)
    if features.dim() == 0 or features.shape[-1] == 0:
        raise ValueError(f"projection: no features in shape {tuple(features.shape)}; give (…, F)")
    ids = torch.arange(features.shape[-1], device=vsa.device)
    words = kernels.words(bits.derive(vsa.seed, f"projection/{name}"), ids, (vsa.dim + 1) // 2)
    y: Tensor = features.to(torch.float32) @ bits.normals(words)[:, : vsa.dim]  # (…, F) @ (F, D)
    if isinstance(vsa, BSC):
        return bits.pack(y < 0)
    if isinstance(vsa, MAPB):
        return torch.where(y < 0, -1, 1).to(torch.int8)
    return y if isinstance(vsa, MAPI) else y / math.sqrt(vsa.dim)


def fractional_power(
    vsa: VSA,
    x: Any,
    *,
    bandwidth: float = 1.0,
    kernel: Literal["sinc", "gaussian"] = "sinc",
    name: str = "power",
) -> Tensor:
    """A base vector bound x times with itself, also for fractions: ``(…,) -> (…, W)``.

    Binding adds: the vector of x bound to that of y is the vector of x + y. The similarity of x and
    y is a kernel of (x - y) / bandwidth, see ``theory.fractional_power_similarity``: sinc from
    uniform phases, a Gaussian from normal ones. For several axes bind vectors of several names.
    Errors: ValueError for NaN or a bandwidth that is not positive; NotImplementedError but for FHRR
    and HRR. Source: Plate 1992; Frady et al. 2021, arXiv 2109.03429. Taught in notebooks 03 and 09.

    >>> from hdlib import FHRR
    >>> vsa = FHRR(10_000)
    >>> half, one = fractional_power(vsa, [0.5, 1.0])
    >>> round(vsa.similarity(vsa.bind(half, half), one).item(), 3)
    1.0
    """
    if not isinstance(vsa, FHRR | HRR):
        repair = "its binding has no roots; take FHRR or HRR, or level"
        raise NotImplementedError(f"fractional_power: {type(vsa).__name__}: {repair}")
    if kernel not in ("sinc", "gaussian"):
        raise ValueError(f'fractional_power: kernel must be "sinc" or "gaussian", got {kernel!r}')
    if not 0 < bandwidth < math.inf:
        raise ValueError(f"fractional_power: bandwidth must be positive, got {bandwidth!r}")
    powers = _numbers("fractional_power", x, vsa).to(torch.float64) / bandwidth
    free = vsa.dim if isinstance(vsa, FHRR) else (vsa.dim - 1) // 2
    seed, zero = bits.derive(vsa.seed, f"power/{name}"), torch.zeros((), dtype=torch.int64)
    words = kernels.words(seed, zero.to(vsa.device), (free + 1) // 2)
    draws = bits.normals(words) if kernel == "gaussian" else (2 * bits.uniforms(words) - 1)
    phases = draws[:free].to(torch.float64) * (1 if kernel == "gaussian" else math.pi)
    turns = powers.unsqueeze(-1) * phases  # (…, free)
    waves = torch.polar(torch.ones_like(turns), turns)
    if isinstance(vsa, FHRR):
        return waves.to(torch.complex64)
    ones = waves.new_ones((*waves.shape[:-1], 1))  # a real vector has real ends of its spectrum
    spectrum = torch.cat([ones, waves] + ([ones] if vsa.dim % 2 == 0 else []), -1)
    code: Tensor = torch.fft.irfft(spectrum, n=vsa.dim)
    return code.to(torch.float32)


def _numbers(verb: str, x: Any, vsa: VSA) -> Tensor:
    """Finite real numbers on the device of the space."""
    given = torch.as_tensor(x, device=vsa.device)
    if given.dtype == torch.bool or given.is_complex():
        raise TypeError(f"{verb}: expected real numbers, got {given.dtype}")
    if not finite(given):
        raise ValueError(f"{verb}: the input holds NaN or inf; replace them first")
    return given


def _components(vsa: VSA) -> int:
    """How many components may be taken from either of two vectors: bits, numbers or symbols."""
    return vsa.dim if _packed(vsa) else vsa.width


def _packed(vsa: VSA) -> bool:
    return isinstance(vsa, BSC) or (isinstance(vsa, BSDC) and not vsa.additive)


def _ranks(vsa: VSA, name: str) -> Tensor:
    """A random order of the components: ``-> (C,)``."""
    zero = torch.zeros((), dtype=torch.int64, device=vsa.device)
    seed = bits.derive(vsa.seed, f"order/{name}")
    return kernels.words(seed, zero, _components(vsa)).argsort().argsort()


def _changed(vsa: VSA, n: int) -> Tensor:
    """How many components differ from the first level, at each level: ``-> (n, 1)``."""
    steps = torch.arange(n, device=vsa.device).unsqueeze(-1) * _components(vsa)
    return (2 * steps + n - 1) // (2 * (n - 1))  # rounded


def _select(vsa: VSA, x: Tensor, y: Tensor, mask: Tensor) -> Tensor:
    """Components of y where the mask is set, else of x: ``(W,), (W,), (n, C) -> (n, W)``."""
    if _packed(vsa):
        return x ^ ((x ^ y) & bits.pack(mask))
    return torch.where(mask, y, x)
