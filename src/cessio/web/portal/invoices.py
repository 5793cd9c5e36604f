"""Invoices: found, followed, opened from a withheld amount; disputes and direct payments."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import documents
from cessio.cash.operations import record_direct_payment
from cessio.collections.queries.pursued import pursued, turns
from cessio.contracts import queries as contracts
from cessio.contracts.rules import IneligibleReason
from cessio.funding import queries as funding
from cessio.funding.rules import LineKind
from cessio.house import ReasonList
from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError, NotFound
from cessio.kernel.paging import PageRequest
from cessio.receivables import operations, queries
from cessio.receivables.operations.papers import give_paper
from cessio.receivables.queries import (
    Order,
    ReceivableFilter,
    ReceivableRow,
    ReceivableView,
    Status,
)
from cessio.receivables.rules import DisputeReason, DocumentKind
from cessio.web import explaining
from cessio.web.exports import Column, export, file_response
from cessio.web.forms import Form, Upload, amount, chosen, day, one_of, text
from cessio.web.guards import client_user
from cessio.web.invoice_papers import KINDS, kind_words
from cessio.web.portal.lives import standing, whole
from cessio.web.portal.scope import Scope, client_of, own_contract, paging, scope_of
from cessio.web.readers import siren as read_siren
from cessio.web.reasons import offered
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.words import label

HOME = "/portal/invoices"
EXPORT_MOST = 200_000
_PAGE = 500


@get("/portal/invoices", guards=[client_user(Permission.OWN_SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def list_invoices(request: AnyRequest, session: Db, signed: Who, on: On, at: At) -> Response[Any]:
    """Own invoices and credit notes, found by number, SIREN or amount."""
    return invoices_page(
        request, session, scope_of(request, session, signed), on=on, at=at,
        may_prepare=signed.may(Permission.OWN_PREPARE),
    )  # fmt: skip


def invoices_page(
    request: AnyRequest, session: Session, scope: Scope, *, on: date, at: datetime,
    may_prepare: bool,
) -> Response[Any]:  # fmt: skip
    """The same list for whoever may read it."""
    wanted = _filter(request, scope, on)
    if request.query_params.get("format"):
        rows = _every(session, wanted)
        return _export(request, rows, request.query_params["format"], scope.currency, on, at)
    page = queries.receivables(session, paging(request), wanted)
    totals = queries.receivable_totals(session, wanted)
    return render(
        request, "portal/invoices/list_invoices.html", scope=scope, page_of=page, totals=totals,
        statuses=[(one.value, label(one)) for one in Status if one is not Status.OPEN], on=on,
        may_prepare=may_prepare, pursued=pursued(session, page.rows),
    )  # fmt: skip


@get("/portal/invoices/withheld/{contract_id:int}", guards=[client_user(Permission.OWN_SEE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def list_withheld(
    request: AnyRequest, session: Db, signed: Who, contract_id: Id, on: On, at: At
) -> Response[Any]:
    """The invoices behind one line of the availability; they add up to it to the cent."""
    scope = own_contract(session, signed, contract_id)
    asked = request.query_params
    kind, reason = _line(asked.get("line", ""), asked.get("reason"))
    found = funding.withheld(session, contract_id=contract_id, kind=kind, reason=reason, on=on)
    if asked.get("format"):
        columns = [
            Column(_("Invoice number")), Column(_("Debtor")), Column(_("Due date"), "date"),
            Column(_("Open amount"), "money", scope.currency),
            Column(_("Withheld"), "money", scope.currency),
        ]  # fmt: skip
        rows = [
            (one.row.number, one.row.debtor_name, one.row.due_date, one.row.open_minor,
             one.amount_minor)
            for one in found.receivables
        ]  # fmt: skip
        return export(request, asked["format"], "withheld", columns, rows, at=at,
                      title=explaining.words(found.line))  # fmt: skip
    shown = found.receivables[:_PAGE]
    return render(
        request, "portal/invoices/list_withheld.html", scope=scope, found=found, rows=shown,
        words=explaining.words(found.line), advice=explaining.advice(found.line), on=on,
    )  # fmt: skip


@get("/portal/invoices/{receivable_id:int}", guards=[client_user(Permission.OWN_SEE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def show_invoice(
    request: AnyRequest, session: Db, signed: Who, receivable_id: Id, on: On
) -> Response[Any]:
    """One invoice: where it stands, its life, and what can be said about it."""
    found = queries.receivable(session, receivable_id, client_id=client_of(signed))
    return _page(request, session, signed, found, on, 200)


@post("/portal/invoices/{receivable_id:int}/disputes",
      guards=[client_user(Permission.OWN_DISPUTE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def open_dispute(
    request: AnyRequest, session: Db, signed: Who, receivable_id: Id, on: On, at: At,
    submitted: Sent,
) -> Response[Any]:  # fmt: skip
    """Tell us that the debtor contests it, all or part."""
    found = queries.receivable(session, receivable_id, client_id=client_of(signed))
    form = Form(submitted)
    reason = form.need("reason", chosen(DisputeReason))
    amount_minor = form.maybe("amount_minor", amount(found.row.currency))
    comment = form.maybe("comment", text(500, multiline=True))
    paper = form.upload("dispute_paper", max_bytes=documents.PAPER_BYTES, required=False)
    if form.valid():
        try:
            with session.begin_nested():
                operations.open_dispute(
                    session, receivable_id=receivable_id, reason=reason, comment=comment,
                    amount_minor=amount_minor, by=signed.by, at=at,
                )  # fmt: skip
                if paper is not None:
                    _keep(session, signed, receivable_id, "debtor_letter", paper, at)
            return redirect(f"{HOME}/{receivable_id}", N_("Dispute noted."))
        except CessioError as error:
            form.refuse(error, "dispute_paper" if error.field == "paper" else None)
    return _page(request, session, signed, found, on, 422, dispute=form)


@post("/portal/invoices/{receivable_id:int}/documents",
      guards=[client_user(Permission.OWN_DISPUTE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def give_document(
    request: AnyRequest, session: Db, signed: Who, receivable_id: Id, on: On, at: At,
    submitted: Sent,
) -> Response[Any]:  # fmt: skip
    """Send a paper of the invoice: the answer to a dispute, the proof of a delivery."""
    found = queries.receivable(session, receivable_id, client_id=client_of(signed))
    form = Form(submitted)
    kind = form.need("kind", one_of(KINDS))
    paper = form.upload("paper", max_bytes=documents.PAPER_BYTES)
    if form.valid() and paper is not None:
        try:
            with session.begin_nested():
                _keep(session, signed, receivable_id, kind, paper, at)
            return redirect(f"{HOME}/{receivable_id}", N_("Document sent; we read it too."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, found, on, 422, giving=form)


@post("/portal/invoices/{receivable_id:int}/direct-payments",
      guards=[client_user(Permission.OWN_DISPUTE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def declare_direct_payment(
    request: AnyRequest, session: Db, signed: Who, receivable_id: Id, on: On, at: At,
    submitted: Sent,
) -> Response[Any]:  # fmt: skip
    """Declare that the debtor paid the client: its current account is debited."""
    found = queries.receivable(session, receivable_id, client_id=client_of(signed))
    form = Form(submitted)
    amount_minor = form.need("paid", amount(found.row.currency))
    paid_on = form.need("paid_on", day())
    if form.valid():
        try:
            with session.begin_nested():
                record_direct_payment(
                    session, receivable_id=receivable_id, amount_minor=amount_minor,
                    paid_on=paid_on, client_id=client_of(signed), by=signed.by, at=at,
                )  # fmt: skip
            return redirect(f"{HOME}/{receivable_id}", N_("Payment noted; thank you."))
        except CessioError as error:
            form.refuse(error, "paid" if error.field != "paid_on" else None)
    return _page(request, session, signed, found, on, 422, direct=form)


@get("/portal/invoices/{receivable_id:int}/documents/{document_id:int}",
     guards=[client_user(Permission.OWN_SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def read_shared(session: Db, signed: Who, receivable_id: Id, document_id: Id) -> Response[bytes]:
    """A paper of the invoice that we share with its client. Raises ``NotFound``."""
    file = documents.read(session, document_id, client_id=client_of(signed),
                          about=("receivable", receivable_id))  # fmt: skip
    return file_response(file.content, file.filename, file.media_type)


def _keep(
    session: Session, signed: Signed, receivable_id: int, kind: str, paper: Upload, at: datetime
) -> None:
    give_paper(
        session, receivable_id=receivable_id, client_id=client_of(signed), kind=kind,
        filename=paper.name, content=paper.content, by=signed.by, at=at,
    )  # fmt: skip


def _page(
    request: AnyRequest, session: Session, signed: Signed, found: ReceivableView, on: date,
    status: int, *, dispute: Form | None = None, direct: Form | None = None,
    giving: Form | None = None,
) -> Response[Any]:  # fmt: skip
    row = found.row
    owes = row.kind == DocumentKind.INVOICE and row.open_minor > 0
    turned = turns(session, row) if row.kind == DocumentKind.INVOICE else ()
    terms = contracts.terms_in_force(session, row.contract_id, on)
    counts = IneligibleReason.DEBTOR_INSOLVENT not in terms.ineligible_reasons
    return render(
        request, "portal/invoices/show_invoice.html", status=status, found=found, row=row, on=on,
        life=whole(found.life, turned), pursued=standing(row, turned, counts_insolvent=counts),
        dispute=dispute or Form(), state=_state(row, on),
        direct=direct or Form(paid_on=on.isoformat()), giving=giving or Form(),
        kinds=kind_words(), may_give=row.reversed_at is None and signed.may(Permission.OWN_DISPUTE),
        may_dispute=owes and not row.disputed_minor and signed.may(Permission.OWN_DISPUTE),
        may_declare=owes and signed.may(Permission.OWN_DISPUTE),
        reasons=offered(ReasonList.DISPUTE),
        shared=documents.of_subject(session, "receivable", row.id, client_id=row.client_id),
        holds=[IneligibleReason(one) for one in row.hold_reasons if one in set(IneligibleReason)],
    )  # fmt: skip


def _state(row: ReceivableRow, on: date) -> Status:
    """Where a receivable stands in one word."""
    if row.reversed_at is not None:
        return Status.REVERSED
    if row.closed_on is not None:
        return Status.CLOSED
    if row.disputed_minor:
        return Status.DISPUTED
    if row.hold_reasons:
        return Status.HELD
    return Status.OVERDUE if row.days_overdue(on) else Status.OPEN


def _filter(request: AnyRequest, scope: Scope, on: date) -> ReceivableFilter:
    asked = request.query_params
    status = next((one for one in Status if one == asked.get("status")), Status.OPEN)
    wanted = ReceivableFilter(
        on=on, status=status, client_id=scope.client_id, contract_id=scope.contract.id,
        order=Order.DUE if asked.get("sort") == "due" else Order.RECENT,
        debtor_id=_number(asked.get("debtor")), remittance_id=_number(asked.get("remittance")),
    )  # fmt: skip
    return _searched(wanted, asked.get("q", "").strip(), scope.currency)


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isdecimal() and len(value) < 19 else None


def _searched(wanted: ReceivableFilter, asked: str, currency: str) -> ReceivableFilter:
    """A SIREN, an amount with its cents, or the beginning of a number."""
    if not asked:
        return wanted
    try:
        return replace(wanted, siren=read_siren()(asked))
    except CessioError:
        pass
    if "," in asked or "." in asked:
        try:
            return replace(wanted, amount_minor=amount(currency)(asked))
        except CessioError:
            pass
    return replace(wanted, number=asked[:64])


def _every(session: Session, wanted: ReceivableFilter) -> list[ReceivableRow]:
    page = queries.receivables(session, PageRequest(EXPORT_MOST), wanted)
    return list(page.rows)


def _export(
    request: AnyRequest, rows: list[ReceivableRow], file_format: str, currency: str, on: date,
    at: datetime,
) -> Response[bytes]:  # fmt: skip
    columns = [
        Column(_("Invoice number")), Column(_("Type")), Column(_("Debtor")), Column(_("SIREN")),
        Column(_("Issued on"), "date"), Column(_("Due date"), "date"),
        Column(_("Assigned on"), "date"), Column(_("Amount"), "money", currency),
        Column(_("Open amount"), "money", currency), Column(_("Guaranteed"), "money", currency),
        Column(_("Disputed"), "money", currency), Column(_("Days late"), "number"),
        Column(_("State")),
    ]  # fmt: skip
    lines = [
        (
            row.number, label(DocumentKind(row.kind)) if row.kind in set(DocumentKind)
            else label(row.kind), row.debtor_name, row.debtor_siren, row.issue_date, row.due_date,
            row.assigned_on, row.amount_minor, row.open_minor, row.covered_minor,
            row.disputed_minor, row.days_overdue(on), label(_state(row, on)),
        )
        for row in rows
    ]  # fmt: skip
    return export(request, file_format, "invoices", columns, lines, at=at, title=_("Invoices"))


def _line(kind: str, reason: str | None) -> tuple[LineKind, IneligibleReason | None]:
    """The line named in the address. Raises ``NotFound``."""
    try:
        return LineKind(kind), IneligibleReason(reason) if reason else None
    except ValueError:
        raise NotFound("line_unknown_kind", "there are no invoices behind this line") from None


HANDLERS = [
    list_invoices, list_withheld, show_invoice, open_dispute, give_document,
    declare_direct_payment, read_shared,
]  # fmt: skip
