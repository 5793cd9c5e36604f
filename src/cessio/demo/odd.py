"""What somebody should look at on the last day: signs planted in the story, found as any are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from cessio import vigilance
from cessio.demo import queries
from cessio.demo.book import Book, Client, instant
from cessio.demo.remitting import invoice, send
from cessio.receivables import operations
from cessio.receivables.rules.verification import VerificationReason

#: Remittances of so many last days are looked at, as their jobs did at the time.
DAYS = 20
BY = "job:vigilance.remittance"
#: The largest fresh invoices that the account manager wants verified.
LARGEST = 8


def plant(book: Book, on: date) -> None:
    """A last remittance that is odd in several ways, then everything is looked at."""
    if len(book.clients) > 1:
        _odd_remittance(book, book.clients[1], on)
    with book.act() as session:
        for remittance_id in queries.remittances_since(session, instant(on, 0) - timedelta(DAYS)):
            vigilance.scan_remittance(session, remittance_id=remittance_id, by=BY,
                                      at=instant(on, 18, 5))  # fmt: skip
        vigilance.scan_book(session, on=on, by="job:vigilance.day", at=instant(on, 18, 10))
        operations.require_verification(
            session, receivable_ids=queries.largest_fresh(session, most=LARGEST),
            reason=VerificationReason.BY_HAND, by=book.staff["alice"], at=instant(on, 18, 15),
        )  # fmt: skip


def _odd_remittance(book: Book, client: Client, on: date) -> None:
    """Round amounts, dated on a Sunday."""
    rng = client.rng
    sunday = on - timedelta(days=on.isoweekday() % 7 or 7)
    rows = [invoice(client, on, rng)[1] for _ in range(8)]
    rows = [
        replace(row, issue_date=sunday, due_date=sunday + timedelta(days=45), vat_minor=None,
                amount_minor=max(1, row.amount_minor // 100_000) * 100_000)
        for row in rows
    ]  # fmt: skip
    send(book, client, on, rows, [], hour=17, minute=20)
    book.waiting.clear()  # it waits for the user
