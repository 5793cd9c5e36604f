"""Cover by pages: a debtor's invoices in cover order, and the limits of the whole book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.contracts.queries import terms_in_force
from cessio.contracts.rules import CoverOrderKey
from cessio.kernel.paging import Page, PageRequest, page_of
from cessio.receivables.queries.cover import CoveredInvoice, PairCover

#: The date that each order of cover goes by.
_DATES = {
    CoverOrderKey.DUE_DATE: "due_date",
    CoverOrderKey.ASSIGNMENT_DATE: "assigned_on",
    CoverOrderKey.ISSUE_DATE: "issue_date",
}


@dataclass(frozen=True, slots=True)
class CoverTotals:
    """Sums over all open invoices of a debtor under a contract, whatever the page shows."""

    invoice_count: int
    open_minor: int
    disputed_minor: int
    covered_minor: int
    queued_minor: int


@dataclass(frozen=True, slots=True)
class CoverPage:
    """A page of a debtor's open invoices in cover order, by the date the contract says."""

    order_key: CoverOrderKey
    invoices: Page[CoveredInvoice]
    totals: CoverTotals


_PAGE = """
    SELECT invoice.id, invoice.number, invoice.issue_date, invoice.due_date, invoice.assigned_on,
           invoice.open_minor, coalesce(dispute.amount_minor, 0) AS disputed,
           coalesce(floor.floor_minor, 0) AS floor, coalesce(cover.covered_minor, 0) AS covered
      FROM (SELECT * FROM receivable
             WHERE contract_id = :contract_id AND debtor_id = :debtor_id AND closed_on IS NULL
               AND kind = 'invoice' {beyond}
             ORDER BY {date} {way}, number {way}, id {way} LIMIT :most) AS invoice
      LEFT JOIN dispute ON dispute.receivable_id = invoice.id AND dispute.ended_at IS NULL
      LEFT JOIN cover_floor AS floor ON floor.receivable_id = invoice.id
      LEFT JOIN LATERAL (SELECT covered_minor FROM invoice_cover
                          WHERE receivable_id = invoice.id) AS cover ON true
     ORDER BY invoice.{date} {way}, invoice.number {way}, invoice.id {way}
"""

_TOTALS = """
    SELECT count(*), coalesce(sum(invoice.open_minor), 0)::bigint,
           coalesce(sum(least(coalesce(dispute.amount_minor, 0), invoice.open_minor)), 0)::bigint,
           coalesce(max(position.covered_minor), 0),
           coalesce(max(position.coverable_minor - position.covered_minor), 0)
      FROM receivable AS invoice
      LEFT JOIN dispute ON dispute.receivable_id = invoice.id AND dispute.ended_at IS NULL
      LEFT JOIN cover_position AS position
        ON position.contract_id = :contract_id AND position.debtor_id = :debtor_id
     WHERE invoice.contract_id = :contract_id AND invoice.debtor_id = :debtor_id
       AND invoice.closed_on IS NULL AND invoice.kind = 'invoice'
"""


def cover_page(
    session: Session, page: PageRequest, *, contract_id: int, debtor_id: int, on: date
) -> CoverPage:
    """A debtor's open invoices in the order in which they come under cover."""
    order = terms_in_force(session, contract_id, on).cover_order_key
    column = _DATES[order]
    facts: dict[str, Any] = {"contract_id": contract_id, "debtor_id": debtor_id,
                             "most": page.fetch}  # fmt: skip
    beyond = ""
    if page.key is not None:
        facts |= dict(zip(("day", "number", "id"), page.key, strict=True))
        sign = "<" if page.backwards else ">"
        beyond = f"AND ({column}, number, id) {sign} (CAST(:day AS date), :number, :id)"
    statement = _PAGE.format(date=column, beyond=beyond, way="DESC" if page.backwards else "ASC")
    rows = [_covered(dict(row)) for row in session.execute(text(statement), facts).mappings()]
    totals = cover_totals(session, contract_id=contract_id, debtor_id=debtor_id)
    shown = page_of(rows, page, lambda row: (getattr(row, column), row.number, row.receivable_id))
    return CoverPage(order, shown, totals)


def cover_totals(session: Session, *, contract_id: int, debtor_id: int) -> CoverTotals:
    """The sums of the cover of a debtor's open invoices under a contract."""
    facts = {"contract_id": contract_id, "debtor_id": debtor_id}
    return CoverTotals(*session.execute(text(_TOTALS), facts).one())


def _covered(row: Mapping[str, Any]) -> CoveredInvoice:
    coverable = max(0, row["open_minor"] - row["disputed"])
    return CoveredInvoice(
        row["id"], row["number"], row["issue_date"], row["due_date"], row["assigned_on"],
        row["open_minor"], row["disputed"], min(row["floor"], coverable), row["covered"],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CoverPlace:
    """An open invoice among those of its debtor in cover order; amounts in minor units.

    ``ahead_minor`` is covered on those before it, ``queued_ahead_minor`` waits on them.
    """

    place: int
    of: int
    ahead_minor: int
    queued_ahead_minor: int
    covered_minor: int
    queued_minor: int


#: Sums before an invoice and of it alone. Disputes and cover are few beside a pair's invoices:
#: their own invoices are looked up, for a join would look every invoice up among them.
_PLACE = """
    WITH mine AS MATERIALIZED (
      SELECT id, contract_id, debtor_id, {date} AS at, number,
             coalesce(position.is_full, false) AS is_full
        FROM receivable LEFT JOIN cover_position AS position USING (contract_id, debtor_id)
       WHERE id = :id
    ), apart AS MATERIALIZED (
      SELECT 'disputed' AS what, receivable_id, amount_minor AS minor
        FROM mine JOIN dispute USING (contract_id) WHERE ended_at IS NULL
       UNION ALL
      SELECT 'covered', receivable_id, covered_minor
        FROM mine JOIN receivable_cover USING (contract_id, debtor_id) WHERE NOT is_full
    ), minor AS (
      SELECT 'open' AS what, {date} AS at, receivable.number, receivable.id,
             greatest(0, open_minor) AS minor
        FROM mine JOIN receivable USING (contract_id, debtor_id)
       WHERE closed_on IS NULL AND kind = 'invoice'
       UNION ALL
      SELECT apart.what, its.at, its.number, its.id, least(apart.minor, its.open_minor)
        FROM apart CROSS JOIN LATERAL (
          SELECT {date} AS at, number, id, debtor_id, greatest(0, open_minor) AS open_minor
            FROM receivable
           WHERE id = apart.receivable_id AND closed_on IS NULL AND kind = 'invoice' OFFSET 0
        ) AS its JOIN mine USING (debtor_id)
    )
    SELECT what, mine.is_full,
           count(*) FILTER (WHERE (minor.at, minor.number, minor.id)
                                  < (mine.at, mine.number, mine.id)),
           count(*),
           coalesce(sum(minor) FILTER (WHERE (minor.at, minor.number, minor.id)
                                             < (mine.at, mine.number, mine.id)), 0)::bigint,
           coalesce(sum(minor) FILTER (WHERE minor.id = mine.id), 0)::bigint
      FROM mine, minor GROUP BY what, mine.is_full
"""


def cover_place(session: Session, *, receivable_id: int, order: CoverOrderKey) -> CoverPlace:
    """Where an open invoice stands in the order of cover; the view ``invoice_cover`` read once."""
    statement = text(_PLACE.format(date=_DATES[order]))
    found = {row[0]: row[1:] for row in session.execute(statement, {"id": receivable_id})}
    is_full, before, of_all, *whole = found["open"]
    disputed, covered = (
        found[what][3:] if what in found else (0, 0) for what in ("disputed", "covered")
    )
    ahead, own = (minor - part for minor, part in zip(whole, disputed, strict=True))
    if is_full:
        covered = (ahead, own)
    return CoverPlace(
        before + 1, of_all, covered[0], ahead - covered[0], covered[1], own - covered[1]
    )


@dataclass(frozen=True, slots=True)
class LimitFilter:
    """Which limits of the book: by words of the debtor's or client's name, waiting ones only."""

    words: str | None = None
    contract_id: int | None = None
    queued_only: bool = False
    most_waiting_first: bool = False


@dataclass(frozen=True, slots=True)
class LimitTotals:
    """Sums of one currency over all limits that a filter keeps."""

    currency: str
    count: int
    limit_minor: int
    covered_minor: int
    free_minor: int
    queued_minor: int


_BOOK = """
    FROM cover_position AS position
    JOIN debtor ON debtor.id = position.debtor_id
    JOIN company ON company.id = debtor.company_id
    JOIN contract ON contract.id = position.contract_id
    JOIN client ON client.id = contract.client_id
    JOIN company AS seller ON seller.id = client.company_id
   WHERE true {kept}
"""
_QUEUED = "(position.coverable_minor - position.covered_minor)"
#: Names are looked through once each, not once a limit.
_NAMED = """
   AND (position.debtor_id = ANY(ARRAY(
          SELECT debtor.id FROM debtor JOIN company ON company.id = debtor.company_id
           WHERE company.name ILIKE :words))
        OR position.contract_id = ANY(ARRAY(
          SELECT contract.id FROM contract JOIN client ON client.id = contract.client_id
            JOIN company ON company.id = client.company_id
           WHERE company.name ILIKE :words)))
"""


def book_limits(
    session: Session, page: PageRequest, wanted: LimitFilter
) -> Page[tuple[PairCover, str]]:
    """Limits by debtor's name, or those with most waiting first; each with its sort name."""
    kept, facts = _kept(wanted)
    key = "company.name_key, position.contract_id, position.debtor_id"
    sign = "<" if page.backwards else ">"
    way = "DESC" if page.backwards else "ASC"
    order = f"company.name_key {way}, position.contract_id {way}, position.debtor_id {way}"
    names: tuple[str, ...] = ("name_key", "after_contract", "after_debtor")
    binds = ":name_key, :after_contract, :after_debtor"
    if wanted.most_waiting_first:
        key, order = f"-{_QUEUED}, {key}", f"-{_QUEUED} {way}, {order}"
        names, binds = ("waiting", *names), f":waiting, {binds}"
    if page.key is not None and len(page.key) == len(names):
        kept += f" AND ({key}) {sign} ({binds})"
        facts |= dict(zip(names, page.key, strict=True))
    statement = f"""
        SELECT position.contract_id, contract.reference, contract.client_id, seller.name,
               contract.currency, position.debtor_id, company.name, position.limit_minor,
               position.covered_minor, {_QUEUED}, position.kept_minor, company.name_key
        {_BOOK.format(kept=kept)} ORDER BY {order} LIMIT :most
    """
    facts["most"] = page.fetch
    rows = [(PairCover(*row[:11]), row[11]) for row in session.execute(text(statement), facts)]

    def place(row: tuple[PairCover, str]) -> tuple[int | str, ...]:
        named = (row[1], row[0].contract_id, row[0].debtor_id)
        return (-row[0].queued_minor, *named) if wanted.most_waiting_first else named

    return page_of(rows, page, place)


def book_limit_totals(session: Session, wanted: LimitFilter) -> tuple[LimitTotals, ...]:
    """Sums over everything that the filter keeps, by currency."""
    kept, facts = _kept(wanted)
    rows = session.execute(
        text(f"""
            SELECT contract.currency, count(*), sum(position.limit_minor)::bigint,
                   sum(position.covered_minor)::bigint,
                   sum(greatest(0, position.limit_minor - position.covered_minor))::bigint,
                   sum({_QUEUED})::bigint
            {_BOOK.format(kept=kept)} GROUP BY contract.currency ORDER BY contract.currency
        """),
        facts,
    )
    return tuple(LimitTotals(*row) for row in rows)


def _kept(wanted: LimitFilter) -> tuple[str, dict[str, Any]]:
    kept, facts = "", dict[str, Any]()
    if wanted.words:
        kept += _NAMED
        facts["words"] = f"%{wanted.words.replace(chr(92), '').replace('%', '')}%"
    if wanted.contract_id is not None:
        kept += " AND position.contract_id = :contract_id"
        facts["contract_id"] = wanted.contract_id
    if wanted.queued_only:
        kept += f" AND {_QUEUED} > 0"
    return kept, facts
