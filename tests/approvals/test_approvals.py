"""Nobody decides alone, and nobody decides on anything but what was shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tests import people
from tests.people import Named, People

from cessio import approvals, audit
from cessio.approvals import Decision
from cessio.identity.operations import issue_token
from cessio.identity.rules import Scope
from cessio.kernel.errors import CessioError, Conflict, Forbidden, Invalid, NotFound
from cessio.plumbing.database import transaction

FACTS = {"payout": 9, "iban": people.ALPHA.iban, "amount_minor": 1_050_000}
HASH = approvals.subject_hash(FACTS)


@pytest.fixture
def there(session: Session, now: datetime) -> People:
    return people.settle_in(session, at=now)


def _ask(session: Session, maker: Named | str, at: datetime, **changes: Any) -> int:
    by = maker if isinstance(maker, str) else maker.by
    wanted: dict[str, Any] = {"subject_kind": "payout", "subject_id": 9, "subject_hash": HASH,
                              "summary": FACTS, "by": by, "at": at}  # fmt: skip
    return approvals.ask(session, **(wanted | changes))


def test_a_second_person_approves_exactly_what_was_asked(
    session: Session, there: People, now: datetime
) -> None:
    asked = _ask(session, there.ines, now)
    assert [each.id for each in approvals.pending(session, not_by=there.bruno.id)] == [asked]
    assert approvals.pending(session, not_by=there.ines.id) == ()
    assert approvals.pending(session, subject_kinds=["contract"]) == ()

    decided = approvals.approve(session, approval_id=asked, subject_hash=HASH, by=there.bruno.by,
                                at=now + timedelta(minutes=5))  # fmt: skip

    assert (decided.decision, decided.checker_id) == (Decision.APPROVED, there.bruno.id)
    assert approvals.pending(session) == ()
    verbs = [event.verb for event in audit.history(session, "payout", 9)]
    assert verbs == ["approved", "ask"]


def test_who_asks_does_not_decide(session: Session, there: People, now: datetime) -> None:
    asked = _ask(session, there.ines, now)
    with pytest.raises(Forbidden) as refused:
        approvals.approve(session, approval_id=asked, subject_hash=HASH, by=there.ines.by, at=now)
    assert refused.value.code == "own_request"


def test_a_token_of_ones_own_is_not_a_second_person(
    session: Session, there: People, now: datetime
) -> None:
    token = issue_token(session, person_id=there.alice.id, name="script",
                        scopes=[Scope.FUNDING_WRITE], expires_at=now + timedelta(days=5),
                        by=there.alice.by, at=now)  # fmt: skip
    asked = _ask(session, f"token:{token.id}", now)
    with pytest.raises(Forbidden) as refused:
        approvals.approve(session, approval_id=asked, subject_hash=HASH, by=there.alice.by, at=now)
    assert refused.value.code == "own_request"


def test_a_job_may_ask_but_never_decides(session: Session, there: People, now: datetime) -> None:
    asked = _ask(session, "job:payouts.daily", now)
    with pytest.raises(Forbidden) as refused:
        approvals.approve(session, approval_id=asked, subject_hash=HASH, by="job:other", at=now)
    assert refused.value.code == "person_needed"
    approvals.approve(session, approval_id=asked, subject_hash=HASH, by=there.bruno.by, at=now)


@pytest.mark.parametrize(
    "change", [{"amount_minor": 1_050_001}, {"iban": people.BRAVO.iban}, {"more": None}]
)
def test_any_change_since_makes_the_approval_impossible(
    session: Session, there: People, now: datetime, change: dict[str, Any]
) -> None:
    asked = _ask(session, there.ines, now)
    changed = approvals.subject_hash(FACTS | change)
    for decide in (approvals.approve, approvals.reject):
        with pytest.raises(Conflict) as refused:
            decide(session, approval_id=asked, subject_hash=changed, reason="", by=there.bruno.by,
                   at=now)  # fmt: skip
        assert refused.value.code == "approval_stale"


def test_one_question_is_open_at_a_time(session: Session, there: People, now: datetime) -> None:
    asked = _ask(session, there.ines, now)
    with pytest.raises(Conflict) as refused:
        _ask(session, there.bruno, now)
    assert refused.value.code == "approval_open"
    _ask(session, there.ines, now, subject_id=10)
    with pytest.raises(Invalid):
        approvals.reject(session, approval_id=asked, subject_hash=HASH, reason=" ",
                         by=there.bruno.by, at=now)  # fmt: skip
    approvals.reject(session, approval_id=asked, subject_hash=HASH, reason="wrong IBAN",
                     by=there.bruno.by, at=now)  # fmt: skip
    again = _ask(session, there.ines, now)
    history = approvals.of_subject(session, "payout", 9)
    assert [each.id for each in history] == [again, asked]
    assert history[1].reason == "wrong IBAN"


def test_a_decision_is_taken_once(session: Session, there: People, now: datetime) -> None:
    asked = _ask(session, there.ines, now)
    approvals.approve(session, approval_id=asked, subject_hash=HASH, by=there.bruno.by, at=now)
    with pytest.raises(Conflict):
        approvals.reject(session, approval_id=asked, subject_hash=HASH, reason="no",
                         by=there.alice.by, at=now)  # fmt: skip
    with pytest.raises(Conflict):
        approvals.void(session, approval_id=asked, reason="no", by=there.ines.by, at=now)


def test_a_subject_that_changes_voids_what_was_asked(
    session: Session, there: People, now: datetime
) -> None:
    asked = _ask(session, there.ines, now)
    by, at = there.ines.by, now
    assert approvals.void_open(session, subject_kind="payout", subject_id=9, reason="amount",
                               by=by, at=at)  # fmt: skip
    assert not approvals.void_open(session, subject_kind="payout", subject_id=9, reason="again",
                                   by=by, at=at)  # fmt: skip
    assert approvals.approval(session, asked).decision == Decision.VOID
    with pytest.raises(NotFound):
        approvals.approval(session, 0)


def test_the_hash_depends_on_values_and_not_on_their_order() -> None:
    assert approvals.subject_hash({"b": 2, "a": 1}) == approvals.subject_hash({"a": 1, "b": 2})
    assert approvals.subject_hash({"a": "1"}) != approvals.subject_hash({"a": 1})
    assert approvals.subject_hash(people.ALPHA) != approvals.subject_hash(
        replace(people.ALPHA, iban=people.BRAVO.iban)
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE approval SET decision = 'rejected', decided_at = now(), checker = maker",
        "UPDATE approval SET decision = 'approved', decided_at = now(), checker = 'person:1000'",
        "UPDATE approval SET subject_hash = '\\x00'",
        "UPDATE approval SET summary = '{}'",
        "DELETE FROM approval",
    ],
)
def test_the_database_itself_keeps_four_eyes(
    session: Session, there: People, now: datetime, statement: str
) -> None:
    _ask(session, there.ines, now)
    with pytest.raises(IntegrityError):
        session.execute(text(statement))


def test_two_people_deciding_at_once_decide_once(engine: Engine, now: datetime) -> None:
    with transaction(engine) as session:
        there = people.settle_in(session, at=now)
        asked = _ask(session, there.ines, now)
    outcomes: list[str] = []
    with Session(engine) as first, first.begin():
        approvals.approve(first, approval_id=asked, subject_hash=HASH, by=there.bruno.by, at=now)
        with Session(engine) as second:
            second.execute(text("SET lock_timeout = '50ms'"))
            with pytest.raises(Exception, match="lock timeout"):
                approvals.reject(second, approval_id=asked, subject_hash=HASH, reason="no",
                                 by=there.alice.by, at=now)  # fmt: skip
    with transaction(engine) as session:
        try:
            approvals.reject(session, approval_id=asked, subject_hash=HASH, reason="no",
                             by=there.alice.by, at=now)  # fmt: skip
        except CessioError as error:
            outcomes.append(error.code)
    assert outcomes == ["approval_decided"]
