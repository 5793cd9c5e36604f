"""A password that is known opens nothing without the code, and a code opens once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from tests import people
from tests.people import People

from cessio import identity
from cessio.identity import SignedIn, SignInRefused, queries
from cessio.identity.operations import (
    CodeRefused,
    SecondStepNeeded,
    check_code,
    end_factor,
    enrol_and_finish,
    finish_sign_in,
    renew_recovery_codes,
    require_factor,
    set_up_factor,
    stop_requiring_factor,
)
from cessio.identity.rules.second_factor import (
    PERIOD,
    address_for,
    new_recovery_code,
    new_seed,
    recovery_key,
    step_matching,
    step_of,
    wait_after,
)
from cessio.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from cessio.plumbing.vault import SealBroken, Vault

VAULT = Vault(b"a secret of the tests, long enough to be one")
HALF_MINUTE = timedelta(seconds=PERIOD)


@pytest.fixture
def there(session: Session, now: datetime) -> People:
    settled = people.settle_in(session, at=now)
    people.give_password(session, settled.fanny)
    return settled


def code_of(seed: str, at: datetime) -> str:
    return pyotp.TOTP(seed).at(at)


def enrolled(session: Session, who: people.Named, at: datetime) -> tuple[str, tuple[str, ...]]:
    seed = new_seed()
    codes = set_up_factor(
        session, person_id=who.id, seed=seed, code=code_of(seed, at), vault=VAULT, at=at
    )
    return seed, codes


def _sign_in(session: Session, at: datetime, **changes: Any) -> Any:
    asked: dict[str, Any] = {
        "email": "fanny@alpha.example", "password": people.PASSWORD, "address": people.ADDRESS,
        "user_agent": "tests", "at": at,
    }  # fmt: skip
    return identity.sign_in(session, **(asked | changes))


def _step(session: Session, at: datetime) -> str:
    owed = _sign_in(session, at)
    assert isinstance(owed, SecondStepNeeded)
    return owed.token


def _finish(session: Session, token: str, code: str, at: datetime) -> SignedIn | CodeRefused:
    return finish_sign_in(
        session, token=token, code=code, vault=VAULT, address=people.ADDRESS, user_agent="tests",
        at=at,
    )  # fmt: skip


def test_a_code_is_right_in_its_step_and_the_ones_beside_it(now: datetime) -> None:
    seed = new_seed()
    for drift in (-1, 0, 1):
        code = code_of(seed, now + drift * HALF_MINUTE)
        assert step_matching(seed, code, now, after=0) == step_of(now) + drift
        assert step_matching(seed, f"{code[:3]} {code[3:]}", now, after=0) is not None
    for far in (-2, 2):
        assert step_matching(seed, code_of(seed, now + far * HALF_MINUTE), now, after=0) is None
    for text_ in ("", "12345", "1234567", "abcdef", "١٢٣٤٥٦"):
        assert step_matching(seed, text_, now, after=0) is None


def test_what_is_scanned_names_the_house_and_the_person() -> None:
    seed = new_seed()
    address = address_for(seed, "fanny@alpha.example")
    assert address.startswith("otpauth://totp/Cessio:fanny%40alpha.example?")
    assert f"secret={seed}" in address
    assert "issuer=Cessio" in address


def test_a_recovery_code_is_read_however_it_is_typed() -> None:
    code = new_recovery_code()
    assert recovery_key(f" {code.lower().replace('-', ' ')} ") == code.replace("-", "")
    assert recovery_key(code[:-1]) is None
    assert len({new_recovery_code() for _ in range(50)}) == 50


def test_wrong_codes_slow_the_next_to_an_hour(now: datetime) -> None:
    assert wait_after(4, now) is None
    waits = [wait_after(count, now) for count in (5, 6, 7, 30)]
    minutes = [(one - now) / timedelta(minutes=1) for one in waits if one is not None]
    assert minutes == [1, 2, 4, 60]


def test_a_seed_opens_for_its_own_person_and_secret_only() -> None:
    sealed = VAULT.seal(b"seed", "person 1")
    assert b"seed" not in sealed
    assert VAULT.open(sealed, "person 1") == b"seed"
    for vault, about in ((VAULT, "person 2"), (Vault(b"another secret"), "person 1")):
        with pytest.raises(SealBroken):
            vault.open(sealed, about)
    with pytest.raises(SealBroken):
        VAULT.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), "person 1")


def test_a_right_password_gives_no_session_and_the_code_does(
    session: Session, there: People, now: datetime
) -> None:
    seed, _ = enrolled(session, there.fanny, now)
    later = now + HALF_MINUTE * 2
    token = _step(session, later)
    assert identity.resume(session, token=token, at=later) is None
    opened = _finish(session, token, code_of(seed, later), later)
    assert isinstance(opened, SignedIn)
    signed = identity.resume(session, token=opened.token, at=later)
    assert signed is not None
    assert signed.has_factor
    with pytest.raises(NotFound):
        _finish(session, token, code_of(seed, later + HALF_MINUTE), later + HALF_MINUTE)


def test_a_code_opens_once(session: Session, there: People, now: datetime) -> None:
    seed, _ = enrolled(session, there.fanny, now)
    at = now + HALF_MINUTE * 2
    code = code_of(seed, at)
    assert isinstance(_finish(session, _step(session, at), code, at), SignedIn)
    assert _finish(session, _step(session, at), code, at) == CodeRefused(None), "replayed"
    before = code_of(seed, at - HALF_MINUTE)
    assert isinstance(_finish(session, _step(session, at), before, at), CodeRefused), "older"


def test_the_code_of_setting_up_is_used_up(session: Session, there: People, now: datetime) -> None:
    seed, _ = enrolled(session, there.fanny, now)
    refused = check_code(
        session, person_id=there.fanny.id, code=code_of(seed, now), vault=VAULT, at=now
    )
    assert refused == CodeRefused(None)


def test_a_second_step_lasts_ten_minutes(session: Session, there: People, now: datetime) -> None:
    seed, _ = enrolled(session, there.fanny, now)
    token = _step(session, now + HALF_MINUTE)
    late = now + HALF_MINUTE + timedelta(minutes=10)
    with pytest.raises(NotFound):
        _finish(session, token, code_of(seed, late), late)


def test_wrong_codes_are_failed_sign_ins_and_slow_codes_and_passwords_alike(
    session: Session, there: People, now: datetime
) -> None:
    enrolled(session, there.fanny, now)
    at = now + HALF_MINUTE
    token = _step(session, at)
    for _ in range(2):
        assert _finish(session, token, "000000", at) == CodeRefused(None)
    third = _finish(session, token, "000000", at)
    assert third == CodeRefused(at + timedelta(seconds=2))
    assert isinstance(_sign_in(session, at), SignInRefused), "a right password does not start anew"


def test_codes_wait_wherever_they_are_tried_from(
    session: Session, there: People, now: datetime
) -> None:
    seed, _ = enrolled(session, there.fanny, now)
    at = now + HALF_MINUTE
    asked: dict[str, Any] = {"person_id": there.fanny.id, "vault": VAULT}
    for _ in range(5):
        check_code(session, code="000000", at=at, **asked)
    right = code_of(seed, at)
    assert check_code(session, code=right, at=at, **asked) == CodeRefused(at + timedelta(minutes=1))
    later = at + timedelta(minutes=1)
    assert check_code(session, code=code_of(seed, later), at=later, **asked) is None


def test_each_recovery_code_opens_once(session: Session, there: People, now: datetime) -> None:
    _, codes = enrolled(session, there.fanny, now)
    assert len(set(codes)) == 10
    stored = session.scalars(text("SELECT code_hash FROM recovery_code")).all()
    assert not any(code.encode() in row for code in codes for row in stored)
    assert isinstance(_finish(session, _step(session, now), codes[0].lower(), now), SignedIn)
    assert isinstance(_finish(session, _step(session, now), codes[0], now), CodeRefused)
    assert queries.factor(session, there.fanny.id).recovery_codes == 9  # type: ignore[union-attr]
    fresh = renew_recovery_codes(session, person_id=there.fanny.id, at=now)
    refused = check_code(session, person_id=there.fanny.id, code=codes[1], vault=VAULT, at=now)
    assert isinstance(refused, CodeRefused), "the ones before no longer work"
    asked: dict[str, Any] = {"person_id": there.fanny.id, "vault": VAULT, "at": now}
    assert check_code(session, code=fresh[0], **asked) is None


def test_setting_up_takes_a_right_code_of_a_seed_of_ours(
    session: Session, there: People, now: datetime
) -> None:
    seed = new_seed()
    asked: dict[str, Any] = {"person_id": there.fanny.id, "vault": VAULT, "at": now}
    for wrong in ({"seed": seed, "code": "000000"}, {"seed": "A" * 8, "code": "000000"}):
        with pytest.raises(Invalid):
            set_up_factor(session, **wrong, **asked)
    browser = people.let_in(session, there.fanny, at=now)
    kept = people.let_in(session, there.fanny, at=now)
    set_up_factor(session, seed=seed, code=code_of(seed, now), keep_session_id=kept.session_id,
                  **asked)  # fmt: skip
    assert identity.resume(session, token=browser.token, at=now) is None
    assert identity.resume(session, token=kept.token, at=now) is not None
    with pytest.raises(Conflict):
        set_up_factor(session, seed=seed, code=code_of(seed, now), **asked)


def test_a_lost_one_is_reset_by_another_with_a_reason(
    session: Session, there: People, now: datetime
) -> None:
    enrolled(session, there.fanny, now)
    browser = people.let_in(session, there.fanny, at=now)
    with pytest.raises(Invalid):
        end_factor(session, person_id=there.fanny.id, why=" ", by=there.eva.by, at=now)
    end_factor(session, person_id=there.fanny.id, why="phone lost", by=there.eva.by, at=now)
    assert identity.resume(session, token=browser.token, at=now) is None
    assert isinstance(_sign_in(session, now), SecondStepNeeded), "to set up another"
    told = session.execute(
        text("SELECT verb, why FROM audit_event WHERE subject_kind = 'person' ORDER BY id DESC")
    ).first()
    assert told == ("reset_factor", "phone lost")


def test_a_client_that_requires_it_lets_nobody_in_without(
    session: Session, there: People, now: datetime
) -> None:
    with pytest.raises(Forbidden):
        require_factor(session, client_id=there.alpha.id, by=there.fanny.by, at=now)
    seed, _ = enrolled(session, there.fanny, now)
    require_factor(session, client_id=there.alpha.id, by=there.fanny.by, at=now)
    require_factor(session, client_id=there.alpha.id, by=there.fanny.by, at=now)
    with pytest.raises(Forbidden):
        end_factor(session, person_id=there.fanny.id, by=there.fanny.by, at=now)
    people.give_password(session, there.gilles)
    people.give_password(session, there.helene)
    assert isinstance(_sign_in(session, now, email=there.helene.email), SecondStepNeeded)
    owed = _sign_in(session, now, email=there.gilles.email)
    assert isinstance(owed, SecondStepNeeded)
    seed = new_seed()
    opened, codes = enrol_and_finish(
        session, token=owed.token, seed=seed, code=code_of(seed, now), vault=VAULT,
        address=people.ADDRESS, user_agent=None, at=now,
    )  # fmt: skip
    assert identity.resume(session, token=opened.token, at=now) is not None
    assert len(codes) == 10
    stop_requiring_factor(session, client_id=there.alpha.id, by=there.fanny.by, at=now)
    assert not queries.factor_required(session, client_id=there.alpha.id)


def test_who_has_one_cannot_be_enrolled_by_a_password_alone(
    session: Session, there: People, now: datetime
) -> None:
    enrolled(session, there.fanny, now)
    seed = new_seed()
    with pytest.raises(Conflict):
        enrol_and_finish(
            session, token=_step(session, now), seed=seed, code=code_of(seed, now), vault=VAULT,
            address=people.ADDRESS, user_agent=None, at=now,
        )  # fmt: skip
