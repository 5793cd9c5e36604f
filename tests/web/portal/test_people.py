"""A client's people: a signatory invites and stops, and never alone makes another one sign."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import text, update

from cessio import identity
from cessio.access.operations import change_role, end_access
from cessio.identity import Role
from cessio.identity import queries as identities
from cessio.identity.models import WebSession
from cessio.identity.rules import CLIENT_ROLES, PERMISSIONS
from cessio.kernel.errors import Conflict
from cessio.plumbing import mail
from cessio.plumbing.database import transaction
from cessio.plumbing.mail import Mailer
from tests import people
from tests.people import Named
from tests.web.portal.conftest import Portal

HOME, PEOPLE = "/portal/users", "/portal/users/people"
MARIE = {"name": "Marie Alpha", "email": "marie@alpha.example", "language": "en"}


def _invite(portal: Portal, role: Role) -> int:
    done = portal.fanny.post(PEOPLE, data={**MARIE, "role": role.value})
    assert done.status_code == 303, done.text
    return int(done.headers["location"].rsplit("/", 1)[1])


def _signatory(portal: Portal) -> Named:
    with transaction(portal.engine) as session:
        person_id = identity.add_person(
            session, email="nora@alpha.example", name="Nora Alpha", role=Role.SIGNATORY,
            client_id=portal.book.people.alpha.id, by=people.SETUP, at=portal.now,
        )  # fmt: skip
    return Named(person_id, "Nora Alpha", "nora@alpha.example", Role.SIGNATORY)


def _role(portal: Portal, person_id: int) -> Role:
    with transaction(portal.engine) as session:
        return identities.person(session, person_id).role


def test_somebody_invited_chooses_a_password_and_is_in(portal: Portal, tmp_path: Path) -> None:
    mail.use(Mailer(sender="factor@cessio.test", folder=tmp_path))
    try:
        person_id = _invite(portal, Role.OPERATOR)
        portal.work()
    finally:
        mail.use(Mailer())
    sent = [message_from_bytes(one.read_bytes(), policy=policy.default)
            for one in tmp_path.rglob("*.eml")]  # fmt: skip
    written = next(one for one in sent if one["To"] and "marie@" in one["To"])
    link = re.search(r"/join/\S+", written.get_content())
    assert link is not None
    stranger = portal.stranger
    chosen = {"password": "a long road to the sea", "again": "a long road to the sea"}
    assert stranger.post(link[0], data=chosen).status_code == 303
    assert stranger.get("/portal").status_code == 200
    page = portal.fanny.get(f"{PEOPLE}/{person_id}").text
    assert "Operator" in page
    assert stranger.get(PEOPLE + "/new").status_code == 403, "an operator manages nobody"


def test_a_new_signatory_reads_until_a_second_person_agrees(portal: Portal) -> None:
    nora = _signatory(portal)
    person_id = _invite(portal, Role.SIGNATORY)
    assert _role(portal, person_id) is Role.READER
    answer = f"{PEOPLE}/{person_id}/answer"
    assert "Another signatory" in portal.fanny.get(f"{PEOPLE}/{person_id}").text
    assert portal.fanny.post(answer, data={"answer": "yes"}).status_code == 422, "who asked"
    gilles = portal.visit(portal.book.people.gilles)
    assert gilles.post(answer, data={"answer": "yes"}).status_code == 403
    helene = portal.visit(portal.book.people.helene)
    assert helene.post(answer, data={"answer": "yes"}).status_code == 404
    browser = portal.visit(nora)
    assert "I agree" in browser.get(f"{PEOPLE}/{person_id}").text
    assert browser.post(answer, data={"answer": "yes"}).status_code == 303
    assert _role(portal, person_id) is Role.SIGNATORY
    with transaction(portal.engine) as session:
        told = session.scalars(
            text("SELECT kind FROM notification WHERE person_id = :who"), {"who": nora.id}
        ).all()
    assert told == ["signatory_asked"]


def test_a_lone_signatory_needs_the_house(portal: Portal) -> None:
    gilles = portal.book.people.gilles
    asked = {"role": "signatory", "why": "he stands in for me"}
    assert portal.fanny.post(f"{PEOPLE}/{gilles.id}/role", data=asked).status_code == 303
    assert _role(portal, gilles.id) is Role.OPERATOR
    eva = portal.visit(portal.book.people.eva)
    page = eva.get(f"/backoffice/users/{gilles.id}").text
    assert "he stands in for me" in page
    alice = portal.visit(portal.book.people.alice)
    path = f"/backoffice/users/{gilles.id}/signatory"
    assert alice.post(path, data={"answer": "yes"}).status_code == 403
    assert eva.post(path, data={"answer": "yes"}).status_code == 303
    assert _role(portal, gilles.id) is Role.SIGNATORY


def test_an_administrator_alone_makes_and_closes_no_last_signatory(portal: Portal) -> None:
    there = portal.book.people
    eva, home = portal.visit(there.eva), "/backoffice/users"
    given = {"name": "Rémi Neuf", "email": "remi@alpha.example", "role": "signatory",
             "language": "fr", "client_id": str(there.alpha.id)}  # fmt: skip
    assert eva.post(home, data=given).status_code == 303
    with transaction(portal.engine) as session:
        found = session.execute(
            text("SELECT id, role FROM person WHERE email = 'remi@alpha.example'")
        ).one()
    assert found.role == Role.READER
    of_gilles = {"name": there.gilles.name, "role": "signatory", "language": "fr", "why": "asked"}
    assert eva.post(f"{home}/{there.gilles.id}", data=of_gilles).status_code == 303
    assert _role(portal, there.gilles.id) is Role.OPERATOR
    for who in (found.id, there.gilles.id):  # who asked does not agree as well
        assert eva.post(f"{home}/{who}/signatory", data={"answer": "yes"}).status_code == 403
    last = eva.post(f"{home}/{there.fanny.id}/access", data={"close": "yes"})
    assert last.status_code == 409
    assert "keeps one signatory at least" in last.text
    lower = {"name": there.fanny.name, "role": "reader", "language": "fr", "why": "retired"}
    assert eva.post(f"{home}/{there.fanny.id}", data=lower).status_code == 422
    assert portal.fanny.post(f"{PEOPLE}/{found.id}/answer", data={"answer": "yes"}).is_redirect
    assert eva.post(f"{home}/{there.fanny.id}/access", data={"close": "yes"}).status_code == 303
    assert eva.post(f"{home}/{there.fanny.id}/access").status_code == 303
    assert _role(portal, there.fanny.id) is Role.READER


def test_declining_says_why_and_changes_nothing(portal: Portal) -> None:
    nora, gilles = _signatory(portal), portal.book.people.gilles
    asked = {"role": "signatory", "why": "he stands in for me"}
    portal.fanny.post(f"{PEOPLE}/{gilles.id}/role", data=asked)
    answer, browser = f"{PEOPLE}/{gilles.id}/answer", portal.visit(nora)
    assert browser.post(answer, data={"answer": "no"}).status_code == 422
    declined = browser.post(answer, data={"answer": "no", "no_why": "he leaves us"})
    assert declined.status_code == 303
    assert _role(portal, gilles.id) is Role.OPERATOR


def test_the_last_signatory_stays(portal: Portal, now: datetime) -> None:
    there, nora = portal.book.people, _signatory(portal)
    browser = portal.visit(nora)
    ended = browser.post(f"{PEOPLE}/{there.fanny.id}/access",
                         data={"close": "yes", "close_why": "left"})  # fmt: skip
    assert ended.status_code == 303
    act = {"client_id": there.alpha.id, "person_id": nora.id, "by": there.gilles.by, "at": now}
    with pytest.raises(Conflict) as last, transaction(portal.engine) as session:
        end_access(session, why="left", **act)
    assert last.value.code == "last_signatory"
    with pytest.raises(Conflict), transaction(portal.engine) as session:
        change_role(session, role=Role.READER, why="left", **act)
    again = browser.post(f"{PEOPLE}/{there.fanny.id}/access", data={"close_why": "back"})
    assert again.status_code == 303
    assert _role(portal, there.fanny.id) is Role.READER, "to sign anew takes two"


def test_a_role_changes_with_a_reason_and_ends_the_browsers(portal: Portal) -> None:
    gilles = portal.book.people.gilles
    his = portal.visit(gilles)
    path = f"{PEOPLE}/{gilles.id}/role"
    assert portal.fanny.post(path, data={"role": "reader", "why": ""}).status_code == 422
    assert portal.fanny.post(path, data={"role": "admin", "why": "so"}).status_code == 422
    assert portal.fanny.post(path, data={"role": "reader", "why": "reads"}).status_code == 303
    assert his.get("/portal").status_code == 303
    own = f"{PEOPLE}/{portal.book.people.fanny.id}/role"
    assert portal.fanny.post(own, data={"role": "reader", "why": "so"}).status_code == 422


def test_browsers_are_seen_and_ended_by_a_signatory(portal: Portal) -> None:
    gilles = portal.book.people.gilles
    his = portal.visit(gilles)
    assert "tests" in portal.fanny.get(f"{PEOPLE}/{gilles.id}").text
    assert portal.fanny.post(f"{PEOPLE}/{gilles.id}/browsers").status_code == 303
    assert his.get("/portal").status_code == 303


def test_people_of_another_client_are_none(portal: Portal) -> None:
    helene = portal.book.people.helene
    browser = portal.fanny
    assert browser.get(f"{PEOPLE}/{helene.id}").status_code == 404
    for act, data in {
        "role": {"role": "reader", "why": "x"}, "answer": {"answer": "yes"},
        "access": {"close": "yes", "close_why": "x"}, "browsers": {}, "invitation": {},
        "second-factor": {"factor_why": "x"},
    }.items():  # fmt: skip
        assert browser.post(f"{PEOPLE}/{helene.id}/{act}", data=data).status_code == 404, act
    assert "Hélène" not in browser.get(HOME).text


def test_inviting_asks_a_stale_session_for_a_proof(portal: Portal, now: datetime) -> None:
    browser = portal.fanny
    with transaction(portal.engine) as session:
        session.execute(update(WebSession).values(proved_at=now - timedelta(hours=1)))
    answer = browser.post(PEOPLE, data={**MARIE, "role": "reader"})
    assert answer.headers["location"].startswith("/account/proof")
    with transaction(portal.engine) as session:
        assert identities.person_by_email(session, MARIE["email"]) is None


def test_the_roles_shown_are_the_table_that_decides(portal: Portal) -> None:
    page = portal.visit(portal.book.people.gilles).get(f"{HOME}/roles").text
    allowed = sum(len(PERMISSIONS[role]) for role in CLIENT_ROLES)
    assert page.count('class="sr-only">Yes') == allowed
