"""The trail says exactly what happened, and cannot be changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cessio import audit
from cessio.audit import Fact, rules
from cessio.audit.rules import Change


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Terms:
    rate: Decimal
    since: date


def test_every_exact_value_has_one_json_form() -> None:
    at = datetime(2026, 11, 16, 9, tzinfo=UTC)
    value = {
        "terms": Terms(Decimal("0.0060"), date(2026, 1, 2)), "at": at, "hash": b"\x01\xff",
        "colours": {Colour.RED}, "parts": (1, None, True), 7: "seven",
    }  # fmt: skip
    assert audit.json_safe(value) == {
        "terms": {"rate": "0.0060", "since": "2026-01-02"}, "at": "2026-11-16T09:00:00+00:00",
        "hash": "01ff", "colours": ["red"], "parts": [1, None, True], "7": "seven",
    }  # fmt: skip


def test_a_decimal_is_never_written_with_an_exponent() -> None:
    assert audit.json_safe(Decimal("1E+6")) == "1000000"
    assert audit.json_safe(Decimal("1E-7")) == "0.0000001"


@pytest.mark.parametrize("value", [1.5, object(), {"a": 2.0}, [0.1]])
def test_a_float_or_a_stranger_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        audit.json_safe(value)


def test_changes_name_each_field_that_differs_and_no_other() -> None:
    before, after = {"a": 1, "b": 2, "gone": 3}, {"a": 1, "b": 5, "new": None, "c": 4}
    assert rules.changes(before, after) == (
        Change("b", 2, 5), Change("c", None, 4), Change("gone", 3, None),
    )  # fmt: skip
    assert rules.changes(None, None) == ()


def test_narrowed_keeps_only_what_differs() -> None:
    assert audit.narrowed({"a": 1, "b": 2}, {"a": 1, "b": 3}) == ({"b": 2}, {"b": 3})


def test_the_history_of_a_thing_is_read_back_latest_first(session: Session, now: datetime) -> None:
    first = audit.record(session, verb="register", subject_kind="thing", subject_id=5,
                         after={"name": "A", "rate": Decimal("0.01")}, by="person:1",
                         at=now)  # fmt: skip
    second = audit.record(session, verb="change", subject_kind="thing", subject_id=5,
                          before={"name": "A"}, after={"name": "B"}, why="misspelt",
                          by="person:2", at=now + timedelta(minutes=1), client_id=9)  # fmt: skip
    audit.record(session, verb="change", subject_kind="other", subject_id=5, by="job:x", at=now)

    latest, oldest = audit.history(session, "thing", 5)

    assert (latest.id, oldest.id) == (second, first)
    assert latest.changes == (Change("name", "A", "B"),)
    assert (latest.by, latest.why, latest.client_id) == ("person:2", "misspelt", 9)
    assert oldest.changes == (Change("name", None, "A"), Change("rate", None, "0.01"))
    assert audit.history(session, "thing", 5, client_id=9) == (latest,)
    assert audit.history(session, "thing", 5, before_id=second) == (oldest,)


def test_the_journal_is_filtered_by_author_kind_client_and_time(
    session: Session, now: datetime
) -> None:
    facts = [Fact("close", "day", number, client_id=number % 2) for number in range(4)]
    assert audit.record_all(session, facts=facts, by="job:closing", at=now) == 4
    assert audit.record_all(session, facts=[], by="job:closing", at=now) == 0
    read = [each.subject_id for each in audit.journal(session, by="job:closing", client_id=1)]
    assert read == [3, 1]
    assert len(audit.journal(session, subject_kind="day", since=now, limit=3)) == 3
    assert audit.journal(session, subject_kind="day", until=now) == ()


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_event SET verb = 'x'", "DELETE FROM audit_event"]
)
def test_the_database_refuses_to_change_the_trail(
    session: Session, now: datetime, statement: str
) -> None:
    audit.record(session, verb="register", subject_kind="thing", subject_id=1, by="x:1", at=now)
    with pytest.raises(IntegrityError, match="never changed"):
        session.execute(text(statement))
