"""The factor's own entries of a closed month in the 18 columns of the FEC (LPF art. A47 A-1).

Tab-separated, UTF-8, lines that end in CR LF, dates of eight digits, decimal commas, in French.
A transaction is one entry (``EcritureNum``): its number follows the month's, without a gap, in the
order of the books; it is validated on the day its business day was closed. Accounts bear numbers
of the general chart (PCG): who keeps the bank plan (PCEC) maps them in the general ledger.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice

from cessio.kernel.money import to_text
from cessio.ledger import AccountKind, TransactionKind
from cessio.plumbing.i18n import Lazy, lazy, use_language
from cessio.statements.formats.fec import COLUMNS

#: In which language the law reads it.
LANGUAGE = "fr"

#: Number and name of each kind of account; a bank's own number follows that of banks.
ACCOUNTS: dict[AccountKind, tuple[str, Lazy]] = {
    AccountKind.RECEIVABLE: ("411", lazy("Debtors")),
    AccountKind.CLIENT_CURRENT: ("4671", lazy("Clients' current accounts")),
    AccountKind.RETENTION_FUND: ("4672", lazy("Retention funds")),
    AccountKind.INSURER_RECEIVABLE: ("4673", lazy("Claims on insurers")),
    AccountKind.INSURER_PAYABLE: ("4674", lazy("Debts to insurers")),
    AccountKind.BANK: ("512", lazy("Banks")),
    AccountKind.SUSPENSE_CASH: ("471", lazy("Money to match")),
    AccountKind.PAYOUT_CLEARING: ("5115", lazy("Payouts on their way")),
    AccountKind.INTERNAL_TRANSFER: ("58", lazy("Transfers between our accounts")),
    AccountKind.FEE_INCOME: ("7061", lazy("Factoring commissions")),
    AccountKind.INTEREST_INCOME: ("7062", lazy("Financing commissions")),
    AccountKind.ACCRUED_INTEREST: ("4687", lazy("Interest accrued")),
    AccountKind.VAT_COLLECTED: ("44571", lazy("VAT collected")),
    AccountKind.IMPAIRMENT_EXPENSE: ("654", lazy("Losses")),
    AccountKind.OWN_CAPITAL: ("101", lazy("Own capital")),
    AccountKind.REFINANCING: ("164", lazy("Refinancing")),
    AccountKind.REFINANCING_COST: ("661", lazy("Cost of refinancing and bank charges")),
}

_ASSIGNED, _BANK = ("CE", lazy("Assignments")), ("BQ", lazy("Bank"))
_FUNDED, _CHARGED = ("FI", lazy("Funding")), ("CO", lazy("Commissions"))
_CASH, _OTHER = ("EN", lazy("Payments received")), ("OD", lazy("Other entries"))
_KIND = TransactionKind
#: The journal each kind of transaction is kept in, and what it is called.
JOURNALS: dict[TransactionKind, tuple[tuple[str, Lazy], Lazy]] = {
    _KIND.ASSIGNMENT: (_ASSIGNED, lazy("Assigned invoices")),
    _KIND.CREDIT_NOTE: (_ASSIGNED, lazy("Credit notes")),
    _KIND.SET_OFF: (_ASSIGNED, lazy("Credit set against an invoice")),
    _KIND.TRANSFER_BACK: (_ASSIGNED, lazy("Invoice transferred back")),
    _KIND.COMMISSION: (_CHARGED, lazy("Factoring commission and VAT")),
    _KIND.FINANCING_COMMISSION: (_CHARGED, lazy("Financing commission")),
    _KIND.ANNUAL_MINIMUM: (_CHARGED, lazy("Complement to the annual minimum and VAT")),
    _KIND.SERVICE_FEE: (_CHARGED, lazy("Fee of the contract and VAT")),
    _KIND.INTEREST_ACCRUAL: (_OTHER, lazy("Interest accrued")),
    _KIND.RETENTION_CALL: (_FUNDED, lazy("Retention fund, amount withheld")),
    _KIND.RETENTION_RELEASE: (_FUNDED, lazy("Retention fund, amount released")),
    _KIND.DRAWDOWN: (_FUNDED, lazy("Drawdown granted")),
    _KIND.PAYOUT_CONFIRMED: (_BANK, lazy("Payout that left")),
    _KIND.BANK_STATEMENT: (_BANK, lazy("Movement of a bank statement")),
    _KIND.OWN_MEANS: (_BANK, lazy("Own means")),
    _KIND.CASH_APPLICATION: (_CASH, lazy("Payment by a debtor")),
    _KIND.PAYMENT_DIFFERENCE: (_CASH, lazy("Short payment or discount")),
    _KIND.DIRECT_PAYMENT: (_CASH, lazy("Payment the client received directly")),
    _KIND.CASH_FROM_CLIENT: (_CASH, lazy("Payment from the client")),
    _KIND.CASH_REFUND: (_CASH, lazy("Payment given back")),
    _KIND.INDEMNITY: (_OTHER, lazy("Indemnity under guarantee")),
    _KIND.INSURER_CLAIM: (_OTHER, lazy("Claim on the insurer")),
    _KIND.LATE_RECOVERY: (_OTHER, lazy("Late recovery")),
    _KIND.REVERSAL: (_OTHER, lazy("Reversal")),
}
_REVERSED = lazy("Reversal: {what}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the books: ``minor`` is euro cents, a debit positive.

    ``kind`` is the transaction's, that of the reversed one if it reverses; ``third`` the code and
    name of whom an account is kept for, or the bank account's number and name.
    """

    number: int
    transaction_id: int
    kind: TransactionKind
    is_reversal: bool
    booked_on: date
    valid_on: date
    account: AccountKind
    third_code: str | None
    third_name: str | None
    piece: str | None
    piece_on: date | None
    minor: int


@dataclass(frozen=True, slots=True)
class _Words:
    """Names as the file bears them."""

    journals: dict[TransactionKind, tuple[str, str]]
    kinds: dict[TransactionKind, str]
    accounts: dict[AccountKind, str]
    reversed: str


def fec_chunks(entries: Iterable[Entry], month: int) -> Generator[bytes]:
    """The file piece by piece, read as it leaves; ``month`` as 202610."""
    with use_language(LANGUAGE):
        words = _Words(
            {kind: (code, str(name)) for kind, ((code, name), _what) in JOURNALS.items()},
            {kind: str(what) for kind, (_journal, what) in JOURNALS.items()},
            {kind: str(name) for kind, (_number, name) in ACCOUNTS.items()},
            str(_REVERSED),
        )  # fmt: skip
    lines = chain([COLUMNS], (_cells(entry, month, words) for entry in entries))
    return _pieces(lines)


def _pieces(lines: Iterator[tuple[str, ...]]) -> Generator[bytes]:
    while some := tuple(islice(lines, 1_000)):
        yield b"".join(map(_line, some))


def _cells(entry: Entry, month: int, words: _Words) -> tuple[str, ...]:
    number, name = ACCOUNTS[entry.account][0], words.accounts[entry.account]
    code, third = entry.third_code or "", entry.third_name or ""
    if entry.account is AccountKind.BANK:
        number, name, code, third = f"{number}{code}", third or name, "", ""
    on, said = _day(entry.booked_on), words.kinds[entry.kind]
    if entry.is_reversal:
        said = words.reversed.format(what=said)
    return (
        *words.journals[entry.kind], f"{month}-{entry.number:07d}", on, number, name, code, third,
        entry.piece or f"T{entry.transaction_id}", _day(entry.piece_on or entry.booked_on),
        f"{said} {entry.piece}" if entry.piece else said, _amount(max(0, entry.minor)),
        _amount(max(0, -entry.minor)), "", "", _day(entry.valid_on), "", "",
    )  # fmt: skip


def _line(cells: Iterable[str]) -> bytes:
    """No separator within a cell."""
    return ("\t".join(" ".join(cell.split()) for cell in cells) + "\r\n").encode()


def _day(on: date) -> str:
    return f"{on:%Y%m%d}"


def _amount(minor: int) -> str:
    return to_text(minor).replace(".", ",")
