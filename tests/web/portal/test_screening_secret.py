"""No client learns that it, or a debtor of its, resembles a listed name: no page, answer, mail."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from cessio import screening
from cessio.identity import Role, Scope
from cessio.identity.operations import issue_token
from cessio.identity.rules import may_use
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import run_pending
from cessio.screening import ListSource, Verdict
from cessio.worker import load_jobs
from tests.screening.samples import own
from tests.web.browser import machine
from tests.web.portal.conftest import Portal
from tests.who_may.ways import ways

#: What would tell, in either language.
TELLING = re.compile(
    r"sanction|screening|filtrage|gel des avoirs|\bgels\b|blacklist|listed|listée?\b|embargo|"
    r"tr[ée]sor\b|alerte avérée|true hit", re.IGNORECASE,
)  # fmt: skip
PAGES = ("/portal", "/portal/invoices", "/portal/remittances", "/portal/debtors",
         "/portal/funding", "/portal/bank-details", "/portal/statements", "/portal/costs",
         "/portal/indicators", "/portal/documents", "/portal/notifications")  # fmt: skip


@pytest.fixture(params=["open", "hit"])
def watched(portal: Portal, request: pytest.FixtureRequest) -> Portal:
    """Alpha and its debtor Durand have alerts, of which Alpha's may be taken for true."""
    load_jobs()
    people = portal.book.people
    with transaction(portal.engine) as session:
        screening.load_list(
            session, source=ListSource.OWN, filename="l.csv", dated_on=portal.now.date(),
            data=own("Alpha Metallerie", "Distribution Durand"), by=people.chloe.by, at=portal.now,
        )  # fmt: skip
    run_pending(portal.engine)
    with transaction(portal.engine) as session:
        ids = session.scalars(text("SELECT id FROM screening_alert ORDER BY id")).all()
        assert len(ids) == 2
        if request.param == "hit":
            for alert in ids:
                screening.give_opinion(
                    session, alert_id=alert, verdict=Verdict.HIT, reason="Same SIREN.",
                    by=people.chloe.by, at=portal.now,
                )  # fmt: skip
    run_pending(portal.engine)
    return portal


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_page_of_the_client_tells(watched: Portal, language: str) -> None:
    with watched.visit(watched.book.people.fanny, language) as fanny:
        for path in PAGES:
            page = fanny.get(path)
            assert page.status_code == 200, path
            assert not TELLING.search(page.text), (path, TELLING.search(page.text))


def test_a_refusal_says_no_more_than_that_something_is_checked(watched: Portal) -> None:
    with transaction(watched.engine) as session:
        hit = session.scalar(text("SELECT count(*) FROM screening_alert WHERE state = 'hit'"))
    with watched.fanny as fanny:
        asked = {"amount": "1000"}
        page = fanny.post("/portal/funding", data=asked, follow_redirects=True)
        told = page.text + fanny.get("/portal/funding").text
    assert not TELLING.search(told)
    if hit:
        assert "This is being checked" in told


def test_the_back_office_of_screening_is_closed_to_clients(watched: Portal) -> None:
    with watched.fanny as fanny:
        for path in ("", "/1", "/lists", "/search?q=x", "/lists/1/file"):
            assert fanny.get(f"/backoffice/screening{path}").status_code in (403, 404)


def test_nothing_told_or_kept_for_the_client_tells(watched: Portal) -> None:
    """Notifications, mails, and what the audit trail keeps under the client's name."""
    with transaction(watched.engine) as session:
        for query in (
            """SELECT string_agg(kind || params::text, ' ') FROM notification
                 JOIN person ON person.id = person_id WHERE person.audience = 'client'""",
            """SELECT string_agg(verb || coalesce(after::text, ''), ' ') FROM audit_event
                WHERE client_id IS NOT NULL""",
            "SELECT string_agg(to_jsonb(message)::text, ' ') FROM message",
        ):
            told = session.scalar(text(query)) or ""
            assert not TELLING.search(told), TELLING.search(told)


def test_no_answer_to_a_program_of_the_client_tells(watched: Portal) -> None:
    """Every address of the API that a client's key may read, of each of the first rows."""
    people, asked = watched.book.people, 0
    with transaction(watched.engine) as session:
        held = [one for one in Scope if may_use(Role.SIGNATORY, one)]
        key = issue_token(
            session, person_id=people.fanny.id, name="accounts", scopes=held, by=people.fanny.by,
            expires_at=watched.now + timedelta(days=1), at=watched.now,
        )  # fmt: skip
    program = machine(watched.app, key.secret)
    for way in ways(watched.app):
        if way.audience != "api" or way.method != "GET" or way.path.endswith("openapi.json"):
            continue
        for number in ("1", "2", "3"):
            answer = program.get(way.filled(dict.fromkeys(way.names, number)))
            asked += answer.status_code == 200
            assert not TELLING.search(answer.text), (way.path, TELLING.search(answer.text))
    assert asked > 20
