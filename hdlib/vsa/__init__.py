"""The algebras: one file a family, one class a model, the same verbs for all."""

from hdlib.vsa.accumulator import Accumulator
from hdlib.vsa.base import VSA
from hdlib.vsa.binary import BSC
from hdlib.vsa.holographic import FHRR, HRR
from hdlib.vsa.map import MAPB, MAPI
from hdlib.vsa.matrix import MBAT, VTB
from hdlib.vsa.modular import CGR, MCR
from hdlib.vsa.sparse import BSDC, SBC

MODELS: dict[str, type[VSA]] = {
    model.__name__: model for model in (MAPI, MAPB, BSC, BSDC, SBC, MCR, CGR, HRR, FHRR, VTB, MBAT)
}

__all__ = ["BSC", "BSDC", "CGR", "FHRR", "HRR", "MAPB", "MAPI", "MBAT", "MCR", "SBC", "VTB"]
__all__ += ["MODELS", "VSA", "Accumulator"]
