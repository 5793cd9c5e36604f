"""Dates of the trade: Paris business dates, French and TARGET2 business days, value dates, periods.

Instants are aware ``datetime`` in UTC; business dates are ``date`` in Europe/Paris. A business
day here is a weekday that is neither a French public holiday (Code du travail L3133-1) nor a
TARGET2 closing day, which follow from Easter by rule, nor a day the house closes itself: those a
process is told by ``close_days``, ahead of the days they are about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
ONE_DAY = timedelta(days=1)
_SATURDAY = 5
_own: frozenset[date] = frozenset()


def business_date(at: datetime) -> date:
    """The Paris date of an aware instant; ``ValueError`` for a naive one."""
    if at.tzinfo is None:
        raise ValueError("an instant must be aware of its time zone")
    return at.astimezone(PARIS).date()


def start_of_day(on: date) -> datetime:
    """The UTC instant at which this Paris date begins."""
    return datetime.combine(on, time.min, PARIS).astimezone(UTC)


def end_of_day(on: date) -> datetime:
    """The UTC instant of the next Paris midnight: a day's facts are recorded *before* it."""
    return start_of_day(on + ONE_DAY)


@lru_cache(maxsize=256)
def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher's rule)."""
    century, of_century = divmod(year, 100)
    leap, leap_rest = divmod(century, 4)
    moon = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * (year % 19) + century - leap - moon + 15) % 30
    fourth, rest = divmod(of_century, 4)
    weekday = (32 + 2 * leap_rest + 2 * fourth - epact - rest) % 7
    correction = (year % 19 + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=256)
def french_holidays(year: int) -> frozenset[date]:
    """The eleven public holidays of metropolitan France, as they stand since 2008."""
    sunday = easter(year)
    fixed = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]
    moving = [sunday + timedelta(days=days) for days in (1, 39, 50)]
    return frozenset([date(year, month, day) for month, day in fixed] + moving)


@lru_cache(maxsize=256)
def target_closings(year: int) -> frozenset[date]:
    """TARGET2 closing days other than weekends (long-term calendar, since 2002)."""
    sunday = easter(year)
    fixed = [date(year, month, day) for month, day in ((1, 1), (5, 1), (12, 25), (12, 26))]
    return frozenset([*fixed, sunday - timedelta(days=2), sunday + ONE_DAY])


def is_target_day(on: date) -> bool:
    """Whether payments in euro settle between banks on this date."""
    return on.weekday() < _SATURDAY and on not in target_closings(on.year)


def close_days(days_closed: Iterable[date]) -> None:
    """Tell this process which days the house closes beside the others; replaces what it knew."""
    global _own
    _own = frozenset(days_closed)


def is_business_day(on: date) -> bool:
    """A weekday, no French public holiday, on which TARGET2 is open and the house works."""
    return is_target_day(on) and on not in french_holidays(on.year) and on not in _own


def next_business_day(on: date) -> date:
    """``on`` itself if it is a business day, else the first one after it."""
    while not is_business_day(on):
        on += ONE_DAY
    return on


def previous_business_day(on: date) -> date:
    """``on`` itself if it is a business day, else the last one before it."""
    while not is_business_day(on):
        on -= ONE_DAY
    return on


def add_business_days(on: date, days: int) -> date:
    """The ``days``-th business day strictly after ``on`` (before it if negative).

    Zero rolls forward to a business day, and is ``on`` itself if it is one.
    """
    if days == 0:
        return next_business_day(on)
    step = ONE_DAY if days > 0 else -ONE_DAY
    for _ in range(abs(days)):
        on += step
        while not is_business_day(on):
            on += step
    return on


def business_days_between(start: date, end: date) -> int:
    """Business days after ``start`` up to and including ``end``; 0 when ``end`` is not later."""
    return sum(1 for on in days(start + ONE_DAY, end + ONE_DAY) if is_business_day(on))


def value_date(on: date, value_days: int) -> date:
    """The day from which a movement of ``on`` counts for interest.

    A collection with value D+2 bears two more business days; a negative number (a payout valued
    the day before) counts business days backwards.
    """
    return add_business_days(on, value_days)


def days(start: date, end: date) -> Iterator[date]:
    """Each date from ``start`` (included) to ``end`` (excluded)."""
    while start < end:
        yield start
        start += ONE_DAY


def is_weekend(on: date) -> bool:
    """Saturday or Sunday."""
    return on.weekday() >= _SATURDAY


# -- periods ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Dates from ``start`` to ``end``, both included."""

    start: date
    end: date

    def __contains__(self, on: date) -> bool:
        return self.start <= on <= self.end

    @property
    def length(self) -> int:
        """Number of days, both ends counted."""
        return (self.end - self.start).days + 1

    @property
    def stop(self) -> date:
        """The first date after the period."""
        return self.end + ONE_DAY


def month_start(on: date) -> date:
    """The first day of the month."""
    return on.replace(day=1)


def month_end(on: date) -> date:
    """The last day of the month."""
    return add_months(on.replace(day=1), 1) - ONE_DAY


def add_months(on: date, months: int) -> date:
    """Same day of another month, or that month's last day if it is shorter (31 Jan → 28 Feb)."""
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    for day in (on.day, 30, 29):
        try:
            return date(year, month + 1, min(on.day, day))
        except ValueError:
            continue
    return date(year, month + 1, 28)


def add_years(on: date, years: int) -> date:
    """Same day of another year; 29 February becomes the 28th of a common year."""
    return add_months(on, 12 * years)


def month(on: date) -> Period:
    """The calendar month of a date."""
    return Period(month_start(on), month_end(on))


def previous_month(on: date) -> Period:
    """The calendar month before the one of a date."""
    return month(month_start(on) - ONE_DAY)


def months(start: date, end: date) -> Iterator[Period]:
    """The calendar months that have a day between two dates, both included."""
    start = month_start(start)
    while start <= end:
        yield month(start)
        start = add_months(start, 1)


def quarter(on: date) -> Period:
    """The calendar quarter of a date."""
    start = date(on.year, on.month - (on.month - 1) % 3, 1)
    return Period(start, add_months(start, 3) - ONE_DAY)


def half_year(on: date) -> Period:
    """The half-year of a date: the period of one legal late-payment rate (L441-10)."""
    start = date(on.year, 1 if on.month <= 6 else 7, 1)
    return Period(start, add_months(start, 6) - ONE_DAY)


def contract_year(signed_on: date, on: date) -> Period:
    """The contract's year that contains ``on``, counted from its signature's anniversary.

    Raises ``ValueError`` when ``on`` is before the signature.
    """
    if on < signed_on:
        raise ValueError("the date is before the contract")
    years = on.year - signed_on.year
    if add_years(signed_on, years) > on:
        years -= 1
    return Period(add_years(signed_on, years), add_years(signed_on, years + 1) - ONE_DAY)
