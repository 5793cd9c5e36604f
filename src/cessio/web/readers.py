"""Readers: from the text of one field to one typed value, or a fault with a sentence.

Numbers are read as French and English people write them, spaces of every kind included. What
could be read two ways (``1,234`` in French) is refused, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from cessio.kernel.errors import Invalid
from cessio.kernel.money import digits_of, to_minor
from cessio.plumbing.i18n import language

E = TypeVar("E", bound=StrEnum)

_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f'’]")
_CONTROLS = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
    r"\ufff9-\ufffb\U000e0000-\U000e007f]"
)
#: Nobody sees or means them: pasted along, or put in to make one name two.
_UNSEEN = re.compile(r"[\u00ad\u180e\u200b\u2060-\u2064\ufeff]")
_GROUPED = {
    ",": re.compile(r"\d{1,3}(,\d{3})+"),
    ".": re.compile(r"\d{1,3}(\.\d{3})+"),
}
_EMAIL = re.compile(r"[^@\s<>\"(),:;\\\[\]]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
_DATES = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})"),
    re.compile(r"(?P<d>\d{1,2})[/.\-](?P<m>\d{1,2})[/.\-](?P<y>\d{4})"),
)


class FieldError(Invalid):
    """The text of a field is not what it should be."""


def text(max_length: int = 200, *, multiline: bool = False) -> Callable[[str], str]:
    """Words, trimmed, without what is not seen; what turns the direction or controls is refused."""

    def read(raw: str) -> str:
        value = _UNSEEN.sub("", raw.replace("\r\n", "\n")).strip()
        if _CONTROLS.search(value) or (not multiline and "\n" in value):
            raise FieldError("text_controls", "This text has characters that cannot be kept")
        if len(value) > max_length:
            raise FieldError(
                "text_too_long", "This text is longer than {length} characters", length=max_length
            )
        return value

    return read


def _number(raw: str) -> Decimal:
    """A decimal number written the French or the English way."""
    compact = _SPACES.sub("", raw).replace("\N{MINUS SIGN}", "-").replace("\N{EN DASH}", "-")
    sign, digits = (-1, compact[1:]) if compact.startswith("-") else (1, compact.lstrip("+"))
    plain = _without_groups(digits)
    if plain is None or not re.fullmatch(r"[0-9]{1,20}(\.[0-9]{1,12})?", plain):
        raise FieldError("number_unreadable", "{text} is not a number", text=raw.strip()[:40])
    return sign * Decimal(plain)


def _without_groups(digits: str) -> str | None:
    """The same digits with a point for decimals; ``None`` when they cannot be read."""
    commas, points = digits.count(","), digits.count(".")
    if commas and points:
        group, point = (",", ".") if digits.rfind(".") > digits.rfind(",") else (".", ",")
        whole, _, decimals = digits.rpartition(point)
        return (
            f"{whole.replace(group, '')}.{decimals}" if _GROUPED[group].fullmatch(whole) else None
        )
    only = "," if commas else "."
    if commas + points > 1 or (
        commas == 1 and language() == "en" and _GROUPED[","].fullmatch(digits)
    ):
        return digits.replace(only, "") if _GROUPED[only].fullmatch(digits) else None
    return digits.replace(",", ".")


def amount(
    currency: str = "EUR", *, minimum_minor: int | None = 1, maximum_minor: int | None = None
) -> Callable[[str], int]:
    """An amount in minor units: ``12 345,67``, ``12,345.67``, ``€12 345``; at least one cent."""

    def read(raw: str) -> int:
        value = _number(raw.replace("€", "").replace(currency, ""))
        # What is typed counts, not its value: ``10.000`` is ten thousand to whoever groups so.
        if -int(value.as_tuple().exponent) > digits_of(currency):
            raise FieldError(
                "amount_ambiguous", "Write the amount with its cents, such as {example}",
                example="1 234,50" if language() == "fr" else "1,234.50",
            )  # fmt: skip
        minor = to_minor(value, currency)
        if minimum_minor is not None and minor < minimum_minor:
            raise FieldError("amount_too_small", "The amount must be at least {least_minor}",
                             least_minor=minimum_minor, currency=currency)  # fmt: skip
        if maximum_minor is not None and minor > maximum_minor:
            raise FieldError("amount_above", "The amount must be at most {most_minor}",
                             most_minor=maximum_minor, currency=currency)  # fmt: skip
        return minor

    return read


def decimal(
    minimum: Decimal | int | None = None, maximum: Decimal | int | None = None, digits: int = 6
) -> Callable[[str], Decimal]:
    """A decimal number within bounds."""

    def read(raw: str) -> Decimal:
        value = _number(raw)
        if value != round(value, digits):
            raise FieldError("number_too_precise", "At most {digits} decimals", digits=digits)
        if (minimum is not None and value < minimum) or (maximum is not None and value > maximum):
            raise FieldError("number_out_of_range", "{text} is out of range", text=raw.strip()[:40])
        return value

    return read


def rate(
    minimum: Decimal | int = 0, maximum: Decimal | int = 1, digits: int = 6
) -> Callable[[str], Decimal]:
    """A percentage as typed (``3,215`` or ``3.215 %``) to a fraction (``0.03215``)."""

    def read(raw: str) -> Decimal:
        value = _number(raw.replace("%", "")) / 100
        if value != round(value, digits):
            raise FieldError("number_too_precise", "At most {digits} decimals", digits=digits - 2)
        if not minimum <= value <= maximum:
            raise FieldError(
                "rate_out_of_range",
                "The rate must be between {least_rate} and {most_rate}",
                least_rate=Decimal(minimum),
                most_rate=Decimal(maximum),
            )
        return value

    return read


def integer(minimum: int = 0, maximum: int = 2**63 - 1) -> Callable[[str], int]:
    """A whole number within bounds."""

    def read(raw: str) -> int:
        compact = _SPACES.sub("", raw)
        if not re.fullmatch(r"-?[0-9]{1,19}", compact):
            raise FieldError(
                "integer_unreadable", "{text} is not a whole number", text=raw.strip()[:40]
            )
        value = int(compact)
        if not minimum <= value <= maximum:
            raise FieldError("number_out_of_range", "{text} is out of range", text=raw.strip()[:40])
        return value

    return read


def day(
    earliest: date = date(1900, 1, 1), latest: date = date(2200, 1, 1)
) -> Callable[[str], date]:
    """A date: ISO (what browsers send) or ``dd/mm/yyyy``."""

    def read(raw: str) -> date:
        compact = raw.strip()
        found = next((m for m in (form.fullmatch(compact) for form in _DATES) if m), None)
        try:
            value = date(int(found["y"]), int(found["m"]), int(found["d"])) if found else None
        except ValueError:
            value = None
        if value is None or not compact.isascii():
            raise FieldError("date_unreadable", "{text} is not a date; write day/month/year",
                             text=compact[:40])  # fmt: skip
        if not earliest <= value <= latest:
            raise FieldError(
                "date_out_of_range",
                "The date must be between {earliest} and {latest}",
                earliest=earliest,
                latest=latest,
            )
        return value

    return read


def chosen(kind: type[E]) -> Callable[[str], E]:
    """One member of an enumeration."""

    def read(raw: str) -> E:
        try:
            return kind(raw)
        except ValueError:
            raise FieldError("choice_unknown", "Choose one of the list") from None

    return read


def time_of_day() -> Callable[[str], time]:
    """A time as a clock shows it: 15:30."""

    def read(raw: str) -> time:
        try:
            return time.fromisoformat(raw.strip()).replace(tzinfo=None)
        except ValueError:
            raise FieldError("time_unreadable", "Write the time as 15:30") from None

    return read


def one_of(options: Collection[str]) -> Callable[[str], str]:
    """One of some texts."""

    def read(raw: str) -> str:
        if raw not in options:
            raise FieldError("choice_unknown", "Choose one of the list")
        return raw

    return read


def iban() -> Callable[[str], str]:
    """An IBAN, compact and in capitals, its check digits right."""

    def read(raw: str) -> str:
        from schwifty import IBAN  # loads the bank registry: half a second that --help can save
        from schwifty.exceptions import SchwiftyException

        try:
            return str(IBAN(_SPACES.sub("", raw).upper()).compact)
        except (SchwiftyException, ValueError):
            raise FieldError("iban_wrong", "This IBAN is not right; check each character") from None

    return read


def bic() -> Callable[[str], str]:
    """A BIC of 8 or 11 characters."""

    def read(raw: str) -> str:
        value = _SPACES.sub("", raw).upper()
        if not re.fullmatch(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", value):
            raise FieldError("bic_wrong", "A BIC has 8 or 11 letters and digits")
        return value

    return read


def siren() -> Callable[[str], str]:
    """A SIREN: nine digits, its check digit right."""

    def read(raw: str) -> str:
        from stdnum.fr import siren as numbers

        value = _SPACES.sub("", raw)
        if not (value.isascii() and numbers.is_valid(value)):
            raise FieldError("siren_wrong", "This SIREN is not right; it has nine digits")
        return str(numbers.compact(value))

    return read


def siret() -> Callable[[str], str]:
    """A SIRET: fourteen digits, its check digit right."""

    def read(raw: str) -> str:
        from stdnum.fr import siret as numbers

        value = _SPACES.sub("", raw)
        if not (value.isascii() and numbers.is_valid(value)):
            raise FieldError("siret_wrong", "This SIRET is not right; it has fourteen digits")
        return str(numbers.compact(value))

    return read


def email() -> Callable[[str], str]:
    """An e-mail address, in small letters."""

    def read(raw: str) -> str:
        value = _UNSEEN.sub("", raw).strip()
        if len(value) > 254 or _CONTROLS.search(value) or not _EMAIL.fullmatch(value):
            raise FieldError("email_wrong", "This is not an e-mail address")
        return value.lower()

    return read
