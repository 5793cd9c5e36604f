"""When a statement is made by itself, and for which days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from cessio.kernel.calendar import Period, days, month_end, month_start

#: A period that ended so long ago and was not told is not told any more.
LOOK_BACK_DAYS = 30
_FRIDAY, _SUNDAY = 5, 7


class Rhythm(StrEnum):
    """How often; a statement of NONE is had when it is asked for only."""

    MONTHLY = "monthly"
    WEEKLY = "weekly"
    DAILY = "daily"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a contract's statements are made as, and how often."""

    rhythm: Rhythm
    formats: tuple[str, ...]
    language: str


def period_ending(rhythm: Rhythm, on: date) -> Period | None:
    """The period that a day ends: a month, a week to Sunday, or a day (Monday has the weekend)."""
    match rhythm:
        case Rhythm.MONTHLY if on == month_end(on):
            return Period(month_start(on), on)
        case Rhythm.WEEKLY if on.isoweekday() == _SUNDAY:
            return Period(on - timedelta(days=6), on)
        case Rhythm.DAILY if on.isoweekday() <= _FRIDAY:
            return Period(on - timedelta(days=2 if on.isoweekday() == 1 else 0), on)
    return None


def periods_until(rhythm: Rhythm, last: date) -> Iterator[Period]:
    """The periods that ended by a closed day and may still be told, oldest first."""
    for on in days(last - timedelta(days=LOOK_BACK_DAYS), last + timedelta(days=1)):
        found = period_ending(rhythm, on)
        if found is not None:
            yield found
