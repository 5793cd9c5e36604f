"""Writes CFONB 120, the statement that French accounting packages read: 120 characters a record.

01 is the balance before, 04 a movement, 05 a line of its text, 07 the balance after. The last digit
of an amount carries its sign: ``{`` and A to I for a credit, ``}`` and J to R for a debit. What the
description leaves to the bank (the internal code of a movement, the end of the first record) says
the kind of the movement and the reference of the file.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from cessio.banking.formats.camt_writer import NotWritable
from cessio.banking.formats.sepa_text import sepa_text
from cessio.banking.formats.statement import ParsedEntry, ParsedStatement
from cessio.kernel.money import digits_of

_CREDIT, _DEBIT = "{ABCDEFGHI", "}JKLMNOPQR"
_ACCOUNT = re.compile(r"[A-Z0-9]{1,11}")
#: Who keeps the account has no code as a bank: readers tell accounts apart by their number, which
#: has eleven letters and digits.
_NO_BANK = _NO_DESK = "00000"
_LABEL, _MORE, _TEXTS = 31, 70, 4


def cfonb120_bytes(
    statements: Iterable[ParsedStatement], *, reference: str, operations: Mapping[str, str]
) -> bytes:
    """The whole file; ``reference`` takes 16 characters at the end of each first record.

    ``operations`` are the interbank codes by the proprietary code of an entry, else 00. Raises
    ``NotWritable``.
    """
    records = (one for each in statements for one in _statement(each, reference, operations))
    return "".join(f"{_whole(record)}\r\n" for record in records).encode("ascii")


def overpunched(minor: int) -> str:
    """An amount in fourteen characters, the sign in the last."""
    digits = f"{abs(minor):014d}"
    if len(digits) > 14:
        raise NotWritable(
            "value_too_long", "{element} takes {size} characters: {value}",
            element="04", size=14, value=digits,
        )  # fmt: skip
    return digits[:-1] + (_DEBIT if minor < 0 else _CREDIT)[int(digits[-1])]


def _statement(
    statement: ParsedStatement, reference: str, operations: Mapping[str, str]
) -> Iterator[str]:
    opening, closing, to_on = statement.opening, statement.closing, statement.to_on
    account = statement.account or ""
    if opening is None or closing is None or to_on is None or not _ACCOUNT.fullmatch(account):
        raise NotWritable("value_missing", "{element} is missing", element="01", value=account)
    first = (statement.from_on or to_on) - timedelta(days=1)
    head = f"{_NO_DESK}{statement.currency}{digits_of(statement.currency)} {account:0>11}"
    blank = " " * 50
    yield (
        f"01{_NO_BANK}    {head}  {first:%d%m%y}{blank}"
        f"{overpunched(opening.amount_minor)}{reference:16}"
    )
    for entry in statement.booked:
        yield from _movement(entry, head, operations.get(entry.proprietary_code or "", "00"))
    yield f"07{_NO_BANK}    {head}  {to_on:%d%m%y}{blank}{overpunched(closing.amount_minor)}"


def _movement(entry: ParsedEntry, head: str, operation: str) -> Iterator[str]:
    kind = re.sub("[^A-Z]", "", entry.proprietary_code or "")[:4]
    start = f"{_NO_BANK}{kind:4}{head}{operation}{entry.booked_on:%d%m%y}"
    words = sepa_text(" ".join(text for one in entry.details for text in one.remittance)).upper()
    number = re.sub("[^0-9]", "", entry.bank_ref or "")[-7:]
    own = sepa_text(entry.bank_ref or "")[:16]
    yield (
        f"04{start}  {entry.value_date:%d%m%y}{words[:_LABEL]:31}  {number:0>7}0 "
        f"{overpunched(entry.amount_minor)}{own:16}"
    )
    texts = textwrap.wrap(words, _MORE)[:_TEXTS] if len(words) > _LABEL else []
    for text in texts:
        yield f"05{start}     LIB{text:70}"
    for one in entry.details:
        if one.end_to_end_id:
            yield f"05{start}     LCC{sepa_text(one.end_to_end_id)[:_MORE]:70}"


def _whole(record: str) -> str:
    """Every record is 120 characters long: anything else would shift the amounts."""
    padded = record.ljust(120)
    if len(padded) != 120:
        raise NotWritable(
            "value_too_long", "{element} takes {size} characters: {value}",
            element=record[:2], size=120, value=record[:200],
        )  # fmt: skip
    return padded
