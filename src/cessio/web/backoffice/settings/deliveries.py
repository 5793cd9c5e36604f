"""Who fetches files by SFTP: a folder each, what is put there, and how often."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import delivery
from cessio.delivery import drop
from cessio.delivery import queries as delivered
from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError, Invalid
from cessio.parties import queries as parties
from cessio.plumbing.i18n import LANGUAGES
from cessio.reporting.formats import ReportFormat
from cessio.reporting.operations import set_report_order
from cessio.reporting.queries.sent import report_order
from cessio.statements.rules.rhythm import Rhythm, Wanted
from cessio.web.backoffice.settings.common import PATH, SEE, SET, told
from cessio.web.forms import Form, chosen, one_of, text
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, Sent, Who

HOME = f"{PATH}/deliveries"
ONE = HOME + "/{recipient_id:int}"


@get(HOME, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def list_recipients(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """Every folder, and what was put into them last."""
    return _list(request, session, signed, Form())


@post(HOME, guards=[SET], include_in_schema=False, sync_to_thread=True)
def add_recipient(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """A folder for a bank, or for the client of a code."""
    form = Form(submitted)
    name, folder = form.need("name", text(80)), form.need("folder", text(40))
    code = form.maybe("client", text(20))
    if form.valid():
        try:
            client_id = _client(session, code)
            made = delivery.open_recipient(
                session, name=name, folder=folder, client_id=client_id, by=signed.by, at=at
            )
            return redirect(f"{HOME}/{made}", N_("The folder is open."))
        except CessioError as error:
            form.refuse(error)
    return _list(request, session, signed, form, status=422)


@get(ONE, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_recipient(
    request: AnyRequest, session: Db, signed: Who, recipient_id: Id
) -> Response[Any]:
    """One folder: what is put there, and how often."""
    held = report_order(session, recipient_id)
    form = Form(language="fr", rhythm=Rhythm.NONE.value) if held is None else Form(
        language=held.wanted.language, rhythm=held.wanted.rhythm.value,
        format=",".join(held.wanted.formats),
    )  # fmt: skip
    return _show(request, session, signed, recipient_id, form)


@post(ONE + "/reports", guards=[SET], include_in_schema=False, sync_to_thread=True)
def order_reports(
    request: AnyRequest, session: Db, signed: Who, at: At, recipient_id: Id, submitted: Sent
) -> Response[Any]:
    """How often the portfolio report is put there, and as what."""
    form = Form(submitted)
    rhythm, language = form.need("rhythm", chosen(Rhythm)), form.need("language", one_of(LANGUAGES))
    formats = tuple(form.many("format", text(12)))
    if form.valid():
        try:
            set_report_order(session, recipient_id=recipient_id, by=signed.by, at=at,
                             wanted=Wanted(rhythm, formats, language))  # fmt: skip
            return redirect(f"{HOME}/{recipient_id}", N_("Saved."))
        except CessioError as error:
            form.refuse(error)
    return _show(request, session, signed, recipient_id, form, status=422)


@post(ONE + "/end", guards=[SET], include_in_schema=False, sync_to_thread=True)
def end_recipient(session: Db, signed: Who, at: At, recipient_id: Id) -> Response[Any]:
    """Put nothing more there."""
    delivery.end_recipient(session, recipient_id=recipient_id, by=signed.by, at=at)
    return redirect(HOME, N_("Nothing more is put into the folder."))


def _client(session: Session, code: str | None) -> int | None:
    found = parties.client_by_code(session, code) if code else None
    if code and found is None:
        raise Invalid("client_code", "no client has the code {given}", field="client", given=code)
    return found


def _list(
    request: AnyRequest, session: Session, signed: Signed, form: Form, *, status: int = 200
) -> Response[Any]:
    rows = delivered.recipients(session)
    clients = parties.client_names(session, [one.client_id for one in rows if one.client_id])
    return render(
        request, "backoffice/settings/list_deliveries.html", status=status, form=form,
        rows=[(one, clients.get(one.client_id or 0), report_order(session, one.id))
              for one in rows],
        latest=delivered.deliveries(session, limit=20), root=str(drop.root()),
        may_set=signed.may(Permission.MANAGE_SETTINGS),
    )  # fmt: skip


def _show(
    request: AnyRequest, session: Session, signed: Signed, recipient_id: int, form: Form, *,
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    return render(
        request, "backoffice/settings/show_delivery.html", status=status, form=form,
        one=delivered.recipient(session, recipient_id), order=report_order(session, recipient_id),
        latest=delivered.deliveries(session, recipient_id=recipient_id), root=str(drop.root()),
        rhythms=list(Rhythm), formats=[(each.value, each.value.upper()) for each in ReportFormat],
        chosen_formats=form.raw("format").split(","),
        may_set=signed.may(Permission.MANAGE_SETTINGS),
        told=told(session, "recipient", recipient_id),
    )  # fmt: skip


HANDLERS = [list_recipients, add_recipient, show_recipient, order_reports, end_recipient]
