"""Dates at which an unpaid or disputed receivable may change hands or lose its funding."""

from __future__ import annotations

from datetime import date, timedelta

from cessio.contracts.rules.options import RecourseBasis
from cessio.contracts.rules.terms import Terms


def recourse_on(terms: Terms, *, issue_date: date, due_date: date) -> date:
    """The first day on which an unpaid, uncovered receivable may be transferred back."""
    start = due_date if terms.recourse_basis is RecourseBasis.DUE_DATE else issue_date
    return start + timedelta(days=terms.recourse_days + 1)


def defunding_on(terms: Terms, *, disputed_on: date, due_date: date) -> date:
    """The first day on which a disputed receivable may be defunded.

    The client has so many days from the notice of dispute, or from the due date if later.
    """
    return max(disputed_on, due_date) + timedelta(days=terms.dispute_days_before_defunding + 1)


def guarantee_claim_on(terms: Terms, *, due_date: date) -> date:
    """The first day on which an undisputed unpaid receivable is a covered loss (GRIF: 90 days)."""
    return due_date + timedelta(days=terms.guarantee_claim_days + 1)
