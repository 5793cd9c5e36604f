"""Reading fee invoices: what each is made of, which have their paper, and who may read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract
from cessio.kernel.errors import NotFound
from cessio.kernel.ids import lock_key
from cessio.kernel.paging import Page, PageRequest, page_of
from cessio.parties.models import Client, Company
from cessio.settlement.models import FeeInvoice
from cessio.statements.models import FeeInvoicePaper


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of a fee invoice: the transaction that charged it; exempt of VAT is financing."""

    booked_on: date
    kind: str
    reversed_kind: str | None
    memo: str | None
    net_minor: int
    vat_minor: int
    exempt_minor: int


@dataclass(frozen=True, slots=True)
class FeeInvoiceRow:
    """A fee invoice, or a credit note below zero; ``document_id`` None: its paper is being made."""

    id: int
    number: str
    kind: str
    contract_id: int
    reference: str
    client_id: int
    client_name: str
    client_vat: str | None
    from_on: date
    to_on: date
    currency: str
    net_minor: int
    vat_minor: int
    exempt_minor: int
    issued_on: date
    document_id: int | None
    verification_code: str | None
    made_at: datetime | None

    @property
    def total_minor(self) -> int:
        """What was debited."""
        return self.net_minor + self.vat_minor + self.exempt_minor


@dataclass(frozen=True, slots=True)
class MonthSum:
    """What a month's fee invoices come to, in one currency."""

    currency: str
    count: int
    net_minor: int
    vat_minor: int
    exempt_minor: int
    total_minor: int


_CHARGES = text("""
    SELECT head.booked_on, head.kind, undone.kind, coalesce(undone.memo, head.memo),
           line.net_minor, line.vat_minor, line.exempt_minor
      FROM fee_invoice_line AS line
      JOIN ledger_transaction AS head ON head.id = line.transaction_id
      LEFT JOIN ledger_transaction AS undone ON undone.id = head.reverses_id
     WHERE line.invoice_id = :invoice
     ORDER BY head.booked_on, head.id
""")


def charges(session: Session, invoice_id: int) -> tuple[Charge, ...]:
    """The lines of an invoice, in the order in which they were charged."""
    return tuple(Charge(*row) for row in session.execute(_CHARGES, {"invoice": invoice_id}))


def unprinted(
    session: Session, *, after: int, limit: int, month: date | None = None
) -> tuple[int, ...]:
    """Invoices that have no paper yet, the oldest first; those of a month by its last day."""
    query = (
        select(FeeInvoice.id)
        .outerjoin(FeeInvoicePaper, FeeInvoicePaper.invoice_id == FeeInvoice.id)
        .where(FeeInvoicePaper.invoice_id.is_(None), FeeInvoice.id > after)
    )
    if month is not None:
        query = query.where(FeeInvoice.to_on == month)
    return tuple(session.scalars(query.order_by(FeeInvoice.id).limit(limit)))


def lock_printing(session: Session, invoice_id: int) -> None:
    """Nobody else prints this invoice before we end."""
    session.execute(select(func.pg_advisory_xact_lock(lock_key("fee_invoice_paper", invoice_id))))


def fee_invoice(
    session: Session, invoice_id: int, *, client_id: int | None = None
) -> FeeInvoiceRow:
    """One invoice; ``client_id`` is who may see it. Raises ``NotFound``."""
    query = _rows().where(FeeInvoice.id == invoice_id)
    if client_id is not None:
        query = query.where(FeeInvoice.client_id == client_id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("fee_invoice_unknown", "there is no such invoice")
    return FeeInvoiceRow(*row)


def fee_invoice_of_code(session: Session, *, code: str) -> FeeInvoiceRow | None:
    """The invoice whose paper bears a verification code."""
    query = _rows().where(FeeInvoicePaper.verification_code == code)
    row = session.execute(query.order_by(FeeInvoice.id).limit(1)).one_or_none()
    return FeeInvoiceRow(*row) if row is not None else None


def fee_invoices_of(
    session: Session, *, contract_id: int, limit: int = 24
) -> tuple[FeeInvoiceRow, ...]:
    """A contract's invoices, latest first."""
    query = _rows().where(FeeInvoice.contract_id == contract_id).order_by(FeeInvoice.id.desc())
    return tuple(FeeInvoiceRow(*row) for row in session.execute(query.limit(limit)))


def fee_invoices(
    session: Session, request: PageRequest, *, month: date | None = None
) -> Page[FeeInvoiceRow]:
    """Invoices of all clients, latest first; of what was charged in a month ending then."""
    query = _rows() if month is None else _rows().where(FeeInvoice.to_on == month)
    key = int(str(request.key[0])) if request.key else None
    if key is not None:
        query = query.where(FeeInvoice.id > key if request.backwards else FeeInvoice.id < key)
    order = FeeInvoice.id if request.backwards else FeeInvoice.id.desc()
    rows = session.execute(query.order_by(order).limit(request.fetch)).all()
    return page_of([FeeInvoiceRow(*row) for row in rows], request, lambda one: (one.id,))


def month_sums(session: Session, *, month: date | None = None) -> tuple[MonthSum, ...]:
    """What they come to, by currency."""
    model = FeeInvoice
    sums = [func.sum(column) for column in (model.net_minor, model.vat_minor, model.exempt_minor)]
    query = select(model.currency, func.count(), *sums).group_by(model.currency)
    if month is not None:
        query = query.where(model.to_on == month)
    found = []
    for row in session.execute(query.order_by(model.currency)):
        net, vat, exempt = (int(minor) for minor in row[2:])
        found.append(MonthSum(row[0], row[1], net, vat, exempt, net + vat + exempt))
    return tuple(found)


def invoiced_months(session: Session, *, limit: int = 24) -> tuple[date, ...]:
    """The last days of the months that have invoices, latest first."""
    query = select(FeeInvoice.to_on).distinct().order_by(FeeInvoice.to_on.desc()).limit(limit)
    return tuple(session.scalars(query))


def _rows() -> Select[*tuple[Any, ...]]:
    model = FeeInvoice
    return (
        select(
            model.id, model.number, model.kind, model.contract_id, Contract.reference,
            model.client_id, Company.name, Company.vat_number, model.from_on, model.to_on,
            model.currency, model.net_minor, model.vat_minor, model.exempt_minor, model.issued_on,
            FeeInvoicePaper.document_id, FeeInvoicePaper.verification_code,
            FeeInvoicePaper.made_at,
        )
        .join(Contract, Contract.id == model.contract_id)
        .join(Client, Client.id == model.client_id)
        .join(Company, Company.id == Client.company_id)
        .outerjoin(FeeInvoicePaper, FeeInvoicePaper.invoice_id == model.id)
    )  # fmt: skip
