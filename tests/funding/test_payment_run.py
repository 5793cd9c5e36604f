"""Nobody pays alone, nothing unknown ends by itself, a changed account is paid late or never."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tests import people
from tests.banking.test_formats_pain002 import payment, report
from tests.funding.test_operations import ON, Book, available, draw, seen, settle

from cessio import banking, funding, parties
from cessio.banking import queries as bank
from cessio.banking.queries.orders import OrderUnsigned
from cessio.funding import queries
from cessio.funding.operations import (
    decline_outcome,
    dissolve_order,
    payee_changed,
    set_payout_limits,
)
from cessio.funding.operations.run import PayoutHeld
from cessio.funding.operations.unknowns import NotUnknown
from cessio.funding.queries.listing import (
    DrawdownFilter,
    drawdown_totals,
    listed_drawdowns,
)
from cessio.funding.queries.reconciling import clearing, open_sums, sealed_sums
from cessio.funding.rules import DrawdownStateName as State
from cessio.funding.rules import OutcomeSaid, RefusalCode
from cessio.identity import Permission
from cessio.identity.operations import lend as lend_rights
from cessio.kernel.errors import Conflict, Forbidden, Invalid
from cessio.kernel.paging import PageRequest
from cessio.ledger import bulk as proof
from cessio.parties import ContactDetails
from cessio.parties.operations import add_contact, end_account
from cessio.parties.operations.accounts import CallbackMissing
from cessio.plumbing.database import transaction

NEW_IBAN = people.LEROY.iban
NOTE = "Mme Weber, service flux, 16/11 10:40 : vu au débit"


def reached(name: str) -> ContactDetails:
    return ContactDetails(name, phone="+33472000000")


@pytest.fixture
def book(session: Session, now: datetime) -> Book:
    made = settle(session, now)
    add_contact(session, company_id=made.people.alpha.company_id, by=people.SETUP,
                contact=reached("Fanny Roux"),
                at=now - timedelta(days=90))  # fmt: skip
    return made


def sealed(session: Session, book: Book, now: datetime, *minors: int) -> funding.OrderSealed:
    for minor in minors or (1_000_00, 2_000_00):
        draw(session, book, minor, now)
    return funding.seal_payouts(
        session, account_id=book.account_id, execute_on=ON, by=book.people.bruno.by, at=now
    )


def sent(session: Session, book: Book, now: datetime, *minors: int) -> int:
    order = sealed(session, book, now, *minors)
    funding.sign_order(session, order_id=order.order_id, seen=order.sha256,
                       by=book.people.ines.by, at=now)  # fmt: skip
    banking.record_order_sent(session, order_id=order.order_id, by=book.people.ines.by, at=now)
    return order.order_id


def state(session: Session, drawdown_id: int) -> State:
    return queries.drawdown_view(session, drawdown_id=drawdown_id).state


def clears(session: Session) -> None:
    """What is open between availability and debit is the ledger's clearing account."""
    by_payouts: dict[str, int] = {}
    for (_state, currency), (_count, minor) in open_sums(session).items():
        by_payouts[currency] = by_payouts.get(currency, 0) + minor
    by_books = {currency: minor for currency, minor in clearing(session).items() if minor}
    assert by_payouts == by_books
    assert proof.verify(session) == []


# -- two signatures ------------------------------------------------------------------------------


def test_an_order_leaves_with_the_signatures_of_two_people(
    session: Session, book: Book, now: datetime
) -> None:
    order = sealed(session, book, now)
    with pytest.raises(OrderUnsigned):
        banking.record_order_sent(session, order_id=order.order_id, by=book.people.bruno.by, at=now)
    with pytest.raises(OrderUnsigned):
        bank.released_file(session, order_id=order.order_id)
    for by, refusal in ((book.people.bruno.by, "signed_already"), ("job:x", "person_needed")):
        with pytest.raises(Forbidden) as refused:
            funding.sign_order(session, order_id=order.order_id, seen=order.sha256, by=by, at=now)
        assert refused.value.code == refusal
    with pytest.raises(Conflict):
        funding.sign_order(session, order_id=order.order_id, seen=b"x" * 32,
                           by=book.people.ines.by, at=now)  # fmt: skip
    funding.sign_order(session, order_id=order.order_id, seen=order.sha256,
                       by=book.people.ines.by, at=now)  # fmt: skip
    banking.record_order_sent(session, order_id=order.order_id, by=book.people.bruno.by, at=now)
    clears(session)


def lend(session: Session, lender: people.Named, deputy: people.Named, at: datetime) -> None:
    """Lend the right to sign, as the second person's decision would."""
    on = at.date()
    lend_rights(
        session, lender_id=lender.id, deputy_id=deputy.id, up_to_minor=None, from_on=on,
        permissions=[Permission.RELEASE_PAYMENTS], to_on=on, reason="on leave", by=people.SETUP,
        at=at,
    )  # fmt: skip


def test_a_deputy_signs_in_the_place_of_one_who_is_away_and_never_as_a_second_of_the_same(
    session: Session, book: Book, now: datetime
) -> None:
    ines, bruno, denis = book.people.ines, book.people.bruno, book.people.denis
    order = sealed(session, book, now)  # by Bruno
    who = {"order_id": order.order_id, "seen": order.sha256, "at": now}
    with pytest.raises(Forbidden):
        funding.sign_order(session, by=denis.by, **who)
    lend(session, bruno, denis, now)
    with pytest.raises(Forbidden):
        funding.sign_order(session, by=denis.by, **who)  # Bruno would sign twice
    with pytest.raises(IntegrityError, match="one person"), session.begin_nested():
        session.execute(
            text("INSERT INTO order_signature (order_id, person_id, for_id, sha256, signed_at,"
                 " signed_by) VALUES (:order, :denis, :bruno, :sha, :at, :by)"),
            {"order": order.order_id, "denis": denis.id, "bruno": bruno.id, "sha": order.sha256,
             "at": now, "by": denis.by},
        )  # fmt: skip
    lend(session, ines, denis, now)
    funding.sign_order(session, by=denis.by, **who)
    [_first, second] = bank.signatures(session, order_id=order.order_id)
    assert (second.person_id, second.for_id) == (denis.id, ines.id)
    with pytest.raises(Forbidden):
        funding.sign_order(session, by=ines.by, **who)  # it was signed in her place
    banking.record_order_sent(session, order_id=order.order_id, by=ines.by, at=now)


def test_a_days_limit_counts_what_the_same_person_signs_at_the_same_time(
    engine: Engine, now: datetime
) -> None:
    with transaction(engine) as session:
        made = settle(session, now)
        set_payout_limits(
            session, per_payout_minor=None, per_payee_day_minor=None,
            per_person_day_minor=1_000_00, per_order_minor=None, cooling_hours=48,
            by=people.SETUP, at=now,
        )  # fmt: skip
        orders = []
        for minor in (600_00, 700_00):
            draw(session, made, minor, now)
            orders.append(funding.seal_payouts(session, account_id=made.account_id, at=now,
                                               execute_on=ON, by=people.SETUP))  # fmt: skip

    def sign(session: Session, at: int) -> None:
        funding.sign_order(session, order_id=orders[at].order_id, seen=orders[at].sha256,
                           by=made.people.ines.by, at=now)  # fmt: skip

    def second() -> None:
        with transaction(engine) as session:
            sign(session, 1)

    with ThreadPoolExecutor(1) as pool:
        with transaction(engine) as session:
            sign(session, 0)
            other = pool.submit(second)
            while not (other.done() or _somebody_waits(engine)):
                pass
        with pytest.raises(PayoutHeld):
            other.result(timeout=60)


def _somebody_waits(engine: Engine) -> bool:
    with engine.connect() as connection:
        return bool(connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE payment_order SET sent_at = now(), sent_by = 'person:1'",
        "UPDATE payment_order SET total_minor = total_minor + 1",
        "UPDATE order_signature SET person_id = 999",
        "DELETE FROM order_signature",
        (
            "INSERT INTO order_signature (order_id, person_id, sha256, signed_at, signed_by)"
            " SELECT order_id, person_id, sha256, now(), 'person:9' FROM order_signature"
        ),
        (
            "INSERT INTO order_signature (order_id, person_id, sha256, signed_at, signed_by)"
            " SELECT order_id, 999, 'other'::bytea, now(), 'person:999' FROM order_signature"
        ),
    ],
)
def test_the_database_refuses_what_the_application_would(
    session: Session, book: Book, now: datetime, attack: str
) -> None:
    sealed(session, book, now)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text(attack))


def test_an_order_given_up_frees_its_payouts_and_is_worth_nothing(
    session: Session, book: Book, now: datetime
) -> None:
    order = sealed(session, book, now)
    assert dissolve_order(session, order_id=order.order_id, reason="wrong day",
                          by=book.people.bruno.by, at=now) == 2  # fmt: skip
    with pytest.raises(Conflict):
        funding.sign_order(session, order_id=order.order_id, seen=order.sha256,
                           by=book.people.ines.by, at=now)  # fmt: skip
    again = funding.seal_payouts(
        session, account_id=book.account_id, execute_on=ON, by=book.people.ines.by, at=now
    )
    assert again.payment_count == 2
    clears(session)


# -- limits, splits counted ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ("per_payout_minor", "payout_above_limit"),
        ("per_payee_day_minor", "payout_above_payee_day"),
        ("per_person_day_minor", "payout_above_person_day"),
        ("per_order_minor", "payout_above_order"),
    ],
)
def test_a_limit_holds_over_every_split(
    session: Session, book: Book, now: datetime, limit: str, code: str
) -> None:
    most = 2_500_00
    limits = dict.fromkeys(
        ("per_payout_minor", "per_payee_day_minor", "per_person_day_minor", "per_order_minor")
    )
    set_payout_limits(session, **{**limits, limit: most}, cooling_hours=48,
                      by="system:setup", at=now)  # fmt: skip
    if limit == "per_payout_minor":
        number = draw(session, book, 3_000_00, now).drawdown_id
        ids: list[int] | None = [number]
    else:
        ids = None
        draw(session, book, 2_000_00, now)
        if limit != "per_order_minor":  # the second half goes in an order of its own
            funding.seal_payouts(session, account_id=book.account_id, execute_on=ON,
                                 by=book.people.bruno.by, at=now)  # fmt: skip
        draw(session, book, 1_000_00, now)
    with pytest.raises(PayoutHeld) as refused:
        funding.seal_payouts(session, account_id=book.account_id, execute_on=ON, drawdown_ids=ids,
                             by=book.people.bruno.by, at=now)  # fmt: skip
    assert refused.value.code == code


def test_new_limits_void_what_was_signed_under_the_former_ones(
    session: Session, book: Book, now: datetime
) -> None:
    order = sealed(session, book, now)
    given_up = set_payout_limits(
        session, per_payout_minor=None, per_payee_day_minor=None, per_person_day_minor=None,
        per_order_minor=9_000_00, cooling_hours=24, by="system:setup", at=now,
    )  # fmt: skip
    assert given_up == 1
    assert bank.order(session, order_id=order.order_id).cancelled_at is not None
    clears(session)


# -- what is unknown -----------------------------------------------------------------------------


def test_unknown_is_left_only_by_the_bank_or_by_two_people(
    session: Session, book: Book, now: datetime
) -> None:
    before = available(session, book)
    order_id = sent(session, book, now, 1_000_00)
    (one,) = queries.orders_drawdowns(session, order_id=order_id)
    number = one.drawdown_id
    for word in ("ACCP", "PDNG", "XXXX"):  # on its way, or nobody knows what
        data = report(payment(one.end_to_end_id or "", word),
                      name=bank.order(session, order_id=order_id).message_id)  # fmt: skip
        funding.receive_bank_answer(session, order_id=order_id, data=data, filename="a.xml",
                                    by=book.people.bruno.by, at=now)  # fmt: skip
        funding.settle_payout_lines(session, by="job:x", at=now + timedelta(days=400))
        assert state(session, number) is State.ORDERED
    with pytest.raises(Invalid):
        funding.say_outcome(session, drawdown_id=number, outcome=OutcomeSaid.NOT_PAID, note="no",
                            by=book.people.bruno.by, at=now)  # fmt: skip
    funding.say_outcome(session, drawdown_id=number, outcome=OutcomeSaid.NOT_PAID, note=NOTE,
                        by=book.people.bruno.by, at=now)  # fmt: skip
    for by in (book.people.bruno.by, "job:x"):
        with pytest.raises(Forbidden):
            funding.confirm_outcome(session, drawdown_id=number, by=by, at=now)
    decline_outcome(session, drawdown_id=number, reason="the bank is not sure",
                    by=book.people.ines.by, at=now)  # fmt: skip
    assert state(session, number) is State.ORDERED
    funding.say_outcome(session, drawdown_id=number, outcome=OutcomeSaid.NOT_PAID, note=NOTE,
                        by=book.people.ines.by, at=now)  # fmt: skip
    assert available(session, book) == before - 1_000_00
    funding.confirm_outcome(session, drawdown_id=number, by=book.people.bruno.by, at=now)
    assert state(session, number) is State.REJECTED
    assert available(session, book) == before
    assert all(minor == 0 for minor in clearing(session).values())
    clears(session)


def test_said_paid_it_waits_for_its_debit_under_its_own_name(
    session: Session, book: Book, now: datetime
) -> None:
    order_id = sent(session, book, now, 1_000_00)
    (one,) = queries.orders_drawdowns(session, order_id=order_id)
    funding.say_outcome(session, drawdown_id=one.drawdown_id, outcome=OutcomeSaid.PAID, note=NOTE,
                        by=book.people.bruno.by, at=now)  # fmt: skip
    clears(session)
    funding.confirm_outcome(session, drawdown_id=one.drawdown_id, by=book.people.ines.by, at=now)
    assert open_sums(session) == {(State.PAID, "EUR"): (1, 1_000_00)}
    clears(session)


def test_what_is_sealed_is_with_the_bank_once_it_is_sent(
    session: Session, book: Book, now: datetime
) -> None:
    def ordered(*, sent: bool) -> int:
        wanted = DrawdownFilter(state=State.ORDERED, sent=sent)
        rows = listed_drawdowns(session, PageRequest(50), wanted).rows
        (total,) = drawdown_totals(session, wanted) or (None,)
        assert sum(one.amount_minor for one in rows) == (total.amount_minor if total else 0)
        return sum(one.amount_minor for one in rows)

    order = sealed(session, book, now)
    assert sealed_sums(session) == {"EUR": 3_000_00}
    assert (ordered(sent=False), ordered(sent=True)) == (3_000_00, 0)
    funding.sign_order(session, order_id=order.order_id, seen=order.sha256,
                       by=book.people.ines.by, at=now)  # fmt: skip
    banking.record_order_sent(session, order_id=order.order_id, by=book.people.ines.by, at=now)
    assert sealed_sums(session) == {}
    assert (ordered(sent=False), ordered(sent=True)) == (0, 3_000_00)


def test_the_bank_speaks_first(session: Session, book: Book, now: datetime) -> None:
    order_id = sent(session, book, now, 1_000_00)
    (one,) = queries.orders_drawdowns(session, order_id=order_id)
    funding.say_outcome(session, drawdown_id=one.drawdown_id, outcome=OutcomeSaid.NOT_PAID,
                        note=NOTE, by=book.people.bruno.by, at=now)  # fmt: skip
    data = report(payment(one.end_to_end_id or "", "ACSC"),
                  name=bank.order(session, order_id=order_id).message_id)  # fmt: skip
    funding.receive_bank_answer(session, order_id=order_id, data=data, filename="a.xml",
                                by=book.people.bruno.by, at=now)  # fmt: skip
    with pytest.raises(NotUnknown):
        funding.confirm_outcome(
            session, drawdown_id=one.drawdown_id, by=book.people.ines.by, at=now
        )
    assert state(session, one.drawdown_id) is State.PAID


def test_an_order_that_did_not_leave_is_not_unknown(
    session: Session, book: Book, now: datetime
) -> None:
    order = sealed(session, book, now, 1_000_00)
    (one,) = queries.orders_drawdowns(session, order_id=order.order_id)
    with pytest.raises(NotUnknown):
        funding.say_outcome(session, drawdown_id=one.drawdown_id, outcome=OutcomeSaid.NOT_PAID,
                            note=NOTE, by=book.people.bruno.by, at=now)  # fmt: skip


# -- a changed account, as an attacker would -----------------------------------------------------


def change(session: Session, book: Book, at: datetime, *, confirm: bool = True) -> int:
    who = book.people
    added = parties.add_account(session, company_id=who.alpha.company_id, iban=NEW_IBAN,
                                is_payout=True, by=who.alice.by, at=at)  # fmt: skip
    if confirm:
        known = parties.queries.contacts(session, who.alpha.company_id)[0].id
        parties.confirm_account(session, account_id=added, contact_id=known, why="read back",
                                by=who.bruno.by, at=at)  # fmt: skip
    return added


def test_a_call_is_to_somebody_known_before_and_not_by_who_asks(
    session: Session, book: Book, now: datetime
) -> None:
    who, company = book.people, book.people.alpha.company_id
    own = add_contact(session, company_id=company, contact=reached("Fraudeur"),
                      by=who.alice.by, at=now - timedelta(minutes=5))  # fmt: skip
    other = add_contact(session, company_id=who.bravo.company_id, contact=reached("Helene"),
                        by=people.SETUP, at=now - timedelta(days=90))  # fmt: skip
    end_account(session, account_id=who.alpha.account_id, by=who.alice.by, at=now)
    added = change(session, book, now, confirm=False)  # "the first one": the old one was ended
    late = add_contact(session, company_id=company, contact=reached("Trop tard"),
                       by=who.bruno.by, at=now)  # fmt: skip
    for contact_id in (None, own, other, late):
        with pytest.raises(CallbackMissing):
            parties.confirm_account(session, account_id=added, contact_id=contact_id, why="called",
                                    by=who.bruno.by, at=now)  # fmt: skip
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text("UPDATE party_account SET confirmed_at = now(), confirmed_by = 'x'"
                             " WHERE id = :id"), {"id": added})  # fmt: skip
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(
            text("INSERT INTO account_callback (account_id, contact_id, note, called_at, called_by)"
                 " VALUES (:account, :contact, 'n', now(), 'x')"),
            {"account": added, "contact": late},
        )  # fmt: skip


def test_payouts_that_did_not_leave_go_back_to_approval_on_the_account_of_now(
    session: Session, book: Book, now: datetime
) -> None:
    who = book.people
    granted = draw(session, book, 1_000_00, now).drawdown_id
    order = sealed(session, book, now, 2_000_00)
    later = now + timedelta(hours=1)
    change(session, book, later)
    assert payee_changed(session, client_id=who.alpha.id, by=who.bruno.by, at=later) == 2
    assert bank.order(session, order_id=order.order_id).cancelled_at is not None
    view = queries.drawdown_view(session, drawdown_id=granted)
    assert (view.state, view.iban) == (State.REQUESTED, NEW_IBAN)
    with pytest.raises(Forbidden):  # who changed the account does not let the money go
        funding.approve_drawdown(session, drawdown_id=granted, seen_hash=seen(session, granted),
                                 by=who.bruno.by, at=later)  # fmt: skip
    funding.approve_drawdown(session, drawdown_id=granted, seen_hash=seen(session, granted),
                             by=who.ines.by, at=later)  # fmt: skip
    with pytest.raises(PayoutHeld) as refused:  # and not before the account has cooled off
        funding.seal_payouts(session, account_id=book.account_id, execute_on=ON,
                             drawdown_ids=[granted], by=who.ines.by, at=later)  # fmt: skip
    assert refused.value.code == "payout_cooling_off"
    after = later + timedelta(hours=49)
    done = funding.seal_payouts(
        session, account_id=book.account_id, drawdown_ids=[granted], by=who.ines.by, at=after,
        execute_on=ON + timedelta(days=3),
    )  # fmt: skip
    content = bank.order_file(session, order_id=done.order_id).content
    assert NEW_IBAN.encode() in content
    clears(session)


def test_nothing_leaves_for_an_account_that_is_gone_even_if_nobody_was_told(
    session: Session, book: Book, now: datetime
) -> None:
    number = draw(session, book, 1_000_00, now).drawdown_id
    change(session, book, now + timedelta(hours=1), confirm=False)
    with pytest.raises(PayoutHeld) as refused:
        funding.seal_payouts(session, account_id=book.account_id, execute_on=ON,
                             drawdown_ids=[number], by=book.people.bruno.by,
                             at=now + timedelta(hours=2))  # fmt: skip
    assert refused.value.code == "payout_change_asked"
    end_account(session, account_id=book.people.alpha.account_id, by=book.people.alice.by, at=now)
    with pytest.raises(PayoutHeld) as refused:
        funding.seal_payouts(session, account_id=book.account_id, execute_on=ON,
                             drawdown_ids=[number], by=book.people.bruno.by,
                             at=now + timedelta(hours=2))  # fmt: skip
    assert refused.value.code == "payout_account_changed"


def test_a_client_draws_again_once_its_new_account_has_cooled_off(
    session: Session, book: Book, now: datetime
) -> None:
    change(session, book, now)
    early = draw(session, book, 1_000_00, now + timedelta(hours=3))
    assert early.state is State.REFUSED
    assert [reason.code for reason in early.reasons] == [RefusalCode.PAYEE_COOLING_OFF]
    late = draw(session, book, 1_000_00, now + timedelta(hours=49))
    assert late.state is State.GRANTED
    assert queries.drawdown_view(session, drawdown_id=late.drawdown_id).iban == NEW_IBAN
