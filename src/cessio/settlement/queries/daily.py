"""What settlement works on: balances by value date, funds and what is due of them, runs done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import Session

from cessio.contracts.models import Contract
from cessio.contracts.rules import retention_base, retention_release, retention_target
from cessio.contracts.rules.terms import Terms
from cessio.funding import queries as funding
from cessio.funding.models import Drawdown, PrepaidPart
from cessio.funding.rules import Availability
from cessio.kernel.accrual import Movement
from cessio.kernel.calendar import Period
from cessio.kernel.ids import lock_key
from cessio.receivables.bulk.planning import planned_for
from cessio.settlement.models import FinancingCharge, FinancingDay, SettlementRun
from cessio.settlement.rules import Balance, Prepaid


@dataclass(frozen=True, slots=True)
class Balances:
    """A contract's funds in use and retention fund by value date over a period."""

    funds_in_use: Balance
    retention: Balance


@dataclass(frozen=True, slots=True)
class FundView:
    """A contract's retention fund: what it holds, should hold, and may give back or still needs."""

    contract_id: int
    reference: str
    currency: str
    client_id: int
    balance_minor: int
    target_minor: int
    release_minor: int
    missing_minor: int


@dataclass(frozen=True, slots=True)
class ChargeView:
    """A financing commission posted for a period."""

    contract_id: int
    reference: str
    kind: str
    from_on: date
    to_on: date
    interest_numbers_minor: int
    amount_minor: int
    currency: str
    charged_at: datetime


@dataclass(frozen=True, slots=True)
class DayView:
    """One day of a contract's financing: base, rates, and the day's exact cost to be summed."""

    on: date
    base_minor: int
    interest_free_minor: int
    prepaid_minor: int
    index_rate: Decimal
    rate: Decimal
    day_basis: int


@dataclass(frozen=True, slots=True)
class RunView:
    """One step of a daily run; ``totals`` in minor units by currency."""

    on: date
    step: str
    done_at: datetime
    done_by: str
    contract_count: int
    totals: dict[str, int]


#: What a period begins with is today's balance less what moved since: years are not read again.
_BY_VALUE_DATE = """
    WITH mine AS MATERIALIZED (
      SELECT id, contract_id, kind = 'RETENTION_FUND' AS is_fund, balance_minor
        FROM ledger_account
       WHERE kind IN ('RECEIVABLE', 'CLIENT_CURRENT', 'RETENTION_FUND')
         AND contract_id = ANY(:contracts)
    ), moved AS MATERIALIZED (
      SELECT mine.contract_id, is_fund, value_date, sum(amount_minor) AS minor
        FROM ledger_transaction AS head
        JOIN ledger_entry AS entry ON entry.transaction_id = head.id
        JOIN mine ON mine.id = entry.account_id
       WHERE value_date >= :from_on
       GROUP BY 1, 2, 3
    )
    SELECT contract_id, value_date,
           coalesce(sum(minor) FILTER (WHERE NOT is_fund), 0)::bigint,
           coalesce(-sum(minor) FILTER (WHERE is_fund), 0)::bigint
      FROM (SELECT contract_id, is_fund, value_date, minor FROM moved WHERE value_date <= :to_on
             UNION ALL
            SELECT contract_id, is_fund, CAST(NULL AS date), -minor FROM moved
             UNION ALL
            SELECT contract_id, is_fund, NULL, balance_minor FROM mine) AS every_part
     GROUP BY 1, 2 ORDER BY 1, 2 NULLS FIRST
"""
_BEGUN = """
    SELECT DISTINCT contract_id FROM ledger_account AS account
     WHERE contract_id = ANY(:contracts)
       AND kind IN ('RECEIVABLE', 'CLIENT_CURRENT', 'RETENTION_FUND')
       AND EXISTS (SELECT FROM ledger_entry AS entry
                     JOIN ledger_transaction AS head ON head.id = entry.transaction_id
                    WHERE entry.account_id = account.id AND head.value_date <= :to_on)
"""


def balances_by_value_date(
    session: Session, contract_ids: Sequence[int], period: Period
) -> dict[int, Balances]:
    """Funds in use (O − CC) and retention fund of contracts, day by value date (domain.md §5)."""
    facts = {"from_on": period.start, "to_on": period.end, "contracts": list(contract_ids)}
    with planned_for(session, {"work_mem": "64MB"}):
        rows = session.execute(text(_BY_VALUE_DATE), facts).all()
    opening: dict[int, tuple[int, int]] = {}
    moved: dict[int, list[tuple[date, int, int]]] = {}
    for contract_id, on, in_use, held in rows:
        if on is None:
            opening[contract_id] = (in_use, held)
        else:
            moved.setdefault(contract_id, []).append((on, in_use, held))
    still = [one for one, sums in opening.items() if sums == (0, 0) and one not in moved]
    begun = session.scalars(text(_BEGUN), {"to_on": period.end, "contracts": still})
    opening = {one: opening[one] for one in opening.keys() - {*still} | {*begun}}
    return {
        contract_id: Balances(
            Balance(
                opening[contract_id][0],
                tuple(Movement(on, minor) for on, minor, _ in moved.get(contract_id, ())),
            ),
            Balance(
                opening[contract_id][1],
                tuple(Movement(on, minor) for on, _, minor in moved.get(contract_id, ())),
            ),
        )
        for contract_id in sorted(opening)
    }


def funds(
    session: Session, *, on: date, terms: dict[int, Terms],
    book: dict[int, Availability] | None = None,
) -> list[FundView]:  # fmt: skip
    """The retention fund of every contract in ``terms`` against its target.

    ``book`` is their availability on that date, if the caller has it already.
    """
    found = book or funding.book_availability(session, on=on, contract_ids=list(terms))
    rows = session.execute(
        select(
            Contract.id, Contract.reference, Contract.currency, Contract.client_id,
            Contract.ended_on,
        )
        .where(Contract.id.in_(list(terms)))
        .order_by(Contract.reference)
    )  # fmt: skip
    views = []
    for contract_id, reference, currency, client_id, ended_on in rows:
        its, now = terms[contract_id], found[contract_id]
        base = retention_base(
            its, outstanding_minor=now.outstanding_minor, eligible_minor=now.eligible_minor,
            fundable_minor=now.fundable_minor,
        )  # fmt: skip
        ended = ended_on is not None and ended_on <= on
        target = retention_target(its, base, contract_ended=ended)
        release = retention_release(
            its, base_minor=base, balance_minor=now.retention_minor, contract_ended=ended
        )
        views.append(
            FundView(
                contract_id, reference, currency, client_id, now.retention_minor, target,
                release, max(0, target - now.retention_minor),
            )
        )  # fmt: skip
    return views


def live_contracts(session: Session) -> list[tuple[int, str, date, date | None]]:
    """Contracts with their currency, start and end, in id order."""
    rows = session.execute(
        select(Contract.id, Contract.currency, Contract.starts_on, Contract.ended_on).order_by(
            Contract.id
        )
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def running_contracts(session: Session, from_on: date, to_on: date) -> list[tuple[int, str, int]]:
    """Contracts that ran on some day of a period: id, reference and client, in id order."""
    rows = session.execute(
        select(Contract.id, Contract.reference, Contract.client_id)
        .where(
            Contract.starts_on <= to_on,
            or_(Contract.ended_on.is_(None), Contract.ended_on >= from_on),
        )
        .order_by(Contract.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def lock_day(session: Session, *, on: date) -> None:
    """Let one run at a time settle a day; the next one then sees what was done."""
    session.execute(select(func.pg_advisory_xact_lock(lock_key("settlement", on))))


def run_done(session: Session, *, on: date, step: str) -> bool:
    """Whether a step of a business day was run before."""
    model = SettlementRun
    found = select(model.id).where(model.on == on, model.step == step)
    return session.scalar(found) is not None


def days_settled(session: Session, *, from_on: date, to_on: date) -> set[date]:
    """The days of a period whose run came to its last step."""
    model = SettlementRun
    return set(
        session.scalars(
            select(model.on).where(model.step == "retention_call", model.on.between(from_on, to_on))
        )
    )


def runs(session: Session, *, limit: int = 60) -> list[RunView]:
    """Steps run, latest first."""
    model = SettlementRun
    rows = session.scalars(select(model).order_by(model.on.desc(), model.id.desc()).limit(limit))
    return [
        RunView(
            row.on, row.step, row.done_at, row.done_by, row.contract_count,
            {"EUR": row.total_minor} if row.totals is None else row.totals,
        )
        for row in rows
    ]  # fmt: skip


def financing_days(
    session: Session, *, contract_id: int, from_on: date, to_on: date
) -> list[DayView]:
    """The stored days of a contract's financing, in order."""
    model = FinancingDay
    rows = session.scalars(
        select(model)
        .where(model.contract_id == contract_id, model.on.between(from_on, to_on))
        .order_by(model.on)
    )
    return [
        DayView(
            r.on, r.base_minor, r.interest_free_minor, r.prepaid_minor, r.index_rate, r.rate,
            r.day_basis,
        )
        for r in rows
    ]  # fmt: skip


def prepaid(
    session: Session, contract_ids: Sequence[int], period: Period
) -> dict[int, list[Prepaid]]:
    """What was paid for in advance and runs in a period, by contract; not what was given back."""
    part = PrepaidPart
    rows = session.execute(
        select(Drawdown.contract_id, part)
        .join(Drawdown, Drawdown.id == part.drawdown_id)
        .where(Drawdown.contract_id.in_(contract_ids))
        .where(Drawdown.state.in_(("requested", "granted", "ordered", "paid")))
        .where(part.from_on <= period.end, part.to_on > period.start)
        .order_by(part.id)
    )
    found: dict[int, list[Prepaid]] = {}
    for contract_id, row in rows:
        found.setdefault(contract_id, []).append(
            Prepaid(
                row.amount_minor, row.commission_minor, row.from_on, row.to_on, row.rate,
                row.day_basis,
            )
        )  # fmt: skip
    return found


def charges(
    session: Session, *, contract_id: int | None = None, limit: int = 60
) -> list[ChargeView]:
    """Financing commissions posted, latest period first."""
    model = FinancingCharge
    query = (
        select(model, Contract.reference, Contract.currency)
        .join(Contract, Contract.id == model.contract_id)
        .order_by(model.to_on.desc(), model.id.desc())
        .limit(limit)
    )
    if contract_id is not None:
        query = query.where(model.contract_id == contract_id)
    return [
        ChargeView(
            row.contract_id, reference, row.kind, row.from_on, row.to_on,
            row.interest_numbers_minor, row.amount_minor, currency, row.charged_at,
        )
        for row, reference, currency in session.execute(query)
    ]  # fmt: skip


def charged_for(session: Session, *, contract_id: int, period: Period) -> int:
    """What a contract was charged for a period, adjustments included."""
    model = FinancingCharge
    total = session.scalar(
        select(func.coalesce(func.sum(model.amount_minor), 0)).where(
            model.contract_id == contract_id, model.from_on == period.start,
            model.to_on == period.end,
        )
    )  # fmt: skip
    return int(total or 0)


_COMMISSION_CHARGED = """
    SELECT account.contract_id, -coalesce(sum(other.amount_minor), 0)::bigint
      FROM ledger_transaction AS head
      LEFT JOIN ledger_transaction AS undone ON undone.id = head.reverses_id
      JOIN ledger_entry AS mine ON mine.transaction_id = head.id
      JOIN ledger_account AS account ON account.id = mine.account_id
       AND account.kind = 'CLIENT_CURRENT'
      JOIN ledger_entry AS other ON other.transaction_id = head.id
      JOIN ledger_account AS income ON income.id = other.account_id AND income.kind = 'FEE_INCOME'
     WHERE coalesce(undone.kind, head.kind) IN ('COMMISSION', 'ANNUAL_MINIMUM')
       AND account.contract_id = :contract AND head.booked_on BETWEEN :from_on AND :to_on
     GROUP BY 1
"""


def commission_charged(session: Session, *, contract_id: int, year: Period) -> int:
    """Factoring commission before VAT charged to a contract over a contract year."""
    row = session.execute(
        text(_COMMISSION_CHARGED),
        {"contract": contract_id, "from_on": year.start, "to_on": year.end},
    ).first()
    return int(row[1]) if row else 0
