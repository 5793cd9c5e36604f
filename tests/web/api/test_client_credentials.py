"""Programs that exchange a client id and secret for a token of an hour (RFC 6749 §4.4)."""

from __future__ import annotations

import base64
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy import Engine, text, update

from cessio.identity.models import AccessToken, ApiToken, WebSession
from cessio.identity.operations import disable_person
from cessio.plumbing.database import transaction
from tests.web.backoffice.desk import Desk, make_desk

KEYS = "/backoffice/account/keys"
ASKED = {"name": "Import", "days": "90", "scope": ["cash:read", "cash:write"], "kind": "client"}
GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
def desk(engine: Engine, now: datetime, tmp_path: Path) -> Desk:
    return make_desk(engine, now, tmp_path)


@pytest.fixture
def client(desk: Desk) -> tuple[str, str]:
    page = desk.visit(desk.book.people.denis).post(KEYS, data=ASKED).text
    key, secret = re.findall(r'code secret">([\w-]+)<', page)
    assert secret.startswith("cc_")
    return key, secret


def _token(desk: Desk, client: tuple[str, str] | None, **asked: Any) -> Any:
    headers = {}
    if client is not None:
        pair = base64.b64encode(":".join(client).encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    with TestClient(desk.app) as machine:
        return machine.post("/oauth/token", data=GRANT | asked, headers=headers)


def _lines(desk: Desk, token: str) -> int:
    with TestClient(desk.app) as machine:
        headers = {"Authorization": f"Bearer {token}"}
        return machine.get("/api/v1/bank-lines", headers=headers).status_code


def test_a_program_gets_a_token_of_an_hour_that_is_kept_as_a_hash(
    desk: Desk, client: tuple[str, str], now: datetime
) -> None:
    answer = _token(desk, client)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    said = answer.json()
    assert (said["token_type"], said["expires_in"]) == ("Bearer", 3600)
    assert said["scope"] == "cash:read cash:write"
    assert _lines(desk, said["access_token"]) == 200
    assert _lines(desk, client[1]) == 401, "the secret itself opens nothing"
    with transaction(desk.engine) as session:
        rows = session.execute(text("SELECT token_hash::text FROM access_token")).all()
        assert not [row for row in rows if said["access_token"] in row[0]]
        session.execute(update(AccessToken).values(expires_at=now))
    assert _lines(desk, said["access_token"]) == 401, "an hour later"


def test_the_secret_goes_in_the_form_as_well_and_never_both_ways(
    desk: Desk, client: tuple[str, str]
) -> None:
    key, secret = client
    by_form = _token(desk, None, client_id=key, client_secret=secret, scope="cash:read")
    assert by_form.json()["scope"] == "cash:read"
    both = _token(desk, client, client_id=key, client_secret=secret)
    assert (both.status_code, both.json()["error"]) == (400, "invalid_request")


def test_refusals_are_those_of_the_standard(desk: Desk, client: tuple[str, str]) -> None:
    key, secret = client
    for wrong in ((key, secret + "x"), ("unknown", secret), (key, "é\0")):
        refused = _token(desk, wrong)
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
        assert refused.headers["www-authenticate"].startswith("Basic")
    for asked, error in (
        ({"scope": "cash:read funding:write"}, "invalid_scope"), ({"scope": ""}, "invalid_scope"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"), ({"scope": ["cash:read"] * 2}, "invalid_request"),
    ):  # fmt: skip
        refused = _token(desk, client, **asked)
        assert (refused.status_code, refused.json()["error"]) == (400, error)
    with TestClient(desk.app) as machine:
        for sent in ({"json": GRANT}, {"params": GRANT}, {}):
            answer = machine.post("/oauth/token", **sent)  # type: ignore[arg-type]
            assert answer.json()["error"] == "invalid_request"
        assert machine.get("/oauth/token").status_code == 405


def test_it_stops_with_its_client_and_with_its_person(
    desk: Desk, client: tuple[str, str], now: datetime
) -> None:
    token = _token(desk, client).json()["access_token"]
    denis, eva = desk.book.people.denis, desk.book.people.eva
    with transaction(desk.engine) as session:
        session.execute(update(ApiToken).values(expires_at=now + timedelta(minutes=5)))
    assert _token(desk, client).json()["expires_in"] == 300, "never beyond its client"
    browser = desk.visit(denis)
    stop = re.search(rf"{KEYS}/\d+/end", browser.get("/account").text)
    assert stop is not None
    assert browser.post(stop.group()).status_code == 303
    assert _lines(desk, token) == 401
    assert _token(desk, client).json()["error"] == "invalid_client"
    with transaction(desk.engine) as session:
        session.execute(update(ApiToken).values(ended_at=None))
        disable_person(session, person_id=denis.id, by=eva.by, at=now)
    assert _lines(desk, token) == 401
    assert _token(desk, client).json()["error"] == "invalid_client"


def test_a_program_is_made_with_a_fresh_proof(desk: Desk, now: datetime) -> None:
    browser = desk.visit(desk.book.people.denis)
    with transaction(desk.engine) as session:
        session.execute(update(WebSession).values(proved_at=now - timedelta(hours=1)))
    asked = browser.post(KEYS, data=ASKED)
    assert asked.headers["location"].startswith("/account/proof")
    with transaction(desk.engine) as session:
        assert session.scalar(text("SELECT count(*) FROM api_token")) == 0


def test_a_network_that_guesses_is_no_longer_looked_at(desk: Desk, client: tuple[str, str]) -> None:
    for _ in range(20):
        assert _token(desk, (client[0], "wrong")).status_code == 401
    assert _token(desk, client).json()["error"] == "invalid_client"
