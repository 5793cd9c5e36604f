"""How a debtor pays: by month, how much and how late, over all its clients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.kernel.calendar import month_start


@dataclass(frozen=True, slots=True)
class PaidMonth:
    """What a debtor paid in a month of one currency; days late are weighted by amount."""

    month: date
    currency: str
    paid_minor: int
    late_minor: int
    days_late: Decimal


@dataclass(frozen=True, slots=True)
class PaidBracket:
    """What a debtor paid lately on invoices of one size; ``upto_minor`` None: no upper end."""

    from_minor: int
    upto_minor: int | None
    currency: str
    invoice_count: int
    paid_minor: int
    days_late: Decimal


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


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How a debtor paid lately: by month of payment and by size of the invoice, and what became of
    the invoices of each month."""

    months: tuple[PaidMonth, ...]
    brackets: tuple[PaidBracket, ...]
    cohorts: tuple[Cohort, ...]


#: Sizes of invoices, in minor units, that payment behaviour is told by.
BRACKETS = (0, 1_000_00, 5_000_00, 20_000_00)
MOST_INVOICES = 5_000
_MONTHS = 13

#: Invoices that payments lately may have been for, read once: open ones, and those closed since. Of
#: a very large debtor the latest ones closed, so that the cost is bounded (``MOST_INVOICES`` of
#: each). Their payments are looked up one by one: the planner, which takes payments for rare, would
#: begin with all of the book's. A reversal counts against the month of the reversal with the kind
#: it undoes.
_BEHAVIOUR = text("""
    WITH recent AS MATERIALIZED (
      (SELECT id, contract_id, amount_minor, issue_date, due_date, reversed_at FROM receivable
        WHERE debtor_id = :debtor_id AND kind = 'invoice' AND closed_on IS NULL LIMIT :bound)
      UNION ALL
      (SELECT id, contract_id, amount_minor, issue_date, due_date, reversed_at FROM receivable
        WHERE debtor_id = :debtor_id AND kind = 'invoice' AND closed_on >= :closed_since
        ORDER BY closed_on DESC LIMIT :bound)
    ), paid AS MATERIALIZED (
      SELECT invoice.id, invoice.contract_id, invoice.amount_minor, payment.booked_on,
             payment.booked_on - invoice.due_date AS late, payment.minor
        FROM recent AS invoice
       CROSS JOIN LATERAL (
             SELECT head.booked_on, -entry.amount_minor AS minor,
                    CASE WHEN head.reverses_id IS NULL THEN head.kind ELSE (
                      SELECT kind FROM ledger_transaction AS undone
                       WHERE undone.id = head.reverses_id) END AS kind
               FROM ledger_entry AS entry
               JOIN ledger_transaction AS head ON head.id = entry.transaction_id
              WHERE entry.receivable_id = invoice.id OFFSET 0) AS payment
       WHERE payment.kind IN ('CASH_APPLICATION', 'DIRECT_PAYMENT')
    ), settled AS (
      SELECT id, sum(minor) FILTER (WHERE late <= 30) AS within_30,
             sum(minor) FILTER (WHERE late <= 60) AS within_60,
             sum(minor) FILTER (WHERE late <= 90) AS within_90
        FROM paid GROUP BY id
    )
    SELECT 'month', contract.currency, date_trunc('month', booked_on)::date, NULL::int,
           sum(minor)::bigint, coalesce(sum(minor) FILTER (WHERE late > 0), 0)::bigint,
           NULL::bigint, NULL::bigint, NULL::date, round(sum(minor * late)::numeric / sum(minor), 1)
      FROM paid JOIN contract ON contract.id = paid.contract_id
     WHERE booked_on >= :months_since GROUP BY 2, 3 HAVING sum(minor) > 0
     UNION ALL
    SELECT 'bracket', contract.currency, NULL,
           width_bucket(amount_minor, CAST(:brackets AS bigint[])), sum(minor)::bigint,
           count(DISTINCT paid.id), NULL, NULL, NULL,
           round(sum(minor * late)::numeric / sum(minor), 1)
      FROM paid JOIN contract ON contract.id = paid.contract_id
     WHERE booked_on >= :since GROUP BY 2, 4 HAVING sum(minor) > 0
     UNION ALL
    SELECT 'cohort', contract.currency, date_trunc('month', issue_date)::date, NULL,
           sum(amount_minor)::bigint, coalesce(sum(within_30), 0)::bigint,
           coalesce(sum(within_60), 0)::bigint, coalesce(sum(within_90), 0)::bigint,
           max(due_date), NULL
      FROM recent JOIN contract ON contract.id = recent.contract_id
      LEFT JOIN settled ON settled.id = recent.id
     WHERE issue_date >= :months_since AND reversed_at IS NULL GROUP BY 2, 3
     ORDER BY 1, 3 DESC, 2, 4
""")


def payment_behaviour(session: Session, *, debtor_id: int, since: date) -> Behaviour:
    """How a debtor paid since a day (whole months of it), latest months first."""
    months_since = month_start(since)
    facts = {
        "debtor_id": debtor_id, "since": since, "months_since": months_since,
        "closed_since": months_since - timedelta(days=31), "bound": MOST_INVOICES,
        "brackets": list(BRACKETS),
    }  # fmt: skip
    months: list[PaidMonth] = []
    brackets: list[PaidBracket] = []
    cohorts: list[Cohort] = []
    ends = (*BRACKETS[1:], None)
    for row in session.execute(_BEHAVIOUR, facts):
        kind, currency, month, size, minor, first, second, third, last, days = row
        match kind:
            case "month":
                months.append(PaidMonth(month, currency, minor, first, days))
            case "bracket":
                low, high = BRACKETS[size - 1], ends[size - 1]
                brackets.append(PaidBracket(low, high, currency, first, minor, days))
            case _:
                cohorts.append(Cohort(month, currency, minor, first, second, third, last))
    return Behaviour(tuple(months[:_MONTHS]), tuple(brackets), tuple(cohorts))


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
