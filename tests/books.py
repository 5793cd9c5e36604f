"""Small books for tests of what stands on contracts: a client, debtors, a contract, receivables.

Receivables are inserted as an assignment leaves them, without its ledger entries.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import count
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cessio.contracts import Product, product_defaults, sign_contract
from cessio.contracts.models import Contract
from cessio.parties.models import Client, Company, Debtor
from cessio.receivables.models import Dispute, Receivable

BY = "job:books"
SIGNED = date(2026, 1, 1)
EARLY = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Pair:
    """One debtor under one contract."""

    contract_id: int
    client_id: int
    debtor_id: int


def new_company(session: Session, name: str) -> int:
    company = Company(name=name, name_key=name.lower(), registration_number=f"T{next(_numbers)}")
    session.add(company)
    session.flush()
    return company.id


def new_client(session: Session, name: str = "Alpha") -> int:
    client = Client(company_id=new_company(session, name), code=f"C{next(_numbers):05d}",
                    created_at=EARLY, created_by=BY)  # fmt: skip
    session.add(client)
    session.flush()
    return client.id


def new_debtor(session: Session, name: str = "Delta") -> int:
    debtor = Debtor(company_id=new_company(session, name), created_at=EARLY, created_by=BY)
    session.add(debtor)
    session.flush()
    return debtor.id


def new_contract(session: Session, client_id: int | None = None, **terms: Any) -> int:
    """A full-service contract signed on 1 January 2026, its usual terms but for some."""
    return sign_contract(
        session, client_id=client_id or new_client(session), product=Product.FULL,
        terms=product_defaults(Product.FULL, **terms), signed_on=SIGNED, by=BY, at=EARLY,
    )  # fmt: skip


def new_pair(session: Session, **terms: Any) -> Pair:
    client_id = new_client(session)
    return Pair(new_contract(session, client_id, **terms), client_id, new_debtor(session))


def pair_under(session: Session, contract_id: int, debtor_id: int) -> Pair:
    """A debtor under a contract that is there already."""
    [client_id] = session.scalars(select(Contract.client_id).where(Contract.id == contract_id))
    return Pair(contract_id, client_id, debtor_id)


def new_invoice(
    session: Session, pair: Pair, number: str, amount_minor: int, *, due_date: date,
    issue_date: date = date(2026, 1, 2), assigned_on: date = date(2026, 1, 5),
    open_minor: int | None = None, kind: str = "invoice", assigned_at: datetime | None = None,
) -> int:  # fmt: skip
    open_now = amount_minor if open_minor is None else open_minor
    receivable = Receivable(
        contract_id=pair.contract_id, client_id=pair.client_id, debtor_id=pair.debtor_id,
        kind=kind, number=number, number_key=number.upper(), issue_date=issue_date,
        due_date=due_date, amount_minor=amount_minor, open_minor=open_now,
        assigned_on=assigned_on,
        assigned_at=assigned_at or datetime.combine(assigned_on, time(9), UTC),
        closed_on=None if open_now else assigned_on,
    )  # fmt: skip
    session.add(receivable)
    session.flush()
    return receivable.id


def pay(session: Session, receivable_id: int, amount_minor: int, on: date) -> None:
    """Take an amount off an invoice as cash application leaves it (negative: undone)."""
    receivable = session.get_one(Receivable, receivable_id)
    receivable.open_minor -= amount_minor
    receivable.closed_on = None if receivable.open_minor else on
    session.flush()


def dispute(
    session: Session, receivable_id: int, amount_minor: int, on: date, at: datetime = EARLY
) -> int:
    receivable = session.get_one(Receivable, receivable_id)
    row = Dispute(
        receivable_id=receivable_id, contract_id=receivable.contract_id, amount_minor=amount_minor,
        reason="quality", opened_at=at, opened_on=on, opened_by=BY,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def lose(session: Session, table: str, which: str = "true", **facts: Any) -> None:
    """Rows are gone as no operation can make them go: the database's own refusal is set aside."""
    session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    session.execute(text(f"DELETE FROM {table} WHERE {which}"), facts)
    session.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
