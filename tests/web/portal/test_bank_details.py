"""Another account for payouts: asked for by one, agreed to by another, stopped by anybody told."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import text, update

from cessio import identity
from cessio.identity import Role
from cessio.identity.models import Person, WebSession
from cessio.kernel.errors import Conflict
from cessio.notifications import Channel, choose
from cessio.parties import ContactDetails, confirm_account, payout_account
from cessio.parties.operations import add_contact
from cessio.plumbing.database import transaction
from tests import people
from tests.people import Named
from tests.web.portal.conftest import Portal

HOME = "/portal/bank-details"
PAUL = ContactDetails("Paul Alpha", phone="+33472000000")
NEW_IBAN = "FR7616958000010009876543244"
ASKED = {"iban": NEW_IBAN, "holder": "Alpha Métallerie SAS", "why": "Nous changeons de banque"}


def _second_signatory(portal: Portal, at: datetime) -> Named:
    alpha = portal.book.people.alpha
    with transaction(portal.engine) as session:
        person_id = identity.add_person(
            session, email="marie@alpha.example", name="Marie Alpha", role=Role.SIGNATORY,
            client_id=alpha.id, by=people.SETUP, at=at,
        )  # fmt: skip
    return Named(person_id, "Marie Alpha", "marie@alpha.example", Role.SIGNATORY)


def _read(browser: TestClient[Litestar]) -> str:
    return browser.get(HOME).text.replace("\u00a0", " ")


def _ask(portal: Portal) -> int:
    with transaction(portal.engine) as session:
        session.execute(update(Person).values(created_at=portal.now - timedelta(days=90)))
    done = portal.fanny.post(HOME, data=ASKED)
    assert done.status_code == 303, done.text
    with transaction(portal.engine) as session:
        found = session.scalar(text("SELECT max(id) FROM party_account"))
    assert isinstance(found, int)
    return found


def test_a_request_changes_nothing_yet_and_says_what_follows(portal: Portal) -> None:
    there = portal.book.people
    form = portal.fanny.get(f"{HOME}/new").text
    assert "You stay paid on" in form
    _ask(portal)
    page = _read(portal.fanny)
    assert "FR76 3000 4008 1200 0101 2345 640" in page, "still paid there"
    assert "FR76 1695 8000 0100 0987 6543 244" in page
    assert "Nothing is paid there yet" in page
    assert "Told by mail: " in page
    assert "Gilles Roux" in page
    with transaction(portal.engine) as session:
        paid = payout_account(session, there.alpha.id)
    assert paid is not None
    assert paid.iban == there.alpha.firm.iban


def test_a_certificate_is_seen_by_who_decides_and_by_no_other_client(portal: Portal) -> None:
    there = portal.book.people
    bad = {"certificate": ("rib.exe", b"MZ not a paper", "application/pdf")}
    refused = portal.fanny.post(HOME, data=ASKED, files=bad)
    assert refused.status_code == 422
    assert "PDF, a JPEG or a PNG" in refused.text
    good = {"certificate": ("rib.pdf", b"%PDF-1.7 RIB", "application/pdf")}
    assert portal.fanny.post(HOME, data=ASKED, files=good).status_code == 303
    page = portal.fanny.get(HOME).text
    [link] = re.findall(rf'href="({HOME}/\d+/certificate/\d+)"', page)
    assert portal.fanny.get(link).content.startswith(b"%PDF")
    assert portal.visit(there.helene).get(link).status_code == 404
    account_id = link.split("/")[3]
    bruno = portal.visit(there.bruno)
    desk = bruno.get(f"/backoffice/accounts/{account_id}/confirmation").text
    [paper] = re.findall(rf'href="(/backoffice/accounts/{account_id}/certificate/\d+)"', desk)
    assert bruno.get(paper).content.startswith(b"%PDF")
    assert portal.visit(there.alice).get(paper).status_code == 403


@pytest.mark.parametrize("wrong", ["FR7600000000000000000000000", "hello", ""])
def test_a_number_that_is_none_is_refused_beside_its_field(portal: Portal, wrong: str) -> None:
    refused = portal.fanny.post(HOME, data={**ASKED, "iban": wrong})
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text


def test_only_a_signatory_asks_and_everybody_told_may_stop_it(portal: Portal) -> None:
    there = portal.book.people
    gilles = portal.visit(there.gilles)
    assert gilles.get(f"{HOME}/new").status_code == 403
    assert gilles.post(HOME, data=ASKED).status_code == 403
    account_id = _ask(portal)
    assert gilles.post(f"{HOME}/{account_id}/end").status_code == 303
    page = _read(gilles)
    assert "FR76 1695" not in page
    with transaction(portal.engine) as session:
        written = session.scalars(text("SELECT template FROM message ORDER BY id")).all()
    assert set(written) == {"payout_account_asked", "payout_account_refused"}


def test_another_client_sees_and_stops_nothing(portal: Portal) -> None:
    account_id = _ask(portal)
    helene = portal.visit(portal.book.people.helene)
    assert "1695" not in helene.get(HOME).text
    for act in ("end", "agreement"):
        assert helene.post(f"{HOME}/{account_id}/{act}").status_code == 404


def test_an_account_in_use_is_not_stopped_from_the_portal(portal: Portal) -> None:
    in_use = portal.book.people.alpha.account_id
    assert portal.fanny.post(f"{HOME}/{in_use}/end").status_code == 404


def test_a_second_signatory_agrees_before_the_factor_confirms(
    portal: Portal, now: datetime
) -> None:
    there = portal.book.people
    with transaction(portal.engine) as session:
        contact = add_contact(
            session, company_id=there.alpha.company_id, contact=PAUL, by=people.SETUP,
            at=now - timedelta(days=30),
        )  # fmt: skip
    marie = _second_signatory(portal, now)
    account_id = _ask(portal)
    called = {"account_id": account_id, "why": "read back", "contact_id": contact,
              "by": there.bruno.by, "at": now}  # fmt: skip
    with pytest.raises(Conflict) as early, transaction(portal.engine) as session:
        confirm_account(session, **called)
    assert early.value.code == "agreement_missing"
    assert portal.fanny.post(f"{HOME}/{account_id}/agreement").status_code == 403, "who asked"
    assert portal.visit(there.gilles).post(f"{HOME}/{account_id}/agreement").status_code == 403
    browser = portal.visit(marie)
    assert "I agree to this account" in browser.get(HOME).text
    assert browser.post(f"{HOME}/{account_id}/agreement").status_code == 303
    assert "Agreed by" in browser.get(HOME).text
    with transaction(portal.engine) as session:
        confirm_account(session, **called)
    page = _read(browser)
    assert "Nothing is paid before" in page, "cooling off"
    assert "FR76 1695" in page


def test_a_stale_session_proves_itself_before_asking(portal: Portal, now: datetime) -> None:
    browser = portal.fanny
    with transaction(portal.engine) as session:
        session.execute(update(WebSession).values(proved_at=now - timedelta(hours=1)))
    asked = browser.get(f"{HOME}/new")
    assert asked.headers["location"] == f"/account/proof?next={HOME}/new"
    assert browser.post(HOME, data=ASKED).status_code == 303
    with transaction(portal.engine) as session:
        known = session.scalar(text("SELECT count(*) FROM party_account WHERE iban = :it"),
                               {"it": NEW_IBAN})  # fmt: skip
    assert known == 0


def test_it_is_told_to_who_wants_to_hear_of_nothing(portal: Portal, now: datetime) -> None:
    gilles = portal.book.people.gilles
    kinds = {"payout_account_asked": Channel.NONE, "remittance_assigned": Channel.NONE}
    with transaction(portal.engine) as session:
        choose(session, person_id=gilles.id, channels=kinds, at=now)
    page = portal.visit(gilles).get("/portal/notifications/choices").text
    assert "Always told" in page
    _ask(portal)
    with transaction(portal.engine) as session:
        told = session.scalars(
            text("SELECT kind FROM notification WHERE person_id = :who"), {"who": gilles.id}
        ).all()
    assert told == ["payout_account_asked"]
