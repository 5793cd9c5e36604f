"""The journal: who did what to which thing, when, why, and what it changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from litestar import Response, get
from sqlalchemy.orm import Session

from cessio.audit import Event
from cessio.audit import queries as audit
from cessio.identity import Permission
from cessio.identity import queries as identity
from cessio.kernel.calendar import end_of_day
from cessio.reporting.queries.subjects import Subject, subjects
from cessio.web.actors import actors
from cessio.web.acts import act, shown_changes
from cessio.web.backoffice.lists import (
    asked_day,
    asked_number,
    asked_text,
    file_format,
    rows_before,
    together,
)
from cessio.web.exports import Column, export
from cessio.web.guards import staff
from cessio.web.render import _, render
from cessio.web.requests import AnyRequest, At, Db
from cessio.web.words import label

PATH = "/backoffice/audit"
SHOWN = 60

#: Under which address the things acted on have a page, by kind.
_PAGES = {
    "client": "clients/", "debtor": "debtors/", "company": "", "party_account": "",
    "group": "groups/", "contract": "contracts/", "remittance": "remittances/",
    "receivable": "receivables/", "hold": "receivables/", "dispute": "receivables/",
    "set_off": "receivables/", "verification": "verifications/", "limit": "limits/pairs/",
    "limit_request": "limits/pairs/", "promise": "debtors/", "debtor_reply": "replies/",
    "letter_code": "letters/", "signal": "signals/", "drawdown": "funding/",
    "payment_order": "funding/orders/", "bank_line": "bank/lines/",
    "bank_statement": "bank/statements/",
}  # fmt: skip


@get(PATH, guards=[staff(Permission.SEE_AUDIT)], include_in_schema=False, sync_to_thread=True)
def show_journal(request: AnyRequest, session: Db, at: At) -> Response[Any]:
    """The whole trail, latest first: by person, kind of thing, act and days."""
    person = asked_number(request, "person")
    wanted: dict[str, Any] = {
        "by": f"person:{person}" if person else None,
        "subject_kind": asked_text(request, "subject"),
        "since": _start(asked_day(request, "from")),
        "until": _end(asked_day(request, "to")),
    }
    people = identity.people(session, disabled=None)
    colleagues = {one.id: one.name for one in people}
    upwards = request.query_params.get("sort") == "at"
    if file := file_format(request):
        every = rows_before(
            lambda beyond, limit: audit.journal(
                session, beyond_id=beyond, limit=limit, upwards=upwards, **wanted
            ),
            lambda one: one.id,
        )
        columns = [Column(_("When"), "datetime"), Column(_("Who")), Column(_("What")),
                   Column(_("Subject")), Column(_("Name")), Column(_("Number"), "number"),
                   Column(_("Changes")), Column(_("Why"))]  # fmt: skip

        def cells(events: Sequence[Event]) -> Iterable[tuple[Any, ...]]:
            things = things_of(session, events)
            names = actors(session, {one.by for one in events})
            return (
                (one.at, names[one.by], act(one), label(one.subject_kind), _name(things, one),
                 one.subject_id, _told(one, colleagues), one.why or "") for one in events
            )  # fmt: skip

        rows = together(every, cells)
        return export(request, file, "audit", columns, rows, at=at, title=_("Audit"))
    before = asked_number(request, "after")
    events = audit.journal(session, beyond_id=before, limit=SHOWN + 1, upwards=upwards, **wanted)
    things = things_of(session, events)
    return render(
        request, "backoffice/audit/show_journal.html", events=events[:SHOWN], act=act,
        more=events[SHOWN - 1].id if len(events) > SHOWN else None, shown_changes=shown_changes,
        names=actors(session, {one.by for one in events}), things=things,
        href=partial(href_of, things),
        people=[(str(one.id), one.name) for one in people], colleagues=colleagues,
        subjects=sorted(((kind, label(kind)) for kind in (*_PAGES, *_OTHERS)), key=lambda s: s[1]),
    )  # fmt: skip


_OTHERS = (
    "person", "index_fixing", "matching_settings", "factor_account", "closed_day", "closed_month",
    "offer", "fee_grid", "message_template", "column_mapping", "fee_invoice", "issued_report",
    "book_seal",
)  # fmt: skip


Things = dict[tuple[str, int], Subject]


def things_of(session: Session, events: Iterable[Event]) -> Things:
    """What the events were on, by its own name."""
    return subjects(session, {(one.subject_kind, one.subject_id) for one in events})


def _name(things: Things, event: Event) -> str | None:
    thing = things.get((event.subject_kind, event.subject_id))
    return None if thing is None else thing.name


def href_of(things: Things, event: Event) -> str | None:
    """The page of what an act was on, where it has one."""
    base, thing = _PAGES.get(event.subject_kind), things.get((event.subject_kind, event.subject_id))
    if base is None or thing is None or thing.at is None:
        return None
    return f"/backoffice/{base}{thing.at}"


def _told(event: Event, colleagues: Mapping[int, str]) -> str:
    """The changes of an act in one cell."""
    return "; ".join(
        f"{name}: {after}" if before is None else f"{name}: {before} → {after}"
        for name, before, after in shown_changes(event, colleagues)
    )


def _start(day: date | None) -> datetime | None:
    return None if day is None else end_of_day(day - timedelta(days=1))


def _end(day: date | None) -> datetime | None:
    return None if day is None else end_of_day(day)


HANDLERS = [show_journal]
