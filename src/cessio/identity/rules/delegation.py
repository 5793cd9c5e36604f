"""What somebody may lend to a colleague while away, to whom, and for how long."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from cessio.identity.rules.roles import PERMISSIONS, Permission, Role
from cessio.kernel.errors import CessioError, Invalid

#: Decisions on what another asked for. What one begins is not lent, nor are the rights of those
#: who give rights: their second person is another of them, or the auditor.
LENDABLE = (
    Permission.APPROVE_CONTRACTS,
    Permission.APPROVE_LIMITS,
    Permission.APPROVE_REMITTANCES,
    Permission.APPROVE_WRITE_OFFS,
    Permission.APPROVE_DRAWDOWNS,
    Permission.RELEASE_PAYMENTS,
    Permission.CLOSE_PERIODS,
)
#: Who opens doors moves no money, and who controls begins nothing: not for anybody else either.
NO_DEPUTIES = frozenset({Role.ADMIN, Role.AUDITOR})
#: Longer than that, a role is given.
MOST_DAYS = 92


def lendable(role: Role) -> tuple[Permission, ...]:
    """What a role may lend, in the order it is shown."""
    return tuple(one for one in LENDABLE if one in PERMISSIONS[role])


def delegation_faults(
    *, lender: tuple[int, Role], deputy: tuple[int, Role], permissions: Collection[Permission],
    up_to_minor: int | None, days: tuple[date, date], on: date,
) -> list[CessioError]:  # fmt: skip
    """Why this cannot be lent so: people by number and role, ``days`` first and last."""
    first, last = days
    faults: list[CessioError] = []
    if lender[0] == deputy[0]:
        faults.append(Invalid("own_deputy", "Somebody else decides meanwhile", field="deputy"))
    elif deputy[1] in NO_DEPUTIES:
        faults.append(Invalid("no_deputy", "Administrators and auditors decide on no money, for "
                              "nobody: choose another colleague", field="deputy"))  # fmt: skip
    if not permissions or not set(permissions) <= set(lendable(lender[1])):
        faults.append(Invalid("not_lendable", "Tick at least one decision, of those that are "
                              "theirs", field="permissions"))  # fmt: skip
    if up_to_minor is not None and up_to_minor <= 0:
        faults.append(Invalid("amount_not_positive", "More than zero, or nothing for their own "
                              "limit", field="up_to"))  # fmt: skip
    if last < max(first, on):
        faults.append(Invalid("delegation_days", "The last day is today or later, and not before "
                              "the first", field="to_on"))  # fmt: skip
    elif last - first >= timedelta(days=MOST_DAYS):
        faults.append(Invalid("delegation_long", "For {days} days at most: longer than that, a "
                              "role is given", field="to_on", days=MOST_DAYS))  # fmt: skip
    return faults
