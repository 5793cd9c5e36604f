"""The web application, composed: what answers where, with which engine and which clock."""

from __future__ import annotations

import gc

from litestar import Litestar, Router, get, post
from litestar.config.compression import CompressionConfig
from litestar.datastructures import CacheControlHeader, State
from litestar.response import Redirect
from litestar.static_files import create_static_files_router
from sqlalchemy import Engine

from cessio.identity import Signed, breached
from cessio.plumbing import assets, clock, logs
from cessio.plumbing.clock import Clock
from cessio.plumbing.database import WEB, make_engine
from cessio.plumbing.keeper import Keeper
from cessio.plumbing.mail import Mailer
from cessio.plumbing.readers import reader_engine
from cessio.plumbing.scanner import Scanner
from cessio.plumbing.settings import SettingError, Settings
from cessio.web import api as api_routes
from cessio.web import (
    backoffice,
    errors,
    page,
    passkeys,
    portal,
    preferences,
    public,
    second_factor,
    shared,
)
from cessio.web.guards import public as anybody
from cessio.web.public.single_sign_on import SingleSignOn
from cessio.web.requests import DEPENDENCIES, AnyRequest
from cessio.web.sessions import SIGN_IN_PATH, Access, home_of
from cessio.worker import SCHEDULE, compose

#: Uploads are read whole; a remittance of 100,000 lines is below 15 MB.
BODY_MAX_BYTES = 40_000_000


@get("/", guards=[anybody], include_in_schema=False, sync_to_thread=False)
def home(request: AnyRequest) -> Redirect:
    """Each to their own front door."""
    user = request.scope.get("user")
    return Redirect(home_of(user) if isinstance(user, Signed) else SIGN_IN_PATH, status_code=303)


@get("/health", guards=[anybody], include_in_schema=False, sync_to_thread=False)
def health() -> dict[str, str]:
    """For the supervisor and the proxy: this process answers."""
    return {"status": "ok"}


def build(
    engine: Engine, settings: Settings, *, now: Clock = clock.now, readers: int | None = None
) -> Litestar:
    """The application on an engine; tests hand in their own clock.

    ``readers`` is the size of the pool of those who read from outside.
    """
    preference = post("/preferences", guards=[anybody], include_in_schema=False,
                      sync_to_thread=True)(preferences.keep_preferences)  # fmt: skip
    static = create_static_files_router(
        path="/static", directories=[assets.static_dir()], include_in_schema=False,
        guards=[anybody],
        cache_control=CacheControlHeader(max_age=31_536_000, public=True, immutable=True),
    )  # fmt: skip
    # One router, not a list: two methods of one address registered one by one make litestar 2.25
    # wrap the first handler twice, and answer with a coroutine.
    pages = [home, health, preference, *public.HANDLERS, *backoffice.HANDLERS, *portal.HANDLERS,
             *shared.HANDLERS, *second_factor.HANDLERS, *passkeys.HANDLERS,
             *api_routes.HANDLERS]  # fmt: skip
    return Litestar(
        route_handlers=[Router("/", route_handlers=pages), static],
        dependencies=DEPENDENCIES,
        plugins=[Access(engine=engine, secure=settings.secure, clock=now)],
        exception_handlers=errors.EXCEPTION_HANDLERS,
        before_request=page.begin,
        state=State({"engine": engine, "readers": reader_engine(engine, pool_size=readers),
                     "settings": settings, "clock": now, "schedule": SCHEDULE,
                     "single_sign_on": SingleSignOn.of(settings),
                     "scanner": Scanner.of(settings)}),
        openapi_config=api_routes.OPENAPI,
        request_max_body_size=BODY_MAX_BYTES,
        compression_config=CompressionConfig(backend="gzip", gzip_compress_level=5),
        debug=False,
    )  # fmt: skip


def create_app() -> Litestar:
    """What the web server starts: settings from the environment, one engine for this process."""
    settings = Settings.load()
    logs.configure(as_json=settings.log_json)
    if settings.database_url is None:
        raise SettingError(
            "database_missing",
            "start the web server by `cessio run`, or set CESSIO_DATABASE_URL",
            field="CESSIO_DATABASE_URL",
        )
    compose(settings.broker_url, Mailer.of(settings), Keeper.of(settings), settings.drop_dir)
    breached.use(settings.breached_passwords)
    engine = make_engine(settings.database_url, role=WEB, pool_size=settings.web_threads + 4)
    return settled(build(engine, settings, readers=settings.web_threads + 4))


def settled(built: Litestar) -> Litestar:
    """The application with all that it is made of left out of garbage collection.

    It lives as long as the process does; looked through again and again, it made every fourth
    heavy page a fifth of a second slower.
    """
    gc.collect()
    gc.freeze()
    return built
