"""Every address has one guard that names its audience, and lives under that audience's prefix."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.exceptions import LitestarDeprecationWarning
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from sqlalchemy.engine import URL

from cessio.app import create_app

#: Audience of the guard → where its addresses are. The rest may be anywhere but there.
PREFIXES = {"staff": "/backoffice", "client": "/portal", "guest": "/guest", "api": "/api"}

#: Guards without an audience of their own (web/guards.py).
FOR_MANY = frozenset({"public", "anyone_signed_in"})


@pytest.fixture(scope="module")
def app(server_url: URL, template: str, tmp_path_factory: pytest.TempPathFactory) -> Litestar:
    with pytest.MonkeyPatch.context() as patch:
        url = server_url.set(database=template).render_as_string(hide_password=False)
        patch.setenv("CESSIO_DATABASE_URL", url)
        patch.setenv("CESSIO_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        with warnings.catch_warnings():
            warnings.simplefilter("error", LitestarDeprecationWarning)
            made = create_app()
            made.openapi_schema.to_schema()
            return made


def _handlers(app: Litestar) -> Iterator[tuple[str, HTTPRouteHandler]]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if set(handler.http_methods) != {"OPTIONS"}:
                    yield route.path, handler


def _audiences(handler: HTTPRouteHandler) -> set[str]:
    guards = handler.resolve_guards()
    named = {getattr(guard, "audience", getattr(guard, "__name__", "")) for guard in guards}
    return {str(name) for name in named if name in PREFIXES or name in FOR_MANY}


def test_every_route_has_a_guard_that_names_one_audience(app: Litestar) -> None:
    unguarded = [
        f"{path} ({handler.handler_name})"
        for path, handler in _handlers(app)
        if len(_audiences(handler)) != 1
    ]
    assert not unguarded


def test_no_handler_reads_its_body_both_raw_and_as_a_form(app: Litestar) -> None:
    """Dependencies are resolved side by side, and a form leaves nothing to read after it."""
    both = [
        path
        for path, handler in _handlers(app)
        if {"raw", "submitted"} <= set(handler.parsed_fn_signature.parameters)
    ]
    assert not both


def test_an_audience_lives_under_its_own_address(app: Litestar) -> None:
    strays = [
        f"{path} is of {_audiences(handler)}"
        for path, handler in _handlers(app)
        for audience, prefix in PREFIXES.items()
        if audience in _audiences(handler) and not (path == prefix or path.startswith(f"{prefix}/"))
    ]
    assert not strays


def test_only_the_door_and_the_public_pages_are_public(app: Litestar) -> None:
    """Nothing under an audience's prefix is open to everybody."""
    open_doors = [
        path
        for path, handler in _handlers(app)
        if _audiences(handler) & {"public"}
        and any(path == prefix or path.startswith(f"{prefix}/") for prefix in PREFIXES.values())
    ]
    assert not open_doors
