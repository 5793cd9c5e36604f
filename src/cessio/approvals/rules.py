"""Who may decide, and the hash that binds a decision to what was shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cessio.audit import json_safe
from cessio.identity import Permission
from cessio.kernel.errors import CessioError, Conflict, Forbidden


class Decision(StrEnum):
    """How an approval ended; ``void`` when what was asked about changed or was withdrawn."""

    APPROVED = "approved"
    REJECTED = "rejected"
    VOID = "void"


#: Who may decide on each kind of thing; the capability that asks says so (``decided_with``).
_DECIDED_WITH: dict[str, tuple[Permission, ...]] = {}


def decided_with(subject_kind: str, *any_of: Permission) -> None:
    """Say which permission the second person of a kind of thing needs: the staff's is told first.

    A client's people may decide where one of ``any_of`` is theirs.
    """
    _DECIDED_WITH[subject_kind] = any_of


def permission_for(subject_kind: str) -> Permission | None:
    """The permission the second person of the staff needs, if the capability that asks said so."""
    return next(iter(permissions_for(subject_kind)), None)


def permissions_for(subject_kind: str) -> tuple[Permission, ...]:
    """Every permission one of which the second person needs; none where nobody said so."""
    return _DECIDED_WITH.get(subject_kind, ())


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known when a second person decides. Ids are of the people behind the actors."""

    maker: str
    maker_id: int | None
    subject_hash: bytes
    decision: str | None


def subject_hash(facts: Any) -> bytes:
    """SHA-256 of the canonical JSON of what is decided: any change of any fact changes it.

    ``facts`` is a mapping or a dataclass of exact values; ``TypeError`` for a float.
    """
    text = json.dumps(json_safe(facts), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).digest()


def may_use_lent(
    maker_id: int | None, shown: Mapping[str, Any], *, lender_id: int, up_to_minor: int | None
) -> bool:
    """Whether a right somebody lends decides what ``shown`` says: they did not ask for it
    themselves, and up to an amount it decides nothing above it, nor what shows no amount."""
    amounts = [abs(value) for name, value in shown.items()
               if name.endswith("_minor") and isinstance(value, int)]  # fmt: skip
    return lender_id != maker_id and (
        up_to_minor is None or (bool(amounts) and max(amounts) <= up_to_minor)
    )


def refusal(
    asked: Asked, *, checker: str, checker_id: int | None, subject_hash: bytes
) -> CessioError | None:
    """Why this person may not decide this now, or ``None``."""
    if asked.decision is not None:
        return Conflict("approval_decided", "This was decided already: {decision}",
                        decision=asked.decision)  # fmt: skip
    if checker_id is None:
        return Forbidden("person_needed", "Only a person decides")
    if checker == asked.maker or checker_id == asked.maker_id:
        return Forbidden("own_request", "Who asked does not decide")
    if subject_hash != asked.subject_hash:
        return Conflict("approval_stale", "What was asked about has changed since: ask again")
    return None
