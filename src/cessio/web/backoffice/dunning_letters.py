"""What went out to debtors on a day: mails, letters and calls, and the batch for the printer."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import audit, documents
from cessio.collections import DunningChannel
from cessio.collections.queries import letters as queries
from cessio.collections.queries import versions_in_force
from cessio.collections.queries.letters import LetterRow, Printed
from cessio.correspondence import queries as correspondence
from cessio.correspondence.kinds import kind_of
from cessio.identity import Permission
from cessio.kernel.calendar import is_business_day
from cessio.kernel.errors import Conflict, NotFound
from cessio.plumbing.csv import neutral
from cessio.plumbing.jobs import enqueue
from cessio.web.actors import actors
from cessio.web.backoffice import lists
from cessio.web.exports import Column, export, export_archive, file_response
from cessio.web.guards import staff
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Who
from cessio.web.words import label

HOME = "/backoffice/collections/letters"
SEE = Permission.SEE_RECEIVABLES
WRITE = Permission.COLLECT


@get(HOME, guards=[staff(SEE)], include_in_schema=False, sync_to_thread=True)
def list_dunning_letters(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On
) -> Response[Any]:
    """One day: how many by each channel, done or waiting, and each of them."""
    days = queries.last_days(session)
    asked = lists.asked_day(request, "day")
    day = asked or (days[0].day if days else on)
    channel = lists.asked_choice(request, "show", DunningChannel)
    if file_format := lists.file_format(request):
        rows = lists.every_row(partial(queries.letters, session, on=day, channel=channel))
        return export(request, file_format, "reminders", _columns(), map(_cells, rows), at=at,
                      title=_("Reminders of a day"))  # fmt: skip
    sums = queries.day_sums(session, day)
    return render(
        request, "backoffice/collections/list_letters.html", day=day, on=on, days=days,
        chosen=queries.chosen_day(session, day), sums=sums, channel=channel,
        found=queries.letters(session, lists.asked_page(request), on=day, channel=channel),
        total=sum(one.count for one in sums if channel in (None, one.channel)),
        papers=queries.paper_count(session, day), names=_text_names, may_write=signed.may(WRITE),
        may_run=signed.may(WRITE) and is_business_day(on)
        and queries.chosen_day(session, on) is None and bool(versions_in_force(session, on)),
        no_rate=queries.without_legal_rate(session, on),
    )  # fmt: skip


@post(f"{HOME}/run", guards=[staff(WRITE)], include_in_schema=False, sync_to_thread=True)
def remind_now(session: Db, signed: Who, at: At, on: On) -> Response[Any]:
    """Today's reminders now and not at their hour: the same job, once a day whoever asks."""
    if not is_business_day(on):
        raise Conflict("day_closed", "nobody is reminded on a closed day")
    enqueue(session, kind="collections.dunning", key=on.isoformat(), payload={"on": on},
            by=signed.by, at=at)  # fmt: skip
    return redirect(HOME, N_("Today’s reminders are on their way."))


@get(f"{HOME}/batch", guards=[staff(WRITE)], include_in_schema=False, sync_to_thread=True)
def give_batch(request: AnyRequest, session: Db, signed: Who, at: At, on: On) -> Response[Any]:
    """The letters of a day on paper, each a PDF, with a list for the printer (``?format=zip``)."""
    day = lists.asked_day(request, "day") or on
    found = queries.printed(session, day)
    if not found:
        raise NotFound("no_letters", "there is no letter of that day to print")
    audit.record(session, verb="dunning.batch", subject_kind="dunning_day", by=signed.by, at=at,
                 subject_id=day.toordinal(), after={"day": day, "letters": len(found)})  # fmt: skip
    return export_archive(request, "letters", _batch(session, found), on=day)


@get(f"{HOME}/{{letter_id:int}}", guards=[staff(SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_dunning_letter(
    request: AnyRequest, session: Db, signed: Who, letter_id: Id
) -> Response[Any]:
    """One mail, letter or call: its words as they were sent, and its invoices."""
    one = queries.letter(session, letter_id)
    said = correspondence.message(session, one.message_id) if one.message_id else None
    return render(
        request, "backoffice/collections/show_letter.html", one=one, said=said,
        back=correspondence.message(session, one.returned_id) if one.returned_id else None,
        lines=queries.letter_lines(session, letter_id), names=actors(session, [one.written_by]),
        text_name=_text_names(one.template), may_write=signed.may(WRITE),
    )  # fmt: skip


@get(f"{HOME}/{{letter_id:int}}/pdf", guards=[staff(WRITE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def give_dunning_letter(session: Db, letter_id: Id) -> Response[bytes]:
    """The letter as it was printed; it bears the code by which its reader answers."""
    found = documents.read(session, queries.letter(session, letter_id).document_id)
    return file_response(found.content, found.filename, found.media_type)


def _text_names(template: str | None) -> str | None:
    return str(kind_of(template).label) if template else None


def _batch(session: Session, found: tuple[Printed, ...]) -> Iterator[tuple[str, bytes]]:
    """Each letter, then the list of them; however many, one is in memory at a time."""
    listed = io.StringIO()
    manifest = csv.writer(listed, delimiter=";")
    manifest.writerow(["file", "registered", "recipient", "address", "sha256"])
    for one in found:
        yield one.filename, documents.read(session, one.document_id).content
        manifest.writerow([
            one.filename, "yes" if one.registered else "no", neutral(one.recipient),
            neutral(one.address.replace("\n", ", ")), one.sha256.hex(),
        ])  # fmt: skip
    yield "manifest.csv", listed.getvalue().encode()


def _columns() -> list[Column]:
    return [
        Column(_("Debtor")), Column(_("In the name of")), Column(_("How")),
        Column(_("Days after the due date"), "number"), Column(_("Sent to")),
        Column(_("Sent at"), "datetime"), Column(_("Invoices"), "number"), Column(_("Currency")),
        Column(_("Open amount"), "money"), Column(_("Penalties"), "money"),
        Column(_("Indemnities"), "money"),
    ]  # fmt: skip


def _cells(one: LetterRow) -> tuple[Any, ...]:
    sent: datetime | None = None if one.dropped else one.written_at
    return (
        one.debtor_name, one.writer_name, label(one.channel), one.days, one.recipient, sent,
        one.line_count, one.currency, one.open_minor, one.penalty_minor, one.indemnity_minor,
    )  # fmt: skip


HANDLERS = [
    list_dunning_letters, remind_now, give_batch, show_dunning_letter, give_dunning_letter,
]  # fmt: skip
