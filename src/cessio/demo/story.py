"""The days of the demonstration, one after the other, each event at its hour."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from cessio.contracts import import_fixings
from cessio.demo import situations
from cessio.demo.applying import apply_by_hand, declare_direct, import_day, use_credits
from cessio.demo.book import Book, Client, instant
from cessio.demo.drawing import approve_and_pay, draw
from cessio.demo.paying import debit_entries, pay_day
from cessio.demo.rates import Rates
from cessio.demo.remitting import decide_waiting, is_sending_day, remit
from cessio.demo.risks import ask_and_answer, dispute_some, first_limits, review_limits
from cessio.kernel.calendar import add_years, days, is_business_day, month_end
from cessio.settlement import run_day

SETTLEMENT = "job:settlement.daily"
#: Of the last days every one is settled; of those before, Fridays and what ends a period.
SETTLED_DAILY = timedelta(days=21)

Progress = Callable[[int, int], None]


def live(book: Book, *, progress: Progress) -> None:
    """Live every day from the book's first to its last."""
    start = book.start
    rates = Rates(book.rng("rates"))
    before = [on for on in days(start - timedelta(days=45), start) if is_business_day(on)]
    with book.act() as session:
        import_fixings(
            session, content=rates.csv(*before), by=book.staff["ines"],
            at=instant(before[-1], 18),
        )  # fmt: skip
    total = (book.until - start).days + 1
    for client in book.clients:
        first_limits(book, client)
    for place in range(total):
        on = start + timedelta(days=place)
        if is_business_day(on):
            _business_day(book, rates, on)
        _evening(book, on)
        if place in (30, 120, 300, total - 1):
            book.analyze()
        progress(place + 1, total)


def _business_day(book: Book, rates: Rates, on: date) -> None:
    for account, entries, booked_on in book.arrived:
        import_day(book, account, entries, booked_on, on)
    book.arrived = []
    review_limits(book, on)
    apply_by_hand(book, on)
    sending = [client for client in book.clients if is_sending_day(client, on)]
    for client in sending:
        remit(book, client, on)
    ask_and_answer(book, on)
    decide_waiting(book, on)
    dispute_some(book, on)
    draw(book, sending, on)
    if on.weekday() == 4:
        use_credits(book, on)
    approve_and_pay(book, on)
    situations.on_day(book, on)
    main, dedicated, direct = pay_day(book, on)
    declare_direct(book, direct, on)
    main += debit_entries(book, on)
    book.arrived = [(book.main, main, on), (book.collection, dedicated, on)]
    with book.act() as session:
        import_fixings(session, content=rates.csv(on), by=book.staff["ines"], at=instant(on, 18))


def _evening(book: Book, on: date) -> None:
    """The day's settlement, by the same job as every evening."""
    friday = on.weekday() == 4
    lately = on > book.until - SETTLED_DAILY and is_business_day(on)
    if not (friday or lately or on == month_end(on) or _year_ends(book.clients, on)):
        return
    with book.act() as session:
        run_day(session, on=on, by=SETTLEMENT, at=instant(on, 20))


def _year_ends(clients: list[Client], on: date) -> bool:
    return any(
        client.terms.annual_minimum_minor
        and on + timedelta(days=1) == add_years(client.starts_on, years)
        for client in clients
        for years in (1, 2, 3)
    )
