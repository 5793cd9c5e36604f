"""The page of what waits for a second person: what changes, who may, and a fresh proof."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from litestar.testing import TestClient
from sqlalchemy import Engine, update

from cessio.approvals import queries as approvals
from cessio.contracts import queries as contracts
from cessio.funding import queries as funding
from cessio.identity import Role
from cessio.identity import queries as identity
from cessio.identity.models import WebSession
from cessio.plumbing.database import transaction
from tests.web.agreed import agree
from tests.web.backoffice.desk import Desk, make_desk

LIMITS = {"per_payout": "1000.00", "per_payee_day": "", "per_person_day": "", "per_order": "",
          "cooling_hours": "48"}  # fmt: skip
SET = "/backoffice/funding/limits"


@pytest.fixture
def desk(engine: Engine, now: datetime, tmp_path: Path) -> Desk:
    return make_desk(engine, now, tmp_path)


def _decide(client: TestClient, place: str, page: str, **more: str) -> tuple[int, str]:
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
    answer = client.post(f"{place}/decision", data={
        "answer": "approve", "seen": seen.group(1) if seen else "00" * 32, **more})  # fmt: skip
    return answer.status_code, answer.text


def test_limits_wait_for_the_auditor_who_sees_before_and_after(desk: Desk) -> None:
    eva, karine = desk.visit(desk.book.people.eva), desk.visit(desk.book.people.karine)
    asked = eva.post(SET, data=LIMITS)
    place = asked.headers["location"]
    own = eva.get(place).text
    assert "You asked: somebody else decides." in own
    assert _decide(eva, place, own)[0] == 422
    status, text = _decide(desk.denis, place, karine.get(place).text)
    assert status == 422
    assert "Karine Simon" in text  # who may is named
    page = karine.get(place).text
    assert "€1,000.00" in page
    assert place in karine.get("/backoffice/approvals").text
    agree(karine, asked)
    with transaction(desk.engine) as session:
        assert funding.limits_now(session).per_payout_minor == 1_000_00


def test_one_may_decline_with_a_reason_and_who_asked_may_withdraw(desk: Desk) -> None:
    eva, karine = desk.visit(desk.book.people.eva), desk.visit(desk.book.people.karine)
    place = eva.post(SET, data=LIMITS).headers["location"]
    page = karine.get(place).text
    assert _decide(karine, place, page, answer="reject")[0] == 422
    assert _decide(karine, place, page, answer="reject", reason="Too little")[0] == 303
    again = eva.post(SET, data=LIMITS).headers["location"]
    assert karine.post(f"{again}/withdrawal").status_code == 403
    assert eva.post(f"{again}/withdrawal").status_code == 303
    with transaction(desk.engine) as session:
        assert funding.limits_now(session).per_payout_minor is None


def test_a_new_colleague_and_another_role_take_two(desk: Desk) -> None:
    eva, karine = desk.visit(desk.book.people.eva), desk.visit(desk.book.people.karine)
    new = {"name": "Zoé Neuve", "email": "zoe@cessio.example", "role": "treasury",
           "language": "fr"}  # fmt: skip
    asked = eva.post("/backoffice/users", data=new)
    with transaction(desk.engine) as session:
        zoe = identity.person_by_email(session, "zoe@cessio.example")
    assert zoe is not None
    assert zoe.disabled_at is not None
    agree(karine, asked)
    denis = desk.book.people.denis
    move = {"name": denis.name, "role": "treasury", "language": "fr", "why": "moves"}
    agree(karine, eva.post(f"/backoffice/users/{denis.id}", data=move))
    with transaction(desk.engine) as session:
        assert identity.person(session, zoe.id).disabled_at is None
        assert identity.person(session, denis.id).role is Role.TREASURY


@pytest.mark.parametrize("form", [SET, "/backoffice/users", "/backoffice/contracts",
                                  "/backoffice/settlement/unpaid"])  # fmt: skip
def test_who_did_not_prove_lately_proves_first(desk: Desk, now: datetime, form: str) -> None:
    """ASVS 7.5.3, by password where there is no second factor."""
    people = desk.book.people
    somebody = people.eva if form in (SET, "/backoffice/users") else people.alice
    client = desk.visit(somebody)
    with transaction(desk.engine) as session:
        session.execute(update(WebSession).values(proved_at=now - timedelta(hours=1)))
    asked = client.post(form, data=LIMITS)
    assert asked.status_code == 303
    assert asked.headers["location"].startswith("/account/proof")
    with transaction(desk.engine) as session:
        assert approvals.pending(session) == ()


def test_the_auditor_reads_who_may_do_what(desk: Desk) -> None:
    page = desk.visit(desk.book.people.karine).get("/backoffice/users/roles")
    assert page.status_code == 200
    assert "Second person" in page.text
    assert desk.denis.get("/backoffice/users/roles").status_code == 403


def test_a_contract_ends_when_a_second_person_agreed(desk: Desk) -> None:
    alice, chloe = desk.visit(desk.book.people.alice), desk.visit(desk.book.people.chloe)
    path = f"/backoffice/contracts/{desk.book.alpha}"
    assert "A second person agrees first." in alice.get(path).text
    ends = (desk.today + timedelta(days=30)).isoformat()
    asked = alice.post(f"{path}/end", data={"ended_on": ends, "end_reason": "They leave"})
    with transaction(desk.engine) as session:
        assert contracts.contract(session, desk.book.alpha).ended_on is None
    shown = chloe.get(asked.headers["location"]).text
    assert "Contract to end" in shown
    assert "They leave" in shown
    agree(chloe, asked)
    with transaction(desk.engine) as session:
        assert contracts.contract(session, desk.book.alpha).ended_on is not None
    again = alice.post(f"{path}/end", data={"ended_on": ends, "end_reason": "Again"})
    assert again.status_code == 422


def test_what_a_leaver_asked_for_is_given_up_in_words(desk: Desk) -> None:
    people = desk.book.people
    eva, alice = desk.visit(people.eva), desk.visit(people.alice)
    ends = (desk.today + timedelta(days=30)).isoformat()
    place = alice.post(f"/backoffice/contracts/{desk.book.alpha}/end",
                       data={"ended_on": ends, "end_reason": "They leave"}
                       ).headers["location"]  # fmt: skip
    closed = eva.post(f"/backoffice/users/{people.alice.id}/access", data={"close": "yes"})
    assert "is given up (1)" in eva.get(closed.headers["location"]).text
    assert "Who asked for it may no longer" in eva.get(place).text
