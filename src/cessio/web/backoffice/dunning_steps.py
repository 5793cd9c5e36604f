"""The steps of a dunning plan as a form: a row each, read back without losing what was typed."""

from __future__ import annotations

from typing import Any

from cessio.collections import DunningChannel, Steps
from cessio.collections.queries import VersionView
from cessio.collections.rules import LADDER, TEXTS, Step
from cessio.collections.rules.plans import CATCH_UP_DAYS, EARLIEST, LATEST, MAX_STEPS, QUIET_DAYS
from cessio.contracts.rules import NotificationMode
from cessio.correspondence.kinds import kind_of
from cessio.parties.rules import Segment
from cessio.plumbing.i18n import LANGUAGES
from cessio.web.backoffice.lists import typed_amount
from cessio.web.forms import Form, amount, chosen, integer, one_of, text
from cessio.web.words import label

#: Empty rows offered beside those of the plan.
SPARE = 2


def initial(held: VersionView | None, **more: object) -> Form:
    """The form of a plan's latest version, or of the house's ladder."""
    steps = tuple(one.step for one in held.steps) if held else LADDER
    values: dict[str, object] = {
        "catch_up_days": held.catch_up_days if held else CATCH_UP_DAYS,
        "quiet_days": held.quiet_days if held else QUIET_DAYS, "note": "", **more,
    }  # fmt: skip
    for place, step in enumerate(steps):
        values |= _typed(step, place)
    return Form(**values)


def places(form: Form, held: VersionView | None) -> list[int]:
    """The rows to show: those of the plan or of what was sent, and some empty ones."""
    sent = sum(1 for name in form.submitted.fields if name.startswith("days_"))
    known = len(held.steps) if held else len(LADDER)
    return list(range(min(MAX_STEPS, max(sent, known + SPARE))))


def read(form: Form) -> Steps:
    """What was typed; a row without a channel is left out. Unusable before ``form.valid()``."""
    steps = [step for place in range(MAX_STEPS) if (step := _read(form, place)) is not None]
    return Steps(
        tuple(steps), form.need("catch_up_days", integer(0)), form.need("quiet_days", integer(0)),
        form.maybe("note", text(200)),
    )  # fmt: skip


def choices() -> dict[str, list[tuple[str, str]]]:
    """What each column offers."""
    return {
        "channels": [(one.value, label(one)) for one in DunningChannel],
        "texts": [(code, str(kind_of(code).label)) for code in TEXTS],
        "segments": [(one.value, label(one)) for one in Segment],
        "languages": [(one, one.upper()) for one in LANGUAGES],
        "modes": [(one.value, label(one)) for one in NotificationMode],
    }


def _typed(step: Step, place: int) -> dict[str, Any]:
    return {
        f"days_{place}": step.days, f"channel_{place}": step.channel.value,
        f"text_{place}": step.template or "",
        f"min_{place}": "" if step.min_minor is None else typed_amount(step.min_minor),
        f"max_{place}": "" if step.max_minor is None else typed_amount(step.max_minor),
        f"segment_{place}": step.segments[0].value if step.segments else "",
        f"language_{place}": step.languages[0] if step.languages else "",
        f"mode_{place}": step.modes[0].value if step.modes else "",
        f"dispute_{place}": step.in_dispute, f"promise_{place}": step.in_promise,
    }  # fmt: skip


def _read(form: Form, place: int) -> Step | None:
    if f"channel_{place}" not in form.submitted.fields:
        return None
    channel = form.maybe(f"channel_{place}", chosen(DunningChannel))
    reader = form.maybe if channel is None else form.need
    days = reader(f"days_{place}", integer(EARLIEST, LATEST))
    written = form.maybe(f"text_{place}", one_of(TEXTS))
    least = form.maybe(f"min_{place}", amount(minimum_minor=0))
    most = form.maybe(f"max_{place}", amount(minimum_minor=0))
    segment = form.maybe(f"segment_{place}", chosen(Segment))
    language = form.maybe(f"language_{place}", one_of(LANGUAGES))
    mode = form.maybe(f"mode_{place}", chosen(NotificationMode))
    in_dispute, in_promise = form.flag(f"dispute_{place}"), form.flag(f"promise_{place}")
    if channel is None:
        return None
    return Step(
        days=days or 0, channel=channel, template=written, min_minor=least, max_minor=most,
        segments=(segment,) if segment else (), languages=(language,) if language else (),
        modes=(mode,) if mode else (), in_dispute=in_dispute, in_promise=in_promise,
    )  # fmt: skip
