"""What a list is narrowed by, said above it: each filter of the address with the way to drop it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import urlencode

from cessio.kernel.errors import CessioError
from cessio.plumbing import formats
from cessio.web import page as pages
from cessio.web.readers import day
from cessio.web.words import label

#: How the value of a filter is told; None: it is no filter and has no chip.
Teller = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in words, and the address without it."""

    name: str
    value: str
    href: str


def chips(said: Mapping[str, tuple[str, Teller]]) -> list[Chip]:
    """The chips of this page's address; ``said`` has the words and the teller of each field."""
    page = pages.current()
    found = []
    for field, (name, tell) in said.items():
        raw = page.arg(field).strip()
        value = tell(raw) if raw else None
        if value is not None:
            found.append(Chip(name, value, page.url(**{field: None})))
    return found


def as_typed(raw: str) -> str:
    """A text as it was typed."""
    return raw


def as_day(raw: str) -> str | None:
    """A day the reader's way; an unreadable one filters nothing."""
    try:
        found: date = day()(raw)
    except CessioError:
        return None
    return formats.date(found)


def of_kind(kind: type[StrEnum]) -> Teller:
    """The words of a choice; an unknown one filters nothing."""

    def tell(raw: str) -> str | None:
        return label(kind(raw)) if raw in set(kind) else None

    return tell


def among(names: Mapping[str, str]) -> Teller:
    """The name of a value among those known."""
    return names.get


def tidy() -> str:
    """This page's address without the fields that were left empty."""
    page = pages.current()
    return page.url(**{name: None for name, value in page.query if not value})


def address_of(path: str, **more: str) -> str:
    """An address that carries this page's filters along."""
    page = pages.current()
    kept = {name: value for name, value in page.query if name not in _PLACE} | more
    return f"{path}?{urlencode(kept)}" if kept else path


#: Fields that say which part of a list is shown, not what it is narrowed by.
_PLACE = frozenset({"after", "before", "format", "sum"})
