"""Numbers, amounts and dates as the reader's language writes them.

French groups by a narrow no-break space and puts a no-break space before the sign of the unit;
the minus is a real one (U+2212), so that a column of figures lines up. Shapes come from Babel
(CLDR) once per currency; filling them is our own, as a page shows thousands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812
from datetime import datetime as DateTime  # noqa: N812
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import get_currency_symbol

from cessio.kernel.money import digits_of
from cessio.plumbing.i18n import language

PARIS = ZoneInfo("Europe/Paris")
MINUS = "\N{MINUS SIGN}"
NNBSP = "\N{NARROW NO-BREAK SPACE}"
NBSP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class _Shape:
    group: str
    point: str
    before: str
    after: str
    percent: str


@cache
def locale_of(code: str) -> Locale:
    """The Babel locale of a language: French of France, English with European dates."""
    return Locale("fr", "FR") if code == "fr" else Locale("en", "GB")


@cache
def _shape(code: str, currency: str | None) -> _Shape:
    locale = locale_of(code)
    symbols = locale.number_symbols["latn"]
    symbol = get_currency_symbol(currency, locale) if currency else ""
    before, after = ("", NBSP + symbol) if code == "fr" else (symbol, "")
    if before[-1:].isalpha():
        before += NBSP
    return _Shape(
        group=symbols["group"],
        point=symbols["decimal"],
        before=before if currency else "",
        after=after if currency else "",
        percent=f"{NNBSP}%" if code == "fr" else "%",
    )


def _grouped(whole: int, group: str) -> str:
    return f"{whole:,}".replace(",", group)


def money(
    minor: int, currency: str = "EUR", *, signed: bool = False, cents: bool = True, code: str = ""
) -> str:
    """``1 234,50 €`` or ``€1,234.50``; ``signed`` shows a plus too, ``cents=False`` rounds."""
    before, whole, decimals, after = money_parts(minor, currency, signed=signed, code=code)
    if not cents:
        digits = digits_of(currency)
        rounded = int((Decimal(abs(minor)) / 10**digits).quantize(Decimal(1), ROUND_HALF_UP))
        group = _shape(code or language(), currency).group
        return f"{before}{_grouped(rounded, group)}{after}"
    return f"{before}{whole}{decimals}{after}"


def typed_money(minor: int, currency: str = "EUR") -> str:
    """An amount as a person would type it into a field."""
    digits = digits_of(currency)
    return number(Decimal(minor).scaleb(-digits), digits)


def moneys(sums: Mapping[str, int]) -> str:
    """Amounts by currency beside each other, ``1 234,50 € · 20,00 $``: never added up."""
    return " · ".join(money(sums[one], one) for one in sorted(sums)) or money(0)


def by_currency(rows: Iterable[Any], name: str) -> dict[str, int]:
    """An amount of rows that have a ``currency``, added up in each."""
    sums: dict[str, int] = {}
    for row in rows:
        sums[row.currency] = sums.get(row.currency, 0) + getattr(row, name)
    return sums


def money_parts(
    minor: int, currency: str = "EUR", *, signed: bool = False, code: str = ""
) -> tuple[str, str, str, str]:
    """Sign and symbol before, whole units, point and cents, symbol after."""
    shape = _shape(code or language(), currency)
    digits = digits_of(currency)
    sign = MINUS if minor < 0 else "+" if signed and minor > 0 else ""
    size = abs(minor)
    cents = f"{shape.point}{size % 10**digits:0{digits}d}" if digits else ""
    return sign + shape.before, _grouped(size // 10**digits, shape.group), cents, shape.after


def number(value: int | Decimal, digits: int | None = None, *, code: str = "") -> str:
    """A grouped number; ``digits`` fixes the decimals (rounded half up), else all are shown."""
    shape = _shape(code or language(), None)
    exact = Decimal(value)
    if digits is not None:
        exact = exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    sign, text = ("", f"{exact:f}") if exact >= 0 else (MINUS, f"{-exact:f}")
    whole, _, decimals = text.partition(".")
    grouped = _grouped(int(whole), shape.group)
    return sign + grouped + (shape.point + decimals if decimals else "")


def percent(
    fraction: Decimal | int, digits: int = 2, *, exact: bool = False, code: str = ""
) -> str:
    """``Decimal("0.0326")`` as ``3,26 %``; ``exact`` shows more decimals rather than round."""
    points = Decimal(fraction) * 100
    if exact:
        exponent = points.normalize().as_tuple().exponent
        digits = max(digits, -exponent if isinstance(exponent, int) else 0)
    shown = number(points, digits, code=code)
    return shown + _shape(code or language(), None).percent


def date(value: Date | DateTime | None, style: str = "short", *, code: str = "") -> str:
    """``18/11/2026``; ``long``: ``18 novembre 2026``, ``medium``: ``18 nov. 2026``; None: –."""
    if value is None:
        return "–"
    day = value.astimezone(PARIS).date() if isinstance(value, DateTime) else value
    if style == "short":
        return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"
    if style == "iso":
        return day.isoformat()
    return _first_of_month(format_date(day, format=style, locale=locale_of(code or language())))


def _first_of_month(text: str) -> str:
    return "1er" + text[1:] if text.startswith("1 ") and language() == "fr" else text


def datetime(value: DateTime | None, style: str = "short", *, code: str = "") -> str:
    """``18/11/2026 14:05`` in Paris, whatever the zone of the value (which must have one)."""
    if value is None:
        return "–"
    local = value.astimezone(PARIS)
    if style == "short":
        return f"{date(local)} {local:%H:%M}"
    return format_datetime(local, format=style, tzinfo=PARIS, locale=locale_of(code or language()))


def time(value: DateTime | None) -> str:
    """``14:05`` in Paris."""
    return "–" if value is None else f"{value.astimezone(PARIS):%H:%M}"


def month(value: Date, *, code: str = "") -> str:
    """``novembre 2026``."""
    return format_skeleton("yMMMM", value, locale=locale_of(code or language()))


def weekday(value: Date, *, code: str = "") -> str:
    """``mercredi 18 novembre``."""
    return format_date(value, "EEEE d MMMM", locale=locale_of(code or language()))


def weekday_name(number: int, *, code: str = "") -> str:
    """``mercredi``, of 3: Monday is 1."""
    some_monday = Date(2024, 1, 1)
    day = some_monday.replace(day=number)
    return format_date(day, "EEEE", locale=locale_of(code or language()))


def iban(text: str) -> str:
    """An IBAN in groups of four; where it must break, it does between four of them and the rest."""
    compact = "".join(text.split())
    groups = [compact[i : i + 4] for i in range(0, len(compact), 4)]
    return " ".join(NBSP.join(groups[i : i + 4]) for i in range(0, len(groups), 4))


def siren(text: str) -> str:
    """A SIREN (9) or SIRET (14) in its usual groups; anything else unchanged."""
    compact = "".join(text.split())
    if len(compact) not in (9, 14) or not compact.isdigit():
        return text
    head = [compact[0:3], compact[3:6], compact[6:9]]
    return NBSP.join([*head, compact[9:]] if len(compact) == 14 else head)


def postal_country(code: str) -> str | None:
    """The last line of an address, as the French post asks it: in French capitals; none at home."""
    name = str(locale_of("fr").territories.get(code, code)).upper()
    return name if code != "FR" else None


def country(code: str) -> str:
    """The name of a country (ISO 3166, two letters); anything else unchanged."""
    return str(locale_of(language()).territories.get(code, code))


def language_name(code: str) -> str:
    """The name of a language (ISO 639, two letters); anything else unchanged."""
    return str(locale_of(language()).languages.get(code, code))
