"""What every deed says of itself."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeVar

import msgspec
from sqlalchemy.orm import Session

from cessio import approvals
from cessio.identity import Permission
from cessio.kernel.errors import CessioError

D = TypeVar("D", bound="type[Deed]")

#: Every deed by its kind, which is also what its approval is about.
DEEDS: dict[str, type[Deed]] = {}


@dataclass(frozen=True, slots=True)
class Deed(ABC):
    """An act that needs two people; its fields are everything it does."""

    kind: ClassVar[str]
    #: One of these whoever asks must be allowed; this one who agrees.
    asked_with: ClassVar[tuple[Permission, ...]]
    agreed_with: ClassVar[Permission]

    def subject(self) -> int:
        """What it is about; deeds that add something are told apart by what they say."""
        text = msgspec.json.encode(msgspec.to_builtins(self, order="sorted"))
        return int.from_bytes(hashlib.sha256(text).digest()[:6])

    def client(self, session: Session) -> int | None:
        """Whose it is, if a client's."""
        return None

    def state(self, session: Session) -> Mapping[str, Any]:
        """Everything it depends on, as it is now: if that changes, it is asked for again."""
        return {}

    def told(self, session: Session) -> Mapping[str, Any]:
        """What lists and notifications say of it: client, name, amount."""
        return {}

    def pairs(self, state: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
        """What changes: name, before, after."""
        return []

    def refusal(self, session: Session, person_id: int, *, asks: bool) -> CessioError | None:
        """Why this person may neither ask for it nor agree to it, whatever their role says."""
        return None

    @abstractmethod
    def do(self, session: Session, *, by: str, at: datetime) -> int | None:
        """Do it, as the second person's; the id of what it adds, if it adds something."""


def deed(kind: D) -> D:
    """Let a kind of deed be asked for and agreed to."""
    DEEDS[kind.kind] = kind
    approvals.decided_with(kind.kind, kind.agreed_with)
    return kind


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """What differs, in the order of ``after``."""
    return [(name, before.get(name), value) for name, value in after.items()
            if before.get(name) != value]  # fmt: skip
