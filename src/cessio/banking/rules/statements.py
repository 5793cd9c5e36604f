"""What a statement says as a whole, and what stands out between it and its neighbours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from cessio.banking.formats.statement import EntryStatus, ParsedStatement, ReadWarning
from cessio.banking.rules.lines import parts_of

#: Something to show with a statement: ``code`` and the values its words need, ready for JSON.
Notice = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """A statement without its lines, as it is kept and compared with those we have."""

    reference: str
    sequence: int | None
    from_on: date | None
    to_on: date | None
    balances_known: bool
    opening_minor: int
    movements_minor: int
    closing_minor: int


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The statement before or after, in time, on the same account."""

    statement_id: int
    statement_ref: str
    sequence: int | None
    from_on: date
    to_on: date
    balances_known: bool
    opening_minor: int
    closing_minor: int


def statement_facts(statement: ParsedStatement) -> StatementFacts:
    """Balances, period and number of a statement.

    The period widens to hold every booked day. A page of several has its number in the reference.
    A balance that is not given is counted from the other one (``balances_known`` says so).
    """
    opening, closing = statement.opening, statement.closing
    moved = statement.movements_minor
    known = opening is not None and closing is not None
    first = opening.amount_minor if opening else (closing.amount_minor - moved if closing else 0)
    days = [entry.booked_on for entry in statement.booked]
    ends = [on for on in (statement.from_on, statement.to_on) if on is not None]
    from_on, to_on = min([*days, *ends], default=None), max([*days, *ends], default=None)
    return StatementFacts(
        reference=_reference(statement, from_on, to_on),
        sequence=statement.electronic_sequence or statement.legal_sequence,
        from_on=from_on,
        to_on=to_on,
        balances_known=known,
        opening_minor=first,
        movements_minor=moved,
        closing_minor=closing.amount_minor if closing else first + moved,
    )


def notices(statement: ParsedStatement, file_warnings: Iterable[ReadWarning] = ()) -> list[Notice]:
    """What the reader noted, and what is announced or empty and therefore not kept."""
    found: list[Notice] = [
        {"code": warning.code, "where": warning.where, "line": warning.line,
         "count": warning.count, "detail": warning.detail}
        for warning in (*file_warnings, *statement.warnings)
    ]  # fmt: skip
    announced = sum(entry.status is not EntryStatus.BOOK for entry in statement.entries)
    if announced:
        found.append({"code": "announced_entries_not_booked", "count": announced})
    empty = sum(amount == 0 for entry in statement.booked for amount, _ in parts_of(entry))
    if empty:
        found.append({"code": "zero_entries_not_kept", "count": empty})
    return found


def gaps(facts: StatementFacts, before: Neighbour | None, after: Neighbour | None) -> list[Notice]:
    """Breaks in the chain of statements: balances that do not follow, numbers that jump."""
    found: list[Notice] = []
    if before is not None:
        if facts.balances_known and before.balances_known:
            found += _break(before.closing_minor, facts.opening_minor, code="statement_gap",
                            previous=before.statement_ref)  # fmt: skip
        found += _jump(before.sequence, facts.sequence)
        if facts.from_on is not None and facts.from_on < before.to_on:
            found.append({"code": "statement_overlaps", "previous": before.statement_ref})
    if after is not None:
        if facts.balances_known and after.balances_known:
            found += _break(facts.closing_minor, after.opening_minor, code="statement_gap_after",
                            next=after.statement_ref)  # fmt: skip
        found += _jump(facts.sequence, after.sequence)
    return found


def _reference(statement: ParsedStatement, from_on: date | None, to_on: date | None) -> str:
    name = statement.statement_ref or f"{from_on or ''}/{to_on or ''}"
    paged = statement.page is not None and (statement.page > 1 or statement.is_last_page is False)
    return f"{name}/{statement.page}" if paged else name


def _break(closing: int, opening: int, **about: str) -> list[Notice]:
    if closing == opening:
        return []
    return [{**about, "expected_minor": closing, "found_minor": opening}]


def _jump(earlier: int | None, later: int | None) -> list[Notice]:
    """Whether numbers are missing between two; an equal one is another page, 1 a new year."""
    if earlier is None or later is None or later <= earlier + 1:
        return []
    return [{"code": "statement_missing", "from": earlier + 1, "to": later - 1}]
