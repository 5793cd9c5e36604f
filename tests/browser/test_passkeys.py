"""Passkeys in a real browser, whose authenticator is Chromium's own virtual one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, Page, expect
from sqlalchemy import Engine, text, update
from sqlalchemy.engine import URL

from cessio.identity.models import WebSession
from cessio.plumbing.database import transaction
from tests import people
from tests.browser import axe
from tests.browser.door import sign_in
from tests.people import People
from tests.serving import serve


@dataclass(frozen=True)
class House:
    """A running server reached by a name, and who lives in its database."""

    address: str
    engine: Engine
    people: People


@pytest.fixture
def house(engine: Engine, database_url: URL, tmp_path: Path) -> Iterator[House]:
    with transaction(engine) as session:
        there = people.settle_in(session, at=datetime.now(UTC) - timedelta(days=3))
    with serve(database_url, tmp_path, host="localhost") as address:
        yield House(address, engine, there)


def _authenticator(page: Page) -> tuple[CDPSession, str]:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
    }})  # fmt: skip
    return devtools, made["authenticatorId"]


def _use(page: Page) -> None:
    page.click("form[data-passkey=get] button")


def test_staff_add_a_passkey_and_come_in_by_it_alone_and_after_the_password(
    house: House, tab: Page
) -> None:
    page, alice = tab, house.people.alice
    devtools, device = _authenticator(page)
    sign_in(page, house.address, house.engine, alice, home="/backoffice")
    page.goto(f"{house.address}/account/second-factor")
    assert axe.serious(page) == []
    page.fill("#f-name", "Ordinateur du bureau")
    page.click("form[data-passkey=create] button.primary")
    expect(page.locator("#passkeys table")).to_contain_text("Ordinateur du bureau")
    assert axe.serious(page) == []

    page.context.clear_cookies()
    page.goto(f"{house.address}/sign-in?next=/backoffice/limits")
    assert axe.serious(page) == []
    _use(page)
    page.wait_for_url(f"{house.address}/backoffice/limits")

    page.context.clear_cookies()
    page.goto(f"{house.address}/sign-in")
    page.fill("#f-email", alice.email)
    page.fill("#f-password", people.PASSWORD)
    page.click("form[action='/sign-in'] button.primary")
    page.wait_for_url(re.compile("/sign-in/code"))
    assert axe.serious(page) == []
    _use(page)
    page.wait_for_url(f"{house.address}/backoffice")

    with transaction(house.engine) as session:
        session.execute(update(WebSession).values(proved_at=datetime.now(UTC) - timedelta(hours=2)))
    page.goto(f"{house.address}/account/second-factor")
    page.click("#passkeys table button")
    page.wait_for_url(re.compile("/account/proof"))
    assert axe.serious(page) == []
    _use(page)
    page.wait_for_url(f"{house.address}/account/second-factor")
    page.click("#passkeys table button")
    expect(page.locator("#passkeys")).to_contain_text(
        "un second facteur est exigé", ignore_case=True
    )
    with transaction(house.engine) as session:
        kept = session.execute(text("SELECT sign_count, ended_at FROM passkey")).one()
        mails = session.scalar(
            text("SELECT count(*) FROM message WHERE template = 'passkey_added'")
        )
    assert kept.ended_at is None
    assert kept.sign_count >= 3
    assert mails == 1
    devtools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": device})


def test_a_device_that_does_not_see_who_holds_it_opens_no_door(house: House, tab: Page) -> None:
    page = tab
    devtools, device = _authenticator(page)
    sign_in(page, house.address, house.engine, house.people.fanny, home="/account/second-factor")
    page.goto(f"{house.address}/account/second-factor")
    page.fill("#f-name", "Téléphone")
    page.click("form[data-passkey=create] button.primary")
    expect(page.locator("#passkeys table")).to_contain_text("Téléphone")
    page.context.clear_cookies()
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.goto(f"{house.address}/sign-in")
    _use(page)
    expect(page.locator("[data-passkey-failed]")).to_be_visible()
    page.goto(f"{house.address}/portal")
    page.wait_for_url(re.compile("/sign-in"))


def test_who_comes_in_for_the_first_time_sets_up_a_passkey_instead_of_an_application(
    house: House, tab: Page
) -> None:
    page, denis = tab, house.people.denis
    _authenticator(page)
    with transaction(house.engine) as session:
        people.give_password(session, denis)
    for first in (True, False):
        page.goto(f"{house.address}/sign-in?next=/backoffice/limits")
        page.fill("#f-email", denis.email)
        page.fill("#f-password", people.PASSWORD)
        page.click("form[action='/sign-in'] button.primary")
        page.wait_for_url(re.compile("/sign-in/code"))
        assert axe.serious(page) == []
        if first:
            page.fill("#f-name", "Téléphone")
            page.click("form[data-passkey=create] button.primary")
        else:
            _use(page)
        page.wait_for_url(f"{house.address}/backoffice/limits")
        page.context.clear_cookies()
