"""What the staff of the demonstration noted, owes and put off, and the figures of its last days."""

from __future__ import annotations

from datetime import timedelta

from cessio import worklist
from cessio.demo.book import Book, instant
from cessio.funding import queries as funding
from cessio.funding.operations import back_fill
from cessio.identity import person_behind
from cessio.kernel.calendar import next_business_day
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

#: Who owes what, in days from the first morning.
_TODOS = (
    ("alice", "Rappeler l'expert-comptable pour le relevé de clôture", 0),
    ("marc", "Préparer la revue annuelle du contrat", 2),
    ("chloe", "Relancer l'assureur sur la demande de garantie", -1),
    ("denis", "Demander à la banque le détail du virement collectif", 0),
    ("ines", "Confirmer à la banque le changement de signataire", 0),
    ("jules", "Envoyer le protocole d'échéancier signé", 0),
    ("bruno", "Rappeler le client avant de confirmer son nouveau compte", 0),
    ("eva", "Créer l'accès du nouvel analyste qui arrive lundi", 1),
)
_OF_DEBTORS = (
    ("chloe", (), "Bilan 2025 reçu : pertes reportées, soutien écrit de l'actionnaire."),
    (
        "jules",
        ("chloe",),
        "Nouveau directeur des achats, il veut passer à 60 jours. Qu'en dis-tu ?",
    ),
    ("denis", ("jules",), "Paie toujours par la trésorerie du groupe : compte noté aux alias."),
)


def note_the_day(book: Book) -> None:
    """Notes on the first clients, something to do, one dispute put off; then the kept figures."""
    with book.act() as session:
        for place, client in enumerate(book.clients[: len(_NOTES)]):
            worklist.write_note(
                session, subject=Subject.CLIENT, subject_id=client.id, body=_NOTES[place],
                pinned=place == 0, by=client.manager, at=instant(book.until, 9, 10 + place),
            )  # fmt: skip
    _owe(book)
    _put_off(book)
    _tell_colleagues(book)
    with book.act() as session:
        for day in funding.missing_days(session, last=book.until - timedelta(days=1), most=_KEPT):
            back_fill(session, on=day, at=instant(book.until, 6))


def _owe(book: Book) -> None:
    """Something to do for each desk, one of them late."""
    at, today = instant(book.until, 9, 30), next_business_day(book.until + timedelta(days=1))
    with book.act() as session:
        for place, (owner, body, days) in enumerate(_TODOS):
            client = book.clients[place % len(book.clients)]
            worklist.ask_todo(
                session, subject=Subject.CLIENT, subject_id=client.id, body=body,
                owner_id=book.staff.ids[owner], due_on=today + timedelta(days=days),
                by=client.manager, at=at,
            )  # fmt: skip


def _tell_colleagues(book: Book) -> None:
    """What is said of debtors, to whom; an item given to a colleague who knows the file."""
    client = book.clients[0]
    with book.act() as session:
        for place, (who, mentioned, body) in enumerate(_OF_DEBTORS):
            worklist.write_note(
                session, subject=Subject.DEBTOR, subject_id=client.debtors[place].id, body=body,
                mentions=[book.staff.ids[one] for one in mentioned], pinned=place == 0,
                by=book.staff[who], at=instant(book.until, 11, 15 + place),
            )  # fmt: skip
        rows = receivables.disputes(session, PageRequest(200)).rows
        if len(rows) > 1:
            latest = max(rows, key=lambda row: (row.opened_on, row.id))
            worklist.hand_over(
                session, kind="dispute", number=latest.id, from_id=book.staff.ids["jules"],
                to_id=book.staff.ids["alice"], reason="Tu connais leur directeur des achats",
                by=book.staff["jules"], at=instant(book.until, 17, 35),
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
