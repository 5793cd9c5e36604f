"""What the house decides for itself bears on what is decided, and never on what was."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy.orm import Session
from tests import people

from cessio import audit, house
from cessio.house import Act, BeyondAuthority, Counted, CutOff, NamedReason, ReasonList, queries
from cessio.house.operations import AUTHORITY, CALENDAR
from cessio.house.rules import (
    Authority,
    ClosedBecause,
    Place,
    closed_because,
    counted_on,
    day_problem,
)
from cessio.kernel import calendar
from cessio.kernel.errors import Conflict, Invalid, NotFound, Problems

BY = "person:1"
BRIDGE = date(2027, 5, 7)  # the Friday after Ascension
FIXED = frozenset({"price", "quality"})


def test_a_day_is_closed_by_the_first_reason_that_applies() -> None:
    own = {date(2026, 12, 24): "Eve", date(2026, 12, 25): "twice"}
    found = [closed_because(date(2026, 12, day), own) for day in (23, 24, 25, 26)]
    assert found == [None, ClosedBecause.OWN, ClosedBecause.HOLIDAY, ClosedBecause.WEEKEND]
    assert closed_because(date(2026, 4, 3), own) is ClosedBecause.TARGET


def test_only_a_business_day_to_come_is_closed() -> None:
    today = date(2026, 11, 16)
    assert day_problem(BRIDGE, today=today) is None
    for wrong in (today, date(2026, 11, 13), date(2026, 12, 25), date(2032, 1, 5)):
        assert day_problem(wrong, today=today) is not None


def test_a_closed_day_moves_value_dates_from_then_on(session: Session, now: datetime) -> None:
    before = calendar.value_date(date(2027, 5, 5), 1)
    house.close_day(session, day=BRIDGE, label="Pont", by=BY, at=now)
    assert calendar.value_date(date(2027, 5, 5), 1) == before == BRIDGE
    house.tell_process(session)
    assert calendar.value_date(date(2027, 5, 5), 1) == date(2027, 5, 10)
    assert not calendar.is_business_day(BRIDGE)
    with pytest.raises(Conflict):
        house.close_day(session, day=BRIDGE, label="Again", by=BY, at=now)
    house.open_day(session, day=BRIDGE, by=BY, at=now)
    house.tell_process(session)
    assert calendar.is_business_day(BRIDGE)
    with pytest.raises(NotFound):
        house.open_day(session, day=BRIDGE, by=BY, at=now)
    assert [event.verb for event in audit.history(session, *CALENDAR)] == [
        "open_house_day", "close_house_day",
    ]  # fmt: skip


def test_past_the_cut_off_the_next_business_day_counts() -> None:
    friday, saturday = date(2026, 11, 13), date(2026, 11, 14)
    noon = CutOff(time(12))
    for hour, on, counts in (
        (10, friday, friday), (11, friday, date(2026, 11, 16)), (20, saturday, date(2026, 11, 16)),
    ):  # fmt: skip
        at = datetime(on.year, on.month, on.day, hour, tzinfo=UTC)
        assert counted_on(at, noon) == counts
        assert counted_on(at, None) == on
    early = datetime(2026, 11, 13, 8, 30, tzinfo=UTC)  # 12:30 in Réunion, 9:30 in Paris
    assert counted_on(early, CutOff(time(12), Place.REUNION)) == date(2026, 11, 16)


def test_a_cut_off_is_set_and_given_up(session: Session, now: datetime) -> None:
    assert house.counted_on(session, what=Counted.PAYOUT, at=now) == now.date()
    for what in Counted:
        house.set_cut_off(session, what=what, cut_off=CutOff(time(8)), by=BY, at=now)
        assert house.counted_on(session, what=what, at=now) == now.date() + timedelta(days=1)
        with pytest.raises(Conflict):
            house.set_cut_off(session, what=what, cut_off=CutOff(time(8)), by=BY, at=now)
        house.set_cut_off(session, what=what, cut_off=None, by=BY, at=now)
        assert house.counted_on(session, what=what, at=now) == now.date()
    assert set(queries.cut_offs(session)) == {Counted.PAYOUT}
    assert audit.history(session, *CALENDAR)[0].verb == "set_cut_off"


def test_a_day_gone_by_stays_what_it_was(session: Session, now: datetime) -> None:
    house.close_day(session, day=BRIDGE, label="Pont", by=BY, at=now)
    with pytest.raises(Invalid, match="to come"):
        house.open_day(session, day=BRIDGE, by=BY, at=now + timedelta(days=400))
    with pytest.raises(Problems):
        house.close_day(session, day=date(2026, 1, 5), label=" ", by=BY, at=now)


def test_a_reason_is_named_and_retired_but_a_fixed_list_keeps_its_codes(
    session: Session, now: datetime
) -> None:
    named = NamedReason(ReasonList.DISPUTE, "price", "Prix contesté", "Price contested", 3)
    house.name_reason(session, reason=named, fixed=FIXED, by=BY, at=now)
    (held,) = queries.reasons(session, ReasonList.DISPUTE)
    assert (held.label("fr"), held.label("en"), held.position) == (
        "Prix contesté", "Price contested", 3,
    )  # fmt: skip
    with pytest.raises(Conflict):
        house.name_reason(session, reason=named, fixed=FIXED, by=BY, at=now)
    with pytest.raises(Problems, match="no reason"):
        house.name_reason(session, reason=NamedReason(ReasonList.DISPUTE, "mine", "a", "b"),
                          fixed=FIXED, by=BY, at=now)  # fmt: skip
    house.name_reason(session, reason=NamedReason(ReasonList.PARKING, "no_advice", "Sans avis",
                                                  "No advice"), by=BY, at=now)  # fmt: skip
    for bad in ("", "Two Words", "x" * 41, "é"):
        with pytest.raises(Problems):
            house.name_reason(session, reason=NamedReason(ReasonList.PARKING, bad, "a", "b"),
                              by=BY, at=now)  # fmt: skip
    with pytest.raises(Problems):
        house.name_reason(session, reason=NamedReason(ReasonList.PARKING, "x", "", "b"), by=BY,
                          at=now)  # fmt: skip


def test_a_role_decides_up_to_its_amount_and_is_told_when_it_is_more(
    session: Session, now: datetime
) -> None:
    named = people.settle_in(session, at=now)
    chloe = f"person:{named.chloe.id}"
    house.check_authority(session, act=Act.GRANT_LIMIT, amount_minor=10**9, by=chloe, at=now)
    house.set_authority(session, act=Act.GRANT_LIMIT, up_to_minor={"credit_analyst": 50_000_00},
                        by="job:setup", at=now)  # fmt: skip
    house.check_authority(session, act=Act.GRANT_LIMIT, amount_minor=50_000_00, by=chloe, at=now)
    with pytest.raises(BeyondAuthority) as refused:
        house.check_authority(
            session, act=Act.GRANT_LIMIT, amount_minor=50_000_01, by=chloe, at=now
        )
    assert refused.value.params["limit_minor"] == 50_000_00
    house.check_authority(
        session, act=Act.GRANT_LIMIT, amount_minor=10**9, by="job:limits.day", at=now
    )
    alice = f"person:{named.alice.id}"
    house.check_authority(session, act=Act.GRANT_LIMIT, amount_minor=10**9, by=alice, at=now)
    house.set_authority(session, act=Act.GRANT_LIMIT, up_to_minor={"credit_analyst": None},
                        by="job:setup", at=now)  # fmt: skip
    house.check_authority(session, act=Act.GRANT_LIMIT, amount_minor=10**9, by=chloe, at=now)
    latest = audit.history(session, *AUTHORITY)[0]
    assert {change.field: (change.before, change.after) for change in latest.changes} == {
        "credit_analyst_minor": (50_000_00, None)
    }


def test_a_second_person_may_be_wanted_sooner_than_a_contract_says(
    session: Session, now: datetime
) -> None:
    assert not house.needs_second(session, act=Act.APPROVE_DRAWDOWN, amount_minor=10**12)
    house.set_authority(session, act=Act.APPROVE_DRAWDOWN, up_to_minor={},
                        second_from_minor=5_000_00, by="job:setup", at=now)  # fmt: skip
    wanted = [
        house.needs_second(session, act=Act.APPROVE_DRAWDOWN, amount_minor=amount)
        for amount in (4_999_99, 5_000_00)
    ]
    assert wanted == [False, True]
    with pytest.raises(Conflict):
        house.set_authority(session, act=Act.APPROVE_DRAWDOWN, up_to_minor={},
                            second_from_minor=5_000_00, by="job:setup", at=now)  # fmt: skip
    with pytest.raises(Invalid):
        house.set_authority(session, act=Act.SIGN_FACILITY, up_to_minor={}, second_from_minor=1,
                            by="job:setup", at=now)  # fmt: skip


def test_who_may_take_a_decision_is_known() -> None:
    held = Authority({(Act.GRANT_LIMIT, "a"): 10, (Act.GRANT_LIMIT, "b"): 20}, {})
    assert held.roles_for(Act.GRANT_LIMIT, 15, ["a", "b", "c"]) == ["b", "c"]
