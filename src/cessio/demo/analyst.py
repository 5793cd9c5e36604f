"""The limits desk of the last weeks: its rules, a group with its cap, requests that press or wait.

Each is made on its day, as in ``situations``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from cessio.demo.book import Book, instant
from cessio.demo.risks import usual_limit
from cessio.kernel.calendar import business_days_between
from cessio.limits import announce_endings, announce_idle_approvals, ask_for_limit, operations
from cessio.limits import queries as limits
from cessio.limits.operations import NewGroupLimit
from cessio.limits.rules import PromiseBand
from cessio.parties.operations import join_group
from cessio.parties.queries import company_of_debtor

#: Answered within a day when small, within a week when large.
BANDS = (PromiseBand(0, 1), PromiseBand(5_000_000, 2), PromiseBand(20_000_000, 5))
#: Above this, limits need a second person.
ALONE_MINOR = 50_000_000
_WISHES = (
    "Commande exceptionnelle pour un chantier public", "Nouveau distributeur, contrat signé",
    "Saison d'hiver : volumes doublés", "Limite atteinte depuis la dernière remise",
)  # fmt: skip


def on_day(book: Book, on: date) -> None:
    """What the desk lives on this day, if anything."""
    act = _DAYS.get(business_days_between(on, book.until))
    if act is not None:
        act(book, on)


def _rules(book: Book, on: date) -> None:
    with book.act() as session:
        operations.set_promises(
            session, bands=BANDS, by=book.staff["chloe"], at=instant(on, 9, 5)
        )  # fmt: skip
        operations.set_policy(
            session, alone_upto_minor=ALONE_MINOR, notice_days=15, by=book.staff["eva"],
            at=instant(on, 9, 10),
        )  # fmt: skip


def _group(book: Book, on: date) -> None:
    """Three debtors turn out to be one group: what they may be granted together is capped."""
    client = book.clients[0]
    by, at = book.staff["chloe"], instant(on, 10, 20)
    name = f"Groupe {client.debtors[0].firm.name.split()[1]}"
    with book.act() as session:
        companies = [company_of_debtor(session, one.id) for one in client.debtors[:3]]
        group_id = join_group(session, company_ids=companies, name=name, by=by, at=at)
        granted = sum(
            one.limits.cover_minor
            for one in limits.group_positions(session, group_ids=[group_id], on=on)
        )
        operations.decide_group_limit(
            session, by=by, at=at,
            limit=NewGroupLimit(
                group_id=group_id, amount_minor=(granted // 10_000_000 + 1) * 10_000_000,
                insurer="Coface", insurer_reference="GRP-20441",
                conditions="Comptes consolidés sous six mois",
                reason="Prise de contrôle publiée en septembre",
            ),
        )  # fmt: skip


def _asking(place: int) -> Callable[[Book, date], None]:
    """A client asks for a limit that nobody answers before the end."""

    def ask(book: Book, on: date) -> None:
        insured = [client for client in book.clients if client.insured]
        client = insured[place % len(insured)]
        debtor = client.debtors[min(5 + place, len(client.debtors) - 1)]
        usual = (place + 1) * usual_limit(book, client, 5) // 1_000_000 * 1_000_000
        with book.act() as session:
            ask_for_limit(
                session, contract_id=client.contract_id, debtor_id=debtor.id,
                amount_minor=max(1_500_000, usual), comment=_WISHES[place % len(_WISHES)],
                by=client.signatory, at=instant(on, 10, 40),
            )  # fmt: skip

    return ask


def _told(book: Book, on: date) -> None:
    """The night's job tells clients of limits about to end and approvals about to lapse."""
    with book.act() as session:
        for tell in (announce_endings, announce_idle_approvals):
            tell(session, on=on, by="job:limits.day", at=instant(on, 5))


#: Business days before the last one → what happens that day.
_DAYS: Mapping[int, Callable[[Book, date], None]] = {
    60: _rules, 12: _group, 6: _asking(0), 4: _asking(1), 3: _asking(2), 2: _told,
}  # fmt: skip
