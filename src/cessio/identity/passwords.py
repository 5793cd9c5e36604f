"""Passwords: which are refused, and their hashing: Argon2id, 100 ms, a bounded number at once.

46 MiB and two passes took 119 ms on the machine this was written on, 64 MiB and two 167 ms; OWASP
asks for at least 19 MiB and two passes. Each hash in progress holds its memory, hence the bound.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from cessio.identity import breached
from cessio.identity.rules import password_problem, password_text
from cessio.kernel.errors import CessioError, Invalid

_HASHER = PasswordHasher(time_cost=2, memory_cost=47_104, parallelism=1)
_AT_ONCE = BoundedSemaphore(4)
_PATIENCE_SECONDS = 10.0

#: Stored for a person who has no password yet: no text verifies against it.
UNSET = "!"


class Busy(CessioError):
    """Too many passwords are being checked at this moment; try again."""


def problem(password: str, *, about: Iterable[str] = ()) -> Invalid | None:
    """Why a new password is refused, or ``None``: by our rules, or because others lost it."""
    if refused := password_problem(password, about=about):
        return refused
    if breached.is_listed(password_text(password)):
        return Invalid("password_common", "This password is among the first ones to be guessed",
                       field="password")  # fmt: skip
    return None


def hashed(password: str) -> str:
    """The salted hash to store. Raises ``Busy``."""
    with _turn():
        return _HASHER.hash(password_text(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one hashed; as slow for a person who does not exist.

    ``None`` or ``UNSET`` verify against a hash nobody knows the password of. Raises ``Busy``.
    """
    stored = None if password_hash == UNSET else password_hash
    with _turn():
        try:
            right = _HASHER.verify(stored or _nobody(), password_text(password))
        except (VerificationError, InvalidHashError):
            return False
    return right and stored is not None


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters and should be made again."""
    return _HASHER.check_needs_rehash(password_hash)


@cache
def _nobody() -> str:
    return _HASHER.hash(secrets.token_urlsafe(32))


@contextmanager
def _turn() -> Iterator[None]:
    if not _AT_ONCE.acquire(timeout=_PATIENCE_SECONDS):
        raise Busy("sign_in_busy", "Too many sign-ins at once, please try again")
    try:
        yield
    finally:
        _AT_ONCE.release()
