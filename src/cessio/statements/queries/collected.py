"""What debtors paid on a contract's invoices: day, amount and VAT, for the client's declaration."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.statements.rules import Collected, CollectedAs, check_period, vat_of_part, vat_rate

# A payment is declared in the period it was recorded in, under the day the money came: one that
# was received at the end of a month and applied in the next would else be in neither's list.
_COLLECTED = """
    WITH paid AS MATERIALIZED (
      SELECT entry.id, head.id AS transaction_id, head.booked_on, head.recorded_at,
             entry.receivable_id, -entry.amount_minor AS amount_minor,
             coalesce(undone.kind, head.kind) AS kind, undone.id IS NOT NULL AS taken_back,
             coalesce(undone.source_id, head.source_id) AS application_id
        FROM ledger_transaction AS head
        JOIN ledger_entry AS entry ON entry.transaction_id = head.id
        LEFT JOIN ledger_transaction AS undone ON undone.id = head.reverses_id
       WHERE head.contract_id = :contract AND head.booked_on BETWEEN :from_on AND :to_on
         AND coalesce(undone.kind, head.kind) IN ('CASH_APPLICATION', 'DIRECT_PAYMENT')
         AND entry.receivable_id IS NOT NULL
    )
    SELECT paid.transaction_id, coalesce(line.booked_on, made.applied_on, paid.booked_on),
           paid.booked_on,
           CASE WHEN paid.taken_back THEN 'taken_back'
                WHEN receivable.kind IN ('on_account', 'credit_note') THEN receivable.kind
                WHEN paid.kind = 'DIRECT_PAYMENT' THEN 'direct' ELSE 'payment' END,
           receivable.id, receivable.number,
           CASE WHEN receivable.kind <> 'on_account' THEN receivable.issue_date END,
           company.name, company.siren, paid.amount_minor, receivable.amount_minor,
           receivable.vat_minor,
           (SELECT coalesce(-sum(earlier.amount_minor), 0)::bigint
              FROM ledger_entry AS earlier
              JOIN ledger_transaction AS its ON its.id = earlier.transaction_id
              LEFT JOIN ledger_transaction AS back ON back.id = its.reverses_id
             WHERE earlier.receivable_id = paid.receivable_id AND earlier.id < paid.id
               AND coalesce(back.kind, its.kind) IN ('CASH_APPLICATION', 'DIRECT_PAYMENT'))
      FROM paid
      JOIN receivable ON receivable.id = paid.receivable_id
      JOIN debtor ON debtor.id = receivable.debtor_id
      JOIN company ON company.id = debtor.company_id
      LEFT JOIN cash_application AS made ON made.id = paid.application_id
      LEFT JOIN bank_line AS line ON line.id = made.bank_line_id
     ORDER BY 2, paid.recorded_at, paid.id
"""


def collections_to_declare(
    session: Session, *, contract_id: int, from_on: date, to_on: date
) -> tuple[Collected, ...]:
    """Payments recorded in a period, by the day the money came. Raises ``PeriodError``."""
    check_period(from_on, to_on)
    rows = session.execute(
        text(_COLLECTED), {"contract": contract_id, "from_on": from_on, "to_on": to_on}
    )
    return tuple(map(_collected, rows))


def _collected(row: Any) -> Collected:
    amount, invoice, vat, before = row[9:]
    return Collected(
        transaction_id=row[0], collected_on=row[1], booked_on=row[2], how=CollectedAs(row[3]),
        receivable_id=row[4], number=row[5], issued_on=row[6], debtor_name=row[7],
        debtor_siren=row[8], amount_minor=amount,
        vat_minor=None if vat is None
        else vat_of_part(before, amount, invoice_minor=invoice, vat_minor=vat),
        rate=None if vat is None else vat_rate(invoice, vat),
    )  # fmt: skip
