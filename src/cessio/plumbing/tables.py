"""What a table export is made of: columns that know what their values are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from cessio.kernel.errors import Invalid
from cessio.kernel.money import digits_of
from cessio.plumbing.formats import PARIS

Kind = Literal["text", "money", "number", "rate", "date", "datetime"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, the kind of its values, the currency of its amounts.

    ``money`` holds minor units (int), ``rate`` a fraction (Decimal), ``datetime`` aware instants,
    written in Paris time. ``None`` is an empty cell everywhere.
    """

    head: str
    kind: Kind = "text"
    currency: str = "EUR"


class TooManyRows(Invalid):
    """The format cannot hold that many lines."""


def exact(column: Column, value: Any) -> str | Decimal | date | datetime | None:
    """The value as its kind says: text, exact decimal, date, or naive Paris time."""
    if value is None:
        return None
    if column.kind == "text":
        return str(value)
    if column.kind == "money":
        return Decimal(int(value)).scaleb(-digits_of(column.currency))
    if column.kind in ("number", "rate"):
        return Decimal(value)
    if column.kind == "datetime":
        return _instant(value).astimezone(PARIS).replace(tzinfo=None, microsecond=0)
    return _day(value)


def _instant(value: Any) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise TypeError("a datetime column holds aware instants")
    return value


def _day(value: Any) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise TypeError("a date column holds dates")
    return value
