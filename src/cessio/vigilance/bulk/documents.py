"""What the documents of one remittance look like, against each other and the book."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.receivables.bulk.planning import make_room, whole_sets
from cessio.receivables.queries import ContractFacts
from cessio.receivables.rules import DocumentIdentity
from cessio.vigilance.rules import Lines, Pair
from cessio.vigilance.rules.documents import (
    NEW_DAYS,
    SAME_AMOUNT_DAYS,
    SAME_AMOUNT_ELSEWHERE_DAYS,
    SAME_NUMBER_DAYS,
)

#: More look-alikes than these of one remittance tell nothing more.
MOST_PAIRS = 2_000

_MINE = """
    CREATE TEMP TABLE vigilance_mine ON COMMIT DROP AS
    SELECT line, receivable_id, number, number_key, debtor_id, issue_date, amount_minor,
           coalesce(debtor_id::text, debtor_siren, debtor_vat, '') AS debtor_key
      FROM remittance_line
     WHERE remittance_id = :remittance_id AND kind = 'invoice' AND verdict <> 'refused'
       AND amount_minor > 0 AND issue_date IS NOT NULL AND number_key <> ''
"""

#: An invoice like another one in the book. Three joins, each by an index of its own.
_IN_BOOK = """
    SELECT DISTINCT ON (mine.receivable_id, other.id)
           mine.receivable_id, mine.debtor_id, mine.number, mine.issue_date, mine.amount_minor,
           other.id, other.debtor_id, other.number, other.issue_date, other.amount_minor,
           other.client_id, other.assigned_on
      FROM vigilance_mine AS mine
      JOIN receivable AS other ON {alike}
     WHERE other.kind = 'invoice' AND other.reversed_at IS NULL
       AND other.remittance_id IS DISTINCT FROM :remittance_id
     LIMIT :most
"""
_LIKENESS = {
    "number": """other.number_key = mine.number_key AND other.debtor_id = mine.debtor_id
        AND (100 * abs(other.amount_minor - mine.amount_minor)
               <= greatest(other.amount_minor, mine.amount_minor)
             OR other.client_id = :client_id
               AND abs(other.issue_date - mine.issue_date) <= :number_days)
        AND (other.issue_date, other.amount_minor) <> (mine.issue_date, mine.amount_minor)""",
    "amount": """other.debtor_id = mine.debtor_id AND other.amount_minor = mine.amount_minor
        AND other.issue_date = mine.issue_date AND other.number_key <> mine.number_key""",
    "slip": """other.debtor_id = mine.debtor_id AND other.issue_date = mine.issue_date
        AND other.client_id = :client_id AND other.amount_minor <> mine.amount_minor
        AND 100 * abs(other.amount_minor - mine.amount_minor)
            <= greatest(other.amount_minor, mine.amount_minor)
        AND other.number_key <> mine.number_key""",
    # An amount that comes again and again is a rent, and a round one is many a thing's price.
    "again": """other.debtor_id = mine.debtor_id AND other.amount_minor = mine.amount_minor
        AND other.issue_date <> mine.issue_date AND other.number_key <> mine.number_key
        AND abs(other.issue_date - mine.issue_date) <= CASE WHEN other.client_id = :client_id
              THEN :amount_days ELSE :elsewhere_days END
        AND NOT EXISTS (
          SELECT FROM receivable AS third
           WHERE third.debtor_id = mine.debtor_id AND third.amount_minor = mine.amount_minor
             AND third.client_id = other.client_id AND third.kind = 'invoice'
             AND third.id NOT IN (other.id, mine.receivable_id))""",
    "reuse": """other.number_key = mine.number_key AND other.debtor_id <> mine.debtor_id
        AND other.client_id = :client_id""",
}
#: The same in one file: each pair once, told of its later line.
_IN_FILE = """
    SELECT later.receivable_id, later.debtor_id, later.number, later.issue_date,
           later.amount_minor, earlier.receivable_id, earlier.debtor_id, earlier.number,
           earlier.issue_date, earlier.amount_minor, CAST(:client_id AS bigint), NULL::date
      FROM vigilance_mine AS later JOIN vigilance_mine AS earlier ON {alike}
     WHERE earlier.line < later.line
     LIMIT :most
"""
_FILE_LIKENESS = (
    "earlier.number_key = later.number_key",
    """earlier.debtor_id = later.debtor_id AND earlier.amount_minor = later.amount_minor
       AND earlier.issue_date = later.issue_date AND earlier.number_key <> later.number_key""",
)

_LINES = """
    SELECT receivable_id, number, amount_minor, issue_date, debtor_key
      FROM vigilance_mine ORDER BY line
"""

#: Debtors that nobody knew a week ago, and that this client never invoiced before.
_NEW_DEBTORS = """
    SELECT DISTINCT mine.debtor_key
      FROM vigilance_mine AS mine LEFT JOIN debtor ON debtor.id = mine.debtor_id
     WHERE mine.debtor_key <> '' AND (debtor.id IS NULL OR debtor.created_at >= :since)
       AND NOT EXISTS (SELECT FROM receivable AS older
                        WHERE older.debtor_id = debtor.id AND older.closed_on IS NULL
                          AND older.assigned_at < :since)
"""

#: Everybody is new in the first weeks of a contract.
SETTLED_DAYS = 30
_IS_FIRST = """
    SELECT NOT EXISTS (SELECT FROM remittance WHERE contract_id = :contract_id
                          AND id <> :remittance_id AND state = 'assigned'
                          AND created_at < :settled)
"""


def gather(session: Session, *, remittance_id: int, lines: int) -> None:
    """Make ``vigilance_mine`` of the invoices that would be, or are, assigned."""
    make_room(session)
    with whole_sets(session, lines):
        session.execute(text(_MINE), {"remittance_id": remittance_id})
        session.execute(text("ANALYZE vigilance_mine"))


def finish(session: Session) -> None:
    """Drop what ``gather`` made."""
    session.execute(text("DROP TABLE vigilance_mine"))


def pairs(session: Session, facts: ContractFacts, *, remittance_id: int, lines: int
          ) -> Iterator[Pair]:  # fmt: skip
    """Invoices of the remittance beside others like them, those of the book first."""
    values = {"remittance_id": remittance_id, "client_id": facts.client_id, "most": MOST_PAIRS,
              "number_days": SAME_NUMBER_DAYS, "amount_days": SAME_AMOUNT_DAYS,
              "elsewhere_days": SAME_AMOUNT_ELSEWHERE_DAYS}  # fmt: skip
    statements = [
        *(_IN_BOOK.format(alike=alike) for alike in _LIKENESS.values()),
        *(_IN_FILE.format(alike=alike) for alike in _FILE_LIKENESS),
    ]
    with whole_sets(session, lines):
        found = [session.execute(text(one), values).all() for one in statements]
    for row in (row for rows in found for row in rows):
        yield Pair(
            receivable_id=row[0], document=_identity(row[1:5], facts.currency), other_id=row[5],
            other=_identity(row[6:10], facts.currency), other_client_id=row[10],
            other_assigned_on=row[11],
        )  # fmt: skip


def columns(session: Session, facts: ContractFacts, *, remittance_id: int, at: datetime) -> Lines:
    """The invoices as columns, and which of their debtors are new."""
    rows = session.execute(text(_LINES)).all()
    values = {"since": at - timedelta(days=NEW_DAYS), "contract_id": facts.contract_id,
              "settled": at - timedelta(days=SETTLED_DAYS),
              "remittance_id": remittance_id}  # fmt: skip
    new = session.scalars(text(_NEW_DEBTORS), values)
    return Lines(
        remittance_id=remittance_id, client_id=facts.client_id, contract_id=facts.contract_id,
        currency=facts.currency, receivable_ids=[row[0] for row in rows],
        numbers=[row[1] for row in rows], amounts_minor=[row[2] for row in rows],
        issued_on=[row[3] for row in rows], debtor_keys=[row[4] for row in rows],
        new_debtor_keys=frozenset(new),
        is_first=bool(session.scalar(text(_IS_FIRST), values)),
    )  # fmt: skip


def _identity(row: Any, currency: str) -> DocumentIdentity:
    debtor_id, number, issued, minor = row
    return DocumentIdentity(debtor_id or 0, number, issued, minor, currency)
