"""Memories: what is stored, and how it comes back from a noisy version of itself."""

from hdlib.memory.atoms import nearest_atoms
from hdlib.memory.hopfield import Hopfield, pair_products
from hdlib.memory.items import ItemMemory

__all__ = ["Hopfield", "ItemMemory", "nearest_atoms", "pair_products"]
