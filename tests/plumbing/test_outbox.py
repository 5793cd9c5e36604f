"""Events become jobs of the transaction that published them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from cessio import worker
from cessio.plumbing import outbox
from cessio.plumbing.jobs import job_view, recent_jobs, registry
from cessio.plumbing.outbox import NotComposed, Reaction, key_of, publish

REACTIONS = {
    "receipt_applied": [
        Reaction("test.release", key_of("application_id"), ("application_id",)),
        Reaction("test.tell", key_of("contract_id", "application_id"), priority=3),
    ]
}


@pytest.fixture(autouse=True)
def reactions() -> Iterator[None]:
    outbox.configure(REACTIONS)
    yield
    worker.compose()


def test_an_event_makes_the_jobs_that_react_to_it(session: Session, now: datetime) -> None:
    payload = {"application_id": 7, "contract_id": 3}
    release, tell = publish(session, "receipt_applied", payload, at=now, client_id=5)
    seen = job_view(session, release)
    assert (seen.kind, seen.key, seen.payload) == ("test.release", "7", {"application_id": 7})
    assert (seen.created_by, seen.created_at, seen.client_id) == (
        "event:receipt_applied", now, 5,
    )  # fmt: skip
    seen = job_view(session, tell)
    assert (seen.key, seen.payload, seen.priority) == ("3/7", payload, 3)


def test_an_event_told_twice_makes_its_jobs_once(session: Session, now: datetime) -> None:
    payload = {"application_id": 7, "contract_id": 3}
    first = publish(session, "receipt_applied", payload, at=now)
    assert publish(session, "receipt_applied", payload, at=now) == first


def test_an_event_nobody_reacts_to_makes_nothing(session: Session, now: datetime) -> None:
    assert publish(session, "unheard", {}, at=now) == []
    assert recent_jobs(session) == []


def test_a_process_that_was_not_composed_refuses_to_lose_events(
    session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "_reactions", None)
    with pytest.raises(NotComposed):
        publish(session, "receipt_applied", {}, at=now)


def test_every_kind_in_the_tables_of_the_worker_has_its_function() -> None:
    worker.load_jobs()
    asked = {reaction.kind for found in worker.REACTIONS.values() for reaction in found}
    asked |= {line.kind for line in worker.SCHEDULE}
    assert asked <= set(registry.known_kinds())
