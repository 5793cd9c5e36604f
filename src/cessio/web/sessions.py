"""Who is behind a request: the session cookie or the API key, read before anything else.

``Access`` is the one plugin an application needs: it puts the person (``identity.Signed``) on
``scope["user"]``, refuses what other sites make browsers send, gives every answer the security
headers, sends strangers to the sign-in page, and offers the dependencies ``signed`` and ``access``.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlsplit

from litestar import Request, Response
from litestar.concurrency import sync_to_thread
from litestar.config.app import AppConfig
from litestar.datastructures import Cookie, MutableScopeHeaders
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.exceptions import NotAuthorizedException, NotFoundException
from litestar.middleware import ASGIMiddleware
from litestar.plugins import InitPlugin
from litestar.response import Redirect
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from sqlalchemy import Engine

from cessio import identity, notifications, parties, preferences
from cessio.identity import Audience, Signed
from cessio.kernel.errors import Forbidden
from cessio.plumbing.clock import Clock
from cessio.plumbing.database import transaction
from cessio.plumbing.mail import STOP_PATH
from cessio.web import errors, saved_views
from cessio.web.bodies import refuse_oversized
from cessio.web.exports import FORMATS

SIGN_IN_PATH = "/sign-in"
SECOND_STEP_PATH = "/sign-in/code"
PROOF_PATH = "/account/proof"
API_PREFIX = "/api/"
#: Where programs get tokens: no browser, so no page of ours need have sent it.
TOKEN_PATH = "/oauth/token"
STATIC_PREFIX = "/static/"
HOMES = {
    Audience.STAFF: "/backoffice", Audience.CLIENT: "/portal", Audience.GUEST: "/guest",
}  # fmt: skip
_NAME_MAX = 200
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

#: Everything comes from ourselves; nothing is inline; nobody frames us. ``data:`` is for icons.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cache-control": "no-store",
}
#: Two years, sub-domains too (ASVS 3.4.1).
STRICT_TRANSPORT = "max-age=63072000; includeSubDomains"


class SignInNeeded(NotAuthorizedException):
    """Nobody is signed in, or no longer."""


class ProofNeeded(Forbidden):
    """Who is signed in proved it too long ago for this act."""


@dataclass(frozen=True)
class Access(InitPlugin):
    """Sessions, tokens and security headers of one application.

    ``secure``: browsers reach us over TLS, so the cookie is a ``__Host-`` one and HSTS is sent.
    """

    engine: Engine
    secure: bool
    clock: Clock

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.middleware.insert(0, _WhoIsIt(self))
        app_config.before_send.append(_with_headers(self.secure))
        app_config.exception_handlers = {
            **(app_config.exception_handlers or {}),
            SignInNeeded: on_sign_in_needed,
            ProofNeeded: on_proof_needed,
        }
        app_config.dependencies = {
            **app_config.dependencies,
            "signed": Provide(provide_signed, sync_to_thread=False),
            "access": Provide(lambda: self, sync_to_thread=False),
        }
        return app_config

    @property
    def cookie_name(self) -> str:
        """``__Host-`` binds the cookie to TLS and to this host alone; plain http cannot have it."""
        return "__Host-cessio" if self.secure else "cessio"

    def cookie(self, token: str) -> Cookie:
        """The cookie that carries a session's token until the browser is closed."""
        return Cookie(
            key=self.cookie_name, value=token, path="/", httponly=True, secure=self.secure,
            samesite="lax",
        )  # fmt: skip

    def no_cookie(self) -> Cookie:
        """The cookie that takes the session's token away."""
        return replace(self.cookie(""), max_age=0)

    def step_cookie(self, token: str) -> Cookie:
        """The cookie of who gave the password and owes the code; it opens no page."""
        return replace(self.cookie(token), key=f"{self.cookie_name}-step", max_age=600)

    def no_step_cookie(self) -> Cookie:
        """The cookie that takes it away."""
        return replace(self.step_cookie(""), max_age=0)

    def step_token_of(self, request: Request[Any, Any, Any]) -> str | None:
        """The token of that step a browser came with, whatever it is worth."""
        return request.cookies.get(f"{self.cookie_name}-step") or None

    def door_cookie(self, token: str) -> Cookie:
        """The cookie of a browser that signs in without having named anybody yet.

        ``lax``: a provider's page leads back here.
        """
        return replace(self.cookie(token), key=f"{self.cookie_name}-door", max_age=600)

    def no_door_cookie(self) -> Cookie:
        """The cookie that takes it away."""
        return replace(self.door_cookie(""), max_age=0)

    def door_token_of(self, request: Request[Any, Any, Any]) -> str | None:
        """What such a browser came with, whatever it is worth."""
        return request.cookies.get(f"{self.cookie_name}-door") or None

    def token_of(self, request: Request[Any, Any, Any]) -> str | None:
        """The session token a browser came with, whatever it is worth."""
        return request.cookies.get(self.cookie_name) or None


def provide_signed(request: Request[Any, Any, Any]) -> Signed:
    """The person behind the request (the dependency ``signed``). Raises ``SignInNeeded``."""
    user = request.scope.get("user")
    if not isinstance(user, Signed):
        raise SignInNeeded
    return user


def client_address(request: Request[Any, Any, Any]) -> str:
    """The address the server says the request came from.

    The server, not the application, decides which proxies it believes (its own option).
    """
    return request.client.host if request.client else "unknown"


def home_of(signed: Signed) -> str:
    """The first page of a person's application."""
    return HOMES[signed.audience]


def on_sign_in_needed(request: Request[Any, Any, Any], error: SignInNeeded) -> Response[Any]:
    """To the sign-in page and back, for a page; htmx reloads; a machine or a form is told 401."""
    if request.method not in SAFE_METHODS or request.scope["path"].startswith(API_PREFIX):
        errors.noted(request, "not_signed_in")
    if errors.wants_problem(request) or request.scope["path"].startswith(API_PREFIX):
        answer = errors.on_http(request, error)
        answer.headers["WWW-Authenticate"] = 'Bearer realm="Cessio"'
        return answer
    if request.headers.get("hx-request") == "true":
        return Response(b"", status_code=401, headers={"HX-Refresh": "true"})
    if request.method not in SAFE_METHODS:
        return errors.on_http(request, error)
    return Redirect(f"{SIGN_IN_PATH}?next={quote(_here(request), safe='/')}", status_code=303)


def on_proof_needed(request: Request[Any, Any, Any], error: ProofNeeded) -> Response[Any]:
    """To the proof and back: to the page asked for, or to the one that the form was on."""
    if errors.wants_problem(request):
        return errors.on_expected(request, error)
    came_from = urlsplit(request.headers.get("referer", ""))
    form_on = came_from.path + (f"?{came_from.query}" if came_from.query else "")
    back = _here(request) if request.method in SAFE_METHODS else form_on or "/"
    target = f"{PROOF_PATH}?next={quote(back, safe='/')}"
    if request.headers.get("hx-request") == "true":
        return Response(b"", status_code=200, headers={"HX-Redirect": target})
    return Redirect(target, status_code=303)


def _here(request: Request[Any, Any, Any]) -> str:
    query = request.scope["query_string"].decode("latin-1")
    path: str = request.scope["path"]
    return path + (f"?{query}" if query else "")


# -- before the handler ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Came:
    """Who came, and what the shell of their page shows."""

    signed: Signed | None = None
    unread: int = 0
    views: tuple[preferences.View, ...] = ()


@dataclass(frozen=True, slots=True)
class _Shell:
    """Whether an answer may be a whole page, and the list whose saved views it then shows.

    A part of a page for htmx and a file have no shell. A form has: it comes back when refused.
    """

    is_shown: bool
    of_list: str | None = None

    @classmethod
    def of(cls, request: Request[Any, Any, Any]) -> _Shell:
        path = request.scope["path"]
        is_part = request.headers.get("hx-request") == "true" and (
            request.headers.get("hx-history-restore-request") != "true"
        )
        if is_part or path.startswith(API_PREFIX) or _is_file(request):
            return cls(is_shown=False)
        is_list = request.method == "GET" and path in saved_views.LISTS
        return cls(is_shown=True, of_list=path if is_list else None)


def _is_file(request: Request[Any, Any, Any]) -> bool:
    return request.query_params.get("format") in FORMATS


class _WhoIsIt(ASGIMiddleware):
    """Puts the person on the scope; refuses unsafe requests that another site caused."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, access: Access) -> None:
        self.access = access

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        scope["user"] = None
        is_static = scope["path"].startswith(STATIC_PREFIX)
        if "\0" in scope["path"] or (is_static and len(scope["path"]) > _NAME_MAX):
            raise NotFoundException  # no disk has a file called so
        if not is_static:
            request: Request[Any, Any, Any] = Request(scope)
            refuse_oversized(request)
            bearer = _bearer(request)
            if bearer is None and not scope["path"].startswith(
                (API_PREFIX, TOKEN_PATH, f"{STOP_PATH}/")
            ):
                refuse_other_sites(request)
            token = bearer if bearer is not None else self.access.token_of(request)
            if token and (bearer is not None) == scope["path"].startswith(API_PREFIX):
                came = await sync_to_thread(
                    self._person, token, bearer is not None, _Shell.of(request)
                )
                user = scope["user"] = came.signed
                scope["state"]["secret"] = token
                scope["state"]["unread"], scope["state"]["views"] = came.unread, came.views
                scope["state"]["csrf_token"] = user.csrf if user and user.csrf else ""
        await next_app(scope, receive, send)

    def _person(self, token: str, is_bearer: bool, shell: _Shell) -> _Came:
        """Who it is, and what the shell of their answer shows, if it will have one.

        A session opens pages only, an API key the API only.
        """
        at = self.access.clock()
        with transaction(self.access.engine) as session:
            if is_bearer:
                return _Came(identity.use_token(session, secret=token, at=at))
            signed = identity.resume(session, token=token, at=at)
            if signed is None:
                return _Came()
            unread = notifications.unread_count(session, signed.person_id) if shell.is_shown else 0
            if signed.client_id is not None:
                names = parties.client_names(session, [signed.client_id])
                return _Came(replace(signed, firm=names.get(signed.client_id, "")), unread)
            own = (
                preferences.views(session, person_id=signed.person_id, page=shell.of_list)
                if shell.of_list is not None else ()
            )  # fmt: skip
            return _Came(signed, unread, own)


def _bearer(request: Request[Any, Any, Any]) -> str | None:
    found = re.fullmatch(r"bearer +([!-~]+)", request.headers.get("authorization", ""), re.I)
    return found[1] if found else None


def refuse_other_sites(request: Request[Any, Any, Any]) -> None:
    """Raise ``Forbidden`` for an unsafe request that does not come from a page of ours.

    Browsers say where a request comes from: ``Sec-Fetch-Site`` must be ``same-origin`` or
    ``none``; where it is absent (old browsers, plain http by address) ``Origin`` must be this
    host. A request that says neither is refused: machines use the API.
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        ours = site in {"same-origin", "none"}
    else:
        origin = urlsplit(request.headers.get("origin", ""))
        host = request.headers.get("host", "")
        ours = bool(origin.netloc) and origin.netloc.lower() == _with_port(host, origin.scheme)
    if not ours:
        raise Forbidden("cross_site", "This request did not come from a page of this site")


def _with_port(host: str, scheme: str) -> str:
    """The host as an ``Origin`` writes it: a default port is left out."""
    default = {"http": ":80", "https": ":443"}.get(scheme, "")
    return host.lower().removesuffix(default) if default else host.lower()


# -- after the handler -------------------------------------------------------------------------


def _with_headers(secure: bool) -> Callable[[Message, Scope], Awaitable[None]]:
    """A hook that adds the security headers an answer does not set itself; also to errors."""
    wanted = dict(SECURITY_HEADERS)
    if secure:
        wanted["strict-transport-security"] = STRICT_TRANSPORT

    async def add(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        headers = MutableScopeHeaders.from_message(message)
        if scope["path"].startswith(errors.SECRET_PREFIXES):
            headers["referrer-policy"] = "no-referrer"
            headers["x-robots-tag"] = "noindex, nofollow, noarchive"
        for name, value in wanted.items():
            if name not in headers:
                headers[name] = value

    return add
