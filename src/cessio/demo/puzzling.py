"""What is on the clerk's bench on the first morning: payments that want a look, each in its way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from cessio.banking.formats.statement import Party
from cessio.demo.book import Book, Client, Owed, Truth
from cessio.demo.paying import credit_entry

#: How many invoices, the percent of them that arrives, in which words, and the payer if another.
_PUZZLES: tuple[tuple[int, int, str, str | None], ...] = (
    (1, 98, "REGLT {number} ESCPTE 2 PCT", None),
    (1, 50, "ACOMPTE SUR FACTURE", None),
    (3, 100, "REGLEMENT FACTURES NOVEMBRE", None),
    (2, 100, "VIR CENTRALE POUR COMPTE {number}", "CENTRALE DE PAIEMENT OUEST"),
    (1, 100, "FACT {tail}", "HOLDING FINANCIERE DU RHONE"),
    (2, 99, "REGLEMENT SELON RELEVE AVOIR DEDUIT", None),
    (1, 104, "{number}", None),
    (1, 100, "VIR SEPA {tail} {client}", None),
)


def _puzzles(book: Book, on: date) -> None:
    """One payment for each of the puzzles, each of another client's debtor."""
    for place, (count, percent, words, payer) in enumerate(_PUZZLES):
        items = _of_one_debtor(book, book.clients[place % len(book.clients)], on, count)
        if not items:
            continue
        first = items[0]
        amount = sum(item.left_minor for item in items) * percent // 100
        text = words.format(
            number=first.number, tail="".join(filter(str.isdigit, first.number))[-4:],
            client=first.client.cast.code,
        )  # fmt: skip
        firm = first.debtor.firm
        party = Party(name=payer or firm.bank_name, iban=None if payer else firm.iban, bic=firm.bic)
        account = book.collection if first.client.confidential else book.main
        truth = Truth(tuple((item, item.left_minor) for item in items))
        account.arrived.append(credit_entry(book, account, amount, party, (text,), (), truth, on))
        for item in items:
            book.owed[item.debtor.id].remove(item)


def _of_one_debtor(book: Book, client: Client, on: date, count: int) -> list[Owed]:
    """So many open invoices of one of a client's debtors, those due first."""
    for items in book.owed.values():
        mine = [
            item for item in items
            if item.client is client and not item.disputed and item.pay_on is not None
            and item.pay_on > on and item not in book.promised
        ]  # fmt: skip
        if len(mine) >= count:
            return sorted(mine, key=lambda item: (item.due_date, item.number))[:count]
    return []


#: Business days before the last one → what happens that day.
DAYS: Mapping[int, Callable[[Book, date], None]] = {1: _puzzles}
