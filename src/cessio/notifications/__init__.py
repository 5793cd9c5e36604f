"""The bell: what people are told inside the application.

A *notification* is one line for one person about one thing, told once per *key*; it leads to the
thing. Its *kind* says which sentence it is (``web/words`` has them). Each person chooses a
*channel* per kind: under the bell, under the bell and in one mail a day (the *digest*), or
nothing. What was read long ago is forgotten.
"""

from __future__ import annotations

from cessio.notifications.operations import (
    choose,
    forget_old,
    mark_all_read,
    mark_read,
    notify,
    tell_end_of_job,
)
from cessio.notifications.queries import Notification, unread_count
from cessio.notifications.rules import Channel

__all__ = [
    "Channel", "Notification", "choose", "forget_old", "mark_all_read", "mark_read", "notify",
    "tell_end_of_job", "unread_count",
]  # fmt: skip
