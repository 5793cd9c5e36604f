from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cessio.contracts.rules import (
    PlannedPart,
    RecourseMode,
    Terms,
    annual_complement,
    commission,
    daily_rate,
    most_with_commission,
    planned_parts,
    pre_counted,
    prepaid_commission,
)
from cessio.kernel.accrual import Movement
from cessio.kernel.calendar import Period, contract_year
from cessio.kernel.rates import RateMissing, RateSeries
from cessio.settlement.rules import (
    Balance,
    Prepaid,
    UnpaidFacts,
    UnpaidOutcome,
    collection_value_date,
    effective_rate,
    financing_base,
    financing_commission,
    financing_days,
    financing_line,
    payout_value_date,
    unpaid_outcome,
    yearly_cost,
)

K = 1_000_00
SEPTEMBER = Period(date(2025, 9, 1), date(2025, 9, 30))
TERMS = Terms(interest_margin=Decimal("0.012"))
INDEX = Decimal("0.02015")
EURIBOR = RateSeries.constant(INDEX, "euribor_3m")
IN_USE = Balance(
    100 * K, (Movement(date(2025, 9, 11), 40 * K), Movement(date(2025, 9, 21), -60 * K))
)
NO_FUND = Balance(0)


def september(terms=TERMS, in_use=IN_USE, fund=NO_FUND, index=EURIBOR, period=SEPTEMBER):
    return financing_days(terms, period=period, funds_in_use=in_use, retention=fund, index=index)


# -- vectors D1 to D6 ------------------------------------------------------------------------


def test_d1_a_month_of_financing():
    charged = financing_commission(september())
    assert charged.numbers_minor == 3_200_000_00
    assert charged.amount_minor == 285_78


def test_d2_a_negative_index_with_its_floor_on_and_off():
    negative = RateSeries.constant(Decimal("-0.004"))
    floor_off = replace(TERMS, interest_index_floor=None)
    assert daily_rate(TERMS, Decimal("-0.004")) == Decimal("0.012")
    assert daily_rate(floor_off, Decimal("-0.004")) == Decimal("0.008")
    assert financing_commission(september(index=negative)).amount_minor == 106_67
    assert financing_commission(september(floor_off, index=negative)).amount_minor == 71_11


def test_d3_value_date_bears_two_more_days():
    received = date(2025, 9, 10)
    valued = collection_value_date(TERMS, received)
    assert valued == date(2025, 9, 12)

    def cost(on):
        in_use = Balance(40 * K, (Movement(on, -40 * K),))
        return financing_commission(september(in_use=in_use))

    more = cost(valued).numbers_minor - cost(received).numbers_minor
    assert more == 2 * 40 * K
    two_days = Period(received, date(2025, 9, 11))
    assert (
        financing_commission(september(in_use=Balance(40 * K), period=two_days)).amount_minor
        == 7_14
    )


def test_d3_value_dates_know_french_bank_holidays():
    assert collection_value_date(TERMS, date(2026, 5, 6)) == date(2026, 5, 11)
    assert collection_value_date(TERMS, date(2026, 4, 2)) == date(2026, 4, 8)


def test_d3_a_payout_may_be_valued_the_day_before():
    assert payout_value_date(TERMS, date(2026, 5, 4)) == date(2026, 5, 4)
    assert payout_value_date(replace(TERMS, value_days_out=-1), date(2026, 5, 4)) == date(
        2026, 4, 30
    )


def prepaid(days=60, minor=10 * K):
    """An advance of 1 September paid for in advance, its commission 53.58 for 60 days."""
    from_on = date(2025, 9, 1)
    rate = daily_rate(TERMS, INDEX)
    part = PlannedPart(minor, from_on + timedelta(days=days))
    taken = prepaid_commission([part], from_on=from_on, rate=rate, day_basis=360)
    return Prepaid(minor, taken, from_on, part.to_on, rate, 360)


def owed_after_the_drawdown(terms, used, advance):
    """What the days until the year's end still cost when debtors pay ``used`` days after."""
    paid_on = advance.from_on + timedelta(days=used)
    out = advance.amount_minor + advance.commission_minor
    in_use = Balance(0, (Movement(advance.from_on, out), Movement(paid_on, -out)))
    period = Period(advance.from_on, date(2025, 12, 31))
    days = financing_days(
        terms, period=period, funds_in_use=in_use, retention=Balance(0),
        index=RateSeries.of("e", [(advance.from_on, INDEX)]), prepaid=[advance],
    )  # fmt: skip
    return financing_commission(days).amount_minor


def test_d4_pre_counted_without_refund_unless_the_contract_says_so():
    advance = prepaid()
    assert pre_counted(TERMS, 10 * K, 60, INDEX) == 53_58
    assert advance.commission_minor == 53_58
    assert owed_after_the_drawdown(TERMS, 60, advance) == 0
    assert owed_after_the_drawdown(TERMS, 40, advance) == 0
    refunding = replace(TERMS, pre_counted_refund=True)
    assert owed_after_the_drawdown(refunding, 40, advance) == -17_86
    assert owed_after_the_drawdown(refunding, 60, advance) == 0


def test_d4_days_beyond_the_plan_are_owed_whatever_the_contract_says():
    advance = prepaid()
    for terms in (TERMS, replace(TERMS, pre_counted_refund=True)):
        # Ten days more of the advance, and of the commission still unpaid with it.
        assert owed_after_the_drawdown(terms, 70, advance) == 8_98


def test_d4_an_advance_is_planned_on_the_payments_not_spoken_for():
    start, expected = date(2025, 9, 1), [(date(2025, 9, 21), 6 * K), (date(2025, 10, 31), 8 * K)]
    parts = planned_parts(expected, in_use_minor=2 * K, amount_minor=10 * K, from_on=start)
    assert [(part.amount_minor, part.days(start)) for part in parts] == [(4 * K, 20), (6 * K, 60)]
    late = planned_parts(expected, in_use_minor=14 * K, amount_minor=1 * K, from_on=start)
    assert [(part.amount_minor, part.to_on) for part in late] == [(1 * K, date(2025, 10, 31))]
    overdue = planned_parts(
        [(date(2025, 8, 1), 5 * K)], in_use_minor=0, amount_minor=K, from_on=start
    )
    assert [part.days(start) for part in overdue] == [0]


@given(
    st.integers(0, 10**9), st.integers(0, 10**9),
    st.lists(st.tuples(st.dates(date(2025, 8, 1), date(2026, 3, 1)), st.integers(1, 10**8)),
             max_size=6),
)  # fmt: skip
def test_the_most_that_can_be_drawn_fits_with_its_commission_and_one_cent_more_does_not(
    available, in_use, expected
):
    start = date(2025, 9, 1)

    def cost(amount):
        parts = planned_parts(expected, in_use_minor=in_use, amount_minor=amount, from_on=start)
        assert sum(part.amount_minor for part in parts) == amount
        return prepaid_commission(
            parts, from_on=start, rate=daily_rate(TERMS, INDEX), day_basis=360
        )

    most = most_with_commission(
        TERMS, expected, in_use_minor=in_use, from_on=start, index_rate=INDEX,
        available_minor=available, most_minor=available,
    )  # fmt: skip
    assert most + cost(most) <= available
    assert most == available or most + 1 + cost(most + 1) > available


def test_d5_commission_minimum_and_annual_complement():
    charged = commission(Terms(), [24 * K])
    assert (charged.net_minor, charged.vat_minor, charged.gross_minor) == (144_00, 28_80, 172_80)
    assert commission(Terms(commission_minimum_minor=10_00), [1 * K]).net_minor == 10_00
    complement = annual_complement(Terms(annual_minimum_minor=6 * K), 4_350_00)
    assert (complement.net_minor, complement.vat_minor) == (1_650_00, 330_00)
    assert contract_year(date(2025, 4, 15), date(2026, 1, 1)).end == date(2026, 4, 14)


def test_d6_real_cost_sanity():
    facts = {
        "turnover_minor": 500 * K,
        "commission_rate": Decimal("0.009"),
        "financing_rate": Decimal("0.032"),
    }
    whole = yearly_cost(drawn_minor=75 * K, **facts)
    assert whole.commission_minor == 4_500_00
    assert whole.financing_minor == 2_433_33  # 2 400 over 360 days
    assert round(whole.financing_minor, -4) == 2_400_00
    assert round(whole.total_minor, -4) == 6_900_00
    part = yearly_cost(drawn_minor=75 * K * 7 // 10, **facts)
    assert round(part.financing_minor, -4) == 1_700_00
    assert round(part.total_minor, -4) == 6_200_00
    assert round(financing_line(500 * K, 60), -5) == 83_000_00


def test_d_effective_rate_with_and_without_retention_numbers():
    assert effective_rate(285_78, 3_200_000_00) == Decimal("0.032597")
    corrected = effective_rate(285_78, 3_200_000_00, retention_numbers_minor=300_000_00)
    assert corrected == Decimal("0.035969")
    assert effective_rate(285_78, 300, retention_numbers_minor=300) is None


def test_e1_interest_of_the_life_of_one_invoice():
    period = Period(date(2025, 9, 1), date(2025, 10, 15))
    days = september(in_use=Balance(11_786_40), period=period)
    assert len(days) == 45
    assert sum((d.accrued for d in days), Fraction(0)) == Fraction("4736.6595")
    assert financing_commission(days).amount_minor == 47_37


# -- base, index and periods -------------------------------------------------------------------


def test_the_interest_free_share_of_the_fund_bears_nothing():
    terms = replace(TERMS, retention_interest_free_rate=Decimal("0.5"))
    base = financing_base(terms, funds_in_use_minor=100_00, retention_minor=10_01)
    assert (base.base_minor, base.interest_free_minor) == (94_99, 5_01)
    assert financing_base(TERMS, funds_in_use_minor=100, retention_minor=50).base_minor == 100


def test_a_creditor_position_bears_no_interest():
    assert financing_base(TERMS, funds_in_use_minor=-5, retention_minor=0).base_minor == 0
    assert financing_commission(september(in_use=Balance(-100 * K))).amount_minor == 0


def test_the_rate_is_never_negative():
    floor_off = replace(TERMS, interest_index_floor=None)
    assert daily_rate(floor_off, Decimal("-0.02")) == 0


def test_each_day_has_its_own_index_fund_and_base():
    index = RateSeries.of(
        "e", [(date(2025, 9, 1), Decimal("0.02")), (date(2025, 9, 16), Decimal("0.01"))]
    )
    terms = replace(TERMS, retention_interest_free_rate=Decimal(1))
    fund = Balance(0, (Movement(date(2025, 9, 30), 30 * K),))
    days = september(terms, fund=fund, index=index)
    assert [d.on.day for d in days] == list(range(1, 31))
    assert [days[i].rate for i in (14, 15)] == [Decimal("0.032"), Decimal("0.022")]
    assert [days[i].base_minor for i in (9, 10, 19, 20, 29)] == [
        100 * K,
        140 * K,
        140 * K,
        80 * K,
        50 * K,
    ]
    assert days[29].interest_free_minor == 30 * K


def test_a_day_without_index_is_an_error_not_a_guess():
    late = RateSeries.of("estr", [(date(2025, 9, 2), Decimal("0.02"))])
    with pytest.raises(RateMissing):
        september(index=late)


def test_a_basis_of_365_costs_less():
    by_365 = financing_commission(september(replace(TERMS, interest_day_basis=365))).amount_minor
    assert by_365 == 281_86


@given(
    st.integers(-(10**9), 10**10),
    st.lists(
        st.builds(
            Movement, st.dates(date(2025, 9, 1), date(2025, 9, 30)), st.integers(-(10**9), 10**9)
        ),
        max_size=8,
    ),
    st.integers(1, 29),
)
def test_interest_is_additive_over_adjacent_periods(opening, movements, cut):
    middle = SEPTEMBER.start + timedelta(days=cut)
    before = Period(SEPTEMBER.start, middle - timedelta(days=1))
    after = Period(middle, SEPTEMBER.end)
    reached = opening + sum(m.amount_minor for m in movements if m.value_date < middle)
    whole = september(in_use=Balance(opening, tuple(movements)))
    parts = september(in_use=Balance(opening, tuple(movements)), period=before) + september(
        in_use=Balance(reached, tuple(movements)), period=after
    )
    assert parts == whole
    charged = financing_commission(whole)
    accrued = sum((day.accrued for day in whole), Fraction(0))
    assert abs(charged.amount_minor - accrued) <= Fraction(1, 2)


@given(st.integers(1, 10**10), st.integers(0, 100), st.integers(0, 100), st.booleans())
def test_a_pre_counted_advance_costs_its_days_or_its_plan(amount, planned, used, refund):
    terms = replace(TERMS, pre_counted_refund=refund)
    advance = prepaid(planned, amount)
    rest = owed_after_the_drawdown(terms, used, advance)
    late = max(0, used - planned)
    beyond = pre_counted(TERMS, amount + advance.commission_minor, late, INDEX)
    early = pre_counted(TERMS, amount, max(0, planned - used), INDEX) if refund else 0
    assert rest == beyond - early


# -- unpaid receivables ------------------------------------------------------------------------

UNPAID = UnpaidFacts(date(2026, 1, 1), date(2026, 1, 31), open_minor=12 * K, covered_minor=12 * K)
LATE = date(2026, 12, 31)


def test_c5_a_covered_loss_is_indemnified_at_the_quotite_and_the_rest_is_the_clients_own():
    facts = replace(UNPAID, cover_rate=Decimal("0.90"))
    assert unpaid_outcome(Terms(), facts, LATE) == UnpaidOutcome(10_800_00, 1_200_00, 0, 0)
    assert unpaid_outcome(Terms(), UNPAID, LATE) == UnpaidOutcome(12 * K, 0, 0, 0)


def test_cover_is_due_90_days_after_due_date_or_on_insolvency():
    claim = date(2026, 5, 2)
    assert unpaid_outcome(Terms(), UNPAID, claim - timedelta(days=1)).waiting_minor == 12 * K
    assert unpaid_outcome(Terms(), UNPAID, claim).indemnity_minor == 12 * K
    insolvent = replace(UNPAID, insolvent_on=date(2026, 2, 10))
    assert unpaid_outcome(Terms(), insolvent, date(2026, 2, 10)).indemnity_minor == 12 * K
    assert unpaid_outcome(Terms(), insolvent, date(2026, 2, 9)).indemnity_minor == 0


def test_what_is_not_covered_goes_back_after_120_days():
    facts = replace(UNPAID, covered_minor=5 * K, disputed_minor=8 * K)
    recourse = date(2026, 6, 1)
    before = unpaid_outcome(Terms(), facts, recourse - timedelta(days=1))
    assert before == UnpaidOutcome(4 * K, 0, 0, 8 * K)
    assert unpaid_outcome(Terms(), facts, recourse) == UnpaidOutcome(4 * K, 0, 8 * K, 0)


def test_with_recourse_all_of_it_goes_back():
    terms = Terms(recourse_mode=RecourseMode.WITH_RECOURSE)
    assert unpaid_outcome(terms, UNPAID, LATE) == UnpaidOutcome(0, 0, 12 * K, 0)


def test_a_receivable_whose_existence_is_contested_goes_back_at_once():
    facts = replace(UNPAID, contested=True)
    assert unpaid_outcome(Terms(), facts, UNPAID.due_date) == UnpaidOutcome(0, 0, 12 * K, 0)


@given(
    st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9),
    st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.booleans(), st.sampled_from(RecourseMode),
)  # fmt: skip
def test_every_unpaid_euro_is_in_one_place(open_minor, covered, disputed, on, contested, mode):
    facts = UnpaidFacts(
        date(2026, 1, 1), date(2026, 3, 1), open_minor, covered, disputed, Decimal("0.9"),
        contested=contested,
    )  # fmt: skip
    found = unpaid_outcome(Terms(recourse_mode=mode), facts, on)
    parts = (found.indemnity_minor, found.own_share_minor, found.transfer_back_minor,
             found.waiting_minor)  # fmt: skip
    assert sum(parts) == open_minor
    assert min(parts) >= 0
    assert found.indemnity_minor + found.own_share_minor <= covered
