"""Bank lines as a list, with the suspense account beside it; and what a day's work applied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from litestar import Response, get
from sqlalchemy.orm import Session

from cessio.banking import queries as bank
from cessio.cash import queries
from cessio.cash.queries import ApplicationView, LineFilter, LineOrder, LineRow, LineState
from cessio.identity import Audience, Permission
from cessio.identity import queries as identity
from cessio.kernel.paging import Page, PageRequest
from cessio.web.actors import actors
from cessio.web.backoffice import lists
from cessio.web.backoffice.matching import counts
from cessio.web.exports import Column, export
from cessio.web.guards import staff
from cessio.web.render import _, render
from cessio.web.requests import AnyRequest, At, Db, On, Who
from cessio.web.words import label, said
from cessio.web.words.cash import application_name

LINES = "/backoffice/bank/lines"
DONE = "/backoffice/bank/matching/done"
SEE = staff(Permission.SEE_CASH)
#: Applications on a page of a day's work.
ROWS = 50


@get(LINES, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def list_bank_lines(request: AnyRequest, session: Db, signed: Who, at: At, on: On
) -> Response[Any]:  # fmt: skip
    """Lines by state, account, day, amount, payer, owner; in total the suspense account."""
    wanted = _filter(request, on)

    def fetch(page: Any) -> Any:
        return queries.lines(session, page, wanted)

    totals = queries.line_totals(session, wanted)
    if file_format := lists.file_format(request):
        rows = (_cells(row, on) for row in lists.every_row(fetch))
        return export(request, file_format, "bank-lines", _columns(), rows, at=at,
                      title=_("Bank lines"))  # fmt: skip
    staff_people = identity.people(session, audience=Audience.STAFF)
    return render(
        request, "backoffice/bank/list_lines.html", found=fetch(lists.asked_page(request)),
        totals=totals, wanted=wanted, today=on, owners=queries.owner_totals(session),
        suspense=_suspense(session, wanted), kind_name=application_name, done=None,
        states=[(one.value, label(one)) for one in LineState],
        accounts=[(str(one.account_id), one.name) for one in bank.accounts(session)],
        people=[(str(one.id), one.name) for one in staff_people], parked_state=LineState.PARKED,
        may_apply=signed.may(Permission.APPLY_CASH),
        may_book=signed.may(Permission.BOOK_OWN_MEANS), **counts(session),
    )  # fmt: skip


@get(DONE, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def list_applied(request: AnyRequest, session: Db, signed: Who, at: At, on: On) -> Response[Any]:
    """What was applied on a day, by oneself unless asked otherwise, each with its undo."""
    day = lists.asked_day(request, "day") or on
    everybody = request.query_params.get("who") == "all"
    by = None if everybody else signed.by

    def fetch(page: PageRequest) -> Page[int]:
        return queries.applications_on(session, page, on=day, by=by, sort=lists.asked_sort(request))

    if file_format := lists.file_format(request):
        return _work_file(request, session, file_format, lists.every_row(fetch), at)
    found = fetch(replace(lists.asked_page(request), limit=ROWS))
    rows = queries.applications_by_id(session, ids=found.rows)
    count, undone, money, first_at, last_at = queries.applied_totals(session, on=day, by=by)
    return render(
        request, "backoffice/matching/list_applied.html", rows=rows, day=day, today=on,
        count=count, undone=undone, money=money, first_at=first_at, last_at=last_at,
        me=signed.by, found=found,
        names=actors(session, [actor for one in rows for actor in (one.by, one.undone_by)]),
        may_apply=signed.may(Permission.APPLY_CASH), kind_name=application_name, done=None,
        **counts(session),
    )  # fmt: skip


def _filter(request: AnyRequest, on: Any) -> LineFilter:
    state = lists.asked_choice(request, "state", LineState) or LineState.MATCH
    first = LineOrder.PARKED if state is LineState.PARKED else LineOrder.OLDEST
    return LineFilter(
        on=on, state=state, order=lists.asked_choice(request, "sort", LineOrder) or first,
        account_id=lists.asked_number(request, "account"),
        from_on=lists.asked_day(request, "from"), to_on=lists.asked_day(request, "to"),
        amount_minor=lists.asked_amount(request, "amount"),
        payer=lists.asked_text(request, "payer"), owner_id=lists.asked_number(request, "owner"),
    )  # fmt: skip


def _suspense(session: Session, wanted: LineFilter) -> dict[int, int]:
    """What the ledger holds in suspense, by account of ours; empty when the list is narrower."""
    narrowed = (wanted.account_id, wanted.from_on, wanted.to_on, wanted.amount_minor, wanted.payer,
                wanted.owner_id)  # fmt: skip
    if wanted.state is not LineState.OPEN or any(one is not None for one in narrowed):
        return {}
    return {one.account.account_id: one.unallocated_minor for one in bank.positions(session)}


def _columns() -> list[Column]:
    return [
        Column(_("Date"), "date"), Column(_("Value date"), "date"), Column(_("Account")),
        Column(_("Payer or payee")), Column(_("IBAN")), Column(_("Text")), Column(_("Currency")),
        Column(_("Amount"), "money"), Column(_("To match"), "money"), Column(_("Set aside for")),
        Column(_("Set aside since"), "datetime"), Column(_("Days"), "number"), Column(_("Note")),
    ]  # fmt: skip


def _cells(row: LineRow, on: Any) -> tuple[Any, ...]:
    return (
        row.booked_on, row.value_date, row.account_name, row.party_name, row.party_iban, row.text,
        row.currency, row.amount_minor, row.open_minor, row.owner_name, row.parked_at,
        (on - row.parked_at.date()).days if row.parked_at else None, said(row.note),
    )  # fmt: skip


def _work_file(
    request: AnyRequest, session: Session, file_format: str, ids: Iterable[int], at: datetime
) -> Response[Any]:
    columns = [
        Column(_("When"), "datetime"), Column(_("Who")), Column(_("What")), Column(_("Documents")),
        Column(_("Debtor")), Column(_("Currency")), Column(_("Amount"), "money"),
        Column(_("Undone on"), "datetime"),
    ]  # fmt: skip

    def cells(held: Sequence[int]) -> list[tuple[Any, ...]]:
        rows = queries.applications_by_id(session, ids=held)
        names = actors(session, [one.by for one in rows])
        return [
            (one.at, names[one.by], application_name(one.kind), _documents(one), _debtor(one),
             one.currency, one.amount_minor, one.undone_at)
            for one in rows
        ]  # fmt: skip

    return export(request, file_format, "matched", columns, lists.together(ids, cells), at=at,
                  title=_("What was matched"))  # fmt: skip


def _documents(one: ApplicationView) -> str:
    return ", ".join(known.number for known in one.documents)


def _debtor(one: ApplicationView) -> str | None:
    return one.allocations[0][1].debtor_name if one.allocations else None


HANDLERS = [list_bank_lines, list_applied]
