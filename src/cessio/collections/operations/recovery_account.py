"""The account of a file for legal recovery: as a table and as a paper with its code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from cessio.collections.models import RecoveryFile
from cessio.collections.queries.owed import owed
from cessio.collections.queries.recovery import AccountLine
from cessio.correspondence.queries import issuer
from cessio.kernel.money import Money
from cessio.parties import queries as parties
from cessio.plumbing import formats
from cessio.plumbing.csv import write_csv
from cessio.plumbing.i18n import gettext
from cessio.plumbing.mail import base_url
from cessio.plumbing.pdf import render_pdf, verification_code
from cessio.plumbing.tables import Column


def account_csv(lines: Sequence[AccountLine]) -> bytes:
    """The account for a spreadsheet, in the current language."""
    columns = [
        Column(gettext("Client")), Column(gettext("Contract")), Column(gettext("Invoice")),
        Column(gettext("Issued on"), "date"), Column(gettext("Due date"), "date"),
        Column(gettext("Currency")), Column(gettext("Amount"), "money"),
        Column(gettext("Open amount"), "money"), Column(gettext("Penalties"), "money"),
        Column(gettext("Indemnities"), "money"), Column(gettext("Total"), "money"),
    ]  # fmt: skip
    cells = [
        (one.client_name, one.contract_reference, one.number, one.issue_date, one.due_date,
         one.currency, one.amount_minor, one.open_minor, one.penalty_minor, one.indemnity_minor,
         one.total_minor) for one in lines
    ]  # fmt: skip
    return write_csv(columns, cells, "french_excel")


def account_code(row: RecoveryFile, lines: Sequence[AccountLine]) -> str:
    """What proves the paper: the same file and figures give the same code."""
    told = [
        f"{one.number}\t{one.due_date}\t{one.currency}\t{one.open_minor}\t{one.penalty_minor}"
        f"\t{one.indemnity_minor}" for one in lines
    ]  # fmt: skip
    return verification_code(f"recovery {row.id} {row.on}", "\n".join(told))


def account_pdf(
    session: Session, row: RecoveryFile, lines: Sequence[AccountLine],
    pieces: Sequence[tuple[str, str, date]], *, code: str, language: str, at: datetime,
) -> bytes:  # fmt: skip
    """The account on our paper, in the current language, with the list of the other pieces.

    ``pieces``: the name of each in the archive, what it is, and its day.
    """
    company = parties.debtor_file(session, row.debtor_id).company
    head = issuer(session)
    data = {
        "factor": {"name": head.name, "legal": head.legal, "address": list(head.address)},
        "recipient": {"name": row.given_to, "address": []},
        "reference": f"R-{row.id:06d}", "debtor": company.name,
        "siren": formats.siren(company.siren) if company.siren else None,
        "debtor_address": ", ".join(parties.address_of(company)) or None,
        "handed_on": formats.date(row.on, "long"), "file": row.reference, "verification": code,
        "verify_at": verify_at(),
        "pieces": [
            {"name": name, "what": what, "day": formats.date(day)} for name, what, day in pieces
        ],
        "rates": _rates(session, row, [one.receivable_id for one in lines]),
        "currencies": [
            _currency(currency, [one for one in lines if one.currency == currency])
            for currency in dict.fromkeys(one.currency for one in lines)
        ],
    }  # fmt: skip
    return render_pdf("recovery_account", data, language=language, at=at)


def verify_at() -> str:
    """Where what our papers say is checked, as they print it."""
    return base_url().partition("://")[2] + "/verify"


def _rates(session: Session, row: RecoveryFile, ids: Sequence[int]) -> str | None:
    """The annual rates of the penalties, the earliest half-year first."""
    found: dict[date, Any] = {}
    for one in owed(session, debtor_id=row.debtor_id, on=row.on, receivable_ids=ids):
        found |= {part.period.start: part.rate for part in one.late.segments}
    rates = dict.fromkeys(formats.percent(found[day], exact=True) for day in sorted(found))
    return ", ".join(rates) or None


def _currency(currency: str, lines: Sequence[AccountLine]) -> dict[str, Any]:
    def money(minor: int) -> Money:
        return Money(minor, currency)

    return {
        "currency": currency, "principal": money(sum(one.open_minor for one in lines)),
        "penalties": money(sum(one.penalty_minor for one in lines)),
        "indemnities": money(sum(one.indemnity_minor for one in lines)),
        "total": money(sum(one.total_minor for one in lines)),
        "lines": [
            {"client": one.client_name, "number": one.number,
             "issued": formats.date(one.issue_date), "due": formats.date(one.due_date),
             "open": money(one.open_minor), "penalty": money(one.penalty_minor),
             "indemnity": money(one.indemnity_minor), "total": money(one.total_minor)}
            for one in lines
        ],
    }  # fmt: skip
