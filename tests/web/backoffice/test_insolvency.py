"""Declaring a debtor's insolvency: shown before, done once, its claims in Today until declared."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from cessio.collections.operations.insolvency import declare_insolvency
from cessio.collections.rules.insolvency import Judgment, Procedure
from cessio.limits import NewLimit
from cessio.plumbing.database import transaction
from cessio.receivables.operations.limits import decide_limit
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


def test_limits_brought_down_are_shown_in_the_currency_of_their_contract(desk: Desk) -> None:
    durand = desk.book.people.durand.id
    with transaction(desk.engine) as session:
        session.execute(text("UPDATE contract SET currency = 'GBP' WHERE id = :id"),
                        {"id": desk.book.alpha})  # fmt: skip
        limit = NewLimit(contract_id=desk.book.alpha, debtor_id=durand, amount_minor=7_000_00)
        decide_limit(session, limit=limit, by=desk.book.people.chloe.by, at=desk.now)
        judgment = Judgment(Procedure.LIQUIDATION, desk.today, None, None, None, ())
        declare_insolvency(session, debtor_id=durand, judgment=judgment, by="staff:jules",
                           at=desk.now)  # fmt: skip
    page = desk.visit(desk.book.people.jules).get(f"/backoffice/debtors/{durand}/insolvency").text
    lowered = page[page.index("Limits brought down") :]
    assert "£7,000.00 → £" in lowered
    assert "€7,000.00" not in page
