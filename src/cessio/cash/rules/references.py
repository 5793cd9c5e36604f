"""Invoice numbers inside the free text of a payment.

People cut, glue and decorate numbers: ``FACTURE N° FA-2026/0042 ET 43``. A mention is a run of
neighbouring pieces of the text that, squeezed as invoice numbers are, may be one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_PIECES = re.compile(r"[^\W_]+")
#: Shorter than this or with fewer digits, a piece of text is no invoice number of its own.
MIN_LENGTH = 3
MIN_DIGITS = 2
MAX_PIECES = 4
#: A text longer than this is read no further (statements carry 140 signs a line).
MAX_TEXT = 2_000


def mentions(texts: Iterable[str]) -> dict[str, str]:
    """Keys of possible invoice numbers in the texts, with what was written.

    Keys are comparable with ``receivables.rules.number_key``. Later texts do not replace earlier.
    """
    found: dict[str, str] = {}
    for text in texts:
        plain = unicodedata.normalize("NFKC", text[:MAX_TEXT]).casefold()
        pieces = [(match.start(), match.end(), match.group()) for match in _PIECES.finditer(plain)]
        for start in range(len(pieces)):
            _runs_from(plain, pieces, start, found)
    return found


def _runs_from(
    plain: str, pieces: list[tuple[int, int, str]], start: int, found: dict[str, str]
) -> None:
    squeezed = ""
    for stop in range(start, min(start + MAX_PIECES, len(pieces))):
        if stop > start and pieces[stop][0] - pieces[stop - 1][1] > 2:
            return
        squeezed += pieces[stop][2]
        if len(squeezed) > 40:
            return
        digits = sum(sign.isdigit() for sign in squeezed)
        if len(squeezed) >= MIN_LENGTH and digits >= MIN_DIGITS and pieces[stop][2][-1].isalnum():
            key = squeezed.lstrip("0") or "0"
            found.setdefault(key, plain[pieces[start][0] : pieces[stop][1]].upper())
