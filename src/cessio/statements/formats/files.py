"""A statement of account as PDF, CSV and XLSX, as banks report it, and as a journal (FEC)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from cessio.kernel.money import Money
from cessio.plumbing import formats, i18n
from cessio.plumbing.csv import write_csv
from cessio.plumbing.i18n import gettext
from cessio.plumbing.pdf import render_pdf
from cessio.plumbing.tables import Column
from cessio.plumbing.xlsx import write_xlsx
from cessio.statements.formats.banks import camt_file, cfonb_file, mt940_file
from cessio.statements.formats.fec import fec_bytes
from cessio.statements.formats.words import SECTIONS, describe, noted
from cessio.statements.rules import Chart, JournalLine, Section, Statement


class StatementFormat(StrEnum):
    """What a statement can be had as."""

    PDF = "pdf"
    CSV = "csv"
    XLSX = "xlsx"
    CAMT053 = "camt053"
    MT940 = "mt940"
    CFONB120 = "cfonb120"
    FEC = "fec"


MEDIA_TYPES = {
    StatementFormat.PDF: ("application/pdf", "pdf"),
    StatementFormat.CSV: ("text/csv; charset=utf-8", "csv"),
    StatementFormat.XLSX: (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx",
    ),
    StatementFormat.CAMT053: ("application/xml", "xml"),
    StatementFormat.MT940: ("text/plain; charset=us-ascii", "sta"),
    StatementFormat.CFONB120: ("text/plain; charset=us-ascii", "cfo"),
    StatementFormat.FEC: ("text/plain; charset=utf-8", "txt"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parties:
    """Who issues a statement and who receives it, as printed."""

    factor_name: str
    factor_legal: str
    factor_address: tuple[str, ...]
    factor_bic: str | None
    client_name: str
    client_address: tuple[str, ...]
    client_siren: str | None


#: What the formats are called where one chooses.
NAMES = {
    StatementFormat.PDF: "PDF", StatementFormat.CSV: "CSV", StatementFormat.XLSX: "XLSX",
    StatementFormat.CAMT053: "camt.053", StatementFormat.MT940: "MT940",
    StatementFormat.CFONB120: "CFONB 120", StatementFormat.FEC: "FEC",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Posted:
    """The client's journal of the period, and the account numbers it is posted on."""

    lines: tuple[JournalLine, ...]
    chart: Chart


def render(
    statement: Statement, parties: Parties, file_format: StatementFormat, *, code: str,
    figures: Sequence[tuple[str, str]], language: str, at: datetime, verify_at: str = "",
    posted: Posted | None = None,
) -> bytes:  # fmt: skip
    """The file, with ``code`` to verify it by at ``verify_at``; ``figures`` are label and text.

    A journal is made of what was ``posted``.
    """
    with i18n.use_language(language):
        match file_format:
            case StatementFormat.PDF:
                data = _letter(statement, parties, code, figures, at) | {"verify_at": verify_at}
                return render_pdf("contract_statement", data, language=language, at=at)
            case StatementFormat.CSV:
                dialect = "french_excel" if language == "fr" else "standard"
                columns = [*_columns(statement), Column(gettext("Verification code"))]
                rows = [(*row, code) for row in _rows(statement)]
                return write_csv(columns, rows, dialect)  # type: ignore[arg-type]
            case StatementFormat.XLSX:
                about = {
                    gettext("Contract"): statement.reference,
                    gettext("Client"): statement.client_name,
                    gettext("Period"): _period(statement),
                    gettext("Verification code"): code,
                }
                return write_xlsx(
                    _columns(statement), _rows(statement), title=statement.reference, at=at,
                    about=about,
                )  # fmt: skip
            case StatementFormat.CAMT053:
                return camt_file(
                    statement, owner=parties.client_name, bic=parties.factor_bic, code=code, at=at
                )
            case StatementFormat.MT940:
                return mt940_file(statement, owner=parties.client_name, code=code)
            case StatementFormat.CFONB120:
                return cfonb_file(statement, owner=parties.client_name, code=code)
            case StatementFormat.FEC:
                assert posted is not None
                return fec_bytes(posted.lines, posted.chart)


def _columns(statement: Statement) -> list[Column]:
    currency = statement.currency
    return [
        Column(gettext("Account")), Column(gettext("Date"), "date"),
        Column(gettext("Value date"), "date"), Column(gettext("Description")),
        Column(gettext("Reference")), Column(gettext("Debit"), "money", currency),
        Column(gettext("Credit"), "money", currency), Column(gettext("Balance"), "money", currency),
        Column(gettext("Transaction"), "number"),
    ]  # fmt: skip


def _rows(statement: Statement) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for section in statement.sections:
        name = str(SECTIONS[section.kind])
        rows.append(_total(name, statement.from_on, gettext("Opening balance"),
                           section.opening_minor))  # fmt: skip
        rows += [
            (
                name, line.booked_on, line.value_date, describe(line), noted(line),
                -line.amount_minor if line.amount_minor < 0 else None,
                line.amount_minor if line.amount_minor > 0 else None,
                line.balance_minor, line.transaction_id,
            )
            for line in section.lines
        ]  # fmt: skip
        rows.append(_total(name, statement.to_on, gettext("Closing balance"),
                           section.closing_minor))  # fmt: skip
    return rows


def _total(name: str, on: date, words: str, minor: int) -> tuple[Any, ...]:
    return (name, on, None, words, "", None, None, minor, None)


def _letter(
    statement: Statement, parties: Parties, code: str, figures: Sequence[tuple[str, str]],
    at: datetime,
) -> dict[str, Any]:  # fmt: skip
    return {
        "factor": {
            "name": parties.factor_name, "legal": parties.factor_legal,
            "address": list(parties.factor_address),
        },
        "recipient": {"name": parties.client_name, "address": list(parties.client_address)},
        "reference": f"{statement.reference}-{statement.to_on:%Y%m%d}",
        "contract": statement.reference,
        "siren": formats.siren(parties.client_siren) if parties.client_siren else "",
        "currency": statement.currency, "start": statement.from_on, "end": statement.to_on,
        "issued_on": at, "verification": code,
        "accounts": [
            _account(section, statement.currency)
            for section in (statement.current, statement.retention)
        ],
        "figures": [
            {"label": label, "value": value, "strong": place == 0}
            for place, (label, value) in enumerate(figures)
        ],
        "notes": [],
    }  # fmt: skip


def _account(section: Section, currency: str) -> dict[str, Any]:
    return {
        "kind": section.kind.value,
        "opening": Money(section.opening_minor, currency),
        "closing": Money(section.closing_minor, currency),
        "debits": Money(section.debit_minor, currency),
        "credits": Money(section.credit_minor, currency),
        "movements": [
            {
                "on": line.booked_on, "value_on": line.value_date, "text": describe(line),
                "reference": noted(line),
                "debit": Money(-line.amount_minor, currency) if line.amount_minor < 0 else None,
                "credit": Money(line.amount_minor, currency) if line.amount_minor > 0 else None,
                "balance": Money(line.balance_minor, currency),
            }
            for line in section.lines
        ],
    }  # fmt: skip


def _period(statement: Statement) -> str:
    return f"{formats.date(statement.from_on)} – {formats.date(statement.to_on)}"
