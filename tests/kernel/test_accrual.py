from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from cessio.kernel.accrual import (
    Movement,
    round_fraction,
    rounded_parts,
    simple_interest,
    spans,
)
from cessio.kernel.calendar import Period
from cessio.kernel.money import round_half_up

SEPTEMBER = Period(date(2025, 9, 1), date(2025, 9, 30))
movements = st.lists(
    st.builds(
        Movement,
        st.dates(date(2025, 8, 25), date(2025, 10, 5)),
        st.integers(-(10**12), 10**12),
    ),
    max_size=12,
)


def test_a_balance_is_cut_where_it_changes():
    moved = [Movement(date(2025, 9, 11), 40), Movement(date(2025, 9, 21), -60)]
    cut = list(spans(100, moved, SEPTEMBER))
    assert [(s.period.start.day, s.period.end.day, s.balance_minor) for s in cut] == [
        (1, 10, 100), (11, 20, 140), (21, 30, 80),
    ]  # fmt: skip
    assert sum(s.numbers_minor for s in cut) == 3200


def test_a_movement_of_the_first_day_counts_that_day():
    cut = list(spans(0, [Movement(SEPTEMBER.start, 7)], SEPTEMBER))
    assert [(s.period, s.balance_minor) for s in cut] == [(SEPTEMBER, 7)]


@given(st.integers(-(10**12), 10**12), movements, st.integers(0, 29))
def test_spans_tile_the_period_and_hold_the_balance_of_each_day(opening, moved, offset):
    day = SEPTEMBER.start + timedelta(days=offset)
    cut = list(spans(opening, moved, SEPTEMBER))
    assert sum(s.period.length for s in cut) == 30
    found = [s.balance_minor for s in cut if day in s.period]
    expected = opening + sum(
        m.amount_minor for m in moved if SEPTEMBER.start <= m.value_date <= day
    )
    assert found == [expected]


@given(
    st.integers(-(10**15), 10**15),
    st.integers(0, 400),
    st.integers(0, 400),
    st.sampled_from([360, 365]),
)
def test_interest_is_additive_over_adjacent_periods(amount, days, more, basis):
    rate = Decimal("0.03215")
    both = simple_interest(amount, days, rate, basis) + simple_interest(amount, more, rate, basis)
    assert both == simple_interest(amount, days + more, rate, basis)


@given(st.integers(-(10**14), 10**14))
def test_a_fraction_rounds_like_a_decimal(tenths):
    assert round_fraction(Fraction(tenths, 10)) == round_half_up(Decimal(tenths) / 10)


def test_halves_go_away_from_zero():
    assert round_fraction(Fraction(1, 2)) == 1
    assert round_fraction(Fraction(-1, 2)) == -1
    assert round_fraction(Fraction(1, 3)) == 0


@given(st.lists(st.fractions(-1000, 1000), max_size=20))
def test_rounded_parts_add_up_to_the_sum_rounded_once(parts):
    rounded = rounded_parts(parts)
    assert sum(rounded) == round_fraction(sum(parts, Fraction(0)))
    assert all(abs(whole - part) <= 1 for whole, part in zip(rounded, parts, strict=True))


def test_interest_is_exact_on_either_year():
    assert simple_interest(100_000_00, 30, Decimal("0.05"), 360) == Fraction(125_000_00, 300)
    assert simple_interest(100_000_00, 30, Decimal("0.05"), 365) == Fraction(150_000_00, 365)
    assert simple_interest(1, 1, Decimal("0.02015"), 360) == Fraction(2015, 36_000_000)
