"""What debtors paid on a contract lately, as its client reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cessio.cash.models import CashAllocation, CashApplication
from cessio.cash.rules import AllocationKind
from cessio.parties.models import Company, Debtor
from cessio.receivables.models import Receivable


@dataclass(frozen=True, slots=True)
class Received:
    """A payment of a debtor, applied to invoices of one contract."""

    application_id: int
    applied_on: date
    debtor_id: int
    debtor_name: str
    invoice_count: int
    amount_minor: int


def received_lately(
    session: Session, *, contract_id: int, since: date, limit: int = 10
) -> tuple[Received, ...]:
    """Payments applied to a contract's invoices since a day, latest first; undone ones left out."""
    made, part = CashApplication, CashAllocation
    rows = session.execute(
        select(
            made.id, made.applied_on, Receivable.debtor_id, Company.name, func.count(),
            func.sum(func.abs(part.amount_minor)),
        )
        .join(part, part.application_id == made.id)
        .join(Receivable, Receivable.id == part.receivable_id)
        .join(Debtor, Debtor.id == Receivable.debtor_id)
        .join(Company, Company.id == Debtor.company_id)
        .where(
            Receivable.contract_id == contract_id, made.applied_on >= since,
            made.undone_at.is_(None), made.kind != "direct",
            part.kind.in_([AllocationKind.PAYMENT.value, AllocationKind.ON_ACCOUNT.value]),
            part.amount_minor != 0,
        )
        .group_by(made.id, made.applied_on, Receivable.debtor_id, Company.name)
        .order_by(made.applied_on.desc(), made.id.desc())
        .limit(limit)
    )  # fmt: skip
    return tuple(
        Received(application, on, debtor_id, name, count, int(amount))
        for application, on, debtor_id, name, count, amount in rows
    )


@dataclass(frozen=True, slots=True)
class ReceivedSum:
    """Payments of debtors over a period: how many, and their sum."""

    count: int
    amount_minor: int


def received_since(session: Session, *, contract_id: int, since: date) -> ReceivedSum:
    """What debtors paid on a contract's invoices since a day; undone payments are left out."""
    made, part = CashApplication, CashAllocation
    amount = func.coalesce(func.sum(func.abs(part.amount_minor)), 0)
    count, total = session.execute(
        select(func.count(made.id.distinct()), amount)
        .join(part, part.application_id == made.id)
        .join(Receivable, Receivable.id == part.receivable_id)
        .where(
            Receivable.contract_id == contract_id, made.applied_on >= since,
            made.undone_at.is_(None), made.kind != "direct",
            part.kind.in_([AllocationKind.PAYMENT.value, AllocationKind.ON_ACCOUNT.value]),
        )
    ).one()  # fmt: skip
    return ReceivedSum(count, int(total))
