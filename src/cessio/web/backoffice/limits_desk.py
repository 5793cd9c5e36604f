"""The limits desk: requests by amount × urgency, answered ones, how the desk works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.house import Act
from cessio.house import queries as house
from cessio.identity import Permission
from cessio.kernel.errors import CessioError
from cessio.kernel.paging import Page, PageRequest, page_of
from cessio.limits import operations
from cessio.limits import queries as limits
from cessio.limits.queries import InsurerWord, PairStanding, ProposalRow, RequestRow
from cessio.limits.rules import PromiseBand, Urgency, urgency
from cessio.parties import client_names
from cessio.parties import queries as parties
from cessio.web.actors import actors
from cessio.web.backoffice import lists
from cessio.web.exports import Column, export
from cessio.web.forms import Form, amount, integer
from cessio.web.guards import staff
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, On, Sent, Who
from cessio.web.words import label

SEE = Permission.SEE_LIMITS
DECIDE = Permission.DECIDE_LIMITS
DESK = "/backoffice/limits"
#: Requests read at once: a house answers its requests within days.
_MOST = 2_000
#: Lines of answer times on their form.
_BANDS = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """A request in the queue, with how pressing it is and how its debtor stands."""

    request: RequestRow
    urgency: Urgency
    client_name: str
    proposal: ProposalRow | None


_ORDERS: dict[str, Any] = {
    "urgency": lambda row: row.urgency.rank,
    "amount": lambda row: row.request.amount_minor,
    "due": lambda row: row.request.answer_due_on,
    "asked": lambda row: row.request.asked_at,
    "debtor": lambda row: row.request.debtor_name.casefold(),
}


@get(DESK, guards=[staff(SEE)], include_in_schema=False, sync_to_thread=True)
def list_requests(request: AnyRequest, session: Db, signed: Who, at: At, on: On) -> Response[Any]:
    """What clients ask for, the most pressing first; what was answered by ``?state=answered``."""
    if request.query_params.get("state") == "answered":
        return _answered(request, session, at)
    rows = _waiting(request, session, on)
    page = _page_of(rows, lists.asked_page(request))
    pairs = [(row.request.contract_id, row.request.debtor_id) for row in page.rows]
    wanted = lists.file_format(request)
    if wanted:
        pairs = [(row.request.contract_id, row.request.debtor_id) for row in rows]
    held = limits.pair_standings(session, pairs, on=on)
    words = limits.insurer_words(session, pairs)
    if wanted:
        return _file(request, wanted, rows, held, words, at)
    return render(
        request, "backoffice/limits/list_requests.html", found=page, on=on, held=held,
        words=words, all_rows=[row.request for row in rows],
        late=sum(row.urgency.is_late for row in rows), may_decide=signed.may(DECIDE),
        names=actors(session, [row.request.asked_by for row in page.rows]),
    )  # fmt: skip


def _waiting(request: AnyRequest, session: Session, on: date) -> list[Asked]:
    """Every open request that the filters keep, in the order asked for."""
    contract_id = lists.asked_number(request, "contract")
    open_ones = limits.requests(session, contract_id=contract_id, open_only=True, limit=_MOST)
    names = client_names(session, {row.client_id for row in open_ones})
    proposed = {row.request_id: row for row in limits.open_proposals(session) if row.request_id}
    rows = [
        Asked(row, urgency(row.amount_minor, due_on=row.answer_due_on, on=on),
              names.get(row.client_id, ""), proposed.get(row.id))
        for row in open_ones
    ]  # fmt: skip
    typed = (lists.asked_text(request, "q") or "").casefold()
    due = request.query_params.get("due")
    kept = [
        row for row in rows
        if typed in f"{row.request.debtor_name} {row.client_name}".casefold()
        and (due != "late" or row.urgency.is_late)
        and (due != "today" or row.urgency.days_left == 0)
        and (due != "second" or row.proposal is not None)
    ]  # fmt: skip
    asked = request.query_params.get("sort", "urgency")
    order = _ORDERS.get(asked.removeprefix("-"), _ORDERS["urgency"])
    kept.sort(key=lambda row: row.request.id)
    kept.sort(key=order, reverse=asked.startswith("-"))
    return kept


def _page_of(rows: Sequence[Asked], asked: PageRequest) -> Page[Asked]:
    """The page of rows in hand beyond the request that the cursor names."""
    ids = [row.request.id for row in rows]
    wanted = asked.key[0] if asked.key else None
    place = ids.index(wanted) if isinstance(wanted, int) and wanted in ids else None
    if place is None:
        chosen = list(rows)
        asked = PageRequest(asked.limit)
    else:
        chosen = list(reversed(rows[:place])) if asked.backwards else list(rows[place + 1 :])
    return page_of(chosen[: asked.fetch], asked, lambda row: (row.request.id,))


def _file(
    request: AnyRequest, wanted: str, rows: Sequence[Asked],
    held: dict[tuple[int, int], PairStanding], words: dict[tuple[int, int], InsurerWord], at: Any,
) -> Response[Any]:  # fmt: skip
    columns = [
        Column(_("Debtor")), Column(_("Client")), Column(_("Contract")),
        Column(_("Asked on"), "datetime"), Column(_("Answer promised by"), "date"),
        Column(_("Working days left"), "number"), Column(_("Currency")),
        Column(_("Owed"), "money"), Column(_("Limit now"), "money"),
        Column(_("Waiting for cover"), "money"), Column(_("Insurer")),
        Column(_("Insurer’s amount"), "money"), Column(_("Comment")),
        Column(_("Amount"), "money"),
    ]  # fmt: skip
    cells = []
    for row in rows:
        one, pair = row.request, (row.request.contract_id, row.request.debtor_id)
        said = words.get(pair)
        cells.append((
            one.debtor_name, row.client_name, one.contract_reference, one.asked_at,
            one.answer_due_on, row.urgency.days_left, one.currency, held[pair].outstanding_minor,
            held[pair].limits.cover_minor, held[pair].queued_minor,
            said.insurer if said else None, said.amount_minor if said else None, one.comment,
            one.amount_minor,
        ))  # fmt: skip
    return export(request, wanted, "limit-requests", columns, cells, at=at,
                  title=_("Limit requests"))  # fmt: skip


def _answered(request: AnyRequest, session: Session, at: Any) -> Response[Any]:
    words = lists.asked_text(request, "q")
    debtors = None if words is None else [
        hit.debtor_id for hit in parties.search(session, words, limit=50) if hit.debtor_id
    ]  # fmt: skip
    contract_id = lists.asked_number(request, "contract")
    wanted: dict[str, Any] = {"debtor_ids": debtors, "contract_id": contract_id}

    def fetch(page: PageRequest) -> Page[RequestRow]:
        return limits.answered_requests(session, page, sort=lists.asked_sort(request), **wanted)

    if file_format := lists.file_format(request):
        return _answered_file(request, session, file_format, [*lists.every_row(fetch)], at)
    found = fetch(lists.asked_page(request))
    people = [actor for row in found.rows for actor in (row.asked_by, row.answered_by) if actor]
    return render(
        request, "backoffice/limits/list_answered.html", found=found,
        totals=limits.answered_totals(session, **wanted),
        clients=client_names(session, {row.client_id for row in found.rows}),
        names=actors(session, people),
    )  # fmt: skip


def _answered_file(
    request: AnyRequest, session: Session, wanted: str, rows: Sequence[RequestRow], at: Any
) -> Response[Any]:
    columns = [
        Column(_("Debtor")), Column(_("Client")), Column(_("Contract")),
        Column(_("Asked on"), "datetime"), Column(_("Answer promised by"), "date"),
        Column(_("Answered on"), "datetime"), Column(_("Answer")), Column(_("Why")),
        Column(_("Currency")), Column(_("Amount"), "money"),
    ]  # fmt: skip
    clients = client_names(session, {row.client_id for row in rows})
    cells = (
        (row.debtor_name, clients[row.client_id], row.contract_reference, row.asked_at,
         row.answer_due_on, row.answered_at, label(row.answer) if row.answer else None,
         row.answer_reason, row.currency, row.amount_minor) for row in rows
    )  # fmt: skip
    return export(request, wanted, "limit-answers", columns, cells, at=at,
                  title=_("Answered requests"))  # fmt: skip


@get(f"{DESK}/next", guards=[staff(DECIDE)], include_in_schema=False, sync_to_thread=True)
def show_next(request: AnyRequest, session: Db, on: On) -> Response[Any]:
    """The most pressing request nobody decided on, past ``?after=`` if given; else the desk."""
    rows = [row for row in _waiting(request, session, on) if row.proposal is None]
    ids = [row.request.id for row in rows]
    after = lists.asked_number(request, "after")
    ahead = ids[ids.index(after) + 1 :] if after in ids else ids
    if not ahead:
        return redirect(DESK)
    return redirect(f"{DESK}/decide?request={ahead[0]}&desk=1")


@get(f"{DESK}/rules", guards=[staff(SEE)], include_in_schema=False, sync_to_thread=True)
def show_rules(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """How soon requests are answered, what one person decides, when clients are told."""
    return _rules(request, session, signed, None, None)


@post(f"{DESK}/rules/answers", guards=[staff(DECIDE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def save_promises(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """The answer times by amount; a line left empty is no line."""
    form = Form(submitted)
    bands = []
    for place in range(_BANDS):
        start = form.maybe(f"from_{place}", amount(minimum_minor=0))
        days = form.maybe(f"days_{place}", integer(0, 60))
        if start is not None and days is not None:
            bands.append(PromiseBand(start, days))
    if form.valid():
        try:
            operations.set_promises(session, bands=bands, by=signed.by, at=at)
            return redirect(f"{DESK}/rules", N_("Answer times saved: they hold for new requests."))
        except CessioError as error:
            form.refuse(error)
    return _rules(request, session, signed, form, None, status=422)


@post(f"{DESK}/rules/authority", guards=[staff(Permission.MANAGE_SETTINGS)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def save_policy(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """How many days before an end clients are told."""
    form = Form(submitted)
    days = form.need("notice_days", integer(1, 180))
    if form.valid():
        try:
            operations.set_policy(session, notice_days=days, by=signed.by, at=at)
            return redirect(f"{DESK}/rules", N_("Saved."))
        except CessioError as error:
            form.refuse(error)
    return _rules(request, session, signed, None, form, status=422)


def _rules(
    request: AnyRequest, session: Session, signed: Any, answers: Form | None,
    authority: Form | None, *, status: int = 200,
) -> Response[Any]:  # fmt: skip
    promised, policy = limits.promises(session), limits.policy(session)
    bands = [one.band for one in promised] or [PromiseBand(0, 2)]
    typed = {f"from_{place}": lists.typed_amount(band.from_minor)
             for place, band in enumerate(bands)}  # fmt: skip
    typed |= {f"days_{place}": str(band.business_days) for place, band in enumerate(bands)}
    people = [one.set_by for one in promised] + ([policy.set_by] if policy.set_by else [])
    return render(
        request, "backoffice/limits/rules.html", status=status, bands=range(_BANDS),
        answers=answers or Form(**typed), promised=promised, policy=policy,
        authority=authority or Form(notice_days=str(policy.notice_days)),
        second_from=house.authority(session).second_from_minor.get(Act.GRANT_LIMIT),
        may_answer=signed.may(DECIDE), may_rule=signed.may(Permission.MANAGE_SETTINGS),
        names=actors(session, people), kinds=label,
    )  # fmt: skip


HANDLERS = [list_requests, show_next, show_rules, save_promises, save_policy]
