"""Reading the portfolio for a bank, from the figures that the portfolio's pages show."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cessio.funding import queries as funding
from cessio.funding.rules import Availability
from cessio.kernel.calendar import add_months
from cessio.reporting.models import IssuedReport
from cessio.reporting.queries.indicators import DILUTED
from cessio.reporting.queries.portfolio import (
    PortfolioContract,
    Waiting,
    concentration,
    portfolio_contracts,
    waiting_work,
)
from cessio.reporting.rules import AGE_BUCKETS, AgeBucket
from cessio.reporting.rules.indicators import Diluted
from cessio.reporting.rules.loan_tape import HeldBy, Tape, TapeLine, total_of

#: Debtors named in a report, the greatest first.
NAMED = 10

_AGES = text("""
    SELECT contract_id, width_bucket(CAST(:on AS date) - due_date, ARRAY[1, 31, 61, 91]),
           sum(open_minor)::bigint
      FROM receivable WHERE closed_on IS NULL AND contract_id = ANY(:contracts) GROUP BY 1, 2
""")

_LARGEST = text("""
    SELECT DISTINCT ON (account.contract_id)
           account.contract_id, company.name, account.balance_minor
      FROM ledger_account AS account
      JOIN debtor ON debtor.id = account.debtor_id
      JOIN company ON company.id = debtor.company_id
     WHERE account.kind = 'RECEIVABLE' AND account.contract_id = ANY(:contracts)
       AND account.balance_minor > 0
     ORDER BY account.contract_id, account.balance_minor DESC, account.debtor_id
""")

_DILUTED = text(f"""
    SELECT head.contract_id, {DILUTED}
       AND head.contract_id = ANY(:contracts) AND head.booked_on BETWEEN :since AND :on
     GROUP BY head.contract_id
""")


@dataclass(frozen=True, slots=True)
class IssuedReportView:
    """A report that was issued; ``totals`` are what its verification code vouches for."""

    id: int
    as_of: date
    format: str
    totals: list[dict[str, Any]]
    verification_code: str
    document_id: int
    issued_at: datetime
    issued_by: str


@dataclass(frozen=True, slots=True)
class _Read:
    """What is read of every contract, by its id."""

    found: dict[int, Availability]
    ages: dict[int, dict[AgeBucket, int]]
    largest: dict[int, tuple[str, int]]
    diluted: dict[int, Diluted]
    waiting: dict[int, Waiting]


def loan_tape(session: Session, *, on: date) -> Tape:
    """The live contracts on a day as the books are now, and each currency in all."""
    live = portfolio_contracts(session, on=on)
    ids = [one.contract_id for one in live]
    facts = {"contracts": ids, "on": on, "since": add_months(on, -3)}
    buckets = [bucket for bucket, _last in AGE_BUCKETS]
    ages: dict[int, dict[AgeBucket, int]] = defaultdict(lambda: dict.fromkeys(AgeBucket, 0))
    for contract_id, place, minor in session.execute(_AGES, facts):
        ages[contract_id][buckets[place]] = minor
    read = _Read(
        funding.book_availability(session, on=on, contract_ids=ids), ages,
        {row[0]: (row[1], row[2]) for row in session.execute(_LARGEST, facts)},
        {row[0]: Diluted(*row[1:]) for row in session.execute(_DILUTED, facts)},
        waiting_work(session),
    )  # fmt: skip
    lines = tuple(_line(one, read) for one in live)
    return Tape(
        on, lines,
        tuple(
            total_of(currency, lines, _debtors(session, live, currency))
            for currency in sorted({line.currency for line in lines})
        ),
    )  # fmt: skip


def _line(one: PortfolioContract, read: _Read) -> TapeLine:
    found = read.found[one.contract_id]
    name, minor = read.largest.get(one.contract_id, ("", 0))
    waiting = read.waiting.get(one.contract_id, Waiting())
    return TapeLine(
        contract_id=one.contract_id, reference=one.reference, client_name=one.client_name,
        currency=one.currency, outstanding_minor=found.outstanding_minor,
        eligible_minor=found.eligible_minor, fundable_minor=found.fundable_minor,
        funded_minor=found.funds_in_use_minor, retention_minor=found.retention_minor,
        disputed_minor=waiting.disputes_minor, largest_minor=minor, largest_name=name,
        ages=read.ages[one.contract_id],
        diluted=read.diluted.get(one.contract_id, Diluted(0, 0, 0)),
    )  # fmt: skip


def _debtors(
    session: Session, live: tuple[PortfolioContract, ...], currency: str
) -> tuple[HeldBy, ...]:
    ids = [one.contract_id for one in live if one.currency == currency]
    found = concentration(session, contract_ids=ids)[:NAMED]
    return tuple(HeldBy(one.name, one.open_minor) for one in found)


def issued_reports(session: Session, *, limit: int = 60) -> list[IssuedReportView]:
    """Reports issued, latest first."""
    rows = session.scalars(select(IssuedReport).order_by(IssuedReport.id.desc()).limit(limit))
    return [_view(row) for row in rows]


def issued_report(session: Session, *, code: str) -> IssuedReportView | None:
    """The first report issued under a verification code, for those who hold one."""
    row = session.scalars(
        select(IssuedReport)
        .where(IssuedReport.verification_code == code)
        .order_by(IssuedReport.id)
        .limit(1)
    ).first()
    return None if row is None else _view(row)


def report_document(session: Session, report_id: int) -> int | None:
    """The document of a report."""
    row = session.get(IssuedReport, report_id)
    return None if row is None else row.document_id


def _view(row: IssuedReport) -> IssuedReportView:
    return IssuedReportView(**{name: getattr(row, name) for name in IssuedReportView.__slots__})
