"""Reading closed days, the seal of a day's entries, and the proof of every seal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from psycopg import sql
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from cessio.closing.models import ClosedDay
from cessio.contracts.models import Contract
from cessio.funding.rules import Availability
from cessio.ledger import queries as ledger
from cessio.ledger.bulk import Finding
from cessio.receivables.bulk.planning import planned_for

#: Names the advisory lock under which days close, one at a time.
_LOCK = 0x63_6C_6F_73_65


@dataclass(frozen=True, slots=True)
class Seal:
    """What a day's entries amount to. ``debit_minor`` sums the debits of every currency."""

    transaction_count: int
    entry_count: int
    last_entry_id: int
    debit_minor: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class ClosedDayView:
    """A closed day as it is kept; ``figures`` are the availability of each contract, by reference,
    and the trial balance."""

    on: date
    seal: Seal
    figures: dict[str, Any]
    closed_at: datetime
    closed_by: str


_TRANSACTIONS = text("""
    SELECT count(*) FROM ledger_transaction
     WHERE booked_on <= :on AND (CAST(:after AS date) IS NULL OR booked_on > CAST(:after AS date))
""")
#: A line for each entry, in pieces of many: all lines of a large book are no one text.
_LINES = sql.SQL("""
    COPY (
      SELECT count(*), max(entry.id),
             coalesce(sum(entry.amount_minor) FILTER (WHERE entry.amount_minor > 0), 0)::bigint,
             convert_to(string_agg(
               concat_ws('|', entry.id, entry.transaction_id, head.kind, head.source_kind,
                         head.source_id, head.effect, coalesce(head.reverses_id, 0),
                         head.value_date - DATE '2000-01-01', head.booked_on - DATE '2000-01-01',
                         extract(epoch FROM head.recorded_at), head.recorded_by, entry.account_id,
                         entry.amount_minor, entry.balance_after_minor,
                         coalesce(entry.receivable_id, 0)),
               E'\\n' ORDER BY entry.id), 'UTF8')
        FROM ledger_transaction AS head JOIN ledger_entry AS entry ON entry.transaction_id = head.id
       WHERE head.booked_on <= {on} AND ({after}::date IS NULL OR head.booked_on > {after}::date)
       GROUP BY entry.id / {piece} ORDER BY entry.id / {piece}
    ) TO STDOUT (FORMAT binary)
""")
#: Entries of one piece, by their ids.
PIECE = 256


def seal_of(session: Session, *, on: date, after: date | None, previous: bytes) -> Seal:
    """The seal of the entries booked after one closed day and up to another.

    SHA-256 of the seal before, in hexadecimal, and of the lines, parted by line feeds.
    """
    digest, parting = sha256(previous.hex().encode()), b""
    entries = last_id = debit = 0
    facts = {"on": on, "after": after}
    query = _LINES.format(on=sql.Literal(on), after=sql.Literal(after), piece=sql.Literal(PIECE))
    connection: Any = session.connection().connection.driver_connection
    with (
        planned_for(session, {"work_mem": "128MB"}),
        connection.cursor() as cursor,
        cursor.copy(query) as pieces,
    ):
        pieces.set_types(("int8", "int8", "int8", "bytea"))
        for count, last, minor, lines in pieces.rows():
            digest.update(parting + lines)
            entries, last_id, debit, parting = entries + count, last, debit + minor, b"\n"
    transactions = session.execute(_TRANSACTIONS, facts).scalar_one()
    return Seal(transactions, entries, last_id, debit, digest.digest())


def figures_of(session: Session, found: Mapping[int, Availability]) -> dict[str, Any]:
    """What a day's end looks like: the availability of every contract, and trial balance."""
    names = {row[0]: row[1] for row in session.execute(select(Contract.id, Contract.reference))}
    return {
        "availability": {names[key]: value.figures() for key, value in sorted(found.items())},
        "trial_balance": {
            f"{kind.value}/{currency}": minor
            for (kind, currency), minor in ledger.trial_balance(session).items()
        },
    }


def last_closed(session: Session) -> date | None:
    """The last closed day, if any."""
    return session.scalar(select(func.max(ClosedDay.on)))


def closed_day(session: Session, on: date) -> ClosedDayView | None:
    """One day, if it was closed itself (a later one may cover it)."""
    row = session.get(ClosedDay, on)
    return None if row is None else _view(row)


def closed_days(session: Session, *, before: date | None = None, limit: int = 60) -> list[
    ClosedDayView
]:  # fmt: skip
    """Closed days, latest first; ``before`` continues a list."""
    query = select(ClosedDay).order_by(ClosedDay.on.desc()).limit(limit)
    if before is not None:
        query = query.where(ClosedDay.on < before)
    return [_view(row) for row in session.scalars(query)]


def wait_for_writers(session: Session) -> None:
    """One close at a time, and after every transaction that is writing to the ledger now."""
    session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    session.execute(text("LOCK TABLE ledger_transaction IN SHARE MODE"))


def verify(session: Session) -> list[Finding]:
    """Recompute the seal of every closed day; names the first that no longer holds."""
    after, previous = None, b""
    for row in session.scalars(select(ClosedDay).order_by(ClosedDay.on)):
        found = seal_of(session, on=row.on, after=after, previous=previous)
        if found.sha256 != row.sha256 or found.entry_count != row.entry_count:
            said = (
                f"{found.entry_count} entries are booked up to it, {row.entry_count} were sealed"
                if found.entry_count != row.entry_count
                else "its entries are not those that were sealed"
            )
            return [Finding("closed_day_is_sealed", f"closed day {row.on}", said)]
        after, previous = row.on, row.sha256
    return []


def _view(row: ClosedDay) -> ClosedDayView:
    seal = Seal(row.transaction_count, row.entry_count, row.last_entry_id, row.debit_minor,
                row.sha256)  # fmt: skip
    return ClosedDayView(row.on, seal, row.figures, row.closed_at, row.closed_by)
