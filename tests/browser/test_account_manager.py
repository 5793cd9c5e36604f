"""A day of an account manager in a real browser: the queue, the portfolio, the file of a client."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from cessio import funding
from cessio.contracts import queries as contracts
from cessio.funding import queries as drawn
from cessio.funding.operations import keep_day
from cessio.kernel.calendar import business_date
from cessio.plumbing.database import transaction
from cessio.receivables import operations
from tests.browser import axe
from tests.browser.door import sign_in
from tests.browser.pictures import looked_at
from tests.receivables.books import Book, assigned, draft, invoice, open_book
from tests.serving import lately, serve


@dataclass(frozen=True)
class Morning:
    """A running server, and a book where a remittance and a drawdown wait for Alice."""

    address: str
    engine: Engine
    book: Book
    remittance: int
    drawdown: int

    def sign_in(self, page: Page) -> None:
        alice = self.book.people.alice
        sign_in(page, self.address, self.engine, alice, home="/backoffice", language="fr")


@pytest.fixture
def morning(engine: Engine, database_url: URL, tmp_path: Path) -> Iterator[Morning]:
    now = lately()
    with transaction(engine) as session:
        book, remittance = _filled(session, now)
    with serve(database_url, tmp_path) as address:
        with transaction(engine) as session:
            asked = drawn.drawdowns(session, contract_id=book.alpha)[0].drawdown_id
        yield Morning(address, engine, book, remittance, asked)


def _filled(session: Session, now: datetime) -> tuple[Book, int]:
    """Invoices assigned two days ago, figures kept since, and two things that wait today."""
    on, then = business_date(now), now - timedelta(days=2)
    issued = on - timedelta(days=20)
    book = open_book(session, then, auto_accept_max_minor=100_00, blanket_cover_minor=900_00)
    assigned(session, book, then, invoice(book, "F-1", 900_00, on=issued),
             invoice(book, "F-2", 700_00, on=issued),
             invoice(book, "F-3", 800_00, on=issued, debtor="mercier"))  # fmt: skip
    terms = contracts.terms_of_all(session, on)
    known = drawn.book_availability(session, on=on)
    for day in range(1, 25):
        keep_day(session, on=on - timedelta(days=day), found=known, terms=terms, at=now)
    waiting = draft(session, book, now, invoice(book, "F-9", 800_00, on=issued))
    operations.submit(session, remittance_id=waiting, by=book.people.fanny.by, at=now)
    funding.request_drawdown(session, contract_id=book.alpha, amount_minor=200_00,
                             by=book.people.fanny.by, at=now)  # fmt: skip
    return book, waiting


def test_a_morning_from_the_queue_to_the_file_of_a_client(morning: Morning, tab: Page) -> None:
    morning.sign_in(tab)
    decide(morning, tab)
    portfolio(morning, tab)
    file(morning, tab)


def decide(morning: Morning, page: Page) -> None:
    """One key opens the first, one decides it, and the next is there."""
    rows = page.locator("#queue tbody tr")
    expect(rows.first).to_contain_text("Tirage")
    looked_at(page, "manager-today")
    page.keyboard.press("o")
    page.wait_for_url(re.compile(rf"/funding/{morning.drawdown}\?queue=\d+$"))
    looked_at(page, "manager-drawdown")
    page.keyboard.press("a")
    page.wait_for_url(re.compile(rf"/remittances/{morning.remittance}\?queue=\d+$"))
    expect(page.locator("#flashes")).to_contain_text("enregistrée")
    page.keyboard.press("z")
    page.wait_for_url(re.compile(r"/queue/remittance/\d+"))
    looked_at(page, "manager-put-off")
    page.fill("input[name=until_on]", (datetime.now(UTC) + timedelta(days=3)).date().isoformat())
    page.locator("form[action*='delay'] input[name=reason]").fill("Attend le bon de livraison")
    page.click("form[action*='delay'] button.primary")
    page.goto(f"{morning.address}/backoffice?later=1")
    expect(page.locator("#queue tbody")).to_contain_text("Attend le bon de livraison")
    page.click("#queue tbody tr form button")
    expect(page.locator("#queue tbody")).to_contain_text("Remise à examiner")
    page.goto(f"{morning.address}/backoffice?kind=remittance")
    page.keyboard.press("o")
    page.wait_for_url(re.compile(r"/remittances/\d+\?queue=\d+"))
    page.keyboard.press("a")
    page.wait_for_url(re.compile(r"/backoffice\?scope=mine&kind=remittance$"))


def portfolio(morning: Morning, page: Page) -> None:
    """A row a contract; the foot is what debtors owe."""
    page.keyboard.press("p")
    page.wait_for_url(re.compile(r"/backoffice/portfolio$"))
    expect(page.locator("tfoot")).to_contain_text("3 200,00")
    expect(page.locator("svg.spark").first).to_be_visible()
    looked_at(page, "manager-portfolio")
    page.locator("tbody th a", has_text="Alpha").first.click()
    page.wait_for_url(re.compile(r"/backoffice/clients/\d+"))


def file(morning: Morning, page: Page) -> None:
    """Why it moved, invoice by invoice; its days on a chart; a note for a colleague."""
    expect(page.locator(".evolution[data-drawn] canvas").first).to_be_visible()
    looked_at(page, "manager-client")
    page.click("nav.tabs a[href*='tab=changes']")
    expect(page.locator("main")).to_contain_text("Tirages accordés")
    looked_at(page, "manager-changes")
    page.click("nav.tabs a[href*='tab=overview']")
    page.locator("table.waterfall td.bar a[href*='withheld']").first.click()
    page.wait_for_url(re.compile(r"/withheld\?line="))
    expect(page.locator("tbody tr").first).to_contain_text(re.compile(r"F-\d"))
    looked_at(page, "manager-withheld")
    page.go_back()
    page.click("nav.tabs a[href*='tab=notes']")
    page.fill("textarea[name=note]", "Appel du comptable : rappeler lundi")
    page.click("form[action$='/notes'] button.primary")
    expect(page.locator(".note")).to_contain_text("rappeler lundi")
    looked_at(page, "manager-notes")


def test_the_same_pages_fit_a_phone(morning: Morning, narrow: Page) -> None:
    morning.sign_in(narrow)
    client = morning.book.people.alpha.id
    for path in ("/backoffice", "/backoffice/portfolio?scope=all",
                 f"/backoffice/clients/{client}", f"/backoffice/clients/{client}?tab=evolution",
                 f"/backoffice/clients/{client}?tab=changes",
                 f"/backoffice/clients/{client}?tab=notes"):  # fmt: skip
        narrow.goto(f"{morning.address}{path}")
        assert narrow.evaluate("document.documentElement.scrollWidth") <= 390, path
        assert axe.serious(narrow) == [], path
