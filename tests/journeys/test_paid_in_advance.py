"""An advance whose commission is taken at once, lived until the debtor pays (TEST D4)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from cessio import banking, contracts
from cessio.contracts import Product, product_defaults
from cessio.contracts.rules import CommissionTiming, IndexName
from cessio.ledger import AccountKey, AccountKind
from cessio.ledger import queries as ledger
from cessio.settlement import queries as settlement
from tests.journeys.test_one_contract import (
    OUR_BIC,
    OUR_IBAN,
    Life,
    drawn,
    invoice,
    money_in,
    money_out,
    noon,
)
from tests.people import settle_in

START = date(2026, 9, 3)
FREE: dict[str, Any] = {
    "facility_limit_minor": 100_000_00, "value_days_in": 0, "retention_rate": Decimal(0),
    "commission_rate": Decimal(0), "commission_timing": CommissionTiming.PRE_COUNTED,
    "blanket_cover_minor": 100_000_00, "concentration_rate": None,
    "payout_approval_threshold_minor": 50_000_00,
}  # fmt: skip


def live(session: Session, days: int, **terms: Any) -> Life:
    """10 000 drawn on 3 September for 60 days; the debtor pays after ``days``."""
    at = noon(START)
    who = settle_in(session, at=at)
    contract_id = contracts.sign_contract(
        session, client_id=who.alpha.id, product=Product.FULL,
        terms=product_defaults(Product.FULL, **FREE, **terms), signed_on=START,
        by="system:setup", at=at,
    )  # fmt: skip
    contracts.record_fixing(
        session, index=IndexName.EURIBOR_3M, fixed_on=date(2026, 8, 31), rate=Decimal("0.02015"),
        source="EMMI", by="system:setup", at=at,
    )  # fmt: skip
    account_id = banking.open_account(
        session, name="Encaissements", iban=OUR_IBAN, bic=OUR_BIC, holder="Cessio Factor",
        is_payout=True, by="system:setup", at=at,
    )  # fmt: skip
    life = Life(session, who, contract_id, account_id)
    life.assign(START, invoice("FA-1", START, 12_000_00, who.durand.id, days=60))
    reference = drawn(life, START, 10_000_00)
    assert life.day(START).current_account_minor == 2_000_00 - 53_58
    life.bank_says(START, money_out(START, 10_000_00, reference))
    paid_on = START + timedelta(days=days)
    life.settle(START, paid_on - timedelta(days=1))
    life.bank_says(paid_on, money_in(paid_on, 12_000_00, "FACTURE FA-1"))
    life.settle(paid_on, date(2026, 11, 30))
    life.books_are_whole()
    return life


def earned(life: Life) -> int:
    return -ledger.balance(life.session, AccountKey(AccountKind.INTEREST_INCOME, "EUR"))


@pytest.mark.parametrize("days", [40, 60])
def test_d4_paid_on_day_40_or_60_nothing_more_is_owed_and_nothing_comes_back(
    session: Session, days: int
) -> None:
    life = live(session, days)
    assert earned(life) == 53_58
    assert settlement.charges(session) == []
    assert life.day(date(2026, 11, 30)).current_account_minor == 2_000_00 - 53_58


def test_d4_unused_days_come_back_where_the_contract_says_so(session: Session) -> None:
    life = live(session, 40, pre_counted_refund=True)
    assert earned(life) == 53_58 - 17_86
    # Nineteen days of October and one of November.
    back = [(one.from_on.month, one.amount_minor) for one in settlement.charges(session)]
    assert back == [(11, -89), (10, -16_97)]


def test_d4_ten_days_more_are_charged_at_the_months_end(session: Session) -> None:
    life = live(session, 70)
    assert [one.amount_minor for one in settlement.charges(session)] == [8_98]
    assert earned(life) == 53_58 + 8_98
    days = settlement.financing_days(
        session, contract_id=life.contract_id, from_on=date(2026, 11, 1), to_on=date(2026, 11, 2)
    )
    assert [(day.prepaid_minor, day.base_minor) for day in days] == [
        (10_053_58, 0), (0, 10_053_58),
    ]  # fmt: skip
