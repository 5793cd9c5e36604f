"""A morning at the cash desk in a real browser: bank file, matching by keyboard, statement."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from cessio.cash import queries as cash
from cessio.plumbing.database import transaction
from tests.browser import axe
from tests.browser.door import sign_in
from tests.people import Named
from tests.serving import lately, serve
from tests.web.backoffice.desk import Desk, make_desk, money_in


@dataclass(frozen=True)
class Bank:
    """A running server on the desk's database, and the bank's file of the day."""

    address: str
    desk: Desk
    file: Path

    def sign_in(self, page: Page, person: Named, language: str) -> None:
        engine = self.desk.engine
        sign_in(page, self.address, engine, person, home="/backoffice", language=language)

    def waiting(self) -> int:
        """Lines that wait to be matched."""
        with transaction(self.desk.engine) as session:
            return cash.unallocated(session).count


@pytest.fixture
def bank(engine: Engine, database_url: URL, tmp_path: Path) -> Iterator[Bank]:
    desk = make_desk(engine, lately(), tmp_path / "desk")
    file = tmp_path / "camt053.xml"
    file.write_bytes(
        desk.bank_file(
            money_in(desk, 12_000_00, "FACTURE FA-1001"),
            money_in(desk, 7_840_00, "FACTURE FA-1002 ESCOMPTE"),
            money_in(desk, 3_000_00, "VIREMENT", name="CENTRALE DE PAIEMENT", iban=None),
        )
    )
    with serve(database_url, tmp_path) as address:
        yield Bank(address, desk, file)


def test_a_bank_file_is_matched_by_keyboard_undone_and_seen_on_the_statement(
    bank: Bank, tab: Page
) -> None:
    bank.sign_in(tab, bank.desk.book.people.denis, "fr")
    tab.keyboard.press("g")
    tab.keyboard.press("b")
    tab.wait_for_url(re.compile(r"/backoffice/bank$"))
    tab.set_input_files("input[type=file]", bank.file)
    tab.click("form[enctype] button.btn.primary")
    tab.wait_for_url(re.compile(r"/bank/statements/\d+$"))
    expect(tab.locator("#flashes")).to_contain_text("Lettrés : 1. À examiner : 2.")
    tab.keyboard.press("m")
    tab.wait_for_url(re.compile(r"/bank/matching$"))
    expect(tab.locator(".workbench .queue tbody tr")).to_have_count(2)

    tab.keyboard.press("Enter")  # the proposal is confirmed as it stands
    expect(tab.locator(".notice")).to_contain_text("FA-1002")
    assert bank.waiting() == 1
    tab.keyboard.press("u")  # one keystroke, right after
    expect(tab.locator("#flashes")).to_contain_text("tout est comme avant")
    assert bank.waiting() == 2
    tab.keyboard.press("y")
    expect(tab.locator(".notice")).to_contain_text("FA-1002")

    by_hand(bank, tab)
    expect(tab.locator("main")).to_contain_text("Tout est lettré")
    assert bank.waiting() == 0
    statement(bank, tab)


def by_hand(bank: Bank, page: Page) -> None:
    """The line nobody names: found by the client's number, looked at, applied."""
    page.locator("#by-hand details").evaluate("one => one.open = true")
    page.fill("#q-hand", "BT-77")
    page.press("#q-hand", "Enter")
    page.wait_for_url(re.compile(r"q=BT-77"))
    page.click("#by-hand a.btn:has-text('Prendre')")
    page.wait_for_url(re.compile(r"pick=\d+"))
    page.click("#by-hand button[name=look]")
    page.wait_for_url(re.compile(r"/application$"))
    expect(page.locator("#by-hand .effects")).to_contain_text("Bravo Textile")
    assert bank.waiting() == 1
    page.click("#by-hand form.hand button.primary")
    page.wait_for_url(re.compile(r"done="))


def statement(bank: Bank, page: Page) -> None:
    """Bruno reads Alpha's account and takes the PDF."""
    bank.sign_in(page, bank.desk.book.people.bruno, "fr")
    page.goto(f"{bank.address}/backoffice/contracts/{bank.desk.book.alpha}/statement")
    expect(page.locator("#outstanding")).to_contain_text("Règlement d’un débiteur")
    with page.expect_download() as taken:
        page.click("a[href*='/statement/pdf']")
    assert Path(taken.value.path()).read_bytes().startswith(b"%PDF")


def test_the_cash_desk_fits_a_phone(bank: Bank, narrow: Page) -> None:
    bank.sign_in(narrow, bank.desk.book.people.denis, "fr")
    narrow.goto(f"{bank.address}/backoffice/bank")
    narrow.set_input_files("input[type=file]", bank.file)
    narrow.click("form[enctype] button.btn.primary")
    narrow.wait_for_url(re.compile(r"/bank/statements/\d+$"))
    for path in ("bank", "bank/statements/1", "bank/matching", "bank/lines/2", "bank/lines/3?q=FA",
                 "bank/matching?parked=1", "bank/matching/payers", "bank/matching/settings",
                 "funding", "approvals", "settlement", "settlement/funds", "settlement/financing",
                 "settlement/fixings", "settlement/ledger", "verify", "search?q=FA-10",
                 f"contracts/{bank.desk.book.alpha}/statement"):  # fmt: skip
        decent(bank, narrow, path)


def test_what_the_house_watches_fits_a_phone(bank: Bank, narrow: Page) -> None:
    bank.sign_in(narrow, bank.desk.book.people.karine, "fr")
    for path in ("audit", "jobs", "settings", "settings/keys", "search?q=zzzz", "../account"):
        decent(bank, narrow, path)


def test_the_desk_is_open_to_everybody(bank: Bank, tab: Page) -> None:
    """What axe-core can judge of WCAG 2.2 AA, on the wide pages, in English."""
    bank.sign_in(tab, bank.desk.book.people.denis, "en")
    tab.goto(f"{bank.address}/backoffice/bank")
    tab.set_input_files("input[type=file]", bank.file)
    tab.click("form[enctype] button.btn.primary")
    for path in ("bank", "bank/matching", "bank/lines/2?pick=1&pick=2", "funding", "settlement",
                 "settlement/fixings", "search?q=FA-10", "../account"):  # fmt: skip
        decent(bank, tab, path)


def decent(bank: Bank, page: Page, path: str) -> None:
    """A page answers, nothing of it has to be scrolled sideways, and axe has nothing serious."""
    answer = page.goto(f"{bank.address}/backoffice/{path}")
    assert answer is not None
    assert answer.status == 200, path
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{path} is {wide} pixels too wide"
    assert axe.serious(page) == [], path
