"""What the factor set for itself: products, fee grids, texts, working days and cut-offs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from cessio import agreeing, house
from cessio.agreeing.deeds.contracts import ChangePrices
from cessio.contracts import queries as catalogue
from cessio.contracts.rules import FeeKind
from cessio.contracts.rules.grids import CHARGED, MAX_LINES, FeeLine
from cessio.correspondence import Text, change_wording
from cessio.correspondence import queries as texts
from cessio.correspondence.kinds import kind_of
from cessio.correspondence.rules import MAX_BODY, MAX_SUBJECT
from cessio.house import queries
from cessio.identity import Permission, Scope, Signed
from cessio.kernel.calendar import days, is_business_day
from cessio.kernel.errors import Invalid
from cessio.web import knowing
from cessio.web.api.machinery import (
    RAW,
    Input,
    Minor,
    Raw,
    Words,
    give,
    once,
    permitted,
    staff_only,
)
from cessio.web.guards import api
from cessio.web.requests import AnyRequest, At, Db, Who

PATH = "/api/v1/settings"
TAGS = ["settings"]
READ, WRITE = api(Scope.CONTRACTS_READ), api(Scope.SETTINGS_WRITE)
#: Days asked for at once, at most.
MOST_DAYS = 800


class ClosedDay(Input):
    """A day to come on which the house does not work."""

    day: date
    label: Annotated[str, msgspec.Meta(max_length=80)]


class OpenedDay(Input):
    """A day of the house's own that it works on after all."""

    day: date


class GridLine(Input):
    """From a base on, a fixed amount and a share of the base: ``rate`` is a decimal fraction."""

    kind: FeeKind
    from_minor: Minor = 0
    flat_minor: Minor = 0
    rate: Decimal = Decimal(0)


class GridVersion(Input):
    """The whole price list from a day on."""

    effective_from: date
    lines: Annotated[list[GridLine], msgspec.Meta(max_length=MAX_LINES)]
    note: Words | None = None


class Wording(Input):
    """A text in one language, from now on."""

    language: Literal["fr", "en"]
    subject: Annotated[str, msgspec.Meta(max_length=MAX_SUBJECT)]
    body: Annotated[str, msgspec.Meta(max_length=MAX_BODY)]
    note: Words | None = None


@get(f"{PATH}/products", guards=[READ], tags=TAGS, sync_to_thread=True)
def list_products(session: Db, signed: Who) -> Response[bytes]:
    """Products as the factor names them, each with its versions and their terms."""
    staff_only(signed)
    return give({"products": catalogue.offers(session)})


@get(f"{PATH}/fee-grids", guards=[READ], tags=TAGS, sync_to_thread=True)
def list_fee_grids(session: Db, signed: Who) -> Response[bytes]:
    """Price lists of fees with their versions; ``charged`` are the fees charged by themselves."""
    staff_only(signed)
    return give({"fee_grids": catalogue.fee_grids(session), "charged": sorted(CHARGED)})


@post(f"{PATH}/fee-grids/{{grid_id:int}}/versions", guards=[WRITE], tags=TAGS, dependencies=RAW,
      sync_to_thread=True)  # fmt: skip
def change_fee_grid(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, grid_id: FromPath[int],
    data: JSONBody[GridVersion],
) -> Response[bytes]:  # fmt: skip
    """Ask for other prices from a day on: they hold once a second person agrees."""
    _set(signed)

    def act() -> dict[str, int]:
        lines = [FeeLine(one.kind, one.from_minor, one.flat_minor, one.rate) for one in data.lines]
        deed = ChangePrices(grid_id, tuple(lines), data.effective_from, data.note)
        return {"approval_id": agreeing.ask(session, deed=deed, by=signed.by, at=at)}

    return once(request, session, signed, at, raw, act)


@get(f"{PATH}/texts", guards=[READ], tags=TAGS, sync_to_thread=True)
def list_texts(session: Db, signed: Who) -> Response[bytes]:
    """Letters and mails: the values each may name, and its words in both languages."""
    staff_only(signed)
    return give({"texts": [_text(one) for one in texts.templates(session)]})


@post(f"{PATH}/texts/{{code:str}}", guards=[WRITE], tags=TAGS, dependencies=RAW,
      sync_to_thread=True)  # fmt: skip
def change_text(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, code: FromPath[str],
    data: JSONBody[Wording],
) -> Response[bytes]:  # fmt: skip
    """Use other words in one language from now on."""
    _set(signed)

    def act() -> dict[str, str]:
        change_wording(
            session, code=kind_of(code).code, language=data.language, note=data.note,
            text=Text(data.subject, data.body), by=signed.by, at=at,
        )  # fmt: skip
        return {"code": code, "language": data.language}

    return once(request, session, signed, at, raw, act)


@get(f"{PATH}/calendar", guards=[READ], tags=TAGS, sync_to_thread=True)
def show_calendar(session: Db, from_on: FromQuery[date], to_on: FromQuery[date]) -> Response[bytes]:
    """Business days of a period, the days the house closed itself, and the cut-offs."""
    if not 0 <= (to_on - from_on).days <= MOST_DAYS:
        raise Invalid("period_too_long", "ask for {most} days at most, in order", field="to_on",
                      most=MOST_DAYS)  # fmt: skip
    own = queries.own_days(session, from_on=from_on, to_on=to_on)
    open_days = [one for one in days(from_on, to_on) if is_business_day(one)]
    return give({
        "business_days": open_days + ([to_on] if is_business_day(to_on) else []),
        "closed_by_the_house": [{"day": one.day, "label": one.label} for one in own],
        "cut_offs": {
            str(what): {"local": one.local.isoformat("minutes"), "place": one.place}
            for what, one in queries.cut_offs(session).items()
        },
    })  # fmt: skip


@post(f"{PATH}/calendar/closings", guards=[WRITE], tags=TAGS, dependencies=RAW,
      sync_to_thread=True)  # fmt: skip
def close_day(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, data: JSONBody[ClosedDay]
) -> Response[bytes]:
    """Do not work on a day to come."""
    _set(signed)

    def act() -> dict[str, date]:
        house.close_day(session, day=data.day, label=data.label, by=signed.by, at=at)
        return {"closed": data.day}

    answer = once(request, session, signed, at, raw, act)
    knowing.forget()
    return answer


@post(f"{PATH}/calendar/openings", guards=[WRITE], tags=TAGS, dependencies=RAW,
      sync_to_thread=True)  # fmt: skip
def open_day(
    request: AnyRequest, session: Db, signed: Who, at: At, raw: Raw, data: JSONBody[OpenedDay]
) -> Response[bytes]:
    """Work on a day to come after all."""
    _set(signed)

    def act() -> dict[str, date]:
        house.open_day(session, day=data.day, by=signed.by, at=at)
        return {"opened": data.day}

    answer = once(request, session, signed, at, raw, act)
    knowing.forget()
    return answer


def _set(signed: Signed) -> None:
    """Raise ``Forbidden`` unless the token's person may change the settings."""
    permitted(signed, Permission.MANAGE_SETTINGS)


def _text(view: texts.TemplateView) -> dict[str, Any]:
    return {
        "code": view.kind.code, "channel": view.kind.channel,
        "values": [one.name for one in view.kind.variables],
        "wordings": [
            {"language": one.language, "subject": one.text.subject, "body": one.text.body,
             "set_at": one.set_at, "set_by": one.set_by}
            for one in view.wordings
        ],
    }  # fmt: skip


HANDLERS = [
    list_products, list_fee_grids, change_fee_grid, list_texts, change_text, show_calendar,
    close_day, open_day,
]  # fmt: skip
