"""Where answers lead, and what no address answers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import Engine

from cessio.plumbing.database import transaction
from tests import people
from tests.web.portal.conftest import Portal, make_portal

ELSEWHERE = (
    "//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example",
    "javascript:alert(1)", "/\t/evil.example", "evil.example", "/\r\nSet-Cookie: a=b",
)  # fmt: skip


@pytest.fixture
def portal(engine: Engine, now: datetime, tmp_path: Path) -> Portal:
    return make_portal(engine, now, tmp_path)


def test_redirects_lead_to_our_own_paths(portal: Portal) -> None:
    gilles = portal.book.people.gilles
    with transaction(portal.engine) as session:
        people.give_password(session, gilles)
    for target in ELSEWHERE:
        sent = {"email": gilles.email, "password": people.PASSWORD, "next": target}
        answer = portal.stranger.post("/sign-in", data=sent)
        assert answer.status_code in (303, 422), target
        assert answer.headers.get("location", "/") == "/", target
        assert "set-cookie: a=b" not in str(answer.headers).lower()
        back = portal.stranger.get(f"/portal?x={quote(target)}").headers["location"]
        assert back.startswith("/sign-in?next=/portal")


def test_no_directory_is_listed_and_no_trace_answered(portal: Portal) -> None:
    stranger = portal.stranger
    for path in ("/static/", "/static", "/static/%2e%2e/pyproject.toml", "/.git/config"):
        answer = stranger.get(path)
        assert answer.status_code in (404, 405), (path, answer.status_code)
    for path in ("/", "/sign-in", "/portal", "/api/v1/contracts"):
        assert stranger.request("TRACE", path).status_code == 405, path


@pytest.mark.parametrize(
    "name",
    ["%00", ".%00.css", "css/%00/../x", "..%2f..%2fapp.py", "%2e%2e/x", "x" * 5000],
)
def test_a_static_file_of_no_name_is_not_there(portal: Portal, name: str) -> None:
    assert portal.fanny.get(f"/static/{name}").status_code == 404
