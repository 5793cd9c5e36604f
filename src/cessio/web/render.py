"""Pages out of templates: one jinja environment, rendered to a string inside the handler.

``render`` answers a whole page, ``render_block`` one named block of the same template (for htmx);
``page_or_block`` chooses by the request. Undefined names raise, everything is escaped, every
``components/*.html`` macro is reachable as ``ui.<name>`` without import.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from litestar import Request, Response
from litestar.enums import MediaType
from litestar.response import Redirect
from markupsafe import Markup

from cessio.plumbing import assets, formats, i18n
from cessio.plumbing.i18n import N_, gettext, lazy, ngettext, pgettext
from cessio.web import charts, navigation, reasons, shown_tables, words
from cessio.web import page as pages
from cessio.web.exports import FORMATS

__all__ = [
    "N_", "_", "environment", "gettext", "lazy", "ngettext", "page_or_block", "pgettext",
    "redirect", "render", "render_block", "render_text",
]  # fmt: skip

_ = gettext

HTML_HEADERS = {
    "Cache-Control": "no-store",
    "Vary": "HX-Request, Cookie, Accept-Language",
}


#: Macros whose drawing depends on nothing but their arguments.
DRAWN_ONCE = frozenset({"icon", "mark", "tone_icon"})


class _CurrentPage:
    """The global ``page`` of templates: whatever page is current when it is read."""

    def __getattr__(self, name: str) -> Any:
        return getattr(pages.current(), name)


def _filled(text: str, params: Mapping[str, Any]) -> str:
    """Fill a sentence for HTML: the sentence is ours, its values are escaped."""
    return Markup(text).format(**params) if params else text


def _template_gettext(msgid: str, /, **params: Any) -> str:
    return _filled(i18n.translated(msgid), params)


def _template_ngettext(singular: str, plural: str, n: int, /, **params: Any) -> str:
    return _filled(i18n.plural_form(singular, plural, n), {"n": formats.number(n), **params})


def _template_pgettext(context: str, msgid: str, /, **params: Any) -> str:
    return _filled(i18n.translated(msgid, context), params)


@cache
def environment() -> Environment:
    """The one jinja environment, with every macro loaded."""
    env = Environment(
        loader=FileSystemLoader(assets.templates_dir()),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.install_gettext_callables(  # type: ignore[attr-defined]
        i18n.gettext, i18n.ngettext, newstyle=False, pgettext=i18n.pgettext
    )
    filters: dict[str, Callable[..., Any]] = {
        "money": formats.money, "money_parts": formats.money_parts, "moneys": formats.moneys,
        "by_currency": formats.by_currency, "number": formats.number,
        "percent": formats.percent, "date": formats.date, "datetime": formats.datetime,
        "time": formats.time, "month": formats.month, "weekday": formats.weekday,
        "iban": formats.iban, "siren": formats.siren, "country": formats.country,
        "label": words.label, "tone": words.tone,
        "sentence": words.sentence, "said": words.said,
    }  # fmt: skip
    env.filters |= {name: _said_when_shown(function) for name, function in filters.items()}
    env.globals |= {
        "_": _template_gettext, "ngettext": _template_ngettext, "pgettext": _template_pgettext,
        "page": _CurrentPage(), "static": assets.static_url, "charts": charts,
        "navigation": navigation, "glossary": words.glossary_entry, "ui": SimpleNamespace(),
        "offered_reasons": reasons.offered,
    }  # fmt: skip
    _load_macros(env)
    return env


def _said_when_shown(function: Callable[..., Any]) -> Callable[..., Any]:
    """Keep jinja from working out ``{{ 0|money }}`` once for all readers when it compiles."""

    @pass_context
    def filtered(_context: object, *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return filtered


def _load_macros(env: Environment) -> None:
    """Put every public macro of ``components/`` on the global ``ui``; a name twice is an error."""
    ui = env.globals["ui"]
    for name in env.list_templates(filter_func=lambda name: name.startswith("components/")):
        module = env.get_template(name).module
        for macro, value in vars(module).items():
            if macro.startswith("_"):
                continue
            if hasattr(ui, macro):
                raise ValueError(f"the macro {macro} is defined twice")
            setattr(ui, macro, lru_cache(512)(value) if macro in DRAWN_ONCE else value)


def _answer(text: str, status: int, page: pages.Page) -> Response[str]:
    response = Response(
        text, status_code=status, media_type=MediaType.HTML, headers=dict(HTML_HEADERS)
    )
    if page.flashes and not page.htmx:
        response.delete_cookie(pages.FLASH_COOKIE)
    return response


def render(
    request: Request[Any, Any, Any], template: str, /, *, status: int = 200, **context: Any
) -> Response[Any]:
    """Answer with the whole page of ``template``, or a table of it as a file (``?format=``)."""
    pages.start(request)
    text = render_text(template, **context)
    wanted = request.query_params.get("format")
    if wanted in FORMATS and status == 200 and pages.current().viewer.audience == "staff":
        return shown_tables.answer(request, wanted, text)
    return _answer(text, status, pages.current())


def render_block(
    request: Request[Any, Any, Any],
    template: str,
    block: str,
    /,
    *,
    status: int = 200,
    **context: Any,
) -> Response[str]:
    """Answer htmx with one ``{% block %}`` of the page's own template."""
    pages.start(request)
    loaded = environment().get_template(template)
    body = "".join(loaded.blocks[block](loaded.new_context(context)))
    return _answer(body, status, pages.current())


def page_or_block(
    request: Request[Any, Any, Any],
    template: str,
    block: str,
    /,
    *,
    status: int = 200,
    **context: Any,
) -> Response[str]:
    """The block when htmx asks for it by name (``hx-target`` is its id), else the whole page."""
    wants = request.headers.get("hx-request") == "true"
    history = request.headers.get("hx-history-restore-request") == "true"
    if wants and not history and request.headers.get("hx-target") == block:
        return render_block(request, template, block, status=status, **context)
    return render(request, template, status=status, **context)


def render_text(template: str, /, **context: Any) -> str:
    """A template as text in the current language (mails, tests)."""
    return environment().get_template(template).render(**context)


def redirect(
    path: str, flash: str | None = None, /, tone: str = "positive", **params: object
) -> Redirect:
    """See other (303) after a write; ``flash`` is a catalogue sentence shown on the next page."""
    cookies = [pages.flash_cookie(tone, flash, **params)] if flash else []
    return Redirect(path, status_code=303, cookies=cookies)
