"""The main job in one go, in a real browser, with the real web server and the real worker.

Fanny sends a file and draws; Bruno agrees, seals the bank's file and hands it over; the bank's
statement comes back with the payout and what the debtors paid; Denis matches what is left by
keyboard; Fanny reads all of it on her statement of account.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text
from sqlalchemy.engine import URL

from cessio.cli.run import WORKER
from cessio.closing.bulk import prove
from cessio.identity import Audience, rules
from cessio.plumbing.database import transaction
from tests.browser.door import sign_in
from tests.browser.test_portal import cents, write_file
from tests.people import Named
from tests.serving import environment, free_port, lately, serve
from tests.web.backoffice.desk import Desk, make_desk, money_in, money_out


@dataclass(frozen=True)
class House:
    """Everything running, and the desk whose files the bank writes."""

    address: str
    desk: Desk
    folder: Path

    def sign_in(self, page: Page, person: Named) -> None:
        home = "/backoffice" if rules.audience_of(person.role) is Audience.STAFF else "/portal"
        sign_in(page, self.address, self.desk.engine, person, home=home)

    def go(self, page: Page, path: str) -> None:
        page.goto(f"{self.address}{path}")

    def asked(self, sql: str) -> object:
        """One value of the database, to see that the page said the truth."""
        with transaction(self.desk.engine) as session:
            return session.execute(text(sql)).scalar()


@pytest.fixture
def house(engine: Engine, database_url: URL, tmp_path: Path) -> Iterator[House]:
    at = lately()
    desk = make_desk(engine, at, tmp_path / "desk", payout_approval_threshold_minor=5_000_00)
    with serve(database_url, tmp_path) as address, worker(database_url, tmp_path):
        yield House(address, desk, tmp_path)


@contextmanager
def worker(database_url: URL, folder: Path) -> Iterator[None]:
    """The worker as `cessio worker` starts it."""
    with (folder / "worker.log").open("wb") as output:
        process = subprocess.Popen(
            list(WORKER), env=environment(database_url, folder, free_port()), stdout=output,
            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


def test_upload_confirm_draw_agree_pay_receive_match_and_read(house: House, tab: Page) -> None:
    book = house.desk.book.people
    house.sign_in(tab, book.fanny)
    upload(house, tab)
    drawn = draw(house, tab)
    house.sign_in(tab, book.bruno)
    agree(house, tab, drawn)
    name = pay(house, tab)
    house.sign_in(tab, book.denis)
    receive(house, tab, drawn, name)
    match(house, tab)
    house.sign_in(tab, book.fanny)
    read(house, tab, drawn)
    with transaction(house.desk.engine) as session:
        assert [one for proof in prove(session) for one in proof.findings] == []


def upload(house: House, page: Page) -> None:
    """A file under strange headings; one line is refused and says why; the rest is assigned."""
    house.go(page, "/portal/remittances/new")
    page.set_input_files("input[type=file]", write_file(house.folder))
    page.click("form[enctype] button.btn.primary")
    page.wait_for_url(re.compile(r"/columns$"))
    page.select_option("#f-column_number", "0")
    page.select_option("#f-column_amount", "5")
    page.click("main form button.btn.primary")
    page.wait_for_url(re.compile(r"/portal/remittances/\d+$"))
    expect(page.locator("table.data tbody tr")).to_have_count(3)
    page.click(".confirm button.btn.primary")
    page.wait_for_selector("a[href$='/receipt.pdf']")


def draw(house: House, page: Page) -> int:
    """Everything that can be drawn: above the threshold, so a second person is asked."""
    house.go(page, "/portal")
    told = cents(page.inner_text(".big .value"))
    page.click("button[name=all]")
    page.click(".confirm button.btn.primary")
    page.wait_for_url(re.compile(r"/portal/funding/\d+$"))
    assert cents(page.inner_text("h1")) == told
    assert house.asked("SELECT state FROM drawdown") == "requested"
    return told


def agree(house: House, page: Page, drawn: int) -> None:
    """Bruno sees what was asked and on which figures, and agrees."""
    house.go(page, "/backoffice/funding")
    page.click("main tbody a")
    assert str(drawn) in re.sub(r"\D", "", page.inner_text("h1"))
    page.click("button[name=answer][value=approve]")
    expect(page.locator("#flashes")).not_to_be_empty()
    assert house.asked("SELECT state FROM drawdown") == "granted"


def pay(house: House, page: Page) -> str:
    """The payout is sealed in a pain.001, twice the same bytes, and handed to the bank."""
    house.go(page, "/backoffice/funding")
    page.fill("#f-execute_on", open_day())
    page.click("#seal button.btn.primary")
    page.wait_for_url(re.compile(r"/funding/orders/\d+$"))
    order = page.url
    house.sign_in(page, house.desk.book.people.ines)
    page.goto(order)
    page.click("form[action$='/signatures'] button")
    house.sign_in(page, house.desk.book.people.bruno)
    page.goto(order)
    files = []
    for _ in range(2):
        with page.expect_download() as taken:
            page.click("a[href$='/file']")
        files.append(Path(taken.value.path()).read_bytes())
    assert files[0] == files[1]
    found = re.search(rb"<EndToEndId>([^<]+)</EndToEndId>", files[0])
    assert b"pain.001.001.09" in files[0]
    assert found is not None
    page.click("form[action$='/sending'] button")
    expect(page.locator("main")).to_contain_text("inconnu")
    return found.group(1).decode()


def open_day() -> str:
    """A day on which banks work, near enough."""
    day = datetime.now(UTC).date() + timedelta(days=1)
    while day.weekday() > 4 or (day.month, day.day) in {(12, 25), (12, 26), (1, 1), (5, 1)}:
        day += timedelta(days=1)
    return day.isoformat()


def receive(house: House, page: Page, drawn: int, name: str) -> None:
    """The bank's file: the payout left; one debtor names its invoice, one payer says little."""
    file = house.folder / "camt053.xml"
    file.write_bytes(
        house.desk.bank_file(
            money_out(house.desk, drawn, name),
            money_in(house.desk, 12_000_00, "FACTURE F-2026-001"),
            money_in(house.desk, 7_840_00, "FACTURE FA-1002 ESCOMPTE"),
        )
    )
    house.go(page, "/backoffice/bank")
    page.set_input_files("input[type=file]", file)
    page.click("form[enctype] button.btn.primary")
    page.wait_for_url(re.compile(r"/bank/statements/\d+$"))
    assert house.asked("SELECT state FROM drawdown") == "paid"


def match(house: House, page: Page) -> None:
    """What was not sure is confirmed with one key."""
    page.keyboard.press("m")
    page.wait_for_url(re.compile(r"/bank/matching$"))
    expect(page.locator("h1")).to_have_text("Lettrage")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Tout est lettré")
    open_lines = "SELECT count(*) FROM bank_line WHERE applied_minor <> amount_minor"
    for _ in range(50):
        if house.asked(open_lines) == 0:
            return
        time.sleep(0.2)
    raise AssertionError("money is left to match")


def read(house: House, page: Page, drawn: int) -> None:
    """The client's own statement has the drawing and the payment, on screen and as a PDF."""
    house.go(page, "/portal/statements")
    told = re.sub(r"\D", "", page.inner_text("main"))
    assert str(drawn) in told
    assert "1200000" in told
    with page.expect_download() as taken:
        page.click("a[href*='pdf']")
    assert Path(taken.value.path()).read_bytes().startswith(b"%PDF")
