"""A provider's word lets staff in: the real one's, and none that was bent on the way."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import Engine, text, update
from tests import people
from tests.people import Named, People
from tests.web.browser import SAME_ORIGIN

from cessio import agreeing, approvals
from cessio.app import build
from cessio.identity import Role
from cessio.identity.models import Person
from cessio.identity.operations import DIRECTORY, change_person
from cessio.kernel.errors import Forbidden
from cessio.plumbing.database import transaction
from cessio.plumbing.settings import Oidc, Settings
from cessio.web.actors import actors

HERE = Path(__file__).parent / "oidc_provider"
MODULES = os.environ.get("CESSIO_TEST_OIDC_PROVIDER", "")
PUBLIC = "http://testserver.local"
BACK = f"{PUBLIC}/sign-in/single/back"
SECRET = "the secret of cessio there"
ENGLISH = {**SAME_ORIGIN, "Accept-Language": "en"}
ROLES = (("cessio-cash", "cash_clerk"), ("cessio-admin", "admin"),
         ("cessio-desk", "account_manager"), ("cessio-collect", "collector"))  # fmt: skip

needs_provider = pytest.mark.skipif(
    not MODULES, reason="NO OPENID PROVIDER: infra/setup/oidc_provider.sh says why"
)


@dataclass(frozen=True)
class There:
    """The real provider, our application before it, and who works in it."""

    issuer: str
    app: Litestar
    engine: Engine
    people: People

    def become(self, sub: str, *, amr: tuple[str, ...] = (), **claims: Any) -> None:
        httpx2.post(f"{self.issuer}/as", json={"sub": sub, "claims": claims, "amr": list(amr)})

    def browser(self) -> TestClient[Litestar]:
        client = TestClient(self.app, base_url=PUBLIC)
        client.follow_redirects = False
        client.headers.update(ENGLISH)
        return client

    def go(self, browser: TestClient[Litestar]) -> str:
        """Leave for the provider and come as far as the address that leads back."""
        address = browser.get("/sign-in/single?next=/account").headers["location"]
        with httpx2.Client(follow_redirects=False) as there:
            while not address.startswith(BACK):
                answer = there.get(address)
                assert answer.status_code in {302, 303}, answer.text
                address = str(answer.url.join(answer.headers["location"]))
        return address.removeprefix(PUBLIC)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    process = subprocess.Popen(
        ["node", HERE / "provider.mjs", MODULES, BACK], stdout=subprocess.PIPE, text=True,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.terminate()
    process.wait(20)


def application(engine: Engine, folder: Path, issuer: str, **changes: Any) -> Litestar:
    oidc = Oidc(**{"issuer": issuer, "client_id": "cessio", "client_secret": SECRET,
                   "roles": ROLES, "name": "Annuaire", **changes})  # fmt: skip
    settings = Settings(data_dir=folder, secret_file=folder / "secret", public_url=PUBLIC,
                        oidc=oidc)  # fmt: skip
    return build(engine, settings, now=lambda: datetime.now(UTC))


@pytest.fixture
def there(engine: Engine, tmp_path: Path, issuer: str) -> There:
    with transaction(engine) as session:
        settled = people.settle_in(session, at=datetime.now(UTC))
    return There(issuer, application(engine, tmp_path, issuer, second_factor=("mfa",)), engine,
                 settled)  # fmt: skip


DENIS: dict[str, Any] = {
    "email": "Denis@cessio.example", "email_verified": True, "groups": ["x", "cessio-cash"],
}  # fmt: skip


def _links(there: There) -> int:
    with transaction(there.engine) as session:
        return session.scalar(text("SELECT count(*) FROM provider_account")) or 0


@needs_provider
def test_staff_whom_the_provider_proved_twice_are_in_and_out_again(there: There) -> None:
    there.become("d-1", amr=("pwd", "mfa"), **DENIS)
    browser = there.browser()
    assert "Annuaire" in browser.get("/sign-in").text
    done = browser.get(there.go(browser))
    assert (done.status_code, done.headers["location"]) == (303, "/account")
    assert "Denis Moreau" in browser.get("/account").text
    assert _links(there) == 1
    there.become("d-1", amr=("mfa",), groups=["cessio-cash"], email="other@x.example")
    again = there.browser()
    assert again.get(there.go(again)).headers["location"] == "/account", "by the subject"
    with transaction(there.engine) as session:
        csrf = session.scalar(text("SELECT csrf_token FROM web_session ORDER BY id DESC"))
    assert again.post("/sign-out", data={"csrf_token": csrf}).status_code == 303
    assert again.get("/account").status_code == 303
    assert browser.get("/account").status_code == 200


@needs_provider
def test_ours_is_asked_where_the_provider_proved_one_factor(there: There) -> None:
    there.become("d-1", amr=("pwd",), **DENIS)
    browser = there.browser()
    assert browser.get(there.go(browser)).headers["location"] == "/sign-in/code?next=/account"
    assert browser.get("/account").status_code == 303


def _enter(there: There, groups: list[str], **claims: Any) -> TestClient[Litestar]:
    there.become("d-1", amr=("mfa",), **(DENIS | {"groups": groups} | claims))
    browser = there.browser()
    done = browser.get(there.go(browser))
    assert done.status_code == 303, done.text
    return browser


def _role(there: There) -> str:
    with transaction(there.engine) as session:
        return str(session.scalar(text("SELECT role FROM person WHERE email LIKE 'denis@%'")))


def _asked(there: There) -> list[tuple[str, str | None, str]]:
    """What was asked of a second person for Denis: by whom, how it ended, which role."""
    with transaction(there.engine) as session:
        rows = session.execute(text(
            "SELECT maker, decision, summary -> 'args' ->> 'role' FROM approval"
            " WHERE subject_kind = 'staff_access' ORDER BY id"))  # fmt: skip
        return [(row[0], row[1], row[2]) for row in rows]


def _decide(there: There, who: Named, *, agrees: bool) -> None:
    with transaction(there.engine) as session:
        [one] = approvals.queries.pending(session, subject_kinds=["staff_access"])
        said: dict[str, Any] = {"approval_id": one.id, "seen": one.subject_hash, "by": who.by,
                                "at": datetime.now(UTC)}  # fmt: skip
        if agrees:
            agreeing.agree(session, **said)
        else:
            agreeing.decline(session, reason="no", **said)


@needs_provider
def test_a_wider_role_of_the_directory_waits_for_a_second_person(there: There) -> None:
    browser = _enter(there, ["cessio-admin"])
    assert _role(there) == "cash_clerk"
    assert browser.get("/backoffice/users").status_code == 403, "what they had, no more"
    page = browser.get("/backoffice/notifications").text
    assert "Administrateur" in page
    assert "vous gardez vos droits actuels" in page
    with transaction(there.engine) as session:
        assert actors(session, [DIRECTORY]) == {DIRECTORY: "L’annuaire de la connexion unique"}
    _enter(there, ["cessio-admin"])
    assert _asked(there) == [(DIRECTORY, None, "admin")], "asked once"
    with pytest.raises(Forbidden):
        _decide(there, there.people.denis, agrees=True)
    _decide(there, there.people.karine, agrees=True)
    assert _role(there) == "admin"
    assert browser.get("/account").status_code == 303, "in anew, as that"
    assert _enter(there, ["cessio-admin"]).get("/backoffice/users").status_code == 200


@needs_provider
def test_a_narrower_role_of_the_directory_holds_at_once(there: There) -> None:
    with transaction(there.engine) as session:
        change_person(session, person_id=there.people.denis.id, name="Denis Moreau", language="fr",
                      role=Role.ACCOUNT_MANAGER, why="moves", by=people.SETUP,
                      at=datetime.now(UTC))  # fmt: skip
    before = _enter(there, ["cessio-desk"])
    _enter(there, ["cessio-collect"])
    assert _role(there) == "collector"
    assert before.get("/account").status_code == 303
    assert _asked(there) == []
    _enter(there, ["cessio-desk"])
    assert _role(there) == "collector", "and not back without anybody"
    assert _asked(there) == [(DIRECTORY, None, "account_manager")]


@needs_provider
def test_the_directory_that_says_something_else_withdraws_what_it_asked(there: There) -> None:
    _enter(there, ["cessio-admin"])
    _enter(there, ["cessio-desk"])
    _enter(there, ["cessio-cash"])
    assert _asked(there) == [(DIRECTORY, "void", "admin"), (DIRECTORY, "void", "account_manager")]


@needs_provider
def test_what_was_declined_is_not_asked_again_at_each_sign_in(there: There) -> None:
    _enter(there, ["cessio-admin"])
    _decide(there, there.people.karine, agrees=False)
    _enter(there, ["cessio-admin"])
    assert _asked(there) == [(DIRECTORY, "rejected", "admin")]
    _enter(there, ["cessio-desk"])
    assert _asked(there)[1:] == [(DIRECTORY, None, "account_manager")]


@needs_provider
def test_whoever_lost_every_group_is_not_let_in(there: There) -> None:
    there.become("d-1", amr=("mfa",), **(DENIS | {"groups": ["others"]}))
    refused = there.browser()
    page = refused.get(there.go(refused))
    assert page.status_code == 422
    assert "No group of yours" in page.text


@needs_provider
@pytest.mark.parametrize(
    ("sub", "claims"),
    [
        ("d-1", DENIS | {"email_verified": False}), ("d-1", DENIS | {"email": "x@cessio.example"}),
        ("f-1", DENIS | {"email": "fanny@alpha.example"}), ("d-1", {"groups": ["cessio-cash"]}),
    ],
)  # fmt: skip
def test_nobody_is_met_by_an_address_unproved_unknown_or_of_a_client(
    there: There, sub: str, claims: dict[str, Any]
) -> None:
    there.become(sub, amr=("mfa",), **claims)
    browser = there.browser()
    page = browser.get(there.go(browser))
    assert page.status_code == 422
    assert "Nobody of the staff is known here" in page.text
    assert _links(there) == 0


@needs_provider
def test_a_closed_access_and_a_second_subject_open_nothing(there: There) -> None:
    there.become("d-1", amr=("mfa",), **DENIS)
    browser = there.browser()
    browser.get(there.go(browser))
    there.become("d-2", amr=("mfa",), **DENIS)
    second = there.browser()
    assert second.get(there.go(second)).status_code == 422, "another subject, the same address"
    with transaction(there.engine) as session:
        session.execute(update(Person).where(Person.id == there.people.denis.id).values(
            disabled_at=datetime.now(UTC), disabled_by="system:test"))  # fmt: skip
    there.become("d-1", amr=("mfa",), **DENIS)
    third = there.browser()
    assert third.get(there.go(third)).status_code == 422
    assert browser.get("/account").status_code == 303


@needs_provider
def test_what_one_browser_began_no_other_one_ends_nor_twice(there: There) -> None:
    there.become("d-1", amr=("mfa",), **DENIS)
    browser, other = there.browser(), there.browser()
    back = there.go(browser)
    assert other.get(back).status_code == 422, "no cookie"
    theirs = there.go(other)
    assert other.get(back).status_code == 422, "another state"
    kept = dict(browser.cookies)
    assert browser.get(back).status_code == 303
    replay = there.browser()
    replay.cookies.update(kept)
    assert replay.get(back).status_code == 422, "the code is used"
    assert replay.get("/account").status_code == 303
    mixed = there.browser()
    again = there.go(mixed)
    asked = dict(parse_qsl(urlsplit(again).query))
    for bent in ({"iss": "https://evil.example"}, {"iss": None}, {"state": "x"}, {"code": None},
                 {"error": "access_denied"}):  # fmt: skip
        sent = {name: value for name, value in (asked | bent).items() if value is not None}
        answer = mixed.get("/sign-in/single/back", params=sent)
        assert answer.status_code == 422
        mixed = there.browser()
        asked = dict(parse_qsl(urlsplit(there.go(mixed)).query))
    assert theirs


def test_without_a_provider_there_is_no_button_and_no_way(engine: Engine, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, secret_file=tmp_path / "secret")
    with TestClient(build(engine, settings)) as client:
        client.headers.update(ENGLISH)
        assert "/sign-in/single" not in client.get("/sign-in").text
        assert client.get("/sign-in/single").status_code == 404


def test_a_provider_that_does_not_answer_is_told_at_once(engine: Engine, tmp_path: Path) -> None:
    app = application(engine, tmp_path, "http://127.0.0.1:9")
    with TestClient(app, base_url=PUBLIC) as client:
        client.headers.update(ENGLISH)
        began = time.monotonic()
        page = client.get("/sign-in/single")
    assert page.status_code == 422
    assert "does not answer" in page.text
    assert time.monotonic() - began < 10
