"""Statements that come by themselves: chosen by client or office, found, fetched, verified."""

from __future__ import annotations

import hashlib
from datetime import date

from cessio.identity.operations import issue_token
from cessio.identity.rules import Scope
from cessio.kernel.calendar import Period
from cessio.plumbing.database import transaction
from cessio.statements import queries
from cessio.statements.operations import make_period
from cessio.statements.rules.rhythm import Rhythm
from tests.web.browser import machine
from tests.web.portal.conftest import Portal

PAGE, ORDER = "/portal/statements", "/portal/statements/order"
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))


def made(portal: Portal) -> list[queries.KeptView]:
    with transaction(portal.engine) as session:
        make_period(session, contract_id=portal.book.alpha, period=OCTOBER, by="job:x",
                    rhythm=Rhythm.MONTHLY, at=portal.now)  # fmt: skip
        return list(queries.kept_statements(session, contract_id=portal.book.alpha))


def test_a_client_chooses_how_often_and_finds_what_was_made(portal: Portal) -> None:
    fanny = portal.fanny
    assert "Every month · PDF" in fanny.get(PAGE).text
    answer = fanny.post(ORDER, data={"rhythm": "weekly", "language": "en"})
    assert (answer.status_code, "choose one format at least" in answer.text.lower()) == (422, True)
    said = {"rhythm": "monthly", "format": ["csv", "camt053"], "language": "en"}
    assert fanny.post(ORDER, data=said).status_code == 303
    files = made(portal)
    assert [one.format for one in files] == ["csv", "camt053"]
    page = fanny.get(PAGE).text
    assert "Every month · CSV, camt.053" in page
    for one in files:
        address = f"{PAGE}/{portal.book.alpha}/kept/{one.id}/{one.format}"
        assert address in page
        got = fanny.get(address)
        assert hashlib.sha256(got.content).hexdigest() == one.sha256
        assert fanny.get(address.replace(one.format, "pdf")).status_code == 404
    assert portal.stranger.get(f"/verify/{files[0].verification_code}").status_code == 200
    reader = portal.visit(portal.book.people.gilles)
    assert reader.get(PAGE).status_code == 200


def test_the_office_chooses_for_a_client(portal: Portal) -> None:
    alice = portal.visit(portal.book.people.alice)
    page = f"/backoffice/contracts/{portal.book.alpha}/statement"
    assert "Every month · PDF" in alice.get(page).text
    said = {"rhythm": "daily", "format": ["mt940"], "language": "fr"}
    assert alice.post(f"{page}/order", data=said).status_code == 303
    assert "Every working day · MT940" in alice.get(page).text
    (one,) = made(portal)
    got = alice.get(f"{page}/kept/{one.id}/mt940")
    assert hashlib.sha256(got.content).hexdigest() == one.sha256


def test_a_machine_lists_asks_and_fetches_its_own_only(portal: Portal) -> None:
    fanny, helene = portal.book.people.fanny, portal.book.people.helene
    with transaction(portal.engine) as session:
        keys = [
            issue_token(session, person_id=one.id, name="m", scopes=[Scope.STATEMENTS_READ],
                        expires_at=portal.now.replace(year=2027), by=one.by, at=portal.now).secret
            for one in (fanny, helene)
        ]  # fmt: skip
    own, other = machine(portal.app, keys[0]), machine(portal.app, keys[1])
    path = f"/api/v1/contracts/{portal.book.alpha}/statements"
    body = {"from_on": "2026-11-01", "to_on": "2026-11-15", "format": "xlsx"}
    asked = own.post(path, json=body, headers={"Idempotency-Key": "a"}).json()
    assert own.post(path, json=body, headers={"Idempotency-Key": "b"}).json() == asked
    listed = own.get(path).json()
    assert listed["statements"] == [asked]
    assert listed["order"]["wanted"]["rhythm"] == "monthly"
    file = own.get(f"/api/v1/statements/{asked['id']}/file")
    assert hashlib.sha256(file.content).hexdigest() == asked["sha256"]
    assert other.get(path).status_code == 404
    assert other.get(f"/api/v1/statements/{asked['id']}/file").status_code == 404
    assert other.post(path, json=body, headers={"Idempotency-Key": "a"}).status_code == 404
    paths = own.get("/api/v1/openapi.json").json()["paths"]
    assert {"get", "post"} <= paths["/api/v1/contracts/{contract_id}/statements"].keys()
