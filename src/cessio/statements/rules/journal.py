"""A contract's account as the client's accountant posts it (domain.md §4.2).

The client's books mirror ours: what we owe it, it is owed. Its entry of a transaction is therefore
ours with every sign turned, on its own accounts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby

from cessio.kernel.errors import CessioError, Invalid
from cessio.kernel.money import allocate
from cessio.ledger import AccountKind


class ChartAccount(StrEnum):
    """An account of the client's own chart, by what it is for."""

    FACTOR = "factor"
    RETENTION = "retention"
    CUSTOMERS = "customers"
    FEES = "fees"
    VAT = "vat"
    FINANCING = "financing"
    BANK = "bank"


@dataclass(frozen=True, slots=True)
class Chart:
    """The client's numbers of these accounts, and the code of the journal they are posted to."""

    journal: str
    accounts: Mapping[ChartAccount, str]


#: domain.md §4.2, with the zeros that packages fill up with.
DEFAULT_CHART = Chart(
    "AF",
    {
        ChartAccount.FACTOR: "467100", ChartAccount.RETENTION: "467200",
        ChartAccount.CUSTOMERS: "411000", ChartAccount.FEES: "622500",
        ChartAccount.VAT: "445660", ChartAccount.FINANCING: "661600",
        ChartAccount.BANK: "512000",
    },
)  # fmt: skip

#: Ours → the client's. What is on neither side is between us and others, e.g. an insurer.
MIRRORS = {
    AccountKind.CLIENT_CURRENT: ChartAccount.FACTOR,
    AccountKind.RETENTION_FUND: ChartAccount.RETENTION,
    AccountKind.RECEIVABLE: ChartAccount.CUSTOMERS,
    AccountKind.FEE_INCOME: ChartAccount.FEES,
    AccountKind.VAT_COLLECTED: ChartAccount.VAT,
    AccountKind.INTEREST_INCOME: ChartAccount.FINANCING,
    AccountKind.PAYOUT_CLEARING: ChartAccount.BANK,
    AccountKind.SUSPENSE_CASH: ChartAccount.BANK,
    AccountKind.BANK: ChartAccount.BANK,
}
_NUMBER = re.compile(r"[1-8][0-9A-Z]{2,11}")
_JOURNAL = re.compile(r"[0-9A-Z]{1,5}")


class NotInEuros(Invalid):
    """A French journal is kept in euros; this contract is not."""


class JournalBroken(CessioError):
    """A transaction whose lines do not balance within the client's books: never to happen."""


@dataclass(frozen=True, slots=True)
class BookedEntry:
    """One entry of our ledger, debit positive; of a receivable, with the document it is."""

    transaction_id: int
    kind: str
    reversed_kind: str | None
    booked_on: date
    memo: str | None
    account: AccountKind
    amount_minor: int
    number: str | None = None
    issued_on: date | None = None
    debtor_code: str | None = None
    debtor_name: str | None = None


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One line of the client's journal; ``amount_minor`` is signed, debit positive."""

    entry: BookedEntry
    account: ChartAccount
    amount_minor: int

    @property
    def debit_minor(self) -> int:
        """What stands in the debit column."""
        return max(0, self.amount_minor)

    @property
    def credit_minor(self) -> int:
        """What stands in the credit column."""
        return max(0, -self.amount_minor)


def journal(entries: Iterable[BookedEntry]) -> tuple[JournalLine, ...]:
    """The client's journal of these entries, which come transaction by transaction, whole.

    Each transaction balances. Where we or an insurer bear a part of a receivable, the client
    posts its own part only.
    """
    lines: list[JournalLine] = []
    for _, group in groupby(entries, key=lambda one: one.transaction_id):
        lines += _mirrored(list(group))
    return tuple(lines)


def _mirrored(entries: list[BookedEntry]) -> list[JournalLine]:
    known = [one for one in entries if one.account in MIRRORS]
    customers = [one for one in known if one.account is AccountKind.RECEIVABLE]
    others = [one for one in known if one.account is not AccountKind.RECEIVABLE]
    lines = [JournalLine(one, MIRRORS[one.account], -one.amount_minor) for one in others]
    owed = sum(one.amount_minor for one in others)
    if owed and not customers:
        raise JournalBroken(
            "journal_unbalanced", "transaction {id} does not balance", id=entries[0].transaction_id
        )
    parts = allocate(owed, [abs(one.amount_minor) for one in customers]) if customers else []
    if -owed == sum(one.amount_minor for one in customers):
        parts = [-one.amount_minor for one in customers]
    lines += [
        JournalLine(one, ChartAccount.CUSTOMERS, part)
        for one, part in zip(customers, parts, strict=True) if part
    ]  # fmt: skip
    return lines


def check_chart(chart: Chart) -> list[CessioError]:
    """What is wrong with the numbers of a chart, one refusal a field."""
    faults: list[CessioError] = [
        Invalid("account_number", "an account number has 3 to 12 digits or capital letters and "
                "begins with its class, 1 to 8", field=account.value)
        for account, number in chart.accounts.items() if not _NUMBER.fullmatch(number)
    ]  # fmt: skip
    if not _JOURNAL.fullmatch(chart.journal):
        faults.append(Invalid("journal_code", "a journal's code has 1 to 5 digits or capital "
                              "letters", field="journal"))  # fmt: skip
    return faults
