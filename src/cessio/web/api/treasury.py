"""Cash as treasury sees it: every movement by any filter, and the position."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from litestar import Response, get

from cessio.banking import queries as bank
from cessio.cash import queries as cash
from cessio.cash.queries import LineFilter, LineOrder, LineState
from cessio.funding.queries.inflows import due_weeks
from cessio.funding.queries.reconciling import (
    clearing,
    open_sums,
    sealed_sums,
    stray_debits,
)
from cessio.identity import Scope
from cessio.kernel.errors import Invalid
from cessio.web.api.machinery import PAGE, asked_id, give, page_asked, staff_only
from cessio.web.guards import api, query_fields
from cessio.web.readers import chosen, day
from cessio.web.requests import AnyRequest, Db, On, Who

TAGS = ["treasury"]
E = TypeVar("E", bound=StrEnum)
MOVEMENTS = (
    "state", "order", "account_id", "from_on", "to_on", "amount_minor", "payer", "owner_id",
)  # fmt: skip


@get(
    "/api/v1/bank-movements",
    guards=[api(Scope.CASH_READ), query_fields(*MOVEMENTS, *PAGE)],
    tags=TAGS,
    sync_to_thread=True,
)
def list_movements(request: AnyRequest, session: Db, signed: Who, on: On) -> Response[bytes]:
    """Movements of our accounts, page by page, with the totals of everything the filter finds.

    ``state`` is ``match``, ``parked``, ``open`` (the default: the suspense account) or ``applied``;
    ``account_id``, ``from_on``, ``to_on``, ``amount_minor``, ``payer`` (part of a name, or an
    IBAN) and ``owner_id`` narrow it; ``order`` is ``date``, ``amount`` or ``parked``, with ``-``
    the other way round.
    """
    staff_only(signed)
    asked = request.query_params
    wanted = LineFilter(
        on=on, state=_chosen(request, "state", LineState.OPEN),
        order=_chosen(request, "order", LineOrder.OLDEST),
        account_id=asked_id(request, "account_id"),
        from_on=day()(asked["from_on"]) if asked.get("from_on") else None,
        to_on=day()(asked["to_on"]) if asked.get("to_on") else None,
        amount_minor=_minor(request), payer=asked.get("payer") or None,
        owner_id=asked_id(request, "owner_id"),
    )  # fmt: skip
    page = cash.lines(session, page_asked(request), wanted)
    return give(
        {
            "rows": page.rows, "next": page.next, "previous": page.previous,
            "totals": cash.line_totals(session, wanted),
        }
    )  # fmt: skip


@get("/api/v1/treasury-position", guards=[api(Scope.CASH_READ)], tags=TAGS, sync_to_thread=True)
def show_position(session: Db, signed: Who, on: On) -> Response[bytes]:
    """Our accounts by our books and by the bank, payouts not debited, what falls due by week."""
    staff_only(signed)
    payouts = [
        {"state": state, "currency": currency, "count": count, "amount_minor": minor}
        for (state, currency), (count, minor) in open_sums(session).items()
    ]
    return give(
        {
            "on": on, "accounts": bank.positions(session), "payouts": payouts,
            "sealed_not_sent_minor": sealed_sums(session),
            "payout_clearing_minor": clearing(session), "gaps": bank.gaps(session),
            "debited_although_given_back": stray_debits(session),
            "due_weeks": due_weeks(session, on=on),
        }
    )  # fmt: skip


def _chosen(request: AnyRequest, name: str, default: E) -> E:
    return chosen(type(default))(request.query_params.get(name) or default.value)


def _minor(request: AnyRequest) -> int | None:
    """An amount in minor units, negative for money out."""
    given = request.query_params.get("amount_minor", "")
    if not given:
        return None
    if not given.removeprefix("-").isdecimal() or not given.isascii() or len(given) > 19:
        raise Invalid("number_unreadable", "{name} is a whole number", field="amount_minor",
                      name="amount_minor")  # fmt: skip
    return int(given)


HANDLERS = [list_movements, show_position]
