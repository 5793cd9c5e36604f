"""The limits desk of the last weeks: its rules, a group with its cap, requests that press or wait.

Each is made on its day, as in ``situations``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from cessio.agreeing.deeds.house import SetAuthority
from cessio.agreeing.deeds.people import LendRights
from cessio.demo.agreeing import agreed
from cessio.demo.book import Book, Debtor, instant
from cessio.demo.risks import usual_limit
from cessio.house import Act
from cessio.identity import Permission
from cessio.limits import (
    NewLimit,
    announce_endings,
    announce_idle_approvals,
    ask_for_limit,
    operations,
)
from cessio.limits import queries as limits
from cessio.limits.operations import NewGroupLimit
from cessio.limits.rules import PromiseBand
from cessio.parties.operations import join_group
from cessio.parties.queries import company_of_debtor
from cessio.receivables.operations.limit_proposals import take_limit

#: Answered within a day when small, within a week when large.
BANDS = (PromiseBand(0, 1), PromiseBand(5_000_000, 2), PromiseBand(20_000_000, 5))
#: From this on, limits need a second person.
SECOND_MINOR = 50_000_000
_WISHES = (
    "Commande exceptionnelle pour un chantier public", "Nouveau distributeur, contrat signé",
    "Saison d'hiver : volumes doublés", "Limite atteinte depuis la dernière remise",
)  # fmt: skip


def _rules(book: Book, on: date) -> None:
    with book.act() as session:
        operations.set_promises(
            session, bands=BANDS, by=book.staff["chloe"], at=instant(on, 9, 5)
        )  # fmt: skip
        eva, at = book.staff["eva"], instant(on, 9, 10)
        operations.set_policy(session, notice_days=15, by=eva, at=at)
        amounts = SetAuthority(Act.GRANT_LIMIT, {}, SECOND_MINOR)
        agreed(session, amounts, by=eva, second=book.staff["karine"], at=at)


def _group(book: Book, on: date) -> None:
    """Three debtors turn out to be one group: what they may be granted together is capped.

    So are two of another client's, whose insurer allows less than was granted one by one.
    """
    first = book.clients[0].debtors[:3]
    _capped(book, on, first, percent=110, why="Prise de contrôle publiée en septembre")
    others = [one for client in book.clients[1:2] for one in client.debtors if one not in first]
    if len(others) > 1:
        _capped(book, on, others[:2], percent=70, why="Plafond de groupe notifié par l'assureur")


def _capped(book: Book, on: date, debtors: Sequence[Debtor], *, percent: int, why: str) -> None:
    """Gather debtors in a group, capped at a share of what they are granted."""
    by, at = book.staff["chloe"], instant(on, 10, 20)
    name = f"Groupe {debtors[0].firm.name.split()[1]}"
    with book.act() as session:
        companies = [company_of_debtor(session, one.id) for one in debtors]
        group_id = join_group(session, company_ids=companies, name=name, by=by, at=at)
        granted = sum(
            one.limits.cover_minor
            for one in limits.group_positions(session, group_ids=[group_id], on=on)
        )
        operations.decide_group_limit(
            session, by=by, at=at,
            limit=NewGroupLimit(
                group_id=group_id, insurer="Coface", insurer_reference=f"GRP-{20440 + group_id}",
                amount_minor=max(1_000_000, granted * percent // 100 // 1_000_000 * 1_000_000),
                conditions="Comptes consolidés sous six mois", reason=why,
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


def _beyond(book: Book, on: date) -> None:
    """More than one analyst decides alone: a second person is asked."""
    client = next(one for one in book.clients if one.insured)
    with book.act() as session:
        take_limit(
            session, by=book.staff["chloe"], at=instant(on, 15, 10),
            limit=NewLimit(
                contract_id=client.contract_id, debtor_id=client.debtors[3].id,
                amount_minor=SECOND_MINOR + 10_000_000, insurer="Allianz Trade",
                insurer_reference="POL-331902", reason="Marché pluriannuel, garantie de la mère",
            ),
        )  # fmt: skip


#: Business days before the last one → what happens that day.
def _away(book: Book, on: date) -> None:
    """Chloé goes away: Alice agrees to limits in her place."""
    chloe, alice = (int(book.staff[one].removeprefix("person:")) for one in ("chloe", "alice"))
    lent = LendRights(chloe, alice, (Permission.APPROVE_LIMITS,), on, on + timedelta(days=9),
                      "Congés", 10_000_000)  # fmt: skip
    with book.act() as session:
        agreed(session, lent, by=book.staff["chloe"], second=book.staff["karine"],
               at=instant(on, 8, 40))  # fmt: skip


DAYS: Mapping[int, Callable[[Book, date], None]] = {
    40: _rules, 12: _group, 6: _asking(0), 5: _away, 4: _asking(1), 3: _asking(2), 2: _told,
    1: _beyond,
}  # fmt: skip
