"""The close of a month: asked by one person, agreed by another on exactly the same figures.

Interest of the month that was charged after its end is accrued and reversed at once: the accrual
has the month's last day as its value date, its reversal the day after. A month's books are what
was booked until its end and its own accruals.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from cessio import approvals, audit, ledger
from cessio.approvals import ApprovalView
from cessio.closing import queries
from cessio.closing.models import ClosedMonth
from cessio.closing.queries import SUBJECT
from cessio.closing.rules import (
    Books,
    MonthBlocked,
    month_of,
    refuse_unless_next,
)
from cessio.identity import Permission
from cessio.kernel.errors import Conflict, NotFound
from cessio.ledger import AccountKey, AccountKind, Line, Posting, TransactionKind

approvals.decided_with(SUBJECT, Permission.CLOSE_PERIODS)


def ask_month_close(
    session: Session, *, month: int, seen: bytes, note: str = "", by: str, at: datetime
) -> int:
    """Ask a second person to close a month as it was seen; returns the request's id.

    Raises ``MonthBlocked``, ``MonthClosed``, ``Conflict`` when it changed or was asked already.
    """
    found = _closable(session, month, seen, at)  # so ``seen`` is their hash
    summary = {"month": found.period.start, "to_on": found.period.end, "note": note.strip()}
    return approvals.ask(
        session, subject_kind=SUBJECT, subject_id=month, subject_hash=seen,
        summary=summary, by=by, at=at,
    )  # fmt: skip


def approve_month_close(
    session: Session, *, month: int, seen: bytes, by: str, at: datetime
) -> dict[str, int]:
    """Close a month that another person asked for; what was accrued, by currency.

    Raises as asking does, ``NotFound`` when nobody asked, ``Forbidden`` for who did.
    """
    asked = _asked(session, month)
    queries.wait_for_writers(session)
    found = _closable(session, month, seen, at)
    approvals.approve(session, approval_id=asked.id, subject_hash=seen, by=by, at=at)
    accrued = _accrue(session, found, month, by=by, at=at)
    session.add(
        ClosedMonth(
            month=found.period.start, to_on=found.period.end, approval_id=asked.id,
            sha256=seen, figures=_figures(found, asked), asked_by=asked.maker,
            asked_at=asked.asked_at, closed_by=by, closed_at=at,
        )
    )  # fmt: skip
    session.flush()
    audit.record(
        session, verb="close_month", subject_kind=SUBJECT, subject_id=month,
        after={"accrued": accrued, "sha256": seen.hex()}, by=by, at=at,
    )  # fmt: skip
    return accrued


def reject_month_close(
    session: Session, *, month: int, seen: bytes, reason: str, by: str, at: datetime
) -> None:
    """Leave a month open that another person asked to close, and say why."""
    approvals.reject(
        session, approval_id=_asked(session, month).id, subject_hash=seen, reason=reason, by=by,
        at=at,
    )  # fmt: skip


def withdraw_month_close(session: Session, *, month: int, by: str, at: datetime) -> None:
    """Take a request back, as when what it was about has changed."""
    approvals.void(session, approval_id=_asked(session, month).id, reason="withdrawn", by=by, at=at)


def _asked(session: Session, month: int) -> ApprovalView:
    asked = approvals.open_for(session, SUBJECT, month)
    if asked is None:
        raise NotFound("close_not_asked", "nobody asked to close this month")
    return asked


def _closable(session: Session, number: int, seen: bytes, at: datetime) -> Books:
    period = month_of(number)
    refuse_unless_next(period.start, queries.last_closed_month(session))
    found = queries.books(session, period, at=at)
    if found.blocking:
        raise MonthBlocked(
            "month_blocked", "{month} does not close yet: see what keeps it open",
            month=f"{period.start:%m/%Y}",
        )  # fmt: skip
    if queries.books_hash(found) != seen:
        raise Conflict("approval_stale", "What was asked about has changed since: ask again")
    return found


def _accrue(
    session: Session, found: Books, number: int, *, by: str, at: datetime
) -> dict[str, int]:
    accrued = found.accrued()
    for currency, minor in accrued.items():
        posting = Posting(
            kind=TransactionKind.INTEREST_ACCRUAL, source_kind=SUBJECT, source_id=number,
            effect=f"accrual:{currency}", value_date=found.period.end,
            memo=f"{found.period.start:%Y-%m}",
            lines=(
                Line(AccountKey(AccountKind.ACCRUED_INTEREST, currency), minor),
                Line(AccountKey(AccountKind.INTEREST_INCOME, currency), -minor),
            ),
        )  # fmt: skip
        posted = ledger.post(session, posting, by=by, at=at)
        ledger.reverse(
            session, transaction_id=posted.transaction_id, memo=posting.memo,
            value_date=found.period.end + timedelta(days=1), by=by, at=at,
        )  # fmt: skip
    return accrued


def _figures(found: Books, asked: ApprovalView) -> dict[str, Any]:
    """The books as they were closed (``queries.books_closed`` reads them back)."""
    kept = {name: [asdict(one) for one in getattr(found, name)] for name in queries.KEPT}
    return kept | {
        "pointed_out": {one.kind.value: one.count for one in found.checks if one.is_open},
        "note": asked.summary.get("note", ""), "seal": found.seal,
    }  # fmt: skip
