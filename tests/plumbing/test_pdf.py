"""Documents: same data, same bytes; our fonts; French and English; every page numbered."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pypdf
import pytest

from cessio.kernel.money import Money
from cessio.plumbing.pdf import code_of, digests_of, plain_json, render_pdf, verification_code

AT = datetime(2026, 12, 1, 6, tzinfo=UTC)
FACTOR = {"name": "Factor Exemple", "legal": "SA, RCS Paris", "address": ["1, rue de la Paix"]}
CLIENT = {"name": "Atelier d’Œuvre & fils", "address": ["27 quai Perrache", "69002 Lyon"]}


def movement(number: int) -> dict[str, Any]:
    return {
        "on": date(2026, 11, 3), "value_on": date(2026, 11, 4), "text": f"Tirage {number}",
        "reference": f"TX-{number}", "debit": Money(123456), "credit": None,
        "balance": Money(-123456),
    }  # fmt: skip


def statement(lines: int = 3) -> dict[str, Any]:
    account = {
        "kind": "current", "opening": Money(0), "closing": Money(-123456), "debits": Money(123456),
        "credits": Money(0), "movements": [movement(i) for i in range(lines)],
    }  # fmt: skip
    return {
        "factor": FACTOR, "recipient": CLIENT, "reference": "REL-2026-11", "contract": "CT-1",
        "siren": "552 100 554", "currency": "EUR", "start": date(2026, 11, 1),
        "end": date(2026, 11, 30), "issued_on": date(2026, 12, 1), "verification": "7F3K-92QD-XM4T",
        "verify_at": "cessio.example/verify",
        "accounts": [account, {**account, "kind": "retention"}],
        "figures": [{"label": "Disponible", "value": "33 600,00 €", "strong": True}],
        "notes": ["#evil [content] $x$"],
    }  # fmt: skip


def receipt() -> dict[str, Any]:
    document = {
        "number": "F-1", "kind": "invoice", "debtor": "Łódź & Cie", "siren": None,
        "issued_on": date(2026, 11, 2), "due_on": date(2027, 1, 1), "amount": Money(1200000),
    }  # fmt: skip
    return {
        "factor": FACTOR, "recipient": CLIENT, "reference": "QS-1", "remittance": "R-1",
        "contract": "CT-1", "contract_date": "12/03/2024", "siren": "552 100 554",
        "paid_at": datetime(2026, 11, 18, 13, 5, tzinfo=UTC),
        "paid_at_utc": "2026-11-18T13:05:00Z", "account": "CT-1", "total": Money(1155000),
        "digest": "ab" * 32, "verification": "7F3K-92QD-XM4T",
        "documents": [
            document,
            {**document, "number": "A-1", "kind": "credit_note", "amount": Money(-45000)},
        ],
    }  # fmt: skip


def words(pdf: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    text = " ".join(page.extract_text() for page in pages)
    return " ".join(text.replace("\u202f", " ").replace("\u00a0", " ").split())


@pytest.mark.parametrize(
    ("name", "data"), [("contract_statement", statement()), ("subrogation_receipt", receipt())]
)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_same_data_are_the_same_bytes(name: str, data: dict[str, Any], language: str) -> None:
    once = render_pdf(name, data, language=language, at=AT)
    assert once == render_pdf(name, data, language=language, at=AT)
    assert once != render_pdf(name, {**data, "reference": "other"}, language=language, at=AT)


def test_a_statement_says_what_an_accountant_posts() -> None:
    said = words(render_pdf("contract_statement", statement(), language="fr", at=AT))
    for expected in (
        "Relevé de compte d’affacturage", "Atelier d’Œuvre & fils", "Solde d’ouverture",
        "1 234,56", "−1 234,56 €", "03/11/2026", "TX-2", "Page 1 sur 1", "REL-2026-11",
        "7F3K-92QD-XM4T", "Fonds de garantie", "33 600,00 €", "#evil [content] $x$",
    ):  # fmt: skip
        assert expected in said, expected


def test_a_receipt_says_who_paid_whom_when_and_for_what() -> None:
    said = words(render_pdf("subrogation_receipt", receipt(), language="fr", at=AT))
    for expected in ("Quittance subrogative", "1346-1", "18/11/2026 14:05", "11 550,00 €", "Łódź",
                     "−450,00", "ab" * 32, "2026-11-18T13:05:00Z", "avoir"):  # fmt: skip
        assert expected in said, expected


def test_english_readers_get_english_words_and_notation() -> None:
    said = words(render_pdf("subrogation_receipt", receipt(), language="en", at=AT))
    assert "Subrogation receipt" in said
    assert "€11,550.00" in said
    assert "Page 1 of 1" in said


def test_every_page_has_its_number_and_the_reference() -> None:
    pdf = render_pdf("contract_statement", statement(120), language="fr", at=AT)
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) > 4
    for number, page in enumerate(pages, start=1):
        text = page.extract_text()
        assert f"Page {number} sur {len(pages)}" in text
        assert "REL-2026-11" in text


def test_the_file_is_an_archive_with_its_fonts_and_tags_and_no_wall_clock() -> None:
    reader = pypdf.PdfReader(
        io.BytesIO(render_pdf("subrogation_receipt", receipt(), language="fr", at=AT))
    )
    assert reader.metadata is not None
    assert reader.metadata.creation_date == AT
    assert "Quittance subrogative" in str(reader.metadata.title)
    root = reader.trailer["/Root"].get_object()
    assert root["/MarkInfo"]["/Marked"]
    xmp = root["/Metadata"].get_object().get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in xmp
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    fonts = reader.pages[0]["/Resources"]["/Font"]
    names = {str(fonts[key].get_object()["/BaseFont"]) for key in fonts}
    assert all("Inter" in name or "Newsreader" in name for name in names), names


def test_values_reach_the_template_in_the_readers_notation() -> None:
    @dataclass
    class View:
        rate: Decimal
        on: date

    text = plain_json(
        {"a": Money(-5), "b": View(Decimal("1.5"), date(2026, 1, 2)), "c": None}, "en"
    )
    assert text == (
        '{"a":{"amount":"−0.05","exact":"-0.05","money":"−€0.05"},'
        '"b":{"on":"02/01/2026","rate":"1.5"},"c":null}'
    )
    with pytest.raises(TypeError):
        plain_json({"a": 1.5}, "fr")


def test_verification_codes_tell_data_apart_and_can_be_typed() -> None:
    code = verification_code("REL-1", b"data")
    assert code == verification_code("REL-1", b"data")
    assert code != verification_code("REL-1d", b"ata")
    assert [len(part) for part in code.split("-")] == [4, 4, 4]
    assert not set(code) & set("ILOU")


def test_the_code_of_a_digest_leads_back_to_it_and_to_no_wide_range() -> None:
    for text in (b"", b"a", b"remittance CT-000001-00045"):
        digest = hashlib.sha256(text).digest()
        low, high = digests_of(code_of(digest))
        assert low <= digest <= high
        assert code_of(low) == code_of(high) == code_of(digest)
        assert int.from_bytes(high) - int.from_bytes(low) == 2**196 - 1


POINT = 25.4 / 72


def posted(recipient: dict[str, Any], invoices: int = 3) -> bytes:
    lines = "\n".join(
        f"- FACT-{place:04d} du 02/08/2026, échéance le 01/10/2026 : {place + 1}\u202f444,50\xa0€"
        for place in range(invoices)
    )
    data = {
        "factor": FACTOR | {"city": "Lyon"}, "recipient": recipient, "reference": "LT-1",
        "date": "1er décembre 2026", "subject": "Mise en demeure", "answer": None,
        "paragraphs": [
            "Madame, Monsieur,", "Sont dues :", lines, "Cordialement,", "Factor Exemple"
        ],
    }  # fmt: skip
    return render_pdf("letter", data, language="fr", at=AT)


def placed(page: pypdf.PageObject) -> list[tuple[float, float, str]]:
    """What a page says, with how far each piece begins from its left and its top, in mm."""
    found: list[tuple[float, float, str]] = []

    def visit(text: str, cm: Any, tm: Any, font: Any, size: Any) -> None:
        if text.strip():
            x, y = tm[4] * cm[0] + cm[4], tm[5] * cm[3] + cm[5]
            found.append((x * POINT, 297 - y * POINT, text.strip()))

    page.extract_text(visitor_text=visit)
    return found


LONG = {
    "name": "Groupement d’intérêt économique des coopératives agricoles et viticoles réunies SCA",
    "address": ["Bâtiment C, escalier 12, 1487 bis avenue du Général de Gaulle prolongée",
                "75000 Villeneuve-Saint-Georges-lès-Avignon-sur-Seine", "ALLEMAGNE"],
}  # fmt: skip


@pytest.mark.parametrize("recipient", [CLIENT, LONG])
def test_the_window_of_an_envelope_shows_the_address_and_nothing_else(
    recipient: dict[str, Any],
) -> None:
    page = pypdf.PdfReader(io.BytesIO(posted(recipient))).pages[0]
    shown = [(x, y, piece) for x, y, piece in placed(page) if x > 88 and 44 < y < 91]
    everything = " ".join([recipient["name"], *recipient["address"]])
    assert " ".join(piece for _x, _y, piece in shown).split() == everything.split()
    assert all(55 < y < 79 and 100 < x < 190 for x, y, _piece in shown)


@pytest.mark.parametrize("invoices", [1, 25, 31, 37, 300])
def test_amounts_stand_in_a_column_and_no_signature_stands_alone(invoices: int) -> None:
    pages = pypdf.PdfReader(io.BytesIO(posted(CLIENT, invoices))).pages
    said = [" ".join(page.extract_text().split()) for page in pages]
    assert sum(page.count("FACT-") for page in said) == invoices
    assert "échéance le 01/10/2026 :" not in " ".join(said)  # the colon became a column
    [last] = [page for page in said if "Cordialement" in page]
    assert "Cordialement, Factor Exemple" in last
    assert any("Sont dues : FACT-0000" in page for page in said)
