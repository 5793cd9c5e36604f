"""Promise 16: frauds planted by an independent hand in an honest trade; what is found of them.

The trade (``world``) and the frauds (``crimes``) are made from a seed and know no threshold of the
detectors. The seeds here are for holding to account: rules were bettered on others (1 to 9).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from tests.faults.report import REPORT
from tests.vigilance import crimes as documents
from tests.vigilance import crimes_money as money
from tests.vigilance.crimes import EXACT, Crimes, Fraud, plan
from tests.vigilance.world import FIRST, Trade, look, open_trade, trade_on

FORTNIGHTS = 18
#: Frauds are mixed into the last of them.
CRIMINAL = 4
RECALL_PERCENT = 95
ALERTS_PER_THOUSAND = 5


@dataclass(frozen=True)
class Result:
    """What came out: frauds by kind, how many were found or stopped, and the other alerts."""

    planted: Counter[str]
    caught: Counter[str]
    alerts: Counter[str]
    clean: int

    @property
    def recall(self) -> str:
        return ", ".join(f"{kind} {self.caught[kind]}/{count}"
                         for kind, count in self.planted.items())  # fmt: skip

    @property
    def per_thousand(self) -> float:
        return 1_000 * self.alerts.total() / self.clean


def run(session: Session, *, seed: int, clients: int, per_round: int, scale: int = 1) -> Result:
    """Trade honestly, then with frauds among the honest documents; count."""
    trade = open_trade(session, seed=seed, clients=clients, per_round=per_round)
    crimes = Crimes(trade, plan(scale))
    for number in range(FORTNIGHTS):
        friday = FIRST + timedelta(days=14 * number)
        left = FORTNIGHTS - number
        if left > CRIMINAL:
            trade_on(session, trade, friday)
        else:
            _with_frauds(session, crimes, friday, left)
        session.commit()
    return _counted(session, crimes.done, trade)


def _with_frauds(session: Session, crimes: Crimes, on: date, left: int) -> None:
    documents.documents(crimes, on, left)
    money.circles(session, crimes, on, left)
    crimes.sent(trade_on(session, crimes.trade, on, crimes.rows))
    for plant in (documents.as_files, documents.remittances, documents.deliveries,
                  documents.pushes, money.receipts, money.one_house, money.accounts,
                  money.contracts):  # fmt: skip
        plant(session, crimes, on, left)
    look(session, on)


def _counted(session: Session, frauds: list[Fraud], trade: Trade) -> Result:
    told: list[Any] = list(session.execute(text("SELECT kind, key, document_ids FROM signal")))
    by_document: dict[int, set[str]] = {}
    by_key: dict[str, set[str]] = {}
    for kind, key, ids in told:
        by_key.setdefault(key, set()).add(kind)
        for one in ids:
            by_document.setdefault(one, set()).add(kind)
    caught = [fraud for fraud in frauds if fraud.stopped or fraud.tells & (
        set[str]().union(*(by_document.get(one, set()) for one in fraud.documents),
                         *(by_key.get(key, set()) for key in fraud.keys)))]  # fmt: skip
    planted = {one for fraud in frauds for one in fraud.documents}
    keys = {key for fraud in frauds for key in fraud.keys}
    alerts = Counter(kind for kind, key, ids in told if not planted & set(ids) and key not in keys)
    return Result(Counter(one.kind for one in frauds), Counter(one.kind for one in caught), alerts,
                  trade.clean)  # fmt: skip


def held_to(result: Result) -> None:
    """The figures of the promise."""
    missed = {kind: count - result.caught[kind] for kind, count in result.planted.items()
              if count > result.caught[kind]}  # fmt: skip
    assert not [kind for kind in EXACT if kind in missed], missed
    assert 100 * result.caught.total() >= RECALL_PERCENT * result.planted.total(), missed
    assert result.per_thousand <= ALERTS_PER_THOUSAND, result.alerts


def test_frauds_among_honest_invoices_are_found(session: Session) -> None:
    result = run(session, seed=20, clients=3, per_round=60, scale=12)
    assert set(result.planted) == set(documents.SHARES)
    assert result.clean > 3_000
    held_to(result)


@pytest.mark.long
@pytest.mark.parametrize("seed", [31, 32])
def test_five_hundred_frauds_among_fifty_thousand_invoices(engine: Engine, seed: int) -> None:
    with Session(engine) as session:
        result = run(session, seed=seed, clients=22, per_round=128)
    planted, caught = result.planted.total(), result.caught.total()
    assert planted >= 500
    assert result.clean >= 50_000
    REPORT.tell("planted frauds", f"{caught} of {planted} found or stopped"
                f" ({result.per_thousand:.1f} other alerts per 1,000 of {result.clean:,} clean"
                f" invoices): {result.recall}; alerts: {dict(result.alerts)}",
                promise=16, figure=caught, of=planted, seed=seed)  # fmt: skip
    held_to(result)
