"""Money: integer minor units of one currency, and the only roundings the books know.

An amount is an ``int`` of minor units (cents for EUR); names end in ``_minor``. A rate is a
``Decimal`` fraction (0.60 % is ``Decimal("0.006")``). Nothing here accepts a float.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from cessio.kernel.errors import CessioError

#: Minor-unit digits of the currencies a contract may be in (ISO 4217).
MINOR_DIGITS = {"EUR": 2, "GBP": 2, "USD": 2, "CHF": 2, "SEK": 2, "DKK": 2, "NOK": 2, "PLN": 2,
                "CZK": 2, "HUF": 2, "RON": 2, "BGN": 2, "CAD": 2, "AUD": 2, "JPY": 0}  # fmt: skip

#: No single amount of the books exceeds this (ten thousand billion of a two-digit currency).
MAX_MINOR = 10**15


class AmountError(CessioError):
    """A text is not an amount of the currency; ``code`` says why."""


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount of one currency. Adding two currencies raises ``AmountError``."""

    minor: int
    currency: str = "EUR"

    def __post_init__(self) -> None:
        if isinstance(self.minor, bool) or not isinstance(self.minor, int):
            raise TypeError(f"minor units are an int, not {type(self.minor).__name__}")
        digits_of(self.currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __str__(self) -> str:
        return f"{to_text(self.minor, self.currency)} {self.currency}"

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise AmountError(
                "currency_mismatch", "{left} and {right} are different currencies",
                left=self.currency, right=other.currency,
            )  # fmt: skip
        return other


def digits_of(currency: str) -> int:
    """Digits after the decimal point of a currency; ``AmountError`` if we do not handle it."""
    try:
        return MINOR_DIGITS[currency]
    except KeyError:
        raise AmountError(
            "currency_unknown", "{currency} is not a currency handled here", currency=currency
        ) from None


def to_minor(value: Decimal, currency: str = "EUR") -> int:
    """An exact decimal amount as minor units; refuses NaN, infinities and excess decimals."""
    if not value.is_finite():
        raise AmountError("amount_not_finite", "an amount must be a finite number")
    scaled = value.scaleb(digits_of(currency))
    if scaled != scaled.to_integral_value():
        raise AmountError(
            "amount_too_precise", "{value} has more decimals than {currency} allows",
            value=str(value), currency=currency,
        )  # fmt: skip
    minor = int(scaled)
    if abs(minor) > MAX_MINOR:
        raise AmountError("amount_too_large", "{value} is too large an amount", value=str(value))
    return minor


def to_decimal(minor: int, currency: str = "EUR") -> Decimal:
    """Minor units as an exact decimal amount."""
    return Decimal(minor).scaleb(-digits_of(currency))


def to_text(minor: int, currency: str = "EUR") -> str:
    """Machine form with a point, all decimals and no grouping: ``-1234.50`` (files, API)."""
    digits = digits_of(currency)
    sign, whole = ("-", -minor) if minor < 0 else ("", minor)
    if digits == 0:
        return f"{sign}{whole}"
    return f"{sign}{whole // 10**digits}.{whole % 10**digits:0{digits}d}"


def parse_amount(text: str, currency: str = "EUR") -> int:
    """Read the machine form (``-1234.50``) strictly: ASCII digits, a point, nothing else."""
    stripped = text[1:] if text[:1] == "-" else text
    whole, point, decimals = stripped.partition(".")
    plain = whole + decimals
    if not (plain.isascii() and plain.isdigit() and whole and bool(decimals) == bool(point)):
        raise AmountError("amount_unreadable", "{text!r} is not an amount", text=text[:40])
    return to_minor(Decimal(text), currency)


def round_half_up(value: Decimal) -> int:
    """Minor units nearest to an exact number of minor units, halves away from zero."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def apply_rate(amount_minor: int, rate: Decimal) -> int:
    """``amount × rate`` as a posted amount (rounded half up once)."""
    return round_half_up(Decimal(amount_minor) * rate)


def allocate(total_minor: int, weights: Sequence[int]) -> list[int]:
    """Split a total over non-negative weights by largest remainder; the parts add up exactly.

    Equal remainders go to the earliest part. All weights zero: everything to the first part.
    Raises ``ValueError`` on no weights or a negative one.
    """
    if not weights or any(weight < 0 for weight in weights):
        raise ValueError("weights must be non-negative and at least one")
    whole = sum(weights)
    if whole == 0:
        return [total_minor, *([0] * (len(weights) - 1))]
    sign, size = (-1, -total_minor) if total_minor < 0 else (1, total_minor)
    parts = [size * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: -(size * weights[i] % whole))
    for i in by_remainder[: size - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]
