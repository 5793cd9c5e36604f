"""Reports to refinancing banks: the portfolio today, and what was issued of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import documents
from cessio.identity import Permission, Signed
from cessio.plumbing.i18n import LANGUAGES
from cessio.reporting.formats import ReportFormat
from cessio.reporting.operations import issue_portfolio_report
from cessio.reporting.queries import loan_tape as queries
from cessio.reporting.queries import portfolio_contracts
from cessio.reporting.rules import AgeBucket
from cessio.web.actors import actors
from cessio.web.cockpit import LIVE_MOST
from cessio.web.exports import file_response
from cessio.web.forms import Form, Submitted, chosen, day, one_of
from cessio.web.guards import staff
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who, verify_at

PATH = "/backoffice/reports"


@get(PATH, guards=[staff(Permission.SEE_REPORTS)], include_in_schema=False, sync_to_thread=True)
def show_reports(request: AnyRequest, session: Db, signed: Who, at: At, on: On) -> Response[Any]:
    """The portfolio as a bank would read it now, and the reports issued.

    That of more than ``LIVE_MOST`` contracts takes seconds, and is read for who asks for a day.
    """
    return _page(request, session, signed, Form(language=signed.language), on, at, 200)


@post(f"{PATH}/portfolio", guards=[staff(Permission.EXPORT)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def issue_report(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent
) -> Response[Any]:
    """Make the report of today in a format and keep it."""
    form = Form(submitted)
    wanted = form.maybe("on", day(latest=on)) or on
    file_format = form.need("format", chosen(ReportFormat))
    language = form.need("language", one_of(LANGUAGES))
    if not form.valid():
        return _page(request, session, signed, form, on, at, 422)
    issue_portfolio_report(
        session, on=wanted, file_format=file_format, language=language,
        verify_at=verify_at(request), by=signed.by, at=at,
    )  # fmt: skip
    return redirect(f"{PATH}#issued", N_("The report is issued: it is first in the list."))


@get(PATH + "/{report_id:int}/file", guards=[staff(Permission.EXPORT)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def download_report(session: Db, report_id: Id) -> Response[bytes]:
    """The file as it was issued."""
    found = documents.read(session, queries.report_document(session, report_id))
    return file_response(found.content, found.filename, found.media_type)


def _page(
    request: AnyRequest, session: Session, signed: Signed, form: Form, on: date, at: datetime,
    status: int,
) -> Response[Any]:  # fmt: skip
    wanted = request.query_params.get("on")
    asked = Form(Submitted({"on": (wanted or on.isoformat(),)}))
    as_of = asked.maybe("on", day(latest=on))
    shown = as_of or on
    is_read = bool(wanted) or len(portfolio_contracts(session, on=on)) <= LIVE_MOST
    issued = queries.issued_reports(session)
    return render(
        request, "backoffice/reports/show_reports.html", status=status if asked.valid() else 422,
        form=form, asked=asked, on=shown, at=at, today=on,
        tape=queries.loan_tape(session, on=shown, is_past=shown < on) if is_read else None,
        issued=issued,
        buckets=list(AgeBucket),
        names=actors(session, [one.issued_by for one in issued]),
        formats=[(one.value, one.value.upper()) for one in ReportFormat],
        may_issue=signed.may(Permission.EXPORT),
        may_send=signed.may(Permission.MANAGE_SETTINGS),
    )  # fmt: skip


HANDLERS = [show_reports, issue_report, download_report]
