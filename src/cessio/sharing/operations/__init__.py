"""The writes of sharing: giving, prolonging, ending; and noting what was opened."""

from cessio.sharing.operations.giving import (
    Invited,
    Made,
    Reader,
    end_share,
    invite_again,
    prolong,
    share_by_link,
    share_with_guest,
)
from cessio.sharing.operations.noting import note_access

__all__ = [
    "Invited",
    "Made",
    "Reader",
    "end_share",
    "invite_again",
    "note_access",
    "prolong",
    "share_by_link",
    "share_with_guest",
]
