"""What a limit limits, where it comes from, and how a request for one is answered."""

from __future__ import annotations

from enum import StrEnum


class LimitKind(StrEnum):
    """COVER: who bears the debtor's insolvency; FUNDING: what may be drawn on."""

    COVER = "cover"
    FUNDING = "funding"


class LimitSource(StrEnum):
    """Where the cover limit in force comes from."""

    PERMANENT = "permanent"
    TEMPORARY = "temporary"
    BLANKET = "blanket"  # the contract's, for debtors never named
    NONE = "none"


class LimitAction(StrEnum):
    """What a decision does to the limit in force."""

    GRANT = "grant"
    RAISE = "raise"
    REDUCE = "reduce"
    RENEW = "renew"  # the same amount: other validity, insurer or conditions
    CANCEL = "cancel"
    REFUSE = "refuse"


class RequestAnswer(StrEnum):
    """How a client's request was answered."""

    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"
