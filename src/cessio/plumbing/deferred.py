"""Heavy libraries loaded when they are first used, so that a start does not wait for them.

if TYPE_CHECKING:
    import polars as pl
else:
    pl = deferred("polars")
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Deferred:
    """Stands for a module and imports it at the first look at one of its names."""

    def __init__(self, name: str) -> None:
        self._module_name = name

    def __getattr__(self, name: str) -> Any:
        value = getattr(import_module(self._module_name), name)
        setattr(self, name, value)  # found without us from now on
        return value


def deferred(name: str) -> Any:
    """The module of a name, imported when used. For type checkers import it as well."""
    return Deferred(name)
