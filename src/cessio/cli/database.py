"""Commands on the database of this installation."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

import click

from cessio.cli.book import DAY
from cessio.plumbing.settings import Settings


@click.command()
def migrate() -> None:
    """Bring the database to this release's schema; safe to run from several places at once."""
    from cessio.plumbing import migrate as migration
    from cessio.plumbing.embedded import database_of

    with database_of(Settings.load()) as url:
        changed = migration.upgrade(url)
        click.echo(f"{'migrated to' if changed else 'already at'} {migration.head()}")


@click.command()
@click.option("--scale", default="1", show_default=True, help="0.1 is small, 10 ten times as much.")
@click.option("--until", type=DAY, help="Last day of the history; yesterday unless told.")
def demo(*, scale: str, until: date | None) -> None:
    """Fill an empty book with the demonstration; a book that has a client is left alone.

    Up to a scale of 1 every event is one a person could have made. Above, remittances, statements
    and the number of debtors grow by that factor, so that a large book is lived in as many days.
    """
    from cessio.cli.prepare import check_database, demonstration, fill_demo
    from cessio.plumbing import migrate as migration
    from cessio.plumbing.database import make_engine
    from cessio.plumbing.embedded import database_of
    from cessio.worker import compose

    size = _scale(scale)
    with database_of(Settings.load()) as url:
        check_database(url)
        migration.upgrade(url)
        compose()
        engine = make_engine(url)
        filled = fill_demo(engine, say=click.echo, scale=size, until=until)
        engine.dispose()
    if not filled:
        click.echo("the book is not empty: left as it is")
        return
    click.echo("the demonstration is in place")
    there = demonstration()
    for login in there.logins(size) if there is not None else ():
        click.echo(f"  {login}")


def _scale(written: str) -> Decimal:
    try:
        scale = Decimal(written)
    except InvalidOperation:
        scale = Decimal(0)
    if not (scale.is_finite() and Decimal("0.1") <= scale <= 100):
        raise click.ClickException(f"a scale is a number from 0.1 to 100, not {written}")
    return scale


@click.command()
@click.option("--wait", is_flag=True, help="Keep the embedded server up until Ctrl-C.")
@click.option("--admin", is_flag=True, help="The embedded server's superuser, for backups.")
def database(*, wait: bool, admin: bool) -> None:
    """Print the database address of this place (it holds the password)."""
    import signal

    from cessio.plumbing.embedded import admin_of, database_of

    settings = Settings.load()
    with admin_of(settings) if admin else database_of(settings) as url:
        click.echo(url)
        if wait:
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
