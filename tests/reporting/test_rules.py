from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cessio.reporting.rules import (
    AgeBucket,
    CohortInvoice,
    CohortPayment,
    Concentration,
    MonthlySales,
    OpenItem,
    advance_rate_for_dilution,
    aged_balance,
    average_delay,
    bucket_of,
    cash_application_rate,
    collection_effectiveness,
    concentration,
    dilution_on_collections,
    dilution_on_invoices,
    dso_count_back,
    dso_simple,
    late_payment_ratio,
    payment_rates,
)

K = 1_000_00
TODAY = date(2026, 3, 31)


def test_dso_simple():
    assert dso_simple(30 * K, 60 * K, 90) == 45
    assert dso_simple(30 * K, 0, 90) is None


def test_dso_count_back():
    november = [MonthlySales(1_200_00, 30), MonthlySales(800_00, 31), MonthlySales(700_00, 30)]
    assert dso_count_back(2_500_00, november) == Decimal("82.43")
    june = [MonthlySales(12_500_00, 30), MonthlySales(10_000_00, 31)]
    assert dso_count_back(20_000_00, june) == Decimal("53.25")


def test_dso_count_back_of_exactly_one_month_and_of_too_few_months():
    assert dso_count_back(1_200_00, [MonthlySales(1_200_00, 30)]) == 30
    assert dso_count_back(1_200_01, [MonthlySales(1_200_00, 30)]) is None
    assert dso_count_back(0, []) == 0
    assert dso_count_back(-5, []) == 0


def test_dso_count_back_passes_over_months_without_sales():
    months = [MonthlySales(-50, 30), MonthlySales(0, 31), MonthlySales(100, 30)]
    assert dso_count_back(50, months) == 76


def test_dilution_of_a_factor_and_of_an_asset_based_lender():
    assert dilution_on_invoices(10 * K, 100 * K) == Decimal("0.1")
    assert dilution_on_collections(10 * K, 90 * K) == Decimal("0.111111")


def test_advance_rate_from_dilution():
    assert advance_rate_for_dilution(Decimal("0.05")) == Decimal("0.85")
    assert advance_rate_for_dilution(Decimal("0.6")) == 0


def test_payment_rates_of_a_cohort():
    due = date(2026, 1, 31)
    paid = [(30, 40 * K), (31, 35 * K), (61, 15 * K), (91, 5 * K)]
    payments = tuple(CohortPayment(due + timedelta(days=days), amount) for days, amount in paid)
    cohort = [CohortInvoice(due, 60 * K, payments), CohortInvoice(due, 40 * K)]
    assert payment_rates(cohort) == (Decimal("0.4"), Decimal("0.75"), Decimal("0.9"))
    assert payment_rates([]) == (None, None, None)


def test_payments_before_the_due_date_count_in_every_rate():
    due = date(2026, 1, 31)
    early = CohortInvoice(due, 100, (CohortPayment(due - timedelta(days=9), 100),))
    assert payment_rates([early], (0, 30)) == (1, 1)
    assert average_delay([early]) == -9


def test_average_delay_is_weighted_by_amount():
    due = date(2026, 1, 31)
    first = CohortInvoice(due, 300, (CohortPayment(due + timedelta(days=10), 300),))
    second = CohortInvoice(due, 100, (CohortPayment(due + timedelta(days=50), 100),))
    assert average_delay([first, second]) == 20
    assert average_delay([CohortInvoice(due, 100)]) is None


def test_concentration_of_the_waterfalls_debtors():
    found = concentration([60 * K, 120 * K, 20 * K, 30 * K])
    assert found.largest == Decimal("0.521739")
    assert found.top_five == 1
    assert found.hhi == Decimal("0.364839")


def test_concentration_of_one_debtor_of_ten_equal_ones_and_of_none():
    assert concentration([5]) == Concentration(Decimal(1), Decimal(1), Decimal(1))
    equal = concentration([7] * 10)
    assert (equal.largest, equal.top_five, equal.hhi) == (
        Decimal("0.1"),
        Decimal("0.5"),
        Decimal("0.1"),
    )
    assert concentration([-5, 0]) is None
    assert concentration([10, -5]).largest == 1


def test_collection_effectiveness_and_cash_application_rate():
    assert collection_effectiveness(80 * K, 60 * K, 40 * K) == Decimal("0.8")
    assert collection_effectiveness(0, 0, 0) is None
    assert cash_application_rate(85, 100) == Decimal("0.85")


@pytest.mark.parametrize(
    ("late", "bucket"),
    [
        (-10, AgeBucket.NOT_DUE), (0, AgeBucket.NOT_DUE),
        (1, AgeBucket.DAYS_1_30), (30, AgeBucket.DAYS_1_30),
        (31, AgeBucket.DAYS_31_60), (60, AgeBucket.DAYS_31_60),
        (61, AgeBucket.DAYS_61_90), (90, AgeBucket.DAYS_61_90),
        (91, AgeBucket.OVER_90), (4000, AgeBucket.OVER_90),
    ],
)  # fmt: skip
def test_buckets_of_the_aged_balance(late, bucket):
    assert bucket_of(TODAY - timedelta(days=late), TODAY) is bucket


def test_aged_balance_and_its_late_ratio():
    items = [
        OpenItem(TODAY, 525), OpenItem(TODAY - timedelta(days=1), 400),
        OpenItem(TODAY - timedelta(days=100), 100), OpenItem(TODAY - timedelta(days=95), -25),
    ]  # fmt: skip
    found = aged_balance(items, TODAY)
    assert dict(found.buckets) == {
        AgeBucket.NOT_DUE: 525, AgeBucket.DAYS_1_30: 400, AgeBucket.DAYS_31_60: 0,
        AgeBucket.DAYS_61_90: 0, AgeBucket.OVER_90: 75,
    }  # fmt: skip
    assert (found.total_minor, found.overdue_minor) == (1_000, 475)
    assert late_payment_ratio(found) == Decimal("0.475")
    assert late_payment_ratio(aged_balance([], TODAY)) is None


@given(
    st.lists(
        st.builds(
            OpenItem, st.dates(date(2025, 1, 1), date(2027, 1, 1)), st.integers(-(10**9), 10**9)
        )
    )
)
def test_the_aged_balance_equals_the_outstanding(items):
    assert aged_balance(items, TODAY).total_minor == sum(item.open_minor for item in items)


@given(st.lists(st.integers(-(10**9), 10**9), max_size=12))
def test_concentration_lies_between_equal_shares_and_one_debtor(amounts):
    found = concentration(amounts)
    count = sum(1 for amount in amounts if amount > 0)
    if found is None:
        assert count == 0
    else:
        assert found.largest <= found.top_five <= 1
        assert Decimal(1) / count - Decimal("0.000001") <= found.hhi <= found.largest


@given(
    st.integers(1, 10**9),
    st.lists(st.builds(MonthlySales, st.integers(1, 10**8), st.integers(28, 31)), max_size=24),
)
def test_count_back_uses_days_of_the_months_it_needs(outstanding, months):
    found = dso_count_back(outstanding, months)
    if found is None:
        assert sum(m.sales_minor for m in months) < outstanding
    else:
        assert 0 <= found <= sum(m.days for m in months)
