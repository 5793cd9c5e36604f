"""The matching workbench: money that waits, what it may pay and why, one key to confirm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect
from sqlalchemy.orm import Session

from cessio import cash
from cessio.cash import queries
from cessio.cash.operations import proposals_now, propose_line, take_back
from cessio.cash.queries import ApplicationView, StoredProposal, WorkbenchLine
from cessio.cash.rules import APART
from cessio.contracts import queries as contracts
from cessio.house import ReasonList
from cessio.identity import Audience, Permission, Signed
from cessio.identity import queries as identity
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import CessioError, NotFound
from cessio.web.actors import actors
from cessio.web.backoffice import work
from cessio.web.backoffice.choosing import Choice, choice, started, typed
from cessio.web.backoffice.consequences import Consequence, of_choice, of_picked, of_proposal
from cessio.web.backoffice.earlier import earlier
from cessio.web.backoffice.lists import asked_number
from cessio.web.forms import Form, amount, integer, one_of, text
from cessio.web.guards import staff
from cessio.web.reasons import given
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, Sent, Who
from cessio.web.words.cash import application_name

PATH = "/backoffice/bank/matching"
LINE = "/backoffice/bank/lines/{line_id:int}"
SEE = staff(Permission.SEE_CASH)
APPLY = staff(Permission.APPLY_CASH)
#: Lines of the left pane, and how many before the one in hand.
SHOWN, BEFORE = 25, 4


@get(PATH, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def list_lines(request: AnyRequest, session: Db, signed: Who, at: At) -> Response[Any]:
    """What waits; ``?parked=1`` what was set aside. The first line is open beside the list."""
    rows = queries.workbench(
        session, parked=request.query_params.get("parked") == "1",
        after_id=asked_number(request, "after"), limit=1,
    )  # fmt: skip
    if not rows:
        return _empty(request, session, signed)
    return _page(request, session, signed, rows[0], Form(), at, is_list=True)


@get(LINE, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_line(request: AnyRequest, session: Db, signed: Who, at: At, line_id: Id) -> Response[Any]:
    """One bank line: its proposals and their consequence, the hand panel, its history."""
    return _page(request, session, signed, _line(session, line_id), Form(), at)


@post(PATH, guards=[APPLY], include_in_schema=False, sync_to_thread=True)
def match_again(session: Db, at: At) -> Response[Any]:
    """Match everything that waits anew: what is sure applies by itself."""
    run = cash.match_open_lines(session, by="job:cash.match", at=at)
    return redirect(
        PATH, N_("{applied} payments matched, {waiting} to look at."), applied=run.applied,
        waiting=run.proposed + run.unknown,
    )  # fmt: skip


@post(f"{LINE}/proposals", guards=[APPLY], include_in_schema=False, sync_to_thread=True)
def propose(session: Db, at: At, line_id: Id) -> Response[Any]:
    """Look for proposals again, without applying any."""
    propose_line(session, line_id=line_id, at=at)
    return redirect(f"/backoffice/bank/lines/{line_id}")


@post(f"{LINE}/confirmation", guards=[APPLY], include_in_schema=False, sync_to_thread=True)
def confirm(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, line_id: Id
) -> Response[Any]:
    """Apply a proposal as it was shown, and go on to the next line.

    The jobs may have matched the line anew meanwhile, or the book may have moved: what counts is
    where the money goes.
    """
    form = Form(submitted)
    proposal_id = form.need("proposal", integer())
    shown = form.maybe("shown", text(20_000))
    if form.valid():
        chosen = _meant(session, line_id, proposal_id, shown, at)
        try:
            with session.begin_nested():
                cash.apply_proposal(session, proposal_id=chosen, by=signed.by, at=at)
            return _onwards(request, session, line_id, at)
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, _line(session, line_id), form, at, status=422)


@post(f"{LINE}/application", guards=[APPLY], include_in_schema=False, sync_to_thread=True)
def apply_by_hand(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, line_id: Id
) -> Response[Any]:
    """Apply as the clerk says; with ``look`` only show what it would change."""
    line = _line(session, line_id)
    form = Form(submitted)
    parts, ids = typed(form, line)
    look = form.maybe("look", text(1)) is not None
    if not form.valid():
        return _page(request, session, signed, line, form, at, status=422, ids=ids)

    def act() -> int:
        return cash.apply_line(session, line_id=line_id, chosen=parts, by=signed.by, at=at)

    if look:
        labels = queries.receivable_labels(session, ids)
        seen = of_choice(session, parts, labels, act, on=business_date(at))
        return _page(request, session, signed, line, form, at, ids=ids, by_hand=seen)
    try:
        with session.begin_nested():
            act()
        return _onwards(request, session, line_id, at)
    except CessioError as error:
        form.refuse(error)
    return _page(request, session, signed, line, form, at, status=422, ids=ids)


@post(f"{LINE}/client", guards=[APPLY], include_in_schema=False, sync_to_thread=True)
def apply_to_client(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, line_id: Id
) -> Response[Any]:
    """Book the client's own money to its current account."""
    line = _line(session, line_id)
    form = Form(submitted)
    contract_id = form.need("contract", integer())
    minor = form.need("client_amount", amount(line.currency))
    if form.valid():
        try:
            with session.begin_nested():
                cash.apply_to_client(
                    session, line_id=line_id, contract_id=contract_id, amount_minor=minor,
                    by=signed.by, at=at,
                )  # fmt: skip
            return _onwards(request, session, line_id, at)
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, line, form, at, status=422)


@post(f"{LINE}/parking", guards=[APPLY], include_in_schema=False, sync_to_thread=True)
def park(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, line_id: Id
) -> Response[Any]:
    """Set the line aside for somebody, with what is to be found out."""
    form = Form(submitted)
    owner_id, note = form.need("owner", integer()), given(form, "note", ReasonList.PARKING)
    if form.valid():
        try:
            with session.begin_nested():
                cash.park_line(session, line_id=line_id, owner_id=owner_id, note=note or "",
                               by=signed.by, at=at)  # fmt: skip
            return work.done(request, _next_address(session, line_id), N_("The line is set aside."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, _line(session, line_id), form, at, status=422)


@post(f"{LINE}/unparking", guards=[APPLY], include_in_schema=False, sync_to_thread=True)
def unpark(session: Db, signed: Who, at: At, line_id: Id) -> Response[Any]:
    """Bring a line back among those that wait."""
    cash.unpark_line(session, line_id=line_id, by=signed.by, at=at)
    return redirect(f"/backoffice/bank/lines/{line_id}", N_("The line waits again."))


@post(f"{LINE}/undo", guards=[APPLY], include_in_schema=False, sync_to_thread=True)
def undo(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, line_id: Id
) -> Response[Any]:
    """Take an application of the line back; everything is as before it."""
    form = Form(submitted)
    application_id, reason = form.need("application", integer()), form.need("reason", text(300))
    if form.valid():
        try:
            with session.begin_nested():
                cash.undo_application(
                    session, application_id=application_id, reason=reason, by=signed.by, at=at
                )
                propose_line(session, line_id=line_id, at=at)
            return redirect(f"/backoffice/bank/lines/{line_id}", N_("Undone: all is as before."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, _line(session, line_id), form, at, status=422)


@post(f"{LINE}/taking-back", guards=[APPLY], include_in_schema=False, sync_to_thread=True)
def undo_at_once(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, line_id: Id
) -> Response[Any]:
    """One keystroke after a mistake of one's own: no reason is asked for."""
    form = Form(submitted)
    application_id = form.need("application", integer())
    back = form.maybe("back", one_of(("done",)))
    if form.valid():
        try:
            with session.begin_nested():
                take_back(session, application_id=application_id, by=signed.by, at=at)
                propose_line(session, line_id=line_id, at=at)
            there = (
                "/backoffice/bank/matching/done" if back else f"/backoffice/bank/lines/{line_id}"
            )
            return redirect(there, N_("Undone: all is as before."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, _line(session, line_id), form, at, status=422)


@get("/backoffice/bank/applications/{application_id:int}", guards=[SEE], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def find_application(session: Db, application_id: Id) -> Response[Any]:
    """The line (or the invoice, of a direct payment) whose history holds an application."""
    found = queries.application(session, application_id=application_id)
    if found.line_id is not None:
        return redirect(f"/backoffice/bank/lines/{found.line_id}#history")
    return redirect(f"/backoffice/receivables/{found.allocations[0][0].receivable_id}")


# -- the page ------------------------------------------------------------------------------------


def _page(
    request: AnyRequest, session: Session, signed: Signed, line: WorkbenchLine, form: Form,
    at: datetime, *, status: int = 200, ids: Sequence[int] | None = None,
    by_hand: Consequence | None = None, is_list: bool = False,
) -> Response[Any]:  # fmt: skip
    on = business_date(at)
    proposals = proposals_now(session, line_id=line.line_id, on=on) if line.open_minor else []
    first = _featured(request, proposals)
    history = queries.applications_of(session, line_id=line.line_id)
    picked = choice(request, session, line, proposals=proposals, on=on, ids=ids)
    if not form.submitted.fields:
        form = Form(
            **started(picked, line, on_account=_asked(request) == "account"),
            owner=str(signed.person_id),
        )
        by_hand = by_hand or _told_before(session, picked, line, on)
    may_apply = signed.may(Permission.APPLY_CASH)
    for_client = _asked(request) == "client" or "contract" in form.submitted.fields
    pane = _pane(request, session, line=line, is_list=is_list)
    return render(
        request, "backoffice/matching/workbench.html", status=status, form=form, line=line,
        is_list=is_list, first=first, told_by=_told, today=on,
        others=[one for one in proposals if one is not first], asked=_asked(request),
        earlier=earlier(session, line),
        seen=of_proposal(session, first, on=on) if first else None, choice=picked,
        by_hand=by_hand, history=history, names=actors(session, _people(history)),
        may_apply=may_apply, wants_undo=request.query_params.get("undo") == "1",
        may_book=signed.may(Permission.BOOK_OWN_MEANS), apart=APART,
        **pane, **_neighbours(pane["rows"], line.line_id),
        **_selects(session, line, for_client=for_client),
        **_last_done(request, session),
    )  # fmt: skip


def _empty(request: AnyRequest, session: Session, signed: Signed) -> Response[Any]:
    return render(
        request, "backoffice/matching/nothing_waits.html",
        may_apply=signed.may(Permission.APPLY_CASH), kind_name=application_name,
        parked=request.query_params.get("parked") == "1",
        **counts(session), **_last_done(request, session),
    )  # fmt: skip


def _pane(
    request: AnyRequest, session: Session, *, line: WorkbenchLine, is_list: bool
) -> dict[str, Any]:
    """The list on the left: a page of it, or what stands around the line in hand."""
    parked = line.parked_at is not None
    before: list[WorkbenchLine] = []
    start = asked_number(request, "after")
    if not is_list:
        before = queries.workbench(session, parked=parked, before_id=line.line_id, limit=BEFORE)
        start = line.line_id - 1
    rows = queries.workbench(session, parked=parked, after_id=start, limit=SHOWN + 1)
    return {
        "rows": [*before, *rows[:SHOWN]], "parked": parked, "kind_name": application_name,
        "more": rows[SHOWN - 1].line_id if len(rows) > SHOWN else None, **counts(session),
    }  # fmt: skip


def counts(session: Session) -> dict[str, Any]:
    """What waits altogether, and what of it is set aside: the heads of the tabs."""
    return {
        "waiting": queries.unallocated(session), "set_aside": queries.set_aside(session),
    }  # fmt: skip


def _neighbours(rows: Sequence[WorkbenchLine], line_id: int) -> dict[str, int | None]:
    """The lines before and after the one in hand."""
    return {
        "next_id": next((row.line_id for row in rows if row.line_id > line_id), None),
        "previous_id": next((row.line_id for row in rows[::-1] if row.line_id < line_id), None),
    }  # fmt: skip


def _last_done(request: AnyRequest, session: Session) -> dict[str, Any]:
    """What was just applied, to be seen and taken back."""
    done = asked_number(request, "done")
    last = queries.applications_of(session, line_id=done)[:1] if done else []
    return {"done": last[0] if last and last[0].undone_at is None else None}


def _asked(request: AnyRequest) -> str:
    """What the address opens: ``hand``, ``account``, ``aside`` or ``client``."""
    found = request.query_params.get("open", "")
    return found if found in ("hand", "account", "aside", "client") else ""


def _told_before(
    session: Session, picked: Choice, line: WorkbenchLine, on: date
) -> Consequence | None:
    """What the documents taken would change, with the amounts they start from."""
    return of_picked(session, picked, line, on=on) if picked.picked else None


def _selects(session: Session, line: WorkbenchLine, *, for_client: bool) -> dict[str, Any]:
    """Who may own a parked line; whose own money this may be, once that is asked for.

    A house has a thousand contracts: they are not written out on every line for nothing.
    """
    staff_people = identity.people(session, audience=Audience.STAFF)
    agreements = contracts.contracts(session) if for_client else ()
    return {
        "owners": [(str(one.id), one.name) for one in staff_people],
        "agreements": [
            (str(one.id), f"{one.client_name} ({one.reference})")
            for one in agreements if one.currency == line.currency
        ],
    }  # fmt: skip


def _people(history: Sequence[ApplicationView]) -> list[str | None]:
    return [actor for one in history for actor in (one.by, one.undone_by)]


def _featured(request: AnyRequest, proposals: Sequence[StoredProposal]) -> StoredProposal | None:
    """The proposal looked at: the one whose rank the address names, else the surest."""
    wanted = asked_number(request, "proposal")
    named = [one for one in proposals if one.rank == wanted]
    return next(iter([*named, *proposals]), None)


def _meant(
    session: Session, line_id: int, proposal_id: int, shown: str | None, at: datetime
) -> int:
    """The number of the proposal that puts the money where the clerk was shown."""
    for look_again in (False, True):
        if look_again:
            propose_line(session, line_id=line_id, at=at)
        stored = queries.proposals_of(session, line_id=line_id)
        same = [one.proposal_id for one in stored if _told(one) == shown]
        if any(one.proposal_id == proposal_id for one in stored):
            return proposal_id
        if same:
            return same[0]
    return proposal_id


def _line(session: Session, line_id: int) -> WorkbenchLine:
    found = queries.workbench_line(session, line_id=line_id)
    if found is None or found.amount_minor < 0:
        raise NotFound("line_unknown", "there is no such bank line")
    return found


def _next_address(session: Session, line_id: int) -> str:
    """The line that waits after this one, or the first of all."""
    following = queries.workbench(session, after_id=line_id, limit=1)
    following = following or queries.workbench(session, limit=1)
    return f"/backoffice/bank/lines/{following[0].line_id}" if following else PATH


def _told(one: StoredProposal) -> str:
    """Where a proposal puts the money, to be known again under another number."""
    return ",".join(
        f"{part.receivable_id}:{part.amount_minor}:{part.kind.value}"
        for part in one.proposal.allocations
    )


def _onwards(request: AnyRequest, session: Session, line_id: int, at: datetime) -> Redirect:
    """Where the clerk's hands go next; what was just done can be undone from there."""
    left = queries.workbench_line(session, line_id=line_id)
    if left is not None and left.open_minor:
        propose_line(session, line_id=line_id, at=at)
    if (place := work.place_of(request)) is not None:
        return redirect(f"/backoffice/next?queue={place}")
    return redirect(f"{_next_address(session, line_id)}?done={line_id}")


HANDLERS = [
    list_lines, show_line, match_again, propose, confirm, apply_by_hand, apply_to_client, park,
    unpark, undo, undo_at_once, find_application,
]  # fmt: skip
