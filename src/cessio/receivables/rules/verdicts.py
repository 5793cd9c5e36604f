"""What is said of a line of a remittance before it is assigned: every reason, and its weight.

A refused line is left out of the assignment; a warning is assigned, and some warnings make the
whole remittance wait for the account manager (``holds``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class DocumentKind(StrEnum):
    """What a line is. A negative invoice is a credit note."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class Source(StrEnum):
    """How a remittance came in."""

    FILE = "file"
    API = "api"
    TYPED = "typed"
    RESENT = "resent"


class RemittanceState(StrEnum):
    """draft → submitted → assigned | refused | withdrawn; assigned → reversed."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ASSIGNED = "assigned"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REVERSED = "reversed"


class Verdict(StrEnum):
    """What becomes of a line."""

    ACCEPTED = "accepted"
    WARNING = "warning"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Weight:
    """What a reason does: the verdict it brings, and whether a person must look."""

    verdict: Verdict
    holds: bool = False


_REFUSED = Weight(Verdict.REFUSED)
_WARNING = Weight(Verdict.WARNING)
_HOLDING = Weight(Verdict.WARNING, holds=True)

#: Every reason a line can be given, by its code. The order is the order of display.
REASONS: dict[str, Weight] = {
    # what could not be read; ``field`` says where
    "number_missing": _REFUSED,
    "number_too_long": _REFUSED,
    "debtor_missing": _REFUSED,
    "siren_invalid": _REFUSED,
    "vat_number_invalid": _REFUSED,
    "debtor_name_missing": _REFUSED,
    "debtor_unidentified": _REFUSED,
    "amount_missing": _REFUSED,
    "amount_unreadable": _REFUSED,
    "amount_ambiguous": _REFUSED,
    "amount_too_precise": _REFUSED,
    "amount_too_large": _REFUSED,
    "amount_zero": _REFUSED,
    "date_missing": _REFUSED,
    "date_unreadable": _REFUSED,
    "kind_unreadable": _REFUSED,
    "text_unreadable": _REFUSED,
    "text_too_long": _REFUSED,
    "fields_shifted": _REFUSED,
    "currency_mismatch": _REFUSED,
    # what contradicts itself, the calendar or the book
    "due_before_issue": _REFUSED,
    "issued_in_future": _REFUSED,
    "limitation_passed": _REFUSED,
    "debtor_is_client": _REFUSED,
    "duplicate_in_file": _REFUSED,
    "duplicate_assigned": _REFUSED,
    "withheld": _REFUSED,
    "withheld_for": _REFUSED,
    # what the account manager should look at before accepting
    "similar_number": _HOLDING,
    "similar_amount": _HOLDING,
    "debtor_insolvent": _HOLDING,
    "related_party": _HOLDING,
    "vat_implausible": _HOLDING,
    # what will not be funded, or the client should know
    "debtor_by_name": _WARNING,
    "debtor_excluded": _WARNING,
    "new_debtor": _WARNING,
    "no_cover": _WARNING,
    "already_overdue": _WARNING,
    "invoice_too_old": _WARNING,
    "term_too_long": _WARNING,
    "term_beyond_legal": _WARNING,
    "due_date_assumed": _WARNING,
    "original_not_named": _WARNING,
    "original_unknown": _WARNING,
    "exceeds_original": _WARNING,
}

#: Reasons only the factor's own people may read the ``staff`` part of.
STAFF_ONLY = "staff"

HOLDING = frozenset(code for code, weight in REASONS.items() if weight.holds)
REFUSING = frozenset(code for code, weight in REASONS.items() if weight.verdict is Verdict.REFUSED)


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing said of a line: a code of ``REASONS`` and the values its sentence speaks of."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def weight(self) -> Weight:
        """Its weight; an unknown code refuses, so that nothing passes by mistake."""
        return REASONS.get(self.code, _REFUSED)

    def stored(self) -> dict[str, Any]:
        """The row's form: the code beside its values."""
        return {"code": self.code, **self.params}


def read_reason(stored: dict[str, Any], *, staff: bool) -> Reason:
    """A stored reason; what only staff may read (whose duplicate it is) is left out for others."""
    params = {name: value for name, value in stored.items() if name not in ("code", STAFF_ONLY)}
    if staff:
        params |= stored.get(STAFF_ONLY) or {}
    return Reason(str(stored["code"]), params)


def verdict_of(reasons: Iterable[Reason]) -> Verdict:
    """The worst that is said of a line; accepted when nothing is."""
    weights = {reason.weight.verdict for reason in reasons}
    for verdict in (Verdict.REFUSED, Verdict.WARNING):
        if verdict in weights:
            return verdict
    return Verdict.ACCEPTED


def hold_reasons(
    *,
    holding_codes: Iterable[str],
    invoices_minor: int,
    credit_notes_minor: int,
    auto_accept_max_minor: int | None,
    minimum_remittance_minor: int,
) -> tuple[str, ...]:
    """Why a submitted remittance waits for the account manager; none: accepted by rule.

    ``credit_notes_minor`` is negative. The largest amount accepted by rule is compared with the
    invoices alone, so that credit notes never make a large remittance look small.
    """
    reasons = sorted(set(holding_codes))
    if auto_accept_max_minor is not None and invoices_minor > auto_accept_max_minor:
        reasons.append("above_auto_accept")
    if 0 < invoices_minor + credit_notes_minor < minimum_remittance_minor:
        reasons.append("below_minimum")
    return tuple(reasons)
