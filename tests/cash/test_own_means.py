"""The house's own means: what the bank moved is booked where it belongs, and taken back exactly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session
from tests.cash import books
from tests.cash.books import Desk, Payment

from cessio.cash import queries
from cessio.cash.operations import book_own_means, undo_application, undo_own_means
from cessio.cash.operations.applying import LineApplied
from cessio.cash.operations.own_means import MoreThanHeld
from cessio.cash.operations.undoing import CannotUndo
from cessio.cash.rules import OwnMeans
from cessio.closing.bulk import prove
from cessio.kernel.errors import Invalid
from cessio.ledger import AccountKind
from cessio.ledger import queries as ledger

INES = "system:treasury"


@pytest.fixture
def desk(session: Session) -> Iterator[Desk]:
    with books.desk(session, datetime(2026, 7, 1, 9, 0, tzinfo=UTC)) as desk:
        yield desk


def book(desk: Desk, line_id: int, means: OwnMeans, amount_minor: int | None = None) -> int:
    return book_own_means(desk.session, line_id=line_id, means=means, reference="RCF-2",
                          amount_minor=amount_minor, by=INES, at=desk.at)  # fmt: skip


def held(desk: Desk, kind: AccountKind) -> int:
    return ledger.trial_balance(desk.session).get((kind, "EUR"), 0)


def test_what_is_drawn_and_repaid_stands_in_the_books_and_nothing_stays_in_suspense(
    desk: Desk,
) -> None:
    paid_in, drawn, repaid = desk.receive(Payment(5_000_00), Payment(2_000_00), Payment(-2_010_00))
    book(desk, paid_in, OwnMeans.CAPITAL)
    book(desk, drawn, OwnMeans.REFINANCING)
    book(desk, repaid, OwnMeans.REFINANCING, 2_000_00)
    book(desk, repaid, OwnMeans.COST)
    assert held(desk, AccountKind.OWN_CAPITAL) == -5_000_00
    assert held(desk, AccountKind.REFINANCING) == 0
    assert held(desk, AccountKind.REFINANCING_COST) == 10_00
    assert held(desk, AccountKind.SUSPENSE_CASH) == 0
    assert held(desk, AccountKind.BANK) == 4_990_00
    assert sum(ledger.trial_balance(desk.session).values()) == 0
    assert [finding for proof in prove(desk.session) for finding in proof.findings] == []
    last, *_rest = queries.means_movements(desk.session, means=list(OwnMeans))
    assert (last.means, last.amount_minor, last.balance_minor) == (OwnMeans.COST, -10_00, -10_00)
    assert (last.reference, last.by, last.value_date) == ("RCF-2", INES, desk.on)
    assert queries.means_balances(desk.session)[OwnMeans.CAPITAL, "EUR"] == 5_000_00


def test_money_levelled_between_two_accounts_comes_to_nothing(desk: Desk) -> None:
    left, came = desk.receive(Payment(-300_00), Payment(300_00))
    book(desk, left, OwnMeans.TRANSFER)
    assert held(desk, AccountKind.INTERNAL_TRANSFER) == 300_00
    book(desk, came, OwnMeans.TRANSFER)
    assert held(desk, AccountKind.INTERNAL_TRANSFER) == 0


def test_more_is_not_given_back_than_was_had(desk: Desk) -> None:
    drawn, repaid = desk.receive(Payment(100_00), Payment(-100_01))
    application_id = book(desk, drawn, OwnMeans.REFINANCING)
    with pytest.raises(MoreThanHeld), desk.session.begin_nested():
        book(desk, repaid, OwnMeans.REFINANCING)
    book(desk, repaid, OwnMeans.REFINANCING, 100_00)
    with pytest.raises(MoreThanHeld), desk.session.begin_nested():
        undo_own_means(desk.session, application_id=application_id, reason="x", by=INES, at=desk.at)


def test_a_booking_needs_a_reference_and_money_that_is_left(desk: Desk) -> None:
    (line_id,) = desk.receive(Payment(100_00))
    with pytest.raises(Invalid):
        book_own_means(desk.session, line_id=line_id, means=OwnMeans.CAPITAL, reference=" ",
                       by=INES, at=desk.at)  # fmt: skip
    with pytest.raises(Invalid):
        book(desk, line_id, OwnMeans.CAPITAL, 100_01)
    book(desk, line_id, OwnMeans.CAPITAL)
    with pytest.raises(LineApplied):
        book(desk, line_id, OwnMeans.CAPITAL)


def test_a_booking_is_taken_back_by_the_treasury_only_and_exactly(desk: Desk) -> None:
    (line_id,) = desk.receive(Payment(100_00))
    application_id = book(desk, line_id, OwnMeans.CAPITAL)
    with pytest.raises(CannotUndo):
        undo_application(desk.session, application_id=application_id, reason="no", by=INES,
                         at=desk.at)  # fmt: skip
    undo_own_means(desk.session, application_id=application_id, reason="A debtor's", by=INES,
                   at=desk.at)  # fmt: skip
    line = queries.workbench_line(desk.session, line_id=line_id)
    assert line is not None
    assert line.open_minor == 100_00
    assert held(desk, AccountKind.OWN_CAPITAL) == 0
    undone, first = queries.means_movements(desk.session, means=[OwnMeans.CAPITAL])
    assert (undone.reverses, first.undone) == (True, True)
