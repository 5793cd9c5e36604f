"""The due date of an invoice at the desk: its effect first, then the change or a second person."""

from __future__ import annotations

import re

from sqlalchemy import text

from tests.counting import counted
from tests.web.backoffice.office import MOST_STATEMENTS, Office

ASKED = {"due_reason": "agreed", "due_comment": "Their mail of today."}


def due(office: Office, number: str) -> str:
    with office.engine.connect() as connection:
        found = connection.execute(
            text("SELECT due_date FROM receivable WHERE number = :number"), {"number": number}
        )
        return str(found.scalar_one())


def test_the_effect_is_shown_first_and_the_move_leaves_its_trace(office: Office) -> None:
    page = f"/backoffice/receivables/{office.id_of('F-1')}"
    before = due(office, "F-1")
    with office.sits(office.book.people.alice) as alice, counted(office.engine) as statements:
        shown = alice.post(f"{page}/due-date", data={**ASKED, "to_on": "2026-12-20"})
        assert (shown.status_code, due(office, "F-1")) == (200, before)
        assert len(statements) <= MOST_STATEMENTS
        assert "À cet instant, au centime près." in shown.text
        done = alice.post(f"{page}/due-date",
                          data={**ASKED, "to_on": "2026-12-20", "confirmed": "yes"})  # fmt: skip
        assert (done.status_code, done.headers["location"]) == (303, page)
        after = alice.get(page).text
    assert due(office, "F-1") == "2026-12-20"
    assert "Their mail of today." in after
    assert "à la cession" in after


def test_a_far_date_waits_in_the_queue_of_a_second_person(office: Office) -> None:
    page = f"/backoffice/receivables/{office.id_of('F-2')}"
    before = due(office, "F-2")
    with office.sits(office.book.people.jules) as jules:
        jules.post(f"{page}/due-date",
                   data={**ASKED, "to_on": "2027-03-01", "confirmed": "yes"})  # fmt: skip
        assert "une seconde personne décide" in jules.get(page).text
    assert due(office, "F-2") == before
    with office.sits(office.book.people.chloe) as chloe:
        (change,) = re.findall(r"/backoffice/receivables/due-dates/\d+", chloe.get(
            "/backoffice?kind=approval").text)  # fmt: skip
        seen = re.search(r'name="seen" value="(\w+)"', chloe.get(change).text)
        assert seen is not None
        no = chloe.post(f"{change}/decision", data={"answer": "reject", "seen": seen[1]})
        assert (no.status_code, "dites pourquoi" in no.text.lower()) == (422, True)
        yes = chloe.post(f"{change}/decision", data={"answer": "approve", "seen": seen[1]})
        assert yes.status_code == 303
        assert chloe.get(change).status_code == 200
    assert due(office, "F-2") == "2027-03-01"


def test_a_date_that_makes_no_sense_is_told_beside_its_field(office: Office) -> None:
    page = f"/backoffice/receivables/{office.id_of('F-1')}/due-date"
    with office.sits(office.book.people.alice) as alice:
        told = alice.post(page, data={**ASKED, "to_on": "2020-01-01"})
    assert told.status_code == 422
    assert "elle n’est pas due avant" in told.text


def test_the_house_says_how_far_one_person_goes(office: Office) -> None:
    path = "/backoffice/settings/due-dates"
    with office.sits(office.book.people.eva) as eva:
        assert eva.post(path, data={"alone_days": "3"}).status_code == 303
        assert eva.post(path, data={"alone_days": "400"}).status_code == 422
        assert 'value="3"' in eva.get(path).text
    with office.sits(office.book.people.alice) as alice:
        assert alice.post(path, data={"alone_days": "90"}).status_code == 403
