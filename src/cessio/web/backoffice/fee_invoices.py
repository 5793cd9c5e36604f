"""Fee invoices of every client: a month's, with what they come to, and each as its paper."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from litestar import Response, get

from cessio.identity import Permission
from cessio.kernel.calendar import month_end
from cessio.statements.queries import invoices as queries
from cessio.statements.queries.invoices import FeeInvoiceRow
from cessio.web.backoffice import lists
from cessio.web.exports import Column, export
from cessio.web.guards import staff
from cessio.web.invoice_file import invoice_file
from cessio.web.render import _, render
from cessio.web.requests import AnyRequest, At, Db, Id

PATH = "/backoffice/settlement/invoices"
SEE = staff(Permission.SEE_LEDGER)


@get(PATH, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def list_fee_invoices(request: AnyRequest, session: Db, at: At) -> Response[Any]:
    """Those of a month, the latest first, or all of them."""
    month = _asked_month(request)
    if file_format := lists.file_format(request):
        rows = lists.every_row(partial(queries.fee_invoices, session, month=month))
        return export(request, file_format, "fee-invoices", _columns(), map(_cells, rows), at=at,
                      title=_("Fee invoices"))  # fmt: skip
    sums = queries.month_sums(session, month=month)
    return render(
        request, "backoffice/settlement/list_fee_invoices.html", month=month, sums=sums,
        months=queries.invoiced_months(session), total=sum(one.count for one in sums),
        found=queries.fee_invoices(session, lists.asked_page(request), month=month),
    )  # fmt: skip


@get(f"{PATH}/{{invoice_id:int}}/pdf", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def give_fee_invoice(session: Db, invoice_id: Id) -> Response[bytes]:
    """One as its client has it."""
    return invoice_file(session, invoice_id)


def _asked_month(request: AnyRequest) -> date | None:
    """``month=2026-10``, by its last day; anything else is no month."""
    try:
        return month_end(date.fromisoformat(f"{request.query_params.get('month', '')}-01"))
    except ValueError:
        return None


def _columns() -> list[Column]:
    return [
        Column(_("Number")), Column(_("Issued on"), "date"), Column(_("Client")),
        Column(_("Contract")), Column(_("From"), "date"), Column(_("To"), "date"),
        Column(_("Currency")), Column(_("Bears VAT"), "money"), Column(_("VAT"), "money"),
        Column(_("Exempt of VAT"), "money"), Column(_("Total"), "money"),
        Column(_("Verification code")),
    ]  # fmt: skip


def _cells(one: FeeInvoiceRow) -> tuple[Any, ...]:
    return (one.number, one.issued_on, one.client_name, one.reference, one.from_on, one.to_on,
            one.currency, one.net_minor, one.vat_minor, one.exempt_minor, one.total_minor,
            one.verification_code)  # fmt: skip


HANDLERS = [list_fee_invoices, give_fee_invoice]
