"""What the last days leave open, so that every screen has something to decide.

Each situation is made on its day, counted in business days before the last, by the people who
would: nothing is written that could not have happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from cessio.agreeing.deeds.book import ReverseRemittance
from cessio.banking.formats.statement import Party
from cessio.cash import park_line
from cessio.collections.operations.insolvency import declare_insolvency
from cessio.collections.rules.insolvency import Judgment, Procedure
from cessio.contracts.rules import IneligibleReason
from cessio.demo import odd, queries
from cessio.demo.agreeing import agreed
from cessio.demo.book import Book, Client, Owed, Truth, instant
from cessio.demo.numbers import company_numbers, french_account
from cessio.demo.paying import credit_entry
from cessio.demo.remitting import invoice, owed_for, send
from cessio.demo.risks import dispute_one, usual_limit
from cessio.demo.sharing import share
from cessio.funding import instruct, request_drawdown
from cessio.funding import queries as funding
from cessio.funding.rules import Instruction, StandingMode
from cessio.limits import NewLimit, ask_for_limit
from cessio.parties import Segment, payout_account
from cessio.parties.operations import change_debtor
from cessio.receivables import NewDocument, check, draft_from_rows, withdraw
from cessio.receivables.operations import place_hold
from cessio.receivables.operations.limits import decide_limit
from cessio.receivables.rules import Source

#: Has money drawn by itself, but for what it keeps.
KEEPER = "NETOUEST"
#: Does not draw in the last weeks, so that something large is there to be asked for.
PATIENT, PATIENCE = "GARONNE", timedelta(days=24)


def _insolvency(book: Book, on: date) -> None:
    """A debtor is put under court protection: nobody sells to it any more, its cover ends."""
    client = book.clients[0]
    debtor = client.debtors[-3]
    debtor.insolvent = True
    for item in book.owed.get(debtor.id, ()):
        item.pay_on = None
    with book.act() as session:
        change_debtor(
            session, debtor_id=debtor.id, segment=Segment.AT_RISK, payment_terms_days=None,
            language="fr", insolvent_on=None, why="Redressement judiciaire, BODACC",
            by=book.staff["chloe"], at=instant(on, 9, 30),
        )  # fmt: skip
        declare_insolvency(
            session, debtor_id=debtor.id, why="BODACC", by=book.staff["chloe"],
            at=instant(on, 9, 45),
            judgment=Judgment(
                Procedure.RECEIVERSHIP, on - timedelta(days=6), on - timedelta(days=1),
                "Tribunal des activités économiques de Lyon", "SELARL Perrin et Roche",
                ("24 rue de Bonnel", "69003 Lyon"),
            ),
        )  # fmt: skip


def _mistakes(book: Book, on: date) -> None:
    """A remittance prepared by mistake is withdrawn, another is reversed once assigned."""
    client = book.clients[-1]
    rows = [invoice(client, on, client.rng)[1] for _ in range(3)]
    with book.act() as session:
        drafted = draft_from_rows(
            session, contract_id=client.contract_id, rows=rows[:1], source=Source.TYPED,
            by=client.operator, at=instant(on, 10, 40),
        )  # fmt: skip
        withdraw(
            session, remittance_id=drafted, reason="Envoyée deux fois", by=client.operator,
            at=instant(on, 10, 55),
        )  # fmt: skip
    remittance_id = send(book, client, on, rows, [], hour=16, minute=50)
    with book.act() as session:
        agreed(
            session, ReverseRemittance(remittance_id, "Factures d'un autre exercice"),
            by=client.manager, second=book.staff["chloe"], at=instant(on, 17, 30),
        )  # fmt: skip


def _cuts(book: Book, on: date) -> None:
    """The insurer cuts the largest debtor of a client, and a season's limit is near its end."""
    client = book.clients[0]
    largest, second, third = client.debtors[:3]
    until = book.until
    with book.act() as session:
        for place, limit in enumerate(
            (
                NewLimit(
                    contract_id=client.contract_id, debtor_id=largest.id,
                    amount_minor=_half(book, client, 0), insurer="Coface",
                    insurer_reference="POL-204417",
                    reason="Réduction de l'assureur : résultat 2025 en perte",
                ),
                NewLimit(
                    contract_id=client.contract_id, debtor_id=second.id, is_temporary=True,
                    amount_minor=3 * usual_limit(book, client, 1) // 1_000_000 * 1_000_000
                    or 2_000_000,
                    valid_to=until + timedelta(days=8), insurer="Coface",
                    insurer_reference="POL-204418", reason="Chantier de saison",
                ),
                NewLimit(
                    contract_id=client.contract_id, debtor_id=third.id,
                    amount_minor=max(1_000_000, usual_limit(book, client, 2)),
                    valid_to=until + timedelta(days=20), insurer="Atradius",
                    insurer_reference="POL-118020", reason="Bilan attendu avant renouvellement",
                ),
            )
        ):  # fmt: skip
            decide_limit(
                session, limit=limit, by=book.staff["chloe"], at=instant(on, 8, 40 + place)
            )


def _half(book: Book, client: Client, place: int) -> int:
    """Well below what the debtor owes now."""
    debtor = client.debtors[place]
    owed = sum(i.left_minor for i in book.owed.get(debtor.id, ()) if i.client is client)
    return max(500_000, owed * 55 // 100 // 100_000 * 100_000)


def _disputes(book: Book, on: date) -> None:
    """Two disputes that nobody settles before the end, and an invoice under suspicion."""
    rng = book.rng("last disputes")
    for client in book.clients[:2]:
        dispute_one(book, on, rng, of=client, for_days=90)
    held = next(
        (
            item for items in book.owed.values() for item in items
            if item.client is book.clients[-1] and not item.disputed and item.pay_on is not None
        ),
        None,
    )  # fmt: skip
    if held is None:
        return
    with book.act() as session:
        key = (held.client.contract_id, held.number)
        found = queries.open_documents(session, contract_ids=[key[0]], numbers=[key[1]])
        if key in found:
            held.pay_on = None
            place_hold(
                session, receivable_id=found[key][0], reason=IneligibleReason.ON_HOLD,
                comment="Bon de commande introuvable chez le débiteur", by=held.client.manager,
                at=instant(on, 16, 10),
            )  # fmt: skip


def _unknown_money(*receipts: tuple[str, str, int]) -> Callable[[Book, date], None]:
    """Receipts nobody can place; they are in tomorrow's statement."""

    def receive(book: Book, on: date) -> None:
        rng = book.rng(f"unknown money/{on}")
        for name, words, amount in receipts:
            iban, bic = french_account(rng)
            entry = credit_entry(
                book, book.main, amount, Party(name=name, iban=iban, bic=bic), (words,), (),
                Truth((), mystery=True), on,
            )  # fmt: skip
            book.main.arrived.append(entry)

    return receive


def _parked(owner: str, note: str) -> Callable[[Book, date], None]:
    """The oldest of them is set aside with somebody who finds out."""

    def park(book: Book, on: date) -> None:
        with book.act() as session:
            lines = queries.open_credits(session, since=on - timedelta(days=40))
            parked = queries.parked_lines(session)
            for line in lines:
                truth = book.truths.get(line.bank_ref)
                if truth is not None and truth.mystery and line.line_id not in parked:
                    park_line(
                        session, line_id=line.line_id, owner_id=book.staff.ids[owner], note=note,
                        by=book.staff["denis"], at=instant(on, 11, 50),
                    )  # fmt: skip
                    return

    return park


def _strange_payers(book: Book, on: date) -> None:
    """An invoice paid by the client that sold it, another one from an account nobody knows."""
    rng = book.rng("strange payers")
    for place, client in enumerate(book.clients[:2]):
        item = next((one for one in _fresh(book, client, on) if one.left_minor > 50_000), None)
        if item is None or item.pay_on is None or item.disputed:
            continue
        name, (iban, bic) = item.debtor.firm.bank_name, french_account(rng)
        with book.act() as session:
            own = payout_account(session, client.id)
        if place and own is not None:
            name, iban, bic = client.cast.name.upper()[:35], own.iban, own.bic or bic
        book.owed[item.debtor.id].remove(item)
        account = book.collection if client.confidential else book.main
        account.arrived.append(
            credit_entry(
                book, account, item.left_minor, Party(name=name, iban=iban, bic=bic),
                (f"REGLEMENT FACTURE {item.number}",), (), Truth(((item, item.left_minor),)), on,
            )
        )  # fmt: skip


def _questions(book: Book, on: date) -> None:
    """Clients ask for limits that the analyst has not answered yet."""
    with book.act() as session:
        for place, client in enumerate([one for one in book.clients if one.insured][:2]):
            debtor = client.debtors[4]
            wanted = max(2_000_000, 3 * usual_limit(book, client, 4) // 1_000_000 * 1_000_000)
            ask_for_limit(
                session, contract_id=client.contract_id, debtor_id=debtor.id, amount_minor=wanted,
                comment="Marché annuel signé, première livraison la semaine prochaine",
                by=client.signatory, at=instant(on, 9, 15 + place),
            )  # fmt: skip


def _returned(book: Book, on: date) -> None:
    """The bank gives a payout back: the account was closed, and the client says so."""
    book.return_next = True


def _eve(book: Book, on: date) -> None:
    _parked("alice", "Le client connaît-il ce payeur ? Demander le contrat d'origine")(book, on)
    _questions(book, on)


def _last_day(book: Book, on: date) -> None:
    """The evening before the user comes in."""
    _duplicate(book, on)
    _blocked(book, on)
    _draft(book, on)
    _to_approve(book, on)
    odd.plant(book, on)


def _duplicate(book: Book, on: date) -> None:
    """A client sends an invoice that another one assigned: refused, and said to staff only."""
    first, second = book.clients[0], book.clients[1]
    theirs = next(_fresh(book, first, on), None)
    if theirs is None:
        return
    copied = NewDocument(
        number=theirs.number, issue_date=theirs.issue_date, due_date=theirs.due_date,
        amount_minor=theirs.amount_minor, debtor_siren=theirs.debtor.firm.details.siren,
        debtor_name=theirs.debtor.firm.name,
    )  # fmt: skip
    pairs = [invoice(second, on, second.rng) for _ in range(3)]
    owed = [owed_for(second, debtor, row, second.rng) for debtor, row in pairs]
    send(book, second, on, [*(row for _, row in pairs), copied], owed, hour=16, minute=20)


def _blocked(book: Book, on: date) -> None:
    """Above what the contract accepts by rule, with an invoice much like an earlier one."""
    client = book.clients[0]
    pairs = [invoice(client, on, client.rng) for _ in range(6)]
    rows = [row for _, row in pairs]
    earlier = next(_fresh(book, client, on), None)
    if earlier is not None:  # the same debtor, day and amount under another number
        rows.append(
            replace(
                rows[0], number=f"{rows[0].number}-BIS", issue_date=earlier.issue_date,
                due_date=earlier.due_date, amount_minor=earlier.amount_minor, vat_minor=None,
                debtor_siren=earlier.debtor.firm.details.siren,
                debtor_name=earlier.debtor.firm.name,
            )
        )  # fmt: skip
    limit = client.terms.auto_accept_max_minor or 0
    while sum(row.amount_minor for row in rows) <= limit:
        rows.append(invoice(client, on, client.rng)[1])
    send(book, client, on, rows, [], hour=16, minute=40)
    book.waiting.clear()  # it waits for the user


def _draft(book: Book, on: date) -> None:
    """What an operator prepared and its signatory has not confirmed, faults included."""
    client = book.clients[min(2, len(book.clients) - 1)]
    rows = [invoice(client, on, client.rng)[1] for _ in range(9)]
    rows += [
        replace(rows[0], due_date=rows[0].issue_date - timedelta(days=2), number="ERREUR-1"),
        replace(rows[1], debtor_siren=company_numbers(client.rng).siren,
                debtor_name="Nouvelle Enseigne SAS", number=client.next_number(on)),
        replace(rows[2], debtor_siren="123456789", number="ERREUR-2"),
        rows[3],
    ]  # fmt: skip
    with book.act() as session:
        remittance_id = draft_from_rows(
            session, contract_id=client.contract_id, rows=rows, source=Source.FILE,
            by=client.operator, at=instant(on, 17, 5),
        )  # fmt: skip
        check(
            session, remittance_id=remittance_id, on=on, by=client.operator, at=instant(on, 17, 6)
        )


def _to_approve(book: Book, on: date) -> None:
    """A drawdown large enough for a second person."""
    with book.act() as session:
        found = funding.book_availability(
            session, on=on, contract_ids=[client.contract_id for client in book.clients]
        )
        for client in sorted(book.clients, key=lambda one: one.cast.code != PATIENT):
            payable = found[client.contract_id].payable_now_minor // 100_000 * 100_000
            if payable >= max(100_000, client.terms.payout_approval_threshold_minor):
                request_drawdown(
                    session, contract_id=client.contract_id, amount_minor=payable,
                    by=client.signatory, at=instant(on, 16, 30),
                )  # fmt: skip
                return


def _fresh(book: Book, client: Client, on: date) -> Iterator[Owed]:
    """Invoices the client assigned lately and that nobody paid or contested."""
    for debtor in client.debtors:
        for item in book.owed.get(debtor.id, ()):
            if item.client is client and item.issue_date > on - timedelta(days=40):
                yield item


_GIFTS = (
    _unknown_money(("ETS MOUNIER ET FILS", "VIR SOLDE COMPTE", 312_455)),
    _unknown_money(("MAIRIE DE SAINT PRIEST", "MANDAT 4471 BORD 212", 1_268_000),
                   ("M PAUL GARNIER", "REMBOURSEMENT", 18_990)),
    _unknown_money(("SCI LES TILLEULS", "LOYER NOVEMBRE", 142_500),
                   ("HOLDING BDR PARTICIPATIONS", "REGLT SOLDE SELON ACCORD TEL", 868_034)),
)  # fmt: skip


def _instruct(book: Book, on: date) -> None:
    """A client whose contract pays all out by itself keeps some of it from now on."""
    said = Instruction(mode=StandingMode.DAILY, reserve_minor=2_500_00, minimum_minor=1_500_00)
    for client in book.clients:
        if client.cast.code == KEEPER:
            with book.act() as session:
                instruct(session, contract_id=client.contract_id, said=said, by=client.signatory,
                         at=instant(on, 9, 20))  # fmt: skip


#: Business days before the last one → what happens that day.
DAYS: Mapping[int, Callable[[Book, date], None]] = {
    55: _mistakes, 34: _insolvency, 33: _returned, 22: _instruct, 18: _GIFTS[0],
    16: _parked("jules", "Appeler le donneur d'ordre : quel fournisseur, quelles factures ?"),
    14: _cuts, 10: _GIFTS[1], 9: _disputes, 8: share,
    7: _parked("denis", "Mandat administratif : demander le détail au comptable public"),
    5: _strange_payers, 3: _GIFTS[2], 1: _eve, 0: _last_day,
}  # fmt: skip
