from datetime import UTC, date, datetime, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cessio.kernel import calendar
from cessio.kernel.calendar import (
    Period,
    add_business_days,
    add_months,
    add_years,
    business_date,
    business_days_between,
    contract_year,
    end_of_day,
    is_business_day,
    value_date,
)

dates = st.dates(date(2002, 1, 1), date(2099, 12, 31))


def test_business_date_is_the_paris_date_of_the_instant():
    assert business_date(datetime(2026, 6, 30, 22, 0, tzinfo=UTC)) == date(2026, 7, 1)
    assert business_date(datetime(2026, 6, 30, 21, 59, tzinfo=UTC)) == date(2026, 6, 30)
    assert business_date(datetime(2026, 12, 31, 22, 59, tzinfo=UTC)) == date(2026, 12, 31)


def test_a_naive_instant_has_no_business_date():
    with pytest.raises(ValueError, match="aware"):
        business_date(datetime(2026, 6, 30, 22, 0))  # noqa: DTZ001


def test_end_of_day_is_the_next_paris_midnight_in_utc_in_winter_and_in_summer():
    assert end_of_day(date(2026, 1, 15)) == datetime(2026, 1, 15, 23, tzinfo=UTC)
    assert end_of_day(date(2026, 7, 15)) == datetime(2026, 7, 15, 22, tzinfo=UTC)


def test_days_of_clock_change_have_23_and_25_hours():
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
    assert end_of_day(spring) - calendar.start_of_day(spring) == timedelta(hours=23)
    assert end_of_day(autumn) - calendar.start_of_day(autumn) == timedelta(hours=25)


@given(dates)
def test_the_instants_of_a_day_are_those_before_its_end(on):
    assert business_date(end_of_day(on)) == on + timedelta(days=1)
    assert business_date(end_of_day(on) - timedelta(microseconds=1)) == on


def test_french_holidays_equal_the_holidays_library_since_2008():
    for year in range(2008, 2100):
        assert calendar.french_holidays(year) == set(holidays.country_holidays("FR", years=year))


def test_target_closings_equal_the_holidays_library_since_their_long_term_calendar():
    for year in range(2002, 2100):
        assert calendar.target_closings(year) == set(holidays.financial_holidays("ECB", years=year))


def test_good_friday_and_boxing_day_are_bank_holidays_though_worked_in_france():
    assert not is_business_day(date(2026, 4, 3))
    assert not is_business_day(date(2025, 12, 26))


def test_bastille_day_is_a_target_day_and_not_a_business_day():
    assert calendar.is_target_day(date(2026, 7, 14))
    assert not is_business_day(date(2026, 7, 14))


def test_d3_value_in_two_business_days_from_wednesday_is_friday():
    assert value_date(date(2025, 9, 10), 2) == date(2025, 9, 12)


def test_value_date_steps_over_weekend_and_holiday():
    assert value_date(date(2026, 4, 30), 1) == date(2026, 5, 4)
    assert value_date(date(2026, 5, 13), 1) == date(2026, 5, 15)
    assert value_date(date(2026, 5, 16), 0) == date(2026, 5, 18)


def test_a_payout_valued_the_day_before_goes_back_to_a_business_day():
    assert value_date(date(2026, 5, 4), -1) == date(2026, 4, 30)


@given(dates, st.integers(1, 30))
def test_adding_business_days_lands_on_one_and_counts_them(on, days):
    landed = add_business_days(on, days)
    assert is_business_day(landed)
    assert business_days_between(on, landed) == days


@given(dates, st.integers(1, 30))
def test_going_forth_and_back_returns_to_a_business_day(on, days):
    start = calendar.next_business_day(on)
    assert add_business_days(add_business_days(start, days), -days) == start


@given(dates)
def test_next_and_previous_business_day_leave_no_business_day_between(on):
    before, after = calendar.previous_business_day(on), calendar.next_business_day(on)
    assert before <= on <= after
    if before != after:
        assert business_days_between(before, after) == 1


def test_months_of_unequal_length():
    assert add_months(date(2025, 1, 31), 1) == date(2025, 2, 28)
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert add_months(date(2025, 3, 31), 1) == date(2025, 4, 30)
    assert add_months(date(2025, 1, 15), -2) == date(2024, 11, 15)
    assert add_years(date(2024, 2, 29), 1) == date(2025, 2, 28)


@given(dates)
def test_month_quarter_and_half_year_contain_their_date_and_tile_the_calendar(on):
    for period_of in (calendar.month, calendar.quarter, calendar.half_year):
        period = period_of(on)
        assert on in period
        assert period_of(period.start) == period_of(period.end) == period
        assert period_of(period.stop).start == period.stop


def test_periods_by_name():
    assert calendar.month(date(2024, 2, 10)) == Period(date(2024, 2, 1), date(2024, 2, 29))
    assert calendar.quarter(date(2026, 11, 20)) == Period(date(2026, 10, 1), date(2026, 12, 31))
    assert calendar.half_year(date(2025, 6, 30)) == Period(date(2025, 1, 1), date(2025, 6, 30))
    assert calendar.half_year(date(2025, 7, 1)) == Period(date(2025, 7, 1), date(2025, 12, 31))
    assert calendar.previous_month(date(2026, 1, 5)).start == date(2025, 12, 1)
    assert [m.start.month for m in calendar.months(date(2025, 11, 30), date(2026, 1, 1))] == [
        11,
        12,
        1,
    ]
    assert calendar.month(date(2024, 2, 10)).length == 29


def test_contract_year_runs_from_anniversary_to_its_eve():
    signed = date(2024, 2, 29)
    assert contract_year(signed, date(2025, 2, 27)) == Period(signed, date(2025, 2, 27))
    assert contract_year(signed, date(2025, 2, 28)).start == date(2025, 2, 28)
    with pytest.raises(ValueError, match="before"):
        contract_year(signed, date(2024, 2, 28))


@given(dates, st.integers(0, 4000))
def test_contract_years_tile_the_calendar(signed, after):
    on = signed + timedelta(days=after)
    period = contract_year(signed, on)
    assert on in period
    assert contract_year(signed, period.stop).start == period.stop


def test_days_is_half_open_and_weekends_are_known():
    assert list(calendar.days(date(2026, 1, 31), date(2026, 2, 2))) == [
        date(2026, 1, 31),
        date(2026, 2, 1),
    ]
    assert calendar.is_weekend(date(2026, 1, 31))
    assert not calendar.is_weekend(date(2026, 1, 30))
