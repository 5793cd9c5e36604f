"""Signing in and out, and the browsers that are signed in."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, func, update
from sqlalchemy.orm import Session

from cessio import audit
from cessio.identity import passwords, queries, rules
from cessio.identity.models import PasswordReset, Person, SecondStep, SignInAttempt, WebSession
from cessio.identity.queries import Credentials, Signed
from cessio.identity.queries import second_factor as factors
from cessio.identity.rules.second_factor import STEP_LIFE
from cessio.kernel.errors import NotFound
from cessio.kernel.ids import lock_key

log = structlog.get_logger()

SESSIONS_KEPT = timedelta(days=90)
ATTEMPTS_KEPT = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser let in: ``token`` goes into its cookie and is stored nowhere."""

    session_id: int
    person_id: int
    token: str
    csrf: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignInRefused:
    """One same answer for a wrong password, an unknown address, a closed account and haste.

    ``retry_at`` is when the next attempt will be looked at; it depends on attempts alone, never
    on whether the account exists.
    """

    retry_at: datetime | None
    code: str = "sign_in_refused"


@dataclass(frozen=True, slots=True)
class SecondStepNeeded:
    """The password was right and does not suffice: ``token`` names who owes the code."""

    token: str
    expires_at: datetime


def sign_in(
    session: Session,
    *,
    email: str,
    password: str,
    address: str,
    user_agent: str | None,
    at: datetime,
    previous_token: str | None = None,
) -> SignedIn | SecondStepNeeded | SignInRefused:
    """Check an e-mail address and a password; open a session under a fresh token.

    A refusal is returned, not raised: the attempt must be kept, and raising would undo it. Only
    one attempt at a time is looked at per account and network. ``previous_token`` is the cookie
    the browser came with: that session ends. Who has a second factor, or must have one, gets no
    session yet, and the attempt counts as good only when the code is. Raises ``passwords.Busy``.
    """
    key, network = rules.email_key(email.replace("\0", ""))[:254], network_of(address)
    tried = _password_tried(session, key, password, address, network, at)
    if isinstance(tried, SignInRefused):
        return tried
    if passwords.is_outdated(tried.password_hash):
        _store_again(session, tried.person_id, password)
    if previous_token is not None:
        sign_out(session, token=previous_token, at=at)
    if factors.owes_second_step(session, tried.person_id):
        return begin_second_step(session, person_id=tried.person_id, at=at)
    return let_in(session, tried.person_id, key, address, user_agent, at=at)


def begin_second_step(session: Session, *, person_id: int, at: datetime) -> SecondStepNeeded:
    """Note that somebody proved the password and owes the code, under a random token."""
    token = secrets.token_urlsafe(32)
    row = SecondStep(person_id=person_id, token_hash=token_hash(token), created_at=at,
                     expires_at=at + STEP_LIFE)  # fmt: skip
    session.add(row)
    session.flush()
    return SecondStepNeeded(token, row.expires_at)


def confirm_password(
    session: Session, *, person_id: int, password: str, address: str, at: datetime
) -> SignInRefused | None:
    """Whether somebody signed in knows their password; wrong ones are kept, and slow the next."""
    email = queries.person(session, person_id).email
    tried = _password_tried(session, email, password, address, network_of(address), at)
    return tried if isinstance(tried, SignInRefused) else None


def note_proof(session: Session, *, session_id: int, at: datetime) -> None:
    """Note that the person of a session proved to be there; the caller checked it."""
    session.execute(update(WebSession).where(WebSession.id == session_id).values(proved_at=at))


def _password_tried(
    session: Session, key: str, password: str, address: str, network: str, at: datetime
) -> Credentials | SignInRefused:
    wait = haste(session, key, network, at=at)
    if wait is not None:
        return SignInRefused(wait)
    known = queries.credentials(session, key)
    right = passwords.matches(known.password_hash if known else None, password)
    if not right or known is None or known.disabled:
        return refused_now(session, key, address, network, at=at)
    return known


def haste(session: Session, key: str, network: str, *, at: datetime) -> datetime | None:
    """Until when nothing is looked at; only one try at a time is."""
    if not _alone(session, key, network):
        return at + timedelta(seconds=1)
    wait = rules.wait_until(queries.sign_in_facts(session, email=key, network=network, at=at))
    return wait if wait is not None and wait > at else None


def refused_now(
    session: Session, key: str, address: str, network: str, *, at: datetime
) -> SignInRefused:
    _attempted(session, key, address, at, succeeded=False)
    facts = queries.sign_in_facts(session, email=key, network=network, at=at)
    return SignInRefused(rules.wait_until(facts))


def let_in(
    session: Session,
    person_id: int,
    key: str,
    address: str,
    user_agent: str | None,
    *,
    at: datetime,
) -> SignedIn:
    _attempted(session, key, address, at, succeeded=True)
    return open_session(session, person_id=person_id, address=address, user_agent=user_agent, at=at)


def _attempted(session: Session, key: str, address: str, at: datetime, *, succeeded: bool) -> None:
    session.add(SignInAttempt(at=at, email=key, address=address, network=network_of(address),
                              succeeded=succeeded))  # fmt: skip
    session.flush()
    log.info("signed_in" if succeeded else "sign_in_refused", network=network_of(address))


def open_session(
    session: Session, *, person_id: int, address: str | None, user_agent: str | None, at: datetime
) -> SignedIn:
    """A session for somebody who proved to be this person, under a random 256-bit token."""
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    row = WebSession(
        token_hash=token_hash(token),
        csrf_token=csrf,
        person_id=person_id,
        created_at=at,
        proved_at=at,
        seen_at=at,
        expires_at=at + rules.ABSOLUTE,
        user_agent=None if user_agent is None else user_agent[:300].replace("\0", ""),
        address=address,
    )
    session.add(row)
    session.flush()
    return SignedIn(row.id, person_id, token, csrf, row.expires_at)


def resume(session: Session, *, token: str, at: datetime) -> Signed | None:
    """The person of a session cookie, or ``None``; notes that the session is in use."""
    digest = token_hash(token)
    signed = queries.live_session(session, digest, at)
    row = None if signed is None else session.get(WebSession, signed.session_id)
    if row is not None and row.seen_at < at - rules.TOUCH_EVERY:
        session.execute(
            update(WebSession)
            .where(
                WebSession.token_hash == digest,
                WebSession.seen_at < at - rules.TOUCH_EVERY,
            )
            .values(seen_at=at)
        )
    return signed


def sign_out(session: Session, *, token: str, at: datetime) -> None:
    """End the session of a cookie, if it is one."""
    session.execute(
        update(WebSession)
        .where(WebSession.token_hash == token_hash(token), WebSession.ended_at.is_(None))
        .values(ended_at=at)
    )


def end_session(
    session: Session, *, session_id: int, person_id: int, by: str, at: datetime
) -> None:
    """End one browser of a person. Raises ``NotFound`` if the session is not that person's."""
    ended = session.scalar(
        update(WebSession)
        .where(
            WebSession.id == session_id,
            WebSession.person_id == person_id,
            WebSession.ended_at.is_(None),
        )
        .values(ended_at=at)
        .returning(WebSession.id)
    )
    if ended is None:
        raise NotFound("session_not_found", "There is no such open session")
    audit.record(session, verb="end_session", subject_kind="person", subject_id=person_id,
                 after={"session": session_id}, by=by, at=at)  # fmt: skip


def end_sessions_of(
    session: Session, *, person_id: int, at: datetime, except_id: int | None = None
) -> None:
    """End every session of a person, but one if asked."""
    query = update(WebSession).where(
        WebSession.person_id == person_id, WebSession.ended_at.is_(None)
    )
    if except_id is not None:
        query = query.where(WebSession.id != except_id)
    session.execute(query.values(ended_at=at))


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many old rows were removed."""

    sessions: int
    attempts: int


def forget_old(session: Session, *, at: datetime) -> Forgotten:
    """Remove sessions three months after their end and sign-in attempts after a year.

    They name people and addresses, and are kept no longer than security needs them.
    """
    sessions = delete(WebSession).where(WebSession.expires_at < at - SESSIONS_KEPT)
    attempts = delete(SignInAttempt).where(SignInAttempt.at < at - ATTEMPTS_KEPT)
    session.execute(delete(SecondStep).where(SecondStep.expires_at < at))
    session.execute(delete(PasswordReset).where(PasswordReset.expires_at < at - SESSIONS_KEPT))
    return Forgotten(
        len(session.scalars(sessions.returning(WebSession.id)).all()),
        len(session.scalars(attempts.returning(SignInAttempt.id)).all()),
    )


def token_hash(token: str) -> bytes:
    """What is stored of a random token; it has too much entropy to need a slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def network_of(address: str) -> str:
    """The part of an address that one subscriber holds: IPv4 /24, IPv6 /56; else the text."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:100]
    if parsed.version == 6 and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    bits = 24 if parsed.version == 4 else 56
    return str(ipaddress.ip_network((parsed, bits), strict=False))


def _alone(session: Session, email: str, network: str) -> bool:
    """Whether no other attempt on this account from this network is being looked at now."""
    lock = lock_key("sign-in", email, network)
    return bool(session.scalar(func.pg_try_advisory_xact_lock(lock)))


def _store_again(session: Session, person_id: int, password: str) -> None:
    fresh = passwords.hashed(password)
    session.execute(update(Person).where(Person.id == person_id).values(password_hash=fresh))
