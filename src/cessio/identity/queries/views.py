"""What readers of identity get: frozen views."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cessio.identity import rules
from cessio.identity.rules import Audience, Permission, Role, Scope


@dataclass(frozen=True, slots=True)
class Signed:
    """The person behind a request: read anew each time, so that a lost right is lost at once.

    ``by`` is the actor to write into the books, ``firm`` the client's name (set at the edge).
    ``scopes`` is set only for an API token;
    ``session_id``, ``csrf``, ``proved_at`` (last proof of being there) and ``has_factor`` only for
    a browser, and so is ``lent``: what colleagues who are away lend them today.
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
    theme: str | None = None
    has_factor: bool = False
    lent: frozenset[Permission] = frozenset()

    def may(self, permission: Permission) -> bool:
        """Whether the role of this person holds a permission, or a colleague lends it to them."""
        return rules.may(self.role, permission) or permission in self.lent

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
class FactorView:
    """A person's second factor: since when, and how many recovery codes are left."""

    set_at: datetime
    recovery_codes: int


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
class ClientView:
    """A program that exchanges its secret for tokens."""

    id: int
    scopes: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TokenView:
    """An API token as shown on a screen: never its secret."""

    id: int
    person_id: int
    prefix: str
    client_key: str | None
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class AttemptView:
    """A sign-in that somebody tried, as shown to the account's person and to auditors."""

    id: int
    at: datetime
    email: str
    address: str
    succeeded: bool
