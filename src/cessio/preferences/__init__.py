"""What people keep for themselves: how they want to find the lists they work with.

A *view* is a list under a name: its page and the filters of its address. It is its owner's, or
*shared* with everybody at the factor. A person's *default* view is what the list opens with.
"""

from __future__ import annotations

from cessio.preferences.operations import change_view, drop_view, open_with, save_view
from cessio.preferences.queries import View, views
from cessio.preferences.rules import kept_query

__all__ = ["View", "change_view", "drop_view", "kept_query", "open_with", "save_view", "views"]
