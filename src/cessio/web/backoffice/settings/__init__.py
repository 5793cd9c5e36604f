"""What the factor decides for itself, one module a page; ``index`` says what there is."""

from typing import Any

from cessio.web.backoffice.settings import (
    authority,
    calendar,
    deliveries,
    due_dates,
    factor,
    fees,
    index,
    products,
    reasons,
    teams,
    texts,
)

HANDLERS: list[Any] = [
    *index.HANDLERS, *factor.HANDLERS, *texts.HANDLERS, *calendar.HANDLERS, *authority.HANDLERS,
    *reasons.HANDLERS, *products.HANDLERS, *fees.HANDLERS, *teams.HANDLERS,
    *due_dates.HANDLERS, *deliveries.HANDLERS,
]  # fmt: skip
