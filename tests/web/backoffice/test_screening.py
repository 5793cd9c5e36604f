"""Screening at the desk: a list is loaded, an alert compared side by side, cleared by two."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from cessio.plumbing.jobs import run_pending
from cessio.worker import load_jobs
from tests.counting import counted
from tests.screening.samples import EU, own
from tests.web.backoffice.office import MOST_STATEMENTS, Office

HOME = "/backoffice/screening"
CSV = {"source": "own", "dated_on": "2026-11-16"}


def load(office: Office, data: bytes, **more: str) -> int:
    with office.sits(office.book.people.chloe) as chloe:
        answer = chloe.post(f"{HOME}/lists", data={**CSV, **more},
                            files={"file": ("list.csv", data, "text/csv")})  # fmt: skip
    return answer.status_code


@pytest.fixture
def alerted(office: Office) -> int:
    """Alpha resembles an entry; the job of the loaded list found it."""
    load_jobs()
    assert load(office, own("Alfa Métallerie", "Nobody Else")) == 303
    run_pending(office.engine)
    with office.engine.connect() as connection:
        return int(connection.execute(text("SELECT id FROM screening_alert")).scalar_one())


def test_both_sides_are_compared_and_two_people_clear(office: Office, alerted: int) -> None:
    people, path = office.book.people, f"{HOME}/{alerted}"
    with office.sits(people.chloe) as chloe:
        with counted(office.engine) as statements:
            listed = chloe.get(HOME)
        assert len(statements) <= MOST_STATEMENTS
        assert "Alfa Métallerie" in listed.text
        today = chloe.get("/backoffice?scope=all&kind=screening")
        assert f"{path}?queue=" in today.text
        shown = chloe.get(path)
        assert "metallerie" in shown.text
        assert "812340016" in shown.text
        assert chloe.post(f"{path}/opinions", data={"verdict": "clear"}).status_code == 422
        said = {"verdict": "clear", "reason": "Another SIREN, another country."}
        assert chloe.post(f"{path}/opinions", data=said).status_code == 303
        assert chloe.post(f"{path}/opinions", data=said).status_code == 422
    with office.sits(people.bruno) as bruno:
        assert bruno.post(f"{path}/opinions", data=said).status_code == 303
        assert "Another SIREN" in bruno.get(path).text
    with office.sits(people.alice) as alice:
        assert alice.get(path).status_code == 200
        assert alice.post(f"{path}/opinions", data=said).status_code == 403
        assert f'href="{path}"' in alice.get(f"/backoffice/clients/{people.alpha.id}").text
    with office.sits(people.denis) as denis:
        assert denis.get(path).status_code == 403
        page = denis.get(f"/backoffice/clients/{people.alpha.id}")
        assert f'href="{path}"' not in page.text


def test_a_file_with_a_fault_is_refused_at_its_line_and_nothing_of_it_stays(
    office: Office,
) -> None:
    with office.sits(office.book.people.chloe) as chloe:
        data = EU.replace("EU.9002.1", "EU.9001.1").encode()
        answer = chloe.post(f"{HOME}/lists", data={"source": "eu"},
                            files={"file": ("eu.xml", data, "text/xml")})  # fmt: skip
    assert answer.status_code == 422
    assert "13" in answer.text
    with office.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM list_entry")).scalar_one() == 0


def test_an_older_file_asks_to_be_confirmed(office: Office, alerted: int) -> None:
    older = {"dated_on": "2026-11-10"}
    assert load(office, own("Third Man"), **older) == 422
    assert load(office, own("Third Man"), confirmed="yes", **older) == 303
    with office.sits(office.book.people.karine) as karine:
        page = karine.get(f"{HOME}/lists")
        assert page.text.count("/file") == 2
        assert "Load a list" not in page.text
        assert "Charger" not in page.text


def test_a_name_is_searched_by_hand(office: Office, alerted: int) -> None:
    with office.sits(office.book.people.alice) as alice:
        page = alice.get(f"{HOME}/search", params={"q": "Metallerye Alpha"})
        assert "Alfa Métallerie" in page.text
        assert "Alfa Métallerie" not in alice.get(f"{HOME}/search", params={"q": "Durand"}).text


def test_without_a_list_today_says_so_and_an_old_one_too(office: Office) -> None:
    with office.sits(office.book.people.chloe) as chloe:
        asked = "/backoffice?scope=all&kind=old_list"
        assert f"{HOME}/lists?queue=" in chloe.get(asked).text
        load(office, own("Nobody Else"))
        assert f"{HOME}/lists?queue=" not in chloe.get(asked).text


def test_the_house_sets_the_score_and_only_the_administrator_does(office: Office) -> None:
    people, data = office.book.people, {"threshold": "80", "stale_days": "3"}
    with office.sits(people.eva) as eva:
        assert eva.post(f"{HOME}/settings", data=data).status_code in (303, 403)
    with office.sits(people.chloe) as chloe:
        assert chloe.post(f"{HOME}/settings", data=data).status_code == 403
