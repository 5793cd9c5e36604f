"""What a client shares: given with its limits, told to its signatories, ended, never deleted."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tests.people import PASSWORD
from tests.receivables.books import Book, open_book

from cessio.audit import history
from cessio.correspondence import messages_about
from cessio.identity.operations import accept_invitation, invite
from cessio.identity.operations.sessions import token_hash
from cessio.identity.queries import person_by_email
from cessio.identity.rules import Role
from cessio.kernel.errors import Conflict, NotFound, Problems
from cessio.notifications import unread_count
from cessio.sharing import (
    Part,
    ShareRole,
    end_share,
    invite_again,
    prolong,
    queries,
    share_by_link,
    share_with_guest,
)
from cessio.sharing.operations import Reader
from cessio.sharing.queries import Standing
from cessio.sharing.rules import last_day

ON = date(2026, 11, 16)
UNTIL = date(2027, 6, 30)
PAUL = Reader("Paul Renaud", "Cabinet Renaud", ShareRole.ACCOUNTANT, "fr", "Paul@Renaud.example")
BANK = Reader("Nadia Ferrand", "Banque du Rhône", ShareRole.BANKER, "fr")


@pytest.fixture
def book(session: Session, now: datetime) -> Book:
    return open_book(session, now)


def given(session: Session, book: Book, at: datetime, **changes: Any) -> int:
    asked = {"reader": PAUL, "parts": [Part.STATEMENTS], "contract_ids": None, "until_on": UNTIL}
    return share_with_guest(
        session, client_id=book.people.alpha.id, **{**asked, **changes},
        by=book.people.fanny.by, at=at,
    ).share_id  # fmt: skip


def test_a_guest_is_invited_by_mail_and_chooses_a_password_once(
    session: Session, book: Book, now: datetime
) -> None:
    share_id = given(session, book, now)
    paul = person_by_email(session, "paul@renaud.example")
    assert paul is not None
    assert (paul.role, paul.client_id, paul.has_password) == (Role.GUEST, None, False)
    told = messages_about(session, kind="shared_book", id=share_id)
    (mail,) = [one for one in told if one.address == "paul@renaud.example"]
    assert "Alpha Métallerie" in mail.subject
    assert "30 juin 2027" in mail.body
    token = invite(session, person_id=paul.id, by="test", at=now)
    assert token is not None
    assert accept_invitation(session, token=token, password=PASSWORD, at=now) == paul.id
    with pytest.raises(NotFound):
        accept_invitation(session, token=token, password=PASSWORD, at=now)
    assert invite(session, person_id=paul.id, by="test", at=now) is None


def test_the_address_with_the_secret_is_in_the_mail_and_not_in_what_is_kept(
    session: Session, book: Book, now: datetime
) -> None:
    share_id = given(session, book, now)
    kept = messages_about(session, kind="shared_book", id=share_id)
    assert not [one for one in kept if "/join/" in one.body]
    mails = session.scalars(text("SELECT content FROM outgoing_mail")).all()
    assert len([one for one in mails if b"/join/" in bytes(one)]) == 1


def test_an_old_invitation_opens_nothing(session: Session, book: Book, now: datetime) -> None:
    given(session, book, now)
    paul = person_by_email(session, "paul@renaud.example")
    assert paul is not None
    token = invite(session, person_id=paul.id, by="test", at=now)
    with pytest.raises(NotFound):
        accept_invitation(session, token=str(token), password=PASSWORD, at=now + timedelta(days=14))


def test_one_guest_reads_of_two_clients_under_one_account(
    session: Session, book: Book, now: datetime
) -> None:
    first = given(session, book, now)
    second = share_with_guest(
        session, client_id=book.people.bravo.id, reader=PAUL, parts=[Part.COSTS],
        contract_ids=[book.bravo], until_on=UNTIL, by=book.people.helene.by, at=now,
    ).share_id  # fmt: skip
    paul = person_by_email(session, "paul@renaud.example")
    assert paul is not None
    shares = queries.shared_with(session, paul.id, on=ON)
    assert [one.id for one in shares] == [first, second]
    assert [one.name for one in queries.shares(session, client_id=book.people.alpha.id)] == [
        "Paul Renaud"
    ]
    with pytest.raises(NotFound):
        queries.share(session, second, client_id=book.people.alpha.id)


def test_staff_and_other_clients_people_are_no_guests(
    session: Session, book: Book, now: datetime
) -> None:
    for taken in (book.people.helene.email, book.people.alice.email):
        reader = Reader("Somebody", "", ShareRole.BANKER, "fr", taken)
        with pytest.raises(Conflict) as refused:
            given(session, book, now, reader=reader)
        assert refused.value.code == "guest_impossible"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"parts": []}, "part"),
        ({"until_on": ON - timedelta(days=1)}, "until_on"),
        ({"until_on": last_day(ON) + timedelta(days=1)}, "until_on"),
        ({"contract_ids": []}, "contract"),
        ({"reader": Reader(" ", "", ShareRole.BANKER, "fr", "x@y.example")}, "name"),
    ],
)
def test_what_cannot_be_shared_is_said(
    session: Session, book: Book, now: datetime, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Problems) as refused:
        given(session, book, now, **changes)
    assert [one.field for one in refused.value.problems] == [field]


def test_another_clients_contract_cannot_be_shared(
    session: Session, book: Book, now: datetime
) -> None:
    with pytest.raises(Problems):
        given(session, book, now, contract_ids=[book.alpha, book.bravo])


def test_every_signatory_is_told_by_mail_and_under_the_bell(
    session: Session, book: Book, now: datetime
) -> None:
    share_id = given(session, book, now)
    told = {one.address for one in messages_about(session, kind="shared_book", id=share_id)}
    assert told == {"paul@renaud.example", book.people.fanny.email}
    assert unread_count(session, book.people.fanny.id) == 1
    assert unread_count(session, book.people.gilles.id) == 0
    link = share_by_link(
        session, client_id=book.people.alpha.id, reader=BANK, parts=[Part.STATEMENTS],
        contract_ids=None, until_on=UNTIL, by=book.people.fanny.by, at=now,
    )  # fmt: skip
    (mail,) = messages_about(session, kind="shared_book", id=link.share_id)
    assert "sans mot de passe" in mail.body
    prolong(
        session, share_id=share_id, client_id=book.people.alpha.id, until_on=last_day(ON),
        by=book.people.fanny.by, at=now + timedelta(minutes=1),
    )  # fmt: skip
    assert unread_count(session, book.people.fanny.id) == 3


def test_a_share_is_open_until_its_day_and_no_longer_than_it_is_not_ended(
    session: Session, book: Book, now: datetime
) -> None:
    share_id = given(session, book, now)
    alpha, paul = book.people.alpha.id, person_by_email(session, "paul@renaud.example")
    assert paul is not None

    def opens(on: date) -> bool:
        return [one.id for one in queries.shared_with(session, paul.id, on=on)] == [share_id]

    assert opens(ON)
    assert opens(UNTIL)
    assert not opens(UNTIL + timedelta(days=1))
    view = queries.share(session, share_id, client_id=alpha)
    assert view.standing(UNTIL + timedelta(days=1)) is Standing.OVER
    end_share(session, share_id=share_id, client_id=alpha, by=book.people.fanny.by, at=now)
    assert not opens(ON)
    with pytest.raises(NotFound):
        queries.open_to_guest(session, share_id, person_id=paul.id, on=ON)
    for act in (
        lambda: end_share(session, share_id=share_id, client_id=alpha, by="x", at=now),
        lambda: prolong(session, share_id=share_id, client_id=alpha, until_on=UNTIL, by="x",
                        at=now),
        lambda: invite_again(session, share_id=share_id, client_id=alpha, by="x", at=now),
    ):  # fmt: skip
        with pytest.raises(Conflict):
            act()
    verbs = [one.verb for one in history(session, "shared_book", share_id, client_id=alpha)]
    assert verbs == ["end", "give"]


def test_a_share_of_another_client_is_not_there_to_change(
    session: Session, book: Book, now: datetime
) -> None:
    share_id = given(session, book, now)
    with pytest.raises(NotFound):
        end_share(session, share_id=share_id, client_id=book.people.bravo.id, by="x", at=now)


def test_a_link_is_kept_by_its_hash_alone(session: Session, book: Book, now: datetime) -> None:
    made = share_by_link(
        session, client_id=book.people.alpha.id, reader=BANK, parts=[Part.STATEMENTS],
        contract_ids=[book.alpha], until_on=UNTIL, by=book.people.fanny.by, at=now,
    )  # fmt: skip
    assert len(made.token) >= 43
    found = queries.by_link(session, token_hash(made.token))
    assert found is not None
    assert found.id == made.share_id
    assert queries.by_link(session, token_hash(made.token + "x")) is None
    kept = session.execute(text("SELECT share::text FROM share")).scalars().all()
    assert not [row for row in kept if made.token in row]


@pytest.mark.parametrize(
    "change",
    [
        "until_on = NULL", "until_on = from_on - 1", "until_on = promised_on + 400",
        "parts = '{}'", "parts = '{ledger}'", "contract_ids = '{}'", "token_hash = NULL",
        "name = 'Somebody else'", "parts = '{statements,costs}'", "client_id = client_id + 1",
        "ended_at = now()",
    ],
)  # fmt: skip
def test_the_database_refuses_what_must_never_be(
    session: Session, book: Book, now: datetime, change: str
) -> None:
    made = share_by_link(
        session, client_id=book.people.alpha.id, reader=BANK, parts=[Part.STATEMENTS],
        contract_ids=[book.alpha], until_on=UNTIL, by=book.people.fanny.by, at=now,
    )  # fmt: skip
    with pytest.raises(IntegrityError):
        session.execute(text(f"UPDATE share SET {change} WHERE id = :id"), {"id": made.share_id})


def test_a_share_is_never_deleted(session: Session, book: Book, now: datetime) -> None:
    given(session, book, now)
    with pytest.raises(IntegrityError):
        session.execute(text("DELETE FROM share"))
