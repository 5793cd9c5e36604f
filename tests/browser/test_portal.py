"""A client's way to its money in a real browser: on a phone in French, at a desk in English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from cessio import banking, funding
from cessio.banking import queries as bank
from cessio.funding import queries
from cessio.funding.operations import seconding
from cessio.kernel.calendar import add_business_days, business_date
from cessio.plumbing import formats
from cessio.plumbing.database import transaction
from tests.banking.test_formats_pain002 import payment, report
from tests.browser import axe
from tests.browser.door import sign_in
from tests.people import Named
from tests.receivables.books import Book, open_book
from tests.serving import serve

HEAD = "Zebra;SIREN;Nom du client;Date de facture;Échéance;Girafe"


@dataclass(frozen=True)
class House:
    """A running server and the book in its database."""

    address: str
    engine: Engine
    book: Book

    def sign_in(self, page: Page, person: Named, language: str) -> None:
        sign_in(page, self.address, self.engine, person, home="/portal", language=language)


@pytest.fixture
def house(engine: Engine, database_url: URL, tmp_path: Path) -> Iterator[House]:
    at = datetime.now(UTC) - timedelta(days=3)
    with transaction(engine) as session:
        book = open_book(session, at, blanket_cover_minor=50_000_00)
    with serve(database_url, tmp_path) as address:
        yield House(address, engine, book)


def write_file(folder: Path) -> Path:
    """Two good invoices and a wrong SIREN, under headings nobody could guess."""
    issued = datetime.now(UTC).date() - timedelta(days=10)
    due = issued + timedelta(days=45)
    dates = f"{issued:%d/%m/%Y};{due:%d/%m/%Y}"
    lines = [
        HEAD,
        f"F-2026-001;456780014;Distribution Durand SA;{dates};12 000,00",
        f"F-2026-002;501234025;Mercier & Fils;{dates};1 250,50",
        f"F-2026-003;501234026;Inconnu;{dates};800,00",
    ]
    path = folder / "factures.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def cents(text: str) -> int:
    """The digits of an amount as it is shown."""
    return int(re.sub(r"\D", "", text))


def send(house: House, page: Page, tmp_path: Path) -> None:
    """Send the file, say what its columns are (once: the next is known), be on the draft."""
    page.goto(f"{house.address}/portal/remittances/new")
    page.set_input_files("input[type=file]", write_file(tmp_path))
    page.click("form[enctype] button.btn.primary")
    page.wait_for_url(re.compile(r"/columns$|/portal/remittances/\d+$"))
    if page.url.endswith("/columns"):
        page.select_option("#f-column_number", "0")
        page.select_option("#f-column_amount", "5")
        page.click("main form button.btn.primary")
    page.wait_for_url(re.compile(r"/portal/remittances/\d+$"))


def journey(house: House, page: Page, tmp_path: Path) -> None:
    """Upload, columns, preview, confirm, draw what was told can be drawn, and receive it."""
    send(house, page, tmp_path)
    expect(page.locator("table.data tbody tr")).to_have_count(3)
    assert fits(page)
    told = cents(page.inner_text(".big .value"))
    page.click(".confirm button.btn.primary")
    page.wait_for_selector("a[href$='/receipt.pdf']")
    page.goto(f"{house.address}/portal")
    assert cents(page.inner_text(".big .value")) == told
    assert fits(page)
    page.click("button[name=all]")
    page.click(".confirm button.btn.primary")
    page.wait_for_url(re.compile(r"/portal/funding/\d+$"))
    assert fits(page)
    amount = formats.money(told, code=page.get_attribute("html", "lang") or "fr")
    assert cents(amount) == cents(page.inner_text("h1"))
    page.goto(f"{house.address}/portal")
    assert cents(page.inner_text(".big .value")) == 0
    reference = pay(house)
    page.goto(f"{house.address}/portal")
    assert cents(page.locator(".kpi .value").first.inner_text()) == told
    page.goto(f"{house.address}/portal/funding")
    expect(page.locator("#received")).to_contain_text(reference)
    assert fits(page)
    page.click("#received tbody a")
    expect(page.locator("main")).to_contain_text(reference)


def pay(house: House) -> str:
    """The factor agrees and pays, and its bank says so; the reference on the transfer."""
    at, by = datetime.now(UTC), house.book.people
    with transaction(house.engine) as session:
        drawn = queries.drawdowns(session, contract_id=house.book.alpha)[0]
        seen = seconding.shown(session, drawdown_id=drawn.drawdown_id, on=business_date(at)).seen
        funding.approve_drawdown(session, drawdown_id=drawn.drawdown_id, seen_hash=seen,
                                 by=by.bruno.by, at=at)  # fmt: skip
        account_id = banking.open_account(
            session, name="Compte", iban="FR7630006000011234567890189", bic="AGRIFRPPXXX",
            holder="Cessio Factor", is_payout=True, by="system:setup", at=at,
        )  # fmt: skip
        order = funding.seal_payouts(
            session, account_id=account_id, execute_on=add_business_days(at.date(), 1),
            by=by.bruno.by, at=at,
        )  # fmt: skip
        funding.sign_order(session, order_id=order.order_id, seen=order.sha256, by=by.ines.by,
                           at=at)  # fmt: skip
        banking.record_order_sent(session, order_id=order.order_id, by=by.ines.by, at=at)
        reference = drawn.end_to_end_id or ""
        data = report(payment(reference, "ACSC"),
                      name=bank.order(session, order_id=order.order_id).message_id)  # fmt: skip
        funding.receive_bank_answer(session, order_id=order.order_id, data=data,
                                    filename="a.xml", by=by.bruno.by, at=at)  # fmt: skip
    return reference


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_a_cfo_gets_paid_from_a_phone_in_french(house: House, narrow: Page, tmp_path: Path) -> None:
    house.sign_in(narrow, house.book.people.fanny, "fr")
    expect(narrow.locator("h1")).to_have_text("Aujourd’hui")
    journey(house, narrow, tmp_path)


def test_a_cfo_gets_paid_at_a_desk_in_english(house: House, tab: Page, tmp_path: Path) -> None:
    house.sign_in(tab, house.book.people.fanny, "en")
    expect(tab.locator("h1")).to_have_text("Today")
    journey(house, tab, tmp_path)


PAGES = (
    "/portal", "/portal/invoices", "/portal/remittances", "/portal/remittances/new",
    "/portal/remittances/typed", "/portal/debtors", "/portal/debtors/requests/new",
    "/portal/funding", "/portal/funding/standing", "/portal/statements", "/portal/costs",
    "/portal/costs/simulator", "/portal/documents", "/portal/users",
)  # fmt: skip
ANYBODYS = ("/verify", "/verify/7F3K-92QD-XM4T", "/sign-in")


def test_every_portal_page_fits_a_phone(house: House, narrow: Page) -> None:
    house.sign_in(narrow, house.book.people.fanny, "fr")
    for path in PAGES:
        answer = narrow.goto(f"{house.address}{path}")
        assert answer is not None
        assert answer.status == 200
        assert fits(narrow), path


def test_no_portal_page_has_a_serious_fault_for_those_who_see_or_move_otherwise(
    house: House, browser: Browser, tmp_path: Path
) -> None:
    for width, theme in ((1440, "light"), (390, "dark")):
        context = browser.new_context(
            viewport={"width": width, "height": 844},
            color_scheme="dark" if theme == "dark" else "light",
        )
        page = context.new_page()
        for path in ANYBODYS:
            page.goto(f"{house.address}{path}")
            assert axe.serious(page) == [], path
        house.sign_in(page, house.book.people.fanny, "fr")
        for path in (*PAGES, *opened(house, page, tmp_path), "/portal/nowhere"):
            page.goto(f"{house.address}{path}")
            assert axe.serious(page) == [], path
        context.close()


def opened(house: House, page: Page, tmp_path: Path) -> list[str]:
    """Pages of one thing: a draft just sent, its line, then what confirming makes of it."""
    send(house, page, tmp_path)
    draft = page.url.removeprefix(house.address)
    found = [draft, f"{draft}/columns", f"{draft}/lines/3"]
    for path in found:
        page.goto(f"{house.address}{path}")
        assert axe.serious(page) == [], path
    page.goto(f"{house.address}{draft}")
    button = page.locator(".confirm button.btn.primary")
    if button.count():
        button.click()
        page.wait_for_selector("a[href$='/receipt.pdf']")
        found.append(str(page.get_attribute("table.data tbody th a", "href")))
    return [draft, *found[3:]]


def test_the_way_to_the_money_needs_no_script(
    house: House, browser: Browser, tmp_path: Path
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    house.sign_in(page, house.book.people.fanny, "fr")
    journey(house, page, tmp_path)
    context.close()


def test_all_is_drawn_by_the_keyboard_alone(house: House, tab: Page, tmp_path: Path) -> None:
    house.sign_in(tab, house.book.people.fanny, "fr")
    send(house, tab, tmp_path)
    tab.focus(".confirm button.btn.primary")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("a[href$='/receipt.pdf']")
    tab.goto(f"{house.address}/portal")
    tab.keyboard.press("Tab")
    expect(tab.locator(".skip")).to_be_focused()
    tab.keyboard.press("Enter")
    for _ in range(12):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.id") == "f-amount":
            break
    tab.keyboard.type("100")
    tab.keyboard.press("Enter")
    tab.wait_for_url(re.compile(r"/portal/funding/new"))
    tab.focus(".confirm button.btn.primary")
    tab.keyboard.press("Enter")
    tab.wait_for_url(re.compile(r"/portal/funding/\d+$"))
    assert cents(tab.inner_text("h1")) == 100_00


def test_the_three_questions_are_answered_before_the_page_is_scrolled(
    house: House, narrow: Page
) -> None:
    house.sign_in(narrow, house.book.people.fanny, "fr")
    last = narrow.locator(".panel > .kpis").first.bounding_box()
    bar = narrow.locator(".tabbar").bounding_box()
    assert last is not None
    assert bar is not None
    assert last["y"] + last["height"] <= bar["y"]


def test_the_portal_is_light_and_may_be_put_on_a_phones_home_screen(
    house: House, narrow: Page
) -> None:
    """Under 150 kB on a slow line, all of it from us; Chromium finds nothing amiss to install.

    In a context of its own, which has nothing of ours yet.
    """
    house.sign_in(narrow, house.book.people.fanny, "fr")
    signed = narrow.context.cookies()
    assert narrow.context.browser is not None
    context = narrow.context.browser.new_context(viewport={"width": 390, "height": 844})
    context.add_cookies(signed)  # type: ignore[arg-type]
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    sizes: list[float] = []
    line.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    asked: list[str] = []
    line.on("Network.requestWillBeSent", lambda event: asked.append(event["request"]["url"]))
    page.goto(f"{house.address}/portal", wait_until="networkidle")
    assert 0 < sum(sizes) < 150_000
    assert {"/".join(url.split("/")[:3]) for url in asked if url[:5] != "data:"} == {house.address}
    manifest = line.send("Page.getAppManifest")
    assert manifest["url"].split("?")[0].endswith("cessio.webmanifest")
    assert manifest["errors"] == []
    found = line.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {one["errorId"] for one in found} <= {"in-incognito"}  # as every page of a test is
    context.close()
