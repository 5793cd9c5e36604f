"""The second factor, with the mail that tells its person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio.access.operations.notices import (
    FACTOR_ENDED,
    FACTOR_SET_UP,
    PASSKEY_ADDED,
    PASSKEY_ENDED,
    name_of,
    write_to,
)
from cessio.identity.operations import (
    PasskeyRefused,
    SignedIn,
    add_passkey,
    end_factor,
    end_passkey,
    enrol_and_finish,
    enrol_passkey_and_finish,
    set_up_factor,
)
from cessio.identity.queries import person
from cessio.identity.rules.passkeys import RelyingParty
from cessio.plumbing.vault import Vault


def set_up_second_factor(
    session: Session, *, person_id: int, seed: str, code: str, vault: Vault,
    keep_session_id: int | None, at: datetime,
) -> tuple[str, ...]:  # fmt: skip
    """Keep the application and tell its person; the recovery codes. Raises as identity does."""
    codes = set_up_factor(
        session, person_id=person_id, seed=seed, code=code, vault=vault,
        keep_session_id=keep_session_id, at=at,
    )  # fmt: skip
    _tell_set_up(session, person_id, at)
    return codes


def enrol_at_sign_in(
    session: Session, *, token: str, seed: str, code: str, vault: Vault, address: str,
    user_agent: str | None, at: datetime,
) -> tuple[SignedIn, tuple[str, ...]]:  # fmt: skip
    """The same for who must have one to get in; they are let in."""
    signed, codes = enrol_and_finish(
        session, token=token, seed=seed, code=code, vault=vault, address=address,
        user_agent=user_agent, at=at,
    )  # fmt: skip
    _tell_set_up(session, signed.person_id, at)
    return signed, codes


def keep_passkey(
    session: Session, *, person_id: int, holder: str, name: str, answer: str, party: RelyingParty,
    keep_session_id: int | None, at: datetime,
) -> PasskeyRefused | None:  # fmt: skip
    """Keep the passkey that a browser made, and tell its person. Raises as identity does."""
    refused = add_passkey(
        session, person_id=person_id, holder=holder, name=name, answer=answer, party=party,
        keep_session_id=keep_session_id, at=at,
    )  # fmt: skip
    if refused is None:
        _tell_passkey(session, person_id, name, at)
    return refused


def enrol_passkey_at_sign_in(
    session: Session, *, token: str, name: str, answer: str, party: RelyingParty, address: str,
    user_agent: str | None, at: datetime,
) -> SignedIn | PasskeyRefused:  # fmt: skip
    """The same for who must have a factor to get in; they are let in. Raises as identity does."""
    done = enrol_passkey_and_finish(
        session, token=token, name=name, answer=answer, party=party, address=address,
        user_agent=user_agent, at=at,
    )  # fmt: skip
    if not isinstance(done, PasskeyRefused):
        _tell_passkey(session, done.person_id, name, at)
    return done


def take_passkey_away(
    session: Session, *, passkey_id: int, person_id: int, keep_session_id: int | None, at: datetime
) -> None:
    """One's own, a fresh proof being given: the caller saw to it."""
    name = end_passkey(session, passkey_id=passkey_id, person_id=person_id,
                       keep_session_id=keep_session_id, at=at)  # fmt: skip
    write_to(session, PASSKEY_ENDED, person(session, person_id), by=f"person:{person_id}", at=at,
             on=at, passkey=name)  # fmt: skip


def switch_off_factor(
    session: Session, *, person_id: int, keep_session_id: int | None, at: datetime
) -> None:
    """One's own, password and code being right: the caller saw to it."""
    by = f"person:{person_id}"
    end_factor(session, person_id=person_id, keep_session_id=keep_session_id, by=by, at=at)
    write_to(session, FACTOR_ENDED, person(session, person_id), by=by, at=at, on=at)


def reset_second_factor(
    session: Session, *, person_id: int, why: str, by: str, at: datetime
) -> None:
    """Another's, who lost the device: says why, ends the sessions, and tells the person."""
    end_factor(session, person_id=person_id, why=why, by=by, at=at)
    write_to(
        session, FACTOR_ENDED, person(session, person_id), by=by, at=at, on=at,
        reset_by=name_of(session, by), why=why,
    )  # fmt: skip


def _tell_passkey(session: Session, person_id: int, name: str, at: datetime) -> None:
    write_to(session, PASSKEY_ADDED, person(session, person_id), by=f"person:{person_id}", at=at,
             on=at, passkey=name.strip())  # fmt: skip


def _tell_set_up(session: Session, person_id: int, at: datetime) -> None:
    write_to(session, FACTOR_SET_UP, person(session, person_id), by=f"person:{person_id}", at=at,
             on=at)  # fmt: skip
