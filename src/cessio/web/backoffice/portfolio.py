"""The portfolio cockpit: a row a contract, with what waits on it, what it may draw and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar import Response, get

from cessio.identity import Permission
from cessio.web import explaining
from cessio.web.backoffice import lists, work
from cessio.web.cockpit import FILTERS, CockpitRow, Wanted, cockpit
from cessio.web.exports import Column, export
from cessio.web.guards import staff
from cessio.web.render import _, render
from cessio.web.requests import AnyRequest, At, CountsOn, Db, On, Who
from cessio.web.words import label

SEE = staff(Permission.SEE_CONTRACTS)


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row with the words and the address of what withholds most."""

    row: CockpitRow
    first_words: str | None
    first_href: str | None


@get("/backoffice/portfolio", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_portfolio(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, counts_on: CountsOn
) -> Response[Any]:
    """One's own clients, the team's or all; ``?waiting=`` keeps such rows, ``?q=`` names."""
    seen = work.reach(session, signed, on)
    scope = work.asked_scope(request, seen.scopes)
    waiting = request.query_params.get("waiting", "")
    file_wanted = lists.file_format(request)
    wanted = Wanted(
        clients=seen.clients(scope), words=lists.asked_text(request, "q") or "",
        waiting=waiting if waiting in FILTERS else "",
        sort=request.query_params.get("sort", "-busy"),
        after=lists.asked_number(request, "after"), everything=file_wanted is not None,
    )  # fmt: skip
    found = cockpit(session, on=on, counts_on=counts_on, wanted=wanted)
    if file_wanted:
        return export(request, file_wanted, "portfolio", _columns(), map(_cells, found.rows),
                      at=at, title=_("Portfolio"))  # fmt: skip
    page = render(
        request, "backoffice/today/show_portfolio.html", found=found, on=on, scopes=seen.scopes,
        scope=scope, rows=[_shown(row) for row in found.rows],
    )  # fmt: skip
    return work.remember_scope(request, page, scope)


def _shown(row: CockpitRow) -> ShownRow:
    if row.first is None:
        return ShownRow(row, None, None)
    lines = f"/backoffice/contracts/{row.contract.contract_id}/withheld"
    return ShownRow(row, explaining.words(row.first), explaining.href(row.first, lines))


def _columns() -> list[Column]:
    return [
        Column(_("Client")), Column(_("Contract")), Column(_("Product")),
        Column(_("Account manager")), Column(_("Currency")),
        Column(_("Remittances to examine"), "number"), Column(_("Limit requests"), "number"),
        Column(_("Open disputes"), "number"), Column(_("Receipts waiting"), "number"),
        Column(_("Oldest receipt"), "date"), Column(_("Outstanding"), "money"),
        Column(_("Withheld"), "money"), Column(_("First reason")),
        Column(_("Drawn"), "money"), Column(_("Facility"), "money"),
        Column(_("Available"), "money"), Column(_("Difference"), "money"),
    ]  # fmt: skip


def _cells(row: CockpitRow) -> tuple[Any, ...]:
    one, sums, waiting = row.contract, row.figures, row.waiting
    return (
        one.client_name, one.reference, label(one.product), one.account_manager, one.currency,
        waiting.remittances, waiting.requests, waiting.disputes, waiting.cash,
        waiting.cash_since, sums.outstanding_minor, sums.withheld_minor,
        explaining.words(row.first) if row.first else None, sums.drawn_minor,
        sums.facility_minor, sums.payable_minor, row.moved_minor,
    )  # fmt: skip


HANDLERS = [show_portfolio]
