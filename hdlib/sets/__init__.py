"""Sets in few bits: Bloom filters, counting, growing; sketches; membership in any bundle."""

from hdlib.sets.bloom import BloomFilter
from hdlib.sets.bundles import Answers, intersection_size, membership
from hdlib.sets.common import CapacityWarning, Estimate
from hdlib.sets.counting import CountingBloomFilter
from hdlib.sets.scalable import ScalableBloomFilter
from hdlib.sets.sketches import BundleSketch, CountMin, CountSketch, Frequency

__all__ = [
    "Answers",
    "BloomFilter",
    "BundleSketch",
    "CapacityWarning",
    "CountMin",
    "CountSketch",
    "CountingBloomFilter",
    "Estimate",
    "Frequency",
    "ScalableBloomFilter",
    "intersection_size",
    "membership",
]
