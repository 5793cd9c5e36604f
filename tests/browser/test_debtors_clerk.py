"""The debtor's clerk, on a phone: from the code on the letter to an answer that staff decide on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from cessio.plumbing.database import transaction
from tests.browser import pictures
from tests.receivables.books import assigned, invoice, open_book
from tests.replies.letters import OTHER_IBAN, letter
from tests.serving import serve


@dataclass(frozen=True)
class Letter:
    """A running server, and the code that Durand's clerk reads on paper."""

    address: str
    code: str


@pytest.fixture
def paper(engine: Engine, database_url: URL, tmp_path: Path) -> Iterator[Letter]:
    at = datetime.now(UTC) - timedelta(days=3)
    issued = at.date() - timedelta(days=50)
    with transaction(engine) as session:
        book = open_book(session, at, blanket_cover_minor=50_000_00)
        assigned(session, book, at, invoice(book, "F-2026-0101", 12_000_00, on=issued),
                 invoice(book, "F-2026-0102", 1_250_50, on=issued, days=90))  # fmt: skip
        code = letter(session, book, at)
    with serve(database_url, tmp_path) as address:
        yield Letter(address, code)


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways, tables included."""
    return bool(page.evaluate(
        "document.documentElement.scrollWidth <= innerWidth &&"
        " [...document.querySelectorAll('table')].every(t => t.getBoundingClientRect().right"
        " <= innerWidth)"
    ))  # fmt: skip


def test_a_clerk_answers_a_letter_from_a_phone(paper: Letter, narrow: Page, tmp_path: Path) -> None:
    narrow.goto(f"{paper.address}/pay")
    narrow.fill("#f-code", paper.code.lower().replace("-", " "))
    narrow.click("main form button")
    narrow.wait_for_url(f"**/pay/{paper.code}")
    expect(narrow.locator("h1")).to_contain_text("Alpha")
    assert fits(narrow)
    pictures.looked_at(narrow, "debtor-owes")

    narrow.click("a[href$='/paid']")
    narrow.check("input[name=invoice] >> nth=0")
    narrow.fill("#f-paid_on", datetime.now(UTC).date().isoformat())
    narrow.fill("#f-reference", "VIR 8812")
    narrow.fill("#f-name", "Paule Renaud, comptabilité fournisseurs")
    assert fits(narrow)
    pictures.looked_at(narrow, "debtor-paid")
    narrow.click("main form button.primary")
    narrow.wait_for_url(f"**/pay/{paper.code}")
    expect(narrow.locator("main")).to_contain_text("En cours d’examen")

    narrow.click("a[href$='/dispute']")
    narrow.select_option("#f-invoice", index=2)
    narrow.select_option("#f-reason", "delivery")
    narrow.fill("#f-comment", "Deux colis sur six abîmés.")
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 64)
    narrow.set_input_files("#f-paper", photo)
    narrow.fill("#f-name", "Paule Renaud")
    pictures.looked_at(narrow, "debtor-disputes")
    narrow.click("main form button.primary")
    narrow.wait_for_url(f"**/pay/{paper.code}")

    narrow.click("a[href$='/account']")
    narrow.fill("#f-iban", OTHER_IBAN)
    narrow.click("main form button.primary")
    expect(narrow.locator("[role=alert]")).to_contain_text("ne payez pas")
    assert fits(narrow)
    pictures.looked_at(narrow, "debtor-wrong-account")
