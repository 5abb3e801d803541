"""Real sentences in twenty languages: the messages that Django's translators wrote."""

from __future__ import annotations

import functools
import gettext
import re
from importlib.util import find_spec
from pathlib import Path

from hdlib import bits

LANGUAGES = {
    "en": "English",
    "de": "German",
    "nl": "Dutch",
    "sv": "Swedish",
    "da": "Danish",
    "fr": "French",
    "es": "Spanish",
    "pt": "Portuguese",
    "it": "Italian",
    "ro": "Romanian",
    "pl": "Polish",
    "cs": "Czech",
    "sk": "Slovak",
    "hr": "Croatian",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "fi": "Finnish",
    "et": "Estonian",
    "hu": "Hungarian",
    "tr": "Turkish",
}
LETTERS = 20  # of a message, at least
PLACEHOLDER = re.compile(r"%|[{}<>]|&\w+;")


def plain(text: str) -> str:
    """Small letters, with single spaces in the place of all that is no letter.

    >>> plain("Ce champ est obligatoire, n’est-ce pas ?")
    'ce champ est obligatoire n est ce pas'
    """
    return " ".join("".join(c if c.isalpha() else " " for c in text.lower()).split())


@functools.cache
def messages() -> dict[str, tuple[list[str], list[str]]]:
    """Sentences to learn from and sentences to test with, by language. Taught in notebook 03.

    From the compiled catalogues of the installed Django (BSD 3-clause, its LICENSE and AUTHORS lie
    beside them): every message of 20 letters or more without placeholders, made ``plain``; English
    are the source texts. Which half a message belongs to is decided by its English text, so that no
    sentence is learned in one language and tested in another.

    >>> learn, test = messages()["fr"]
    >>> len(messages()), len(learn) > 50, min(map(len, test)) >= 20
    (20, True, True)

    Raises:
        ImportError: Django is not installed; it comes with the extra `workbook`.
    """
    found = find_spec("django")
    if found is None or not found.submodule_search_locations:
        raise ImportError("messages: Django's catalogues are missing; pip install django")
    files: dict[str, list[Path]] = {code: [] for code in LANGUAGES}
    folder = Path(found.submodule_search_locations[0])
    for path in sorted(folder.glob("**/locale/*/LC_MESSAGES/*.mo")):
        files.get(path.parts[-3], []).append(path)
    files["en"] = files["de"]  # those of any language will do: the source texts are English
    return {code: _halves(files[code], code) for code in LANGUAGES}


def _halves(files: list[Path], code: str) -> tuple[list[str], list[str]]:
    halves: tuple[dict[str, str], dict[str, str]] = {}, {}
    for path in files:
        with path.open("rb") as file:
            entries = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
        for key, translated in sorted(entries.items(), key=repr):
            source, form = key if isinstance(key, tuple) else (key, 0)
            source = source.split("\x04")[-1]  # what precedes it is context
            text = source if code == "en" else translated
            letters = sum(map(str.isalpha, text))
            if form == 0 and letters >= LETTERS and not PLACEHOLDER.search(text):
                halves[bits.key(source) & 1].setdefault(source, plain(text))
    learn, test = (set(half.values()) for half in halves)
    return sorted(learn), sorted(test - learn)  # two sources may share a translation
