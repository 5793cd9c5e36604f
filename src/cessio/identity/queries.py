"""Reading people, sessions, tokens and sign-in attempts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from cessio.identity import rules
from cessio.identity.models import ApiToken, IdempotencyKey, Person, SignInAttempt, WebSession
from cessio.identity.rules import Audience, Permission, Role, Scope, SignInFacts, Tries
from cessio.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Signed:
    """The person behind a request: read anew each time, so that a lost right is lost at once.

    ``by`` is the actor to write into the books, ``firm`` the client's name (set at the edge).
    ``scopes`` is set only for an API token;
    ``session_id``, ``csrf`` and ``proved_at`` (password last given) only for a browser.
    """

    person_id: int
    name: str
    email: str
    audience: Audience
    role: Role
    client_id: int | None
    language: str
    by: str
    session_id: int | None = None
    csrf: str | None = None
    proved_at: datetime | None = None
    scopes: frozenset[str] | None = None
    firm: str = ""

    def may(self, permission: Permission) -> bool:
        """Whether the role of this person holds a permission."""
        return rules.may(self.role, permission)

    def may_use(self, scope: Scope) -> bool:
        """Whether this is a token with the scope, of a person who still may use it."""
        return (
            self.scopes is not None
            and scope.value in self.scopes
            and rules.may_use(self.role, scope)
        )


@dataclass(frozen=True, slots=True)
class PersonView:
    """One person as shown on a screen of users."""

    id: int
    name: str
    email: str
    audience: Audience
    role: Role
    client_id: int | None
    language: str
    created_at: datetime
    disabled_at: datetime | None
    has_password: bool


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a password is checked against; never leaves this capability."""

    person_id: int
    password_hash: str
    disabled: bool


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What a request under an idempotency key was and was answered."""

    input_hash: bytes
    status: int
    body: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class SessionView:
    """A signed-in browser as shown to its person."""

    id: int
    person_id: int
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    user_agent: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class TokenView:
    """An API token as shown on a screen: never its secret."""

    id: int
    person_id: int
    prefix: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    ended_at: datetime | None


# -- people ------------------------------------------------------------------------------------


def person(session: Session, person_id: int, *, client_id: int | None = None) -> PersonView:
    """One person; ``NotFound`` if absent or, with ``client_id``, not of that client."""
    query = select(Person).where(Person.id == person_id)
    if client_id is not None:
        query = query.where(Person.client_id == client_id)
    row = session.scalar(query)
    if row is None:
        raise NotFound("person_not_found", "There is no such person")
    return _person(row)


def credentials(session: Session, email: str) -> Credentials | None:
    """What a sign-in with this (normalised) address is checked against."""
    row = session.execute(
        select(Person.id, Person.password_hash, Person.disabled_at).where(Person.email == email)
    ).one_or_none()
    return None if row is None else Credentials(row[0], row[1], row[2] is not None)


def person_by_email(session: Session, email: str) -> PersonView | None:
    """The person who signs in with this address, disabled or not."""
    row = session.scalar(select(Person).where(Person.email == rules.email_key(email)))
    return None if row is None else _person(row)


def people(
    session: Session,
    *,
    audience: Audience | None = None,
    client_id: int | None = None,
    role: str | None = None,
    disabled: bool | None = False,
) -> tuple[PersonView, ...]:
    """People by name; ``disabled=None`` gives both those who may and may no longer sign in."""
    query = select(Person).order_by(func.lower(Person.name), Person.id)
    if audience is not None:
        query = query.where(Person.audience == audience)
    if client_id is not None:
        query = query.where(Person.client_id == client_id)
    if role is not None:
        query = query.where(Person.role == role)
    if disabled is not None:
        query = query.where(Person.disabled_at.is_not(None) == disabled)
    return tuple(map(_person, session.scalars(query)))


def _person(row: Person) -> PersonView:
    return PersonView(
        id=row.id,
        name=row.name,
        email=row.email,
        audience=Audience(row.audience),
        role=Role(row.role),
        client_id=row.client_id,
        language=row.language,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        has_password=row.password_hash != "!",
    )


def person_behind(session: Session, actor: str) -> int | None:
    """The id of the human an actor stands for: itself, or a token's owner; ``None`` for a job."""
    kind, _, number = actor.partition(":")
    if kind == "person" and number.isdecimal():
        return int(number)
    if kind == "token" and number.isdecimal():
        return session.scalar(select(ApiToken.person_id).where(ApiToken.id == int(number)))
    return None


def actor_names(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """Names to show for actor strings; what is no person or token is shown as it is."""
    wanted = set(actors)
    people_ids = {int(each[7:]) for each in wanted if _numbered(each, "person:")}
    token_ids = {int(each[6:]) for each in wanted if _numbered(each, "token:")}
    names = {each: each for each in wanted}
    if people_ids:
        found = select(Person.id, Person.name).where(Person.id.in_(people_ids))
        names |= {f"person:{number}": name for number, name in session.execute(found)}
    if token_ids:
        owners = (
            select(ApiToken.id, Person.name, ApiToken.name)
            .join(Person, Person.id == ApiToken.person_id)
            .where(ApiToken.id.in_(token_ids))
        )
        names |= {f"token:{each}": f"{who} ({name})" for each, who, name in session.execute(owners)}
    return names


def _numbered(actor: str, prefix: str) -> bool:
    return actor.startswith(prefix) and actor[len(prefix) :].isdecimal()


# -- sessions and tokens -----------------------------------------------------------------------


def live_session(session: Session, token_hash: bytes, at: datetime) -> Signed | None:
    """The person of a session that is neither ended, expired, idle too long nor disabled."""
    query = (
        select(WebSession, Person)
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
    row, owner = found
    if row.seen_at + rules.IDLE[Audience(owner.audience)] <= at:
        return None
    return _signed(
        owner, f"person:{owner.id}", session_id=row.id, csrf=row.csrf_token, proved_at=row.proved_at
    )


def live_token(session: Session, token_hash: bytes, at: datetime) -> Signed | None:
    """The person of an API token that is neither ended nor expired, if not disabled."""
    query = (
        select(ApiToken, Person)
        .join(Person, Person.id == ApiToken.person_id)
        .where(
            ApiToken.token_hash == token_hash,
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


def _signed(
    owner: Person,
    by: str,
    *,
    session_id: int | None = None,
    csrf: str | None = None,
    proved_at: datetime | None = None,
    scopes: frozenset[str] | None = None,
) -> Signed:
    return Signed(
        person_id=owner.id,
        name=owner.name,
        email=owner.email,
        audience=Audience(owner.audience),
        role=Role(owner.role),
        client_id=owner.client_id,
        language=owner.language,
        by=by,
        session_id=session_id,
        csrf=csrf,
        proved_at=proved_at,
        scopes=scopes,
    )


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
    return tuple(
        TokenView(
            id=row.id,
            person_id=row.person_id,
            prefix=row.prefix,
            name=row.name,
            scopes=tuple(row.scopes),
            created_at=row.created_at,
            expires_at=row.expires_at,
            used_at=row.used_at,
            ended_at=row.ended_at,
        )
        for row in session.scalars(query)
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


# -- sign-in attempts --------------------------------------------------------------------------


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
