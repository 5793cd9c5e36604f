"""Issuing a report: the file, kept with the code that finds it again."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import audit, documents
from cessio.correspondence.queries import issuer as printed_issuer
from cessio.delivery import deliver
from cessio.delivery import queries as delivery
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, Invalid
from cessio.plumbing import i18n
from cessio.plumbing.jobs import enqueue
from cessio.plumbing.mail import base_url
from cessio.plumbing.pdf import verification_code
from cessio.reporting.formats import MEDIA_TYPES, ReportFormat, render
from cessio.reporting.models import IssuedReport, ReportOrder
from cessio.reporting.queries.loan_tape import loan_tape, report_document
from cessio.reporting.queries.sent import due_reports, issued_to, lock_reports, report_order
from cessio.reporting.rules.loan_tape import Tape
from cessio.statements.rules.rhythm import Rhythm, Wanted

KIND = "portfolio_report"
REPORT = "reporting.report"


def issue_portfolio_report(
    session: Session, *, on: date, file_format: ReportFormat, language: str, verify_at: str = "",
    recipient_id: int | None = None, by: str, at: datetime,
) -> int:  # fmt: skip
    """Make the report of the portfolio in a format and keep it; the same books, the same code.

    Of a past day as it was known at that day's end. Raises ``Invalid`` for a day to come.
    """
    today = business_date(at)
    if on > today:
        raise Invalid("report_day", "a report is of today or of a past day", field="on")
    tape = loan_tape(session, on=on, is_past=on < today)
    code = verification_code(tape.sha256)
    with i18n.use_language(language):
        issuer = printed_issuer(session)
    content = render(
        tape, issuer, file_format, code=code, language=language, at=at, verify_at=verify_at
    )
    stored = documents.store(
        session, kind=KIND, subject_kind=KIND, subject_id=on.toordinal(),
        filename=f"portfolio_{on:%Y%m%d}.{file_format.value}",
        media_type=MEDIA_TYPES[file_format], content=content, by=by, at=at,
    )  # fmt: skip
    row = IssuedReport(
        as_of=on, format=file_format.value, totals=_totals(tape), lines_sha256=tape.sha256,
        verification_code=code, document_id=stored.id, issued_at=at, issued_by=by,
        recipient_id=recipient_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, verb="issue_report", subject_kind="issued_report", subject_id=row.id,
        after={"code": code, "as_of": on, "format": file_format.value}, by=by, at=at,
    )  # fmt: skip
    return row.id


def set_report_order(
    session: Session, *, recipient_id: int, wanted: Wanted, by: str, at: datetime
) -> None:
    """Say how often a bank finds the report in its folder, and as what.

    Raises ``NotFound``, ``Invalid``, ``Conflict`` when it is so already, or gets no more files.
    """
    bank = delivery.recipient(session, recipient_id)
    if bank.ended_at is not None:
        raise Conflict("recipient_ended", "{name} gets no more files already", name=bank.name)
    if bank.client_id is not None:
        raise Invalid("recipient_client", "a client is not told of the whole portfolio")
    formats = tuple(one.value for one in ReportFormat if one.value in wanted.formats)
    if wanted.rhythm is not Rhythm.NONE and not formats:
        raise Invalid("statement_formats", "choose one format at least", field="format")
    wanted = Wanted(wanted.rhythm, formats, wanted.language)
    before = report_order(session, recipient_id)
    if before is not None and before.wanted == wanted:
        raise Conflict("statement_order_unchanged", "this is so already: nothing changes")
    session.add(
        ReportOrder(
            recipient_id=recipient_id, rhythm=wanted.rhythm.value, formats=list(formats),
            language=wanted.language, effective_from=business_date(at), set_at=at, set_by=by,
        )
    )  # fmt: skip
    session.flush()
    audit.record(
        session, verb="set_reports", subject_kind="recipient", subject_id=recipient_id,
        before=_told(before.wanted) if before else None, after=_told(wanted), by=by, at=at,
    )  # fmt: skip


def plan_reports(session: Session, *, on: date, by: str, at: datetime) -> int:
    """Ask for the reports that are due by a closed day; returns how many."""
    due = due_reports(session, until=on)
    for recipient_id, as_of in due:
        enqueue(
            session, kind=REPORT, key=f"{recipient_id}/{as_of.isoformat()}",
            payload={"recipient_id": recipient_id, "as_of": as_of}, by=by, at=at,
        )  # fmt: skip
    return len(due)


def send_report(session: Session, *, recipient_id: int, as_of: date, by: str, at: datetime) -> int:
    """Issue the report of a day in each format a bank has it in, into its folder, once."""
    lock_reports(session, recipient_id)
    order = report_order(session, recipient_id)
    if order is None or delivery.recipient(session, recipient_id).ended_at is not None:
        return 0
    sent = issued_to(session, recipient_id=recipient_id, as_of=as_of)
    made = [one for one in ReportFormat if one.value in order.wanted.formats and one not in sent]
    for one in made:
        report_id = issue_portfolio_report(
            session, on=as_of, file_format=one, language=order.wanted.language,
            verify_at=base_url().partition("://")[2] + "/verify", recipient_id=recipient_id,
            by=by, at=at,
        )  # fmt: skip
        document_id = report_document(session, report_id)
        assert document_id is not None
        deliver(session, recipient_id=recipient_id, document_id=document_id,
                filename=f"portfolio_{as_of:%Y%m%d}.{one.value}", by=by, at=at)  # fmt: skip
    return len(made)


def _told(wanted: Wanted) -> dict[str, object]:
    return {"rhythm": wanted.rhythm.value, "formats": ", ".join(wanted.formats),
            "language": wanted.language}  # fmt: skip


def _totals(tape: Tape) -> list[dict[str, object]]:
    return [
        {
            "currency": one.currency, "contracts": one.contract_count,
            "outstanding_minor": one.outstanding_minor, "eligible_minor": one.eligible_minor,
            "funded_minor": one.funded_minor, "disputed_minor": one.disputed_minor,
        }
        for one in tape.totals
    ]  # fmt: skip
