"""The day end: settle what is not settled yet, then seal the day.

Two operations for two transactions. Settling locks clients' accounts one by one; sealing waits for
everybody who writes to the ledger. Done in one, each could wait for the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from cessio import audit
from cessio.closing import queries
from cessio.closing.models import ClosedDay
from cessio.funding import operations as funding
from cessio.funding.queries import book_at_end_of
from cessio.kernel.calendar import business_date, days
from cessio.kernel.errors import Conflict
from cessio.plumbing import outbox
from cessio.settlement import StepDone, run_day
from cessio.settlement import queries as settlement


class DayNotOver(Conflict):
    """A day closes once it is over, and days close in order."""


class NotSettled(Conflict):
    """The day's settlement was not run."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed day; ``again`` when it had been closed before. ``sha256`` seals its entries."""

    on: date
    transaction_count: int
    entry_count: int
    debit_minor: int
    sha256: bytes
    again: bool = False


def settle_until(
    session: Session, *, on: date, by: str, at: datetime
) -> tuple[tuple[date, tuple[StepDone, ...]], ...]:
    """Settle every day after the last closed one up to ``on``, weekends and holidays included.

    Safe to run twice. Raises ``DayNotReached``, ``FixingMissing``.
    """
    last = queries.last_closed(session)
    first = on if last is None else min(on, last + timedelta(days=1))
    return tuple(
        (day, run_day(session, on=day, by=by, at=at)) for day in days(first, on + timedelta(days=1))
    )


def close_day(session: Session, *, on: date, by: str, at: datetime) -> Closed:
    """Keep a settled day's figures and seal its entries: nothing is recorded on it afterwards.

    Closed before, it answers what was sealed. Raises ``DayNotOver``, ``NotSettled``.
    """
    queries.wait_for_writers(session)
    known = queries.closed_day(session, on)
    if known is not None:
        return _closed(known.on, known.seal, again=True)
    last = queries.last_closed(session)
    _refuse(session, on, last, at)
    previous = queries.closed_day(session, last) if last is not None else None
    seal = queries.seal_of(
        session, on=on, after=last, previous=previous.seal.sha256 if previous else b""
    )
    terms, found = book_at_end_of(session, on)
    funding.keep_day(session, on=on, found=found, terms=terms, at=at)
    session.add(
        ClosedDay(
            on=on, transaction_count=seal.transaction_count, entry_count=seal.entry_count,
            last_entry_id=seal.last_entry_id, debit_minor=seal.debit_minor, sha256=seal.sha256,
            figures=queries.figures_of(session, found), closed_at=at, closed_by=by,
        )
    )  # fmt: skip
    session.flush()
    audit.record(
        session, verb="close_day", subject_kind="closed_day", subject_id=on.toordinal(),
        after={"on": on, "entries": seal.entry_count, "sha256": seal.sha256.hex()}, by=by, at=at,
    )  # fmt: skip
    outbox.publish(session, "day.closed", {"on": on}, by=by, at=at)
    return _closed(on, seal)


def _refuse(session: Session, on: date, last: date | None, at: datetime) -> None:
    if on >= business_date(at):
        raise DayNotOver("day_not_over", "{on} is not over yet", on=on.isoformat())
    if last is not None and on < last:
        raise DayNotOver(
            "later_day_closed", "{last} was closed before {on}, and covers it",
            last=last.isoformat(), on=on.isoformat(),
        )  # fmt: skip
    if not settlement.run_done(session, on=on, step="retention_call"):
        raise NotSettled("day_not_settled", "{on} was not settled yet", on=on.isoformat())


def _closed(on: date, seal: queries.Seal, *, again: bool = False) -> Closed:
    return Closed(
        on, seal.transaction_count, seal.entry_count, seal.debit_minor, seal.sha256, again
    )
