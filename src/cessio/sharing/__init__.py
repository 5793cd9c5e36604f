"""What a client lets an outsider read: its accountant, its banker.

A *share* gives some *parts* of a client's book, on all its contracts or chosen ones, until a day.
It goes to a *guest*, who signs in with an account of its own, or it is a *link*, which opens for
whoever holds it. Each page and file opened by a share leaves an *access*. A share ends on its day
or when the client ends it; it is never deleted.
"""

from __future__ import annotations

from cessio.sharing.operations import (
    Invited,
    Made,
    Reader,
    end_share,
    invite_again,
    note_access,
    prolong,
    share_by_link,
    share_with_guest,
)
from cessio.sharing.queries import AccessView, ShareView
from cessio.sharing.rules import Act, Kind, Part, ShareRole

__all__ = [
    "AccessView", "Act", "Invited", "Kind", "Made", "Part", "Reader", "ShareRole", "ShareView",
    "end_share", "invite_again", "note_access", "prolong", "share_by_link", "share_with_guest",
]  # fmt: skip
