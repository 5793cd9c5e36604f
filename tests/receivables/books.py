"""A contract of Alpha's and one of Bravo's, and short ways to assign under them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session
from tests.people import People, settle_in

from cessio.contracts import Product, product_defaults, sign_contract
from cessio.receivables import operations
from cessio.receivables.operations import Assignment, NewDocument


@dataclass(frozen=True, slots=True)
class Book:
    """Everybody, and the contracts of Alpha and Bravo."""

    people: People
    alpha: int
    bravo: int

    @property
    def by(self) -> str:
        return self.people.gilles.by


def open_book(session: Session, at: datetime, **terms: Any) -> Book:
    """Two full-service contracts with a facility of a million; ``terms`` change both."""
    people = settle_in(session, at=at)
    agreed = product_defaults(Product.FULL, **{"facility_limit_minor": 100_000_000, **terms})
    alpha, bravo = (
        sign_contract(session, client_id=client.id, product=Product.FULL, terms=agreed,
                      signed_on=date(2026, 1, 1), by="system:setup", at=at)
        for client in (people.alpha, people.bravo)
    )  # fmt: skip
    return Book(people, alpha, bravo)


def invoice(book: Book, number: str, minor: int, *, on: date = date(2026, 11, 2), days: int = 45,
            debtor: str = "durand", **more: Any) -> NewDocument:  # fmt: skip
    return NewDocument(
        number=number, issue_date=on, due_date=on + timedelta(days=days), amount_minor=minor,
        **{"debtor_id": getattr(book.people, debtor).id, **more},
    )  # fmt: skip


def draft(session: Session, book: Book, at: datetime, *rows: NewDocument,
          contract: int | None = None) -> int:  # fmt: skip
    return operations.draft_from_rows(
        session, contract_id=contract or book.alpha, rows=rows, by=book.by, at=at
    )


def assigned(session: Session, book: Book, at: datetime, *rows: NewDocument,
             contract: int | None = None) -> Assignment:  # fmt: skip
    remittance_id = draft(session, book, at, *rows, contract=contract)
    return operations.assign(session, remittance_id=remittance_id, by=book.by, at=at)


def reasons(session: Session, remittance_id: int) -> dict[int, tuple[str, list[str]]]:
    """Verdict and reason codes of each line."""
    rows = session.execute(
        text("SELECT line, verdict, reasons FROM remittance_line WHERE remittance_id = :id"
             " ORDER BY line"), {"id": remittance_id},
    )  # fmt: skip
    return {line: (verdict, [one["code"] for one in said]) for line, verdict, said in rows}
