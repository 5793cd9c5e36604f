"""Rights are lent on a page, agreed to on another, used on a third, and taken back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from cessio.identity import queries as identity
from cessio.plumbing.database import transaction
from tests.web.agreed import agree
from tests.web.backoffice.desk import make_desk

PATH = "/backoffice/delegations"


def test_rights_are_lent_used_and_taken_back(engine: Engine, now: datetime, tmp_path: Path) -> None:
    desk = make_desk(engine, now, tmp_path)
    people = desk.book.people
    chloe, karine, denis = (desk.visit(one) for one in (people.chloe, people.karine, people.denis))
    assert PATH in chloe.get("/backoffice/approvals").text
    lent = {"deputy": str(people.denis.id), "from_on": "2026-11-16", "to_on": "2026-11-20",
            "reason": "on leave", "up_to": "50 000"}  # fmt: skip
    assert chloe.post(PATH, data=lent).status_code == 422  # nothing is ticked
    ticked = {**lent, "permissions": ["approve_contracts", "approve_limits"]}
    assert chloe.post(PATH, data={**ticked, "deputy": str(people.eva.id)}).status_code == 422
    assert chloe.post(PATH, data={**ticked, "lender": str(people.alice.id)}).status_code == 422
    agree(karine, chloe.post(PATH, data=ticked))
    with transaction(engine) as session:
        [held] = identity.lent_to(session, people.denis.id, now.date())
    assert (held.up_to_minor, len(held.permissions)) == (50_000_00, 2)
    for reader in (chloe, denis):
        assert people.chloe.name in reader.get(PATH).text
    assert "Take back" in denis.get(PATH).text
    assert "Take back" not in karine.get(PATH).text
    assert karine.post(f"{PATH}/{held.id}/end").status_code == 403
    assert denis.post(f"{PATH}/{held.id}/end").status_code == 303
    with transaction(engine) as session:
        assert identity.lent_to(session, people.denis.id, now.date()) == ()
    assert denis.post(f"{PATH}/{held.id}/end").status_code == 409
