"""The limits desk: what comes first, what is promised, who decides alone, caps over groups."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session
from tests.books import BY, new_company, new_contract, new_debtor, new_pair
from tests.receivables.books import open_book

from cessio.correspondence import messages_about
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Problems
from cessio.limits import operations, queries
from cessio.limits.operations import NewGroupLimit, NewLimit
from cessio.limits.rules import (
    LimitKind,
    MemberLimit,
    PromiseBand,
    SecondPersonCode,
    beyond_authority,
    beyond_cap,
    group_use,
    promised_days,
    urgency,
)
from cessio.notifications import unread_count
from cessio.parties.models import Debtor
from cessio.parties.operations import join_group

FRIDAY, MONDAY, TUESDAY = date(2026, 2, 6), date(2026, 2, 9), date(2026, 2, 10)
NOW = datetime(2026, 2, 6, 9, 0, tzinfo=UTC)


# -- what comes first ----------------------------------------------------------------------


def test_a_promised_friday_is_late_by_one_working_day_on_monday_not_on_saturday() -> None:
    assert urgency(100, due_on=FRIDAY, on=FRIDAY).days_left == 0
    assert not urgency(100, due_on=FRIDAY, on=FRIDAY + timedelta(days=1)).is_late
    late = urgency(100, due_on=FRIDAY, on=MONDAY)
    assert (late.is_late, late.days_left) == (True, -1)


def test_what_is_late_comes_first_then_amount_by_urgency() -> None:
    on = FRIDAY
    asked = {
        "small and late": (5_000_00, on - timedelta(days=1)),
        "smaller, later": (4_000_00, on - timedelta(days=7)),
        "large, due today": (50_000_00, on),
        "huge, in two days": (120_000_00, TUESDAY),
        "large, in two days": (60_000_00, TUESDAY),
        "middling, tomorrow": (70_000_00, MONDAY),
    }
    ranked = sorted(
        asked, key=lambda name: urgency(asked[name][0], due_on=asked[name][1], on=on).rank
    )
    assert ranked == [
        "smaller, later", "small and late", "large, due today", "huge, in two days",
        "middling, tomorrow", "large, in two days",
    ]  # fmt: skip


def test_the_promise_is_of_the_highest_band_reached() -> None:
    bands = [PromiseBand(0, 1), PromiseBand(50_000_00, 3), PromiseBand(200_000_00, 5)]
    days = [promised_days(bands, minor) for minor in (1, 49_999_99, 50_000_00, 900_000_00)]
    assert days == [1, 1, 3, 5]
    assert promised_days([], 1) == 2


def test_a_request_is_promised_by_its_amount(session: Session) -> None:
    operations.set_promises(
        session, bands=[PromiseBand(0, 1), PromiseBand(50_000_00, 5)], by=BY, at=NOW
    )
    small, large = new_pair(session), new_pair(session)
    for pair, minor in ((small, 10_000_00), (large, 60_000_00)):
        operations.ask_for_limit(
            session, contract_id=pair.contract_id, debtor_id=pair.debtor_id, amount_minor=minor,
            by=BY, at=NOW,
        )  # fmt: skip
    due = {row.contract_id: row.answer_due_on for row in queries.requests(session)}
    assert due == {small.contract_id: MONDAY, large.contract_id: date(2026, 2, 13)}


def test_new_answer_times_end_the_old_ones(session: Session) -> None:
    for days in (1, 4):
        operations.set_promises(session, bands=[PromiseBand(0, days)], by=BY, at=NOW)
    assert [one.band.business_days for one in queries.promises(session)] == [4]


@pytest.mark.parametrize(
    "bands", [[], [PromiseBand(100, 1)], [PromiseBand(0, 1), PromiseBand(0, 2)],
              [PromiseBand(0, 61)]]
)  # fmt: skip
def test_answer_times_that_make_no_sense_are_refused(
    session: Session, bands: list[PromiseBand]
) -> None:
    with pytest.raises(Problems):
        operations.set_promises(session, bands=bands, by=BY, at=NOW)


# -- who decides alone ---------------------------------------------------------------------


def test_a_cut_needs_nobody_else_a_raise_or_renewal_beyond_authority_does() -> None:
    def asked(before: int, amount: int, alone: int | None = 100) -> bool:
        return beyond_authority(
            alone, before_minor=before, amount_minor=amount, currency="EUR"
        ) is not None  # fmt: skip

    assert not asked(0, 100)
    assert asked(0, 101)
    assert asked(101, 101)
    assert not asked(500, 300)
    assert not asked(0, 10**9, alone=None)


def test_a_proposal_on_the_same_pair_takes_the_place_of_the_one_before(session: Session) -> None:
    pair = new_pair(session)
    ids = [
        operations.propose_limit(
            session, request_id=None, currency="EUR", client_id=pair.client_id, by="job:review",
            at=NOW,
            limit=NewLimit(contract_id=pair.contract_id, debtor_id=pair.debtor_id,
                           amount_minor=minor),
            why=[reason],
        )
        for minor in (1_000_00, 2_000_00)
        if (reason := beyond_authority(1, before_minor=0, amount_minor=minor, currency="EUR"))
    ]  # fmt: skip
    (waiting,) = queries.open_proposals(session)
    assert (waiting.id, waiting.amount_minor) == (ids[1], 2_000_00)
    assert waiting.why[0].code is SecondPersonCode.BEYOND_AUTHORITY
    assert queries.proposal(session, ids[0]).outcome == "withdrawn"


# -- caps over groups ----------------------------------------------------------------------

MEMBERS = [MemberLimit(1, 1, 40_000, 30_000), MemberLimit(1, 2, 50_000, 50_000),
           MemberLimit(2, 1, 20_000, 0)]  # fmt: skip


def test_a_cap_is_taken_up_by_limits_granted_not_by_their_use() -> None:
    use = group_use(100_000, MEMBERS)
    assert (use.granted_minor, use.used_minor) == (110_000, 80_000)
    assert (use.room_minor, use.excess_minor) == (0, 10_000)


def test_a_raise_beyond_the_cap_counts_a_cut_never_does() -> None:
    def beyond(cap: int, after: int, debtor: int = 1) -> int:
        return beyond_cap(cap, MEMBERS, contract_id=1, debtor_id=debtor, after_minor=after)

    assert beyond(120_000, 50_000) == 0
    assert beyond(120_000, 50_001) == 1
    assert beyond(100_000, 30_000) == 0, "a cut while the group is beyond its cap"
    assert beyond(100_000, 40_000) == 0, "renewing as it is"
    assert beyond(120_000, 15_000, debtor=9) == 5_000, "a company without a limit yet"


def grouped(session: Session, *names: str) -> tuple[int, list[int]]:
    debtors = [new_debtor(session, name) for name in names]
    companies = [session.get_one(Debtor, one).company_id for one in debtors]
    group_id = join_group(session, company_ids=companies, name="Groupe Delta", by=BY, at=NOW)
    return group_id, debtors


def granted(session: Session, contract_id: int, debtor_id: int, minor: int) -> None:
    limit = NewLimit(contract_id=contract_id, debtor_id=debtor_id, amount_minor=minor,
                     reason="review")  # fmt: skip
    operations.record_limit(session, limit=limit, by=BY, at=NOW)


def capped(session: Session, group_id: int, minor: int, contract_id: int | None = None) -> int:
    return operations.decide_group_limit(
        session, by=BY, at=NOW,
        limit=NewGroupLimit(group_id=group_id, amount_minor=minor, contract_id=contract_id),
    )  # fmt: skip


def test_a_cap_counts_the_limits_of_every_company_over_all_contracts(session: Session) -> None:
    group_id, (delta, epsilon) = grouped(session, "Delta", "Epsilon")
    one, other = new_contract(session), new_contract(session)
    outsider = new_debtor(session, "Zeta")
    for contract, debtor, minor in (
        (one, delta, 30_000_00), (one, epsilon, 20_000_00), (other, delta, 15_000_00),
        (one, outsider, 99_000_00),
    ):  # fmt: skip
        granted(session, contract, debtor, minor)
    house, of_one = capped(session, group_id, 60_000_00), capped(session, group_id, 50_000_00, one)
    positions = queries.group_positions(session, group_ids=[group_id], on=FRIDAY)
    uses = {
        use.cap.id: use.use
        for use in queries.cap_uses(queries.group_limits(session), positions)
    }  # fmt: skip
    assert (uses[house].granted_minor, uses[house].excess_minor) == (65_000_00, 5_000_00)
    assert (uses[of_one].granted_minor, uses[of_one].room_minor) == (50_000_00, 0)
    assert [one.cap.id for one in queries.exceeded_caps(session, on=FRIDAY)] == [house]
    bounding = queries.caps_over(session, contract_id=other, debtor_id=epsilon, on=FRIDAY)
    assert [cap.id for cap in bounding] == [house]
    assert not queries.caps_over(session, contract_id=one, debtor_id=outsider, on=FRIDAY)


def test_a_new_cap_ends_the_one_of_its_kind_and_scope_and_may_be_lifted(session: Session) -> None:
    group_id, _ = grouped(session, "Delta")
    first, second = capped(session, group_id, 10_00), capped(session, group_id, 20_00)
    assert queries.group_limit(session, first).ended_on == FRIDAY
    assert [cap.id for cap in queries.group_limits(session)] == [second]
    operations.end_group_limit(session, limit_id=second, reason="sold", by=BY, at=NOW)
    assert queries.group_limits(session) == ()


def test_a_company_of_no_group_has_no_cap(session: Session) -> None:
    new_company(session, "Alone")
    assert queries.group_positions(session, group_ids=[], on=FRIDAY) == ()
    assert queries.owed_by_groups(session) == {}


# -- told before it ends -------------------------------------------------------------------


def test_a_client_is_told_once_of_a_limit_that_ends(session: Session) -> None:
    pair = new_pair(session)
    ends = FRIDAY + timedelta(days=20)
    limit = NewLimit(contract_id=pair.contract_id, debtor_id=pair.debtor_id, amount_minor=10_00,
                     valid_to=ends)  # fmt: skip
    operations.record_limit(session, limit=limit, by=BY, at=NOW)
    for days, told in ((0, 0), (4, 0), (5, 1), (5, 0), (9, 0)):
        on = FRIDAY + timedelta(days=days)
        done = operations.announce_endings(session, on=on, by=BY, at=NOW + timedelta(days=days))
        assert len(done) == told, days
    (row,) = queries.ending_limits(session, on=FRIDAY)
    assert (row.ends_on, row.told_at) == (ends, NOW + timedelta(days=5))
    assert row.limit.kind is LimitKind.COVER


def test_who_may_ask_gets_one_mail_and_one_line_under_the_bell(
    session: Session, now: datetime
) -> None:
    book = open_book(session, now)
    ends = business_date(now) + timedelta(days=10)
    limit = NewLimit(contract_id=book.alpha, debtor_id=book.people.durand.id,
                     amount_minor=10_000_00, valid_to=ends)  # fmt: skip
    done = operations.record_limit(session, limit=limit, by=book.people.chloe.by, at=now)
    for _ in range(2):
        operations.announce_endings(session, on=business_date(now), by="job:limits.day", at=now)
    messages = messages_about(session, kind="limit", id=done.limit_id)
    assert {one.recipient for one in messages} == {"Fanny Dubois", "Gilles Roux"}
    assert len(messages) == 2
    assert all(book.people.durand.firm.name in one.subject for one in messages)
    assert unread_count(session, person_id=book.people.fanny.id) == 1
    assert unread_count(session, person_id=book.people.helene.id) == 0
