"""Nobody pays alone, whoever conspires with whom under whatever key."""

from __future__ import annotations

import os
import random
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from tests.faults.collusion import Plot
from tests.faults.report import REPORT
from tests.funding.test_operations import settle

LONG, SEED = int(os.environ.get("FAULT_PLOTS", "5000")), 20261123


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
def test_five_thousand_attempts_pay_nobody_alone(session: Session, now: datetime) -> None:
    plot = _plot(session, now, LONG, SEED)
    assert plot.alone() == []
    assert plot.done["send"] > LONG // 100
    assert plot.refused["send"] > LONG // 100
    assert plot.done["forge"] == 0
    assert plot.done["take_rights"] == 0
    REPORT.tell(
        "staff, clients and their keys conspire",
        f"{LONG:,} attempts, {sum(plot.done.values()):,} acts taken,"
        f" {sum(plot.refused.values()):,} refused; {plot.done['seal']} orders sealed,"
        f" {plot.done['send']} sent by two people, {plot.refused['send']} not sent, 0 by one",
        promise=9, figure=LONG, seed=SEED,
    )  # fmt: skip
