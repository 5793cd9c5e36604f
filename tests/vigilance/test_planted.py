"""Frauds of every kind planted in an honest book: all found, and how often honest ones disturb."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio import vigilance
from cessio.vigilance import SignalKind
from tests.faults.report import REPORT
from tests.vigilance.planted import TODAY, Planted, fill, instant, plant

#: Alerts per thousand honest invoices that a person is asked to look at for nothing. Three a day
#: at a desk of a thousand invoices: a look takes two minutes with the figures beside it.
CEILING_PER_THOUSAND = 3


def found(session: Session) -> set[tuple[str, str, str]]:
    """Kind, key, and the number of the document a look-alike is told of."""
    rows = session.execute(text("SELECT kind, key, coalesce(figures ->> 'number', '') FROM signal"))
    return {(row[0], row[1], row[2]) for row in rows}


def measured(session: Session, seed: int, per_week: int = 15) -> tuple[Planted, int]:
    """The planted book, and how many signals its honest part gave."""
    made = fill(session, seed=seed, per_week=per_week)
    vigilance.scan_book(session, on=TODAY, by="job:test", at=instant(TODAY))
    alarms = len(found(session))
    plant(session, made)
    vigilance.scan_book(session, on=TODAY, by="job:test", at=instant(TODAY))
    return made, alarms


def missed(session: Session, made: Planted) -> set[tuple[SignalKind, str]]:
    told = found(session)
    said = {(kind, key) for kind, key, _ in told} | {(kind, number) for kind, _, number in told}
    return {(kind, what) for kind, what in made.frauds if (kind.value, what) not in said}


def test_every_planted_fraud_is_found_and_honest_invoices_seldom_disturb(session: Session) -> None:
    made, alarms = measured(session, seed=7)
    assert not missed(session, made)
    # The delivery date comes with a proof, another account with a letter: each has its own test.
    # What else is missing here is planted by test_benchmark.
    planted_kinds = {kind for kind, _ in made.frauds}
    assert set(SignalKind) - planted_kinds == {
        SignalKind.BEFORE_DELIVERY, SignalKind.OTHER_ACCOUNT, SignalKind.NEARLY_SAME,
        SignalKind.NEW_DEBTOR_LARGE, SignalKind.SPLIT_BELOW, SignalKind.SOLD_IN_A_CIRCLE,
    }  # fmt: skip
    assert made.clean > 900
    assert 1000 * alarms <= CEILING_PER_THOUSAND * made.clean, (alarms, made.clean)


def test_looking_again_finds_the_same_and_keeps_what_was_said(session: Session) -> None:
    made, _ = measured(session, seed=3)
    before = found(session)
    first = session.execute(text("SELECT min(id) FROM signal")).scalar_one()
    vigilance.look(session, signal_id=first, outcome=vigilance.Outcome.FALSE_ALARM,
                   note="Two deliveries on one day.", by=made.book.people.alice.by,
                   at=instant(TODAY))  # fmt: skip
    vigilance.scan_book(session, on=TODAY, by="job:test", at=instant(TODAY))
    assert found(session) == before
    state = session.execute(text("SELECT state FROM signal WHERE id = :id"), {"id": first})
    assert state.scalar_one() == "false_alarm"


@pytest.mark.long
@pytest.mark.parametrize("seed", range(20))
def test_the_same_over_many_books(session: Session, seed: int) -> None:
    made, alarms = measured(session, seed=100 + seed, per_week=60)
    assert not missed(session, made)
    assert 1000 * alarms <= CEILING_PER_THOUSAND * made.clean, (alarms, made.clean)
    REPORT.tell("planted frauds", f"{len(made.frauds)} planted, all found; {alarms} alarms on"
                f" {made.clean} clean invoices", promise=16, figure=len(made.frauds),
                seed=100 + seed)  # fmt: skip
