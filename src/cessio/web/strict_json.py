"""JSON bodies, refused where readers of JSON differ or let nonsense pass."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from cessio.kernel.errors import Invalid

MAX_DEPTH = 20
#: So many values at most: a remittance of 100,000 lines has half.
MAX_VALUES = 2_000_000


def check_json(body: bytes) -> Any:
    """What it says. Raises ``Invalid`` for repeated fields, NaN, infinities, or no JSON.

    Also for one too deep, or of so many values that they would take far more memory than it.
    """
    if sum(body.count(mark) for mark in (b",", b"[", b"{")) > MAX_VALUES:
        raise Invalid("json_too_large", "the body has too many values: send it in several parts")
    try:
        value = json.loads(body, object_pairs_hook=_no_repeats, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Invalid("json_unreadable", "the body is not JSON that can be read") from None
    if _depth(value) > MAX_DEPTH:
        raise Invalid("json_too_deep", "the body is nested too deeply")
    if "\\u0000" in body.decode("utf-8", "replace") or b"\x00" in body:
        raise Invalid("text_unreadable", "a text holds a character that cannot be stored")
    return value


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Invalid(
            "field_repeated", "the field {name} is given twice", field=twice[:60], name=twice[:60]
        )
    return found


def _no_constant(name: str) -> NoReturn:
    raise Invalid("amount_not_finite", "{name} is not a number here", name=name)


def _depth(value: Any) -> int:
    deepest, stack = 0, [(value, 1)]
    while stack:
        item, depth = stack.pop()
        deepest = max(deepest, depth)
        inner = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        stack += [(child, depth + 1) for child in inner]
    return deepest
