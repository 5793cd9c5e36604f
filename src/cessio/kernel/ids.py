"""Names of things: actors, references people read, fingerprints and lock keys machines compare."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from cessio.kernel.errors import Invalid

#: What may be hashed; a float may not.
Part = str | int | bytes | date | Decimal | bool | None

_ACTOR = re.compile(r"(person|token|job|system):([a-z0-9_.\-]+)", re.ASCII)
_REFERENCE_BODY = re.compile(r"[0-9A-Z]{1,21}", re.ASCII)


class ActorUnreadable(Invalid):
    """A text does not name who acts."""


class ActorKind(StrEnum):
    """Who may act: a person, a person's or a machine's token, a job, the installation itself."""

    PERSON = "person"
    TOKEN = "token"
    JOB = "job"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """The author of a fact, written ``person:12`` or ``job:settlement.daily``."""

    kind: ActorKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"

    @property
    def person_id(self) -> int | None:
        """The person's id, if a person acts."""
        return int(self.name) if self.kind is ActorKind.PERSON else None


def actor(by: str) -> Actor:
    """Read an actor string. Raises ``ActorUnreadable``."""
    found = _ACTOR.fullmatch(by)
    numbered = found is None or found[1] not in ("person", "token") or found[2].isdigit()
    if found is None or not numbered:
        raise ActorUnreadable("actor_unreadable", "{by!r} does not name who acts", by=by[:60])
    return Actor(ActorKind(found[1]), found[2])


def reference(prefix: str, number: int, width: int = 6) -> str:
    """A reference people can read out: ``reference("CT", 42)`` is ``"CT-000042"``."""
    return f"{prefix}-{number:0{width}d}"


def canonical(*parts: Part) -> bytes:
    """Parts as bytes that no other parts have: each is typed and length-prefixed."""
    return b"".join(_typed(part) for part in parts)


def _typed(part: Part) -> bytes:
    match part:
        case None:
            tag, raw = b"n", b""
        case bool():
            tag, raw = b"b", b"1" if part else b"0"
        case int():
            tag, raw = b"i", str(part).encode()
        case str():
            tag, raw = b"s", part.encode()
        case bytes():
            tag, raw = b"x", part
        case Decimal():
            tag, raw = b"d", str(part.normalize()).encode()
        case date():
            tag, raw = b"t", part.isoformat().encode()
        case _:
            raise TypeError(f"{type(part).__name__} cannot be part of a fingerprint")
    return tag + str(len(raw)).encode() + b":" + raw


def fingerprint(*parts: Part) -> bytes:
    """SHA-256 (32 bytes) of the canonical form of some parts."""
    return hashlib.sha256(canonical(*parts)).digest()


def lock_key(namespace: str, *parts: Part) -> int:
    """A signed 64-bit key for ``pg_advisory_xact_lock``, the same in every process."""
    return int.from_bytes(fingerprint(namespace, *parts)[:8], "big", signed=True)


def creditor_reference(body: str) -> str:
    """An ISO 11649 reference (``RF18…``) whose check digits catch a mistyped payment reference.

    ``body`` is 1 to 21 capital letters and digits; ``ValueError`` otherwise.
    """
    if not _REFERENCE_BODY.fullmatch(body):
        raise ValueError("a creditor reference is 1 to 21 capital letters and digits")
    return f"RF{98 - _remainder(body + 'RF00'):02d}{body}"


def is_creditor_reference(text: str) -> bool:
    """Whether a text, spaces aside, is an ISO 11649 reference with right check digits."""
    compact = text.replace(" ", "").upper()
    if not re.fullmatch(r"RF[0-9]{2}[0-9A-Z]{1,21}", compact, re.ASCII):
        return False
    return _remainder(compact[4:] + compact[:4]) == 1


def _remainder(text: str) -> int:
    return int("".join(str(int(character, 36)) for character in text)) % 97
