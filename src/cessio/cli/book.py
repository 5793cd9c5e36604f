"""What the commands on a book share: the database, the table of reactions, dates, names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from cessio.kernel.errors import NotFound
from cessio.plumbing.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session


class Day(click.ParamType[date]):
    """A date as ``2026-11-20`` or ``20/11/2026``."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        for form in ("%Y-%m-%d", "%d/%m/%Y"):
            try:
                return datetime.strptime(str(value), form).date()  # noqa: DTZ007
            except ValueError:
                continue
        raise click.BadParameter(f"{value!r} is not a date: write 2026-11-20", ctx, param)


DAY = Day()


@contextmanager
def open_book() -> Iterator[Engine]:
    """The configured or embedded database, at this release's schema; events become jobs.

    Days the house closes are known, so that a command counts business days as the pages do.
    """
    from cessio import house
    from cessio.cli.prepare import check_database, check_schema
    from cessio.plumbing.database import make_engine, transaction
    from cessio.plumbing.embedded import database_of
    from cessio.plumbing.keeper import Keeper
    from cessio.plumbing.mail import Mailer
    from cessio.worker import compose

    settings = Settings.load()
    with database_of(settings) as url:
        check_database(url)
        check_schema(url)
        compose(settings.broker_url, Mailer.of(settings), Keeper.of(settings), settings.drop_dir)
        engine = make_engine(url)
        try:
            with transaction(engine) as session:
                house.tell_process(session)
            yield engine
        finally:
            engine.dispose()


def contract_named(session: Session, reference: str) -> int:
    """The id of a contract by its reference, or by its client's code when that has only one."""
    from cessio.contracts import queries

    found = [
        row.id for row in queries.contracts(session)
        if reference.upper() in (row.reference.upper(), row.client_code.upper())
    ]  # fmt: skip
    if not found:
        raise NotFound("contract_unknown", "there is no contract {reference}", reference=reference)
    if len(found) > 1:
        raise NotFound(
            "contract_ambiguous", "{reference} has several contracts: give the reference of one",
            reference=reference,
        )  # fmt: skip
    return found[0]


def acting(command: str) -> str:
    """The actor that the books name for what a command did."""
    return f"job:cli.{command}"
