"""Dunning plans: what is said to a debtor how many days around the due date, and to whom not.

A step is reached by an invoice on its day; it is said on the first business day from then on, or
not at all once ``catch_up_days`` have passed. Steps of one track follow each other, so an invoice
that reaches two at once is written to once, by the later one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from cessio.collections.rules.promises import awaited_until
from cessio.contracts.rules import NotificationMode
from cessio.kernel.errors import CessioError, Invalid
from cessio.parties.rules import Segment

#: Steps a plan may have, and how far from the due date they may be.
MAX_STEPS, EARLIEST, LATEST = 15, -60, 365
#: Days after which an unsaid step is no longer said, and between two letters, at the most.
MAX_CATCH_UP, MAX_QUIET = 30, 60
CATCH_UP_DAYS, QUIET_DAYS = 5, 3

#: The texts a step may be written with; see ``collections.texts``.
BEFORE_DUE, REMINDER, SECOND_REMINDER, FORMAL_NOTICE = (
    "dunning_before_due", "dunning_reminder", "dunning_second_reminder", "dunning_formal_notice",
)  # fmt: skip
SHORT = "dunning_sms"
TEXTS: tuple[str, ...] = (BEFORE_DUE, REMINDER, SECOND_REMINDER, FORMAL_NOTICE, SHORT)


class DunningChannel(StrEnum):
    """How a step reaches the debtor."""

    MAIL = "mail"
    SMS = "sms"
    LETTER = "letter"
    REGISTERED = "registered"  # a formal notice, by registered letter
    CALL = "call"
    LEGAL = "legal"  # the file goes to legal recovery; only after a formal notice


class Track(StrEnum):
    """Steps that follow each other: a call does not stand for a letter."""

    WRITTEN = "written"
    CALLED = "called"


class LeftOut(StrEnum):
    """Why an invoice that reached a step is left out of this letter."""

    DISPUTED = "disputed"
    PROMISED = "promised"
    SAID_PAID = "said_paid"
    INSOLVENT = "insolvent"
    HANDED_OVER = "handed_over"
    QUIET = "quiet"
    NO_ADDRESS = "no_address"


WRITTEN = (DunningChannel.MAIL, DunningChannel.SMS, DunningChannel.LETTER,
           DunningChannel.REGISTERED)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happens ``days`` after the due date (before it when negative).

    Empty conditions hold for all; amounts are what is open on one invoice.
    """

    days: int
    channel: DunningChannel
    template: str | None = None
    min_minor: int | None = None
    max_minor: int | None = None
    segments: tuple[Segment, ...] = ()
    languages: tuple[str, ...] = ()
    modes: tuple[NotificationMode, ...] = ()
    in_dispute: bool = False
    in_promise: bool = False

    @property
    def track(self) -> Track:
        """The steps it follows."""
        return Track.WRITTEN if self.channel in WRITTEN else Track.CALLED

    @property
    def has_conditions(self) -> bool:
        """Whether it is not for everybody."""
        return any((self.min_minor, self.max_minor, self.segments, self.languages, self.modes,
                    self.in_dispute, self.in_promise))  # fmt: skip


#: The ladder of the house (domain.md, section 6).
LADDER: tuple[Step, ...] = (
    Step(days=-5, channel=DunningChannel.MAIL, template=BEFORE_DUE),
    Step(days=3, channel=DunningChannel.MAIL, template=REMINDER),
    Step(days=10, channel=DunningChannel.CALL),
    Step(days=15, channel=DunningChannel.LETTER, template=SECOND_REMINDER),
    Step(days=30, channel=DunningChannel.REGISTERED, template=FORMAL_NOTICE),
    Step(days=45, channel=DunningChannel.LEGAL),
)


def ordered(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps in the order in which they happen."""
    return tuple(sorted(steps, key=lambda one: (one.days, one.track, one.channel)))


def plan_problems(
    steps: Sequence[Step], *, catch_up_days: int, quiet_days: int, texts: Collection[str] = TEXTS
) -> list[CessioError]:
    """Everything that keeps a plan from being used."""
    faults: list[CessioError] = []
    if not steps:
        faults.append(Invalid("plan_empty", "a plan has at least one step", field="steps"))
    if len(steps) > MAX_STEPS:
        faults.append(Invalid("plan_too_long", "a plan has at most {most} steps", field="steps",
                              most=MAX_STEPS))  # fmt: skip
    if not 0 <= catch_up_days <= MAX_CATCH_UP:
        faults.append(_outside("catch_up_days", 0, MAX_CATCH_UP))
    if not 0 <= quiet_days <= MAX_QUIET:
        faults.append(_outside("quiet_days", 0, MAX_QUIET))
    for place, step in enumerate(steps, start=1):
        faults.extend(_step_problems(step, place, texts))
    return faults


def promised_since(on: date) -> date:
    """The earliest day of a promise whose money may still come in time on a day."""
    day = on
    while awaited_until(day - timedelta(days=1)) >= on:
        day -= timedelta(days=1)
    return day


def text_instead(tone: str) -> str:
    """What is written to somebody whom no SMS reaches."""
    return BEFORE_DUE if tone == "before" else REMINDER


def answer_days(template: str) -> int:
    """The days a letter gives to pay: those of a formal notice are eight."""
    return 8 if template == FORMAL_NOTICE else 10


def _outside(field: str, least: int, most: int) -> CessioError:
    return Invalid("days_outside", "between {least} and {most} days", field=field, least=least,
                   most=most)  # fmt: skip


def _step_problems(step: Step, place: int, texts: Collection[str]) -> Iterator[CessioError]:
    at: dict[str, Any] = {"field": f"days_{place - 1}", "place": place}
    reminders = (DunningChannel.MAIL, DunningChannel.SMS, DunningChannel.LETTER)
    if not EARLIEST <= step.days <= LATEST:
        yield Invalid("step_days", "step {place}: between {least} and {most} days",
                      least=EARLIEST, most=LATEST, **at)  # fmt: skip
    if (step.channel in WRITTEN) != (step.template is not None):
        yield Invalid("step_text", "step {place}: a mail or letter has a text, a call has none",
                      **at)  # fmt: skip
    elif step.template is not None and step.template not in texts:
        yield Invalid("step_text_unknown", "step {place}: there is no such text", **at)
    if step.channel not in reminders and step.days <= 0:
        yield Invalid("step_too_early",
                      "step {place}: only a reminder is sent before an invoice is late",
                      **at)  # fmt: skip
    if step.channel is DunningChannel.REGISTERED and step.template != FORMAL_NOTICE:
        yield Invalid("step_formal", "step {place}: a registered letter is a formal notice", **at)
    if step.template in texts and (step.channel is DunningChannel.SMS) != (step.template == SHORT):
        yield Invalid("step_short", "step {place}: an SMS has the text of an SMS, and nothing else"
                      " has", **at)  # fmt: skip
    if step.min_minor and step.max_minor and step.min_minor > step.max_minor:
        yield Invalid("step_amounts", "step {place}: the least amount is above the most", **at)
