"""Declaring a debtor's insolvency: shown before, done once, its claims in Today until declared."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.web.backoffice.desk import Desk, make_desk


@pytest.fixture
def desk(engine: Engine, now: datetime, tmp_path: Path) -> Desk:
    return make_desk(engine, now, tmp_path, blanket_cover_minor=100_000_00)


def test_from_the_judgment_to_the_declared_claims(desk: Desk) -> None:
    people = desk.book.people
    durand = people.durand.id
    page, today = f"/backoffice/debtors/{durand}/insolvency", desk.today.isoformat()
    collector = desk.visit(people.jules)
    before = collector.get(page).text
    assert "Reminders stop" in before
    assert "Limit after" in before
    told = {
        "procedure": "receivership",
        "judged_on": today,
        "published_on": today,
        "court": "Lyon",
        "representative": "Me Roche",
        "address": "12 rue du Palais\n69003 Lyon",
    }
    assert collector.post(page, data={**told, "judged_on": "2030-01-01"}).status_code == 422
    assert collector.post(page, data=told).status_code in (200, 303)
    assert collector.post(page, data=told).status_code == 422
    assert page in collector.get("/backoffice?kind=insolvency").text
    assert "Me Roche" not in collector.get("/backoffice/collections/insolvencies").text
    assert "Insolvent since" in collector.get(f"/backoffice/debtors/{durand}").text
    assert collector.get(f"{page}/claim.pdf").status_code == 404
    collector.post(f"{page}/claim", data={})
    assert collector.get(f"{page}/claim.pdf").content.startswith(b"%PDF")
    more = {**told, "again": "yes", "representative": "Me Perrin"}
    assert collector.post(page, data=more).status_code in (200, 303)
    assert "Me Perrin" in collector.get(page).text
    collector.post(f"{page}/claimed", data={"on": today})
    assert page not in collector.get("/backoffice?kind=insolvency").text
    assert desk.denis.post(page, data=told).status_code == 403
    collector.post(f"{page}/end", data={"reason": "mistake", "why": "homonyme"})
    assert "Insolvent since" not in collector.get(f"/backoffice/debtors/{durand}").text
