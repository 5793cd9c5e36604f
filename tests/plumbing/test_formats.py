"""Numbers and dates are written as the reader's language writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st

from cessio.plumbing import formats
from cessio.plumbing.i18n import use_language


def test_french_amounts_group_by_narrow_spaces_and_put_the_sign_of_the_euro_last() -> None:
    with use_language("fr"):
        assert formats.money(123456789) == "1\u202f234\u202f567,89\u00a0€"
        assert formats.money(-5) == "\u22120,05\u00a0€"
        assert formats.money(5, signed=True) == "+0,05\u00a0€"
        assert formats.money(0, signed=True) == "0,00\u00a0€"


def test_english_amounts_put_the_sign_of_the_euro_first() -> None:
    with use_language("en"):
        assert formats.money(123456789) == "€1,234,567.89"
        assert formats.money(-5) == "\u2212€0.05"


@given(st.integers(-(10**15), 10**15), st.sampled_from(["fr", "en"]))
def test_euro_amounts_are_cldr_but_for_a_real_minus(minor: int, code: str) -> None:
    expected = format_currency(
        Decimal(minor).scaleb(-2), "EUR", locale=formats.locale_of(code)
    ).replace("-", "\u2212")
    assert formats.money(minor, code=code) == expected


def test_amounts_without_cents_round_half_up() -> None:
    with use_language("fr"):
        assert formats.money(150, cents=False) == "2\u00a0€"
        assert formats.money(-149, cents=False) == "\u22121\u00a0€"
        assert formats.money(3360000, cents=False) == "33\u202f600\u00a0€"


def test_a_currency_without_decimals_shows_none() -> None:
    with use_language("fr"):
        assert formats.money(12345, "JPY") == "12\u202f345\u00a0JPY"


@pytest.mark.parametrize(
    ("fraction", "digits", "exact", "shown"),
    [
        ("0.0326", 2, False, "3,26\u202f%"),
        ("0.03215", 2, True, "3,215\u202f%"),
        ("0.4", 2, True, "40,00\u202f%"),
        ("0.9", 0, False, "90\u202f%"),
        ("-0.005", 2, False, "\u22120,50\u202f%"),
    ],
)
def test_rates_are_fractions_shown_in_per_cent(
    fraction: str, digits: int, exact: bool, shown: str
) -> None:
    assert formats.percent(Decimal(fraction), digits, exact=exact, code="fr") == shown


def test_instants_are_shown_in_paris() -> None:
    summer = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    assert formats.datetime(summer) == "02/07/2026 00:30"
    assert formats.date(summer) == "02/07/2026"
    assert formats.time(datetime(2026, 12, 1, 12, tzinfo=UTC)) == "13:00"


def test_dates_have_four_styles() -> None:
    with use_language("fr"):
        assert formats.date(date(2026, 11, 1), "long") == "1er novembre 2026"
        assert formats.date(date(2026, 11, 18), "medium") == "18 nov. 2026"
        assert formats.date(date(2026, 11, 18)) == "18/11/2026"
        assert formats.date(date(2026, 11, 18), "iso") == "2026-11-18"
        assert formats.date(None) == "–"
        assert formats.month(date(2026, 11, 18)) == "novembre 2026"
    with use_language("en"):
        assert formats.weekday(date(2026, 11, 18)) == "Wednesday 18 November"


def test_identifiers_are_grouped_and_never_break_inside_a_group() -> None:
    assert formats.iban("FR7630006000011234567890189") == (
        "FR76\u00a03000\u00a06000\u00a00112 3456\u00a07890\u00a0189"
    )
    assert formats.siren("552100554") == "552\u00a0100\u00a0554"
    assert formats.siren("55210055400013") == "552\u00a0100\u00a0554\u00a000013"
    assert formats.siren("DE123") == "DE123"


def test_the_last_line_of_an_address_abroad_is_its_country_in_french_capitals() -> None:
    assert formats.postal_country("FR") is None
    assert formats.postal_country("DE") == "ALLEMAGNE"
    assert formats.postal_country("GB") == "ROYAUME-UNI"
