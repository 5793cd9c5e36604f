"""What becomes of a receivable that the debtor does not pay: indemnity, recourse, or time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from cessio.contracts.rules import RecourseMode, Terms, guarantee_claim_on, recourse_on
from cessio.limits.rules import indemnity


@dataclass(frozen=True, slots=True)
class UnpaidFacts:
    """An open invoice: amounts in minor units; the disputed part is never covered.

    ``insolvent_on`` is the day the debtor's insolvency was declared: cover is due at once.
    """

    issue_date: date
    due_date: date
    open_minor: int
    covered_minor: int
    disputed_minor: int = 0
    cover_rate: Decimal | None = None
    insolvent_on: date | None = None
    contested: bool = False  # its existence is disputed, or it is in court


@dataclass(frozen=True, slots=True)
class UnpaidOutcome:
    """Each open euro in one place: they add up to the open amount.

    ``indemnity_minor`` is our loss, ``own_share_minor`` the client's part of a covered loss,
    ``transfer_back_minor`` goes back to the client, ``waiting_minor`` stays open.
    """

    indemnity_minor: int
    own_share_minor: int
    transfer_back_minor: int
    waiting_minor: int


def unpaid_outcome(terms: Terms, facts: UnpaidFacts, on: date) -> UnpaidOutcome:
    """What may be done with an unpaid receivable on a date.

    Cover is due 90 days (a parameter) after due date or on insolvency; what is not covered goes
    back after the recourse delay, or at once when the receivable's existence is contested.
    """
    covered = 0
    if terms.recourse_mode is RecourseMode.WITHOUT_RECOURSE and not facts.contested:
        covered = min(facts.covered_minor, max(0, facts.open_minor - facts.disputed_minor))
    insolvent = facts.insolvent_on is not None and on >= facts.insolvent_on
    claimed = insolvent or on >= guarantee_claim_on(terms, due_date=facts.due_date)
    returned = facts.contested or on >= recourse_on(
        terms, issue_date=facts.issue_date, due_date=facts.due_date
    )
    loss = indemnity(
        covered if claimed else 0,
        terms.cover_rate_default if facts.cover_rate is None else facts.cover_rate,
    )
    back = facts.open_minor - covered if returned else 0
    return UnpaidOutcome(
        loss.paid_minor,
        loss.own_share_minor,
        back,
        facts.open_minor - loss.covered_minor - back,
    )


class UnpaidCause(StrEnum):
    """Why something may be done with an unpaid receivable, the strongest first."""

    CONTESTED = "contested"
    INSOLVENT = "insolvent"
    GUARANTEE = "guarantee"
    RECOURSE = "recourse"
    BOTH = "guarantee_and_recourse"


def unpaid_cause(terms: Terms, facts: UnpaidFacts, on: date) -> UnpaidCause:
    """Why what ``unpaid_outcome`` says is due on a date."""
    if facts.contested:
        return UnpaidCause.CONTESTED
    if facts.insolvent_on is not None and on >= facts.insolvent_on:
        return UnpaidCause.INSOLVENT
    due = unpaid_outcome(terms, facts, on)
    if due.transfer_back_minor and due.indemnity_minor:
        return UnpaidCause.BOTH
    return UnpaidCause.RECOURSE if due.transfer_back_minor else UnpaidCause.GUARANTEE
