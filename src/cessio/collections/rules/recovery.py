"""Files for legal recovery: how they end, and how their papers are shared over archives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Protocol, TypeVar

#: Invoices of one file, and bytes of papers in one archive of it.
MOST = 2_000
PART_BYTES = 40_000_000


class RecoveryEnd(StrEnum):
    """Why whoever recovers has the file no more."""

    RECOVERED = "recovered"
    TAKEN_BACK = "taken_back"
    GIVEN_UP = "given_up"


class Sized(Protocol):
    """What weighs something."""

    @property
    def size(self) -> int:
        """Its bytes."""
        ...


T = TypeVar("T", bound=Sized)


def in_parts(papers: Iterable[T], most: int = PART_BYTES) -> list[Sequence[T]]:
    """The papers in archives none of which is heavier than ``most``, but for one paper alone."""
    parts: list[list[T]] = [[]]
    weight = 0
    for one in papers:
        if parts[-1] and weight + one.size > most:
            parts.append([])
            weight = 0
        parts[-1].append(one)
        weight += one.size
    return list(parts)
