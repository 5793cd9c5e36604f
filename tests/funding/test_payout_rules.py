"""When a payout may not leave: each reason at its very edge, splits counted together."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cessio.funding.rules.payouts import (
    HoldCode,
    Limits,
    PayoutFacts,
    above_person,
    holds,
    order_holds,
    payable_from,
)

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PAYOUT = PayoutFacts(
    drawdown_id=1, amount_minor=1_000_00, currency="CHF", iban="A", granted_at=NOW,
    account_confirmed_at=NOW, replaced=False, asked_at=None,
)  # fmt: skip


def codes(facts: PayoutFacts, limits: Limits | None = None, at: datetime = NOW) -> list[HoldCode]:
    return [one.code for one in holds(facts, limits or Limits(), at=at)]


def test_nothing_holds_a_payout_to_the_account_it_was_granted_for() -> None:
    assert codes(PAYOUT) == []
    assert codes(replace(PAYOUT, is_checked=True)) == [HoldCode.BEING_CHECKED]


def test_an_account_that_is_no_longer_the_clients_is_not_paid() -> None:
    gone = replace(PAYOUT, account_confirmed_at=None, replaced=True)
    assert codes(gone) == [HoldCode.ACCOUNT_CHANGED]


def test_an_account_in_the_place_of_another_is_paid_once_its_hours_are_over() -> None:
    fresh, limits = replace(PAYOUT, replaced=True), Limits(cooling_hours=5)
    until = NOW + timedelta(hours=5)
    assert payable_from(NOW, limits) == until
    [held] = holds(fresh, limits, at=until - SECOND)
    assert (held.code, held.params) == (HoldCode.COOLING_OFF, {"until": until})
    assert codes(fresh, limits, until) == []
    assert codes(PAYOUT, limits) == []
    assert codes(fresh, Limits(), NOW + timedelta(hours=48) - SECOND) == [HoldCode.COOLING_OFF]
    assert codes(fresh, Limits(), NOW + timedelta(hours=48)) == []


def test_another_account_asked_for_since_holds_the_payout() -> None:
    for since, held in ((-SECOND, []), (0 * SECOND, [HoldCode.CHANGE_ASKED]),
                        (SECOND, [HoldCode.CHANGE_ASKED])):  # fmt: skip
        assert codes(replace(PAYOUT, asked_at=NOW + since)) == held


def test_a_payout_may_be_as_large_as_the_limit_and_no_larger() -> None:
    assert codes(PAYOUT, Limits(per_payout_minor=1_000_00)) == []
    [held] = holds(PAYOUT, Limits(per_payout_minor=999_99), at=NOW)
    assert (held.code, held.params) == (
        HoldCode.ABOVE_PAYOUT, {"most_minor": 999_99, "currency": "CHF"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("limits", "most", "code"),
    [(Limits(per_order_minor=3_000_00), 3_000_00, HoldCode.ABOVE_ORDER),
     (Limits(per_payee_day_minor=2_500_00), 2_500_00, HoldCode.ABOVE_PAYEE_DAY),
     (Limits(per_person_day_minor=4_000_00), 4_000_00, HoldCode.ABOVE_PERSON_DAY)],
)  # fmt: skip
def test_an_order_may_reach_each_limit_and_not_pass_it(
    limits: Limits, most: int, code: HoldCode
) -> None:
    """Two payouts to A and one to B; A was paid 500 today, the person signed 1,000."""
    order = [PAYOUT, replace(PAYOUT, drawdown_id=2), replace(PAYOUT, drawdown_id=3, iban="B")]
    day = {"paid_today": {"A": 500_00, "C": 9_000_00}, "signed_today_minor": 1_000_00}
    assert order_holds(order, limits, **day) == ()
    order[0] = replace(PAYOUT, amount_minor=1_000_01)
    [held] = order_holds(order, limits, **day)
    assert (held.code, held.params) == (code, {"most_minor": most, "currency": "CHF"})


def test_who_was_paid_nothing_today_may_be_paid_the_whole_limit() -> None:
    most = Limits(per_payee_day_minor=PAYOUT.amount_minor)
    assert order_holds([PAYOUT], most, paid_today={}, signed_today_minor=0) == ()


def test_every_limit_passed_is_told_and_no_limit_holds_nothing() -> None:
    tight = Limits(per_order_minor=1, per_payee_day_minor=1, per_person_day_minor=0)
    found = order_holds([PAYOUT], tight, paid_today={}, signed_today_minor=0)
    assert [one.code for one in found] == [
        HoldCode.ABOVE_ORDER, HoldCode.ABOVE_PAYEE_DAY, HoldCode.ABOVE_PERSON_DAY,
    ]  # fmt: skip
    assert (
        order_holds([PAYOUT], Limits(), paid_today={"A": 10**12}, signed_today_minor=10**12) == ()
    )
    assert order_holds([], Limits(per_order_minor=0), paid_today={}, signed_today_minor=0) == ()


def test_a_person_signs_up_to_their_day() -> None:
    assert not above_person(Limits(per_person_day_minor=5), 5)
    assert above_person(Limits(per_person_day_minor=5), 6)
    assert not above_person(Limits(), 10**15)
