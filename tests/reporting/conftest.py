"""What is told of a book is tested on the small demonstration."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session


@pytest.fixture
def session(demo_session: Session) -> Session:
    """The demonstration in place of an empty book."""
    return demo_session
