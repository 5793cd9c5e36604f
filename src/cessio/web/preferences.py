"""Appearance and language: two cookies, set by a form that works without JavaScript."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.response import Redirect

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


def choose_preferences(
    request: Request[Any, Any, Any], submitted: NamedDependency[Submitted]
) -> Redirect:
    """Set the theme or the language, then go back to where the reader was."""
    form = Form(submitted)
    theme = form.maybe("theme", one_of(THEMES))
    language = form.maybe("language", one_of(i18n.LANGUAGES))
    back = form.maybe("next", text(2000))
    secure = request.url.scheme == "https"
    chosen = {"theme": theme, "language": language} if form.valid() else {}
    cookies = [
        Cookie(name, value=value, max_age=YEAR, samesite="lax", secure=secure)
        for name, value in chosen.items()
        if value
    ]
    return Redirect(local_path(back or "/"), status_code=303, cookies=cookies)
