"""The command line: one composition root, whose commands are imported only when they are used.

To add a command, write a click command in a module of this package and name it in ``COMMANDS``.
A fault that a person can act on is one sentence on the error output and exit code 1.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping

import click

from cessio import __version__

#: Command → where it is, and its line in ``cessio --help`` (so that help imports nothing).
COMMANDS: Mapping[str, tuple[str, str]] = {
    "run": ("cessio.cli.run:run", "Start everything: database, web, worker, scheduler."),
    "web": ("cessio.cli.run:web", "Start the web server alone."),
    "worker": ("cessio.cli.run:worker", "Start the worker alone."),
    "scheduler": ("cessio.cli.run:scheduler", "Start the scheduler alone."),
    "migrate": ("cessio.cli.database:migrate", "Bring the database to this release's schema."),
    "demo": ("cessio.cli.database:demo", "Fill an empty book with the demonstration."),
    "import": ("cessio.cli.importing:import_", "Take in statements, remittances, fixings."),
    "returned": ("cessio.cli.returned:returned", "Note addresses whose mail came back."),
    "export": ("cessio.cli.exporting:export", "Write a contract's statement of account."),
    "close": ("cessio.cli.daily:close", "Settle and close a business day."),
    "seal": ("cessio.cli.daily:seal", "Seal closed days, kept outside the database."),
    "verify": ("cessio.cli.daily:verify", "Prove the books whole, or name what is wrong."),
    "restored": ("cessio.cli.restored:restored", "Say that the book is an older copy, put back."),
    "bench": ("cessio.cli.bench:bench", "Measure the heavy work against its floor."),
    "database": ("cessio.cli.database:database", "Print the database address of this place."),
    "doctor": ("cessio.cli.doctor:doctor", "Check this installation and say what is wrong."),
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cessio")
def commands() -> None:
    """The open platform on which a factor runs its business."""


def main() -> None:
    """Entry of the ``cessio`` program."""
    try:
        commands(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Exception as error:
        sentences = _sentences(error)
        if not sentences:
            raise
        for sentence in sentences:
            click.echo(f"cessio: {sentence}", err=True)
        sys.exit(1)


def _sentences(error: Exception) -> list[str]:
    """What to tell a person; empty for a fault of ours, which deserves its trace."""
    from cessio.kernel.errors import CessioError, Problems

    if isinstance(error, Problems):
        return [f"{problem.field or ''} {problem}".strip() for problem in error.problems]
    if isinstance(error, CessioError):
        return [f"{error.field}: {error}" if error.field else f"{error}"]
    from sqlalchemy.exc import OperationalError

    if isinstance(error, OperationalError):
        return [f"the database does not answer: {str(error.orig).strip().splitlines()[0]}"]
    return []
