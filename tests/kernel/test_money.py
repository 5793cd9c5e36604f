"""Amounts: read strictly, written exactly, rounded by one rule, split without a cent lost."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cessio.kernel.money import (
    MAX_MINOR,
    MINOR_DIGITS,
    AmountError,
    Money,
    allocate,
    apply_rate,
    parse_amount,
    round_half_up,
    to_decimal,
    to_minor,
    to_text,
)

amounts = st.integers(-MAX_MINOR, MAX_MINOR)


@pytest.mark.parametrize(
    ("value", "currency", "minor"),
    [("12.34", "EUR", 1234), ("-0.01", "EUR", -1), ("12", "EUR", 1200), ("1500", "JPY", 1500),
     ("12.340", "EUR", 1234), ("1E+2", "EUR", 10_000)],
)  # fmt: skip
def test_an_exact_decimal_is_whole_minor_units(value: str, currency: str, minor: int) -> None:
    assert to_minor(Decimal(value), currency) == minor


@pytest.mark.parametrize(
    ("value", "currency", "code"),
    [("NaN", "EUR", "amount_not_finite"), ("Infinity", "EUR", "amount_not_finite"),
     ("0.005", "EUR", "amount_too_precise"), ("0.1", "JPY", "amount_too_precise"),
     ("10000000000000.01", "EUR", "amount_too_large"),
     ("-10000000000000.01", "EUR", "amount_too_large"), ("1", "XXX", "currency_unknown")],
)  # fmt: skip
def test_what_is_no_amount_says_why(value: str, currency: str, code: str) -> None:
    with pytest.raises(AmountError) as refused:
        to_minor(Decimal(value), currency)
    assert refused.value.code == code


def test_the_largest_amount_is_one() -> None:
    assert to_minor(to_decimal(MAX_MINOR)) == MAX_MINOR == 10**15
    assert to_minor(to_decimal(-MAX_MINOR)) == -MAX_MINOR


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(123456, "EUR", "1234.56"), (-5, "EUR", "-0.05"), (0, "EUR", "0.00"), (100, "EUR", "1.00"),
     (-1500, "JPY", "-1500"), (7, "JPY", "7")],
)  # fmt: skip
def test_the_written_form_has_all_decimals(minor: int, currency: str, text: str) -> None:
    assert to_text(minor, currency) == text
    assert str(Money(minor, currency)) == f"{text} {currency}"


@given(amounts, st.sampled_from(sorted(MINOR_DIGITS)))
def test_what_is_written_is_read_back(minor: int, currency: str) -> None:
    assert parse_amount(to_text(minor, currency), currency) == minor
    assert to_minor(to_decimal(minor, currency), currency) == minor


@pytest.mark.parametrize("currency", sorted(MINOR_DIGITS))
def test_every_currency_has_two_decimals_but_the_yen(currency: str) -> None:
    assert to_text(1234, currency) == ("1234" if currency == "JPY" else "12.34")


@pytest.mark.parametrize(
    "text", ["", "-", ".", "1.", ".5", "+1", "1,5", " 1", "1 ", "1_0", "٣", "--1", "1.2.3", "1e3",
             "NaN", "1-"],
)  # fmt: skip
def test_anything_but_digits_and_a_point_is_refused(text: str) -> None:
    with pytest.raises(AmountError) as refused:
        parse_amount(text)
    assert refused.value.code == "amount_unreadable"


@pytest.mark.parametrize(
    ("value", "whole"),
    [("0.5", 1), ("-0.5", -1), ("1.5", 2), ("2.5", 3), ("-2.5", -3), ("2.49", 2), ("2.51", 3)],
)
def test_halves_are_rounded_away_from_zero(value: str, whole: int) -> None:
    assert round_half_up(Decimal(value)) == whole


def test_a_rate_is_rounded_once() -> None:
    assert apply_rate(12_345, Decimal("0.006")) == 74
    assert apply_rate(250, Decimal("0.01")) == 3
    assert apply_rate(-250, Decimal("0.01")) == -3


def test_amounts_of_one_currency_are_added_and_of_two_refused() -> None:
    assert Money(150) + Money(50) == Money(200)
    assert Money(150) - Money(50) == Money(100)
    assert -Money(150, "GBP") == Money(-150, "GBP")
    for act in (lambda: Money(1) + Money(1, "GBP"), lambda: Money(1) - Money(1, "GBP")):
        with pytest.raises(AmountError, match="different currencies"):
            act()
    assert Money(1) < Money(2)


@pytest.mark.parametrize("minor", [1.0, True, "1", Decimal(1)])
def test_minor_units_are_an_int_and_nothing_like_one(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [(100, [1, 1, 1], [34, 33, 33]), (-100, [1, 1, 1], [-34, -33, -33]),
     (100, [0, 0], [100, 0]), (7, [0, 0, 0], [7, 0, 0]), (10, [3], [10]), (0, [1, 2], [0, 0]),
     (5, [1, 2, 1], [1, 3, 1]), (101, [50, 50], [51, 50]), (10, [1, 6, 3], [1, 6, 3]),
     (3, [1, 1, 1, 1], [1, 1, 1, 0]), (10, [7, 0, 5], [6, 0, 4])],
)  # fmt: skip
def test_a_split_goes_by_the_largest_remainder_the_earliest_first(
    total: int, weights: list[int], parts: list[int]
) -> None:
    assert allocate(total, weights) == parts


@given(amounts, st.lists(st.integers(0, 10**9), min_size=1, max_size=12))
def test_no_split_makes_or_loses_a_cent_and_none_is_a_cent_off(
    total: int, weights: list[int]
) -> None:
    parts = allocate(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert not whole or abs(part * whole - total * weight) < whole


@pytest.mark.parametrize("weights", [[], [-1], [2, -1]])
def test_a_split_over_nothing_or_less_is_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="non-negative"):
        allocate(1, weights)
