"""One entry of a list, whatever the file it came in."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from enum import StrEnum


class ListedKind(StrEnum):
    """Who or what is listed."""

    PERSON = "person"
    ENTITY = "entity"


@dataclass(frozen=True, slots=True)
class Listed:
    """A listed person or entity: its names (the first is the main one), and what tells it apart."""

    reference: str
    kind: ListedKind
    names: tuple[str, ...]
    born: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    programme: str = ""

    @property
    def sha256(self) -> bytes:
        """The same as long as nothing of the entry changes."""
        told = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(told.encode()).digest()


def identifier_key(text: str) -> str:
    """A registration number or paper as it is compared; empty for one too short to tell apart."""
    key = re.sub(r"[^0-9A-Z]", "", text.upper())
    return key if len(key) >= 6 and any(each.isdigit() for each in key) else ""
