"""The receivables desk in a real browser: found, held and given back; disputed; promised."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from tests.browser.door import sign_in
from tests.browser.pictures import looked_at
from tests.serving import lately, serve
from tests.web.backoffice.office import Office, open_office


@pytest.fixture
def desk(engine: Engine, database_url: URL, tmp_path: Path) -> Iterator[tuple[str, Office]]:
    office = open_office(engine, lately())
    with serve(database_url, tmp_path) as address:
        yield address, office


def test_invoices_are_found_held_given_back_disputed_and_promised(
    desk: tuple[str, Office], tab: Page
) -> None:
    address, office = desk
    alice = office.book.people.alice
    sign_in(tab, address, office.engine, alice, home="/backoffice", language="fr")

    tab.goto(f"{address}/backoffice/receivables")
    tab.fill("#q-who", "Durand")
    tab.click("form.toolbar button.btn")
    tab.wait_for_url(re.compile(r"receivables\?who=Durand$"))
    expect(tab.locator(".chip")).to_have_count(1)
    looked_at(tab, "receivables-found")
    tab.check(f"input[name=id][value='{office.id_of('F-1')}']")
    tab.check(f"input[name=id][value='{office.id_of('F-2')}']")
    tab.select_option("#f-act", "hold")
    tab.click("#acts button.btn:last-of-type")
    expect(tab.locator("h1")).to_contain_text("2")
    looked_at(tab, "receivables-held")
    tab.keyboard.press("a")
    tab.wait_for_url(re.compile(r"/acts\?act=hold"))
    tab.keyboard.press("u")
    tab.wait_for_url(re.compile(r"/backoffice/receivables$"))
    expect(tab.locator("#flashes")).to_contain_text("2")

    tab.click("text=F-1")
    tab.wait_for_url(re.compile(r"/receivables/\d+$"))
    expect(tab.locator("#entries tfoot")).to_contain_text("900,00")
    looked_at(tab, "receivables-invoice")
    tab.click("summary:has-text('Noter une promesse de paiement')")
    tab.fill("#f-due_on", (datetime.now(UTC) + timedelta(days=6)).date().isoformat())
    tab.click("button:has-text('Noter la promesse')")
    expect(tab.locator("#flashes")).to_contain_text("Promesse notée")
    tab.click("summary:has-text('Ouvrir un litige')")
    tab.select_option("#f-dispute_reason", "price")
    tab.click("button:has-text('Ouvrir le litige')")
    expect(tab.locator("h1 + *, .lead").first).to_be_visible()

    tab.goto(f"{address}/backoffice/disputes")
    expect(tab.locator("tbody")).to_contain_text("F-1")
    looked_at(tab, "receivables-disputes")
    tab.goto(f"{address}/backoffice/collections/promises")
    expect(tab.locator("tbody")).to_contain_text("F-1")
    looked_at(tab, "receivables-promises")
