"""Who may call a route: every handler names its audience and one permission of it.

    @get("/backoffice/limits", guards=[staff(Permission.SEE_LIMITS)])
    @post("/portal/drawdowns", guards=[client_user(Permission.OWN_DRAW)])
    @get("/api/receivables", guards=[api(Scope.RECEIVABLES_READ)])
    @get("/guest", guards=[guest()])
    @get("/pay/{code:str}", guards=[public])

A guard of people also refuses an unsafe request without the session's own token, from the field
``csrf_token`` or the header ``X-CSRF-Token``. ``query_fields`` refuses unknown or repeated fields
of the address.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta
from typing import Any, cast

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler

from cessio.identity import Audience, Permission, Scope, Signed
from cessio.kernel.errors import CessioError, Forbidden, Invalid, Problems
from cessio.web.sessions import SAFE_METHODS, Access, ProofNeeded, SignInNeeded
from cessio.web.strict_json import check_json

Connection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[Connection, BaseRouteHandler], Awaitable[None]]

CSRF_FIELD = "csrf_token"
CSRF_HEADER = "x-csrf-token"
#: A code or password given this long ago still vouches for who acts, and for who fills a form in.
PROOF_LASTS = timedelta(minutes=15)


class MediaTypeRefused(HTTPException):
    """The API reads JSON and uploads, and only when they say so."""

    status_code = 415


def staff(*any_of: Permission) -> Guard:
    """Staff holding one of the permissions; with none named, all staff."""
    return _person_guard(Audience.STAFF, any_of)


def client_user(*any_of: Permission) -> Guard:
    """A client's user holding one of the permissions; with none named, all of them.

    The guard says nothing about *which* client: the handler passes ``signed.client_id`` on.
    """
    return _person_guard(Audience.CLIENT, any_of)


def guest() -> Guard:
    """Somebody with whom clients share; which share, the handler asks for by the person's id."""
    return _person_guard(Audience.GUEST, ())


async def anyone_signed_in(connection: Connection, handler: BaseRouteHandler) -> None:
    """Anybody signed in by a browser, of either audience (own password, own sessions)."""
    await _browser(connection)


async def public(connection: Connection, handler: BaseRouteHandler) -> None:
    """Everybody, signed in or not. Other sites' unsafe requests were refused before."""


def api(*any_of: Scope) -> Guard:
    """A machine whose token has one of the scopes, and whose person still may use it."""

    async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        user = connection.scope.get("user")
        if not isinstance(user, Signed) or user.scopes is None:
            raise SignInNeeded
        if not any(user.may_use(scope) for scope in any_of):
            raise _refused()
        await _refuse_body(cast("Request[Any, Any, Any]", connection))

    return _named(guard, "api", any_of)


def query_fields(*allowed: str, many: Collection[str] = ()) -> Guard:
    """Only these fields in the address, each once but those in ``many``."""

    async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        seen: set[str] = set()
        problems: dict[str, CessioError] = {}
        for name, _ in connection.query_params.multi_items():
            if name not in allowed and name not in many:
                problems[name] = Invalid("field_unknown", "The field {name} is not part of this "
                                         "form", field=name[:60], name=name[:60])  # fmt: skip
            elif name in seen and name not in many:
                problems[name] = Invalid("field_repeated", "The field {name} was sent twice",
                                         field=name, name=name)  # fmt: skip
            seen.add(name)
        if problems:
            raise Problems(list(problems.values()))

    return guard


async def proven(connection: Connection, handler: BaseRouteHandler) -> None:
    """Beside the guard of the audience: a fresh code, or without a second factor the password."""
    await _need_proof(connection)


async def proven_by_code(connection: Connection, handler: BaseRouteHandler) -> None:
    """The same for those with a second factor alone: others are not stopped."""
    if (await _browser(connection)).has_factor:
        await _need_proof(connection)


async def _need_proof(connection: Connection) -> None:
    request = cast("Request[Any, Any, Any]", connection)
    need_proof(
        await _browser(connection), connection.app.plugins.get(Access).clock(),
        is_form=request.method not in SAFE_METHODS,
    )  # fmt: skip


def need_proof(signed: Signed, at: datetime, *, is_form: bool = False) -> None:
    """Raise ``ProofNeeded`` unless the person proved lately who they are.

    A form that was opened in time may be sent as long again after: nobody types it twice.
    """
    lasts = PROOF_LASTS * 2 if is_form else PROOF_LASTS
    if signed.proved_at is None or signed.proved_at + lasts < at:
        raise ProofNeeded("proof_needed", "Please prove again that it is you")


def _person_guard(audience: Audience, any_of: tuple[Permission, ...]) -> Guard:
    async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        user = await _browser(connection)
        if user.audience is not audience:
            raise _refused()
        if any_of and not any(user.may(permission) for permission in any_of):
            raise _refused()

    return _named(guard, audience.value, any_of)


async def _browser(connection: Connection) -> Signed:
    """The person of a session; its token is checked on unsafe requests."""
    user = connection.scope.get("user")
    if not isinstance(user, Signed) or user.session_id is None:
        raise SignInNeeded
    request = cast("Request[Any, Any, Any]", connection)
    if request.method not in SAFE_METHODS:
        sent = request.headers.get(CSRF_HEADER) or (await request.form()).get(CSRF_FIELD)
        given = sent if isinstance(sent, str) else ""
        known = user.csrf or ""
        if not (known and secrets.compare_digest(given.encode(), known.encode())):
            raise Forbidden("form_outdated", "This form is out of date, please load it again")
    return user


async def _refuse_body(request: Request[Any, Any, Any]) -> None:
    """Refuse what is not plainly JSON or an upload, before anything is read into it."""
    _refuse_media_type(request)
    if request.method not in SAFE_METHODS and request.content_type[0] == "application/json":
        check_json(await request.body())


def _refuse_media_type(request: Request[Any, Any, Any]) -> None:
    """A body must say that it is JSON or an upload: nothing is guessed from its looks."""
    length = request.headers.get("content-length", "0")
    has_body = length != "0" or "transfer-encoding" in request.headers
    if has_body and request.content_type[0] not in {"application/json", "multipart/form-data"}:
        raise MediaTypeRefused(detail="send application/json")


def _refused() -> Forbidden:
    return Forbidden("not_permitted", "Your role does not include this")


def _named(guard: Guard, audience: str, needs: Collection[Permission | Scope]) -> Guard:
    """Leave on the guard what it asks for: a house test reads it off every route."""
    guard.audience = audience  # type: ignore[attr-defined]
    guard.needs = tuple(needs)  # type: ignore[attr-defined]
    return guard
