"""Eligibility: each euro of a receivable that may not be funded, under exactly one reason.

The contract's reasons are tried in their declared order and each euro goes to the first one that
applies, so that the explanation of an availability adds up. Amounts are minor units.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from cessio.contracts.rules import IneligibleReason, Terms

NO_FLAGS: frozenset[IneligibleReason] = frozenset()


@dataclass(frozen=True, slots=True)
class EligibilityFacts:
    """What is known of one receivable on a date.

    ``open_minor`` is signed (credit notes and credits on account are negative); ``disputed_minor``
    is the amount of its open dispute; ``flags`` are reasons that people, alerts or the debtor's
    own state put on all of it (a hold, an exclusion, an insolvency…); ``verify`` says that it was
    drawn for verification whatever its amount.
    """

    receivable_id: int
    number: str
    issue_date: date
    due_date: date
    amount_minor: int
    open_minor: int
    disputed_minor: int = 0
    flags: frozenset[IneligibleReason] = NO_FLAGS
    verified: bool = False
    verify: bool = False


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The ineligible euros of a receivable by reason, in the contract's order."""

    receivable_id: int
    open_minor: int
    by_reason: tuple[tuple[IneligibleReason, int], ...]

    @property
    def ineligible_minor(self) -> int:
        """Sum over reasons."""
        return sum(amount for _, amount in self.by_reason)

    @property
    def eligible_minor(self) -> int:
        """What is left of the open amount; zero for a credit, which reduces the debtor's whole."""
        return max(0, self.open_minor) - self.ineligible_minor

    @property
    def first_reason(self) -> IneligibleReason | None:
        """The first reason that catches something."""
        return self.by_reason[0][0] if self.by_reason else None


def attribute(
    facts: Iterable[EligibilityFacts], terms: Terms, on: date, *, contra_minor: int = 0
) -> tuple[Eligibility, ...]:
    """Attribute every ineligible euro of one debtor's receivables, by due date then number.

    ``contra_minor`` is what the client owes this debtor; it is taken in that order from what
    earlier reasons left.
    """
    ordered = sorted(facts, key=lambda f: (f.due_date, f.number, f.receivable_id))
    cross_aged = is_cross_aged(ordered, terms, on)
    contra = contra_minor
    found = []
    for item in ordered:
        left, caught = max(0, item.open_minor), []
        for reason in terms.ineligible_reasons:
            if left == 0:
                break
            amount = min(left, _caught(reason, item, terms, on, cross_aged, contra))
            if amount > 0:
                caught.append((reason, amount))
                left -= amount
                contra -= amount if reason is IneligibleReason.CONTRA else 0
        found.append(Eligibility(item.receivable_id, item.open_minor, tuple(caught)))
    return tuple(found)


def reasons_for(item: EligibilityFacts, terms: Terms, on: date) -> tuple[IneligibleReason, ...]:
    """Every reason that applies to a receivable on its own, hidden ones too (for the screen)."""
    return tuple(
        reason for reason in terms.ineligible_reasons
        if item.open_minor > 0 and _caught(reason, item, terms, on, False, 0) > 0
    )  # fmt: skip


def _caught(
    reason: IneligibleReason,
    item: EligibilityFacts,
    terms: Terms,
    on: date,
    cross_aged: bool,
    contra_minor: int,
) -> int:
    """How much of a receivable a reason would catch if nothing came before it."""
    match reason:
        case IneligibleReason.DISPUTED:
            return item.disputed_minor
        case IneligibleReason.CONTRA:
            return contra_minor
        case IneligibleReason.CROSS_AGED:
            applies = cross_aged
        case _:
            applies = reason in item.flags or _dated(reason, item, terms, on)
    return item.open_minor if applies else 0


def _dated(reason: IneligibleReason, item: EligibilityFacts, terms: Terms, on: date) -> bool:
    """Whether a reason follows from the receivable's dates, amount and verification."""
    match reason:
        case IneligibleReason.OVERDUE:
            return _beyond((on - item.due_date).days, terms.overdue_days_ineligible)
        case IneligibleReason.TOO_OLD:
            return _beyond((on - item.issue_date).days, terms.invoice_age_days_ineligible)
        case IneligibleReason.TERM_TOO_LONG:
            return _beyond((item.due_date - item.issue_date).days, terms.payment_term_days_max)
        case IneligibleReason.NOT_YET_DELIVERED:
            return item.issue_date > on
        case IneligibleReason.NOT_VERIFIED:
            return not item.verified and needs_verification(item, terms)
    return False


def _beyond(days: int, limit: int | None) -> bool:
    return limit is not None and days > limit


def needs_verification(item: EligibilityFacts, terms: Terms) -> bool:
    """Whether funding waits for a verification: large enough, or drawn at random."""
    least = terms.verification_min_minor
    return item.verify or (least is not None and item.amount_minor >= least)


def is_cross_aged(facts: Sequence[EligibilityFacts], terms: Terms, on: date) -> bool:
    """Whether so large a share of a debtor's open invoices is overdue that none is eligible."""
    if terms.cross_ageing_rate is None:
        return False
    limit = terms.overdue_days_ineligible or 0
    invoices = [(item.due_date, item.open_minor) for item in facts if item.open_minor > 0]
    total = sum(amount for _, amount in invoices)
    overdue = sum(amount for due, amount in invoices if (on - due).days > limit)
    return total > 0 and Fraction(overdue, total) >= Fraction(terms.cross_ageing_rate)
