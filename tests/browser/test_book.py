"""An account manager's and a credit analyst's morning in a real browser, by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from tests.browser import axe
from tests.browser.door import sign_in
from tests.people import Named
from tests.serving import lately, serve
from tests.web.backoffice.office import Office, open_office


@dataclass(frozen=True)
class Book:
    """A running server on the database of the office."""

    address: str
    office: Office

    def sign_in(self, page: Page, person: Named, language: str) -> None:
        engine = self.office.engine
        sign_in(page, self.address, engine, person, home="/backoffice", language=language)

    def pages(self) -> list[str]:
        """Every page of the book that has something on it."""
        book = self.office.book
        contract, debtor = f"contracts/{book.alpha}", book.people.durand.id
        return [
            "", "contracts", contract, f"{contract}/changes", f"{contract}/terms",
            f"{contract}/what-if?debtor={debtor}&kind=cover&amount=100", "clients",
            f"clients/{book.people.alpha.id}", "debtors", f"debtors/{debtor}", "limits",
            "limits/in-force", "limits/watch", f"limits/pairs/{book.alpha}/{debtor}",
            "remittances", "remittances/new", f"remittances/{self.office.waiting}",
            f"remittances/typed?contract={book.alpha}", "receivables",
            f"receivables/{self.office.id_of('F-1')}", "disputes",
        ]  # fmt: skip

    def decent(self, page: Page, path: str) -> None:
        """A page answers, nothing of it is scrolled sideways, and axe has nothing serious."""
        answer = page.goto(f"{self.address}/backoffice/{path}".rstrip("/"))
        assert answer is not None
        assert answer.status == 200, path
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{path} is {wide} pixels too wide"
        assert axe.serious(page) == [], path


@pytest.fixture
def book(engine: Engine, database_url: URL, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Book]:  # fmt: skip
    office = open_office(engine, lately())
    folder = tmp_path_factory.mktemp("book")
    with serve(database_url, folder) as address:
        yield Book(address, office)


def test_the_queue_is_worked_by_keyboard(book: Book, tab: Page) -> None:
    book.sign_in(tab, book.office.book.people.alice, "en")
    expect(tab.locator("#queue")).to_contain_text("2 things wait for you")
    tab.keyboard.press("o")
    tab.wait_for_url(re.compile(rf"/remittances/{book.office.waiting}\?queue=0$"))
    tab.keyboard.press("a")
    tab.wait_for_url(re.compile(r"/withheld\?line=over_limit"))
    tab.goto(f"{book.address}/backoffice")
    expect(tab.locator("#queue")).to_contain_text("1 thing waits for you")


def test_invoices_are_ticked_held_and_taken_back_by_keyboard(book: Book, tab: Page) -> None:
    book.sign_in(tab, book.office.book.people.alice, "en")
    tab.goto(f"{book.address}/backoffice/receivables?status=open")
    for key in ("j", "x", "j", "x", "e"):
        tab.keyboard.press(key)
    expect(tab.locator("h1")).to_have_text("Hold the funding of 2 invoices")
    assert axe.serious(tab) == []
    tab.keyboard.press("a")
    expect(tab.locator("h1")).to_have_text("2 invoices held")
    assert axe.serious(tab) == []
    tab.keyboard.press("u")
    tab.wait_for_url(f"{book.address}/backoffice/receivables")
    expect(tab.locator("tbody .badge[data-tone=attention]")).to_have_count(0)


def test_a_limit_is_decided_from_the_queue(book: Book, tab: Page) -> None:
    book.sign_in(tab, book.office.book.people.chloe, "fr")
    tab.keyboard.press("o")
    tab.wait_for_url(re.compile(r"/limits/decide\?request="))
    tab.click("button:has-text('Montrer l’effet')")
    expect(tab.locator("h1")).to_have_text("Effet de la décision")
    assert axe.serious(tab) == []
    tab.keyboard.press("a")
    tab.wait_for_url(re.compile(r"/withheld\?line=over_limit"))


def test_the_book_is_open_to_everybody(book: Book, tab: Page) -> None:
    book.sign_in(tab, book.office.book.people.alice, "fr")
    for path in book.pages():
        book.decent(tab, path)


def test_the_book_fits_a_phone(book: Book, narrow: Page) -> None:
    book.sign_in(narrow, book.office.book.people.alice, "en")
    for path in book.pages():
        book.decent(narrow, path)
