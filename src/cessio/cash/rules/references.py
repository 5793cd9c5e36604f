"""Invoice numbers inside the free text of a payment.

People cut, glue and decorate numbers: ``FACTURE N° FA-2026/0042 ET 43``. A mention is a run of
neighbouring pieces of the text that, squeezed as invoice numbers are, may be one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

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


def mentions(texts: Iterable[str]) -> dict[str, str]:
    """Keys of possible invoice numbers in the texts, with what was written.

    Keys are comparable with ``receivables.rules.number_key``. Later texts do not replace earlier.
    """
    found: dict[str, str] = {}
    for text in texts:
        plain = unicodedata.normalize("NFKC", text[:MAX_TEXT]).casefold()
        pieces = [
            _Piece(match.start(), match.end(), match.group(), sum(map(str.isdigit, match.group())))
            for match in _PIECES.finditer(plain)
        ]
        for start, piece in enumerate(pieces):
            if piece.may_belong:
                _runs_from(plain, pieces, start, found)
    return found


class _Piece(NamedTuple):
    """A word of the text: where it is, and how many digits it has."""

    start: int
    end: int
    text: str
    digits: int

    @property
    def may_belong(self) -> bool:
        """Whether it may be part of a number: it has digits, or is as short as a prefix."""
        return self.digits > 0 or len(self.text) <= MAX_PREFIX


def _runs_from(plain: str, pieces: list[_Piece], start: int, found: dict[str, str]) -> None:
    squeezed, digits = "", 0
    for stop in range(start, min(start + MAX_PIECES, len(pieces))):
        piece = pieces[stop]
        far = stop > start and piece.start - pieces[stop - 1].end > 2
        squeezed += piece.text
        if far or not piece.may_belong or len(squeezed) > MAX_LENGTH:
            return
        digits += piece.digits
        if len(squeezed) >= MIN_LENGTH and digits >= MIN_DIGITS:
            key = squeezed.lstrip("0") or "0"
            found.setdefault(key, plain[pieces[start].start : piece.end].upper())
