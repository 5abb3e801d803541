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
from hdlib.theory.membership import membership
from hdlib.theory.orthogonality import (
    all_separated,
    codebook_size,
    hoeffding_tail,
    largest_similarity,
    similarity_density,
    similarity_mass,
    similarity_tail,
)
from hdlib.theory.profiles import profile_accuracy

__all__ = [
    "all_separated",
    "analogy_similarity",
    "best_unrelated",
    "binomial",
    "circular_similarity",
    "cleanup_accuracy",
    "codebook_size",
    "fractional_power_similarity",
    "hoeffding_tail",
    "largest_similarity",
    "level_similarity",
    "majority_agreement",
    "margin",
    "member_similarity",
    "membership",
    "profile_accuracy",
    "projection_similarity",
    "rebind_similarity",
    "recognition",
    "similarity_density",
    "similarity_mass",
    "similarity_sd",
    "similarity_tail",
    "thermometer_similarity",
    "unbind_similarity",
]
