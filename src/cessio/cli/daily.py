"""``cessio close``, ``seal`` and ``verify``: the day's end, and the proof of the whole book."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from typing import TYPE_CHECKING

import click

from cessio.cli.book import DAY

if TYPE_CHECKING:
    from cessio.settlement import StepDone


@click.command()
@click.argument("day", required=False, type=DAY)
def close(*, day: date | None) -> None:
    """Settle and close a business day (yesterday unless told): its figures kept, its books sealed.

    Days since the last closed one are settled and covered too. Closing again changes nothing.
    """
    from cessio.cli.book import acting, open_book
    from cessio.closing import close_day, settle_until
    from cessio.kernel.calendar import business_date
    from cessio.kernel.money import to_text
    from cessio.plumbing import clock
    from cessio.plumbing.database import transaction

    at, by = clock.now(), acting("close")
    on = day or business_date(at) - timedelta(days=1)
    with open_book() as engine:
        with transaction(engine) as session:
            settled = settle_until(session, on=on, by=by, at=at)
        for each, steps in settled:
            _tell(each, steps)
        with transaction(engine) as session:
            closed = close_day(session, on=on, by=by, at=at)
    state = "was closed before" if closed.again else "closed"
    click.echo(
        f"{on} {state}: {closed.transaction_count} transactions, {closed.entry_count} entries, "
        f"{to_text(closed.debit_minor)} debited, seal {closed.sha256.hex()[:16]}"
    )


def _tell(on: date, steps: tuple[StepDone, ...]) -> None:
    from cessio.kernel.money import to_text

    for step in steps:
        if step.contracts and not step.again:
            words = step.step.replace("_", " ")
            sums = ", ".join(f"{to_text(step.totals[one])} {one}" for one in sorted(step.totals))
            click.echo(f"{on} {words}: {step.contracts} contracts, {sums}")


@click.command()
@click.option("--restored", metavar="REASON", help="This book was put back from an older copy.")
def seal(*, restored: str | None) -> None:
    """Seal what was closed and not sealed yet, outside the database (done each night by itself)."""
    from cessio.cli.book import acting, open_book
    from cessio.closing.formats.seals import code
    from cessio.closing.jobs import drawn_seal
    from cessio.closing.operations import remember_seal
    from cessio.plumbing import clock
    from cessio.plumbing.database import transaction
    from cessio.plumbing.keeper import Keeper
    from cessio.plumbing.settings import Settings

    at, by, keeper = clock.now(), acting("seal"), Keeper.of(Settings.load())
    with open_book() as engine:
        content = drawn_seal(engine, keeper, by=by, at=at, restored=restored)
        if content is None:
            click.echo("every closed day is sealed already")
            return
        with transaction(engine) as session:
            made = remember_seal(session, content=content, keeper=keeper, by=by, at=at)
    click.echo(
        f"seal {made.number}, up to {made.on}: {made.row_count} rows, code {code(content)}, "
        f"kept in {keeper.folder}; public key {keeper.public_key.hex()}"
    )


@click.command()
def verify() -> None:
    """Prove the books whole: ledger, receivables, cash, cover, payouts, documents, days, seals.

    Names the first wrong line of each broken rule; exit code 1 if there is any.
    """
    from rich.console import Console

    from cessio.cli.book import open_book
    from cessio.closing.bulk import PROOFS, prove
    from cessio.plumbing.database import transaction

    wrong = 0
    console = Console(highlight=False)
    with open_book() as engine:
        snapshot = engine.execution_options(isolation_level="REPEATABLE READ")
        with console.status("reading the whole book") as status, transaction(snapshot) as session:
            names = [name for name, _ in PROOFS]
            for place, proof in enumerate(prove(session), start=1):
                wrong += len(proof.findings)
                mark = "[red]wrong[/]" if proof.findings else "[green]right[/]"
                console.print(f"{mark}  {proof.name}")
                for finding in proof.findings:
                    console.print(f"       {finding.rule}: {finding.subject}: {finding.detail}")
                if place < len(names):
                    status.update(f"proving {names[place]}")
    if wrong:
        click.echo(f"cessio: {wrong} rules are broken", err=True)
        sys.exit(1)
