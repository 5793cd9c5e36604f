"""Standing instructions: what is drawn without being asked for, and when nothing is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from cessio.contracts.rules import FundingMode, Terms
from cessio.kernel.calendar import is_business_day, next_business_day
from cessio.kernel.errors import CessioError, Invalid

#: So long before the cut-off of payouts the day's instructions are carried out.
LEAD = timedelta(minutes=30)
#: Monday to Friday, as ISO counts them.
WEEKDAYS = (1, 2, 3, 4, 5)


class StandingMode(StrEnum):
    """On which business days it draws."""

    OFF = "off"
    DAILY = "daily"
    WEEKDAYS = "weekdays"
    ABOVE = "above"  # when what can be drawn exceeds an amount


class Quiet(StrEnum):
    """Why nothing is drawn on a day."""

    OFF = "off"
    PAUSED = "paused"
    OTHER_DAY = "other_day"
    NOT_ABOVE = "not_above"
    WITHIN_RESERVE = "within_reserve"
    BELOW_MINIMUM = "below_minimum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """What a client wants drawn by itself; amounts in minor units of the contract's currency.

    ``reserve_minor`` stays available. Nothing is drawn before ``paused_until``.
    """

    mode: StandingMode = StandingMode.OFF
    weekdays: tuple[int, ...] = ()
    above_minor: int = 0
    reserve_minor: int = 0
    minimum_minor: int = 0
    paused_until: date | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be drawn on a day: an amount above zero, or why nothing."""

    amount_minor: int
    quiet: Quiet | None = None


def agreed(terms: Terms) -> Instruction:
    """What the contract itself says, until its client says something else."""
    match terms.funding_mode:
        case FundingMode.ON_REQUEST:
            return Instruction()
        case FundingMode.AUTOMATIC:
            return Instruction(mode=StandingMode.DAILY)
        case FundingMode.NET_OF_RESERVE:
            return Instruction(mode=StandingMode.DAILY, reserve_minor=terms.standing_reserve_minor)


def due(said: Instruction, *, on: date, payable_minor: int, least_minor: int) -> Due:
    """What an instruction draws on a business day of what can be drawn then.

    ``least_minor`` is the contract's own smallest drawdown. What is left is the reserve at least:
    where a commission is taken with the drawdown, ``payable_minor`` leaves room for it already.
    """
    quiet = _quiet_day(said, on)
    if quiet is not None:
        return Due(0, quiet)
    if said.mode is StandingMode.ABOVE and payable_minor <= said.above_minor:
        return Due(0, Quiet.NOT_ABOVE)
    amount = payable_minor - said.reserve_minor
    if amount <= 0:
        return Due(0, Quiet.WITHIN_RESERVE)
    if amount < max(said.minimum_minor, least_minor):
        return Due(0, Quiet.BELOW_MINIMUM)
    return Due(amount)


def _quiet_day(said: Instruction, on: date) -> Quiet | None:
    if said.mode is StandingMode.OFF:
        return Quiet.OFF
    if said.paused_until is not None and on < said.paused_until:
        return Quiet.PAUSED
    if said.mode is StandingMode.WEEKDAYS and on.isoweekday() not in said.weekdays:
        return Quiet.OTHER_DAY
    return None


def problems(said: Instruction, *, on: date) -> Iterator[CessioError]:
    """What cannot be meant by an instruction given on a day, each naming its field."""
    for field in ("above_minor", "reserve_minor", "minimum_minor"):
        if getattr(said, field) < 0:
            yield Invalid("standing_negative", "an amount is not below zero",
                          field=field.removesuffix("_minor"))  # fmt: skip
    if not set(said.weekdays) <= set(WEEKDAYS):
        yield Invalid("standing_weekday", "choose among Monday to Friday", field="weekdays")
    if said.mode is StandingMode.WEEKDAYS and not said.weekdays:
        yield Invalid("standing_no_weekday", "choose one weekday at least", field="weekdays")
    if said.mode is StandingMode.ABOVE and said.above_minor <= 0:
        yield Invalid("standing_no_amount", "say above which amount we draw", field="above")
    if said.paused_until is not None and said.paused_until <= on:
        yield Invalid("standing_pause_past", "a pause ends after today", field="paused_until")


def next_run(on: date, *, is_over: bool) -> date:
    """The business day of the next run; ``is_over`` says that today's hour has come already."""
    if is_business_day(on) and not is_over:
        return on
    return next_business_day(on + timedelta(days=1))
