"""Tests that need no fixture, called without pytest: a hundredth of a second each change."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from importlib import import_module
from inspect import signature
from typing import Any

Call = Callable[[], object]
#: As the fixtures of these names are.
FIXED: dict[str, Any] = {
    "now": datetime(2026, 11, 16, 9, 0, tzinfo=UTC), "today": date(2026, 11, 16),
}  # fmt: skip


def settle() -> None:
    """Examples are the same each time, and none is made smaller; before tests are read."""
    from hypothesis import HealthCheck, Phase, settings

    settings.register_profile(
        "changed", deadline=None, database=None, derandomize=True,
        phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    settings.load_profile("changed")


def calls(files: Iterable[str]) -> list[Call]:
    """Every test of these files that takes nothing but what it is parametrized with."""
    return [call for file in files for call in _calls_of(file)]


def _calls_of(file: str) -> Iterator[Call]:
    module = import_module(file.removesuffix(".py").replace("/", "."))
    for name, found in [*vars(module).items()]:
        if name.startswith("Test") and isinstance(found, type):
            own = found()
            for each in dir(own):
                if each.startswith("test_"):
                    yield from _each(getattr(own, each))
        elif name.startswith("test_") and callable(found):
            yield from _each(found)


def _each(test: Any) -> Iterator[Call]:
    """Once for each set of values; never where a fixture is asked for."""
    sets = [*_sets(test)]
    wanted = {*signature(test).parameters} - FIXED.keys()
    # What Hypothesis gives is no parameter any more.
    if wanted <= {name for one in sets[:1] for name in one}:
        fixed = {name: FIXED[name] for name in {*signature(test).parameters} & FIXED.keys()}
        yield from (partial(test, **fixed, **values) for values in sets)


def _sets(test: Any) -> Iterator[dict[str, Any]]:
    choices = []
    for mark in getattr(test, "pytestmark", []):
        if mark.name == "parametrize":
            names = mark.args[0]
            split = [one.strip() for one in names.split(",")] if isinstance(names, str) else names
            choices.append([_values([*split], row) for row in mark.args[1]])
        elif mark.name != "usefixtures":
            return
    for chosen in itertools.product(*choices):
        yield {name: value for part in chosen for name, value in part.items()}


def _values(names: list[str], row: Any) -> dict[str, Any]:
    values = getattr(row, "values", row) if hasattr(row, "marks") else row
    if len(names) == 1 and not hasattr(row, "marks"):
        values = (values,)
    return dict(zip(names, values, strict=True))


def passes(some: Iterable[Call]) -> bool:
    """Whether all of them pass."""
    from _pytest.outcomes import Skipped

    for call in some:
        try:
            call()
        except Skipped:
            continue
        except BaseException:
            return False
    return True
