"""No more mails of a kind: by the link of a mail, without signing in."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from cessio.correspondence import STOP_ADDRESS
from cessio.notifications.operations import stop_mails
from cessio.plumbing.mail import STOP_PATH, stopped
from cessio.plumbing.mail_stops import StopReason, note_stop
from cessio.plumbing.vault import SealBroken, Vault
from cessio.web.bodies import ANY_FIELDS
from cessio.web.guards import public
from cessio.web.render import render
from cessio.web.requests import AnyRequest, At, Db, Safe
from cessio.web.words.registry import known_notices

TEMPLATE = "public/stopping/stop_mails.html"


@get(f"{STOP_PATH}/{{token:str}}", guards=[public], include_in_schema=False, sync_to_thread=True)
def ask_to_stop(request: AnyRequest, vault: Safe, token: FromPath[str]) -> Response[Any]:
    """What would stop, and the button: a link may be opened by a program that looks after mail."""
    return _page(request, vault, token, done=False)


@post(f"{STOP_PATH}/{{token:str}}", guards=[public], include_in_schema=False, sync_to_thread=True,
      opt={ANY_FIELDS: True})  # fmt: skip
def stop(
    request: AnyRequest, session: Db, vault: Safe, at: At, token: FromPath[str]
) -> Response[Any]:
    """Stop them; a mail program does so by itself (RFC 8058), from anywhere: the link is proof."""
    found = _about(vault, token)
    if isinstance(found, str):
        note_stop(session, address=found, why=StopReason.STOPPED, by="reader", at=at)
    elif found is not None:
        person_id, kind = found
        stop_mails(session, person_id=person_id, kind=kind, at=at)
    return _page(request, vault, token, done=True)


def _about(vault: Vault, token: str) -> tuple[int, str | None] | str | None:
    """Whose mails of which kind (none: the daily mail) a link stops, or reminders to an address."""
    try:
        about = stopped(token, vault)
    except SealBroken:
        return None
    if about.startswith(STOP_ADDRESS):
        return about.removeprefix(STOP_ADDRESS)
    person_id, _, kind = about.partition("/")
    return int(person_id), kind or None


def _page(request: AnyRequest, vault: Vault, token: str, *, done: bool) -> Response[Any]:
    found = _about(vault, token)
    address = found if isinstance(found, str) else None
    notice = known_notices().get(found[1] or "") if isinstance(found, tuple) else None
    return render(
        request, TEMPLATE, status=404 if found is None else 200, token=token, done=done,
        found=found is not None, address=address, title=None if notice is None else notice.title,
    )  # fmt: skip


HANDLERS = [ask_to_stop, stop]
