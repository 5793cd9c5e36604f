"""The web application with one page more: the floor of every page, in the same server.

``granian … tests.benchmarks.served:create_app`` serves it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Template
from litestar import Litestar, Response, get
from sqlalchemy import text

from cessio import app
from cessio.identity import Permission
from cessio.web import page
from cessio.web.guards import client_user
from cessio.web.render import environment
from cessio.web.requests import AnyRequest, Db, Who

FLOOR = "/floor"
_PAGE = """{% extends "layouts/portal.html" %}
{% block title %}{{ name }}{% endblock %}
{% block content %}<p>{{ who }}</p>{% endblock %}
"""


@cache
def _template() -> Template:
    return environment().from_string(_PAGE)


@get(FLOOR, guards=[client_user(Permission.OWN_SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def one_row(request: AnyRequest, session: Db, signed: Who) -> Response[str]:
    """A page of the portal with a one-row query, for whoever is signed in."""
    page.start(request)
    name = session.scalar(text("SELECT reference FROM contract WHERE client_id = :client"),
                          {"client": signed.client_id})  # fmt: skip
    return Response(_template().render(name=name, who=signed.name), media_type="text/html")


def create_app() -> Any:
    """The application as it is, and the floor beside it."""
    made: Litestar = app.create_app()
    made.register(one_row)
    return made
