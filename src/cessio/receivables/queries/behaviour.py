"""How a debtor pays: by month, how much and how late, over all its clients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class PaidMonth:
    """What a debtor paid in a month of one currency; days late are weighted by amount."""

    month: date
    currency: str
    paid_minor: int
    late_minor: int
    days_late: Decimal


#: A reversal counts against the month of the reversal with the kind it undoes.
_PAID = """
    SELECT date_trunc('month', head.booked_on)::date AS month, contract.currency,
           sum(-entry.amount_minor)::bigint AS paid,
           coalesce(sum(-entry.amount_minor)
             FILTER (WHERE head.booked_on > invoice.due_date), 0)::bigint AS late,
           round(sum(-entry.amount_minor * (head.booked_on - invoice.due_date))::numeric
             / sum(-entry.amount_minor), 1) AS days_late
      FROM receivable AS invoice
      JOIN contract ON contract.id = invoice.contract_id
      JOIN ledger_entry AS entry ON entry.receivable_id = invoice.id
      JOIN ledger_transaction AS head ON head.id = entry.transaction_id
      LEFT JOIN ledger_transaction AS undone ON undone.id = head.reverses_id
     WHERE invoice.debtor_id = :debtor_id AND invoice.kind = 'invoice'
       AND coalesce(undone.kind, head.kind) IN ('CASH_APPLICATION', 'DIRECT_PAYMENT')
     GROUP BY 1, 2
    HAVING sum(-entry.amount_minor) > 0
     ORDER BY 1 DESC, 2
     LIMIT :most
"""


def paid_months(session: Session, *, debtor_id: int, most: int = 12) -> tuple[PaidMonth, ...]:
    """The months in which a debtor paid, latest first."""
    rows = session.execute(text(_PAID), {"debtor_id": debtor_id, "most": most})
    return tuple(
        PaidMonth(row.month, row.currency, row.paid, row.late, row.days_late) for row in rows
    )


@dataclass(frozen=True, slots=True)
class PaidBracket:
    """What a debtor paid lately on invoices of one size; ``upto_minor`` None: no upper end."""

    from_minor: int
    upto_minor: int | None
    currency: str
    invoice_count: int
    paid_minor: int
    days_late: Decimal


#: Sizes of invoices, in minor units, that payment behaviour is told by.
BRACKETS = (0, 1_000_00, 5_000_00, 20_000_00)

_PAID_BY_AMOUNT = """
    SELECT width_bucket(invoice.amount_minor, CAST(:brackets AS bigint[])) AS bracket,
           contract.currency, count(DISTINCT invoice.id) AS invoices,
           sum(-entry.amount_minor)::bigint AS paid,
           round(sum(-entry.amount_minor * (head.booked_on - invoice.due_date))::numeric
             / sum(-entry.amount_minor), 1) AS days_late
      FROM receivable AS invoice
      JOIN contract ON contract.id = invoice.contract_id
      JOIN ledger_entry AS entry ON entry.receivable_id = invoice.id
      JOIN ledger_transaction AS head ON head.id = entry.transaction_id
      LEFT JOIN ledger_transaction AS undone ON undone.id = head.reverses_id
     WHERE invoice.debtor_id = :debtor_id AND invoice.kind = 'invoice'
       AND head.booked_on >= :since
       AND coalesce(undone.kind, head.kind) IN ('CASH_APPLICATION', 'DIRECT_PAYMENT')
     GROUP BY 1, 2
    HAVING sum(-entry.amount_minor) > 0
     ORDER BY 2, 1
"""


def paid_by_amount(session: Session, *, debtor_id: int, since: date) -> tuple[PaidBracket, ...]:
    """How late a debtor paid since a day, by the size of its invoices."""
    facts = {"debtor_id": debtor_id, "since": since, "brackets": list(BRACKETS)}
    ends = (*BRACKETS[1:], None)
    return tuple(
        PaidBracket(BRACKETS[row.bracket - 1], ends[row.bracket - 1], row.currency, row.invoices,
                    row.paid, row.days_late)
        for row in session.execute(text(_PAID_BY_AMOUNT), facts)
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a debtor owes under one contract; amounts signed, in its currency."""

    contract_id: int
    contract_reference: str
    client_name: str
    currency: str
    outstanding_minor: int
    overdue_minor: int
    invoice_count: int


_OWED = """
    SELECT contract.id, contract.reference, company.name, contract.currency,
           sum(receivable.open_minor)::bigint,
           coalesce(sum(receivable.open_minor)
             FILTER (WHERE receivable.open_minor > 0 AND receivable.due_date < :on), 0)::bigint,
           count(*) FILTER (WHERE receivable.open_minor > 0)
      FROM receivable
      JOIN contract ON contract.id = receivable.contract_id
      JOIN client ON client.id = contract.client_id
      JOIN company ON company.id = client.company_id
     WHERE receivable.debtor_id = :debtor_id AND receivable.closed_on IS NULL
     GROUP BY contract.id, company.name
     ORDER BY 5 DESC, contract.id
"""


def debtor_exposure(session: Session, *, debtor_id: int, on: date) -> tuple[Exposure, ...]:
    """What a debtor owes, contract by contract over all clients, most first."""
    rows = session.execute(text(_OWED), {"debtor_id": debtor_id, "on": on})
    return tuple(Exposure(*row) for row in rows)
