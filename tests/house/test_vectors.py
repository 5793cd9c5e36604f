"""Every test vector of the domain's law is a test whose name says which.

``TEST C3`` of ``domain.md`` is ``test_c3_…`` somewhere under ``tests``. The indicators (§9) and the
cases of credit notes and direct payments (§11) have no number there: each is named here by words
of the law and the name of its test.
"""

from __future__ import annotations

import re
from functools import cache

import pytest

from tests.house.sources import ROOT

LAW = ROOT.parent / "shared" / "design" / "domain.md"
SECTIONS = ("2", "3", "4", "5", "6", "9", "11")

#: Vectors of one letter: the prefix alone would be any test of "a …".
LETTERS = {"A": "test_a_full_waterfall", "B": "test_b_target_between_minimum_and_maximum"}

#: First column of the table of §9 → its test.
INDICATORS = {
    "DSO simple": "test_dso_simple",
    "DSO count-back": "test_dso_count_back",
    "Aged balance": "test_aged_balance_and_its_late_ratio",
    "Dilution": "test_dilution_of_a_factor_and_of_an_asset_based_lender",
    "Advance rate from dilution": "test_advance_rate_from_dilution",
    "Payment rate 30/60/90": "test_payment_rates_of_a_cohort",
    "Concentration": "test_concentration_of_the_waterfalls_debtors",
    "Late-payment ratio": "test_aged_balance_and_its_late_ratio",
    "Collection effectiveness": "test_collection_effectiveness_and_cash_application_rate",
    "Cash-application rate": "test_collection_effectiveness_and_cash_application_rate",
}

#: Words of §11 → the test of that case.
CASES = {
    "**after** the invoice was paid": "test_late_credit_note_after_the_invoice_was_paid",
    "before it": "test_late_credit_note_before_the_invoice_is_paid",
    "for an invoice never assigned": "test_late_credit_note_for_an_invoice_never_assigned",
    "it can exceed the invoice": "test_late_credit_note_larger_than_its_invoice",
    "not retroactively": "test_late_credit_note_counts_today_and_not_before",
    "it may attract commission too": "test_late_credit_note_may_attract_commission",
}


@cache
def law() -> dict[str, str]:
    """The sections of the domain's law that have vectors, by number."""
    if not LAW.exists():
        pytest.skip("the domain's law is not beside this repository")
    parts = re.split(r"^## (\d+)\. ", LAW.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {
        number: body
        for number, body in zip(parts[1::2], parts[2::2], strict=True)
        if number in SECTIONS
    }


@cache
def test_names() -> tuple[str, ...]:
    """The names of all tests."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    found = (re.findall(r"^\s*def (test_\w+)", file.read_text("utf-8"), re.M) for file in files)
    return tuple(name for names in found for name in names)


test_names.__test__ = False  # type: ignore[attr-defined]


def test_every_numbered_vector_has_its_test() -> None:
    wanted = {one for body in law().values() for one in re.findall(r"\*\*TEST ([A-Z]\d*)\b", body)}
    assert len(wanted) >= 25
    missing = [
        one
        for one in sorted(wanted)
        if not any(
            name.startswith(LETTERS.get(one, f"test_{one.lower()}_")) for name in test_names()
        )
    ]
    assert not missing, f"no test is named after {missing}"


def test_every_indicator_of_the_law_has_its_test() -> None:
    rows = re.findall(r"^\| ([^|]+?) \|", law()["9"], re.M)
    named = [row for row in rows if row not in ("indicator", "---") and not row.startswith("-")]
    assert sorted(named) == sorted(INDICATORS)
    assert not {name for name in INDICATORS.values() if name not in test_names()}


def test_every_case_of_credit_notes_has_its_test() -> None:
    body = law()["11"]
    assert not [words for words in CASES if words not in body]
    assert not {name for name in CASES.values() if name not in test_names()}
