"""The bell as people see it: the count in the head, the list, the choices."""

from __future__ import annotations

import re

from cessio.notifications import notify
from cessio.plumbing.database import transaction
from tests.counting import counted
from tests.web.backoffice.office import Office


def _tell(office: Office, *notes: str) -> None:
    with transaction(office.engine) as session:
        for note in notes:
            notify(
                session, person_ids=[office.book.people.denis.id], kind="line_parked",
                values={"note": note}, href="/backoffice/limits", at=office.now, key=note,
            )  # fmt: skip


def test_the_bell_counts_leads_and_is_marked(office: Office) -> None:
    _tell(office, "<b>whose?</b>", "second")
    with office.sits(office.book.people.denis) as denis:
        page = denis.get("/backoffice/notifications").text
        assert "Notifications, 2 non lues" in page
        assert "mis de côté pour vous\xa0: &lt;b&gt;whose?&lt;/b&gt;" in page
        first = re.search(r'href="(/backoffice/notifications/\d+)"', page)
        assert first is not None
        led = denis.get(first.group(1))
        assert (led.status_code, led.headers["location"]) == (303, "/backoffice/limits")
        assert "Notifications, 1 non lue" in denis.get("/backoffice/limits").text
        assert "whose" in denis.get("/backoffice/notifications?unread=yes").text
        done = denis.post("/backoffice/notifications/read", data={"all": "yes"})
        assert done.headers["location"] == "/backoffice/notifications"
        assert "non lue" not in denis.get("/backoffice/limits").text
        assert "whose" not in denis.get("/backoffice/notifications?unread=yes").text
    with office.sits(office.book.people.alice) as alice:
        assert alice.get(first.group(1)).status_code == 404


def test_choices_are_kept_and_obeyed(office: Office) -> None:
    with office.sits(office.book.people.denis) as denis:
        assert 'name="kind_line_parked"' in denis.get("/backoffice/notifications/choices").text
        denis.post("/backoffice/notifications/choices", data={"kind_line_parked": "none"})
        _tell(office, "unwanted")
        assert "unwanted" not in denis.get("/backoffice/notifications").text
        refused = denis.post("/backoffice/notifications/choices", data={"kind_nothing": "bell"})
        assert refused.status_code == 422


def test_the_bell_costs_one_statement_that_reads_an_index(office: Office) -> None:
    _tell(office, *(str(number) for number in range(30)))
    with office.sits(office.book.people.denis) as denis, counted(office.engine) as statements:
        denis.get("/backoffice/notifications/choices")
    assert sum("notification" in one for one in statements) == 2  # the count, and the choices


def test_what_shows_no_bell_counts_nothing_under_it(office: Office) -> None:
    """Nor reads the saved views: a file, and the part of a page that htmx asks for."""
    asked: list[tuple[str, dict[str, str]]] = [
        ("/backoffice/receivables?format=csv", {}),
        ("/backoffice/search?q=F-1", {"HX-Request": "true", "HX-Target": "found"}),
        ("/backoffice/receivables", {"HX-Request": "true"}),
    ]
    with office.sits(office.book.people.alice) as alice:
        for address, headers in asked:
            with counted(office.engine) as statements:
                assert alice.get(address, headers=headers).status_code == 200
            assert not [one for one in statements if "notification" in one or "saved_view" in one]
        history = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
        with counted(office.engine) as statements:
            alice.get("/backoffice/receivables", headers=history)
        assert sum("FROM saved_view" in one for one in statements) == 1


def test_a_remittance_that_waits_is_told_to_the_account_manager(office: Office) -> None:
    with office.sits(office.book.people.alice) as alice:
        page = alice.get("/backoffice/notifications").text
    assert (
        f"/backoffice/remittances/{office.waiting}"
        in alice.get(
            re.search(r'href="(/backoffice/notifications/\d+)"', page).group(1)  # type: ignore[union-attr]
        ).headers["location"]
    )


def test_the_list_is_given_as_a_file(office: Office) -> None:
    _tell(office, "=1+1")
    with office.sits(office.book.people.denis) as denis:
        body = denis.get("/backoffice/notifications?format=csv").text
    assert "mis de côté pour vous\xa0: =1+1" in body
