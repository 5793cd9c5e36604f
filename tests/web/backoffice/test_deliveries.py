"""A folder for a bank, the report it finds there each month, and a report of a past day."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cessio.delivery import drop
from cessio.delivery.queries import recipients
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import run_pending
from cessio.reporting.operations import plan_reports
from cessio.reporting.queries.loan_tape import issued_reports, loan_tape
from cessio.worker import load_jobs
from tests.web.backoffice.desk import Desk, make_desk, money_in

PAGE = "/backoffice/settings/deliveries"


@pytest.fixture
def desk(engine: Engine, now: datetime, tmp_path: Path) -> Desk:
    return make_desk(engine, now, tmp_path)


def test_a_bank_finds_the_report_of_each_period_in_its_folder(desk: Desk) -> None:
    load_jobs()
    eva = desk.visit(desk.book.people.eva)
    assert eva.post(PAGE, data={"name": "Banque A", "folder": "../x"}).status_code == 422
    assert eva.post(PAGE, data={"name": "B", "folder": "b", "client": "NONE"}).status_code == 422
    opened = eva.post(PAGE, data={"name": "Banque A", "folder": "banque-a"})
    assert opened.status_code == 303
    one = opened.headers["location"]
    assert desk.bruno.post(PAGE, data={"name": "C", "folder": "c"}).status_code == 403
    said = {"rhythm": "daily", "format": ["csv", "pdf"], "language": "en"}
    assert eva.post(f"{one}/reports", data=said).status_code == 303
    assert eva.post(f"{one}/reports", data=said).status_code == 422
    on = desk.today
    later = desk.now + timedelta(days=1)
    for _ in range(2):
        with transaction(desk.engine) as session:
            plan_reports(session, on=on, by="job:x", at=later)
        run_pending(desk.engine, clock=lambda: later, raising=True)
    with transaction(desk.engine) as session:
        [bank] = recipients(session)
        sent = issued_reports(session)
    place = drop.root() / bank.folder / "files"
    assert {each.name for each in place.iterdir()} >= {
        f"portfolio_{on:%Y%m%d}.csv", f"portfolio_{on:%Y%m%d}.pdf"
    }  # fmt: skip
    assert sorted(each.format for each in sent) == ["csv", "pdf"]
    page = eva.get(one).text
    assert f"portfolio_{on:%Y%m%d}.csv" in page
    assert "Every working day" in page
    rows = list(csv.DictReader(io.StringIO(
        (place / f"portfolio_{on:%Y%m%d}.csv").read_bytes().decode("utf-8-sig"))))  # fmt: skip
    assert {row["Verification code"] for row in rows} == {sent[0].verification_code}
    assert eva.post(f"{one}/end").status_code == 303
    assert "Nothing more" in eva.get(PAGE).text


def test_a_past_day_is_told_as_it_was_known_then(desk: Desk) -> None:
    with transaction(desk.engine) as session:
        before = loan_tape(session, on=desk.today)
    tomorrow = desk.now + timedelta(days=1)
    desk.receive(money_in(desk, 12_000_00, "FA-1001"))
    with transaction(desk.engine) as session:
        now_known = loan_tape(session, on=desk.today)
        again = loan_tape(session, on=desk.today, is_past=True)
    assert again.totals == now_known.totals != ()
    assert again.sha256 == now_known.sha256
    yesterday = (desk.today - timedelta(days=1)).isoformat()
    page = desk.bruno.get(f"/backoffice/reports?on={yesterday}")
    assert page.status_code == 200
    assert "As it was known at the end of that day" in page.text
    assert desk.bruno.get("/backoffice/reports?on=2031-01-01").status_code == 422
    assert before.as_of == date(tomorrow.year, tomorrow.month, desk.today.day)
    assert re.search(r"name=.on.", page.text)
