"""What the staff of the demonstration noted, owes and put off, and the figures of its last days."""

from __future__ import annotations

from datetime import timedelta

from cessio import worklist
from cessio.demo.book import Book, Client, instant
from cessio.funding import queries as funding
from cessio.funding.operations import back_fill
from cessio.identity import person_behind
from cessio.kernel.paging import PageRequest
from cessio.receivables import queries as receivables
from cessio.worklist import Subject

#: Days kept beside those that were closed one by one: what the cockpit draws a trend from.
_KEPT = 35

_NOTES = (
    "Le directeur financier change au 1er janvier : Mme Vidal reprend le dossier.",
    "Nouveau progiciel en décembre, les fichiers de remise changeront de colonnes.",
    "Demande à passer à deux remises par semaine ; à revoir au prochain comité.",
)


def note_the_day(book: Book) -> None:
    """Notes on the first clients, something to do, one dispute put off; then the kept figures."""
    with book.act() as session:
        for place, client in enumerate(book.clients[: len(_NOTES)]):
            worklist.write_note(
                session, subject=Subject.CLIENT, subject_id=client.id, body=_NOTES[place],
                pinned=place == 0, by=client.manager, at=instant(book.until, 9, 10 + place),
            )  # fmt: skip
    _owe(book, book.clients[0])
    _put_off(book)
    with book.act() as session:
        for day in funding.missing_days(session, last=book.until - timedelta(days=1), most=_KEPT):
            back_fill(session, on=day, at=instant(book.until, 6))


def _owe(book: Book, client: Client) -> None:
    with book.act() as session:
        owner = person_behind(session, client.manager)
        if owner is not None:
            worklist.ask_todo(
                session, subject=Subject.CLIENT, subject_id=client.id,
                body="Rappeler l'expert-comptable pour le relevé de clôture", owner_id=owner,
                due_on=book.until, by=client.manager, at=instant(book.until, 9, 30),
            )  # fmt: skip


def _put_off(book: Book) -> None:
    """The oldest open dispute waits for its credit note."""
    with book.act() as session:
        rows = receivables.disputes(session, PageRequest(200)).rows
        managers = {client.contract_id: client.manager for client in book.clients}
        mine = [row for row in rows if row.contract_id in managers]
        if not mine:
            return
        oldest = min(mine, key=lambda row: (row.opened_on, row.id))
        by = managers[oldest.contract_id]
        person = person_behind(session, by)
        if person is not None:
            worklist.put_off(
                session, person_id=person, kind="dispute", number=oldest.id,
                until_on=book.until + timedelta(days=7), reason="L'avoir est promis pour lundi",
                by=by, at=instant(book.until, 9, 40),
            )  # fmt: skip
