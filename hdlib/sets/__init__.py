"""Sets in few bits: Bloom filters, counting and growing ones, and sketches of counts."""

from hdlib.sets.bloom import BloomFilter
from hdlib.sets.common import CapacityWarning, Estimate
from hdlib.sets.counting import CountingBloomFilter
from hdlib.sets.scalable import ScalableBloomFilter
from hdlib.sets.sketches import BundleSketch, CountMin, CountSketch, Frequency

__all__ = [
    "BloomFilter",
    "BundleSketch",
    "CapacityWarning",
    "CountMin",
    "CountSketch",
    "CountingBloomFilter",
    "Estimate",
    "Frequency",
    "ScalableBloomFilter",
]
