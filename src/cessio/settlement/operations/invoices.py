"""Fee invoices: a month's commissions of each contract, under numbers without a gap."""

from __future__ import annotations

from datetime import date, datetime
from itertools import groupby

from sqlalchemy import insert
from sqlalchemy.orm import Session

from cessio import audit
from cessio.kernel.calendar import business_date, month_end, month_start
from cessio.kernel.errors import Conflict
from cessio.settlement import queries
from cessio.settlement.models import FeeInvoice, FeeInvoiceLine


class MonthNotOver(Conflict):
    """A month is invoiced once it is over."""


def issue_fee_invoices(session: Session, *, month: date, by: str, at: datetime) -> tuple[str, ...]:
    """Invoice what each contract was charged up to the end of a month; the numbers given.

    A charge is invoiced once: one booked late, or reversed, is on the next invoice, and what sums
    to less than nothing is a credit note. Safe to run twice. Raises ``MonthNotOver``.
    """
    start, end, on = month_start(month), month_end(month), business_date(at)
    if end >= on:
        raise MonthNotOver("month_not_over", "{on} is not over yet", on=end.isoformat())
    sequence = queries.next_sequence(session, year=on.year)
    issued = []
    found = queries.not_invoiced(session, to_on=end)
    for contract_id, group in groupby(found, key=lambda line: line.contract_id):
        lines = list(group)
        net, vat, exempt = (
            sum(getattr(line, name) for line in lines)
            for name in ("net_minor", "vat_minor", "exempt_minor")
        )
        invoice = FeeInvoice(
            number=f"F{on.year}-{sequence:06d}", year=on.year, sequence=sequence,
            kind="invoice" if net + vat + exempt >= 0 else "credit_note",
            contract_id=contract_id, client_id=lines[0].client_id, from_on=start, to_on=end,
            currency=lines[0].currency, net_minor=net, vat_minor=vat, exempt_minor=exempt,
            issued_on=on, issued_at=at, issued_by=by,
        )  # fmt: skip
        session.add(invoice)
        session.flush()
        _keep_lines(session, invoice, lines)
        audit.record(
            session, verb="fee_invoice.issue", subject_kind="fee_invoice", subject_id=invoice.id,
            after={"number": invoice.number, "total_minor": net + vat + exempt}, by=by, at=at,
            client_id=invoice.client_id,
        )  # fmt: skip
        issued.append(invoice.number)
        sequence += 1
    return tuple(issued)


def _keep_lines(session: Session, invoice: FeeInvoice, lines: list[queries.ChargedLine]) -> None:
    session.execute(
        insert(FeeInvoiceLine),
        [
            {
                "invoice_id": invoice.id, "transaction_id": line.transaction_id,
                "net_minor": line.net_minor, "vat_minor": line.vat_minor,
                "exempt_minor": line.exempt_minor,
            }
            for line in lines
        ],
    )  # fmt: skip
