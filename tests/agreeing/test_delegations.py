"""Rights that are lent: who decides in whose place, and where that ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tests.people import Named
from tests.receivables.books import Book, open_book

from cessio import agreeing, approvals, contracts
from cessio.agreeing.deeds.contracts import ChangeTerms
from cessio.agreeing.deeds.house import SetAuthority
from cessio.agreeing.deeds.people import LendRights, StaffAccess
from cessio.house import Act
from cessio.identity import Permission, Role
from cessio.identity import queries as identities
from cessio.identity.operations import disable_person, end_delegation, issue_token, use_token
from cessio.identity.rules import Scope
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import CessioError, Conflict, Forbidden, Problems

TERMS = (Permission.APPROVE_CONTRACTS,)


@pytest.fixture
def book(session: Session, now: datetime) -> Book:
    return open_book(session, now)


def _asked(session: Session, deed: Any, maker: Named, at: datetime) -> int:
    return agreeing.ask(session, deed=deed, by=maker.by, at=at)


def _agreed(session: Session, asked: int, checker: Named, at: datetime) -> int | None:
    seen = approvals.approval(session, asked).subject_hash
    with session.begin_nested():
        return agreeing.agree(session, approval_id=asked, seen=seen, by=checker.by, at=at)


def _loan(lender: Named, deputy: Named, now: datetime, **other: Any) -> LendRights:
    on = business_date(now)
    facts = {"permissions": TERMS, "from_on": on, "to_on": on + timedelta(days=9),
             "reason": "on leave", **other}  # fmt: skip
    return LendRights(lender.id, deputy.id, **facts)


def _lent(
    session: Session, book: Book, now: datetime, *, lender: Named | None = None, **other: Any
) -> int:
    """Chloé, an analyst, lends Denis, who decides on no contract, her yes."""
    lender = lender or book.people.chloe
    asked = _asked(session, _loan(lender, book.people.denis, now, **other), lender, now)
    made = _agreed(session, asked, book.people.karine, now)
    assert made is not None
    return made


def _change(session: Session, book: Book, now: datetime) -> ChangeTerms:
    on = business_date(now)
    terms = contracts.terms_in_force(session, book.alpha, on)
    raised = replace(terms, facility_limit_minor=terms.facility_limit_minor + 100)
    return ChangeTerms(book.alpha, raised, on, "more")


def test_a_deputy_decides_in_the_place_of_who_is_away_and_both_are_named(
    session: Session, book: Book, now: datetime
) -> None:
    people = book.people
    asked = _asked(session, _change(session, book, now), people.alice, now)
    with pytest.raises(Forbidden) as refused:
        _agreed(session, asked, people.denis, now)
    assert refused.value.code == "not_the_second"
    _lent(session, book, now)
    named = approvals.who_may_decide(session, approvals.approval(session, asked),
                                     business_date(now))  # fmt: skip
    assert (people.denis.id, people.chloe.name) in {(one.person_id, one.lender) for one in named}
    _agreed(session, asked, people.denis, now + timedelta(minutes=1))
    done = approvals.approval(session, asked)
    assert (done.checker_id, done.for_id) == (people.denis.id, people.chloe.id)


def test_ones_own_right_is_used_before_a_lent_one(
    session: Session, book: Book, now: datetime
) -> None:
    people = book.people
    lent = _asked(session, _loan(people.chloe, people.bruno, now), people.chloe, now)
    _agreed(session, lent, people.karine, now)
    asked = _asked(session, _change(session, book, now), people.alice, now)
    _agreed(session, asked, people.bruno, now + timedelta(minutes=1))
    assert approvals.approval(session, asked).for_id is None


def test_nobody_decides_in_the_place_of_who_asked(
    session: Session, book: Book, now: datetime
) -> None:
    """Otherwise one person would be both, by a colleague who lends a hand."""
    people = book.people
    _lent(session, book, now, lender=people.alice)
    asked = _asked(session, _change(session, book, now), people.alice, now)
    with pytest.raises(Forbidden):
        _agreed(session, asked, people.denis, now)
    with pytest.raises(IntegrityError, match="lent_by_another"), session.begin_nested():
        session.execute(
            text("UPDATE approval SET decision = 'approved', decided_at = :at, checker = :by,"
                 " checker_id = :who, for_id = maker_id WHERE id = :id"),
            {"at": now, "by": people.denis.by, "who": people.denis.id, "id": asked},
        )  # fmt: skip


@pytest.mark.parametrize("how", ["before", "after", "taken back", "lender gone", "role lost"])
def test_what_is_lent_ends(session: Session, book: Book, now: datetime, how: str) -> None:
    people, on = book.people, business_date(now)
    later = {"from_on": on + timedelta(days=2), "to_on": on + timedelta(days=3)}
    number = _lent(session, book, now, **(later if how == "before" else {}))
    asked = _asked(session, _change(session, book, now), people.alice, now)
    at = now + timedelta(days=10) if how == "after" else now + timedelta(minutes=1)
    match how:
        case "taken back":
            end_delegation(session, delegation_id=number, by=people.chloe.by, at=now)
        case "lender gone":
            disable_person(session, person_id=people.chloe.id, by=people.eva.by, at=now)
        case "role lost":
            moved = _asked(session, StaffAccess(people.chloe.id, Role.COLLECTOR, "moves"),
                           people.eva, now)  # fmt: skip
            _agreed(session, moved, people.karine, now)
    with pytest.raises(Forbidden) as refused:
        _agreed(session, asked, people.denis, at)
    assert refused.value.code == "not_the_second"


def test_up_to_an_amount_and_within_what_the_lender_decides(
    session: Session, book: Book, now: datetime
) -> None:
    people = book.people
    change = _change(session, book, now)
    facility = change.terms.facility_limit_minor
    number = _lent(session, book, now, up_to_minor=facility - 1)
    asked = _asked(session, change, people.alice, now)
    with pytest.raises(Forbidden):
        _agreed(session, asked, people.denis, now)
    end_delegation(session, delegation_id=number, by=people.denis.by, at=now)
    _lent(session, book, now)
    amounts = SetAuthority(Act.SIGN_FACILITY, {"credit_analyst": facility - 1}, None)
    _agreed(session, _asked(session, amounts, people.eva, now), people.karine, now)
    with pytest.raises(Forbidden) as refused:
        _agreed(session, asked, people.denis, now + timedelta(minutes=1))
    assert refused.value.code == "beyond_authority"
    more = SetAuthority(Act.SIGN_FACILITY, {"credit_analyst": facility}, None)
    at = now + timedelta(minutes=2)
    _agreed(session, _asked(session, more, people.eva, at), people.karine, at)
    _agreed(session, asked, people.denis, now + timedelta(minutes=3))


def test_lending_takes_two_people_who_are_neither_of_the_two(
    session: Session, book: Book, now: datetime
) -> None:
    people = book.people
    loan = _loan(people.chloe, people.denis, now)
    for stranger in (people.denis, people.alice):
        with pytest.raises(Forbidden):
            _asked(session, loan, stranger, now)
    asked = _asked(session, loan, people.eva, now)  # Chloé is ill
    for wrong in (people.eva, people.chloe, people.denis, people.alice):
        with pytest.raises(Forbidden):
            _agreed(session, asked, wrong, now)
    assert identities.lent_to(session, people.denis.id, business_date(now)) == ()
    _agreed(session, asked, people.karine, now)
    [held] = identities.lent_to(session, people.denis.id, business_date(now))
    assert held.permissions == TERMS


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"permissions": ()}, "not_lendable"),
        ({"permissions": (Permission.RELEASE_PAYMENTS,)}, "not_lendable"),
        ({"permissions": (Permission.EDIT_CONTRACTS,)}, "not_lendable"),
        ({"up_to_minor": 0}, "amount_not_positive"),
        ({"to_on": date(2020, 1, 1)}, "delegation_days"),
        ({"to_on": date(2099, 1, 1)}, "delegation_long"),
        ({"reason": " "}, "reason_missing"),
    ],
)  # fmt: skip
def test_what_is_not_lent(
    session: Session, book: Book, now: datetime, other: dict[str, Any], code: str
) -> None:
    chloe, denis = book.people.chloe, book.people.denis
    with pytest.raises(Problems) as refused:
        _asked(session, _loan(chloe, denis, now, **other), chloe, now)
    assert [one.code for one in refused.value.problems] == [code]


def test_who_opens_doors_or_controls_is_nobodys_deputy(
    session: Session, book: Book, now: datetime
) -> None:
    people = book.people
    for deputy in (people.eva, people.karine):
        with pytest.raises(CessioError):
            _asked(session, _loan(people.chloe, deputy, now), people.chloe, now)


def test_a_key_uses_nothing_that_is_lent(session: Session, book: Book, now: datetime) -> None:
    """It would go on by itself; a person decides in another's place."""
    _lent(session, book, now)
    key = issue_token(session, person_id=book.people.denis.id, name="script",
                      scopes=[Scope.CASH_READ], expires_at=now + timedelta(days=5),
                      by=book.people.denis.by, at=now)  # fmt: skip
    signed = use_token(session, secret=key.secret, at=now)
    assert signed is not None
    assert not signed.may(Permission.APPROVE_CONTRACTS)


def test_it_is_taken_back_by_those_concerned_alone_and_once(
    session: Session, book: Book, now: datetime
) -> None:
    number = _lent(session, book, now)
    with pytest.raises(Forbidden):
        end_delegation(session, delegation_id=number, by=book.people.alice.by, at=now)
    end_delegation(session, delegation_id=number, by=book.people.eva.by, at=now)
    with pytest.raises(Conflict):
        end_delegation(session, delegation_id=number, by=book.people.chloe.by, at=now)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE delegation SET to_on = to_on + 30",
        "UPDATE delegation SET permissions = permissions || '{release_payments}'",
        "UPDATE delegation SET deputy_id = :other",
        "DELETE FROM delegation",
        ("INSERT INTO delegation (lender_id, deputy_id, permissions, from_on, to_on, reason,"
         " given_at, given_by) SELECT lender_id, :other, permissions, from_on, to_on, reason,"
         " given_at, 'person:' || :other FROM delegation"),
    ],
)  # fmt: skip
def test_the_database_changes_nothing_that_was_lent(
    session: Session, book: Book, now: datetime, statement: str
) -> None:
    _lent(session, book, now)
    bound = {"other": book.people.alice.id} if ":other" in statement else {}
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text(statement), bound)


def test_the_database_asks_whether_it_was_lent(session: Session, book: Book, now: datetime) -> None:
    people = book.people
    asked = _asked(session, _change(session, book, now), people.alice, now)
    with pytest.raises(IntegrityError, match="lends nothing"), session.begin_nested():
        session.execute(
            text("UPDATE approval SET decision = 'approved', decided_at = :at, checker = :by,"
                 " checker_id = :who, for_id = :lender WHERE id = :id"),
            {"at": now, "by": people.denis.by, "who": people.denis.id,
             "lender": people.chloe.id, "id": asked},
        )  # fmt: skip
