"""The bank: our accounts, statements imported once, their gaps, their lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import banking, cash, documents, funding
from cessio.banking import queries
from cessio.cash import queries as cash_queries
from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError
from cessio.kernel.paging import Page, PageRequest
from cessio.web.actors import actors
from cessio.web.backoffice.lists import (
    asked_number,
    asked_page,
    asked_sort,
    every_row,
    file_format,
    rows_before,
)
from cessio.web.exports import Column, export, file_response
from cessio.web.forms import Form
from cessio.web.guards import staff
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, Sent, Who
from cessio.web.words.banking import remark

PATH = "/backoffice/bank"
SEE = staff(Permission.SEE_CASH)
MAX_FILE_BYTES = 40_000_000
#: More movements than this are matched by the jobs that every import makes (worker.py).
AT_ONCE = 2_000
#: Movements on a page of a statement, statements on a page of the list.
LINES, STATEMENTS = 200, 25


@get(PATH, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def list_statements(request: AnyRequest, session: Db, signed: Who, at: At) -> Response[Any]:
    """Positions of our accounts, what waits to be matched, and the statements."""
    if wanted := file_format(request):
        columns = [
            Column(_("Statement")), Column(_("Account")), Column(_("From"), "date"),
            Column(_("To"), "date"), Column(_("Opening"), "money"),
            Column(_("Movements"), "money"), Column(_("Closing"), "money"),
            Column(_("To match"), "money"),
        ]  # fmt: skip
        cells = (
            (row.statement_ref, row.account_name, row.from_on, row.to_on, row.opening_minor,
             row.movements_minor, row.closing_minor, row.open_minor)
            for row in every_row(lambda page: _statements(request, session, page))
        )  # fmt: skip
        return export(request, wanted, "bank-statements", columns, cells, at=at,
                      title=_("Statements received"))  # fmt: skip
    return _list(request, session, signed, Form(), 200)


@post(f"{PATH}/statements", guards=[staff(Permission.IMPORT_STATEMENTS)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def import_statement(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Import a camt.053, settle payouts, match what came in; sure matches apply by themselves.

    The same is asked of jobs, which find nothing left to do; a large file is left to them.
    """
    form = Form(submitted)
    upload = form.upload("file", max_bytes=MAX_FILE_BYTES)
    if not form.valid() or upload is None:
        return _list(request, session, signed, form, 422)
    try:
        with session.begin_nested():
            done = banking.import_statement(
                session, data=upload.content, filename=upload.name, by=signed.by, at=at
            )
    except CessioError as error:
        form.refuse(error)
        return _list(request, session, signed, form, 422)
    if sum(one.line_count for one in done) > AT_ONCE:
        return redirect(
            f"{PATH}/statements/{done[0].statement_id}",
            N_("Movements imported: {lines}. They are being matched."),
            lines=sum(one.line_count for one in done),
        )
    funding.settle_payout_lines(session, by="job:funding.settle_payouts", at=at)
    runs = [
        cash.match_open_lines(session, statement_id=one.statement_id, by="job:cash.match", at=at)
        for one in done
    ]
    return redirect(
        f"{PATH}/statements/{done[0].statement_id}",
        N_("Movements imported: {lines}. Matched: {applied}. To look at: {waiting}."),
        lines=sum(one.line_count for one in done),
        applied=sum(run.applied for run in runs),
        waiting=sum(run.proposed + run.unknown for run in runs),
    )


@get(f"{PATH}/statements/{{statement_id:int}}", guards=[SEE], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_statement(request: AnyRequest, session: Db, at: At, statement_id: Id) -> Response[Any]:
    """A statement's balances, what was odd about it, and its movements."""
    found = queries.statement(session, statement_id=statement_id)
    if wanted := file_format(request):
        return _lines_file(request, session, found, wanted, at)
    after = asked_number(request, "after") or 0
    rows = queries.lines(session, statement_id=statement_id, after=after, limit=LINES + 1)
    return render(
        request, "backoffice/bank/show_statement.html", found=found, rows=rows[:LINES],
        more=rows[LINES - 1].position if len(rows) > LINES else None,
        remarks=[remark(one, found.currency) for one in found.warnings],
        names=actors(session, [found.imported_by]),
    )  # fmt: skip


@get(f"{PATH}/statements/{{statement_id:int}}/file", guards=[SEE], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def download_statement(session: Db, statement_id: Id) -> Response[bytes]:
    """The bank's file as it was received."""
    found = queries.statement(session, statement_id=statement_id)
    content = documents.read(session, found.document_id)
    return file_response(content.content, content.filename, content.media_type)


def _lines_file(
    request: AnyRequest, session: Session, found: queries.StatementView, wanted: str, at: datetime
) -> Response[Any]:
    """Every movement of a statement, and their sum."""
    columns = [
        Column(_("Date"), "date"), Column(_("Value date"), "date"), Column(_("Payer or payee")),
        Column(_("IBAN")), Column(_("Text")), Column(_("Payment reference")),
        Column(_("Amount"), "money"), Column(_("To match"), "money"),
    ]  # fmt: skip
    cells = (
        (row.booked_on, row.value_date, row.party_name or "", row.party_iban or "",
         row.text or "", row.end_to_end_id or "", row.amount_minor, row.open_minor)
        for row in rows_before(
            lambda after, limit: queries.lines(
                session, statement_id=found.statement_id, after=after or 0, limit=limit
            ),
            lambda row: row.position,
        )
    )  # fmt: skip
    return export(
        request, wanted, f"statement-{found.statement_ref}", columns, cells, at=at,
        title=_("Movements"),
        totals=(_("Total"), None, None, None, None, None, found.movements_minor, found.open_minor),
    )  # fmt: skip


def _list(
    request: AnyRequest, session: Db, signed: Signed, form: Form, status: int
) -> Response[Any]:
    account_id = asked_number(request, "account")
    asked = replace(asked_page(request), limit=STATEMENTS)
    positions = queries.positions(session)
    return render(
        request, "backoffice/bank/list_statements.html", status=status, form=form,
        positions=positions, found=_statements(request, session, asked),
        totals=queries.statement_totals(session, account_id=account_id),
        books={one.account.account_id: one.books_minor for one in positions},
        accounts=[(str(one.account.account_id), one.account.name) for one in positions],
        waiting=cash_queries.unallocated(session), gaps=queries.gaps(session),
        may_import=signed.may(Permission.IMPORT_STATEMENTS),
    )  # fmt: skip


def _statements(
    request: AnyRequest, session: Session, page: PageRequest
) -> Page[queries.StatementView]:
    return queries.statements(session, page, account_id=asked_number(request, "account"),
                              sort=asked_sort(request))  # fmt: skip


HANDLERS = [list_statements, import_statement, show_statement, download_statement]
