"""Appearance and language: two cookies, set by a form that works without JavaScript."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.response import Redirect
from sqlalchemy.orm import Session

from cessio.identity import Signed
from cessio.identity.operations import choose_appearance
from cessio.kernel.errors import Problems
from cessio.plumbing import i18n
from cessio.web.forms import Form, Submitted, one_of, text
from cessio.web.page import THEMES

YEAR = 365 * 86400


def local_path(target: str) -> str:
    """A path of this site, or the root: never another host's address."""
    safe = (
        target.startswith("/")
        and not target.startswith(("//", "/\\"))
        and target.isprintable()
        and "\\" not in target
    )
    return target if safe else "/"


def keep_preferences(
    request: Request[Any, Any, Any], session: NamedDependency[Session],
    submitted: NamedDependency[Submitted],
) -> Redirect:  # fmt: skip
    """The same for somebody signed in, who finds it again in every browser."""
    user = request.scope.get("user")
    form = Form(submitted)
    theme = form.maybe("theme", one_of(THEMES))
    language = form.maybe("language", one_of(i18n.LANGUAGES))
    form.maybe("next", text(2000))
    if isinstance(user, Signed) and form.valid():
        choose_appearance(session, person_id=user.person_id, theme=theme, language=language)
    return choose_preferences(request, submitted)


def choose_preferences(
    request: Request[Any, Any, Any], submitted: NamedDependency[Submitted]
) -> Redirect:
    """Set the theme or the language, then go back to where the reader was. Raises ``Problems``."""
    form = Form(submitted)
    theme = form.maybe("theme", one_of(THEMES))
    language = form.maybe("language", one_of(i18n.LANGUAGES))
    back = form.maybe("next", text(2000))
    secure = request.url.scheme == "https"
    if not form.valid():
        raise Problems(form.faults)
    cookies = [
        Cookie(name, value=value, max_age=YEAR, samesite="lax", secure=secure)
        for name, value in (("theme", theme), ("language", language))
        if value
    ]
    return Redirect(local_path(back or "/"), status_code=303, cookies=cookies)
