"""The aged balance: open amounts by lateness, equal to the ledger as of the same date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from cessio.reporting.rules.ratios import ratio


class AgeBucket(StrEnum):
    """Days after the due date."""

    NOT_DUE = "not_due"
    DAYS_1_30 = "1_30"
    DAYS_31_60 = "31_60"
    DAYS_61_90 = "61_90"
    OVER_90 = "over_90"


#: The last day late of each bucket; the last bucket has none.
AGE_BUCKETS: tuple[tuple[AgeBucket, int | None], ...] = (
    (AgeBucket.NOT_DUE, 0),
    (AgeBucket.DAYS_1_30, 30),
    (AgeBucket.DAYS_31_60, 60),
    (AgeBucket.DAYS_61_90, 90),
    (AgeBucket.OVER_90, None),
)


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A signed open amount and its due date; credits count on theirs."""

    due_date: date
    open_minor: int


@dataclass(frozen=True, slots=True)
class AgedBalance:
    """Open amounts per bucket; every bucket is there, and their sum is the outstanding."""

    as_of: date
    buckets: Mapping[AgeBucket, int]

    @property
    def total_minor(self) -> int:
        """The outstanding as of the date."""
        return sum(self.buckets.values())

    @property
    def overdue_minor(self) -> int:
        """All that is past due, credits taken off."""
        return self.total_minor - self.buckets[AgeBucket.NOT_DUE]


def bucket_of(due_date: date, as_of: date) -> AgeBucket:
    """The bucket of a due date; due today is not late."""
    late = (as_of - due_date).days
    for bucket, last in AGE_BUCKETS:
        if last is None or late <= last:
            return bucket
    raise AssertionError("the last bucket has no end")


def aged_balance(items: Iterable[OpenItem], as_of: date) -> AgedBalance:
    """The aged balance of items open as of a date."""
    buckets = dict.fromkeys(AgeBucket, 0)
    for item in items:
        buckets[bucket_of(item.due_date, as_of)] += item.open_minor
    return AgedBalance(as_of, buckets)


def late_payment_ratio(balance: AgedBalance) -> Decimal | None:
    """Overdue over the total outstanding."""
    return ratio(balance.overdue_minor, balance.total_minor)
