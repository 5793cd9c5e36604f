"""Nobody pays alone, whoever conspires with whom under whatever key."""

from __future__ import annotations

import random
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from tests.faults.collusion import Plot
from tests.funding.test_operations import settle

LONG = 5_000


def _plot(session: Session, now: datetime, attempts: int, seed: int) -> Plot:
    plot = Plot(session, settle(session, now), now, random.Random(seed))
    for _attempt in range(attempts):
        plot.attempt()
    return plot


def test_no_payout_stands_with_fewer_than_two_people(session: Session, now: datetime) -> None:
    plot = _plot(session, now, 250, seed=7)
    assert plot.alone() == []
    assert plot.done["ask_for_money"] > 0
    assert plot.refused["forge"] > 0
    assert plot.done["forge"] == 0
    assert plot.done["take_rights"] == 0


@pytest.mark.long
def test_five_thousand_attempts_pay_nobody_alone(
    session: Session, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    plot = _plot(session, now, LONG, seed=20261123)
    alone = plot.alone()
    with capsys.disabled():
        print(f"\n{LONG} attempts, {sum(plot.done.values())} acts taken, "
              f"{sum(plot.refused.values())} refused, {plot.done['send']} orders sent, "
              f"{len(alone)} with fewer than two people")  # fmt: skip
    assert alone == []
    assert plot.done["send"] > 0
    assert plot.done["forge"] == 0
    assert plot.done["take_rights"] == 0
