"""The demonstration: a French factor with twelve clients, lived through the real operations.

``fill`` builds the same book from the same seed and last day, whatever the machine and the hour.
Nothing is written beside the operations that a person, a bank file or a job would use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Engine

from cessio.kernel.calendar import previous_business_day

Progress = Callable[[int, int], None]

SEED = "cessio"
BEGUN, ENDED = "begin_demonstration", "end_demonstration"


class State(StrEnum):
    """What a book holds: nothing, a demonstration whole or interrupted, or somebody's own data."""

    EMPTY = "empty"
    WHOLE = "whole"
    INTERRUPTED = "interrupted"
    OWN = "own"


def state(engine: Engine) -> State:
    """What this book holds."""
    from cessio.demo import queries
    from cessio.plumbing.database import transaction

    with transaction(engine) as session:
        marks = queries.marks(session)
        if ENDED in marks:
            return State.WHOLE
        if BEGUN in marks:
            return State.INTERRUPTED
        return State.OWN if queries.has_clients(session) else State.EMPTY


def fill(
    engine: Engine, *, until: date, scale: Decimal | int = 1, seed: str = SEED,
    progress: Progress | None = None,
) -> None:  # fmt: skip
    """Live the history that ends on ``until`` (a business day, or the one before it).

    Scale 1 has 12 clients, 150 debtors and 18 months; below, fewer clients and months; above, so
    many times the invoices and debtors, in larger remittances and statements of as many days.
    """
    from cessio.demo.house import furnish
    from cessio.demo.keeping import keep
    from cessio.demo.screening import screen
    from cessio.demo.setup import found, mark, size_of
    from cessio.demo.story import live
    from cessio.plumbing import database, outbox

    last = previous_business_day(until)
    tell = progress or (lambda _done, _total: None)
    # What jobs would do afterwards is lived in its day.
    with outbox.reactions({}), database.relaxed(engine) as connection:
        mark(connection, BEGUN, last)
        book = found(connection, size=size_of(scale), seed=seed, until=last)
        live(book, progress=tell)
        furnish(book)
        screen(book)
        keep(book)
        mark(connection, ENDED, last)


def logins(scale: Decimal | int = 1) -> Iterator[str]:
    """Who may sign in, one line each, with the password they share."""
    from cessio.demo.cast import ACCOUNTANT, ACCOUNTANT_HOUSE, CLIENTS, PASSWORD, STAFF
    from cessio.demo.setup import size_of

    yield f"every password here is: {PASSWORD}"
    for actor in STAFF:
        role = actor.role.value.replace("_", " ")
        yield f"back office  {actor.email('cessio'):26} {actor.name}, {role}"
    for cast in CLIENTS[: size_of(scale).clients]:
        for actor in cast.users:
            email = actor.email(cast.code.lower())
            yield f"portal       {email:26} {actor.name}, {actor.role.value} of {cast.name}"
    email = ACCOUNTANT.email(ACCOUNTANT_HOUSE)
    yield f"shared       {email:26} {ACCOUNTANT.name}, accountant of {CLIENTS[0].name}"
