"""Closed forms: pure mathematics on numbers, nothing of hdlib imported."""

from hdlib.theory.analogy import analogy_similarity, best_unrelated, binomial, margin, recognition
from hdlib.theory.basis import (
    circular_similarity,
    fractional_power_similarity,
    level_similarity,
    projection_similarity,
    thermometer_similarity,
)
from hdlib.theory.bundle import (
    majority_agreement,
    member_similarity,
    similarity_sd,
    unbind_similarity,
)

__all__ = [
    "analogy_similarity",
    "best_unrelated",
    "binomial",
    "circular_similarity",
    "fractional_power_similarity",
    "level_similarity",
    "majority_agreement",
    "margin",
    "member_similarity",
    "projection_similarity",
    "recognition",
    "similarity_sd",
    "thermometer_similarity",
    "unbind_similarity",
]
