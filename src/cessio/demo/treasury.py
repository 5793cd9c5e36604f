"""The treasury's last days: silent payouts, an order to sign, an account changed.

Each is made on its day, as in ``situations``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy.orm import Session

from cessio import parties
from cessio.demo import queries
from cessio.demo.book import Book, Client, instant
from cessio.demo.numbers import french_account
from cessio.funding import (
    cancel_drawdown,
    reject_drawdown,
    request_drawdown,
    say_outcome,
    seal_payouts,
)
from cessio.funding import queries as funding
from cessio.funding.operations import record_payee, seconding
from cessio.funding.rules import DrawdownStateName, OutcomeSaid
from cessio.funding.rules.payees import PayeeOutcome, PayeeSource
from cessio.kernel.calendar import next_business_day
from cessio.parties.queries import accounts_to_confirm, company_of_client

#: A client asks for whole thousands, and leaves something for tomorrow.
STEP = 100_000
#: So many payouts in the order to sign, and after them in the run of tomorrow.
SEALED, WAITING = 2, 2


def _silent(book: Book, on: date) -> None:
    """The bank never tells what became of the next payout."""
    book.unanswered += 1


def _ask(
    book: Book, session: Session, client: Client, on: date, *, most: int, minute: int
) -> int | None:
    """What a client may draw now, up to so much; None when that is nothing to speak of."""
    found = funding.availability(session, contract_id=client.contract_id, on=on)
    amount = min(found.payable_now_minor * 9 // 10, most) // STEP * STEP
    if amount < STEP:
        return None
    answer = request_drawdown(
        session, contract_id=client.contract_id, amount_minor=amount, by=client.signatory,
        at=instant(on, 16, minute),
    )  # fmt: skip
    return answer.drawdown_id if answer.state in _ALIVE else None


_ALIVE = (DrawdownStateName.GRANTED, DrawdownStateName.REQUESTED)


def _withdrawn(book: Book, on: date) -> None:
    """A client asks, and thinks again before anybody paid."""
    with book.act() as session:
        for client in book.clients:
            drawn = _ask(book, session, client, on, most=5 * STEP, minute=42)
            if drawn is not None:
                cancel_drawdown(
                    session, drawdown_id=drawn, reason="Règlement client reçu entre-temps",
                    by=client.signatory, at=instant(on, 16, 58), client_id=client.id,
                )  # fmt: skip
                return


def _declined(book: Book, on: date) -> None:
    """A second person says no to a large one."""
    with book.act() as session:
        for client in book.clients:
            drawn = _ask(book, session, client, on, most=10**9, minute=44)
            if drawn is None:
                continue
            if drawn in queries.asked_drawdowns(session):
                seen = seconding.shown(session, drawdown_id=drawn, on=on).seen
                reject_drawdown(
                    session, drawdown_id=drawn, seen_hash=seen,
                    reason="Attendre le rapprochement du virement rejeté de la semaine",
                    by=book.staff["bruno"], at=instant(on, 17, 15),
                )  # fmt: skip
                return
            cancel_drawdown(session, drawdown_id=drawn, reason="Redemandé demain",
                            by=client.signatory, at=instant(on, 17, 5))  # fmt: skip


def _last_day(book: Book, on: date) -> None:
    """After the day's order: an order to sign, payouts for tomorrow, one of them held."""
    granted: list[tuple[Client, int]] = []
    with book.act() as session:
        for place, client in enumerate(reversed(book.clients)):
            most = client.terms.payout_approval_threshold_minor - STEP
            drawn = _ask(book, session, client, on, most=most, minute=45 + place)
            # With the others of the day it may want a second person.
            if drawn is not None and drawn in _granted(session):
                granted.append((client, drawn))
            if len(granted) == SEALED + WAITING:
                break
    _to_sign(book, [drawn for _, drawn in granted[:SEALED]], on)
    _account_changed(book, granted[-1][0] if granted else book.clients[-1], on)
    _said(book, on)
    _verified(book, on)


def _granted(session: Session) -> set[int]:
    waiting = funding.drawdowns(session, states=[DrawdownStateName.GRANTED], limit=200)
    return {one.drawdown_id for one in waiting}


def _to_sign(book: Book, drawdown_ids: Sequence[int], on: date) -> None:
    """One person prepared and signed it; another one is to sign."""
    if not drawdown_ids:
        return
    with book.act() as session:
        seal_payouts(
            session, account_id=book.main.id, drawdown_ids=drawdown_ids,
            execute_on=next_business_day(on + timedelta(days=1)), by=book.staff["ines"],
            at=instant(on, 17, 40),
        )  # fmt: skip


def _account_changed(book: Book, client: Client, on: date) -> None:
    """A client gives another account: nothing goes to it before a call to somebody known."""
    iban, bic = french_account(book.rng("account changed"))
    with book.act() as session:
        parties.add_account(
            session, company_id=company_of_client(session, client.id), iban=iban, bic=bic,
            is_payout=True, why="Nouveau RIB reçu par courriel du client", by=client.manager,
            at=instant(on, 17, 25),
        )  # fmt: skip


def _verified(book: Book, on: date) -> None:
    """The bank was asked about everybody: one name is a little other, the new account is no match.

    The latter went to another holder, as a letter that no client wrote would have it.
    """
    with book.act() as session:
        pending = {one.iban for one, _ in accounts_to_confirm(session)}
        for place, payee in enumerate(funding.all_payees(session)):
            outcome = PayeeOutcome.CLOSE if place == 1 else PayeeOutcome.MATCH
            if payee.iban in pending:
                outcome = PayeeOutcome.NO_MATCH
            is_close = outcome is PayeeOutcome.CLOSE
            record_payee(
                session, name=payee.name, iban=payee.iban, outcome=outcome,
                returned_name=payee.name.split()[0].upper() if is_close else None,
                source=PayeeSource.FILE, by=book.staff["ines"], at=instant(on, 17, 30),
            )  # fmt: skip


def _said(book: Book, on: date) -> None:
    """One person knows what became of the oldest silent payout; a second one is to confirm."""
    with book.act() as session:
        silent = queries.silent_payouts(session, before=instant(on, 0))
        if silent:
            say_outcome(
                session, drawdown_id=silent[0], outcome=OutcomeSaid.NOT_PAID,
                note="Vu avec M. Rey, service flux de la banque : virement non présenté",
                by=book.staff["ines"], at=instant(on, 17, 50),
            )  # fmt: skip


#: Business days before the last one → what happens that day.
DAYS: Mapping[int, Callable[[Book, date], None]] = {
    7: _silent, 6: _withdrawn, 5: _declined, 3: _silent, 0: _last_day,
}  # fmt: skip
