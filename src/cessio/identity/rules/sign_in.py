"""Which passwords are refused, how long a session lives, and how long a wrong guess costs."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from cessio.identity.common_passwords import common
from cessio.identity.rules.roles import Audience
from cessio.kernel.errors import Invalid

# -- sessions ----------------------------------------------------------------------------------

ABSOLUTE = timedelta(hours=12)
IDLE = {
    Audience.STAFF: timedelta(minutes=15),
    Audience.CLIENT: timedelta(minutes=60),
    Audience.GUEST: timedelta(minutes=60),
}
#: A session's last use is written at most this often.
TOUCH_EVERY = timedelta(seconds=30)
TOKEN_LIFE_DAYS_MAX = 366
#: How long somebody who was invited may take to choose a password.
INVITATION_LIFE = timedelta(days=14)
#: How long a link to choose a forgotten password anew works, and how many are mailed meanwhile.
RESET_LIFE = timedelta(hours=1)
RESETS_AN_HOUR = 3


# -- e-mail and passwords ----------------------------------------------------------------------

PASSWORD_LENGTH_MIN = 12
PASSWORD_LENGTH_MAX = 256
_EMAIL = re.compile(
    r"[^\s@<>\",;:()\[\]\\]{1,64}@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63}"
)


def email_key(email: str) -> str:
    """The one spelling under which an address is stored and looked up."""
    return unicodedata.normalize("NFKC", email).strip().lower()


def email_problem(email: str) -> Invalid | None:
    """Why a normalised address cannot be one, or ``None``."""
    if len(email) <= 254 and _EMAIL.fullmatch(email):
        return None
    return Invalid("email_unreadable", "{email} is not an e-mail address", field="email",
                   email=email[:100])  # fmt: skip


def password_text(password: str) -> str:
    """The text that is hashed: one Unicode form, so that every keyboard gives the same."""
    return unicodedata.normalize("NFKC", password)


def password_problem(password: str, *, about: Iterable[str] = ()) -> Invalid | None:
    """Why a new password is refused, or ``None``. ``about``: the person's name and address.

    Length and guessability only, no composition rules (NIST SP 800-63B, ASVS 6.2).
    """
    text = password_text(password)
    if len(text) < PASSWORD_LENGTH_MIN:
        return Invalid("password_too_short", "A password has at least {least} characters",
                       field="password", least=PASSWORD_LENGTH_MIN)  # fmt: skip
    if len(text) > PASSWORD_LENGTH_MAX:
        return Invalid("password_too_long", "A password has at most {most} characters",
                       field="password", most=PASSWORD_LENGTH_MAX)  # fmt: skip
    if _is_guessable(text, about):
        return Invalid("password_common", "This password is among the first ones to be guessed",
                       field="password")  # fmt: skip
    return None


def _is_guessable(password: str, about: Iterable[str]) -> bool:
    text = _plain(password)
    core = re.sub(r"[\W\d_]+$", "", re.sub(r"^[\W\d_]+", "", text))
    if {text, core} & common():
        return True
    if any(text == text[:size] * (len(text) // size) + text[: len(text) % size]
           for size in range(1, len(text) // 2 + 1)):  # fmt: skip
        return True
    steps = {ord(right) - ord(left) for left, right in pairwise(text)}
    if steps in ({1}, {-1}):
        return True
    letters = _letters(text)
    return letters != "" and letters in {
        part
        for each in about
        for part in (_letters(each), *map(_letters, re.split(r"[\W_]+", each)))
    }


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in decomposed if not unicodedata.combining(each))


def _letters(text: str) -> str:
    return re.sub(r"[\W\d_]+", "", _plain(text))


# -- slowing guesses ---------------------------------------------------------------------------

#: Failures of this long ago no longer count.
MEMORY = timedelta(hours=24)
_FREE_FOR_PAIR = 3
_FREE_FOR_NETWORK = 30
_FREE_FOR_ACCOUNT = 20
_PAIR_WAIT_MAX = timedelta(minutes=15)
_NETWORK_WAIT_MAX = timedelta(minutes=5)
_ACCOUNT_WAIT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Tries:
    """Failed sign-ins that speak against the next one: how many, and when the last was."""

    count: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SignInFacts:
    """What is known when somebody tries an account from a network.

    ``pair``: this account from this network since it last got in from there; ``network``: this
    network on any account, last 15 minutes; ``account``: this account from any network, last
    hour; ``known_network``: this account got in from this network before.
    """

    pair: Tries = Tries()
    network: Tries = Tries()
    account: Tries = Tries()
    known_network: bool = False


def wait_until(facts: SignInFacts) -> datetime | None:
    """The instant before which an attempt is not even looked at; ``None`` when it may go on.

    The delay grows per account and network and is never a lock: the person on a known network is
    not stopped by somebody who guesses from elsewhere.
    """
    ends = [
        _after(facts.pair, _FREE_FOR_PAIR, 1, _PAIR_WAIT_MAX),
        _after(facts.network, _FREE_FOR_NETWORK, 5, _NETWORK_WAIT_MAX),
    ]
    if not facts.known_network and facts.account.count >= _FREE_FOR_ACCOUNT:
        ends.append(facts.account.last_at and facts.account.last_at + _ACCOUNT_WAIT)
    return max((end for end in ends if end is not None), default=None)


def _after(tries: Tries, free: int, per_doubling: int, longest: timedelta) -> datetime | None:
    if tries.last_at is None or tries.count < free:
        return None
    doublings = min((tries.count - free) // per_doubling, 20)
    return tries.last_at + min(timedelta(seconds=2 << doublings), longest)


def input_hash(*parts: bytes) -> bytes:
    """The hash of a request's input, each part delimited by its length (idempotency)."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()
