"""Rates: Decimal fractions, their percent form, and published series that change by date."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from cessio.kernel.calendar import Period
from cessio.kernel.errors import CessioError

#: Decimals of a stored rate: a fraction with six (0.0001 %).
RATE_STEP = Decimal("0.000001")


class RateUnreadable(CessioError):
    """A text is not a percentage with at most four decimals."""


class RateMissing(CessioError):
    """A series has no rate yet on a date that needs one."""


def parse_percent(text: str) -> Decimal:
    """Read ``"0.60"`` (percent, machine form) as the fraction ``0.006``; strict ASCII digits."""
    whole, point, decimals = text.removeprefix("-").partition(".")
    plain = whole + decimals
    readable = plain.isascii() and plain.isdigit() and bool(whole) and bool(decimals) == bool(point)
    if not readable or len(decimals) > 4 or len(whole) > 4:
        raise RateUnreadable("rate_unreadable", "{text!r} is not a percentage", text=text[:40])
    return Decimal(text).scaleb(-2)


def to_percent(rate: Decimal) -> str:
    """The percent machine form with at least two decimals: ``0.006`` is ``"0.60"``."""
    text = f"{rate.scaleb(2):.4f}"
    return text[:-2] if text.endswith("00") else text.rstrip("0")


def floored(index: Decimal, floor: Decimal | None) -> Decimal:
    """The index, or its floor if it is lower; no floor leaves a negative index as it is."""
    return index if floor is None else max(index, floor)


@dataclass(frozen=True, slots=True)
class RateSpan:
    """One rate over a period, both ends included."""

    period: Period
    rate: Decimal


@dataclass(frozen=True, slots=True)
class RateSeries:
    """A rate that holds from each of its dates until the next one (index fixings, legal rates)."""

    name: str
    fixings: tuple[tuple[date, Decimal], ...]

    @classmethod
    def of(cls, name: str, fixings: Iterable[tuple[date, Decimal]]) -> RateSeries:
        """A series from fixings in any order; of two on one date the later given holds."""
        return cls(name, tuple(sorted(dict(fixings).items())))

    @classmethod
    def constant(cls, rate: Decimal, name: str = "constant") -> RateSeries:
        """The same rate for ever."""
        return cls(name, ((date.min, rate),))

    def on(self, on: date) -> Decimal:
        """The rate of a date: the last fixing on or before it. Raises ``RateMissing``."""
        position = bisect_right(self.fixings, on, key=lambda fixing: fixing[0])
        if position == 0:
            raise RateMissing(
                "rate_missing", "{name} has no rate on {on}", name=self.name, on=on.isoformat()
            )
        return self.fixings[position - 1][1]

    def spans(self, period: Period) -> Iterator[RateSpan]:
        """The period cut at each fixing inside it, in order. Raises ``RateMissing``."""
        start = period.start
        starts = [fixed for fixed, _ in self.fixings if period.start < fixed <= period.end]
        for stop in [*starts, period.stop]:
            if start < stop:
                yield RateSpan(Period(start, stop - timedelta(days=1)), self.on(start))
            start = stop
