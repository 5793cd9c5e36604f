"""The availability read set by set is the one the rules compute invoice by invoice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session
from tests import books
from tests.counting import counted

from cessio.contracts import Terms
from cessio.contracts.rules import IneligibleReason
from cessio.funding import bulk
from cessio.funding import queries as funding
from cessio.receivables.rules import EligibilityFacts, attribute

ON = date(2026, 11, 16)

INVOICES = st.lists(
    st.tuples(
        st.integers(-500_00, 3_000_00).filter(bool),  # open
        st.integers(-200, 30),  # due, days from today
        st.integers(0, 250),  # issued so many days before it is due
        st.integers(0, 2_000_00),  # disputed
        st.sampled_from([None, None, None, "on_hold", "not_verified", "duplicate_suspected"]),
    ),
    max_size=12,
)


@settings(max_examples=40)
@given(
    invoices=INVOICES,
    overdue=st.sampled_from([None, 0, 60]),
    age=st.sampled_from([None, 90, 180]),
    term=st.sampled_from([None, 30, 60]),
    cross=st.sampled_from([None, "0.25", "0.5"]),
    flagged=st.booleans(),
    backwards=st.booleans(),
)
def test_set_based_reasons_equal_those_of_the_rules(
    session: Session, invoices: list[tuple[int, int, int, int, str | None]], overdue: int | None,
    age: int | None, term: int | None, cross: str | None, flagged: bool, backwards: bool,
) -> None:  # fmt: skip
    order = tuple(IneligibleReason)
    terms = Terms(
        ineligible_reasons=order[::-1] if backwards else order, overdue_days_ineligible=overdue,
        invoice_age_days_ineligible=age, payment_term_days_max=term,
        cross_ageing_rate=Decimal(cross) if cross else None,
    )  # fmt: skip
    with session.begin_nested() as savepoint:
        pair = books.new_pair(session)
        facts = _insert(session, pair, invoices)
        groups = bulk.open_groups(session, terms={pair.contract_id: terms}, on=ON)
        book = bulk.open_groups(
            session, on=ON,
            terms={pair.contract_id: terms, books.new_pair(session).contract_id: Terms()},
        )  # fmt: skip
        flags = frozenset({IneligibleReason.DEBTOR_EXCLUDED}) if flagged else frozenset()
        found = dict(bulk.attribute_groups(groups[pair.contract_id], terms, debtor_flags=flags))
        in_book = dict(bulk.attribute_groups(book[pair.contract_id], terms, debtor_flags=flags))
        savepoint.rollback()
    wanted: dict[IneligibleReason, int] = {}
    marked = [_flag(one, flags) for one in facts]
    for item in attribute(marked, terms, ON):
        for reason, minor in item.by_reason:
            wanted[reason] = wanted.get(reason, 0) + minor
    assert found == in_book == wanted
    for read in (groups, book):
        total = sum(g.invoices_minor + g.credits_minor for g in read[pair.contract_id])
        assert total == sum(one[0] for one in invoices)


def test_as_of_a_past_day_later_facts_do_not_count(session: Session, now: datetime) -> None:
    """A dispute opened today does not change what was known yesterday."""
    pair = books.new_pair(session, blanket_cover_minor=10_000_00)
    number = books.new_invoice(
        session, pair, "F1", 1_000_00, due_date=ON + timedelta(days=30), issue_date=ON
    )
    before = funding.availability(session, contract_id=pair.contract_id, on=ON)
    session.execute(
        text(
            "INSERT INTO dispute (receivable_id, contract_id, amount_minor, reason, opened_at,"
            " opened_on, opened_by) VALUES (:r, :c, 40000, 'quality', :at, :on, 'person:1')"
        ),
        {"r": number, "c": pair.contract_id, "at": now, "on": ON},
    )
    after = funding.availability(session, contract_id=pair.contract_id, on=ON)
    assert before.fundable_minor - after.fundable_minor == 400_00
    terms = {pair.contract_id: Terms()}
    yesterday = now - timedelta(days=1)
    groups = bulk.open_groups(session, terms=terms, on=ON, before=yesterday)
    assert all(group.disputed_minor == 0 for group in groups[pair.contract_id])


def test_the_book_is_read_in_a_fixed_number_of_statements(session: Session) -> None:
    contracts = [books.new_pair(session, blanket_cover_minor=10_000_00) for _ in range(6)]
    for place, pair in enumerate(contracts):
        books.new_invoice(session, pair, f"F{place}", 1_000_00, due_date=ON)
    with counted(session.connection()) as statements:
        found = funding.book_availability(session, on=ON)
    assert len(found) == 6
    assert len(statements) <= 11


def _insert(
    session: Session, pair: books.Pair, invoices: list[tuple[int, int, int, int, str | None]]
) -> list[EligibilityFacts]:
    facts = []
    for place, (minor, due, term, disputed, hold) in enumerate(invoices):
        due_date = ON + timedelta(days=due)
        issued = due_date - timedelta(days=term)
        number = books.new_invoice(
            session, pair, f"F{place:03}", minor, due_date=due_date, issue_date=issued,
            kind="invoice" if minor > 0 else "credit_note",
        )  # fmt: skip
        held = frozenset({IneligibleReason(hold)} if hold and minor > 0 else ())
        contested = min(disputed, minor) if minor > 0 else 0
        if contested > 0:
            books.dispute(session, number, contested, ON)
        if held:
            session.execute(
                text(
                    "INSERT INTO hold (receivable_id, contract_id, reason, placed_at, placed_by)"
                    " VALUES (:r, :c, :why, now(), 'person:1')"
                ),
                {"r": number, "c": pair.contract_id, "why": hold},
            )
        facts.append(
            EligibilityFacts(
                receivable_id=number, number=f"F{place:03}", issue_date=issued,
                due_date=due_date, amount_minor=abs(minor), open_minor=minor,
                disputed_minor=max(0, contested), flags=held,
            )
        )  # fmt: skip
    return facts


def _flag(one: EligibilityFacts, flags: frozenset[IneligibleReason]) -> EligibilityFacts:
    return replace(one, flags=one.flags | flags)
