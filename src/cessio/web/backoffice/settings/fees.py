"""Fee grids: what an occurrence costs, by amount from which it holds."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from cessio.agreeing.deeds.contracts import AddFeeGrid, ChangePrices
from cessio.contracts import queries
from cessio.contracts.operations import Named
from cessio.contracts.queries import GridView
from cessio.contracts.rules import FeeKind
from cessio.contracts.rules.grids import CHARGED, FeeLine, fee_of
from cessio.identity import Permission
from cessio.kernel.errors import CessioError
from cessio.plumbing import formats
from cessio.plumbing.i18n import language
from cessio.web.backoffice import lists
from cessio.web.backoffice.second import put
from cessio.web.backoffice.settings.common import PATH, SEE, SET, told
from cessio.web.forms import Form, amount, chosen, day, rate, text
from cessio.web.guards import proven
from cessio.web.render import lazy, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.words import label

HOME = f"{PATH}/fees"
#: Empty lines offered under those there are.
SPARE, MOST = 4, 40
#: Amounts the page shows what a fee would cost for.
EXAMPLES = (1_000_00, 25_000_00, 250_000_00)
#: What makes a fee due.
WHEN = {
    FeeKind.SETUP: lazy("when the contract starts"),
    FeeKind.ANNUAL: lazy("each year of the contract after the first, when it begins"),
    FeeKind.MONTHLY: lazy("at the end of each month, while the contract runs"),
    FeeKind.DEBTOR_STUDY: lazy("for the first limit somebody decides on a debtor"),
    FeeKind.COVER_REQUEST: lazy("for each limit the client asks for"),
    FeeKind.REMITTANCE: lazy(
        "for each remittance assigned, not of credit notes alone; given back if it is reversed"
    ),
    FeeKind.PAYOUT: lazy("for each payout the bank carried out"),
    FeeKind.DISPUTE: lazy("for each dispute opened; given back if it is reversed"),
}


@get(HOME, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def list_grids(request: AnyRequest, session: Db, signed: Who, on: On) -> Response[Any]:
    """Every grid, its fees today, where it is used."""
    return render(
        request, "backoffice/settings/list_grids.html", rows=queries.fee_grids(session), on=on,
        language=language(), may_set=signed.may(Permission.MANAGE_SETTINGS),
    )  # fmt: skip


@get(f"{HOME}/new", guards=[SET, proven], include_in_schema=False, sync_to_thread=True)
def new_grid(request: AnyRequest, on: On) -> Response[Any]:
    """Another price list."""
    return _form(request, Form(effective_from=on.isoformat(), code="", name_fr="", name_en=""))


@post(HOME, guards=[SET, proven], include_in_schema=False, sync_to_thread=True)
def add_grid(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Ask for it."""
    form = Form(submitted)
    named = Named(form.need("code", text(20)) or "", form.need("name_fr", text(80)) or "",
                  form.need("name_en", text(80)) or "")  # fmt: skip
    effective_from = form.need("effective_from", day())
    lines = _read(form)
    if form.valid():
        try:
            return put(session, AddFeeGrid(named, tuple(lines), effective_from), signed, at)
        except CessioError as error:
            form.refuse(error)
    return _form(request, form, status=422)


@get(f"{HOME}/{{grid_id:int}}", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_grid(request: AnyRequest, session: Db, signed: Who, on: On, grid_id: Id) -> Response[Any]:
    """Its fees, what they come to, its versions."""
    grid = queries.fee_grid(session, grid_id)
    held = grid.on(on) or grid.versions[-1]
    costs = [
        (kind, [fee_of(held.lines, kind, base) for base in EXAMPLES])
        for kind in dict.fromkeys(line.kind for line in held.lines)
    ]
    return render(
        request, "backoffice/settings/show_grid.html", grid=grid, held=held, costs=costs,
        examples=EXAMPLES, charged=CHARGED, when=WHEN, language=language(),
        told=told(session, "fee_grid", grid_id),
        offers=[one for one in queries.offers(session) if _uses(one, grid_id, on)],
        may_set=signed.may(Permission.MANAGE_SETTINGS),
    )  # fmt: skip


@get(
    f"{HOME}/{{grid_id:int}}/edit",
    guards=[SET, proven],
    include_in_schema=False,
    sync_to_thread=True,
)
def edit_grid(request: AnyRequest, session: Db, on: On, grid_id: Id) -> Response[Any]:
    """Other fees from a date on."""
    grid = queries.fee_grid(session, grid_id)
    held = grid.on(on) or grid.versions[-1]
    started: dict[str, object] = {"effective_from": on.isoformat(), "note": ""}
    for place, line in enumerate(held.lines):
        started |= {
            f"kind_{place}": line.kind.value, f"rate_{place}": formats.number(line.rate * 100, 3),
            f"from_{place}": lists.typed_amount(line.from_minor, grid.currency),
            f"flat_{place}": lists.typed_amount(line.flat_minor, grid.currency),
        }  # fmt: skip
    return _form(request, Form(**started), grid, lines=len(held.lines))


@post(f"{HOME}/{{grid_id:int}}", guards=[SET, proven], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def change_grid(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, grid_id: Id
) -> Response[Any]:
    """Ask for other prices from a date on."""
    grid = queries.fee_grid(session, grid_id)
    form = Form(submitted)
    effective_from = form.need("effective_from", day())
    note = form.maybe("note", text(200))
    lines = _read(form)
    if form.valid():
        try:
            asked = ChangePrices(grid_id, tuple(lines), effective_from, note)
            return put(session, asked, signed, at)
        except CessioError as error:
            form.refuse(error)
    return _form(request, form, grid, lines=len(lines), status=422)


def _read(form: Form) -> list[FeeLine]:
    """The lines typed; one without a kind is left out."""
    lines = []
    for place in range(MOST):
        if f"kind_{place}" not in form.submitted.fields:
            break
        kind = form.maybe(f"kind_{place}", chosen(FeeKind))
        start = form.maybe(f"from_{place}", amount(minimum_minor=0))
        flat = form.maybe(f"flat_{place}", amount(minimum_minor=0))
        share = form.maybe(f"rate_{place}", rate(0, 1))
        if kind is not None:
            lines.append(FeeLine(kind, start or 0, flat or 0, share or FeeLine(kind).rate))
    return lines


def _form(
    request: AnyRequest, form: Form, grid: GridView | None = None, *, lines: int = 0,
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    sent = sum(1 for name in form.submitted.fields if name.startswith("kind_"))
    return render(
        request, "backoffice/settings/edit_grid.html", status=status, form=form, grid=grid,
        places=list(range(min(MOST, max(sent, lines + SPARE)))), language=language(),
        kinds=[(one.value, label(one)) for one in FeeKind if one in CHARGED | _kinds(grid)],
    )  # fmt: skip


def _kinds(grid: GridView | None) -> frozenset[FeeKind]:
    """The fees a grid prices already."""
    versions = grid.versions if grid else ()
    return frozenset(line.kind for version in versions for line in version.lines)


def _uses(offer: Any, grid_id: int, on: Any) -> bool:
    held = offer.on(on)
    return held is not None and held.fee_grid_id == grid_id


HANDLERS = [list_grids, new_grid, add_grid, show_grid, edit_grid, change_grid]
