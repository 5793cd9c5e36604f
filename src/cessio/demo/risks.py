"""The credit analyst's and the collector's days: limits decided, disputes opened and ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from cessio.contracts.rules import FundingLimitRule
from cessio.demo import queries
from cessio.demo.book import Book, Client, Debtor, OpenDispute, Owed, instant
from cessio.demo.remitting import credit_note
from cessio.kernel.calendar import add_months, next_business_day
from cessio.limits import LimitKind, NewLimit, ask_for_limit
from cessio.receivables.operations import end_dispute, open_dispute, verify_invoices
from cessio.receivables.operations.limits import (
    answer_limit_request,
    decide_limit,
    expire_limits,
)
from cessio.receivables.rules import DisputeOutcome, DisputeReason

INSURERS = ("Atradius", "Allianz Trade", "Coface")
_REASONS = (
    DisputeReason.QUALITY, DisputeReason.PRICE, DisputeReason.QUANTITY, DisputeReason.DELIVERY,
    DisputeReason.INVOICE_ERROR,
)  # fmt: skip
_COMMENTS = {
    DisputeReason.QUALITY: "Marchandise non conforme, retour demandé",
    DisputeReason.PRICE: "Prix différent du bon de commande",
    DisputeReason.QUANTITY: "Quantité livrée inférieure à la facture",
    DisputeReason.DELIVERY: "Bon de livraison émargé manquant",
    DisputeReason.INVOICE_ERROR: "Mention légale absente, facture à refaire",
}


def first_limits(book: Book, client: Client) -> None:
    """Before its contract starts, a client's debtors get their limits."""
    rng = book.rng(f"limits/{client.cast.code}")
    on = client.starts_on - timedelta(days=3)
    with book.act() as session:
        for place, debtor in enumerate(client.debtors):
            for limit in _granted(book, client, debtor, place, rng, on):
                decide_limit(
                    session, limit=limit, by=book.staff["chloe"],
                    at=instant(on, 9 + place // 6, place % 6 * 9),
                )  # fmt: skip


def _granted(
    book: Book, client: Client, debtor: Debtor, place: int, rng: Random, on: date
) -> Iterator[NewLimit]:
    amount = usual_limit(book, client, place) * rng.randrange(60, 150) // 100 // 500_000 * 500_000
    reference = f"POL-{rng.randrange(100_000, 999_999)}"
    if client.terms.blanket_cover_minor and place > 11:
        return  # the small ones of this contract live under its blanket cover
    if client.insured:
        yield NewLimit(
            contract_id=client.contract_id, debtor_id=debtor.id, valid_from=on,
            amount_minor=max(amount, 1_000_000), insurer=INSURERS[place % 3],
            insurer_reference=reference,
        )  # fmt: skip
    elif client.terms.funding_limit_rule is FundingLimitRule.EXPLICIT:
        yield NewLimit(
            contract_id=client.contract_id, debtor_id=debtor.id, valid_from=on,
            amount_minor=max(amount, 1_000_000), kind=LimitKind.FUNDING,
        )  # fmt: skip


def usual_limit(book: Book, client: Client, place: int) -> int:
    """What a debtor of this rank usually owes, and the client's margin over it."""
    cast, count = client.cast, len(client.debtors)
    share = 2 * (count - place) - 1  # of count², as debtors are picked
    days = cast.days + (20 if cast.days == 45 else 8)
    owed = cast.weekly * book.volume * cast.typical_minor * 13 * 12 // 1000 * days // 7
    return owed * 10 * share // count**2 * cast.limit_percent // 100


def review_limits(book: Book, on: date) -> None:
    """A few decisions a week: raised, cut, renewed, given for a season."""
    rng = book.rng(f"review/{on}")
    with book.act() as session:
        if book.lately(on) or on.weekday() == 0:
            expire_limits(session, on=on, by="job:limits.expire", at=instant(on, 6, 10))
        for turn in range(rng.choice((0, 0, 0, 1, 1))):
            client = rng.choice(book.clients)
            if on < client.starts_on + timedelta(days=40) or not client.insured:
                continue
            place = rng.randrange(min(12, len(client.debtors)))
            debtor = client.debtors[place]
            if debtor.insolvent:
                continue
            limit = _reviewed(book, client, debtor, place, rng, on)
            decide_limit(session, limit=limit, by=book.staff["chloe"], at=instant(on, 8, 20 + turn))


def _reviewed(
    book: Book, client: Client, debtor: Debtor, place: int, rng: Random, on: date
) -> NewLimit:
    usual = max(1_000_000, usual_limit(book, client, place))
    percent, reason = rng.choice(
        ((55, "Notation dégradée par l'assureur"), (80, "Retards de paiement répétés"),
         (130, "Croissance du courant d'affaires"), (160, "Bilan déposé, fonds propres renforcés"))
    )  # fmt: skip
    amount = usual * percent // 100 // 500_000 * 500_000 or 500_000
    temporary = rng.randrange(4) == 0
    return NewLimit(
        contract_id=client.contract_id, debtor_id=debtor.id, amount_minor=amount, reason=reason,
        insurer=INSURERS[place % 3], insurer_reference=f"POL-{rng.randrange(100_000, 999_999)}",
        is_temporary=temporary, valid_to=add_months(on, 2) if temporary else None,
    )  # fmt: skip


def ask_and_answer(book: Book, on: date) -> None:
    """Now and then a client asks for more on a debtor, and is answered the same day."""
    rng = book.rng(f"ask/{on}")
    client = rng.choice(book.clients)
    if rng.randrange(6) or on < client.starts_on + timedelta(days=15) or not client.insured:
        return
    place = rng.randrange(len(client.debtors))
    debtor = client.debtors[place]
    if debtor.insolvent:
        return
    wanted = max(1_000_000, usual_limit(book, client, place) * 2 // 500_000 * 500_000)
    granted = wanted * rng.choice((0, 60, 100, 100)) // 100
    with book.act() as session:
        request_id = ask_for_limit(
            session, contract_id=client.contract_id, debtor_id=debtor.id, amount_minor=wanted,
            comment="Nouvelle commande annuelle", by=client.signatory, at=instant(on, 10, 5),
        )  # fmt: skip
        answer = NewLimit(
            contract_id=client.contract_id, debtor_id=debtor.id, amount_minor=granted,
            insurer=INSURERS[place % 3],
            reason=None if granted == wanted else "Encours maximal accepté par l'assureur",
        )  # fmt: skip
        answer_limit_request(
            session, request_id=request_id, limit=answer, by=book.staff["chloe"],
            at=instant(on, 15, 25),
        )  # fmt: skip


def verify_some(book: Book, on: date) -> None:
    """Debtors confirm their large invoices by telephone, most within a week or two."""
    with book.act() as session:
        waiting = queries.unverified(session, before=instant(on - timedelta(days=6), 12))
        if waiting:
            verify_invoices(
                session, receivable_ids=[receivable_id for _, receivable_id in waiting],
                comment="Confirmée par le service comptable du débiteur", by=book.staff["jules"],
                at=instant(on, 14, 50),
            )  # fmt: skip


def dispute_some(book: Book, on: date) -> None:
    """Debtors contest an invoice; weeks later it is credited, or they give in."""
    rng = book.rng(f"dispute/{on}")
    if rng.randrange(100) < 28:
        dispute_one(book, on, rng)
    for ending in [one for one in book.disputes if one.ends_on <= on]:
        book.disputes.remove(ending)
        _end(book, ending.dispute_id, ending.item, on, rng)


def dispute_one(
    book: Book, on: date, rng: Random, *, of: Client | None = None, for_days: int | None = None
) -> None:
    """Contest an invoice issued lately, of one client or of any, for so many days or some weeks."""
    recent = on - timedelta(days=12)
    fitting = [
        item for items in book.owed.values() for item in items
        if of in (None, item.client) and recent <= item.issue_date
        and item.left_minor > 50_000 and not item.disputed
        and item.pay_on is not None and item.pay_on > on + timedelta(days=5)
    ]  # fmt: skip
    if not fitting:
        return
    contest(book, on, rng, rng.choice(fitting), for_days=for_days or rng.randrange(8, 45))


def contest(book: Book, on: date, rng: Random, item: Owed, *, for_days: int) -> None:
    """Contest an invoice, for so many days."""
    reason = rng.choice(_REASONS)
    partial = rng.randrange(3) == 0
    with book.act() as session:
        key = (item.client.contract_id, item.number)
        found = queries.open_documents(session, contract_ids=[key[0]], numbers=[key[1]])
        if key not in found:
            return
        receivable_id, open_minor = found[key]
        dispute_id = open_dispute(
            session, receivable_id=receivable_id, reason=reason,
            amount_minor=open_minor // 4 if partial else None, comment=_COMMENTS[reason],
            by=book.staff["jules"], at=instant(on, 11, 20),
        )  # fmt: skip
    item.disputed, item.pay_on = True, None
    ends = next_business_day(on + timedelta(days=for_days))
    book.disputes.append(OpenDispute(dispute_id, item, ends))


def _end(book: Book, dispute_id: int, item: Owed, on: date, rng: Random) -> None:
    outcome = rng.choice(
        (DisputeOutcome.CREDITED, DisputeOutcome.AGREED, DisputeOutcome.WITHDRAWN,
         DisputeOutcome.UNFOUNDED)
    )  # fmt: skip
    with book.act() as session:
        end_dispute(
            session, dispute_id=dispute_id, outcome=outcome, by=book.staff["jules"],
            at=instant(on, 11, 45),
        )  # fmt: skip
    item.disputed = False
    item.pay_on = next_business_day(max(item.due_date, on) + timedelta(days=rng.randrange(12)))
    if outcome in (DisputeOutcome.CREDITED, DisputeOutcome.AGREED):
        note, row = credit_note(
            item.client, item, item.left_minor * rng.choice((10, 20, 30)) // 100, on, rng
        )
        item.client.pending.append((note, row))
