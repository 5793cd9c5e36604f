"""Which invoices must be verified before they are funded, and why (reliability.md §3.1).

Every reason is told, not the first only. The sample is drawn by a secret seed and the identity of
the document: nobody can foresee it, anybody with the seed can replay it, and sending the same
invoice again draws the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from cessio.contracts.rules import Terms

#: A draw is one of so many; a share of them is the sample.
DRAWS = 65_536


class VerificationReason(StrEnum):
    """Why an invoice must be verified."""

    SIGNAL = "signal"  # an open signal of vigilance weighs high on it
    ABOVE_AMOUNT = "above_amount"
    NEW_DEBTOR = "new_debtor"  # among the first of its debtor under the contract
    SAMPLE = "sample"
    BY_HAND = "by_hand"


class VerificationState(StrEnum):
    """waiting → asked → confirmed | partly | failed; dropped when it no longer matters."""

    WAITING = "waiting"
    ASKED = "asked"
    CONFIRMED = "confirmed"
    PARTLY = "partly"
    FAILED = "failed"
    DROPPED = "dropped"


class VerificationMethod(StrEnum):
    """How we know."""

    DEBTOR_PAGE = "debtor_page"  # the debtor answered on the page its code opens
    CALL = "call"
    LETTER = "letter"
    DELIVERY_PROOF = "delivery_proof"
    PURCHASE_ORDER = "purchase_order"
    EINVOICE_STATUS = "einvoice_status"


class Answer(StrEnum):
    """What was found of the invoice."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


ENDS: dict[Answer, VerificationState] = {
    Answer.YES: VerificationState.CONFIRMED,
    Answer.PARTLY: VerificationState.PARTLY,
    Answer.NO: VerificationState.FAILED,
}

#: What keeps an invoice out of the availability.
WITHHOLDING = frozenset(
    {VerificationState.WAITING, VerificationState.ASKED, VerificationState.FAILED}
)
OPEN = frozenset({VerificationState.WAITING, VerificationState.ASKED})


@dataclass(frozen=True, slots=True)
class VerificationFacts:
    """What is known of an invoice when it is assigned.

    ``before`` is how many invoices of its debtor came before it under the contract; ``is_risky``
    says that the debtor is new to us or at risk; ``drawn`` is its draw (``draw``).
    """

    amount_minor: int
    before: int
    is_risky: bool
    has_signal: bool
    drawn: int


def reasons_to_verify(facts: VerificationFacts, terms: Terms) -> tuple[VerificationReason, ...]:
    """Every reason to verify an invoice before its funding; none: it is funded as it is.

    The same in SQL: ``bulk.verification`` (a test compares them).
    """
    least = terms.verification_min_minor
    found = []
    if facts.has_signal:
        found.append(VerificationReason.SIGNAL)
    if least is not None and facts.amount_minor >= least:
        found.append(VerificationReason.ABOVE_AMOUNT)
    if facts.before < terms.verification_first_invoices:
        found.append(VerificationReason.NEW_DEBTOR)
    if facts.drawn < DRAWS * sample_share(terms, is_risky=facts.is_risky):
        found.append(VerificationReason.SAMPLE)
    return tuple(found)


def sample_share(terms: Terms, *, is_risky: bool) -> Decimal:
    """The share of a debtor's invoices that is drawn, by its risk."""
    if not is_risky:
        return terms.verification_sample_rate
    return max(terms.verification_sample_rate, terms.verification_risk_rate)


def may_be_funded(state: VerificationState | None) -> bool:
    """Whether an invoice in this state of verification may be drawn on; ``None``: not required."""
    return state is None or state not in WITHHOLDING
