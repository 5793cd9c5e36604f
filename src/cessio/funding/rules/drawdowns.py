"""Whether a drawdown is granted, with every reason when it is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from cessio.contracts.rules import FundingLimitRule, Terms


class DrawdownStateName(StrEnum):
    """requested → granted → ordered → paid | rejected; refused; cancelled."""

    REQUESTED = "requested"
    GRANTED = "granted"
    ORDERED = "ordered"
    PAID = "paid"
    REJECTED = "rejected"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class RefusalCode(StrEnum):
    """Why a drawdown is refused; stored, and shown in the client's words."""

    AMOUNT_NOT_POSITIVE = "amount_not_positive"
    BELOW_MINIMUM = "below_minimum"
    CONTRACT_NOT_STARTED = "contract_not_started"
    CONTRACT_ENDED = "contract_ended"
    BEING_CHECKED = "being_checked"
    FUNDING_SUSPENDED = "funding_suspended"
    PAYEE_NOT_CONFIRMED = "payee_not_confirmed"
    PAYEE_COOLING_OFF = "payee_cooling_off"
    ABOVE_AVAILABLE = "above_available"
    ABOVE_FACILITY = "above_facility"


@dataclass(frozen=True, slots=True)
class RefusalReason:
    """One reason and the amounts (minor units) or dates it speaks of."""

    code: RefusalCode
    params: Mapping[str, int | str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The stored form: the code beside its values."""
        return {"code": self.code.value, **self.params}


@dataclass(frozen=True, slots=True)
class Granted:
    """The drawdown may be posted; with ``needs_approval`` a second person decides first."""

    amount_minor: int
    needs_approval: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """Every reason why not."""

    reasons: tuple[RefusalReason, ...]


@dataclass(frozen=True, slots=True)
class DrawdownFacts:
    """What a drawdown is decided on, read under the lock of the contract's account.

    ``payable_after`` is the first day an account added lately may be paid to; None when it may.
    ``commission_minor`` is taken with the amount, ``most_minor`` the largest that leaves room for
    its own.
    """

    on: date
    available_minor: int
    facility_room_minor: int
    starts_on: date
    ended_on: date | None = None
    suspended: bool = False
    is_checked: bool = False
    payee_confirmed: bool = True
    payable_after: date | None = None
    commission_minor: int = 0
    most_minor: int | None = None


def decide_drawdown(facts: DrawdownFacts, amount_minor: int, *, terms: Terms) -> Granted | Refused:
    """Grant or refuse an amount; a refusal gives all its reasons."""
    reasons = (*_contract_reasons(facts), *_amount_reasons(terms, facts, amount_minor))
    if reasons:
        return Refused(reasons)
    return Granted(amount_minor, needs_approval(terms, amount_minor))


def needs_approval(terms: Terms, amount_minor: int) -> bool:
    """Whether a second person approves a payout; a threshold of zero means always."""
    return amount_minor >= terms.payout_approval_threshold_minor


def _contract_reasons(facts: DrawdownFacts) -> Iterator[RefusalReason]:
    if facts.on < facts.starts_on:
        yield RefusalReason(
            RefusalCode.CONTRACT_NOT_STARTED, {"starts_on": facts.starts_on.isoformat()}
        )
    if facts.ended_on is not None and facts.on >= facts.ended_on:
        yield RefusalReason(RefusalCode.CONTRACT_ENDED, {"ended_on": facts.ended_on.isoformat()})
    if facts.is_checked:
        yield RefusalReason(RefusalCode.BEING_CHECKED)
    if facts.suspended:
        yield RefusalReason(RefusalCode.FUNDING_SUSPENDED)
    if not facts.payee_confirmed:
        yield RefusalReason(RefusalCode.PAYEE_NOT_CONFIRMED)
    if facts.payable_after is not None and facts.on < facts.payable_after:
        yield RefusalReason(
            RefusalCode.PAYEE_COOLING_OFF, {"from": facts.payable_after.isoformat()}
        )


def _amount_reasons(
    terms: Terms, facts: DrawdownFacts, amount_minor: int
) -> Iterator[RefusalReason]:
    if amount_minor <= 0:
        yield RefusalReason(RefusalCode.AMOUNT_NOT_POSITIVE)
        return
    if amount_minor < terms.minimum_drawdown_minor:
        yield RefusalReason(
            RefusalCode.BELOW_MINIMUM, {"minimum_minor": terms.minimum_drawdown_minor}
        )
    if amount_minor + facts.commission_minor > facts.available_minor:
        most = facts.available_minor if facts.most_minor is None else facts.most_minor
        available = max(0, most)
        yield RefusalReason(RefusalCode.ABOVE_AVAILABLE, {"available_minor": available})
    if amount_minor > facts.facility_room_minor:
        room = max(0, facts.facility_room_minor)
        yield RefusalReason(RefusalCode.ABOVE_FACILITY, {"room_minor": room})


def funding_limit(
    terms: Terms,
    *,
    explicit_minor: int | None,
    cover_limit_minor: int,
    first_assigned_on: date | None,
    on: date,
) -> int | None:
    """A debtor's funding limit; None is unlimited. A named limit always caps what the rule gives.

    A debtor assigned for the first time lately has at most the limit for new debtors.
    """
    limits = [] if explicit_minor is None else [explicit_minor]
    match terms.funding_limit_rule:
        case FundingLimitRule.EXPLICIT:
            limits.append(explicit_minor or 0)
        case FundingLimitRule.COVER_LIMIT:
            limits.append(cover_limit_minor)
    ramp, is_new_until = terms.new_debtor_limit_minor, timedelta(days=terms.new_debtor_days)
    if ramp is not None and on < (first_assigned_on or on) + is_new_until:
        limits.append(ramp)
    return min(limits, default=None)
