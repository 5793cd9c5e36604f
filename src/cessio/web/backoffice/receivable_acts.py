"""One act on many receivables: its effect shown first, done once, listed, taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.contracts import queries as contracts
from cessio.contracts.queries import ContractView
from cessio.contracts.rules import IneligibleReason
from cessio.funding import queries as funding
from cessio.identity import Permission, Signed
from cessio.kernel.errors import Conflict, Forbidden, NotFound, Problems
from cessio.kernel.paging import MAX_LIMIT
from cessio.receivables import operations, queries
from cessio.receivables.operations import marking
from cessio.receivables.operations.marking import Marked
from cessio.receivables.queries import ReceivableRow, marked
from cessio.receivables.queries.marked import Placed
from cessio.receivables.rules import DisputeReason
from cessio.web.forms import Form, Submitted, chosen, integer, text
from cessio.web.guards import staff
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, On, Sent, Who
from cessio.web.words import label

HOME = "/backoffice/receivables"
DECIDE = Permission.DECIDE_REMITTANCES
DISPUTES = Permission.HANDLE_DISPUTES
#: One act is on so many lines at most; a hold of a whole contract is a reserve or an exclusion.
MOST = MAX_LIMIT
_EPOCH, _TICK = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


class Act(StrEnum):
    """What is done to the receivables that were ticked."""

    HOLD = "hold"
    DISPUTE = "dispute"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An act as it was asked for."""

    act: Act
    ids: tuple[int, ...]
    hold_reason: IneligibleReason
    dispute_reason: DisputeReason
    comment: str | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a contract could draw before and after, in minor units of its currency."""

    contract: ContractView
    before_minor: int
    after_minor: int


class _TakenBack(Exception):
    """Ends the savepoint of a trial."""


@post("/backoffice/receivables/acts", guards=[staff(DECIDE, DISPUTES)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def act_on_many(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent
) -> Response[Any]:
    """First what it would change, then, confirmed, the act and the list of what was done."""
    form = Form(submitted)
    wanted = _read(form)
    confirmed = form.flag("confirmed")
    if not form.valid() or wanted is None:
        raise Problems(form.faults)
    _require(signed, wanted)
    if not confirmed:
        return _preview(request, session, signed, wanted, on, at, form.submitted)
    with session.begin_nested():
        done = _perform(session, signed, wanted, at)
    if wanted.act is Act.VERIFY:
        return redirect(HOME, N_("Invoices verified: {n}."), n=len(done.done))
    return redirect(f"{HOME}/acts?act={wanted.act}&at={(at - _EPOCH) // _TICK}")


@get("/backoffice/receivables/acts", guards=[staff(DECIDE, DISPUTES)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_act(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """What one did in one go, and the way to take it back."""
    act, placed = _placed(request, session, signed)
    rows = {row.id: row for row in queries.rows_of(session, [one.receivable_id for one in placed])}
    return render(
        request, "backoffice/receivables/show_act.html", act=act, at=request.query_params["at"],
        placed=[(one, rows[one.receivable_id]) for one in placed if one.receivable_id in rows],
        open_count=sum(one.is_open for one in placed), reason=_reason(act, placed[0].reason),
    )  # fmt: skip


@post("/backoffice/receivables/acts/undo", guards=[staff(DECIDE, DISPUTES)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def undo_act(request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:  # fmt: skip
    """End what is still open of it; what others ended meanwhile is left."""
    act, placed = _placed(request, session, signed)
    ids = [one.id for one in placed if one.is_open]
    if act is Act.HOLD:
        count = marking.take_back_holds(session, hold_ids=ids, by=signed.by, at=at)
    else:
        count = marking.take_back_disputes(session, dispute_ids=ids, by=signed.by, at=at)
    return redirect(HOME, N_("Taken back on {n} invoices."), n=count)


def _read(form: Form) -> Wanted | None:
    act = form.need("act", chosen(Act))
    ids = tuple(dict.fromkeys(form.many("id", integer())))
    hold_reason = form.maybe("hold_reason", chosen(IneligibleReason))
    dispute_reason = form.maybe("dispute_reason", chosen(DisputeReason))
    comment = form.maybe("comment", text(500))
    if not ids:
        form.refuse(Conflict("nothing_ticked", "Tick the invoices first"))
    if len(ids) > MOST:
        form.refuse(Conflict("too_many_ticked", "At most {most} invoices at a time", most=MOST))
    if form.faults or act is None:
        return None
    return Wanted(act, ids, hold_reason or IneligibleReason.ON_HOLD,
                  dispute_reason or DisputeReason.OTHER, comment)  # fmt: skip


def _require(signed: Signed, wanted: Wanted) -> None:
    if not signed.may(DISPUTES if wanted.act is Act.DISPUTE else DECIDE):
        raise Forbidden("not_yours", "Your role does not include this act")


def _perform(session: Session, signed: Signed, wanted: Wanted, at: datetime) -> Marked:
    if wanted.act is Act.HOLD:
        return marking.hold_many(session, receivable_ids=wanted.ids, reason=wanted.hold_reason,
                                 comment=wanted.comment, by=signed.by, at=at)  # fmt: skip
    if wanted.act is Act.DISPUTE:
        return marking.dispute_many(session, receivable_ids=wanted.ids,
                                    reason=wanted.dispute_reason, comment=wanted.comment,
                                    by=signed.by, at=at)  # fmt: skip
    held = marked.held(session, wanted.ids, IneligibleReason.NOT_VERIFIED.value)
    operations.verify_invoices(session, receivable_ids=sorted(held), comment=wanted.comment,
                               by=signed.by, at=at)  # fmt: skip
    return Marked(tuple(sorted(held)), tuple(one for one in wanted.ids if one not in held))


def _preview(
    request: AnyRequest, session: Session, signed: Signed, wanted: Wanted, on: date,
    at: datetime, submitted: Submitted,
) -> Response[Any]:  # fmt: skip
    rows = queries.rows_of(session, list(wanted.ids))
    done, effects = _tried(session, lambda: _perform(session, signed, wanted, at), rows, on)
    marks = set(done.done)
    fields = [(name, value) for name, values in submitted.fields.items() for value in values
              if name not in ("csrf_token", "confirmed")]  # fmt: skip
    return render(
        request, "backoffice/receivables/preview_act.html", wanted=wanted, effects=effects,
        act=wanted.act, reason=_reason(wanted.act, str(
            wanted.dispute_reason if wanted.act is Act.DISPUTE else wanted.hold_reason)),
        rows=[row for row in rows if row.id in marks], fields=fields,
        left=[row for row in rows if row.id not in marks],
    )  # fmt: skip


def _tried(
    session: Session, act: Callable[[], Marked], rows: Sequence[ReceivableRow], on: date
) -> tuple[Marked, list[Effect]]:
    """Do it inside a savepoint, read the availability, and take it back: what is told is exact."""
    concerned = {one.id: one for one in contracts.contracts(session)
                 if one.id in {row.contract_id for row in rows}}  # fmt: skip
    before = funding.book_availability(session, on=on, contract_ids=list(concerned))
    told: list[tuple[Marked, dict[int, Any]]] = []
    with suppress(_TakenBack), session.begin_nested():
        done = act()
        told.append((done, funding.book_availability(session, on=on,
                                                     contract_ids=list(concerned))))  # fmt: skip
        raise _TakenBack
    done, after = told[0]
    effects = [
        Effect(one, before[key].payable_now_minor, after[key].payable_now_minor)
        for key, one in concerned.items() if key in before and key in after
    ]  # fmt: skip
    return done, effects


def _placed(
    request: AnyRequest, session: Session, signed: Signed
) -> tuple[Act, tuple[Placed, ...]]:
    """The batch of ``?act=`` and ``?at=``, of the reader's own. Raises ``NotFound``."""
    query = request.query_params
    try:
        act, moment = Act(query.get("act", "")), _instant(query.get("at", ""))
    except ValueError:
        raise _no_such_act() from None
    find = marked.disputes_opened if act is Act.DISPUTE else marked.holds_placed
    placed = find(session, by=signed.by, at=moment)
    if not placed:
        raise _no_such_act()
    return act, placed


def _instant(text_of_it: str) -> datetime:
    """The instant of so many microseconds. Raises ``ValueError``."""
    if not (text_of_it.isascii() and text_of_it.isdecimal() and len(text_of_it) < 18):
        raise ValueError("not an instant")
    return _EPOCH + int(text_of_it) * _TICK


def _no_such_act() -> NotFound:
    return NotFound("act_unknown", "There is no such act of yours")


def _reason(act: Act, reason: str) -> str:
    if act is Act.VERIFY:
        return ""
    return str(label(DisputeReason(reason) if act is Act.DISPUTE else IneligibleReason(reason)))


HANDLERS = [act_on_many, show_act, undo_act]
