"""A CFO leaves an instruction on a phone; an accountant and a banker read what was shared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import text

from cessio.identity import Role
from cessio.plumbing.database import transaction
from cessio.sharing import Part, ShareRole, end_share, share_by_link, share_with_guest
from cessio.sharing.operations import Reader
from tests.browser.door import sign_in
from tests.browser.pictures import looked_at
from tests.browser.test_portal import House, fits, house
from tests.people import Named
from tests.receivables.books import assigned, invoice

__all__ = ["house"]


def owed(house: House) -> None:
    """An invoice from which something can be drawn."""
    at = datetime.now(UTC)
    day = at.date() - timedelta(days=1)
    with transaction(house.engine) as session:
        assigned(session, house.book, at, invoice(house.book, "F-1", 900_000, on=day))


def test_a_cfo_sees_why_and_leaves_an_instruction_from_a_phone(house: House, narrow: Page) -> None:
    owed(house)
    house.sign_in(narrow, house.book.people.fanny, "fr")
    looked_at(narrow, "cfo-today")
    narrow.click("nav.tabbar a[href='/portal/funding']")
    narrow.click("main a[href*='/portal/funding/standing']")
    narrow.check("input[name=mode][value=daily]")
    narrow.fill("input[name=reserve]", "1000")
    narrow.click("button[name=look]")
    expect(narrow.locator(".notice").first).to_contain_text("nous vous enverrions")
    assert fits(narrow)
    narrow.click("main form .btn.primary")
    expect(narrow.locator("main")).to_contain_text("Fanny")
    assert fits(narrow)
    looked_at(narrow, "cfo-standing")
    due = datetime.now(UTC).date() + timedelta(days=40)
    tried = f"what=remittance&count=2&amount=5000&due_on={due}"
    narrow.goto(f"{house.address}/portal/costs/simulator?{tried}")
    assert fits(narrow)
    looked_at(narrow, "cfo-simulator")


def test_an_accountant_and_a_banker_read_what_is_theirs(house: House, tab: Page) -> None:
    owed(house)
    at, fanny = datetime.now(UTC), house.book.people.fanny
    until, client = at.date() + timedelta(days=60), house.book.people.alpha.id
    with transaction(house.engine) as session:
        share_with_guest(
            session, client_id=client, parts=[Part.STATEMENTS, Part.ACCOUNTING],
            reader=Reader("Paul", "Cabinet", ShareRole.ACCOUNTANT, "fr", "paul@x.example"),
            contract_ids=None, until_on=until, by=fanny.by, at=at,
        )  # fmt: skip
        link = share_by_link(
            session, client_id=client, parts=[Part.STATEMENTS], contract_ids=None,
            reader=Reader("Banque", "", ShareRole.BANKER), until_on=until, by=fanny.by, at=at,
        )  # fmt: skip
        paul = session.scalar(text("SELECT id FROM person WHERE role = 'guest'"))
    guest = Named(int(paul or 0), "Paul", "paul@x.example", Role.GUEST)
    sign_in(tab, house.address, house.engine, guest, home="/guest", language="fr")
    tab.click("main a[href*='/guest/']")
    tab.click("a[href$='/accounting']")
    looked_at(tab, "accountant-journal")
    fec = tab.get_attribute("a[href*='/fec']", "href")
    assert tab.request.get(f"{house.address}{fec}").text().startswith("JournalCode")
    tab.click("a[href*='/accounting/collections']")
    looked_at(tab, "accountant-collections")
    shared = f"{house.address}/shared/{link.token}"
    tab.context.clear_cookies()
    tab.goto(f"{shared}/statements")
    looked_at(tab, "banker-statement")
    camt = tab.get_attribute("a[href*='/camt']", "href")
    assert "camt.053" in tab.request.get(f"{house.address}{camt}").text()
    with transaction(house.engine) as session:
        end_share(session, share_id=link.share_id, client_id=client, by=fanny.by, at=at)
    closed = tab.request.get(f"{shared}/statements")
    assert closed.status == 404
    assert "F-1" not in closed.text()
