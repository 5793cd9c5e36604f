"""Jobs as pages and monitors see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cessio.kernel.paging import Page, PageRequest
from cessio.plumbing.jobs.queue import JobNotFound
from cessio.plumbing.keyset import sorted_page
from cessio.plumbing.models import OPEN_STATES, Job, JobState, ScheduledJob


@dataclass(frozen=True, slots=True)
class JobView:
    """A job's state, progress and outcome."""

    id: int
    kind: str
    key: str
    payload: Mapping[str, Any]
    state: JobState
    priority: int
    attempts: int
    max_attempts: int
    run_after: datetime | None
    progress_done: int | None
    progress_total: int | None
    progress_note: str | None
    result: Any
    error: str | None
    error_code: str | None
    error_params: Mapping[str, Any] | None
    client_id: int | None
    created_at: datetime
    created_by: str
    started_at: datetime | None
    finished_at: datetime | None
    requeued_at: datetime | None
    requeued_by: str | None

    @property
    def is_over(self) -> bool:
        """Whether the page can stop asking: the job is done, or waits for a person."""
        return self.state in (JobState.DONE, JobState.DEAD)

    @property
    def percent(self) -> int | None:
        """Progress from 0 to 100, 100 only when done; None while the end is unknown."""
        if self.state == JobState.DONE:
            return 100
        if not self.progress_total:
            return None
        return min(99, 100 * (self.progress_done or 0) // self.progress_total)


@dataclass(frozen=True, slots=True)
class QueueHealth:
    """What a monitor watches: counts per state, and since when the oldest due job waits."""

    counts: Mapping[JobState, int]
    oldest_waiting_at: datetime | None


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """One line of the schedule."""

    name: str
    kind: str
    cron: str
    enabled: bool
    next_at: datetime
    last_at: datetime | None
    last_job_id: int | None
    changed_at: datetime | None
    changed_by: str | None


def job_view(session: Session, job_id: int, *, client_id: int | None = None) -> JobView:
    """One job; for a client's page pass the client, whose own jobs only are found.

    Raises ``JobNotFound``.
    """
    statement = select(Job).where(Job.id == job_id)
    if client_id is not None:
        statement = statement.where(Job.client_id == client_id)
    job = session.scalar(statement.execution_options(populate_existing=True))
    if job is None:
        raise JobNotFound("job_not_found", "there is no job {job_id}", job_id=job_id)
    return _view(job)


def find_job(session: Session, *, kind: str, key: str) -> JobView | None:
    """The job of a kind and business key, if it was ever asked for."""
    job = session.scalar(
        select(Job)
        .where(Job.kind == kind, Job.business_key == key)
        .execution_options(populate_existing=True)
    )
    return None if job is None else _view(job)


def recent_jobs(
    session: Session,
    *,
    kind: str | None = None,
    state: JobState | None = None,
    client_id: int | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[JobView]:
    """Jobs, newest first; ``before_id`` is the last id of the page before."""
    statement = select(Job).order_by(Job.id.desc()).limit(limit)
    if kind is not None:
        statement = statement.where(Job.kind == kind)
    if state is not None:
        statement = statement.where(Job.state == state)
    if client_id is not None:
        statement = statement.where(Job.client_id == client_id)
    if before_id is not None:
        statement = statement.where(Job.id < before_id)
    found = session.scalars(statement.execution_options(populate_existing=True))
    return [_view(job) for job in found]


def job_page(
    session: Session, request: PageRequest, *, kind: str | None = None,
    state: JobState | None = None, sort: str | None = None,
) -> Page[JobView]:  # fmt: skip
    """The same page by page, newest first or by a column."""
    statement = select(Job).execution_options(populate_existing=True)
    if kind is not None:
        statement = statement.where(Job.kind == kind)
    if state is not None:
        statement = statement.where(Job.state == state)
    return sorted_page(
        session, statement, request, sort=sort, default="-asked", unique=Job.id,
        sorts={"asked": Job.id, "kind": Job.kind, "attempts": Job.attempts},
        read=lambda row: _view(row[0]),
    )  # fmt: skip


def dead_jobs(session: Session, *, limit: int = 50) -> list[JobView]:
    """Jobs that were given up and wait for a person, newest first."""
    return recent_jobs(session, state=JobState.DEAD, limit=limit)


def queue_health(session: Session, *, at: datetime) -> QueueHealth:
    """Counts of what is open or dead, and the oldest job that should have started."""
    counted = session.execute(
        select(Job.state, func.count())
        .where(Job.state.in_((*OPEN_STATES, JobState.DEAD)))
        .group_by(Job.state)
    )
    oldest = session.scalar(
        select(func.min(func.coalesce(Job.run_after, Job.requeued_at, Job.created_at))).where(
            Job.state.in_((JobState.QUEUED, JobState.FAILED)),
            func.coalesce(Job.run_after, at) <= at,
        )
    )
    return QueueHealth({JobState(state): count for state, count in counted}, oldest)


def schedule_view(session: Session) -> list[ScheduleView]:
    """The schedule, what comes next first."""
    found = session.scalars(select(ScheduledJob).order_by(ScheduledJob.next_at, ScheduledJob.name))
    return [
        ScheduleView(
            row.name, row.kind, row.cron, row.enabled, row.next_at, row.last_at, row.last_job_id,
            row.changed_at, row.changed_by,
        )
        for row in found
    ]  # fmt: skip


def _view(job: Job) -> JobView:
    return JobView(
        id=job.id, kind=job.kind, key=job.business_key, payload=job.payload,
        state=JobState(job.state), priority=job.priority, attempts=job.attempts,
        max_attempts=job.max_attempts, run_after=job.run_after,
        progress_done=job.progress_done, progress_total=job.progress_total,
        progress_note=job.progress_note, result=job.result, error=job.error,
        error_code=job.error_code, error_params=job.error_params, client_id=job.client_id,
        created_at=job.created_at, created_by=job.created_by, started_at=job.started_at,
        finished_at=job.finished_at, requeued_at=job.requeued_at, requeued_by=job.requeued_by,
    )  # fmt: skip
