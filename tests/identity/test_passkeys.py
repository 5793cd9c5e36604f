"""A passkey opens for its own person, here, now and once; a lie about any of these does not."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from tests import people
from tests.identity.authenticator import ORIGIN, Authenticator
from tests.people import Named, People

from cessio import audit, identity
from cessio.identity import SignedIn, queries
from cessio.identity.operations import (
    PasskeyRefused,
    SecondStepNeeded,
    add_passkey,
    ask_passkey,
    begin_first_passkey,
    begin_passkey,
    check_passkey,
    disable_person,
    end_factor,
    end_passkey,
    enrol_and_finish,
    enrol_passkey_and_finish,
    finish_by_passkey,
    sign_in_by_passkey,
)
from cessio.identity.rules.passkeys import Purpose, relying_party
from cessio.identity.rules.second_factor import new_seed
from cessio.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from cessio.plumbing.vault import Vault

HERE = relying_party(ORIGIN)
BROWSER = "the cookie of a browser"


@pytest.fixture
def there(session: Session, now: datetime) -> People:
    settled = people.settle_in(session, at=now)
    people.give_password(session, settled.fanny)
    return settled


def _added(
    session: Session, who: Named, at: datetime, device: Authenticator | None = None
) -> Authenticator:
    assert HERE is not None
    device = device or Authenticator()
    asked = begin_passkey(session, person_id=who.id, holder=BROWSER, party=HERE, at=at)
    refused = add_passkey(
        session, person_id=who.id, holder=BROWSER, name="phone", answer=device.make(asked),
        party=HERE, keep_session_id=None, at=at,
    )  # fmt: skip
    assert refused is None
    return device


def _asked(session: Session, at: datetime, who: Named | None = None,
           purpose: Purpose = Purpose.DOOR, holder: str = BROWSER) -> str:  # fmt: skip
    assert HERE is not None
    return ask_passkey(session, purpose=purpose, holder=holder,
                       person_id=None if who is None else who.id, party=HERE, at=at)  # fmt: skip


def _enter(session: Session, answer: str, at: datetime, holder: str = BROWSER) -> Any:
    assert HERE is not None
    return sign_in_by_passkey(session, holder=holder, answer=answer, party=HERE,
                              address=people.ADDRESS, user_agent="tests", at=at)  # fmt: skip


def _prove(session: Session, answer: str, who: Named, at: datetime) -> Any:
    assert HERE is not None
    return check_passkey(session, purpose=Purpose.PROOF, holder=BROWSER, answer=answer,
                         person_id=who.id, party=HERE, at=at)  # fmt: skip


def _told(session: Session, verb: str) -> int:
    query = text("SELECT count(*) FROM audit_event WHERE verb = :verb")
    return session.scalar(query, {"verb": verb}) or 0


def test_a_passkey_is_made_for_a_name_over_tls_and_for_this_machine() -> None:
    for address, own in (
        ("https://cessio.example", ("cessio.example", "https://cessio.example")),
        ("https://Cessio.Example:443", ("cessio.example", "https://cessio.example")),
        ("https://cessio.example:8443", ("cessio.example", "https://cessio.example:8443")),
        ("http://localhost:8000", ("localhost", "http://localhost:8000")),
    ):
        party = relying_party(address)
        assert party is not None
        assert (party.id, party.origin) == own
    for address in ("http://127.0.0.1:8000", "https://192.0.2.1", "http://cessio.example",
                    "https://[::1]:8000"):  # fmt: skip
        assert relying_party(address) is None


def test_it_signs_in_without_a_password(session: Session, there: People, now: datetime) -> None:
    device = _added(session, there.fanny, now)
    opened = _enter(session, device.prove(_asked(session, now)), now)
    assert isinstance(opened, SignedIn)
    signed = identity.resume(session, token=opened.token, at=now)
    assert signed is not None
    assert (signed.person_id, signed.has_factor) == (there.fanny.id, True)
    assert _told(session, "add_passkey") == 1
    [kept] = queries.passkeys_of(session, there.fanny.id)
    assert (kept.name, kept.used_at) == ("phone", now)


def test_the_question_at_the_door_names_nobody(
    session: Session, there: People, now: datetime
) -> None:
    """The same before anybody has a passkey and after (ASVS 6.3.8)."""
    before = json.loads(_asked(session, now))
    _added(session, there.fanny, now)
    after = json.loads(_asked(session, now))
    assert before.pop("challenge") != after.pop("challenge")
    assert before == after
    assert after["allowCredentials"] == []
    assert after["userVerification"] == "required"


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "https://cessio.example.evil.example"},
        {"origin": "http://cessio.example"},
        {"rp_id": "evil.example"},
        {"challenge": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
        {"type": "webauthn.create"},
        {"verifies": False},
        {"handle": b"person:999999"},
        {"handle": b""},
    ],
)
def test_a_lie_opens_nothing(
    session: Session, there: People, now: datetime, lie: dict[str, Any]
) -> None:
    device = _added(session, there.fanny, now)
    for name in ("origin", "verifies"):
        setattr(device, name, lie.pop(name, getattr(device, name)))
    answer = device.prove(_asked(session, now), **lie)
    assert _enter(session, answer, now) == PasskeyRefused()
    device.origin, device.verifies = ORIGIN, True
    assert isinstance(_enter(session, device.prove(_asked(session, now)), now), SignedIn)


def test_an_answer_opens_once(session: Session, there: People, now: datetime) -> None:
    device = _added(session, there.fanny, now)
    answer = device.prove(_asked(session, now))
    assert isinstance(_enter(session, answer, now), SignedIn)
    assert _enter(session, answer, now) == PasskeyRefused()


def test_a_wrong_answer_uses_its_challenge_up(
    session: Session, there: People, now: datetime
) -> None:
    device = _added(session, there.fanny, now)
    asked = _asked(session, now)
    stranger = Authenticator(id=device.id, handle=device.handle)
    assert _enter(session, stranger.prove(asked), now) == PasskeyRefused(), "another key"
    assert _enter(session, device.prove(asked), now) == PasskeyRefused()


def test_a_challenge_is_of_one_browser_one_use_and_five_minutes(
    session: Session, there: People, now: datetime
) -> None:
    device = _added(session, there.fanny, now)
    answer = device.prove(_asked(session, now))
    assert _enter(session, answer, now, holder="another browser") == PasskeyRefused()
    proof = device.prove(_asked(session, now, there.fanny, Purpose.PROOF))
    assert _enter(session, proof, now) == PasskeyRefused(), "asked for a proof, not at the door"
    late = device.prove(_asked(session, now))
    assert _enter(session, late, now + timedelta(minutes=5)) == PasskeyRefused()


def test_another_persons_passkey_proves_nothing(
    session: Session, there: People, now: datetime
) -> None:
    _added(session, there.fanny, now)
    helene = _added(session, there.helene, now)
    asked = _asked(session, now, there.fanny, Purpose.PROOF)
    assert len(json.loads(asked)["allowCredentials"]) == 1
    assert _prove(session, helene.prove(asked), there.fanny, now) == PasskeyRefused()


def test_a_counter_that_goes_back_is_refused_and_noted(
    session: Session, there: People, now: datetime
) -> None:
    device = _added(session, there.fanny, now)
    assert isinstance(_enter(session, device.prove(_asked(session, now), count=7), now), SignedIn)
    for count in (7, 6, 0):
        answer = device.prove(_asked(session, now), count=count)
        assert _enter(session, answer, now) == PasskeyRefused()
    assert _told(session, "passkey_counter_back") == 3
    assert isinstance(_enter(session, device.prove(_asked(session, now), count=8), now), SignedIn)


def test_one_that_counts_nothing_is_taken(session: Session, there: People, now: datetime) -> None:
    device = _added(session, there.fanny, now)
    for _ in range(2):
        answer = device.prove(_asked(session, now), count=0)
        assert isinstance(_enter(session, answer, now), SignedIn)


@pytest.mark.parametrize(
    "answer",
    ["", "{}", "[]", "null", "[" * 20_000, '{"id":1}', "\0", '{"id":"a","rawId":"a","type":"x"}'],
)
def test_what_is_no_answer_is_refused(
    session: Session, there: People, now: datetime, answer: str
) -> None:
    assert HERE is not None
    _asked(session, now)
    assert _enter(session, answer, now) == PasskeyRefused()
    begin_passkey(session, person_id=there.fanny.id, holder=BROWSER, party=HERE, at=now)
    refused = add_passkey(session, person_id=there.fanny.id, holder=BROWSER, name="x",
                          answer=answer, party=HERE, keep_session_id=None, at=now)  # fmt: skip
    assert refused == PasskeyRefused()


def test_nobody_adds_a_passkey_that_somebody_holds(
    session: Session, there: People, now: datetime
) -> None:
    assert HERE is not None
    device = _added(session, there.fanny, now)
    asked = begin_passkey(session, person_id=there.helene.id, holder=BROWSER, party=HERE, at=now)
    keep: dict[str, Any] = {"person_id": there.helene.id, "holder": BROWSER, "party": HERE,
                            "keep_session_id": None, "at": now}  # fmt: skip
    answer = device.make(asked)
    with pytest.raises(Invalid):
        add_passkey(session, name=" ", answer=answer, **keep)
    assert add_passkey(session, name="x", answer=answer, **keep) == PasskeyRefused()
    for origin in ("https://evil.example", "http://cessio.example"):
        asked = begin_passkey(session, person_id=there.helene.id, holder=BROWSER, party=HERE,
                              at=now)  # fmt: skip
        foreign = Authenticator(origin=origin).make(asked)
        assert add_passkey(session, name="x", answer=foreign, **keep) == PasskeyRefused()


def test_a_closed_access_opens_by_no_passkey(
    session: Session, there: People, now: datetime
) -> None:
    device = _added(session, there.fanny, now)
    disable_person(session, person_id=there.fanny.id, by=there.eva.by, at=now)
    assert _enter(session, device.prove(_asked(session, now)), now) == PasskeyRefused()


def test_it_is_the_second_factor_after_the_password(
    session: Session, there: People, now: datetime
) -> None:
    assert HERE is not None
    device = _added(session, there.fanny, now)
    device.verifies = False
    owed = identity.sign_in(session, email=there.fanny.email, password=people.PASSWORD,
                            address=people.ADDRESS, user_agent="tests", at=now)  # fmt: skip
    assert isinstance(owed, SecondStepNeeded)
    finish: dict[str, Any] = {"party": HERE, "address": people.ADDRESS, "user_agent": None,
                              "at": now}  # fmt: skip
    other = _added(session, there.helene, now)
    asked = _asked(session, now, there.fanny, Purpose.STEP, holder=owed.token)
    refused = finish_by_passkey(session, token=owed.token, answer=other.prove(asked), **finish)
    assert isinstance(refused, PasskeyRefused), "another's"
    with pytest.raises(Conflict):
        enrol_and_finish(session, token=owed.token, seed=new_seed(), code="000000",
                         vault=Vault(b"a secret of the tests, long enough to be one"),
                         address=people.ADDRESS, user_agent=None, at=now)  # fmt: skip
    asked = _asked(session, now, there.fanny, Purpose.STEP, holder=owed.token)
    opened = finish_by_passkey(session, token=owed.token, answer=device.prove(asked), **finish)
    assert isinstance(opened, SignedIn)
    with pytest.raises(NotFound):
        finish_by_passkey(session, token=owed.token, answer=device.prove(asked), **finish)


def test_who_must_have_a_factor_makes_a_passkey_instead_of_an_application_and_is_in(
    session: Session, there: People, now: datetime
) -> None:
    assert HERE is not None
    device, other, owed = Authenticator(), Authenticator(), _password(session, there.fanny, now)
    enrol: dict[str, Any] = {"name": "phone", "party": HERE, "address": people.ADDRESS,
                             "user_agent": None, "at": now}  # fmt: skip
    asked = begin_first_passkey(session, token=owed.token, party=HERE, at=now)
    assert enrol_passkey_and_finish(session, token=owed.token, answer="{}",
                                    **enrol) == PasskeyRefused()  # fmt: skip
    theirs = _password(session, there.fanny, now)  # another browser, which asks nothing
    assert enrol_passkey_and_finish(session, token=theirs.token, answer=device.make(asked),
                                    **enrol) == PasskeyRefused()  # fmt: skip
    asked = begin_first_passkey(session, token=owed.token, party=HERE, at=now)
    late = begin_first_passkey(session, token=theirs.token, party=HERE, at=now)
    opened = enrol_passkey_and_finish(session, token=owed.token, answer=device.make(asked), **enrol)
    assert isinstance(opened, SignedIn)
    signed = identity.resume(session, token=opened.token, at=now)
    assert signed is not None
    assert (signed.person_id, signed.has_factor) == (there.fanny.id, True)
    with pytest.raises(Conflict) as refused:
        enrol_passkey_and_finish(session, token=theirs.token, answer=other.make(late), **enrol)
    assert refused.value.code == "factor_known", "who learned the password adds none of theirs"
    with pytest.raises(NotFound):
        enrol_passkey_and_finish(session, token=owed.token, answer=device.make(asked), **enrol)
    end_factor(session, person_id=there.fanny.id, why="lost it", by=there.eva.by, at=now)
    again = _password(session, there.fanny, now)
    asked = begin_first_passkey(session, token=again.token, party=HERE, at=now)
    assert isinstance(enrol_passkey_and_finish(session, token=again.token,
                                               answer=other.make(asked), **enrol),
                      SignedIn)  # fmt: skip


def _password(session: Session, who: Named, at: datetime) -> SecondStepNeeded:
    owed = identity.sign_in(session, email=who.email, password=people.PASSWORD,
                            address=people.ADDRESS, user_agent=None, at=at)  # fmt: skip
    assert isinstance(owed, SecondStepNeeded)
    return owed


def test_the_last_factor_of_who_must_have_one_stays(
    session: Session, there: People, now: datetime
) -> None:
    device, spare = _added(session, there.fanny, now), _added(session, there.fanny, now)
    assert device.id != spare.id
    first, second = (one.id for one in queries.passkeys_of(session, there.fanny.id))
    own: dict[str, Any] = {"person_id": there.fanny.id, "keep_session_id": None, "at": now}
    end_passkey(session, passkey_id=first, **own)
    assert _enter(session, device.prove(_asked(session, now)), now) == PasskeyRefused()
    with pytest.raises(Forbidden):
        end_passkey(session, passkey_id=second, **own)
    with pytest.raises(NotFound):
        end_passkey(session, passkey_id=second, **(own | {"person_id": there.helene.id}))
    gilles = _added(session, there.gilles, now)
    [only] = queries.passkeys_of(session, there.gilles.id)
    end_passkey(session, passkey_id=only.id, person_id=there.gilles.id, keep_session_id=None,
                at=now)  # fmt: skip
    assert _enter(session, gilles.prove(_asked(session, now)), now) == PasskeyRefused()
    end_factor(session, person_id=there.fanny.id, why="lost", by=there.eva.by, at=now)
    assert queries.passkeys_of(session, there.fanny.id) == ()


def test_all_staff_and_who_signs_owe_a_second_factor_but_in_the_demonstration(
    session: Session, there: People, now: datetime
) -> None:
    owing = [one for one in (*there.staff, there.fanny, there.helene, there.gilles)
             if queries.owes_second_step(session, one.id)]  # fmt: skip
    assert owing == [*there.staff, there.fanny, there.helene]
    audit.record(
        session, verb="begin_demonstration", subject_kind="demonstration", subject_id=0,
        by="system:demo", at=now,
    )  # fmt: skip
    assert not [one for one in owing if queries.owes_second_step(session, one.id)]
    _added(session, there.eva, now)
    assert queries.owes_second_step(session, there.eva.id), "who has one proves it even there"
