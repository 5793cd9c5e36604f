"""Client credentials of OAuth 2.0 (RFC 6749 §4.4): an id and a secret for a token of an hour.

A refusal is told by a value: whether the client is unknown, stopped, expired or its secret wrong
is one and the same.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from cessio.identity import queries
from cessio.identity.models import AccessToken, ApiToken
from cessio.identity.operations.sessions import token_hash
from cessio.identity.operations.tokens import ACCESS_PREFIX

LIFE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Granted:
    """A token, shown now and never again."""

    secret: str
    scopes: tuple[str, ...]
    seconds: int


@dataclass(frozen=True, slots=True)
class GrantRefused:
    """Why not, by the name that RFC 6749 has for it."""

    error: str


def grant_token(
    session: Session, *, client_key: str, secret: str, scopes: Collection[str] | None, at: datetime
) -> Granted | GrantRefused:
    """A token with the scopes asked for, or with all that the client has and its person may use.

    It never outlives the client, and stops with it.
    """
    client = queries.live_client(session, client_key, token_hash(secret), at)
    if client is None:
        return GrantRefused("invalid_client")
    allowed = frozenset(client.scopes)
    wanted = allowed if scopes is None else frozenset(scopes)
    if not wanted or not wanted <= allowed:
        return GrantRefused("invalid_scope")
    token = ACCESS_PREFIX + secrets.token_urlsafe(32)
    ends = min(at + LIFE, client.expires_at)
    session.add(AccessToken(token_hash=token_hash(token), api_token_id=client.id,
                            scopes=sorted(wanted), created_at=at, expires_at=ends))  # fmt: skip
    session.execute(update(ApiToken).where(ApiToken.id == client.id).values(used_at=at))
    session.flush()
    return Granted(token, tuple(sorted(wanted)), int((ends - at).total_seconds()))


def forget_access_tokens(session: Session, *, at: datetime) -> None:
    """Remove those that are over."""
    session.execute(delete(AccessToken).where(AccessToken.expires_at <= at))
