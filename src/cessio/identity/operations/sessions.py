"""Signing in and out, and the browsers that are signed in."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, update
from sqlalchemy.orm import Session

from cessio import audit
from cessio.identity import passwords, queries, rules
from cessio.identity.models import Person, SignInAttempt, WebSession
from cessio.identity.queries import Signed
from cessio.kernel.errors import Forbidden, NotFound
from cessio.kernel.ids import lock_key

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


def sign_in(
    session: Session,
    *,
    email: str,
    password: str,
    address: str,
    user_agent: str | None,
    at: datetime,
    previous_token: str | None = None,
) -> SignedIn | SignInRefused:
    """Check an e-mail address and a password; open a session under a fresh token.

    A refusal is returned, not raised: the attempt must be kept, and raising would undo it. Only
    one attempt at a time is looked at per account and network. ``previous_token`` is the cookie
    the browser came with: that session ends. Raises ``passwords.Busy``.
    """
    key, network = rules.email_key(email.replace("\0", ""))[:254], network_of(address)
    if not _alone(session, key, network):
        return SignInRefused(at + timedelta(seconds=1))
    facts = queries.sign_in_facts(session, email=key, network=network, at=at)
    wait = rules.wait_until(facts)
    if wait is not None and wait > at:
        return SignInRefused(wait)
    known = queries.credentials(session, key)
    right = passwords.matches(known.password_hash if known else None, password)
    welcome = right and known is not None and not known.disabled
    session.add(
        SignInAttempt(at=at, email=key, address=address, network=network, succeeded=welcome)
    )
    if not welcome or known is None:
        session.flush()
        facts = queries.sign_in_facts(session, email=key, network=network, at=at)
        return SignInRefused(rules.wait_until(facts))
    if passwords.is_outdated(known.password_hash):
        _store_again(session, known.person_id, password)
    if previous_token is not None:
        sign_out(session, token=previous_token, at=at)
    return open_session(
        session, person_id=known.person_id, address=address, user_agent=user_agent, at=at
    )


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


def prove(session: Session, *, session_id: int, password: str, at: datetime) -> None:
    """Give the password again before a sensitive act. Raises ``Forbidden`` when it is wrong."""
    row = session.get(WebSession, session_id)
    person = None if row is None else session.get(Person, row.person_id)
    if row is None or person is None or not passwords.matches(person.password_hash, password):
        raise Forbidden("password_wrong", "This is not the current password", field="password")
    row.proved_at = at
    session.flush()


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
