"""Receivables: a million of them, found by anything one knows, and acted on many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Response, get
from sqlalchemy.orm import Session

from cessio.collections.queries.pursued import pursued
from cessio.house import ReasonList
from cessio.identity import Permission, Signed
from cessio.plumbing import formats
from cessio.receivables import queries
from cessio.receivables.queries import ReceivableFilter, ReceivableRow
from cessio.web.backoffice import chips, lists, receivable_filters
from cessio.web.backoffice.receivable_acts import MOST, Act, permission_of
from cessio.web.exports import Column, export
from cessio.web.guards import staff
from cessio.web.reasons import offered
from cessio.web.render import _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, On, Who


@get("/backoffice/receivables", guards=[staff(Permission.SEE_RECEIVABLES)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def list_receivables(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On
) -> Response[Any]:
    """Open ones first; every filter is in the address, and told above the list."""
    if "" in request.query_params.values():
        return redirect(chips.tidy())
    wanted = receivable_filters.asked(request, session, signed, on)
    if file_format := lists.file_format(request):
        return export(request, file_format, "receivables", _columns(),
                      _cells_of_all(session, wanted), at=at,
                      title=_("Receivables"))  # fmt: skip
    found = queries.receivables(session, lists.asked_page(request), wanted)
    people = receivable_filters.staff_of(session)
    totals = queries.found_totals(session, wanted,
                                  all_of_it=request.query_params.get("sum") == "all")  # fmt: skip
    return render(
        request, "backoffice/receivables/list_receivables.html", on=on, found=found,
        totals=totals, pursued=pursued(session, found.rows),
        followers=queries.followers(session, [row.id for row in found.rows]),
        chips=receivable_filters.told(session, request, people),
        acts_address=chips.address_of("/backoffice/receivables/acts"),
        all_words=_all_words(totals) if found.next or found.previous else None,
        acts=_acts(signed), people=people.everybody, me=signed.person_id,
        hold_reasons=offered(ReasonList.HOLD), act_reasons=offered(ReasonList.DISPUTE),
        **receivable_filters.offered(people),
    )  # fmt: skip


def _all_words(totals: queries.FoundTotals) -> str:
    """How many an act on everything would be on, and that there is an end to it."""
    if totals.count is None or totals.is_cut or totals.count > MOST:
        return _("All that the filter finds, {most} at most", most=formats.number(MOST))
    return _("All {n} that the filter finds", n=formats.number(totals.count))


def _acts(signed: Signed) -> list[tuple[str, str]]:
    """What this person may do to many receivables at once."""
    words = {
        Act.HOLD: _("Hold their funding"), Act.VERIFY: _("Say they are verified"),
        Act.DISPUTE: _("Open a dispute on each"), Act.GIVE: _("Give them to a person to follow"),
    }  # fmt: skip
    return [(act.value, said) for act, said in words.items() if signed.may(permission_of(act))]


def _columns() -> list[Column]:
    return [
        Column(_("Number")), Column(_("Client")), Column(_("Contract")), Column(_("Debtor")),
        Column(_("SIREN")), Column(_("Issued on"), "date"), Column(_("Due date"), "date"),
        Column(_("Assigned on"), "date"), Column(_("Followed by")), Column(_("Currency")),
        Column(_("Amount"), "money"), Column(_("Open amount"), "money"),
        Column(_("Covered"), "money"), Column(_("Disputed"), "money"),
    ]  # fmt: skip


def _cells_of_all(session: Session, wanted: ReceivableFilter) -> Any:
    """Every row of the list for a file, a page's followers at a time."""
    rows = lists.every_row(lambda page: queries.receivables(session, page, wanted))
    return lists.together(rows, lambda held: _cells(session, held))


def _cells(session: Session, rows: Sequence[ReceivableRow]) -> list[tuple[Any, ...]]:
    names = queries.followers(session, [row.id for row in rows])
    return [
        (
            row.number, row.client_name, row.contract_reference, row.debtor_name,
            row.debtor_siren, row.issue_date, row.due_date, row.assigned_on,
            names[row.id].name if row.id in names else None, row.currency, row.amount_minor,
            row.open_minor, row.covered_minor, row.disputed_minor,
        )
        for row in rows
    ]  # fmt: skip


HANDLERS = [list_receivables]
