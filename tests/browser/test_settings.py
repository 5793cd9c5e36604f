"""Changing what the house decides for itself, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from cessio import agreeing
from cessio.approvals import queries as approvals
from cessio.contracts import queries as contracts
from cessio.correspondence import queries as correspondence
from cessio.house import Act
from cessio.house import queries as house
from cessio.identity import queries as identity
from cessio.kernel.calendar import next_business_day
from cessio.plumbing.database import transaction
from tests.browser.door import sign_in
from tests.browser.pictures import looked_at
from tests.serving import lately, serve
from tests.web.backoffice.desk import Desk, make_desk

PATH = "/backoffice/settings"


@dataclass(frozen=True)
class House:
    """A running server and the desk behind it."""

    address: str
    desk: Desk


@pytest.fixture
def factor(engine: Engine, database_url: URL, tmp_path: Path) -> Iterator[House]:
    desk = make_desk(engine, lately(), tmp_path / "desk")
    with serve(database_url, tmp_path) as address:
        yield House(address, desk)


def test_the_house_changes_what_it_decides_for_itself(factor: House, tab: Page) -> None:
    desk = factor.desk
    sign_in(tab, factor.address, desk.engine, desk.book.people.eva, home="/backoffice",
            language="fr")  # fmt: skip
    tab.goto(f"{factor.address}{PATH}")
    looked_at(tab, "settings-home")
    _a_text(tab)
    _a_day(tab)
    _an_amount(tab)
    _agreed(desk)
    _a_product(tab)
    _agreed(desk)
    _a_substitute(tab, desk)
    tab.goto(f"{factor.address}{PATH}")
    expect(tab.get_by_text("dont 1 dans nos propres mots")).to_be_visible()
    with transaction(desk.engine) as session:
        wording = correspondence.wording(session, "notice_of_assignment", "fr")
        assert wording.text.subject == "Payez-nous les factures de {client}"
        assert house.authority(session).limit(Act.GRANT_LIMIT, "credit_analyst") == 75_000_00
        assert len(house.own_days(session)) == 1
        assert [one.code for one in contracts.offers(session)] == ["PME-1"]
        assert len(identity.absences(session, from_on=date(2020, 1, 1))) == 1


def _a_text(tab: Page) -> None:
    tab.get_by_role("link", name="Lettres et courriels").click()
    tab.get_by_role("link", name="Notification de cession à un débiteur").click()
    preview = tab.locator("#preview")
    tab.get_by_label("Objet").fill("Payez-nous les factures de {client}")
    expect(preview).to_contain_text("Payez-nous les factures d’Alpha Métallerie SAS")
    tab.get_by_label("Objet").fill("Payez-nous les factures de {inconnu}")
    expect(preview).to_contain_text("inconnu n’est pas une valeur")
    tab.get_by_label("Objet").fill("Payez-nous les factures de {client}")
    expect(preview).to_contain_text("Alpha Métallerie SAS")
    looked_at(tab, "settings-text")
    tab.get_by_role("button", name="Utiliser cette rédaction").click()
    expect(tab.get_by_text("Cette rédaction est utilisée dès maintenant.")).to_be_visible()


def _a_day(tab: Page) -> None:
    tab.goto(tab.url.partition("/backoffice")[0] + f"{PATH}/calendar")
    closed = next_business_day(datetime.now(UTC).date() + timedelta(days=40))
    tab.locator("#f-day").fill(closed.isoformat())
    tab.locator("#f-label").fill("Inventaire")
    tab.get_by_role("button", name="Fermer ce jour").click()
    expect(tab.get_by_role("cell", name="Inventaire")).to_be_visible()
    looked_at(tab, "settings-calendar")


def _an_amount(tab: Page) -> None:
    tab.goto(tab.url.partition("/backoffice")[0] + f"{PATH}/authority?act=grant_limit")
    tab.get_by_label("Analyste crédit").fill("75 000,00")
    tab.get_by_role("button", name="Enregistrer").click()
    expect(tab.get_by_role("cell", name="75 000,00 €")).to_be_visible()  # what waits for Karine
    looked_at(tab, "settings-authority")


def _a_product(tab: Page) -> None:
    tab.goto(tab.url.partition("/backoffice")[0] + f"{PATH}/products/new?kind=full")
    tab.locator("#f-code").fill("PME-1")
    tab.locator("#f-name_fr").fill("Affacturage PME")
    tab.locator("#f-name_en").fill("Factoring for SMEs")
    tab.locator("#f-commission_rate").fill("0,45")
    tab.get_by_role("button", name="Enregistrer").click()
    expect(tab.get_by_text("Affacturage PME")).to_be_visible()
    looked_at(tab, "settings-product")


def _agreed(desk: Desk) -> None:
    """Karine agrees to what Eva asked for."""
    at = datetime.now(UTC)
    with transaction(desk.engine) as session:
        [asked] = approvals.pending(session)
        agreeing.agree(session, approval_id=asked.id, seen=asked.subject_hash,
                       by=desk.book.people.karine.by, at=at)  # fmt: skip


def _a_substitute(tab: Page, desk: Desk) -> None:
    alice = desk.book.people.alice.id
    tab.goto(tab.url.partition("/backoffice")[0] + f"{PATH}/teams/people/{alice}")
    tab.locator("#f-substitute").select_option(str(desk.book.people.jules.id))
    tab.get_by_role("button", name="Enregistrer").click()
    expect(tab.get_by_text("Un collègue assure le remplacement.")).to_be_visible()
    looked_at(tab, "settings-substitute")
