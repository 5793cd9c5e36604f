"""Whether a debtor kept its word: facts in, state and dates out. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cessio.kernel.calendar import add_business_days, next_business_day


class PromiseState(StrEnum):
    """Where a promise stands on a day."""

    OPEN = "open"  # the day has not passed
    KEPT = "kept"  # all of it came in time
    LATE = "late"  # all of it came, after the day
    BROKEN = "broken"  # the day passed and some is missing
    ENDED = "ended"  # withdrawn, or another took its place


class PromiseEnd(StrEnum):
    """Why a promise is no longer waited for."""

    WITHDRAWN = "withdrawn"  # the debtor took it back, or it was noted by mistake
    REPLACED = "replaced"  # by a later promise
    HANDLED = "handled"  # broken, and somebody acted on it


@dataclass(frozen=True, slots=True)
class Paid:
    """Money received, on the day the bank had it."""

    on: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class PromiseStanding:
    """The state of a promise, what came of it, and the day it was complete (None: it is not)."""

    state: PromiseState
    paid_minor: int
    missing_minor: int
    complete_on: date | None


#: Instalments a debtor may be given at the most.
MOST_INSTALMENTS = 36


def awaited_until(due_on: date) -> date:
    """The last day on which money of a promise is in time.

    A transfer ordered on the day arrives on the next business day; who promised for a Sunday pays
    on the Monday.
    """
    return add_business_days(next_business_day(due_on), 1)


def standing(
    *, amount_minor: int, due_on: date, paid: Iterable[Paid], is_ended: bool, on: date
) -> PromiseStanding:
    """What became of a promise by a day; ``paid`` is what came since it was noted."""
    received, complete_on = 0, None
    for one in sorted(paid, key=lambda each: each.on):
        if one.on > on:
            break
        received += one.amount_minor
        if complete_on is None and received >= amount_minor:
            complete_on = one.on
    received = min(received, amount_minor)
    last = awaited_until(due_on)
    if is_ended:
        state = PromiseState.ENDED
    elif complete_on is not None:
        state = PromiseState.KEPT if complete_on <= last else PromiseState.LATE
    else:
        state = PromiseState.OPEN if on <= last else PromiseState.BROKEN
    return PromiseStanding(state, received, amount_minor - received, complete_on)
