"""What people keep for themselves: how they want to find the lists they work with.

A *view* is a list under a name: its page and the filters of its address. It is its owner's, or
*shared* with everybody at the factor. A person's *default* view is what the list opens with. The
*kept order* of a page is which of its parts somebody wants, and in what order.
"""

from __future__ import annotations

from cessio.preferences.operations import (
    change_view,
    drop_view,
    keep_order,
    open_with,
    save_view,
)
from cessio.preferences.queries import View, kept_order, views
from cessio.preferences.rules import kept_query

__all__ = [
    "View", "change_view", "drop_view", "keep_order", "kept_order", "kept_query", "open_with",
    "save_view", "views",
]  # fmt: skip
