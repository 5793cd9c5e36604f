"""Fees of a grid are charged for what happened, once, with VAT, and given back with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text, update
from sqlalchemy.orm import Session
from tests.receivables.books import Book, assigned, invoice, open_book

from cessio import contracts, settlement
from cessio.contracts.models import Contract
from cessio.contracts.operations import Named
from cessio.contracts.rules import FeeKind, IndexName
from cessio.contracts.rules.grids import CHARGED, FeeLine, fee_of, line_for
from cessio.kernel.calendar import add_years
from cessio.kernel.money import apply_rate
from cessio.ledger import AccountKey, AccountKind
from cessio.ledger import queries as books
from cessio.limits import NewLimit, ask_for_limit
from cessio.receivables.operations import open_dispute
from cessio.receivables.operations.limits import decide_limit
from cessio.receivables.operations.reversal import reverse
from cessio.receivables.rules import DisputeReason
from cessio.settlement.queries import fees_by_month
from cessio.statements.queries import monthly_costs
from cessio.web.backoffice.settings.fees import WHEN

JOB = "job:settlement.daily"
TODAY = date(2026, 11, 16)
GRID = (
    FeeLine(FeeKind.SETUP, flat_minor=250_00),
    FeeLine(FeeKind.ANNUAL, flat_minor=90_00),
    FeeLine(FeeKind.MONTHLY, flat_minor=45_00),
    FeeLine(FeeKind.DEBTOR_STUDY, flat_minor=15_00),
    FeeLine(FeeKind.DEBTOR_STUDY, from_minor=1_000_00, flat_minor=35_00),
    FeeLine(FeeKind.COVER_REQUEST, flat_minor=3_00),
    FeeLine(FeeKind.REMITTANCE, flat_minor=2_00, rate=Decimal("0.001")),
    FeeLine(FeeKind.PAYOUT, flat_minor=1_50),
    FeeLine(FeeKind.DISPUTE, flat_minor=20_00),
)


def at(on: date, hour: int = 18) -> datetime:
    return datetime(on.year, on.month, on.day, hour, tzinfo=UTC)


@pytest.fixture
def book(session: Session) -> Book:
    """Alpha's contract has a grid, Bravo's none; signed the year before."""
    opened = open_book(session, at(date(2026, 1, 1)), blanket_cover_minor=10_000_00)
    contracts.record_fixing(
        session, index=IndexName.EURIBOR_3M, fixed_on=date(2026, 1, 1), rate=Decimal("0.02"),
        source="EMMI", by="system:setup", at=at(date(2026, 1, 1)),
    )  # fmt: skip
    grid = contracts.operations.add_fee_grid(
        session, named=Named("STD", "Standard", "Standard"), lines=GRID,
        effective_from=date(2026, 1, 1), by="system:setup", at=at(date(2026, 1, 1)),
    )  # fmt: skip
    session.execute(update(Contract).where(Contract.id == opened.alpha).values(fee_grid_id=grid))
    return opened


def settle(session: Session, on: date) -> None:
    settlement.run_day(session, on=on, by=JOB, at=at(on, 20))


def fees(session: Session, contract_id: int) -> dict[str, tuple[int, int]]:
    """How many of each kind stand, and what they come to before VAT."""
    rows = fees_by_month(session, contract_id=contract_id, from_on=date(2025, 1, 1),
                         to_on=date(2027, 12, 31))  # fmt: skip
    found: dict[str, tuple[int, int]] = {}
    for one in rows:
        count, net = found.get(one.kind, (0, 0))
        found[one.kind.value] = (count + one.count, net + one.net_minor)
    return found


def paid(session: Session, contract_id: int, minor: int, on: date) -> None:
    """A drawdown the bank carried out."""
    session.execute(
        text("""
            WITH made AS (
              INSERT INTO drawdown (contract_id, amount_minor, currency, state, requested_at,
                                    requested_on, requested_by, facts)
              VALUES (:contract, :minor, 'EUR', 'paid', :at, :on, 'person:1', '{}') RETURNING id)
            INSERT INTO drawdown_state (drawdown_id, state, at, by)
            SELECT id, 'paid', :at, 'job:bank' FROM made
        """),
        {"contract": contract_id, "minor": minor, "at": at(on), "on": on},
    )


def live(session: Session, book: Book) -> int:
    """A day on which everything happens once; returns the remittance."""
    done = assigned(session, book, at(TODAY), invoice(book, "F-1", 4_000_00),
                    invoice(book, "F-2", 1_000_00))  # fmt: skip
    owed = session.execute(text("SELECT id FROM receivable WHERE number = 'F-1'")).scalar_one()
    open_dispute(session, receivable_id=owed, reason=DisputeReason.PRICE, amount_minor=500_00,
                 by=book.people.alice.by, at=at(TODAY))  # fmt: skip
    ask_for_limit(session, contract_id=book.alpha, debtor_id=book.people.mercier.id,
                  amount_minor=2_000_00, by=book.by, at=at(TODAY))  # fmt: skip
    for minor in (900_00, 1_200_00):  # decided again: studied once
        limit = NewLimit(contract_id=book.alpha, debtor_id=book.people.durand.id,
                         amount_minor=minor)  # fmt: skip
        decide_limit(session, limit=limit, by=book.people.chloe.by, at=at(TODAY))
    paid(session, book.alpha, 700_00, TODAY)
    paid(session, book.bravo, 700_00, TODAY)
    return done.remittance_id


EXPECTED = {
    "remittance": (1, 7_00), "dispute": (1, 20_00), "cover_request": (1, 3_00),
    "debtor_study": (1, 15_00), "payout": (1, 1_50),
}  # fmt: skip


def test_everything_that_happened_is_charged_once_with_its_vat(
    session: Session, book: Book
) -> None:
    live(session, book)
    income = AccountKey(AccountKind.FEE_INCOME, "EUR")
    vat = AccountKey(AccountKind.VAT_COLLECTED, "EUR")
    current = AccountKey(AccountKind.CLIENT_CURRENT, "EUR", book.alpha)
    before = [books.balance(session, key) for key in (current, income, vat)]
    settle(session, TODAY)
    assert fees(session, book.alpha) == EXPECTED
    assert fees(session, book.bravo) == {}
    net = sum(minor for _count, minor in EXPECTED.values())
    tax = sum(apply_rate(minor, Decimal("0.20")) for _count, minor in EXPECTED.values())
    after = [books.balance(session, key) for key in (current, income, vat)]
    assert [b - a for a, b in zip(before, after, strict=True)] == [net + tax, -net, -tax]
    settle(session, TODAY)
    settle(session, TODAY + timedelta(days=1))
    assert fees(session, book.alpha) == EXPECTED


def test_what_was_recorded_after_a_run_is_charged_by_the_next(session: Session, book: Book) -> None:
    settle(session, TODAY)
    paid(session, book.alpha, 100_00, TODAY)
    settle(session, TODAY + timedelta(days=1))
    assert fees(session, book.alpha) == {"payout": (1, 1_50)}


def test_what_happened_long_before_a_grid_was_charged_is_left_alone(
    session: Session, book: Book
) -> None:
    paid(session, book.alpha, 100_00, TODAY - timedelta(days=1))
    settle(session, TODAY)
    assert fees(session, book.alpha) == {}


def test_a_reversed_remittance_gives_its_fees_back(session: Session, book: Book) -> None:
    done = assigned(session, book, at(TODAY), invoice(book, "F-1", 4_000_00))
    settle(session, TODAY)
    assert fees(session, book.alpha) == {"remittance": (1, 6_00)}
    reverse(session, remittance_id=done.remittance_id, reason="Wrong file",
            by="system:setup", at=at(TODAY, 21))  # fmt: skip
    settle(session, TODAY + timedelta(days=1))
    assert fees(session, book.alpha) == {"remittance": (0, 0)}
    settle(session, TODAY + timedelta(days=2))
    assert fees(session, book.alpha) == {"remittance": (0, 0)}
    held = AccountKey(AccountKind.FEE_INCOME, "EUR")
    assert books.balance(session, held) == 0


def test_credit_notes_sent_alone_cost_no_remittance_fee(session: Session, book: Book) -> None:
    """They must reach us: a client that paid for telling them would rather keep them."""
    assigned(session, book, at(TODAY), invoice(book, "F-1", 4_000_00))
    assigned(session, book, at(TODAY, 10), invoice(book, "A-1", -500_00, original_number="F-1"))
    settle(session, TODAY)
    assert fees(session, book.alpha) == {"remittance": (1, 6_00)}
    assigned(session, book, at(TODAY, 11), invoice(book, "A-2", -100_00, original_number="F-1"),
             invoice(book, "F-2", 4_000_00))  # fmt: skip
    settle(session, TODAY + timedelta(days=1))
    assert fees(session, book.alpha) == {"remittance": (2, 12_00)}


def test_the_file_the_month_and_the_year_fall_due_on_their_days(
    session: Session, book: Book
) -> None:
    for on in (date(2026, 1, 1), date(2026, 1, 31), add_years(date(2026, 1, 1), 1)):
        settle(session, on)
        settle(session, on)
    assert fees(session, book.alpha) == {
        "setup": (1, 250_00), "monthly": (1, 45_00), "annual": (1, 90_00)
    }  # fmt: skip


def test_the_fees_of_a_month_are_its_costs_and_its_ledger(session: Session, book: Book) -> None:
    live(session, book)
    settle(session, TODAY)
    month = monthly_costs(session, contract_id=book.alpha, from_on=TODAY, to_on=TODAY)[0]
    told = fees_by_month(session, contract_id=book.alpha, from_on=month.first, to_on=TODAY)
    assert month.fees_minor == sum(one.net_minor for one in told) > 0
    for one in told:
        assert one.net_minor == one.count * one.flat_minor + apply_rate(one.base_minor, one.rate)
    charged = session.execute(
        text("""
        SELECT sum(entry.amount_minor) FROM ledger_entry AS entry
          JOIN ledger_transaction AS head ON head.id = entry.transaction_id
          JOIN ledger_account AS account ON account.id = entry.account_id
         WHERE head.kind = 'SERVICE_FEE' AND account.kind = 'CLIENT_CURRENT'
    """)
    ).scalar_one()
    assert charged == sum(one.net_minor + one.vat_minor for one in told)


def test_every_fee_charged_by_itself_says_when() -> None:
    assert set(WHEN) == CHARGED


LINES = st.lists(
    st.builds(FeeLine, kind=st.sampled_from(sorted(CHARGED)), from_minor=st.integers(0, 10**9),
              flat_minor=st.integers(0, 10**6), rate=st.decimals(0, 1, places=4)),
    max_size=8,
)  # fmt: skip


@given(lines=LINES, kind=st.sampled_from(sorted(CHARGED)), base=st.integers(0, 10**10))
def test_the_line_that_holds_is_the_highest_reached(
    lines: Sequence[FeeLine], kind: FeeKind, base: int
) -> None:
    line = line_for(lines, kind, base)
    reached = [one.from_minor for one in lines if one.kind is kind and one.from_minor <= base]
    assert (line is None) == (not reached)
    if line is not None:
        assert line.from_minor == max(reached)
        assert fee_of(lines, kind, base) == line.flat_minor + apply_rate(base, line.rate)
