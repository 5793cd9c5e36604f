from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cessio.contracts.rules import (
    AdvanceMode,
    ConcentrationBase,
    FundingLimitRule,
    FundingMode,
    IneligibleReason,
    ReserveKind,
    Terms,
)
from cessio.funding.rules import (
    AvailabilityFacts,
    DebtorFacts,
    DrawdownFacts,
    Due,
    Granted,
    Instruction,
    LineKind,
    OpenReceivable,
    Quiet,
    RefusalCode,
    Refused,
    Reserve,
    StandingMode,
    availability,
    decide_drawdown,
    final_cap,
    fund_receivables,
    funding_limit,
    needs_approval,
)
from cessio.funding.rules.standing import agreed, due, next_run, problems

R = IneligibleReason
K = 1_000_00  # a thousand euros

TERMS_A = Terms(
    retention_rate=Decimal("0.10"),
    concentration_rate=Decimal("0.40"),
    concentration_base=ConcentrationBase.WITHIN_LIMITS,
    facility_limit_minor=100 * K,
)
DEBTORS_A = (
    DebtorFacts(1, 120 * K, ((R.DISPUTED, 5 * K),), 100 * K),
    DebtorFacts(2, 60 * K, ((R.OVERDUE, 10 * K),), 80 * K),
    DebtorFacts(3, 20 * K, (), 0),
    DebtorFacts(4, 30 * K, (), 50 * K),
)
BOOK_A = AvailabilityFacts(
    current_account_minor=114_600_00,
    retention_minor=23 * K,
    drawings_net_minor=90 * K,
    debtors=DEBTORS_A,
    reserves=(Reserve(ReserveKind.EXPECTED_CREDIT_NOTES, 3 * K),),
)


def percentage(rate="0.80", **terms):
    return Terms(
        advance_mode=AdvanceMode.PERCENTAGE, advance_rate=Decimal(rate), retention_rate=Decimal(0),
        **{"facility_limit_minor": 10**12, **terms},
    )  # fmt: skip


def book(*debtors, account=None, retention=0, drawings=0, reserves=()):
    outstanding = sum(debtor.outstanding_minor for debtor in debtors)
    account = outstanding - retention - drawings if account is None else account
    return AvailabilityFacts(account, retention, drawings, debtors, reserves)


# -- vector A ----------------------------------------------------------------------------------


def test_a_full_waterfall():
    found = availability(TERMS_A, BOOK_A)
    assert found.outstanding_minor == 230 * K
    assert found.eligible_minor == 215 * K
    assert found.within_limits_minor == 180 * K
    assert found.concentration_cap_minor == 72 * K
    assert [d.fundable_minor // K for d in found.debtors] == [72, 50, 0, 30]
    assert found.fundable_minor == 152 * K
    assert found.funds_in_use_minor == 115_400_00
    assert found.non_fundable_minor == 78 * K
    assert found.reserves_minor == 3 * K
    assert found.available_minor == 33_600_00
    assert found.available_by_account_minor == 33_600_00
    assert found.payable_now_minor == 10_000_00
    assert found.figures()["available_minor"] == 33_600_00


def test_a_what_is_withheld_is_what_is_by_invoice_and_nothing_else():
    found = availability(TERMS_A, BOOK_A)
    by_hand = (5 + 10) * K + (15 + 20) * K + 28 * K  # ineligible, over limits, concentrated
    assert found.withheld_minor == by_hand == found.outstanding_minor - found.fundable_minor
    with_credit = availability(TERMS_A, book(*DEBTORS_A, DebtorFacts(5, -7 * K, (), None)))
    assert with_credit.withheld_minor == by_hand


def test_a_what_may_be_paid_leaves_room_for_its_own_commission():
    found = availability(TERMS_A, BOOK_A)
    assert replace(found, most_payable_minor=9 * K).payable_now_minor == 9 * K
    assert replace(found, most_payable_minor=11 * K).payable_now_minor == 10 * K


def test_a_iterative_concentration_measures_against_the_final_fundable():
    terms = replace(TERMS_A, concentration_base=ConcentrationBase.FINAL)
    found = availability(terms, BOOK_A)
    assert [d.fundable_minor for d in found.debtors] == [53_333_33, 50 * K, 0, 30 * K]
    assert found.fundable_minor == 133_333_33


def test_a_each_concentration_base_gives_its_own_cap():
    caps = [
        availability(replace(TERMS_A, concentration_base=base), BOOK_A).concentration_cap_minor
        for base in ConcentrationBase
    ]
    assert caps == [92 * K, 86 * K, 72 * K, 53_333_33]
    assert availability(replace(TERMS_A, concentration_rate=None), BOOK_A).fundable_minor == 180 * K


def test_a2_single_debtor_cap():
    terms = percentage(
        "0.80", concentration_rate=Decimal("0.30"), concentration_base=ConcentrationBase.OUTSTANDING
    )
    found = availability(terms, book(DebtorFacts(1, 100 * K)))
    assert (found.fundable_minor, found.available_minor) == (30 * K, 24 * K)


def test_a2_a_single_debtor_under_a_final_cap_is_not_fundable_at_all():
    terms = percentage(
        concentration_rate=Decimal("0.30"), concentration_base=ConcentrationBase.FINAL
    )
    assert availability(terms, book(DebtorFacts(1, 100 * K))).available_minor == 0


def test_a3_abl_form():
    debtor = DebtorFacts(1, 1_000 * K, ((R.OVERDUE, 75 * K),))
    assert availability(percentage(), book(debtor)).available_minor == 740 * K
    assert availability(percentage(), book(debtor, drawings=400 * K)).available_minor == 340 * K


def test_a4_nothing_assigned_nothing_available():
    for drawn in (0, 5 * K):
        found = availability(TERMS_A, book(drawings=drawn))
        assert found.available_minor == -drawn
        assert found.payable_now_minor == 0


def test_a4_a_debtor_in_credit_makes_no_room_for_another():
    terms = replace(TERMS_A, concentration_rate=None)
    found = availability(terms, book(DebtorFacts(1, -8 * K), DebtorFacts(2, 20 * K)))
    assert found.outstanding_minor == 12 * K
    assert [d.fundable_minor for d in found.debtors] == [0, 20 * K]
    assert found.fundable_minor == 20 * K
    assert found.non_fundable_minor == -8 * K
    assert found.available_minor == 20 * K
    only = availability(terms, book(DebtorFacts(1, -8 * K, ((R.OVERDUE, 3 * K),))))
    assert (only.fundable_minor, only.available_minor, only.debtors[0].ineligible) == (0, 0, ())


def test_a4_credits_reduce_the_fundable_part_of_their_own_debtor():
    terms = replace(TERMS_A, concentration_rate=None)
    facts = DebtorFacts(1, 70 * K, ((R.OVERDUE, 50 * K),), None)
    assert availability(terms, book(facts)).fundable_minor == 20 * K
    facts = replace(facts, outstanding_minor=30 * K)
    found = availability(terms, book(facts))
    assert (found.fundable_minor, found.debtors[0].ineligible_minor) == (0, 30 * K)


def test_a5_explanation_adds_up():
    found = availability(TERMS_A, BOOK_A)
    lines = [(line.kind.value, line.reason, line.amount_minor) for line in found.lines]
    assert lines == [
        ("outstanding", None, 230_000_00),
        ("ineligible", R.DISPUTED, -5_000_00),
        ("ineligible", R.OVERDUE, -10_000_00),
        ("over_limit", None, -35_000_00),
        ("concentration", None, -28_000_00),
        ("reserve", ReserveKind.EXPECTED_CREDIT_NOTES, -3_000_00),
        ("retention_fund", None, -23_000_00),
        ("charges", None, -2_400_00),
        ("drawings", None, -90_000_00),
    ]
    assert sum(amount for *_, amount in lines) == 33_600_00
    assert sum(line.amount_minor for line in found.account_lines) == 33_600_00
    assert found.account_lines[0].amount_minor == 114_600_00
    over = next(line for line in found.lines if line.kind is LineKind.OVER_LIMIT)
    assert [(p.debtor_id, p.amount_minor) for p in over.parts] == [(1, -15 * K), (3, -20 * K)]


def test_ineligible_lines_follow_the_contracts_order_not_the_debtors():
    terms = replace(TERMS_A, ineligible_reasons=(R.OVERDUE, R.DISPUTED))
    found = availability(terms, BOOK_A)
    reasons = [line.reason for line in found.lines if line.kind is LineKind.INELIGIBLE]
    assert reasons == [R.OVERDUE, R.DISPUTED]


def test_the_dilution_reserve_is_a_rate_on_what_is_fundable():
    found = availability(replace(TERMS_A, reserve_dilution_rate=Decimal("0.05")), BOOK_A)
    assert found.reserves_minor == 3 * K + 7_600_00
    assert found.available_minor == 33_600_00 - 7_600_00


def test_percentage_mode_shows_what_the_rate_does_not_advance():
    found = availability(percentage(), book(DebtorFacts(1, 100 * K)))
    margin = next(line for line in found.lines if line.kind is LineKind.ADVANCE_MARGIN)
    assert (found.advance_minor, margin.amount_minor) == (80 * K, -20 * K)


def test_drawings_beyond_the_facility_leave_nothing_payable():
    found = availability(replace(TERMS_A, facility_limit_minor=80 * K), BOOK_A)
    assert (found.facility_room_minor, found.payable_now_minor) == (-10 * K, 0)


# -- properties --------------------------------------------------------------------------------

amount = st.integers(0, 100_000)
rates = st.none() | st.integers(1, 1_000_000).map(lambda millionths: Decimal(millionths).scaleb(-6))
reasons = st.lists(
    st.tuples(st.sampled_from(R), st.integers(1, 50_000)),
    max_size=3,
    unique_by=lambda pair: pair[0],
).map(tuple)
debtors = st.lists(
    st.builds(
        DebtorFacts, st.integers(), st.integers(-50_000, 200_000), reasons, st.none() | amount
    ),
    max_size=6,
    unique_by=lambda debtor: debtor.debtor_id,
).map(tuple)
books = st.builds(
    AvailabilityFacts,
    st.integers(-500_000, 500_000),
    amount,
    st.integers(-100_000, 400_000),
    debtors,
    st.lists(st.builds(Reserve, st.sampled_from(ReserveKind), amount), max_size=2).map(tuple),
)
contracts = st.builds(
    Terms,
    advance_mode=st.sampled_from(AdvanceMode),
    advance_rate=st.integers(0, 100).map(lambda percent: Decimal(percent).scaleb(-2)),
    concentration_rate=rates,
    concentration_base=st.sampled_from(ConcentrationBase),
    reserve_dilution_rate=st.sampled_from([Decimal(0), Decimal("0.0333")]),
    facility_limit_minor=amount,
)


@given(contracts, books)
@example(TERMS_A, BOOK_A)
def test_the_explanation_adds_up_to_the_cent_for_any_book_in_both_modes(terms, facts):
    found = availability(terms, facts)
    assert sum(line.amount_minor for line in found.lines) == found.available_minor
    assert sum(line.amount_minor for line in found.account_lines) == found.available_minor
    for line in found.lines:
        assert not line.parts or sum(p.amount_minor for p in line.parts) == line.amount_minor
        assert line.amount_minor != 0 or line.kind is LineKind.OUTSTANDING


@given(contracts, books)
def test_account_view_equals_advance_view(terms, facts):
    found = availability(terms, facts)
    assert found.available_minor == found.available_by_account_minor
    assert found.outstanding_minor - found.funds_in_use_minor == facts.current_account_minor
    assert 0 <= found.payable_now_minor <= max(0, found.facility_room_minor)


@given(contracts, books)
def test_each_debtor_is_fundable_within_its_own_limits(terms, facts):
    found = availability(terms, facts)
    cap = found.concentration_cap_minor
    for debtor in found.debtors:
        assert 0 <= debtor.fundable_minor <= debtor.within_limit_minor <= debtor.eligible_minor
        assert debtor.eligible_minor <= max(0, debtor.outstanding_minor)
        assert cap is None or debtor.fundable_minor <= cap
        limit = debtor.funding_limit_minor
        assert limit is None or debtor.within_limit_minor <= limit
        parts = (debtor.ineligible_minor + debtor.over_limit_minor + debtor.concentration_minor
                 + debtor.fundable_minor - debtor.credit_minor)  # fmt: skip
        assert parts == debtor.outstanding_minor


@given(contracts, books, st.randoms(use_true_random=False))
def test_the_order_of_debtors_changes_nothing(terms, facts, random):
    shuffled = list(facts.debtors)
    random.shuffle(shuffled)
    other = availability(terms, replace(facts, debtors=tuple(shuffled)))
    found = availability(terms, facts)
    assert other.available_minor == found.available_minor
    assert {d.debtor_id: d for d in other.debtors} == {d.debtor_id: d for d in found.debtors}


@given(st.lists(st.integers(0, 10**9), max_size=8), rates.filter(lambda rate: rate is not None))
@example([100, 100, 100], Decimal("0.333333"))
@example([5, 5], Decimal("0.5"))
def test_the_final_cap_is_the_largest_share_of_the_total_it_leads_to(amounts, rate):
    cap = final_cap(rate, amounts)
    total = sum(min(a, cap) for a in amounts)
    if any(a > cap for a in amounts):
        assert cap <= rate * total
        wider = sum(min(a, cap + 1) for a in amounts)
        assert cap + 1 > rate * wider
    else:
        assert max(amounts, default=0) <= rate * total or total == 0


def iterated(rate, amounts):
    """The trade's way: cap at the rate of the total again and again until it settles."""
    total = Decimal(sum(amounts))
    for _ in range(20_000):
        following = sum((min(Decimal(a), rate * total) for a in amounts), Decimal(0))
        if abs(total - following) < Decimal("0.0001"):
            break
        total = following
    return rate * total


@given(
    st.lists(st.integers(0, 10**6), min_size=1, max_size=5),
    st.sampled_from(["0.2", "0.35", "0.4", "0.5", "0.9"]),
)
def test_the_final_cap_is_where_repeated_capping_ends(amounts, rate):
    assert abs(final_cap(Decimal(rate), amounts) - iterated(Decimal(rate), amounts)) <= 2


# -- receivables behind the lines --------------------------------------------------------------

DAY = date(2026, 1, 1)


def receivable(key, open_minor, *ineligible, day=0):
    return OpenReceivable(key, f"F{key}", DAY + timedelta(days=day), open_minor, ineligible)


def debtor_of(receivables, limit=None):
    """The debtor facts that a set of receivables adds up to."""
    sums: dict[R, int] = {}
    for item in receivables:
        for reason, caught in item.ineligible:
            sums[reason] = sums.get(reason, 0) + caught
    ordered = tuple((reason, sums[reason]) for reason in R if reason in sums)
    return DebtorFacts(1, sum(item.open_minor for item in receivables), ordered, limit)


def test_the_earliest_invoices_use_the_room_first():
    items = [receivable(3, 100, day=9), receivable(1, 100), receivable(2, 100, day=1)]
    terms = Terms(
        concentration_rate=Decimal("0.5"), concentration_base=ConcentrationBase.OUTSTANDING
    )
    found = availability(terms, book(debtor_of(items, 220)))
    spread = fund_receivables(found.debtors[0], items)
    found = [
        (i.receivable_id, i.fundable_minor, i.concentration_minor, i.over_limit_minor)
        for i in spread
    ]
    assert found == [
        (1, 100, 0, 0), (2, 50, 50, 0), (3, 0, 20, 80),
    ]  # fmt: skip


def test_credits_offset_the_last_invoices():
    items = [receivable(1, 100), receivable(2, 100, day=1), receivable(9, -60), receivable(8, 0)]
    found = availability(Terms(), book(debtor_of(items)))
    spread = fund_receivables(found.debtors[0], items)
    assert [(i.receivable_id, i.fundable_minor, i.offset_minor) for i in spread] == [
        (1, 100, 0), (2, 40, 60),
    ]  # fmt: skip


@st.composite
def ledgers(draw):
    """Receivables of one debtor, ineligible within what is open."""
    items = []
    for key in range(draw(st.integers(0, 6))):
        open_minor = draw(st.integers(-500, 1_000).filter(bool))
        left, caught = max(0, open_minor), []
        for reason in (R.DISPUTED, R.OVERDUE):
            part = draw(st.just(0) | st.integers(0, left))
            left -= part
            if part:
                caught.append((reason, part))
        items.append(receivable(key, open_minor, *caught, day=draw(st.integers(0, 3))))
    return items


@given(ledgers(), st.none() | st.integers(0, 2_000), contracts)
def test_the_receivables_behind_each_line_add_up_to_it(items, limit, terms):
    found = availability(terms, book(debtor_of(items, limit)))
    debtor = found.debtors[0]
    spread = fund_receivables(debtor, items)
    for line in found.lines:
        if line.kind in (LineKind.INELIGIBLE, LineKind.OVER_LIMIT, LineKind.CONCENTRATION):
            behind = sum(item.amount(line.kind, line.reason) for item in spread)
            assert behind == -line.amount_minor
    assert sum(item.fundable_minor for item in spread) == debtor.fundable_minor
    credited = -sum(item.open_minor for item in items if item.open_minor < 0)
    assert sum(item.offset_minor for item in spread) == credited - debtor.credit_minor
    for item in spread:
        parts = (item.fundable_minor, item.concentration_minor, item.over_limit_minor,
                 item.offset_minor, sum(a for _, a in item.ineligible))  # fmt: skip
        assert min(parts) >= 0
        assert sum(parts) == item.open_minor


# -- drawdowns ---------------------------------------------------------------------------------

READY = DrawdownFacts(
    on=date(2026, 3, 1), available_minor=33_600_00, facility_room_minor=10_000_00,
    starts_on=date(2026, 1, 1),
)  # fmt: skip


def refusal(facts, requested, terms=TERMS_A):
    decision = decide_drawdown(facts, requested, terms=terms)
    assert isinstance(decision, Refused)
    return [reason.code for reason in decision.reasons]


def test_a_drawdown_within_what_is_payable_is_granted():
    terms = replace(TERMS_A, payout_approval_threshold_minor=10_000_01)
    assert decide_drawdown(READY, 10_000_00, terms=terms) == Granted(
        10_000_00, needs_approval=False
    )


def test_from_the_threshold_a_second_person_approves():
    terms = replace(TERMS_A, payout_approval_threshold_minor=5_000_00)
    assert needs_approval(terms, 5_000_00)
    assert not needs_approval(terms, 4_999_99)
    assert needs_approval(Terms(), 1)
    assert decide_drawdown(READY, 5_000_00, terms=terms) == Granted(5_000_00, needs_approval=True)


def test_a_refusal_gives_every_reason():
    facts = replace(
        READY,
        ended_on=READY.on,
        suspended=True,
        payee_confirmed=False,
        payable_after=date(2026, 3, 3),
        available_minor=-5,
    )
    terms = replace(TERMS_A, minimum_drawdown_minor=90_000_00)
    assert refusal(facts, 50_000_00, terms) == [
        RefusalCode.CONTRACT_ENDED, RefusalCode.FUNDING_SUSPENDED, RefusalCode.PAYEE_NOT_CONFIRMED,
        RefusalCode.PAYEE_COOLING_OFF, RefusalCode.BELOW_MINIMUM, RefusalCode.ABOVE_AVAILABLE,
        RefusalCode.ABOVE_FACILITY,
    ]  # fmt: skip


def test_refusals_carry_the_amounts_they_speak_of():
    decision = decide_drawdown(READY, 10_000_01, terms=TERMS_A)
    assert [(r.code, r.params) for r in decision.reasons] == [
        (RefusalCode.ABOVE_FACILITY, {"room_minor": 10_000_00})
    ]
    decision = decide_drawdown(replace(READY, available_minor=-1), 1, terms=TERMS_A)
    assert decision.reasons[0].params == {"available_minor": 0}
    decision = decide_drawdown(replace(READY, facility_room_minor=-1), 1, terms=TERMS_A)
    assert decision.reasons[0].as_json() == {"code": "above_facility", "room_minor": 0}


@pytest.mark.parametrize("requested", [0, -1])
def test_an_amount_is_positive(requested):
    assert refusal(READY, requested) == [RefusalCode.AMOUNT_NOT_POSITIVE]


def test_a_contract_pays_from_its_start_to_the_eve_of_its_end():
    assert refusal(replace(READY, starts_on=date(2026, 3, 2)), 1) == [
        RefusalCode.CONTRACT_NOT_STARTED
    ]
    assert isinstance(
        decide_drawdown(replace(READY, starts_on=READY.on), 1, terms=TERMS_A), Granted
    )
    assert isinstance(
        decide_drawdown(replace(READY, ended_on=date(2026, 3, 2)), 1, terms=TERMS_A), Granted
    )


def test_a_new_account_may_be_paid_from_its_first_day():
    assert isinstance(
        decide_drawdown(replace(READY, payable_after=READY.on), 1, terms=TERMS_A), Granted
    )


@given(st.integers(-100, 100), st.integers(-100, 100), st.integers(-100, 100))
def test_nothing_is_granted_beyond_availability_or_facility(available, room, requested):
    facts = replace(READY, available_minor=available, facility_room_minor=room)
    granted = isinstance(decide_drawdown(facts, requested, terms=TERMS_A), Granted)
    assert granted is (0 < requested <= min(available, room))


def test_automatic_funding_pays_all_that_is_payable_or_leaves_the_standing_reserve():
    automatic = Terms(funding_mode=FundingMode.AUTOMATIC)
    net = replace(automatic, funding_mode=FundingMode.NET_OF_RESERVE, standing_reserve_minor=300)

    def drawn(terms, payable):
        found = due(agreed(terms), on=MONDAY, payable_minor=payable, least_minor=100)
        return found.amount_minor

    assert drawn(Terms(), 1_000) == 0
    assert [drawn(automatic, payable) for payable in (1_000, 100, 99, -5)] == [1_000, 100, 0, 0]
    assert [drawn(net, payable) for payable in (1_000, 400, 399, 0)] == [700, 100, 0, 0]


# -- standing instructions ---------------------------------------------------------------------

MONDAY = date(2026, 11, 16)
instructions = st.builds(
    Instruction, mode=st.sampled_from(StandingMode),
    weekdays=st.sets(st.integers(1, 5), min_size=1).map(lambda days: tuple(sorted(days))),
    above_minor=st.integers(0, 2_000), reserve_minor=st.integers(0, 2_000),
    minimum_minor=st.integers(0, 500),
    paused_until=st.none() | st.integers(-3, 3).map(lambda days: MONDAY + timedelta(days=days)),
)  # fmt: skip


@given(instructions, st.integers(-500, 5_000), st.integers(0, 500), st.integers(0, 4))
def test_a_standing_instruction_never_draws_into_its_reserve_nor_beyond_what_is_payable(
    said, payable, least, later
):
    on = MONDAY + timedelta(days=later)
    found = due(said, on=on, payable_minor=payable, least_minor=least)
    assert (found.quiet is None) is (found.amount_minor > 0)
    if found.amount_minor:
        assert payable - found.amount_minor >= said.reserve_minor
        assert found.amount_minor >= max(said.minimum_minor, least)
        assert said.mode is not StandingMode.OFF
        assert said.mode is not StandingMode.WEEKDAYS or on.isoweekday() in said.weekdays
        assert said.mode is not StandingMode.ABOVE or payable > said.above_minor
        assert said.paused_until is None or on >= said.paused_until


@pytest.mark.parametrize(
    ("said", "quiet"),
    [
        (Instruction(), Quiet.OFF),
        (Instruction(mode=StandingMode.DAILY, paused_until=date(2026, 11, 17)), Quiet.PAUSED),
        (Instruction(mode=StandingMode.WEEKDAYS, weekdays=(2, 5)), Quiet.OTHER_DAY),
        (Instruction(mode=StandingMode.ABOVE, above_minor=1_000), Quiet.NOT_ABOVE),
        (Instruction(mode=StandingMode.DAILY, reserve_minor=1_000), Quiet.WITHIN_RESERVE),
        (Instruction(mode=StandingMode.DAILY, minimum_minor=1_001), Quiet.BELOW_MINIMUM),
    ],
)
def test_a_standing_instruction_says_why_it_draws_nothing(said, quiet):
    assert due(said, on=MONDAY, payable_minor=1_000, least_minor=0) == Due(0, quiet)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (Instruction(mode=StandingMode.DAILY, reserve_minor=-1), "reserve"),
        (Instruction(mode=StandingMode.WEEKDAYS), "weekdays"),
        (Instruction(mode=StandingMode.WEEKDAYS, weekdays=(6,)), "weekdays"),
        (Instruction(mode=StandingMode.ABOVE), "above"),
        (Instruction(mode=StandingMode.DAILY, paused_until=MONDAY), "paused_until"),
    ],
)
def test_an_instruction_that_means_nothing_names_the_field_at_fault(said, field):
    assert [fault.field for fault in problems(said, on=MONDAY)] == [field]


def test_the_least_that_can_be_meant_is_no_problem():
    for said in (
        Instruction(mode=StandingMode.ABOVE, above_minor=1),
        Instruction(mode=StandingMode.DAILY, reserve_minor=0, minimum_minor=0),
        Instruction(mode=StandingMode.WEEKDAYS, weekdays=(1, 5)),
        Instruction(mode=StandingMode.DAILY, paused_until=MONDAY + timedelta(days=1)),
    ):
        assert list(problems(said, on=MONDAY)) == []
    weekend = Instruction(mode=StandingMode.WEEKDAYS, weekdays=(5, 6))
    assert [fault.code for fault in problems(weekend, on=MONDAY)] == ["standing_weekday"]


def test_an_instruction_decides_the_next_run_which_is_on_a_business_day():
    friday, saturday, christmas = date(2026, 11, 20), date(2026, 11, 21), date(2026, 12, 25)
    assert next_run(friday, is_over=False) == friday
    assert next_run(friday, is_over=True) == date(2026, 11, 23)
    assert next_run(saturday, is_over=False) == date(2026, 11, 23)
    assert next_run(christmas, is_over=False) == date(2026, 12, 28)


# -- funding limits ----------------------------------------------------------------------------


def limit(rule, explicit, cover, *, first=date(2020, 1, 1), terms=Terms()):  # noqa: B008
    return funding_limit(
        replace(terms, funding_limit_rule=rule), explicit_minor=explicit, cover_limit_minor=cover,
        first_assigned_on=first, on=date(2026, 3, 1),
    )  # fmt: skip


def test_the_contract_declares_where_funding_limits_come_from():
    assert limit(FundingLimitRule.EXPLICIT, None, 500) == 0
    assert limit(FundingLimitRule.EXPLICIT, 800, 500) == 800
    assert limit(FundingLimitRule.COVER_LIMIT, None, 500) == 500
    assert limit(FundingLimitRule.UNLIMITED, None, 0) is None


def test_a_named_funding_limit_caps_what_the_rule_gives():
    assert limit(FundingLimitRule.COVER_LIMIT, 300, 500) == 300
    assert limit(FundingLimitRule.COVER_LIMIT, 800, 500) == 500
    assert limit(FundingLimitRule.UNLIMITED, 0, 500) == 0


def test_a_new_debtor_starts_with_less():
    terms = Terms(new_debtor_days=30, new_debtor_limit_minor=100)
    found = [
        limit(FundingLimitRule.UNLIMITED, None, 0, first=first, terms=terms)
        for first in (None, date(2026, 3, 1), date(2026, 1, 31), date(2026, 1, 30))
    ]
    assert found == [100, 100, 100, None]
    assert limit(FundingLimitRule.EXPLICIT, 50, 0, first=None, terms=terms) == 50
