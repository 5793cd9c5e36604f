"""What people and spreadsheets read, read back by other people's libraries: to the cent, coded."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from decimal import Decimal

import fastexcel
import pytest
from lxml import etree
from pypdf import PdfReader
from sqlalchemy.orm import Session
from tests.banking.camt_samples import SCHEMAS
from tests.walking import NOW, UNTIL

from cessio.contracts import queries as contracts
from cessio.funding import queries as funding
from cessio.kernel.money import to_decimal
from cessio.plumbing import formats
from cessio.plumbing.i18n import use_language
from cessio.statements import Statement, StatementFormat, contract_statement
from cessio.statements.operations import issue_all
from cessio.statements.queries.accounts import closing_figures

FIRST = date(2026, 9, 1)
MONTH_END = date(2026, 10, 31)
SHOWN = [
    StatementFormat.CSV, StatementFormat.XLSX, StatementFormat.PDF, StatementFormat.CAMT053,
]  # fmt: skip


def test_every_opening_movement_and_closing_is_in_every_file(session: Session) -> None:
    for contract in contracts.contracts(session):
        told = contract_statement(session, contract_id=contract.id, from_on=FIRST, to_on=UNTIL)
        made = issue_all(session, told, SHOWN, language="en", by="person:1", at=NOW)
        assert len({one.code for one in made}) == 1
        wanted: list[tuple[Decimal | None, Decimal]] = []
        for section in told.sections:
            wanted.append((None, to_decimal(section.opening_minor, told.currency)))
            wanted += [
                (
                    to_decimal(one.amount_minor, told.currency),
                    to_decimal(one.balance_minor, told.currency),
                )
                for one in section.lines
            ]
            wanted.append((None, to_decimal(section.closing_minor, told.currency)))  # fmt: skip
        assert _csv(made[0].content, made[0].code) == wanted
        assert _xlsx(made[1].content) == wanted
        assert made[3].code.encode() in made[3].content
        pages = PdfReader(io.BytesIO(made[2].content)).pages
        text = " ".join(page.extract_text() for page in pages)
        flat = re.sub(r"\s", "", text)
        assert made[2].code in flat
        for minor in _printed(told):
            assert _in_english(minor, told.currency) in flat, (contract.reference, minor)


def test_a_closed_months_figures_are_kept_and_those_the_entries_give(session: Session) -> None:
    kept = 0
    for contract in contracts.contracts(session):
        told = contract_statement(session, contract_id=contract.id, from_on=FIRST, to_on=MONTH_END)
        try:
            found = funding.availability(
                session, contract_id=contract.id, on=MONTH_END, as_of=MONTH_END
            )
        except contracts.TermsMissing:
            assert closing_figures(session, told) == []
            continue
        kept += len(funding.kept_on(session, on=MONTH_END, contract_ids=[contract.id]))
        minors = (
            found.available_minor, found.outstanding_minor, found.fundable_minor,
            found.funds_in_use_minor, found.facility_room_minor,
        )  # fmt: skip
        assert [said for _, said in closing_figures(session, told)] == [
            formats.money(minor, told.currency) for minor in minors
        ]
    assert kept


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="no schemas at hand (../shared/xsd)")
def test_every_contract_told_to_a_bank_is_valid(session: Session) -> None:
    schema = etree.XMLSchema(etree.parse(SCHEMAS / "camt.053.001.08.xsd"))
    for contract in contracts.contracts(session):
        told = contract_statement(session, contract_id=contract.id, from_on=FIRST, to_on=UNTIL)
        kind = [StatementFormat.CAMT053]
        (made,) = issue_all(session, told, kind, language="en", by="person:1", at=NOW)
        schema.assertValid(etree.fromstring(made.content))


def _printed(told: Statement) -> list[int]:
    """Openings, balances and closings of what is printed."""
    found = []
    for section in (told.current, told.retention):
        found += [section.opening_minor, section.closing_minor]
        found += [one.balance_minor for one in section.lines]
    return found


def _in_english(minor: int, currency: str) -> str:
    with use_language("en"):
        _, whole, cents, _ = formats.money_parts(abs(minor), currency)
    return re.sub(r"\s", "", whole + cents)


def _csv(content: bytes, code: str) -> list[tuple[Decimal | None, Decimal]]:
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert {row["Verification code"] for row in rows} == {code}
    return [(_moved(row["Debit"], row["Credit"]), Decimal(row["Balance"])) for row in rows]


def _xlsx(content: bytes) -> list[tuple[Decimal | None, Decimal]]:
    rows = fastexcel.read_excel(content).load_sheet(0).to_polars().to_dicts()
    return [(_moved(row["Debit"], row["Credit"]), _cents(row["Balance"])) for row in rows]


def _moved(debit: object, credit: object) -> Decimal | None:
    if debit in (None, "") and credit in (None, ""):
        return None
    return _cents(credit or 0) - _cents(debit or 0)


def _cents(value: object) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.01"))
