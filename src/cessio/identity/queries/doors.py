"""Reading sessions, tokens, answers already given and sign-in attempts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from cessio.identity import rules
from cessio.identity.models import (
    AccessToken,
    ApiToken,
    IdempotencyKey,
    Person,
    SignInAttempt,
    WebSession,
)
from cessio.identity.queries.delegations import lent_by, loans
from cessio.identity.queries.second_factor import has_code, has_passkey
from cessio.identity.queries.views import (
    AttemptView,
    ClientView,
    SessionView,
    Signed,
    StoredAnswer,
    TokenView,
)
from cessio.identity.rules import Audience, Permission, Role, Scope, SignInFacts, Tries
from cessio.kernel.calendar import business_date


def live_session(session: Session, token_hash: bytes, at: datetime) -> Signed | None:
    """The person of a session that is neither ended, expired, idle too long nor disabled."""
    query = (
        select(WebSession, Person, or_(has_code(), has_passkey()), loans(business_date(at)))
        .join(Person, Person.id == WebSession.person_id)
        .where(
            WebSession.token_hash == token_hash,
            WebSession.ended_at.is_(None),
            WebSession.expires_at > at,
            Person.disabled_at.is_(None),
        )
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    row, owner, has_factor, lent = found
    if row.seen_at + rules.IDLE[Audience(owner.audience)] <= at:
        return None
    return _signed(
        owner, f"person:{owner.id}", session_id=row.id, csrf=row.csrf_token,
        proved_at=row.proved_at, has_factor=has_factor, lent=lent_by(lent),
    )  # fmt: skip


def live_token(session: Session, token_hash: bytes, at: datetime) -> Signed | None:
    """The person of an API token that is neither ended nor expired, if not disabled."""
    query = (
        select(ApiToken, Person)
        .join(Person, Person.id == ApiToken.person_id)
        .where(
            ApiToken.token_hash == token_hash,
            ApiToken.client_key.is_(None),
            ApiToken.ended_at.is_(None),
            ApiToken.expires_at > at,
            Person.disabled_at.is_(None),
        )
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    row, owner = found
    return _signed(owner, f"token:{row.id}", scopes=frozenset(row.scopes))


def live_access_token(session: Session, token_hash: bytes, at: datetime) -> Signed | None:
    """The person of a token of an hour whose client still is one, if not disabled."""
    query = (
        select(AccessToken.scopes, ApiToken.id, Person)
        .join(ApiToken, ApiToken.id == AccessToken.api_token_id)
        .join(Person, Person.id == ApiToken.person_id)
        .where(
            AccessToken.token_hash == token_hash,
            AccessToken.expires_at > at,
            ApiToken.ended_at.is_(None),
            Person.disabled_at.is_(None),
        )
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    scopes, number, owner = found
    return _signed(owner, f"token:{number}", scopes=frozenset(scopes))


def live_client(
    session: Session, client_key: str, secret_hash: bytes, at: datetime
) -> ClientView | None:
    """The program of a client id and secret, with the scopes that its person may use today."""
    query = (
        select(ApiToken, Person.role)
        .join(Person, Person.id == ApiToken.person_id)
        .where(
            ApiToken.client_key == client_key,
            ApiToken.token_hash == secret_hash,
            ApiToken.ended_at.is_(None),
            ApiToken.expires_at > at,
            Person.disabled_at.is_(None),
        )
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    row, role = found
    known = {one.value for one in Scope if rules.may_use(Role(role), one)}
    return ClientView(row.id, tuple(one for one in row.scopes if one in known), row.expires_at)


def _signed(
    owner: Person,
    by: str,
    *,
    session_id: int | None = None,
    csrf: str | None = None,
    proved_at: datetime | None = None,
    scopes: frozenset[str] | None = None,
    has_factor: bool = False,
    lent: frozenset[Permission] = frozenset(),
) -> Signed:
    return Signed(
        person_id=owner.id,
        name=owner.name,
        email=owner.email,
        audience=Audience(owner.audience),
        role=Role(owner.role),
        client_id=owner.client_id,
        language=owner.language,
        theme=owner.theme,
        by=by,
        session_id=session_id,
        csrf=csrf,
        proved_at=proved_at,
        scopes=scopes,
        has_factor=has_factor,
        lent=lent,
    )


def last_seen(session: Session, person_ids: Collection[int]) -> dict[int, datetime]:
    """When each of some people last used a browser here, of those whose session is still kept."""
    seen = func.max(WebSession.seen_at)
    query = (
        select(WebSession.person_id, seen)
        .where(WebSession.person_id.in_(person_ids))
        .group_by(WebSession.person_id)
    )
    return {person_id: at for person_id, at in session.execute(query)}  # noqa: C416


def open_sessions(session: Session, person_id: int, at: datetime) -> tuple[SessionView, ...]:
    """The browsers a person is signed in with, last used first."""
    query = (
        select(WebSession)
        .where(
            WebSession.person_id == person_id,
            WebSession.ended_at.is_(None),
            WebSession.expires_at > at,
        )
        .order_by(WebSession.seen_at.desc(), WebSession.id.desc())
    )
    return tuple(
        SessionView(
            id=row.id,
            person_id=row.person_id,
            created_at=row.created_at,
            seen_at=row.seen_at,
            expires_at=row.expires_at,
            user_agent=row.user_agent,
            address=row.address,
        )
        for row in session.scalars(query)
    )


def tokens(session: Session, person_id: int) -> tuple[TokenView, ...]:
    """The API tokens a person ever held, newest first."""
    query = select(ApiToken).where(ApiToken.person_id == person_id).order_by(ApiToken.id.desc())
    return tuple(map(_token, session.scalars(query)))


def open_tokens(session: Session, at: datetime) -> tuple[TokenView, ...]:
    """Every API token that works at an instant, whoever holds it, newest first."""
    query = (
        select(ApiToken)
        .join(Person, Person.id == ApiToken.person_id)
        .where(ApiToken.ended_at.is_(None), ApiToken.expires_at > at, Person.disabled_at.is_(None))
        .order_by(ApiToken.id.desc())
    )
    return tuple(map(_token, session.scalars(query)))


def _token(row: ApiToken) -> TokenView:
    return TokenView(
        id=row.id,
        person_id=row.person_id,
        prefix=row.prefix,
        client_key=row.client_key,
        name=row.name,
        scopes=tuple(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        ended_at=row.ended_at,
    )


def stored_answer(session: Session, *, actor: str, route: str, key: str) -> StoredAnswer:
    """The request that took an idempotency key, which is known to be taken."""
    row = session.execute(
        select(
            IdempotencyKey.input_hash,
            IdempotencyKey.status,
            IdempotencyKey.body,
            IdempotencyKey.media_type,
        ).where(
            IdempotencyKey.actor == actor,
            IdempotencyKey.route == route,
            IdempotencyKey.key == key,
        )
    ).one()
    return StoredAnswer(*row)


def sign_in_facts(session: Session, *, email: str, network: str, at: datetime) -> SignInFacts:
    """What past attempts say about the next one on this account from this network."""
    since = at - rules.MEMORY
    pair = (SignInAttempt.email == email, SignInAttempt.network == network)
    last_success = session.scalar(
        select(func.max(SignInAttempt.at)).where(*pair, SignInAttempt.succeeded)
    )
    start = since if last_success is None else max(since, last_success)
    return SignInFacts(
        pair=_tries(session, _failures(start).where(*pair)),
        network=_tries(
            session,
            _failures(at - timedelta(minutes=15)).where(SignInAttempt.network == network),
        ),
        account=_tries(
            session, _failures(at - timedelta(hours=1)).where(SignInAttempt.email == email)
        ),
        known_network=last_success is not None,
    )


def _failures(since: datetime) -> Select[int, datetime]:
    return select(func.count(), func.max(SignInAttempt.at)).where(
        SignInAttempt.succeeded.is_(False), SignInAttempt.at > since
    )


def _tries(session: Session, query: Select[int, datetime]) -> Tries:
    count, last_at = session.execute(query).one()
    return Tries(count, last_at)


def sign_in_attempts(
    session: Session,
    *,
    email: str | None = None,
    succeeded: bool | None = None,
    before_id: int | None = None,
    limit: int = 100,
) -> tuple[AttemptView, ...]:
    """Sign-ins that were tried, latest first; ``before_id`` gives the next page."""
    query = select(SignInAttempt).order_by(SignInAttempt.id.desc()).limit(limit)
    if email is not None:
        query = query.where(SignInAttempt.email == rules.email_key(email))
    if succeeded is not None:
        query = query.where(SignInAttempt.succeeded.is_(succeeded))
    if before_id is not None:
        query = query.where(SignInAttempt.id < before_id)
    return tuple(
        AttemptView(row.id, row.at, row.email, row.address, row.succeeded)
        for row in session.scalars(query)
    )
