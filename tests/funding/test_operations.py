"""A drawdown is decided once, by two people where it must, and never beyond what is available."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from tests import people
from tests.people import People

from cessio import approvals, banking, contracts, funding, house, receivables
from cessio.contracts import Product, product_defaults
from cessio.funding import queries
from cessio.funding.operations import seconding
from cessio.funding.operations.seconding import DrawdownMoved, FiguresMoved, approval_hash
from cessio.funding.rules import DrawdownStateName as State
from cessio.house import Counted, CutOff
from cessio.kernel.errors import Conflict, Forbidden
from cessio.ledger import bulk as proof
from cessio.ledger import queries as ledger
from cessio.limits.operations import NewLimit
from cessio.plumbing.database import transaction
from cessio.receivables import NewDocument
from cessio.receivables.operations.limits import decide_limit

ON = date(2026, 11, 16)


@dataclass
class Book:
    """Alpha with 10 713.60 to draw; a second person approves from 5 000."""

    people: People
    contract_id: int
    account_id: int


def settle(session: Session, now: datetime) -> Book:
    who = people.settle_in(session, at=now)
    terms = product_defaults(
        Product.FULL, facility_limit_minor=100_000_00, payout_approval_threshold_minor=5_000_00
    )
    contract_id = contracts.sign_contract(
        session, client_id=who.alpha.id, product=Product.FULL, terms=terms,
        signed_on=date(2026, 9, 1), by="system:setup", at=now,
    )  # fmt: skip
    limit = NewLimit(contract_id=contract_id, debtor_id=who.durand.id, amount_minor=60_000_00)
    decide_limit(session, limit=limit, by=who.chloe.by, at=now)
    invoice = NewDocument(
        number="FA-1", issue_date=ON, due_date=ON + timedelta(days=45), amount_minor=12_000_00,
        debtor_id=who.durand.id,
    )  # fmt: skip
    number = receivables.draft_from_rows(
        session, contract_id=contract_id, rows=[invoice], by=who.gilles.by, at=now
    )
    receivables.check(session, remittance_id=number, on=ON, by=who.gilles.by, at=now)
    receivables.submit(session, remittance_id=number, by=who.fanny.by, at=now)
    account_id = banking.open_account(
        session, name="Compte", iban="FR7630006000011234567890189", bic="AGRIFRPPXXX",
        holder="Cessio Factor", is_payout=True, by="system:setup", at=now,
    )  # fmt: skip
    return Book(who, contract_id, account_id)


@pytest.fixture
def book(session: Session, now: datetime) -> Book:
    return settle(session, now)


def draw(session: Session, book: Book, minor: int, now: datetime) -> funding.DrawdownAnswer:
    return funding.request_drawdown(
        session, contract_id=book.contract_id, amount_minor=minor, by=book.people.fanny.by, at=now
    )


def test_past_the_cut_off_a_drawdown_bears_from_the_next_business_day(
    session: Session, book: Book, now: datetime
) -> None:
    house.set_cut_off(session, what=Counted.PAYOUT, cut_off=CutOff(time(16)),
                      by=book.people.eva.by, at=now)  # fmt: skip
    for hour in (14, 15):  # 15:00 and 16:00 in Paris
        draw(session, book, 100_00, now.replace(hour=hour))
    valued = session.execute(
        text("""
        SELECT head.value_date FROM drawdown
          JOIN ledger_transaction AS head ON head.id = drawdown.transaction_id ORDER BY drawdown.id
    """)
    ).scalars()
    assert list(valued) == [ON, ON + timedelta(days=1)]


def available(session: Session, book: Book) -> int:
    return queries.availability(session, contract_id=book.contract_id, on=ON).payable_now_minor


def seen(session: Session, drawdown_id: int) -> bytes:
    return seconding.shown(session, drawdown_id=drawdown_id, on=ON).seen


def test_below_the_threshold_it_is_granted_at_once(
    session: Session, book: Book, now: datetime
) -> None:
    answer = draw(session, book, 4_999_99, now)
    assert answer.state is State.GRANTED
    assert available(session, book) == 10_713_60 - 4_999_99


def test_from_the_threshold_on_a_second_person_decides_and_the_money_waits(
    session: Session, book: Book, now: datetime
) -> None:
    answer = draw(session, book, 5_000_00, now)
    assert answer.state is State.REQUESTED
    assert available(session, book) == 5_713_60
    with pytest.raises(Forbidden):
        funding.approve_drawdown(
            session, drawdown_id=answer.drawdown_id, seen_hash=seen(session, answer.drawdown_id),
            by=book.people.fanny.by, at=now,
        )  # fmt: skip
    funding.approve_drawdown(
        session, drawdown_id=answer.drawdown_id, seen_hash=seen(session, answer.drawdown_id),
        by=book.people.bruno.by, at=now,
    )  # fmt: skip
    assert queries.drawdown_view(session, drawdown_id=answer.drawdown_id).state is State.GRANTED


def test_an_approval_of_something_else_than_was_asked_is_refused(
    session: Session, book: Book, now: datetime
) -> None:
    answer = draw(session, book, 5_000_00, now)
    with pytest.raises(Conflict):
        funding.approve_drawdown(
            session, drawdown_id=answer.drawdown_id, seen_hash=b"other" * 6,
            by=book.people.bruno.by, at=now,
        )  # fmt: skip


def test_a_rejected_or_cancelled_drawdown_gives_everything_back(
    session: Session, book: Book, now: datetime
) -> None:
    before = ledger.trial_balance(session)
    first = draw(session, book, 6_000_00, now)
    funding.reject_drawdown(
        session, drawdown_id=first.drawdown_id, seen_hash=seen(session, first.drawdown_id),
        reason="not the usual account", by=book.people.bruno.by, at=now,
    )  # fmt: skip
    second = draw(session, book, 1_000_00, now)
    funding.cancel_drawdown(
        session, drawdown_id=second.drawdown_id, reason="changed my mind",
        by=book.people.fanny.by, at=now,
    )  # fmt: skip
    after = ledger.trial_balance(session)
    assert {key: minor for key, minor in after.items() if minor} == {
        key: minor for key, minor in before.items() if minor
    }
    with pytest.raises(DrawdownMoved):
        funding.cancel_drawdown(
            session, drawdown_id=second.drawdown_id, reason="again", by=book.people.fanny.by,
            at=now,
        )  # fmt: skip


def test_what_a_second_person_is_asked_about_is_payee_account_amount_contract_and_its_terms(
    session: Session, book: Book, now: datetime
) -> None:
    asked = draw(session, book, 6_000_00, now).drawdown_id
    view = queries.drawdown_view(session, drawdown_id=asked)
    held: seconding.Terms = {"version": 1, "ends": None}
    others = (
        replace(view, iban="FR7630066100410001057380116"), replace(view, creditor_name="Autre"),
        replace(view, amount_minor=6_000_01), replace(view, currency="GBP"),
        replace(view, contract_id=view.contract_id + 1), replace(view, bic="SOGEFRPPXXX"),
        replace(view, drawdown_id=view.drawdown_id + 1), replace(view, commission_minor=1),
    )  # fmt: skip
    told = {approval_hash(one, held) for one in (view, *others)}
    told |= {approval_hash(view, {**held, "version": 2}), approval_hash(view, None),
             approval_hash(view, {**held, "ends": "2026-12-31"})}  # fmt: skip
    assert len(told) == 1 + len(others) + 3


def _approve(session: Session, drawdown_id: int, book: Book, at: datetime, seen: bytes) -> None:
    with session.begin_nested():
        funding.approve_drawdown(session, drawdown_id=drawdown_id, seen_hash=seen,
                                 by=book.people.bruno.by, at=at)  # fmt: skip


def test_other_terms_of_the_contract_void_what_was_asked_and_it_can_be_refused(
    session: Session, book: Book, now: datetime
) -> None:
    asked = draw(session, book, 6_000_00, now).drawdown_id
    held = contracts.terms_in_force(session, book.contract_id, ON)
    contracts.change_terms(
        session, contract_id=book.contract_id, effective_from=ON, by=people.SETUP, at=now,
        terms=replace(held, value_days_out=held.value_days_out + 1),
    )  # fmt: skip
    with pytest.raises(Conflict) as refused:
        _approve(session, asked, book, now, seen(session, asked))
    assert refused.value.code == "approval_stale"
    assert not seconding.shown(session, drawdown_id=asked, on=ON).is_as_asked
    funding.reject_drawdown(
        session, drawdown_id=asked, seen_hash=seen(session, asked), reason="the terms changed",
        by=book.people.bruno.by, at=now,
    )  # fmt: skip
    again = draw(session, book, 6_000_00, now).drawdown_id
    _approve(session, again, book, now, seen(session, again))


def test_a_decision_on_figures_that_moved_is_looked_at_again_and_nothing_is_void(
    session: Session, book: Book, now: datetime
) -> None:
    asked = draw(session, book, 6_000_00, now).drawdown_id
    looked = seen(session, asked)
    other = draw(session, book, 10_00, now).drawdown_id
    with pytest.raises(FiguresMoved):
        _approve(session, asked, book, now, looked)
    funding.cancel_drawdown(session, drawdown_id=other, reason="no more",
                            by=book.people.fanny.by, at=now)  # fmt: skip
    _approve(session, asked, book, now, looked)  # the figures they saw are those again


def test_what_was_asked_before_terms_were_part_of_it_is_still_decided(
    session: Session, book: Book, now: datetime
) -> None:
    asked = draw(session, book, 6_000_00, now).drawdown_id
    view = queries.drawdown_view(session, drawdown_id=asked)
    approvals.void_open(session, subject_kind="drawdown", subject_id=asked, reason="older",
                        by=people.SETUP, at=now)  # fmt: skip
    approvals.ask(session, subject_kind="drawdown", subject_id=asked, summary={"client": "Alpha"},
                  subject_hash=approval_hash(view, None), by=book.people.fanny.by,
                  at=now)  # fmt: skip
    _approve(session, asked, book, now, seen(session, asked))


def test_a_cancelled_drawdown_asks_nobody_any_more(
    session: Session, book: Book, now: datetime
) -> None:
    asked = draw(session, book, 6_000_00, now).drawdown_id
    assert approvals.open_for(session, "drawdown", asked) is not None
    funding.cancel_drawdown(session, drawdown_id=asked, reason="changed my mind",
                            by=book.people.fanny.by, at=now)  # fmt: skip
    assert approvals.open_for(session, "drawdown", asked) is None
    with pytest.raises(DrawdownMoved):
        funding.approve_drawdown(session, drawdown_id=asked, seen_hash=seen(session, asked),
                                 by=book.people.bruno.by, at=now)  # fmt: skip


def test_more_than_available_is_refused_with_every_reason_and_kept(
    session: Session, book: Book, now: datetime
) -> None:
    answer = draw(session, book, 200_000_00, now)
    assert answer.state is State.REFUSED
    assert [reason.code for reason in answer.reasons] == ["above_available", "above_facility"]
    kept = queries.drawdown_view(session, drawdown_id=answer.drawdown_id)
    assert kept.refusals == answer.reasons
    assert available(session, book) == 10_713_60


def test_an_order_is_sealed_once_and_its_bytes_never_change(
    session: Session, book: Book, now: datetime
) -> None:
    draw(session, book, 1_000_00, now)
    draw(session, book, 2_000_00, now)
    sealed = funding.seal_payouts(
        session, account_id=book.account_id, execute_on=ON, by=book.people.bruno.by, at=now
    )
    assert (sealed.payment_count, sealed.total_minor) == (2, 3_000_00)
    one = banking.queries.order_file(session, order_id=sealed.order_id).content
    two = banking.queries.order_file(session, order_id=sealed.order_id).content
    assert one == two
    with pytest.raises(Conflict):
        funding.seal_payouts(
            session, account_id=book.account_id, execute_on=ON, by=book.people.bruno.by, at=now
        )
    assert proof.verify(session) == []


def test_sixteen_sessions_drawing_at_once_never_overdraw(engine: Engine, now: datetime) -> None:
    with transaction(engine) as session:
        made = settle(session, now)

    def ask(_: int) -> State:
        with transaction(engine) as own:
            return draw(own, made, 1_000_00, now).state

    with ThreadPoolExecutor(16) as pool:
        states = list(pool.map(ask, range(16)))
    assert states.count(State.GRANTED) == 4  # from 5 000 in a day on, a second person agrees
    assert states.count(State.REQUESTED) == 6
    with transaction(engine) as session:
        assert available(session, made) == 713_60
        assert proof.verify(session) == []
