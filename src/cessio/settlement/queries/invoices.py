"""Fee invoices: what is not invoiced yet, and the next number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from cessio.kernel.ids import lock_key
from cessio.settlement.models import FeeInvoice


@dataclass(frozen=True, slots=True)
class ChargedLine:
    """A ledger transaction that charged a client: before VAT, VAT, and exempt of it (financing)."""

    contract_id: int
    client_id: int
    currency: str
    transaction_id: int
    net_minor: int
    vat_minor: int
    exempt_minor: int


_CHARGED = text("""
    SELECT head.contract_id, contract.client_id, contract.currency, head.id,
           -coalesce(sum(entry.amount_minor) FILTER (WHERE account.kind = 'FEE_INCOME'), 0)::bigint,
           -coalesce(sum(entry.amount_minor)
                     FILTER (WHERE account.kind = 'VAT_COLLECTED'), 0)::bigint,
           -coalesce(sum(entry.amount_minor)
                     FILTER (WHERE account.kind = 'INTEREST_INCOME'), 0)::bigint
      FROM ledger_transaction AS head
      JOIN contract ON contract.id = head.contract_id
      JOIN ledger_entry AS entry ON entry.transaction_id = head.id
      JOIN ledger_account AS account ON account.id = entry.account_id
       AND account.kind IN ('FEE_INCOME', 'VAT_COLLECTED', 'INTEREST_INCOME')
     WHERE (head.booked_on <= :to_on OR head.value_date <= :to_on)
       AND NOT EXISTS (SELECT 1 FROM fee_invoice_line AS line WHERE line.transaction_id = head.id)
     GROUP BY 1, 2, 3, 4 ORDER BY 1, 4
""")


def not_invoiced(session: Session, *, to_on: date) -> list[ChargedLine]:
    """What was charged up to a day and is on no invoice, by contract, in order.

    A month's last day is settled after midnight: what it charges is of its value date.
    """
    return [ChargedLine(*row) for row in session.execute(_CHARGED, {"to_on": to_on})]


def next_sequence(session: Session, *, year: int) -> int:
    """The number after the year's last invoice; nobody else can take it before we end."""
    session.execute(select(func.pg_advisory_xact_lock(lock_key("fee_invoice", year))))
    last = session.scalar(select(func.max(FeeInvoice.sequence)).where(FeeInvoice.year == year))
    return (last or 0) + 1
