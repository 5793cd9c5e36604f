"""Issuing a report: the file, kept with the code that finds it again."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import audit, documents
from cessio.correspondence.queries import issuer as printed_issuer
from cessio.plumbing import i18n
from cessio.plumbing.pdf import verification_code
from cessio.reporting.formats import MEDIA_TYPES, ReportFormat, render
from cessio.reporting.models import IssuedReport
from cessio.reporting.queries.loan_tape import loan_tape
from cessio.reporting.rules.loan_tape import Tape

KIND = "portfolio_report"


def issue_portfolio_report(
    session: Session, *, on: date, file_format: ReportFormat, language: str, verify_at: str = "",
    by: str, at: datetime,
) -> int:  # fmt: skip
    """Make the report of the portfolio in a format and keep it; the same books, the same code."""
    tape = loan_tape(session, on=on)
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
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, verb="issue_report", subject_kind="issued_report", subject_id=row.id,
        after={"code": code, "as_of": on, "format": file_format.value}, by=by, at=at,
    )  # fmt: skip
    return row.id


def _totals(tape: Tape) -> list[dict[str, object]]:
    return [
        {
            "currency": one.currency, "contracts": one.contract_count,
            "outstanding_minor": one.outstanding_minor, "eligible_minor": one.eligible_minor,
            "funded_minor": one.funded_minor, "disputed_minor": one.disputed_minor,
        }
        for one in tape.totals
    ]  # fmt: skip
