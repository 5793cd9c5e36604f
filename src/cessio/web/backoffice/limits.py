"""Limits: in force, on one debtor, decided with their effect shown first, to be watched."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.contracts import contract as contract_view
from cessio.contracts import queries as contracts
from cessio.house import ReasonList
from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError, NotFound, Problems
from cessio.kernel.paging import PageRequest
from cessio.limits import LimitKind, NewLimit, effective_limits
from cessio.limits import queries as limits
from cessio.limits.rules import urgency
from cessio.parties import debtor_names, find_by_siren
from cessio.receivables.operations.limit_proposals import (
    caps_checked,
    check_reason,
    second_person,
    take_limit,
)
from cessio.receivables.operations.limits import end_limit
from cessio.receivables.queries import cover_lists
from cessio.receivables.queries.cover_lists import LimitFilter
from cessio.web.actors import actors
from cessio.web.backoffice import lists, work
from cessio.web.exports import Column, export
from cessio.web.forms import Form, Submitted, amount, chosen, day, integer, rate, text
from cessio.web.guards import staff
from cessio.web.reasons import given
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.what_if import limit_effect
from cessio.web.words import label

SEE = Permission.SEE_LIMITS
DECIDE = Permission.DECIDE_LIMITS


@get("/backoffice/limits/in-force", guards=[staff(SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def list_in_force(request: AnyRequest, session: Db, at: At) -> Response[Any]:
    """How every limit is used, by debtor or those with most waiting first (``?sort=waiting``)."""
    query = request.query_params
    wanted = LimitFilter(
        lists.asked_text(request, "q"), lists.asked_number(request, "contract"),
        query.get("queued") == "yes", query.get("sort", "").removeprefix("-") == "waiting",
    )  # fmt: skip

    def fetch(page: PageRequest) -> Any:
        return cover_lists.book_limits(session, page, wanted)

    if kind := lists.file_format(request):
        columns = [Column(_("Client")), Column(_("Contract")), Column(_("Debtor")),
                   Column(_("Currency")), Column(_("Cover limit"), "money"),
                   Column(_("Covered"), "money"), Column(_("Free"), "money"),
                   Column(_("Waiting for cover"), "money")]  # fmt: skip
        cells = ((row.client_name, row.contract_reference, row.debtor_name, row.currency,
                  row.limit_minor, row.covered_minor, row.free_minor, row.queued_minor)
                 for row, _key in lists.every_row(fetch))  # fmt: skip
        return export(request, kind, "limits", columns, cells, at=at, title=_("Limits"))
    return render(
        request, "backoffice/limits/list_in_force.html", found=fetch(lists.asked_page(request)),
        totals=cover_lists.book_limit_totals(session, wanted),
    )  # fmt: skip


@get("/backoffice/limits/watch", guards=[staff(SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def watch(request: AnyRequest, session: Db, on: On) -> Response[Any]:
    """Limits that end soon, and those nothing uses."""
    within = {"60": 60, "90": 90}.get(request.query_params.get("days", ""), 30)
    return render(
        request, "backoffice/limits/watch.html", on=on, within=within,
        expiring=limits.ending_limits(session, on=on, within_days=within),
        idle=limits.idle_approvals(session, on=on), policy=limits.policy(session),
    )  # fmt: skip


@get("/backoffice/limits/pairs/{contract_id:int}/{debtor_id:int}", guards=[staff(SEE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def show_pair(
    request: AnyRequest, session: Db, signed: Who, on: On, contract_id: Id, debtor_id: Id
) -> Response[Any]:
    """The limits of one debtor under one contract, and every decision ever taken on it."""
    history = limits.limit_history(session, contract_id=contract_id, debtor_id=debtor_id)
    people = [actor for row in history for actor in (row.decided_by, row.ended_by) if actor]
    return render(
        request, "backoffice/limits/show_pair.html",
        contract=contract_view(session, contract_id), debtor_id=debtor_id,
        debtor_name=debtor_names(session, [debtor_id]).get(debtor_id, "?"),
        held=effective_limits(session, contract_id=contract_id, debtor_id=debtor_id, on=on),
        covered=cover_lists.cover_totals(session, contract_id=contract_id, debtor_id=debtor_id),
        history=history, names=actors(session, people), may_decide=signed.may(DECIDE),
    )  # fmt: skip


@post("/backoffice/limits/{limit_id:int}/end", guards=[staff(DECIDE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def end(session: Db, signed: Who, at: At, submitted: Sent, limit_id: Id) -> Response[Any]:
    """End a temporary limit or a funding limit today."""
    form = Form(submitted)
    back = (form.need("contract", integer()), form.need("debtor", integer()))
    reason = form.maybe("reason", text(500)) or _("No longer needed")
    if not form.valid():
        raise Problems(form.faults)
    end_limit(session, limit_id=limit_id, reason=reason, by=signed.by, at=at)
    return redirect(f"/backoffice/limits/pairs/{back[0]}/{back[1]}", N_("Limit ended."))


@get("/backoffice/limits/decide", guards=[staff(DECIDE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def open_decision(request: AnyRequest, session: Db, on: On) -> Response[Any]:
    """The form, from a request (``?request=``) or for a contract and a debtor."""
    asked_id = lists.asked_number(request, "request")
    asked = limits.request(session, asked_id) if asked_id is not None else None
    query = request.query_params
    debtor_id = asked.debtor_id if asked else lists.asked_number(request, "debtor")
    form = Form(
        request=asked.id if asked else "",
        contract=asked.contract_id if asked else lists.asked_number(request, "contract"),
        debtor=debtor_id, valid_from=on.isoformat(),
        kind=query.get("kind") if query.get("kind") in list(LimitKind) else LimitKind.COVER,
        amount=(
            lists.typed_amount(asked.amount_minor, asked.currency) if asked
            else query.get("amount", "")
        ),
    )  # fmt: skip
    return _decision_form(request, session, form, on)


@post("/backoffice/limits/decide", guards=[staff(DECIDE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def decide(request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent
) -> Response[Any]:  # fmt: skip
    """First which invoices gain or lose cover, then, confirmed, the decision."""
    form = Form(submitted)
    limit, request_id = _read(session, form)
    confirmed, again = form.flag("confirmed"), form.flag("again")
    if form.flag("refuse") and limit is not None and not confirmed:
        limit = replace(limit, amount_minor=0)
    if not form.valid() or limit is None or again:
        return _decision_form(request, session, form, on, status=200 if again else 422)
    try:
        if not confirmed:
            return _preview(request, session, form, limit, on, signed.by, at)
        with session.begin_nested():
            return _decided(request, session, signed, at, limit, request_id)
    except CessioError as error:
        form.refuse(error)
    return _decision_form(request, session, form, on, status=422)


def _read(session: Session, form: Form) -> tuple[NewLimit | None, int | None]:
    contract_id = form.need("contract", integer())
    debtor_id = form.maybe("debtor", integer())
    number = form.maybe("debtor_siren", text(20))
    if debtor_id is None:
        hit = find_by_siren(session, number) if number else None
        debtor_id = hit.debtor_id if hit else None
    facts: dict[str, Any] = {
        "kind": form.need("kind", chosen(LimitKind)),
        "amount_minor": form.need("amount", amount(minimum_minor=0)),
        "is_temporary": form.flag("temporary"),
        "valid_from": form.maybe("valid_from", day()),
        "valid_to": form.maybe("valid_to", day()),
        "cover_rate": form.maybe("cover_rate", rate()),
        "insurer": form.maybe("insurer", text(120)),
        "insurer_reference": form.maybe("insurer_reference", text(80)),
        "conditions": form.maybe("conditions", text(1000, multiline=True)),
        "reason": given(form, "reason", ReasonList.LIMIT_REFUSAL, needed=False),
    }
    request_id = form.maybe("request", integer())
    if debtor_id is None and not form.faults:
        form.refuse(_debtor_missing(), "debtor_siren")
    if form.faults or contract_id is None or debtor_id is None:
        return None, request_id
    return NewLimit(contract_id=contract_id, debtor_id=debtor_id, **facts), request_id


def _debtor_missing() -> CessioError:
    return NotFound("debtor_not_found", "There is no such debtor", field="debtor_siren")


def _preview(
    request: AnyRequest,
    session: Session,
    form: Form,
    limit: NewLimit,
    on: date,
    by: str,
    at: datetime,
) -> Response[Any]:
    effect = limit_effect(session, limit, on)
    check_reason(limit, effect.preview)
    lost = sum(row.after_minor < row.before_minor for row in effect.preview.changes)
    gained = sum(row.after_minor > row.before_minor for row in effect.preview.changes)
    contract = contract_view(session, limit.contract_id)
    return render(
        request, "backoffice/limits/preview.html", limit=limit, effect=effect, lost=lost,
        gained=gained, contract=contract, currency=contract.currency,
        caps=caps_checked(session, limit=limit, preview=effect.preview),
        why=second_person(session, limit=limit, preview=effect.preview, by=by, at=at),
        debtor_name=debtor_names(session, [limit.debtor_id]).get(limit.debtor_id, "?"),
        fields=_sent(form.submitted), queue=lists.asked_number(request, "queue"),
        back=_way_back(request),
    )  # fmt: skip


def _sent(submitted: Submitted) -> list[tuple[str, str]]:
    """What was typed, to be sent again with the confirmation."""
    kept = [(name, value) for name, values in submitted.fields.items() for value in values
            if name not in ("csrf_token", "confirmed", "again", "refuse", "amount")]  # fmt: skip
    refused = "refuse" in submitted.fields
    typed = [("amount", "0")] if refused else [
        ("amount", value) for value in submitted.fields.get("amount", ())
    ]  # fmt: skip
    return kept + typed


def _decided(
    request: AnyRequest, session: Session, signed: Signed, at: datetime, limit: NewLimit,
    request_id: int | None,
) -> Response[Any]:  # fmt: skip
    done = take_limit(session, limit=limit, request_id=request_id, by=signed.by, at=at)
    if _from_desk(request):
        target = "/backoffice/limits/next"
    elif done.proposal_id is not None:
        target = f"/backoffice/limits/proposals/{done.proposal_id}"
    else:
        target = f"/backoffice/limits/pairs/{limit.contract_id}/{limit.debtor_id}"
    if done.proposal_id is not None:
        return work.done(request, target, N_("Proposed: a second person decides."))
    return work.done(request, target, N_("Limit decided."))


def _from_desk(request: AnyRequest) -> bool:
    return request.query_params.get("desk") == "1"


def _way_back(request: AnyRequest) -> str:
    """What the address says of the queue it was opened from, for the forms of the page."""
    place = lists.asked_number(request, "queue")
    if place is not None:
        return f"?queue={place}"
    return "?desk=1" if _from_desk(request) else ""


def _decision_form(
    request: AnyRequest, session: Session, form: Form, on: date, *, status: int = 200
) -> Response[Any]:
    contract_id, debtor_id = _number(form.raw("contract")), _number(form.raw("debtor"))
    asked_id = _number(form.raw("request"))
    known = contract_id is not None and debtor_id is not None
    one, other = contract_id or 0, debtor_id or 0
    return render(
        request, "backoffice/limits/decide.html", status=status, form=form, on=on,
        queue=lists.asked_number(request, "queue"), back=_way_back(request),
        desk=_from_desk(request),
        debtor_id=debtor_id, **_said(session, one, other, asked_id, on),
        debtor_name=debtor_names(session, [debtor_id]).get(debtor_id) if debtor_id else None,
        held=(
            effective_limits(session, contract_id=one, debtor_id=other, on=on) if known else None
        ),
        covered=(
            cover_lists.cover_totals(session, contract_id=one, debtor_id=other) if known else None
        ),
        contracts=[(each.id, f"{each.client_name} · {each.reference}")
                   for each in contracts.contracts(session)],
        kinds=[(each.value, label(each)) for each in LimitKind],
    )  # fmt: skip


def _said(
    session: Session, contract_id: int, debtor_id: int, asked_id: int | None, on: date
) -> dict[str, Any]:
    """What is known beside the form: the request, its promise, the insurer, what is proposed."""
    asked = limits.request(session, asked_id) if asked_id is not None else None
    pair = (contract_id, debtor_id)
    proposed = limits.open_proposals(session, contract_id=contract_id, debtor_id=debtor_id)
    return {
        "asked": asked, "proposed": proposed,
        "urgency": urgency(asked.amount_minor, due_on=asked.answer_due_on, on=on)
        if asked else None,
        "asked_by": actors(session, [asked.asked_by])[asked.asked_by] if asked else "",
        "said": limits.insurer_words(session, [pair]).get(pair),
        "caps": limits.cap_uses(
            caps := limits.caps_over(session, contract_id=contract_id, debtor_id=debtor_id, on=on),
            limits.group_positions(session, group_ids={cap.group_id for cap in caps}, on=on),
        ),
        "currency": contract_view(session, contract_id).currency if contract_id else "EUR",
    }  # fmt: skip


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else None


HANDLERS = [
    list_in_force, watch, show_pair, end, open_decision, decide,
]  # fmt: skip
