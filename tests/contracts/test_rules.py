from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cessio.contracts.models import ContractTerms
from cessio.contracts.rules import (
    INELIGIBLE_ORDER,
    AdvanceMode,
    FundingMode,
    IneligibleReason,
    LateBasis,
    Product,
    RecourseBasis,
    RetentionBase,
    RetentionBuildUp,
    Terms,
    annual_complement,
    commission,
    defunding_on,
    document_commission,
    flat_fee,
    guarantee_claim_on,
    product_defaults,
    recourse_on,
    retention_base,
    retention_call,
    retention_release,
    retention_target,
    term_changes,
    terms_problems,
)
from cessio.contracts.rules.validation import DAY_BOUNDS, RATE_BOUNDS

AMOUNTS = st.integers(0, 10**12)
RATES = st.integers(0, 500_000).map(lambda millionths: Decimal(millionths).scaleb(-6))
FUND = Terms(
    retention_rate=Decimal("0.10"), retention_min_minor=5_000_00, retention_max_minor=20_000_00
)


def codes(terms: Terms) -> set[tuple[str, str | None]]:
    return {(problem.code, problem.field) for problem in terms_problems(terms)}


# -- terms ---------------------------------------------------------------------------------


def test_the_table_mirrors_terms_field_by_field():
    header = {
        "id",
        "contract_id",
        "version",
        "effective_from",
        "decided_at",
        "decided_by",
        "reason",
    }
    columns = {column.key for column in ContractTerms.__table__.columns} - header
    assert columns == {field.name for field in fields(Terms)}


@pytest.mark.parametrize("product", list(Product))
def test_every_product_starts_from_terms_that_may_be_signed(product):
    assert terms_problems(product_defaults(product)) == []


def test_product_defaults_take_overrides():
    terms = product_defaults(Product.ABL, facility_limit_minor=5, advance_rate=Decimal("0.85"))
    assert (terms.facility_limit_minor, terms.advance_rate) == (5, Decimal("0.85"))
    assert terms.advance_mode is AdvanceMode.PERCENTAGE


def test_every_rate_and_every_number_of_days_has_bounds():
    for field in fields(Terms):
        if field.name.endswith("_rate") or field.name in (
            "interest_margin",
            "interest_index_floor",
        ):
            assert field.name in RATE_BOUNDS
        if "_days" in field.name:
            assert field.name in DAY_BOUNDS


def test_all_problems_are_told_at_once():
    bad = Terms(
        retention_rate=Decimal("1.5"),
        value_days_in=-1,
        facility_limit_minor=-1,
        interest_day_basis=364,
        late_basis=LateBasis.FIXED,
    )
    assert codes(bad) == {
        ("rate_out_of_range", "retention_rate"),
        ("days_out_of_range", "value_days_in"),
        ("amount_out_of_range", "facility_limit_minor"),
        ("day_count_unknown", "interest_day_basis"),
        ("late_fixed_rate_mismatch", "late_fixed_rate"),
    }


@pytest.mark.parametrize("name", sorted(RATE_BOUNDS))
def test_a_rate_is_finite_within_bounds_and_has_six_decimals(name):
    low, high = RATE_BOUNDS[name]
    for outside in (low - Decimal("0.000001"), high + Decimal("0.000001"), Decimal("NaN")):
        assert ("rate_out_of_range", name) in codes(replace(Terms(), **{name: outside}))
    for edge in (low, high):
        assert ("rate_out_of_range", name) not in codes(replace(Terms(), **{name: edge}))
    precise = low + Decimal("0.0000015")
    assert ("rate_too_precise", name) in codes(replace(Terms(), **{name: precise}))


@pytest.mark.parametrize("name", sorted(DAY_BOUNDS))
def test_days_stay_within_bounds(name):
    low, high = DAY_BOUNDS[name]
    for outside in (low - 1, high + 1):
        assert ("days_out_of_range", name) in codes(replace(Terms(), **{name: outside}))
    for edge in (low, high):
        assert ("days_out_of_range", name) not in codes(replace(Terms(), **{name: edge}))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"advance_rate": Decimal("0.9")}, "advance_rate_needs_percentage"),
        ({"advance_mode": AdvanceMode.PERCENTAGE}, "retention_needs_retention_mode"),
        ({"retention_min_minor": 2, "retention_max_minor": 1}, "retention_max_below_min"),
        ({"standing_reserve_minor": 1}, "standing_reserve_needs_mode"),
        ({"late_fixed_rate": Decimal("0.12")}, "late_fixed_rate_mismatch"),
        ({"new_debtor_days": 30}, "new_debtor_limit_mismatch"),
        ({"new_debtor_limit_minor": 0}, "new_debtor_limit_mismatch"),
        ({"ineligible_reasons": (*INELIGIBLE_ORDER, "overdue")}, "ineligible_reason_twice"),
        ({"ineligible_reasons": (IneligibleReason.ON_HOLD,)}, "ineligible_reason_required"),
    ],
)
def test_contradictory_terms_are_refused(changes, problem):
    assert [p.code for p in terms_problems(replace(Terms(), **changes))] == [problem]


def test_terms_that_look_contradictory_and_are_not():
    fine = Terms(
        funding_mode=FundingMode.NET_OF_RESERVE,
        standing_reserve_minor=1,
        late_basis=LateBasis.FIXED,
        late_fixed_rate=Decimal("0.15"),
        new_debtor_days=30,
        new_debtor_limit_minor=0,
        retention_min_minor=5,
        retention_max_minor=5,
    )
    assert terms_problems(fine) == []


def test_problems_are_sentences():
    problem = terms_problems(Terms(value_days_in=11))[0]
    assert str(problem) == "value_days_in must be between 0 and 10 days"


def test_term_changes_lists_what_differs_in_the_order_of_terms():
    before = Terms()
    after = replace(before, commission_rate=Decimal("0.005"), advance_mode=AdvanceMode.PERCENTAGE)
    assert [(c.name, c.after) for c in term_changes(before, after)] == [
        ("advance_mode", AdvanceMode.PERCENTAGE),
        ("commission_rate", Decimal("0.005")),
    ]
    assert term_changes(before, before) == ()


# -- commission ----------------------------------------------------------------------------


def test_d5_commission_with_vat():
    charged = commission(Terms(), [24_000_00])
    assert (charged.net_minor, charged.vat_minor, charged.gross_minor) == (144_00, 28_80, 172_80)


def test_d5_minimum_per_invoice():
    terms = Terms(commission_minimum_minor=10_00)
    assert document_commission(terms, 1_000_00) == 10_00
    assert document_commission(terms, 1_666_66) == 10_00
    assert document_commission(terms, 1_668_00) == 10_01


def test_d5_annual_minimum_complement():
    charged = annual_complement(Terms(annual_minimum_minor=6_000_00), 4_350_00)
    assert (charged.net_minor, charged.vat_minor) == (1_650_00, 330_00)


def test_no_complement_once_the_annual_minimum_is_reached():
    assert annual_complement(Terms(annual_minimum_minor=6_000_00), 6_000_01).gross_minor == 0


def test_a_credit_note_is_free_or_charged_on_its_amount_without_minimum():
    charging = Terms(commission_on_credit_notes=True, commission_minimum_minor=10_00)
    assert document_commission(charging, -1_000_00) == 6_00
    assert document_commission(Terms(commission_minimum_minor=10_00), -1_000_00) == 0


def test_vat_is_rounded_once_on_the_whole_remittance():
    charged = commission(Terms(commission_rate=Decimal("0.01")), [3_00] * 3)
    assert charged.by_document_minor == (3, 3, 3)
    assert (charged.net_minor, charged.vat_minor) == (9, 2)


def test_no_documents_no_commission_and_none_on_a_document_of_nothing():
    assert commission(Terms(), []).gross_minor == 0
    assert document_commission(Terms(commission_minimum_minor=10_00), 0) == 0


@given(st.lists(st.integers(-(10**10), 10**10), max_size=20), RATES, st.booleans())
def test_commission_parts_add_up_and_are_never_negative(amounts, rate, on_credit_notes):
    terms = Terms(commission_rate=rate, commission_on_credit_notes=on_credit_notes)
    charged = commission(terms, amounts)
    assert sum(charged.by_document_minor) == charged.net_minor
    assert min([0, *charged.by_document_minor]) == 0


def test_a_flat_fee_bears_vat():
    assert flat_fee(Terms(), 25_00).gross_minor == 30_00


# -- retention fund ------------------------------------------------------------------------


def test_b_target_between_minimum_and_maximum():
    assert retention_target(FUND, 30_000_00) == 5_000_00
    assert retention_target(FUND, 180_000_00) == 18_000_00
    assert retention_target(FUND, 300_000_00) == 20_000_00


def test_b_first_remittance_calls_the_rate_on_it():
    terms = Terms(retention_rate=Decimal("0.10"))
    called = retention_call(
        terms, base_minor=25_000_00, balance_minor=0, remittance_minor=25_000_00
    )
    assert called == 2_500_00


def test_b_release_when_the_outstanding_falls():
    terms = Terms(retention_rate=Decimal("0.10"))
    assert retention_release(terms, base_minor=90_000_00, balance_minor=20_000_00) == 11_000_00


def test_the_fund_is_built_progressively_then_remittances_are_funded_in_full():
    terms = replace(FUND, retention_min_minor=0)
    build = {"base_minor": 200_000_00, "remittance_minor": 25_000_00}
    assert retention_call(terms, balance_minor=10_000_00, **build) == 2_500_00
    assert retention_call(terms, balance_minor=19_000_00, **build) == 1_000_00
    assert retention_call(terms, balance_minor=20_000_00, **build) == 0


def test_an_immediate_fund_takes_the_whole_gap_from_the_remittance():
    terms = replace(FUND, retention_build_up=RetentionBuildUp.IMMEDIATE)
    facts = {"base_minor": 200_000_00, "balance_minor": 0}
    assert retention_call(terms, remittance_minor=25_000_00, **facts) == 20_000_00
    assert retention_call(terms, remittance_minor=15_000_00, **facts) == 15_000_00


def test_a_remittance_of_credit_notes_calls_nothing():
    assert retention_call(FUND, base_minor=100_000_00, balance_minor=0, remittance_minor=-1) == 0


def test_a_contract_that_forbids_release_keeps_the_fund_until_all_is_settled():
    terms = replace(FUND, retention_release_allowed=False)
    assert retention_release(terms, base_minor=0, balance_minor=20_000_00) == 0
    ended = {"balance_minor": 20_000_00, "contract_ended": True}
    assert retention_release(terms, base_minor=1, **ended) == 0
    assert retention_release(terms, base_minor=0, **ended) == 20_000_00


def test_a_percentage_contract_has_no_fund():
    terms = replace(FUND, advance_mode=AdvanceMode.PERCENTAGE)
    assert retention_target(terms, 100_000_00) == 0


def test_retention_base_is_declared():
    amounts = {"outstanding_minor": 3, "eligible_minor": 2, "fundable_minor": 1}
    chosen = [retention_base(Terms(retention_base=base), **amounts) for base in RetentionBase]
    assert chosen == [3, 2, 1]


@given(
    st.integers(-(10**10), 10**12), AMOUNTS, st.integers(-(10**10), 10**12),
    RATES, AMOUNTS, st.none() | AMOUNTS, st.sampled_from(RetentionBuildUp),
)  # fmt: skip
def test_retention_call_and_release_stay_within_bounds(base, balance, sent, rate, low, high, build):
    terms = Terms(
        retention_rate=rate,
        retention_min_minor=min(low, high) if high is not None else low,
        retention_max_minor=high,
        retention_build_up=build,
    )
    target = retention_target(terms, base)
    call = retention_call(terms, base_minor=base, balance_minor=balance, remittance_minor=sent)
    release = retention_release(terms, base_minor=base, balance_minor=balance)
    assert 0 <= call <= max(0, sent)
    assert balance + call <= max(target, balance)
    assert 0 <= release <= balance
    assert balance - release >= min(target, balance)
    assert call == 0 or release == 0


# -- dates -----------------------------------------------------------------------------------


def test_recourse_opens_after_120_days_past_due_or_past_issue():
    facts = {"issue_date": date(2026, 1, 1), "due_date": date(2026, 1, 31)}
    assert recourse_on(Terms(), **facts) == date(2026, 6, 1)
    by_issue = Terms(recourse_basis=RecourseBasis.INVOICE_DATE)
    assert recourse_on(by_issue, **facts) == date(2026, 5, 2)


def test_a_dispute_leaves_30_days_from_its_notice_or_from_the_due_date_if_later():
    early, late = date(2026, 1, 10), date(2026, 3, 1)
    assert defunding_on(Terms(), disputed_on=late, due_date=early) == date(2026, 4, 1)
    assert defunding_on(Terms(), disputed_on=early, due_date=late) == date(2026, 4, 1)


def test_a_covered_loss_is_claimed_90_days_after_due_date():
    assert guarantee_claim_on(Terms(), due_date=date(2026, 1, 1)) == date(2026, 4, 2)
