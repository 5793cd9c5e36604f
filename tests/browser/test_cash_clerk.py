"""A cash clerk's hour in a real browser, by keyboard alone: confirm, split, park, undo, alias."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from cessio.banking import queries as bank
from cessio.cash import queries as cash
from cessio.cash.queries import LineFilter, LineState
from cessio.plumbing.database import transaction
from tests.browser import axe
from tests.browser.door import sign_in
from tests.browser.pictures import take
from tests.serving import lately, serve
from tests.web.backoffice.desk import Desk, make_desk, money_in

WORK = "/backoffice/bank/matching"


@dataclass
class Clerk:
    """Denis at the workbench; every keystroke he makes is counted."""

    address: str
    desk: Desk
    page: Page
    keys: int = 0
    seen: list[str] = field(default_factory=list)

    def press(self, key: str) -> None:
        """A key that leads on; what stood on the page before is gone when it has."""
        self.keys += 1
        self.page.evaluate("document.querySelector('main').dataset.before = 'yes'")
        self.page.keyboard.press(key)
        self.page.locator("main:not([data-before])").wait_for()

    def type(self, words: str) -> None:
        self.keys += len(words)
        self.page.keyboard.type(words)

    def waiting(self) -> int:
        with transaction(self.desk.engine) as session:
            return cash.unallocated(session).count - cash.set_aside(session).count

    def look(self, path: str) -> None:
        """A page answers, fits, and axe has nothing serious."""
        answer = self.page.goto(f"{self.address}{path}")
        assert answer is not None
        assert answer.status == 200, path
        assert self.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        assert axe.serious(self.page) == [], path
        take(self.page, "clerk-" + re.sub(r"\W+", "-", path.removeprefix("/backoffice/")))


@pytest.fixture
def clerk(engine: Engine, database_url: URL, tmp_path: Path, tab: Page) -> Iterator[Clerk]:
    desk = make_desk(engine, lately(), tmp_path / "desk")
    desk.receive(
        money_in(desk, 11_760_00, "FA-1001 ESCOMPTE"),
        money_in(desk, 7_900_00, "ACOMPTE FA-1002"),
        money_in(desk, 8_000_00, "REGLEMENT GROUPE", name="CENTRALE DE PAIEMENT", iban=None),
        money_in(desk, 77_77, "LOYER", name="SCI LES TILLEULS", iban=None),
    )
    with serve(database_url, tmp_path) as address:
        sign_in(tab, address, engine, desk.book.people.denis, home="/backoffice")
        yield Clerk(address, desk, tab)


def test_a_statement_is_worked_off_by_keyboard_alone(clerk: Clerk, narrow: Page) -> None:
    page = clerk.page
    clerk.look(WORK)
    start = clerk.waiting()
    assert start == 4

    expect(page.locator("#proposed")).to_contain_text("FA-1001")
    take(page, "clerk-proposed")
    clerk.press("Enter")  # the discount, not the part payment
    clerk.press("Enter")  # the next line is in front: as it is proposed
    assert (clerk.waiting(), clerk.keys) == (2, 2)
    clerk.press("u")  # wrong: taken back by one key
    assert clerk.waiting() == 3
    clerk.press("Enter")
    assert clerk.waiting() == 2

    split(clerk)
    assert clerk.waiting() == 1
    clerk.press("p")
    clerk.type("Quel loyer ?")
    clerk.press("Enter")
    assert clerk.waiting() == 0
    suspense(clerk)
    after(clerk, narrow)


def split(clerk: Clerk) -> None:
    """One payment over two clients' invoices, found by their numbers."""
    clerk.press("s")
    for number in ("FA-1003", "BT-77"):  # what is left keeps the cursor in the search
        clerk.type(number)
        clerk.press("Enter")
        clerk.press("1")
    expect(clerk.page.locator("#by-hand .effects")).to_contain_text("Bravo Textile")
    take(clerk.page, "clerk-split")
    clerk.press("a")


def suspense(clerk: Clerk) -> None:
    """What is left is the suspense account, to the cent."""
    with transaction(clerk.desk.engine) as session:
        wanted = LineFilter(on=clerk.desk.today, state=LineState.OPEN)
        listed = {one.account_id: one.open_minor for one in cash.line_totals(session, wanted)}
        assert listed == {one.account.account_id: one.unallocated_minor
                          for one in bank.positions(session)}  # fmt: skip


def after(clerk: Clerk, narrow: Page) -> None:
    """The lists say what was done, who holds what, what was learned; on a phone too."""
    paths = (f"{WORK}/done", "/backoffice/bank/lines?state=parked",
             "/backoffice/bank/lines?state=open", f"{WORK}/payers")  # fmt: skip
    for path in paths:
        clerk.look(path)
    clerk.page.fill("#f-debtor", "Garages Leroy")
    clerk.page.fill("#f-seen", "CENTRALE DE PAIEMENT")
    clerk.page.click("form[action$='/payers'] button.btn.primary")
    expect(clerk.page.locator("main table")).to_contain_text("CENTRALE DE PAIEMENT")
    desk = clerk.desk
    sign_in(narrow, clerk.address, desk.engine, desk.book.people.denis, home="/backoffice",
            language="en")  # fmt: skip
    phone = Clerk(clerk.address, desk, narrow)
    for path in (*paths, "/backoffice/bank/lines/1"):
        phone.look(path)
