"""What banks say of a payee before it is paid (verification of payee), and what follows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import datetime
from enum import StrEnum


class PayeeOutcome(StrEnum):
    """The four answers of the scheme: MTCH, CMTC, NMTC, NOAP."""

    MATCH = "match"
    CLOSE = "close"
    NO_MATCH = "no_match"
    NOT_POSSIBLE = "not_possible"


class PayeeSource(StrEnum):
    """Where the answer was read."""

    PORTAL = "portal"
    FILE = "file"
    GATEWAY = "gateway"


#: Whoever is paid after one of these was not recognised by its bank: the loss is the payer's.
DOUBTFUL = frozenset({PayeeOutcome.NO_MATCH, PayeeOutcome.NOT_POSSIBLE})


@dataclass(frozen=True, slots=True)
class Payee:
    """A name and an account that are paid, with the bank's latest word on the two together.

    ``outcome`` None: nobody asked. ``accepted_by`` is who takes a doubtful one on themselves.
    """

    name: str
    iban: str
    check_id: int | None = None
    outcome: PayeeOutcome | None = None
    returned_name: str | None = None
    checked_at: datetime | None = None
    checked_by: str | None = None
    accepted_by: str | None = None
    accepted_because: str | None = None
    source: PayeeSource | None = None

    @property
    def is_held(self) -> bool:
        """Whether nothing leaves to it until a second person says why it may."""
        return self.outcome in DOUBTFUL and self.accepted_by is None


def digest(payees: Iterable[Payee]) -> bytes:
    """What two people sign beside the file: what was known of each payee."""
    told = sorted(json.dumps(astuple(one), default=str, ensure_ascii=False) for one in payees)
    return hashlib.sha256("\n".join(told).encode()).digest()
