"""Debtor 360: one company over all clients: what it owes, is covered for, pays, disputes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from litestar import Response
from sqlalchemy.orm import Session

from cessio.kernel.paging import PageRequest
from cessio.limits import queries as limits
from cessio.limits.queries import LimitRow
from cessio.receivables import queries as receivables
from cessio.receivables.queries import behaviour, cover, cover_lists
from cessio.receivables.queries.behaviour import Exposure, PaidMonth
from cessio.receivables.queries.cover import PairCover
from cessio.web.backoffice import lists
from cessio.web.exports import Column, export
from cessio.web.render import _
from cessio.web.requests import AnyRequest

_YEAR = timedelta(days=365)
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Position:
    """What the debtor owes under one contract, its cover, and the decisions in force.

    Amounts in minor units of the contract's currency.
    """

    contract_id: int
    contract_reference: str
    client_name: str
    currency: str
    invoice_count: int
    outstanding_minor: int
    overdue_minor: int
    limit_minor: int
    covered_minor: int
    free_minor: int
    queued_minor: int
    decisions: tuple[LimitRow, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """The sums of one currency over all contracts."""

    currency: str
    outstanding_minor: int
    overdue_minor: int
    covered_minor: int
    queued_minor: int
    limit_minor: int
    days_late: Decimal | None


def debtor_facts(request: AnyRequest, session: Session, debtor_id: int, on: date) -> dict[str, Any]:
    """Everything the page shows of a debtor's business with us; ``?contract=`` picks the cover."""
    pairs = cover.pair_covers(session, debtor_id=debtor_id)
    owed = behaviour.debtor_exposure(session, debtor_id=debtor_id, on=on)
    decided = limits.open_limits(session, debtor_id=debtor_id)
    positions = _positions(pairs, owed, decided)
    known = [pair.contract_id for pair in pairs]
    asked = lists.asked_number(request, "contract")
    chosen = asked if asked in known else next(iter(known), None)
    paid = behaviour.payment_behaviour(session, debtor_id=debtor_id, since=on - _YEAR)
    return {
        "positions": positions, "standings": _standings(positions, paid.months),
        "chosen_id": chosen, "pairs": pairs, "months": paid.months, "brackets": paid.brackets,
        "cohorts": paid.cohorts,
        "pays_chart": [(f"{one.month:%m}", round(one.days_late)) for one in reversed(paid.months)],
        "bounded": sum(one.invoice_count for one in positions) > behaviour.MOST_INVOICES,
        "most": behaviour.MOST_INVOICES,
        "words": limits.insurer_words(session, [(one.contract_id, debtor_id) for one in positions]),
        "use_chart": _use_chart(positions), "proposed": limits.open_proposals(
            session, debtor_id=debtor_id),
        "history": limits.debtor_history(session, debtor_id=debtor_id, most=_SHOWN),
        "covered": (
            cover_lists.cover_page(session, lists.asked_page(request), contract_id=chosen,
                                   debtor_id=debtor_id, on=on)
            if chosen is not None else None
        ),
        "requests": limits.requests(session, debtor_id=debtor_id, open_only=True),
        "disputes": receivables.disputes(session, PageRequest(_SHOWN), is_open=None,
                                         debtor_id=debtor_id).rows,
    }  # fmt: skip


def cover_file(
    request: AnyRequest, session: Session, wanted: str, debtor_id: int, name: str, *, on: date,
    at: datetime,
) -> Response[Any]:  # fmt: skip
    """The debtor's open invoices in cover order under ``?contract=``, all of them, as a file."""
    pairs = cover.pair_covers(session, debtor_id=debtor_id)
    known = {pair.contract_id: pair for pair in pairs}
    asked = lists.asked_number(request, "contract")
    chosen = known.get(asked or 0) or next(iter(pairs), None)
    columns = [
        Column(_("Client")), Column(_("Invoice")), Column(_("Issued on"), "date"),
        Column(_("Due date"), "date"), Column(_("Currency")), Column(_("Open amount"), "money"),
        Column(_("Disputed"), "money"), Column(_("Waiting for cover"), "money"),
        Column(_("Covered"), "money"),
    ]  # fmt: skip

    def fetch(page: PageRequest) -> Any:
        assert chosen is not None
        return cover_lists.cover_page(session, page, contract_id=chosen.contract_id,
                                      debtor_id=debtor_id, on=on).invoices  # fmt: skip

    cells = [] if chosen is None else [
        (chosen.client_name, row.number, row.issue_date, row.due_date, chosen.currency,
         row.open_minor, row.disputed_minor, row.queued_minor, row.covered_minor)
        for row in lists.every_row(fetch)
    ]  # fmt: skip
    return export(request, wanted, "cover", columns, cells, at=at, title=name)


def _use_chart(positions: Sequence[Position]) -> list[tuple[str, list[tuple[str, int]]]]:
    """By currency: cover used, free, and waiting for room, over all contracts."""
    return [
        (sums.currency, [
            (_("Covered"), sums.covered_minor),
            (_("Free"), sum(one.free_minor for one in positions
                            if one.currency == sums.currency)),
            (_("Waiting for cover"), sums.queued_minor),
        ])
        for sums in _standings(positions) if sums.limit_minor or sums.covered_minor
    ]  # fmt: skip


def _positions(
    pairs: Sequence[PairCover], owed: Sequence[Exposure], decided: Sequence[LimitRow]
) -> list[Position]:
    covers = {pair.contract_id: pair for pair in pairs}
    debts = {one.contract_id: one for one in owed}
    held = {row.contract_id: row for row in decided}
    found = []
    for contract_id in dict.fromkeys([*debts, *covers, *held]):
        debt, pair = debts.get(contract_id), covers.get(contract_id)
        first = debt or pair or held[contract_id]
        found.append(
            Position(
                contract_id, first.contract_reference,
                debt.client_name if debt else pair.client_name if pair else "",
                first.currency,
                debt.invoice_count if debt else 0, debt.outstanding_minor if debt else 0,
                debt.overdue_minor if debt else 0,
                pair.limit_minor if pair else 0, pair.covered_minor if pair else 0,
                pair.free_minor if pair else 0, pair.queued_minor if pair else 0,
                tuple(row for row in decided if row.contract_id == contract_id),
            )
        )  # fmt: skip
    return found


def _standings(positions: Sequence[Position], months: Sequence[PaidMonth] = ()) -> list[Standing]:
    currencies = dict.fromkeys(one.currency for one in positions)
    sums = []
    for currency in currencies:
        own = [one for one in positions if one.currency == currency]
        sums.append(
            Standing(
                currency, sum(one.outstanding_minor for one in own),
                sum(one.overdue_minor for one in own), sum(one.covered_minor for one in own),
                sum(one.queued_minor for one in own), sum(one.limit_minor for one in own),
                _days_late([one for one in months if one.currency == currency]),
            )
        )  # fmt: skip
    return sums


def _days_late(months: Sequence[PaidMonth]) -> Decimal | None:
    """Days late over months of one currency, weighted by what was paid; None without any."""
    paid = sum(month.paid_minor for month in months)
    if not paid:
        return None
    late = sum(month.days_late * month.paid_minor for month in months)
    return (Decimal(late) / paid).quantize(Decimal("0.1"))
