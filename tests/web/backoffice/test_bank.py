"""The bank's files come in once, and what they say is there to be looked at."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from cessio.cash import queries as cash
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import run_pending
from cessio.worker import load_jobs
from tests.counting import counted
from tests.web.backoffice.desk import OUR_IBAN, Desk, make_desk, money_in, money_out


@pytest.fixture
def desk(engine: Engine, now: datetime, tmp_path: Path) -> Desk:
    return make_desk(engine, now, tmp_path)


def test_a_bank_file_is_imported_and_what_is_sure_applies_by_itself(desk: Desk) -> None:
    address = desk.receive(money_in(desk, 12_000_00, "FACTURE FA-1001"), money_in(desk, 77_77))
    shown = desk.denis.get(address)
    assert shown.status_code == 200
    assert "Movements imported: 2. Matched: 1. To look at: 1." in shown.text
    assert "Distribution Durand SA" in shown.text
    with transaction(desk.engine) as session:
        assert cash.unallocated(session).sums == {"EUR": 77_77}
    listed = desk.denis.get("/backoffice/bank").text
    assert "€77.77" in listed
    assert "As the bank on 16/11/2026" in listed


def test_the_same_file_is_refused_with_the_day_it_came(desk: Desk) -> None:
    data = desk.bank_file(money_in(desk, 12_000_00, "FA-1001"))
    files = {"file": ("day.xml", data, "application/xml")}
    assert desk.denis.post("/backoffice/bank/statements", files=files).status_code == 303
    again = desk.denis.post("/backoffice/bank/statements", files=files)
    assert again.status_code == 422
    assert "was imported on 16/11/2026 as day.xml" in again.text


def upload(desk: Desk, data: bytes, name: str = "day.xml") -> Any:
    return desk.denis.post("/backoffice/bank/statements",
                           files={"file": (name, data, "application/xml")})  # fmt: skip


def test_what_was_taken_before_or_is_not_ours_is_refused_in_one_clear_sentence(desk: Desk) -> None:
    first = money_in(desk, 100_00, "un", name="A", iban=None)
    desk.receive(first)
    desk.files -= 1
    again = upload(desk, desk.bank_file(money_in(desk, 250_00, "deux")), "again.xml")
    assert again.status_code == 422
    assert "tatement ST-1 of Encaissements was imported on 16/11/2026" in again.text
    overlap = upload(desk, desk.bank_file(first, money_in(desk, 9_00, "trois")), "overlap.xml")
    assert overlap.status_code == 422
    assert "1 of its movements were imported before, in statement ST-1" in overlap.text
    stranger = desk.bank_file(money_in(desk, 5_00)).replace(
        OUR_IBAN.encode(), b"DE89370400440532013000"
    )
    other = upload(desk, stranger, "other.xml")
    assert other.status_code == 422
    assert "DE89370400440532013000 is not one of the factor" in other.text
    with transaction(desk.engine) as session:
        assert cash.unallocated(session).sums == {"EUR": 100_00}


def test_statements_out_of_order_close_the_gap_they_left(desk: Desk) -> None:
    one = desk.bank_file(money_in(desk, 100_00, "un"))
    two = desk.bank_file(money_in(desk, 200_00, "deux"))
    three = desk.bank_file(money_in(desk, 300_00, "trois"))
    assert upload(desk, one).status_code == 303
    late = upload(desk, three)
    assert "Statement 2 is missing." in desk.denis.get(late.headers["location"]).text
    assert (
        "opens at €300.00, where ST-1 closed at €100.00"
        in desk.denis.get(late.headers["location"]).text
    )
    listed = desk.denis.get("/backoffice/bank").text
    assert "opens at €300.00 instead of €100.00" in listed
    back = upload(desk, two)
    assert back.status_code == 303
    assert "may be missing" not in desk.denis.get(back.headers["location"]).text
    assert "Statements that do not follow each other" not in desk.denis.get("/backoffice/bank").text


def test_a_file_that_is_no_statement_changes_nothing_and_says_why(desk: Desk) -> None:
    files = {"file": ("x.xml", b"<!DOCTYPE a><a/>", "application/xml")}
    answer = desk.denis.post("/backoffice/bank/statements", files=files)
    assert answer.status_code == 422
    assert "DOCTYPE" in answer.text or "document type" in answer.text.lower()


def test_a_statement_that_is_missing_is_told(desk: Desk) -> None:
    desk.receive(money_in(desk, 100_00, "un"))
    desk.bank_minor, desk.files = 500_00, 4
    address = desk.receive(money_in(desk, 200_00, "deux"))
    assert "Statements 2 to 4 are missing." in desk.denis.get(address).text
    assert "Statements that do not follow each other" in desk.denis.get("/backoffice/bank").text


def test_the_original_file_is_given_back_byte_for_byte(desk: Desk) -> None:
    data = desk.bank_file(money_out(desk, 10_00, "X"))
    files = {"file": ("day.xml", data, "application/xml")}
    address = desk.denis.post("/backoffice/bank/statements", files=files).headers["location"]
    assert desk.denis.get(f"{address}/file").content == data


def test_who_may_only_look_cannot_import(desk: Desk) -> None:
    karine = desk.visit(desk.book.people.karine)
    shown = karine.get("/backoffice/bank")
    assert shown.status_code == 200
    assert "Import and match" not in shown.text
    assert karine.post("/backoffice/bank/statements").status_code == 403


def test_the_pages_speak_french_and_ask_little_of_the_database(desk: Desk) -> None:
    address = desk.receive(money_in(desk, 12_000_00, "FA-1001"))
    denis = desk.visit(desk.book.people.denis, "fr")
    for path in ("/backoffice/bank", address):
        with counted(desk.engine) as statements:
            answer = denis.get(path)
        assert answer.status_code == 200
        assert "Lettrer les encaissements" in answer.text
        assert len(statements) <= 50


def test_a_large_file_is_left_to_the_jobs_that_every_import_makes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cessio.web.backoffice.bank.AT_ONCE", 1)
    address = desk.receive(money_in(desk, 12_000_00, "FA-1001"), money_in(desk, 77_77))
    assert "They are being matched" in desk.denis.get(address).text
    load_jobs()
    run_pending(desk.engine, clock=lambda: desk.now)
    with transaction(desk.engine) as session:
        assert cash.unallocated(session).sums == {"EUR": 77_77}


@pytest.mark.parametrize(
    ("begins", "said"),
    [
        (b":20:1\r\n:25:FR76\r\n:60F:C261116EUR1,00", "The file is MT940: ask the bank for"),
        (b"0130004    00157EUR2F00012345678  161126", "The file is CFONB 120: ask the bank for"),
        (b"OFXHEADER:100\r\nDATA:OFXSGML", "The file is OFX: ask the bank for"),
        (b"date;libelle;montant\r\n16/11/2026;VIR;1,00", "The file is CSV: ask the bank for"),
        (b'<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"/>',
         "answer to a payment order (pain.002)"),
    ],
)  # fmt: skip
def test_a_file_of_another_kind_is_called_by_its_name(
    desk: Desk, begins: bytes, said: str
) -> None:  # fmt: skip
    answer = upload(desk, begins, "releve.txt")
    assert answer.status_code == 422
    assert said in answer.text
