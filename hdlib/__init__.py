"""hdlib: vector symbolic architectures on PyTorch, small, fast and checked.

>>> import hdlib
>>> vsa = hdlib.BSC(10_000)
>>> name, dollar = vsa.atoms(["name", "dollar"])
>>> vsa.similarity(vsa.unbind(vsa.bind(dollar, name), name), dollar).item()
1.0
"""

from hdlib import encode, sets, theory
from hdlib.devices import best_device
from hdlib.files import FileFormatError
from hdlib.memory.items import ItemMemory
from hdlib.sets import BloomFilter, CountingBloomFilter
from hdlib.vsa import (
    BSC,
    BSDC,
    CGR,
    FHRR,
    HRR,
    MAPB,
    MAPI,
    MBAT,
    MCR,
    MODELS,
    SBC,
    VSA,
    VTB,
    Accumulator,
)

__version__ = "0.1.0"

__all__ = [
    "BSC",
    "BSDC",
    "CGR",
    "FHRR",
    "HRR",
    "MAPB",
    "MAPI",
    "MBAT",
    "MCR",
    "MODELS",
    "SBC",
    "VSA",
    "VTB",
    "Accumulator",
    "BloomFilter",
    "CountingBloomFilter",
    "FileFormatError",
    "ItemMemory",
    "best_device",
    "encode",
    "sets",
    "theory",
]
