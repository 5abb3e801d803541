"""Every model with every option, for tests that hold for all of them."""

import math

import numpy as np
import torch
from hypothesis import settings
from hypothesis import strategies as st
from scipy import stats

from hdlib import BSC, BSDC, CGR, FHRR, HRR, MAPB, MAPI, MBAT, MCR, SBC, VTB

law = settings(deadline=None, derandomize=True, max_examples=12)

SPACES = {
    "MAPI": (MAPI, {}),
    "MAPB": (MAPB, {}),
    "BSC": (BSC, {}),
    "BSDC-or": (BSDC, {}),
    "BSDC-dense": (BSDC, {"density": 0.3}),
    "BSDC-count": (BSDC, {"bundles": "count"}),
    "SBC-2": (SBC, {"block": 2}),
    "SBC-16": (SBC, {"block": 16}),
    "SBC-10": (SBC, {"block": 10}),
    "MCR-2": (MCR, {"modulus": 2}),
    "MCR-5": (MCR, {"modulus": 5}),
    "MCR-16": (MCR, {"modulus": 16}),
    "CGR-3": (CGR, {"modulus": 3}),
    "CGR-16": (CGR, {"modulus": 16}),
    "HRR": (HRR, {}),
    "FHRR": (FHRR, {}),
    "VTB": (VTB, {}),
    "MBAT-permutation": (MBAT, {"kind": "permutation"}),
    "MBAT-orthogonal": (MBAT, {"kind": "orthogonal"}),
    "MBAT-hadamard": (MBAT, {"kind": "hadamard"}),
    "MBAT-gaussian": (MBAT, {"kind": "gaussian"}),
}
ALL = list(SPACES)
NOISY = ["HRR", "VTB", "MBAT-gaussian"]  # unbind only nearly undoes bind
BITWISE = ["MAPI", "MAPB", "BSC", "BSDC-or", "BSDC-dense", "BSDC-count"]
MODULAR = ["MCR-2", "MCR-5", "MCR-16", "CGR-3", "CGR-16"]
BITWISE += [
    *MODULAR,
    "SBC-2",
    "SBC-16",
    "SBC-10",
    "MBAT-permutation",
]  # and these undo it bit for bit
QUANTISED = ["MAPB", "BSC", "BSDC-or", "BSDC-dense", "SBC-2", "SBC-16", "SBC-10", *MODULAR]
ADDITIVE = [name for name in ALL if name not in QUANTISED]
FLOATS = ["HRR", "FHRR", "VTB", *(name for name in ALL if name.startswith("MBAT"))]
DIMS = (1, 2, 3, 8, 63, 64, 65, 130)


def make(name, dim, *, seed=0, **more):
    """The space of this name with at least ``dim`` dimensions: the next number that it allows."""
    model, options = SPACES[name]
    if model is BSDC:
        dim = max(3, dim)
    elif model is SBC:
        dim = options["block"] * math.ceil(dim / options["block"])
    elif model is VTB:
        dim = math.ceil(math.sqrt(dim)) ** 2
    elif name == "MBAT-hadamard":
        dim = 1 << (dim - 1).bit_length()
    return model(dim, seed=seed, **options, **more)


def spaces(name):
    """A hypothesis strategy: one model at many dimensions and seeds."""
    return st.builds(
        lambda dim, seed: make(name, dim, seed=seed), st.sampled_from(DIMS), st.integers(0, 2**70)
    )


shapes = st.lists(st.integers(0, 3), max_size=2).map(tuple)  # batch axes, also empty ones


def same(a, b, tolerance=2e-6):
    """Equal shapes, types and values; floats up to rounding, relative to the greatest of them."""
    assert a.shape == b.shape
    assert a.dtype == b.dtype
    if not (a.is_floating_point() or a.is_complex()):
        return torch.equal(a, b)
    size = max(1e-30, *(float(v.abs().max()) if v.numel() else 0.0 for v in (a, b)))
    return bool(((a - b).abs() <= tolerance * size * math.sqrt(max(1, a.shape[-1]))).all())


def pairwise(vsa, x, y):
    """Similarity of x[i] and y[i]: ``(n, W), (n, W) -> (n,)``."""
    return vsa.similarity(x.unsqueeze(1), y.unsqueeze(1)).flatten()


def pooled(zs):
    """The gate of every random test: many cells, their mean and their spread, no lucky seed."""
    zs = np.asarray(zs)
    together = zs.sum() / math.sqrt(len(zs))
    spread = stats.chi2.sf((zs**2).sum(), len(zs))
    print(f"pooled z = {together:+.2f} over {len(zs)} cells, chi-square p = {spread:.3g}")
    assert abs(together) < 4
    assert spread > 1e-4
