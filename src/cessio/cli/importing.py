"""``cessio import``: what comes in as files, by the operations the screens use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

_FILE = click.Path(path_type=Path)


@click.group(name="import")
def import_() -> None:
    """Take in bank statements, remittances and rate fixings; a wrong file changes nothing."""


@import_.command()
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--match/--no-match", default=True, help="Apply what is sure afterwards.")
def statement(*, files: tuple[Path, ...], match: bool) -> None:
    """Import camt.053 bank statements, each file whole or not at all."""
    from cessio.cli.book import open_book
    from cessio.plumbing import clock

    with open_book() as engine:
        for file in files:
            _statement(engine, file, at=clock.now())
        if match:
            _match(engine, at=clock.now())


def _statement(engine: Engine, file: Path, *, at: datetime) -> None:
    from cessio.banking import import_statement
    from cessio.cli.book import acting
    from cessio.kernel.money import to_text
    from cessio.plumbing.database import transaction
    from cessio.plumbing.i18n import use_language
    from cessio.web.words.banking import remark

    with transaction(engine) as session:
        imported = import_statement(
            session, data=_read(file), filename=file.name, by=acting("import"), at=at
        )
    for one in imported:
        movements = "movement" if one.line_count == 1 else "movements"
        click.echo(
            f"{file.name}: {one.account_name}, {one.from_on} to {one.to_on}, {one.line_count} "
            f"{movements}, {to_text(one.movements_minor)} {one.currency}"
        )
        with use_language("en"):
            for warning in one.warnings:
                click.echo(f"  note: {remark(warning, one.currency)}")


def _match(engine: Engine, *, at: datetime) -> None:
    from cessio.cash import match_open_lines
    from cessio.cli.book import acting
    from cessio.funding import settle_payout_lines
    from cessio.kernel.money import to_text
    from cessio.plumbing.database import transaction

    with transaction(engine) as session:
        payouts = settle_payout_lines(session, by=acting("import"), at=at)
        run = match_open_lines(session, by=acting("import"), at=at)
    click.echo(
        f"payouts confirmed {len(payouts.paid)}, returned {len(payouts.rejected)}; receipts "
        f"applied {run.applied} ({to_text(run.applied_minor)}), proposed {run.proposed}, "
        f"unknown {run.unknown}"
    )


@import_.command()
@click.argument("file", type=_FILE)
@click.option("--contract", required=True, help="Reference of the contract, or client code.")
@click.option("--confirm", is_flag=True, help="Confirm it too, as the client would.")
def remittance(*, file: Path, contract: str, confirm: bool) -> None:
    """Read a CSV or XLSX remittance into a draft and check every line of it."""
    from cessio.cli.book import acting, contract_named, open_book
    from cessio.kernel.calendar import business_date
    from cessio.plumbing import clock
    from cessio.plumbing.database import transaction
    from cessio.receivables import check, operations

    at = clock.now()
    with open_book() as engine:
        with transaction(engine) as session:
            made = operations.draft_from_file(
                session, contract_id=contract_named(session, contract), data=_read(file),
                filename=file.name, by=acting("import"), at=at,
            )  # fmt: skip
            if made.mapping_needed:
                raise click.ClickException(
                    f"{file.name}: its columns are not clear; tell them once on the remittance "
                    "screen, and files of this shape are known from then on"
                )
            totals = check(
                session, remittance_id=made.remittance_id, on=business_date(at),
                by=acting("import"), at=at,
            )  # fmt: skip
        click.echo(
            f"draft {made.remittance_id}: {totals.line_count} lines, {totals.accepted_count} "
            f"accepted, {totals.warning_count} with a warning, {totals.refused_count} refused"
        )
        _reasons(engine, made.remittance_id)
        if confirm:
            _confirm(engine, made.remittance_id, at=clock.now())


def _reasons(engine: Engine, remittance_id: int) -> None:
    """Each refused line with its reasons, the first fifty."""
    from cessio.kernel.paging import PageRequest
    from cessio.plumbing.database import transaction
    from cessio.plumbing.i18n import use_language
    from cessio.receivables import queries
    from cessio.receivables.rules import Verdict
    from cessio.web.words import ended, sentence

    with transaction(engine) as session:
        page = queries.lines(
            session, remittance_id, PageRequest(limit=50), verdict=Verdict.REFUSED, staff=True
        )
    with use_language("en"):
        for line in page.rows:
            said = " ".join(ended(sentence(reason)) for reason in line.reasons)
            click.echo(f"  line {line.line}: {said}")


def _confirm(engine: Engine, remittance_id: int, *, at: datetime) -> None:
    from rich.progress import Progress

    from cessio.cli.book import acting
    from cessio.kernel.money import to_text
    from cessio.plumbing.database import transaction
    from cessio.plumbing.i18n import use_language
    from cessio.receivables import submit
    from cessio.receivables.rules import Reason
    from cessio.web.words import ended, sentence

    with Progress(transient=True) as bar:
        task = bar.add_task("assigning", total=None)
        with transaction(engine) as session:
            done = submit(
                session, remittance_id=remittance_id, by=acting("import"), at=at,
                progress=lambda step, steps: bar.update(task, completed=step, total=steps),
            )  # fmt: skip
    if done.assignment is None:
        with use_language("en"):
            waits = " ".join(ended(sentence(Reason(code))) for code in done.hold_reasons)
        click.echo(f"{done.state.value}: waits for the account manager. {waits}")
        return
    click.echo(
        f"assigned: {done.assignment.document_count} documents of "
        f"{to_text(done.assignment.amount_minor)}, receipt {done.assignment.receipt_number}"
    )


@import_.command()
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--index", help="Index of all values, where the file has no such column.")
@click.option("--source", help="Where they were published, where the file does not say.")
def fixings(*, files: tuple[Path, ...], index: str | None, source: str | None) -> None:
    """Record index fixings from CSV files: date, percentage, and index and source if given."""
    from cessio.cli.book import acting, open_book
    from cessio.contracts import import_fixings
    from cessio.contracts.rules import IndexName
    from cessio.plumbing import clock
    from cessio.plumbing.database import transaction

    names = [name.value for name in IndexName]
    if index is not None and index not in names:
        raise click.ClickException(f"{index} is not an index kept here: {', '.join(names)}")
    with open_book() as engine:
        for file in files:
            with transaction(engine) as session:
                done = import_fixings(
                    session, content=_read(file), source=source, by=acting("import"),
                    index=None if index is None else IndexName(index), at=clock.now(),
                )  # fmt: skip
            click.echo(f"{file.name}: {done.recorded} recorded, {done.unchanged} known already")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}") from None
