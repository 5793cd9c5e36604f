"""Insolvency proceedings of a debtor under French law: kinds, and until when to declare claims."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cessio.kernel.calendar import add_months
from cessio.kernel.errors import CessioError, Invalid

#: Creditors declare their claims within so many months of the publication (C. com. R622-24).
CLAIM_MONTHS = 2


class Procedure(StrEnum):
    """The three judgments that stop what one may ask of a debtor (C. com. L620-1, L631-1, L640-1).

    Sauvegarde, redressement, liquidation.
    """

    SAFEGUARD = "safeguard"
    RECEIVERSHIP = "receivership"
    LIQUIDATION = "liquidation"


class InsolvencyEnd(StrEnum):
    """Why proceedings are over for us."""

    PLAN = "plan"
    CLOSED = "closed"
    MISTAKE = "mistake"


@dataclass(frozen=True, slots=True)
class Judgment:
    """What the court decided and when it was published (BODACC); unpublished yet: None."""

    procedure: Procedure
    judged_on: date
    published_on: date | None = None
    court: str | None = None
    representative: str | None = None
    address: tuple[str, ...] = ()


def claims_due_on(published_on: date | None) -> date | None:
    """The last day to declare claims (L622-24, R622-24); not known before the publication.

    A last day that is no working day is not put off: earlier is safe, later is lost.
    """
    return None if published_on is None else add_months(published_on, CLAIM_MONTHS)


def judgment_faults(judgment: Judgment, on: date) -> list[CessioError]:
    """Everything wrong with a judgment noted on a day."""
    faults: list[CessioError] = []
    if judgment.judged_on > on:
        faults.append(
            Invalid("judgment_to_come", "a judgment is not noted before its day",
                    field="judged_on")
        )  # fmt: skip
    published = judgment.published_on
    if published is not None and not judgment.judged_on <= published <= on:
        faults.append(
            Invalid("publication_out_of_order",
                    "a judgment is published after its day, and not later than today",
                    field="published_on")
        )  # fmt: skip
    return faults
