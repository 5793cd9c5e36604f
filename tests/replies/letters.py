"""A letter with a code to Durand about Alpha's invoices, and short ways to open and answer it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.contracts.operations import PayTo, notify_debtor
from cessio.kernel.calendar import business_date
from cessio.replies import Opening, opened_by
from cessio.replies.operations import Author
from tests.receivables.books import Book

PAY_TO = PayTo("FR7630004008120001012345640", "BNPAFRPPXXX", "Atlas Factor")
OTHER_IBAN = "FR1420041010050500013M02606"
CLERK = Author("Paul, comptable", "compta@durand.example", "192.0.2.7")


def letter(
    session: Session, book: Book, at: datetime, *, debtor: str = "durand",
    contract: int | None = None,
) -> str:  # fmt: skip
    """The code of a notice that is printed now."""
    message = notify_debtor(
        session, contract_id=contract or book.alpha, debtor_id=getattr(book.people, debtor).id,
        pay_to=PAY_TO, by=book.people.alice.by, at=at,
    )  # fmt: skip
    found = session.execute(
        text("SELECT code FROM letter_code WHERE message_id = :id"), {"id": message}
    )
    return str(found.scalar_one())


def opened(session: Session, code: str, at: datetime) -> Opening:
    """What a code opens, which it must."""
    opening = opened_by(session, code, on=business_date(at))
    assert opening is not None
    return opening


def ids(session: Session, *numbers: str) -> list[int]:
    """The receivables of invoice numbers."""
    rows: dict[str, int] = dict(
        session.execute(
            text("SELECT number, id FROM receivable WHERE number = ANY(:numbers)"),
            {"numbers": list(numbers)},
        ).all()
    )
    return [rows[number] for number in numbers]
