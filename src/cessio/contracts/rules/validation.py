"""Whether terms make sense, every problem at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal

from cessio.contracts.rules.options import (
    AdvanceMode,
    FundingMode,
    IndexName,
    IneligibleReason,
    LateBasis,
)
from cessio.contracts.rules.terms import ONE, ZERO, Terms
from cessio.kernel.errors import Invalid
from cessio.kernel.money import MAX_MINOR

_STEP = Decimal("0.000001")

#: Bounds of every rate, both included.
RATE_BOUNDS: dict[str, tuple[Decimal, Decimal]] = {
    "advance_rate": (ZERO, ONE),
    "retention_rate": (ZERO, Decimal("0.5")),
    "retention_interest_free_rate": (ZERO, ONE),
    "reserve_dilution_rate": (ZERO, ONE),
    "concentration_rate": (_STEP, ONE),
    "cross_ageing_rate": (_STEP, ONE),
    "verification_sample_rate": (ZERO, ONE),
    "verification_risk_rate": (ZERO, ONE),
    "cover_rate_default": (ZERO, ONE),
    "interest_index_floor": (Decimal("-0.05"), Decimal("0.2")),
    "interest_margin": (ZERO, Decimal("0.2")),
    "commission_rate": (ZERO, Decimal("0.1")),
    "commission_vat_rate": (ZERO, Decimal("0.3")),
    "late_fixed_rate": (ZERO, ONE),
}

#: Bounds of every number of days, both included. A negative value date precedes the movement.
DAY_BOUNDS: dict[str, tuple[int, int]] = {
    "new_debtor_days": (0, 730),
    "overdue_days_ineligible": (0, 730),
    "invoice_age_days_ineligible": (1, 1095),
    "payment_term_days_max": (0, 730),
    "dispute_days_before_defunding": (0, 365),
    "guarantee_claim_days": (0, 730),
    "auto_cancel_unused_approval_days": (1, 1095),
    "unused_approval_notice_days": (0, 90),
    "recourse_days": (0, 730),
    "value_days_in": (0, 10),
    "value_days_out": (-5, 5),
    "payment_terms_days_default": (0, 120),
    "direct_payment_days": (0, 30),
}

FIRST_INVOICES_MAX = 100
_DAY_COUNTS = {"interest_day_basis": (360, 365), "late_day_count": (360, 365)}


def terms_problems(terms: Terms) -> list[Invalid]:
    """Every reason why these terms may not be signed; empty if they may."""
    return [*_ranges(terms), *_amounts(terms), *_day_counts(terms), *_contradictions(terms)]


def _problem(code: str, template: str, field: str, **params: object) -> Invalid:
    return Invalid(code, template, field=field, name=field, **params)


def _ranges(terms: Terms) -> Iterator[Invalid]:
    for name, (low, high) in RATE_BOUNDS.items():
        rate: Decimal | None = getattr(terms, name)
        if rate is None:
            continue
        if not rate.is_finite() or not low <= rate <= high:
            yield _problem("rate_out_of_range", "{name} must be between {low} and {high}",
                           name, low=low, high=high)  # fmt: skip
        elif rate != rate.quantize(_STEP):
            yield _problem("rate_too_precise", "{name} has more than six decimals", name)
    for name, (first, last) in DAY_BOUNDS.items():
        number: int | None = getattr(terms, name)
        if number is not None and not first <= number <= last:
            yield _problem("days_out_of_range", "{name} must be between {low} and {high} days",
                           name, low=first, high=last)  # fmt: skip
    if not 0 <= terms.verification_first_invoices <= FIRST_INVOICES_MAX:
        yield _problem("rate_out_of_range", "{name} must be between {low} and {high}",
                       "verification_first_invoices", low=0, high=FIRST_INVOICES_MAX)  # fmt: skip


def _amounts(terms: Terms) -> Iterator[Invalid]:
    for name in (field.name for field in fields(Terms) if field.name.endswith("_minor")):
        amount: int | None = getattr(terms, name)
        if amount is not None and not 0 <= amount <= MAX_MINOR:
            yield _problem("amount_out_of_range", "{name} must be an amount from zero up", name)


def _day_counts(terms: Terms) -> Iterator[Invalid]:
    for name, allowed in _DAY_COUNTS.items():
        if getattr(terms, name) not in allowed:
            yield _problem("day_count_unknown", "{name} must be 360 or 365", name)


def _contradictions(terms: Terms) -> Iterator[Invalid]:
    if terms.interest_index is IndexName.LEGAL:
        yield _problem("index_of_penalties",
                       "the legal interest rate is for penalties, no index of a contract",
                       "interest_index")  # fmt: skip
    retention = terms.advance_mode is AdvanceMode.RETENTION
    if retention and terms.advance_rate != ONE:
        yield _problem("advance_rate_needs_percentage",
                       "a contract with a retention fund advances 100 %",
                       "advance_rate")  # fmt: skip
    if not retention and (terms.retention_rate or terms.retention_min_minor):
        yield _problem("retention_needs_retention_mode",
                       "a percentage contract has no retention fund", "retention_rate")  # fmt: skip
    ceiling = terms.retention_max_minor
    if ceiling is not None and ceiling < terms.retention_min_minor:
        yield _problem("retention_max_below_min",
                       "the retention fund's maximum is below its minimum",
                       "retention_max_minor")  # fmt: skip
    if terms.standing_reserve_minor and terms.funding_mode is not FundingMode.NET_OF_RESERVE:
        yield _problem("standing_reserve_needs_mode",
                       "a standing reserve needs funding net of reserve",
                       "standing_reserve_minor")  # fmt: skip
    if (terms.late_basis is LateBasis.FIXED) != (terms.late_fixed_rate is not None):
        yield _problem("late_fixed_rate_mismatch",
                       "a fixed late-payment rate is given exactly when the basis is fixed",
                       "late_fixed_rate")  # fmt: skip
    if (terms.new_debtor_days > 0) != (terms.new_debtor_limit_minor is not None):
        yield _problem("new_debtor_limit_mismatch",
                       "a limit for new debtors needs the days it lasts, and they need it",
                       "new_debtor_limit_minor")  # fmt: skip
    yield from _reason_problems(terms)


def _reason_problems(terms: Terms) -> Iterator[Invalid]:
    reasons = terms.ineligible_reasons
    if len(set(reasons)) != len(reasons):
        yield _problem("ineligible_reason_twice", "a reason is listed twice", "ineligible_reasons")
    missing = [r for r in (IneligibleReason.ON_HOLD, IneligibleReason.DISPUTED) if r not in reasons]
    for reason in missing:
        yield _problem("ineligible_reason_required", "{reason} may not be left out",
                       "ineligible_reasons", reason=reason.value)  # fmt: skip
