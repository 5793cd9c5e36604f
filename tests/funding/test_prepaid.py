"""Where the financing commission is taken in advance, a drawdown carries it with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from tests.receivables.books import Book, assigned, invoice, open_book

from cessio import contracts, funding
from cessio.contracts.queries import FixingMissing
from cessio.contracts.rules import CommissionTiming, IndexName
from cessio.funding import queries
from cessio.funding.queries.prepaid import expected_payments
from cessio.funding.rules import DrawdownStateName as State
from cessio.ledger import AccountKey, AccountKind
from cessio.ledger import bulk as proof
from cessio.ledger import queries as ledger
from cessio.receivables.operations import open_dispute
from cessio.receivables.rules import DisputeReason

ON = date(2026, 11, 16)
INCOME = AccountKey(AccountKind.INTEREST_INCOME, "EUR")
FREE = {
    "commission_timing": CommissionTiming.PRE_COUNTED, "retention_rate": Decimal(0),
    "commission_rate": Decimal(0), "value_days_in": 0, "blanket_cover_minor": 100_000_00,
    "concentration_rate": None, "payout_approval_threshold_minor": 9_000_00,
}  # fmt: skip


@dataclass
class Story:
    """Alpha sells one invoice of 12 000 due in 60 days; nothing else costs anything."""

    session: Session
    book: Book
    now: datetime

    def draw(self, minor: int) -> funding.DrawdownAnswer:
        return funding.request_drawdown(
            self.session, contract_id=self.book.alpha, amount_minor=minor,
            by=self.book.people.fanny.by, at=self.now,
        )  # fmt: skip

    @property
    def found(self) -> queries.DrawdownView:
        return queries.drawdowns(self.session, contract_id=self.book.alpha)[0]

    @property
    def available(self) -> int:
        return queries.availability(
            self.session, contract_id=self.book.alpha, on=ON
        ).available_minor

    @property
    def payable(self) -> int:
        return queries.availability(
            self.session, contract_id=self.book.alpha, on=ON
        ).payable_now_minor


@pytest.fixture
def story(session: Session, now: datetime) -> Story:
    book = open_book(session, now, **FREE)
    contracts.record_fixing(
        session, index=IndexName.EURIBOR_3M, fixed_on=date(2026, 11, 13), rate=Decimal("0.02015"),
        source="EMMI", by="system:setup", at=now,
    )  # fmt: skip
    assigned(session, book, now, invoice(book, "FA-1", 12_000_00, on=date(2026, 11, 2), days=74))
    return Story(session, book, now)


def test_d4_the_commission_is_taken_at_the_drawdown_and_counts_in_the_availability(
    story: Story,
) -> None:
    assert story.draw(8_000_00).state is State.GRANTED
    # 8 000 for 60 days at 3.215 %.
    assert story.found.commission_minor == 42_87
    assert story.available == 12_000_00 - 8_000_00 - 42_87
    assert ledger.balance(story.session, INCOME) == -42_87
    assert proof.verify(story.session) == []


def test_d4_ten_thousand_for_sixty_days(story: Story) -> None:
    cost = queries.quote(
        story.session, contract_id=story.book.alpha,
        terms=contracts.terms_in_force(story.session, story.book.alpha, ON),
        amount_minor=10_000_00, in_use_minor=0, on=ON, counted_on=ON,
    )  # fmt: skip
    assert (cost.commission_minor, cost.parts[0].days(cost.from_on)) == (53_58, 60)
    assert story.draw(10_000_00).state is State.REQUESTED
    assert story.found.commission_minor == 53_58


def test_what_may_be_drawn_leaves_room_for_its_commission(story: Story) -> None:
    most = story.payable
    assert 11_930_00 < most < 12_000_00
    refused = story.draw(most + 1)
    assert refused.state is State.REFUSED
    assert refused.reasons[0].params == {"available_minor": most}
    assert story.draw(most).state is State.REQUESTED
    assert 0 <= story.available <= 1
    assert story.payable == 0


def test_a_drawdown_given_back_gives_its_commission_back(story: Story) -> None:
    before = (story.available, story.payable)
    answer = story.draw(5_000_00)
    funding.cancel_drawdown(
        story.session, drawdown_id=answer.drawdown_id, reason="plus besoin",
        by=story.book.people.fanny.by, at=story.now,
    )  # fmt: skip
    assert (story.available, story.payable) == before
    assert ledger.balance(story.session, INCOME) == 0
    assert proof.verify(story.session) == []


def test_each_drawdown_is_planned_on_the_payments_that_follow_those_spoken_for(
    story: Story,
) -> None:
    assigned(
        story.session, story.book, story.now,
        invoice(story.book, "FA-0", 4_000_00, on=date(2026, 11, 2), days=24),
    )  # fmt: skip
    story.draw(3_000_00)
    spent = 3_000_00 + story.found.commission_minor
    story.draw(3_000_00)
    parts = story.session.execute(
        text("SELECT drawdown_id, amount_minor, to_on - from_on FROM prepaid_part ORDER BY id")
    ).all()
    kept = [(one[0] - parts[0][0], one[1], one[2]) for one in parts]
    # FA-0 repays the first in 10 days, and of the second what it has left; FA-1 the rest in 60.
    assert kept == [(0, 3_000_00, 10), (1, 4_000_00 - spent, 10), (1, spent - 1_000_00, 60)]


def test_contested_and_very_late_euros_are_not_counted_on(story: Story) -> None:
    session, contract_id = story.session, story.book.alpha
    terms = {contract_id: contracts.terms_in_force(session, contract_id, ON)}
    due = date(2027, 1, 15)
    assert expected_payments(session, terms, ON) == {contract_id: [(due, 12_000_00)]}
    owed = session.execute(text("SELECT id FROM receivable")).scalar_one()
    open_dispute(
        session, receivable_id=owed, reason=DisputeReason.PRICE, amount_minor=5_000_00,
        by=story.book.people.jules.by, at=story.now,
    )  # fmt: skip
    assert expected_payments(session, terms, ON) == {contract_id: [(due, 7_000_00)]}
    assert expected_payments(session, terms, due + timedelta(days=5))[contract_id] == [
        (date(2027, 1, 20), 7_000_00)
    ]
    assert expected_payments(session, terms, due + timedelta(days=61)) == {contract_id: []}


def test_without_a_fixing_nothing_can_be_priced_nor_drawn(session: Session, now: datetime) -> None:
    book = open_book(session, now, **FREE)
    assigned(session, book, now, invoice(book, "FA-1", 12_000_00))
    found = queries.availability(session, contract_id=book.alpha, on=ON)
    assert (found.available_minor, found.payable_now_minor) == (12_000_00, 0)
    with pytest.raises(FixingMissing):
        funding.request_drawdown(
            session, contract_id=book.alpha, amount_minor=100, by=book.people.fanny.by, at=now
        )
