"""The bank's side of a day: debtors pay as debtors do, and the bank writes its statement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from random import Random

from cessio.banking.formats.camt_writer import camt053_bytes
from cessio.banking.formats.statement import (
    Balance,
    ParsedDetail,
    ParsedEntry,
    ParsedStatement,
    Party,
    ReferredDocument,
    StructuredRemittance,
)
from cessio.demo.book import Account, Book, Debtor, Owed, Truth, instant
from cessio.demo.cast import FACTOR
from cessio.demo.firms import plain

CREDIT, DEBIT, RETURN = "PMNT-RCDT-ESCT", "PMNT-ICDT-ESCT", "PMNT-ICDT-RRTN"


def pay_day(book: Book, on: date) -> list[Owed]:
    """What arrives on a day on our accounts; returns what clients get instead of us."""
    rng = book.rng(f"pay/{on}")
    direct: list[Owed] = []
    for debtor in book.debtors:
        due = [
            item for item in book.owed.get(debtor.id, ())
            if item.pay_on is not None and item.pay_on <= on
        ]  # fmt: skip
        for items in _payments(due):
            client = items[0].client
            if rng.randrange(100) < client.cast.direct_percent:
                direct += items
                _forget(book, items)
            else:
                account = book.collection if client.confidential else book.main
                account.arrived.append(_pay(book, account, debtor, items, on, rng))
    return direct


def _payments(due: Iterable[Owed]) -> list[list[Owed]]:
    """One payment a client, as each has its own account of ours or its own terms."""
    by_client: dict[int, list[Owed]] = {}
    for item in due:
        by_client.setdefault(item.client.contract_id, []).append(item)
    return list(by_client.values())


def _pay(
    book: Book, account: Account, debtor: Debtor, items: list[Owed], on: date, rng: Random
) -> ParsedEntry:
    parts = [(item, item.left_minor) for item in items if item.left_minor > 0]
    parts += _netted(book, debtor, items, sum(minor for _, minor in parts))
    amount = sum(minor for _, minor in parts)
    if debtor.discount and all(item.due_date > on for item in items) and rng.randrange(3):
        amount -= amount * debtor.discount // 10_000
    elif len(items) == 1 and rng.randrange(50) == 0:
        return _part(book, account, debtor, items[0], on, rng)
    elif rng.randrange(60) == 0:
        amount -= rng.randrange(1, 400)  # a slip of cents or a bank's charge
    _forget(book, items)
    truth = Truth(tuple(parts))
    return _entry(book, account, debtor, amount, truth, on, rng)


def _part(
    book: Book, account: Account, debtor: Debtor, item: Owed, on: date, rng: Random
) -> ParsedEntry:
    """Half now; the rest in a few weeks."""
    amount = item.left_minor // 2
    item.left_minor -= amount
    item.pay_on = date.fromordinal(on.toordinal() + rng.randrange(15, 40))
    return _entry(book, account, debtor, amount, Truth(((item, amount),)), on, rng)


def _netted(book: Book, debtor: Debtor, items: list[Owed], total: int) -> list[tuple[Owed, int]]:
    """The debtor's credit notes of the same client, as long as something is left to pay."""
    netted = []
    for note in list(book.credits.get(debtor.id, ())):
        if note.client is items[0].client and note.left_minor < 0 and total + note.left_minor > 0:
            netted.append((note, note.left_minor))
            total += note.left_minor
            note.left_minor = 0
    return netted


def _forget(book: Book, items: Iterable[Owed]) -> None:
    for item in items:
        book.owed[item.debtor.id].remove(item)


def _entry(
    book: Book, account: Account, debtor: Debtor, amount_minor: int, truth: Truth, on: date,
    rng: Random,
) -> ParsedEntry:  # fmt: skip
    numbers = [item.number for item, _ in truth.items]
    text, structured = _words(debtor.style, numbers, truth.items[0][0].client.cast.name, rng)
    known = rng.randrange(40) > 0  # now and then a group pays from its own account
    payer = Party(
        name=debtor.firm.bank_name if known else f"GROUPE {debtor.firm.bank_name}"[:35],
        iban=debtor.firm.iban if known else None, bic=debtor.firm.bic,
    )  # fmt: skip
    return credit_entry(book, account, amount_minor, payer, text, structured, truth, on)


def credit_entry(
    book: Book, account: Account, amount_minor: int, payer: Party, text: tuple[str, ...],
    structured: tuple[StructuredRemittance, ...], truth: Truth | None, on: date,
) -> ParsedEntry:  # fmt: skip
    """Money in, with the bank's own reference, by which the demonstration remembers it."""
    account.references += 1
    reference = f"{on:%Y%m%d}{account.id:02d}{account.references:07d}"
    if truth is not None:
        book.truths[reference] = truth
    detail = ParsedDetail(
        amount_minor=amount_minor, end_to_end_id="NOTPROVIDED", bank_ref=reference, debtor=payer,
        creditor=Party(name=FACTOR.upper(), iban=account.iban), remittance=text,
        structured=structured, code=CREDIT,
    )  # fmt: skip
    return ParsedEntry(
        amount_minor=amount_minor, currency="EUR", booked_on=on, value_date=on,
        bank_ref=reference, code=CREDIT, details=(detail,),
    )  # fmt: skip


def debit_payouts(book: Book, on: date) -> None:
    """The bank debits the payouts of today's order, and may give one back or forget one."""
    while book.unanswered and book.payouts:
        book.payouts.pop(0)
        book.unanswered -= 1
    for end_to_end_id, name, iban, amount in book.payouts:
        book.main.references += 1
        reference = f"{on:%Y%m%d}{book.main.id:02d}{book.main.references:07d}"
        detail = ParsedDetail(
            amount_minor=-amount, end_to_end_id=end_to_end_id, bank_ref=reference, code=DEBIT,
            debtor=Party(name=FACTOR.upper(), iban=book.main.iban),
            creditor=Party(name=name[:70], iban=iban), remittance=("FINANCEMENT",),
        )  # fmt: skip
        book.main.arrived.append(
            ParsedEntry(amount_minor=-amount, currency="EUR", booked_on=on, value_date=on,
                        bank_ref=reference, code=DEBIT, details=(detail,))
        )  # fmt: skip
    if book.payouts and book.return_next:
        end_to_end_id, name, iban, amount = book.payouts[0]
        detail = ParsedDetail(
            amount_minor=amount, end_to_end_id=end_to_end_id, code=RETURN, return_code="AC04",
            debtor=Party(name=FACTOR.upper(), iban=book.main.iban),
            creditor=Party(name=name[:70], iban=iban), return_info="COMPTE CLOTURE",
        )  # fmt: skip
        book.main.arrived.append(
            ParsedEntry(amount_minor=amount, currency="EUR", booked_on=on, value_date=on,
                        bank_ref=f"{on:%Y%m%d}RET", code=RETURN, details=(detail,))
        )  # fmt: skip
        book.return_next = False
    book.payouts = []


def statement_bytes(account: Account, entries: list[ParsedEntry]) -> bytes:
    """The bank's camt.053 of one account, of the days of its entries."""
    first, on = entries[0].booked_on, entries[-1].booked_on
    opening = account.balance_minor
    account.balance_minor += sum(entry.amount_minor for entry in entries)
    account.statements += 1
    statement = ParsedStatement(
        kind="camt.053", statement_ref=f"{account.iban[-6:]}-{on:%y}{account.statements:05d}",
        currency="EUR", iban=account.iban, owner=FACTOR.upper(),
        electronic_sequence=account.statements, created_on=on, from_on=first, to_on=on,
        balances=(Balance("OPBD", opening, first), Balance("CLBD", account.balance_minor, on)),
        entries=tuple(entries),
    )  # fmt: skip
    return camt053_bytes(
        [statement], message_id=f"{account.id}-{on:%Y%m%d}-{account.statements}",
        created_at=instant(on, 21),
    )  # fmt: skip


def _words(
    style: str, numbers: list[str], client: str, rng: Random
) -> tuple[tuple[str, ...], tuple[StructuredRemittance, ...]]:
    """How a payer writes what it pays."""
    if rng.randrange(50) == 0:
        numbers = [_mistyped(number, rng) for number in numbers]
    if style == "structured":
        documents = tuple(ReferredDocument(number, "CINV") for number in numbers)
        return (), (StructuredRemittance(documents=documents),)
    text = {
        "numbers": " ".join(numbers),
        "words": f"REGLEMENT FACT {', '.join(numbers)} {plain(client).upper()}",
        "glued": "/".join(number.replace("-", "").replace(" ", "") for number in numbers),
        "cut": f"VIR SEPA FACTURES {' '.join(numbers)}"[:35],
        "digits": "FACT " + " ".join(_tail(number) for number in numbers),
        "silent": f"VIREMENT {plain(client).upper()}",
    }[style]
    return (text[:140],), ()


def _tail(number: str) -> str:
    """What a hurried clerk keeps of a number: its last digits."""
    return "".join(sign for sign in number if sign.isdigit())[-4:]


def _mistyped(number: str, rng: Random) -> str:
    place = rng.randrange(len(number) - 1)
    return number[:place] + number[place + 1] + number[place] + number[place + 2 :]
