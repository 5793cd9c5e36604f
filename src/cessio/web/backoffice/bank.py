"""The bank: our accounts, statements imported once, their gaps, their lines."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from cessio import banking, cash, funding
from cessio.banking import queries
from cessio.cash import queries as cash_queries
from cessio.identity import Permission
from cessio.kernel.errors import CessioError
from cessio.web.forms import Form
from cessio.web.guards import staff
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Sent, Who

PATH = "/backoffice/bank"
MAX_FILE_BYTES = 40_000_000


@get(PATH, guards=[staff(Permission.SEE_CASH)], include_in_schema=False, sync_to_thread=True)
def list_statements(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """Positions of our accounts, what waits to be matched, and the statements."""
    return _list(request, session, signed, Form(), 200)


@post(f"{PATH}/statements", guards=[staff(Permission.IMPORT_STATEMENTS)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def import_statement(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Import a camt.053, settle payouts, match what came in; sure matches apply by themselves."""
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
    funding.settle_payout_lines(session, by=signed.by, at=at)
    run = cash.match_open_lines(session, by="job:matching", at=at)
    return redirect(
        f"{PATH}/statements/{done[0].statement_id}",
        N_("{lines} movements imported; {applied} payments applied, {proposed} to confirm."),
        lines=sum(one.line_count for one in done), applied=run.applied,
        proposed=run.proposed + run.unknown,
    )  # fmt: skip


@get(f"{PATH}/statements/{{statement_id:int}}", guards=[staff(Permission.SEE_CASH)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def show_statement(request: AnyRequest, session: Db, statement_id: int) -> Response[Any]:
    """A statement's balances, what was odd about it, and its movements."""
    after = request.query_params.get("after", "0")
    rows = queries.lines(
        session, statement_id=statement_id, after=int(after) if after.isdigit() else 0, limit=201
    )
    return render(
        request, "backoffice/bank/show_statement.html",
        found=queries.statement(session, statement_id=statement_id), rows=rows[:200],
        more=rows[199].position if len(rows) > 200 else None,
    )  # fmt: skip


def _list(request: AnyRequest, session: Db, signed: Who, form: Form, status: int) -> Response[Any]:
    before = request.query_params.get("after", "")
    rows = queries.statements(
        session, before_id=int(before) if before.isdigit() else None, limit=51
    )
    waiting = cash_queries.unallocated(session)
    return render(
        request, "backoffice/bank/list_statements.html", status=status, form=form,
        positions=queries.positions(session), rows=rows[:50], waiting=waiting,
        more=rows[49].statement_id if len(rows) > 50 else None,
        may_import=signed.may(Permission.IMPORT_STATEMENTS),
    )  # fmt: skip


HANDLERS = [list_statements, import_statement, show_statement]
