"""The daily settlement charges what the rules say, once, however often and late it is run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from tests import people
from tests.people import People

from cessio import contracts, ledger, settlement
from cessio.contracts import Product, product_defaults
from cessio.contracts.queries import FixingMissing
from cessio.contracts.rules import IndexName
from cessio.ledger import AccountKey, AccountKind, Line, Posting, TransactionKind
from cessio.ledger import queries as books
from cessio.plumbing.database import transaction
from cessio.settlement import DayNotReached, queries

SEPTEMBER, END = date(2026, 9, 1), date(2026, 9, 30)
JOB = "job:settlement.daily"


def at(on: date, hour: int = 18) -> datetime:
    return datetime(on.year, on.month, on.day, hour, tzinfo=UTC)


def signed(session: Session, who: People, currency: str = "EUR", **terms: object) -> int:
    """A contract of Alpha from 1 September 2025, Euribor 2.015 % + 1.20 %, value the same day."""
    given = product_defaults(
        Product.FULL, facility_limit_minor=500_000_00, value_days_in=0, **terms
    )
    return contracts.sign_contract(
        session, client_id=who.alpha.id, product=Product.FULL, terms=given, currency=currency,
        signed_on=date(2025, 9, 1), by="system:setup", at=at(date(2025, 9, 1)),
    )  # fmt: skip


@pytest.fixture
def who(session: Session) -> People:
    settled = people.settle_in(session, at=at(date(2025, 9, 1)))
    contracts.record_fixing(
        session, index=IndexName.EURIBOR_3M, fixed_on=date(2026, 6, 30), rate=Decimal("0.02015"),
        source="EMMI", by="system:setup", at=at(SEPTEMBER, 7),
    )  # fmt: skip
    return settled


def use(
    session: Session, contract_id: int, on: date, minor: int, source: int, currency: str = "EUR"
) -> None:
    """Funds in use go up (or down) on a value date, as a drawdown or a collection does."""
    current = AccountKey(AccountKind.CLIENT_CURRENT, currency, contract_id)
    clearing = AccountKey(AccountKind.PAYOUT_CLEARING, currency, contract_id)
    posting = Posting(
        kind=TransactionKind.DRAWDOWN, source_kind="test", source_id=source, effect="use",
        value_date=on, contract_id=contract_id,
        lines=(Line(current, minor), Line(clearing, -minor)),
    )  # fmt: skip
    ledger.post(session, posting, by=JOB, at=at(on, 9))


def month(session: Session, first: date = SEPTEMBER, last: date = END) -> None:
    on = first
    while on <= last:
        settlement.run_day(session, on=on, by=JOB, at=at(on))
        on += timedelta(days=1)


def charged(session: Session, contract_id: int) -> list[int]:
    return [one.amount_minor for one in queries.charges(session, contract_id=contract_id)]


def test_d1_ten_days_each_at_three_balances(session: Session, who: People) -> None:
    contract_id = signed(session, who)
    for source, (day, minor) in enumerate([(1, 100_000_00), (11, 40_000_00), (21, -60_000_00)]):
        use(session, contract_id, date(2026, 9, day), minor, source)
    month(session)
    assert charged(session, contract_id) == [285_78]
    assert queries.charges(session)[0].interest_numbers_minor == 3_200_000_00


def test_d3_a_collection_counts_from_its_value_date(session: Session, who: People) -> None:
    contract_id = signed(session, who)
    use(session, contract_id, SEPTEMBER, 40_000_00, 1)
    use(session, contract_id, date(2026, 9, 12), -40_000_00, 2)
    month(session)
    # Two days more than if the money had counted on the 10th: 40 000 × 2 × 3.215 % / 360 = 7.14.
    assert charged(session, contract_id) == [39_29]


def test_a_day_run_twice_charges_once(session: Session, who: People) -> None:
    contract_id = signed(session, who)
    use(session, contract_id, SEPTEMBER, 100_000_00, 1)
    month(session)
    before = books.trial_balance(session)
    again = settlement.run_day(session, on=END, by=JOB, at=at(END, 20))
    assert all(step.again for step in again if step.step != "financing_days")
    assert books.trial_balance(session) == before


def test_a_run_tells_what_it_did_in_each_currency(session: Session, who: People) -> None:
    for place, currency in enumerate(("EUR", "USD")):
        contract_id = signed(session, who, currency=currency)
        use(session, contract_id, SEPTEMBER, 100_000_00 * (place + 1), place, currency=currency)
    month(session)
    charged = {one.currency: one.amount_minor for one in queries.charges(session)}
    run = next(one for one in queries.runs(session) if one.step == "financing_commission")
    assert charged.keys() == {"EUR", "USD"}
    assert run.totals == charged


def test_a_value_date_in_a_charged_month_is_made_good_in_the_next(
    session: Session, who: People
) -> None:
    contract_id = signed(session, who)
    use(session, contract_id, SEPTEMBER, 100_000_00, 1)
    month(session)
    use(session, contract_id, date(2026, 9, 21), -60_000_00, 2)
    month(session, date(2026, 10, 1), date(2026, 10, 31))
    kinds = {one.kind: one.amount_minor for one in queries.charges(session)[:2]}
    # Ten days at 40 000 instead of 100 000, and the first charge financed on its own value date.
    assert kinds["adjustment"] == -53_58 + 2


def test_d5_the_annual_minimum_is_completed_on_the_last_day_of_the_year(
    session: Session, who: People
) -> None:
    contract_id = signed(session, who, annual_minimum_minor=6_000_00)
    year_end = date(2026, 8, 31)
    settlement.run_day(session, on=year_end, by=JOB, at=at(year_end))
    assert books.balance(session, AccountKey(AccountKind.FEE_INCOME, "EUR")) == -6_000_00
    vat = AccountKey(AccountKind.VAT_COLLECTED, "EUR")
    assert books.balance(session, vat) == -1_200_00
    current = AccountKey(AccountKind.CLIENT_CURRENT, "EUR", contract_id)
    # 7 200.00, and its own first day of financing: 7 200 × 3.215 % / 360.
    assert books.balance(session, current) == 7_200_00 + 64


def test_a_missing_fixing_is_named_and_nothing_is_half_done(session: Session, who: People) -> None:
    contract_id = signed(session, who, interest_index=IndexName.ESTR)
    use(session, contract_id, SEPTEMBER, 100_000_00, 1)
    with pytest.raises(FixingMissing, match=r"(?i)estr"), session.begin_nested():
        settlement.run_day(session, on=SEPTEMBER, by=JOB, at=at(SEPTEMBER))
    assert queries.runs(session) == []


def test_a_day_is_not_settled_before_it_comes(session: Session, who: People) -> None:
    with pytest.raises(DayNotReached):
        settlement.run_day(session, on=END, by=JOB, at=at(SEPTEMBER))


def test_two_schedulers_settle_a_day_once(engine: Engine) -> None:
    with transaction(engine) as session:
        settled = people.settle_in(session, at=at(date(2025, 9, 1)))
        contracts.record_fixing(
            session, index=IndexName.EURIBOR_3M, fixed_on=date(2026, 8, 31),
            rate=Decimal("0.02015"), source="EMMI", by="system:setup", at=at(SEPTEMBER, 7),
        )  # fmt: skip
        contract_id = signed(session, settled)
        use(session, contract_id, SEPTEMBER, 100_000_00, 1)

    def settle(_: int) -> bool:
        with transaction(engine) as session:
            done = settlement.run_day(session, on=END, by=JOB, at=at(END))
        return any(step.again for step in done)

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(settle, range(2)))
    assert sorted(outcomes) == [False, True]
    with transaction(engine) as session:
        assert charged(session, contract_id) == [267_92]
