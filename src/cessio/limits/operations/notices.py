"""Telling clients before an approval lapses or a limit ends: each limit and date once."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import audit
from cessio.limits.models import ApprovalNotice, EndingNotice
from cessio.limits.queries import (
    EndingLimit,
    IdleApproval,
    ending_limits,
    idle_approvals,
    policy,
)
from cessio.limits.rules import UnusedApproval


def announce_idle_approvals(
    session: Session, *, on: date, by: str, at: datetime
) -> tuple[IdleApproval, ...]:
    """Note that clients are told of approvals about to lapse; returns those to tell, once each."""
    due = tuple(
        idle for idle in idle_approvals(session, on=on)
        if idle.verdict is UnusedApproval.NOTIFY and idle.noticed_for is None
    )  # fmt: skip
    session.add_all(
        ApprovalNotice(
            limit_id=idle.limit_id, cancels_on=idle.cancels_on, noticed_at=at, noticed_by=by
        )
        for idle in due
    )
    session.flush()
    facts = [
        audit.Fact(verb="announce_idle_approval", subject_kind="limit", subject_id=idle.limit_id,
                   client_id=idle.client_id, after={"cancels_on": idle.cancels_on})
        for idle in due
    ]  # fmt: skip
    audit.record_all(session, facts=facts, by=by, at=at)
    return due


def announce_endings(
    session: Session, *, on: date, by: str, at: datetime
) -> tuple[EndingLimit, ...]:
    """Note that clients are told of limits about to end; returns those to tell, once each.

    How many days before is the house's (``set_policy``). A limit that another replaces before it
    ends is told of too: the other one is the news.
    """
    within = policy(session).notice_days
    due = tuple(
        row for row in ending_limits(session, on=on, within_days=within) if row.told_at is None
    )
    session.add_all(
        EndingNotice(limit_id=row.limit.id, ends_on=row.ends_on, noticed_at=at, noticed_by=by)
        for row in due
    )
    session.flush()
    facts = [
        audit.Fact(verb="announce_ending_limit", subject_kind="limit", subject_id=row.limit.id,
                   client_id=row.limit.client_id, after={"ends_on": row.ends_on})
        for row in due
    ]  # fmt: skip
    audit.record_all(session, facts=facts, by=by, at=at)
    return due
