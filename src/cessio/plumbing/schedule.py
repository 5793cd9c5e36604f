"""The schedule: each kind of job once for each of its days, whatever the clock does.

A daily line is read as Paris wall time, where a day has each hour once: an hour that the spring
change skips comes right after it, one that the autumn change repeats counts the first time. The
day is the job's business key, so two schedulers, a clock set back or a restart change nothing,
and days missed while everything was down are caught up in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cessio.kernel.calendar import PARIS, business_date, is_business_day
from cessio.kernel.errors import NotFound
from cessio.plumbing.jobs import enqueue
from cessio.plumbing.models import ScheduledJob

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger

#: More missed days than this are not a downtime but a wrong clock; the rest waits a turn.
MAX_CATCH_UP = 100


class ScheduleNotFound(NotFound):
    """No line of that name in the schedule."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A line of the schedule: a kind of job at the Paris times of a crontab expression.

    ``on`` says for which business date the job is, given the date it is due; None skips that one.
    The job gets that date as its argument ``on`` and is run once for it. With ``on=None`` it has
    no date: it takes no argument, runs at each time (several a day), and missed ones are not
    caught up. Days of the week are names (``mon-fri``): numbers mean another day elsewhere.
    """

    name: str
    kind: str
    cron: str
    on: Callable[[date], date | None] | None


def every_day(due: date) -> date | None:
    """Each calendar date."""
    return due


def every_business_day(due: date) -> date | None:
    """Only business days: elsewhere the line is silent."""
    return due if is_business_day(due) else None


def seed(session: Session, lines: Iterable[Scheduled], at: datetime) -> None:
    """Write the lines that are new or whose times changed; a person's switch is kept."""
    for line in lines:
        row = session.get(ScheduledJob, line.name, with_for_update=True)
        if row is None:
            values = {"name": line.name, "kind": line.kind, "cron": line.cron}
            session.execute(
                insert(ScheduledJob)
                .values(next_at=next_time(line, at), **values)
                .on_conflict_do_nothing()
            )
        elif (row.kind, row.cron) != (line.kind, line.cron):
            row.kind, row.cron = line.kind, line.cron
            row.next_at = next_time(line, row.last_at or at)
    session.flush()


def run_due(session: Session, lines: Iterable[Scheduled], at: datetime) -> list[int]:
    """Enqueue every job that is due by now, oldest date first; returns the jobs' ids."""
    known = {line.name: line for line in lines}
    rows = session.scalars(
        select(ScheduledJob)
        .where(ScheduledJob.enabled, ScheduledJob.next_at <= at, ScheduledJob.name.in_(list(known)))
        .order_by(ScheduledJob.next_at, ScheduledJob.name)
        .with_for_update(skip_locked=True)
    ).all()
    made = [job_id for row in rows for job_id in _catch_up(session, row, known[row.name], at)]
    session.flush()
    return made


def switch(
    session: Session, lines: Iterable[Scheduled], name: str, *, enabled: bool, by: str, at: datetime
) -> None:
    """Switch a line on or off; what it missed while off is not caught up.

    Raises ``ScheduleNotFound``.
    """
    line = next((line for line in lines if line.name == name), None)
    row = session.get(ScheduledJob, name, with_for_update=True)
    if line is None or row is None:
        raise ScheduleNotFound("schedule_not_found", "nothing is scheduled as {name}", name=name)
    if enabled and not row.enabled:
        row.next_at = next_time(line, at)
    row.enabled, row.changed_at, row.changed_by = enabled, at, by
    session.flush()


def next_time(line: Scheduled, after: datetime) -> datetime:
    """The first time strictly after an instant, in UTC."""
    return next(_times(line, after))


def _catch_up(session: Session, row: ScheduledJob, line: Scheduled, at: datetime) -> Iterator[int]:
    due, missed = row.next_at, 0
    while due <= at and missed < MAX_CATCH_UP:
        following = next_time(line, due)
        if line.on is None:
            while following <= at:  # only the newest of those missed
                due, following = following, next_time(line, following)
        job_id = _enqueue(session, line, due, at)
        if job_id is not None:
            row.last_job_id = job_id
            yield job_id
        row.last_at, due, missed = due, following, missed + 1
    row.next_at = due


def _enqueue(session: Session, line: Scheduled, due: datetime, at: datetime) -> int | None:
    by = f"schedule:{line.name}"
    if line.on is None:
        key = due.astimezone(UTC).isoformat()
        return enqueue(session, kind=line.kind, key=key, payload={}, by=by, at=at)
    on = line.on(business_date(due))
    if on is None:
        return None
    return enqueue(session, kind=line.kind, key=on.isoformat(), payload={"on": on}, by=by, at=at)


def _times(line: Scheduled, after: datetime) -> Iterator[datetime]:
    if line.on is None:
        yield from _instants(_trigger(line, PARIS), after.astimezone(PARIS), after)
        return
    # On the wall there is no change of hour, so the trigger reads the wall as if it were UTC. It
    # starts at midnight: an hour skipped in spring is before ``after`` there, and yet to come.
    wall = after.astimezone(PARIS).replace(tzinfo=UTC, fold=0)
    for time in _instants(_trigger(line, UTC), wall.replace(hour=0, minute=0), None):
        instant = time.replace(tzinfo=PARIS, fold=0).astimezone(UTC)
        if instant > after:
            yield instant


def _instants(trigger: CronTrigger, start: datetime, after: datetime | None) -> Iterator[datetime]:
    previous: datetime | None = None
    while True:
        found: datetime | None = trigger.get_next_fire_time(previous, previous or start)
        if found is None:
            raise ValueError(f"{trigger} never comes")
        if after is None or found > after:
            yield found.astimezone(UTC)
        previous = found


def _trigger(line: Scheduled, zone: object) -> CronTrigger:
    from apscheduler.triggers.cron import CronTrigger

    if any(character.isdigit() for character in line.cron.split()[-1]):
        raise ValueError(f"{line.name}: name the days of the week, as in mon-fri")
    return CronTrigger.from_crontab(line.cron, timezone=zone)
