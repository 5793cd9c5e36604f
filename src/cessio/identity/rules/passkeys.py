"""Passkeys: for which address they are made, how many one may have, how long a challenge lasts."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from cessio.kernel.errors import Invalid

NAME = "Cessio"
CHALLENGE_LIFE = timedelta(minutes=5)
PASSKEYS_MAX = 10
_NAME_MAX = 60
#: What a browser may send at most: an answer has a few hundred characters, an attestation more.
ANSWER_MAX = 20_000


class Purpose(StrEnum):
    """What a challenge is for; an answer to one is none to another."""

    ADD = "add"
    DOOR = "door"
    STEP = "step"
    PROOF = "proof"


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """For whom a passkey is made: a host name, and the one address pages of it come from."""

    id: str
    origin: str


def relying_party(public_url: str) -> RelyingParty | None:
    """Whom browsers make passkeys for at this address; ``None`` where they make none.

    They do under a name over TLS, and under ``localhost``; never under a bare IP address.
    """
    parts = urlsplit(public_url)
    host = (parts.hostname or "").lower()
    is_local = host == "localhost" or host.endswith(".localhost")
    if not host or _is_address(host) or not (parts.scheme == "https" or is_local):
        return None
    default = {"http": 80, "https": 443}[parts.scheme]
    port = "" if parts.port in {None, default} else f":{parts.port}"
    return RelyingParty(host, f"{parts.scheme}://{host}{port}")


def name_problem(name: str) -> Invalid | None:
    """Why a passkey cannot be called so, or ``None``."""
    if 1 <= len(name.strip()) <= _NAME_MAX:
        return None
    return Invalid("passkey_name", "Name the passkey by what holds it, in at most {most} "
                   "characters", field="name", most=_NAME_MAX)  # fmt: skip


def handle_of(person_id: int) -> bytes:
    """By what an authenticator knows whose passkey it holds: it says nothing of the person."""
    return f"person:{person_id}".encode()


def has_gone_back(known: int, said: int) -> bool:
    """Whether a counter shows that the passkey was copied; many keep none and always say zero."""
    return (known > 0 or said > 0) and said <= known


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
