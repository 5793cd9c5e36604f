"""The house's own settings by keys: read by staff, changed by who may, with the pages' refusals."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Engine

from cessio import agreeing, approvals
from cessio.contracts.operations import Named, add_fee_grid
from cessio.contracts.rules import FeeKind
from cessio.contracts.rules.grids import FeeLine
from cessio.plumbing.database import transaction
from tests.web.api.test_api import World, world

__all__ = ["world"]


def test_what_the_house_set_is_read_and_changed_by_keys(
    world: World, engine: Engine, now: datetime
) -> None:
    who = world.people
    with transaction(engine) as session:
        grid = add_fee_grid(
            session, named=Named("STD", "Standard", "Standard"),
            lines=[FeeLine(FeeKind.PAYOUT, flat_minor=150)], effective_from=date(2026, 1, 1),
            by="system:setup", at=now,
        )  # fmt: skip
    dearer = {"effective_from": "2026-12-01", "lines": [{"kind": "payout", "flat_minor": 200}]}
    place = f"/settings/fee-grids/{grid}/versions"
    assert world.post(place, who.alice, dearer).status_code == 403
    asked = world.post(place, who.eva, dearer).json()["approval_id"]
    with transaction(engine) as session:
        seen = approvals.approval(session, asked).subject_hash
        agreeing.agree(session, approval_id=asked, seen=seen, by=who.karine.by, at=now)
    assert world.post(place, who.eva, {**dearer, "lines": []}, "k2").status_code == 422
    told = world.get("/settings/fee-grids", who.alice).json()
    versions = told["fee_grids"][0]["versions"]
    assert [one["lines"][0]["flat_minor"] for one in versions] == [200, 150]
    assert "payout" in told["charged"]
    assert "audit" not in told["charged"]
    assert world.get("/settings/products", who.alice).json() == {"products": []}
    assert world.get("/settings/fee-grids", who.fanny).status_code == 403

    words = {"language": "en", "subject": "Pay us, {client} told you", "body": "Dear {debtor}"}
    assert world.post("/settings/texts/notice_of_assignment", who.eva, words).status_code == 201
    wrong = {**words, "body": "{password}"}
    refused = world.post("/settings/texts/notice_of_assignment", who.eva, wrong, "k3")
    assert refused.status_code == 422
    texts = {one["code"]: one for one in world.get("/settings/texts", who.alice).json()["texts"]}
    said = [one["subject"] for one in texts["notice_of_assignment"]["wordings"]]
    assert words["subject"] in said


def test_days_closed_by_keys_are_no_business_days(world: World) -> None:
    who, asked = world.people, "/settings/calendar?from_on=2026-11-16&to_on=2026-11-18"
    closed = {"day": "2026-11-17", "label": "Inventory"}
    assert world.post("/settings/calendar/closings", who.denis, closed).status_code == 403
    assert world.post("/settings/calendar/closings", who.eva, closed).status_code == 201
    told = world.get(asked, who.alice).json()
    assert told["business_days"] == ["2026-11-16", "2026-11-18"]
    assert told["closed_by_the_house"] == [closed]
    assert told["cut_offs"]["payout"]["local"] == "15:30"
    opened = {"day": "2026-11-17"}
    assert world.post("/settings/calendar/openings", who.eva, opened, "o").status_code == 201
    assert "2026-11-17" in world.get(asked, who.alice).json()["business_days"]
    assert world.get(asked.replace("2026-11-18", "2036-11-18"), who.alice).status_code == 422
