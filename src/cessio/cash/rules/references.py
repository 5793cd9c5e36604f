"""Invoice numbers inside the free text of a payment, and what it calls itself.

People cut, glue and decorate numbers: ``FACTURE N° FA-2026/0042 ET 43``. A mention is a run of
neighbouring pieces of the text that, squeezed as invoice numbers are, may be one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

_PIECES = re.compile(r"[^\W_]+")
#: Shorter than this or with fewer digits, a piece of text is no invoice number of its own.
MIN_LENGTH = 3
MIN_DIGITS = 2
MAX_PIECES = 4
MAX_LENGTH = 40
#: A word without digits and longer than this is no prefix of a number (``FACT``, ``AV``).
MAX_PREFIX = 5
#: A text longer than this is read no further (statements carry 140 signs a line).
MAX_TEXT = 2_000


class Said(StrEnum):
    """What a payment that is short calls itself."""

    DISCOUNT = "discount"
    PART = "part"


_SAYINGS = (
    (Said.PART, re.compile(r"\b(?:acompte|partiel\w*|instal?ments?|part payment|deposit)\b")),
    (Said.DISCOUNT, re.compile(r"\b(?:escompte|esc|skonto|discount)\b")),
)


def said(texts: Iterable[str]) -> Said | None:
    """Whether the payer calls it a part payment or one less a discount; None when neither."""
    words = " ".join(text[:MAX_TEXT] for text in texts).casefold()
    return next((saying for saying, form in _SAYINGS if form.search(words)), None)


def mentions(texts: Iterable[str]) -> dict[str, str]:
    """Keys of possible invoice numbers in the texts, with what was written.

    Keys are comparable with ``receivables.rules.number_key``. Later texts do not replace earlier.
    """
    found: dict[str, str] = {}
    for text in texts:
        if text.isascii():
            plain = text[:MAX_TEXT].lower()
        else:
            plain = unicodedata.normalize("NFKC", text[:MAX_TEXT]).casefold()
        pieces = [
            (match.start(), match.end(), word, _digits(word))
            for match in _PIECES.finditer(plain)
            if (word := match.group())
        ]
        for start, piece in enumerate(pieces):
            if piece[3] != _APART:
                _runs_from(plain, pieces[start : start + MAX_PIECES], found)
    return found


#: Start, end, word and digits of a piece of the text.
_Piece = tuple[int, int, str, int]
_APART = -1


def _digits(word: str) -> int:
    """How many digits a word has; ``_APART`` when it has none and is too long for a prefix."""
    if word.isalpha():
        return 0 if len(word) <= MAX_PREFIX else _APART
    digits = len(word) if word.isdigit() else sum(map(str.isdigit, word))
    return digits if digits or len(word) <= MAX_PREFIX else _APART


def _runs_from(plain: str, pieces: list[_Piece], found: dict[str, str]) -> None:
    """The numbers that begin with the first piece."""
    first = last = pieces[0][0]
    squeezed, total = "", 0
    for start, end, word, digits in pieces:
        squeezed += word
        if digits == _APART or start - last > 2 or len(squeezed) > MAX_LENGTH:
            return
        last = end
        total += digits
        if total >= MIN_DIGITS and len(squeezed) >= MIN_LENGTH:
            found.setdefault(squeezed.lstrip("0") or "0", plain[first:end].upper())
