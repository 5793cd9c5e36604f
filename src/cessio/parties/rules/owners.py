"""A person who owns or controls a company in the end: more than a quarter, or by other means."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from cessio.kernel.errors import Invalid

#: A share is in hundredths of a percent; this is all of it.
WHOLE_BP = 10_000
_NAME_MAX = 120
_FIRST_BIRTH = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class OwnerDetails:
    """The person; without a share, control is by other means."""

    name: str
    born_on: date
    share_bp: int | None
    since_on: date


def checked_owner(owner: OwnerDetails, *, on: date) -> tuple[OwnerDetails, list[Invalid]]:
    """The details as they are kept, and every fault with its field."""
    kept = replace(owner, name=" ".join(owner.name.split()))
    problems = []
    if not 2 <= len(kept.name) <= _NAME_MAX:
        problems.append(Invalid("owner_name", "Give first name and family name", field="name"))
    if not _FIRST_BIRTH <= kept.born_on < on:
        problems.append(Invalid("owner_born", "A day of birth is before today", field="born_on"))
    if kept.share_bp is not None and not 1 <= kept.share_bp <= WHOLE_BP:
        problems.append(Invalid("owner_share", "More than 0 and at most 100 percent",
                                field="share"))  # fmt: skip
    if not kept.born_on < kept.since_on <= on:
        problems.append(Invalid("owner_since", "After the day of birth, and not after today",
                                field="since_on"))  # fmt: skip
    return kept, problems
