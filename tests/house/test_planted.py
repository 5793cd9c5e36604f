"""The bugs that are planted to try the tests stand where the code is, and the tests are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.strength.money import MONEY
from tests.faults.strength.planted import BUGS, Bug

ROOT = Path(__file__).resolve().parents[2]


def test_forty_bugs_are_planted_no_two_alike() -> None:
    assert len({(one.path, one.now) for one in BUGS}) == len(BUGS) == 40


@pytest.mark.parametrize("bug", BUGS, ids=lambda one: one.words)
def test_a_planted_bug_has_its_place_and_its_tests(bug: Bug) -> None:
    compile(bug.source, bug.path, "exec")
    assert all((ROOT / one).exists() for one in bug.tests)


@pytest.mark.parametrize("path", MONEY)
def test_a_module_that_is_mutated_is_there_with_its_tests(path: str) -> None:
    assert (ROOT / "src" / path).is_file()
    assert all((ROOT / one).exists() for group in MONEY[path] for one in group)
