"""Who waits too long for others is told to come back, and nothing of theirs is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from tests.web.portal.conftest import Portal, make_portal

COUNT = text("SELECT count(*) FROM drawdown")


@pytest.fixture
def portal(engine: Engine, now: datetime, tmp_path: Path) -> Portal:
    return make_portal(engine, now, tmp_path)


@contextmanager
def impatient(engine: Engine) -> Iterator[None]:
    """Whoever begins now waits a fifth of a second for others."""

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '200ms'")

    event.listen(engine, "begin", begin)
    yield
    event.remove(engine, "begin", begin)


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_contract_that_another_holds_is_asked_for_again(portal: Portal, accept: str) -> None:
    client = portal.fanny
    with portal.engine.connect() as other, impatient(portal.engine):
        other.execute(text("SELECT 1 FROM contract WHERE id = :id FOR UPDATE"),
                      {"id": portal.book.alpha})  # fmt: skip
        answer = client.post("/portal/funding", data={"amount": "100.00"},
                             headers={"Accept": accept})  # fmt: skip
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert "lock" not in answer.text
        assert other.execute(COUNT).scalar() == 0
    assert client.post("/portal/funding", data={"amount": "100.00"}).status_code == 303


def test_who_finds_no_connection_is_told_to_come_back(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = portal.fanny

    def none_free(*_: Any, **__: Any) -> None:
        raise NoConnectionFree("QueuePool limit of size 20 reached")

    monkeypatch.setattr(portal.engine.pool, "connect", none_free)
    answer = client.get("/portal")
    assert answer.status_code == 503
    assert "QueuePool" not in answer.text
    assert "Try again in a few minutes" in answer.text or "Réessayez" in answer.text
