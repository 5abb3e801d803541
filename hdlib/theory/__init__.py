"""Closed forms: pure mathematics on numbers, nothing of hdlib imported."""

from hdlib.theory.analogy import analogy_similarity, best_unrelated, binomial, margin, recognition
from hdlib.theory.bundle import (
    majority_agreement,
    member_similarity,
    similarity_sd,
    unbind_similarity,
)
from hdlib.theory.orthogonality import (
    all_separated,
    codebook_size,
    hoeffding_tail,
    largest_similarity,
    similarity_density,
    similarity_mass,
    similarity_tail,
)

__all__ = [
    "all_separated",
    "analogy_similarity",
    "best_unrelated",
    "binomial",
    "codebook_size",
    "hoeffding_tail",
    "largest_similarity",
    "majority_agreement",
    "margin",
    "member_similarity",
    "recognition",
    "similarity_density",
    "similarity_mass",
    "similarity_sd",
    "similarity_tail",
    "unbind_similarity",
]
