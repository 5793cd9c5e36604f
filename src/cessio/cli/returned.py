"""``cessio returned``: mails that came back, read from files or from the mail server's pipe."""

from __future__ import annotations

from typing import BinaryIO

import click


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.File("rb"))
def returned(*, files: tuple[BinaryIO, ...]) -> None:
    """Read reports of undelivered mail (RFC 3464), a file each; ``-`` is what comes through a pipe.

    An address that a mail of ours came back from is written to on paper from then on.
    """
    from cessio.cli.book import acting, open_book
    from cessio.correspondence.returned import MAX_BYTES, take_returned
    from cessio.plumbing import clock
    from cessio.plumbing.database import transaction

    with open_book() as engine:
        for file in files:
            content = file.read(MAX_BYTES + 1)
            with transaction(engine) as session:
                found = take_returned(session, content, by=acting("returned"), at=clock.now())
            for address in found:
                click.echo(f"{address}: written to on paper from now on")
            if not found:
                click.echo(f"{file.name}: no report about a mail of ours")
