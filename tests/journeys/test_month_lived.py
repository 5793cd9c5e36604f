"""A month lived day by day by two contracts, and worked out again without the application.

The second half of this file knows nothing of Cessio: amounts, days, the bank's holidays of one
September and the words of the contract, in plain Python. What it finds is what the books say, to
the cent: each current account, each fund, each charge with its VAT, and the trial balance.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from cessio import banking, cash, closing, contracts, funding, receivables, settlement
from cessio.collections.operations.insolvency import declare_insolvency
from cessio.collections.rules.insolvency import Judgment, Procedure
from cessio.contracts import Product, product_defaults
from cessio.contracts.models import Contract
from cessio.contracts.operations import Named
from cessio.contracts.rules import FeeKind, IndexName
from cessio.contracts.rules.grids import FeeLine
from cessio.funding import queries as funding_queries
from cessio.ledger import queries as ledger
from cessio.limits import LimitKind
from cessio.limits.operations import NewLimit
from cessio.receivables import NewDocument
from cessio.receivables.operations import open_dispute
from cessio.receivables.operations.limits import decide_limit
from cessio.receivables.rules import DisputeReason, DocumentKind
from tests import people
from tests.journeys.test_one_contract import (
    OUR_BIC,
    OUR_IBAN,
    Life,
    invoice,
    money_in,
    money_out,
    noon,
)

SIGNED, FIRST, LAST = date(2026, 8, 31), date(2026, 9, 1), date(2026, 9, 30)


def day(number: int) -> date:
    return date(2026, 9, number)


# -- the month as people live it -----------------------------------------------------------------


def settled_in(session: Session) -> tuple[Life, Life]:
    """Alpha sells without recourse, Bravo with; both have a fund, a minimum an invoice, a grid."""
    at = noon(SIGNED)
    who = people.settle_in(session, at=at)
    grid = contracts.operations.add_fee_grid(
        session, named=Named("STD", "Standard", "Standard"), effective_from=date(2026, 1, 1),
        lines=(FeeLine(FeeKind.REMITTANCE, flat_minor=12_33), FeeLine(FeeKind.DISPUTE,
               flat_minor=20_00)), by="system:setup", at=at,
    )  # fmt: skip
    lives = []
    account_id = banking.open_account(
        session, name="Encaissements", iban=OUR_IBAN, bic=OUR_BIC, holder="Cessio Factor",
        is_payout=True, by="system:setup", at=at,
    )  # fmt: skip
    for client, product in ((who.alpha, Product.FULL), (who.bravo, Product.RECOURSE)):
        contract_id = contracts.sign_contract(
            session, client_id=client.id, product=product, signed_on=SIGNED, by="system:setup",
            at=at, terms=product_defaults(
                product, facility_limit_minor=100_000_00, commission_minimum_minor=10_00,
                payout_approval_threshold_minor=50_000_00, cover_rate_default=Decimal("0.90"),
            ),
        )  # fmt: skip
        session.execute(update(Contract).where(Contract.id == contract_id)
                        .values(fee_grid_id=grid))  # fmt: skip
        for debtor in (who.durand, who.mercier):
            for kind in LimitKind:
                decide_limit(
                    session, by=who.chloe.by, at=at,
                    limit=NewLimit(contract_id=contract_id, debtor_id=debtor.id, kind=kind,
                                   amount_minor=60_000_00),
                )  # fmt: skip
        lives.append(Life(session, who, contract_id, account_id))
    contracts.record_fixing(
        session, index=IndexName.EURIBOR_3M, fixed_on=SIGNED, rate=Decimal("0.02015"),
        source="EMMI", by="system:setup", at=at,
    )  # fmt: skip
    return lives[0], lives[1]


def remit(life: Life, on: date, *documents: NewDocument) -> None:
    """The one who may confirms the remittance of its client, or the staff takes it."""
    at = noon(on)
    by = life.people.alice.by
    number = receivables.draft_from_rows(
        life.session, contract_id=life.contract_id, rows=documents, by=by, at=at
    )
    receivables.operations.assign(life.session, remittance_id=number, by=by, at=at)


def draw(life: Life, on: date, minor: int) -> str:
    at = noon(on)
    answer = funding.request_drawdown(
        life.session, contract_id=life.contract_id, amount_minor=minor, by=life.people.fanny.by,
        at=at,
    )  # fmt: skip
    assert answer.state == "granted", answer
    funding.seal_payouts(life.session, account_id=life.account_id, execute_on=on,
                         by=life.people.bruno.by, at=at)  # fmt: skip
    view = funding_queries.drawdown_view(life.session, drawdown_id=answer.drawdown_id)
    assert view.end_to_end_id is not None
    return view.end_to_end_id


def number_of(life: Life, name: str) -> int:
    query = text("SELECT id FROM receivable WHERE number = :name")
    return int(life.session.execute(query, {"name": name}).scalar_one())


def live(alpha: Life, bravo: Life, on: date) -> None:
    """What happens on a day, by hand and by the bank."""
    session, who, at = alpha.session, alpha.people, noon(on)
    durand, mercier = who.durand.id, who.mercier.id
    match on.day:
        case 1:
            large = invoice("A-1", on, 12_000_00, durand)
            remit(alpha, on, large, invoice("A-2", on, 900_00, durand))
            remit(bravo, on, invoice("B-1", on, 8_000_00, durand))
        case 2:
            alpha.bank_says(on, money_out(on, 9_000_00, draw(alpha, on, 9_000_00)))
        case 3:
            remit(bravo, on, invoice("B-2", on, 2_500_00, mercier))
        case 7:
            remit(alpha, on, invoice("A-3", on, 7_345_67, durand))
        case 8:
            remit(alpha, on, invoice("A-4", on, 4_000_01, mercier))
        case 10:
            alpha.bank_says(on, money_in(on, 900_00, "FACTURE A-2"))
        case 11:
            alpha.bank_says(on, money_out(on, 3_000_00, draw(bravo, on, 3_000_00)))
        case 15:
            receivables.operations.record_credit_note(
                session, contract_id=alpha.contract_id, by=who.alice.by, at=at,
                document=NewDocument(
                    number="AV-1", issue_date=on, due_date=on, amount_minor=-1_000_00,
                    kind=DocumentKind.CREDIT_NOTE, debtor_id=durand, original_number="A-3",
                ),
            )  # fmt: skip
        case 16:
            cash.record_direct_payment(
                session, receivable_id=number_of(bravo, "B-1"), amount_minor=500_00, paid_on=on,
                by=who.denis.by, at=at,
            )  # fmt: skip
        case 21:
            alpha.bank_says(on, money_in(on, 6_345_67, "FACTURE A-3"))
        case 24:
            open_dispute(session, receivable_id=number_of(bravo, "B-2"), by=who.jules.by, at=at,
                         reason=DisputeReason.EXISTENCE, amount_minor=2_500_00)  # fmt: skip
            settlement.settle_every_unpaid(session, on=on, by="system:setup", at=at)
        case 25:
            declare_insolvency(session, debtor_id=mercier, by=who.chloe.by, at=at,
                               judgment=Judgment(Procedure.LIQUIDATION, on))  # fmt: skip
            settlement.settle_every_unpaid(session, on=on, by="system:setup", at=at)


def end_of_day(session: Session, on: date) -> None:
    """What the scheduler does after midnight, twice as two schedulers would."""
    at = noon(on) + timedelta(hours=14, minutes=20)
    for _ in range(2):
        closing.settle_until(session, on=on, by="job:closing.day_end", at=at)
        closing.close_day(session, on=on, by="job:closing.day_end", at=at)


# -- the same month in plain arithmetic ----------------------------------------------------------


def cents(exact: Decimal) -> int:
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def two_days_later(on: date) -> date:
    """Two business days: this September has no bank holiday."""
    left = 2
    while left:
        on += timedelta(days=1)
        left -= on.weekday() < 5
    return on


@dataclass
class Sum:
    """One contract on paper. Movements of the funds in use are by value date."""

    rate: Decimal
    owed: int = 0
    current: int = 0
    fund: int = 0
    fees: int = 0
    vat: int = 0
    interest: int = 0
    loss: int = 0
    in_use: list[tuple[date, int]] = field(default_factory=list)

    def credit(self, on: date, minor: int) -> None:
        """The current account grows, so less is in use."""
        self.current += minor
        self.in_use.append((on, -minor))

    def debt(self, on: date, minor: int) -> None:
        self.owed += minor
        self.in_use.append((on, minor))

    def charge(self, on: date, net: int) -> None:
        vat = cents(Decimal(net) * 20 / 100)
        self.fees += net
        self.vat += vat
        self.credit(on, -net - vat)

    def remit(self, number: int, *minors: int) -> None:
        on, whole = day(number), sum(minors)
        self.debt(on, whole)
        self.credit(on, whole)
        self.charge(on, sum(cents(max(Decimal(10_00), one * self.rate)) for one in minors))
        call = min(max(0, cents(Decimal(self.owed) / 10) - self.fund), cents(Decimal(whole) / 10))
        self.fund += call
        self.credit(on, -call)
        self.charge(on, 12_33)

    def collected(self, number: int, minor: int) -> None:
        self.debt(two_days_later(day(number)), -minor)

    def taken_off(self, number: int, minor: int, loss: int = 0) -> None:
        """The invoice goes; the client bears it but for our loss."""
        self.debt(day(number), -minor)
        self.credit(day(number), loss - minor)
        self.loss += loss

    def month_end(self) -> None:
        numbers = 0
        for each in range(1, 31):
            numbers += max(0, sum(minor for on, minor in self.in_use if on <= day(each)))
        self.interest = cents(numbers * (Decimal("0.02015") + Decimal("0.012")) / 360)
        self.credit(LAST, -self.interest)
        back = max(0, self.fund - cents(Decimal(self.owed) / 10))
        self.fund -= back
        self.credit(LAST, back)


def on_paper() -> tuple[Sum, Sum, int]:
    """Alpha, Bravo, and what is left at the bank."""
    alpha, bravo = Sum(Decimal("0.006")), Sum(Decimal("0.004"))
    alpha.remit(1, 12_000_00, 900_00)
    bravo.remit(1, 8_000_00)
    alpha.credit(day(2), -9_000_00)
    bravo.remit(3, 2_500_00)
    alpha.remit(7, 7_345_67)
    alpha.remit(8, 4_000_01)
    alpha.collected(10, 900_00)
    bravo.credit(day(11), -3_000_00)
    alpha.taken_off(15, 1_000_00)
    bravo.taken_off(16, 500_00)
    alpha.collected(21, 6_345_67)
    bravo.taken_off(24, 2_500_00)
    bravo.charge(day(24), 20_00)
    alpha.taken_off(25, 4_000_01, loss=cents(Decimal(4_000_01) * 9 / 10))
    alpha.month_end()
    bravo.month_end()
    return alpha, bravo, 900_00 + 6_345_67 - 9_000_00 - 3_000_00


# -- and they are the same -----------------------------------------------------------------------


def test_a_month_is_to_the_cent_what_an_independent_calculation_says(session: Session) -> None:
    alpha, bravo = settled_in(session)
    for number in range(1, 31):
        live(alpha, bravo, day(number))
        end_of_day(session, day(number))
    told = on_paper()
    for life, paper in zip((alpha, bravo), told, strict=False):
        assert isinstance(paper, Sum)
        now = life.day(LAST)
        found = (now.outstanding_minor, now.retention_minor, now.current_account_minor)
        assert found == (paper.owed, paper.fund, paper.current)
        assert now.funds_in_use_minor == paper.owed - paper.current
    one, two, bank = told
    books: dict[str, int] = {}
    for (kind, _currency), minor in ledger.trial_balance(session).items():
        books[str(kind)] = books.get(str(kind), 0) + minor
    assert {kind: minor for kind, minor in books.items() if minor} == {
        "BANK": bank, "RECEIVABLE": one.owed + two.owed,
        "CLIENT_CURRENT": -one.current - two.current, "RETENTION_FUND": -one.fund - two.fund,
        "FEE_INCOME": -one.fees - two.fees, "VAT_COLLECTED": -one.vat - two.vat,
        "INTEREST_INCOME": -one.interest - two.interest, "IMPAIRMENT_EXPENSE": one.loss,
    }  # fmt: skip
    numbers = settlement.issue_fee_invoices(session, month=LAST, by="job:closing.day_end",
                                            at=noon(LAST) + timedelta(days=1))  # fmt: skip
    invoiced = session.execute(
        text("SELECT sum(net_minor), sum(vat_minor), sum(exempt_minor) FROM fee_invoice")
    ).one()  # fmt: skip
    assert len(numbers) == 2
    assert tuple(invoiced) == (one.fees + two.fees, one.vat + two.vat, one.interest + two.interest)
    alpha.books_are_whole()
