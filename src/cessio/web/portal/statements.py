"""Statements of account: any period, on screen and as a file, with the same figures."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.orm import Session

from cessio.identity import Permission
from cessio.kernel.errors import CessioError, Invalid
from cessio.statements import SectionKind, StatementFormat, contract_statement, issue_statement
from cessio.statements.formats import NAMES
from cessio.statements.formats.words import SECTIONS, describe, noted
from cessio.statements.rules.rhythm import Rhythm
from cessio.web.exports import file_response
from cessio.web.forms import Form
from cessio.web.guards import client_user
from cessio.web.keeping import FORMATS, kept_facts, kept_file, order_form, save_order
from cessio.web.periods import asked_period, period_query, usual_periods
from cessio.web.portal.scope import Scope, own_contract, scope_of
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who, verify_at

ORDER = "/portal/statements/order"
TERMS = {
    SectionKind.CURRENT: "current_account", SectionKind.RETENTION: "retention_fund",
    SectionKind.OUTSTANDING: "outstanding",
}  # fmt: skip


@get("/portal/statements", guards=[client_user(Permission.OWN_SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_statement(request: AnyRequest, session: Db, signed: Who, on: On) -> Response[Any]:
    """The account of a contract over a period: this month unless asked otherwise."""
    return statement_page(
        request, session, scope_of(request, session, signed), on,
        may_export=signed.may(Permission.OWN_EXPORT), may_order=signed.may(Permission.OWN_PREPARE),
    )  # fmt: skip


def statement_page(
    request: AnyRequest, session: Session, scope: Scope, on: date, *, may_export: bool,
    may_order: bool = False,
) -> Response[Any]:  # fmt: skip
    """The same page for whoever may read it."""
    form, start, end = asked_period(request, on)
    statement = None
    if form.valid():
        try:
            statement = contract_statement(
                session, contract_id=scope.contract.id, from_on=start, to_on=end,
                client_id=scope.client_id,
            )  # fmt: skip
        except CessioError as error:
            form.refuse(error)
    return render(
        request, "portal/statements/show_statement.html", status=200 if statement else 422,
        scope=scope, form=form, statement=statement, sections=SECTIONS, describe=describe,
        noted=noted, terms=TERMS, files=list(NAMES.items()), shortcuts=usual_periods(on),
        may_export=may_export, query=period_query(request, start, end) if statement else "",
        may_order=may_order, **kept_facts(session, scope.contract),
    )  # fmt: skip


@get("/portal/statements/{contract_id:int}/{file_format:str}",
     guards=[client_user(Permission.OWN_EXPORT)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def download_statement(
    request: AnyRequest, session: Db, signed: Who, contract_id: Id, file_format: FromPath[str],
    at: At, on: On,
) -> Response[bytes]:  # fmt: skip
    """The same statement as PDF, CSV, XLSX, camt.053 or FEC, under one verification code."""
    return statement_file(
        request, session, own_contract(session, signed, contract_id), file_format,
        language=signed.language, by=signed.by, on=on, at=at,
    )  # fmt: skip


def statement_file(
    request: AnyRequest, session: Session, scope: Scope, file_format: str, *, language: str,
    by: str, on: date, at: datetime,
) -> Response[bytes]:  # fmt: skip
    """The same files for whoever may read them."""
    if file_format not in set(StatementFormat):
        raise Invalid("format_unknown", "{format} is not a format of this list",
                      format=file_format[:20])  # fmt: skip
    form, start, end = asked_period(request, on)
    if not form.valid():
        raise form.faults[0]
    made = issue_statement(
        session, contract_id=scope.contract.id, from_on=start, to_on=end,
        file_format=StatementFormat(file_format), language=language,
        client_id=scope.client_id, by=by, at=at, verify_at=verify_at(request),
    )  # fmt: skip
    return file_response(made.content, made.filename, made.media_type)


@get("/portal/statements/{contract_id:int}/kept/{kept_id:int}/{file_format:str}",
     guards=[client_user(Permission.OWN_EXPORT)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def download_kept(
    session: Db, signed: Who, contract_id: Id, kept_id: Id, file_format: FromPath[str]
) -> Response[bytes]:
    """A statement as it was made after its period's close."""
    own = own_contract(session, signed, contract_id).contract
    return kept_file(session, kept_id, contract_id=own.id, file_format=file_format)


@get(ORDER, guards=[client_user(Permission.OWN_PREPARE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def edit_order(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """How often statements are made, and as what."""
    scope = scope_of(request, session, signed)
    return _order_page(request, session, scope, order_form(session, scope.contract))


@post(ORDER, guards=[client_user(Permission.OWN_PREPARE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def give_order(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Have statements made so from now on."""
    scope = scope_of(request, session, signed)
    form = Form(submitted)
    if save_order(session, scope.contract, form, by=signed.by, at=at):
        return redirect(f"/portal/statements?contract={scope.contract.id}#kept", N_("Saved."))
    return _order_page(request, session, scope, form, status=422)


def _order_page(
    request: AnyRequest, session: Session, scope: Scope, form: Form, *, status: int = 200
) -> Response[Any]:
    return render(
        request, "portal/statements/edit_order.html", status=status, scope=scope, form=form,
        rhythms=list(Rhythm), formats=FORMATS, chosen_formats=form.raw("format").split(","),
        **kept_facts(session, scope.contract),
    )  # fmt: skip


HANDLERS = [show_statement, download_statement, download_kept, edit_order, give_order]
