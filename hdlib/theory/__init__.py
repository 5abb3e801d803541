"""Closed forms: pure mathematics on numbers, nothing of hdlib imported."""

from hdlib.theory.analogy import analogy_similarity, best_unrelated, binomial, margin, recognition
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
    "majority_agreement",
    "margin",
    "member_similarity",
    "recognition",
    "similarity_sd",
    "unbind_similarity",
]
