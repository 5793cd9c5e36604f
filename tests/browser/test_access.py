"""A signatory on a phone: a second factor, the door that asks for it, another bank account."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from cessio import identity
from cessio.identity import Role
from cessio.plumbing.database import transaction
from tests import people
from tests.browser import axe
from tests.browser.door import sign_in
from tests.people import Named
from tests.receivables.books import Book, open_book
from tests.serving import serve

NEW_IBAN = "FR76 1695 8000 0100 0987 6543 244"


@dataclass(frozen=True)
class House:
    """A running server, the book in its database, and Alpha's second signatory."""

    address: str
    engine: Engine
    book: Book
    nora: Named


@pytest.fixture
def house(engine: Engine, database_url: URL, tmp_path: Path) -> Iterator[House]:
    at = datetime.now(UTC) - timedelta(days=3)
    with transaction(engine) as session:
        book = open_book(session, at, blanket_cover_minor=50_000_00)
        person_id = identity.add_person(
            session, email="nora@alpha.example", name="Nora Alpha", role=Role.SIGNATORY,
            client_id=book.people.alpha.id, by=people.SETUP, at=at,
        )  # fmt: skip
    nora = Named(person_id, "Nora Alpha", "nora@alpha.example", Role.SIGNATORY)
    with serve(database_url, tmp_path) as address:
        yield House(address, engine, book, nora)


def later_code(seed: str) -> str:
    """The code of the next step, right already: that of this one may have been used."""
    return pyotp.TOTP(seed).at(int(time.time()) + 30)


def test_a_second_factor_then_another_bank_account_by_two_people(
    house: House, narrow: Page
) -> None:
    page, fanny = narrow, house.book.people.fanny
    sign_in(page, house.address, house.engine, fanny, home="/portal")
    page.goto(f"{house.address}/account/second-factor")
    assert page.evaluate("document.querySelector('.qr').naturalWidth") > 0, "drawn under the policy"
    assert axe.serious(page) == []
    seed = page.locator("input[name=seed]").input_value()
    page.fill("#f-code", pyotp.TOTP(seed).now())
    page.fill("#f-password", people.PASSWORD)
    page.click("main form button.btn.primary")
    expect(page.locator("ol.codes li")).to_have_count(10)
    assert axe.serious(page) == []

    page.context.clear_cookies()
    page.goto(f"{house.address}/sign-in?next=/portal/bank-details/new")
    page.fill("#f-email", fanny.email)
    page.fill("#f-password", people.PASSWORD)
    page.click("form button.btn.primary")
    page.wait_for_url(re.compile(r"/sign-in/code"))
    assert axe.serious(page) == []
    page.fill("#f-code", later_code(seed))
    page.click("form button.btn.primary")
    page.wait_for_url(f"{house.address}/portal/bank-details/new")
    assert axe.serious(page) == []
    page.fill("#f-iban", NEW_IBAN)
    page.fill("#f-why", "Nous changeons de banque")
    page.click("main form button.btn.primary")
    page.wait_for_url(f"{house.address}/portal/bank-details")
    assert axe.serious(page) == []

    sign_in(page, house.address, house.engine, house.nora, home="/portal")
    page.goto(f"{house.address}/portal/bank-details")
    page.click("main form button.btn.primary")
    expect(page.locator("main")).to_contain_text("Accord donné par")
    expect(page.locator("main")).to_contain_text(house.nora.name)
    page.goto(f"{house.address}/portal/users")
    assert axe.serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto(f"{house.address}/portal/users/people/{fanny.id}")
    assert axe.serious(page) == []
    page.goto(f"{house.address}/portal/users/roles")
    assert axe.serious(page) == []
