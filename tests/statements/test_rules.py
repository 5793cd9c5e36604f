"""The client's journal mirrors the factor's books; what debtors paid bears its VAT to the cent."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cessio.ledger import AccountKind
from cessio.statements.rules import (
    DEFAULT_CHART,
    BookedEntry,
    Chart,
    ChartAccount,
    check_chart,
    journal,
    vat_of_part,
    vat_rate,
)
from cessio.statements.rules.journal import JournalBroken

ON = date(2026, 10, 5)


def entry(transaction: int, account: AccountKind, minor: int, number: str | None = None,
          kind: str = "ASSIGNMENT") -> BookedEntry:  # fmt: skip
    return BookedEntry(
        transaction_id=transaction, kind=kind, reversed_kind=None, booked_on=ON, memo=None,
        account=account, amount_minor=minor, number=number,
    )  # fmt: skip


def posted(*entries: BookedEntry) -> dict[ChartAccount, int]:
    """What the journal puts on each account, debit positive."""
    sums: dict[ChartAccount, int] = defaultdict(int)
    for line in journal(entries):
        sums[line.account] += line.amount_minor
    return dict(sums)


def test_the_life_of_one_invoice_is_posted_as_the_accountant_posts_it() -> None:
    """domain.md §4.2 on the figures of TEST E1: 12 000 assigned, 1 200 held, 86.40 of fees."""
    found = posted(
        entry(1, AccountKind.RECEIVABLE, 12_000_00, "FA-1"),
        entry(1, AccountKind.CLIENT_CURRENT, -12_000_00),
        entry(2, AccountKind.CLIENT_CURRENT, 86_40),
        entry(2, AccountKind.FEE_INCOME, -72_00),
        entry(2, AccountKind.VAT_COLLECTED, -14_40),
        entry(3, AccountKind.CLIENT_CURRENT, 1_200_00),
        entry(3, AccountKind.RETENTION_FUND, -1_200_00),
        entry(4, AccountKind.CLIENT_CURRENT, 10_500_00),
        entry(4, AccountKind.PAYOUT_CLEARING, -10_500_00),
        entry(5, AccountKind.CLIENT_CURRENT, 47_37),
        entry(5, AccountKind.INTEREST_INCOME, -47_37),
    )
    assert found == {
        ChartAccount.CUSTOMERS: -12_000_00, ChartAccount.FEES: 72_00, ChartAccount.VAT: 14_40,
        ChartAccount.RETENTION: 1_200_00, ChartAccount.BANK: 10_500_00,
        ChartAccount.FINANCING: 47_37, ChartAccount.FACTOR: 166_23,
    }  # fmt: skip


def test_of_an_indemnified_loss_the_client_posts_its_own_share_only() -> None:
    found = posted(
        entry(1, AccountKind.RECEIVABLE, -12_000_00, "FA-1", kind="INDEMNITY"),
        entry(1, AccountKind.CLIENT_CURRENT, 1_200_00, kind="INDEMNITY"),
        entry(1, AccountKind.IMPAIRMENT_EXPENSE, 10_800_00, kind="INDEMNITY"),
    )
    assert found == {ChartAccount.FACTOR: -1_200_00, ChartAccount.CUSTOMERS: 1_200_00}


def test_a_transaction_that_does_not_balance_is_never_written() -> None:
    with pytest.raises(JournalBroken):
        journal([entry(1, AccountKind.CLIENT_CURRENT, 5_00)])


@given(st.lists(st.integers(-10**9, 10**9).filter(bool), min_size=1, max_size=6),
       st.integers(0, 10**9))  # fmt: skip
def test_every_transaction_balances_whoever_bears_a_part(parts: list[int], borne: int) -> None:
    entries = [
        entry(1, AccountKind.RECEIVABLE, minor, f"FA-{place}") for place, minor in enumerate(parts)
    ]
    own = -sum(parts) - borne
    if own:
        entries.append(entry(1, AccountKind.CLIENT_CURRENT, own))
    if borne:
        entries.append(entry(1, AccountKind.IMPAIRMENT_EXPENSE, borne))
    lines = journal(entries)
    assert sum(line.amount_minor for line in lines) == 0
    factor = [line.amount_minor for line in lines if line.account is ChartAccount.FACTOR]
    assert sum(factor) == -own
    assert all(line.debit_minor >= 0 and line.credit_minor >= 0 for line in lines)


@pytest.mark.parametrize("number", ["", "46", "9999", "0467", "467-1", "4671000000000", "46７1"])
def test_an_account_number_that_no_package_reads_is_refused(number: str) -> None:
    (fault,) = check_chart(Chart("AF", {**DEFAULT_CHART.accounts, ChartAccount.FACTOR: number}))
    assert fault.field == "factor"


def test_the_usual_chart_is_fit_and_a_strange_journal_code_is_not() -> None:
    assert check_chart(DEFAULT_CHART) == []
    (fault,) = check_chart(Chart("journal", DEFAULT_CHART.accounts))
    assert fault.field == "journal"


@given(st.integers(1, 10**10), st.integers(0, 30), st.lists(st.integers(1, 10**10), max_size=8),
       st.sampled_from([1, -1]))  # fmt: skip
def test_the_parts_of_an_invoice_add_up_to_its_vat(
    net: int, percent: int, paid: list[int], sign: int
) -> None:
    """Of invoices and credit notes, however their payments are cut."""
    vat = net * percent // 100
    whole, vat = sign * (net + vat), sign * vat
    before, found, left = 0, 0, abs(whole)
    for part in [*paid, abs(whole)]:
        size = sign * min(part, left)
        found += vat_of_part(before, size, invoice_minor=whole, vat_minor=vat)
        before, left = before + size, left - abs(size)
    assert before == whole
    assert found == vat


def test_a_payment_taken_back_takes_its_vat_back() -> None:
    first = vat_of_part(0, 333_33, invoice_minor=1_000_00, vat_minor=166_67)
    back = vat_of_part(333_33, -333_33, invoice_minor=1_000_00, vat_minor=166_67)
    assert first == -back == 55_56


@pytest.mark.parametrize(
    ("whole", "vat", "rate"),
    [
        (1_200_00, 200_00, "0.20"), (1_000_01, 166_67, "0.20"), (1_100_00, 100_00, "0.10"),
        (105_50, 5_50, "0.055"), (102_10, 2_10, "0.021"), (500_00, 0, "0"),
        (-1_200_00, -200_00, "0.20"),
    ],
)  # fmt: skip
def test_the_rate_is_found_from_the_amounts(whole: int, vat: int, rate: str) -> None:
    assert vat_rate(whole, vat) == Decimal(rate)


def test_an_invoice_of_two_rates_has_no_single_one() -> None:
    assert vat_rate(2_300_00, 300_00) is None
