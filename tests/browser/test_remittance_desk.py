"""A day at the remittance desk in a real browser: file, columns, verdicts, signals, answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text
from sqlalchemy.engine import URL

from cessio import vigilance
from cessio.plumbing.database import transaction
from cessio.receivables import operations
from tests.browser import axe
from tests.browser.door import sign_in
from tests.browser.pictures import looked_at
from tests.people import Named
from tests.receivables.books import draft, invoice
from tests.serving import lately, serve
from tests.web.backoffice.office import Office, open_office


@dataclass(frozen=True)
class Desk:
    """A running server on the office's database, and a client's file with odd columns."""

    address: str
    office: Office
    file: Path

    def sign_in(self, page: Page, person: Named, language: str = "fr") -> None:
        sign_in(page, self.address, self.office.engine, person, home="/backoffice",
                language=language)  # fmt: skip


@pytest.fixture
def desk(engine: Engine, database_url: URL, tmp_path: Path) -> Iterator[Desk]:
    office = open_office(engine, lately())
    on = office.now.date()
    again = on - timedelta(days=2)  # F-1 of Alpha's once more, dated otherwise
    file = tmp_path / "factures.csv"
    file.write_text(
        "Zebra;Jour;Girafe\n"
        f"F-1;{again:%d/%m/%Y};900,00\nN-7;{again:%d/%m/%Y};1 310,45\nN-8;{again:%d/%m/%Y};douze\n",
        encoding="utf-8",
    )
    with transaction(engine) as session:  # a second remittance waits behind the office's own
        book = office.book
        other = draft(session, book, office.now, invoice(book, "B-20", 30_000_00),
                      contract=book.bravo)  # fmt: skip
        operations.submit(session, remittance_id=other, by=book.people.helene.by, at=office.now)
    with serve(database_url, tmp_path) as address:
        yield Desk(address, office, file)


def test_a_file_is_told_read_looked_at_accepted_and_verified(desk: Desk, tab: Page) -> None:
    desk.sign_in(tab, desk.office.book.people.alice)
    home = _told_columns(desk, tab)
    expect(tab.locator("main")).to_contain_text("Montant illisible")
    _decent(desk, tab, home)
    assigned = _assigned(desk, tab)
    _looked_at(desk, tab, assigned)
    _decided_one_after_the_other(desk, tab)
    _verified(desk, tab)


def _told_columns(desk: Desk, tab: Page) -> str:
    """The file is sent; its columns are told, seen as they would be read, and read."""
    tab.goto(f"{desk.address}/backoffice/remittances/new")
    tab.select_option("select[name=contract]", str(desk.office.book.alpha))
    tab.set_input_files("input[type=file]", desk.file)
    tab.click("form[enctype] button.btn.primary")
    tab.wait_for_url(re.compile(r"/columns$"))
    for name, place in {"number": "0", "issue_date": "1", "amount": "2"}.items():
        tab.select_option(f"select[name=column_{name}]", place)
    tab.locator("summary", has_text="sans colonne").click()
    tab.fill("input[name=constant_debtor_siren]", "456 780 014")
    tab.fill("input[name=header_line]", "1")
    tab.click("button[value=preview]")
    expect(tab.locator("#preview")).to_contain_text("F-1")
    expect(tab.locator("#preview")).to_contain_text("Montant illisible")
    _decent(desk, tab, None)
    tab.click("button[value=read]")
    tab.wait_for_url(re.compile(r"/remittances/\d+$"))
    return tab.url.removeprefix(desk.address)


def _assigned(desk: Desk, tab: Page) -> int:
    """Staff assign what they sent for the client; the job that looks for signs has run."""
    remittance = int(tab.url.rpartition("/")[2])
    tab.click("form#accept button.btn.primary")
    expect(tab.locator("#flashes")).to_contain_text("2 documents")
    at = datetime.now(UTC)
    with transaction(desk.office.engine) as session:
        vigilance.scan_remittance(session, remittance_id=remittance,
                                  by="job:vigilance.remittance", at=at)  # fmt: skip
    return remittance


def _looked_at(desk: Desk, tab: Page, remittance: int) -> None:
    """The signal is on the remittance's page; it stays a reason to verify until it is explained."""
    tab.goto(f"{desk.address}/backoffice/remittances/{remittance}")
    tab.locator("#signals a", has_text="Même facture, autre date").click()
    tab.wait_for_url(re.compile(r"/signals/\d+$"))
    _decent(desk, tab, None)
    tab.check("input[name=outcome][value=confirmed]")
    tab.fill("textarea[name=note]", "Le débiteur ne connaît qu’une livraison.")
    tab.click("button:has-text('Noter et continuer')")
    expect(tab.locator("#flashes")).to_contain_text("C’est noté")


def _decided_one_after_the_other(desk: Desk, tab: Page) -> None:
    """Two remittances wait: by keys only, one is accepted and the next follows."""
    tab.goto(f"{desk.address}/backoffice/remittances")
    _decent(desk, tab, None)
    tab.keyboard.press("o")
    tab.wait_for_url(re.compile(rf"/remittances/{desk.office.waiting}\?desk=1$"))
    tab.check("input[name=leave_out][value='1']")
    tab.keyboard.press("v")  # accepted, the ticked line verified first
    expect(tab.locator("h1")).to_contain_text("CT-000002")
    tab.keyboard.press("a")
    tab.wait_for_url(re.compile(r"/backoffice/remittances$"))


def _verified(desk: Desk, tab: Page) -> None:
    """The queue: the debtor is asked by mail, the next is confirmed by one key, none is left."""
    tab.goto(f"{desk.address}/backoffice/verifications")
    _decent(desk, tab, None)
    rows = tab.locator("tbody tr").count()
    assert rows == 2  # the look-alike and the line that was ticked
    tab.keyboard.press("o")
    tab.wait_for_url(re.compile(r"/verifications/\d+"))
    _decent(desk, tab, None)
    tab.fill("input[name=email]", "compta@durand.example")
    tab.click("button[data-hotkey=m]")
    expect(tab.locator("#flashes")).to_contain_text("interrogé")
    tab.fill("input[name=contact]", "Mme Petit, comptable")
    tab.locator("input[name=contact]").blur()
    tab.keyboard.press("y")
    expect(tab.locator("#flashes")).to_contain_text("C’est noté")
    with transaction(desk.office.engine) as session:
        states = session.scalars(text("SELECT state FROM verification ORDER BY id")).all()
    assert sorted(states) == ["asked", "confirmed"]


def _decent(desk: Desk, page: Page, path: str | None) -> None:
    """No serious finding of axe; with ``CESSIO_TOUR``, its pictures too."""
    if path is not None and not page.url.endswith(path):
        page.goto(desk.address + path)
    stem = re.sub(r"[^a-z]+", "-", page.url.removeprefix(desk.address).split("?")[0]).strip("-")
    looked_at(page, stem.removeprefix("backoffice-"))


def test_the_remittance_desk_fits_a_phone_in_both_languages(desk: Desk, narrow: Page) -> None:
    for language in ("en", "fr"):
        desk.sign_in(narrow, desk.office.book.people.alice, language)
        for path in ("remittances", f"remittances/{desk.office.waiting}", "verifications",
                     "signals", "mappings", "remittances/new"):  # fmt: skip
            narrow.goto(f"{desk.address}/backoffice/{path}")
            wide = narrow.evaluate("document.documentElement.scrollWidth")
            assert wide <= 390, (path, wide)
            lines = narrow.evaluate(
                "[...document.querySelectorAll('.table-wrap')].every("
                "one => one.scrollWidth <= one.clientWidth + 1)"
            )
            assert lines, path
            assert not axe.serious(narrow), path
