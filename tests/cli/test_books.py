"""Every command on a book, on a real database, as a person at a terminal uses it."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text
from sqlalchemy.engine import URL
from tests.receivables.books import Book, assigned, invoice, open_book

from cessio import house
from cessio.banking.formats.camt_writer import camt053_bytes
from cessio.banking.formats.statement import (
    Balance,
    ParsedDetail,
    ParsedEntry,
    ParsedStatement,
    Party,
)
from cessio.banking.operations import open_account
from cessio.cli import commands
from cessio.contracts import record_fixing
from cessio.contracts.rules import IndexName
from cessio.kernel.calendar import business_date, is_business_day, next_business_day
from cessio.plumbing.database import transaction

OVER_LIMIT = """
    UPDATE cover_position SET is_full = false, limit_minor = 5;
    INSERT INTO receivable_cover (receivable_id, contract_id, debtor_id, covered_minor)
    SELECT id, contract_id, debtor_id, 7 FROM receivable WHERE number = 'FA-101'
"""
IBAN = "FR7630004008120001012345640"


@pytest.fixture
def today() -> date:
    """The commands read the clock, so their books live now."""
    return business_date(datetime.now(UTC))


@pytest.fixture
def book(engine: Engine, database_url: URL, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
         today: date) -> Book:  # fmt: skip
    """A book with three invoices of yesterday and the environment of an installation around it."""
    for name in [name for name in os.environ if name.startswith("CESSIO_")]:
        monkeypatch.delenv(name)
    address = database_url.set(drivername="postgresql").render_as_string(hide_password=False)
    monkeypatch.setenv("CESSIO_DATABASE_URL", address)
    monkeypatch.setenv("CESSIO_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    at = datetime.now(UTC) - timedelta(days=2)
    with transaction(engine) as session:
        opened = open_book(session, at - timedelta(days=1), retention_rate=Decimal("0.10"))
        open_account(session, name="Encaissements", iban=IBAN, bic="BNPAFRPPXXX", holder="CESSIO",
                     by="system:setup", at=at)  # fmt: skip
        record_fixing(
            session, index=IndexName.EURIBOR_3M, fixed_on=date(2025, 1, 2), rate=Decimal("0.02"),
            source="test", by="system:setup", at=at,
        )  # fmt: skip
        issued = today - timedelta(days=20)
        rows = [invoice(opened, f"FA-10{n}", 1_200_000, on=issued) for n in (1, 2, 3)]
        assigned(session, opened, at, *rows)
    return opened


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(commands, [*arguments], catch_exceptions=True)


def _statement(today: date, *, amount: int = 2_400_000, words: str = "FA-101 FA-102") -> bytes:
    on = today - timedelta(days=1)
    entry = ParsedEntry(
        amount_minor=amount, currency="EUR", booked_on=on, value_date=on, bank_ref="B1",
        details=(
            ParsedDetail(amount_minor=amount, debtor=Party(name="DISTRIBUTION DURAND"),
                         remittance=(words,)),
        ),
    )  # fmt: skip
    return camt053_bytes(
        [
            ParsedStatement(
                kind="camt.053", statement_ref="S1", currency="EUR", iban=IBAN, from_on=on,
                to_on=on, balances=(Balance("OPBD", 0, on), Balance("CLBD", amount, on)),
                entries=(entry,),
            )
        ],
        message_id="M1", created_at=datetime(2026, 11, 16, tzinfo=UTC),
    )  # fmt: skip


def test_a_statement_is_imported_matched_and_refused_the_second_time(
    book: Book, engine: Engine, tmp_path: Path, today: date
) -> None:
    file = tmp_path / "statement.xml"
    file.write_bytes(_statement(today))
    done = _run("import", "statement", str(file))
    assert done.exit_code == 0, done.output
    assert "1 movement, 24000.00 EUR" in done.output
    assert "receipts applied 1 (24000.00)" in done.output
    with transaction(engine) as session:
        opened = session.execute(text("SELECT sum(open_minor) FROM receivable")).scalar()
    assert opened == 1_200_000
    again = _run("import", "statement", str(file))
    assert again.exit_code == 1
    assert "this very file was imported" in str(again.exception)


def test_a_remittance_is_checked_line_by_line_and_confirmed(
    book: Book, tmp_path: Path, today: date
) -> None:
    issued = today - timedelta(days=5)
    due = today + timedelta(days=40)
    file = tmp_path / "remise.csv"
    file.write_text(
        "Numéro;SIREN;Date facture;Échéance;Montant TTC\n"
        f"FA-10;456780014;{issued:%d/%m/%Y};{due:%d/%m/%Y};1 250,50\n"
        f"FA-11;456780014;{issued:%d/%m/%Y};{due:%d/%m/%Y};0,00\n",
        encoding="utf-8",
    )
    reference = "ALPHA"
    done = _run("import", "remittance", str(file), "--contract", reference, "--confirm")
    assert done.exit_code == 0, done.output
    assert "2 lines" in done.output
    assert "line 3: The amount is zero." in done.output
    assert "assigned: 1 documents of 1250.50" in done.output


def test_a_command_knows_the_days_the_house_closes(book: Book, engine: Engine, today: date) -> None:
    inventory = next_business_day(today + timedelta(days=10))
    with transaction(engine) as session:
        house.close_day(session, day=inventory, label="Inventaire", by=book.people.eva.by,
                        at=datetime.now(UTC))  # fmt: skip
    assert is_business_day(inventory)
    assert _run("verify").exit_code == 0
    assert not is_business_day(inventory)


def test_fixings_come_in_once(book: Book, tmp_path: Path) -> None:
    file = tmp_path / "fixings.csv"
    file.write_text("date;taux\n05/01/2026;2,015\n06/01/2026;2,020\n", encoding="utf-8")
    done = _run("import", "fixings", str(file), "--index", "euribor_3m", "--source", "EMMI")
    assert done.output.strip().endswith("2 recorded, 0 known already")
    done = _run("import", "fixings", str(file), "--index", "euribor_3m", "--source", "EMMI")
    assert done.output.strip().endswith("0 recorded, 2 known already")
    wrong = _run("import", "fixings", str(file), "--index", "libor")
    assert (wrong.exit_code, "libor is not an index kept here" in wrong.output) == (1, True)


@pytest.mark.parametrize(("form", "head"), [("pdf", b"%PDF"), ("csv", b"\xef\xbb\xbf"),
                                            ("xlsx", b"PK"), ("camt053", b"<?xml")])  # fmt: skip
def test_a_statement_of_account_is_written_in_every_format(
    book: Book, tmp_path: Path, today: date, form: str, head: bytes
) -> None:
    place = tmp_path / f"statement.{form}"
    first = today - timedelta(days=30)
    done = _run("export", "statement", "--contract", "ALPHA", "--from", f"{first}",
                "--to", f"{today}", "--format", form, "-o", str(place))  # fmt: skip
    assert done.exit_code == 0, (done.output, done.exception)
    assert place.read_bytes().startswith(head)
    assert "verification code" in done.output


def test_a_day_is_closed_once_and_the_books_are_verified(book: Book, today: date) -> None:
    done = _run("close")
    assert done.exit_code == 0, (done.output, done.exception)
    assert f"{today - timedelta(days=1)} closed" in done.output
    again = _run("close")
    assert "was closed before" in again.output
    early = _run("close", f"{today + timedelta(days=1)}")
    assert early.exit_code == 1
    assert "has not come yet" in str(early.exception)
    sealed = _run("seal")
    assert "seal 1, up to" in sealed.output, (sealed.output, sealed.exception)
    assert _run("seal").output == "every closed day is sealed already\n"
    proved = _run("verify")
    assert proved.exit_code == 0, proved.output
    assert proved.output.count("right") == 10


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        ("UPDATE receivable SET open_minor = open_minor - 1 WHERE number = 'FA-102'",
         "open_is_its_entries: receivable"),
        ("UPDATE ledger_account SET balance_minor = balance_minor + 1 WHERE kind = 'FEE_INCOME'",
         "account"),
        (OVER_LIMIT, "cover_is_within_its_limit: debtor"),
    ],
)  # fmt: skip
def test_verify_names_the_first_wrong_line(
    book: Book, engine: Engine, damage: str, rule: str
) -> None:
    with transaction(engine) as session:
        for statement in damage.split(";"):
            session.execute(text(statement))
    done = _run("verify")
    assert done.exit_code == 1
    assert rule in " ".join(done.output.split())
    assert "broken" in done.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("import", "statement", "missing.xml"), "missing.xml cannot be read: No such file"),
        (("import", "statement", "pyproject.txt"), "not XML"),
        (("import", "remittance", "pyproject.txt", "--contract", "NOBODY"), "there is no contract"),
        (("export", "statement", "--contract", "ALPHA", "--from", "2026-02-01", "--to",
          "2026-01-01"), "before it begins"),
        (("demo", "--scale", "many"), "a scale is a number from 0.1 to 100"),
    ],
)  # fmt: skip
def test_a_fault_is_one_sentence_and_exit_code_one(
    book: Book, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    (tmp_path / "pyproject.txt").write_text("hello", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "cessio.cli", *arguments], capture_output=True, text=True,
        check=False, cwd=tmp_path, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "Traceback" not in done.stderr


def test_the_demonstration_leaves_a_book_that_lives_alone(book: Book) -> None:
    done = _run("demo")
    assert done.exit_code == 0
    assert "not empty: left as it is" in done.output
