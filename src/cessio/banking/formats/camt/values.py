"""Values of a camt file, read exactly or refused with their path and line."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from cessio.banking.formats.camt.shape import Notes
from cessio.banking.formats.statement import Charge, NamedAmount
from cessio.kernel.errors import CessioError
from cessio.kernel.money import MAX_MINOR, MINOR_DIGITS, AmountError, digits_of
from cessio.plumbing.xml import Element

_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[TZ+-].*)?")
_PLAIN = re.compile(r"\d{1,18}(?:\.\d{1,17})?", re.ASCII)
_SIGNS = {"CRDT": 1, "DBIT": -1}
_TWO_DIGITS = frozenset(currency for currency, digits in MINOR_DIGITS.items() if digits == 2)
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


@lru_cache(maxsize=8192)
def date_of(text: str) -> date | None:
    """The date as written by the bank (the date part of an instant); ``None`` if it is none."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def minor_of(text: str, currency: str) -> int:
    """An unsigned ISO amount as minor units, exactly; ``AmountError`` otherwise.

    More decimals than the currency are accepted when they are zeros (``18.150`` EUR).
    """
    whole, _, decimals = text.partition(".")
    digits = digits_of(currency)
    if len(decimals) != digits or not whole.isdigit() or not _PLAIN.fullmatch(text):
        decimals = _fitted(text, decimals, digits, currency)
    minor = int(whole + decimals)
    if minor > MAX_MINOR:
        raise AmountError("amount_too_large", "{value} is too large an amount", value=text)
    return minor


def _fitted(text: str, decimals: str, digits: int, currency: str) -> str:
    if not _PLAIN.fullmatch(text):
        raise AmountError("amount_unreadable", "{text!r} is not an amount", text=text[:40])
    kept, rest = decimals[:digits], decimals[digits:]
    if rest.strip("0"):
        raise AmountError(
            "amount_too_precise", "{value} has more decimals than {currency} allows",
            value=text, currency=currency,
        )  # fmt: skip
    return kept.ljust(digits, "0")


def amount(element: Element, notes: Notes) -> tuple[int, str]:
    """(unsigned minor units, currency) of an amount element."""
    currency = element.get("Ccy") or ""
    return _minor(element, currency, notes), currency


def amount_in(element: Element, currency: str, notes: Notes) -> int | None:
    """Unsigned minor units of an amount in a known currency; ``None`` if it is in another."""
    return _minor(element, currency, notes) if element.get("Ccy") == currency else None


def _minor(element: Element, currency: str, notes: Notes) -> int:
    text = element.text
    if text is not None and text[-3:-2] == "." and currency in _TWO_DIGITS:
        plain = text[:-3] + text[-2:]  # the common case, without a detour
        if plain.isdigit() and plain.isascii() and 2 < len(plain) < 15 and not len(element):
            return int(plain)
    try:
        return minor_of(_text(element, notes), currency)
    except AmountError as error:
        raise _at(error, element, notes) from None


def exact(element: Element, notes: Notes) -> tuple[Decimal, str]:
    """(unsigned decimal, currency), of any currency."""
    text, currency = _text(element, notes), element.get("Ccy") or ""
    if not _PLAIN.fullmatch(text):
        error = AmountError("amount_unreadable", "{text!r} is not an amount", text=text[:40])
        raise _at(error, element, notes)
    return Decimal(text), currency


def named(pairs: list[tuple[str, Element]], notes: Notes) -> tuple[NamedAmount, ...]:
    return tuple(NamedAmount(kind, *exact(element, notes)) for kind, element in pairs)


def charges(blocks: list[dict[str, Any]], notes: Notes) -> tuple[Charge, ...]:
    """The single charges; the total alone when the bank gives only that."""
    found: list[Charge] = []
    for block in blocks:
        records = block.get("records") or ([block] if "amount" in block else [])
        found.extend(_charge(record, notes) for record in records if "amount" in record)
        if not records and "total" in block:
            found.append(Charge(*exact(block["total"], notes)))
    return tuple(found)


def _charge(record: dict[str, Any], notes: Notes) -> Charge:
    value, currency = exact(record["amount"], notes)
    indicator = record.get("indicator")
    return Charge(
        value,
        currency,
        is_debit=None if indicator is None else indicator == "DBIT",
        included=_TRUTH.get(record.get("included", "")),
        kind=record.get("kind"),
    )


def sign(out: dict[str, Any], parent: Element, notes: Notes) -> int:
    """+1 for CRDT, -1 for DBIT; refused when absent or something else: the sign is money."""
    try:
        return _SIGNS[out["indicator"]]
    except KeyError:
        raise notes.refuse(
            "indicator_missing", "CdtDbtInd says neither CRDT nor DBIT", parent
        ) from None


def flag(out: dict[str, Any], slot: str, notes: Notes) -> bool | None:
    """A boolean; anything else is noted and unknown."""
    text = out.get(slot)
    if text is None:
        return None
    known = _TRUTH.get(text)
    if known is None:
        notes.add("flag_unreadable", slot, text[:40])
    return known


def number(out: dict[str, Any], slot: str, notes: Notes) -> int | None:
    """A sequence or page number; anything but a few digits is noted and unknown."""
    text = out.get(slot)
    if text is None:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 18:
        return int(text)
    notes.add("number_unreadable", slot, text[:40])
    return None


def day(out: dict[str, Any], slot: str, parent: Element, notes: Notes) -> date | None:
    """A date; refused when written but not one."""
    text = out.get(slot)
    if text is None:
        return None
    found = date_of(text)
    if found is None:
        raise notes.refuse("date_unreadable", "{text!r} is not a date", parent, text=text[:40])
    return found


def _text(element: Element, notes: Notes) -> str:
    if len(element):
        raise notes.refuse("value_with_elements", "a value is cut by other elements", element)
    return (element.text or "").strip()


def _at(error: CessioError, element: Element, notes: Notes) -> CessioError:
    return notes.refuse(error.code, error.template, element, **error.params)
