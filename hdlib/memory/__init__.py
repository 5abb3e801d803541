"""Memories: what is stored, and how it comes back from a noisy version of itself."""

from hdlib.memory.atoms import nearest_atoms
from hdlib.memory.items import ItemMemory

__all__ = ["ItemMemory", "nearest_atoms"]
from hdlib.memory.hopfield import Hopfield, pair_products
from hdlib.memory.items import ItemMemory

__all__ = ["Hopfield", "ItemMemory", "pair_products"]
