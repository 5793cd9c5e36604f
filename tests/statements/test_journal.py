"""Journal, statement and collections of the demonstration's contracts say the same to the cent."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import pytest
from fec_parser.parser import FECParser
from pycamt.parser import Camt053Parser
from sqlalchemy import text
from sqlalchemy.orm import Session
from tests.walking import NOW, UNTIL

from cessio import statements
from cessio.contracts import queries as contracts
from cessio.statements import StatementFormat, contract_statement, queries
from cessio.statements.rules import DEFAULT_CHART, ChartAccount, CollectedAs, NotInEuros

FIRST = date(2026, 9, 1)
HEAD = [
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib",
    "CompAuxNum", "CompAuxLib", "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit",
    "EcritureLet", "DateLet", "ValidDate", "Montantdevise", "Idevise",
]  # fmt: skip


def in_euros(session: Session) -> list[int]:
    """The contracts that a French journal can be kept for."""
    found = [one.id for one in contracts.contracts(session) if one.currency == "EUR"]
    assert found
    return found


def test_the_journal_moves_the_factors_accounts_as_the_statement_does(session: Session) -> None:
    for contract_id in in_euros(session):
        told = contract_statement(session, contract_id=contract_id, from_on=FIRST, to_on=UNTIL)
        lines = queries.client_journal(session, contract_id=contract_id, from_on=FIRST, to_on=UNTIL)
        moved: dict[ChartAccount, int] = defaultdict(int)
        by_transaction: dict[int, int] = defaultdict(int)
        for line in lines:
            moved[line.account] += line.amount_minor
            by_transaction[line.entry.transaction_id] += line.amount_minor
        for account, section in (
            (ChartAccount.FACTOR, told.current), (ChartAccount.RETENTION, told.retention)
        ):  # fmt: skip
            assert moved[account] == section.closing_minor - section.opening_minor
        assert not any(by_transaction.values())
        assert set(moved) >= {ChartAccount.CUSTOMERS, ChartAccount.FEES, ChartAccount.VAT}


def test_a_library_of_others_reads_the_fec_with_the_same_amounts(session: Session) -> None:
    contract_id = in_euros(session)[0]
    made = statements.issue_statement(
        session, contract_id=contract_id, from_on=FIRST, to_on=UNTIL,
        file_format=StatementFormat.FEC, language="fr", by="person:1", at=NOW,
    )  # fmt: skip
    assert made.filename.endswith(f"FEC{UNTIL:%Y%m%d}.txt")
    head = made.content.split(b"\r\n")[0].decode().split("\t")
    assert len(head) == 18
    read = list(FECParser.from_bytesio(BytesIO(made.content)).get_ecritures())
    lines = queries.client_journal(session, contract_id=contract_id, from_on=FIRST, to_on=UNTIL)
    assert [(one.compte_num, one.debit - one.credit, one.ecriture_date) for one in read] == [
        (DEFAULT_CHART.accounts[line.account], Decimal(line.amount_minor) / 100,
         line.entry.booked_on)
        for line in lines
    ]  # fmt: skip
    assert sum(one.debit for one in read) == sum(one.credit for one in read) > 0
    assert {one.journal_code for one in read} == {"AF"}
    assert all(one.comp_aux_lib for one in read if one.compte_num == "411000")


def test_every_rule_of_the_fec_holds_and_validating_is_left_to_the_client(session: Session) -> None:
    for contract_id in in_euros(session):
        made = statements.issue_statement(
            session, contract_id=contract_id, from_on=FIRST, to_on=UNTIL,
            file_format=StatementFormat.FEC, language="fr", by="person:1", at=NOW,
        )  # fmt: skip
        told = StringIO(made.content.decode("utf-8"), newline="")
        head, *cells = csv.reader(told, delimiter="\t", quoting=csv.QUOTE_NONE)
        assert head == HEAD
        rows = [dict(zip(HEAD, row, strict=True)) for row in cells]
        groups = [(key, list(some)) for key, some in groupby(rows, itemgetter("EcritureNum"))]
        assert len({key for key, _some in groups}) == len(groups)
        for _key, some in groups:
            assert sum(_said(row["Debit"]) - _said(row["Credit"]) for row in some) == 0
            assert len({row["EcritureDate"] for row in some}) == 1
        for row in rows:
            assert all(row[name] for name in HEAD[:6] + HEAD[8:13]), row
            assert bool(row["CompAuxNum"]) == bool(row["CompAuxLib"])
            assert sorted([_said(row["Debit"]) > 0, _said(row["Credit"]) > 0]) == [False, True]
            assert date.fromisoformat(row["PieceDate"])
            assert FIRST <= date.fromisoformat(row["EcritureDate"]) <= UNTIL
            assert not any(row[name] for name in HEAD[13:])


def test_a_library_of_others_reads_the_camt_with_the_same_balances(
    session: Session, tmp_path: Path
) -> None:
    contract_id = in_euros(session)[0]
    told = contract_statement(session, contract_id=contract_id, from_on=FIRST, to_on=UNTIL)
    made = statements.issue_statement(
        session, contract_id=contract_id, from_on=FIRST, to_on=UNTIL,
        file_format=StatementFormat.CAMT053, language="fr", by="person:1", at=NOW,
    )  # fmt: skip
    file = Camt053Parser.from_file(_written(tmp_path, made.content))
    current = file.get_statement_info()[0]
    assert Decimal(str(current["OpeningBalance"])) == _euros(told.current.opening_minor)
    assert abs(Decimal(str(current["ClosingBalance"]))) == abs(_euros(told.current.closing_minor))
    signed = sum(
        Decimal(str(one["Amount"])) * (1 if one["CreditDebitIndicator"] == "CRDT" else -1)
        for one in file.get_transactions()
    )
    sections = (told.current, told.retention)
    assert signed == _euros(sum(one.closing_minor - one.opening_minor for one in sections))


def test_what_debtors_paid_is_what_left_the_invoices_with_the_vat_within(session: Session) -> None:
    vat = False
    for contract_id in in_euros(session):
        paid = queries.collections_to_declare(
            session, contract_id=contract_id, from_on=FIRST, to_on=UNTIL
        )
        told = contract_statement(session, contract_id=contract_id, from_on=FIRST, to_on=UNTIL)
        totals = told.outstanding.totals_by_kind()
        assert sum(one.amount_minor for one in paid) == -(
            totals.get("CASH_APPLICATION", 0) + totals.get("DIRECT_PAYMENT", 0)
        )
        known = [one for one in paid if one.vat_minor is not None and one.rate is not None]
        vat = vat or bool(known)
        for one in known:
            assert one.vat_minor is not None
            assert one.rate is not None
            net = one.amount_minor - one.vat_minor
            assert abs(net * one.rate - one.vat_minor) <= 2
    assert vat


def test_a_payment_is_declared_on_the_day_the_bank_had_it(session: Session) -> None:
    """It is found in the period it was recorded in, so that no payment is in nobody's list."""
    dates = session.execute(
        text("""
            SELECT receivable.contract_id, receivable.number, line.booked_on
              FROM cash_application AS made
              JOIN bank_line AS line ON line.id = made.bank_line_id
              JOIN cash_allocation AS part ON part.application_id = made.id
              JOIN receivable ON receivable.id = part.receivable_id
             WHERE made.undone_at IS NULL AND part.kind = 'payment'
             ORDER BY made.id LIMIT 20
        """)
    ).all()
    assert dates
    for contract_id, number, on in dates:
        paid = queries.collections_to_declare(
            session, contract_id=contract_id, from_on=FIRST, to_on=UNTIL
        )
        assert on in {one.collected_on for one in paid if one.number == number}


def test_a_credit_note_that_a_debtor_deducts_is_called_one(session: Session) -> None:
    hows = {
        one.how: one
        for contract_id in in_euros(session)
        for one in queries.collections_to_declare(
            session, contract_id=contract_id, from_on=FIRST, to_on=UNTIL
        )
    }
    assert hows[CollectedAs.PAYMENT].amount_minor > 0
    deducted = session.scalar(
        text("""
            SELECT count(*) FROM cash_allocation AS part
              JOIN cash_application AS made ON made.id = part.application_id
              JOIN receivable ON receivable.id = part.receivable_id
             WHERE receivable.kind = 'credit_note' AND made.undone_at IS NULL
        """)
    )
    assert (CollectedAs.CREDIT_NOTE in hows) == bool(deducted)


def test_a_contract_in_another_currency_has_a_statement_but_no_journal(session: Session) -> None:
    contract_id = in_euros(session)[0]
    session.execute(
        text("UPDATE contract SET currency = 'USD' WHERE id = :id"), {"id": contract_id}
    )
    with pytest.raises(NotInEuros):
        queries.client_journal(session, contract_id=contract_id, from_on=FIRST, to_on=UNTIL)


def _said(amount: str) -> Decimal:
    whole, cents = amount.split(",")
    assert len(cents) == 2
    return Decimal(f"{whole}.{cents}")


def _euros(minor: int) -> Decimal:
    return Decimal(minor) / 100


def _written(folder: Path, content: bytes) -> Path:
    place = folder / "statement.xml"
    place.write_bytes(content)
    return place
