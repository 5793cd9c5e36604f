"""When a granted payout may not leave: its account, the house's limits; nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class HoldCode(StrEnum):
    """Why a payout waits, or an order is not sealed."""

    BEING_CHECKED = "payout_being_checked"
    PAYEE_DOUBTED = "payout_payee_doubted"
    ACCOUNT_CHANGED = "payout_account_changed"
    CHANGE_ASKED = "payout_change_asked"
    COOLING_OFF = "payout_cooling_off"
    ABOVE_PAYOUT = "payout_above_limit"
    ABOVE_PAYEE_DAY = "payout_above_payee_day"
    ABOVE_PERSON_DAY = "payout_above_person_day"
    ABOVE_ORDER = "payout_above_order"


class OutcomeSaid(StrEnum):
    """What two persons say became of a payout the bank did not answer."""

    PAID = "paid"
    NOT_PAID = "not_paid"


@dataclass(frozen=True, slots=True)
class Hold:
    """One reason, and the values its sentence speaks of."""

    code: HoldCode
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """The house's limits in minor units of the currency paid; None is no limit."""

    per_payout_minor: int | None = None
    per_payee_day_minor: int | None = None
    per_person_day_minor: int | None = None
    per_order_minor: int | None = None
    cooling_hours: int = 48


@dataclass(frozen=True, slots=True)
class PayoutFacts:
    """A granted payout and the account it goes to, as they are now.

    ``account_added_at`` is of the account it was granted for; None when that is no longer the
    client's. ``replaced`` says it took the place of another. ``asked_at`` is when another account
    was last asked for and is not confirmed yet. ``is_checked``: a screening
    alert of the client waits.
    """

    drawdown_id: int
    amount_minor: int
    currency: str
    iban: str
    granted_at: datetime
    account_confirmed_at: datetime | None
    replaced: bool
    asked_at: datetime | None
    is_checked: bool = False


def holds(facts: PayoutFacts, limits: Limits, *, at: datetime) -> tuple[Hold, ...]:
    """Every reason why a payout may not leave now."""
    return tuple(_holds(facts, limits, at))


def _holds(facts: PayoutFacts, limits: Limits, at: datetime) -> Iterator[Hold]:
    if facts.is_checked:
        yield Hold(HoldCode.BEING_CHECKED)
    if facts.account_confirmed_at is None:
        yield Hold(HoldCode.ACCOUNT_CHANGED)
    elif facts.replaced and at < (until := payable_from(facts.account_confirmed_at, limits)):
        yield Hold(HoldCode.COOLING_OFF, {"until": until})
    if facts.asked_at is not None and facts.granted_at <= facts.asked_at:
        yield Hold(HoldCode.CHANGE_ASKED, {"asked_at": facts.asked_at})
    most = limits.per_payout_minor
    if most is not None and facts.amount_minor > most:
        yield Hold(HoldCode.ABOVE_PAYOUT, {"most_minor": most, "currency": facts.currency})


def payable_from(confirmed_at: datetime, limits: Limits) -> datetime:
    """From when an account that replaced another is paid to."""
    return confirmed_at + timedelta(hours=limits.cooling_hours)


def order_holds(
    payouts: Sequence[PayoutFacts], limits: Limits, *, paid_today: Mapping[str, int],
    signed_today_minor: int,
) -> tuple[Hold, ...]:  # fmt: skip
    """Limits an order would pass, splits counted together.

    ``paid_today`` is what orders of the day pay to each account already; ``signed_today_minor``
    what the person who seals or signs signed today.
    """
    total = sum(one.amount_minor for one in payouts)
    currency = payouts[0].currency if payouts else "EUR"
    found: list[Hold] = []
    if limits.per_order_minor is not None and total > limits.per_order_minor:
        found.append(_above(HoldCode.ABOVE_ORDER, limits.per_order_minor, currency))
    if limits.per_payee_day_minor is not None:
        to_payee: dict[str, int] = dict(paid_today)
        for one in payouts:
            to_payee[one.iban] = to_payee.get(one.iban, 0) + one.amount_minor
        ours = {one.iban for one in payouts}
        if any(to_payee[iban] > limits.per_payee_day_minor for iban in ours):
            found.append(_above(HoldCode.ABOVE_PAYEE_DAY, limits.per_payee_day_minor, currency))
    if above_person(limits, signed_today_minor + total):
        most = limits.per_person_day_minor or 0
        found.append(_above(HoldCode.ABOVE_PERSON_DAY, most, currency))
    return tuple(found)


def above_person(limits: Limits, minor: int) -> bool:
    """Whether a person would sign more in a day than the house allows."""
    return limits.per_person_day_minor is not None and minor > limits.per_person_day_minor


def _above(code: HoldCode, most_minor: int, currency: str) -> Hold:
    return Hold(code, {"most_minor": most_minor, "currency": currency})
