"""Who owns a client: recorded by name, birth and share, ended and never changed, and screened."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tests.people import SETUP, People, settle_in
from tests.screening.samples import own

from cessio import screening
from cessio.kernel.errors import Conflict, Invalid, NotFound, Problems
from cessio.parties import queries
from cessio.parties.operations.owners import add_owner, end_owner
from cessio.parties.rules.owners import OwnerDetails
from cessio.screening import ListSource

#: Nobody of the tests has this name.
STRANGER = "Zakharenko Ivan"


@pytest.fixture
def people(session: Session, now: datetime) -> People:
    return settle_in(session, at=now)


def owner(**more: Any) -> OwnerDetails:
    return OwnerDetails(**{"name": "Jeanne Rey", "born_on": date(1970, 2, 3), "share_bp": 6_000,
                           "since_on": date(2015, 1, 1), **more})  # fmt: skip


def record(session: Session, people: People, now: datetime, **more: Any) -> int:
    return add_owner(session, company_id=people.alpha.company_id, owner=owner(**more),
                     on=now.date(), by=people.alice.by, at=now)  # fmt: skip


def test_an_owner_is_recorded_shown_and_ended(session: Session, people: People, now: datetime
                                              ) -> None:  # fmt: skip
    made = record(session, people, now, name="  Jeanne   Rey ")
    record(session, people, now, name="Luc Rey", share_bp=None)
    company = people.alpha.company_id
    first, second = queries.owners(session, company)
    assert (first.id, first.name, str(first.share)) == (made, "Jeanne Rey", "0.6")
    assert second.share is None
    ending = {"owner_id": made, "on": now.date(), "by": people.alice.by, "at": now}
    for until in (date(2014, 12, 31), now.date() + timedelta(days=1)):
        with pytest.raises(Invalid):
            end_owner(session, company_id=company, until_on=until, **ending)
    with pytest.raises(NotFound):
        end_owner(session, company_id=people.bravo.company_id, until_on=now.date(), **ending)
    end_owner(session, company_id=company, until_on=now.date(), **ending)
    with pytest.raises(Conflict):
        end_owner(session, company_id=company, until_on=now.date(), **ending)
    assert [one.name for one in queries.owners(session, company)] == ["Luc Rey"]
    assert [one.until_on for one in queries.owners(session, company, ended=True)] == [
        None, now.date()
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": " "}, "name"), ({"share_bp": 0}, "share"), ({"share_bp": 10_001}, "share"),
        ({"born_on": date(2100, 1, 1)}, "born_on"), ({"born_on": date(1800, 1, 1)}, "born_on"),
        ({"since_on": date(1960, 1, 1)}, "since_on"), ({"since_on": date(2100, 1, 1)}, "since_on"),
    ],
)  # fmt: skip
def test_what_cannot_be_so_names_its_field(
    session: Session, people: People, now: datetime, more: dict[str, Any], field: str
) -> None:
    with pytest.raises(Problems) as refused:
        record(session, people, now, **more)
    assert field in {one.field for one in refused.value.problems}


def test_nobody_is_recorded_twice_and_no_more_than_the_whole_is_held(
    session: Session, people: People, now: datetime
) -> None:
    record(session, people, now)
    for more in ({}, {"name": "Luc Rey", "share_bp": 4_001}):
        with pytest.raises(Conflict):
            record(session, people, now, **more)
    record(session, people, now, name="Luc Rey", share_bp=4_000)


def test_the_name_of_an_owner_is_held_against_the_lists_and_ending_lifts_nothing(
    session: Session, people: People, now: datetime
) -> None:
    listed = own(STRANGER)
    screening.load_list(session, source=ListSource.OWN, data=listed, filename="own.csv",
                        dated_on=now.date(), confirmed=True, by=SETUP, at=now)  # fmt: skip
    company = people.alpha.company_id
    screening.screen_due(session, by="job:test", at=now)
    assert not screening.queries.alerts_of(session, company)
    made = record(session, people, now, name=STRANGER)
    screening.screen_due(session, by="job:test", at=now)
    [found] = screening.queries.alerts_of(session, company)
    assert (found.name, found.subject_kind) == (STRANGER, "person")
    end_owner(session, company_id=company, owner_id=made, until_on=now.date(), on=now.date(),
              by=people.alice.by, at=now)  # fmt: skip
    screening.screen_due(session, by="job:test", at=now)
    assert [one.state for one in screening.queries.alerts_of(session, company)] == ["open"]


@pytest.mark.parametrize("change", ["name = 'Other'", "share_bp = 1", "born_on = '1971-01-01'"])
def test_the_database_lets_nobody_change_or_remove_an_owner(
    session: Session, people: People, now: datetime, change: str
) -> None:
    record(session, people, now)
    for attack in (f"UPDATE beneficial_owner SET {change}", "DELETE FROM beneficial_owner"):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(attack))
