"""Costs: every fee by month, with the formula it comes from."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from litestar import Response, get
from sqlalchemy.orm import Session

from cessio.contracts import queries as contracts
from cessio.contracts.rules import CommissionTiming
from cessio.identity import Permission
from cessio.kernel.calendar import add_months, month_end
from cessio.plumbing.i18n import gettext as _
from cessio.settlement.queries import fees_by_month
from cessio.statements.queries import monthly_costs
from cessio.statements.queries.invoices import fee_invoices_of
from cessio.statements.rules import MonthCost
from cessio.web.exports import Column, export
from cessio.web.guards import client_user
from cessio.web.invoice_file import invoice_file
from cessio.web.portal.scope import Scope, client_of, scope_of
from cessio.web.render import render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Who

#: Months shown at once, the present one included.
MONTHS = 12


@get("/portal/costs", guards=[client_user(Permission.OWN_SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_costs(request: AnyRequest, session: Db, signed: Who, on: On, at: At) -> Response[Any]:
    """A month's cost and how it comes about; the twelve months it stands among."""
    return costs_page(request, session, scope_of(request, session, signed), on=on, at=at)


@get("/portal/costs/invoices/{invoice_id:int}/pdf", guards=[client_user(Permission.OWN_SEE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def give_own_fee_invoice(session: Db, signed: Who, invoice_id: Id) -> Response[bytes]:
    """A fee invoice of one's own, as it was printed once."""
    return invoice_file(session, invoice_id, client_id=client_of(signed))


def costs_page(
    request: AnyRequest, session: Session, scope: Scope, *, on: date, at: datetime
) -> Response[Any]:
    """The same page for whoever may read it."""
    first = add_months(on.replace(day=1), 1 - MONTHS)
    months = monthly_costs(session, contract_id=scope.contract.id, from_on=first, to_on=on)
    if request.query_params.get("format"):
        return _export(request, scope, months, request.query_params["format"], at)
    chosen = _chosen(months, request.query_params.get("month"))
    terms = contracts.terms_in_force(
        session, scope.contract.id, max(min(month_end(chosen.first), on), scope.contract.signed_on)
    )
    fees = fees_by_month(
        session, contract_id=scope.contract.id, from_on=chosen.first, to_on=month_end(chosen.first)
    )
    return render(
        request, "portal/costs/show_costs.html", scope=scope, months=tuple(reversed(months)),
        chosen=chosen, terms=terms, fees=fees,
        bars=[(f"{one.first:%m}", one.total_minor) for one in months],
        is_open=month_end(chosen.first) >= on,
        invoices=fee_invoices_of(session, contract_id=scope.contract.id, limit=2 * MONTHS),
        prepaid=terms.commission_timing is CommissionTiming.PRE_COUNTED,
    )  # fmt: skip


def _chosen(months: tuple[MonthCost, ...], asked: str | None) -> MonthCost:
    """The month asked for; else the last whole one that cost something, else the present one."""
    named = [one for one in months if f"{one.first:%Y-%m}" == asked]
    whole = [one for one in months[:-1] if one.total_minor]
    return (named or whole or months)[-1]


def _export(
    request: AnyRequest, scope: Scope, months: tuple[MonthCost, ...], file_format: str, at: datetime
) -> Response[bytes]:
    currency = scope.currency
    columns = [
        Column(_("Month"), "date"), Column(_("Assigned invoices"), "money", currency),
        Column(_("Factoring commission"), "money", currency),
        Column(_("Complement to the annual minimum"), "money", currency),
        Column(_("Fees"), "money", currency), Column(_("VAT"), "money", currency),
        Column(_("Financing commission"), "money", currency),
        Column(_("Total"), "money", currency), Column(_("Average funds in use"), "money", currency),
        Column(_("Effective rate"), "rate"), Column(_("All costs, as a rate"), "rate"),
    ]  # fmt: skip
    rows = [
        (
            one.first, one.invoices_minor, one.commission_minor, one.minimum_minor,
            one.fees_minor, one.vat_minor, one.financing_minor, one.total_minor,
            one.average_in_use_minor, one.effective_rate, one.full_rate,
        )
        for one in months
    ]  # fmt: skip
    return export(request, file_format, "costs", columns, rows, at=at, title=_("Costs"))


HANDLERS = [show_costs, give_own_fee_invoice]
