"""Sending again the wake-ups that were lost, so that no broker has to be trusted."""

from __future__ import annotations

from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from cessio.plumbing import database
from cessio.plumbing.clock import Clock
from cessio.plumbing.clock import now as machine_clock
from cessio.plumbing.jobs.processes import gone, place
from cessio.plumbing.jobs.queue import transport
from cessio.plumbing.models import Job, JobState


def resend_lost(engine: Engine, *, clock: Clock = machine_clock, limit: int = 200) -> int:
    """Wake workers for due jobs that no message is on its way to; returns how many.

    Covers messages deleted or refused, workers that died (their lease has ended, or their process
    on this machine), delays of a transport that has none, and the next job of a serial kind. Safe
    in several processes.
    """
    with database.transaction(engine) as session:
        _end_leases(session)
        found = transport().lost(session, clock(), limit)
        if found:
            transport().wake(session, found)
        return len(found)


def _end_leases(session: Session) -> None:
    """End the leases of workers that are gone; who is not, after all, finds its fence outdated."""
    running = Job.state == JobState.RUNNING
    held = select(Job.worker).where(running, Job.worker.startswith(place(), autoescape=True))
    dead = [worker for worker in session.scalars(held.distinct()) if worker and gone(worker)]
    if dead:
        free = select(Job.id).where(running, Job.worker.in_(dead)).with_for_update(skip_locked=True)
        session.execute(
            update(Job)
            .where(Job.id.in_(free))
            .values(lease_until=func.clock_timestamp())
            .execution_options(synchronize_session=False)
        )
