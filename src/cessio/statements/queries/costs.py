"""What a contract cost its client, month by month, from the same entries as its statement."""

from __future__ import annotations

from datetime import date

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import DATE
from sqlalchemy.orm import Session

from cessio.kernel.calendar import month_end, months
from cessio.ledger import TransactionKind
from cessio.statements.rules import MonthCost

#: Each movement of the current account with its tax; a reversal counts with what it reverses.
_POSTED = text("""
    SELECT date_trunc('month', head.booked_on)::date, coalesce(undone.kind, head.kind),
           sum(mine.amount_minor)::bigint, coalesce(-sum(vat.amount_minor), 0)::bigint,
           coalesce(sum(mine.amount_minor)
                    FILTER (WHERE coalesce(undone.effect, head.effect) = 'adjustment'), 0)::bigint
      FROM ledger_account AS account
      JOIN ledger_entry AS mine ON mine.account_id = account.id
      JOIN ledger_transaction AS head ON head.id = mine.transaction_id
      LEFT JOIN ledger_transaction AS undone ON undone.id = head.reverses_id
      LEFT JOIN LATERAL (
           SELECT sum(entry.amount_minor) AS amount_minor
             FROM ledger_entry AS entry JOIN ledger_account AS its ON its.id = entry.account_id
            WHERE entry.transaction_id = head.id AND its.kind = 'VAT_COLLECTED'
              AND coalesce(undone.kind, head.kind)
                  IN ('COMMISSION', 'ANNUAL_MINIMUM', 'SERVICE_FEE')
           ) AS vat ON true
     WHERE account.contract_id = :contract AND account.kind = 'CLIENT_CURRENT'
       AND coalesce(undone.kind, head.kind) IN
           ('COMMISSION', 'ANNUAL_MINIMUM', 'SERVICE_FEE', 'FINANCING_COMMISSION')
       AND head.booked_on BETWEEN :from_on AND :to_on
     GROUP BY 1, 2
""").bindparams(bindparam("from_on", type_=DATE), bindparam("to_on", type_=DATE))

#: What the factoring commission is a share of: invoices before their credit notes.
_INVOICES = text("""
    SELECT date_trunc('month', receipt.assigned_at AT TIME ZONE 'Europe/Paris')::date,
           sum(remittance.invoices_minor)::bigint
      FROM remittance JOIN subrogation_receipt AS receipt ON receipt.remittance_id = remittance.id
     WHERE remittance.contract_id = :contract AND remittance.state = 'assigned'
       AND (receipt.assigned_at AT TIME ZONE 'Europe/Paris')::date BETWEEN :from_on AND :to_on
     GROUP BY 1
""").bindparams(bindparam("from_on", type_=DATE), bindparam("to_on", type_=DATE))

_IN_USE = text("""
    SELECT date_trunc('month', day)::date, count(*), sum(base_minor)::bigint,
           min(rate), max(rate)
      FROM financing_day
     WHERE contract_id = :contract AND day BETWEEN :from_on AND :to_on
     GROUP BY 1
""").bindparams(bindparam("from_on", type_=DATE), bindparam("to_on", type_=DATE))

#: Nothing was charged, no VAT, nothing corrected.
_NOTHING = (0, 0, 0)


def monthly_costs(
    session: Session, *, contract_id: int, from_on: date, to_on: date
) -> tuple[MonthCost, ...]:
    """The cost of every calendar month that a period touches, the first one first.

    Amounts are signed for the client: a cost is positive.
    """
    start, end = from_on.replace(day=1), month_end(to_on)
    asked = {"contract": contract_id, "from_on": start, "to_on": end}
    posted: dict[tuple[date, str], tuple[int, int, int]] = {
        (first, kind): (amount, vat, adjusted)
        for first, kind, amount, vat, adjusted in session.execute(_POSTED, asked)
    }
    invoices = {row[0]: int(row[1]) for row in session.execute(_INVOICES, asked)}
    in_use = {row[0]: row for row in session.execute(_IN_USE, asked)}
    found = []
    for month in months(start, end):
        fee, fee_vat, _ = posted.get((month.start, TransactionKind.COMMISSION.value), _NOTHING)
        least, least_vat, _ = posted.get(
            (month.start, TransactionKind.ANNUAL_MINIMUM.value), _NOTHING
        )
        served, served_vat, _ = posted.get(
            (month.start, TransactionKind.SERVICE_FEE.value), _NOTHING
        )
        day_count, numbers, low, high = (in_use.get(month.start) or (None, 0, 0, None, None))[1:]
        financing = posted.get((month.start, TransactionKind.FINANCING_COMMISSION.value), _NOTHING)
        found.append(
            MonthCost(
                first=month.start, invoices_minor=invoices.get(month.start, 0),
                commission_minor=fee - fee_vat,
                minimum_minor=least - least_vat, fees_minor=served - served_vat,
                vat_minor=fee_vat + least_vat + served_vat,
                financing_minor=financing[0], adjusted_minor=financing[2], day_count=day_count,
                numbers_minor=int(numbers), lowest_rate=low, highest_rate=high,
            )
        )  # fmt: skip
    return tuple(found)
