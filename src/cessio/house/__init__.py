"""What the factor decides for itself, without a developer.

An *own day* is one on which the house does not work, beside weekends and bank holidays. A *reason*
is one of a list people choose from, called as the house calls it. *Authority* is the amount up to
which a role decides an act, and the one from which a second person must. After a *cut-off* what
is done counts for the next business day.
"""

from cessio.house.operations import (
    NamedReason,
    check_authority,
    close_day,
    counted_on,
    most_alone,
    name_reason,
    needs_second,
    open_day,
    set_authority,
    set_cut_off,
    tell_process,
)
from cessio.house.rules import (
    LIMIT_SPLIT_DAYS,
    Act,
    Authority,
    BeyondAuthority,
    Counted,
    CutOff,
    ReasonList,
)

__all__ = [
    "LIMIT_SPLIT_DAYS", "Act", "Authority", "BeyondAuthority", "Counted", "CutOff", "NamedReason",
    "ReasonList",
    "check_authority", "close_day", "counted_on", "most_alone", "name_reason", "needs_second",
    "open_day", "set_authority", "set_cut_off", "tell_process",
]  # fmt: skip
