"""Sending a remittance: a file and what its columns are, or invoices typed by hand."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError
from cessio.receivables import operations
from cessio.receivables.queries import RemittanceView
from cessio.receivables.rules import Source
from cessio.web import columns
from cessio.web.forms import Form
from cessio.web.guards import client_user
from cessio.web.portal.remittances.common import HOME, address, check_and_show, own_draft
from cessio.web.portal.remittances.document import document_of, known_debtors
from cessio.web.portal.scope import scope_of
from cessio.web.render import redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who

MAX_BYTES = 30_000_000


@get("/portal/remittances/new", guards=[client_user(Permission.OWN_PREPARE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def new_remittance(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """Choose a file, or type."""
    return _new(request, session, signed, Form(), 200)


@post("/portal/remittances", guards=[client_user(Permission.OWN_PREPARE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def upload_remittance(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent
) -> Response[Any]:
    """Read a file into a draft; ask for its columns where they are not sure."""
    scope = scope_of(request, session, signed)
    form = Form(submitted)
    sent = form.upload("file", max_bytes=MAX_BYTES)
    if not form.valid() or sent is None:
        return _new(request, session, signed, form, 422)
    try:
        with session.begin_nested():
            made = operations.draft_from_file(
                session, contract_id=scope.contract.id, data=sent.content, filename=sent.name,
                by=signed.by, at=at,
            )  # fmt: skip
    except CessioError as error:
        form.refuse(error, "file")
        return _new(request, session, signed, form, 422)
    if made.mapping_needed:
        return redirect(f"{address(made.remittance_id)}/columns")
    return check_and_show(session, signed, made.remittance_id, on=on, at=at)


@get("/portal/remittances/typed", guards=[client_user(Permission.OWN_PREPARE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def type_remittance(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """The form of the first invoice."""
    return _typed(request, session, signed, Form(kind="invoice"), 200)


@post("/portal/remittances/typed", guards=[client_user(Permission.OWN_PREPARE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def type_first_line(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent
) -> Response[Any]:
    """Make a draft of one typed invoice; the others are added on its page."""
    scope = scope_of(request, session, signed)
    form = Form(submitted)
    document = document_of(form, scope.currency)
    if document is None:
        return _typed(request, session, signed, form, 422)
    try:
        with session.begin_nested():
            remittance_id = operations.draft_from_rows(
                session, contract_id=scope.contract.id, rows=[document], source=Source.TYPED,
                by=signed.by, at=at,
            )  # fmt: skip
    except CessioError as error:
        form.refuse(error)
        return _typed(request, session, signed, form, 422)
    return check_and_show(session, signed, remittance_id, on=on, at=at)


@get("/portal/remittances/{remittance_id:int}/columns",
     guards=[client_user(Permission.OWN_PREPARE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_columns(request: AnyRequest, session: Db, signed: Who, remittance_id: Id) -> Response[Any]:
    """What each column of the file is, as found or as told last time; samples beside it."""
    view = own_draft(session, signed, remittance_id)
    return _columns(request, view, Form(**columns.initial(view.remittance)), 200)


@post("/portal/remittances/{remittance_id:int}/columns",
      guards=[client_user(Permission.OWN_PREPARE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def tell_columns(
    request: AnyRequest, session: Db, signed: Who, remittance_id: Id, at: At, on: On,
    submitted: Sent,
) -> Response[Any]:  # fmt: skip
    """Read the file with the columns a person told, and remember them for the next."""
    view = own_draft(session, signed, remittance_id)
    form = Form(submitted)
    mapping = columns.told(form, view.remittance)
    if not form.valid():
        return _columns(request, view, form, 422)
    try:
        with session.begin_nested():
            operations.apply_mapping(
                session, remittance_id=remittance_id, mapping=mapping, by=signed.by, at=at
            )
    except CessioError as error:
        form.refuse(error)
        return _columns(request, view, form, 422)
    return check_and_show(session, signed, remittance_id, on=on, at=at)


def _new(
    request: AnyRequest, session: Session, signed: Signed, form: Form, status: int
) -> Response[Any]:
    scope = scope_of(request, session, signed)
    return render(
        request, "portal/remittances/new_remittance.html", status=status, scope=scope, form=form
    )


def _typed(
    request: AnyRequest, session: Session, signed: Signed, form: Form, status: int
) -> Response[Any]:
    scope = scope_of(request, session, signed)
    return render(
        request, "portal/remittances/type_remittance.html", status=status, scope=scope, form=form,
        debtors=known_debtors(session, scope.contract.id), action=f"{HOME}/typed?contract="
        f"{scope.contract.id}", cancel=f"{HOME}/new?contract={scope.contract.id}",
    )  # fmt: skip


def _columns(request: AnyRequest, view: RemittanceView, form: Form, status: int) -> Response[Any]:
    return render(request, "portal/remittances/show_columns.html", status=status,
                  **columns.choices(view.remittance, form))  # fmt: skip


HANDLERS = [
    new_remittance,
    upload_remittance,
    type_remittance,
    type_first_line,
    show_columns,
    tell_columns,
]
