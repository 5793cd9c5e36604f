"""Reading how often banks are sent the report, and what they were sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cessio.delivery import queries as delivery
from cessio.kernel.ids import lock_key
from cessio.reporting.models import IssuedReport, ReportOrder
from cessio.statements.rules.rhythm import Rhythm, Wanted, periods_until


@dataclass(frozen=True, slots=True)
class ReportOrderView:
    """How often a recipient is sent the report, and as what."""

    wanted: Wanted
    effective_from: date
    set_at: datetime
    set_by: str


def report_order(session: Session, recipient_id: int) -> ReportOrderView | None:
    """What holds for a recipient; none if nobody said anything."""
    row = session.scalars(
        select(ReportOrder)
        .where(ReportOrder.recipient_id == recipient_id)
        .order_by(ReportOrder.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    wanted = Wanted(Rhythm(row.rhythm), tuple(row.formats), row.language)
    return ReportOrderView(wanted, row.effective_from, row.set_at, row.set_by)


def due_reports(session: Session, *, until: date) -> list[tuple[int, date]]:
    """The recipients and days whose report was not sent yet, of periods that a closed day ended."""
    return [
        (bank.id, period.end)
        for bank in delivery.recipients(session, of_banks=True)
        if bank.ended_at is None and (order := report_order(session, bank.id)) is not None
        for period in periods_until(order.wanted.rhythm, until)
        if period.end >= order.effective_from
        and not issued_to(session, recipient_id=bank.id, as_of=period.end)
    ]


def issued_to(session: Session, *, recipient_id: int, as_of: date) -> set[str]:
    """The formats in which a recipient was sent the report of a day."""
    return set(
        session.scalars(
            select(IssuedReport.format).where(
                IssuedReport.recipient_id == recipient_id, IssuedReport.as_of == as_of
            )
        )
    )


def lock_reports(session: Session, recipient_id: int) -> None:
    """Let one at a time send a recipient its reports."""
    session.execute(select(func.pg_advisory_xact_lock(lock_key("report", recipient_id))))
