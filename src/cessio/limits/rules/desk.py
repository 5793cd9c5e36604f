"""The limits desk: when an answer is promised, which request comes first, who decides alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any

from cessio.kernel.calendar import business_days_between

#: Business days within which a request is answered, where no band says otherwise.
ANSWER_DAYS = 2
#: Days before a limit ends at which its client is told, unless the house says otherwise.
NOTICE_DAYS = 15


@dataclass(frozen=True, slots=True)
class PromiseBand:
    """Requests of so much or more are answered within so many business days."""

    from_minor: int
    business_days: int


def promised_days(bands: Iterable[PromiseBand], amount_minor: int) -> int:
    """The promise of the highest band that an amount reaches."""
    reached = [band for band in bands if band.from_minor <= amount_minor]
    if not reached:
        return ANSWER_DAYS
    return max(reached, key=lambda band: band.from_minor).business_days


@dataclass(frozen=True, slots=True)
class Urgency:
    """How a request stands to its promise: business days left, negative when late by so many."""

    amount_minor: int
    days_left: int

    @property
    def is_late(self) -> bool:
        """Whether the promised day is over."""
        return self.days_left < 0

    @property
    def weight(self) -> Fraction:
        """Amount × urgency: each day late adds the amount once more, each day left divides it."""
        if self.is_late:
            return Fraction(self.amount_minor * (1 - self.days_left))
        return Fraction(self.amount_minor, 1 + self.days_left)

    @property
    def rank(self) -> tuple[bool, Fraction]:
        """Sort key: what is late first, then the heaviest."""
        return not self.is_late, -self.weight


def urgency(amount_minor: int, *, due_on: date, on: date) -> Urgency:
    """The urgency on a day of an answer promised for another.

    A promised Friday is late by one business day on Monday, and not on the Saturday before.
    """
    left = business_days_between(on, due_on)
    late = business_days_between(due_on, on)
    return Urgency(amount_minor, -late if late else left)


class SecondPersonCode(StrEnum):
    """Why one person may not take a decision alone."""

    BEYOND_AUTHORITY = "limit_beyond_authority"
    BEYOND_GROUP = "limit_beyond_group"


@dataclass(frozen=True, slots=True)
class SecondPerson:
    """A reason to ask a second person, with its figures."""

    code: SecondPersonCode
    params: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The reason as it is kept."""
        return {"code": self.code.value, "params": dict(self.params)}


def beyond_authority(
    alone_upto_minor: int | None, *, before_minor: int, amount_minor: int, currency: str
) -> SecondPerson | None:
    """Granting, raising or renewing above what one person decides; a cut is always theirs."""
    if alone_upto_minor is None or amount_minor <= alone_upto_minor:
        return None
    if amount_minor < before_minor:
        return None
    return SecondPerson(
        SecondPersonCode.BEYOND_AUTHORITY,
        {"alone_upto_minor": alone_upto_minor, "currency": currency},
    )
