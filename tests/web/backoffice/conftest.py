"""The office of each test."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import Engine

from tests.web.backoffice.office import Office, open_office


@pytest.fixture
def office(engine: Engine, now: datetime) -> Office:
    return open_office(engine, now)
