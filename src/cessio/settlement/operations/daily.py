"""The daily settlement: financing days, month-end commission, annual minimum, retention fund.

Each step of each business day runs once: its row in ``settlement_run`` is written in the same
transaction as its effects, and its postings are keyed by contract and period besides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from cessio import ledger
from cessio.contracts import queries as contracts
from cessio.contracts.rules import (
    IndexName,
    RetentionBuildUp,
    annual_complement,
)
from cessio.kernel.calendar import (
    Period,
    add_months,
    business_date,
    contract_year,
    month_end,
    month_start,
)
from cessio.kernel.errors import Conflict
from cessio.kernel.rates import RateSeries
from cessio.ledger import AccountKey, AccountKind, Line, Posting, TransactionKind
from cessio.plumbing.formats import by_currency
from cessio.settlement import bulk, queries
from cessio.settlement.models import FinancingCharge, SettlementRun
from cessio.settlement.operations.fees import STEP, Done, charge_fees
from cessio.settlement.rules import FinancingDay as Day
from cessio.settlement.rules import financing_commission, financing_days

#: Steps that a later run of the same day does again: they find only what is new.
_AGAIN = frozenset({STEP, "financing_days"})


class DayNotReached(Conflict):
    """A business day is settled once it has come, not before."""


@dataclass(frozen=True, slots=True)
class StepDone:
    """What one step of a run did: contracts touched, and the sums posted in each currency."""

    step: str
    contracts: int
    totals: Mapping[str, int]
    again: bool = False


def run_day(session: Session, *, on: date, by: str, at: datetime) -> tuple[StepDone, ...]:
    """Settle a business day: safe to run twice, by two schedulers, or late.

    What happened since the last run is charged by the fee grids. Financing days of the running
    month are computed (again) up to ``on``; at a month's end the commission is charged; on the
    last day of a contract's year its minimum is completed; the retention funds that are too small
    are called where the contract says at once, those that are too large released at month end.
    Raises ``FixingMissing`` naming index and date.
    """
    if on > business_date(at):
        raise DayNotReached("day_not_reached", "{on} has not come yet", on=on.isoformat())
    queries.lock_day(session, on=on)
    steps: list[tuple[str, Callable[[Session, date, str, datetime], Done]]] = [
        (STEP, _charge_fees),  # they add to the funds in use, and bear interest from today
        ("financing_days", _store_days),
        ("annual_minimum", _complete_minimums),
    ]
    if on == month_end(on):
        steps.append(("financing_commission", _charge_month))
        steps.append(("retention_release", _release_funds))
    steps.append(("retention_call", _call_funds))
    return tuple(_once(session, on, step, act, by=by, at=at) for step, act in steps)


def _once(
    session: Session, on: date, step: str,
    act: Callable[[Session, date, str, datetime], Done], *, by: str, at: datetime,
) -> StepDone:  # fmt: skip
    known = queries.run_done(session, on=on, step=step)
    if known and step not in _AGAIN:
        return StepDone(step, 0, {}, again=True)
    touched, totals = act(session, on, by, at)
    session.execute(
        upsert(SettlementRun)
        .values(
            on=on, step=step, done_at=at, done_by=by, contract_count=touched,
            total_minor=sum(totals.values()), totals=totals,
        )
        .on_conflict_do_nothing()
    )  # fmt: skip
    return StepDone(step, touched, totals, again=known and not touched)


def _store_days(session: Session, on: date, by: str, at: datetime) -> Done:
    """Store the running month's days: value dates may have moved those already stored."""
    found = _days(session, Period(month_start(on), on))
    bulk.store_days(session, found, at=at)
    totals: Counter[str] = Counter()
    for contract_id, currency, *_ in queries.live_contracts(session):
        if contract_id in found:
            totals[currency] += financing_commission(found[contract_id]).amount_minor
    return len(found), totals


def _charge_fees(session: Session, on: date, by: str, at: datetime) -> Done:
    return charge_fees(session, on=on, by=by, at=at)


def _charge_month(session: Session, on: date, by: str, at: datetime) -> Done:
    """Post the month's commission, and what later value dates changed in the month before."""
    month = Period(month_start(on), month_end(on))
    before = Period(add_months(month.start, -1), month_end(add_months(month.start, -1)))
    totals: Counter[str] = Counter()
    touched = set()
    for kind, period in (("post_counted", month), ("adjustment", before)):
        for contract_id, days in _days(session, period).items():
            charge = financing_commission(days)
            due = charge.amount_minor
            if kind == "adjustment":
                due -= queries.charged_for(session, contract_id=contract_id, period=period)
            if due == 0:
                continue
            currency = _post_charge(
                session, contract_id, kind, period, charge.numbers_minor, due, on, by=by, at=at
            )
            totals[currency] += due
            touched.add(contract_id)
    return len(touched), totals


def _days(session: Session, period: Period) -> dict[int, tuple[Day, ...]]:
    """The financing days of every contract; what was paid for at a drawdown is not charged."""
    terms = contracts.terms_of_all(session, period.end)
    balances = queries.balances_by_value_date(session, list(terms), period)
    prepaid = queries.prepaid(session, list(terms), period)
    series: dict[IndexName, RateSeries] = {}
    found = {}
    for contract_id, held in balances.items():
        index = terms[contract_id].interest_index
        if index not in series:
            series[index] = contracts.fixing_series(
                session, index, from_on=period.start, to_on=period.end
            )
        found[contract_id] = financing_days(
            terms[contract_id], period=period, funds_in_use=held.funds_in_use,
            retention=held.retention, index=series[index],
            prepaid=prepaid.get(contract_id, ()),
        )  # fmt: skip
    return found


def _post_charge(
    session: Session, contract_id: int, kind: str, period: Period, numbers_minor: int,
    due_minor: int, on: date, *, by: str, at: datetime,
) -> str:  # fmt: skip
    """Charge it to the contract; returns its currency."""
    currency = contracts.contract(session, contract_id).currency
    charge = FinancingCharge(
        contract_id=contract_id, kind=kind, from_on=period.start, to_on=period.end,
        interest_numbers_minor=numbers_minor, amount_minor=due_minor, charged_at=at,
        charged_by=by,
    )  # fmt: skip
    session.add(charge)
    session.flush()
    posting = Posting(
        kind=TransactionKind.FINANCING_COMMISSION, source_kind="financing_charge",
        source_id=charge.id, effect=kind, value_date=on, contract_id=contract_id,
        memo=f"{period.start:%Y-%m}",
        lines=(
            Line(AccountKey(AccountKind.CLIENT_CURRENT, currency, contract_id), due_minor),
            Line(AccountKey(AccountKind.INTEREST_INCOME, currency), -due_minor),
        ),
    )  # fmt: skip
    charge.transaction_id = ledger.post(session, posting, by=by, at=at).transaction_id
    session.flush()
    return currency


def _complete_minimums(session: Session, on: date, by: str, at: datetime) -> Done:
    """On the last day of a contract's year, charge what is missing to its annual minimum."""
    totals: Counter[str] = Counter()
    touched = 0
    terms = contracts.terms_of_all(session, on)
    for contract_id, currency, starts_on, _ in queries.live_contracts(session):
        one = terms.get(contract_id)
        if one is None or not one.annual_minimum_minor or on < starts_on:
            continue
        year = contract_year(starts_on, on)
        if year.end != on:
            continue
        charged = queries.commission_charged(session, contract_id=contract_id, year=year)
        missing = annual_complement(one, charged)
        if missing.net_minor:
            fee = AccountKey(AccountKind.FEE_INCOME, currency)
            vat = AccountKey(AccountKind.VAT_COLLECTED, currency)
            current = AccountKey(AccountKind.CLIENT_CURRENT, currency, contract_id)
            lines = [Line(current, missing.gross_minor), Line(fee, -missing.net_minor)]
            if missing.vat_minor:
                lines.append(Line(vat, -missing.vat_minor))
            ledger.post(
                session,
                Posting(
                    kind=TransactionKind.ANNUAL_MINIMUM, source_kind="contract",
                    source_id=contract_id, effect=f"annual_minimum:{on.isoformat()}",
                    value_date=on, contract_id=contract_id, lines=tuple(lines),
                ),
                by=by, at=at,
            )  # fmt: skip
            totals[currency] += missing.gross_minor
            touched += 1
    return touched, totals


def _release_funds(session: Session, on: date, by: str, at: datetime) -> Done:
    """Give back what the funds hold beyond their targets, where the contract allows it."""
    terms = contracts.terms_of_all(session, on)
    due = [fund for fund in queries.funds(session, on=on, terms=terms) if fund.release_minor]
    for fund in due:
        _move_fund(session, fund, -fund.release_minor, on, by=by, at=at)
    return len(due), by_currency(due, "release_minor")


def _call_funds(session: Session, on: date, by: str, at: datetime) -> Done:
    """Bring funds up to their target where the contract rebuilds them at once."""
    terms = {
        contract_id: one
        for contract_id, one in contracts.terms_of_all(session, on).items()
        if one.retention_build_up is RetentionBuildUp.IMMEDIATE
    }
    due = [fund for fund in queries.funds(session, on=on, terms=terms) if fund.missing_minor]
    for fund in due:
        _move_fund(session, fund, fund.missing_minor, on, by=by, at=at)
    return len(due), by_currency(due, "missing_minor")


def _move_fund(
    session: Session, fund: queries.FundView, amount_minor: int, on: date, *, by: str, at: datetime
) -> None:
    """Debit the current account for the fund, or the other way round when negative."""
    calls = amount_minor > 0
    kind = TransactionKind.RETENTION_CALL if calls else TransactionKind.RETENTION_RELEASE
    current = AccountKey(AccountKind.CLIENT_CURRENT, fund.currency, fund.contract_id)
    held = AccountKey(AccountKind.RETENTION_FUND, fund.currency, fund.contract_id)
    posting = Posting(
        kind=kind, source_kind="contract", source_id=fund.contract_id,
        effect=f"{kind.value.lower()}:{on.isoformat()}", value_date=on,
        contract_id=fund.contract_id,
        lines=(Line(current, amount_minor), Line(held, -amount_minor)),
    )  # fmt: skip
    ledger.post(session, posting, by=by, at=at)
