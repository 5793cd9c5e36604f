"""A credit analyst's morning in a real browser: queue, preview, decision, next; debtor, group."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from cessio.limits import NewLimit, ask_for_limit, operations
from cessio.limits import queries as limits
from cessio.limits.operations import NewGroupLimit
from cessio.parties.operations import join_group
from cessio.parties.queries import company_of_debtor
from cessio.plumbing.database import transaction
from tests.browser import axe, door
from tests.browser.pictures import looked_at
from tests.serving import lately, serve
from tests.web.backoffice.office import Office, open_office


@dataclass(frozen=True)
class Desk:
    """A running server on the office's book, with a group and two requests that press."""

    address: str
    office: Office
    group: int
    late: int

    def sign_in(self, page: Page, language: str) -> None:
        door.sign_in(page, self.address, self.office.engine, self.office.book.people.chloe,
                     home="/backoffice", language=language)  # fmt: skip


@pytest.fixture
def desk(engine: Engine, database_url: URL, tmp_path: Path) -> Iterator[Desk]:
    now = lately()
    office = open_office(engine, now)
    who = office.book.people
    with transaction(engine) as session:
        companies = [company_of_debtor(session, one.id) for one in (who.durand, who.mercier)]
        group = join_group(session, company_ids=companies, name="Groupe Durand", by=who.chloe.by,
                           at=now)  # fmt: skip
        operations.decide_group_limit(
            session, limit=NewGroupLimit(group_id=group, amount_minor=2_500_00, insurer="Coface"),
            by=who.chloe.by, at=now,
        )  # fmt: skip
        operations.record_limit(
            session, by=who.chloe.by, at=now,
            limit=NewLimit(contract_id=office.book.alpha, debtor_id=who.leroy.id,
                           amount_minor=1_000_00, is_temporary=True,
                           valid_to=now.date() + timedelta(days=9)),
        )  # fmt: skip
        late = ask_for_limit(session, contract_id=office.book.alpha, debtor_id=who.leroy.id,
                             amount_minor=3_000_00, comment="Marché annuel", by=who.fanny.by,
                             at=now - timedelta(days=12))  # fmt: skip
        operations.announce_endings(session, on=now.date(), by="job:limits.day", at=now)
    with serve(database_url, tmp_path) as address:
        yield Desk(address, office, group, late)


def test_the_queue_is_worked_by_keyboard_and_groups_bound_what_is_granted(
    desk: Desk, tab: Page
) -> None:
    desk.sign_in(tab, "fr")
    tab.goto(f"{desk.address}/backoffice/limits")
    expect(tab.locator("tbody tr").first).to_contain_text("en retard de")
    looked_at(tab, "analyst-queue")
    tab.keyboard.press("o")  # the most pressing
    tab.wait_for_url(re.compile(rf"request={desk.late}&desk=1"))
    looked_at(tab, "analyst-decision")
    tab.keyboard.press("a")  # as asked: the effect first
    expect(tab.locator("main")).to_contain_text("Montant garanti")
    looked_at(tab, "analyst-effect")
    tab.keyboard.press("a")
    tab.wait_for_url(re.compile(rf"request={desk.office.request}&desk=1"))
    with transaction(desk.office.engine) as session:
        assert limits.request(session, desk.late).answer == "granted"

    tab.fill("#f-amount", "2 500,00")  # beyond the group's room: a reason, then a second person
    tab.fill("#f-reason", "Accord écrit de l’assureur")
    tab.press("#f-reason", "Enter")
    expect(tab.locator("main")).to_contain_text("Une seconde personne décide")
    looked_at(tab, "analyst-beyond")
    tab.keyboard.press("a")
    tab.wait_for_url(f"{desk.address}/backoffice/limits")
    expect(tab.locator("tbody")).to_contain_text("Chez une seconde personne")


def test_debtor_group_and_watch_are_read_on_a_phone_too(
    desk: Desk, tab: Page, narrow: Page
) -> None:
    durand = desk.office.book.people.durand.id
    pages = {"debtor": f"/backoffice/debtors/{durand}", "group": f"/backoffice/groups/{desk.group}",
             "watch": "/backoffice/limits/watch", "rules": "/backoffice/limits/rules",
             "in-force": "/backoffice/limits/in-force"}  # fmt: skip
    for page, width in ((tab, 1440), (narrow, 390)):
        desk.sign_in(page, "fr")
        for name, path in pages.items():
            page.goto(desk.address + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            if page is tab:
                looked_at(page, f"analyst-{name}")
            else:
                assert axe.serious(page) == [], path
