"""The disputes desk: what debtors contest, who deals with it, and until when it is funded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.house import ReasonList
from cessio.identity import Permission
from cessio.kernel.errors import Problems
from cessio.plumbing import formats
from cessio.receivables import queries
from cessio.receivables.operations.defunding import put_off as give_time
from cessio.receivables.queries import DisputeRow
from cessio.web.actors import actors
from cessio.web.backoffice import chips, dispute_filters, lists
from cessio.web.backoffice.receivable_acts import MOST
from cessio.web.backoffice.receivable_filters import staff_of
from cessio.web.exports import Column, export
from cessio.web.forms import Form, day, integer, text
from cessio.web.guards import staff
from cessio.web.reasons import offered
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.words import label


@get("/backoffice/disputes", guards=[staff(Permission.SEE_RECEIVABLES)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def list_disputes(request: AnyRequest, session: Db, signed: Who, at: At, on: On) -> Response[Any]:
    """Open ones by their deadline; ended ones behind ``?state=ended``."""
    if "" in request.query_params.values():
        return redirect(chips.tidy())
    wanted = dispute_filters.asked(request, session, signed, on)

    def fetch(page: Any) -> Any:
        return queries.listed_disputes(session, page, wanted)

    if file_format := lists.file_format(request):
        rows = lists.together(lists.every_row(fetch), lambda held: _cells(session, held))
        return export(request, file_format, "disputes", _columns(), rows, at=at,
                      title=_("Disputes"))  # fmt: skip
    found = fetch(lists.asked_page(request))
    totals = queries.dispute_totals(session, wanted)
    people = staff_of(session)
    return render(
        request, "backoffice/disputes/list_disputes.html", found=found, on=on,
        is_open=wanted.is_open, totals=totals, count=sum(one.count for one in totals),
        acts_address=chips.address_of("/backoffice/receivables/acts", list="disputes"),
        all_words=_all_words(totals) if found.next or found.previous else None,
        chips=dispute_filters.told(session, request, people),
        names=actors(session, _actors(found.rows)),
        outcomes=offered(ReasonList.OUTCOME),
        may_act=signed.may(Permission.HANDLE_DISPUTES), **dispute_filters.offered(people),
    )  # fmt: skip


@post("/backoffice/disputes/{dispute_id:int}/deadline",
      guards=[staff(Permission.HANDLE_DISPUTES)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def put_off(session: Db, signed: Who, at: At, on: On, submitted: Sent, dispute_id: Id
) -> Response[Any]:  # fmt: skip
    """Give it more time before its invoice is no longer funded."""
    form = Form(submitted)
    until = form.need("until", day())
    reason = form.need("why", text(500))
    back = form.need("back", integer())
    if not form.valid():
        raise Problems(form.faults)
    give_time(session, dispute_id=dispute_id, until=until, reason=reason, on=on, by=signed.by,
              at=at)  # fmt: skip
    return redirect(f"/backoffice/receivables/{back}", N_("The dispute has more time."))


def _all_words(totals: Sequence[queries.DisputeTotals]) -> str:
    count = sum(one.count for one in totals)
    if count > MOST:
        return _("All that the filter finds, {most} at most", most=formats.number(MOST))
    return _("All {n} that the filter finds", n=formats.number(count))


def _actors(rows: Sequence[DisputeRow]) -> list[str | None]:
    return [*(row.opened_by for row in rows), *(row.ended_by for row in rows)]


def _columns() -> list[Column]:
    return [
        Column(_("Invoice")), Column(_("Debtor")), Column(_("Client")), Column(_("Contract")),
        Column(_("Due date"), "date"), Column(_("Opened on"), "date"), Column(_("Opened by")),
        Column(_("Funded until"), "date"), Column(_("Dealt with by")), Column(_("Reason")),
        Column(_("Comment")), Column(_("Outcome")), Column(_("Currency")),
        Column(_("Disputed"), "money"), Column(_("Open amount"), "money"),
    ]  # fmt: skip


def _cells(session: Session, rows: Sequence[DisputeRow]) -> list[tuple[Any, ...]]:
    names = actors(session, [row.opened_by for row in rows])
    return [
        (
            row.number, row.debtor_name, row.client_name, row.contract_reference, row.due_date,
            row.opened_on, names[row.opened_by], row.defunds_on, row.owner_name,
            label(row.reason), row.comment, label(row.outcome) if row.outcome else None,
            row.currency, row.amount_minor, row.open_minor,
        )
        for row in rows
    ]  # fmt: skip


HANDLERS = [list_disputes, put_off]
