"""The filters of the list of receivables: read from the address, offered, and told as chips."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from cessio.contracts import queries as contracts
from cessio.contracts.rules import IneligibleReason
from cessio.identity import Audience, Signed
from cessio.identity import queries as identity
from cessio.identity.rules import Role
from cessio.kernel.errors import CessioError
from cessio.parties import queries as parties
from cessio.receivables.queries import SEARCHABLE, Age, Order, ReceivableFilter, Status
from cessio.receivables.rules import DisputeReason
from cessio.web.backoffice import chips, lists
from cessio.web.backoffice.chips import Chip
from cessio.web.render import _
from cessio.web.requests import AnyRequest
from cessio.web.words import label

#: Companies a name may mean in a filter.
_MEANT = 50
NOBODY = "nobody"

_SORTS = {
    "assigned": Order.FIRST, "-assigned": Order.RECENT, "due": Order.DUE, "-due": Order.DUE_LAST,
    "number": Order.NUMBER, "amount": Order.SMALLEST, "-amount": Order.LARGEST,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Staff:
    """People of the factor to choose from: (id, name)."""

    everybody: list[tuple[str, str]]
    managers: list[tuple[str, str]]


def staff_of(session: Session) -> Staff:
    """Who may follow an invoice, and who looks after clients."""
    people = identity.people(session, audience=Audience.STAFF)
    return Staff(
        [(str(one.id), one.name) for one in people],
        [(str(one.id), one.name) for one in people if one.role == Role.ACCOUNT_MANAGER],
    )


def asked(request: AnyRequest, session: Session, signed: Signed, on: date) -> ReceivableFilter:
    """The filter of an address."""
    follower = lists.asked_text(request, "follower")
    siren = lists.asked_text(request, "siren")
    return ReceivableFilter(
        on=on, status=lists.asked_choice(request, "status", Status) or Status.OPEN,
        order=_order(request),
        contract_id=lists.asked_number(request, "contract"),
        contract_reference=lists.asked_text(request, "reference"),
        client_ids=meant(session, lists.asked_text(request, "client"), "client_id"),
        manager_id=asked_person(lists.asked_text(request, "manager"), signed),
        follower_id=asked_person(follower, signed), unfollowed=follower == NOBODY,
        debtor_id=lists.asked_number(request, "debtor"),
        debtor_ids=meant(session, lists.asked_text(request, "who"), "debtor_id"),
        remittance_id=lists.asked_number(request, "remittance"),
        siren="".join(siren.split()) if siren else None,
        number=lists.asked_text(request, "number"),
        amount_minor=lists.asked_amount(request, "amount"),
        amount_from_minor=lists.asked_amount(request, "amount_from"),
        amount_to_minor=lists.asked_amount(request, "amount_to", most=True),
        age=lists.asked_choice(request, "age", Age), kind=_kind(request),
        withheld=lists.asked_choice(request, "reason", IneligibleReason),
        dispute_reason=lists.asked_choice(request, "dispute", DisputeReason),
        uncovered=request.query_params.get("uncovered") == "yes", **_days(request),
    )  # fmt: skip


def _order(request: AnyRequest) -> Order:
    sort = request.query_params.get("sort", "")
    return _SORTS.get(sort) or lists.asked_choice(request, "order", Order) or Order.RECENT


def _days(request: AnyRequest) -> dict[str, Any]:
    return {
        name: lists.asked_day(request, name)
        for name in ("due_from", "due_to", "issued_from", "issued_to", "assigned_from",
                     "assigned_to")
    }  # fmt: skip


def _kind(request: AnyRequest) -> str | None:
    found = request.query_params.get("kind", "")
    return found if found in _kinds() else None


def _kinds() -> dict[str, str]:
    return {"invoice": _("Invoices"), "credit_note": _("Credit notes"),
            "on_account": _("Credits on account")}  # fmt: skip


def asked_person(asked_for: str | None, signed: Signed) -> int | None:
    """The person a filter names by id, or ``me``."""
    if asked_for == "me":
        return signed.person_id
    known = asked_for is not None and asked_for.isascii() and asked_for.isdecimal()
    return int(asked_for) if known and asked_for and len(asked_for) < 19 else None


def meant(session: Session, words: str | None, part: str) -> tuple[int, ...] | None:
    """The debtors or clients that a name, a SIREN or a code may mean."""
    if words is None:
        return None
    hits = parties.search(session, words, limit=_MEANT)
    return tuple(found for hit in hits if (found := getattr(hit, part)) is not None)


def offered(staff: Staff) -> dict[str, Any]:
    """What the fields of the filter offer to choose from."""
    return {
        "statuses": [(each.value, label(each)) for each in Status],
        "ages": [(each.value, label(each)) for each in Age],
        "reasons": [(each.value, label(each)) for each in SEARCHABLE],
        "dispute_reasons": [(each.value, label(each)) for each in DisputeReason],
        "kinds": list(_kinds().items()), "managers": [("me", _("Mine")), *staff.managers],
        "followers_offered": [("me", _("Me")), (NOBODY, _("Nobody")), *staff.everybody],
    }  # fmt: skip


def told(session: Session, request: AnyRequest, staff: Staff) -> list[Chip]:
    """Each filter of the address as a chip."""
    people = dict(staff.everybody) | {"me": _("Me"), NOBODY: _("Nobody")}
    named = chips.among
    return chips.chips(
        {
            "number": (_("Number"), chips.as_typed), "who": (_("Debtor"), chips.as_typed),
            "debtor": (_("Debtor"), named(_debtor(session, request))),
            "siren": (_("SIREN"), chips.as_typed), "amount": (_("Amount"), chips.as_typed),
            "status": (_("State"), chips.of_kind(Status)), "age": (_("Age"), chips.of_kind(Age)),
            "client": (_("Client"), chips.as_typed),
            "contract": (_("Contract"), named(contract_named(session, request))),
            "reference": (_("Contract"), chips.as_typed),
            "remittance": (_("Remittance"), chips.as_typed),
            "manager": (_("Account manager"), named(people)),
            "follower": (_("Followed by"), named(people)),
            "reason": (_("Withheld for"), chips.of_kind(IneligibleReason)),
            "dispute": (_("Disputed for"), chips.of_kind(DisputeReason)),
            "amount_from": (_("Amount from"), chips.as_typed),
            "amount_to": (_("Amount to"), chips.as_typed),
            "issued_from": (_("Issued from"), chips.as_day),
            "issued_to": (_("Issued until"), chips.as_day),
            "due_from": (_("Due from"), chips.as_day), "due_to": (_("Due until"), chips.as_day),
            "assigned_from": (_("Assigned from"), chips.as_day),
            "assigned_to": (_("Assigned until"), chips.as_day),
            "kind": (_("Type"), named(_kinds())),
            "uncovered": (_("Cover"), named({"yes": _("Not covered in full")})),
        }
    )  # fmt: skip


def _debtor(session: Session, request: AnyRequest) -> dict[str, str]:
    found = lists.asked_number(request, "debtor")
    names = parties.debtor_names(session, [found]) if found is not None else {}
    return {str(key): name for key, name in names.items()}


def contract_named(session: Session, request: AnyRequest) -> dict[str, str]:
    """The contract of the address by its reference and client, if there is one."""
    found = lists.asked_number(request, "contract")
    if found is None:
        return {}
    try:
        one = contracts.contract(session, found)
    except CessioError:
        return {}
    return {str(found): f"{one.reference} · {one.client_name}"}
