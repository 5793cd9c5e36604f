"""Words of settlement and of the ledger: steps of a daily run, charges, accounts."""

from __future__ import annotations

from cessio.ledger import AccountKind
from cessio.plumbing.i18n import Lazy, lazy
from cessio.web.words.registry import label, labels

labels(
    AccountKind,
    {
        AccountKind.RECEIVABLE: lazy("Debtors"),
        AccountKind.CLIENT_CURRENT: lazy("Clients' current accounts"),
        AccountKind.RETENTION_FUND: lazy("Retention funds"),
        AccountKind.BANK: lazy("Banks"),
        AccountKind.SUSPENSE_CASH: lazy("Money to match"),
        AccountKind.PAYOUT_CLEARING: lazy("Payouts on their way"),
        AccountKind.FEE_INCOME: lazy("Factoring commissions"),
        AccountKind.INTEREST_INCOME: lazy("Financing commissions"),
        AccountKind.VAT_COLLECTED: lazy("VAT collected"),
        AccountKind.INSURER_RECEIVABLE: lazy("Claims on insurers"),
        AccountKind.INSURER_PAYABLE: lazy("Debts to insurers"),
        AccountKind.IMPAIRMENT_EXPENSE: lazy("Losses"),
        AccountKind.ACCRUED_INTEREST: lazy("Interest accrued"),
    },
)

_STEPS: dict[str, Lazy] = {
    "financing_days": lazy("Days of financing computed"),
    "annual_minimum": lazy("Annual minimums completed"),
    "financing_commission": lazy("Financing commission charged"),
    "retention_release": lazy("Retention funds released"),
    "retention_call": lazy("Retention funds brought up to target"),
}
_CHARGES: dict[str, Lazy] = {
    "post_counted": lazy("Month's commission"),
    "adjustment": lazy("Correction of the month before"),
}


def step_name(step: str) -> str:
    """What a step of a daily run does."""
    return str(_STEPS[step]) if step in _STEPS else label(step)


def charge_name(kind: str) -> str:
    """What a financing charge is."""
    return str(_CHARGES[kind]) if kind in _CHARGES else label(kind)
