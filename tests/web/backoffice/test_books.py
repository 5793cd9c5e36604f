"""Settlement, reference rates, funds, trial balance, verification, jobs, audit, approvals."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from cessio import funding
from cessio.contracts import queries as contracts
from cessio.contracts.rules import IndexName
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import enqueue, run_pending
from cessio.settlement import queries as settlement
from cessio.worker import load_jobs
from tests.books import lose
from tests.counting import counted
from tests.web.agreed import agree
from tests.web.backoffice.desk import Desk, make_desk, money_in

PATH = "/backoffice/settlement"


@pytest.fixture
def desk(engine: Engine, now: datetime, tmp_path: Path) -> Desk:
    return make_desk(engine, now, tmp_path, payout_approval_threshold_minor=1_000_00)


def test_a_day_is_settled_by_hand_once(desk: Desk) -> None:
    first = desk.bruno.post(f"{PATH}/runs", data={"on": "2026-11-15"})
    assert first.status_code == 303, first.text
    again = desk.bruno.post(f"{PATH}/runs", data={"on": "2026-11-15"})
    assert again.status_code == 303
    shown = desk.bruno.get(PATH).text
    assert "Day settled" in shown
    assert "Nothing was due" in shown
    assert "Bruno Petit" in shown
    with transaction(desk.engine) as session:
        assert {one.on.isoformat() for one in settlement.runs(session)} == {"2026-11-15"}


def test_a_day_that_has_not_come_or_has_no_rate_is_refused_in_words(desk: Desk) -> None:
    tomorrow = desk.bruno.post(f"{PATH}/runs", data={"on": "2026-11-17"})
    assert tomorrow.status_code == 422
    assert "has not come yet" in tomorrow.text
    with transaction(desk.engine) as session:
        lose(session, "index_fixing")
    without = desk.bruno.post(f"{PATH}/runs", data={"on": "2026-11-16"})
    assert without.status_code == 422
    assert "No value of" in without.text


def test_a_day_is_closed_once_it_is_over_and_settled(desk: Desk) -> None:
    early = desk.bruno.post(f"{PATH}/closings", data={"on": "2026-11-16"})
    assert early.status_code == 422
    assert "is not over yet" in early.text
    unsettled = desk.bruno.post(f"{PATH}/closings", data={"on": "2026-11-15"})
    assert unsettled.status_code == 422
    desk.bruno.post(f"{PATH}/runs", data={"on": "2026-11-15"})
    closed = desk.bruno.post(f"{PATH}/closings", data={"on": "2026-11-15"})
    assert closed.status_code == 303, closed.text
    assert "Closed up to 15 November 2026." in desk.bruno.get(PATH).text
    assert desk.denis.post(f"{PATH}/closings", data={"on": "2026-11-15"}).status_code == 403


def test_reference_rates_are_entered_and_imported_whole_or_not_at_all(desk: Desk) -> None:
    form = {"index": "estr", "fixed_on": "2026-11-13", "rate": "1,93", "source": "BCE"}
    ines = desk.visit(desk.book.people.ines)
    agree(ines, desk.bruno.post(f"{PATH}/fixings", data=form))
    assert "1.930%" in desk.bruno.get(f"{PATH}/fixings?index=estr").text
    late = desk.bruno.post(f"{PATH}/fixings", data={**form, "fixed_on": "2026-12-01"})
    assert late.status_code == 422
    assert "is in the future" in late.text
    bad = b"date;rate\n2026-11-10;2,01\n2026-11-11;many\n"
    files = {"file": ("rates.csv", bad, "text/csv")}
    more = {"file_index": "euribor_1m", "file_source": "EMMI"}
    refused = desk.bruno.post(f"{PATH}/fixings/files", files=files, data=more)
    assert refused.status_code == 422
    assert "Line 3" in refused.text
    with transaction(desk.engine) as session:
        first = desk.today.replace(day=1)
        known = contracts.fixings(session, IndexName.EURIBOR_1M, from_on=first, to_on=desk.today)
        assert known == ()
    files = {"file": ("rates.csv", bad.replace(b"many", b"2,02"), "text/csv")}
    agree(ines, desk.bruno.post(f"{PATH}/fixings/files", files=files, data=more))
    assert "2.020%" in desk.bruno.get(f"{PATH}/fixings?index=euribor_1m").text


def test_funds_show_balance_and_target_and_can_be_taken_away(desk: Desk) -> None:
    shown = desk.bruno.get(f"{PATH}/funds").text
    assert "€2,500.00" in shown  # ten per cent of 25 000
    assert desk.bruno.get(f"{PATH}/funds?format=csv").status_code == 200
    assert desk.bruno.get(f"{PATH}/funds?format=xlsx").content.startswith(b"PK")


def test_the_trial_balance_is_even(desk: Desk) -> None:
    desk.receive(money_in(desk, 12_000_00, "FA-1001"))
    shown = desk.bruno.get(f"{PATH}/ledger").text
    totals = re.search(r"<tfoot>.*?<td[^>]*>([^<]+)</td><td[^>]*>([^<]+)</td>", shown, re.S)
    assert totals is not None
    assert totals.group(1) == totals.group(2)
    assert "VAT collected" in shown
    assert desk.bruno.get(f"{PATH}/ledger?format=csv").status_code == 200


def test_the_books_are_verified_by_a_job_that_names_what_is_wrong(desk: Desk) -> None:
    load_jobs()
    asked = desk.bruno.post("/backoffice/verify")
    assert asked.status_code == 303
    assert desk.bruno.post("/backoffice/verify").headers["location"] == asked.headers["location"]
    run_pending(desk.engine, clock=lambda: desk.now)
    done = desk.bruno.get(asked.headers["location"]).text
    assert "See the result" in done
    assert "Everything is right" in desk.bruno.get("/backoffice/verify").text
    with transaction(desk.engine) as session:
        session.execute(text("ALTER TABLE receivable DISABLE TRIGGER USER"))
        session.execute(text("UPDATE receivable SET open_minor = open_minor - 1 WHERE id = 1"))
    with transaction(desk.engine) as session:
        enqueue(session, kind="closing.verify", key="again", payload={}, by="person:1", at=desk.now)
    run_pending(desk.engine, clock=lambda: desk.now)
    wrong = desk.bruno.get("/backoffice/verify").text
    assert "receivable 1 (FA-1001)" in wrong


def test_jobs_tell_their_state_and_why_they_failed_and_run_again(desk: Desk) -> None:
    load_jobs()
    with transaction(desk.engine) as session:
        job_id = enqueue(
            session, kind="remittance.check", key="x", payload={"remittance_id": 99},
            by=desk.book.people.gilles.by, at=desk.now,
        )  # fmt: skip
    run_pending(desk.engine, clock=lambda: desk.now)
    listed = desk.bruno.get("/backoffice/jobs?state=dead").text
    assert "Check of a remittance" in listed
    shown = desk.bruno.get(f"/backoffice/jobs/{job_id}").text
    assert "Why it failed" in shown
    assert "no remittance" in shown.lower() or "remittance 99" in shown.lower()
    assert desk.denis.post(f"/backoffice/jobs/{job_id}/again").status_code == 403
    assert desk.bruno.post(f"/backoffice/jobs/{job_id}/again").status_code == 303
    assert "Waits its turn" in desk.bruno.get(f"/backoffice/jobs/{job_id}").text
    part = desk.bruno.get(
        f"/backoffice/jobs/{job_id}", headers={"HX-Request": "true", "HX-Target": "progress"}
    )
    assert part.text.strip().startswith("<section")


def test_the_journal_says_who_did_what_and_what_it_changed(desk: Desk) -> None:
    desk.receive(money_in(desk, 12_000_00, "FA-1001"))
    karine = desk.visit(desk.book.people.karine)
    shown = karine.get("/backoffice/audit")
    assert shown.status_code == 200
    assert "Bank statement imported" in shown.text
    assert "Denis Moreau" in shown.text
    denis = desk.book.people.denis
    only = karine.get(f"/backoffice/audit?person={denis.id}&subject=bank_statement").text
    assert "Bank statement imported" in only
    assert "Company registered" not in only
    none = karine.get("/backoffice/audit?from=2026-11-17").text
    assert "Nothing was done that fits" in none
    assert b"Denis Moreau" in karine.get("/backoffice/audit?format=csv").content
    assert desk.denis.get("/backoffice/audit").status_code == 403


def test_what_waits_for_a_second_person_is_in_one_list(desk: Desk) -> None:
    assert "Nothing waits for a second person" in desk.bruno.get("/backoffice/approvals").text
    with transaction(desk.engine) as session:
        answer = funding.request_drawdown(
            session, contract_id=desk.book.alpha, amount_minor=2_000_00,
            by=desk.book.people.fanny.by, at=desk.now,
        )  # fmt: skip
    shown = desk.bruno.get("/backoffice/approvals").text
    assert f"/backoffice/funding/{answer.drawdown_id}" in shown
    assert "€2,000.00" in shown
    assert "Fanny" in shown


def test_the_factors_accounts_are_registered_by_the_administrator(desk: Desk) -> None:
    eva = desk.visit(desk.book.people.eva)
    form = {"name": "Second", "iban": "FR76 3000 4008 1200 0101 2345 640", "bic": "BNPAFRPPXXX",
            "holder": "Cessio Factor", "currency": "EUR"}  # fmt: skip
    agree(desk.visit(desk.book.people.karine), eva.post("/backoffice/settings/accounts", data=form))
    shown = eva.get("/backoffice/settings/factor").text
    assert "Second" in shown
    again = eva.post("/backoffice/settings/accounts", data=form)
    assert again.status_code == 422
    assert "is registered already" in again.text
    assert desk.bruno.post("/backoffice/settings/accounts", data=form).status_code == 403


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_opens_in_both_languages_with_few_statements(desk: Desk, language: str) -> None:
    desk.bruno.post(f"{PATH}/runs", data={"on": "2026-11-15"})
    desk.receive(money_in(desk, 12_000_00, "FA-1001"))
    paths = [f"{PATH}{tail}" for tail in ("", "/funds", "/financing", "/financing?contract=1",
                                          "/fixings", "/ledger")]  # fmt: skip
    paths += ["/backoffice/verify", "/backoffice/jobs", "/backoffice/jobs/1",
              "/backoffice/approvals", "/backoffice/settings"]  # fmt: skip
    bruno = desk.visit(desk.book.people.bruno, language)
    for path in paths:
        with counted(desk.engine) as statements:
            answer = bruno.get(path)
        assert answer.status_code == 200, (path, answer.text)
        assert len(statements) <= 50, path
