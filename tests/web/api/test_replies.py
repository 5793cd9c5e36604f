"""Debtors' replies by keys: what waits is listed and decided, by those of the staff who may."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, text

from cessio.contracts.operations import notify_debtor
from cessio.plumbing.database import transaction
from cessio.receivables.rules import DisputeReason
from cessio.replies import say_disputed
from tests.replies.letters import CLERK, PAY_TO, opened
from tests.web.api.test_api import World, world
from tests.web.api.test_desks import owed, post

__all__ = ["world"]
PATH = "/debtor-replies"


def test_a_reply_is_read_and_accepted_by_who_handles_disputes(
    world: World, engine: Engine, now: datetime
) -> None:
    people, invoice = world.people, owed(world)
    with transaction(engine) as session:
        notify_debtor(session, contract_id=world.contract_id, debtor_id=people.durand.id,
                      pay_to=PAY_TO, by=people.alice.by, at=now)  # fmt: skip
        code = session.execute(text("SELECT code FROM letter_code")).scalar_one()
        reply_id = say_disputed(
            session, opened(session, code, now), receivable_id=invoice, amount_minor=5_000,
            reason=DisputeReason.PRICE, comment="Prix convenu", paper=None, author=CLERK, at=now,
        )  # fmt: skip
    [row] = world.get(PATH, people.alice).json()["rows"]
    assert (row["id"], row["amount_minor"], row["reason"]) == (reply_id, 5_000, "price")
    assert world.get(f"{PATH}?state=nonsense", people.alice).status_code == 422
    assert world.get(PATH, people.fanny).status_code == 403
    path = f"{PATH}/{reply_id}/decision"
    for who in (people.denis, people.fanny):
        assert post(world, path, who, {"accepted": True}).status_code == 403, who.name
    assert post(world, path, people.alice, {"accepted": False}).status_code == 422
    done = post(world, path, people.alice, {"accepted": True, "answer": "Vu."}).json()
    assert (done["state"], len(done["disputes"])) == ("accepted", 1)
    assert post(world, path, people.alice, {"accepted": True}).status_code == 409
    assert world.get(PATH, people.alice).json()["rows"] == []
    assert (
        post(world, f"{PATH}/999999/decision", people.alice, {"accepted": True}).status_code == 404
    )
