"""MT940 and CFONB 120 tell the entries of the statement, and readers of others find them all."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

import mt940
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from tests.walking import NOW, UNTIL

from cessio import statements
from cessio.banking.formats.camt_writer import NotWritable
from cessio.banking.formats.cfonb120_writer import cfonb120_bytes, overpunched
from cessio.banking.formats.mt940_writer import mt940_bytes
from cessio.banking.formats.statement import (
    Balance,
    ParsedDetail,
    ParsedEntry,
    ParsedStatement,
)
from cessio.contracts import queries as contracts
from cessio.kernel.money import to_decimal
from cessio.statements import Section, Statement, StatementFormat, contract_statement
from cessio.statements.formats.words import noted

FIRST = date(2026, 9, 1)
CODE = re.compile("[0-9A-Z]{4}(-[0-9A-Z]{4}){2}")


def issued(
    session: Session, contract_id: int, file_format: StatementFormat
) -> tuple[Statement, statements.StatementFile]:
    told = contract_statement(session, contract_id=contract_id, from_on=FIRST, to_on=UNTIL)
    made = statements.issue_statement(
        session, contract_id=contract_id, from_on=FIRST, to_on=UNTIL, file_format=file_format,
        language="fr", by="person:1", at=NOW,
    )  # fmt: skip
    return told, made


def moves(section: Section, currency: str) -> list[tuple[date, date, Decimal]]:
    return [
        (line.booked_on, line.value_date, to_decimal(line.amount_minor, currency))
        for line in section.lines
    ]


def test_a_library_of_others_reads_every_entry_of_the_mt940(session: Session) -> None:
    for contract in contracts.contracts(session):
        told, made = issued(session, contract.id, StatementFormat.MT940)
        read = mt940.parse_statements(made.content.decode("ascii"))
        assert len(read) == 2
        for section, one in zip((told.current, told.retention), read, strict=True):
            assert one.data["transaction_reference"] == made.code
            for name, minor in (
                ("final_opening_balance", section.opening_minor),
                ("final_closing_balance", section.closing_minor),
            ):
                balance = one.data[name].amount
                assert (balance.amount, balance.currency) == (
                    to_decimal(minor, contract.currency), contract.currency
                )  # fmt: skip
            found = [
                (line.data["entry_date"], line.data["date"], line.data["amount"].amount)
                for line in one
            ]
            assert found == moves(section, contract.currency)
            assert [line.data["bank_reference"] for line in one] == [
                f"T{line.transaction_id}" for line in section.lines
            ]


def test_a_reader_of_the_published_layout_finds_every_entry_of_the_cfonb_120(
    session: Session,
) -> None:
    for contract in contracts.contracts(session):
        told, made = issued(session, contract.id, StatementFormat.CFONB120)
        records = made.content.decode("ascii").split("\r\n")
        assert records.pop() == ""
        assert {len(record) for record in records} == {120}
        assert {record[:2] for record in records} <= {"01", "04", "05", "07"}
        accounts = list(dict.fromkeys(record[21:32] for record in records))
        assert len(accounts) == 2
        for section, account in zip((told.current, told.retention), accounts, strict=True):
            mine = [record for record in records if record[21:32] == account]
            first, last = mine[0], mine[-1]
            assert (first[:2], last[:2]) == ("01", "07")
            assert (_day(first[34:40]), _day(last[34:40])) == (FIRST - timedelta(days=1), UNTIL)
            assert (_minor(first), _minor(last)) == (section.opening_minor, section.closing_minor)
            assert {record[16:19] for record in mine} == {contract.currency}
            assert CODE.match(first[104:]), first
            assert first[104:].strip() == made.code
            found = [
                (_day(one[34:40]), _day(one[42:48]), to_decimal(_minor(one), contract.currency))
                for one in mine if one[:2] == "04"
            ]  # fmt: skip
            assert found == moves(section, contract.currency)


@pytest.mark.parametrize(
    "file_format",
    [StatementFormat.CAMT053, StatementFormat.MT940, StatementFormat.CFONB120],
)
def test_no_code_of_ours_is_told_to_a_bank(session: Session, file_format: StatementFormat) -> None:
    codes = set()
    for contract in contracts.contracts(session):
        told, made = issued(session, contract.id, file_format)
        coded = {
            line.memo for section in (told.current, told.retention) for line in section.lines
            if line.memo and noted(line) != line.memo
        }  # fmt: skip
        text = made.content.decode()
        assert [
            code for code in coded if re.search(rf"(?<![\w-]){re.escape(code)}(?![\w-])", text)
        ] == []
        codes |= coded
    assert {"payout", "monthly"} & codes


def test_every_format_has_the_code_of_the_same_figures(session: Session) -> None:
    contract_id = contracts.contracts(session)[0].id
    codes = {issued(session, contract_id, each)[1].code for each in StatementFormat}
    assert len(codes) == 1


@given(minor=st.integers(-(10**14) + 1, 10**14 - 1))
def test_an_amount_in_fourteen_characters_is_read_back(minor: int) -> None:
    assert _read(overpunched(minor)) == minor


def test_what_does_not_fit_is_refused_and_no_text_is_taken_for_a_field() -> None:
    entry = ParsedEntry(
        amount_minor=-1_200, currency="EUR", booked_on=UNTIL, value_date=UNTIL, bank_ref="T1",
        details=(ParsedDetail(remittance=(":62F:C" + " é" * 40 + " -x :61:y" * 30,)),),
    )  # fmt: skip
    one = ParsedStatement(
        kind="x", statement_ref="x", currency="EUR", account="C1CC", to_on=UNTIL, from_on=UNTIL,
        opening=Balance("OPBD", 1_200), closing=Balance("CLBD", 0), entries=(entry,),
    )  # fmt: skip
    read = mt940.parse_statements(
        mt940_bytes([one], reference="AAAA-BBBB-CCCC", types={}).decode()
    )[0]
    assert [line.data["amount"].amount for line in read] == [Decimal("-12.00")]
    assert read.data["final_closing_balance"].amount.amount == 0
    with pytest.raises(NotWritable):
        mt940_bytes([one], reference="A" * 17, types={})
    with pytest.raises(NotWritable):
        cfonb120_bytes([one], reference="A" * 17, operations={})
    with pytest.raises(NotWritable):
        overpunched(10**14)


def _minor(record: str) -> int:
    return _read(record[90:104])


def _read(amount: str) -> int:
    """As the description says: a credit ends in { or A to I, a debit in } or J to R."""
    credit, debit = "{ABCDEFGHI", "}JKLMNOPQR"
    last = amount[-1]
    if last in credit:
        return int(amount[:-1] + str(credit.index(last)))
    return -int(amount[:-1] + str(debit.index(last)))


def _day(text: str) -> date:
    return datetime.strptime(text, "%d%m%y").date()  # noqa: DTZ007
