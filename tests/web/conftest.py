"""The web's tests share one engine and one application; each has a database of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from tests.reusing import Reused


@pytest.fixture(scope="session")
def reused(server_url: URL, template: str) -> Iterator[Reused]:
    """The engine of this process's web tests."""
    made = Reused(server_url, template)
    yield made
    made.close()


@pytest.fixture
def engine(reused: Reused, template: str) -> Iterator[Engine]:
    """The reused engine on a migrated database of this test's own: commit freely."""
    reused.copy(template)
    yield reused.engine
    reused.leave()
