"""The modules that decide money, each with the tests that concern it: quick ones, then others.

Tests of the second group are run with what the first group did not find.
"""

from __future__ import annotations

from collections.abc import Mapping

Tests = tuple[tuple[str, ...], tuple[str, ...]]

_FUNDING: Tests = (
    ("tests/funding/test_rules.py", "tests/funding/test_payout_rules.py"),
    ("tests/funding", "tests/receivables/test_verification.py"),
)
_CASH: Tests = (
    ("tests/cash/test_rules.py",),
    ("tests/cash", "tests/web/backoffice/test_matching.py"),
)
_LIMITS: Tests = (
    ("tests/limits/test_rules.py",),
    ("tests/limits", "tests/receivables/test_cover.py", "tests/cash/test_kept_cover.py"),
)
_SETTLEMENT: Tests = (
    ("tests/settlement/test_rules.py",),
    ("tests/settlement", "tests/funding/test_prepaid.py", "tests/closing/test_months.py"),
)
_CONTRACTS: Tests = (
    ("tests/contracts/test_rules.py", "tests/settlement/test_rules.py"),
    ("tests/contracts", "tests/settlement/test_fees.py", "tests/settlement/test_operations.py"),
)
_KERNEL: Tests = (
    ("tests/kernel/test_money.py", "tests/kernel/test_accrual.py", "tests/kernel/test_rates.py"),
    ("tests/ledger", "tests/funding/test_rules.py"),
)
_FORMATS: Tests = (
    ("tests/banking/test_formats_pain001.py", "tests/banking/test_rules.py"),
    ("tests/banking", "tests/funding/test_payment_run.py", "tests/funding/test_payees.py"),
)

MONEY: Mapping[str, Tests] = {
    "cessio/kernel/money.py": _KERNEL,
    "cessio/kernel/accrual.py": _KERNEL,
    "cessio/kernel/rates.py": _KERNEL,
    "cessio/ledger/rules.py": (("tests/ledger",), ("tests/closing/test_operations.py",)),
    "cessio/ledger/operations.py": (("tests/ledger",), ("tests/funding/test_operations.py",)),
    "cessio/funding/rules/waterfall.py": _FUNDING,
    "cessio/funding/rules/facts.py": _FUNDING,
    "cessio/funding/rules/invoices.py": _FUNDING,
    "cessio/funding/rules/concentration.py": _FUNDING,
    "cessio/funding/rules/drawdowns.py": _FUNDING,
    "cessio/funding/rules/payouts.py": _FUNDING,
    "cessio/funding/rules/standing.py": _FUNDING,
    "cessio/receivables/rules/eligibility.py": (
        ("tests/receivables/test_rules.py",),
        ("tests/receivables/test_assignment.py", "tests/receivables/test_bulk.py"),
    ),
    "cessio/limits/rules/cover.py": _LIMITS,
    "cessio/limits/rules/decisions.py": _LIMITS,
    "cessio/limits/rules/losses.py": _LIMITS,
    "cessio/cash/rules/matching.py": _CASH,
    "cessio/cash/rules/subsets.py": _CASH,
    "cessio/cash/rules/references.py": _CASH,
    "cessio/cash/rules/kept.py": _CASH,
    "cessio/settlement/rules/financing.py": _SETTLEMENT,
    "cessio/settlement/rules/unpaid.py": _SETTLEMENT,
    "cessio/settlement/rules/losses.py": _SETTLEMENT,
    "cessio/settlement/rules/cost.py": _SETTLEMENT,
    "cessio/contracts/rules/financing.py": _CONTRACTS,
    "cessio/contracts/rules/grids.py": _CONTRACTS,
    "cessio/collections/rules/penalties.py": (
        ("tests/collections/test_rules.py",), ("tests/collections",)),
    "cessio/banking/formats/pain001.py": _FORMATS,
    "cessio/banking/formats/sepa_text.py": _FORMATS,
    "cessio/banking/rules/payouts.py": _FORMATS,
}  # fmt: skip
