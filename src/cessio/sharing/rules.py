"""What may be shared, with whom, and for how long."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from enum import StrEnum

from cessio.kernel.calendar import add_months
from cessio.kernel.errors import Invalid

#: Nothing is shared for longer without the client saying so again: a year end and its closing.
LONGEST_MONTHS = 13


class Part(StrEnum):
    """What of a client's book a share shows."""

    STATEMENTS = "statements"
    COSTS = "costs"
    INVOICES = "invoices"
    TODAY = "today"
    DOCUMENTS = "documents"
    ACCOUNTING = "accounting"
    INDICATORS = "indicators"


class ShareRole(StrEnum):
    """What the reader is to the client."""

    ACCOUNTANT = "accountant"
    BANKER = "banker"


class Kind(StrEnum):
    """How the reader comes in: with an account, or by holding the address."""

    GUEST = "guest"
    LINK = "link"


class Act(StrEnum):
    """What was opened."""

    PAGE = "page"
    FILE = "file"


def last_day(on: date) -> date:
    """The last day that may be promised on a day."""
    return add_months(on, LONGEST_MONTHS)


def share_problems(
    *, name: str, firm: str, parts: Collection[Part], contract_ids: Collection[int] | None,
    own_contracts: Collection[int], until_on: date, on: date,
) -> list[Invalid]:  # fmt: skip
    """Everything that is wrong with a share before it begins."""
    problems = [*until_problems(until_on, on)]
    if not 1 <= len(name.strip()) <= 120:
        problems.append(Invalid("share_name", "Say whom it is for", field="name"))
    if len(firm.strip()) > 120:
        problems.append(Invalid("share_firm", "The name of a firm has at most 120 characters",
                                field="firm"))  # fmt: skip
    if not parts:
        problems.append(Invalid("share_parts", "Choose at least one thing to show", field="part"))
    chosen = own_contracts if contract_ids is None else contract_ids
    if not chosen or not set(chosen) <= set(own_contracts):
        problems.append(Invalid("share_contracts", "Choose at least one contract of yours",
                                field="contract"))  # fmt: skip
    return problems


def until_problems(until_on: date, on: date) -> list[Invalid]:
    """What is wrong with the last day of a share that is promised on a day."""
    if until_on < on:
        return [Invalid("share_over", "The last day is today or later", field="until_on")]
    if until_on > last_day(on):
        return [Invalid("share_too_long", "A share lasts until {latest} at most",
                        field="until_on", latest=last_day(on))]  # fmt: skip
    return []
