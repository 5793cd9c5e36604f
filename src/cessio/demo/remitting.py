"""Clients' side of a day: invoices and credit notes assigned, disputes of their debtors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from cessio.demo import queries
from cessio.demo.book import Book, Client, Debtor, Owed, instant
from cessio.demo.lateness import days_late
from cessio.kernel.calendar import month_end, next_business_day
from cessio.receivables import NewDocument, accept, draft_from_rows, submit
from cessio.receivables.rules import DocumentKind, RemittanceState, Source

#: Amounts against the typical one, in percent, each as likely.
SPREAD = (15, 25, 35, 45, 55, 65, 75, 85, 95, 105, 120, 135, 155, 180, 230, 380)


def remit(book: Book, client: Client, on: date) -> None:
    """The client sends what it invoiced; refused lines are left out, held ones wait."""
    rng = client.rng
    weeks = _pace(book, client, on)
    count = max(1, client.cast.weekly * weeks * book.volume * rng.randrange(60, 141) // 100)
    rows = [invoice(client, on, rng) for _ in range(count)]
    owed = [owed_for(client, debtor, row, rng) for debtor, row in rows]
    documents = [row for _, row in rows]
    notes = [*client.pending, *_credit_notes(book, client, on, weeks, rng)]
    client.pending = []
    documents += [row for _, row in notes]
    owed += [note for note, _ in notes]
    if rng.randrange(100) < 12:
        documents.append(_sent_again(book, client, documents, rng))
    send(book, client, on, documents, owed, hour=9 + rng.randrange(2), minute=rng.randrange(60))


def send(
    book: Book, client: Client, on: date, documents: Sequence[NewDocument], owed: Sequence[Owed],
    *, hour: int = 9, minute: int = 0, by: str | None = None,
) -> int:  # fmt: skip
    """Draft and confirm; what is assigned is owed from now on. Returns the remittance's id."""
    source = Source.FILE if len(documents) > 3 else Source.TYPED
    with book.act() as session:
        remittance_id = draft_from_rows(
            session, contract_id=client.contract_id, rows=documents, source=source,
            by=by or client.operator, at=instant(on, hour, minute),
        )  # fmt: skip
        done = submit(
            session, remittance_id=remittance_id, by=client.signatory,
            at=instant(on, hour, minute, 40),
        )  # fmt: skip
        refused = len(documents) > len(owed) or (
            done.assignment is not None and done.assignment.refused_count > 0
        )
        left_out = queries.refused_numbers(session, remittance_id) if refused else set()
    if done.state is RemittanceState.SUBMITTED:
        book.waiting.append((client, remittance_id, tuple(owed)))
        return remittance_id
    _assigned(book, owed, left_out)
    return remittance_id


def decide_waiting(book: Book, on: date) -> None:
    """Account managers look at what was held and accept it."""
    waiting, book.waiting = book.waiting, []
    for client, remittance_id, owed in waiting:
        with book.act() as session:
            accept(
                session, remittance_id=remittance_id, by=client.manager,
                at=instant(on, 11, client.rng.randrange(60)),
            )  # fmt: skip
            left_out = queries.refused_numbers(session, remittance_id)
        _assigned(book, owed, left_out)


def _assigned(book: Book, owed: Sequence[Owed], left_out: set[str]) -> None:
    for item in owed:
        if item.number not in left_out:
            kept = book.owed if item.amount_minor > 0 else book.credits
            kept.setdefault(item.debtor.id, []).append(item)


def invoice(client: Client, on: date, rng: Random) -> tuple[Debtor, NewDocument]:
    """An invoice to one of the client's debtors, issued since it last sent any."""
    debtor = pick_debtor(client, rng)
    issued = on - timedelta(days=rng.randrange(7 * client.cast.every))
    while issued.weekday() > 4:
        issued -= timedelta(days=1)
    net = client.cast.typical_minor * rng.choice(SPREAD) * rng.randrange(90, 111) // 10_000
    vat = (net * 20 + 50) // 100
    due = issued + timedelta(days=client.cast.days)
    if client.cast.days == 45:  # 45 jours fin de mois
        due = month_end(issued) + timedelta(days=45)
    return debtor, NewDocument(
        number=client.next_number(issued), issue_date=issued, due_date=due,
        amount_minor=net + vat, vat_minor=vat, debtor_siren=debtor.firm.details.siren,
        debtor_name=debtor.firm.name,
        order_ref=f"CDE{rng.randrange(10_000, 99_999)}" if rng.randrange(3) == 0 else None,
    )  # fmt: skip


def pick_debtor(client: Client, rng: Random) -> Debtor:
    """One of the client's debtors; the first ones buy most."""
    count = len(client.debtors)
    while True:
        debtor = client.debtors[min(rng.randrange(count), rng.randrange(count))]
        if not debtor.insolvent:
            return debtor


def owed_for(client: Client, debtor: Debtor, row: NewDocument, rng: Random) -> Owed:
    """The invoice as its debtor sees it: what is due, and when it means to pay."""
    assert row.due_date is not None
    late = days_late(rng, debtor.habit)
    if rng.randrange(150) == 0:
        late += rng.randrange(40, 120)  # the ones collectors know by name
    pay_on = next_business_day(_payday(debtor, row.due_date + timedelta(days=late)))
    return Owed(client, debtor, row.number, row.amount_minor, row.issue_date, row.due_date, pay_on)


def _payday(debtor: Debtor, on: date) -> date:
    """The debtor's next payment run from a date on."""
    if not debtor.paydays:
        return on
    while min(debtor.paydays, key=lambda day: abs(day - on.day)) != on.day and not (
        on == month_end(on) and max(debtor.paydays) > on.day
    ):
        on += timedelta(days=1)
    return on


def _credit_notes(
    book: Book, client: Client, on: date, weeks: int, rng: Random
) -> list[tuple[Owed, NewDocument]]:
    notes = []
    for _ in range(client.cast.weekly * weeks * book.volume):
        if rng.randrange(100) >= 4:
            continue
        debtor = pick_debtor(client, rng)
        open_items = [
            item for item in book.owed.get(debtor.id, ())
            if item.client is client and item.left_minor > 10_000
        ]  # fmt: skip
        if open_items:
            item = rng.choice(open_items)
            percent = rng.choice((5, 8, 10, 12, 15, 20, 30, 50))
            notes.append(credit_note(client, item, item.left_minor * percent // 100, on, rng))
    return notes


def credit_note(
    client: Client, item: Owed, amount_minor: int, on: date, rng: Random
) -> tuple[Owed, NewDocument]:
    """A credit note on an invoice; three in four name it and are set off at once."""
    named = rng.randrange(4) > 0
    number = "AV" + client.next_number(on).replace("FA-", "-")
    row = NewDocument(
        number=number, issue_date=on, due_date=on, kind=DocumentKind.CREDIT_NOTE,
        amount_minor=-amount_minor, debtor_siren=item.debtor.firm.details.siren,
        debtor_name=item.debtor.firm.name, original_number=item.number if named else None,
        vat_minor=-(amount_minor - (amount_minor * 100 + 60) // 120),
    )  # fmt: skip
    note = Owed(client, item.debtor, number, -amount_minor, on, on, None)
    if named:
        item.left_minor -= amount_minor
        note.left_minor = 0
    return note, row


def _sent_again(
    book: Book, client: Client, documents: Sequence[NewDocument], rng: Random
) -> NewDocument:
    """A line the check refuses: sent twice, or dated of tomorrow, or of a SIREN mistyped."""
    row = rng.choice([one for one in documents if one.amount_minor > 0])
    fault = rng.randrange(3)
    if fault == 0:
        return row
    if fault == 1:
        return replace(row, number=row.number + "B", issue_date=row.issue_date.replace(
            year=row.issue_date.year + 1), due_date=None)  # fmt: skip
    return replace(row, number=row.number + "B", debtor_siren="123456789")


def is_sending_day(book: Book, client: Client, on: date) -> bool:
    """Whether the client sends its invoices today (the next open day if its own is closed)."""
    if on < client.starts_on:
        return False
    usual = on
    while usual.weekday() != client.cast.remits_on:
        usual -= timedelta(days=1)
    weeks = (usual - client.starts_on).days // 7 + 1
    return next_business_day(usual) == on and weeks % _pace(book, client, on) == 0


def _pace(book: Book, client: Client, on: date) -> int:
    """Weeks between two remittances of the client."""
    return client.cast.every if book.lately(on) else min(4, 2 * client.cast.every)
