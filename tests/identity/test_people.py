"""People are added, changed and stopped by those who may, and every act is in the trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session
from tests import people
from tests.people import People

from cessio import audit, identity
from cessio.identity import Audience, Role, queries
from cessio.identity.operations import (
    change_password,
    change_person,
    disable_person,
    enable_person,
    set_password,
)
from cessio.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problems


@pytest.fixture
def there(session: Session, now: datetime) -> People:
    return people.settle_in(session, at=now)


def _add(session: Session, by: str, at: datetime, **changes: Any) -> int:
    wanted: dict[str, Any] = {"email": "Zoe@Cessio.Example ", "name": "Zoé Blanc",
                              "role": Role.COLLECTOR, "by": by, "at": at}  # fmt: skip
    return identity.add_person(session, **(wanted | changes))


def test_a_person_is_known_by_one_spelling_of_the_address(
    session: Session, there: People, now: datetime
) -> None:
    zoe = _add(session, there.eva.by, now)
    view = queries.person_by_email(session, " ZOE@cessio.example")
    assert view is not None
    assert (view.id, view.audience, view.has_password) == (zoe, "staff", False)
    with pytest.raises(Conflict) as refused:
        _add(session, there.eva.by, now, email="zoe@CESSIO.example")
    assert refused.value.code == "email_taken"
    (event,) = audit.history(session, "person", zoe)
    assert (event.verb, event.by) == ("add", there.eva.by)
    assert "password" not in {change.field for change in event.changes}


def test_all_faults_of_a_person_are_said_at_once(
    session: Session, there: People, now: datetime
) -> None:
    with pytest.raises(Problems) as refused:
        _add(session, there.eva.by, now, email="nowhere", name=" ", role=Role.READER,
             language="de", password="short")  # fmt: skip
    fields = [problem.field for problem in refused.value.problems]
    assert fields == ["email", "name", "role", "language", "password"]


def test_a_clients_signatory_adds_people_of_that_client_only(
    session: Session, there: People, now: datetime
) -> None:
    added = _add(session, there.fanny.by, now, role=Role.READER, client_id=there.alpha.id)
    assert queries.person(session, added, client_id=there.alpha.id).role == "reader"
    with pytest.raises(NotFound):
        queries.person(session, added, client_id=there.bravo.id)
    for client_id, role in ((there.bravo.id, Role.READER), (None, Role.ADMIN)):
        with pytest.raises(NotFound):
            _add(session, there.fanny.by, now, email="x@y.fr", role=role, client_id=client_id)
    with pytest.raises(NotFound):
        disable_person(session, person_id=there.helene.id, by=there.fanny.by, at=now)


def test_nobody_changes_their_own_role_or_access(
    session: Session, there: People, now: datetime
) -> None:
    eva = there.eva
    with pytest.raises(Forbidden) as refused:
        change_person(session, person_id=eva.id, name=eva.name, role=Role.TREASURY,
                      language="fr", by=eva.by, at=now)  # fmt: skip
    assert refused.value.code == "own_role"
    with pytest.raises(Forbidden):
        disable_person(session, person_id=eva.id, by=eva.by, at=now)
    change_person(session, person_id=eva.id, name="Eva Laurent-Roy", role=Role.ADMIN,
                  language="en", by=eva.by, at=now)  # fmt: skip
    assert queries.person(session, eva.id).name == "Eva Laurent-Roy"


def test_a_role_changes_with_a_reason_and_ends_what_was_open(
    session: Session, there: People, now: datetime
) -> None:
    signed = people.let_in(session, there.denis, at=now)
    change: dict[str, Any] = {"person_id": there.denis.id, "name": "Denis", "language": "fr",
                              "by": there.eva.by, "at": now}  # fmt: skip
    with pytest.raises(Forbidden) as alone:
        change_person(session, role=Role.TREASURY, why="moves to treasury", **change)
    assert alone.value.code == "rights_need_two"
    change_person(session, role=there.denis.role, **change)
    assert identity.resume(session, token=signed.token, at=now) is not None
    change["by"] = people.SETUP
    for why in (None, "  "):
        with pytest.raises(Invalid) as refused:
            change_person(session, role=Role.TREASURY, why=why, **change)
        assert refused.value.code == "role_reason"
    change_person(session, role=Role.TREASURY, why="moves to treasury", **change)
    assert identity.resume(session, token=signed.token, at=now) is None
    assert audit.history(session, "person", there.denis.id)[0].why == "moves to treasury"


def test_staff_never_become_a_clients_person(
    session: Session, there: People, now: datetime
) -> None:
    with pytest.raises(Conflict) as refused:
        change_person(session, person_id=there.alice.id, name="Alice", role=Role.SIGNATORY,
                      language="fr", by=there.eva.by, at=now)  # fmt: skip
    assert refused.value.code == "audience_fixed"


def test_disabling_closes_every_door_at_once(
    session: Session, there: People, now: datetime
) -> None:
    signed = people.let_in(session, there.denis, at=now)
    assert identity.resume(session, token=signed.token, at=now) is not None
    disable_person(session, person_id=there.denis.id, by=there.eva.by, at=now, why="left")
    disable_person(session, person_id=there.denis.id, by=there.eva.by, at=now)
    assert identity.resume(session, token=signed.token, at=now) is None
    assert there.denis.id not in {each.id for each in queries.people(session)}
    with pytest.raises(Forbidden):
        enable_person(session, person_id=there.denis.id, by=there.eva.by, at=now)
    enable_person(session, person_id=there.denis.id, by=people.SETUP, at=now)
    assert identity.resume(session, token=signed.token, at=now) is None
    verbs = [event.verb for event in audit.history(session, "person", there.denis.id)]
    assert verbs == ["enable", "disable", "add"]


def test_a_new_password_needs_the_old_one_and_ends_other_browsers(
    session: Session, there: People, now: datetime
) -> None:
    password = people.give_password(session, there.gilles)
    here, elsewhere = (people.let_in(session, there.gilles, at=now) for _ in range(2))
    with pytest.raises(Forbidden):
        change_password(session, person_id=there.gilles.id, current="wrong",
                        new="trente-six chandelles", at=now)  # fmt: skip
    change_password(session, person_id=there.gilles.id, current=password,
                    new="trente-six chandelles", keep_session_id=here.session_id,
                    at=now)  # fmt: skip
    assert identity.resume(session, token=here.token, at=now) is not None
    assert identity.resume(session, token=elsewhere.token, at=now) is None


def test_a_weak_password_is_refused_with_its_field(
    session: Session, there: People, now: datetime
) -> None:
    with pytest.raises(Exception, match="guessed") as refused:
        set_password(session, person_id=there.fanny.id, password="fannydubois1984", by="x:1",
                     at=now)  # fmt: skip
    assert refused.value.field == "password"  # type: ignore[attr-defined]


def test_people_are_listed_by_side_client_and_role(
    session: Session, there: People, now: datetime
) -> None:
    alphas = queries.people(session, client_id=there.alpha.id)
    assert [each.name for each in alphas] == ["Fanny Dubois", "Gilles Roux"]
    treasurers = queries.people(session, audience=Audience.STAFF, role=Role.TREASURY)
    assert [each.name for each in treasurers] == ["Bruno Petit", "Inès Garcia"]


def test_actors_are_shown_by_name(session: Session, there: People, now: datetime) -> None:
    names = identity.actor_names(session, [there.alice.by, "job:closing", "person:999999"])
    assert names == {there.alice.by: "Alice Martin", "job:closing": "job:closing",
                     "person:999999": "person:999999"}  # fmt: skip
    assert identity.person_behind(session, there.alice.by) == there.alice.id
    assert identity.person_behind(session, "job:closing") is None
