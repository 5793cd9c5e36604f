"""How a debtor pays: by month, how much and how late, over all its clients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

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


#: Invoices that payments lately may have been for: open ones, and those closed since. Of a very
#: large debtor the latest ones closed, so that the cost is bounded (``MOST_INVOICES`` of each).
_RECENT = """
    WITH recent AS (
      (SELECT id, contract_id, amount_minor, issue_date, due_date, reversed_at FROM receivable
        WHERE debtor_id = :debtor_id AND kind = 'invoice' AND closed_on IS NULL LIMIT :bound)
      UNION ALL
      (SELECT id, contract_id, amount_minor, issue_date, due_date, reversed_at FROM receivable
        WHERE debtor_id = :debtor_id AND kind = 'invoice' AND closed_on >= :closed_since
        ORDER BY closed_on DESC LIMIT :bound)
    )
"""
MOST_INVOICES = 5_000

#: A reversal counts against the month of the reversal with the kind it undoes.
_PAID = f"""
    {_RECENT}
    SELECT date_trunc('month', head.booked_on)::date AS month, contract.currency,
           sum(-entry.amount_minor)::bigint AS paid,
           coalesce(sum(-entry.amount_minor)
             FILTER (WHERE head.booked_on > invoice.due_date), 0)::bigint AS late,
           round(sum(-entry.amount_minor * (head.booked_on - invoice.due_date))::numeric
             / sum(-entry.amount_minor), 1) AS days_late
      FROM recent AS invoice
      JOIN contract ON contract.id = invoice.contract_id
      JOIN ledger_entry AS entry ON entry.receivable_id = invoice.id
      JOIN ledger_transaction AS head ON head.id = entry.transaction_id
      LEFT JOIN ledger_transaction AS undone ON undone.id = head.reverses_id
     WHERE head.booked_on >= :since
       AND coalesce(undone.kind, head.kind) IN ('CASH_APPLICATION', 'DIRECT_PAYMENT')
     GROUP BY 1, 2
    HAVING sum(-entry.amount_minor) > 0
     ORDER BY 1 DESC, 2
     LIMIT :most
"""  # noqa: S608


def _lately(debtor_id: int, since: date) -> dict[str, Any]:
    """What bounds the reading: a payment since a day is of an invoice open or closed since."""
    return {"debtor_id": debtor_id, "since": since, "bound": MOST_INVOICES,
            "closed_since": since - timedelta(days=31)}  # fmt: skip


def paid_months(
    session: Session, *, debtor_id: int, since: date, most: int = 13
) -> tuple[PaidMonth, ...]:
    """The months since a day in which a debtor paid, latest first."""
    rows = session.execute(text(_PAID), {**_lately(debtor_id, since), "most": most})
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

_PAID_BY_AMOUNT = f"""
    {_RECENT}
    SELECT width_bucket(invoice.amount_minor, CAST(:brackets AS bigint[])) AS bracket,
           contract.currency, count(DISTINCT invoice.id) AS invoices,
           sum(-entry.amount_minor)::bigint AS paid,
           round(sum(-entry.amount_minor * (head.booked_on - invoice.due_date))::numeric
             / sum(-entry.amount_minor), 1) AS days_late
      FROM recent AS invoice
      JOIN contract ON contract.id = invoice.contract_id
      JOIN ledger_entry AS entry ON entry.receivable_id = invoice.id
      JOIN ledger_transaction AS head ON head.id = entry.transaction_id
      LEFT JOIN ledger_transaction AS undone ON undone.id = head.reverses_id
     WHERE head.booked_on >= :since
       AND coalesce(undone.kind, head.kind) IN ('CASH_APPLICATION', 'DIRECT_PAYMENT')
     GROUP BY 1, 2
    HAVING sum(-entry.amount_minor) > 0
     ORDER BY 2, 1
"""  # noqa: S608


def paid_by_amount(session: Session, *, debtor_id: int, since: date) -> tuple[PaidBracket, ...]:
    """How late a debtor paid since a day, by the size of its invoices."""
    facts = {**_lately(debtor_id, since), "brackets": list(BRACKETS)}
    ends = (*BRACKETS[1:], None)
    return tuple(
        PaidBracket(BRACKETS[row.bracket - 1], ends[row.bracket - 1], row.currency, row.invoices,
                    row.paid, row.days_late)
        for row in session.execute(text(_PAID_BY_AMOUNT), facts)
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cohort:
    """Invoices issued in a month, and how much of them was paid within days of the due date.

    ``last_due_on`` is the latest due date among them: a share within n days is final once n days
    have passed after it (domain.md, section 9).
    """

    month: date
    currency: str
    issued_minor: int
    paid_30_minor: int
    paid_60_minor: int
    paid_90_minor: int
    last_due_on: date

    def share(self, days: int) -> Decimal:
        """The part paid within 30, 60 or 90 days of the due date."""
        paid = {30: self.paid_30_minor, 60: self.paid_60_minor, 90: self.paid_90_minor}[days]
        return (Decimal(paid) / self.issued_minor).quantize(Decimal("0.001"))

    def is_final(self, days: int, on: date) -> bool:
        """Whether nothing paid from a day on can change that part."""
        return self.last_due_on + timedelta(days=days) < on


_COHORTS = f"""
    {_RECENT}, paid AS (
      SELECT invoice.id,
             sum(-entry.amount_minor) FILTER (WHERE head.booked_on <= invoice.due_date + 30) AS d30,
             sum(-entry.amount_minor) FILTER (WHERE head.booked_on <= invoice.due_date + 60) AS d60,
             sum(-entry.amount_minor) FILTER (WHERE head.booked_on <= invoice.due_date + 90) AS d90
        FROM recent AS invoice
        JOIN ledger_entry AS entry ON entry.receivable_id = invoice.id
        JOIN ledger_transaction AS head ON head.id = entry.transaction_id
        LEFT JOIN ledger_transaction AS undone ON undone.id = head.reverses_id
       WHERE invoice.issue_date >= :since
         AND coalesce(undone.kind, head.kind) IN ('CASH_APPLICATION', 'DIRECT_PAYMENT')
       GROUP BY invoice.id
    )
    SELECT date_trunc('month', invoice.issue_date)::date AS month, contract.currency,
           sum(invoice.amount_minor)::bigint AS issued, coalesce(sum(paid.d30), 0)::bigint,
           coalesce(sum(paid.d60), 0)::bigint, coalesce(sum(paid.d90), 0)::bigint,
           max(invoice.due_date)
      FROM recent AS invoice
      JOIN contract ON contract.id = invoice.contract_id
      LEFT JOIN paid ON paid.id = invoice.id
     WHERE invoice.issue_date >= :since AND invoice.reversed_at IS NULL
     GROUP BY 1, 2
     ORDER BY 1 DESC, 2
"""  # noqa: S608


def cohorts(session: Session, *, debtor_id: int, since: date) -> tuple[Cohort, ...]:
    """By month of issue since a day, how much a debtor paid within 30, 60 and 90 days."""
    rows = session.execute(text(_COHORTS), _lately(debtor_id, since))
    return tuple(Cohort(*row) for row in rows)


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
