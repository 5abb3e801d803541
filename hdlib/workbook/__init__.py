"""The workbook's parts: controls, live figures, explorers, exercises and quizzes.

Everything that needs ipywidgets, anywidget or plotly lives in this package and nowhere else, and is
loaded when it is first asked for:

>>> from hdlib import workbook
>>> workbook.rounded(0.31234, 0.0042)
'0.312 ± 0.004'
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hdlib.workbook.boxes import Area as Area
    from hdlib.workbook.controls import Button as Button
    from hdlib.workbook.controls import Select as Select
    from hdlib.workbook.controls import Slider as Slider
    from hdlib.workbook.controls import Text as Text
    from hdlib.workbook.controls import Toggle as Toggle
    from hdlib.workbook.driving import drive as drive
    from hdlib.workbook.exercise import Exercise as Exercise
    from hdlib.workbook.exercise import check as check
    from hdlib.workbook.exercise import hint as hint
    from hdlib.workbook.exercise import solution as solution
    from hdlib.workbook.explorer import Explorer as Explorer
    from hdlib.workbook.explorers.adders import explore_adders as explore_adders
    from hdlib.workbook.explorers.analogy import explore_analogy as explore_analogy
    from hdlib.workbook.explorers.anding import explore_and as explore_and
    from hdlib.workbook.explorers.badhash import explore_bad_hash as explore_bad_hash
    from hdlib.workbook.explorers.basis import explore_basis as explore_basis
    from hdlib.workbook.explorers.binding import explore_binding as explore_binding
    from hdlib.workbook.explorers.bitgrid import explore_bits as explore_bits
    from hdlib.workbook.explorers.bridge import explore_bridge as explore_bridge
    from hdlib.workbook.explorers.bundle import explore_bundle as explore_bundle
    from hdlib.workbook.explorers.buying import explore_pk as explore_pk
    from hdlib.workbook.explorers.byexample import explore_records as explore_records
    from hdlib.workbook.explorers.circle import explore_hyperseg as explore_hyperseg
    from hdlib.workbook.explorers.cliff import explore_cliff as explore_cliff
    from hdlib.workbook.explorers.codebook import explore_codebook as explore_codebook
    from hdlib.workbook.explorers.commuting import explore_collisions as explore_collisions
    from hdlib.workbook.explorers.company import explore_company as explore_company
    from hdlib.workbook.explorers.counting import explore_counting as explore_counting
    from hdlib.workbook.explorers.forensics import explore_forensics as explore_forensics
    from hdlib.workbook.explorers.graph import explore_graph as explore_graph
    from hdlib.workbook.explorers.growth import explore_growth as explore_growth
    from hdlib.workbook.explorers.hashes import explore_hashes as explore_hashes
    from hdlib.workbook.explorers.machine import explore_machine as explore_machine
    from hdlib.workbook.explorers.majority import explore_majority as explore_majority
    from hdlib.workbook.explorers.membership import explore_membership as explore_membership
    from hdlib.workbook.explorers.nesting import explore_nesting as explore_nesting
    from hdlib.workbook.explorers.network import explore_network as explore_network
    from hdlib.workbook.explorers.noise import explore_noise as explore_noise
    from hdlib.workbook.explorers.numberscale import explore_scale as explore_scale
    from hdlib.workbook.explorers.order import explore_order as explore_order
    from hdlib.workbook.explorers.overlap import explore_overlap as explore_overlap
    from hdlib.workbook.explorers.ownjson import explore_json as explore_json
    from hdlib.workbook.explorers.ravines import explore_valleys as explore_valleys
    from hdlib.workbook.explorers.roofline import explore_roofline as explore_roofline
    from hdlib.workbook.explorers.saturation import explore_saturation as explore_saturation
    from hdlib.workbook.explorers.similarity import explore_similarity as explore_similarity
    from hdlib.workbook.explorers.sizing import explore_sizing as explore_sizing
    from hdlib.workbook.explorers.stability import explore_stability as explore_stability
    from hdlib.workbook.explorers.storage import explore_storage as explore_storage
    from hdlib.workbook.explorers.thresholds import explore_thresholds as explore_thresholds
    from hdlib.workbook.explorers.ties import explore_ties as explore_ties
    from hdlib.workbook.explorers.tightness import explore_tightness as explore_tightness
    from hdlib.workbook.explorers.transcripts import explore_transcript as explore_transcript
    from hdlib.workbook.explorers.trigrams import explore_languages as explore_languages
    from hdlib.workbook.figure import LiveFigure as LiveFigure
    from hdlib.workbook.languages import messages as messages
    from hdlib.workbook.models import model_table as model_table
    from hdlib.workbook.nations import gapminder as gapminder
    from hdlib.workbook.nations import misquoted as misquoted
    from hdlib.workbook.prediction import predict as predict
    from hdlib.workbook.quizzes import Choice as Choice
    from hdlib.workbook.quizzes import Question as Question
    from hdlib.workbook.quizzes import quiz as quiz
    from hdlib.workbook.rounding import rounded as rounded

# No module may bear the name of what it holds: once loaded, it would stand in its place here.
_HOMES = {
    "boxes": ("Area",),
    "controls": ("Slider", "Select", "Text", "Toggle", "Button"),
    "driving": ("drive",),
    "exercise": ("Exercise", "check", "hint", "solution"),
    "explorer": ("Explorer",),
    "explorers.analogy": ("explore_analogy",),
    "explorers.basis": ("explore_basis",),
    "explorers.binding": ("explore_binding",),
    "explorers.bundle": ("explore_bundle",),
    "explorers.codebook": ("explore_codebook",),
    "explorers.graph": ("explore_graph",),
    "explorers.machine": ("explore_machine",),
    "explorers.noise": ("explore_noise",),
    "explorers.order": ("explore_order",),
    "explorers.adders": ("explore_adders",),
    "explorers.roofline": ("explore_roofline",),
    "explorers.storage": ("explore_storage",),
    "explorers.similarity": ("explore_similarity",),
    "explorers.badhash": ("explore_bad_hash",),
    "explorers.bitgrid": ("explore_bits",),
    "explorers.bridge": ("explore_bridge",),
    "explorers.counting": ("explore_counting",),
    "explorers.forensics": ("explore_forensics",),
    "explorers.hashes": ("explore_hashes",),
    "explorers.anding": ("explore_and",),
    "explorers.saturation": ("explore_saturation",),
    "explorers.thresholds": ("explore_thresholds",),
    "explorers.ties": ("explore_ties",),
    "explorers.trigrams": ("explore_languages",),
    "explorers.cliff": ("explore_cliff",),
    "explorers.membership": ("explore_membership",),
    "explorers.sizing": ("explore_sizing",),
    "explorers.tightness": ("explore_tightness",),
    "explorers.majority": ("explore_majority",),
    "explorers.nesting": ("explore_nesting",),
    "explorers.network": ("explore_network",),
    "explorers.overlap": ("explore_overlap",),
    "explorers.byexample": ("explore_records",),
    "explorers.commuting": ("explore_collisions",),
    "explorers.numberscale": ("explore_scale",),
    "explorers.ownjson": ("explore_json",),
    "explorers.stability": ("explore_stability",),
    "explorers.buying": ("explore_pk",),
    "explorers.circle": ("explore_hyperseg",),
    "explorers.company": ("explore_company",),
    "explorers.growth": ("explore_growth",),
    "explorers.ravines": ("explore_valleys",),
    "explorers.transcripts": ("explore_transcript",),
    "figure": ("LiveFigure",),
    "languages": ("messages",),
    "models": ("model_table",),
    "nations": ("gapminder", "misquoted"),
    "rounding": ("rounded",),
    "prediction": ("predict",),
    "quizzes": ("Choice", "Question", "quiz"),
}
_WHERE = {name: module for module, names in _HOMES.items() for name in names}
__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    """Load the part that `name` lives in, so that importing the package costs nothing."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_WHERE])
