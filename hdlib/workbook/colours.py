"""The house colours: one for each model, the same through the whole course.

They are those of Okabe and Ito (2008), and two violets. Models of a family share a hue: blue for
MAP, orange to red for binary codes, violet for integers on a circle, grey for matrices.
Every colour has 2.2 : 1 or more against white; its partner for dark pages, and the darker one for
words, have 4.5 : 1.

>>> COLOURS["BSC"], SYMBOLS["BSC"]
('#D55E00', 'square')
"""

INK = "#222222"  # words and axes; light on a dark page
QUIET = "#616161"
GRID = "#E4E4E4"
AXIS = "#8A8A8A"
ACCENT = "#0072B2"  # what has no model

COLOURS = {
    "MAPI": "#0072B2",
    "MAPB": "#56B4E9",
    "BSC": "#D55E00",
    "BSDC": "#E69F00",
    "SBC": "#5E5300",  # Okabe and Ito's yellow, which white paper swallows; a dark page shows it
    "MCR": "#A54BFF",  # two violets of our own: the eight are used up
    "CGR": "#3C0FF0",
    "HRR": "#009E73",
    "FHRR": "#CC79A7",
    "VTB": INK,
    "MBAT": "#6B6B6B",
}
SYMBOLS = {
    "MAPI": "circle",
    "MAPB": "circle-open",
    "BSC": "square",
    "BSDC": "square-open",
    "SBC": "cross",
    "MCR": "star",
    "CGR": "star-open",
    "HRR": "diamond",
    "FHRR": "diamond-open",
    "VTB": "triangle-up",
    "MBAT": "triangle-down-open",
}


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21, as WCAG 2 defines it.

    >>> round(contrast("#000000", "#FFFFFF"))
    21
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def for_words(colour: str, paper: str = "#FFFFFF") -> str:
    """`colour`, moved away from `paper` until words in it can be read: a contrast of 4.5 or more.

    >>> for_words("#E69F00")
    '#9C6C00'
    """
    towards = 0 if _luminance(paper) > 0.2 else 255
    for step in range(101):
        mixed = [round(c + (towards - c) * step / 100) for c in _channels(colour)]
        found = "#" + "".join(f"{c:02X}" for c in mixed)
        if contrast(found, paper) >= 4.5:
            break
    return found


def _channels(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def _luminance(colour: str) -> float:
    parts = [c / 255 for c in _channels(colour)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


_NIGHT = "#181818"  # a little lighter than JupyterLab's dark page, so that both are safe
_PALETTE = {*COLOURS.values(), ACCENT}
# What each colour becomes on a dark page, by itself and as the colour of words.
DARK = {
    **{colour: for_words(colour, _NIGHT) for colour in _PALETTE},
    **{for_words(colour): for_words(colour, _NIGHT) for colour in _PALETTE},
    INK: "#E8E8E8",
    QUIET: "#B8B8B8",
    GRID: "#3A3A3A",
    AXIS: "#8F8F8F",
    COLOURS["SBC"]: "#F0E442",
    COLOURS["MBAT"]: "#A6A6A6",
}
