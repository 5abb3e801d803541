"""How fast hdlib is, beside its peers and beside the hardware's floor: ``python -m benchmarks``."""
