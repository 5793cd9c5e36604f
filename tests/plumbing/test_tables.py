"""Exports carry exact values, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import fastexcel
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cessio.plumbing.csv import DANGEROUS, csv_chunks, write_csv
from cessio.plumbing.tables import Column
from cessio.plumbing.xlsx import write_xlsx

AT = datetime(2026, 11, 18, 13, 5, tzinfo=UTC)
COLUMNS = [
    Column("Client"), Column("Amount", "money"), Column("Rate", "rate"), Column("Due", "date"),
    Column("At", "datetime"), Column("Lines", "number"),
]  # fmt: skip
ROW = ("Câbles & Réseaux", -123456, Decimal("0.03215"), date(2026, 12, 1), AT, 12)


def test_csv_for_machines_has_points_commas_and_iso_dates() -> None:
    text = write_csv(COLUMNS, [ROW]).decode()
    assert text == (
        "Client,Amount,Rate,Due,At,Lines\r\n"
        "Câbles & Réseaux,-1234.56,0.03215,2026-12-01,2026-11-18 14:05:00,12\r\n"
    )


def test_csv_for_french_excel_has_a_mark_semicolons_and_decimal_commas() -> None:
    raw = write_csv(COLUMNS, [ROW], "french_excel")
    assert raw.startswith(b"\xef\xbb\xbfClient;Amount")
    assert "Câbles & Réseaux;-1234,56;0,03215;2026-12-01" in raw.decode("utf-8-sig")


@pytest.mark.parametrize("start", sorted(DANGEROUS))
def test_a_text_that_could_run_is_disarmed_and_a_negative_amount_is_not(start: str) -> None:
    columns = [Column("Text"), Column("Amount", "money")]
    rows = list(csv.reader(io.StringIO(write_csv(columns, [(f"{start}1+1", -5)]).decode(), "")))
    assert rows[1][0] == f"'{start}1+1"
    assert rows[1][1] == "-0.05"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=1))
def test_every_text_comes_back_from_csv_disarmed(texts: list[str]) -> None:
    raw = write_csv([Column("Text")], [(text,) for text in texts])
    back = [row[0] if row else "" for row in csv.reader(io.StringIO(raw.decode(), newline=""))]
    assert [text.removeprefix("'") for text in back[1:]] == [t.removeprefix("'") for t in texts]
    assert not any(text[:1] in DANGEROUS for text in back[1:] if text)


def test_a_long_book_comes_in_pieces() -> None:
    pieces = list(csv_chunks([Column("Lines", "number")], ((i,) for i in range(12_000))))
    assert len(pieces) == 25
    assert b"".join(pieces).count(b"\r\n") == 12_001


def test_a_float_or_a_naive_instant_is_no_value() -> None:
    with pytest.raises(TypeError):
        write_csv([Column("At", "datetime")], [(datetime(2026, 1, 1),)])  # noqa: DTZ001
    with pytest.raises(TypeError):
        write_csv([Column("Due", "date")], [("2026-01-01",)])


def read(raw: bytes) -> list[tuple[object, ...]]:
    return fastexcel.read_excel(raw).load_sheet(0).to_polars().rows()


def test_xlsx_holds_exact_cents_dates_and_texts() -> None:
    raw = write_xlsx(COLUMNS, [ROW], title="Book", at=AT)
    [row] = read(raw)
    assert row[0] == "Câbles & Réseaux"
    assert row[1] == -1234.56
    assert str(row[3])[:10] == "2026-12-01"
    assert str(row[4]) == "2026-11-18 14:05:00"


def test_xlsx_runs_no_text_and_links_none() -> None:
    rows = [("=1+1",), ("https://example.org",), ("@SUM(A1)",), ("007",)]
    raw = write_xlsx([Column("Text")], rows, title="T", at=AT)
    assert [row[0] for row in read(raw)] == [row[0] for row in rows]


def test_the_same_table_is_the_same_file() -> None:
    once = write_xlsx(COLUMNS, [ROW], title="T", at=AT, totals=(None, 1, None, None, None, 12))
    again = write_xlsx(COLUMNS, [ROW], title="T", at=AT, totals=(None, 1, None, None, None, 12))
    assert once == again


def test_a_title_that_excel_forbids_still_names_the_sheet() -> None:
    raw = write_xlsx(COLUMNS, [ROW], title="Créances [2026/11]: 'détail' du portefeuille", at=AT)
    assert fastexcel.read_excel(raw).sheet_names[0].startswith("Créances")


@given(st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=20))
def test_amounts_come_back_from_xlsx_to_the_cent(amounts: list[int]) -> None:
    raw = write_xlsx([Column("Amount", "money")], [(a,) for a in amounts], title="T", at=AT)
    back = [round(Decimal(str(row[0])) * 100) for row in read(raw)]
    assert back == amounts
