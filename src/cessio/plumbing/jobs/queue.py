"""Putting a job in the caller's own transaction, and waking a worker when that commits.

Two transports carry the wake-ups. On PostgreSQL (the default) the message is a row of
dramatiq-postgres's own table, inserted in the same transaction: a rollback takes both back. On
RabbitMQ or Redis it is sent after the commit. Either may lose everything: the reconciler
re-sends what the job table still owes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec
from sqlalchemy import ColumnElement, exists, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from cessio.kernel.errors import Conflict, NotFound
from cessio.plumbing.after_commit import after_commit
from cessio.plumbing.jobs import registry
from cessio.plumbing.models import OPEN_STATES, Job, JobState, Restoration

#: Names of the one queue and the one actor that dramatiq knows.
QUEUE = "cessio"
ACTOR = "run_job"


class JobNotFound(NotFound):
    """No such job, or another client's."""


class JobNotStopped(Conflict):
    """Only a job that failed or died can be run again."""


class Transport(Protocol):
    """How a wake-up travels to a worker."""

    def wake(self, session: Session, job_ids: Sequence[int]) -> None:
        """Have workers try these jobs once the session's transaction commits."""

    def forget(self, session: Session, job_id: int) -> None:
        """Drop the pending wake-up of a job that needs none any more."""

    def lost(self, session: Session, now: datetime, limit: int) -> Sequence[int]:
        """Jobs that are due and that no wake-up is on its way to."""


def enqueue(
    session: Session,
    *,
    kind: str,
    key: str,
    payload: Mapping[str, Any],
    by: str,
    at: datetime,
    client_id: int | None = None,
    total: int | None = None,
    priority: int = 0,
    run_after: datetime | None = None,
) -> int:
    """Ask for a job in the caller's transaction; returns its id.

    The same kind and key is the same job, whatever became of it: nothing is enqueued twice.
    ``payload`` holds ids, dates and flags (dates become ISO text), never amounts or names. A
    higher ``priority`` goes first; ``run_after`` delays; ``total`` is the progress's end if known.
    """
    values = {
        "kind": kind, "business_key": key, "payload": msgspec.to_builtins(dict(payload)),
        "created_by": by, "created_at": at, "client_id": client_id, "progress_total": total,
        "priority": priority, "run_after": run_after,
    }  # fmt: skip
    fresh: int | None = session.scalar(
        insert(Job)
        .values(**values)
        .on_conflict_do_nothing(index_elements=["kind", "business_key"])
        .returning(Job.id)
    )
    if fresh is None:
        return session.scalars(
            select(Job.id).where(Job.kind == kind, Job.business_key == key)
        ).one()
    _transport.wake(session, [fresh])
    return fresh


def run_again(session: Session, job_id: int, *, by: str, at: datetime) -> None:
    """Give a dead job a new set of attempts, or a failed one its next attempt at once.

    Raises ``JobNotFound``; ``JobNotStopped`` when it is queued, running or done.
    """
    job = session.get(Job, job_id, with_for_update=True)
    if job is None:
        raise JobNotFound("job_not_found", "there is no job {job_id}", job_id=job_id)
    if job.state not in (JobState.DEAD, JobState.FAILED):
        raise JobNotStopped(
            "job_not_stopped", "job {job_id} has not stopped: only a failed or dead one runs again",
            job_id=job_id,
        )  # fmt: skip
    job.state, job.attempts, job.run_after = JobState.QUEUED, 0, None
    job.finished_at, job.requeued_at, job.requeued_by = None, at, by
    session.flush()
    _transport.wake(session, [job_id])


def is_due(now: datetime) -> ColumnElement[bool]:
    """Whether a job may be claimed now: waiting and its hour come, or its worker gone."""
    waiting = Job.state.in_((JobState.QUEUED, JobState.FAILED)) & or_(
        Job.run_after.is_(None), Job.run_after <= now
    )
    orphaned = (Job.state == JobState.RUNNING) & (Job.lease_until < func.clock_timestamp())
    return (waiting | orphaned) & _in_turn() & _not_held()


def _not_held() -> ColumnElement[bool]:
    """While a restored book is held, only the kinds that read."""
    restored = exists().where(Restoration.resumed_at.is_(None))
    return or_(Job.kind.in_(registry.kinds_while_held()), ~restored)


def _in_turn() -> ColumnElement[bool]:
    """For serial kinds: no other one is running, and none that is older is still open.

    One orphaned by its worker yields only to one that runs, else two could wait for each other.
    """
    other = aliased(Job)
    was_running = Job.state == JobState.RUNNING
    in_the_way = or_(
        (other.state == JobState.RUNNING)
        & or_(~was_running, other.lease_until >= func.clock_timestamp()),
        other.state.in_(OPEN_STATES) & (other.id < Job.id) & ~was_running,
    )
    return or_(
        Job.kind.not_in(registry.serial_kinds()),
        ~exists().where(other.kind == Job.kind, other.id != Job.id, in_the_way),
    )


class PostgresTransport:
    """Wake-ups as rows of dramatiq-postgres's table, one a job at most.

    The message's id is the job's id, so that waking twice leaves one message, and whoever
    acknowledges an older delivery cannot remove a newer one that is still queued.
    """

    def wake(self, session: Session, job_ids: Sequence[int]) -> None:
        """Insert the messages, or make them deliverable again, and notify at commit."""
        session.execute(
            _WAKE,
            {"ids": list(job_ids), "queue": QUEUE, "actor": ACTOR,
             "channel": f"dramatiq.{QUEUE}.enqueue"},
        )  # fmt: skip

    def forget(self, session: Session, job_id: int) -> None:
        """Delete a message that nobody has taken yet."""
        session.execute(_FORGET, {"id": job_id})

    def lost(self, session: Session, now: datetime, limit: int) -> Sequence[int]:
        """Due jobs whose message is gone, refused, or with a worker that did not start them."""
        message = text(
            "NOT EXISTS (SELECT FROM dramatiq.queue AS message"
            " WHERE message.message_id = lpad(to_hex(job.id), 32, '0')::uuid"
            " AND (message.state = 'queued' OR message.state = 'consumed'"
            " AND job.state <> 'running' AND message.consumed_at > now() - interval '5 seconds'))"
        )
        return _due_ids(session, now, limit, message)


class BrokerTransport:
    """Wake-ups through a broker outside PostgreSQL, sent when the transaction has committed."""

    #: A wake-up sent longer ago than this and not followed is taken for lost.
    PATIENCE_SECONDS = 3

    def __init__(self, send: Callable[[int], object]) -> None:
        """``send(job_id)`` puts one message on the broker; it may raise."""
        self._send = send

    def wake(self, session: Session, job_ids: Sequence[int]) -> None:
        """Note when, and send after the commit; a failed send is left to the reconciler."""
        session.execute(
            update(Job)
            .where(Job.id.in_(job_ids))
            .values(woken_at=func.clock_timestamp())
            .execution_options(synchronize_session=False)
        )
        for job_id in job_ids:
            after_commit(session, self._send, job_id)

    def forget(self, session: Session, job_id: int) -> None:
        """Nothing to do: a message for a job that is done is dropped by its worker."""

    def lost(self, session: Session, now: datetime, limit: int) -> Sequence[int]:
        """Due jobs that nobody was sent for lately, or not since their worker's lease ended."""
        stale = text(
            "(job.woken_at IS NULL OR job.woken_at < job.lease_until"
            f" OR job.woken_at < clock_timestamp() - interval '{self.PATIENCE_SECONDS} seconds')"
        )
        return _due_ids(session, now, limit, stale)


_transport: Transport = PostgresTransport()


def use_transport(transport: Transport) -> None:
    """Choose how wake-ups travel; said once by each composition root."""
    global _transport
    _transport = transport


def transport() -> Transport:
    """The transport in use."""
    return _transport


def _due_ids(session: Session, now: datetime, limit: int, extra: Any) -> Sequence[int]:
    return session.scalars(
        select(Job.id)
        .where(Job.kind.in_(registry.known_kinds()), is_due(now), extra)
        .order_by(Job.priority.desc(), Job.id)
        .limit(limit)
    ).all()


#: The row that dramatiq-postgres would insert, made from the job itself. An urgent job's message
#: is dated back, because messages are taken in the order of ``available_at``.
_WAKE = text("""
WITH woken AS (
INSERT INTO dramatiq.queue (queue_name, message_id, state, message, available_at)
SELECT :queue, message.id, 'queued',
       jsonb_build_object(
         'queue_name', CAST(:queue AS text), 'actor_name', CAST(:actor AS text),
         'args', '[]'::jsonb, 'kwargs', jsonb_build_object('job_id', job.id),
         'options', '{}'::jsonb, 'message_id', message.id::text,
         'message_timestamp', floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint),
       CASE WHEN job.run_after > now() THEN job.run_after
            ELSE now() - greatest(job.priority, 0) * interval '1 minute' END
  FROM job CROSS JOIN LATERAL (SELECT lpad(to_hex(job.id), 32, '0')::uuid AS id) AS message
 WHERE job.id = ANY(:ids)
    ON CONFLICT (message_id) DO UPDATE
   SET state = 'queued', available_at = EXCLUDED.available_at, worker_id = NULL,
       consumed_at = NULL, mtime = now()
RETURNING 1)
SELECT pg_notify(:channel, '') WHERE EXISTS (SELECT FROM woken)
""")
_FORGET = text("""
DELETE FROM dramatiq.queue
 WHERE message_id = lpad(to_hex(CAST(:id AS bigint)), 32, '0')::uuid AND state = 'queued'
""")
