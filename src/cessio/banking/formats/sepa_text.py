"""Texts that every SEPA bank must take: the Latin set of the implementation guidelines.

Letters lose their accents, signs become the ones EPC217-08 names (``&`` is ``+``), anything else
a transliteration or a point. The same text always gives the same result.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from text_unidecode import unidecode  # type: ignore[import-untyped]

_OUTSIDE = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")
_SPACES = re.compile(r"\s+")
REFERENCE: Final = re.compile(r"[A-Za-z0-9\-?:().,'+ ](?:/?[A-Za-z0-9\-?:().,'+ ])*")

_SIGNS: Final = str.maketrans(
    {
        "&": "+", ";": ",", "[": "(", "]": ")", "{": "(", "}": ")", "\\": "/", "|": "/",
        "_": "-", "`": "'", "’": "'", "‘": "'", "´": "'", "€": "E", "–": "-", "—": "-",
        "«": "'", "»": "'", "“": "'", "”": "'", '"': "'", "¿": "?", "ß": "ss", "Œ": "OE",
        "œ": "oe", "Æ": "AE", "æ": "ae", "Ø": "O", "ø": "o", "Ł": "L", "ł": "l",
    }
)  # fmt: skip


def sepa_text(text: str) -> str:
    """The text in the SEPA Latin set, with single spaces and none around."""
    plain = unicodedata.normalize("NFKD", text.translate(_SIGNS))
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    plain = _SPACES.sub(" ", plain)
    return _SPACES.sub(" ", _OUTSIDE.sub(_replacement, plain)).strip()


def is_reference(text: str, size: int = 35) -> bool:
    """Whether a text can be an identification: the Latin set, no ``/`` at an end, no ``//``."""
    return len(text) <= size and text == text.strip() and REFERENCE.fullmatch(text) is not None


def _replacement(found: re.Match[str]) -> str:
    latin: str = unidecode(found.group())
    return _OUTSIDE.sub(".", latin) if latin.strip() else "."
