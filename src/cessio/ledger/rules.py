"""What may be posted: kinds of accounts and transactions, and the shape of a posting."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cessio.kernel.errors import CessioError


class AccountKind(StrEnum):
    """Kinds of accounts (domain.md §4.1). Signed debit positive."""

    RECEIVABLE = "RECEIVABLE"
    CLIENT_CURRENT = "CLIENT_CURRENT"
    RETENTION_FUND = "RETENTION_FUND"
    BANK = "BANK"
    SUSPENSE_CASH = "SUSPENSE_CASH"
    PAYOUT_CLEARING = "PAYOUT_CLEARING"
    FEE_INCOME = "FEE_INCOME"
    INTEREST_INCOME = "INTEREST_INCOME"
    VAT_COLLECTED = "VAT_COLLECTED"
    INSURER_RECEIVABLE = "INSURER_RECEIVABLE"
    INSURER_PAYABLE = "INSURER_PAYABLE"
    IMPAIRMENT_EXPENSE = "IMPAIRMENT_EXPENSE"
    ACCRUED_INTEREST = "ACCRUED_INTEREST"
    OWN_CAPITAL = "OWN_CAPITAL"
    REFINANCING = "REFINANCING"
    REFINANCING_COST = "REFINANCING_COST"
    INTERNAL_TRANSFER = "INTERNAL_TRANSFER"


#: Which identity each kind of account must carry: contract, debtor, bank.
PER_CONTRACT = frozenset(
    {AccountKind.RECEIVABLE, AccountKind.CLIENT_CURRENT, AccountKind.RETENTION_FUND,
     AccountKind.PAYOUT_CLEARING}
)  # fmt: skip
PER_DEBTOR = frozenset({AccountKind.RECEIVABLE})
PER_BANK = frozenset({AccountKind.BANK, AccountKind.SUSPENSE_CASH})


class TransactionKind(StrEnum):
    """The business events that move the books."""

    ASSIGNMENT = "ASSIGNMENT"
    CREDIT_NOTE = "CREDIT_NOTE"
    SET_OFF = "SET_OFF"
    COMMISSION = "COMMISSION"
    RETENTION_CALL = "RETENTION_CALL"
    RETENTION_RELEASE = "RETENTION_RELEASE"
    DRAWDOWN = "DRAWDOWN"
    PAYOUT_CONFIRMED = "PAYOUT_CONFIRMED"
    BANK_STATEMENT = "BANK_STATEMENT"
    CASH_APPLICATION = "CASH_APPLICATION"
    PAYMENT_DIFFERENCE = "PAYMENT_DIFFERENCE"
    DIRECT_PAYMENT = "DIRECT_PAYMENT"
    CASH_FROM_CLIENT = "CASH_FROM_CLIENT"
    CASH_REFUND = "CASH_REFUND"
    FINANCING_COMMISSION = "FINANCING_COMMISSION"
    ANNUAL_MINIMUM = "ANNUAL_MINIMUM"
    SERVICE_FEE = "SERVICE_FEE"
    INTEREST_ACCRUAL = "INTEREST_ACCRUAL"
    TRANSFER_BACK = "TRANSFER_BACK"
    INDEMNITY = "INDEMNITY"
    INSURER_CLAIM = "INSURER_CLAIM"
    LATE_RECOVERY = "LATE_RECOVERY"
    OWN_MEANS = "OWN_MEANS"
    REVERSAL = "REVERSAL"


#: What is debited to a client's current account for our services.
CHARGES = (
    TransactionKind.COMMISSION, TransactionKind.FINANCING_COMMISSION,
    TransactionKind.ANNUAL_MINIMUM, TransactionKind.SERVICE_FEE,
)  # fmt: skip


class PostingError(CessioError):
    """A posting that can never be right: unbalanced, empty, or an account named wrongly."""


@dataclass(frozen=True, slots=True, order=True)
class AccountKey:
    """An account by what it is kept for; created at its first posting."""

    kind: AccountKind
    currency: str
    contract_id: int | None = None
    debtor_id: int | None = None
    bank_id: int | None = None

    def __post_init__(self) -> None:
        expected = (self.kind in PER_CONTRACT, self.kind in PER_DEBTOR, self.kind in PER_BANK)
        given = (
            self.contract_id is not None,
            self.debtor_id is not None,
            self.bank_id is not None,
        )
        if expected != given:
            raise PostingError(
                "account_misnamed",
                "a {kind} account needs contract, debtor, bank: {expected}; given: {given}",
                kind=self.kind, expected=expected, given=given,
            )  # fmt: skip

    @property
    def order(self) -> tuple[str, str, int, int, int]:
        """A total order, so that equal postings hash alike."""
        return (
            self.kind, self.currency, self.contract_id or 0, self.debtor_id or 0,
            self.bank_id or 0,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line to post: debit positive, never zero; RECEIVABLE lines name their receivable."""

    account: AccountKey
    amount_minor: int
    receivable_id: int | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """One balanced transaction to post. (source_kind, source_id, effect) is its identity."""

    kind: TransactionKind
    source_kind: str
    source_id: int
    effect: str
    value_date: date
    lines: tuple[Line, ...]
    contract_id: int | None = None
    memo: str | None = None

    def check(self) -> None:
        """Raise ``PostingError`` unless the lines are whole and balance per currency."""
        sums: dict[str, int] = {}
        for line in self.lines:
            if line.amount_minor == 0:
                raise PostingError("line_zero", "a ledger line may not be zero")
            if (line.account.kind is AccountKind.RECEIVABLE) != (line.receivable_id is not None):
                raise PostingError(
                    "receivable_missing", "a receivable line, and only it, names its receivable"
                )
            currency = line.account.currency
            sums[currency] = sums.get(currency, 0) + line.amount_minor
        if not self.lines or any(sums.values()):
            raise PostingError(
                "unbalanced", "the {kind} posting does not balance: {sums}",
                kind=self.kind, sums=sums,
            )  # fmt: skip

    @property
    def input_hash(self) -> bytes:
        """SHA-256 of everything that decides the effect, so that a replay is recognised."""
        head = (self.kind, self.source_kind, self.source_id, self.effect,
                self.value_date.isoformat(), self.contract_id)  # fmt: skip
        body = sorted(
            (line.account.order, line.amount_minor, line.receivable_id or 0) for line in self.lines
        )
        return hashlib.sha256(repr((head, body)).encode()).digest()
