from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cessio.kernel.calendar import Period
from cessio.kernel.rates import (
    RateMissing,
    RateSeries,
    RateUnreadable,
    floored,
    parse_percent,
    to_percent,
)

EURIBOR = RateSeries.of(
    "euribor_3m",
    [(date(2025, 9, 10), Decimal("0.02015")), (date(2025, 9, 1), Decimal("0.02000"))],
)


def test_a_percentage_is_read_as_a_fraction():
    assert parse_percent("0.60") == Decimal("0.006")
    assert parse_percent("-0.4") == Decimal("-0.004")
    assert parse_percent("100") == 1


@pytest.mark.parametrize(
    "text", ["", "1,5", "1.", ".5", "1e3", "NaN", "٣", "1.23456", "--1", "12345", "+1"]
)
def test_what_is_not_a_percentage_is_refused(text):
    with pytest.raises(RateUnreadable):
        parse_percent(text)


@given(st.integers(-99_999_999, 99_999_999))
def test_a_rate_survives_its_percent_form(millionths):
    rate = Decimal(millionths).scaleb(-6)
    assert parse_percent(to_percent(rate)) == rate


def test_percent_form_has_at_least_two_decimals():
    assert [to_percent(Decimal(r)) for r in ("0.006", "0.02015", "0.020151", "1")] == [
        "0.60", "2.015", "2.0151", "100.00",
    ]  # fmt: skip


def test_a_fixing_holds_until_the_next():
    assert EURIBOR.on(date(2025, 9, 9)) == Decimal("0.02000")
    assert EURIBOR.on(date(2025, 9, 10)) == Decimal("0.02015")
    assert EURIBOR.on(date(2026, 9, 10)) == Decimal("0.02015")


def test_a_date_before_the_first_fixing_has_no_rate():
    with pytest.raises(RateMissing, match="euribor_3m has no rate on 2025-08-31"):
        EURIBOR.on(date(2025, 8, 31))
    with pytest.raises(RateMissing):
        list(EURIBOR.spans(Period(date(2025, 8, 31), date(2025, 9, 30))))


def test_a_corrected_fixing_replaces_the_earlier_one_of_its_date():
    day = date(2025, 9, 1)
    assert RateSeries.of("x", [(day, Decimal(1)), (day, Decimal(2))]).on(day) == 2


@given(
    st.lists(st.tuples(st.dates(date(2025, 1, 1), date(2025, 2, 1)), st.decimals(0, 1, places=4))),
    st.dates(date(2025, 1, 1), date(2025, 2, 1)),
    st.integers(0, 40),
)
def test_spans_tile_the_period_with_the_rate_of_each_day(fixings, start, length):
    series = RateSeries.of("x", [(date.min, Decimal(9)), *fixings])
    period = Period(start, date.fromordinal(start.toordinal() + length))
    spans = list(series.spans(period))
    assert spans[0].period.start == period.start
    assert spans[-1].period.end == period.end
    assert sum(span.period.length for span in spans) == period.length
    for span in spans:
        assert series.on(span.period.start) == series.on(span.period.end) == span.rate


def test_a_floor_replaces_a_lower_index_only():
    assert floored(Decimal("-0.004"), Decimal(0)) == 0
    assert floored(Decimal("0.02"), Decimal(0)) == Decimal("0.02")
    assert floored(Decimal("-0.004"), None) == Decimal("-0.004")


def test_a_fixing_of_the_last_day_is_that_day_s_rate():
    spans = list(EURIBOR.spans(Period(date(2025, 9, 8), date(2025, 9, 10))))
    assert [(one.period.start.day, one.period.end.day, one.rate) for one in spans] == [
        (8, 9, Decimal("0.02000")), (10, 10, Decimal("0.02015")),
    ]  # fmt: skip
