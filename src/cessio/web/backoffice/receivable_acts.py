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
from cessio.identity import queries as identity
from cessio.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problems
from cessio.receivables import operations, queries
from cessio.receivables.operations import following, marking
from cessio.receivables.operations.marking import Marked
from cessio.receivables.queries import ReceivableRow, marked
from cessio.receivables.queries.marked import Placed
from cessio.receivables.rules import DisputeOutcome, DisputeReason
from cessio.web.backoffice import dispute_filters, lists, receivable_filters
from cessio.web.forms import Form, Submitted, chosen, integer, text
from cessio.web.guards import staff
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, On, Sent, Who
from cessio.web.words import label

HOME = "/backoffice/receivables"
DISPUTES_HOME = "/backoffice/disputes"
DECIDE = Permission.DECIDE_REMITTANCES
DISPUTES = Permission.HANDLE_DISPUTES
#: One act is on so many lines at most; a hold of a whole contract is a reserve or an exclusion.
MOST = 2_000
#: Lines shown of what an act is on.
SHOWN = 200
_EPOCH, _TICK = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


class Act(StrEnum):
    """What is done to the receivables that were ticked."""

    HOLD = "hold"
    DISPUTE = "dispute"
    VERIFY = "verify"
    GIVE = "give"
    LEAVE = "leave"  # given to nobody
    END = "end"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An act as it was asked for."""

    act: Act
    ids: tuple[int, ...]
    hold_reason: IneligibleReason
    dispute_reason: DisputeReason
    outcome: DisputeOutcome
    person_id: int | None
    comment: str | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a contract could draw before and after, in minor units of its currency."""

    contract: ContractView
    before_minor: int
    after_minor: int


class _TakenBack(Exception):
    """Ends the savepoint of a trial."""


def permission_of(act: Act) -> Permission:
    """Who may do it."""
    return DECIDE if act in (Act.HOLD, Act.VERIFY) else DISPUTES


@post("/backoffice/receivables/acts", guards=[staff(DECIDE, DISPUTES)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def act_on_many(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent
) -> Response[Any]:
    """First what it would change, then, confirmed, the act and the list of what was done.

    ``all`` means everything the filter finds, which is in the address the form was sent to.
    """
    form = Form(submitted)
    everything = _everything(request, session, signed, on) if form.flag("all") else None
    wanted = _read(form, everything)
    confirmed = form.flag("confirmed")
    if not form.valid() or wanted is None:
        raise Problems(form.faults)
    if not signed.may(permission_of(wanted.act)):
        raise Forbidden("not_yours", "Your role does not include this act")
    if not confirmed:
        return _preview(request, session, signed, wanted, on, at, form.submitted)
    with session.begin_nested():
        done = _perform(session, signed, wanted, at)
    if not done.done:
        return redirect(HOME, N_("Nothing was left to do."), tone="attention")
    return redirect(f"{HOME}/acts?act={wanted.act}&at={(at - _EPOCH) // _TICK}")


@get("/backoffice/receivables/acts", guards=[staff(DECIDE, DISPUTES)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_act(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """What one did in one go, and the way to take it back."""
    act, placed = _placed(request, session, signed)
    shown = placed[:SHOWN]
    rows = {row.id: row for row in queries.rows_of(session, [one.receivable_id for one in shown])}
    return render(
        request, "backoffice/receivables/show_act.html", act=act, at=request.query_params["at"],
        placed=[(one, rows[one.receivable_id]) for one in shown if one.receivable_id in rows],
        count=len(placed), open_count=sum(one.is_open for one in placed),
        reason=_said(act, placed[0].reason), comment=placed[0].comment,
        sums=_sums(session, [one.receivable_id for one in placed]),
        home=DISPUTES_HOME if act is Act.END else HOME,
    )  # fmt: skip


@post("/backoffice/receivables/acts/undo", guards=[staff(DECIDE, DISPUTES)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def undo_act(request: AnyRequest, session: Db, signed: Who, at: At
) -> Response[Any]:  # fmt: skip
    """Undo what still stands of it; what others changed meanwhile is left."""
    act, placed = _placed(request, session, signed)
    ids = [one.id for one in placed if one.is_open]
    who: dict[str, Any] = {"by": signed.by, "at": at}
    match act:
        case Act.HOLD:
            count = marking.take_back_holds(session, hold_ids=ids, **who)
        case Act.DISPUTE:
            count = marking.take_back_disputes(session, dispute_ids=ids, **who)
        case Act.VERIFY:
            count = marking.take_back_verifications(session, hold_ids=ids, **who)
        case Act.GIVE:
            count = following.take_back_follows(session, follow_ids=ids, **who)
        case Act.LEAVE:
            count = following.give_back_follows(session, follow_ids=ids, **who)
        case Act.END:
            count = marking.reopen_disputes(session, dispute_ids=ids, **who)
    home = DISPUTES_HOME if act is Act.END else HOME
    return redirect(home, N_("Taken back on {n} invoices."), n=count)


def _everything(request: AnyRequest, session: Session, signed: Signed, on: date) -> tuple[int, ...]:
    if request.query_params.get("list") == "disputes":
        disputed = dispute_filters.asked(request, session, signed, on)
        ids = queries.disputed_ids(session, disputed, most=MOST)
    else:
        wanted = receivable_filters.asked(request, session, signed, on)
        ids = queries.matching_ids(session, wanted, most=MOST)
    lists.refuse_unread(request)
    if len(ids) > MOST:
        raise Invalid(
            "filter_too_wide", "The filter finds more than {most} invoices: narrow it", most=MOST
        )
    return tuple(ids)


def _read(form: Form, everything: tuple[int, ...] | None) -> Wanted | None:
    act = form.need("act", chosen(Act))
    ids = tuple(dict.fromkeys([*form.many("id", integer()), *_listed(form)]))
    ids = ids if everything is None else everything
    hold_reason = form.maybe("hold_reason", chosen(IneligibleReason))
    dispute_reason = form.maybe("dispute_reason", chosen(DisputeReason))
    outcome = form.maybe("outcome", chosen(DisputeOutcome))
    person_id = form.maybe("person", integer())
    comment = form.maybe("comment", text(500))
    if not ids:
        form.refuse(Conflict("nothing_ticked", "Tick the invoices first"))
    if len(ids) > MOST:
        form.refuse(Conflict("too_many_ticked", "At most {most} invoices at a time", most=MOST))
    if form.faults or act is None:
        return None
    if act is Act.GIVE and person_id is None:
        act = Act.LEAVE
    return Wanted(act, ids, hold_reason or IneligibleReason.ON_HOLD,
                  dispute_reason or DisputeReason.OTHER, outcome or DisputeOutcome.WITHDRAWN,
                  person_id, comment)  # fmt: skip


def _listed(form: Form) -> list[int]:
    """The ids of a preview, in one field: exactly what was shown is what is done."""
    listed = form.maybe("ids", text(MOST * 20)) or ""
    return [int(one) for one in listed.split(",")
            if one.isascii() and one.isdecimal() and len(one) < 19]  # fmt: skip


def _perform(session: Session, signed: Signed, wanted: Wanted, at: datetime) -> Marked:
    who: dict[str, Any] = {"comment": wanted.comment, "by": signed.by, "at": at}
    match wanted.act:
        case Act.HOLD:
            return marking.hold_many(session, receivable_ids=wanted.ids,
                                     reason=wanted.hold_reason, **who)  # fmt: skip
        case Act.DISPUTE:
            return marking.dispute_many(session, receivable_ids=wanted.ids,
                                        reason=wanted.dispute_reason, **who)  # fmt: skip
        case Act.GIVE | Act.LEAVE:
            return following.give(session, receivable_ids=wanted.ids,
                                  person_id=wanted.person_id, **who)  # fmt: skip
        case Act.END:
            return marking.end_many(session, receivable_ids=wanted.ids,
                                    outcome=wanted.outcome, **who)  # fmt: skip
    held = marked.held(session, wanted.ids, IneligibleReason.NOT_VERIFIED.value)
    operations.verify_invoices(session, receivable_ids=sorted(held), **who)
    return Marked(tuple(sorted(held)), tuple(one for one in wanted.ids if one not in held))


def _preview(
    request: AnyRequest, session: Session, signed: Signed, wanted: Wanted, on: date,
    at: datetime, submitted: Submitted,
) -> Response[Any]:  # fmt: skip
    rows = queries.rows_of(session, list(wanted.ids))
    done, effects = _tried(session, lambda: _perform(session, signed, wanted, at), rows, on)
    marks = set(done.done)
    kept = ("act", "hold_reason", "dispute_reason", "outcome", "person", "comment")
    fields = [(name, value) for name in kept for value in submitted.fields.get(name, ())]
    chosen_rows = [row for row in rows if row.id in marks]
    return render(
        request, "backoffice/receivables/preview_act.html", wanted=wanted, effects=effects,
        act=wanted.act, reason=_reason(session, wanted), rows=chosen_rows[:SHOWN],
        count=len(chosen_rows), sums=_sums_of(chosen_rows),
        fields=[*fields, ("ids", ",".join(str(one) for one in done.done))],
        left=[row for row in rows if row.id not in marks],
        home=DISPUTES_HOME if wanted.act is Act.END else HOME,
    )  # fmt: skip


def _sums(session: Session, ids: list[int]) -> dict[str, int]:
    return _sums_of(queries.rows_of(session, ids))


def _sums_of(rows: Sequence[ReceivableRow]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for row in rows:
        sums[row.currency] = sums.get(row.currency, 0) + row.open_minor
    return sums


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
    find = {
        Act.HOLD: marked.holds_placed, Act.DISPUTE: marked.disputes_opened,
        Act.VERIFY: marked.holds_verified, Act.GIVE: marked.follows_given,
        Act.LEAVE: marked.follows_ended,
        Act.END: marked.disputes_settled,
    }[act]  # fmt: skip
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


def _reason(session: Session, wanted: Wanted) -> str:
    """What a preview says of the act it shows."""
    match wanted.act:
        case Act.HOLD:
            return label(wanted.hold_reason)
        case Act.DISPUTE:
            return label(wanted.dispute_reason)
        case Act.END:
            return label(wanted.outcome)
        case Act.LEAVE:
            return _("Nobody will follow them.")
        case Act.GIVE if wanted.person_id is not None:
            return identity.person(session, wanted.person_id).name
    return ""


def _said(act: Act, reason: str) -> str:
    """What was said when it was done."""
    match act:
        case Act.HOLD:
            return label(IneligibleReason(reason))
        case Act.DISPUTE:
            return label(DisputeReason(reason))
        case Act.END:
            return label(DisputeOutcome(reason)) if reason in set(DisputeOutcome) else ""
        case Act.GIVE | Act.LEAVE:
            return reason
    return ""


HANDLERS = [act_on_many, show_act, undo_act]
