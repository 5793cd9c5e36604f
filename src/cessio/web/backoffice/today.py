"""Today: what waits for somebody, the most pressing first, and the way from one to the next."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get

from cessio.identity import Permission
from cessio.web.actors import actors
from cessio.web.backoffice import lists, work
from cessio.web.backoffice.work import Queue, View
from cessio.web.guards import staff
from cessio.web.render import redirect, render
from cessio.web.requests import AnyRequest, Db, On, Who


@get("/backoffice", guards=[staff()], include_in_schema=False, sync_to_thread=True)
def show_today(request: AnyRequest, session: Db, signed: Who, on: On) -> Response[Any]:
    """The work queue; ``?scope=`` says whose clients, ``?kind=`` keeps one kind of item."""
    queue = work.gather(session, signed, on, lambda scopes: work.asked_view(request, scopes))
    hands = [task.given for task in queue.tasks if task.given is not None]
    names = actors(session, [f"person:{one}" for hand in hands
                             for one in (hand.from_id, hand.to_id)])  # fmt: skip
    page = render(
        request, "backoffice/today/show_today.html", on=on, queue=queue,
        tasks=list(work.each(queue)), me=signed.person_id, names=names,
        may={
            "remittances": signed.may(Permission.DECIDE_REMITTANCES),
            "sign": signed.may(Permission.EDIT_CONTRACTS),
            "portfolio": signed.may(Permission.SEE_CONTRACTS),
        },
    )  # fmt: skip
    return work.remember_scope(request, page, queue.view.scope)


@get("/backoffice/next", guards=[staff()], include_in_schema=False, sync_to_thread=True)
def show_next(request: AnyRequest, session: Db, signed: Who, on: On) -> Response[Any]:
    """What comes next in the queue from ``?queue=`` on, for pages that lead on; else Today."""
    number = lists.asked_number(request, "queue") or 0
    asked = View.at(number)
    queue = work.gather(session, signed, on, lambda scopes: View(
        asked.scope if asked.scope in scopes else scopes[0], asked.kind))  # fmt: skip
    place = number - asked.number
    if not 0 <= place < len(queue.tasks):
        return redirect(_today(queue))
    return redirect(queue.href(place))


def _today(queue: Queue) -> str:
    """Today, in the view that came to its end."""
    view = queue.view
    asked = {"scope": view.scope if len(queue.scopes) > 1 else None, "kind": view.kind}
    chosen = {name: value for name, value in asked.items() if value is not None}
    return f"/backoffice?{urlencode(chosen)}" if chosen else "/backoffice"


HANDLERS = [show_today, show_next]
