"""How clients' files are read: every mapping told once, changed or forgotten later."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from cessio.identity import Permission
from cessio.kernel.errors import CessioError, NotFound
from cessio.receivables import operations, queries
from cessio.receivables.queries import MappingView
from cessio.web import columns
from cessio.web.actors import actors
from cessio.web.backoffice import lists
from cessio.web.forms import Form
from cessio.web.guards import staff
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, Sent, Who

SEE = Permission.SEE_RECEIVABLES
DECIDE = Permission.DECIDE_REMITTANCES
HOME = "/backoffice/mappings"


@get("/backoffice/mappings", guards=[staff(SEE)], include_in_schema=False, sync_to_thread=True)
def list_mappings(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """Every shape of file we know how to read, by client."""
    rows = lists.in_order(
        request, queries.mappings(session, client_id=lists.asked_number(request, "client")),
        {"client": lambda row: row.client_name.casefold(), "saved": lambda row: row.saved_at},
    )  # fmt: skip
    return render(
        request, "backoffice/remittances/list_mappings.html", rows=rows,
        names=actors(session, {row.saved_by for row in rows}), may_decide=signed.may(DECIDE),
    )  # fmt: skip


@get("/backoffice/mappings/{mapping_id:int}", guards=[staff(DECIDE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def edit_mapping(request: AnyRequest, session: Db, mapping_id: Id) -> Response[Any]:
    """The columns, conventions and constants of one shape of file."""
    view = _mapping(session, mapping_id)
    return _page(request, view, Form(**columns.initial_of(view)))


@post("/backoffice/mappings/{mapping_id:int}", guards=[staff(DECIDE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def change_mapping(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, mapping_id: Id
) -> Response[Any]:
    """Read the client's next file of this shape so."""
    view = _mapping(session, mapping_id)
    form = Form(submitted)
    mapping = columns.told_of(form, view)
    if form.valid():
        try:
            operations.change_mapping(session, mapping_id=mapping_id, mapping=mapping,
                                      by=signed.by, at=at)  # fmt: skip
            return redirect(HOME, N_("Mapping saved."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, view, form, status=422)


@post("/backoffice/mappings/{mapping_id:int}/removal", guards=[staff(DECIDE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def forget_mapping(session: Db, signed: Who, at: At, mapping_id: Id) -> Response[Any]:
    """Ask for the columns again at the next file."""
    operations.forget_mapping(session, mapping_id=mapping_id, by=signed.by, at=at)
    return redirect(HOME, N_("Mapping forgotten."))


def _page(
    request: AnyRequest, view: MappingView, form: Form, *, status: int = 200
) -> Response[Any]:
    return render(request, "backoffice/remittances/edit_mapping.html", status=status,
                  **columns.choices_of(view, form))  # fmt: skip


def _mapping(session: Db, mapping_id: int) -> MappingView:
    found = queries.mappings(session, mapping_id=mapping_id)
    if not found:
        raise NotFound("mapping_unknown", "there is no mapping {id}", id=mapping_id)
    return found[0]


HANDLERS = [list_mappings, edit_mapping, change_mapping, forget_mapping]
