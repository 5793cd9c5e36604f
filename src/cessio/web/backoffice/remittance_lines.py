"""The lines of a draft at the desk: added, corrected, taken out; refused ones sent again."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.identity import Permission
from cessio.receivables import operations
from cessio.receivables.queries import LineView, RemittanceRow
from cessio.web.backoffice.remittance_files import HOME, checked, own_draft
from cessio.web.forms import Form
from cessio.web.guards import staff
from cessio.web.portal.remittances.document import document_of, filled, known_debtors
from cessio.web.portal.remittances.lines import line_of
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who

DECIDE = Permission.DECIDE_REMITTANCES


@get("/backoffice/remittances/{remittance_id:int}/lines/new", guards=[staff(DECIDE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def new_line(request: AnyRequest, session: Db, remittance_id: Id) -> Response[Any]:
    """The form of one more invoice."""
    row = own_draft(session, remittance_id)
    return _form(request, session, row, None, Form(kind="invoice"))


@post("/backoffice/remittances/{remittance_id:int}/lines", guards=[staff(DECIDE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def add_line(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, remittance_id: Id
) -> Response[Any]:
    """Add an invoice to a draft, and check it again."""
    row = own_draft(session, remittance_id)
    form = Form(submitted)
    document = document_of(form, row.currency)
    if document is None:
        return _form(request, session, row, None, form, status=422)
    operations.add_lines(session, remittance_id=remittance_id, rows=[document], by=signed.by, at=at)
    return redirect(f"{HOME}/{remittance_id}", N_("Invoice {number} added."),
                    number=document.number)  # fmt: skip


@get("/backoffice/remittances/{remittance_id:int}/lines/{line:int}", guards=[staff(DECIDE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def edit_line(request: AnyRequest, session: Db, remittance_id: Id, line: Id) -> Response[Any]:
    """A line as it was sent, what is said of it, and the form to correct it."""
    row = own_draft(session, remittance_id)
    found = line_of(session, remittance_id, line)
    return _form(request, session, row, found, filled(found, row.currency))


@post("/backoffice/remittances/{remittance_id:int}/lines/{line:int}", guards=[staff(DECIDE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def correct_line(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, remittance_id: Id,
    line: Id,
) -> Response[Any]:  # fmt: skip
    """Write a line anew under its own number, and check the remittance again."""
    row = own_draft(session, remittance_id)
    found = line_of(session, remittance_id, line)
    form = Form(submitted)
    document = document_of(form, row.currency)
    if document is None:
        return _form(request, session, row, found, form, status=422)
    operations.correct_line(session, remittance_id=remittance_id, line=line, document=document,
                            by=signed.by, at=at)  # fmt: skip
    return redirect(f"{HOME}/{remittance_id}", N_("Line {line} corrected."), line=line)


@post("/backoffice/remittances/{remittance_id:int}/lines/{line:int}/removal",
      guards=[staff(DECIDE)], include_in_schema=False, sync_to_thread=True)  # fmt: skip
def remove_line(session: Db, signed: Who, at: At, remittance_id: Id, line: Id) -> Response[Any]:
    """Take a line out of a draft."""
    own_draft(session, remittance_id)
    operations.remove_line(session, remittance_id=remittance_id, line=line, by=signed.by, at=at)
    return redirect(f"{HOME}/{remittance_id}", N_("Line {line} taken out."), line=line)


@post("/backoffice/remittances/{remittance_id:int}/resending", guards=[staff(DECIDE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def resend_refused(session: Db, signed: Who, at: At, on: On, remittance_id: Id) -> Response[Any]:
    """A new draft of the refused lines, to be corrected under their own numbers."""
    fresh = operations.redraft_refused(session, remittance_id=remittance_id, by=signed.by, at=at)
    return checked(session, signed, fresh, on=on, at=at)


def _form(
    request: AnyRequest, session: Session, row: RemittanceRow, line: LineView | None, form: Form,
    *, status: int = 200,
) -> Response[Any]:  # fmt: skip
    home = f"{HOME}/{row.id}"
    return render(
        request, "backoffice/remittances/edit_line.html", status=status, row=row, line=line,
        form=form, debtors=known_debtors(session, row.contract_id), home=home,
        action=f"{home}/lines" if line is None else f"{home}/lines/{line.line}",
    )  # fmt: skip


HANDLERS = [new_line, add_line, edit_line, correct_line, remove_line, resend_refused]
