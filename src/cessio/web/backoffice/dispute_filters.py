"""The filters of the disputes desk: read from the address, offered, and told as chips."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from cessio.identity import Signed
from cessio.receivables.queries import Deadline, DisputeFilter, DisputeOrder
from cessio.receivables.rules import DisputeReason
from cessio.web.backoffice import chips, lists
from cessio.web.backoffice.chips import Chip
from cessio.web.backoffice.receivable_filters import (
    Staff,
    asked_person,
    contract_named,
    meant,
)
from cessio.web.render import _, ngettext
from cessio.web.requests import AnyRequest
from cessio.web.words import label

_SORTS = {
    "deadline": DisputeOrder.DEADLINE, "opened": DisputeOrder.OLDEST,
    "-opened": DisputeOrder.LATEST, "amount": DisputeOrder.SMALLEST,
    "-amount": DisputeOrder.LARGEST,
}  # fmt: skip
_AGES = (7, 15, 30, 60, 90)


def asked(request: AnyRequest, session: Session, signed: Signed, on: date) -> DisputeFilter:
    """The filter of an address; open disputes come by their deadline, ended ones latest first."""
    is_open = request.query_params.get("state") != "ended"
    usual = DisputeOrder.DEADLINE if is_open else DisputeOrder.LATEST
    older = lists.asked_number(request, "older")
    return DisputeFilter(
        on=on, is_open=is_open, order=_SORTS.get(request.query_params.get("sort", ""), usual),
        reason=lists.asked_choice(request, "reason", DisputeReason),
        contract_id=lists.asked_number(request, "contract"),
        client_ids=meant(session, lists.asked_text(request, "client"), "client_id"),
        debtor_ids=meant(session, lists.asked_text(request, "who"), "debtor_id"),
        manager_id=asked_person(lists.asked_text(request, "manager"), signed),
        owner_id=asked_person(lists.asked_text(request, "owner"), signed),
        deadline=lists.asked_choice(request, "deadline", Deadline),
        older_than_days=older if older in _AGES else None,
        amount_from_minor=lists.asked_amount(request, "amount_from"),
        amount_to_minor=lists.asked_amount(request, "amount_to", most=True),
        number=lists.asked_text(request, "number"),
    )  # fmt: skip


def offered(staff: Staff) -> dict[str, Any]:
    """What the fields of the filter offer to choose from."""
    return {
        "reasons": [(each.value, label(each)) for each in DisputeReason],
        "deadlines": [(each.value, label(each)) for each in Deadline],
        "owners": [("me", _("Me")), *staff.everybody],
        "managers": [("me", _("Mine")), *staff.managers],
        "ages": list(_ages().items()),
    }  # fmt: skip


def told(session: Session, request: AnyRequest, staff: Staff) -> list[Chip]:
    """Each filter of the address as a chip."""
    people = dict(staff.everybody) | {"me": _("Me")}
    named = chips.among
    return chips.chips(
        {
            "state": (_("State"), named({"ended": _("Ended")})),
            "number": (_("Invoice"), chips.as_typed), "who": (_("Debtor"), chips.as_typed),
            "client": (_("Client"), chips.as_typed),
            "contract": (_("Contract"), named(contract_named(session, request))),
            "reason": (_("Reason"), chips.of_kind(DisputeReason)),
            "deadline": (_("Deadline"), chips.of_kind(Deadline)),
            "owner": (_("Dealt with by"), named(people)),
            "manager": (_("Account manager"), named(people)),
            "older": (_("Age"), named(_ages())),
            "amount_from": (_("Amount from"), chips.as_typed),
            "amount_to": (_("Amount to"), chips.as_typed),
        }
    )  # fmt: skip


def _ages() -> dict[str, str]:
    return {str(days): ngettext("more than {n} day", "more than {n} days", days) for days in _AGES}
