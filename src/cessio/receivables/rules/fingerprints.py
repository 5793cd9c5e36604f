"""One invoice, one assignment, ever: what makes two invoices the same (reliability.md §3.1).

The seller is not part of it: two clients assigning the same number, date, amount and debtor are
the fraud this catches (infra/decisions/0010).
"""

from __future__ import annotations

import unicodedata
from datetime import date

from cessio.kernel import ids


def number_key(number: str) -> str:
    """A document number without what people write differently.

    Letters and digits only, compatibility forms unified, case folded, leading zeros dropped:
    ``"FA-2026/0042"`` and ``"fa 2026 0042"`` are one; ``"000"`` is ``"0"``. Empty when nothing
    of it is a letter or a digit.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", number).casefold())
    plain = "".join(character for character in folded if character.isalnum())
    return plain.lstrip("0") or plain[:1]


def fingerprint(
    *, debtor_id: int, number: str, issue_date: date, amount_minor: int, currency: str
) -> bytes:
    """The 32 bytes that are unique over all clients while the document is assigned.

    ``amount_minor`` is signed, so that a credit note is never its invoice. The same in SQL:
    ``receivable_fingerprint`` (migrations/sql/40_receivables.sql).
    """
    return ids.fingerprint(debtor_id, number_key(number), issue_date, amount_minor, currency)
