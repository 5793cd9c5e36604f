"""Reading the portfolio for a bank, from the figures that the portfolio's pages show."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cessio.documents.models import Document
from cessio.funding import queries as funding
from cessio.funding.bulk.groups import OPEN_BEFORE
from cessio.funding.rules import Availability
from cessio.kernel.calendar import add_months, end_of_day
from cessio.parties.queries import debtor_names
from cessio.reporting.models import IssuedReport
from cessio.reporting.queries.indicators import DILUTED
from cessio.reporting.queries.portfolio import (
    PortfolioContract,
    portfolio_contracts,
)
from cessio.reporting.rules import AGE_BUCKETS, AgeBucket
from cessio.reporting.rules.indicators import Diluted
from cessio.reporting.rules.loan_tape import HeldBy, Tape, TapeLine, total_of

#: Debtors named in a report, the greatest first.
NAMED = 10

#: What each debtor owes under each contract, by how late it is.
_OWED = """
    SELECT contract_id, debtor_id,
           width_bucket(CAST(:on AS date) - due_date, ARRAY[1, 31, 61, 91]), sum(open_minor)::bigint
      FROM {open} AND contract_id = ANY(:contracts) GROUP BY 1, 2, 3
"""
_OWED_NOW = text(_OWED.format(open="receivable WHERE closed_on IS NULL"))
_OWED_BEFORE = text(OPEN_BEFORE + _OWED.format(open="open WHERE true"))

_DISPUTED = """
    SELECT contract_id, sum(amount_minor)::bigint FROM dispute WHERE {open} GROUP BY contract_id
"""
_DISPUTED_NOW = text(_DISPUTED.format(open="ended_at IS NULL"))
_DISPUTED_BEFORE = text(_DISPUTED.format(
    open="opened_at < :before AND (ended_at IS NULL OR ended_at >= :before)"
))  # fmt: skip

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
    held: dict[int, Counter[int]]
    names: dict[int, str]
    diluted: dict[int, Diluted]
    disputed: dict[int, int]


def loan_tape(session: Session, *, on: date, is_past: bool = False) -> Tape:
    """The live contracts on a day, and each currency in all.

    As the books are now; or, of a past day, as they were known at its end: told again later, it is
    the same.
    """
    live = portfolio_contracts(session, on=on)
    if is_past:
        _terms, found = funding.book_at_end_of(session, on)
        live = tuple(one for one in live if one.contract_id in found)
    else:
        ids = [one.contract_id for one in live]
        found = funding.book_availability(session, on=on, contract_ids=ids)
    read = _read(session, found, [one.contract_id for one in live], on, is_past=is_past)
    lines = tuple(_line(one, read) for one in live)
    return Tape(
        on, lines,
        tuple(
            total_of(currency, lines, _largest(read, live, currency))
            for currency in sorted({line.currency for line in lines})
        ),
    )  # fmt: skip


def _read(
    session: Session, found: dict[int, Availability], contract_ids: list[int], on: date, *,
    is_past: bool,
) -> _Read:  # fmt: skip
    facts = {"contracts": contract_ids, "on": on, "since": add_months(on, -3),
             "before": end_of_day(on)}  # fmt: skip
    buckets = [bucket for bucket, _last in AGE_BUCKETS]
    ages: dict[int, dict[AgeBucket, int]] = defaultdict(lambda: dict.fromkeys(AgeBucket, 0))
    held: dict[int, Counter[int]] = defaultdict(Counter)
    owed = session.execute(_OWED_BEFORE if is_past else _OWED_NOW, facts)
    for contract_id, debtor_id, place, minor in owed:
        ages[contract_id][buckets[place]] += minor
        held[contract_id][debtor_id] += minor
    disputed = session.execute(_DISPUTED_BEFORE if is_past else _DISPUTED_NOW, facts)
    return _Read(
        found, ages, held,
        debtor_names(session, {one for debtors in held.values() for one in debtors}),
        {row[0]: Diluted(*row[1:]) for row in session.execute(_DILUTED, facts)},
        {row[0]: row[1] for row in disputed},
    )  # fmt: skip


def _line(one: PortfolioContract, read: _Read) -> TapeLine:
    found = read.found[one.contract_id]
    [first] = _first(read, read.held.get(one.contract_id, Counter()), 1) or [HeldBy("", 0)]
    return TapeLine(
        contract_id=one.contract_id, reference=one.reference, client_name=one.client_name,
        currency=one.currency, outstanding_minor=found.outstanding_minor,
        eligible_minor=found.eligible_minor, fundable_minor=found.fundable_minor,
        funded_minor=found.funds_in_use_minor, retention_minor=found.retention_minor,
        disputed_minor=read.disputed.get(one.contract_id, 0), largest_minor=first.open_minor,
        largest_name=first.name,
        ages=read.ages[one.contract_id],
        diluted=read.diluted.get(one.contract_id, Diluted(0, 0, 0)),
    )  # fmt: skip


def _largest(read: _Read, live: Iterable[PortfolioContract], currency: str) -> tuple[HeldBy, ...]:
    """Who owes most under all contracts of a currency."""
    sums: Counter[int] = Counter()
    for contract in live:
        if contract.currency == currency:
            sums.update(read.held.get(contract.contract_id, {}))
    return tuple(_first(read, sums, NAMED))


def _first(read: _Read, held: Mapping[int, int], most: int) -> list[HeldBy]:
    """Those who owe most, the most first."""
    owing = [(minor, debtor_id) for debtor_id, minor in held.items() if minor > 0]
    owing.sort(key=lambda one: (-one[0], one[1]))
    return [HeldBy(read.names[debtor_id], minor) for minor, debtor_id in owing[:most]]


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


def code_of_file(session: Session, *, sha256: bytes) -> str | None:
    """The verification code of the report that a file is, byte for byte."""
    query = (
        select(IssuedReport.verification_code)
        .join(Document, Document.id == IssuedReport.document_id)
        .where(Document.sha256 == sha256)
    )
    return session.scalar(query.order_by(IssuedReport.id).limit(1))


def report_document(session: Session, report_id: int) -> int | None:
    """The document of a report."""
    row = session.get(IssuedReport, report_id)
    return None if row is None else row.document_id


def _view(row: IssuedReport) -> IssuedReportView:
    return IssuedReportView(**{name: getattr(row, name) for name in IssuedReportView.__slots__})
