"""Words of settlement and of the ledger: steps of a daily run, charges, accounts."""

from __future__ import annotations

from cessio.ledger import AccountKind
from cessio.plumbing.i18n import Lazy, lazy
from cessio.settlement.rules import UnpaidCause
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
        AccountKind.OWN_CAPITAL: lazy("Own capital"),
        AccountKind.REFINANCING: lazy("Refinancing"),
        AccountKind.REFINANCING_COST: lazy("Cost of refinancing and bank charges"),
        AccountKind.INTERNAL_TRANSFER: lazy("Transfers between our accounts"),
    },
)

labels(
    UnpaidCause,
    {
        UnpaidCause.CONTESTED: lazy("Its existence is contested"),
        UnpaidCause.INSOLVENT: lazy("The debtor is insolvent"),
        UnpaidCause.GUARANTEE: lazy("Days of the guarantee over"),
        UnpaidCause.RECOURSE: lazy("Days of recourse over"),
        UnpaidCause.BOTH: lazy("Days of the guarantee and of recourse over"),
    },
)

_STEPS: dict[str, Lazy] = {
    "financing_days": lazy("Days of financing computed"),
    "fees": lazy("Fees of the grids"),
    "annual_minimum": lazy("Annual minimums completed"),
    "financing_commission": lazy("Financing commission charged"),
    "retention_release": lazy("Retention funds released"),
    "retention_call": lazy("Retention funds brought up to target"),
    "statements": lazy("Clients told of their statements"),
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


_PROOFS: dict[str, Lazy] = {
    "ledger": lazy("Every transaction balances, and every account is its entries"),
    "receivables": lazy("Every invoice is open for what the ledger says"),
    "suspense": lazy("The money to match is the sum of its lines"),
    "cash": lazy("Every receipt applied is what its parts are"),
    "cover": lazy("Cover stays within invoices and limits"),
    "payouts": lazy("Every payout is what was drawn"),
    "documents": lazy("Every stored file still has its fingerprint"),
    "fee invoices": lazy("Fee invoices follow each other and are what was charged"),
    "closed days": lazy("Closed days still have their seals"),
    "daily seals": lazy("Every sealed row is as it was sealed, by the seals kept outside"),
}


def proof_name(name: str) -> str:
    """What a part of the verification proves."""
    return str(_PROOFS[name]) if name in _PROOFS else label(name)
