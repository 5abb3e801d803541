"""Sets in few bits: Bloom filters, counting ones, and membership in any bundle."""

from hdlib.sets.bloom import BloomFilter
from hdlib.sets.common import CapacityWarning, Estimate
from hdlib.sets.counting import CountingBloomFilter

__all__ = ["BloomFilter", "CapacityWarning", "CountingBloomFilter", "Estimate"]
