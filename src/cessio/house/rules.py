"""What the house may decide for itself, and how it bears on a decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from cessio.identity import Permission
from cessio.kernel.calendar import (
    add_years,
    business_date,
    french_holidays,
    is_business_day,
    is_weekend,
    next_business_day,
    target_closings,
)
from cessio.kernel.errors import Forbidden


class ReasonList(StrEnum):
    """The lists of reasons people choose from.

    The codes of the first three are fixed, because rules depend on them: the house names them,
    orders them and puts them out of use. The others are the house's own words.
    """

    DISPUTE = "dispute"
    HOLD = "hold"
    OUTCOME = "outcome"
    REFUSAL = "refusal"
    LIMIT_REFUSAL = "limit_refusal"
    PARKING = "parking"
    PAYOUT_REFUSAL = "payout_refusal"


#: Lists whose codes are the program's.
FIXED_LISTS = frozenset({ReasonList.DISPUTE, ReasonList.HOLD, ReasonList.OUTCOME})


class Act(StrEnum):
    """What a person's role may be allowed up to an amount only."""

    GRANT_LIMIT = "grant_limit"
    ACCEPT_REMITTANCE = "accept_remittance"
    APPROVE_DRAWDOWN = "approve_drawdown"
    SIGN_FACILITY = "sign_facility"
    RELEASE_RESERVE = "release_reserve"


#: Whose role decides an act: one of these is theirs.
NEEDS: dict[Act, tuple[Permission, ...]] = {
    Act.GRANT_LIMIT: (Permission.DECIDE_LIMITS, Permission.APPROVE_LIMITS),
    Act.ACCEPT_REMITTANCE: (Permission.DECIDE_REMITTANCES, Permission.APPROVE_REMITTANCES),
    Act.APPROVE_DRAWDOWN: (Permission.APPROVE_DRAWDOWNS,),
    Act.SIGN_FACILITY: (Permission.EDIT_CONTRACTS, Permission.APPROVE_CONTRACTS),
    Act.RELEASE_RESERVE: (Permission.EDIT_CONTRACTS,),
}
#: Acts for which the house may want a second person from an amount on.
WITH_SECOND = frozenset({Act.APPROVE_DRAWDOWN, Act.GRANT_LIMIT})
#: Limits decided on one debtor within so many days count together against one's authority.
LIMIT_SPLIT_DAYS = 30
#: How far ahead a day may be closed.
YEARS_AHEAD = 5


class Counted(StrEnum):
    """What counts for the next business day once the day's cut-off is over."""

    PAYOUT = "payout"
    REMITTANCE = "remittance"


class Place(StrEnum):
    """Where a factor under French law may work, as the time zone database names it."""

    PARIS = "Europe/Paris"
    REUNION = "Indian/Reunion"
    MAYOTTE = "Indian/Mayotte"
    MARTINIQUE = "America/Martinique"
    GUADELOUPE = "America/Guadeloupe"
    GUIANA = "America/Cayenne"
    NEW_CALEDONIA = "Pacific/Noumea"
    POLYNESIA = "Pacific/Tahiti"


@dataclass(frozen=True, slots=True)
class CutOff:
    """A time of the day at a place."""

    local: time
    place: Place = Place.PARIS

    def is_over(self, at: datetime) -> bool:
        """Whether it is past, at that place."""
        return at.astimezone(ZoneInfo(self.place)).time() >= self.local

    def on(self, day: date) -> datetime:
        """The instant on a day."""
        return datetime.combine(day, self.local, ZoneInfo(self.place)).astimezone(UTC)


#: What holds until the house says otherwise; a remittance has no cut-off then.
CUT_OFFS = {Counted.PAYOUT: CutOff(time(15, 30))}


def counted_on(at: datetime, cut_off: CutOff | None) -> date:
    """The day for which something done at an instant counts: where there is a cut-off, a business
    day, past it the next one."""
    on = business_date(at)
    if cut_off is None:
        return on
    is_over = is_business_day(on) and cut_off.is_over(at)
    return next_business_day(on + timedelta(days=1) if is_over else on)


class ClosedBecause(StrEnum):
    """Why a day is no business day; the first that applies."""

    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    TARGET = "target"
    OWN = "own"


class BeyondAuthority(Forbidden):
    """The amount is more than this person's role decides."""


@dataclass(frozen=True, slots=True)
class Authority:
    """Who decides what: by act, the amount a role decides up to (absent: without limit), and the
    amount from which a second person is needed (absent: what the contract says)."""

    up_to_minor: Mapping[tuple[Act, str], int]
    second_from_minor: Mapping[Act, int]

    def limit(self, act: Act, role: str) -> int | None:
        """The most a role decides; None without limit."""
        return self.up_to_minor.get((act, role))

    def roles_for(self, act: Act, amount_minor: int, roles: list[str]) -> list[str]:
        """Those of ``roles`` that decide such an amount."""
        return [
            role for role in roles
            if (most := self.limit(act, role)) is None or amount_minor <= most
        ]  # fmt: skip


def authority_refusal(
    authority: Authority, act: Act, role: str, amount_minor: int, currency: str
) -> BeyondAuthority | None:
    """Why this role may not decide this amount, or None."""
    most = authority.limit(act, role)
    if most is None or amount_minor <= most:
        return None
    return BeyondAuthority(
        "beyond_authority",
        "your role decides up to {limit_minor}, and this is {amount_minor}: ask somebody whose "
        "role decides more",
        limit_minor=most, amount_minor=amount_minor, currency=currency,
    )  # fmt: skip


def lent_refusal(most: int | None, amount_minor: int, currency: str) -> BeyondAuthority | None:
    """Why a deputy may not decide this amount by what is lent, or None."""
    if most is None or amount_minor <= most:
        return None
    return BeyondAuthority(
        "beyond_delegation",
        "what is lent to you goes up to {limit_minor}, and this is {amount_minor}",
        limit_minor=most, amount_minor=amount_minor, currency=currency,
    )  # fmt: skip


def closed_because(on: date, own: Mapping[date, str]) -> ClosedBecause | None:
    """Why a day is no business day, or None."""
    if is_weekend(on):
        return ClosedBecause.WEEKEND
    if on in french_holidays(on.year):
        return ClosedBecause.HOLIDAY
    if on in target_closings(on.year):
        return ClosedBecause.TARGET
    return ClosedBecause.OWN if on in own else None


def day_problem(day: date, *, today: date) -> Forbidden | None:
    """Why the house cannot open or close this day: what was computed with it stands."""
    if day <= today:
        return Forbidden("day_past", "only days to come are opened or closed", field="day")
    if day > add_years(today, YEARS_AHEAD):
        return Forbidden("day_far", "{day} is too far ahead", field="day", day=day.isoformat())
    if closed_because(day, {}) is not None:
        return Forbidden("day_closed", "{day} is no business day already", field="day",
                         day=day.isoformat())  # fmt: skip
    return None
