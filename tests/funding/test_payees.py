"""A payee its bank does not recognise is paid only when a second person says why."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tests.funding.test_operations import ON, Book, draw, settle

from cessio import banking, funding
from cessio.funding import queries
from cessio.funding.operations import accept_payee, record_payee, refuse_unreleasable, release_order
from cessio.funding.operations.run import PayoutHeld
from cessio.funding.operations.verifying import PayeeChecked
from cessio.funding.rules.payees import Payee, PayeeOutcome, digest
from cessio.kernel.errors import Conflict, Forbidden, Invalid


@pytest.fixture
def book(session: Session, now: datetime) -> Book:
    return settle(session, now)


@pytest.fixture
def order(session: Session, book: Book, now: datetime) -> funding.OrderSealed:
    draw(session, book, 1_000_00, now)
    return funding.seal_payouts(session, account_id=book.account_id, execute_on=ON,
                                by=book.people.bruno.by, at=now)  # fmt: skip


def the_payee(session: Session, order: funding.OrderSealed) -> Payee:
    [one] = queries.payees_of_order(session, order.order_id)
    return one


def said(
    session: Session, order: funding.OrderSealed, outcome: PayeeOutcome, by: str, now: datetime,
    **more: str,
) -> int:  # fmt: skip
    one = the_payee(session, order)
    return record_payee(session, name=one.name, iban=one.iban, outcome=outcome, by=by, at=now,
                        **more)  # fmt: skip


def sign(session: Session, book: Book, order: funding.OrderSealed, now: datetime) -> None:
    funding.sign_order(session, order_id=order.order_id, seen=order.sha256,
                       by=book.people.ines.by, at=now)  # fmt: skip


@pytest.mark.parametrize("outcome", [PayeeOutcome.NO_MATCH, PayeeOutcome.NOT_POSSIBLE])
def test_nothing_leaves_to_who_is_not_recognised_until_another_person_accepts(
    session: Session, book: Book, order: funding.OrderSealed, now: datetime, outcome: PayeeOutcome
) -> None:
    people, who = book.people, {"order_id": order.order_id, "at": now}
    check = said(session, order, outcome, people.bruno.by, now)
    sign(session, book, order, now)
    for act in (release_order, refuse_unreleasable):
        with pytest.raises(PayoutHeld) as held:
            act(session, by=people.ines.by, **who)
        assert held.value.code == "payout_payee_doubted"
    with pytest.raises(IntegrityError, match="not recognise"), session.begin_nested():
        banking.record_order_sent(session, by=people.ines.by, **who)
    with pytest.raises(Forbidden):
        accept_payee(session, check_id=check, reason="Known.", by=people.bruno.by, at=now)
    with pytest.raises(Forbidden):
        accept_payee(session, check_id=check, reason="Known.", by="job:x", at=now)
    with pytest.raises(Invalid):
        accept_payee(session, check_id=check, reason=" ", by=people.ines.by, at=now)
    accept_payee(session, check_id=check, reason="Bank called.", by=people.ines.by, at=now)
    with pytest.raises(PayeeChecked):
        accept_payee(session, check_id=check, reason="Again.", by=people.ines.by, at=now)
    release_order(session, by=people.ines.by, **who)


@pytest.mark.parametrize("outcome", [PayeeOutcome.MATCH, PayeeOutcome.CLOSE, None])
def test_a_match_a_close_one_and_an_unasked_one_leave_and_say_what_they_are(
    session: Session, book: Book, order: funding.OrderSealed, now: datetime,
    outcome: PayeeOutcome | None,
) -> None:  # fmt: skip
    if outcome is not None:
        name = {"returned_name": "ALPHA METAL"} if outcome is PayeeOutcome.CLOSE else {}
        said(session, order, outcome, book.people.bruno.by, now, **name)
    one = the_payee(session, order)
    assert one.outcome is outcome
    assert one.returned_name == ("ALPHA METAL" if outcome is PayeeOutcome.CLOSE else None)
    sign(session, book, order, now)
    release_order(session, order_id=order.order_id, by=book.people.ines.by, at=now)


def test_the_word_on_one_name_and_account_is_none_on_another(
    session: Session, book: Book, order: funding.OrderSealed, now: datetime
) -> None:
    one = the_payee(session, order)
    for name, iban in ((f"{one.name} 2", one.iban), (one.name, "FR1420041010050500013M02606")):
        record_payee(session, name=name, iban=iban, outcome=PayeeOutcome.MATCH,
                     by=book.people.bruno.by, at=now)  # fmt: skip
    assert the_payee(session, order).outcome is None


def test_a_later_word_voids_the_acceptance_of_an_earlier_one(
    session: Session, book: Book, order: funding.OrderSealed, now: datetime
) -> None:
    people = book.people
    first = said(session, order, PayeeOutcome.NO_MATCH, people.bruno.by, now)
    accept_payee(session, check_id=first, reason="Bank called.", by=people.ines.by, at=now)
    said(session, order, PayeeOutcome.NO_MATCH, people.bruno.by, now)
    assert the_payee(session, order).is_held
    with pytest.raises(PayeeChecked):
        accept_payee(session, check_id=first, reason="Again.", by=people.chloe.by, at=now)


def test_who_signs_has_seen_what_is_known_of_the_payees(
    session: Session, book: Book, order: funding.OrderSealed, now: datetime
) -> None:
    shown = digest(queries.payees_of_order(session, order.order_id))
    said(session, order, PayeeOutcome.CLOSE, book.people.bruno.by, now, returned_name="X")
    sign_as = {"order_id": order.order_id, "seen": order.sha256, "by": book.people.ines.by}
    with pytest.raises(Conflict) as moved:
        funding.sign_order(session, payees=shown, at=now, **sign_as)
    assert moved.value.code == "payees_not_as_seen"
    known = digest(queries.payees_of_order(session, order.order_id))
    funding.sign_order(session, payees=known, at=now, **sign_as)
    kept = session.scalars(text("SELECT payees_sha256 FROM order_signature ORDER BY id")).all()
    assert [bytes(one) for one in kept] == [shown, known]


def test_a_close_match_tells_the_name_and_others_do_not(
    session: Session, book: Book, order: funding.OrderSealed, now: datetime
) -> None:
    for outcome, name in ((PayeeOutcome.CLOSE, " "), (PayeeOutcome.MATCH, "Alpha")):
        with pytest.raises(Invalid) as refused:
            said(session, order, outcome, book.people.bruno.by, now, returned_name=name)
        assert refused.value.field == "returned_name"
    check = said(session, order, PayeeOutcome.NO_MATCH, book.people.bruno.by, now)
    for attack in (
        "UPDATE payee_check SET outcome = 'match'",
        "DELETE FROM payee_check",
        f"""INSERT INTO payee_acceptance (check_id, reason, person_id, accepted_at, accepted_by)
            SELECT id, 'x', person_id, now(), 'x' FROM payee_check WHERE id = {check}""",
    ):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(attack))
