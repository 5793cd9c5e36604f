"""API tokens: a machine's key, shown once, limited in scope and time."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from cessio import audit
from cessio.identity import queries, rules
from cessio.identity.models import ApiToken
from cessio.identity.operations.sessions import token_hash
from cessio.identity.queries import Signed
from cessio.identity.rules import Scope
from cessio.kernel.errors import CessioError, Forbidden, Invalid, NotFound, Problems

PREFIX = "cs_"
#: Of a secret that is exchanged, and of what it is exchanged for.
CLIENT_PREFIX, ACCESS_PREFIX = "cc_", "ca_"


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token: ``secret`` is shown now and never again; with the client id, if it has one."""

    id: int
    secret: str
    prefix: str
    expires_at: datetime
    client_key: str | None = None


def issue_token(
    session: Session,
    *,
    person_id: int,
    name: str,
    scopes: Collection[Scope],
    expires_at: datetime,
    is_exchanged: bool = False,
    by: str,
    at: datetime,
) -> IssuedToken:
    """Give a person's machine a key. The scopes may not exceed what the person may do.

    ``is_exchanged``: a client id and a secret, good for tokens of an hour and nothing else.

    Raises ``Problems``; ``Forbidden`` when somebody asks for a token of another person.
    """
    owner = queries.person(session, person_id)
    if queries.person_behind(session, by) != person_id:
        raise Forbidden("token_of_another", "A token is issued to its own person only")
    if problems := _problems(owner.role, name, scopes, expires_at, at):
        raise Problems(problems)
    kind = CLIENT_PREFIX if is_exchanged else PREFIX
    secret = kind + secrets.token_urlsafe(32)
    row = ApiToken(
        token_hash=token_hash(secret),
        prefix=secret[: len(kind) + 8],
        client_key=secrets.token_hex(12) if is_exchanged else None,
        name=name.strip(),
        person_id=person_id,
        scopes=sorted(scope.value for scope in set(scopes)),
        created_at=at,
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        verb="issue",
        subject_kind="token",
        subject_id=row.id,
        after={"name": row.name, "scopes": row.scopes, "expires_at": expires_at},
        by=by,
        at=at,
        client_id=owner.client_id,
    )
    return IssuedToken(row.id, secret, row.prefix, expires_at, row.client_key)


def end_token(session: Session, *, token_id: int, person_id: int, by: str, at: datetime) -> None:
    """Stop a token at once. Raises ``NotFound`` if it is not an open token of that person."""
    ended = session.scalar(
        update(ApiToken)
        .where(
            ApiToken.id == token_id, ApiToken.person_id == person_id, ApiToken.ended_at.is_(None)
        )
        .values(ended_at=at)
        .returning(ApiToken.id)
    )
    if ended is None:
        raise NotFound("token_not_found", "There is no such open token")
    audit.record(
        session,
        verb="end",
        subject_kind="token",
        subject_id=token_id,
        by=by,
        at=at,
        client_id=queries.person(session, person_id).client_id,
    )


def use_token(session: Session, *, secret: str, at: datetime) -> Signed | None:
    """The person behind an API key, or ``None``; notes once a minute that it is in use."""
    digest = token_hash(secret)
    if secret.startswith(ACCESS_PREFIX):
        return queries.live_access_token(session, digest, at)
    if not secret.startswith(PREFIX):
        return None
    signed = queries.live_token(session, digest, at)
    if signed is not None:
        session.execute(
            update(ApiToken)
            .where(
                ApiToken.token_hash == digest,
                or_(ApiToken.used_at.is_(None), ApiToken.used_at < at - timedelta(minutes=1)),
            )
            .values(used_at=at)
        )
    return signed


def _problems(
    role: str, name: str, scopes: Collection[Scope], expires_at: datetime, at: datetime
) -> list[CessioError]:
    problems: list[CessioError] = []
    if not 1 <= len(name.strip()) <= 80:
        problems.append(Invalid("name_missing", "A token has a name", field="name"))
    if not scopes:
        problems.append(Invalid("scope_missing", "A token has a scope", field="scopes"))
    problems.extend(
        Invalid("scope_exceeds_role", "{scope} is more than its person may do", field="scopes",
                scope=scope.value)
        for scope in scopes
        if not rules.may_use(role, scope)
    )  # fmt: skip
    if not at < expires_at <= at + timedelta(days=rules.TOKEN_LIFE_DAYS_MAX):
        problems.append(
            Invalid("expiry_out_of_range", "A token expires within {days} days",
                    field="expires_at", days=rules.TOKEN_LIFE_DAYS_MAX)
        )  # fmt: skip
    return problems
