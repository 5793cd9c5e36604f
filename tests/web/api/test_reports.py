"""Portfolio reports and the schedules of reports and statements, by keys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from cessio import delivery
from cessio.plumbing.database import transaction
from tests.web.api.test_api import World, world

__all__ = ["world"]

REPORTS = "/reports/portfolio"
BEGINS = {"pdf": b"%PDF", "xlsx": b"PK", "csv": b"\xef\xbb\xbf"}


def test_a_report_is_issued_listed_and_fetched_in_each_format(world: World) -> None:
    who = world.people
    for file_format, begins in BEGINS.items():
        made = world.post(REPORTS, who.alice, {"format": file_format}, key=file_format)
        assert made.status_code == 201, made.text
        path = f"{REPORTS}/{made.json()['report_id']}/file"
        found = world.get(path, who.alice)
        assert found.content.startswith(begins)
        for refused in (who.fanny, who.helene, who.jules):
            expected = 200 if refused is who.jules else 403
            assert world.get(path, refused).status_code == expected, refused.name
    listed = world.get(REPORTS, who.alice).json()["reports"]
    assert [one["format"] for one in listed] == [*BEGINS][::-1]
    assert len({one["verification_code"] for one in listed}) == 1
    assert world.get(f"{REPORTS}/999/file", who.alice).status_code == 404
    for odd in ({"format": "docx"}, {"format": "pdf", "on": "2999-01-01"}, {}):
        assert world.post(REPORTS, who.alice, odd, key=str(odd)).status_code in (400, 422)


def test_a_schedule_of_reports_is_made_and_ended_by_who_may_set(
    world: World, engine: Engine, now: datetime
) -> None:
    who = world.people
    with transaction(engine) as session:
        bank = delivery.open_recipient(session, name="Banque A", folder="banque-a",
                                       by=who.eva.by, at=now)  # fmt: skip
        client = delivery.open_recipient(session, name="Alpha", folder="alpha", by=who.eva.by,
                                         client_id=who.alpha.id, at=now)  # fmt: skip
    weekly = {"rhythm": "weekly", "formats": ["csv", "pdf"], "language": "en"}
    path = f"/recipients/{bank}/reports"
    for refused in (who.alice, who.ines, who.fanny):
        assert world.post(path, refused, weekly).status_code == 403, refused.name
    made = world.post(path, who.eva, weekly).json()
    assert made["wanted"] == {"rhythm": "weekly", "formats": ["pdf", "csv"], "language": "en"}
    assert world.post(path, who.eva, weekly, key="k2").status_code == 409  # it is so already
    assert world.post(f"/recipients/{client}/reports", who.eva, weekly).status_code == 422
    assert world.post(path, who.eva, {**weekly, "language": "de"}, key="k3").status_code == 422
    ended = world.post(path, who.eva, {"rhythm": "none", "formats": []}, key="k4").json()
    assert ended["wanted"]["rhythm"] == "none"
    [one] = world.get("/recipients", who.alice).json()["recipients"]
    assert (one["recipient"]["name"], one["order"]["wanted"]["rhythm"]) == ("Banque A", "none")


def test_how_often_statements_are_made_is_said_by_the_client_or_its_manager(
    world: World,
) -> None:
    who, path = world.people, f"/contracts/{world.contract_id}/statements"
    daily = {"rhythm": "daily", "formats": ["pdf", "csv"], "language": "en"}
    made = world.post(f"{path}/order", who.fanny, daily)
    assert made.status_code == 200, made.text
    held = world.get(path, who.alice).json()["order"]["wanted"]
    assert held == {"rhythm": "daily", "formats": ["pdf", "csv"], "language": "en"}
    none = {"rhythm": "none", "formats": []}
    assert world.post(f"{path}/order", who.alice, none).status_code == 200
    assert world.post(f"{path}/order", who.alice, {**daily, "formats": []}, "k2").status_code == 422
    for refused in (who.helene, who.denis):
        assert world.post(f"{path}/order", refused, daily, "k3").status_code in (403, 404)
    assert world.get(path, who.fanny).json()["order"]["wanted"]["rhythm"] == "none"
