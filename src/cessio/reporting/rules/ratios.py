"""Shares of one amount in another. ``None`` where there is nothing to divide by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from cessio.kernel.rates import RATE_STEP


def ratio(part: int, whole: int) -> Decimal | None:
    """``part / whole`` as a fraction with six decimals, rounded half up."""
    return None if whole <= 0 else as_decimal(Fraction(part, whole))


def as_decimal(value: Fraction, step: Decimal = RATE_STEP) -> Decimal:
    """An exact value to a step, halves away from zero."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(step, rounding=ROUND_HALF_UP)


def dilution_on_invoices(diluted_minor: int, invoiced_minor: int) -> Decimal | None:
    """A factor's dilution: credit notes, discounts, returns and short payments over invoices.

    Over rolling three months.
    """
    return ratio(diluted_minor, invoiced_minor)


def dilution_on_collections(diluted_minor: int, collected_minor: int) -> Decimal | None:
    """An asset-based lender's dilution: the same over collections."""
    return ratio(diluted_minor, collected_minor)


def advance_rate_for_dilution(dilution: Decimal) -> Decimal:
    """The prudent advance rate: 100 % − (2 × dilution + 5 %), never negative."""
    return max(Decimal(0), 1 - (2 * dilution + Decimal("0.05")))


def collection_effectiveness(
    collected_minor: int, opening_minor: int, new_minor: int
) -> Decimal | None:
    """Collected over what there was to collect: opening balance and new invoices."""
    return ratio(collected_minor, opening_minor + new_minor)


def cash_application_rate(matched_without_hand: int, payments: int) -> Decimal | None:
    """Payments matched without a person over all payments."""
    return ratio(matched_without_hand, payments)


@dataclass(frozen=True, slots=True)
class Concentration:
    """How much of a total few debtors hold; shares are fractions."""

    largest: Decimal
    top_five: Decimal
    hhi: Decimal  # Herfindahl-Hirschman: sum of squared shares, 1 for a single debtor


def concentration(outstanding_by_debtor: Sequence[int]) -> Concentration | None:
    """Concentration of debtors' outstandings; debtors in credit count for nothing."""
    amounts = sorted((amount for amount in outstanding_by_debtor if amount > 0), reverse=True)
    total = sum(amounts)
    if not total:
        return None
    return Concentration(
        as_decimal(Fraction(amounts[0], total)),
        as_decimal(Fraction(sum(amounts[:5]), total)),
        as_decimal(Fraction(sum(amount * amount for amount in amounts), total * total)),
    )
