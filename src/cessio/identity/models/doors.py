"""How one gets in: browsers, tokens, what was tried and what was answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Index
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from cessio.plumbing.database import Base


class WebSession(Base):
    """A signed-in browser; only the hash of its token is stored.

    ``proved_at`` is when the person last proved to be there, by the code of the second factor or
    without one by the password: a sensitive act asks for a recent proof.
    """

    __tablename__ = "web_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    csrf_token: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    proved_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    user_agent: Mapped[str | None]
    address: Mapped[str | None]


class ApiToken(Base):
    """A machine's key to the API: scopes, an expiry, and only the hash of the secret.

    With a ``client_key`` the secret opens nothing by itself: the two are exchanged for a token
    of an hour (OAuth 2.0 client credentials).
    """

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    prefix: Mapped[str]
    client_key: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """A failed or successful sign-in, kept to slow guessing and to be shown.

    ``network`` is the part of the address one subscriber holds (IPv4 /24, IPv6 /56).
    """

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index(None, "email", "at"), Index(None, "network", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    email: Mapped[str]
    address: Mapped[str]
    network: Mapped[str]
    succeeded: Mapped[bool]


class IdempotencyKey(Base):
    """A request seen: the same key with the same input answers the same, for ever."""

    __tablename__ = "idempotency_key"
    __table_args__ = (Index(None, "actor", "route", "key", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    actor: Mapped[str]
    route: Mapped[str]
    key: Mapped[str]
    input_hash: Mapped[bytes]
    status: Mapped[int]
    body: Mapped[bytes]
    media_type: Mapped[str]
    at: Mapped[datetime]


class WrongGuess(Base):
    """How many addresses of a door a network guessed wrong, since when; kept for minutes."""

    __tablename__ = "wrong_guess"

    door: Mapped[str] = mapped_column(primary_key=True)
    network: Mapped[str] = mapped_column(primary_key=True)
    since_at: Mapped[datetime]
    wrong: Mapped[int]


class AccessToken(Base):
    """What a machine got for its client id and secret; it opens for an hour at most."""

    __tablename__ = "access_token"
    __table_args__ = (Index(None, "expires_at"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    api_token_id: Mapped[int] = mapped_column(ForeignKey("api_token.id"), index=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ProviderAccount(Base):
    """Whom a provider of single sign-on means by a subject; linked once, by a proved address."""

    __tablename__ = "provider_account"
    __table_args__ = (Index(None, "issuer", "subject", unique=True),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    issuer: Mapped[str]
    subject: Mapped[str]
    linked_at: Mapped[datetime]
