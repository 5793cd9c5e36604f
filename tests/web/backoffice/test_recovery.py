"""The collector hands a debtor's late invoices over and downloads the file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, text

from cessio.collections.operations.recovery import build_file
from cessio.plumbing.database import transaction
from tests.web.backoffice.desk import make_desk


def test_from_the_debtor_to_the_archive(engine: Engine, now: datetime, tmp_path: Path) -> None:
    desk = make_desk(engine, now, tmp_path)
    people = desk.book.people
    page = f"/backoffice/debtors/{people.durand.id}/recovery"
    collector = desk.visit(people.jules)
    assert page in collector.get(f"/backoffice/debtors/{people.durand.id}").text
    assert collector.post(page, data={"given_to": " "}).status_code == 422
    with transaction(engine) as session:
        ids = session.execute(
            text("SELECT id FROM receivable WHERE debtor_id = :id ORDER BY id"),
            {"id": people.durand.id},
        ).scalars().all()  # fmt: skip
    told = {"given_to": "Me Huissier", "invoice": [str(one) for one in ids]}
    assert collector.post(page, data=told).status_code in (200, 303)
    assert collector.post(page, data=told).status_code == 422
    assert "being made" in collector.get(page).text
    with transaction(engine) as session:
        file_id = session.execute(text("SELECT max(id) FROM recovery_file")).scalar_one()
        build_file(session, file_id=file_id, by="job:x", at=now)
        part = session.execute(
            text("SELECT id FROM document WHERE kind = 'recovery_file'")
        ).scalar_one()  # fmt: skip
        job = session.execute(
            text("SELECT count(*) FROM job WHERE kind = 'collections.recovery_file'")
        ).scalar_one()  # fmt: skip
    assert job == 1
    answer = collector.get(f"{page}/{file_id}/parts/{part}")
    assert answer.content.startswith(b"PK")
    assert collector.get(f"{page}/{file_id + 1}/parts/{part}").status_code == 404
    assert desk.denis.get(f"{page}/{file_id}/parts/{part}").status_code == 403
    collector.post(f"{page}/{file_id}/end", data={"reason": "taken_back"})
    assert "Taken back" in collector.get(page).text
