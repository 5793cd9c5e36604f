"""``cessio export``: what leaves as files."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from cessio.cli.book import DAY


@click.group()
def export() -> None:
    """Write statements of account to files."""


@export.command()
@click.option("--contract", required=True, help="Reference of the contract, or client code.")
@click.option("--from", "from_on", required=True, type=DAY, help="First day.")
@click.option("--to", "to_on", required=True, type=DAY, help="Last day.")
@click.option(
    "--format", "form", default="pdf", show_default=True,
    type=click.Choice(["pdf", "csv", "xlsx", "camt053", "mt940", "cfonb120", "fec"]),
    help="What to write.",
)  # fmt: skip
@click.option("--language", default="fr", show_default=True, type=click.Choice(["fr", "en"]))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File or folder; - is out.")
def statement(
    *, contract: str, from_on: date, to_on: date, form: str, language: str, output: Path | None
) -> None:
    """The statement of account of a contract: the same figures in every format."""
    from cessio.cli.book import acting, contract_named, open_book
    from cessio.plumbing import clock
    from cessio.plumbing.database import transaction
    from cessio.plumbing.settings import Settings
    from cessio.statements import StatementFormat, issue_statement

    with open_book() as engine, transaction(engine) as session:
        file = issue_statement(
            session, contract_id=contract_named(session, contract), from_on=from_on, to_on=to_on,
            file_format=StatementFormat(form), language=language, by=acting("export"),
            at=clock.now(), verify_at=Settings.load().verify_at,
        )  # fmt: skip
        _write(file.content, file.filename, output)
    click.echo(f"verification code {file.code}", err=True)


def _write(content: bytes, filename: str, output: Path | None) -> None:
    if output is not None and str(output) == "-":
        sys.stdout.buffer.write(content)
        return
    place = output or Path(filename)
    place = place / filename if place.is_dir() else place
    try:
        place.write_bytes(content)
    except OSError as error:
        raise click.ClickException(f"{place} cannot be written: {error.strerror}") from None
    click.echo(f"{place}: {len(content)} bytes", err=True)
