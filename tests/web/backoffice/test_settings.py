"""What the factor sets for itself: who it is, and what its documents then carry."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from cessio.plumbing.database import transaction
from cessio.statements import queries as statements
from tests.web.backoffice.desk import counted, make_desk

PATH = "/backoffice/settings"
TOLD = {
    "firm": "Cessio Affacturage SA", "legal": "Société de financement agréée par l’ACPR",
    "siren": "552 100 554", "street": "12 rue de la Paix", "post_code": "75002", "city": "Paris",
}  # fmt: skip


def test_the_factors_identity_is_said_once_and_printed_from_then_on(
    engine: Engine, now: datetime, tmp_path: Path
) -> None:
    desk = make_desk(engine, now, tmp_path)
    eva = desk.visit(desk.book.people.eva)
    with transaction(engine) as session:
        before = statements.parties_of(session, contract_id=desk.book.alpha)
    assert before.factor_name == "Cessio Factor"
    wrong = eva.post(f"{PATH}/identity", data={**TOLD, "siren": "552 100 555"})
    assert wrong.status_code == 422
    assert "552 100 555" in wrong.text
    assert eva.post(f"{PATH}/identity", data=TOLD).status_code == 303
    assert desk.denis.post(f"{PATH}/identity", data=TOLD).status_code == 403
    again = {**TOLD, "street": "14 rue de la Paix"}
    assert eva.post(f"{PATH}/identity", data=again).status_code == 303
    with transaction(engine) as session:
        after = statements.parties_of(session, contract_id=desk.book.alpha)
    assert after.factor_name == "Cessio Affacturage SA"
    assert "SIREN 552" in after.factor_legal
    assert after.factor_address == ("14 rue de la Paix", "75002 Paris")
    with counted(engine) as seen:
        page = eva.get(PATH)
    assert len(seen) <= 50
    assert "14 rue de la Paix" in page.text
    journal = desk.visit(desk.book.people.karine).get("/backoffice/audit").text
    assert "Identity of the factor set" in journal
