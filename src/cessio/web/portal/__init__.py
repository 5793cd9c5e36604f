"""What the portal answers, one module per capability."""

from typing import Any

HANDLERS: list[Any] = []

__all__ = ["HANDLERS"]
