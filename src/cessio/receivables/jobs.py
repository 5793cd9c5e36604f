"""Checking and confirming large remittances, progress told; limits and disputes, once a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from cessio.limits import announce_endings, announce_idle_approvals
from cessio.plumbing.jobs import JobContext, job
from cessio.receivables import operations, queries
from cessio.receivables.operations import limits
from cessio.receivables.operations.defunding import defund_late_disputes
from cessio.receivables.rules import RemittanceState

CHECK = "remittance.check"
SUBMIT = "remittance.submit"
ACCEPT = "remittance.accept"
LIMITS = "limits.day"
DISPUTES = "disputes.day"

#: What is checked or confirmed within the request itself, and not by a job.
AT_ONCE = 1_000


@job(CHECK)
def check(context: JobContext, *, remittance_id: int) -> None:
    """Give every line its verdict. Nothing to do once the remittance was decided."""
    with context.transaction() as session:
        result: dict[str, Any] = {"remittance_id": remittance_id}
        if queries.locked_remittance(session, remittance_id).state == RemittanceState.DRAFT:
            found = operations.check(
                session, remittance_id=remittance_id, on=context.on, by=context.by, at=context.at,
                progress=context.progress,
            )  # fmt: skip
            result |= {"lines": found.line_count, "refused": found.refused_count}
        context.finish(session, result)


@job(SUBMIT)
def submit(context: JobContext, *, remittance_id: int, by: str) -> None:
    """Confirm a draft for the person who asked. Nothing to do if it was confirmed before."""
    with context.transaction() as session:
        state = queries.locked_remittance(session, remittance_id).state
        if state == RemittanceState.DRAFT:
            done = operations.submit(
                session, remittance_id=remittance_id, by=by, at=context.at,
                progress=context.progress,
            )  # fmt: skip
            state = done.state
        context.finish(session, {"remittance_id": remittance_id, "state": str(state)})


@job(ACCEPT)
def accept(
    context: JobContext, *, remittance_id: int, by: str, leave_out: list[int],
    verify: list[int] | None = None, why: str | None = None,
) -> None:  # fmt: skip
    """Assign what staff decided to accept, or a draft made for its client.

    Nothing to do once it was decided otherwise.
    """
    with context.transaction() as session:
        state = queries.locked_remittance(session, remittance_id).state
        told: dict[str, Any] = {"remittance_id": remittance_id}
        if state in (RemittanceState.DRAFT, RemittanceState.SUBMITTED):
            done = operations.take(
                session, remittance_id=remittance_id, leave_out=leave_out, verify=verify or (),
                why=why, by=by, at=context.at, progress=context.progress,
            )  # fmt: skip
            told |= {"documents": done.document_count, "refused": done.refused_count}
        context.finish(session, told)


@job(LIMITS, serial=True)
def limits_day(context: JobContext, *, on: date) -> None:
    """End limits that ran out, tell clients of what ends or lapses soon, cancel what they did not
    use although told."""
    with context.transaction() as session:
        expired = limits.expire_limits(session, on=on, by=context.by, at=context.at)
        ending = announce_endings(session, on=on, by=context.by, at=context.at)
        told = announce_idle_approvals(session, on=on, by=context.by, at=context.at)
        lapsed = limits.cancel_idle_approvals(session, on=on, by=context.by, at=context.at)
        context.finish(
            session,
            {"expired": len(expired.limit_ids), "told": len(ending) + len(told),
             "cancelled": len(lapsed)},
        )  # fmt: skip


@job(DISPUTES, serial=True)
def disputes_day(context: JobContext, *, on: date) -> None:
    """Stop funding the invoices whose dispute has lasted too long."""
    with context.transaction() as session:
        count = defund_late_disputes(session, on=on, by=context.by, at=context.at)
        context.finish(session, {"defunded": count})
