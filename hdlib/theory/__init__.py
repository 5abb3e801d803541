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
from hdlib.theory.bloom import (
    bloom_bits_per_key,
    bloom_false_positive,
    bloom_false_positive_now,
    bloom_fill,
    bloom_fill_sd,
    bloom_hashes,
    bloom_size,
    bloom_textbook,
)
from hdlib.theory.bloom_sets import (
    bloom_count,
    bloom_count_sd,
    bloom_intersection_sd,
    bloom_jaccard_sd,
    bloom_overlap,
)
from hdlib.theory.bundle import (
    majority_agreement,
    member_similarity,
    similarity_sd,
    unbind_similarity,
)
from hdlib.theory.cleanup import cleanup_accuracy
from hdlib.theory.counting import (
    count_score,
    count_score_mass,
    counting_intersection_sd,
    counting_overflow,
    threshold_reading,
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
from hdlib.theory.sketches import count_min_bound, sketch_frequency_sd, sketch_inner_sd

__all__ = [
    "all_separated",
    "analogy_similarity",
    "best_unrelated",
    "binomial",
    "bloom_bits_per_key",
    "bloom_count",
    "bloom_count_sd",
    "bloom_false_positive",
    "bloom_false_positive_now",
    "bloom_fill",
    "bloom_fill_sd",
    "bloom_hashes",
    "bloom_intersection_sd",
    "bloom_jaccard_sd",
    "bloom_overlap",
    "bloom_size",
    "bloom_textbook",
    "circular_similarity",
    "cleanup_accuracy",
    "codebook_size",
    "count_min_bound",
    "count_score",
    "count_score_mass",
    "counting_intersection_sd",
    "counting_overflow",
    "fractional_power_similarity",
    "hoeffding_tail",
    "largest_similarity",
    "level_similarity",
    "majority_agreement",
    "margin",
    "member_similarity",
    "projection_similarity",
    "rebind_similarity",
    "recognition",
    "similarity_density",
    "similarity_mass",
    "similarity_sd",
    "similarity_tail",
    "sketch_frequency_sd",
    "sketch_inner_sd",
    "thermometer_similarity",
    "threshold_reading",
    "unbind_similarity",
]
