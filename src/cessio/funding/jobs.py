"""Payouts found, by themselves, on a bank statement."""

from __future__ import annotations

from cessio.funding import operations
from cessio.plumbing.jobs import JobContext, job

SETTLE_PAYOUTS = "funding.settle_payouts"


@job(SETTLE_PAYOUTS)
def settle_payouts(context: JobContext, *, statement_id: int) -> None:
    """Confirm payouts that left our accounts and give back those that were returned."""
    with context.transaction() as session:
        done = operations.settle_payout_lines(session, by=context.by, at=context.at)
        context.finish(
            session,
            {"statement_id": statement_id, "paid": len(done.paid), "back": len(done.rejected)},
        )
