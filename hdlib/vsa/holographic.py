"""Holographic reduced representations: circular convolution of reals (HRR) or phases (FHRR)."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from hdlib import bits, kernels
from hdlib.kernels.fourier import convolve, length, spectrum
from hdlib.kernels.rows import result
from hdlib.vsa.base import REALS, VSA


def gaussian_atoms(vsa: VSA, seed: int, ids: Tensor) -> Tensor:
    """Components from N(0, 1/D): ``(*s,) -> (*s, D)`` float32."""
    return kernels.normals(seed, ids, vsa.dim).div_(math.sqrt(vsa.dim))


class HRR(VSA):
    """Holographic reduced representation: N(0, 1/D) atoms, circular convolution to bind.

    Unbinding correlates with y, which is exact in expectation and leaves a cosine of about
    1/sqrt(2) to an atom; a bundle is the plain sum. Source: Plate 1995, doi:10.1109/72.377968.
    Taught in notebook 02.

    >>> vsa = HRR(10_000)
    >>> x, y = vsa.atoms(["x", "y"])
    >>> round(vsa.similarity(vsa.unbind(vsa.bind(x, y), y), x).item(), 1)
    0.7
    """

    dtypes = REALS
    carries = REALS

    def _draw(self, seed: int, ids: Tensor) -> Tensor:
        return gaussian_atoms(self, seed, ids)

    def prepare(self, y: Tensor) -> Tensor:
        return spectrum(self.dim, super().prepare(y))

    def _check(self, verb: str, *xs: Tensor, **how: Any) -> None:
        """Where vectors are bound, a spectrum may stand for one."""
        roles = verb in ("bind", "unbind") and len(xs) > 1
        seen = map(self._meant, xs) if roles else xs
        super()._check(verb, *seen, **how)

    def _meant(self, x: Tensor) -> Tensor:
        """A spectrum as a view with the shape and the type of its vector; others as they are."""
        if not (isinstance(x, Tensor) and x.dim() and x.is_complex()):
            return x
        own = x.shape[-1] == length(self.dim) // 2 + 1 and not x[..., 0].imag.any()  # of reals
        return x.real[..., :1].expand(*x.shape[:-1], self.dim) if own else x

    def _chain(self, *xs: Tensor) -> Tensor:
        return convolve(self.dim, *xs)

    def _unbind(self, z: Tensor, y: Tensor) -> Tensor:
        return convolve(self.dim, z, y, undo=True)

    def _inverse(self, x: Tensor) -> Tensor:
        return x.flip(-1).roll(1, -1)  # Plate's involution: component i to -i mod D

    def _identity(self) -> Tensor:
        out = torch.zeros(self.dim, dtype=torch.float32, device=self.device)
        out[0] = 1
        return out


class FHRR(VSA):
    """Fourier HRR: D phases as complex numbers of modulus 1, multiplied to bind, exact to unbind.

    ``similarity`` is the real part of the cosine (of unrelated atoms sd 1/sqrt(2 D)); ``normalize``
    puts every component back on the unit circle (0 becomes 1). Source: Plate 2003, Holographic
    Reduced Representation, CSLI. Taught in notebook 02.

    >>> vsa = FHRR(10_000)
    >>> x, y = vsa.atoms(["x", "y"])
    >>> round(vsa.similarity(vsa.unbind(vsa.bind(x, y), y), x).item(), 3)
    1.0
    """

    dtypes = (torch.complex64, torch.complex128)

    def _draw(self, seed: int, ids: Tensor) -> Tensor:
        turns = bits.uniforms(kernels.words(seed, ids, (self.dim + 1) // 2))[..., : self.dim]
        angles = turns * (2 * math.pi)
        return torch.complex(angles.cos(), angles.sin())

    def bind(self, x: Tensor, *ys: Tensor) -> Tensor:
        self._check("bind", x, *ys, carried=self.dtypes)
        return self._looked("bind", kernels.product(x, *ys), x, *ys)

    def unbind(self, z: Tensor, y: Tensor) -> Tensor:
        self._check("unbind", z, y, carried=self.dtypes)
        return self._looked("unbind", kernels.product(z, self._inverse(y)), z, y)

    def _inverse(self, x: Tensor) -> Tensor:
        return torch.conj_physical(x, out=result(x))

    def _identity(self) -> Tensor:
        return torch.ones(self.dim, dtype=torch.complex64, device=self.device)

    def _settle(self, tally: Tensor) -> Tensor:
        size = tally.abs()
        return torch.where(size > 0, tally / torch.where(size > 0, size, 1), 1)

    def _features(self, x: Tensor) -> Tensor:
        return torch.view_as_real(x.resolve_conj()).flatten(-2)  # Re(x · conj y)
