"""A portfolio report as PDF, XLSX and CSV: the same figures, under one verification code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from cessio.correspondence.queries import Issuer
from cessio.kernel.money import Money
from cessio.plumbing import formats, i18n
from cessio.plumbing.csv import write_csv
from cessio.plumbing.i18n import Lazy, gettext, lazy
from cessio.plumbing.pdf import render_pdf
from cessio.plumbing.tables import Column
from cessio.plumbing.xlsx import write_xlsx
from cessio.reporting.rules import AgeBucket
from cessio.reporting.rules.loan_tape import Tape, TapeLine, TapeTotal, share


class ReportFormat(StrEnum):
    """What a report can be had as."""

    PDF = "pdf"
    XLSX = "xlsx"
    CSV = "csv"


MEDIA_TYPES = {
    ReportFormat.PDF: "application/pdf",
    ReportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ReportFormat.CSV: "text/csv; charset=utf-8",
}
AGES: dict[AgeBucket, Lazy] = {
    AgeBucket.NOT_DUE: lazy("Not due yet"),
    AgeBucket.DAYS_1_30: lazy("1 to 30 days late"),
    AgeBucket.DAYS_31_60: lazy("31 to 60 days late"),
    AgeBucket.DAYS_61_90: lazy("61 to 90 days late"),
    AgeBucket.OVER_90: lazy("More than 90 days late"),
}


def render(
    tape: Tape, issuer: Issuer, file_format: ReportFormat, *, code: str, language: str,
    at: datetime, verify_at: str,
) -> bytes:  # fmt: skip
    """The file."""
    with i18n.use_language(language):
        match file_format:
            case ReportFormat.PDF:
                data = _letter(tape, issuer, code, at) | {"verify_at": verify_at}
                return render_pdf("portfolio_report", data, language=language, at=at)
            case ReportFormat.CSV:
                dialect = "french_excel" if language == "fr" else "standard"
                return write_csv(_columns(), _rows(tape, code), dialect)  # type: ignore[arg-type]
            case ReportFormat.XLSX:
                about = {
                    gettext("As of"): formats.date(tape.as_of),
                    gettext("Verification code"): code,
                }
                return write_xlsx(
                    _columns(), _rows(tape, code), title=gettext("Loan tape"), at=at, about=about
                )


def _columns() -> list[Column]:
    """One line a contract: the same columns for every reader."""
    return [
        Column(gettext("As of"), "date"), Column(gettext("Client")), Column(gettext("Contract")),
        Column(gettext("Currency")), Column(gettext("Outstanding"), "money"),
        Column(gettext("Eligible"), "money"), Column(gettext("Fundable"), "money"),
        Column(gettext("Funds in use"), "money"), Column(gettext("Retention fund"), "money"),
        Column(gettext("Disputed"), "money"),
        *(Column(str(AGES[bucket]), "money") for bucket in AgeBucket),
        Column(gettext("Invoiced in three months"), "money"),
        Column(gettext("Diluted in three months"), "money"), Column(gettext("Dilution"), "rate"),
        Column(gettext("Greatest debtor")), Column(gettext("It owes"), "money"),
        Column(gettext("Its share"), "rate"), Column(gettext("Verification code")),
    ]  # fmt: skip


def _rows(tape: Tape, code: str) -> list[tuple[Any, ...]]:
    return [
        (
            tape.as_of, line.client_name, line.reference, line.currency, line.outstanding_minor,
            line.eligible_minor, line.fundable_minor, line.funded_minor, line.retention_minor,
            line.disputed_minor, *(line.ages[bucket] for bucket in AgeBucket),
            line.diluted.invoiced_minor,
            line.diluted.credit_notes_minor + line.diluted.differences_minor, line.diluted.rate,
            line.largest_name, line.largest_minor, line.largest_share, code,
        )
        for line in tape.lines
    ]  # fmt: skip


def _letter(tape: Tape, issuer: Issuer, code: str, at: datetime) -> dict[str, Any]:
    return {
        "factor": {"name": issuer.name, "legal": issuer.legal, "address": list(issuer.address)},
        "recipient": {"name": gettext("To the refinancing bank"), "address": []},
        "reference": f"P-{tape.as_of:%Y%m%d}", "as_of": tape.as_of, "issued_on": at,
        "verification": code, "contracts": len(tape.lines),
        "currencies": [_currency(one, tape.lines) for one in tape.totals],
    }  # fmt: skip


def _currency(total: TapeTotal, lines: tuple[TapeLine, ...]) -> dict[str, Any]:
    def money(minor: int) -> Money:
        return Money(minor, total.currency)

    return {
        "currency": total.currency, "outstanding": money(total.outstanding_minor),
        "eligible": money(total.eligible_minor), "fundable": money(total.fundable_minor),
        "funded": money(total.funded_minor), "retention": money(total.retention_minor),
        "disputed": money(total.disputed_minor),
        "late": money(_late(total.ages)),
        "invoiced": money(total.diluted.invoiced_minor),
        "diluted": money(total.diluted.credit_notes_minor + total.diluted.differences_minor),
        "dilution": _percent(total.diluted.rate), "largest": _percent(total.largest_share),
        "ages": [{"label": str(AGES[bucket]), "amount": money(total.ages[bucket])}
                 for bucket in AgeBucket],
        "debtors": [
            {"name": one.name, "amount": money(one.open_minor),
             "share": _percent(share(one.open_minor, total.outstanding_minor))}
            for one in total.debtors
        ],
        "lines": [_contract(line) for line in lines if line.currency == total.currency],
    }  # fmt: skip


def _late(ages: Mapping[AgeBucket, int]) -> int:
    """What is late by more than sixty days."""
    return ages[AgeBucket.DAYS_61_90] + ages[AgeBucket.OVER_90]


def _contract(line: TapeLine) -> dict[str, Any]:
    def money(minor: int) -> Money:
        return Money(minor, line.currency)

    return {
        "client": line.client_name, "reference": line.reference,
        "outstanding": money(line.outstanding_minor), "eligible": money(line.eligible_minor),
        "funded": money(line.funded_minor), "disputed": money(line.disputed_minor),
        "late": money(_late(line.ages)), "dilution": _percent(line.diluted.rate),
        "largest": _percent(line.largest_share),
    }  # fmt: skip


def _percent(rate: Any) -> str:
    return "" if rate is None else formats.percent(rate)
