"""The bell of the factor's people: what one was told, and how one wants to be."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from cessio.web.bell import Bell
from cessio.web.guards import staff
from cessio.web.requests import AnyRequest, At, Db, Id, Sent, Who

HOME = "/backoffice/notifications"
BELL = Bell(
    HOME, "backoffice/notifications/list_notifications.html",
    "backoffice/notifications/show_choices.html",
)  # fmt: skip
GUARDS = [staff()]


@get(HOME, guards=GUARDS, include_in_schema=False, sync_to_thread=True)
def list_notifications(request: AnyRequest, session: Db, signed: Who, at: At) -> Response[Any]:
    """What one was told, latest first."""
    return BELL.show(request, session, signed, at)


@get(f"{HOME}/{{notification_id:int}}", guards=GUARDS, include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def open_notification(session: Db, signed: Who, notification_id: Id, at: At) -> Redirect:
    """To the thing it is about. Raises ``NotFound``."""
    return BELL.open(session, signed, notification_id, at)


@post(f"{HOME}/read", guards=GUARDS, include_in_schema=False, sync_to_thread=True)
def read_notifications(session: Db, signed: Who, submitted: Sent, at: At) -> Response[Any]:
    """Note lines as read."""
    return BELL.read(session, signed, submitted, at)


@get(f"{HOME}/choices", guards=GUARDS, include_in_schema=False, sync_to_thread=True)
def show_choices(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """Which kinds one hears of, and how."""
    return BELL.show_choices(request, session, signed)


@post(f"{HOME}/choices", guards=GUARDS, include_in_schema=False, sync_to_thread=True)
def keep_choices(session: Db, signed: Who, submitted: Sent, at: At) -> Response[Any]:
    """Keep what was chosen."""
    return BELL.keep_choices(session, signed, submitted, at)


HANDLERS = [list_notifications, open_notification, read_notifications, show_choices, keep_choices]
