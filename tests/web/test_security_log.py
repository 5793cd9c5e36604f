"""What the log says of sign-ins and refusals, and what it never says."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import structlog
from sqlalchemy import Engine

from cessio.plumbing import logs
from cessio.plumbing.database import transaction
from tests import people
from tests.web.browser import SAME_ORIGIN, browser
from tests.web.portal.conftest import Portal, make_portal

PASSWORD = "un CANARI-MOT-DE-PASSE sur le toit"
SEED = "CANARISEEDJBSWY3DPEHPK3PXP"
DSN = "postgresql+psycopg://cessio:CANARI-DSN@db/cessio"


@pytest.fixture
def _configured(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, before = [*root.handlers], root.level, structlog.get_config()
    logs.configure(as_json=True)
    yield
    structlog.configure(**before)
    root.handlers, root.level = handlers, level


@pytest.fixture
def portal(engine: Engine, now: datetime, tmp_path: Path) -> Portal:
    return make_portal(engine, now, tmp_path)


def _lines(said: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


@pytest.mark.usefixtures("_configured")
def test_a_refusal_is_logged_with_who_where_and_why(
    portal: Portal, capsys: pytest.CaptureFixture[str]
) -> None:
    fanny = portal.fanny
    assert fanny.get("/backoffice/limits").status_code == 403
    assert (
        fanny.post("/portal/funding", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    )
    assert fanny.post("/portal/funding", headers={"X-CSRF-Token": "x"}).status_code == 403
    assert portal.stranger.post("/portal/funding").status_code == 401
    said = _lines(capsys.readouterr().err)
    assert [(one["event"], one.get("code")) for one in said] == [
        ("access_refused", "not_permitted"), ("access_refused", "cross_site"),
        ("access_refused", "form_outdated"), ("not_signed_in", None),
    ]  # fmt: skip
    first = said[0]
    assert first["by"] == portal.book.people.fanny.by
    assert first["path"] == "/backoffice/limits"
    assert first["network"]
    assert first["method"] == "GET"


@pytest.mark.usefixtures("_configured")
def test_sign_ins_are_logged_without_what_was_typed(
    portal: Portal, capsys: pytest.CaptureFixture[str]
) -> None:
    with transaction(portal.engine) as session:
        people.give_password(session, portal.book.people.gilles)
    stranger = portal.stranger
    email = portal.book.people.gilles.email
    for password in (PASSWORD, people.PASSWORD):
        stranger.post("/sign-in", data={"email": email, "password": password}, headers=SAME_ORIGIN)
    said = capsys.readouterr().err
    assert [one["event"] for one in _lines(said)] == ["sign_in_refused", "signed_in"]
    assert email not in said
    assert "CANARI" not in said


@pytest.mark.usefixtures("_configured")
def test_no_secret_and_no_account_number_reaches_the_log(
    portal: Portal, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is typed at every door, and what an error of ours may carry: neither log nor page."""
    iban = people.ALPHA.iban
    stranger = browser(portal.app, next(iter(portal.app.plugins)))  # type: ignore[arg-type]
    shown = [
        stranger.post("/sign-in", data={"email": "x@y.example", "password": PASSWORD}).text,
        stranger.post("/sign-in/code", data={"code": SEED}).text,
        portal.fanny.post(
            "/account/second-factor", data={"seed": SEED, "code": "1", "password": PASSWORD}
        ).text.replace(SEED, "", 3),  # the form that is shown again keeps its own seed
    ]
    log = structlog.get_logger()
    try:
        raise ValueError(f"{DSN} {iban} {SEED[:0]}")
    except ValueError as error:
        log.error("request_failed", exc_info=error, password=PASSWORD, note=f"to {iban}")
        logging.getLogger("x").exception("from the library: %s", DSN)
    said = capsys.readouterr().err
    for canary in (PASSWORD, SEED, "CANARI-DSN", iban):
        assert canary not in said, canary
        assert not [page for page in shown if canary in page], canary
    assert f"{iban[:4]}…{iban[-4:]}" in said


@pytest.mark.usefixtures("_configured")
def test_a_line_is_one_line_and_says_when(capsys: pytest.CaptureFixture[str]) -> None:
    for as_json in (True, False):
        logs.configure(as_json=as_json)
        structlog.get_logger().warning("tried", path='/x\r\n{"event": "signed_in"}\x1b[2J')
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert "\r" not in said
        assert "\x1b" not in said
        assert "Z" in said
    spaced = logs.without_secrets("FR76 3000 4008 1200 0101 2345 640 and 12 or AB12 no")
    assert spaced == "FR76…5640 and 12 or AB12 no" or "0101" not in spaced
