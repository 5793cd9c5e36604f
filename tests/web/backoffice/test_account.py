"""One's own account, and the keys of programs: shown once, within the role, stopped at once."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from litestar.testing import TestClient
from sqlalchemy import Engine, update

from cessio.identity.models import Passkey, WebSession
from cessio.plumbing.database import transaction
from tests import people
from tests.counting import counted
from tests.web.backoffice.desk import Desk, make_desk

KEYS = "/backoffice/account/keys"
ALL = "/backoffice/settings/keys"


@pytest.fixture
def desk(engine: Engine, now: datetime, tmp_path: Path) -> Desk:
    return make_desk(engine, now, tmp_path)


def secret_in(text: str) -> str:
    found = re.search(r">(cs_[\w-]+)<", text)
    assert found is not None
    return found.group(1)


def api(desk: Desk, secret: str) -> int:
    with TestClient(desk.app) as client:
        return client.get(
            "/api/v1/bank-lines", headers={"Authorization": f"Bearer {secret}"}
        ).status_code


def test_a_key_is_shown_once_works_within_its_scopes_and_stops_at_once(desk: Desk) -> None:
    denis = desk.visit(desk.book.people.denis)
    asked = {"name": "Import from the bank", "days": "90", "scope": ["cash:read", "cash:write"]}
    made = denis.post(KEYS, data=asked)
    assert made.status_code == 200
    secret = secret_in(made.text)
    assert api(desk, secret) == 200
    listed = denis.get("/account").text
    assert secret not in listed
    assert "Import from the bank" in listed
    stop = re.search(rf"{KEYS}/\d+/end", listed)
    assert stop is not None
    assert denis.post(stop.group()).status_code == 303
    assert api(desk, secret) == 401
    assert "Import from the bank" not in denis.get("/account").text


def test_a_key_may_not_exceed_the_role_and_says_what_is_missing(desk: Desk) -> None:
    karine = desk.visit(desk.book.people.karine)
    beyond = karine.post(KEYS, data={"name": "x", "days": "30", "scope": "cash:write"})
    assert beyond.status_code == 422
    assert "is more than its person may do" in beyond.text
    nothing = karine.post(KEYS, data={"name": "x", "days": "30"})
    assert nothing.status_code == 422
    assert "A token has a scope" in nothing.text
    long = karine.post(KEYS, data={"name": "x", "days": "4000", "scope": "cash:read"})
    assert long.status_code == 422


def test_an_administrator_sees_every_key_and_stops_it_and_an_auditor_only_looks(
    desk: Desk,
) -> None:
    book = desk.book.people
    asked = {"name": "Bank", "days": "30", "scope": "cash:read"}
    secret = secret_in(desk.visit(book.denis).post(KEYS, data=asked).text)
    karine, eva = desk.visit(book.karine), desk.visit(book.eva)
    seen = karine.get(ALL).text
    assert book.denis.name in seen
    assert "/end" not in seen
    stop = re.search(rf"{ALL}/\d+/end", eva.get(ALL).text)
    assert stop is not None
    assert karine.post(stop.group(), data={"person": book.denis.id}).status_code == 403
    assert eva.post(stop.group(), data={"person": book.denis.id}).status_code == 303
    assert api(desk, secret) == 401
    assert desk.visit(book.alice).get(ALL).status_code == 403


def test_a_password_is_changed_by_who_knows_the_old_one(desk: Desk) -> None:
    denis = desk.visit(desk.book.people.denis)
    wrong = denis.post(
        "/backoffice/account/password", data={"current": "nonsense", "password": "a long sentence"}
    )
    assert wrong.status_code == 422
    assert denis.post("/backoffice/account/language", data={"language": "fr"}).status_code == 303
    assert "Mon compte" in denis.get("/account").text


def test_a_clients_user_is_led_to_the_portal(desk: Desk) -> None:
    fanny = desk.visit(desk.book.people.fanny)
    answer = fanny.get("/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/portal/users")


def test_the_pages_ask_little_of_the_database(desk: Desk) -> None:
    eva = desk.visit(desk.book.people.eva)
    for path in ("/account", ALL):
        with counted(desk.engine) as statements:
            assert eva.get(path).status_code == 200
        assert len(statements) <= 50


def test_with_a_second_factor_the_password_alone_does_not_change_the_password(desk: Desk) -> None:
    denis = desk.book.people.denis
    client = desk.visit(denis)
    with transaction(desk.engine) as session:
        session.add(Passkey(person_id=denis.id, name="phone", credential_id=b"1", sign_count=0,
                            public_key=b"1", set_at=desk.now))  # fmt: skip
        session.execute(update(WebSession).values(proved_at=desk.now - timedelta(hours=1)))
    new = {"current": people.PASSWORD, "password": "une autre longue phrase à moi"}
    asked = client.post("/backoffice/account/password", data=new)
    assert asked.headers["location"].startswith("/account/proof")
    with transaction(desk.engine) as session:
        session.execute(update(WebSession).values(proved_at=desk.now))
        people.give_password(session, denis)
    done = client.post("/backoffice/account/password", data=new)
    assert done.headers["location"].startswith("/account")
    assert "proof" not in done.headers["location"]


def test_signing_out_clears_what_the_browser_keeps(desk: Desk) -> None:
    denis = desk.visit(desk.book.people.denis)
    out = denis.post("/sign-out")
    assert out.headers["clear-site-data"] == '"cache", "storage"'
    assert denis.get("/account").status_code == 303
