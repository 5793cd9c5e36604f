"""The lines of a draft: added, corrected in place, taken out."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.identity import Permission, Signed
from cessio.kernel.errors import NotFound
from cessio.kernel.paging import PageRequest
from cessio.receivables import operations, queries
from cessio.receivables.queries import LineView
from cessio.web.forms import Form
from cessio.web.guards import client_user
from cessio.web.portal.remittances.common import address, own_draft
from cessio.web.portal.remittances.document import document_of, filled, known_debtors
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, Sent, Who

EDIT = "portal/remittances/edit_line.html"


@get("/portal/remittances/{remittance_id:int}/lines/new",
     guards=[client_user(Permission.OWN_PREPARE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def new_line(request: AnyRequest, session: Db, signed: Who, remittance_id: Id) -> Response[Any]:
    """The form of one more invoice."""
    form = Form(kind="invoice")
    return _form(request, session, signed, remittance_id, None, form, 200)


@post("/portal/remittances/{remittance_id:int}/lines",
      guards=[client_user(Permission.OWN_PREPARE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def add_line(
    request: AnyRequest,
    session: Db,
    signed: Who,
    remittance_id: Id,
    at: At,
    submitted: Sent,
) -> Response[Any]:
    """Add an invoice to a draft, and check it again."""
    view = own_draft(session, signed, remittance_id)
    form = Form(submitted)
    document = document_of(form, view.remittance.currency)
    if document is None:
        return _form(request, session, signed, remittance_id, None, form, 422)
    operations.add_lines(session, remittance_id=remittance_id, rows=[document], by=signed.by, at=at)
    return redirect(address(remittance_id), N_("Invoice {number} added."), number=document.number)


@get("/portal/remittances/{remittance_id:int}/lines/{line:int}",
     guards=[client_user(Permission.OWN_PREPARE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def edit_line(
    request: AnyRequest, session: Db, signed: Who, remittance_id: Id, line: Id
) -> Response[Any]:
    """A line as it was sent, what is said of it, and the form to correct it."""
    view = own_draft(session, signed, remittance_id)
    found = line_of(session, remittance_id, line)
    form = filled(found, view.remittance.currency)
    return _form(request, session, signed, remittance_id, found, form, 200)


@post("/portal/remittances/{remittance_id:int}/lines/{line:int}",
      guards=[client_user(Permission.OWN_PREPARE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def correct_line(
    request: AnyRequest, session: Db, signed: Who, remittance_id: Id, line: Id, at: At,
    submitted: Sent,
) -> Response[Any]:  # fmt: skip
    """Write a line anew under its own number, and check the remittance again."""
    view = own_draft(session, signed, remittance_id)
    found = line_of(session, remittance_id, line)
    form = Form(submitted)
    document = document_of(form, view.remittance.currency)
    if document is None:
        return _form(request, session, signed, remittance_id, found, form, 422)
    operations.correct_line(
        session, remittance_id=remittance_id, line=line, document=document, by=signed.by, at=at
    )
    return redirect(address(remittance_id), N_("Line {line} corrected."), line=line)


@post("/portal/remittances/{remittance_id:int}/lines/{line:int}/removal",
      guards=[client_user(Permission.OWN_PREPARE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def remove_line(
    session: Db,
    signed: Who,
    remittance_id: Id,
    line: Id,
    at: At,
) -> Response[Any]:
    """Take a line out of a draft."""
    own_draft(session, signed, remittance_id)
    operations.remove_line(
        session, remittance_id=remittance_id, line=line, by=signed.by, at=at
    )  # fmt: skip
    return redirect(address(remittance_id), N_("Line {line} taken out."), line=line)


def line_of(session: Session, remittance_id: int, line: int) -> LineView:
    """A line by its number. Raises ``NotFound``."""
    found = queries.lines(session, remittance_id, PageRequest(1, after=(line - 1,)))
    if not found.rows or found.rows[0].line != line:
        raise NotFound("line_unknown", "the remittance has no line {line}", line=line)
    return found.rows[0]


def _form(
    request: AnyRequest, session: Session, signed: Signed, remittance_id: int,
    line: LineView | None, form: Form, status: int,
) -> Response[Any]:  # fmt: skip
    view = own_draft(session, signed, remittance_id)
    home = address(remittance_id)
    return render(
        request, EDIT, status=status, row=view.remittance, line=line, form=form,
        debtors=known_debtors(session, view.remittance.contract_id), home=home,
        action=f"{home}/lines" if line is None else f"{home}/lines/{line.line}",
    )  # fmt: skip


HANDLERS = [new_line, add_line, edit_line, correct_line, remove_line]
