"""Whose work comes to whom: one's own clients, the team's, those of somebody who is away."""

from __future__ import annotations

from datetime import timedelta

from cessio.identity import operations as identity
from cessio.limits import operations as limits
from cessio.limits.rules import RequestAnswer
from cessio.notifications import unread_count
from cessio.parties import queries as parties
from cessio.plumbing.database import transaction
from cessio.worklist import Subject, ask_todo
from tests.counting import counted
from tests.people import Named
from tests.web.backoffice.office import MOST_STATEMENTS, Office


def away(office: Office, who: Named, deputy: Named) -> None:
    """Somebody is away this week, and another does their work."""
    on = office.now.date()
    with transaction(office.engine) as session:
        identity.set_absence(
            session, person_id=who.id, substitute_id=deputy.id, from_on=on,
            to_on=on + timedelta(days=4), by=office.book.people.eva.by, at=office.now,
        )  # fmt: skip


def team(office: Office, *people: Named) -> None:
    by, at = office.book.people.eva.by, office.now
    with transaction(office.engine) as session:
        team_id = identity.add_team(session, name="Lyon", by=by, at=at)
        for one in people:
            identity.join_team(session, team_id=team_id, person_id=one.id, by=by, at=at)


def test_a_colleague_of_the_team_sees_its_clients_and_the_choice_is_remembered(
    office: Office,
) -> None:
    people, waiting = office.book.people, f"/backoffice/remittances/{office.waiting}?queue"
    team(office, people.alice, people.chloe)
    asked = f"/backoffice/limits/decide?request={office.request}"
    with office.sits(people.chloe) as chloe, counted(office.engine) as statements:
        page = chloe.get("/backoffice").text
        assert len(statements) <= MOST_STATEMENTS
        assert "?scope=team" in page
        assert asked in page, "Alpha is looked after by Alice, of her team"
        chosen = chloe.get("/backoffice?scope=all")
        assert "scope=all" in chosen.headers["set-cookie"]
        assert 'href="/backoffice?scope=all" aria-current="true"' in chloe.get("/backoffice").text
        portfolio = chloe.get("/backoffice/portfolio").text
        assert 'scope=all" aria-current="true"' in portfolio
    with office.sits(people.jules) as jules:
        assert "scope=team" not in jules.get("/backoffice").text
    with office.sits(people.alice) as alice:
        assert waiting in alice.get("/backoffice?scope=mine").text


def test_the_work_of_somebody_away_comes_to_who_does_it(office: Office) -> None:
    people = office.book.people
    with transaction(office.engine) as session:
        ask_todo(session, subject=Subject.CLIENT, subject_id=people.alpha.id,
                 body="Call them about the audit", due_on=office.now.date(),
                 owner_id=people.alice.id, by=people.eva.by, at=office.now)  # fmt: skip
    with office.sits(people.jules) as jules:
        assert "Call them about the audit" not in jules.get("/backoffice").text
        away(office, people.alice, people.jules)
        page = jules.get("/backoffice").text
    assert "Call them about the audit" in page
    assert "scope=mine" in page


def test_who_does_the_managers_work_is_told_of_an_answered_limit(office: Office) -> None:
    people, at = office.book.people, office.now
    away(office, people.alice, people.jules)
    with transaction(office.engine) as session:
        known = unread_count(session, person_id=people.jules.id)
        limits.answer_request(session, request_id=office.request, answer=RequestAnswer.REFUSED,
                              reason="too late", by=people.chloe.by, at=at)  # fmt: skip
        assert unread_count(session, person_id=people.jules.id) == known + 1
        after = at.date() + timedelta(days=5)
        assert parties.in_charge(session, people.alpha.id, on=after) == (people.alice.id,)
