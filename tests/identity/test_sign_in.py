"""Signing in tells nothing to a stranger, and a session lives no longer than it should."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session
from tests import people
from tests.people import People

from cessio import identity
from cessio.identity import SignedIn, SignInRefused, queries
from cessio.identity.models import Person, WebSession
from cessio.identity.operations import (
    Forgotten,
    SecondStepNeeded,
    confirm_password,
    disable_person,
    end_session,
    forget_old,
    network_of,
    note_proof,
    set_password,
    sign_out,
)
from cessio.kernel.errors import NotFound
from cessio.plumbing.database import transaction


@pytest.fixture
def there(session: Session, now: datetime) -> People:
    settled = people.settle_in(session, at=now)
    people.give_password(session, settled.gilles)
    return settled


def _try(
    session: Session, at: datetime, **changes: Any
) -> SignedIn | SecondStepNeeded | SignInRefused:
    wanted: dict[str, Any] = {
        "email": "gilles@alpha.example", "password": people.PASSWORD, "address": people.ADDRESS,
        "user_agent": "tests", "at": at,
    }  # fmt: skip
    return identity.sign_in(session, **(wanted | changes))


def test_the_right_password_opens_a_session_of_its_person(
    session: Session, there: People, now: datetime
) -> None:
    opened = _try(session, now, email=" Gilles@ALPHA.example")
    assert isinstance(opened, SignedIn)
    signed = identity.resume(session, token=opened.token, at=now)
    assert signed is not None
    assert (signed.person_id, signed.by, signed.client_id, signed.audience) == (
        there.gilles.id, there.gilles.by, there.alpha.id, "client",
    )  # fmt: skip
    assert signed.csrf == opened.csrf != opened.token
    stored = session.scalars(select(WebSession)).one()
    assert opened.token.encode() not in stored.token_hash


def test_every_refusal_is_the_same(session: Session, there: People, now: datetime) -> None:
    disable_person(session, person_id=there.gilles.id, by=there.eva.by, at=now)
    refusals = [
        _try(session, now, password="wrong password"),
        _try(session, now, email="nobody@alpha.example"),
        _try(session, now, email=there.gilles.email),
        _try(session, now, email=there.helene.email, password=""),
        _try(session, now, email="\0'; drop table person; --", password="\0"),
    ]
    assert refusals == [SignInRefused(retry_at=None)] * 5


def test_a_person_without_a_password_never_gets_in(
    session: Session, there: People, now: datetime
) -> None:
    for password in ("", "!", people.PASSWORD):
        assert isinstance(
            _try(session, now, email=there.helene.email, password=password), SignInRefused
        )


def test_a_stranger_takes_as_long_as_a_wrong_password(
    session: Session, there: People, now: datetime, real_hashing: None
) -> None:
    def seconds(email: str, second: int) -> float:
        start = time.perf_counter()
        _try(session, now + timedelta(hours=second), email=email, password="wrong",
             address=f"198.51.{second}.7")  # fmt: skip
        return time.perf_counter() - start

    set_password(session, person_id=there.gilles.id, password=people.PASSWORD, by="x:1", at=now)
    seconds("warm@up.example", 0)
    known = median(seconds(there.gilles.email, each) for each in (1, 2, 3, 4, 5))
    stranger = median(seconds("nobody@alpha.example", each) for each in (6, 7, 8, 9, 10))
    assert 0.5 < known / stranger < 2


def test_each_failure_makes_the_next_attempt_wait_longer(
    session: Session, there: People, now: datetime
) -> None:
    for _ in range(2):
        assert _try(session, now, password="wrong") == SignInRefused(None)
    assert _try(session, now, password="wrong") == SignInRefused(now + timedelta(seconds=2))
    early = _try(session, now + timedelta(seconds=1))
    assert early == SignInRefused(now + timedelta(seconds=2)), "even the right password waits"
    assert isinstance(_try(session, now + timedelta(seconds=3)), SignedIn)


def test_the_wait_is_of_one_network_and_one_account(
    session: Session, there: People, now: datetime
) -> None:
    for _ in range(3):
        _try(session, now, password="wrong", address="203.0.113.5")
    assert isinstance(_try(session, now, address="203.0.113.99"), SignInRefused), "same network"
    assert isinstance(_try(session, now, address="198.51.100.5"), SignedIn)


def test_an_unknown_account_waits_just_the_same(
    session: Session, there: People, now: datetime
) -> None:
    for email in ("gilles@alpha.example", "nobody@alpha.example"):
        answers = [_try(session, now, email=email, password="wrong") for _ in range(4)]
        assert answers[2:] == [SignInRefused(now + timedelta(seconds=2))] * 2


def test_a_new_session_never_keeps_the_token_the_browser_came_with(
    session: Session, there: People, now: datetime
) -> None:
    first = _try(session, now)
    assert isinstance(first, SignedIn)
    second = _try(session, now, previous_token=first.token)
    assert isinstance(second, SignedIn)
    assert second.token != first.token
    assert identity.resume(session, token=first.token, at=now) is None


@pytest.mark.parametrize(("who", "idle"), [("alice", 15), ("gilles", 60)])
def test_a_session_left_alone_ends(
    session: Session, there: People, now: datetime, who: str, idle: int
) -> None:
    token = people.let_in(session, getattr(there, who), at=now).token
    almost = now + timedelta(minutes=idle) - timedelta(seconds=1)
    assert identity.resume(session, token=token, at=almost) is not None
    later = almost + timedelta(minutes=idle) - timedelta(seconds=1)
    assert identity.resume(session, token=token, at=later) is not None, "use prolongs it"
    assert identity.resume(session, token=token, at=later + timedelta(minutes=idle)) is None


def test_a_session_in_use_ends_after_twelve_hours(
    session: Session, there: People, now: datetime
) -> None:
    token = people.let_in(session, there.alice, at=now).token
    for minutes in range(0, 12 * 60, 10):
        at = now + timedelta(minutes=minutes)
        assert identity.resume(session, token=token, at=at) is not None
    assert identity.resume(session, token=token, at=now + timedelta(hours=12)) is None


def test_a_role_taken_away_is_gone_at_the_next_request(
    session: Session, there: People, now: datetime
) -> None:
    token = people.let_in(session, there.alice, at=now).token
    person = session.get(Person, there.alice.id)
    assert person is not None
    person.role, person.rights_at, person.rights_by = "auditor", now, people.SETUP
    session.flush()
    signed = identity.resume(session, token=token, at=now)
    assert signed is not None
    assert not signed.may(identity.Permission.DECIDE_REMITTANCES)


def test_signing_out_ends_the_session_in_the_server(
    session: Session, there: People, now: datetime
) -> None:
    token = people.let_in(session, there.alice, at=now).token
    sign_out(session, token=token, at=now)
    sign_out(session, token="unknown", at=now)
    assert identity.resume(session, token=token, at=now) is None


def test_browsers_are_listed_and_ended_one_by_one(
    session: Session, there: People, now: datetime
) -> None:
    first = people.let_in(session, there.alice, at=now)
    second = people.let_in(session, there.alice, at=now + timedelta(minutes=1))
    listed = queries.open_sessions(session, there.alice.id, now)
    assert [each.id for each in listed] == [second.session_id, first.session_id]
    end_session(session, session_id=first.session_id, person_id=there.alice.id,
                by=there.alice.by, at=now)  # fmt: skip
    assert len(queries.open_sessions(session, there.alice.id, now)) == 1
    with pytest.raises(NotFound):
        end_session(session, session_id=second.session_id, person_id=there.bruno.id,
                    by=there.bruno.by, at=now)  # fmt: skip


def test_a_password_given_again_is_dated(session: Session, there: People, now: datetime) -> None:
    opened = people.let_in(session, there.gilles, at=now)
    later = now + timedelta(minutes=20)
    asked: dict[str, Any] = {"person_id": there.gilles.id, "address": people.ADDRESS, "at": later}
    assert confirm_password(session, password="wrong", **asked) == SignInRefused(None)
    assert confirm_password(session, password=people.PASSWORD, **asked) is None
    note_proof(session, session_id=opened.session_id, at=later)
    signed = identity.resume(session, token=opened.token, at=later)
    assert signed is not None
    assert signed.proved_at == later


def test_a_failed_attempt_is_kept_although_nothing_else_is(engine: Engine, now: datetime) -> None:
    with transaction(engine) as session:
        people.settle_in(session, at=now)
    with transaction(engine) as session:
        assert isinstance(_try(session, now, password="wrong"), SignInRefused)
    with transaction(engine) as session:
        rows = session.execute(text("SELECT email, network, succeeded FROM sign_in_attempt")).all()
    assert rows == [("gilles@alpha.example", "192.0.2.0/24", False)]


def test_two_attempts_at_once_are_looked_at_one_after_the_other(
    engine: Engine, now: datetime
) -> None:
    with transaction(engine) as session:
        people.settle_in(session, at=now)
    with transaction(engine) as first:
        _try(first, now, password="wrong")
        with transaction(engine) as second:
            answer = _try(second, now, password="wrong")
    assert answer == SignInRefused(now + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2ff:3:4:5:6", "2001:db8:1:200::/56"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("fe80::1%eth0", "fe80::/56"),
        ("testclient", "testclient"),
    ],
)
def test_a_network_is_what_one_subscriber_holds(address: str, network: str) -> None:
    assert network_of(address) == network


def test_attempts_are_shown_latest_first(session: Session, there: People, now: datetime) -> None:
    _try(session, now, password="wrong")
    _try(session, now + timedelta(minutes=1))
    shown = queries.sign_in_attempts(session, email="GILLES@alpha.example")
    assert [each.succeeded for each in shown] == [True, False]
    assert queries.sign_in_attempts(session, before_id=shown[1].id) == ()
    assert queries.sign_in_attempts(session, succeeded=False) == (shown[1],)


def test_what_is_old_is_forgotten_and_nothing_else(
    session: Session, there: People, now: datetime
) -> None:
    opened = _try(session, now)
    assert isinstance(opened, SignedIn)
    assert forget_old(session, at=now + timedelta(days=80)) == Forgotten(0, 0)
    assert forget_old(session, at=now + timedelta(days=91)) == Forgotten(1, 0)
    assert forget_old(session, at=now + timedelta(days=366)) == Forgotten(0, 1)
    assert queries.person(session, there.gilles.id).name == there.gilles.name
