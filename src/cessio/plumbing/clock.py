"""The machine's clock: read here and at the edge, once an action, and handed down as ``at``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

#: Anything that tells the instant; tests hand in a fixed one.
Clock = Callable[[], datetime]


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)
