"""The second factor through the pages: set up, asked for, never got around."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pyotp
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import text, update

from cessio.identity.models import WebSession
from cessio.identity.operations import require_factor
from cessio.plumbing.database import transaction
from tests import people
from tests.people import Named
from tests.web.portal.conftest import Portal

HOME, STEP = "/account/second-factor", "/sign-in/code"


def _seed(page: str) -> str:
    found = re.search(r'name="seed" value="([A-Z2-7]{32})"', page)
    assert found is not None
    return found[1]


def _password(portal: Portal, *who: Named) -> None:
    with transaction(portal.engine) as session:
        for one in who:
            people.give_password(session, one)


def _set_up(portal: Portal, who: Named, at: datetime) -> tuple[str, TestClient[Litestar]]:
    _password(portal, who)
    browser = portal.visit(who)
    seed = _seed(browser.get(HOME).text)
    answer = browser.post(HOME, data={
        "seed": seed, "code": pyotp.TOTP(seed).at(at), "password": people.PASSWORD,
    })  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert len(re.findall(r"[2-9A-Z]{4}(?:-[2-9A-Z]{4}){3}", answer.text)) == 10
    return seed, browser


def _give_password(browser: TestClient[Litestar], who: Named, target: str = "") -> str:
    answer = browser.post("/sign-in", data={
        "email": who.email, "password": people.PASSWORD, "next": target,
    })  # fmt: skip
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_the_picture_is_drawn_under_the_policy(portal: Portal) -> None:
    page = portal.fanny.get(HOME).text
    assert 'src="data:image/svg+xml' in page
    assert "<svg" not in page.split('class="qr"')[1][:50]


def test_signing_in_asks_for_the_code_and_a_used_one_opens_nothing(
    portal: Portal, now: datetime
) -> None:
    fanny = portal.book.people.fanny
    seed, _ = _set_up(portal, fanny, now)
    stranger = portal.stranger
    assert _give_password(stranger, fanny, "/portal/costs") == f"{STEP}?next=/portal/costs"
    assert stranger.get("/portal").status_code == 303, "no page yet"
    used = stranger.post(STEP, data={"code": pyotp.TOTP(seed).at(now), "next": ""})
    assert used.status_code == 422
    assert "used already" in used.text
    code = pyotp.TOTP(seed).at(now + timedelta(seconds=30))
    inside = stranger.post(STEP, data={"code": code, "next": "/portal/costs"})
    assert (inside.status_code, inside.headers["location"]) == (303, "/portal/costs")
    assert stranger.get("/portal").status_code == 200
    other = portal.stranger
    _give_password(other, fanny)
    assert other.post(STEP, data={"code": code, "next": ""}).status_code == 422, "replayed"
    assert other.get("/portal").status_code == 303


def test_the_door_sends_nobody_elsewhere(portal: Portal, now: datetime) -> None:
    fanny = portal.book.people.fanny
    seed, _ = _set_up(portal, fanny, now)
    stranger = portal.stranger
    _give_password(stranger, fanny)
    code = pyotp.TOTP(seed).at(now + timedelta(seconds=30))
    inside = stranger.post(STEP, data={"code": code, "next": "//evil.example"})
    assert inside.headers["location"] == "/"


def test_the_step_without_a_password_leads_back(portal: Portal) -> None:
    stranger = portal.stranger
    assert stranger.get(STEP).headers["location"] == "/sign-in"
    assert stranger.post(STEP, data={"code": "123456"}).headers["location"] == "/sign-in"


def test_setting_up_takes_the_password(portal: Portal, now: datetime) -> None:
    fanny = portal.book.people.fanny
    _password(portal, fanny)
    browser = portal.fanny
    seed = _seed(browser.get(HOME).text)
    code = pyotp.TOTP(seed).at(now)
    refused = browser.post(HOME, data={"seed": seed, "code": code, "password": "another one"})
    assert refused.status_code == 422
    assert _seed(refused.text) == seed, "the same picture, scanned already"
    with transaction(portal.engine) as session:
        assert session.scalar(text("SELECT count(*) FROM second_factor")) == 0
        failed = "SELECT count(*) FROM sign_in_attempt WHERE NOT succeeded"
        assert session.scalar(text(failed)) == 1


def test_somebody_of_a_company_that_requires_it_sets_it_up_at_the_door(
    portal: Portal, now: datetime
) -> None:
    there = portal.book.people
    _set_up(portal, there.fanny, now)
    with transaction(portal.engine) as session:
        require_factor(session, client_id=there.alpha.id, by=there.fanny.by, at=now)
    _password(portal, there.gilles)
    stranger = portal.stranger
    assert _give_password(stranger, there.gilles) == STEP
    seed = _seed(stranger.get(STEP).text)
    wrong = stranger.post(STEP, data={"seed": seed, "code": "000000", "next": ""})
    assert wrong.status_code == 422
    done = stranger.post(STEP, data={"seed": seed, "code": pyotp.TOTP(seed).at(now), "next": ""})
    assert done.status_code == 200
    assert "recovery codes" in done.text
    assert stranger.get("/portal").status_code == 200


def test_it_is_switched_off_by_password_and_code_and_its_person_written_to(
    portal: Portal, now: datetime
) -> None:
    gilles = portal.book.people.gilles
    seed, browser = _set_up(portal, gilles, now)
    code = pyotp.TOTP(seed).at(now + timedelta(seconds=30))
    wrong = browser.post(f"{HOME}/off", data={"code": code, "password": "another one"})
    assert wrong.status_code == 422
    done = browser.post(f"{HOME}/off", data={"code": code, "password": people.PASSWORD})
    assert done.status_code == 303
    with transaction(portal.engine) as session:
        written = session.scalars(text("SELECT template FROM message ORDER BY id")).all()
    assert written == ["second_factor_set_up", "second_factor_ended"]


def test_drawing_asks_for_a_code_when_the_last_was_long_ago_and_leads_back(
    portal: Portal, now: datetime
) -> None:
    seed, browser = _set_up(portal, portal.book.people.fanny, now)
    assert browser.post("/portal/funding", data={"amount": "x"}).status_code == 422, "fresh: no ask"
    with transaction(portal.engine) as session:
        session.execute(update(WebSession).values(proved_at=now - timedelta(hours=1)))
    page = "http://testserver.local/portal?contract=1"
    sent = browser.post("/portal/funding", data={"amount": "100"}, headers={"Referer": page})
    asked = sent.headers["location"]
    assert asked == "/account/proof?next=/portal%3Fcontract%3D1"
    assert browser.get(asked).status_code == 200
    proof = {"code": "000000", "next": "/portal?contract=1"}
    assert browser.post("/account/proof", data=proof).status_code == 422
    code = pyotp.TOTP(seed).at(now + timedelta(seconds=30))
    right = browser.post("/account/proof", data={**proof, "code": code})
    assert right.headers["location"] == "/portal?contract=1"
    assert browser.post("/portal/funding", data={"amount": "x"}).status_code == 422
    with transaction(portal.engine) as session:
        assert session.scalar(text("SELECT count(*) FROM drawdown")) == 0


def test_drawing_asks_nothing_of_those_without_one(portal: Portal, now: datetime) -> None:
    browser = portal.fanny
    with transaction(portal.engine) as session:
        session.execute(update(WebSession).values(proved_at=now - timedelta(hours=1)))
    assert browser.post("/portal/funding", data={"amount": "x"}).status_code == 422
