"""The cash clerk's mornings: statements imported, matched, and what is left applied by hand."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from cessio.banking import import_statement
from cessio.cash import Chosen, apply_line, match_open_lines, record_direct_payment
from cessio.demo import queries
from cessio.demo.book import Account, Book, Owed, Truth, instant
from cessio.demo.paying import statement_bytes
from cessio.funding import settle_payout_lines
from cessio.kernel.errors import Conflict
from cessio.receivables.operations import set_off

LEFT = timedelta(days=4)
MATCHER, PAYOUTS = "job:cash.match", "job:funding.settle_payouts"


def import_arrived(book: Book, account: Account, on: date) -> None:
    """Import what the bank booked since its last statement; the matcher does what is sure."""
    entries, account.arrived = account.arrived, []
    if not entries:
        return
    data = statement_bytes(account, entries)
    with book.act() as session:
        imported = import_statement(
            session, data=data, filename=f"camt053-{account.iban[-6:]}-{on}.xml",
            by=book.staff["denis"], at=instant(on, 7, 30, account.id % 60),
        )  # fmt: skip
    with book.act() as session:
        if any(entry.amount_minor < 0 for entry in entries):
            settle_payout_lines(session, by=PAYOUTS, at=instant(on, 7, 32))
        for one in imported:
            match_open_lines(
                session, statement_id=one.statement_id, by=MATCHER, at=instant(on, 7, 33)
            )


def apply_by_hand(book: Book, on: date) -> None:
    """Apply what the matcher left and the clerk can find out; most within two days.

    What came in the last days is left for whoever comes in.
    """
    left = book.until - LEFT
    rng = book.rng(f"clerk/{on}")
    with book.act() as session:
        for place, line in enumerate(queries.open_credits(session, since=on - timedelta(days=40))):
            truth = book.truths.get(line.bank_ref)
            if truth is None or truth.mystery or line.booked_on > left or rng.randrange(100) < 30:
                continue
            at = instant(on, 9, 10 + place % 45, place % 60)
            chosen = _chosen(session, truth, line.open_minor)
            if not chosen:
                continue
            try:
                with session.begin_nested():
                    apply_line(
                        session, line_id=line.line_id, chosen=chosen, by=book.staff["denis"], at=at
                    )
            except Conflict:
                continue


def _chosen(session: Session, truth: Truth, money: int) -> list[Chosen]:
    """Where a payment goes by what its payer meant, as far as that is still open."""
    homes = {item.client.contract_id for item, _ in truth.items}
    numbers = {item.number for item, _ in truth.items}
    known = queries.open_documents(session, contract_ids=homes, numbers=numbers)
    chosen: list[Chosen] = []
    left = money
    parts = sorted(truth.items, key=lambda part: part[1])  # credit notes lend their money first
    for item, _ in parts:
        found = known.get((item.client.contract_id, item.number))
        if found is None:
            continue
        receivable_id, open_minor = found
        amount = open_minor if open_minor < 0 else min(open_minor, left)
        if amount == 0:
            continue
        short = open_minor - amount
        written_off = short if 0 < short <= open_minor // 40 else 0
        chosen.append(Chosen(amount, receivable_id, written_off))
        left -= amount
    if left > 0:
        item = truth.items[0][0]
        chosen.append(Chosen(left, contract_id=item.client.contract_id, debtor_id=item.debtor.id))
    return chosen


def declare_direct(book: Book, items: list[Owed], on: date) -> None:
    """Clients declare what debtors paid to them instead of us."""
    if not items:
        return
    with book.act() as session:
        homes = {item.client.contract_id for item in items}
        known = queries.open_documents(
            session, contract_ids=homes, numbers={item.number for item in items}
        )
        for place, item in enumerate(items):
            receivable_id, open_minor = known.get((item.client.contract_id, item.number), (0, 0))
            if open_minor > 0:
                record_direct_payment(
                    session, receivable_id=receivable_id,
                    amount_minor=min(open_minor, item.left_minor), paid_on=on,
                    by=item.client.signatory, at=instant(on, 16, place % 60),
                    client_id=item.client.id,
                )  # fmt: skip


def use_credits(book: Book, on: date) -> None:
    """Once a week, credits that lie idle are set off against the oldest invoice."""
    with book.act() as session:
        for place, (credit_id, invoice_id) in enumerate(
            queries.settable(session, before=on - timedelta(days=20))
        ):
            set_off(
                session, credit_id=credit_id, invoice_id=invoice_id, by=book.staff["denis"],
                at=instant(on, 15, place % 60),
            )  # fmt: skip
