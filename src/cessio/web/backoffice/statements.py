"""The statement of a contract's account: any period, on screen and as a file, same figures."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.orm import Session

from cessio.contracts import queries as contracts
from cessio.identity import Permission
from cessio.kernel.errors import CessioError, Invalid
from cessio.statements import SectionKind, StatementFormat, contract_statement, issue_statement
from cessio.statements.formats import NAMES
from cessio.statements.formats.words import SECTIONS, describe, noted
from cessio.statements.rules.rhythm import Rhythm
from cessio.web.backoffice.sources import page_of
from cessio.web.exports import file_response
from cessio.web.forms import Form
from cessio.web.guards import staff
from cessio.web.keeping import FORMATS, kept_facts, kept_file, order_form, save_order
from cessio.web.periods import asked_period, usual_periods
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who, verify_at

PATH = "/backoffice/contracts/{contract_id:int}/statement"
#: Movements of a section on the screen; a file has them all.
SHOWN = 400

TERMS = {
    SectionKind.CURRENT: "current_account", SectionKind.RETENTION: "retention_fund",
    SectionKind.OUTSTANDING: "outstanding",
}  # fmt: skip


@get(PATH, guards=[staff(Permission.SEE_LEDGER)], include_in_schema=False, sync_to_thread=True)
def show_statement(
    request: AnyRequest, session: Db, signed: Who, on: On, contract_id: Id
) -> Response[Any]:
    """Opening, movements and closing of the three accounts; this month unless asked otherwise."""
    contract = contracts.contract(session, contract_id)
    form, start, end = asked_period(request, on)
    statement = None
    if form.valid():
        try:
            statement = contract_statement(
                session, contract_id=contract_id, from_on=start, to_on=end
            )
        except CessioError as error:
            form.refuse(error)
    return render(
        request, "backoffice/statements/show_statement.html", status=200 if statement else 422,
        contract=contract, form=form, statement=statement, sections=SECTIONS, terms=TERMS,
        describe=describe, noted=noted, page_of=page_of, shown=SHOWN, shortcuts=usual_periods(on),
        files=list(NAMES.items()),
        query=f"from={start.isoformat()}&to={end.isoformat()}" if statement else "",
        may_export=signed.may(Permission.EXPORT),
        may_order=signed.may(Permission.EDIT_CONTRACTS), **kept_facts(session, contract),
    )  # fmt: skip


@get(PATH + "/{file_format:str}", guards=[staff(Permission.EXPORT)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def download_statement(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, contract_id: Id,
    file_format: FromPath[str],
) -> Response[bytes]:  # fmt: skip
    """The same statement as PDF, CSV, XLSX, camt.053 or FEC, in the contract's language."""
    if file_format not in set(StatementFormat):
        raise Invalid("format_unknown", "{format} is not a format of this list",
                      format=file_format[:20])  # fmt: skip
    form, start, end = asked_period(request, on)
    if not form.valid():
        raise form.faults[0]
    made = issue_statement(
        session, contract_id=contract_id, from_on=start, to_on=end,
        file_format=StatementFormat(file_format),
        language=contracts.contract(session, contract_id).language, by=signed.by, at=at,
        verify_at=verify_at(request),
    )  # fmt: skip
    return file_response(made.content, made.filename, made.media_type)


@get(PATH + "/kept/{kept_id:int}/{file_format:str}", guards=[staff(Permission.EXPORT)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def download_kept(
    session: Db, contract_id: Id, kept_id: Id, file_format: FromPath[str]
) -> Response[bytes]:
    """A statement as it was made after its period's close."""
    return kept_file(session, kept_id, contract_id=contract_id, file_format=file_format)


@get(PATH + "/order", guards=[staff(Permission.EDIT_CONTRACTS)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def edit_order(request: AnyRequest, session: Db, contract_id: Id) -> Response[Any]:
    """How often a client's statements are made, and as what."""
    contract = contracts.contract(session, contract_id)
    return _order_page(request, session, contract, order_form(session, contract))


@post(PATH + "/order", guards=[staff(Permission.EDIT_CONTRACTS)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def give_order(
    request: AnyRequest, session: Db, signed: Who, at: At, contract_id: Id, submitted: Sent
) -> Response[Any]:
    """Have statements made so from now on."""
    contract = contracts.contract(session, contract_id)
    form = Form(submitted)
    if save_order(session, contract, form, by=signed.by, at=at):
        return redirect(f"/backoffice/contracts/{contract_id}/statement#kept", N_("Saved."))
    return _order_page(request, session, contract, form, status=422)


def _order_page(
    request: AnyRequest, session: Session, contract: contracts.ContractView, form: Form, *,
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    return render(
        request, "backoffice/statements/edit_order.html", status=status, contract=contract,
        form=form, rhythms=list(Rhythm), formats=FORMATS,
        chosen_formats=form.raw("format").split(","), **kept_facts(session, contract),
    )  # fmt: skip


HANDLERS = [show_statement, edit_order, give_order, download_statement, download_kept]
