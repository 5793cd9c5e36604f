"""What a note may be about, and what keeps an item out of a queue, or brings it there."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from cessio.kernel.errors import CessioError, Conflict, Invalid, NotFound

#: A longer delay is a decision, not a delay.
PUT_OFF_DAYS = 92


class Subject(StrEnum):
    """Whom a note or a to-do is about."""

    CLIENT = "client"
    DEBTOR = "debtor"


class NoteUnknown(NotFound):
    """There is no such note, or it was ended."""


class TodoUnknown(NotFound):
    """There is no such thing to do, or it is done."""


class NotPutOff(NotFound):
    """The item is neither put off nor handed over by this person."""


class HandedToOneself(Conflict):
    """Who hands an item over keeps it not."""


def put_off_fault(until_on: date, on: date) -> CessioError | None:
    """Why an item cannot be put off until that day, if it cannot."""
    if until_on <= on:
        return Invalid(
            "put_off_too_early", "Put it off until a day after today", field="until_on"
        )  # fmt: skip
    if until_on > on + timedelta(days=PUT_OFF_DAYS):
        return Invalid(
            "put_off_too_long", "Put it off for {days} days at most", field="until_on",
            days=PUT_OFF_DAYS,
        )  # fmt: skip
    return None
