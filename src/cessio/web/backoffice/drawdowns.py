"""Every drawdown as a list: found, sorted, added up, taken as a file."""

from __future__ import annotations

from typing import Any

from litestar import Response, get

from cessio.funding.queries.listing import (
    DrawdownFilter,
    DrawdownOrder,
    drawdown_totals,
    listed_drawdowns,
)
from cessio.funding.rules import DrawdownStateName
from cessio.identity import Permission
from cessio.web.backoffice import lists
from cessio.web.exports import Column, export
from cessio.web.guards import staff
from cessio.web.render import _, render
from cessio.web.requests import AnyRequest, At, Db
from cessio.web.words import label

PATH = "/backoffice/funding/drawdowns"


@get(PATH, guards=[staff(Permission.SEE_FUNDING)], include_in_schema=False, sync_to_thread=True)
def list_drawdowns(request: AnyRequest, session: Db, at: At) -> Response[Any]:
    """Drawdowns by state, client or reference, day and amount."""
    wanted = _asked(request)

    def fetch(page: Any) -> Any:
        return listed_drawdowns(session, page, wanted)

    if file_format := lists.file_format(request):
        columns = [
            Column(_("Client")), Column(_("Contract")), Column(_("Asked"), "datetime"),
            Column(_("State")), Column(_("Account")), Column(_("Payment reference")),
            Column(_("Order")), Column(_("Currency")), Column(_("Amount"), "money"),
        ]  # fmt: skip
        cells = (
            (row.client_name, row.contract_reference, row.requested_at, label(row.state), row.iban,
             row.end_to_end_id, row.order_message_id, row.currency, row.amount_minor)
            for row in lists.every_row(fetch)
        )  # fmt: skip
        return export(request, file_format, "drawdowns", columns, cells, at=at,
                      title=_("Drawdowns, all"))  # fmt: skip
    return render(
        request, "backoffice/funding/list_drawdowns.html", found=fetch(lists.asked_page(request)),
        totals=drawdown_totals(session, wanted),
        states=[(one.value, label(one)) for one in DrawdownStateName],
    )  # fmt: skip


def _asked(request: AnyRequest) -> DrawdownFilter:
    return DrawdownFilter(
        state=lists.asked_choice(request, "state", DrawdownStateName),
        not_debited=request.query_params.get("debited") == "no",
        sent={"yes": True, "no": False}.get(request.query_params.get("sent", "")),
        words=lists.asked_text(request, "q"), amount_minor=lists.asked_amount(request, "amount"),
        from_on=lists.asked_day(request, "from"), to_on=lists.asked_day(request, "to"),
        order=lists.asked_choice(request, "sort", DrawdownOrder) or DrawdownOrder.LATEST,
    )  # fmt: skip


HANDLERS = [list_drawdowns]
