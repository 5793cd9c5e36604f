"""Portfolio reports (borrowing base): issued, listed, fetched, and how often a bank gets them."""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from cessio import documents
from cessio.delivery import queries as delivery
from cessio.identity import Permission, Scope
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import NotFound
from cessio.plumbing.i18n import LANGUAGES
from cessio.plumbing.mail import base_url
from cessio.reporting import operations
from cessio.reporting.formats import ReportFormat
from cessio.reporting.queries import loan_tape as queries
from cessio.reporting.queries.sent import report_order
from cessio.statements.rules.rhythm import Rhythm, Wanted
from cessio.web.api.machinery import (
    RAW,
    Input,
    Raw,
    give,
    known_language,
    once,
    permitted,
    staff_only,
)
from cessio.web.exports import file_response
from cessio.web.guards import api
from cessio.web.requests import AnyRequest, At, Db, Who

TAGS = ["reports"]
READ, WRITE = api(Scope.REPORTS_READ), api(Scope.SETTINGS_WRITE)
REPORTS = "/api/v1/reports/portfolio"
ORDER = "/api/v1/recipients/{recipient_id:int}/reports"


class ReportAsked(Input):
    """A day, today if none is given, and the file it is wanted as."""

    format: ReportFormat
    on: date | None = None
    language: str | None = None


class Schedule(Input):
    """How often, as which files and in which language."""

    rhythm: Rhythm
    formats: list[ReportFormat]
    language: str = "fr"


@get(REPORTS, guards=[READ], tags=TAGS, sync_to_thread=True)
def list_reports(session: Db, signed: Who) -> Response[bytes]:
    """The reports issued, latest first. For the factor's own people."""
    staff_only(signed)
    return give({"reports": queries.issued_reports(session)})


@post(REPORTS, guards=[READ], tags=TAGS, dependencies=RAW, sync_to_thread=True)
def issue_report(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, data: JSONBody[ReportAsked]
) -> Response[bytes]:
    """Issue the report of a day and keep it; a past day is told as it was known that evening.

    It is downloaded at ``/api/v1/reports/portfolio/{id}/file``.
    """
    staff_only(signed)
    permitted(signed, Permission.EXPORT)

    def act() -> dict[str, int]:
        return {"report_id": operations.issue_portfolio_report(
            session, on=data.on or business_date(at), file_format=data.format,
            language=data.language if data.language in LANGUAGES else signed.language,
            verify_at=base_url().partition("://")[2] + "/verify", by=signed.by, at=at,
        )}  # fmt: skip

    return once(request, session, signed, at, raw, act)


@get(REPORTS + "/{report_id:int}/file", guards=[READ], tags=TAGS, sync_to_thread=True)
def download_report(session: Db, signed: Who, report_id: FromPath[int]) -> Response[bytes]:
    """The file as it was issued."""
    staff_only(signed)
    permitted(signed, Permission.EXPORT)
    document_id = queries.report_document(session, report_id)
    if document_id is None:
        raise NotFound("report_unknown", "there is no such report")
    found = documents.read(session, document_id)
    return file_response(found.content, found.filename, found.media_type)


@get("/api/v1/recipients", guards=[READ], tags=TAGS, sync_to_thread=True)
def list_recipients(session: Db, signed: Who) -> Response[bytes]:
    """The banks that find files in a folder of theirs, and how often each gets the report."""
    staff_only(signed)
    banks = delivery.recipients(session, of_banks=True)
    return give({"recipients": [
        {"recipient": one, "order": report_order(session, one.id)} for one in banks
    ]})  # fmt: skip


@post(ORDER, guards=[WRITE], tags=TAGS, dependencies=RAW, sync_to_thread=True)
def schedule_reports(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, recipient_id: FromPath[int],
    data: JSONBody[Schedule],
) -> Response[bytes]:  # fmt: skip
    """From now on the report is put into a bank's folder so often; ``none`` ends it."""
    staff_only(signed)
    permitted(signed, Permission.MANAGE_SETTINGS)
    wanted = Wanted(data.rhythm, tuple(one.value for one in data.formats),
                    known_language(data.language))  # fmt: skip

    def act() -> Any:
        operations.set_report_order(session, recipient_id=recipient_id, wanted=wanted,
                                    by=signed.by, at=at)  # fmt: skip
        return report_order(session, recipient_id)

    return once(request, session, signed, at, raw, act, status=200)


HANDLERS = [list_reports, issue_report, download_report, list_recipients, schedule_reports]
