"""The entries of a month as the factor's accountant takes them, line by line."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import date

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from cessio.closing.formats.fec import Entry
from cessio.closing.models import ClosedDay
from cessio.kernel.calendar import Period, business_date
from cessio.kernel.errors import Conflict
from cessio.ledger import AccountKind, TransactionKind

#: The euro books; those of other currencies are kept apart and converted by their accountant.
_ENTRIES = text("""
    WITH head AS MATERIALIZED (
      SELECT tx.id, coalesce(undone.kind, tx.kind) AS kind, tx.reverses_id IS NOT NULL AS reverses,
             tx.booked_on
        FROM ledger_transaction AS tx
        LEFT JOIN ledger_transaction AS undone ON undone.id = tx.reverses_id
       WHERE tx.booked_on BETWEEN :since AND :until
    )
    SELECT dense_rank() OVER (ORDER BY head.booked_on, head.id) AS number, head.id, head.kind,
           head.reverses, head.booked_on, account.kind AS account,
           CASE WHEN account.debtor_id IS NOT NULL
                THEN coalesce(owing.siren, owing.vat_number, owing.registration_number,
                              'D' || account.debtor_id)
                WHEN account.contract_id IS NOT NULL THEN client.code
                WHEN account.bank_id IS NOT NULL THEN lpad(account.bank_id::text, 3, '0') END,
           coalesce(owing.name, company.name, bank.name),
           receivable.number, receivable.issue_date, entry.amount_minor
      FROM head
      JOIN ledger_entry AS entry ON entry.transaction_id = head.id
      JOIN ledger_account AS account ON account.id = entry.account_id AND account.currency = 'EUR'
      LEFT JOIN receivable ON receivable.id = entry.receivable_id
      LEFT JOIN debtor ON debtor.id = account.debtor_id
      LEFT JOIN company AS owing ON owing.id = debtor.company_id
      LEFT JOIN contract ON contract.id = account.contract_id
      LEFT JOIN client ON client.id = contract.client_id
      LEFT JOIN company ON company.id = client.company_id
      LEFT JOIN factor_account AS bank ON bank.id = account.bank_id
     ORDER BY 1, entry.id
""")


def entries_of_month(session: Session, period: Period) -> Iterator[Entry]:
    """Every line in euros of a month whose days are closed, in the order of the books.

    Raises ``Conflict`` before the month's last day is closed.
    """
    last = session.scalar(select(func.max(ClosedDay.on)))
    if last is None or last < period.end:
        raise Conflict(
            "entries_not_valid", "entries are validated when their day is closed, and the last day"
            " of this month is not: ask again then",
        )  # fmt: skip
    days = session.execute(
        select(ClosedDay.on, ClosedDay.closed_at)
        .where(ClosedDay.on >= period.start)
        .order_by(ClosedDay.on)
    ).all()
    closed, valid = [on for on, _at in days], [business_date(at) for _on, at in days]
    return _read(session, period, closed, valid)


def _read(
    session: Session, period: Period, closed: list[date], valid: list[date]
) -> Iterator[Entry]:
    rows = session.execute(
        _ENTRIES, {"since": period.start, "until": period.end},
        execution_options={"yield_per": 5_000},
    )  # fmt: skip
    for number, id_, kind, reverses, on, account, code, name, piece, piece_on, minor in rows:
        yield Entry(
            number, id_, TransactionKind(kind), reverses, on,
            valid[bisect_left(closed, on)], AccountKind(account), code, name, piece, piece_on,
            minor,
        )  # fmt: skip
