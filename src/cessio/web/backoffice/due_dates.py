"""The due date of an invoice moved to another day: its effect first, a second person if need be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.funding import queries as funding
from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError
from cessio.receivables import queries
from cessio.receivables.operations import due_dates as operations
from cessio.receivables.queries import ReceivableRow, due_dates
from cessio.receivables.queries.cover import rationed_cover
from cessio.receivables.queries.due_dates import DueDateView
from cessio.receivables.rules.due_dates import DueDateOutcome, DueDateReason
from cessio.web.actors import actors
from cessio.web.backoffice import lists, second, work
from cessio.web.forms import Form, chosen, day, text
from cessio.web.guards import proven, staff
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.words import choices

SEE, MOVE = Permission.SEE_RECEIVABLES, Permission.COLLECT
AGREE = Permission.APPROVE_REMITTANCES
HOME = "/backoffice/receivables"
FORM = HOME + "/{receivable_id:int}/due-date"
CHANGE = HOME + "/due-dates/{change_id:int}"
#: Invoices shown of those whose cover moves.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Effect:
    """What a new due date does: to what the client can draw, to the cover of which invoices.

    ``moves`` are invoices with their cover before and after; amounts in minor units.
    """

    waits: bool
    before_minor: int
    after_minor: int
    moves: tuple[tuple[ReceivableRow, int, int], ...]
    more: int


@get(FORM, guards=[staff(MOVE)], include_in_schema=False, sync_to_thread=True)
def new_due_date(request: AnyRequest, session: Db, signed: Who, receivable_id: Id) -> Response[Any]:
    """Another day, and why."""
    asked = lists.asked_day(request, "to_on")
    return _form(request, session, receivable_id, Form(to_on=asked.isoformat() if asked else ""))


@post(FORM, guards=[staff(MOVE)], include_in_schema=False, sync_to_thread=True)
def move_due_date(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent,
    receivable_id: Id,
) -> Response[Any]:  # fmt: skip
    """First what it would change, then, confirmed, the change."""
    form = Form(submitted)
    to_on, reason = form.need("to_on", day()), form.need("due_reason", chosen(DueDateReason))
    comment = form.need("due_comment", text(500))
    confirmed = form.flag("confirmed")
    if not form.valid():
        return _form(request, session, receivable_id, form, status=422)
    try:
        if not confirmed:
            effect = _effect(session, receivable_id, to_on, signed, on, at)
            return _form(request, session, receivable_id, form, effect=effect, to_on=to_on,
                         reason=reason, comment=comment)  # fmt: skip
        with session.begin_nested():
            done = operations.move_due_date(
                session, receivable_id=receivable_id, to_on=to_on, reason=reason,
                comment=comment, by=signed.by, at=at,
            )  # fmt: skip
    except CessioError as error:
        form.refuse(error, "due_comment" if error.field == "comment" else None)
        return _form(request, session, receivable_id, form, status=422)
    said = N_("A second person is asked to agree.") if done.waits else N_("Its due date moved.")
    return redirect(f"{HOME}/{receivable_id}", said)


@get(CHANGE, guards=[staff(SEE)], include_in_schema=False, sync_to_thread=True)
def show_due_date(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, change_id: Id
) -> Response[Any]:
    """A change with its effect as of now while it waits, and the form of the second person."""
    return _show(request, session, signed, at, on, change_id, Form())


@post(
    f"{CHANGE}/decision",
    guards=[staff(AGREE), proven],
    include_in_schema=False,
    sync_to_thread=True,
)
def decide_due_date(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent, change_id: Id
) -> Response[Any]:
    """The second person's yes or no, bound to the hash of what was shown."""
    form = Form(submitted)
    said = second.answer(form)
    if form.valid():
        who: dict[str, Any] = {"seen_hash": said.seen, "by": signed.by, "at": at}
        try:
            with session.begin_nested():
                if said.agrees:
                    operations.approve_due_date(session, change_id=change_id, **who)
                else:
                    operations.reject_due_date(session, change_id=change_id, reason=said.reason,
                                               **who)  # fmt: skip
            return work.done(request, "/backoffice/approvals", N_("Your decision is recorded."))
        except CessioError as error:
            form.refuse(error)
    return _show(request, session, signed, at, on, change_id, form, status=422)


@post(f"{CHANGE}/withdrawal", guards=[staff(MOVE)], include_in_schema=False, sync_to_thread=True)
def withdraw_due_date(session: Db, signed: Who, at: At, change_id: Id) -> Response[Any]:
    """It stays due on its day."""
    view = due_dates.due_date_change(session, change_id)
    operations.withdraw_due_date(session, change_id=change_id, by=signed.by, at=at)
    return redirect(f"{HOME}/{view.receivable_id}", N_("Withdrawn: its due date stays."))


def _form(
    request: AnyRequest, session: Session, receivable_id: int, form: Form, *, status: int = 200,
    effect: Effect | None = None, **wanted: Any,
) -> Response[Any]:  # fmt: skip
    row = queries.receivable(session, receivable_id).row
    changes = due_dates.due_date_changes(session, receivable_id)
    return render(
        request, "backoffice/receivables/move_due_date.html", status=status, row=row, form=form,
        effect=effect, wanted=wanted, reasons=choices(DueDateReason),
        policy=due_dates.due_date_policy(session), **_changes(session, changes),
    )  # fmt: skip


def _show(
    request: AnyRequest, session: Session, signed: Signed, at: datetime, on: date, change_id: int,
    form: Form, *, status: int = 200,
) -> Response[Any]:  # fmt: skip
    one = due_dates.due_date_change(session, change_id)
    row, effect = queries.receivable(session, one.receivable_id).row, None
    if one.outcome is None:
        try:
            effect = _effect(session, one.receivable_id, one.to_on, signed, on, at)
        except CessioError as error:
            form.refuse(error)
    changes = due_dates.due_date_changes(session, one.receivable_id)
    return render(
        request, "backoffice/receivables/show_due_date.html", status=status, one=one, row=row,
        form=form, effect=effect, seen=operations.due_date_hash(one).hex(),
        is_own=one.asked_by == signed.by, may_agree=signed.may(AGREE), may_move=signed.may(MOVE),
        **_changes(session, changes),
    )  # fmt: skip


def _changes(session: Session, changes: Sequence[DueDateView]) -> dict[str, Any]:
    people = [who for one in changes for who in (one.asked_by, one.decided_by) if who]
    applied = [one for one in changes if one.outcome is DueDateOutcome.APPLIED]
    return {"changes": changes, "names": actors(session, people),
            "first_due_on": applied[0].from_on if applied else None,
            "waiting": next((one for one in changes if one.outcome is None), None)}  # fmt: skip


def _effect(
    session: Session, receivable_id: int, to_on: date, signed: Signed, on: date, at: datetime
) -> Effect:
    row = queries.receivable(session, receivable_id).row
    pair = {"contract_id": row.contract_id, "debtor_id": row.debtor_id}

    def read() -> tuple[int, dict[int, int]]:
        found = funding.availability(session, contract_id=row.contract_id, on=on)
        return found.payable_now_minor, rationed_cover(session, **pair)

    before, covers = read()
    waits, (after, then) = operations.preview_due_date(
        session, receivable_id=receivable_id, to_on=to_on, read=read, by=signed.by, at=at
    )
    moved = {key: (covers.get(key, 0), then.get(key, 0)) for key in covers.keys() | then.keys()}
    moved = {key: both for key, both in moved.items() if both[0] != both[1]}
    shown = queries.rows_of(session, sorted(moved)[:SHOWN])
    return Effect(waits, before, after, tuple((one, *moved[one.id]) for one in shown),
                  len(moved) - len(shown))  # fmt: skip


HANDLERS = [new_due_date, move_due_date, show_due_date, decide_due_date, withdraw_due_date]
