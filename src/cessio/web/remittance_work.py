"""Large remittances are checked and assigned by jobs: asked for, found again, told how far."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from cessio.kernel.errors import NotFound
from cessio.plumbing import jobs
from cessio.plumbing.jobs import JobView
from cessio.receivables.jobs import ACCEPT, CHECK, SUBMIT
from cessio.receivables.queries import RemittanceRow

KINDS = (CHECK, SUBMIT, ACCEPT)
_LATEST = 20


def start(
    session: Session, row: RemittanceRow, kind: str, *, by: str, at: datetime,
    leave_out: Sequence[int] = (), verify: Sequence[int] = (),
    why: str | None = None,
) -> int:  # fmt: skip
    """Ask for a job on a remittance, once for this instant; returns its id."""
    payload: dict[str, object] = {"remittance_id": row.id}
    if kind != CHECK:
        payload["by"] = by
    if kind == ACCEPT:
        payload |= {"leave_out": list(leave_out), "verify": list(verify), "why": why}
    return jobs.enqueue(
        session, kind=kind, key=f"{row.id}@{at.isoformat()}", payload=payload, by=by, at=at,
        client_id=row.client_id, total=row.line_count, priority=1,
    )  # fmt: skip


def under_way(session: Session, row: RemittanceRow) -> JobView | None:
    """The job at work on a remittance, if one is."""
    for job in jobs.recent_jobs(session, client_id=row.client_id, limit=_LATEST):
        if job.kind in KINDS and not job.is_over and job.payload.get("remittance_id") == row.id:
            return job
    return None


def job_of(session: Session, row: RemittanceRow, job_id: int) -> JobView:
    """A job of this remittance. Raises ``NotFound``."""
    job = jobs.job_view(session, job_id, client_id=row.client_id)
    if job.payload.get("remittance_id") != row.id:
        raise NotFound("job_not_found", "there is no job {job_id}", job_id=job_id)
    return job


def remaining(job: JobView, at: datetime) -> int | None:
    """Seconds left at the pace so far."""
    if job.started_at is None or not job.progress_done or not job.progress_total:
        return None
    spent = (at - job.started_at).total_seconds()
    return max(1, round(spent * (job.progress_total - job.progress_done) / job.progress_done))
