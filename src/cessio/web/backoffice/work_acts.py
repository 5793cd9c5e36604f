"""What one does with an item besides deciding it: put it off, hand it over, bring it back."""

from __future__ import annotations

from functools import partial
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.orm import Session

from cessio import worklist as writes
from cessio.identity import Audience, Permission, Signed
from cessio.identity import queries as identity
from cessio.identity.rules import may
from cessio.kernel.errors import CessioError, NotFound
from cessio.web.backoffice import lists, work
from cessio.web.backoffice.work import KINDS, Task, View
from cessio.web.forms import Form, day, integer, text
from cessio.web.guards import staff
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who

ITEM = "/backoffice/queue/{kind:str}/{number:int}"


@get("/backoffice/queue", guards=[staff()], include_in_schema=False, sync_to_thread=True)
def find_item(request: AnyRequest, session: Db, signed: Who, on: On) -> Response[Any]:
    """The item at ``?queue=``, to be put off or handed over."""
    number = lists.asked_number(request, "queue") or 0
    view = View.at(number)
    queue = work.gather(session, signed, on, partial(_only, view))
    place = number - view.number
    if not 0 <= place < len(queue.tasks):
        return redirect("/backoffice")
    task = queue.tasks[place]
    return redirect(f"/backoffice/queue/{task.kind}/{task.number}?queue={number}")


@get(ITEM, guards=[staff()], include_in_schema=False, sync_to_thread=True)
def show_item(
    request: AnyRequest, session: Db, signed: Who, on: On, kind: FromPath[str], number: Id
) -> Response[Any]:
    """Put the item off until a day, or give it to a colleague."""
    return _page(request, session, signed, on, kind, number, Form(), Form())


@post(f"{ITEM}/delay", guards=[staff()], include_in_schema=False, sync_to_thread=True)
def put_off(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent,
    kind: FromPath[str], number: Id,
) -> Response[Any]:  # fmt: skip
    """Out of one's queue until a day, with the reason."""
    form = Form(submitted)
    until_on, reason = form.need("until_on", day()), form.need("reason", text(300))
    if form.valid():
        try:
            writes.put_off(
                session, person_id=signed.person_id, kind=_known(kind, signed), number=number,
                until_on=until_on, reason=reason, by=signed.by, at=at,
            )  # fmt: skip
            return work.done(request, "/backoffice", N_("Put off: it comes back by itself."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, on, kind, number, form, Form(), status=422)


@post(f"{ITEM}/hands", guards=[staff()], include_in_schema=False, sync_to_thread=True)
def hand_over(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent,
    kind: FromPath[str], number: Id,
) -> Response[Any]:  # fmt: skip
    """To a colleague who may decide it, with the reason."""
    form = Form(submitted)
    to_id, reason = form.need("to_id", integer()), form.need("reason", text(300))
    if form.valid() and to_id not in dict(_colleagues(session, signed, _known(kind, signed))):
        form.refuse(NotFound("colleague_unknown", "Choose somebody who may decide it",
                             field="to_id"))  # fmt: skip
    if form.valid():
        try:
            writes.hand_over(session, kind=kind, number=number, from_id=signed.person_id,
                             to_id=to_id, reason=reason, by=signed.by, at=at)  # fmt: skip
            return work.done(request, "/backoffice", N_("Handed over."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, on, kind, number, Form(), form, status=422)


@post(f"{ITEM}/return", guards=[staff()], include_in_schema=False, sync_to_thread=True)
def resume(session: Db, signed: Who, at: At, kind: FromPath[str], number: Id) -> Response[Any]:
    """Back into one's queue now."""
    writes.resume(session, person_id=signed.person_id, kind=_known(kind, signed), number=number,
                  by=signed.by, at=at)  # fmt: skip
    return redirect("/backoffice", N_("It waits again."))


@post(f"{ITEM}/taking", guards=[staff()], include_in_schema=False, sync_to_thread=True)
def take_back(session: Db, signed: Who, at: At, kind: FromPath[str], number: Id) -> Response[Any]:
    """Nobody's in particular again."""
    writes.take_back(session, kind=_known(kind, signed), number=number, by=signed.by, at=at)
    return redirect("/backoffice", N_("It waits again."))


def _page(
    request: AnyRequest, session: Session, signed: Signed, on: Any, kind: str, number: int,
    later: Form, hands: Form, *, status: int = 200,
) -> Response[Any]:  # fmt: skip
    _known(kind, signed)
    task = _task(session, signed, on, kind, number)
    return render(
        request, "backoffice/today/show_item.html", status=status, task=task, on=on,
        later=later, hands=hands, queue=work.place_of(request),
        colleagues=_colleagues(session, signed, kind),
    )  # fmt: skip


def _task(session: Session, signed: Signed, on: Any, kind: str, number: int) -> Task:
    for view in (View("all", kind), View("all", kind, later=True)):
        for task in work.gather(session, signed, on, partial(_only, view)).tasks:
            if task.number == number:
                return task
    raise NotFound("item_gone", "This does not wait for you any more")


def _only(view: View, _scopes: tuple[str, ...]) -> View:
    return view


def _known(kind: str, signed: Signed) -> str:
    if kind not in KINDS or not work.may_decide(signed, kind):
        raise NotFound("item_unknown", "There is nothing of this kind")
    return kind


def _colleagues(session: Session, signed: Signed, kind: str) -> list[tuple[int, str]]:
    """The other people of the house who may decide items of a kind."""
    needed: tuple[Permission, ...] = KINDS[kind].permissions
    return [
        (one.id, one.name) for one in identity.people(session, audience=Audience.STAFF)
        if one.id != signed.person_id
        and (not needed or any(may(one.role, permission) for permission in needed))
    ]  # fmt: skip


HANDLERS = [find_item, show_item, put_off, hand_over, resume, take_back]
