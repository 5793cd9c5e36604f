"""What the factor decides for itself, without a developer.

An *own day* is one on which the house does not work, beside weekends and bank holidays. A *reason*
is one of a list people choose from, called as the house calls it. *Authority* is the amount up to
which a role decides an act, and the one from which a second person must.
"""

from cessio.house.operations import (
    NamedReason,
    check_authority,
    close_day,
    most_of,
    name_reason,
    needs_second,
    open_day,
    set_authority,
    tell_process,
)
from cessio.house.rules import Act, Authority, BeyondAuthority, ReasonList

__all__ = [
    "Act", "Authority", "BeyondAuthority", "NamedReason", "ReasonList", "check_authority",
    "close_day", "most_of", "name_reason", "needs_second", "open_day", "set_authority",
    "tell_process",
]  # fmt: skip
