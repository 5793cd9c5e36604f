"""The accountant finds the journal and what to declare, on the client's own account numbers."""

from __future__ import annotations

import csv
import io

from sqlalchemy import text

from cessio.plumbing.database import transaction
from cessio.statements.queries import client_journal
from tests.counting import counted
from tests.web.portal.conftest import Portal

PERIOD = "from=2026-11-01&to=2026-11-30"
CHART = {
    "journal": "fact", "factor": "4671", "retention": "4672", "customers": "411", "fees": "6225",
    "vat": "44566", "financing": "6616", "bank": "58",
}  # fmt: skip


def test_the_journal_is_read_and_taken_away(portal: Portal, first: int) -> None:
    with counted(portal.engine) as ran:
        shown = portal.fanny.get(f"/portal/statements/journal?{PERIOD}")
    assert shown.status_code == 200
    assert len(ran) <= 50
    assert "467100" in shown.text
    assert "FEC" in shown.text
    file = portal.fanny.get(f"/portal/statements/journal?{PERIOD}&format=csv")
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    with transaction(portal.engine) as session:
        lines = client_journal(
            session, contract_id=portal.book.alpha, from_on=portal.now.date().replace(day=1),
            to_on=portal.now.date(),
        )  # fmt: skip
    assert len(rows) == len(lines) > 0
    fec = portal.fanny.get(f"/portal/statements/{portal.book.alpha}/fec?{PERIOD}")
    assert fec.status_code == 200
    assert fec.content.count(b"\r\n") == len(lines) + 1


def test_the_client_says_on_which_accounts_it_posts(portal: Portal, first: int) -> None:
    fanny = portal.fanny
    refused = fanny.post("/portal/statements/chart", data={**CHART, "factor": "911"})
    assert refused.status_code == 422
    assert "class, 1 to 8" in refused.text
    saved = fanny.post("/portal/statements/chart", data={**CHART, "bank": "580000"})
    assert saved.status_code == 303
    shown = fanny.get(f"/portal/statements/journal?{PERIOD}").text
    assert "4671" in shown
    assert "467100" not in shown
    assert "Journal FACT" in shown
    fec = fanny.get(f"/portal/statements/{portal.book.alpha}/fec?{PERIOD}").text
    assert all(line.startswith("FACT\t") for line in fec.strip().split("\r\n")[1:])


def test_a_reader_reads_the_journal_but_changes_no_account(portal: Portal, first: int) -> None:
    gilles = portal.book.people.gilles
    reading = portal.visit(gilles)
    with transaction(portal.engine) as session:
        session.execute(text("UPDATE person SET role = 'reader' WHERE id = :id"), {"id": gilles.id})
    assert reading.get(f"/portal/statements/journal?{PERIOD}").status_code == 200
    assert reading.get("/portal/statements/chart").status_code in (403, 404)


def test_nothing_collected_and_a_period_that_runs_backwards_are_said(
    portal: Portal, first: int
) -> None:
    shown = portal.fanny.get(f"/portal/statements/collections?{PERIOD}")
    assert "Nothing collected" in shown.text
    for page in ("journal", "collections"):
        answer = portal.fanny.get(f"/portal/statements/{page}?from=2026-11-10&to=2026-11-01")
        assert answer.status_code == 422
        assert "before it begins" in answer.text
