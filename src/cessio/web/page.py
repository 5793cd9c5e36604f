"""What a template knows of the request it answers: who reads, in which language, at which address.

Layouts and macros read it as the global ``page``; it is a context variable, so a macro needs no
argument for it and no template can reach the request itself.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any
from urllib.parse import urlencode

from litestar import Request
from litestar.datastructures import Cookie
from litestar.response import Redirect

from cessio.kernel.errors import CessioError
from cessio.plumbing import i18n
from cessio.preferences import View
from cessio.web import saved_views

THEMES = ("auto", "light", "dark")
FLASH_COOKIE = "flash"
#: What is wrong with the filters of a request's address, in its state.
FAULTS = "filter_faults"


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person who reads, as the layouts show them; anonymous when ``name`` is empty."""

    name: str = ""
    email: str = ""
    role: str = ""
    audience: str = ""
    firm: str = ""
    person_id: int = 0


@dataclass(frozen=True, slots=True)
class Flash:
    """A sentence carried over one redirect: tone, msgid and the values it speaks of."""

    tone: str
    msgid: str
    params: Mapping[str, str]

    def __str__(self) -> str:
        return i18n.gettext(self.msgid, **self.params)


@dataclass(frozen=True, slots=True)
class Page:
    """The request, as far as a template may see it."""

    path: str = "/"
    query: tuple[tuple[str, str], ...] = ()
    language: str = i18n.DEFAULT_LANGUAGE
    theme: str = "auto"
    csrf: str = ""
    #: When the page was asked for: printed on paper.
    at: datetime | None = None
    viewer: Viewer = Viewer()
    flashes: tuple[Flash, ...] = ()
    htmx: bool = False
    #: How many notifications wait unread, counted to a hundred.
    unread: int = 0
    #: The saved views of this list, if it is one.
    views: tuple[View, ...] = ()
    routes: frozenset[str] = frozenset()
    #: What is wrong with the filters of the address, by field.
    faults: Mapping[str, CessioError] = field(default_factory=dict)
    #: The fields beside which that is told.
    told: set[str] = field(default_factory=set)
    #: The tables drawn so far, by caption; and whether the page makes its files itself.
    tables: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    _ids: Any = field(default_factory=lambda: count(1))

    def url(self, **changes: object) -> str:
        """This address with some query fields changed; ``None`` removes a field.

        The position in a keyset (``after``, ``before``) is dropped unless it is what changes.
        """
        reset = set(changes) | {"after", "before", "format", "table"}
        kept = [(key, value) for key, value in self.query if key not in reset]
        added = [(key, str(value)) for key, value in changes.items() if value is not None]
        query = urlencode(kept + added)
        return f"{self.path}?{query}" if query else self.path

    @property
    def filters(self) -> str:
        """What a saved view of this list would keep of its address."""
        return saved_views.kept(self.path, self.query)

    @property
    def view(self) -> View | None:
        """The saved view this address came from."""
        asked = self.arg(saved_views.VIEW)
        return next((one for one in self.views if str(one.id) == asked), None)

    @property
    def has_views(self) -> bool:
        """Whether this list's filters can be kept under a name."""
        return self.path in saved_views.LISTS

    def arg(self, name: str, default: str = "") -> str:
        """The last value of a query field."""
        return dict(self.query).get(name, default)

    def here(self, prefix: str) -> bool:
        """Is this page at ``prefix`` or below it?"""
        return self.path == prefix or self.path.startswith(prefix.rstrip("/") + "/")

    def reachable(self, path: str) -> bool:
        """Does the application answer at ``path``? Menus show nothing that is a dead end."""
        return not self.routes or path in self.routes

    def new_table(self, caption: object) -> int:
        """The number of a table that is being drawn: its file is asked for by it."""
        self.tables.append(str(caption))
        return len(self.tables)

    def new_id(self, stem: str = "x") -> str:
        """An element id that no other element of this page has."""
        return f"{stem}-{next(self._ids)}"


_page: ContextVar[Page] = ContextVar("page")


def current() -> Page:
    """The page being rendered; an anonymous one outside a request (mails, tests)."""
    return _page.get(None) or Page(language=i18n.language())


def set_current(page: Page) -> None:
    """Make ``page`` the one templates see, in its language."""
    _page.set(page)
    i18n.set_language(page.language)


def of_request(request: Request[Any, Any, Any]) -> Page:
    """Read off a request what templates may know."""
    user = request.scope.get("user")
    return Page(
        path=request.scope["path"],
        query=tuple((key, value) for key, value in request.query_params.multi_items()),
        language=language_of(request),
        theme=_choice(getattr(user, "theme", None) or request.cookies.get("theme"), THEMES),
        at=_at(request),
        csrf=str(request.scope.get("state", {}).get("csrf_token", "")),
        viewer=_viewer(user),
        flashes=_flashes(request.cookies.get(FLASH_COOKIE, "")),
        views=request.scope.get("state", {}).get("views", ()),
        unread=int(request.scope.get("state", {}).get("unread", 0)),
        faults=request.scope.get("state", {}).get(FAULTS, {}),
        htmx=request.headers.get("hx-request") == "true"
        and request.headers.get("hx-boosted") != "true",
        routes=_routes(request),
    )


def start(request: Request[Any, Any, Any]) -> None:
    """Set language and page for this request."""
    set_current(of_request(request))


async def begin(request: Request[Any, Any, Any]) -> Redirect | None:
    """The application's before-request hook: handlers speak the reader's language from the start.

    A list that its reader opens with a view of their own is led there.

    It is a coroutine because litestar runs plain hooks in a thread, whose context dies with it.
    """
    start(request)
    return saved_views.opening(request)


def language_of(request: Request[Any, Any, Any]) -> str:
    """The person's language, else the cookie's, else the browser's first of ours, else French."""
    chosen = getattr(request.scope.get("user"), "language", None) or request.cookies.get("language")
    if chosen in i18n.LANGUAGES:
        return str(chosen)
    return _accepted(request.headers.get("accept-language", ""))


def _accepted(header: str) -> str:
    wanted: list[tuple[float, str]] = []
    for part in header.split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        code = tag[:2].lower()
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        if code in i18n.LANGUAGES and quality > 0:
            wanted.append((-quality, code))
    return min(wanted, key=lambda pair: pair[0])[1] if wanted else i18n.DEFAULT_LANGUAGE


def _at(request: Request[Any, Any, Any]) -> datetime | None:
    app = request.scope.get("app") or request.scope.get("litestar_app")
    clock = app.state.get("clock") if app is not None else None
    return clock() if clock is not None else None


def _viewer(user: Any) -> Viewer:
    if user is None:
        return Viewer()
    names = ("name", "email", "role", "audience", "firm")
    said = {name: str(getattr(user, name, "") or "") for name in names}
    return Viewer(**said, person_id=int(getattr(user, "person_id", 0) or 0))


def _choice(value: str | None, allowed: tuple[str, ...]) -> str:
    return value if value in allowed else allowed[0]


def _routes(request: Request[Any, Any, Any]) -> frozenset[str]:
    app = request.scope.get("app") or request.scope.get("litestar_app")
    return frozenset(route.path for route in app.routes) if app is not None else frozenset()


def flash_cookie(tone: str, msgid: str, **params: object) -> Cookie:
    """The cookie that shows a sentence on the next page (``tone``: positive, attention, danger)."""
    packed = json.dumps([tone, msgid, {key: str(value)[:120] for key, value in params.items()}])
    value = urlsafe_b64encode(packed.encode()).decode().rstrip("=")
    return Cookie(FLASH_COOKIE, value=value, max_age=60, httponly=True, samesite="lax")


def _flashes(cookie: str) -> tuple[Flash, ...]:
    """Only sentences of our own catalogue are shown: a forged cookie cannot speak for us."""
    if not cookie or len(cookie) > 2000:
        return ()
    try:
        padded = cookie + "=" * (-len(cookie) % 4)
        tone, msgid, params = json.loads(urlsafe_b64decode(padded))
        known = (None, msgid) in i18n.catalogue("fr") and isinstance(params, dict)
        flash = Flash(str(tone), msgid, {str(k): str(v) for k, v in params.items()})
        str(flash)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError):
        return ()
    return (flash,) if known else ()
