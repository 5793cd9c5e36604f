"""What an audit event may hold, and how two states of a thing differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs: its value before and after, as JSON values (``None``: absent)."""

    field: str
    before: Any
    after: Any


def json_safe(value: Any) -> Any:
    """The value as JSON without loss: dates as ISO text, decimals as text, bytes as hexadecimal.

    Dataclasses and mappings become objects, sequences and sets arrays. ``TypeError`` for a float
    (an amount may never pass through one) and for anything that has no exact form.
    """
    if isinstance(value, Enum):
        return json_safe(value.value)
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: json_safe(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(json_safe(key)): json_safe(each) for key, each in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted((json_safe(each) for each in value), key=repr)
    if isinstance(value, (list, tuple)):
        return [json_safe(each) for each in value]
    raise TypeError(f"{type(value).__name__} has no exact JSON form")


def state(value: Any) -> dict[str, Any] | None:
    """A dataclass or mapping as a JSON object; ``None`` stays ``None``."""
    if value is None:
        return None
    safe = json_safe(value)
    if not isinstance(safe, dict):
        raise TypeError(f"a state is a mapping or a dataclass, not {type(value).__name__}")
    return safe


def changes(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> tuple[Change, ...]:
    """The fields that differ, in the order of ``after`` then of what only ``before`` had."""
    old, new = before or {}, after or {}
    names = [*new, *(name for name in old if name not in new)]
    return tuple(
        Change(name, old.get(name), new.get(name))
        for name in names
        if old.get(name) != new.get(name)
    )


def narrowed(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both states cut down to the fields that differ: what an audit event of a change keeps."""
    names = [change.field for change in changes(before, after)]
    return (
        {name: before[name] for name in names if name in before},
        {name: after[name] for name in names if name in after},
    )
