"""Groups of companies: their exposure over all clients, limits against use, caps over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import audit
from cessio.contracts import queries as contracts
from cessio.identity import Permission
from cessio.kernel.errors import CessioError
from cessio.limits import LimitKind, operations
from cessio.limits import queries as limits
from cessio.limits.operations import NewGroupLimit
from cessio.limits.queries import CapUse, GroupPosition
from cessio.parties import queries as parties
from cessio.parties.queries import GroupRow, PartyHit
from cessio.web.actors import actors
from cessio.web.acts import act
from cessio.web.backoffice import lists
from cessio.web.exports import Column, export
from cessio.web.forms import Form, amount, chosen, day, integer, text
from cessio.web.guards import staff
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.words import label

SEE = Permission.SEE_LIMITS
DECIDE = Permission.DECIDE_LIMITS
PATH = "/backoffice/groups"
#: Contracts of a group's companies that the page shows; its file has them all.
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Sums:
    """What a group's companies owe and are covered for, in one currency."""

    currency: str
    outstanding_minor: int
    limit_minor: int
    covered_minor: int
    queued_minor: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A group in the list, its caps and sums."""

    group: GroupRow
    caps: tuple[CapUse, ...]
    sums: tuple[Sums, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A company of a group, and what it owes over all clients."""

    hit: PartyHit
    sums: tuple[Sums, ...]


@get(PATH, guards=[staff(SEE)], include_in_schema=False, sync_to_thread=True)
def list_groups(request: AnyRequest, session: Db, on: On, at: At) -> Response[Any]:
    """Groups by name, with what they owe and the limits over them; ``?show=beyond`` or capped."""
    words, show = lists.asked_text(request, "q"), request.query_params.get("show")
    only = None
    if show == "beyond":
        only = {one.cap.group_id for one in limits.exceeded_caps(session, on=on)}
    elif show == "capped":
        only = {cap.group_id for cap in limits.group_limits(session)}

    def fetch(page: Any) -> Any:
        return parties.groups(session, page, text=words, group_ids=only,
                              sort=lists.asked_sort(request))  # fmt: skip

    if wanted := lists.file_format(request):
        columns = [Column(_("Group")), Column(_("Companies"), "number"), Column(_("Currency")),
                   Column(_("Cover limit"), "money"), Column(_("Covered"), "money"),
                   Column(_("Waiting for cover"), "money"), Column(_("Owed"), "money"),
                   Column(_("Limit of the group"), "money")]  # fmt: skip
        found = _listed(session, list(lists.every_row(fetch)), on)
        cells = [
            (row.group.name, row.group.member_count, one.currency, one.limit_minor,
             one.covered_minor, one.queued_minor, one.outstanding_minor,
             next((cap.cap.amount_minor for cap in row.caps if cap.cap.contract_id is None
                   and cap.cap.currency == one.currency
                   and cap.cap.kind is LimitKind.COVER), None))
            for row in found for one in row.sums
        ]  # fmt: skip
        return export(request, wanted, "groups", columns, cells, at=at, title=_("Groups"))
    page = fetch(lists.asked_page(request))
    return render(
        request, "backoffice/limits/list_groups.html", page_of=page,
        rows=_listed(session, page.rows, on), whole=not words and only is None,
        owed=limits.owed_by_groups(session),
    )  # fmt: skip


def _listed(session: Session, rows: Sequence[GroupRow], on: date) -> list[Listed]:
    ids = [row.id for row in rows]
    positions = limits.group_positions(session, group_ids=ids, on=on)
    uses = limits.cap_uses(limits.group_limits(session, group_ids=ids), positions)
    return [
        Listed(row, tuple(one for one in uses if one.cap.group_id == row.id),
               _sums([one for one in positions if one.group_id == row.id]))
        for row in rows
    ]  # fmt: skip


def _sums(positions: Sequence[GroupPosition]) -> tuple[Sums, ...]:
    found = []
    for currency in sorted({one.currency for one in positions}):
        own = [one for one in positions if one.currency == currency]
        found.append(
            Sums(
                currency, sum(one.outstanding_minor for one in own),
                sum(one.limits.cover_minor for one in own), sum(one.covered_minor for one in own),
                sum(one.queued_minor for one in own),
            )
        )  # fmt: skip
    return tuple(found)


@get(f"{PATH}/{{group_id:int}}", guards=[staff(SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_group(
    request: AnyRequest, session: Db, signed: Who, on: On, at: At, group_id: Id
) -> Response[Any]:
    """The companies of a group over all clients: what they owe, limits and caps against use."""
    group = parties.group(session, group_id)
    positions = limits.group_positions(session, group_ids=[group_id], on=on)
    if wanted := lists.file_format(request):
        return _file(request, wanted, group.name, positions, at)
    caps = limits.group_limits(session, group_ids=[group_id], open_only=False)
    history = audit.history(session, subject_kind="group", subject_id=group_id)
    sums = _sums(positions)
    members = [
        Member(hit, _sums([one for one in positions if one.debtor_id == hit.debtor_id]))
        for hit in parties.group_members(session, group_id)
    ]  # fmt: skip
    people = [actor for cap in caps for actor in (cap.decided_by, cap.ended_by) if actor]
    return render(
        request, "backoffice/limits/show_group.html", group=group, sums=sums, members=members,
        uses=limits.cap_uses([cap for cap in caps if cap.ended_at is None], positions),
        ended=[cap for cap in caps if cap.ended_at is not None], positions=positions, shown=SHOWN,
        charts_of=[(one.currency, _chart(members, one.currency)) for one in sums], on=on,
        names=actors(session, [*people, *(event.by for event in history)]), history=history,
        act=act, may_decide=signed.may(DECIDE),
    )  # fmt: skip


def _chart(members: Sequence[Member], currency: str) -> list[tuple[str, int]]:
    """What the largest members owe in a currency."""
    owed = [(member.hit.name, sums.outstanding_minor) for member in members
            for sums in member.sums if sums.currency == currency]  # fmt: skip
    return sorted(owed, key=lambda item: -item[1])[:8]


def _file(
    request: AnyRequest, wanted: str, name: str, positions: Sequence[GroupPosition], at: Any
) -> Response[Any]:
    columns = [Column(_("Debtor")), Column(_("Client")), Column(_("Contract")),
               Column(_("Currency")), Column(_("Cover limit"), "money"),
               Column(_("Funding limit"), "money"), Column(_("Covered"), "money"),
               Column(_("Waiting for cover"), "money"), Column(_("Owed"), "money")]  # fmt: skip
    cells = [(one.debtor_name, one.client_name, one.contract_reference, one.currency,
              one.limits.cover_minor, one.limits.funding_minor, one.covered_minor,
              one.queued_minor, one.outstanding_minor) for one in positions]  # fmt: skip
    return export(request, wanted, "group", columns, cells, at=at, title=name)


@get(f"{PATH}/{{group_id:int}}/limit", guards=[staff(DECIDE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def new_group_limit(request: AnyRequest, session: Db, on: On, group_id: Id) -> Response[Any]:
    """Decide what the limits of the group may add up to."""
    form = Form(kind=LimitKind.COVER, currency="EUR", valid_from=on.isoformat())
    return _form(request, session, group_id, form, on)


@post(f"{PATH}/{{group_id:int}}/limit", guards=[staff(DECIDE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def create_group_limit(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent, group_id: Id
) -> Response[Any]:
    """The cap, in place of the one of the same kind and scope."""
    form = Form(submitted)
    contract_id = form.maybe("contract", integer())
    currency = "EUR" if contract_id is None else contracts.contract(session, contract_id).currency
    facts: dict[str, Any] = {
        "kind": form.need("kind", chosen(LimitKind)),
        "amount_minor": form.need("amount", amount(currency, minimum_minor=0)),
        "valid_from": form.maybe("valid_from", day()),
        "valid_to": form.maybe("valid_to", day()),
        "insurer": form.maybe("insurer", text(120)),
        "insurer_reference": form.maybe("insurer_reference", text(80)),
        "conditions": form.maybe("conditions", text(1000, multiline=True)),
        "reason": form.maybe("reason", text(500)),
    }
    if form.valid():
        try:
            with session.begin_nested():
                operations.decide_group_limit(
                    session, by=signed.by, at=at,
                    limit=NewGroupLimit(group_id=group_id, contract_id=contract_id,
                                        currency=currency, **facts),
                )  # fmt: skip
            return redirect(f"{PATH}/{group_id}", N_("Limit of the group decided."))
        except CessioError as error:
            form.refuse(error, {"amount_minor": "amount"}.get(error.field or ""))
    return _form(request, session, group_id, form, on, status=422)


def _form(
    request: AnyRequest, session: Session, group_id: int, form: Form, on: date, *,
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    positions = limits.group_positions(session, group_ids=[group_id], on=on)
    known = {one.contract_id: f"{one.client_name} · {one.contract_reference}" for one in positions}
    return render(
        request, "backoffice/limits/new_group_limit.html", status=status, form=form,
        group=parties.group(session, group_id), sums=_sums(positions),
        contracts=sorted(known.items(), key=lambda item: item[1]),
        kinds=[(each.value, label(each)) for each in LimitKind],
    )  # fmt: skip


@post(f"{PATH}/limits/{{limit_id:int}}/end", guards=[staff(DECIDE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def end_cap(session: Db, signed: Who, at: At, submitted: Sent, limit_id: Id) -> Response[Any]:
    """Lift a cap."""
    form = Form(submitted)
    reason = form.maybe("reason", text(500)) or _("No longer needed")
    cap = limits.group_limit(session, limit_id)
    operations.end_group_limit(session, limit_id=limit_id, reason=reason, by=signed.by, at=at)
    return redirect(f"{PATH}/{cap.group_id}", N_("Limit ended."))


HANDLERS = [list_groups, show_group, new_group_limit, create_group_limit, end_cap]
