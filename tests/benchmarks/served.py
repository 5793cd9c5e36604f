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
from cessio.web.guards import client_user, staff
from cessio.web.render import environment
from cessio.web.requests import AnyRequest, Db, Who

FLOOR, STAFF_FLOOR = "/floor", "/backoffice/floor"
_PAGE = """{% extends "layouts/AUDIENCE.html" %}
{% block title %}{{ name }}{% endblock %}
{% block content %}<p>{{ who }}</p>{% endblock %}
"""


@cache
def _template(audience: str) -> Template:
    return environment().from_string(_PAGE.replace("AUDIENCE", audience))


@get(FLOOR, guards=[client_user(Permission.OWN_SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def one_row(request: AnyRequest, session: Db, signed: Who) -> Response[str]:
    """A page of the portal with a one-row query, for whoever is signed in."""
    page.start(request)
    name = session.scalar(text("SELECT reference FROM contract WHERE client_id = :client"),
                          {"client": signed.client_id})  # fmt: skip
    return Response(_template("portal").render(name=name, who=signed.name),
                    media_type="text/html")  # fmt: skip


@get(STAFF_FLOOR, guards=[staff()], include_in_schema=False, sync_to_thread=True)
def one_row_of_staff(request: AnyRequest, session: Db, signed: Who) -> Response[str]:
    """The same of the back office."""
    page.start(request)
    name = session.scalar(text("SELECT reference FROM contract ORDER BY id LIMIT 1"))
    return Response(_template("backoffice").render(name=name, who=signed.name),
                    media_type="text/html")  # fmt: skip


def create_app() -> Any:
    """The application as it is, and the floor beside it."""
    made: Litestar = app.create_app()
    made.register(one_row)
    return made
