"""``cessio bench``: the heavy work measured against its floor, on a database of its own."""

from __future__ import annotations

import importlib
import sys

import click

from cessio.plumbing.settings import ROOT


@click.command()
@click.argument("names", nargs=-1)
def bench(*, names: tuple[str, ...]) -> None:
    """Measure the heavy work against its floor, taken in the same run, and print the ratios.

    NAMES choose benchmarks by a part of their name. A server of its own is started and removed.
    """
    if not (ROOT / "tests" / "benchmarks" / "__main__.py").exists():
        raise click.ClickException("the benchmarks come with the source, not with this package")
    sys.path.insert(0, str(ROOT))
    benchmarks = importlib.import_module("tests.benchmarks.__main__")
    sys.exit(benchmarks.main(list(names)))
