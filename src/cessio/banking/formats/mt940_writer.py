"""Writes MT940, the SWIFT statement that older treasury and accounting programs read.

Only what every bank's description has in common: fields 20, 25, 28C, 60F, 61, 86 and 62F, in the
SWIFT X set of characters, lines ended CR LF. A reversal is a plain debit or credit whose text says
so: readers at large take the marks RC and RD for one sign or for the other.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from cessio.banking.formats.camt_writer import NotWritable
from cessio.banking.formats.sepa_text import sepa_text
from cessio.banking.formats.statement import ParsedEntry, ParsedStatement
from cessio.kernel.money import to_text

_LINES, _LINE = 6, 65
_REFERENCE, _ACCOUNT, _AMOUNT = 16, 35, 15
_LEADS_ASTRAY = re.compile(r"^[:-]")  # a line that begins so would be read as a field or the end


def mt940_bytes(
    statements: Iterable[ParsedStatement], *, reference: str, types: Mapping[str, str]
) -> bytes:
    """The whole file. ``reference`` is said of each statement (field 20, 16 characters).

    ``types`` are the three letters of an entry's kind by its proprietary code, else MSC. Raises
    ``NotWritable``.
    """
    lines = (line for one in statements for line in _statement(one, reference, types))
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _statement(
    statement: ParsedStatement, reference: str, types: Mapping[str, str]
) -> Iterator[str]:
    opening, closing, to_on = statement.opening, statement.closing, statement.to_on
    if opening is None or closing is None or to_on is None:
        raise NotWritable("value_missing", "{element} is missing", element="60F", value="")
    currency = statement.currency
    first = (statement.from_on or to_on) - timedelta(days=1)
    yield f":20:{_fitting('20', reference, _REFERENCE)}"
    yield f":25:{_fitting('25', sepa_text(statement.iban or statement.account or ''), _ACCOUNT)}"
    yield f":28C:{to_on:%y%j}/1"
    yield f":60F:{_balance(opening.amount_minor, first, currency)}"
    for entry in statement.booked:
        yield _line(entry, types)
        yield from _texts(entry)
    yield f":62F:{_balance(closing.amount_minor, to_on, currency)}"
    yield "-"


def _line(entry: ParsedEntry, types: Mapping[str, str]) -> str:
    kind = types.get(entry.proprietary_code or "", "MSC")
    own = sepa_text(entry.bank_ref or "")[:_REFERENCE]
    theirs = next((sepa_text(one.end_to_end_id) for one in entry.details if one.end_to_end_id), "")
    theirs = theirs.replace("//", "/")[:_REFERENCE] or "NONREF"
    sign, amount = _signed(entry.amount_minor, entry.currency)
    return f":61:{entry.value_date:%y%m%d}{entry.booked_on:%m%d}{sign}{amount}N{kind}{theirs}" + (
        f"//{own}" if own else ""
    )


def _texts(entry: ParsedEntry) -> Iterator[str]:
    told = [text for one in entry.details for text in (*one.remittance, one.end_to_end_id or "")]
    words = sepa_text(" ".join(filter(None, told)))
    lines = textwrap.wrap(words, _LINE, break_on_hyphens=False)[:_LINES] or ["-"]
    yield ":86:" + lines[0]
    yield from (_LEADS_ASTRAY.sub(".", line) for line in lines[1:])


def _balance(minor: int, on: date, currency: str) -> str:
    sign, amount = _signed(minor, currency)
    return f"{sign}{on:%y%m%d}{currency}{amount}"


def _signed(minor: int, currency: str) -> tuple[str, str]:
    """D or C, and the amount with the comma that it always has."""
    whole, _, cents = to_text(abs(minor), currency).partition(".")
    return "D" if minor < 0 else "C", _fitting("61", f"{whole},{cents}", _AMOUNT)


def _fitting(field: str, value: str, size: int) -> str:
    if not value:
        raise NotWritable("value_missing", "{element} is missing", element=field, value="")
    if len(value) > size:
        raise NotWritable(
            "value_too_long", "{element} takes {size} characters: {value}",
            element=field, size=size, value=value[:200],
        )  # fmt: skip
    return value
