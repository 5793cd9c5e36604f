"""Taking an assignment back by sets: what stands in the way, and the exact previous state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.ledger.rules import TransactionKind


@dataclass(frozen=True, slots=True)
class Blocker:
    """A document of the remittance that something else happened to since."""

    receivable_id: int
    number: str
    happened: TransactionKind


#: Transactions on the remittance's documents that are neither its own nor undone.
_BLOCKERS = """
    SELECT DISTINCT mine.id, mine.number, head.kind
      FROM receivable AS mine
      JOIN ledger_entry AS entry ON entry.receivable_id = mine.id
      JOIN ledger_transaction AS head ON head.id = entry.transaction_id
      LEFT JOIN ledger_transaction AS undoing ON undoing.reverses_id = head.id
     WHERE mine.remittance_id = :remittance_id
       AND head.reverses_id IS NULL AND undoing.id IS NULL
       AND NOT (head.source_kind = 'remittance' AND head.source_id = :remittance_id)
       AND NOT (head.source_kind = 'set_off' AND head.source_id IN (
             SELECT id FROM set_off WHERE remittance_id = :remittance_id))
     ORDER BY mine.number, mine.id, head.kind
     LIMIT 100
"""

_OWN_TRANSACTIONS = """
    SELECT head.id FROM ledger_transaction AS head
      LEFT JOIN ledger_transaction AS undoing ON undoing.reverses_id = head.id
     WHERE undoing.id IS NULL AND head.reverses_id IS NULL AND (
           (head.source_kind = 'remittance' AND head.source_id = :remittance_id)
        OR (head.source_kind = 'set_off' AND head.source_id IN (
             SELECT id FROM set_off
              WHERE remittance_id = :remittance_id AND undone_at IS NULL)))
     ORDER BY head.id
"""

_LOCK = """
    SELECT count(*) FROM (
      SELECT id FROM receivable
       WHERE remittance_id = :remittance_id OR id IN (
             SELECT invoice_id FROM set_off
              WHERE remittance_id = :remittance_id AND undone_at IS NULL)
       ORDER BY id FOR UPDATE) AS locked
"""

_GIVE_BACK = """
    UPDATE receivable AS invoice
       SET open_minor = invoice.open_minor + taken.minor,
           closed_on = CASE WHEN invoice.open_minor + taken.minor = 0 THEN invoice.closed_on END
      FROM (SELECT invoice_id, sum(amount_minor) AS minor FROM set_off
             WHERE remittance_id = :remittance_id AND undone_at IS NULL
             GROUP BY invoice_id) AS taken
     WHERE invoice.id = taken.invoice_id
       AND invoice.remittance_id IS DISTINCT FROM :remittance_id
"""

_UNDO_SET_OFFS = """
    UPDATE set_off SET undone_at = :at, undone_by = :by
     WHERE remittance_id = :remittance_id AND undone_at IS NULL
"""

_TAKE_BACK = """
    UPDATE receivable SET open_minor = 0, closed_on = :on, reversed_at = :at
     WHERE remittance_id = :remittance_id
"""

_END_MARKS = (
    """
    UPDATE verification SET state = 'dropped', ended_at = :at, ended_by = :by
      FROM receivable WHERE receivable.id = verification.receivable_id
       AND receivable.remittance_id = :remittance_id
       AND (verification.ended_at IS NULL OR verification.state = 'failed')
    """,
    """
    UPDATE hold SET ended_at = :at, ended_by = :by
      FROM receivable WHERE receivable.id = hold.receivable_id AND hold.ended_at IS NULL
       AND receivable.remittance_id = :remittance_id
    """,
    """
    UPDATE dispute SET ended_at = :at, ended_by = :by, outcome = 'reversed'
      FROM receivable WHERE receivable.id = dispute.receivable_id AND dispute.ended_at IS NULL
       AND receivable.remittance_id = :remittance_id
    """,
)

_DEBTORS = """
    SELECT DISTINCT debtor_id FROM receivable WHERE remittance_id = :remittance_id ORDER BY 1
"""


def lock(session: Session, remittance_id: int) -> None:
    """Lock the documents of the remittance and the invoices its credit notes were used against."""
    session.execute(text(_LOCK), {"remittance_id": remittance_id})


def blockers(session: Session, remittance_id: int) -> list[Blocker]:
    """What happened to its documents since, by number; at most a hundred."""
    rows = session.execute(text(_BLOCKERS), {"remittance_id": remittance_id})
    return [Blocker(row[0], row[1], TransactionKind(row[2])) for row in rows]


def own_transactions(session: Session, remittance_id: int) -> list[int]:
    """The ledger transactions the assignment made that still stand, in order."""
    return list(session.scalars(text(_OWN_TRANSACTIONS), {"remittance_id": remittance_id}))


def take_back(
    session: Session, *, remittance_id: int, on: date, by: str, at: datetime
) -> list[int]:
    """Put receivables, set-offs, holds and disputes back; returns the debtors concerned."""
    values = {"remittance_id": remittance_id, "on": on, "by": by, "at": at}
    for statement in (_GIVE_BACK, _UNDO_SET_OFFS, _TAKE_BACK, *_END_MARKS):
        session.execute(text(statement), values)
    return list(session.scalars(text(_DEBTORS), values))
