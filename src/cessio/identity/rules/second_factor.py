"""A code besides the password: which is right, how often one may try, what replaces a lost device.

The code is RFC 6238's: SHA-1, six digits, a step of thirty seconds, one step of drift either way,
as every authenticator application takes it. A step accepted once is not accepted again.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta

import pyotp

#: Seconds of a step; a code of the step before or after is right too: clocks differ.
PERIOD = 30
DRIFT = 1
RECOVERY_CODES = 10
#: How long somebody who gave the right password may take for the code.
STEP_LIFE = timedelta(minutes=10)
ISSUER = "Cessio"
#: What the audit trail of a book that holds the demonstration speaks of (``cessio.demo``).
DEMONSTRATION = "demonstration"
_FREE_TRIES = 5
_WAIT_MAX = timedelta(hours=1)
#: Without what reads like another letter or digit: 32 letters, five bits each.
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_GROUPS, _GROUP = 4, 4


def new_seed() -> str:
    """160 random bits, as an authenticator application takes them when typed."""
    return pyotp.random_base32(32)


def seed_is_whole(seed: str) -> bool:
    """Whether a text is a seed that we made."""
    return re.fullmatch(r"[A-Z2-7]{32}", seed) is not None


def address_for(seed: str, email: str) -> str:
    """What the code on the screen says to the application that scans it (``otpauth://``)."""
    return pyotp.TOTP(seed).provisioning_uri(name=email, issuer_name=ISSUER)


def step_of(at: datetime) -> int:
    """The number of the step an instant is in."""
    return int(at.timestamp()) // PERIOD


def step_matching(seed: str, code: str, at: datetime, *, after: int) -> int | None:
    """The step whose code this is, if it is near enough and later than ``after``."""
    typed = re.sub(r"\s", "", code)
    if re.fullmatch(r"[0-9]{6}", typed) is None:
        return None
    now, made = step_of(at), pyotp.TOTP(seed)
    near = [step for step in range(now - DRIFT, now + DRIFT + 1) if step > after]
    right = [step for step in near if secrets.compare_digest(made.generate_otp(step), typed)]
    return max(right, default=None)


def new_recovery_code() -> str:
    """80 random bits, in four groups to write down."""
    return "-".join(
        "".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS)
    )


def recovery_key(typed: str) -> str | None:
    """The one spelling of a recovery code; ``None`` for what is none."""
    letters = re.sub(r"[\s-]", "", typed).upper()
    return letters if re.fullmatch(rf"[{_LETTERS}]{{{_GROUPS * _GROUP}}}", letters) else None


def wait_after(failures: int, last_at: datetime | None) -> datetime | None:
    """The instant before which no code of a person is looked at, wherever they try from.

    Who gets here knows the password, so a delay of the whole account is no gift to a stranger:
    five tries, then one minute, two, four, … to an hour; forty codes a day at most.
    """
    if last_at is None or failures < _FREE_TRIES:
        return None
    doublings = min(failures - _FREE_TRIES, 10)
    return last_at + min(timedelta(minutes=1 << doublings), _WAIT_MAX)
