"""What the readers of lists share: the entries found, and how a fault is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cessio.kernel.errors import Invalid
from cessio.screening.rules import Listed, ListedKind

MOST_NAMES = 500
MOST_LETTERS = 500


@dataclass(frozen=True, slots=True)
class ReadList:
    """The entries of one file, in its order, and the date it bears if it does."""

    entries: tuple[Listed, ...]
    dated_on: date | None = None


#: What may be wrong with a list, by code; said to people at the edge.
FAULTS = {
    "no_reference": "an entry has no reference",
    "no_name": "entry {what} has no name",
    "long_names": "entry {what} has names too many or too long",
    "twice": "reference {what} stands twice",
    "not_a_date": "{what} is not a date",
    "not_xml": "the file is not sound XML ({what})",
    "not_json": "the file is not sound JSON ({what})",
    "not_eu": "this is not the list of the Union",
    "not_register": "this is not the register of the Trésor",
    "not_text": "the text is not UTF-8",
    "no_column": "there is no column {what}",
    "odd_columns": "unknown or repeated columns: {what}",
    "cells": "{what} cells in the line",
    "kind": "{what} is neither person nor entity",
    "quotes": "the line is not sound CSV ({what})",
}


def wrong(line: int | None, fault: str, what: object = "") -> Invalid:
    """A fault of the file, at its line (or the number of its record)."""
    return Invalid(f"list_{fault}", f"line {{line}}: {FAULTS[fault]}", field="file",
                   line=line or 1, what=str(what)[:80])  # fmt: skip


def entry(
    line: int | None, *, reference: str, kind: ListedKind, names: list[str], born: list[str],
    countries: list[str], identifiers: list[str], programme: str,
) -> Listed:  # fmt: skip
    """One entry, or the fault that makes the whole file unusable."""
    told = [clean(name) for name in names]
    told = list(dict.fromkeys(name for name in told if name))
    if not clean(reference):
        raise wrong(line, "no_reference")
    if not told:
        raise wrong(line, "no_name", clean(reference))
    if len(told) > MOST_NAMES or any(len(name) > MOST_LETTERS for name in told):
        raise wrong(line, "long_names", clean(reference))
    return Listed(
        clean(reference), kind, tuple(told), _kept(born), _kept(countries), _kept(identifiers),
        clean(programme)[:300],
    )  # fmt: skip


def clean(text: str | None) -> str:
    """A text on one line, without what cannot be stored or seen."""
    return " ".join("".join(each for each in text or "" if each.isprintable() or each == " "
                            or each.isspace()).split())  # fmt: skip


def unique(entries: list[tuple[int | None, Listed]]) -> tuple[Listed, ...]:
    """The entries, each reference once. Raises at the second one."""
    seen: set[str] = set()
    for line, one in entries:
        if one.reference in seen:
            raise wrong(line, "twice", one.reference)
        seen.add(one.reference)
    return tuple(one for _, one in entries)


def a_day(text: str | None, line: int | None) -> date | None:
    """A date at the start of a text; None when there is none."""
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise wrong(line, "not_a_date", text) from None


def _kept(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each[:200] for text in texts if (each := clean(text))))
