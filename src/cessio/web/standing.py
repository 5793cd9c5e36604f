"""Standing instructions in plain words: what one says, and what its next run would do."""

from __future__ import annotations

from cessio.funding.queries import PlannedRun
from cessio.funding.rules import Instruction, Quiet, StandingMode
from cessio.house import CutOff
from cessio.plumbing import formats
from cessio.plumbing.i18n import gettext as _


def said_in_words(said: Instruction, currency: str) -> str:
    """What an instruction asks for."""
    days = ", ".join(formats.weekday_name(number) for number in said.weekdays)
    above = formats.money(said.above_minor, currency)
    match said.mode:
        case StandingMode.OFF:
            return _("Nothing is drawn by itself: you ask when you want.")
        case StandingMode.DAILY:
            when = _("Each business day")
        case StandingMode.WEEKDAYS:
            when = _("On these days: {days}", days=days)
        case StandingMode.ABOVE:
            when = _("Each business day on which you can draw more than {amount}", amount=above)
    kept = formats.money(said.reserve_minor, currency)
    what = _("all you can draw above {amount}", amount=kept) if said.reserve_minor else _(
        "all you can draw")  # fmt: skip
    parts = [_("{when}: {what}", when=when, what=what)]
    if said.minimum_minor:
        least = formats.money(said.minimum_minor, currency)
        parts.append(_("not less than {amount}", amount=least))
    if said.paused_until is not None:
        parts.append(_("not before {date}", date=formats.date(said.paused_until)))
    return f"{', '.join(parts)}."


def next_in_words(
    planned: PlannedRun, said: Instruction, currency: str, *, cut_off: CutOff, least_minor: int
) -> str:
    """What the next run would do if all stayed as it is now: amount and cost, or why nothing."""
    day, payable = formats.weekday(planned.on), formats.money(planned.payable_minor, currency)
    if planned.due.amount_minor:
        return _sent(planned, currency, day, cut_off)
    match planned.due.quiet:
        case Quiet.PAUSED if said.paused_until is not None:
            return _("Paused: nothing is drawn before {date}.",
                     date=formats.date(said.paused_until))  # fmt: skip
        case Quiet.OTHER_DAY:
            return _("On {day} nothing is drawn: it is not one of your days.", day=day)
        case Quiet.NOT_ABOVE:
            return _("On {day} we would send you nothing: {payable} can be drawn, not more than "
                     "{above}.", day=day, payable=payable,
                     above=formats.money(said.above_minor, currency))  # fmt: skip
        case Quiet.WITHIN_RESERVE:
            return _("On {day} we would send you nothing: {payable} can be drawn, and you keep "
                     "{reserve}.", day=day, payable=payable,
                     reserve=formats.money(said.reserve_minor, currency))  # fmt: skip
        case Quiet.BELOW_MINIMUM:
            least = max(said.minimum_minor, least_minor)
            return _("On {day} we would send you nothing: {amount} can be drawn above what you "
                     "keep, less than {least}.", day=day,
                     amount=formats.money(planned.payable_minor - said.reserve_minor, currency),
                     least=formats.money(least, currency))  # fmt: skip
        case _other:
            return _("Nothing is drawn by itself: you ask when you want.")


def _sent(planned: PlannedRun, currency: str, day: str, cut_off: CutOff) -> str:
    amount, cost = formats.money(planned.due.amount_minor, currency), planned.cost
    time = cut_off.local.strftime("%H:%M")
    if cost is None:
        return _("On {day} before {time} we would send you {amount}.", day=day, time=time,
                 amount=amount)  # fmt: skip
    return _("On {day} before {time} we would send you {amount}, which costs {cost} until your "
             "debtors are due to pay, at {rate} a year.", day=day, time=time, amount=amount,
             cost=formats.money(cost.commission_minor, currency),
             rate=formats.percent(cost.rate, exact=True))  # fmt: skip
