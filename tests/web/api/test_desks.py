"""Promises, followers, due dates and the limits desk by keys: done, scoped, refused."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from sqlalchemy import Engine

from cessio.contracts.rules import IneligibleReason
from cessio.parties.operations import join_group
from cessio.plumbing import sms
from cessio.plumbing.database import transaction
from cessio.plumbing.mail_stops import StopReason, stops
from cessio.receivables.operations.disputes import place_hold
from tests.web.api.test_api import World, world

__all__ = ["world"]

_KEYS = count()


def post(world: World, path: str, who: Any, body: object) -> Any:
    """A post with a key of its own."""
    return world.post(path, who, body, key=f"desk-{next(_KEYS)}")


def owed(world: World) -> int:
    """The id of an invoice of Durand that is assigned."""
    fanny = world.people.fanny
    made = post(world, "/remittances", fanny, world.remittance()).json()
    number = made["remittance"]["remittance"]["id"]
    assert post(world, f"/remittances/{number}/submission", fanny, {}).json()["state"] == "assigned"
    found = world.get("/receivables", fanny).json()["rows"]
    return int(found[0]["id"])


def test_a_promise_is_noted_by_who_collects_and_read_by_the_staff(world: World) -> None:
    people, invoice = world.people, owed(world)
    body = {"debtor_id": people.durand.id, "due_on": "2026-12-01", "receivable_ids": [invoice]}
    done = post(world, "/promises", people.jules, body)
    assert done.status_code == 201, done.text
    found = world.get(f"/promises?debtor_id={people.durand.id}", people.alice).json()["promises"]
    assert [(one["id"], one["due_on"]) for one in found] == [
        (done.json()["promise_id"], "2026-12-01")
    ]
    past = {**body, "due_on": "2020-01-01"}
    assert post(world, "/promises", people.jules, past).status_code == 422
    for who in (people.fanny, people.helene, people.chloe):
        assert post(world, "/promises", who, body).status_code == 403, who.name
    assert world.get("/promises", people.fanny).status_code == 403


def test_a_follower_is_given_and_taken_by_who_handles_disputes(world: World) -> None:
    people, invoice = world.people, owed(world)
    path = f"/receivables/{invoice}/follower"
    for person_id in (people.jules.id, None):
        done = post(world, path, people.alice, {"person_id": person_id})
        assert (done.status_code, done.json()) == (200, {"person_id": person_id})
    assert post(world, path, people.alice, {"person_id": people.fanny.id}).status_code == 422
    assert post(world, path, people.fanny, {"person_id": people.jules.id}).status_code == 403
    assert post(world, path, people.denis, {"person_id": None}).status_code == 403
    gone = post(world, "/receivables/999999/follower", people.alice, {"person_id": None})
    assert gone.status_code == 404


def test_a_due_date_moves_or_waits_and_its_trace_is_read(world: World) -> None:
    people, invoice = world.people, owed(world)
    path = f"/receivables/{invoice}/due-date"
    body = {"to_on": "2026-12-20", "reason": "agreed", "comment": "Their mail."}
    assert post(world, path, people.jules, body).json()["waits"] is False
    far = {**body, "to_on": "2027-03-01"}
    assert post(world, path, people.jules, far).json()["waits"] is True
    told = world.get(f"/receivables/{invoice}", people.fanny).json()
    assert told["row"]["due_date"] == "2026-12-20"
    assert [one["outcome"] for one in told["due_dates"]] == ["applied"]
    ours = world.get(f"/receivables/{invoice}", people.alice).json()
    assert [one["outcome"] for one in ours["due_dates"]] == ["applied", None]
    assert post(world, path, people.jules, far).status_code == 409
    assert post(world, path, people.fanny, body).status_code == 403
    assert world.get(f"/receivables/{invoice}", people.helene).status_code == 404


def test_a_second_person_decides_on_a_due_date_by_what_was_read(world: World) -> None:
    people, invoice = world.people, owed(world)
    far = {"to_on": "2027-03-01", "reason": "agreed", "comment": "Their mail."}
    change = post(world, f"/receivables/{invoice}/due-date", people.jules, far).json()["change_id"]
    read = world.get(f"/due-dates/{change}", people.alice).json()
    assert read["change"]["to_on"] == "2027-03-01"
    path, yes = f"/due-dates/{change}/decision", {"seen": read["seen"], "approve": True}
    assert post(world, path, people.fanny, yes).status_code == 403
    assert post(world, path, people.denis, yes).status_code == 403
    assert post(world, path, people.jules, yes).status_code in (403, 409)
    assert post(world, path, people.alice, {**yes, "seen": "zz"}).status_code == 422
    assert post(world, path, people.alice, {**yes, "seen": "00" * 32}).status_code == 409
    refusal = {"seen": read["seen"], "approve": False}
    assert post(world, path, people.alice, refusal).status_code == 422
    assert post(world, path, people.alice, yes).json() == {"outcome": "applied"}
    told = world.get(f"/receivables/{invoice}", people.fanny).json()
    assert told["row"]["due_date"] == "2027-03-01"
    assert post(world, path, people.alice, yes).status_code == 409
    assert world.get(f"/due-dates/{change}", people.fanny).status_code == 403


def test_a_client_reads_reasons_and_not_what_we_wrote_among_ourselves(
    world: World, engine: Engine, now: datetime
) -> None:
    people, invoice, secret = world.people, owed(world), "their buyer said it in confidence"
    moved = {"to_on": "2026-12-20", "reason": "agreed", "comment": secret}
    assert post(world, f"/receivables/{invoice}/due-date", people.jules, moved).status_code == 201
    with transaction(engine) as session:
        place_hold(session, receivable_id=invoice, reason=IneligibleReason.ON_HOLD, comment=secret,
                   by=people.alice.by, at=now)  # fmt: skip
    path, contested = f"/receivables/{invoice}/disputes", {"reason": "price", "amount_minor": 1_00}
    done = post(world, path, people.alice, {**contested, "comment": secret}).json()["dispute_id"]
    ended = post(world, f"/disputes/{done}/end", people.alice, {"outcome": "withdrawn"})
    assert ended.status_code == 200, ended.text
    own = post(world, path, people.fanny, {**contested, "comment": "our own words"})
    assert own.status_code == 201, own.text
    told = world.get(f"/receivables/{invoice}", people.fanny)
    assert secret not in told.text
    assert "our own words" in told.text
    assert told.json()["holds"][0]["reason"] == "on_hold"
    assert told.json()["due_dates"][0]["reason"] == "agreed"
    assert secret in world.get(f"/receivables/{invoice}", people.alice).text


def test_the_limits_desk_queues_proposes_and_caps(
    world: World, engine: Engine, now: datetime
) -> None:
    people, pair = world.people, {"contract_id": world.contract_id}
    asked = {**pair, "debtor_id": people.mercier.id, "amount_minor": 5_000_00}
    assert post(world, "/limit-requests", people.fanny, asked).status_code == 201
    (first,) = world.get("/limit-queue", people.chloe).json()["requests"]
    assert first["request"]["amount_minor"] == 5_000_00
    assert first["days_left"] >= 0
    assert world.get("/limit-queue", people.fanny).status_code == 403
    with transaction(engine) as session:
        group = join_group(session, company_ids=[people.mercier.company_id], name="Groupe Delta",
                           by=people.eva.by, at=now)  # fmt: skip
    cap = f"/groups/{group}/limits"
    assert post(world, cap, people.alice, {"amount_minor": 10_00}).status_code == 403
    assert post(world, cap, people.fanny, {"amount_minor": 10_00}).status_code == 403
    assert post(world, cap, people.chloe, {"amount_minor": 4_000_00}).status_code == 201
    limit = {**asked, "reason": "their order book"}
    done = post(world, "/limits", people.chloe, limit).json()
    assert done["decided"] is None
    assert done["why"][0]["params"]["beyond_minor"] == 1_000_00
    (waiting,) = world.get("/limit-proposals", people.ines).json()["proposals"]
    decision = f"/limit-proposals/{waiting['proposal']['id']}/decision"
    yes = {"seen": waiting["seen"], "approve": True}
    assert post(world, decision, people.chloe, yes).status_code == 403, "who asked"
    assert post(world, decision, people.jules, yes).status_code == 403, "no such scope"
    assert post(world, decision, people.ines, {**yes, "seen": "00"}).status_code == 409
    assert post(world, decision, people.ines, yes).status_code == 200
    told = world.get(f"/groups/{group}", people.chloe).json()
    assert told["limits"][0]["excess_minor"] == 1_000_00
    assert world.get(f"/groups/{group}", people.fanny).status_code == 403


def test_a_stop_answered_to_an_sms_of_ours_stops_that_number_alone(
    world: World, engine: Engine
) -> None:
    people = world.people
    with transaction(engine) as session:
        sms.post(session, number="+33612345678", text="Bonjour", key="x", by="staff:x",
                 at=datetime(2026, 11, 2, tzinfo=UTC))  # fmt: skip

    def said(number: str, text: str, who: Any = people.jules) -> Any:
        return post(world, "/sms-answers", who, {"number": number, "text": text})

    assert said("+33612345678", "Merci, c'est réglé").json() == {"stopped": False}
    assert said("+33699999999", "STOP").json() == {"stopped": False}  # we never wrote there
    assert said("+33612345678", "STOP", people.fanny).status_code == 403
    for number, text in (("0033 6 12 34 56 78", "Arrêt svp"), ("06 12 34 56 78", " stop 36105")):
        assert said(number, text).json() == {"stopped": True}
    with transaction(engine) as session:
        [stop] = stops(session, ["+33612345678"])
    assert (stop.why, stop.detail) == (StopReason.STOPPED, None)
