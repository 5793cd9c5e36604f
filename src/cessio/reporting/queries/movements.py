"""What the ledger moved on a contract since an instant, kind by kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.ledger import TransactionKind


@dataclass(frozen=True, slots=True)
class MovedKind:
    """Transactions of one kind: what they did to the outstanding and to the current account.

    ``undone`` are reversals of the kind. The account is in the client's sign: + when we owe it.
    """

    kind: TransactionKind
    undone: bool
    count: int
    outstanding_minor: int
    current_minor: int


_MOVED = text("""
    WITH entry AS (
      SELECT entry.transaction_id, entry.account_id, head.kind, head.reverses_id,
             sum(entry.amount_minor) AS minor
        FROM ledger_transaction AS head
        JOIN ledger_entry AS entry ON entry.transaction_id = head.id
       WHERE head.contract_id = :contract AND head.recorded_at >= :since
       GROUP BY 1, 2, 3, 4
    )
    SELECT coalesce(undone.kind, entry.kind), undone.id IS NOT NULL,
           count(DISTINCT entry.transaction_id),
           coalesce(sum(minor) FILTER (WHERE account.kind = 'RECEIVABLE'), 0)::bigint,
           coalesce(-sum(minor) FILTER (WHERE account.kind = 'CLIENT_CURRENT'), 0)::bigint
      FROM entry
      JOIN ledger_account AS account ON account.id = entry.account_id
       AND account.contract_id = :contract AND account.kind IN ('RECEIVABLE', 'CLIENT_CURRENT')
      LEFT JOIN ledger_transaction AS undone ON undone.id = entry.reverses_id
     GROUP BY 1, 2 ORDER BY 1, 2
""")


def moved_by_kind(session: Session, *, contract_id: int, since: datetime) -> tuple[MovedKind, ...]:
    """The movements of a contract recorded since an instant, by kind of transaction."""
    rows = session.execute(_MOVED, {"contract": contract_id, "since": since})
    return tuple(MovedKind(TransactionKind(row[0]), *row[1:]) for row in rows)
