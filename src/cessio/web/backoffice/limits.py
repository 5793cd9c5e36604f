"""Limits: what clients ask for, decisions with their effect shown first, what needs watching."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.contracts import contract as contract_view
from cessio.contracts import queries as contracts
from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError, NotFound, Problems
from cessio.limits import LimitKind, NewLimit, effective_limits
from cessio.limits import queries as limits
from cessio.limits.queries import RequestRow
from cessio.parties import debtor_names, find_by_siren
from cessio.receivables.operations.limits import answer_limit_request, decide_limit, end_limit
from cessio.receivables.queries import cover
from cessio.web.actors import actors
from cessio.web.backoffice import lists, work
from cessio.web.backoffice.contract_changes import limit_effect
from cessio.web.exports import Column, export
from cessio.web.forms import Form, Submitted, amount, chosen, day, integer, rate, text
from cessio.web.guards import staff
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.words import label

SEE = Permission.SEE_LIMITS
DECIDE = Permission.DECIDE_LIMITS
#: Requests whose limit of today is shown beside them; lines of a list that has no pages.
DETAILED, SHOWN = 20, 100


@get("/backoffice/limits", guards=[staff(SEE)], include_in_schema=False, sync_to_thread=True)
def list_requests(request: AnyRequest, session: Db, signed: Who, on: On) -> Response[Any]:
    """Requests by the day an answer was promised, then by amount; others by ``?state=answered``."""
    contract_id = lists.asked_number(request, "contract")
    waiting = request.query_params.get("state") != "answered"
    found = limits.requests(session, contract_id=contract_id, open_only=waiting)
    rows = [row for row in found if (row.answer is None) == waiting]
    if waiting:
        rows.sort(key=lambda row: (row.answer_due_on, -row.amount_minor))
    held = {
        (pair.contract_id, pair.debtor_id): pair
        for debtor_id in dict.fromkeys(row.debtor_id for row in rows[:DETAILED])
        for pair in cover.pair_covers(session, debtor_id=debtor_id)
    } if waiting else {}  # fmt: skip
    return render(
        request, "backoffice/limits/list_requests.html", held=held, rows=rows, waiting=waiting,
        on=on, may_decide=signed.may(DECIDE), names=actors(session, _actors(rows)),
    )  # fmt: skip


def _actors(rows: list[RequestRow]) -> list[str]:
    return [actor for row in rows for actor in (row.asked_by, row.answered_by) if actor]


@get("/backoffice/limits/in-force", guards=[staff(SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def list_in_force(request: AnyRequest, session: Db, at: At) -> Response[Any]:
    """How every limit is used, those with invoices waiting for room first."""
    contract_id = lists.asked_number(request, "contract")
    queued = request.query_params.get("queued") == "yes"
    rows = cover.pair_covers(session, contract_id=contract_id, queued_only=queued)
    words = (lists.asked_text(request, "q") or "").casefold()
    rows = tuple(row for row in rows
                 if words in f"{row.debtor_name} {row.client_name}".casefold())  # fmt: skip
    if wanted := lists.file_format(request):
        columns = [Column(_("Client")), Column(_("Contract")), Column(_("Debtor")),
                   Column(_("Currency")), Column(_("Cover limit"), "money"),
                   Column(_("Covered"), "money"), Column(_("Free"), "money"),
                   Column(_("Waiting for cover"), "money")]  # fmt: skip
        cells = [(row.client_name, row.contract_reference, row.debtor_name, row.currency,
                  row.limit_minor, row.covered_minor, row.free_minor, row.queued_minor)
                 for row in rows]  # fmt: skip
        return export(request, wanted, "limits", columns, cells, at=at, title=_("Limits"))
    ordered = sorted(rows, key=lambda row: (-row.queued_minor, row.debtor_name, row.contract_id))
    return render(request, "backoffice/limits/list_in_force.html", rows=ordered, shown=SHOWN)


@get("/backoffice/limits/watch", guards=[staff(SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def watch(request: AnyRequest, session: Db, on: On) -> Response[Any]:
    """Limits that end soon, and those nothing uses."""
    within = {"60": 60, "90": 90}.get(request.query_params.get("days", ""), 30)
    return render(
        request, "backoffice/limits/watch.html", on=on, within=within,
        expiring=limits.expiring_limits(session, on=on, within_days=within),
        idle=limits.idle_approvals(session, on=on),
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
        covered=cover.debtor_cover(session, contract_id=contract_id, debtor_id=debtor_id, on=on),
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
    if not form.valid() or limit is None or again:
        return _decision_form(request, session, form, on, status=200 if again else 422)
    try:
        if not confirmed:
            return _preview(request, session, form, limit, on)
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
        "reason": form.maybe("reason", text(500)),
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
    request: AnyRequest, session: Session, form: Form, limit: NewLimit, on: date
) -> Response[Any]:
    effect = limit_effect(session, limit, on)
    lost = sum(row.after_minor < row.before_minor for row in effect.preview.changes)
    gained = sum(row.after_minor > row.before_minor for row in effect.preview.changes)
    contract = contract_view(session, limit.contract_id)
    return render(
        request, "backoffice/limits/preview.html", limit=limit, effect=effect, lost=lost,
        gained=gained, contract=contract, currency=contract.currency,
        debtor_name=debtor_names(session, [limit.debtor_id]).get(limit.debtor_id, "?"),
        fields=_sent(form.submitted), queue=lists.asked_number(request, "queue"),
    )  # fmt: skip


def _sent(submitted: Submitted) -> list[tuple[str, str]]:
    """What was typed, to be sent again with the confirmation."""
    return [(name, value) for name, values in submitted.fields.items() for value in values
            if name not in ("csrf_token", "confirmed", "again")]  # fmt: skip


def _decided(
    request: AnyRequest, session: Session, signed: Signed, at: datetime, limit: NewLimit,
    request_id: int | None,
) -> Response[Any]:  # fmt: skip
    if request_id is None:
        decide_limit(session, limit=limit, by=signed.by, at=at)
    else:
        answer_limit_request(session, request_id=request_id, limit=limit, by=signed.by, at=at)
    return work.done(request, f"/backoffice/limits/pairs/{limit.contract_id}/{limit.debtor_id}",
                     N_("Limit decided."))  # fmt: skip


def _decision_form(
    request: AnyRequest, session: Session, form: Form, on: date, *, status: int = 200
) -> Response[Any]:
    contract_id, debtor_id = _number(form.raw("contract")), _number(form.raw("debtor"))
    asked_id = _number(form.raw("request"))
    known = contract_id is not None and debtor_id is not None
    one, other = contract_id or 0, debtor_id or 0
    return render(
        request, "backoffice/limits/decide.html", status=status, form=form, on=on,
        queue=lists.asked_number(request, "queue"),
        asked=limits.request(session, asked_id) if asked_id is not None else None,
        debtor_id=debtor_id,
        debtor_name=debtor_names(session, [debtor_id]).get(debtor_id) if debtor_id else None,
        held=(
            effective_limits(session, contract_id=one, debtor_id=other, on=on) if known else None
        ),
        covered=(
            cover.debtor_cover(session, contract_id=one, debtor_id=other, on=on) if known else None
        ),
        contracts=[(each.id, f"{each.client_name} · {each.reference}")
                   for each in contracts.contracts(session)],
        kinds=[(each.value, label(each)) for each in LimitKind],
    )  # fmt: skip


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else None


HANDLERS = [
    list_requests, list_in_force, watch, show_pair, end, open_decision, decide,
]  # fmt: skip
