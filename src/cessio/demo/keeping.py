"""What people of the demonstration keep for themselves: their views of lists, what they read."""

from __future__ import annotations

from datetime import timedelta

from cessio import vigilance
from cessio.demo.book import Book, instant
from cessio.identity import Audience
from cessio.identity import queries as identity
from cessio.kernel.paging import PageRequest
from cessio.notifications import mark_all_read
from cessio.preferences import open_with, save_view
from cessio.vigilance import Outcome, SignalKind

#: Whose view, of which list, its name, what it keeps, whether colleagues have it too.
VIEWS = (
    ("alice", "/backoffice/receivables", "Mes clients, plus de 30 jours de retard",
     "manager=me&age=31-60&sort=-amount", False),
    ("alice", "/backoffice/disputes", "Échéance proche", "deadline=near", True),
    ("chloe", "/backoffice/limits/in-force", "Avec des factures en attente de garantie",
     "queued=yes", False),
    ("denis", "/backoffice/bank/lines", "Mises de côté, les plus anciennes d’abord",
     "state=parked&sort=date", True),
    ("jules", "/backoffice/receivables", "Ce que je suis", "follower=me&sort=-amount", False),
    ("jules", "/backoffice/receivables", "Plus de 90 jours, plus de 5 000 €",
     "age=90%2B&amount_from=5000", True),
    ("ines", "/backoffice/jobs", "Échecs", "state=failed", True),
)  # fmt: skip
#: Signs somebody looked at, by kind: what they were, and how it is known.
LOOKS = (
    (SignalKind.UNKNOWN_PAYER, Outcome.EXPLAINED,
     "Compte de la société mère, confirmé par le service comptable"),
    (SignalKind.SAME_BUT_NUMBER, Outcome.FALSE_ALARM,
     "Deux livraisons du même jour, bons de livraison distincts reçus"),
)  # fmt: skip
#: Older lines under the bell were read.
READ = timedelta(days=3)


def keep(book: Book) -> None:
    """Save the views, read the bell up to the last days, look at some signs."""
    at = instant(book.until, 19)
    with book.act() as session:
        for who, page, name, query, shared in VIEWS:
            view_id = save_view(session, person_id=book.staff.ids[who], page=page, name=name,
                                query=query, shared=shared, at=at)  # fmt: skip
            if who == "denis":
                open_with(session, person_id=book.staff.ids[who], page=page, view_id=view_id)
        for audience in Audience:
            for person in identity.people(session, audience=audience):
                mark_all_read(session, person_id=person.id, at=at - READ)
        found = vigilance.signals(session, PageRequest(200)).rows
        for kind, outcome, note in LOOKS:
            for one in [each for each in found if each.kind is kind][-1:]:
                vigilance.look(session, signal_id=one.id, outcome=outcome, note=note,
                               by=book.staff["alice"], at=at)  # fmt: skip
