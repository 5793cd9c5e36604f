"""Reading a month as it would close: what keeps it open, its books, what is kept of closed ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cessio.approvals import subject_hash
from cessio.closing.models import ClosedMonth
from cessio.closing.queries.days import closed_day, last_closed
from cessio.closing.rules import (
    CASH_DAYS,
    AccountLine,
    Accrual,
    Books,
    Check,
    CheckKind,
    SubLedger,
    accrued_of,
)
from cessio.contracts import queries as contracts
from cessio.contracts.models import IndexFixing
from cessio.contracts.rules import Terms
from cessio.kernel.calendar import (
    Period,
    add_months,
    business_date,
    contract_year,
    end_of_day,
    is_business_day,
    month_end,
    previous_business_day,
    previous_month,
)
from cessio.ledger import AccountKind
from cessio.ledger import queries as ledger
from cessio.settlement import queries as settlement

SUBJECT = "closed_month"
#: What is kept of the books of a closed month, and what each part is made of.
KEPT: dict[str, Callable[..., Any]] = {
    "lines": AccountLine, "sub_ledgers": SubLedger, "accruals": Accrual,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClosedMonthView:
    """A closed month: ``figures`` are its balances, its accruals, and what was pointed out."""

    month: date
    to_on: date
    sha256: bytes
    figures: dict[str, Any]
    asked_by: str
    asked_at: datetime
    closed_by: str
    closed_at: datetime


#: Accounts without their last statement, payouts without answer, requests open.
_WAITS = text("""
    SELECT 'statements', count(*)
      FROM (SELECT account_id FROM bank_statement GROUP BY account_id
            HAVING max(to_on) < CAST(:expected AS date)) AS late
     UNION ALL
    SELECT 'drawdowns', count(*)
      FROM drawdown JOIN payment_order ON payment_order.id = drawdown.order_id
     WHERE drawdown.state = 'ordered' AND payment_order.sent_at < :over
     UNION ALL
    SELECT 'approvals', count(*) FROM approval
     WHERE decision IS NULL AND asked_at < :over AND subject_kind <> :subject
     UNION ALL
    SELECT 'cash', count(*)
      FROM waiting_line JOIN bank_line ON bank_line.id = waiting_line.bank_line_id
     WHERE bank_line.booked_on <= CAST(:old AS date)
     UNION ALL
    SELECT 'jobs', count(*) FROM job
     WHERE state = 'dead' AND (kind LIKE 'closing.%' OR kind LIKE 'settlement.%')
       AND created_at < :over
""")

#: What the details of an account come to now; positive as the account is.
_DETAILS = text("""
    SELECT 'RECEIVABLE', contract.currency, sum(receivable.open_minor)::bigint
      FROM receivable JOIN contract ON contract.id = receivable.contract_id
     WHERE receivable.closed_on IS NULL GROUP BY contract.currency
     UNION ALL
    SELECT 'SUSPENSE_CASH', account.currency,
           -sum(line.amount_minor - line.applied_minor)::bigint
      FROM waiting_line JOIN bank_line AS line ON line.id = waiting_line.bank_line_id
      JOIN factor_account AS account ON account.id = line.account_id GROUP BY account.currency
     UNION ALL
    SELECT 'BANK', account.currency, sum(statement.movements_minor)::bigint
      FROM bank_statement AS statement
      JOIN factor_account AS account ON account.id = statement.account_id
     GROUP BY account.currency
""")
_DETAILED = (AccountKind.RECEIVABLE, AccountKind.SUSPENSE_CASH, AccountKind.BANK)

_ACCRUALS = text("""
    SELECT charge.contract_id, contract.reference, company.name, contract.currency,
           sum(charge.amount_minor)::bigint
      FROM financing_charge AS charge
      JOIN ledger_transaction AS head ON head.id = charge.transaction_id
       AND head.booked_on > :end
      JOIN contract ON contract.id = charge.contract_id
      JOIN client ON client.id = contract.client_id
      JOIN company ON company.id = client.company_id
     WHERE charge.to_on <= :end
     GROUP BY charge.contract_id, contract.reference, company.name, contract.currency
    HAVING sum(charge.amount_minor) <> 0
     ORDER BY contract.reference
""")


def books(session: Session, month: Period, *, at: datetime) -> Books:
    """A month as it would close now: every check, its books with the accruals, the sub-ledgers."""
    accruals = accruals_of(session, month)
    lines = _lines(session, month, accrued_of(accruals))
    subs = _sub_ledgers(session, {(one.kind, one.currency): one.booked_minor for one in lines})
    counts = _counts(session, month, at)
    sums: Counter[str] = Counter()
    for line in lines:
        sums[line.currency] += line.minor
    counts[CheckKind.BOOKS] = sum(1 for one in subs if one.difference_minor) + sum(
        1 for minor in sums.values() if minor
    )
    last = last_closed(session)
    day = closed_day(session, last) if last is not None else None
    return Books(
        month, tuple(Check(kind, counts.get(kind, 0)) for kind in CheckKind), lines, subs,
        accruals, day.seal.sha256.hex() if day is not None and counts[CheckKind.DAYS] == 0 else "",
    )  # fmt: skip


def books_hash(found: Books) -> bytes:
    """The hash of what two persons agree on."""
    return subject_hash(found.facts)


def accruals_of(session: Session, month: Period) -> tuple[Accrual, ...]:
    """Interest of a month, and of those before it, that was charged after its end."""
    return tuple(Accrual(*row) for row in session.execute(_ACCRUALS, {"end": month.end}))


def last_closed_month(session: Session) -> date | None:
    """The first day of the last closed month, if any."""
    return session.scalar(select(ClosedMonth.month).order_by(ClosedMonth.month.desc()).limit(1))


def closed_months(session: Session, *, limit: int = 24) -> list[ClosedMonthView]:
    """Closed months, latest first."""
    rows = session.scalars(select(ClosedMonth).order_by(ClosedMonth.month.desc()).limit(limit))
    return [_closed(row) for row in rows]


def closed_month(session: Session, first: date) -> ClosedMonthView | None:
    """The closed month that begins on a day; None where that is open."""
    row = session.get(ClosedMonth, first)
    return None if row is None else _closed(row)


def _closed(row: ClosedMonth) -> ClosedMonthView:
    return ClosedMonthView(**{name: getattr(row, name) for name in ClosedMonthView.__slots__})


def books_closed(month: ClosedMonthView) -> Books:
    """The books of a closed month as two persons agreed on them."""
    kept: dict[str, Any] = {
        name: tuple(made(**_named(one)) for one in month.figures[name])
        for name, made in KEPT.items()
    }
    return Books(Period(month.month, month.to_on), checks=(), seal=month.figures["seal"], **kept)


def _named(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "kind": AccountKind(one["kind"])} if "kind" in one else one


def first_open_month(session: Session, on: date) -> Period:
    """The month that closes next: the one after the last closed, else the last that is over."""
    last = last_closed_month(session)
    start = previous_month(on).start if last is None else add_months(last, 1)
    return Period(start, month_end(start))


def _counts(session: Session, month: Period, at: datetime) -> dict[CheckKind, int]:
    end = month.end
    expected = end if is_business_day(end) else previous_business_day(end)
    rows = session.execute(
        _WAITS,
        {"expected": expected, "over": end_of_day(end), "old": end - timedelta(days=CASH_DAYS),
         "subject": SUBJECT},
    )  # fmt: skip
    counts = {CheckKind(name): int(count) for name, count in rows}
    last, before = last_closed(session), last_closed_month(session)
    opened = max(month.start, last + timedelta(days=1)) if last is not None else month.start
    counts[CheckKind.DAYS] = max(0, (end - opened).days + 1)
    counts[CheckKind.MONTH_OVER] = int(end >= business_date(at))
    counts[CheckKind.MONTH_BEFORE] = int(before is not None and month.start > add_months(before, 1))
    terms = contracts.terms_of_all(session, end)
    counts[CheckKind.SETTLEMENT] = _not_settled(session, month, terms)
    counts[CheckKind.FIXINGS] = _without_fixing(session, month, terms)
    counts[CheckKind.INVOICES] = len(
        {line.contract_id for line in settlement.not_invoiced(session, to_on=end)}
    )
    return counts


def _not_settled(session: Session, month: Period, terms: dict[int, Terms]) -> int:
    """Days that no later run makes up for: the month's last, and those that end a year with a
    minimum."""
    due = {month.end}
    for contract_id, _currency, starts_on, _ended in settlement.live_contracts(session):
        if contract_id in terms and terms[contract_id].annual_minimum_minor:
            due.add(contract_year(starts_on, max(starts_on, month.start)).end)
    done = settlement.days_settled(session, from_on=month.start, to_on=month.end)
    return len({day for day in due if month.start <= day <= month.end} - done)


def _without_fixing(session: Session, month: Period, terms: dict[int, Terms]) -> int:
    """Indexes that contracts are built on and nobody published a value of during the month."""
    used = {one.interest_index.value for one in terms.values()}
    known = session.scalars(
        select(IndexFixing.index_name)
        .where(IndexFixing.fixed_on.between(month.start, month.end))
        .distinct()
    )
    return len(used - set(known))


def _lines(session: Session, month: Period, accrued: dict[str, int]) -> tuple[AccountLine, ...]:
    booked = ledger.trial_balance_on(session, on=month.end)
    added = {(AccountKind.ACCRUED_INTEREST, currency): minor for currency, minor in accrued.items()}
    added |= {
        (AccountKind.INTEREST_INCOME, currency): -minor for currency, minor in accrued.items()
    }
    return tuple(
        AccountLine(*key, booked.get(key, 0), added.get(key, 0)) for key in sorted(booked | added)
    )


def _sub_ledgers(
    session: Session, at_end: dict[tuple[AccountKind, str], int]
) -> tuple[SubLedger, ...]:
    """Details are what they are now: what the ledger moved since the month ended is taken off."""
    now = ledger.trial_balance(session)
    details = {(AccountKind(kind), currency): minor for kind, currency, minor
               in session.execute(_DETAILS)}  # fmt: skip
    keys = sorted(key for key in {*now, *details} if key[0] in _DETAILED)
    return tuple(
        SubLedger(
            *key, at_end.get(key, 0),
            at_end.get(key, 0) - now.get(key, 0) + details.get(key, 0),
        )
        for key in keys
    )  # fmt: skip
