"""Disputes: what debtors contest, over the whole book."""

from __future__ import annotations

from typing import Any

from litestar import Response, get

from cessio.identity import Permission
from cessio.receivables import queries
from cessio.receivables.rules import DisputeReason
from cessio.web.actors import actors
from cessio.web.backoffice import lists
from cessio.web.exports import Column, export
from cessio.web.guards import staff
from cessio.web.render import _, render
from cessio.web.requests import AnyRequest, At, Db, On
from cessio.web.words import label


@get("/backoffice/disputes", guards=[staff(Permission.SEE_RECEIVABLES)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def list_disputes(request: AnyRequest, session: Db, at: At, on: On) -> Response[Any]:
    """Open disputes, latest first; ended ones behind ``?state=ended``."""
    is_open = request.query_params.get("state") != "ended"
    reason = lists.asked_choice(request, "reason", DisputeReason)
    contract_id = lists.asked_number(request, "contract")

    def fetch(page: Any) -> Any:
        return queries.disputes(session, page, is_open=is_open, reason=reason,
                                contract_id=contract_id)  # fmt: skip

    if wanted := lists.file_format(request):
        columns = [Column(_("Invoice")), Column(_("Debtor")), Column(_("Client")),
                   Column(_("Contract")), Column(_("Opened on"), "date"), Column(_("Reason")),
                   Column(_("Comment")), Column(_("Outcome")), Column(_("Currency")),
                   Column(_("Disputed"), "money"), Column(_("Open amount"), "money")]  # fmt: skip
        rows = ((row.number, row.debtor_name, row.client_name, row.contract_reference,
                 row.opened_on, label(row.reason), row.comment,
                 label(row.outcome) if row.outcome else None, row.currency, row.amount_minor,
                 row.open_minor) for row in lists.every_row(fetch))  # fmt: skip
        return export(request, wanted, "disputes", columns, rows, at=at, title=_("Disputes"))
    found = fetch(lists.asked_page(request))
    return render(
        request, "backoffice/disputes/list_disputes.html", found=found, is_open=is_open, on=on,
        totals=queries.disputed_totals(session, is_open=is_open, reason=reason,
                                       contract_id=contract_id),
        reasons=[(each.value, label(each)) for each in DisputeReason],
        names=actors(session, [row.opened_by for row in found.rows]),
    )  # fmt: skip


HANDLERS = [list_disputes]
