"""The API: the same operations as JSON under /api/v1, one module per capability."""

from typing import Any

from litestar.openapi import OpenAPIConfig

HANDLERS: list[Any] = []

OPENAPI: OpenAPIConfig | None = None

__all__ = ["HANDLERS", "OPENAPI"]
