"""What a debtor does not pay: indemnified as far as it is covered, else given back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from tests.receivables.books import Book, assigned, invoice, open_book

from cessio import settlement
from cessio.closing.bulk import prove
from cessio.contracts.rules import RecourseMode
from cessio.ledger import AccountKey, AccountKind
from cessio.ledger import queries as ledger
from cessio.receivables.operations import open_dispute
from cessio.receivables.rules import DisputeReason
from cessio.settlement import queries
from cessio.settlement.operations import NotUnpaid, SettlementUndone
from cessio.settlement.queries.unpaid import _soonest

#: FA-1 is issued on 2 November for 45 days.
DUE = date(2026, 12, 17)
JOB = "job:settlement.unpaid"
LOSS = AccountKey(AccountKind.IMPAIRMENT_EXPENSE, "EUR")


def sold(session: Session, now: datetime, **terms: Any) -> tuple[Book, int]:
    """A book with one invoice of 12 000 on Durand; its id."""
    agreed = {"blanket_cover_minor": 100_000_00, "cover_rate_default": Decimal("0.90"), **terms}
    book = open_book(session, now, **agreed)
    assigned(session, book, now, invoice(book, "FA-1", 12_000_00))
    found = session.execute(text("SELECT id FROM receivable WHERE number = 'FA-1'")).scalar_one()
    return book, int(found)


def noon(on: date, now: datetime) -> datetime:
    return now + timedelta(days=(on - now.date()).days)


def settle(
    session: Session, receivable_id: int, on: date, now: datetime
) -> settlement.UnpaidSettled:
    return settlement.settle_unpaid(
        session, receivable_id=receivable_id, on=on, by="system:setup", at=noon(on, now)
    )


def balances(session: Session, book: Book) -> tuple[int, int, int]:
    """Loss, current account (ledger sign), what Durand owes."""
    current = AccountKey(AccountKind.CLIENT_CURRENT, "EUR", book.alpha)
    owed = AccountKey(AccountKind.RECEIVABLE, "EUR", book.alpha, book.people.durand.id)
    return tuple(ledger.balance(session, key) for key in (LOSS, current, owed))  # type: ignore[return-value]


def whole(session: Session) -> None:
    assert [finding for proof in prove(session) for finding in proof.findings] == []


def test_only_invoices_that_may_have_reached_a_delay_are_read() -> None:
    assert _soonest([(90, 120, "due_date"), (95, 75, "due_date")]) == 75
    assert _soonest([(90, 120, "invoice_date")]) == 0


def test_c5_a_covered_loss_is_indemnified_at_its_quotite_after_ninety_days(
    session: Session, now: datetime
) -> None:
    book, owed = sold(session, now)
    before = balances(session, book)
    with pytest.raises(NotUnpaid):
        settle(session, owed, DUE + timedelta(days=90), now)
    done = settle(session, owed, DUE + timedelta(days=91), now)
    assert (done.indemnity_minor, done.own_share_minor, done.transfer_back_minor) == (
        10_800_00, 1_200_00, 0,
    )  # fmt: skip
    after = balances(session, book)
    assert [b - a for a, b in zip(before, after, strict=True)] == [10_800_00, 1_200_00, -12_000_00]
    whole(session)
    with pytest.raises(NotUnpaid):
        settle(session, owed, DUE + timedelta(days=200), now)


def test_an_invoice_sold_with_recourse_goes_back_after_the_contracts_days(
    session: Session, now: datetime
) -> None:
    book, owed = sold(session, now, recourse_mode=RecourseMode.WITH_RECOURSE)
    before = balances(session, book)
    with pytest.raises(NotUnpaid):
        settle(session, owed, DUE + timedelta(days=120), now)
    assert settle(session, owed, DUE + timedelta(days=121), now).transfer_back_minor == 12_000_00
    after = balances(session, book)
    assert [b - a for a, b in zip(before, after, strict=True)] == [0, 12_000_00, -12_000_00]
    whole(session)


def test_what_is_covered_in_part_is_both_and_can_be_undone(session: Session, now: datetime) -> None:
    book, owed = sold(session, now, blanket_cover_minor=5_000_00, cover_rate_default=Decimal(1))
    before = balances(session, book)
    first = settle(session, owed, DUE + timedelta(days=91), now)
    assert (first.indemnity_minor, first.transfer_back_minor) == (5_000_00, 0)
    settlement.undo_unpaid(
        session, settlement_id=first.settlement_id, reason="payé entre-temps", by=JOB,
        at=noon(DUE + timedelta(days=92), now),
    )  # fmt: skip
    assert balances(session, book) == before
    whole(session)
    both = settle(session, owed, DUE + timedelta(days=121), now)
    assert (both.indemnity_minor, both.transfer_back_minor) == (5_000_00, 7_000_00)
    whole(session)
    with pytest.raises(SettlementUndone):
        settlement.undo_unpaid(
            session, settlement_id=first.settlement_id, reason="encore", by=JOB, at=now
        )
    kept = queries.settlements(session, contract_id=book.alpha)
    assert [one.undone_at is None for one in kept] == [True, False]


def test_an_invoice_whose_existence_is_denied_goes_back_at_once(
    session: Session, now: datetime
) -> None:
    book, owed = sold(session, now)
    open_dispute(
        session, receivable_id=owed, reason=DisputeReason.EXISTENCE, amount_minor=12_000_00,
        by=book.people.jules.by, at=now,
    )  # fmt: skip
    assert settle(session, owed, now.date(), now).transfer_back_minor == 12_000_00
    whole(session)


def test_an_insolvent_debtors_covered_invoices_are_indemnified_at_once(
    session: Session, now: datetime
) -> None:
    book, owed = sold(session, now)
    session.execute(
        text("UPDATE debtor SET insolvent_on = :on WHERE id = :id"),
        {"on": now.date(), "id": book.people.durand.id},
    )
    assert settle(session, owed, now.date(), now).indemnity_minor == 10_800_00
    whole(session)


def test_the_whole_book_is_settled_once_however_often_it_is_asked(
    session: Session, now: datetime
) -> None:
    book, _owed = sold(session, now)
    assigned(session, book, now, invoice(book, "FA-2", 1_000_00, debtor="mercier"),
             invoice(book, "FA-3", 500_00, days=300))  # fmt: skip
    on = DUE + timedelta(days=91)
    done = settlement.settle_every_unpaid(session, on=on, by="system:setup", at=noon(on, now))
    assert [one.indemnity_minor + one.own_share_minor for one in done] == [12_000_00, 1_000_00]
    assert settlement.settle_every_unpaid(session, on=on, by="system:setup", at=noon(on, now)) == ()
    whole(session)


def test_a_day_that_has_not_come_counts_for_nothing(session: Session, now: datetime) -> None:
    _book, owed = sold(session, now)
    with pytest.raises(NotUnpaid):
        settlement.settle_unpaid(
            session, receivable_id=owed, on=DUE + timedelta(days=400), by="system:setup", at=now
        )


def test_the_client_is_told_once_what_was_borne_and_what_went_back(
    session: Session, now: datetime
) -> None:
    _book, receivable_id = sold(session, now, blanket_cover_minor=5_000_00,
                                recourse_mode=RecourseMode.WITH_RECOURSE)  # fmt: skip
    settle(session, receivable_id, DUE + timedelta(days=400), now)
    rows = session.execute(text(
        "SELECT DISTINCT kind, params->>'amount_minor', href FROM notification"
        " WHERE kind IN ('indemnity_paid', 'transferred_back') ORDER BY 1"
    )).all()  # fmt: skip
    [made] = session.execute(text(
        "SELECT indemnity_minor, transfer_back_minor FROM unpaid_settlement"
    )).all()  # fmt: skip
    page = f"/portal/invoices/{receivable_id}"
    expected = [("indemnity_paid", made[0]), ("transferred_back", made[1])]
    assert [tuple(row) for row in rows] == [
        (kind, str(minor), page) for kind, minor in expected if minor
    ]  # fmt: skip
    assert rows
