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
from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter

from cessio.identity import Audience, Permission, Scope, Signed
from cessio.kernel.errors import CessioError, Forbidden, Invalid, Problems
from cessio.web.bodies import CSRF_FIELD, refuse_body, refuse_form, sent_fields, unasked
from cessio.web.sessions import SAFE_METHODS, Access, ProofNeeded, SignInNeeded

Connection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[Connection, BaseRouteHandler], Awaitable[None]]

CSRF_HEADER = "x-csrf-token"
#: A code or password given this long ago still vouches for who acts, and for who fills a form in.
PROOF_LASTS = timedelta(minutes=15)


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
    await _read_form(connection, handler)


async def public(connection: Connection, handler: BaseRouteHandler) -> None:
    """Everybody, signed in or not. Other sites' unsafe requests were refused before."""
    await _read_form(connection, handler)


def api(*any_of: Scope) -> Guard:
    """A machine whose token has one of the scopes, and whose person still may use it."""

    async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        user = connection.scope.get("user")
        if not isinstance(user, Signed) or user.scopes is None:
            raise SignInNeeded
        if not any(user.may_use(scope) for scope in any_of):
            raise _refused()
        if not any(hasattr(one, "names_fields") for one in handler.resolve_guards()):
            _refuse_fields(connection, _parameters(handler))
        request = cast("Request[Any, Any, Any]", connection)
        if request.method not in SAFE_METHODS:
            await refuse_body(request, handler)

    return _named(guard, "api", any_of)


def query_fields(*allowed: str, many: Collection[str] = ()) -> Guard:
    """Only these fields in the address, each once but those in ``many``.

    Beside them, those that the handler has as parameters. The API has this guard everywhere: with
    none named it takes no field. Pages ignore what they do not know: links to them come with what
    programs of mail append.
    """

    async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        _refuse_fields(connection, {*allowed, *_parameters(handler)}, many)

    guard.names_fields = True  # type: ignore[attr-defined]
    return guard


def _refuse_fields(
    connection: Connection, allowed: Collection[str], many: Collection[str] = ()
) -> None:
    seen: set[str] = set()
    problems: dict[str, CessioError] = {}
    for name, _ in connection.query_params.multi_items():
        if name not in allowed and name not in many:
            problems[name] = unasked(name)
        elif name in seen and name not in many:
            problems[name] = Invalid("field_repeated", "The field {name} was sent twice",
                                     field=name, name=name)  # fmt: skip
        seen.add(name)
    if problems:
        raise Problems(list(problems.values())[:20])


def _parameters(handler: BaseRouteHandler) -> set[str]:
    """What of an address's query a handler names in its signature."""
    named = handler.parsed_fn_signature.parameters
    return {name for name, one in named.items() if isinstance(one.kwarg_definition, QueryParameter)}


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
        await _read_form(connection, handler)

    return _named(guard, audience.value, any_of)


async def _browser(connection: Connection) -> Signed:
    """The person of a session; its token is checked on unsafe requests."""
    user = connection.scope.get("user")
    if not isinstance(user, Signed) or user.session_id is None:
        raise SignInNeeded
    request = cast("Request[Any, Any, Any]", connection)
    if request.method not in SAFE_METHODS:
        sent = request.headers.get(CSRF_HEADER) or (await sent_fields(request)).get(CSRF_FIELD)
        given = sent if isinstance(sent, str) else ""
        known = user.csrf or ""
        if not (known and secrets.compare_digest(given.encode(), known.encode())):
            raise Forbidden("form_outdated", "This form is out of date, please load it again")
    return user


async def _read_form(connection: Connection, handler: BaseRouteHandler) -> None:
    request = cast("Request[Any, Any, Any]", connection)
    if request.method not in SAFE_METHODS:
        await refuse_form(request, handler)


def _refused() -> Forbidden:
    return Forbidden("not_permitted", "Your role does not include this")


def _named(guard: Guard, audience: str, needs: Collection[Permission | Scope]) -> Guard:
    """Leave on the guard what it asks for: a house test reads it off every route."""
    guard.audience = audience  # type: ignore[attr-defined]
    guard.needs = tuple(needs)  # type: ignore[attr-defined]
    return guard
