"""Whoever resembles a listed name is stopped until two people looked, by us and by the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cessio import banking, funding, parties, screening
from cessio.funding.operations import refuse_unreleasable, release_order
from cessio.funding.operations.run import PayoutHeld
from cessio.funding.rules import DrawdownStateName as State
from cessio.kernel.errors import Conflict, Forbidden, Invalid, Problems
from cessio.parties import ContactDetails
from cessio.parties.operations import add_contact, change_company
from cessio.screening import AlertState, ListSource, Settings, Verdict, queries
from cessio.screening.operations.lists import ListDoubtful
from cessio.screening.operations.looking import Settled
from cessio.screening.operations.screening import Screened
from tests.funding.test_operations import ON, Book, draw, settle
from tests.screening.samples import own

#: Nobody of the tests has this name.
STRANGER = "Zakharenko Ivan"


@pytest.fixture
def book(session: Session, now: datetime) -> Book:
    return settle(session, now)


def load(session: Session, book: Book, now: datetime, *names: str, **more: object) -> int:
    loaded = screening.load_list(
        session, source=ListSource.OWN, data=own(*names), filename="list.csv",
        **{"dated_on": now.date(), "by": book.people.eva.by, "at": now, **more},  # type: ignore[arg-type]
    )  # fmt: skip
    return loaded.version_id


def screen(session: Session, now: datetime) -> Screened:
    return screening.screen_due(session, most=10_000, by="job:test", at=now)


def the_alert(session: Session) -> int:
    return int(session.execute(text("SELECT id FROM screening_alert")).scalar_one())


def states(session: Session) -> list[str]:
    return list(session.scalars(text("SELECT state FROM screening_alert ORDER BY id")))


def say(session: Session, alert: int, verdict: Verdict, by: str, now: datetime) -> AlertState:
    return screening.give_opinion(session, alert_id=alert, verdict=verdict, by=by, at=now,
                                  reason="Dates of birth compared with the passport.")  # fmt: skip


def test_everybody_is_screened_when_a_list_comes_and_nobody_again_until_something_changes(
    session: Session, book: Book, now: datetime
) -> None:
    assert screen(session, now) == Screened()  # without a list there is nothing to hold against
    load(session, book, now, STRANGER)
    done = screen(session, now)
    assert done.companies == session.scalar(text("SELECT count(*) FROM company"))
    assert done.names >= done.companies
    assert done.alerts == 0
    assert screen(session, now) == Screened()
    company = book.people.alpha.company_id
    add_contact(session, company_id=company, contact=ContactDetails(STRANGER, phone="+33472000000"),
                by=book.people.eva.by, at=now)  # fmt: skip
    assert screening.standing(session, company).is_due
    assert screen(session, now).alerts == 1
    found = screening.alert(session, the_alert(session))
    assert (found.name, found.subject_kind, found.score) == (STRANGER, "contact", 100)
    assert screening.standing(session, company).open_count == 1


@pytest.mark.parametrize("how", ["company", "trade name", "account holder", "debtor", "by SQL"])
def test_a_name_is_screened_however_it_comes_in(
    session: Session, book: Book, now: datetime, how: str
) -> None:
    load(session, book, now, STRANGER)
    screen(session, now)
    firm, who = book.people.alpha.company_id, {"by": book.people.eva.by, "at": now}
    known = parties.queries.company(session, firm)
    details = parties.CompanyDetails(
        **{name: getattr(known, name) for name in parties.CompanyDetails.__slots__}
    )
    match how:
        case "company":
            change_company(session, company_id=firm, version=known.version,
                           details=replace(details, name=STRANGER), **who)  # fmt: skip
        case "trade name":
            change_company(session, company_id=firm, version=known.version,
                           details=replace(details, trade_name=STRANGER), **who)  # fmt: skip
        case "account holder":
            parties.add_account(session, company_id=firm, iban="FR1420041010050500013M02606",
                                holder=STRANGER, **who)  # fmt: skip
        case "debtor":
            parties.register_debtor(session, details=parties.CompanyDetails(
                name=STRANGER, siren="732829320"), **who)  # fmt: skip
        case "by SQL":
            session.execute(text("UPDATE company SET name = :n WHERE id = :i"),
                            {"n": STRANGER, "i": firm})  # fmt: skip
    assert screen(session, now).alerts == 1


def test_nothing_is_paid_while_an_alert_is_open(
    session: Session, book: Book, now: datetime
) -> None:
    draw(session, book, 1_000_00, now)
    load(session, book, now, "Alpha Metalerie")
    seal = {"account_id": book.account_id, "execute_on": ON, "by": book.people.bruno.by, "at": now}
    with pytest.raises(funding.operations.payouts.NothingToPay):
        funding.seal_payouts(session, **seal)
    ids = session.scalars(text("SELECT id FROM drawdown")).all()
    with pytest.raises(PayoutHeld) as held:
        funding.seal_payouts(session, drawdown_ids=ids, **seal)
    assert held.value.code == "payout_being_checked"
    assert states(session) == ["open"]  # screened as it was to be paid, no job ran
    alert = the_alert(session)
    assert say(session, alert, Verdict.CLEAR, book.people.chloe.by, now) is AlertState.OPEN
    with pytest.raises(PayoutHeld):
        funding.seal_payouts(session, drawdown_ids=ids, **seal)
    assert say(session, alert, Verdict.CLEAR, book.people.bruno.by, now) is AlertState.CLEARED
    funding.seal_payouts(session, **seal)


def test_an_order_sealed_before_the_list_came_does_not_leave(
    session: Session, book: Book, now: datetime
) -> None:
    draw(session, book, 1_000_00, now)
    order = funding.seal_payouts(session, account_id=book.account_id, execute_on=ON,
                                 by=book.people.bruno.by, at=now)  # fmt: skip
    funding.sign_order(session, order_id=order.order_id, seen=order.sha256,
                       by=book.people.ines.by, at=now)  # fmt: skip
    load(session, book, now, "Alpha Métallerie")
    who = {"order_id": order.order_id, "by": book.people.ines.by, "at": now}
    with pytest.raises(IntegrityError), session.begin_nested():  # nobody screened it yet
        banking.record_order_sent(session, **who)
    for act in (release_order, refuse_unreleasable):
        with pytest.raises(PayoutHeld):
            act(session, **who)
    screen(session, now)
    with pytest.raises(IntegrityError, match="being checked"), session.begin_nested():
        banking.record_order_sent(session, **who)
    alert = the_alert(session)
    for by in (book.people.chloe.by, book.people.bruno.by):
        say(session, alert, Verdict.CLEAR, by, now)
    release_order(session, **who)


def test_two_different_people_clear_whatever_token_they_use(
    session: Session, book: Book, now: datetime
) -> None:
    load(session, book, now, "Alpha Métallerie")
    screen(session, now)
    alert, chloe = the_alert(session), book.people.chloe
    with pytest.raises(Forbidden):
        say(session, alert, Verdict.CLEAR, "job:screening.due", now)
    with pytest.raises(Invalid):
        screening.give_opinion(session, alert_id=alert, verdict=Verdict.CLEAR, reason=" ",
                               by=chloe.by, at=now)  # fmt: skip
    say(session, alert, Verdict.CLEAR, chloe.by, now)
    with pytest.raises(Forbidden):
        say(session, alert, Verdict.CLEAR, chloe.by, now)
    assert states(session) == ["open"]


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE screening_alert SET state = 'cleared'",
        "UPDATE screening_alert SET state = 'superseded'",
        "UPDATE screening_alert SET name = 'Nobody'",
        "DELETE FROM screening_alert",
        "UPDATE list_entry SET names = '{Nobody}'",
        "UPDATE list_version SET entry_ids = '{}'",
        (
            "INSERT INTO screening_alert (company_id, subject_kind, name, entry_id, version_id,"
            " alias, score, pairs, state, found_at, found_by, state_at) SELECT company_id,"
            " subject_kind, 'x', entry_id, version_id, alias, score, pairs, 'cleared', found_at,"
            " found_by, state_at FROM screening_alert"
        ),
        (
            "WITH said AS (INSERT INTO screening_opinion (alert_id, verdict, reason, person_id,"
            " given_at, given_by) SELECT screening_alert.id, 'clear', 'x', person.id, now(), 'x'"
            " FROM screening_alert, generate_series(1, 2), (SELECT min(id) AS id FROM person) AS"
            " person RETURNING 1) SELECT count(*) FROM said;"
            " UPDATE screening_alert SET state = 'cleared'"
        ),
    ],
)
def test_the_database_lets_nobody_clear_alone(
    session: Session, book: Book, now: datetime, attack: str
) -> None:
    load(session, book, now, "Alpha Métallerie")
    screen(session, now)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text(attack))


def test_a_hit_freezes_payouts_and_assignments_and_is_lifted_by_two(
    session: Session, book: Book, now: datetime
) -> None:
    load(session, book, now, "Alpha Métallerie")
    screen(session, now)
    alert = the_alert(session)
    assert say(session, alert, Verdict.HIT, book.people.chloe.by, now) is AlertState.HIT
    asked = draw(session, book, 1_000_00, now)
    assert asked.state is State.REFUSED
    assert [one.code for one in asked.reasons] == ["being_checked"]
    with pytest.raises(IntegrityError, match="being checked"), session.begin_nested():
        session.execute(text(
            "UPDATE remittance SET state = 'draft' WHERE id = (SELECT min(id) FROM remittance);"
            " UPDATE remittance SET state = 'assigned' WHERE state = 'draft'"
        ))  # fmt: skip
    say(session, alert, Verdict.CLEAR, book.people.chloe.by, now)
    assert states(session) == ["hit"]
    say(session, alert, Verdict.CLEAR, book.people.bruno.by, now)
    assert draw(session, book, 1_000_00, now).state is State.GRANTED


def test_what_was_cleared_stays_so_until_the_name_or_the_entry_changes(
    session: Session, book: Book, now: datetime
) -> None:
    load(session, book, now, "Alpha Metallerie", "Nobody Else")
    screen(session, now)
    alert = the_alert(session)
    for by in (book.people.chloe.by, book.people.bruno.by):
        say(session, alert, Verdict.CLEAR, by, now)
    with pytest.raises(Settled):
        say(session, alert, Verdict.CLEAR, book.people.ines.by, now)
    load(session, book, now, "Alpha Metallerie", "Nobody Else", "Third Man")
    assert screen(session, now).alerts == 0
    load(session, book, now, "Alpha Metalleries", "Nobody Else", "Third Man")
    assert screen(session, now).alerts == 1
    assert states(session) == ["cleared", "open"]
    load(session, book, now, "Alpha Metallerie Group", "Nobody Else", "Third Man")
    assert screen(session, now).alerts == 1
    assert states(session) == ["cleared", "superseded", "open"]


def test_a_new_name_does_not_shake_an_alert_off(
    session: Session, book: Book, now: datetime
) -> None:
    load(session, book, now, "Alpha Métallerie")
    screen(session, now)
    firm = book.people.alpha.company_id
    known = parties.queries.company(session, firm)
    details = parties.CompanyDetails(
        **{name: getattr(known, name) for name in parties.CompanyDetails.__slots__}
    )
    change_company(
        session, company_id=firm, version=known.version, by=book.people.eva.by, at=now,
        details=replace(details, name="Omega", trade_name=None),
    )  # fmt: skip
    screen(session, now)
    load(session, book, now, "Somebody Else")  # no longer listed: people say so, not the program
    screen(session, now)
    assert states(session) == ["open"]
    assert not screening.alert(session, the_alert(session)).is_listed


def test_an_older_or_a_cut_off_file_asks_for_a_word(
    session: Session, book: Book, now: datetime
) -> None:
    names = [f"Listed Person {letter}" for letter in "abcdefghijklmnop"]
    load(session, book, now, *names)
    with pytest.raises(Conflict) as same:
        load(session, book, now, *names)
    assert same.value.code == "list_known"
    older = now.date() - timedelta(days=3)
    for given, code in (((*names, "x y"), "list_older"), (names[:6], "list_short")):
        when = {"dated_on": older} if code == "list_older" else {}
        with pytest.raises(ListDoubtful) as doubt:
            load(session, book, now, *given, **when)
        assert doubt.value.code == code
    load(session, book, now, *names[:6], confirmed=True, dated_on=older)
    [latest, first] = queries.versions(session)
    assert (latest.is_current, first.is_current) == (True, False)
    assert (latest.entry_count, latest.new_count, latest.gone_count) == (6, 0, 10)
    with pytest.raises(Invalid):
        load(session, book, now, "a b", dated_on=date(2027, 1, 1))


def test_a_list_nobody_renewed_is_old(session: Session, book: Book, now: datetime) -> None:
    load(session, book, now, STRANGER)
    assert not queries.stale(session, on=now.date() + timedelta(days=7))
    assert len(queries.stale(session, on=now.date() + timedelta(days=8))) == 1


def test_another_threshold_screens_everybody_again(
    session: Session, book: Book, now: datetime
) -> None:
    load(session, book, now, "Alpha Zorn Métallerie Kast Plov")
    assert screen(session, now).alerts == 0
    with pytest.raises(Problems):
        screening.set_settings(session, wanted=Settings(30, 7), by=book.people.eva.by, at=now)
    screening.set_settings(session, wanted=Settings(75, 7), by=book.people.eva.by, at=now)
    assert screen(session, now).alerts == 1
