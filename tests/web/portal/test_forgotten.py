"""A forgotten password is chosen anew by mail, and the page tells nobody who signs in here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import text, update

from cessio.identity.models import PasswordReset
from cessio.identity.operations import set_up_factor
from cessio.identity.rules.second_factor import new_seed
from cessio.plumbing import mail
from cessio.plumbing.database import transaction
from cessio.plumbing.mail import Mailer
from cessio.plumbing.vault import Vault
from tests import people
from tests.web.portal.conftest import Portal

NEW = {"password": "a long road to the sea", "again": "a long road to the sea"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    mail.use(Mailer(sender="factor@cessio.test", folder=tmp_path / "mails"))
    yield tmp_path / "mails"
    mail.use(Mailer())


def _ask(portal: Portal, email: str = "fanny@alpha.example") -> str:
    answer = portal.stranger.post("/forgotten", data={"email": email})
    assert answer.status_code == 200
    portal.work()
    return re.sub(r'value="[^"]*"', "", answer.text)


def _links(folder: Path) -> list[str]:
    mails = [message_from_bytes(one.read_bytes(), policy=policy.default).get_content()
             for one in sorted(folder.rglob("*.eml"))]  # fmt: skip
    return [found[0] for one in mails if (found := re.search(r"/reset/\S+", one))]


def _known(portal: Portal) -> None:
    with transaction(portal.engine) as session:
        people.give_password(session, portal.book.people.fanny)


def test_a_link_chooses_the_password_once_and_ends_every_browser(
    portal: Portal, folder: Path
) -> None:
    _known(portal)
    browser = portal.fanny
    _ask(portal)
    (link,) = _links(folder)
    stranger = portal.stranger
    assert stranger.get(link).status_code == 200
    assert stranger.post(link, data={**NEW, "again": "other"}).status_code == 422
    assert stranger.post(link, data={"password": "short", "again": "short"}).status_code == 422
    done = stranger.post(link, data=NEW)
    assert (done.status_code, done.headers["location"]) == (303, "/sign-in")
    assert browser.get("/portal").status_code == 303, "signed out"
    assert stranger.get("/portal").status_code == 303, "not signed in by it"
    assert stranger.post(link, data=NEW).status_code == 404
    who = {"email": "fanny@alpha.example", "password": NEW["password"], "next": ""}
    assert stranger.post("/sign-in", data=who).status_code == 303


def test_every_address_is_answered_alike(portal: Portal, folder: Path) -> None:
    _known(portal)
    known = _ask(portal)
    for email in ("nobody@alpha.example", "gilles@alpha.example", "nonsense"):
        assert _ask(portal, email) == known
    assert len(_links(folder)) == 1, "no password, no mail"


def test_an_old_link_opens_nothing(portal: Portal, folder: Path, now: datetime) -> None:
    _known(portal)
    _ask(portal)
    (link,) = _links(folder)
    with transaction(portal.engine) as session:
        long_ago = {"asked_at": now - timedelta(hours=2), "expires_at": now - timedelta(hours=1)}
        session.execute(update(PasswordReset).values(long_ago))
    assert portal.stranger.get(link).status_code == 404
    assert portal.stranger.post(link, data=NEW).status_code == 404


def test_three_links_an_hour_are_mailed_and_no_more(portal: Portal, folder: Path) -> None:
    _known(portal)
    for _ in range(5):
        _ask(portal)
    assert len(_links(folder)) == 3


def test_a_network_that_asks_on_is_answered_and_nothing_happens(portal: Portal) -> None:
    for _ in range(25):
        portal.stranger.post("/forgotten", data={"email": "fanny@alpha.example"})
    with transaction(portal.engine) as session:
        assert session.scalar(text("SELECT count(*) FROM password_reset")) == 20


def test_the_second_factor_is_asked_for_still(portal: Portal, folder: Path, now: datetime) -> None:
    _known(portal)
    seed = new_seed()
    with transaction(portal.engine) as session:
        set_up_factor(
            session, person_id=portal.book.people.fanny.id, seed=seed,
            code=pyotp.TOTP(seed).at(now), vault=Vault(b"a secret of these tests"), at=now,
        )  # fmt: skip
    _ask(portal)
    stranger = portal.stranger
    assert stranger.post(_links(folder)[0], data=NEW).status_code == 303
    who = {"email": "fanny@alpha.example", "password": NEW["password"], "next": ""}
    assert stranger.post("/sign-in", data=who).headers["location"] == "/sign-in/code"
    assert stranger.get("/portal").status_code == 303


def test_the_link_is_kept_nowhere(portal: Portal, folder: Path) -> None:
    _known(portal)
    _ask(portal)
    token = _links(folder)[0].rsplit("/", 1)[1]
    with transaction(portal.engine) as session:
        kept = session.scalars(text("SELECT body FROM message")).all()
    assert not [one for one in kept if token in one]
