from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cessio.collections.rules import (
    LateRates,
    PaymentTerm,
    due_date,
    is_lawful,
    late_payment,
    latest_lawful_due_date,
)
from cessio.contracts.rules import LateBasis, MonthEndReading
from cessio.kernel.rates import RateMissing, RateSeries


def points(percent):
    return Decimal(percent).scaleb(-2)


#: The ECB refinancing rates behind the values of domain.md section 6, and the legal rate.
ECB = RateSeries.of(
    "ecb_refi",
    [
        (date(2022, 12, 21), points("2.50")), (date(2023, 6, 21), points("4.00")),
        (date(2023, 9, 20), points("4.50")), (date(2024, 6, 12), points("4.25")),
        (date(2024, 12, 18), points("3.15")), (date(2025, 6, 11), points("2.15")),
    ],
)  # fmt: skip
LEGAL = RateSeries.constant(points("3.71"), "legal")
RATES = LateRates(ECB, LEGAL)


# -- penalties -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "percent"),
    [
        (date(2023, 1, 1), "12.50"), (date(2023, 12, 31), "14.00"), (date(2024, 6, 30), "14.50"),
        (date(2024, 7, 1), "14.25"), (date(2025, 3, 1), "13.15"), (date(2025, 9, 15), "12.15"),
    ],
)  # fmt: skip
def test_the_rate_is_that_of_the_first_day_of_the_half_year(on, percent):
    assert RATES.of_half_year(on) == points(percent)


def test_f1_one_half_year():
    found = late_payment(
        12_000_00, due_date=date(2025, 7, 31), until=date(2025, 9, 15), rates=RATES
    )
    assert (found.days, found.penalty_minor, found.indemnity_minor) == (46, 183_75, 40_00)
    assert found.total_minor == 223_75


def test_f2_two_half_years():
    found = late_payment(
        10_000_00, due_date=date(2024, 11, 30), until=date(2025, 2, 28), rates=RATES
    )
    parts = [(s.period.length, s.rate, s.penalty_minor) for s in found.segments]
    assert parts == [(31, points("14.25"), 121_03), (59, points("13.15"), 212_56)]
    assert (found.penalty_minor, found.indemnity_minor) == (333_59, 40_00)


def test_f3_due_dates():
    issued = date(2025, 1, 15)
    assert due_date(issued, PaymentTerm(60)) == date(2025, 3, 16)
    first = PaymentTerm(45, end_of_month=True, reading=MonthEndReading.END_THEN_DAYS)
    assert due_date(issued, first) == date(2025, 3, 17)
    second = PaymentTerm(45, end_of_month=True, reading=MonthEndReading.DAYS_THEN_END)
    assert due_date(issued, second) == date(2025, 3, 31)


def test_f3_thirty_days_penalty_from_day_31():
    issued = date(2025, 1, 15)
    due = due_date(issued, PaymentTerm())
    at_30 = late_payment(1_000_00, due_date=due, until=issued + timedelta(days=30), rates=RATES)
    at_31 = late_payment(1_000_00, due_date=due, until=issued + timedelta(days=31), rates=RATES)
    assert (at_30.days, at_30.total_minor, at_30.segments) == (0, 0, ())
    assert (at_31.days, at_31.penalty_minor, at_31.indemnity_minor) == (1, 36, 40_00)


def test_part_payments_stop_bearing_the_day_after():
    facts = {"due_date": date(2025, 7, 31), "until": date(2025, 8, 20), "rates": RATES}
    found = late_payment(12_000_00, payments=[(date(2025, 8, 10), 5_000_00)], **facts)
    assert [(s.period.length, s.amount_minor) for s in found.segments] == [
        (10, 12_000_00), (10, 7_000_00),
    ]  # fmt: skip
    assert found.penalty_minor == 63_25


def test_an_invoice_paid_in_part_before_its_due_date_bears_on_the_rest_only():
    facts = {"due_date": date(2025, 7, 31), "until": date(2025, 8, 10), "rates": RATES}
    found = late_payment(12_000_00, payments=[(date(2025, 7, 31), 5_000_00)], **facts)
    assert [(s.period.length, s.amount_minor) for s in found.segments] == [(10, 7_000_00)]
    paid = late_payment(12_000_00, payments=[(date(2025, 7, 20), 12_000_00)], **facts)
    assert paid.total_minor == 0


def test_an_invoice_fully_paid_late_owes_until_that_day_only():
    facts = {"due_date": date(2025, 7, 31), "rates": RATES}
    paid = late_payment(
        12_000_00, until=date(2025, 12, 31), payments=[(date(2025, 9, 15), 12_000_00)], **facts
    )
    assert (paid.days, paid.penalty_minor) == (46, 183_75)


def test_no_rate_is_below_three_times_the_legal_rate():
    high_legal = RateSeries.constant(points("5"), "legal")
    assert LateRates(ECB, high_legal).of_half_year(date(2025, 9, 1)) == points("15")
    fixed = LateRates(ECB, LEGAL, LateBasis.FIXED, points("8"))
    assert fixed.of_half_year(date(2025, 9, 1)) == points("11.13")
    fair = LateRates(ECB, LEGAL, LateBasis.FIXED, points("12"))
    assert fair.of_half_year(date(2025, 9, 1)) == points("12")
    assert LateRates(ECB, LEGAL, LateBasis.FIXED).of_half_year(date(2025, 9, 1)) == points("11.13")
    least = LateRates(ECB, LEGAL, LateBasis.LEGAL_MINIMUM)
    assert least.of_half_year(date(2025, 9, 1)) == points("11.13")


def test_the_day_count_is_a_convention():
    facts = {"due_date": date(2025, 7, 31), "until": date(2025, 9, 15), "rates": RATES}
    assert late_payment(12_000_00, day_count=360, **facts).penalty_minor == 186_30


def test_a_missing_rate_is_an_error_not_a_guess():
    with pytest.raises(RateMissing):
        late_payment(1, due_date=date(2020, 1, 1), until=date(2020, 2, 1), rates=RATES)


def test_a_credit_note_is_never_late():
    assert (
        late_payment(-5, due_date=date(2025, 1, 1), until=date(2025, 9, 1), rates=RATES).days == 0
    )


@given(
    st.integers(1, 10**9),
    st.dates(date(2023, 1, 1), date(2025, 1, 1)),
    st.integers(1, 700),
    st.lists(
        st.tuples(st.dates(date(2023, 1, 1), date(2026, 1, 1)), st.integers(1, 10**8)), max_size=4
    ),
)
def test_segments_add_up_and_follow_each_day(amount, due, length, payments):
    until = due + timedelta(days=length)
    found = late_payment(amount, due_date=due, until=until, rates=RATES, payments=payments)
    assert sum(s.penalty_minor for s in found.segments) == found.penalty_minor
    exact = Fraction(0)
    for offset in range(1, length + 1):
        day = due + timedelta(days=offset)
        owed = amount - sum(paid for on, paid in payments if on < day)
        exact += Fraction(max(0, owed)) * Fraction(RATES.of_half_year(day)) / 365
    assert abs(found.penalty_minor - exact) <= Fraction(1, 2)
    assert found.indemnity_minor == (40_00 if found.segments else 0)


# -- due dates -------------------------------------------------------------------------------


def test_the_law_allows_60_days_or_45_days_end_of_month_if_agreed():
    issued = date(2025, 1, 15)
    assert latest_lawful_due_date(issued) == date(2025, 3, 16)
    assert latest_lawful_due_date(issued, periodic=True) == date(2025, 3, 1)
    first, second = MonthEndReading.END_THEN_DAYS, MonthEndReading.DAYS_THEN_END
    assert latest_lawful_due_date(issued, reading=first) == date(2025, 3, 17)
    assert latest_lawful_due_date(issued, reading=second) == date(2025, 3, 31)
    assert is_lawful(issued, date(2025, 3, 16))
    assert not is_lawful(issued, date(2025, 3, 17))
    assert is_lawful(issued, date(2025, 3, 17), reading=first)


def test_end_of_month_terms_of_a_leap_february():
    first = PaymentTerm(30, end_of_month=True)
    assert due_date(date(2024, 2, 10), first) == date(2024, 3, 30)
    second = PaymentTerm(30, True, MonthEndReading.DAYS_THEN_END)
    assert due_date(date(2024, 1, 31), second) == date(2024, 3, 31)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 120))
def test_both_readings_lie_at_or_after_the_net_term(issued, days):
    net = due_date(issued, PaymentTerm(days))
    for reading in MonthEndReading:
        due = due_date(issued, PaymentTerm(days, True, reading))
        assert net <= due <= net + timedelta(days=31)
