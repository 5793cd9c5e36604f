"""``cessio restored``: this book was put back from an older copy."""

from __future__ import annotations

from datetime import datetime

import click


class Instant(click.ParamType[datetime]):
    """An instant with its offset, as ``2026-11-20T14:30:00+01:00`` or ``…Z``."""

    name = "instant"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            found = datetime.fromisoformat(str(value))
        except ValueError:
            found = None
        if found is None or found.tzinfo is None:
            raise click.BadParameter(
                f"{value!r} is not an instant: write 2026-11-20T14:30:00+01:00", ctx, param
            )
        return found


@click.command()
@click.option("--as-of", required=True, type=Instant(), help="The instant it was put back to.")
@click.option("--reason", required=True, help="Why; shown to who compares it with the bank.")
def restored(*, as_of: datetime, reason: str) -> None:
    """Say that this book was put back from an older copy, before anything is started.

    Payouts that may have left since are unknown, none is sent again, numbers are never given
    twice; jobs and payments wait until two people say what they compared.
    """
    from cessio.cli.book import acting, open_book
    from cessio.funding.operations import mark_restored
    from cessio.plumbing import clock
    from cessio.plumbing.database import transaction

    with open_book() as engine, transaction(engine) as session:
        done = mark_restored(session, as_of=as_of, reason=reason, by=acting("restored"),
                             at=clock.now())  # fmt: skip
    click.echo(
        f"held: {done.payouts} payouts may have left since and are unknown, {done.orders} orders "
        "that had not left are given up; two people compare and let work go on at "
        "/backoffice/settlement/restores"
    )
