"""Where an invoice stands: its place in the order of cover, what withholds it, and the way out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from cessio.contracts.rules import IneligibleReason, Terms
from cessio.funding.queries import beyond_of
from cessio.funding.queries.availability import debtor_flags
from cessio.funding.rules import LineKind
from cessio.limits.queries import effective_limits
from cessio.plumbing import formats
from cessio.receivables.queries import HoldView, ReceivableRow, cover_lists
from cessio.receivables.queries.cover_lists import CoverPlace
from cessio.receivables.rules import EligibilityFacts, reasons_for
from cessio.web import explaining
from cessio.web.backoffice.invoice_life import ineligible_from
from cessio.web.render import _
from cessio.web.words import label


@dataclass(frozen=True, slots=True)
class InvoicePlace:
    """Its place among its debtor's invoices in cover order, under their limit.

    ``missing_minor`` is what a limit higher by so much would cover of it.
    """

    at: CoverPlace
    limit_minor: int
    missing_minor: int


@dataclass(frozen=True, slots=True)
class Withheld:
    """A reason for which it is not funded, and what would end it."""

    reason: str
    release: str
    href: str | None = None


def cover_place(
    session: Session, row: ReceivableRow, terms: Terms, on: date
) -> InvoicePlace | None:
    """Where an open invoice stands in the order of cover; None for what takes no cover."""
    if row.kind != "invoice" or row.open_minor <= 0:
        return None
    found = cover_lists.cover_place(session, receivable_id=row.id, order=terms.cover_order_key)
    limits = effective_limits(
        session, contract_id=row.contract_id, debtor_id=row.debtor_id, on=on, terms=terms
    )
    missing = found.queued_ahead_minor + found.queued_minor if found.queued_minor else 0
    return InvoicePlace(found, limits.cover_minor, missing)


def withheld_for(
    session: Session, row: ReceivableRow, terms: Terms, holds: tuple[HoldView, ...], on: date
) -> list[Withheld]:
    """Every reason that withholds it now, in the contract's order, with the way out of each."""
    if row.kind != "invoice" or row.open_minor <= 0:
        return []
    flags = {IneligibleReason(one.reason) for one in holds if one.ended_at is None}
    flags |= debtor_flags(session, [row.contract_id], on, None).get(
        (row.contract_id, row.debtor_id), frozenset()
    )
    facts = EligibilityFacts(
        receivable_id=row.id, number=row.number, issue_date=row.issue_date,
        due_date=row.due_date, amount_minor=row.amount_minor, open_minor=row.open_minor,
        disputed_minor=row.disputed_minor, flags=frozenset(flags), verified=True,
    )  # fmt: skip
    told = [
        Withheld(label(reason), _release(reason), _where(reason, row))
        for reason in reasons_for(facts, terms, on)
    ]
    return [*told, *_beyond(session, row, on)]


def _beyond(session: Session, row: ReceivableRow, on: date) -> Iterator[Withheld]:
    """What is beyond the limit of its debtor, and beyond the share a debtor may have."""
    found = beyond_of(session, row, on=on)
    if found.over_limit_minor:
        yield Withheld(
            _("Above the limit of its debtor"),
            _("A higher limit funds {amount} more of it.",
              amount=formats.money(found.over_limit_minor, row.currency)),
            f"/backoffice/limits/pairs/{row.contract_id}/{row.debtor_id}",
        )  # fmt: skip
    if found.concentration_minor:
        yield Withheld(
            str(explaining.LABELS[LineKind.CONCENTRATION]),
            _("Invoices of other debtors fund {amount} more of it.",
              amount=formats.money(found.concentration_minor, row.currency)),
            f"/backoffice/contracts/{row.contract_id}/withheld?line=concentration",
        )  # fmt: skip


def coming(row: ReceivableRow, terms: Terms, on: date) -> list[tuple[date, str]]:
    """Days to come on which its dates will withhold it."""
    if row.kind != "invoice" or row.open_minor <= 0:
        return []
    days = ineligible_from(row, terms).items()
    return sorted((day, label(reason)) for reason, day in days if day > on)


def _release(reason: IneligibleReason) -> str:
    match reason:
        case IneligibleReason.DISPUTED:
            return _("The end of its dispute frees the disputed part.")
        case IneligibleReason.DEFUNDED:
            return _("A dispute that ends well, or more time for it, funds it again.")
        case IneligibleReason.NOT_VERIFIED:
            return _("Say that it is verified.")
        case IneligibleReason.DOCUMENT_MISSING:
            return _("Attach the document, then lift the hold.")
        case IneligibleReason.OVERDUE | IneligibleReason.TOO_OLD | IneligibleReason.TERM_TOO_LONG:
            return _("Only its payment, or other terms of the contract.")
        case IneligibleReason.DEBTOR_INSOLVENT:
            return _("Nothing: the covered part is claimed under the guarantee.")
        case IneligibleReason.DEBTOR_EXCLUDED:
            return _("Fund the debtor again, on the page of the contract.")
        case IneligibleReason.NOT_YET_DELIVERED:
            return _("The day of the invoice.")
        case IneligibleReason.RELATED_PARTY:
            return _("Nothing while the debtor is of the client's own group.")
    return _("Lift the hold once the doubt is cleared.")


def _where(reason: IneligibleReason, row: ReceivableRow) -> str | None:
    contract = f"/backoffice/contracts/{row.contract_id}"
    if reason is IneligibleReason.DEBTOR_EXCLUDED:
        return contract
    if reason in (IneligibleReason.DEBTOR_INSOLVENT, IneligibleReason.RELATED_PARTY):
        return f"/backoffice/debtors/{row.debtor_id}"
    return None
