from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cessio.contracts.rules import CoverOrderKey, CoverReductionMode, Terms
from cessio.limits.rules import (
    CoverInvoice,
    LimitDecision,
    UnusedApproval,
    allocate_cover,
    floors_after_cut,
    indemnity,
    insurer_pays,
    limit_in_force,
    pay_covered_first,
    preview_limit,
    unused_approval,
)

F1 = CoverInvoice(1, "F1", date(2026, 1, 31), 20_000_00)
F2 = CoverInvoice(2, "F2", date(2026, 2, 15), 25_000_00)
F3 = CoverInvoice(3, "F3", date(2026, 2, 28), 15_000_00)
F4 = CoverInvoice(4, "F4", date(2026, 3, 10), 10_000_00)
F5 = CoverInvoice(5, "F5", date(2026, 3, 31), 5_000_00)
BOOK = [F1, F2, F3, F4]
LIMIT = 50_000_00
QUOTITE = Decimal("0.90")


def covers(limit, invoices, order_key=CoverOrderKey.DUE_DATE):
    """Covered euros by invoice number."""
    found = allocate_cover(limit, invoices, order_key).invoices
    return {cover.number: cover.covered_minor // 100 for cover in found}


def keeping(invoices, floors):
    return [replace(i, floor_minor=floors.get(i.receivable_id, 0)) for i in invoices]


def cut(invoices, before=LIMIT):
    """The same invoices with the floors that a cut leaves them."""
    covered = allocate_cover(before, invoices)
    kept = floors_after_cut(invoices, covered, CoverReductionMode.KEEP_EXISTING)
    return keeping(invoices, kept)


# -- vectors C1 to C7 ------------------------------------------------------------------------


def test_c1_chronological_cover():
    start = allocate_cover(LIMIT, BOOK)
    assert covers(LIMIT, BOOK) == {"F1": 20_000, "F2": 25_000, "F3": 5_000, "F4": 0}
    assert (start.covered_minor, start.uncovered_minor) == (50_000_00, 20_000_00)
    assert indemnity(start.covered_minor, QUOTITE).paid_minor == 45_000_00


def test_c1_succession_when_f1_is_paid():
    after = allocate_cover(LIMIT, [F2, F3, F4])
    assert covers(LIMIT, [F2, F3, F4]) == {"F2": 25_000, "F3": 15_000, "F4": 10_000}
    assert (after.covered_minor, after.uncovered_minor) == (50_000_00, 0)


def test_c1_partial_payment_of_f2():
    after = allocate_cover(LIMIT, [replace(F2, open_minor=15_000_00), F3, F4])
    assert (after.covered_minor, after.uncovered_minor, after.free_minor) == (
        40_000_00,
        0,
        10_000_00,
    )
    assert indemnity(after.covered_minor, QUOTITE).paid_minor == 36_000_00


def test_c2_limit_raised():
    preview = preview_limit(BOOK, before_minor=LIMIT, after_minor=60_000_00)
    assert covers(60_000_00, BOOK) == {"F1": 20_000, "F2": 25_000, "F3": 15_000, "F4": 0}
    assert preview.after.covered_minor == 60_000_00
    assert [(c.number, c.gain_minor) for c in preview.changes] == [("F3", 10_000_00)]
    assert preview.floors == {}


def test_c3_limit_cut_keeps_existing_cover():
    preview = preview_limit(BOOK, before_minor=LIMIT, after_minor=30_000_00)
    assert preview.changes == ()
    assert preview.after.covered_minor == 50_000_00
    assert preview.floors == {1: 20_000_00, 2: 25_000_00, 3: 5_000_00}


def test_c3_an_invoice_shipped_after_the_notice_is_not_covered():
    book = [*cut(BOOK), F5]
    assert covers(30_000_00, book) == {"F1": 20_000, "F2": 25_000, "F3": 5_000, "F4": 0, "F5": 0}


def test_c3_nothing_succeeds_while_kept_cover_fills_the_limit():
    book = [*cut(BOOK)[1:], F5]
    assert covers(30_000_00, book) == {"F2": 25_000, "F3": 5_000, "F4": 0, "F5": 0}


def test_c3_succession_resumes_once_there_is_room():
    book = [*cut(BOOK)[2:], F5]
    assert covers(30_000_00, book) == {"F3": 15_000, "F4": 10_000, "F5": 5_000}


def test_c3_an_immediate_cut_takes_cover_away_from_the_last_invoices():
    preview = preview_limit(
        BOOK, before_minor=LIMIT, after_minor=30_000_00, mode=CoverReductionMode.IMMEDIATE
    )
    assert [(c.number, c.before_minor, c.after_minor) for c in preview.changes] == [
        ("F2", 25_000_00, 10_000_00), ("F3", 5_000_00, 0),
    ]  # fmt: skip


def test_c4_limit_cancelled_succession_ceases():
    kept = cut(BOOK)
    assert covers(0, kept) == {"F1": 20_000, "F2": 25_000, "F3": 5_000, "F4": 0}
    assert covers(0, kept[2:]) == {"F3": 5_000, "F4": 0}
    assert covers(0, kept[3:]) == {"F4": 0}


def test_c4_unreferenced_payment_goes_to_covered_amounts_first():
    kept = cut(BOOK)
    payments, left = pay_covered_first(30_000_00, kept)
    assert [(p.receivable_id, p.paid_minor) for p in payments] == [(1, 20_000_00), (2, 10_000_00)]
    assert left == 0
    paid = {p.receivable_id: p for p in payments}
    after = [
        replace(i, open_minor=i.open_minor - paid[i.receivable_id].paid_minor,
                floor_minor=paid[i.receivable_id].floor_after_minor)
        if i.receivable_id in paid else i
        for i in kept
    ]  # fmt: skip
    assert allocate_cover(0, after).covered_minor == 20_000_00


def test_c4_a_larger_payment_uses_up_all_cover_before_uncovered_amounts():
    payments, left = pay_covered_first(75_000_00, cut(BOOK))
    assert [(p.receivable_id, p.paid_minor, p.covered_paid_minor) for p in payments] == [
        (1, 20_000_00, 20_000_00), (2, 25_000_00, 25_000_00),
        (3, 15_000_00, 5_000_00), (4, 10_000_00, 0),
    ]  # fmt: skip
    assert left == 5_000_00
    fifty_two = pay_covered_first(52_000_00, cut(BOOK))[0]
    assert [(p.receivable_id, p.paid_minor) for p in fifty_two] == [
        (1, 20_000_00), (2, 25_000_00), (3, 7_000_00),
    ]  # fmt: skip


def test_c5_quotite():
    loss = indemnity(50_000_00, QUOTITE)
    assert (loss.paid_minor, loss.own_share_minor) == (45_000_00, 5_000_00)
    assert indemnity(50_000_00, Decimal(1)).own_share_minor == 0


def test_c6_unused_approval_is_announced_then_cancelled():
    terms = Terms(auto_cancel_unused_approval_days=180, unused_approval_notice_days=15)
    granted = date(2026, 1, 1)
    verdicts = [
        unused_approval(terms, last_used_on=granted, on=granted + timedelta(days=days))
        for days in (164, 165, 179, 180)
    ]
    assert verdicts == [
        UnusedApproval.KEEP, UnusedApproval.NOTIFY, UnusedApproval.NOTIFY, UnusedApproval.CANCEL,
    ]  # fmt: skip
    never = replace(terms, auto_cancel_unused_approval_days=None)
    assert unused_approval(never, last_used_on=granted, on=date(2030, 1, 1)) is UnusedApproval.KEEP


def test_c7_first_losses_of_the_year_are_borne_by_the_factor():
    year = {"deductible_minor": 10_000_00}
    assert insurer_pays(6_000_00, losses_before_minor=0, **year) == 0
    assert insurer_pays(6_000_00, losses_before_minor=6_000_00, **year) == 2_000_00
    assert insurer_pays(6_000_00, losses_before_minor=12_000_00, **year) == 6_000_00


# -- disputes and order ------------------------------------------------------------------------


def test_the_disputed_part_takes_no_cover_and_its_room_goes_to_the_next():
    disputed = replace(F1, disputed_minor=15_000_00)
    assert covers(LIMIT, [disputed, F2, F3, F4]) == {
        "F1": 5_000, "F2": 25_000, "F3": 15_000, "F4": 5_000,
    }  # fmt: skip


def test_a_dispute_suspends_kept_cover_and_its_end_restores_it():
    kept = cut(BOOK)
    disputed = [replace(kept[0], disputed_minor=20_000_00), *kept[1:]]
    assert covers(0, disputed)["F1"] == 0
    assert covers(0, kept)["F1"] == 20_000


def test_a_second_cut_during_a_dispute_does_not_end_older_kept_cover():
    kept = cut(BOOK)
    disputed = [replace(kept[0], disputed_minor=20_000_00), *kept[1:]]
    assert preview_limit(disputed, before_minor=30_000_00, after_minor=0).floors == {
        1: 20_000_00, 2: 25_000_00, 3: 5_000_00,
    }  # fmt: skip


def test_a_dispute_larger_than_what_is_open_covers_nothing():
    assert covers(LIMIT, [replace(F1, open_minor=1_00, disputed_minor=2_00)]) == {"F1": 0}


def test_equal_dates_are_covered_by_number_then_by_id():
    same = [replace(F1, receivable_id=i, number=n) for i, n in ((1, "B"), (3, "A"), (2, "A"))]
    order = [c.receivable_id for c in allocate_cover(0, same).invoices]
    assert order == [2, 3, 1]


@pytest.mark.parametrize(
    ("key", "first"),
    [
        (CoverOrderKey.DUE_DATE, "early due"),
        (CoverOrderKey.ASSIGNMENT_DATE, "early assigned"),
        (CoverOrderKey.ISSUE_DATE, "early issued"),
    ],
)
def test_the_contract_declares_the_order(key, first):
    early, late = date(2026, 1, 1), date(2026, 2, 1)
    invoices = [
        CoverInvoice(1, "early due", early, 10, late, late),
        CoverInvoice(2, "early issued", late, 10, early, late),
        CoverInvoice(3, "early assigned", late, 10, late, early),
    ]
    assert covers(1_000, invoices, key)[first] is not None
    assert allocate_cover(10, invoices, key).invoices[0].number == first


# -- limits in force ---------------------------------------------------------------------------


def test_the_higher_of_permanent_and_temporary_limit_holds_while_it_runs():
    start = date(2026, 1, 1)
    decisions = [
        LimitDecision(30_000, start),
        LimitDecision(50_000, date(2026, 3, 1), date(2026, 3, 31), is_temporary=True),
    ]
    found = [
        limit_in_force(decisions, date(2026, m, d)) for m, d in ((2, 28), (3, 1), (3, 31), (4, 1))
    ]
    assert found == [30_000, 50_000, 50_000, 30_000]


def test_a_lower_temporary_limit_takes_nothing_away():
    start = date(2026, 1, 1)
    decisions = [LimitDecision(30_000, start), LimitDecision(10_000, start, date(2026, 12, 31))]
    assert limit_in_force(decisions, start) == 30_000


def test_blanket_cover_is_for_debtors_never_named():
    day, before = date(2026, 3, 1), date(2026, 1, 1)
    refused = LimitDecision(0, before)
    cancelled = LimitDecision(30_000, before, ended_on=date(2026, 2, 1))
    future = LimitDecision(30_000, date(2026, 4, 1))
    found = [
        limit_in_force(d, day, blanket_minor=5_000) for d in ([], [refused], [cancelled], [future])
    ]
    assert found == [5_000, 0, 0, 5_000]


def test_a_limit_ends_on_the_day_of_its_cancellation():
    cancelled = LimitDecision(30_000, date(2026, 1, 1), ended_on=date(2026, 2, 1))
    assert limit_in_force([cancelled], date(2026, 1, 31)) == 30_000
    assert limit_in_force([cancelled], date(2026, 2, 1)) == 0


# -- properties --------------------------------------------------------------------------------

amounts = st.integers(0, 100_000)
invoices = st.lists(
    st.builds(
        CoverInvoice,
        receivable_id=st.integers(1, 10**6),
        number=st.sampled_from(["F1", "F2", "F10", "a"]),
        due_date=st.dates(date(2026, 1, 1), date(2026, 1, 9)),
        open_minor=st.integers(-5_000, 100_000),
        disputed_minor=st.just(0) | amounts,
        floor_minor=st.just(0) | amounts,
    ),
    max_size=8,
    unique_by=lambda invoice: invoice.receivable_id,
)


@given(amounts, invoices)
def test_cover_stays_within_limit_open_and_undisputed_amounts(limit, book):
    found = allocate_cover(limit, book)
    kept = sum(invoice.kept_minor for invoice in book)
    assert found.covered_minor <= max(limit, kept)
    for invoice in book:
        covered = found.by_receivable()[invoice.receivable_id]
        assert min(invoice.floor_minor, invoice.coverable_minor) <= covered
        assert 0 <= covered <= invoice.coverable_minor


@given(amounts, invoices)
def test_no_room_is_left_while_something_waits(limit, book):
    found = allocate_cover(limit, book)
    waiting = sum(i.coverable_minor for i in book) - found.covered_minor
    assert found.free_minor == 0 or waiting == 0


@given(amounts, invoices, st.data())
def test_paying_an_invoice_never_reduces_the_cover_of_another(limit, book, data):
    payable = [i for i in book if i.open_minor > 0]
    if not payable:
        return
    paid = data.draw(st.sampled_from(payable))
    amount = data.draw(st.integers(1, paid.open_minor))
    before = allocate_cover(limit, book).by_receivable()
    after = allocate_cover(
        limit,
        [replace(i, open_minor=i.open_minor - amount) if i is paid else i for i in book],
    ).by_receivable()
    for invoice in book:
        if invoice is not paid:
            assert after[invoice.receivable_id] >= before[invoice.receivable_id]


@given(amounts, invoices, st.randoms(use_true_random=False))
def test_cover_does_not_depend_on_insertion_order(limit, book, random):
    shuffled = list(book)
    random.shuffle(shuffled)
    assert allocate_cover(limit, book) == allocate_cover(limit, shuffled)


@given(amounts, amounts, invoices)
def test_a_change_of_limit_never_takes_kept_cover_and_a_raise_never_takes_any(before, after, book):
    preview = preview_limit(book, before_minor=before, after_minor=after)
    assert all(change.gain_minor > 0 for change in preview.changes)
    moved = preview.after.covered_minor - preview.before.covered_minor
    assert sum(change.gain_minor for change in preview.changes) == moved
    if after < before:
        assert preview.changes == ()


@given(amounts, invoices)
def test_a_payment_is_spread_without_losing_a_cent_covered_amounts_first(amount, book):
    payments, left = pay_covered_first(amount, book)
    assert sum(p.paid_minor for p in payments) + left == amount
    by_id = {i.receivable_id: i for i in book}
    assert all(0 < p.paid_minor <= by_id[p.receivable_id].open_minor for p in payments)
    uncovered_paid = sum(p.paid_minor - p.covered_paid_minor for p in payments)
    covered_paid = sum(p.covered_paid_minor for p in payments)
    assert uncovered_paid == 0 or covered_paid == sum(i.kept_minor for i in book)
    assert left == 0 or left == amount - sum(max(0, i.open_minor) for i in book)


@given(st.integers(0, 10**12), st.integers(0, 1_000_000))
def test_indemnity_and_own_share_add_up(covered, millionths):
    loss = indemnity(covered, Decimal(millionths).scaleb(-6))
    assert loss.paid_minor + loss.own_share_minor == covered
    assert 0 <= loss.paid_minor <= covered


def sql_style_cover(limit, book):
    """The window formula of the docstring, written as the set-based statement computes it."""
    ordered = sorted(book, key=lambda i: (i.due_date, i.number, i.receivable_id))
    room = max(0, limit - sum(i.kept_minor for i in ordered))
    running, found = 0, {}
    for i in ordered:
        want = i.coverable_minor - i.kept_minor
        running += want
        found[i.receivable_id] = i.kept_minor + max(0, min(want, room - (running - want)))
    return found


@given(amounts, invoices)
def test_the_window_formula_of_the_docstring_gives_the_same_cover(limit, book):
    assert allocate_cover(limit, book).by_receivable() == sql_style_cover(limit, book)
