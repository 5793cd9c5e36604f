"""A month closes on what two persons saw; nothing is posted in it afterwards, by anybody."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tests.books import lose
from tests.receivables.books import Book, assigned, invoice, open_book

from cessio import contracts, ledger
from cessio.closing import (
    approve_month_close,
    ask_month_close,
    close_day,
    queries,
    reject_month_close,
    settle_until,
    withdraw_month_close,
)
from cessio.closing.rules import Check, CheckKind, MonthBlocked, MonthClosed, month_of
from cessio.contracts.rules import IndexName
from cessio.kernel.errors import Conflict, Forbidden, NotFound
from cessio.ledger import AccountKey, AccountKind, Line, Posting, TransactionKind
from cessio.ledger import queries as entries
from cessio.settlement import issue_fee_invoices

JOB = "job:closing.daily"
NOVEMBER = 202611
END = date(2026, 11, 30)


@pytest.fixture
def book(session: Session, now: datetime) -> Book:
    """An invoice of the middle of November, funded: interest runs to its end."""
    opened = open_book(session, now - timedelta(days=15))
    for on in (date(2026, 10, 30), date(2026, 11, 2)):
        contracts.record_fixing(
            session, index=IndexName.EURIBOR_3M, fixed_on=on, rate=Decimal("0.02"), source="test",
            by="system:setup", at=now - timedelta(days=13),
        )  # fmt: skip
    assigned(session, opened, now, invoice(opened, "A1", 10_000_000))
    _draw(session, opened, 5_000_000, now)
    return opened


def _draw(session: Session, book: Book, minor: int, at: datetime) -> None:
    """Money in use, as a drawdown leaves it in the books."""
    current = AccountKey(AccountKind.CLIENT_CURRENT, "EUR", book.alpha)
    vat = AccountKey(AccountKind.VAT_COLLECTED, "EUR")
    ledger.post(
        session,
        Posting(
            kind=TransactionKind.DRAWDOWN, source_kind="test", source_id=1, effect="draw",
            value_date=at.date(), lines=(Line(current, minor), Line(vat, -minor)),
        ),
        by=JOB, at=at,
    )  # fmt: skip


@pytest.fixture
def over(now: datetime) -> datetime:
    """The morning after November."""
    return now.replace(month=12, day=1)


def _end_days(session: Session, at: datetime) -> None:
    settle_until(session, on=END, by=JOB, at=at)
    close_day(session, on=END, by=JOB, at=at)


def _seen(session: Session, at: datetime) -> bytes:
    return queries.books_hash(queries.books(session, month_of(NOVEMBER), at=at))


def _open(session: Session, at: datetime) -> set[CheckKind]:
    found = queries.books(session, month_of(NOVEMBER), at=at)
    return {one.kind for one in found.blocking}


def _closed(session: Session, book: Book, at: datetime) -> dict[str, int]:
    _end_days(session, at)
    issue_fee_invoices(session, month=END, by=JOB, at=at)
    seen = _seen(session, at)
    ask_month_close(session, month=NOVEMBER, seen=seen, by=book.people.ines.by, at=at)
    return approve_month_close(session, month=NOVEMBER, seen=seen, by=book.people.bruno.by, at=at)


def test_a_month_says_what_keeps_it_open_and_opens_step_by_step(
    session: Session, book: Book, now: datetime, over: datetime
) -> None:
    assert _open(session, now) >= {CheckKind.MONTH_OVER, CheckKind.DAYS}
    assert CheckKind.DAYS in _open(session, over)
    _end_days(session, over)
    assert _open(session, over) == {CheckKind.INVOICES}
    with pytest.raises(MonthBlocked, match="what keeps it open"):
        ask_month_close(session, month=NOVEMBER, seen=_seen(session, over),
                        by=book.people.ines.by, at=over)  # fmt: skip
    issue_fee_invoices(session, month=END, by=JOB, at=over)
    assert _open(session, over) == set()
    lose(session, "settlement_run")
    lose(session, "index_fixing", "fixed_on > DATE '2026-11-01'")
    found = queries.books(session, month_of(NOVEMBER), at=over)
    assert found.blocking == (Check(CheckKind.SETTLEMENT, 1), Check(CheckKind.FIXINGS, 1))


def test_interest_charged_after_the_end_is_in_the_month_and_out_of_the_next_to_the_cent(
    session: Session, book: Book, over: datetime
) -> None:
    accrued = _closed(session, book, over)
    charged = session.scalar(text("SELECT sum(amount_minor) FROM financing_charge"))
    assert charged > 0
    assert accrued == {"EUR": charged}
    rows = session.execute(
        text("""
            SELECT account.kind, head.value_date, entry.amount_minor
              FROM ledger_transaction AS head
              JOIN ledger_entry AS entry ON entry.transaction_id = head.id
              JOIN ledger_account AS account ON account.id = entry.account_id
             WHERE head.source_kind = 'closed_month' ORDER BY head.id, account.kind
        """)
    ).all()
    after = END + timedelta(days=1)
    assert [tuple(row) for row in rows] == [
        ("ACCRUED_INTEREST", END, charged), ("INTEREST_INCOME", END, -charged),
        ("ACCRUED_INTEREST", after, -charged), ("INTEREST_INCOME", after, charged),
    ]  # fmt: skip
    (kept,) = queries.closed_months(session)
    closed = queries.books_closed(kept)
    balances = {line.kind: line.minor for line in closed.lines}
    assert balances[AccountKind.ACCRUED_INTEREST] == charged
    assert balances[AccountKind.INTEREST_INCOME] == -charged
    assert sum(balances.values()) == 0
    assert closed.accrued() == accrued
    now = entries.trial_balance(session)
    assert now[(AccountKind.ACCRUED_INTEREST, "EUR")] == 0
    assert now[(AccountKind.INTEREST_INCOME, "EUR")] == -charged


def test_the_books_of_a_month_are_what_was_booked_in_it(
    session: Session, book: Book, over: datetime
) -> None:
    _end_days(session, over)
    before = queries.books(session, month_of(NOVEMBER), at=over)
    assigned(session, book, over, invoice(book, "DEC", 700_000))
    after = queries.books(session, month_of(NOVEMBER), at=over)
    assert after.lines == before.lines
    (receivables,) = [one for one in after.sub_ledgers if one.kind is AccountKind.RECEIVABLE]
    assert (receivables.ledger_minor, receivables.details_minor) == (10_000_000, 10_000_000)
    session.execute(text("ALTER TABLE receivable DISABLE TRIGGER USER"))
    session.execute(text("UPDATE receivable SET open_minor = open_minor - 1 WHERE number = 'A1'"))
    session.execute(text("ALTER TABLE receivable ENABLE TRIGGER USER"))
    assert CheckKind.BOOKS in _open(session, over)


def test_two_persons_agree_on_the_same_figures_or_it_is_asked_again(
    session: Session, book: Book, over: datetime
) -> None:
    people = book.people
    _end_days(session, over)
    issue_fee_invoices(session, month=END, by=JOB, at=over)
    seen = _seen(session, over)
    with pytest.raises(NotFound):
        approve_month_close(session, month=NOVEMBER, seen=seen, by=people.bruno.by, at=over)
    with pytest.raises(Conflict, match="changed since"):
        ask_month_close(session, month=NOVEMBER, seen=b"x", by=people.ines.by, at=over)
    ask_month_close(session, month=NOVEMBER, seen=seen, by=people.ines.by, at=over)
    with pytest.raises(Forbidden):
        approve_month_close(session, month=NOVEMBER, seen=seen, by=people.ines.by, at=over)
    reject_month_close(session, month=NOVEMBER, seen=seen, reason="not yet",
                       by=people.bruno.by, at=over)  # fmt: skip
    ask_month_close(session, month=NOVEMBER, seen=seen, by=people.ines.by, at=over)
    session.execute(text("UPDATE financing_charge SET amount_minor = amount_minor + 1"))
    with pytest.raises(Conflict, match="changed since"):
        approve_month_close(
            session, month=NOVEMBER, seen=_seen(session, over), by=people.bruno.by, at=over
        )
    withdraw_month_close(session, month=NOVEMBER, by=people.ines.by, at=over)


def test_the_database_takes_nothing_more_in_a_closed_month(
    session: Session, book: Book, over: datetime
) -> None:
    _closed(session, book, over)
    accrual = Posting(
        kind=TransactionKind.INTEREST_ACCRUAL, source_kind="test", source_id=9, effect="late",
        value_date=END,
        lines=(Line(AccountKey(AccountKind.ACCRUED_INTEREST, "EUR"), 1),
               Line(AccountKey(AccountKind.INTEREST_INCOME, "EUR"), -1)),
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="does not open again"), session.begin_nested():
        ledger.post(session, accrual, by=JOB, at=over)
    with pytest.raises(IntegrityError, match="closed up to"), session.begin_nested():
        assigned(session, book, over - timedelta(days=3), invoice(book, "LATE", 100))
    for statement in ("UPDATE closed_month SET closed_by = 'x'", "DELETE FROM closed_month"):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(statement))
    seen = _seen(session, over)
    with pytest.raises(MonthClosed, match="reverse what is wrong in the open period"):
        ask_month_close(session, month=NOVEMBER, seen=seen, by=book.people.ines.by, at=over)
    with pytest.raises(MonthBlocked, match="12/2026 closes first"):
        ask_month_close(session, month=202701, seen=seen, by=book.people.ines.by, at=over)


def test_the_database_closes_no_month_alone_early_or_out_of_order(
    session: Session, book: Book, over: datetime
) -> None:
    _closed(session, book, over)
    copied = text("""
        INSERT INTO closed_month SELECT CAST(:month AS date),
               (CAST(:month AS date) + interval '1 month')::date - 1, approval_id, sha256, figures,
               asked_by, asked_at, closed_by, closed_at FROM closed_month
    """)
    for month, said in (("2026-10-01", "in order"), ("2026-12-01", "not closed")):
        with pytest.raises(IntegrityError, match=said), session.begin_nested():
            session.execute(copied, {"month": month})
    session.execute(text("ALTER TABLE closed_month DISABLE TRIGGER USER"))
    session.execute(text("UPDATE closed_month SET month = '2026-10-01', to_on = '2026-10-31'"))
    session.execute(text("ALTER TABLE closed_month ENABLE TRIGGER USER"))
    with pytest.raises(IntegrityError, match="nobody else agreed"), session.begin_nested():
        session.execute(
            text("""
                INSERT INTO closed_month SELECT '2026-11-01', '2026-11-30', max(approval.id),
                       '\\x00', '{}', 'person:1', now(), 'person:2', now() FROM approval
            """)
        )
