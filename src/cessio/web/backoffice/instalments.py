"""A payment in parts as a form: a day and an amount a row, proposed equal and monthly."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from cessio.collections.rules.promises import MOST_INSTALMENTS
from cessio.kernel.calendar import add_months, next_business_day
from cessio.kernel.money import allocate
from cessio.web.backoffice.lists import typed_amount
from cessio.web.forms import Form, Submitted, amount, day

#: Empty rows offered beside those that are filled.
SPARE = 2


def proposed(
    submitted: Submitted, *, first: date, count: int, owed_minor: int, currency: str
) -> Form:
    """The form again with its rows filled: equal parts, each on a day on which banks work."""
    kept = {name: values for name, values in submitted.fields.items() if not _is_row(name)}
    for place, part in enumerate(allocate(owed_minor, [1] * count)):
        kept[f"part_day_{place}"] = (monthly(first, count)[place].isoformat(),)
        kept[f"part_amount_{place}"] = (typed_amount(part, currency),)
    return Form(replace(submitted, fields=kept))


def monthly(first: date, count: int) -> list[date]:
    """The first day, and one a month after it on which banks work."""
    return [first, *(next_business_day(add_months(first, place)) for place in range(1, count))]


def places(form: Form) -> list[int]:
    """The rows to show: those with something in them and some empty ones; none unasked."""
    filled = [place for place in range(MOST_INSTALMENTS) if _typed(form, place)]
    if not filled and "part_day_0" not in form.submitted.fields:
        return []
    return list(range(min(MOST_INSTALMENTS, max(filled, default=0) + 1 + SPARE)))


def read(form: Form, currency: str) -> list[tuple[date, int]]:
    """The parts typed, by day; a row with nothing in it is none."""
    found = []
    for place in range(MOST_INSTALMENTS):
        names = f"part_day_{place}", f"part_amount_{place}"
        if _typed(form, place):
            found.append((form.need(names[0], day()), form.need(names[1], amount(currency))))
        else:
            form.maybe(names[0], day())
            form.maybe(names[1], amount(currency))
    return sorted(found) if not form.faults else []


def _typed(form: Form, place: int) -> bool:
    return bool((form.raw(f"part_day_{place}") + form.raw(f"part_amount_{place}")).strip())


def _is_row(name: str) -> bool:
    return name.startswith(("part_day_", "part_amount_"))
