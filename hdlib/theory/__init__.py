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
from hdlib.theory.bounds import sufficient_dimension
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
from hdlib.theory.deletion import deletion_miss
from hdlib.theory.edges import edge_test
from hdlib.theory.guessing import random_segmentation
from hdlib.theory.hopfield import (
    hopfield_error,
    hopfield_false_negative,
    hopfield_false_positive,
    hopfield_flip,
    hopfield_intersection_moments,
)
from hdlib.theory.intersection import (
    intersection_error,
    intersection_estimate,
    intersection_forms,
    intersection_moments,
    intersection_similarity,
)
from hdlib.theory.membership import (
    false_negative,
    false_positive,
    membership_error,
    membership_forms,
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
from hdlib.theory.profiles import profile_accuracy
from hdlib.theory.records import cleanup_error_bound, record_accuracy, record_forms
from hdlib.theory.retrieval import members_found
from hdlib.theory.sequences import repeat_false_positive, repeat_forms
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
    "cleanup_error_bound",
    "codebook_size",
    "count_min_bound",
    "count_score",
    "count_score_mass",
    "counting_intersection_sd",
    "counting_overflow",
    "deletion_miss",
    "edge_test",
    "false_negative",
    "false_positive",
    "fractional_power_similarity",
    "hoeffding_tail",
    "hopfield_error",
    "hopfield_false_negative",
    "hopfield_false_positive",
    "hopfield_flip",
    "hopfield_intersection_moments",
    "intersection_error",
    "intersection_estimate",
    "intersection_forms",
    "intersection_moments",
    "intersection_similarity",
    "largest_similarity",
    "level_similarity",
    "majority_agreement",
    "margin",
    "member_similarity",
    "members_found",
    "membership_error",
    "membership_forms",
    "profile_accuracy",
    "projection_similarity",
    "random_segmentation",
    "rebind_similarity",
    "recognition",
    "record_accuracy",
    "record_forms",
    "repeat_false_positive",
    "repeat_forms",
    "similarity_density",
    "similarity_mass",
    "similarity_sd",
    "similarity_tail",
    "sketch_frequency_sd",
    "sketch_inner_sd",
    "sufficient_dimension",
    "thermometer_similarity",
    "threshold_reading",
    "unbind_similarity",
]
