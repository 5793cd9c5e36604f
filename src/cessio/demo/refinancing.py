"""The treasury's own means: capital paid in, a credit line drawn and repaid, accounts levelled.

The bank writes it on its statements; the treasury books those lines the morning they come.
"""

from __future__ import annotations

from datetime import date, timedelta

from cessio import agreeing, approvals
from cessio.agreeing.deeds.book import BookMeans
from cessio.banking.formats.statement import ParsedDetail, ParsedEntry, Party
from cessio.cash.rules import OwnMeans
from cessio.demo import queries
from cessio.demo.book import Account, Book, instant
from cessio.demo.cast import FACTOR
from cessio.kernel.calendar import next_business_day

CAPITAL = 300_000_000
LENDER = "BANQUE REGIONALE DU RHONE"
PARTNERS = "CESSIO PARTICIPATIONS SAS"
#: Between these the operating account is left alone; drawn, repaid and levelled in such steps.
LEAST, MOST, STEP = 50_000_000, 250_000_000, 25_000_000
#: What the line costs a year, in hundredths of a percent.
RATE = 345
WORDS = {
    OwnMeans.CAPITAL: "LIBERATION DU CAPITAL SOCIAL",
    OwnMeans.REFINANCING: "LIGNE DE REFINANCEMENT RCF-2",
    OwnMeans.COST: "INTERETS LIGNE RCF-2",
    OwnMeans.TRANSFER: "NIVELLEMENT DE TRESORERIE",
}
REFERENCES = {
    OwnMeans.CAPITAL: "Augmentation de capital, assemblée du 2 mai",
    OwnMeans.REFINANCING: "Ligne RCF-2, Banque Régionale du Rhône",
    OwnMeans.COST: "Intérêts du mois, ligne RCF-2",
    OwnMeans.TRANSFER: "Nivellement vers le compte d’exploitation",
}


def refinance(book: Book, on: date) -> None:
    """The evening's look at the accounts: level them, draw what lacks, repay what is idle."""
    held, means = book.main, book.refinancing
    if not means.is_founded:
        means.is_founded = True
        _move(book, held, OwnMeans.CAPITAL, CAPITAL * book.volume, PARTNERS, on)
    if on.weekday() == 4 and (swept := _expected(book.collection) // STEP * STEP) > 0:
        _move(book, book.collection, OwnMeans.TRANSFER, -swept, FACTOR.upper(), on)
        _move(book, held, OwnMeans.TRANSFER, swept, FACTOR.upper(), on)
    if means.drawn_minor and next_business_day(on + timedelta(days=1)).month != on.month:
        _move(book, held, OwnMeans.COST, -(means.drawn_minor * RATE // 120_000), LENDER, on)
    rest = _expected(held)
    if rest < LEAST:
        drawn = -((rest - LEAST) // STEP) * STEP
    else:
        drawn = -min(means.drawn_minor, max(0, rest - MOST) // STEP * STEP)
    if drawn:
        means.drawn_minor += drawn
        _move(book, held, OwnMeans.REFINANCING, drawn, LENDER, on)


def book_means(book: Book, on: date) -> None:
    """Book what came of it on the statements of the morning."""
    known = {words: means for means, words in WORDS.items()}
    with book.act() as session:
        for place, (line_id, words) in enumerate(queries.waiting_with(session, known)):
            at, means = instant(on, 8, 15, place % 60), known[words]
            asked = agreeing.ask(session, deed=BookMeans(line_id, means, REFERENCES[means]),
                                 by=book.staff["ines"], at=at)  # fmt: skip
            seen = approvals.approval(session, asked).subject_hash
            agreeing.agree(session, approval_id=asked, seen=seen, by=book.staff["bruno"],
                           at=at + timedelta(minutes=20))  # fmt: skip


def _expected(account: Account) -> int:
    return account.balance_minor + sum(entry.amount_minor for entry in account.arrived)


def _move(
    book: Book, account: Account, means: OwnMeans, amount_minor: int, other: str, on: date
) -> None:
    account.references += 1
    reference = f"{on:%Y%m%d}{account.id:02d}{account.references:07d}"
    us, them = Party(name=FACTOR.upper(), iban=account.iban), Party(name=other)
    payer, payee = (them, us) if amount_minor > 0 else (us, them)
    detail = ParsedDetail(
        amount_minor=amount_minor, end_to_end_id="NOTPROVIDED", bank_ref=reference, debtor=payer,
        creditor=payee, remittance=(WORDS[means],),
    )  # fmt: skip
    account.arrived.append(
        ParsedEntry(amount_minor=amount_minor, currency="EUR", booked_on=on, value_date=on,
                    bank_ref=reference, details=(detail,))
    )  # fmt: skip
