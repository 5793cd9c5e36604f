"""Files of any shape are read as their author meant, or say where they can not be."""

from __future__ import annotations

import zipfile
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from cessio.receivables.formats import tabular
from cessio.receivables.formats.tabular import DateOrder, Decimals, Field, FileRefused
from cessio.receivables.formats.tabular.values import (
    date_order_of,
    decimals_of,
    read_amounts,
    read_dates,
)

TODAY = date(2026, 11, 16)
CORPUS = Path(__file__).parents[3] / "shared" / "corpus"

FRENCH = """Société Alpha;;;;;;
Journal des ventes du 01/11/2026 au 15/11/2026;;;;;;

N° de Facture;Date;Échéance;SIRET débiteur;Raison sociale;Montant TTC;Dont TVA
FA-001;02/11/2026;17/12/2026;456 780 014 00019;Distribution Durand;1 234,50 €;205,75
FA-002;13/11/2026;17/12/2026;456780014;Distribution Durand;(120,00);-20,00
FA-003;14/11/2026;14/01/2027;501234025;Établissements Mercier;98,00-;
TOTAL;;;;;1 016,50;
"""


def read(data: bytes | str, *, french: bool = True) -> list[dict[str, Any]]:
    """The lines of a file read with what is proposed."""
    table = tabular.read_table(data.encode() if isinstance(data, str) else data)
    proposal = tabular.propose(table, french=french, today=TODAY)
    lines = tabular.read_lines(table.records, table.header, proposal.mapping, currency="EUR")
    return lines.frame.to_dicts()


def found(data: bytes | str, *, french: bool = True) -> tabular.Proposal:
    table = tabular.read_table(data.encode() if isinstance(data, str) else data)
    return tabular.propose(table, french=french, today=TODAY)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
def test_a_french_export_is_read_in_every_encoding(encoding: str) -> None:
    lines = read(FRENCH.encode(encoding))
    assert [(one["line"], one["number"], one["kind"], one["amount_minor"], one["vat_minor"])
            for one in lines] == [
        (5, "FA-001", "invoice", 1_234_50, 205_75),
        (6, "FA-002", "credit_note", -120_00, -20_00),
        (7, "FA-003", "credit_note", -98_00, None),
    ]  # fmt: skip
    assert {one["debtor_siren"] for one in lines} == {"456780014", "501234025"}
    assert lines[0]["debtor_name"] == "Distribution Durand"
    assert (lines[2]["issue_date"], lines[2]["due_date"]) == (date(2026, 11, 14), date(2027, 1, 14))
    assert found(FRENCH.encode(encoding)).sure


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_every_separator_and_column_order_gives_the_same_lines(separator: str) -> None:
    head = ["Due date", "Gross amount", "Invoice number", "Buyer", "Issue date", "SIREN"]
    body = ["2026-12-17", '"1,234.50"', "F-1", '"Durand, SA"', "2026-11-02", "456780014"]
    lines = read("\n".join(separator.join(row) for row in (head, body)), french=False)
    assert len(lines) == 1
    expected = {"line": 2, "number": "F-1", "amount_minor": 1_234_50, "debtor_name": "Durand, SA",
                "due_date": date(2026, 12, 17)}  # fmt: skip
    assert lines[0] | expected == lines[0]


def test_what_turns_the_direction_or_is_not_seen_is_taken_out() -> None:
    (line,) = read(
        "Facture;Date;SIREN;Débiteur;Montant TTC\n"
        "F-\u202e12\u200b3;13/11/2026;456780014;Du\u2066rand\ufeff;12,50\n"
    )
    assert (line["number"], line["debtor_name"]) == ("F-123", "Durand")


def test_a_fault_is_told_by_line_and_field_with_what_was_written() -> None:
    lines = read(
        "Facture;Date;SIREN;Montant TTC\n"
        "F-1;31/02/2026;456780014;12,50\n"
        "F-2;13/11/2026;123456789;1e5\n"
        "F-3;13/11/2026;456780014;12,345\n"
        "F-4;13/11/2026;456780014;NaN\n"
        "F-5;13/11/2026;456780014;١٢\n"
        "F-6;13/11/2026;456780014;=1+1\n"
        "F-7;13/11/2026;456780014;99999999999999999\n"
        "F-8;13/11/2026;456780014;1,50;x;y\n"
        "F-9\0;13/11/2026;456780014;1,50\n"
    )
    faults = [one["faults"] for one in lines]
    assert '"date_unreadable", "field": "issue_date"' in faults[0]
    assert '"siren_invalid", "field": "debtor_siren"' in faults[1]
    assert '"amount_unreadable", "field": "amount_minor"' in faults[1]
    assert "amount_too_precise" in faults[2]
    assert all("amount_unreadable" in fault for fault in faults[3:6])
    assert "amount_too_large" in faults[6]
    assert "fields_shifted" in faults[7]
    assert "text_unreadable" in faults[8]
    assert '"1e5"' in lines[1]["raw"]
    assert [one["amount_minor"] for one in lines[:8]] == [12_50, *[None] * 6, 1_50]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1 234,50", "12"], (Decimals.COMMA, False)),
        (["1,234.50", "12"], (Decimals.POINT, False)),
        (["1.234,50"], (Decimals.COMMA, False)),
        (["1,234"], (None, False)),
        (["1,234,567"], (None, False)),
        (["1,234", "5.5"], (Decimals.POINT, False)),
        (["1234.500"], (Decimals.POINT, False)),
        (["0,500"], (Decimals.COMMA, False)),
        (["1,5", "1.5"], (Decimals.COMMA, True)),
        (["12", None], (None, False)),
    ],
)
def test_the_decimal_sign_follows_from_the_whole_column(
    values: list[str | None], expected: tuple[Decimals | None, bool]
) -> None:
    assert decimals_of(pl.Series(values, dtype=pl.String)) == expected


def test_a_column_that_writes_decimals_in_two_ways_refuses_only_what_is_ambiguous() -> None:
    lines = read(
        "Facture;Date;SIREN;Montant\n"
        + "".join(
            f"F-{n};2026-11-02;456780014;{amount}\n"
            for n, amount in enumerate(["1.234,50", "12.50", "1,234", "77"])
        )
    )
    assert [one["amount_minor"] for one in lines] == [1_234_50, 12_50, None, 77_00]
    assert "amount_ambiguous" in lines[2]["faults"]


def written(minor: int, style: str) -> str:
    """An amount in one of the notations people use."""
    sign, size = ("-" if minor < 0 else ""), abs(minor)
    whole, cents = divmod(size, 100)
    grouped = f"{whole:,}"
    match style:
        case "fr":
            return f"{sign}{grouped.replace(',', chr(0x202F))},{cents:02d} €"
        case "fr_nbsp":
            return f"{sign}{grouped.replace(',', chr(0xA0))},{cents:02d}"
        case "de":
            return f"{sign}{grouped.replace(',', '.')},{cents:02d}"
        case "en":
            return f"{sign}{grouped}.{cents:02d}"
        case "plain":
            return f"{sign}{whole}.{cents:02d}"
        case "swiss":
            return f"CHF {sign}{grouped.replace(',', chr(0x2019))}.{cents:02d}"
        case "accounting":
            return f"({grouped}.{cents:02d})" if minor < 0 else f"{grouped}.{cents:02d}"
        case _:
            return f"{grouped}.{cents:02d}-" if minor < 0 else f"{grouped}.{cents:02d}"


STYLES = ["fr", "fr_nbsp", "de", "en", "plain", "swiss", "accounting", "trailing"]


@settings(max_examples=40)
@given(
    amounts=st.lists(st.integers(-(10**14), 10**14), min_size=1, max_size=30),
    style=st.sampled_from(STYLES),
)
def test_amounts_written_in_any_notation_are_read_back_to_the_cent(
    amounts: list[int], style: str
) -> None:
    column = pl.Series([written(minor, style) for minor in amounts])
    sign, torn = decimals_of(column)
    read_back, faults = read_amounts(column, sign, 2, torn=torn)
    assert faults.drop_nulls().to_list() == []
    assert read_back.to_list() == amounts


@settings(max_examples=40)
@given(text=st.text(alphabet="0123456789.,-()e+ NaninfINF\u0661\u00bd%=", min_size=1, max_size=20))
def test_an_amount_is_read_exactly_or_refused(text: str) -> None:
    column = pl.Series([text])
    sign, torn = decimals_of(column)
    (minor,), (fault,) = read_amounts(column, sign, 2, torn=torn)
    assert (minor is None) == (fault is not None)
    if minor is not None:
        digits = "".join(c for c in text if c.isascii() and c.isdigit()).lstrip("0")
        assert digits.rstrip("0") == str(abs(minor)).lstrip("0").rstrip("0")


DATES = {
    "%d/%m/%Y": DateOrder.DMY, "%d.%m.%y": DateOrder.DMY, "%Y-%m-%d": DateOrder.YMD,
    "%m/%d/%Y": DateOrder.MDY, "%d-%b-%Y": DateOrder.DMY, "%B %d, %Y": DateOrder.MDY,
    "%Y%m%d": DateOrder.YMD, "%d%m%Y": DateOrder.DMY, "%Y-%m-%d 00:00:00": DateOrder.YMD,
    "%Y-%m-%dT00:00:00Z": DateOrder.YMD,
}  # fmt: skip


@settings(max_examples=40)
@given(
    days=st.lists(st.dates(date(2015, 1, 1), date(2035, 12, 31)), min_size=1, max_size=20),
    style=st.sampled_from(sorted(DATES)),
)
def test_dates_written_in_any_order_are_read_back(days: list[date], style: str) -> None:
    evident = [*days, date(2026, 11, 25)]
    column = pl.Series([day.strftime(style) for day in evident])
    order, torn = date_order_of(column)
    assert (order, torn) == (DATES[style], False)
    assert order is not None
    assert read_dates(column, order)[0].to_list() == evident


def test_french_months_in_words_are_read() -> None:
    words = ["1er février 2026", "31 janv. 2026", "15 Août 2026", "3 déc 26"]
    assert read_dates(pl.Series(words), DateOrder.DMY)[0].to_list() == [
        date(2026, 2, 1), date(2026, 1, 31), date(2026, 8, 15), date(2026, 12, 3),
    ]  # fmt: skip


def rows(*pairs: tuple[str, str], head: str = "Facture;Date facture;Echeance;SIREN;Montant") -> str:
    body = "".join(f"F-{n};{a};{b};456780014;1,50\n" for n, (a, b) in enumerate(pairs))
    return f"{head}\n{body}"


def test_day_and_month_are_never_guessed_silently() -> None:
    assert found(rows(("25/03/2026", "25/04/2026"))).mapping.date_order is DateOrder.DMY
    assert found(rows(("03/25/2026", "04/25/2026"))).mapping.date_order is DateOrder.MDY
    ambiguous = found(rows(("03/04/2026", "04/05/2026")))
    assert (ambiguous.mapping.date_order, ambiguous.sure) == (DateOrder.DMY, True)
    assert [note.code for note in ambiguous.notes] == ["dates_ambiguous"]
    english = rows(("03/04/2026", "04/05/2026"), head="Invoice,Issue date,Due date,Buyer id,Gross")
    asked = found(english.replace(";", ",").replace("1,50", "1.50"), french=False)
    assert not asked.sure
    by_sense = found(rows(("01/10/2026", "10/01/2026"), ("02/10/2026", "12/11/2026")))
    assert by_sense.mapping.date_order is DateOrder.MDY
    torn = found(rows(("25/03/2026", "25/04/2026"), ("03/25/2026", "25/04/2026")))
    assert not torn.sure
    assert "dates_contradict" in [note.code for note in torn.notes]


def workbook(sheets: dict[str, list[list[Any]]]) -> bytes:
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for name, cells in sheets.items():
            sheet = book.add_worksheet(name)
            for y, row in enumerate(cells):
                for x, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(y, x, cell, day)
                    elif cell is not None:
                        sheet.write(y, x, cell)
    return buffer.getvalue()


def test_a_workbook_is_read_from_its_best_sheet_with_its_line_numbers() -> None:
    data = workbook(
        {
            "Lisez-moi": [["Export Sage", None], ["Montant", "blabla"]],
            "Factures": [
                [], ["Client ALPHA"], [],
                ["N° pièce", "Date pièce", "Échéance", "SIREN", "Nom du tiers", "Montant TTC"],
                ["F-1", date(2026, 11, 2), date(2026, 12, 17), 456780014, "Durand", 1234.5],
                ["F-2", date(2026, 11, 3), None, "456 780 014", "Durand", 0.1 + 0.2],
                [],
                ["F-3", "04/11/2026", "17/12/2026", "456780014", "Durand", "-1 000,10"],
                ["Total", None, None, None, None, 234.7],
            ],
        }
    )  # fmt: skip
    lines = read(data)
    wanted = ("line", "number", "amount_minor", "due_date")
    assert [tuple(one[name] for name in wanted) for one in lines] == [
        (5, "F-1", 1_234_50, date(2026, 12, 17)),
        (6, "F-2", 30, None),
        (8, "F-3", -1_000_10, date(2026, 12, 17)),
    ]
    assert found(data).mapping.sheet == "Factures"


def refused(data: bytes) -> str:
    with pytest.raises(FileRefused) as caught:
        read(data)
    return caught.value.code


def test_hostile_files_are_refused_with_the_reason() -> None:
    assert refused(b"") == "file_empty"
    assert refused(b"  \n \n") == "file_empty"
    assert refused(b"just a sentence\nand another") == "file_not_a_table"
    assert refused(b"%PDF-1.7 ...") == "file_unknown_format"
    assert refused(b";".join(b"c%d" % n for n in range(1_000_000))) == "file_too_many_columns"
    assert refused(b"a;b\n" + b'"open;' + b"x;y\n" * 1000) == "file_quote_open"
    assert refused(b"PK\x03\x04 broken") == "file_damaged"
    assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 broken") == "file_damaged"


def test_a_zip_bomb_is_refused_before_it_is_opened() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    assert refused(buffer.getvalue()) == "file_bomb"


def test_a_huge_field_and_binary_noise_do_no_harm() -> None:
    long = "F-1;02/11/2026;456780014;1,50;" + "x" * 200_000
    lines = read(f"Facture;Date;SIREN;Montant;Commande\n{long}\n")
    assert len(lines[0]["order_ref"]) == 200
    noise = bytes(range(1, 256)) * 50
    with pytest.raises((FileRefused, tabular.MappingInvalid)):
        read(noise)


def test_duplicate_headers_take_the_first_and_are_left_to_the_person() -> None:
    lines = read("Facture;Date;SIREN;Montant;Montant\nF-1;13/11/2026;456780014;1,50;9,99\n")
    assert lines[0]["amount_minor"] == 1_50


def test_a_header_repeated_on_each_page_is_left_out() -> None:
    page = "Facture;Date;SIREN;Montant\nF-{n};13/11/2026;456780014;1,50\n"
    lines = read(page.format(n=1) + page.format(n=2))
    assert [one["number"] for one in lines] == ["F-1", "F-2"]


def test_debit_and_credit_columns_are_asked_about() -> None:
    data = "Pièce;Date;SIREN;Débit;Crédit;Solde\nF-1;13/11/2026;456780014;10,00;;10,00\n"
    proposal = found(data + "A-1;13/11/2026;456780014;;4,00;6,00\n")
    assert not proposal.sure
    assert Field.AMOUNT not in proposal.mapping.columns
    lines = read(data + "A-1;13/11/2026;456780014;;4,00;6,00\n")
    assert [one["amount_minor"] for one in lines] == [10_00, -4_00]


def test_a_mapping_must_name_what_a_document_needs() -> None:
    table = tabular.read_table(FRENCH.encode())
    for columns in ({}, {Field.NUMBER: 0, Field.AMOUNT: 0}, {Field.NUMBER: 99}):
        with pytest.raises(tabular.MappingInvalid):
            tabular.check_mapping(tabular.Mapping(columns), table.records.columns)


def test_a_mapping_survives_being_stored() -> None:
    mapping = found(FRENCH).mapping
    assert tabular.Mapping.read(mapping.stored()) == mapping


@pytest.mark.skipif(not CORPUS.exists(), reason="the shared corpus is not here")
@pytest.mark.parametrize("name", sorted(p.name for p in (CORPUS / "ar").glob("*.csv")))
def test_the_public_receivables_history_is_read_when_its_debtors_are_named(name: str) -> None:
    """It names debtors by a code of the seller's own: that column has to be told."""
    data = (CORPUS / "ar" / name).read_bytes()
    table = tabular.read_table(data)
    proposal = tabular.propose(table, french=False, today=TODAY)
    assert not proposal.sure
    assert proposal.mapping.date_order is DateOrder.MDY
    lines = tabular.read_lines(table.records, table.header, proposal.mapping, currency="EUR")
    amounts = lines.frame["amount_minor"]
    assert lines.frame.height == len(data.splitlines()) - 1
    late = lines.frame["due_date"] - lines.frame["issue_date"]
    assert late.drop_nulls().unique().to_list() == [timedelta(days=30)]
    exact = sum((Decimal(text) for text in _column(data, "InvoiceAmount")), Decimal(0))
    assert int(amounts.sum()) == int(exact * 100)


def _column(data: bytes, name: str) -> list[str]:
    table = tabular.read_table(data)
    cells = table.records.frame.filter(pl.col("line") > 1)[f"c{table.header.names.index(name)}"]
    return [text for text in cells.to_list() if text is not None]


@pytest.mark.skipif(not CORPUS.exists(), reason="the shared corpus is not here")
@pytest.mark.parametrize("name", sorted(p.name for p in (CORPUS / "csv").glob("*")))
def test_bank_exports_are_opened_and_said_not_to_be_receivables(name: str) -> None:
    proposal = found((CORPUS / "csv" / name).read_bytes(), french=False)
    assert not proposal.sure
    assert proposal.columns
