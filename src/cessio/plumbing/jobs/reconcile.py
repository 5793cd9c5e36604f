"""Sending again the wake-ups that were lost, so that no broker has to be trusted."""

from __future__ import annotations

from sqlalchemy import Engine

from cessio.plumbing import database
from cessio.plumbing.clock import Clock
from cessio.plumbing.clock import now as machine_clock
from cessio.plumbing.jobs.queue import transport


def resend_lost(engine: Engine, *, clock: Clock = machine_clock, limit: int = 200) -> int:
    """Wake workers for due jobs that no message is on its way to; returns how many.

    Covers messages deleted or refused, workers that died (their lease has ended), delays of a
    transport that has none, and the next job of a serial kind. Safe in several processes.
    """
    with database.transaction(engine) as session:
        found = transport().lost(session, clock(), limit)
        if found:
            transport().wake(session, found)
        return len(found)
