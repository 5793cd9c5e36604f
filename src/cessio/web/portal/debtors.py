"""Debtors and limits: who owes what, how a limit is used, asking for one and its answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError, Invalid
from cessio.limits import ask_for_limit
from cessio.limits import queries as limits
from cessio.parties import CompanyDetails, find_by_siren, register_debtor
from cessio.receivables import queries
from cessio.receivables.queries import ReceivableFilter, Status
from cessio.web.exports import Column, export
from cessio.web.forms import Form, amount, siren, text
from cessio.web.guards import client_user
from cessio.web.portal.scope import paging, scope_of
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who

HOME = "/portal/debtors"


@get("/portal/debtors", guards=[client_user(Permission.OWN_SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def list_debtors(request: AnyRequest, session: Db, signed: Who, on: On, at: At) -> Response[Any]:
    """Own debtors with their limit and how it is used, and the requests with their answers."""
    scope = scope_of(request, session, signed)
    rows = queries.debtor_standings(session, contract_id=scope.contract.id, on=on)
    words = request.query_params.get("q", "").strip().casefold()
    rows = tuple(
        row for row in rows
        if words in row.debtor.name.casefold() or words in (row.debtor.siren or "")
    )  # fmt: skip
    if request.query_params.get("format"):
        columns = [
            Column(_("Debtor")), Column(_("SIREN")), Column(_("Owed"), "money", scope.currency),
            Column(_("Overdue"), "money", scope.currency),
            Column(_("Limit"), "money", scope.currency),
            Column(_("Used"), "money", scope.currency), Column(_("Free"), "money", scope.currency),
        ]  # fmt: skip
        lines = [
            (row.debtor.name, row.debtor.identity, row.outstanding_minor, row.overdue_minor,
             row.limit_minor, row.covered_minor, row.free_minor)
            for row in rows
        ]  # fmt: skip
        return export(request, request.query_params["format"], "debtors", columns, lines, at=at,
                      title=_("Debtors and limits"))  # fmt: skip
    return render(
        request, "portal/debtors/list_debtors.html", scope=scope, rows=rows,
        requests=limits.requests(session, contract_id=scope.contract.id, limit=20),
        total_minor=sum(row.outstanding_minor for row in rows),
        used_minor=sum(row.covered_minor for row in rows),
        expiring=limits.expiring_limits(session, on=on, client_id=scope.client_id),
        idle=[one for one in limits.idle_approvals(session, on=on, client_id=scope.client_id)
              if one.noticed_for],
        may_ask=signed.may(Permission.OWN_ASK_LIMITS),
    )  # fmt: skip


@get("/portal/debtors/{debtor_id:int}", guards=[client_user(Permission.OWN_SEE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def show_debtor(
    request: AnyRequest, session: Db, signed: Who, debtor_id: Id, on: On
) -> Response[Any]:
    """One debtor: what it owes, its limit, the decisions about it, its invoices."""
    scope = scope_of(request, session, signed)
    contract_id = scope.contract.id
    row = queries.debtor_standing(session, contract_id=contract_id, debtor_id=debtor_id, on=on)
    wanted = ReceivableFilter(on=on, status=Status.OPEN, client_id=scope.client_id,
                              contract_id=contract_id, debtor_id=debtor_id)  # fmt: skip
    return render(
        request, "portal/debtors/show_debtor.html", scope=scope, row=row, on=on,
        page_of=queries.receivables(session, paging(request), wanted),
        history=limits.limit_history(session, contract_id=contract_id, debtor_id=debtor_id),
        requests=limits.requests(session, contract_id=contract_id, debtor_id=debtor_id),
        may_ask=signed.may(Permission.OWN_ASK_LIMITS),
    )  # fmt: skip


@get("/portal/debtors/requests/new", guards=[client_user(Permission.OWN_ASK_LIMITS)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def new_request(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """The form that asks for a limit; ``?siren=`` fills it."""
    form = Form(siren=request.query_params.get("siren", "")[:20])
    return _form(request, session, signed, form, 200)


@post("/portal/debtors/requests", guards=[client_user(Permission.OWN_ASK_LIMITS)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def ask(request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent) -> Response[Any]:
    """Ask for cover on a debtor, known to us or not yet."""
    scope = scope_of(request, session, signed)
    form = Form(submitted)
    number = form.need("siren", siren())
    name = form.maybe("name", text(120))
    amount_minor = form.need("amount", amount(scope.currency))
    comment = form.maybe("comment", text(500, multiline=True))
    if form.valid():
        try:
            with session.begin_nested():
                debtor_id = _debtor(session, number, name, signed.by, at)
                ask_for_limit(
                    session, contract_id=scope.contract.id, debtor_id=debtor_id,
                    amount_minor=amount_minor, comment=comment, by=signed.by, at=at,
                )  # fmt: skip
            return redirect(
                f"{HOME}/{debtor_id}?contract={scope.contract.id}",
                N_("Request sent; you find the answer here."),
            )
        except CessioError as error:
            form.refuse(error, {"amount_minor": "amount"}.get(error.field or ""))
    return _form(request, session, signed, form, 422)


def _debtor(session: Session, number: str, name: str | None, by: str, at: datetime) -> int:
    """The debtor of a SIREN, met now if nobody knew it."""
    known = find_by_siren(session, number)
    if known is not None and known.debtor_id is not None:
        return known.debtor_id
    if name is None and known is None:
        raise Invalid("debtor_name_missing", "give the debtor's name too", field="name")
    details = CompanyDetails(name=name or (known.name if known else ""), siren=number)
    return register_debtor(session, details=details, by=by, at=at).id


def _form(
    request: AnyRequest, session: Session, signed: Signed, form: Form, status: int
) -> Response[Any]:
    scope = scope_of(request, session, signed)
    return render(
        request, "portal/debtors/new_request.html", status=status, scope=scope, form=form,
        debtors=[(one.siren, one.name) for one in queries.contract_debtors(
            session, contract_id=scope.contract.id) if one.siren],
    )  # fmt: skip


HANDLERS = [list_debtors, show_debtor, new_request, ask]
