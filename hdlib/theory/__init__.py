"""Closed forms: pure mathematics on numbers, nothing of hdlib imported."""

from hdlib.theory.analogy import analogy_similarity, best_unrelated, binomial, margin, recognition
from hdlib.theory.basis import (
    circular_similarity,
    fractional_power_similarity,
    level_similarity,
    projection_similarity,
    thermometer_similarity,
)
from hdlib.theory.binding import rebind_similarity
from hdlib.theory.bundle import (
    majority_agreement,
    member_similarity,
    similarity_sd,
    unbind_similarity,
)
from hdlib.theory.cleanup import cleanup_accuracy

__all__ = [
    "analogy_similarity",
    "best_unrelated",
    "binomial",
    "circular_similarity",
    "cleanup_accuracy",
    "fractional_power_similarity",
    "level_similarity",
    "majority_agreement",
    "margin",
    "member_similarity",
    "projection_similarity",
    "rebind_similarity",
    "recognition",
    "similarity_sd",
    "thermometer_similarity",
    "unbind_similarity",
]
