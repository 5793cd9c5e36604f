"""A small application around the components, so that pages are tested as they are served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jinja2 import ChoiceLoader, DictLoader, Environment
from litestar import Litestar, Request, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery
from litestar.testing import TestClient

from cessio.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problems
from cessio.plumbing.i18n import N_
from cessio.web import errors, forms, page, preferences, render


@dataclass
class Reader:
    """Somebody signed in, as ``scope["user"]`` has it."""

    name: str = "Claire Delorme"
    email: str = "claire@example.org"
    role: str = "account_manager"
    audience: str = "staff"
    language: str | None = None


LIST = """{% extends "layouts/backoffice.html" %}
{% block title %}{{ _("Limits") }}{% endblock %}
{% block content %}<p>{{ word }}</p>
{% block lines %}<div id="lines">{{ 123456|money }} {{ _("{n} of {name}", n=1, name=word) }}</div>
{% endblock %}{% endblock %}"""
FORM = """{% extends "layouts/portal.html" %}
{% block title %}Form{% endblock %}
{% block content %}<form method="post">{{ ui.csrf() }}{{ ui.form_errors(form) }}
{{ ui.field(form, "amount", "Amount", kind="amount", help="help") }}
{{ ui.field(form, "due", "Due", kind="date", required=false) }}</form>{% endblock %}"""
TEMPLATES = DictLoader({"test/list.html": LIST, "test/form.html": FORM})


def environment() -> Environment:
    """The product's environment with the templates of the tests beside its own."""
    env = render.environment()
    assert env.loader is not None
    if TEMPLATES not in getattr(env.loader, "loaders", ()):
        env.loader = ChoiceLoader([env.loader, TEMPLATES])
    return env


@get("/list", sync_to_thread=True)
def show_list(request: Request[Any, Any, Any], word: FromQuery[str] = "x") -> Response[str]:
    return render.page_or_block(request, "test/list.html", "lines", word=word)


@get("/form", sync_to_thread=True)
def show_form(request: Request[Any, Any, Any]) -> Response[str]:
    return render.render(request, "test/form.html", form=forms.Form(amount="10,00"))


@post("/form", sync_to_thread=True)
def send_form(
    request: Request[Any, Any, Any], submitted: NamedDependency[forms.Submitted]
) -> Response[Any]:
    form = forms.Form(submitted)
    amount_minor = form.need("amount", forms.amount())
    form.maybe("due", forms.day())
    if form.valid():
        return render.redirect("/list", N_("{name} is too big"), name=str(amount_minor))
    return render.render(request, "test/form.html", status=422, form=form)


@get("/backoffice/limits", sync_to_thread=True)
def limits(request: Request[Any, Any, Any]) -> Response[str]:
    return render.render(request, "test/list.html", word="here")


@get("/say", sync_to_thread=True)
def say() -> str:
    """A handler that speaks before any page is rendered."""
    return render.gettext("Clients") + render.gettext("Availability")


RAISED = {
    "missing": NotFound("not_there", "{what} is not there", what="the limit"),
    "late": Conflict("late", "someone was faster"),
    "closed": Forbidden("closed", "not for you"),
    "problems": Problems(
        [
            Invalid("too_big", "{name} is too big", field="amount", name="<b>"),
            Invalid("no_date", "no date", field="due"),
        ]
    ),
}


@get(["/raise/{name:str}", "/api/raise/{name:str}"], sync_to_thread=True)
def fail(name: FromPath[str]) -> str:
    if name == "bug":
        raise RuntimeError("the secret of the house")
    raise RAISED[name]


def client(user: Reader | None = None) -> TestClient[Litestar]:
    """A browser on the small application, signed in as ``user``."""
    environment()

    async def before(request: Request[Any, Any, Any]) -> None:
        request.scope["user"] = user
        request.scope["state"]["csrf_token"] = "token-of-the-session"
        page.start(request)

    change = post("/preferences", sync_to_thread=True)(preferences.choose_preferences)
    pages = [show_list, show_form, send_form, limits, say, fail, change]
    app = Litestar(
        [Router("/", route_handlers=pages)],
        before_request=before,
        dependencies={"submitted": Provide(forms.read_submitted)},
        exception_handlers=errors.EXCEPTION_HANDLERS,
        openapi_config=None,
    )
    return TestClient(app, raise_server_exceptions=False)
