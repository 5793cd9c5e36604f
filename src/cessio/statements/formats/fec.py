"""The journal of a contract in the 18 columns of the FEC (LPF art. A47 A-1), tab-separated.

Every accounting package of France reads them. Lines end in CR LF, dates are eight digits, amounts
have a decimal comma; the text is UTF-8.

The client's own package posts them: it gives each its number in the continuous sequence the law
asks for and validates it. So ``ValidDate`` is empty, and ``EcritureNum`` is our transaction,
the same in every extract and on every statement: what was posted once is seen to be.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from cessio.kernel.money import to_text
from cessio.plumbing.i18n import gettext, lazy
from cessio.statements.formats.words import described
from cessio.statements.rules import Chart, ChartAccount, JournalLine

COLUMNS = (
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib",
    "CompAuxNum", "CompAuxLib", "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit",
    "EcritureLet", "DateLet", "ValidDate", "Montantdevise", "Idevise",
)  # fmt: skip

#: What each account is called.
ACCOUNTS = {
    ChartAccount.FACTOR: lazy("Factor, current account"),
    ChartAccount.RETENTION: lazy("Factor, retention fund"),
    ChartAccount.CUSTOMERS: lazy("Trade debtors"),
    ChartAccount.FEES: lazy("Factoring fees"),
    ChartAccount.VAT: lazy("Deductible VAT"),
    ChartAccount.FINANCING: lazy("Financing charges"),
    ChartAccount.BANK: lazy("Bank"),
}


def fec_bytes(lines: Iterable[JournalLine], chart: Chart) -> bytes:
    """The file, in the language in use."""
    rows = ["\t".join(COLUMNS)]
    rows += ["\t".join(map(_clean, _cells(line, chart))) for line in lines]
    return "".join(f"{row}\r\n" for row in rows).encode()


def piece_of(line: JournalLine) -> str:
    """What the line is on: the invoice's number, else our transaction."""
    return line.entry.number or f"T{line.entry.transaction_id}"


def label_of(line: JournalLine) -> str:
    """What happened, in words."""
    entry = line.entry
    said = described(entry.kind, entry.reversed_kind)
    return f"{said} {entry.number}" if entry.number else said


def _cells(line: JournalLine, chart: Chart) -> tuple[str, ...]:
    entry, on = line.entry, _day(line.entry.booked_on)
    return (
        chart.journal, gettext("Factoring"), f"T{entry.transaction_id}", on,
        chart.accounts[line.account], str(ACCOUNTS[line.account]), entry.debtor_code or "",
        entry.debtor_name or "", piece_of(line), _day(entry.issued_on or entry.booked_on),
        label_of(line), _amount(line.debit_minor), _amount(line.credit_minor), *[""] * 5,
    )  # fmt: skip


def _day(on: date) -> str:
    return f"{on:%Y%m%d}"


def _amount(minor: int) -> str:
    return to_text(minor).replace(".", ",")


def _clean(cell: str) -> str:
    """No separator within a cell."""
    return " ".join(cell.split())
