"""The factor's entries as a file: read by nobody's code of ours, every rule of the law holds."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from tests.walking import UNTIL

from cessio.closing import queries
from cessio.closing.formats.fec import ACCOUNTS, JOURNALS, fec_chunks
from cessio.kernel.calendar import month
from cessio.kernel.errors import Conflict
from cessio.ledger import AccountKind, TransactionKind

MONTH = 202610
HEAD = [
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib",
    "CompAuxNum", "CompAuxLib", "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit",
    "EcritureLet", "DateLet", "ValidDate", "Montantdevise", "Idevise",
]  # fmt: skip


def read(session: Session, number: int = MONTH) -> list[dict[str, str]]:
    period = month(date(number // 100, number % 100, 1))
    body = b"".join(fec_chunks(queries.entries_of_month(session, period), number))
    assert body.endswith(b"\r\n")
    text_ = body.decode("utf-8")
    rows = list(csv.reader(io.StringIO(text_, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE))
    assert rows[0] == HEAD
    assert {len(row) for row in rows} == {18}
    return [dict(zip(HEAD, row, strict=True)) for row in rows[1:]]


def cents(said: str) -> int:
    whole, part = said.split(",")
    assert len(part) == 2
    return int(whole) * 100 + int(part)


def test_every_rule_of_the_file_holds(demo_session: Session) -> None:
    rows = read(demo_session)
    entries: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        entries[row["EcritureNum"]].append(row)
    assert list(entries) == [f"{MONTH}-{place:07d}" for place in range(1, len(entries) + 1)]
    assert [row["EcritureDate"] for row in rows] == sorted(row["EcritureDate"] for row in rows)
    for lines in entries.values():
        assert sum(cents(row["Debit"]) - cents(row["Credit"]) for row in lines) == 0
        assert len({(row["JournalCode"], row["EcritureDate"]) for row in lines}) == 1
    for row in rows:
        assert all(row[name] for name in HEAD[:6] + HEAD[8:13] + ["ValidDate"]), row
        assert bool(row["CompAuxNum"]) == bool(row["CompAuxLib"])
        assert 0 in (cents(row["Debit"]), cents(row["Credit"]))
        assert row["CompteNum"][:3].isdigit()
        for name in ("EcritureDate", "PieceDate", "ValidDate"):
            date.fromisoformat(row[name])
        assert row["EcritureDate"][:6] == str(MONTH)
        assert row["ValidDate"] >= row["EcritureDate"]
    assert {"Cessions", "Banque"} < {row["JournalLib"] for row in rows}


def test_the_file_is_the_books_to_the_cent(demo_session: Session) -> None:
    moved: dict[str, int] = defaultdict(int)
    for row in read(demo_session):
        moved[row["CompteNum"]] += cents(row["Debit"]) - cents(row["Credit"])
    wanted: dict[str, int] = defaultdict(int)
    for kind, bank, minor in demo_session.execute(text(
        "SELECT account.kind, account.bank_id, sum(entry.amount_minor)::bigint"
        " FROM ledger_entry AS entry JOIN ledger_account AS account ON account.id = account_id"
        " JOIN ledger_transaction AS head ON head.id = transaction_id"
        " WHERE currency = 'EUR' AND to_char(booked_on, 'YYYYMM') = :month GROUP BY 1, 2"
    ), {"month": str(MONTH)}):  # fmt: skip
        number = ACCOUNTS[AccountKind(kind)][0]
        wanted[number + (f"{bank:03d}" if kind == "BANK" else "")] += minor
    assert moved == wanted


def test_a_month_whose_days_are_open_has_no_valid_entries(demo_session: Session) -> None:
    with pytest.raises(Conflict) as refused:
        read(demo_session, UNTIL.year * 100 + UNTIL.month)
    assert refused.value.code == "entries_not_valid"


def test_every_kind_has_its_journal_and_every_account_its_number() -> None:
    assert {*JOURNALS} == {*TransactionKind}
    assert {*ACCOUNTS} == {*AccountKind}
    assert len({number for number, _name in ACCOUNTS.values()}) == len(ACCOUNTS)
