"""Every door asks who comes, from where, and whether they may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from litestar import Litestar, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.testing import TestClient
from sqlalchemy import Engine

from cessio import identity
from cessio.identity import Permission, Scope, Signed, SignedIn
from cessio.identity.operations import IssuedToken, disable_person, issue_token
from cessio.kernel.errors import Forbidden
from cessio.plumbing.database import transaction
from cessio.web.errors import EXCEPTION_HANDLERS
from cessio.web.guards import (
    anyone_signed_in,
    api,
    client_user,
    need_proof,
    public,
    query_fields,
    staff,
)
from cessio.web.sessions import Access, home_of
from tests import people
from tests.people import People
from tests.web.browser import SAME_ORIGIN, browser, machine


@get("/who", guards=[anyone_signed_in], sync_to_thread=False)
def who(signed: NamedDependency[Signed]) -> dict[str, Any]:
    return {"by": signed.by, "client": signed.client_id, "firm": signed.firm,
            "home": home_of(signed)}  # fmt: skip


@get("/backoffice/limits", guards=[staff(Permission.SEE_LIMITS)], sync_to_thread=False)
def see_limits() -> str:
    return "limits"


@post("/backoffice/limits", guards=[staff(Permission.DECIDE_LIMITS)], sync_to_thread=False)
def decide_limits() -> str:
    return "decided"


@get("/portal", guards=[client_user()], sync_to_thread=False)
def portal() -> str:
    return "portal"


@post("/portal/drawdowns", guards=[client_user(Permission.OWN_DRAW)], sync_to_thread=False)
def draw() -> str:
    return "drawn"


@get("/api/receivables", guards=[api(Scope.RECEIVABLES_READ)], sync_to_thread=False)
def receivables(signed: NamedDependency[Signed]) -> dict[str, Any]:
    return {"by": signed.by, "client": signed.client_id}


@post("/api/drawdowns", guards=[api(Scope.FUNDING_WRITE)], sync_to_thread=False)
def api_draw(data: JSONBody[dict[str, Any]]) -> dict[str, Any]:
    return data


@post("/pay/paid", guards=[public], sync_to_thread=False)
def paid() -> str:
    return "thanks"


@get("/list", guards=[public, query_fields("q", "after", many=["state"])], sync_to_thread=False)
def listed() -> str:
    return "listed"


@get("/static/x.css", guards=[public], sync_to_thread=False)
def style() -> str:
    return "x"


@get("/fails", guards=[public], sync_to_thread=False)
def fails() -> str:
    raise ZeroDivisionError


@dataclass
class House:
    app: Litestar
    access: Access
    there: People
    engine: Engine
    clock: list[datetime]

    def enter(self, who: people.Named) -> SignedIn:
        with transaction(self.engine) as session:
            return people.let_in(session, who, at=self.clock[0])

    def browser(self, who: people.Named | None = None) -> TestClient[Litestar]:
        return browser(self.app, self.access, None if who is None else self.enter(who))

    def token(self, who: people.Named, *scopes: Scope) -> IssuedToken:
        with transaction(self.engine) as session:
            return issue_token(
                session, person_id=who.id, name="script", scopes=scopes, by=who.by,
                expires_at=self.clock[0] + timedelta(days=9), at=self.clock[0],
            )  # fmt: skip


def _app(access: Access) -> Litestar:
    return Litestar(
        [who, see_limits, decide_limits, portal, draw, receivables, api_draw, paid, listed, style,
         fails],
        plugins=[access], exception_handlers=EXCEPTION_HANDLERS, openapi_config=None,
    )  # fmt: skip


@pytest.fixture
def house(engine: Engine, now: datetime) -> House:
    clock = [now]
    access = Access(engine, secure=False, clock=lambda: clock[0])
    with transaction(engine) as session:
        there = people.settle_in(session, at=now)
    return House(_app(access), access, there, engine, clock)


def test_a_signed_in_person_is_known_to_the_handler(house: House) -> None:
    there = house.there
    assert house.browser(there.fanny).get("/who").json() == {
        "by": there.fanny.by, "client": there.alpha.id, "firm": people.ALPHA.name,
        "home": "/portal",
    }  # fmt: skip
    assert house.browser(there.alice).get("/who").json()["home"] == "/backoffice"


def test_a_stranger_is_sent_to_sign_in_and_back(house: House) -> None:
    stranger = house.browser()
    answer = stranger.get("/backoffice/limits?q=a%20b")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/backoffice/limits%3Fq%3Da%2520b"
    part = stranger.get("/portal", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["hx-refresh"]) == (401, "true")
    assert stranger.post("/portal/drawdowns").status_code == 401
    wants_json = stranger.get("/who", headers={"Accept": "application/json"})
    assert wants_json.status_code == 401
    assert wants_json.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("token", ["", "x", "cs_" + "x" * 43, "é", "a" * 5000])
def test_a_cookie_we_did_not_give_is_nobodys(house: House, token: str) -> None:
    stranger = house.browser()
    cookie = b"cessio=" + token.encode("latin-1")
    assert stranger.get("/who", headers=[(b"cookie", cookie)]).status_code == 303


@pytest.mark.parametrize(
    ("name", "path", "method", "status"),
    [
        ("alice", "/backoffice/limits", "GET", 200),
        ("alice", "/backoffice/limits", "POST", 403),
        ("chloe", "/backoffice/limits", "POST", 201),
        ("karine", "/backoffice/limits", "POST", 403),
        ("fanny", "/backoffice/limits", "GET", 403),
        ("alice", "/portal", "GET", 403),
        ("gilles", "/portal", "GET", 200),
        ("gilles", "/portal/drawdowns", "POST", 403),
        ("fanny", "/portal/drawdowns", "POST", 201),
        ("fanny", "/api/receivables", "GET", 401),
    ],
)
def test_a_door_opens_to_its_audience_and_permission_only(
    house: House, name: str, path: str, method: str, status: int
) -> None:
    answer = house.browser(getattr(house.there, name)).request(method, path)
    assert answer.status_code == status


def test_a_session_ends_when_left_alone_or_when_the_person_is_stopped(house: House) -> None:
    alice = house.browser(house.there.alice)
    assert alice.get("/backoffice/limits").status_code == 200
    house.clock[0] += timedelta(minutes=16)
    assert alice.get("/backoffice/limits").status_code == 303
    chloe = house.browser(house.there.chloe)
    with transaction(house.engine) as session:
        disable_person(session, person_id=house.there.chloe.id, by=house.there.eva.by,
                       at=house.clock[0])  # fmt: skip
    assert chloe.post("/backoffice/limits").status_code == 401


# -- other sites -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({"Sec-Fetch-Site": "none"}, 201),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver.local"}, 403),
        ({"Origin": "http://testserver.local"}, 201),
        ({"Origin": "http://testserver.local:80", "Host": "testserver.local:80"}, 403),
        ({"Origin": "http://testserver.local", "Host": "testserver.local:80"}, 201),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://testserver.local.evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
def test_what_another_site_makes_a_browser_send_is_refused(
    house: House, headers: dict[str, str], status: int
) -> None:
    fanny = house.browser(house.there.fanny)
    fanny.headers.pop("Sec-Fetch-Site")
    assert fanny.post("/portal/drawdowns", headers=headers).status_code == status
    stranger = house.browser()
    stranger.headers.pop("Sec-Fetch-Site")
    assert stranger.post("/pay/paid", headers=headers).status_code == status


def test_a_form_carries_its_sessions_own_token(house: House) -> None:
    signed, other = house.enter(house.there.fanny), house.enter(house.there.helene)
    fanny = browser(house.app, house.access, signed)
    fanny.headers.pop("X-CSRF-Token")
    path = "/portal/drawdowns"
    assert fanny.post(path).status_code == 403
    assert fanny.post(path, data={"csrf_token": signed.csrf}).status_code == 201
    uploaded = fanny.post(path, files={"csrf_token": (None, signed.csrf)})
    assert uploaded.status_code == 201
    unasked = fanny.post(path, data={"csrf_token": signed.csrf}, files={"f": b"x"})
    assert unasked.status_code == 422
    for wrong in ("", other.csrf, signed.csrf + "x", "é"):
        assert fanny.post(path, data={"csrf_token": wrong}).status_code == 403
    with_file = fanny.post(path, files={"csrf_token": signed.csrf.encode()})
    assert with_file.status_code == 403


# -- machines ----------------------------------------------------------------------------------


def test_a_token_opens_the_api_within_its_scopes_and_nothing_else(house: House) -> None:
    there = house.there
    issued = house.token(there.fanny, Scope.RECEIVABLES_READ)
    script = machine(house.app, issued.secret)
    assert script.get("/api/receivables").json() == {
        "by": f"token:{issued.id}", "client": there.alpha.id,
    }  # fmt: skip
    assert script.post("/api/drawdowns", json={}).status_code == 403
    assert script.get("/portal").status_code == 401
    assert machine(house.app, "cs_wrong").get("/api/receivables").status_code == 401


def test_the_api_reads_only_what_says_it_is_json(house: House) -> None:
    script = machine(house.app, house.token(house.there.fanny, Scope.FUNDING_WRITE).secret)
    assert script.post("/api/drawdowns", json={"a": 1}).json() == {"a": 1}
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "text/json", ""):
        headers = {"Content-Type": media_type}
        answer = script.post("/api/drawdowns", content=b'{"a": 1}', headers=headers)
        assert answer.status_code == 415, media_type


def test_a_browser_and_a_machine_do_not_take_each_others_place(house: House) -> None:
    signed = house.enter(house.there.fanny)
    as_bearer = machine(house.app, signed.token)
    assert as_bearer.get("/api/receivables").status_code == 401
    secret = house.token(house.there.fanny, Scope.RECEIVABLES_READ).secret
    as_cookie = house.browser()
    as_cookie.cookies.set(house.access.cookie_name, secret)
    assert as_cookie.get("/who").status_code == 303


# -- answers -----------------------------------------------------------------------------------


def test_every_answer_carries_the_security_headers(house: House) -> None:
    alice = house.browser(house.there.alice)
    alice_app = TestClient(house.app, raise_server_exceptions=False)
    answers = [alice.get(path) for path in ("/who", "/nowhere", "/portal", "/static/x.css")]
    answers += [alice.post("/who"), alice_app.get("/fails"), house.browser().get("/who")]
    assert [answer.status_code for answer in answers] == [200, 404, 403, 200, 405, 500, 303]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in answer.headers


def test_over_tls_the_cookie_is_bound_to_the_host_and_hsts_is_sent(house: House) -> None:
    access = Access(house.engine, secure=True, clock=lambda: house.clock[0])
    cookie = access.cookie("secret").to_header(header="")
    assert cookie.startswith("__Host-cessio=secret")
    for part in ("HttpOnly", "Secure", "Path=/", "SameSite=lax"):
        assert part in cookie
    assert "Domain" not in cookie
    assert "Max-Age=0" in access.no_cookie().to_header(header="")
    secure = TestClient(_app(access), base_url="https://testserver.local")
    secure.headers.update(SAME_ORIGIN)
    secure.cookies.set(access.cookie_name, house.enter(house.there.fanny).token)
    answer = secure.get("/who")
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"].startswith("max-age=63072000")


def test_over_plain_http_the_cookie_has_no_prefix_it_could_not_keep(house: House) -> None:
    cookie = house.access.cookie("secret").to_header(header="")
    assert cookie.startswith("cessio=secret")
    assert "Secure" not in cookie


# -- addresses and proofs ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200), ("q=a&after=b", 200), ("state=a&state=b", 200), ("q=a&q=b", 422),
        ("admin=1", 422), ("q=", 200), ("Q=1", 422),
    ],
)  # fmt: skip
def test_unknown_and_repeated_fields_of_an_address_are_refused(
    house: House, query: str, status: int
) -> None:
    answer = house.browser().get(f"/list?{query}", headers={"Accept": "application/json"})
    assert answer.status_code == status


def test_a_password_given_long_ago_no_longer_vouches(house: House, now: datetime) -> None:
    with transaction(house.engine) as session:
        opened = people.let_in(session, house.there.fanny, at=now)
        signed = identity.resume(session, token=opened.token, at=now)
    assert signed is not None
    need_proof(signed, now + timedelta(minutes=15))
    need_proof(signed, now + timedelta(minutes=30), is_form=True)
    with pytest.raises(Forbidden) as refused:
        need_proof(signed, now + timedelta(minutes=16))
    assert refused.value.code == "proof_needed"
