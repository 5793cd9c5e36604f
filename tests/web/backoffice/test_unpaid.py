"""Invoices nobody paid: settled from the list, followed on their file, waiting in Today."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from cessio.plumbing.database import transaction
from tests.counting import counted
from tests.web.agreed import agree
from tests.web.backoffice.desk import Desk, make_desk, money_in

PATH = "/backoffice/settlement/unpaid"


@pytest.fixture
def desk(engine: Engine, now: datetime, tmp_path: Path) -> Desk:
    """Durand is insolvent: what it owes Alpha and is covered is indemnified at once."""
    made = make_desk(engine, now, tmp_path, blanket_cover_minor=100_000_00)
    with transaction(engine) as session:
        session.execute(
            text("UPDATE debtor SET insolvent_on = :on WHERE id = :id"),
            {"on": made.now.date(), "id": made.book.people.durand.id},
        )
    return made


def test_from_the_list_to_the_last_recovered_euro(desk: Desk) -> None:
    manager = desk.visit(desk.book.people.alice)
    page = manager.get(PATH)
    assert page.status_code == 200
    assert "The debtor is insolvent" in page.text
    with transaction(desk.engine) as session:
        ids = session.execute(
            text("SELECT id FROM receivable WHERE debtor_id = :id AND closed_on IS NULL"
                 " AND contract_id = :contract ORDER BY id"),
            {"id": desk.book.people.durand.id, "contract": desk.book.alpha},
        ).scalars().all()  # fmt: skip
    today = manager.get("/backoffice?kind=unpaid").text
    assert f"{PATH}?contract={desk.book.alpha}" in today
    assert manager.post(PATH, data={}).status_code == 422
    done = manager.post(PATH, data={"id": [str(ids[0])]})
    agree(desk.visit(desk.book.people.chloe), done)
    with transaction(desk.engine) as session:
        made = session.execute(text("SELECT max(id) FROM unpaid_settlement")).scalar_one()
    file = f"{PATH}/{made}"
    manager.post(f"{file}/claim", data={"insurer": "Acredia", "deductible": "100.00"})
    manager.post(f"{file}/answer", data={"agreed": "200.00"})
    desk.receive(money_in(desk, 200_00, "SINISTRE 7", name="ACREDIA", iban=None))
    with transaction(desk.engine) as session:
        line = session.execute(text("SELECT max(id) FROM bank_line")).scalar_one()
    clerk = desk.denis
    assert "ACREDIA" in clerk.get(file).text
    booked = {"line": str(line), "kind": "insurer", "reference": "Sinistre 7"}
    assert clerk.post(f"{file}/cash", data={**booked, "amount": "200.01"}).status_code == 422
    assert clerk.post(f"{file}/cash", data=booked).status_code in (200, 303)
    shown = manager.get(file).text
    assert "Paid by the insurer" in shown
    assert "Withdraw the claim" not in shown
    assert manager.post(f"{file}/undo", data={"reason": "x"}).status_code == 422


def test_who_may_not_settle_sees_and_does_not(desk: Desk) -> None:
    assert desk.denis.post(PATH, data={"id": ["1"]}).status_code == 403
    with counted(desk.engine) as queries:
        assert desk.denis.get(PATH).status_code == 200
    assert len(queries) <= 50
    assert desk.denis.get(f"{PATH}/999999").status_code == 404
    answer = desk.denis.get(f"{PATH}?format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
