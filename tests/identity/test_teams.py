"""Teams, absences and portfolios: who works with whom, and who does whose work meanwhile."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session
from tests import people

from cessio import audit, parties
from cessio.identity import operations, queries
from cessio.identity.operations.teams import SUBJECT
from cessio.kernel.errors import Conflict, Invalid, NotFound, Problems
from cessio.parties import queries as party_queries
from cessio.parties.operations import hand_over
from cessio.parties.rules import Part

BY = "system:setup"
MONDAY, FRIDAY = date(2026, 11, 16), date(2026, 11, 20)


def test_people_join_and_leave_a_team(session: Session, now: datetime) -> None:
    named = people.settle_in(session, at=now)
    team = operations.add_team(session, name="Lyon", by=BY, at=now)
    for person in (named.alice, named.jules, named.alice):
        operations.join_team(session, team_id=team, person_id=person.id, by=BY, at=now)
    (found,) = queries.teams(session)
    assert [one.person_id for one in found.members] == [named.alice.id, named.jules.id]
    operations.leave_team(session, team_id=team, person_id=named.alice.id, by=BY, at=now)
    with pytest.raises(NotFound):
        operations.leave_team(session, team_id=team, person_id=named.alice.id, by=BY, at=now)
    with pytest.raises(Conflict):
        operations.add_team(session, name=" lyon ", by=BY, at=now)
    with pytest.raises(Invalid, match="staff"):
        operations.join_team(session, team_id=team, person_id=named.fanny.id, by=BY, at=now)
    operations.end_team(session, team_id=team, by=BY, at=now)
    assert queries.teams(session) == ()
    assert [event.verb for event in audit.history(session, *SUBJECT)] == [
        "end_team", "leave_team", "join_team", "join_team", "add_team",
    ]  # fmt: skip


def test_a_substitute_acts_for_who_is_away_on_those_days_only(
    session: Session, now: datetime
) -> None:
    named = people.settle_in(session, at=now)
    alice, jules = named.alice.id, named.jules.id
    absence = operations.set_absence(session, person_id=alice, substitute_id=jules,
                                     from_on=MONDAY, to_on=FRIDAY, by=BY, at=now)  # fmt: skip
    days = (date(2026, 11, 15), MONDAY, FRIDAY, date(2026, 11, 21))
    assert [queries.acting_for(session, jules, day) for day in days] == [
        (jules,), (jules, alice), (jules, alice), (jules,),
    ]  # fmt: skip
    with pytest.raises(Conflict, match="already"):
        operations.set_absence(session, person_id=alice, substitute_id=jules, from_on=FRIDAY,
                               to_on=date(2026, 12, 1), by=BY, at=now)  # fmt: skip
    for wrong in ((alice, alice, MONDAY, FRIDAY), (alice, jules, FRIDAY, MONDAY)):
        with pytest.raises(Problems):
            operations.set_absence(session, person_id=wrong[0], substitute_id=wrong[1],
                                   from_on=wrong[2], to_on=wrong[3], by=BY, at=now)  # fmt: skip
    operations.end_absence(session, absence_id=absence, by=BY, at=now)
    assert queries.acting_for(session, jules, MONDAY) == (jules,)
    with pytest.raises(NotFound):
        operations.end_absence(session, absence_id=absence, by=BY, at=now)


def test_a_portfolio_is_handed_over_at_once_and_each_file_says_so(
    session: Session, now: datetime
) -> None:
    named = people.settle_in(session, at=now)
    clients = [row.id for row in party_queries.clients(session).rows]
    for part in Part:
        hand_over(session, client_ids=clients, part=part, person_id=named.alice.id, by=BY, at=now)
    held = party_queries.portfolio(session, named.alice.id)
    assert [one.client_id for one in held] == clients
    assert {one.parts for one in held} == {tuple(Part)}
    moved = hand_over(session, client_ids=clients[:1], part=Part.ANALYST,
                      person_id=named.chloe.id, by=BY, at=now)  # fmt: skip
    again = hand_over(session, client_ids=clients[:1], part=Part.ANALYST,
                      person_id=named.chloe.id, by=BY, at=now)  # fmt: skip
    assert (moved, again) == (1, 0)
    sizes = party_queries.portfolio_sizes(session)
    assert sizes[named.chloe.id, Part.ANALYST] == 1
    assert sizes[named.alice.id, Part.ANALYST] == len(clients) - 1
    assert party_queries.nobodys(session) == dict.fromkeys(Part, 0)
    latest = audit.history(session, "client", clients[0])[0]
    assert [(one.field, one.after) for one in latest.changes] == [
        ("credit_analyst_id", named.chloe.id)
    ]
    for wrong in ([], list(range(1, 1002))):
        with pytest.raises(Invalid):
            hand_over(session, client_ids=wrong, part=Part.ANALYST, person_id=None, by=BY, at=now)
    with pytest.raises(Invalid):
        hand_over(session, client_ids=clients, part=Part.ANALYST, person_id=named.fanny.id, by=BY,
                  at=now)  # fmt: skip
    assert parties.client_names(session, clients)
