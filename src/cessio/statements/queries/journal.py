"""The entries of a contract's account as its client's accountant posts them, and on what."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract
from cessio.kernel.calendar import end_of_day, start_of_day
from cessio.ledger import AccountKind
from cessio.statements.models import ClientChart
from cessio.statements.rules import (
    DEFAULT_CHART,
    BookedEntry,
    Chart,
    ChartAccount,
    JournalLine,
    NotInEuros,
    check_period,
    journal,
)

# The whole of each transaction that moved the client's accounts; entries of one receivable in one
# transaction are one line, and what nets out is none.
_ENTRIES = """
    WITH own AS MATERIALIZED (
      SELECT id FROM ledger_account
       WHERE contract_id = :contract AND kind IN ('CLIENT_CURRENT', 'RETENTION_FUND')
    ), head AS MATERIALIZED (
      SELECT tx.* FROM ledger_transaction AS tx
       WHERE tx.contract_id = :contract AND tx.recorded_at >= :since AND tx.recorded_at < :until
         AND EXISTS (SELECT FROM ledger_entry AS entry
                      WHERE entry.transaction_id = tx.id
                        AND entry.account_id IN (SELECT id FROM own))
    )
    SELECT head.id, head.kind, undone.kind, head.booked_on, head.memo, account.kind,
           sum(entry.amount_minor)::bigint, receivable.number, receivable.issue_date,
           coalesce(company.siren, company.vat_number, company.registration_number), company.name
      FROM head
      JOIN ledger_entry AS entry ON entry.transaction_id = head.id
      JOIN ledger_account AS account ON account.id = entry.account_id
      LEFT JOIN ledger_transaction AS undone ON undone.id = head.reverses_id
      LEFT JOIN receivable ON receivable.id = entry.receivable_id
      LEFT JOIN debtor ON debtor.id = receivable.debtor_id
      LEFT JOIN company ON company.id = debtor.company_id
     WHERE account.contract_id = :contract OR account.contract_id IS NULL
     GROUP BY head.id, head.kind, undone.kind, head.booked_on, head.memo, head.recorded_at,
              account.kind, receivable.id, company.id
    HAVING sum(entry.amount_minor) <> 0
     ORDER BY head.booked_on, head.recorded_at, head.id, account.kind, receivable.number,
              receivable.id
"""


def client_journal(
    session: Session, *, contract_id: int, from_on: date, to_on: date
) -> tuple[JournalLine, ...]:
    """The client's journal of a contract over a period, transaction by transaction.

    Raises ``PeriodError``, and ``NotInEuros`` for a contract in another currency.
    """
    check_period(from_on, to_on)
    currency = session.scalar(select(Contract.currency).where(Contract.id == contract_id))
    if currency != "EUR":
        raise NotInEuros(
            "journal_in_euros",
            "a journal (FEC) is kept in euros and this contract in {currency}: "
            "post it from the statement, at your own rate", currency=currency,
        )  # fmt: skip
    days = {"since": start_of_day(from_on), "until": end_of_day(to_on)}
    rows = session.execute(text(_ENTRIES), {"contract": contract_id, **days})
    return journal(
        BookedEntry(
            transaction_id=row[0], kind=row[1], reversed_kind=row[2], booked_on=row[3],
            memo=row[4], account=AccountKind(row[5]), amount_minor=row[6], number=row[7],
            issued_on=row[8], debtor_code=row[9], debtor_name=row[10],
        )
        for row in rows
    )  # fmt: skip


def client_chart(session: Session, *, client_id: int) -> Chart:
    """The account numbers a client's accountant posts on: those last set, else the usual ones."""
    found = session.scalars(
        select(ClientChart)
        .where(ClientChart.client_id == client_id)
        .order_by(ClientChart.id.desc())
        .limit(1)
    ).first()
    if found is None:
        return DEFAULT_CHART
    return Chart(found.journal, {one: getattr(found, one.value) for one in ChartAccount})
