from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cessio.contracts.rules import INELIGIBLE_ORDER, IneligibleReason, Terms
from cessio.receivables.rules import (
    DocumentIdentity,
    DuplicateKind,
    EligibilityFacts,
    amounts_close,
    attribute,
    duplicate_keys,
    is_cross_aged,
    likeness,
    number_key,
    reasons_for,
)

R = IneligibleReason
TODAY = date(2026, 3, 1)
TERMS = Terms()


def invoice(open_minor=1_000, *, key=1, due=TODAY, issue=None, **facts):
    return EligibilityFacts(
        key, f"F{key}", issue or due - timedelta(days=30), due, facts.pop("amount", open_minor),
        open_minor, **facts,
    )  # fmt: skip


def reasons(item, terms=TERMS, on=TODAY):
    return dict(attribute([item], terms, on)[0].by_reason)


def days_late(days):
    return TODAY - timedelta(days=days)


# -- each reason -------------------------------------------------------------------------------


def test_a_sound_receivable_is_wholly_eligible():
    found = attribute([invoice()], TERMS, TODAY)[0]
    assert (found.by_reason, found.eligible_minor, found.first_reason) == ((), 1_000, None)


def test_a_partial_dispute_catches_its_amount_only():
    found = attribute([invoice(disputed_minor=300)], TERMS, TODAY)[0]
    assert found.by_reason == ((R.DISPUTED, 300),)
    assert found.eligible_minor == 700


def test_the_rest_of_a_disputed_receivable_is_caught_by_the_next_reason():
    late = invoice(disputed_minor=300, due=days_late(61))
    assert reasons(late) == {R.DISPUTED: 300, R.OVERDUE: 700}


def test_a_dispute_larger_than_what_is_open_catches_what_is_open():
    assert reasons(invoice(200, disputed_minor=300)) == {R.DISPUTED: 200}


def test_overdue_begins_after_the_declared_days():
    assert reasons(invoice(due=days_late(60))) == {}
    assert reasons(invoice(due=days_late(61))) == {R.OVERDUE: 1_000}
    assert reasons(invoice(due=days_late(99)), replace(TERMS, overdue_days_ineligible=None)) == {}


def test_an_invoice_too_old_is_caught_even_if_not_due():
    old = invoice(issue=days_late(181), due=TODAY + timedelta(days=5))
    assert reasons(old) == {R.TOO_OLD: 1_000}
    assert reasons(replace(old, issue_date=days_late(180))) == {}


def test_a_term_longer_than_allowed_is_caught():
    terms = replace(TERMS, payment_term_days_max=60)
    long = invoice(issue=TODAY, due=TODAY + timedelta(days=61))
    assert reasons(long, terms) == {R.TERM_TOO_LONG: 1_000}
    assert reasons(long) == {}


def test_an_invoice_dated_in_the_future_is_not_delivered_yet():
    tomorrow = TODAY + timedelta(days=1)
    assert reasons(invoice(issue=tomorrow, due=tomorrow)) == {R.NOT_YET_DELIVERED: 1_000}
    assert reasons(invoice(issue=TODAY, due=tomorrow)) == {}


def test_no_large_invoice_is_funded_before_its_verification():
    terms = replace(TERMS, verification_min_minor=1_000)
    assert reasons(invoice(), terms) == {R.NOT_VERIFIED: 1_000}
    assert reasons(invoice(verified=True), terms) == {}
    assert reasons(invoice(999), terms) == {}
    assert reasons(invoice(400, amount=1_000), terms) == {R.NOT_VERIFIED: 400}
    assert reasons(invoice(1, verify=True)) == {R.NOT_VERIFIED: 1}


@pytest.mark.parametrize("flag", sorted(set(R) - {R.DISPUTED, R.CONTRA, R.CROSS_AGED}))
def test_a_flag_catches_the_whole_receivable(flag):
    assert reasons(invoice(flags=frozenset({flag}))) == {flag: 1_000}


def test_contra_is_taken_once_in_order_from_what_earlier_reasons_left():
    book = [invoice(key=2, due=TODAY), invoice(key=1, due=days_late(1), disputed_minor=400)]
    found = attribute(book, TERMS, TODAY, contra_minor=900)
    assert [(e.receivable_id, dict(e.by_reason)) for e in found] == [
        (1, {R.DISPUTED: 400, R.CONTRA: 600}), (2, {R.CONTRA: 300}),
    ]  # fmt: skip


def test_a_debtor_mostly_overdue_is_cross_aged():
    terms = replace(TERMS, cross_ageing_rate=Decimal("0.5"), overdue_days_ineligible=90)
    book = [invoice(500, key=1, due=days_late(91)), invoice(500, key=2)]
    found = attribute(book, terms, TODAY)
    assert [dict(e.by_reason) for e in found] == [{R.OVERDUE: 500}, {R.CROSS_AGED: 500}]
    assert not is_cross_aged([book[0], replace(book[1], open_minor=501)], terms, TODAY)
    assert not is_cross_aged(book, TERMS, TODAY)
    assert not is_cross_aged([], terms, TODAY)
    assert is_cross_aged([invoice(1, due=days_late(91))], terms, TODAY)
    assert not is_cross_aged([invoice(1, due=days_late(90))], terms, TODAY)
    credit = replace(invoice(3, due=days_late(91)), open_minor=-500)
    assert is_cross_aged([*book, credit], terms, TODAY) == is_cross_aged(book, terms, TODAY)


def test_a_credit_is_never_ineligible():
    credit = invoice(-500, due=days_late(400), flags=frozenset({R.ON_HOLD}), disputed_minor=5)
    found = attribute([credit], TERMS, TODAY, contra_minor=50)[0]
    assert (found.by_reason, found.eligible_minor) == ((), 0)
    assert reasons_for(credit, TERMS, TODAY) == ()


def test_the_contract_declares_the_order():
    both = invoice(flags=frozenset({R.ON_HOLD}), due=days_late(61))
    assert reasons(both) == {R.ON_HOLD: 1_000}
    assert reasons(both, replace(TERMS, ineligible_reasons=INELIGIBLE_ORDER[::-1])) == {
        R.OVERDUE: 1_000
    }
    only_dispute = replace(TERMS, ineligible_reasons=(R.ON_HOLD, R.DISPUTED))
    assert reasons(invoice(due=days_late(61)), only_dispute) == {}


def test_every_reason_is_shown_even_those_that_catch_nothing_more():
    both = invoice(flags=frozenset({R.ON_HOLD}), due=days_late(61), disputed_minor=1)
    assert reasons_for(both, TERMS, TODAY) == (R.ON_HOLD, R.DISPUTED, R.OVERDUE)


facts = st.builds(
    EligibilityFacts,
    receivable_id=st.integers(1, 10**6),
    number=st.sampled_from(["A", "B"]),
    issue_date=st.dates(date(2025, 7, 1), date(2026, 3, 5)),
    due_date=st.dates(date(2025, 9, 1), date(2026, 5, 1)),
    amount_minor=st.integers(0, 2_000),
    open_minor=st.integers(-1_000, 2_000),
    disputed_minor=st.just(0) | st.integers(0, 2_500),
    flags=st.frozensets(st.sampled_from(R), max_size=2),
    verified=st.booleans(),
)
books = st.lists(facts, max_size=6, unique_by=lambda item: item.receivable_id)


@given(books, st.integers(0, 3_000), st.permutations(INELIGIBLE_ORDER))
def test_every_euro_has_at_most_one_reason_whatever_the_order(book, contra, order):
    terms = Terms(ineligible_reasons=tuple(order), verification_min_minor=1_500)
    for found in attribute(book, terms, TODAY, contra_minor=contra):
        amounts = [amount for _, amount in found.by_reason]
        assert all(amount > 0 for amount in amounts)
        assert found.ineligible_minor + found.eligible_minor == max(0, found.open_minor)
        assert found.eligible_minor >= 0
        listed = [order.index(reason) for reason, _ in found.by_reason]
        assert listed == sorted(set(listed))


@given(books, st.integers(0, 3_000))
def test_contra_never_catches_more_than_is_owed(book, contra):
    found = attribute(book, TERMS, TODAY, contra_minor=contra)
    assert sum(dict(e.by_reason).get(R.CONTRA, 0) for e in found) <= contra


@given(books, st.randoms(use_true_random=False))
def test_attribution_does_not_depend_on_insertion_order(book, random):
    shuffled = list(book)
    random.shuffle(shuffled)
    found = attribute(shuffled, TERMS, TODAY, contra_minor=700)
    assert found == attribute(book, TERMS, TODAY, contra_minor=700)


@given(books, st.permutations(INELIGIBLE_ORDER))
def test_what_is_eligible_without_contra_does_not_depend_on_the_order_of_reasons(book, order):
    terms = Terms(ineligible_reasons=tuple(order))
    found = [e.eligible_minor for e in attribute(book, terms, TODAY)]
    whole = [e.eligible_minor for e in attribute(book, TERMS, TODAY)]
    assert found == whole


# -- duplicates --------------------------------------------------------------------------------

FA1 = DocumentIdentity(7, "FA-2026/00012", date(2026, 1, 31), 12_000_00)


@pytest.mark.parametrize(
    "typed", ["fa-2026/00012", "FA 2026 00012", "ＦＡ－２０２６／０００１２", "FA.2026_00012 "]
)
def test_one_number_typed_in_many_ways_is_one_document(typed):
    assert likeness(FA1, replace(FA1, number=typed)) is DuplicateKind.STRICT


def test_leading_zeros_do_not_make_another_number():
    assert number_key("00012") == number_key("12")
    assert number_key("000") == "0"


def test_different_numbers_stay_different():
    numbers = ["FA1", "FA10", "FB1", "1", "0", "10", "A-1-B", "A1"]
    assert len({number_key(number) for number in numbers}) == len(numbers)


@given(st.text(min_size=1, max_size=20))
def test_normalising_twice_changes_nothing(text):
    assert number_key(number_key(text)) == number_key(text)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({}, DuplicateKind.STRICT),
        ({"issue_date": date(2026, 2, 1)}, DuplicateKind.OTHER_DATE),
        ({"amount_minor": 12_100_00}, DuplicateKind.OTHER_AMOUNT),
        ({"number": "FA-2026/00013"}, DuplicateKind.OTHER_NUMBER),
        ({"amount_minor": 13_000_00}, None),
        ({"amount_minor": -12_000_00}, None),
        ({"debtor_id": 8}, None),
        ({"currency": "USD"}, None),
        ({"number": "X", "issue_date": date(2026, 2, 1)}, None),
    ],
)
def test_likeness_says_how_two_documents_look_like_one(change, kind):
    assert likeness(FA1, replace(FA1, **change)) is kind
    assert likeness(replace(FA1, **change), FA1) is kind


def test_amounts_are_close_within_one_percent_of_the_larger():
    assert amounts_close(100, 99)
    assert amounts_close(99, 100)
    assert not amounts_close(1000, 989)
    assert not amounts_close(100, -100)


def test_keys_of_different_kinds_never_meet():
    keys = duplicate_keys(FA1)
    assert len({keys.strict, keys.other_date, keys.other_amount, keys.other_number}) == 4
