"""Commands on the database of this installation."""

from __future__ import annotations

import click

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
def demo() -> None:
    """Fill an empty book with the demonstration; a book that has a client is left alone."""
    from cessio.cli.prepare import fill_demo
    from cessio.plumbing import migrate as migration
    from cessio.plumbing.database import make_engine
    from cessio.plumbing.embedded import database_of

    with database_of(Settings.load()) as url:
        migration.upgrade(url)
        engine = make_engine(url)
        filled = fill_demo(engine, say=click.echo)
        engine.dispose()
        click.echo("the demonstration is in place" if filled else "the book is not empty: left")


@click.command()
@click.option("--wait", is_flag=True, help="Keep the embedded server up until Ctrl-C.")
def database(*, wait: bool) -> None:
    """Print the database address of this place (it holds the password)."""
    import signal

    from cessio.plumbing.embedded import database_of

    with database_of(Settings.load()) as url:
        click.echo(url)
        if wait:
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
