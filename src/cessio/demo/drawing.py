"""Money out: drawdowns asked in the portal, approved, paid by one order a day."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from cessio.banking import record_order_sent
from cessio.contracts.rules import FundingMode
from cessio.demo import queries
from cessio.demo.book import Book, Client, instant
from cessio.demo.situations import PATIENCE, PATIENT
from cessio.funding import (
    approve_drawdown,
    request_drawdown,
    run_standing,
    seal_payouts,
    sign_order,
)
from cessio.funding import queries as funding
from cessio.funding.operations import seconding
from cessio.funding.rules import DrawdownStateName

#: A client does not ask for less.
LEAST = 100_000


def draw(book: Book, clients: list[Client], on: date) -> None:
    """Clients look at their availability and ask for what they need of it."""
    if not clients:
        return
    with book.act() as session:
        found = funding.book_availability(
            session, on=on, contract_ids=[client.contract_id for client in clients]
        )
        for place, client in enumerate(clients):
            if client.cast.code == PATIENT and on > book.until - PATIENCE:
                continue
            if client.terms.funding_mode is FundingMode.AUTOMATIC:
                run_standing(session, contract_id=client.contract_id, on=on,
                             by="job:funding.automatic", at=instant(on, 14, place))  # fmt: skip
                continue
            amount = _wanted(client, found[client.contract_id].payable_now_minor)
            if amount:
                request_drawdown(
                    session, contract_id=client.contract_id, amount_minor=amount,
                    by=client.signatory, at=instant(on, 14, place),
                )  # fmt: skip


def _wanted(client: Client, payable_minor: int) -> int:
    share = client.cast.draws - client.rng.randrange(0, 25)
    amount = payable_minor * share // 100 // LEAST * LEAST
    return amount if amount >= LEAST else 0


def approve_and_pay(book: Book, on: date) -> None:
    """A second person approves what is large; the treasury pays all that is granted."""
    with book.act() as session:
        for place, drawdown_id in enumerate(queries.asked_drawdowns(session)):
            seen = seconding.shown(session, drawdown_id=drawdown_id, on=on).seen
            approve_drawdown(
                session, drawdown_id=drawdown_id, seen_hash=seen, by=book.staff["bruno"],
                at=instant(on, 15, 5 + place),
            )  # fmt: skip
        _pay(book, session, on)


def _pay(book: Book, session: Session, on: date) -> None:
    granted = funding.drawdowns(session, states=[DrawdownStateName.GRANTED], limit=200)
    if not granted:
        return
    sealed = seal_payouts(
        session, account_id=book.main.id, execute_on=on, by=book.staff["ines"],
        at=instant(on, 15, 40),
    )  # fmt: skip
    sign_order(
        session, order_id=sealed.order_id, seen=sealed.sha256, by=book.staff["bruno"],
        at=instant(on, 15, 55),
    )  # fmt: skip
    record_order_sent(
        session, order_id=sealed.order_id, by=book.staff["bruno"], at=instant(on, 16, 5)
    )
    for drawdown in sorted(granted, key=lambda one: one.drawdown_id):
        payee = (drawdown.end_to_end_id or "", drawdown.creditor_name or "", drawdown.iban or "")
        book.payouts.append((*payee, drawdown.amount_minor))
