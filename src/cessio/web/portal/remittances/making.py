"""Sending a remittance: a file and what its columns are, or invoices typed by hand."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError, NotFound
from cessio.receivables import operations
from cessio.receivables.formats.tabular import DateOrder, Decimals, Field, Mapping
from cessio.receivables.queries import RemittanceView
from cessio.receivables.rules import Source
from cessio.web.forms import Form, chosen, one_of
from cessio.web.guards import client_user
from cessio.web.portal.remittances.common import HOME, address, check_and_show, own_draft
from cessio.web.portal.remittances.document import document_of, known_debtors
from cessio.web.portal.scope import scope_of
from cessio.web.render import _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.words import label

MAX_BYTES = 30_000_000
#: The columns every file of invoices has, and whether one must be named; then the others.
MAIN = {
    Field.NUMBER: True, Field.DEBTOR_SIREN: False, Field.DEBTOR_NAME: False,
    Field.ISSUE_DATE: True, Field.DUE_DATE: False, Field.AMOUNT: False,
}  # fmt: skip
OTHERS = tuple(field for field in Field if field not in MAIN)


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
    return _columns(request, view, Form(**_initial(view)), 200)


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
    mapping = _mapping(form, view)
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


def _proposal(view: RemittanceView) -> dict[str, Any]:
    stored = view.remittance.mapping
    if view.remittance.document_id is None or stored is None:
        raise NotFound("no_file", "this remittance does not come from a file")
    proposal: dict[str, Any] = stored["proposal"]
    return proposal


def _initial(view: RemittanceView) -> dict[str, str]:
    """The form as found in the file, or as it was read last."""
    proposal = _proposal(view)
    stored = (view.remittance.mapping or {}).get("used") or proposal["mapping"]
    values = {f"column_{name}": str(column) for name, column in stored["columns"].items()}
    return values | {"date_order": stored["date_order"], "decimals": stored["decimals"] or "auto"}


def _mapping(form: Form, view: RemittanceView) -> Mapping:
    proposal = _proposal(view)
    places = {str(column["index"]) for column in proposal["columns"]}
    columns = {}
    for name in (*MAIN, *OTHERS):
        told = form.maybe(f"column_{name.value}", one_of(places))
        if told is not None:
            columns[name] = int(told)
    order = form.need("date_order", chosen(DateOrder))
    decimals = form.need("decimals", one_of({"auto", *Decimals}))
    found = proposal["mapping"]
    return Mapping(
        columns, order, Decimals(decimals) if decimals not in (None, "auto") else None,
        found["sheet"], found["header_line"],
    )  # fmt: skip


def _columns(request: AnyRequest, view: RemittanceView, form: Form, status: int) -> Response[Any]:
    proposal = _proposal(view)
    columns = proposal["columns"]
    options = [(str(one["index"]), _column_name(one)) for one in columns]
    return render(
        request, "portal/remittances/show_columns.html", status=status, row=view.remittance,
        form=form, options=options,
        fields=[(name, label(name), required) for name, required in MAIN.items()],
        others=[(name, label(name)) for name in OTHERS],
        others_used=any(form.raw(f"column_{name.value}") for name in OTHERS),
        missing=proposal["missing"], columns=columns,
        orders=[(one.value, label(one)) for one in DateOrder],
        decimals=[("auto", _("Found in each column")),
                  *((one.value, label(one)) for one in Decimals)],
    )  # fmt: skip


def _column_name(column: dict[str, Any]) -> str:
    """The heading of a column, or its letter as spreadsheets count, with a sample."""
    name = column["name"] or _letters(column["index"])
    sample = column["samples"][0] if column["samples"] else ""
    return f"{name} ({sample[:24]})" if sample else str(name)


def _letters(index: int) -> str:
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


HANDLERS = [
    new_remittance,
    upload_remittance,
    type_remittance,
    type_first_line,
    show_columns,
    tell_columns,
]
