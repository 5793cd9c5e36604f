"""Faults: a world to break, databases to break it in, and a report of what was broken.

``make faults`` runs every point of every campaign; ``make test`` a few of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from tests.faults.world import World, make_world
from tests.reusing import Reused, filled

#: Monday 16 November 2026, 10:00 in Paris.
NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def reused(server_url: URL, template: str) -> Iterator[Reused]:
    """The engine of this process, led from copy to copy."""
    made = Reused(server_url, template)
    yield made
    made.close()


@pytest.fixture
def engine(reused: Reused, template: str) -> Iterator[Engine]:
    """The reused engine on a database of this test's own."""
    reused.copy(template)
    yield reused.engine
    reused.leave()


@pytest.fixture
def fresh(engine: Engine) -> Callable[[], World]:
    """The world as it was made, in a new database each time it is called."""
    return lambda: filled(engine, "faults", lambda: make_world(engine, NOW))
