"""What every handler is given: the transaction of its request, the instant, the engine.

A handler that returns keeps what it wrote, one that raises undoes it. The commit happens before
the answer is made, so an answer is never given for what was not kept (reliability.md §2).
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import date, datetime
from typing import Any

from litestar import Request
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from cessio.house import Counted, counted_on
from cessio.identity import Audience, Signed
from cessio.kernel.calendar import business_date
from cessio.plumbing import readers
from cessio.plumbing.database import transaction
from cessio.plumbing.vault import Vault
from cessio.web import forms, knowing, sending
from cessio.web.sessions import API_PREFIX, SAFE_METHODS

#: Pages of a shared link, and the pages and addresses of people and machines from outside.
LINKS = "/shared"
NARROWED = ("/portal", "/guest", API_PREFIX)
#: In a route's ``opt``: why it is read by the application's own login all the same.
OFFICE = "office"


def provide_engine(state: State) -> Engine:
    """The engine of this process."""
    engine: Engine = state.engine
    return engine


def provide_session(
    request: Request[Any, Any, Any], engine: NamedDependency[Engine], state: State
) -> Generator[Session]:
    """The request's session and transaction, in a process that knows the house's own settings.

    Of a file it may outlive the handler: see ``sending``. What readers from outside only look at
    is read by their own login, which sees their rows alone (``plumbing.readers``).
    """
    secret = _secret_of_reader(request)
    source: Engine = engine if secret is None else state.readers

    def begin(session: Session) -> None:
        if secret is not None:
            readers.show(session, secret=secret, at=state.clock())
        knowing.keep_current(session, state.clock())

    if sending.wants_file(request):
        yield from sending.snapshot(request, source, begin)
        return
    with transaction(source) as session:
        begin(session)
        yield session
        forms.refuse_unsaid(request)


def _secret_of_reader(request: Request[Any, Any, Any]) -> str | None:
    """What a reader from outside showed to look at something; ``None`` for who acts, and for us."""
    path: str = request.scope["path"]
    if request.method not in SAFE_METHODS or OFFICE in request.route_handler.opt:
        return None
    if path.startswith(f"{LINKS}/"):
        return str(request.path_params["token"])
    user = request.scope.get("user")
    outside = isinstance(user, Signed) and user.audience is not Audience.STAFF
    return request.scope["state"].get("secret") if outside and path.startswith(NARROWED) else None


def provide_at(state: State) -> datetime:
    """The instant of the request: the clock is read once."""
    at: datetime = state.clock()
    return at


def provide_on(at: NamedDependency[datetime]) -> date:
    """The business date of the request, in Paris."""
    return business_date(at)


def provide_counts_on(session: NamedDependency[Session], at: NamedDependency[datetime]) -> date:
    """The day for which a drawdown asked for now counts: past the cut-off the next one."""
    return counted_on(session, what=Counted.PAYOUT, at=at)


def provide_vault(state: State) -> Vault:
    """What secrets are sealed with."""
    return Vault.of(state.settings)


def verify_at(request: Request[Any, Any, Any]) -> str:
    """Where whoever holds a document of ours checks its code, as printed on it."""
    address: str = request.app.state.settings.verify_at
    return address


#: By the names that handlers ask for.
DEPENDENCIES: dict[str, Any] = {
    "engine": Provide(provide_engine, sync_to_thread=False),
    "session": Provide(provide_session),
    "at": Provide(provide_at, sync_to_thread=False),
    "on": Provide(provide_on, sync_to_thread=False),
    "counts_on": Provide(provide_counts_on, sync_to_thread=True),
    "vault": Provide(provide_vault, sync_to_thread=True),
    "submitted": Provide(forms.read_submitted),
}

AnyRequest = Request[Any, Any, Any]

# What a handler's signature names: ``def show(request: AnyRequest, session: Db, at: At) -> …``
Db = NamedDependency[Session]
At = NamedDependency[datetime]
On = NamedDependency[date]
CountsOn = NamedDependency[date]
Who = NamedDependency[Signed]
Sent = NamedDependency[forms.Submitted]
Safe = NamedDependency[Vault]
Pool = NamedDependency[Engine]
Id = FromPath[int]
