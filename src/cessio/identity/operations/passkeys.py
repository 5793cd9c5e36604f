"""Passkeys: made, proved, taken away.

A wrong answer is told by a value, never raised: its challenge is used up, and raising would undo
that. Browsers are spoken to in JSON, as WebAuthn writes it; no attestation is asked for.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

import webauthn
from sqlalchemy import delete, update
from sqlalchemy.orm import Session
from webauthn.helpers import (
    options_to_json,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from cessio import audit
from cessio.identity import queries
from cessio.identity.models import Passkey, PasskeyChallenge, Person
from cessio.identity.operations.sessions import end_sessions_of, token_hash
from cessio.identity.queries import second_factor as factors
from cessio.identity.queries.passkeys import (
    credential_ids,
    is_known,
    locked_passkey,
    passkeys_of,
)
from cessio.identity.rules import passkeys as rules
from cessio.identity.rules.passkeys import Purpose, RelyingParty
from cessio.kernel.errors import CessioError, Conflict, Forbidden, NotFound

#: What is raised for an answer that is none: by the library, and by what it reads with.
_UNREADABLE = (
    WebAuthnException, ValueError, LookupError, TypeError, AttributeError, EOFError,
    ArithmeticError, RecursionError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PasskeyRefused:
    """The passkey did not prove what it was asked to; ``retry_at`` after too many wrong tries."""

    retry_at: datetime | None = None

    @property
    def error(self) -> CessioError:
        """The refusal as a form says it."""
        if self.retry_at is not None:
            return Forbidden("code_too_soon", "Too many wrong codes: the next one is looked at "
                             "from {retry_at}", field="credential",
                             retry_at=self.retry_at)  # fmt: skip
        return Forbidden(
            "passkey_refused", "This passkey was not accepted: try again, or sign in another way",
            field="credential",
        )  # fmt: skip


def begin_passkey(
    session: Session, *, person_id: int, holder: str, party: RelyingParty, at: datetime
) -> str:
    """What the browser is asked to make a passkey by, as JSON."""
    who = queries.person(session, person_id)
    mine = credential_ids(session, person_id)
    return options_to_json(
        webauthn.generate_registration_options(
            rp_id=party.id, rp_name=rules.NAME, user_name=who.email, user_display_name=who.name,
            user_id=rules.handle_of(person_id), challenge=_challenge(session, Purpose.ADD, holder,
                                                                     at),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in mine],
        )
    )  # fmt: skip


def add_passkey(
    session: Session, *, person_id: int, holder: str, name: str, answer: str, party: RelyingParty,
    keep_session_id: int | None, at: datetime,
) -> PasskeyRefused | None:  # fmt: skip
    """Keep the passkey that a browser made; every other session ends.

    The caller saw to a fresh proof. Raises ``Invalid`` for the name, ``Conflict`` for one too many.
    """
    if problem := rules.name_problem(name):
        raise problem
    person = session.get(Person, person_id, with_for_update=True, populate_existing=True)
    if person is None:
        raise NotFound("person_not_found", "There is no such person")
    if len(passkeys_of(session, person_id)) >= rules.PASSKEYS_MAX:
        raise Conflict("passkeys_too_many", "You have {most} passkeys: remove one first",
                       most=rules.PASSKEYS_MAX)  # fmt: skip
    made = _made(session, holder, answer, party, at)
    if made is None or is_known(session, made.credential_id):
        return PasskeyRefused()
    row = Passkey(
        person_id=person_id, name=name.strip(), credential_id=made.credential_id,
        public_key=made.credential_public_key, sign_count=made.sign_count, set_at=at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    end_sessions_of(session, person_id=person_id, at=at, except_id=keep_session_id)
    _note(session, "add_passkey", row, by=f"person:{person_id}", at=at)
    return None


def ask_passkey(
    session: Session, *, purpose: Purpose, holder: str, person_id: int | None,
    party: RelyingParty, at: datetime,
) -> str:  # fmt: skip
    """What the browser is asked to prove, as JSON; at the door it is the same for everybody.

    There the passkey is the only proof: the device must see who holds it. Elsewhere it is the
    second one.
    """
    mine = () if person_id is None else credential_ids(session, person_id)
    verification = (
        UserVerificationRequirement.REQUIRED if purpose is Purpose.DOOR
        else UserVerificationRequirement.PREFERRED
    )  # fmt: skip
    return options_to_json(
        webauthn.generate_authentication_options(
            rp_id=party.id, challenge=_challenge(session, purpose, holder, at),
            allow_credentials=[PublicKeyCredentialDescriptor(id=each) for each in mine],
            user_verification=verification,
        )
    )  # fmt: skip


def check_passkey(
    session: Session, *, purpose: Purpose, holder: str, answer: str, person_id: int | None,
    party: RelyingParty, at: datetime,
) -> int | PasskeyRefused:  # fmt: skip
    """Whose passkey answered: of ``person_id``, or at the door of whoever it is. Used up."""
    try:
        given = parse_authentication_credential_json(answer)
    except _UNREADABLE:
        return PasskeyRefused()
    challenge = _used(session, purpose, holder, given.response.client_data_json, at)
    row = locked_passkey(session, given.raw_id)
    if challenge is None or row is None or person_id not in {None, row.person_id}:
        return PasskeyRefused()
    handle = given.response.user_handle
    is_named = handle is not None or purpose is not Purpose.DOOR
    if not is_named or handle not in {None, rules.handle_of(row.person_id)}:
        return PasskeyRefused()
    count = _proved(given, row.public_key, challenge, party, needs_person=purpose is Purpose.DOOR)
    if count is None:
        return PasskeyRefused()
    if rules.has_gone_back(row.sign_count, count):
        _note(session, "passkey_counter_back", row, by=f"person:{row.person_id}", at=at,
              after={"known": row.sign_count, "said": count})  # fmt: skip
        return PasskeyRefused()
    row.sign_count, row.used_at = count, at
    session.flush()
    return row.person_id


def end_passkey(
    session: Session, *, passkey_id: int, person_id: int, keep_session_id: int | None, at: datetime
) -> str:
    """Take one of one's own away; its name. Every session but the one named ends.

    Raises ``NotFound``, and ``Forbidden`` for the last factor of who must have one.
    """
    session.get(Person, person_id, with_for_update=True, populate_existing=True)
    row = session.get(Passkey, passkey_id, with_for_update=True, populate_existing=True)
    if row is None or row.person_id != person_id or row.ended_at is not None:
        raise NotFound("passkey_not_found", "There is no such passkey")
    if factors.factor_count(session, person_id) == 1 and factors.must_have(session, person_id):
        raise Forbidden("factor_last", "A second factor is required of you: set up another "
                        "before you take the last one away")  # fmt: skip
    row.ended_at, row.ended_by = at, f"person:{person_id}"
    session.flush()
    end_sessions_of(session, person_id=person_id, at=at, except_id=keep_session_id)
    _note(session, "end_passkey", row, by=f"person:{person_id}", at=at)
    return row.name


def end_passkeys_of(session: Session, *, person_id: int, by: str, at: datetime) -> None:
    """All of somebody whose factors are reset."""
    session.execute(
        update(Passkey)
        .where(Passkey.person_id == person_id, Passkey.ended_at.is_(None))
        .values(ended_at=at, ended_by=by)
    )


def forget_challenges(session: Session, *, at: datetime) -> None:
    """Remove those that are over."""
    session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.expires_at <= at))


def _challenge(session: Session, purpose: Purpose, holder: str, at: datetime) -> bytes:
    challenge = secrets.token_bytes(32)
    session.add(
        PasskeyChallenge(
            challenge=challenge, purpose=purpose, holder_hash=token_hash(holder), created_at=at,
            expires_at=at + rules.CHALLENGE_LIFE,
        )
    )  # fmt: skip
    session.flush()
    return challenge


def _used(
    session: Session, purpose: Purpose, holder: str, client_data: bytes, at: datetime
) -> bytes | None:
    """The challenge that an answer names, used up now; ``None`` if it was not this browser's."""
    try:
        named = parse_client_data_json(client_data).challenge
    except _UNREADABLE:
        return None
    return session.scalar(
        update(PasskeyChallenge)
        .where(PasskeyChallenge.challenge == named, PasskeyChallenge.purpose == purpose,
               PasskeyChallenge.holder_hash == token_hash(holder),
               PasskeyChallenge.used_at.is_(None), PasskeyChallenge.expires_at > at)
        .values(used_at=at)
        .returning(PasskeyChallenge.challenge)
    )  # fmt: skip


def _made(
    session: Session, holder: str, answer: str, party: RelyingParty, at: datetime
) -> VerifiedRegistration | None:
    try:
        given = parse_registration_credential_json(answer)
    except _UNREADABLE:
        return None
    challenge = _used(session, Purpose.ADD, holder, given.response.client_data_json, at)
    if challenge is None:
        return None
    try:
        return webauthn.verify_registration_response(
            credential=given, expected_challenge=challenge, expected_rp_id=party.id,
            expected_origin=party.origin,
        )  # fmt: skip
    except _UNREADABLE:
        return None


def _proved(
    given: AuthenticationCredential, public_key: bytes, challenge: bytes, party: RelyingParty, *,
    needs_person: bool,
) -> int | None:  # fmt: skip
    """The counter that a right answer tells; ``None`` for a wrong one.

    The library is told no counter: one that went back is looked at apart, and noted.
    """
    try:
        return webauthn.verify_authentication_response(
            credential=given, expected_challenge=challenge, expected_rp_id=party.id,
            expected_origin=party.origin, credential_public_key=public_key,
            credential_current_sign_count=0, require_user_verification=needs_person,
        ).new_sign_count  # fmt: skip
    except _UNREADABLE:
        return None


def _note(
    session: Session, verb: str, row: Passkey, *, by: str, at: datetime,
    after: dict[str, object] | None = None,
) -> None:  # fmt: skip
    who = queries.person(session, row.person_id)
    audit.record(session, verb=verb, subject_kind="person", subject_id=who.id,
                 after={"name": row.name, **(after or {})}, by=by, at=at,
                 client_id=who.client_id)  # fmt: skip
