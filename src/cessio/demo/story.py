"""The days of the demonstration, one after the other, each event at its hour."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy.orm import Session

from cessio.closing import close_day
from cessio.contracts import import_fixings
from cessio.demo import analyst, chasing, failing, papers, puzzling, situations, treasury
from cessio.demo.applying import apply_by_hand, declare_direct, import_arrived, use_credits
from cessio.demo.book import Book, Client, instant
from cessio.demo.drawing import approve_and_pay, draw
from cessio.demo.noting import note_the_day
from cessio.demo.paying import debit_payouts, pay_day
from cessio.demo.rates import Rates
from cessio.demo.refinancing import book_means, refinance
from cessio.demo.remitting import decide_waiting, is_sending_day, remit
from cessio.demo.risks import ask_and_answer, dispute_some, first_limits, review_limits, verify_some
from cessio.demo.setup import SETUP
from cessio.kernel.calendar import (
    add_years,
    business_days_between,
    days,
    is_business_day,
    month_end,
    next_business_day,
)
from cessio.settlement import run_day
from cessio.statements import issue_invoices, print_invoice
from cessio.statements.queries.invoices import unprinted

SETTLEMENT, CLOSING = "job:settlement.daily", "job:closing.daily"
#: Before the part lived in full, the bank's statements come once a week.
STATEMENT_DAY = 1
#: These last days are settled and closed one by one; before, Fridays; long before, month ends.
CLOSED_DAILY = timedelta(days=21)
#: Fee invoices of the last month are on paper at once.
PRINTED = timedelta(days=32)

Progress = Callable[[int, int], None]


def live(book: Book, *, progress: Progress) -> None:
    """Live every day from the book's first to its last."""
    start = book.start
    rates = Rates(book.rng("rates"))
    before = [on for on in days(start - timedelta(days=45), start) if is_business_day(on)]
    with book.act() as session:
        import_fixings(
            session, content=rates.csv(*before), by=SETUP,
            at=instant(before[-1], 18),
        )  # fmt: skip
    total = (book.until - start).days + 1
    for client in book.clients:
        first_limits(book, client)
    for place in range(total):
        on = start + timedelta(days=place)
        if is_business_day(on):
            _business_day(book, rates, on)
        _night(book, on)
        if place in (30, 120, 300, total - 1):
            book.analyze()
        progress(place + 1, total)
    note_the_day(book)


def _business_day(book: Book, rates: Rates, on: date) -> None:
    lately = book.lately(on)
    if lately or _first_open(on, STATEMENT_DAY):
        for account in (book.main, book.collection):
            import_arrived(book, account, on)
        book_means(book, on)
    review_limits(book, on)
    apply_by_hand(book, on)
    sending = [client for client in book.clients if is_sending_day(book, client, on)]
    for client in sending:
        remit(book, client, on)
    ask_and_answer(book, on)
    decide_waiting(book, on)
    dispute_some(book, on)
    draw(book, sending, on)
    if on.weekday() == 4:
        use_credits(book, on)
        verify_some(book, on)
    approve_and_pay(book, on)
    _special(book, on)
    declare_direct(book, pay_day(book, on), on)
    debit_payouts(book, on)
    refinance(book, on)
    _fix_rates(book, rates, on)


def _special(book: Book, on: date) -> None:
    """What is special about this day, by the business days that are left."""
    left = business_days_between(on, book.until)
    for desk in (situations, analyst, chasing, failing, treasury, papers, puzzling):
        act = desk.DAYS.get(left)
        if act is not None:
            act(book, on)


def _fix_rates(book: Book, rates: Rates, on: date) -> None:
    """Record the day's rates, or the week's at its end."""
    book.fixed.append(on)
    last_of_month = next_business_day(on + timedelta(days=1)).month != on.month
    if not (book.lately(on) or on.weekday() == 4 or last_of_month):
        return
    fixed, book.fixed = book.fixed, []
    with book.act() as session:
        import_fixings(session, content=rates.csv(*fixed), by=SETUP, at=instant(on, 18))


def _night(book: Book, on: date) -> None:
    """The day's settlement by the job of every evening, and its close once it is over."""
    daily = on > book.until - CLOSED_DAILY and is_business_day(on)
    weekly = book.lately(on) and on.weekday() == 4
    if not (daily or weekly or on == month_end(on) or _year_ends(book.clients, on)):
        return
    with book.act() as session:
        run_day(session, on=on, by=SETTLEMENT, at=instant(on, 20))
    if on < book.until:
        with book.act() as session:
            close_day(session, on=on, by=CLOSING, at=instant(on + timedelta(days=1), 5))
            if on == month_end(on):
                _invoice(session, book, on)


def _invoice(session: Session, book: Book, on: date) -> None:
    """The month's fee invoices; older ones are printed by the job once the book is served."""
    at = instant(on + timedelta(days=1), 5, 5)
    issue_invoices(session, month=on, by=CLOSING, at=at)
    if on > book.until - PRINTED:
        for invoice_id in unprinted(session, after=0, limit=1000, month=on):
            print_invoice(session, invoice_id=invoice_id, by=CLOSING, at=at)


def _year_ends(clients: list[Client], on: date) -> bool:
    return any(
        client.terms.annual_minimum_minor
        and on + timedelta(days=1) == add_years(client.starts_on, years)
        for client in clients
        for years in (1, 2, 3)
    )


def _first_open(on: date, weekday: int) -> bool:
    """Whether today is the business day on or after the last such weekday."""
    usual = on - timedelta(days=(on.weekday() - weekday) % 7)
    return next_business_day(usual) == on
