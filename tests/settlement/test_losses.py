"""What follows an indemnity: the insurer's part of it, and whose a late recovery is."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from tests.settlement.test_unpaid import DUE, noon, settle, sold, whole

from cessio import banking, settlement
from cessio.banking.formats.camt_writer import camt053_bytes
from cessio.banking.formats.statement import (
    Balance,
    ParsedDetail,
    ParsedEntry,
    ParsedStatement,
    Party,
)
from cessio.cash.operations import undo_application
from cessio.cash.operations.undoing import CannotUndo
from cessio.kernel.errors import Conflict, Invalid
from cessio.ledger import AccountKey, AccountKind
from cessio.ledger import queries as ledger
from cessio.settlement.operations import ClaimAnswered, NoLoss
from cessio.settlement.queries import loss_movements
from cessio.settlement.rules import Borne, borne_by, split_recovery

OUR_IBAN, OUR_BIC = "FR7630006000011234567890189", "AGRIFRPPXXX"
DAY = DUE + timedelta(days=91)


def test_each_recovered_euro_is_whose_loss_it_was() -> None:
    borne = borne_by(10_800_00, 1_200_00, 8_000_00)
    assert borne == Borne(2_800_00, 8_000_00, 1_200_00)
    assert split_recovery(12_000_00, borne) == borne
    assert split_recovery(3_000_00, borne) == Borne(700_00, 2_000_00, 300_00)
    with pytest.raises(Invalid):
        split_recovery(1, borne, before_minor=12_000_00)


def test_recoveries_in_parts_give_what_their_sum_gives_to_the_cent() -> None:
    for borne in (Borne(3, 3, 1), Borne(9999, 1, 7), Borne(0, 500, 333), Borne(777, 0, 0)):
        before, got = 0, Borne(0, 0, 0)
        while before < borne.total_minor:
            step = min(3 if borne.total_minor > 100 else 1, borne.total_minor - before)
            part = split_recovery(step, borne, before_minor=before)
            assert min(part.factor_minor, part.insurer_minor, part.client_minor) >= 0
            got = Borne(got.factor_minor + part.factor_minor,
                        got.insurer_minor + part.insurer_minor,
                        got.client_minor + part.client_minor)  # fmt: skip
            before += step
        assert got == borne


def lines(session: Session, now: datetime, on: date, *minors: int) -> list[int]:
    """Bank lines of these amounts, in order."""
    by, at = "token:bank", noon(on, now)
    banking.open_account(session, name="Encaissements", iban=OUR_IBAN, bic=OUR_BIC, at=at,
                         holder="Cessio Factor", is_payout=True, by="system:setup")  # fmt: skip
    entries = tuple(
        ParsedEntry(
            amount_minor=minor, currency="EUR", booked_on=on, value_date=on, bank_ref=f"R{place}",
            details=(ParsedDetail(debtor=Party(name="ACREDIA"), remittance=("SINISTRE 77",)),),
        )
        for place, minor in enumerate(minors)
    )  # fmt: skip
    opened, closed = Balance("OPBD", 0, on), Balance("CLBD", sum(minors), on)
    data = camt053_bytes(
        [ParsedStatement(
            kind="camt.053", statement_ref="ST-1", currency="EUR", iban=OUR_IBAN,
            electronic_sequence=1, from_on=on, to_on=on, opening=opened, closing=closed,
            balances=(opened, closed), entries=entries,
        )], message_id="M1", created_at=at,
    )  # fmt: skip
    banking.import_statement(session, data=data, filename="day.xml", by=by, at=at)
    return list(session.execute(text("SELECT id FROM bank_line ORDER BY id")).scalars())


def balance(session: Session, kind: AccountKind, contract_id: int | None = None) -> int:
    return ledger.balance(session, AccountKey(kind, "EUR", contract_id))


def test_an_insured_loss_from_its_claim_to_its_last_recovered_euro(
    session: Session, now: datetime
) -> None:
    book, owed = sold(session, now)
    made = settle(session, owed, DAY, now)
    who = {"by": book.people.bruno.by, "at": noon(DAY, now)}
    one = {"settlement_id": made.settlement_id, **who}
    first, second, out = lines(session, now, DAY, 7_800_00, 6_000_00, -3_900_00)
    with pytest.raises(ClaimAnswered):
        settlement.operations.book_insurer_cash(session, line_id=first, reference="77", **one)
    claimed = settlement.operations.declare_to_insurer(
        session, insurer="Acredia", deductible_minor=3_000_00, **one
    )
    assert claimed.claimed_minor == 7_800_00  # TEST C7: the deductible is between them and us
    settlement.operations.answer_claim(session, agreed_minor=7_800_00, **one)
    assert balance(session, AccountKind.IMPAIRMENT_EXPENSE) == 3_000_00
    settlement.operations.book_insurer_cash(session, line_id=first, reference="77", **one)
    assert balance(session, AccountKind.INSURER_RECEIVABLE) == 0
    before = balance(session, AccountKind.CLIENT_CURRENT, book.alpha)
    settlement.operations.book_recovery(session, line_id=second, reference="Dividende", **one)
    assert balance(session, AccountKind.IMPAIRMENT_EXPENSE) == 1_500_00
    assert balance(session, AccountKind.INSURER_PAYABLE) == -3_900_00
    assert balance(session, AccountKind.CLIENT_CURRENT, book.alpha) - before == -600_00
    settlement.operations.book_insurer_cash(session, line_id=out, reference="Reversé", **one)
    assert balance(session, AccountKind.INSURER_PAYABLE) == 0
    whole(session)
    with pytest.raises(Conflict):
        settlement.undo_unpaid(session, reason="non", **one)
    moved = loss_movements(session, made.settlement_id, standing=True)
    with pytest.raises(CannotUndo):
        undo_application(session, application_id=moved[0].application_id, reason="non", **who)
    with pytest.raises(Conflict):
        settlement.operations.undo_loss_movement(
            session, movement_id=moved[0].id, reason="non", **who
        )
    for movement in reversed(moved):
        settlement.operations.undo_loss_movement(
            session, movement_id=movement.id, reason="tout reprendre", **who
        )
    settlement.operations.withdraw_claim(session, **one)
    settlement.undo_unpaid(session, reason="payé", **one)
    for kind in (AccountKind.IMPAIRMENT_EXPENSE, AccountKind.INSURER_RECEIVABLE,
                 AccountKind.INSURER_PAYABLE):  # fmt: skip
        assert balance(session, kind) == 0
    whole(session)
    with pytest.raises(NoLoss):
        settlement.operations.declare_to_insurer(session, insurer="Acredia", **one)


def test_no_more_is_booked_than_was_agreed_or_lost(session: Session, now: datetime) -> None:
    book, owed = sold(session, now, cover_rate_default=Decimal(1))
    made = settle(session, owed, DAY, now)
    one = {"settlement_id": made.settlement_id, "by": book.people.bruno.by,
           "at": noon(DAY, now)}  # fmt: skip
    large, out = lines(session, now, DAY, 13_000_00, -1_00)
    settlement.operations.declare_to_insurer(session, insurer="Acredia", **one)
    with pytest.raises(Invalid):
        settlement.operations.answer_claim(session, agreed_minor=12_000_01, **one)
    settlement.operations.answer_claim(session, agreed_minor=5_000_00, **one)
    for act, line, minor in (
        (settlement.operations.book_insurer_cash, large, 5_000_01),
        (settlement.operations.book_insurer_cash, out, None),
        (settlement.operations.book_recovery, large, 12_000_01),
        (settlement.operations.book_recovery, out, None),
    ):
        with pytest.raises(Invalid), session.begin_nested():
            act(session, line_id=line, amount_minor=minor, reference="trop", **one)
    whole(session)
