"""Dunning plans: what a version may say, whose plan holds, and whom it chooses on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from tests import books
from tests.books import Pair, new_contract, new_invoice

from cessio import collections
from cessio.collections import DunningChannel, LeftOut, Steps, queries
from cessio.collections.bulk import Used, chosen_letters, count_chosen, left_out
from cessio.collections.operations import NotAPlan
from cessio.collections.rules import LADDER, Step, plan_problems, promised_since
from cessio.contracts.models import Contract
from cessio.contracts.rules import NotificationMode
from cessio.kernel.errors import Invalid, Problems
from cessio.parties.models import Company, Contact, Debtor
from cessio.parties.rules import Segment

ON = date(2026, 11, 18)
AT = datetime.combine(date(2026, 11, 2), time(9), UTC)
BY = books.BY


def faults(*steps: Step, catch_up_days: int = 5, quiet_days: int = 3) -> set[str]:
    found = plan_problems(steps, catch_up_days=catch_up_days, quiet_days=quiet_days)
    return {one.code for one in found}


def test_the_ladder_of_the_house_is_a_plan() -> None:
    assert faults(*LADDER) == set()
    assert [one.days for one in LADDER] == [-5, 3, 10, 15, 30, 45]


def test_a_plan_at_fault_says_all_that_is_wrong() -> None:
    call = Step(days=10, channel=DunningChannel.CALL)
    assert faults() == {"plan_empty"}
    assert faults(*[call] * 16) == {"plan_too_long"}
    assert faults(call, catch_up_days=31, quiet_days=61) == {"days_outside"}
    assert faults(replace(call, days=400)) == {"step_days"}
    assert faults(replace(call, days=0)) == {"step_too_early"}
    assert faults(replace(call, template="dunning_reminder")) == {"step_text"}
    assert faults(Step(days=3, channel=DunningChannel.MAIL)) == {"step_text"}
    assert faults(Step(days=3, channel=DunningChannel.MAIL, template="no")) == {"step_text_unknown"}
    formal = Step(days=30, channel=DunningChannel.REGISTERED, template="dunning_reminder")
    assert faults(formal) == {"step_formal"}
    assert faults(replace(call, min_minor=2, max_minor=1)) == {"step_amounts"}


def test_a_promise_shields_while_its_money_may_come_in_time() -> None:
    assert promised_since(date(2026, 11, 23)) == date(2026, 11, 20)  # the Friday, paid on Monday
    assert promised_since(date(2026, 11, 24)) == date(2026, 11, 21)  # said for the weekend


@pytest.fixture
def pair(session: Session) -> Pair:
    made = books.new_pair(session)
    addressed(session, made.debtor_id, "compta@delta.example")
    return made


def addressed(session: Session, debtor_id: int, email: str | None = None) -> None:
    company = session.get_one(Company, session.get_one(Debtor, debtor_id).company_id)
    company.street, company.post_code, company.city = "1 rue du Port", "69002", "Lyon"
    if email is not None:
        session.add(Contact(company_id=company.id, name="Service comptable", email=email,
                            added_at=AT, added_by=BY))  # fmt: skip
    session.flush()


def late(session: Session, pair: Pair, number: str, days: int, minor: int = 1_000_00) -> int:
    return new_invoice(session, pair, number, minor, due_date=ON - timedelta(days=days))


def house(session: Session, steps: Steps | None = None) -> int:
    plan_id = collections.found_house_plan(session, name="Ladder", by=BY, at=AT)
    if steps is not None:
        collections.change_plan(session, plan_id=plan_id, steps=steps, by=BY, at=AT)
    latest = queries.plan(session, plan_id).latest.id
    collections.switch_on(session, plan_id=plan_id, version_id=latest,
                          effective_from=date(2026, 11, 2), by=BY, at=AT)  # fmt: skip
    return plan_id


def used(session: Session, on: date = ON) -> Used:
    return Used(on, queries.versions_in_force(session, on), queries.house_plan(session))


def counted(session: Session, on: date = ON) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for one in count_chosen(session, used(session, on)):
        letters, lines = found.get(one.what, (0, 0))
        found[one.what] = letters + one.letters, lines + one.lines
    return found


def test_a_version_holds_from_its_day_and_is_never_rewritten(session: Session) -> None:
    plan_id = collections.add_plan(session, name=" Usual  plan", steps=Steps(), by=BY, at=AT)
    first = queries.plan(session, plan_id).latest
    assert queries.plan(session, plan_id).name == "Usual plan"
    assert queries.versions_in_force(session, ON) == {}
    with pytest.raises(NotAPlan):
        collections.change_plan(session, plan_id=plan_id, steps=Steps(), by=BY, at=AT)
    with pytest.raises(Problems):
        collections.add_plan(session, name="usual plan", steps=Steps(()), by=BY, at=AT)
    with pytest.raises(Invalid):
        collections.switch_on(session, plan_id=plan_id, version_id=first.id,
                              effective_from=date(2026, 11, 1), by=BY, at=AT)  # fmt: skip
    collections.switch_on(session, plan_id=plan_id, version_id=first.id,
                          effective_from=date(2026, 11, 10), by=BY, at=AT)  # fmt: skip
    second = collections.change_plan(session, plan_id=plan_id, steps=Steps(LADDER[:3]), by=BY,
                                     at=AT)  # fmt: skip
    collections.switch_on(session, plan_id=plan_id, version_id=second,
                          effective_from=date(2026, 11, 20), by=BY, at=AT)  # fmt: skip
    collections.switch_off(session, plan_id=plan_id, effective_from=date(2026, 11, 25), by=BY,
                           at=AT)  # fmt: skip
    held = [queries.versions_in_force(session, date(2026, 11, day)).get(plan_id)
            for day in (9, 10, 20, 25)]  # fmt: skip
    assert held == [None, first.id, second, None]
    with pytest.raises(DBAPIError), session.begin_nested():
        session.connection().exec_driver_sql("UPDATE dunning_step SET days = 4")


def test_each_invoice_gets_the_latest_step_it_reached_and_its_debtor_one_letter(
    session: Session, pair: Pair
) -> None:
    house(session)
    for number, days in (("SOON", -4), ("L3", 3), ("L5", 5), ("CALL", 12), ("L15", 15),
                         ("FORMAL", 31), ("NOT-YET", 1), ("LONG-AGO", 22)):  # fmt: skip
        late(session, pair, number, days)
    assert counted(session) == {
        "letter": (1, 3), "call": (1, 2), "registered": (1, 1), "quiet": (1, 1),
    }  # fmt: skip
    version = queries.versions_in_force(session, ON)[queries.plans(session)[0].id]
    [letter] = chosen_letters(session, used(session), version_id=version,
                              what=DunningChannel.LETTER, most=9)  # fmt: skip
    assert (letter.days, letter.template) == (15, "dunning_second_reminder")
    assert letter.open_minor == 3_000_00


def test_who_breaks_an_instalment_is_reminded_of_the_rest(session: Session, pair: Pair) -> None:
    house(session)
    shielded = late(session, pair, "P", 4)
    on, early = ON - timedelta(days=8), AT - timedelta(days=8)
    first, _second = collections.note_instalments(
        session, debtor_id=pair.debtor_id, days=[on, ON + timedelta(days=20)],
        receivable_ids=[shielded], by=BY, at=early,
    )  # fmt: skip
    assert counted(session) == {"mail": (1, 1)}
    collections.end_promise(session, promise_id=first, reason=collections.PromiseEnd.HANDLED,
                            by=BY, at=AT)  # fmt: skip
    assert counted(session) == {"promised": (1, 1)}  # somebody spoke with it: the rest is awaited


def test_what_is_contested_promised_said_paid_or_insolvent_leaves_this_letter_only(
    session: Session, pair: Pair
) -> None:
    plan_id = house(session)
    disputed, promised, stays = (late(session, pair, name, 4) for name in ("D", "P", "S"))
    books.dispute(session, disputed, 100, ON, AT)
    collections.note_promise(session, debtor_id=pair.debtor_id, due_on=ON, by=BY, at=AT,
                             receivable_ids=[promised])  # fmt: skip
    assert counted(session) == {"mail": (1, 1), "disputed": (1, 1), "promised": (1, 1)}
    version = queries.versions_in_force(session, ON)[plan_id]
    [left] = left_out(session, used(session), version_id=version, why=LeftOut.DISPUTED, most=9)
    assert (left.receivable_id, left.number, left.days) == (disputed, "D", 3)
    [mail] = chosen_letters(session, used(session), version_id=version,
                            what=DunningChannel.MAIL, most=9)  # fmt: skip
    assert (mail.receivable_ids, mail.email) == ((stays,), "compta@delta.example")
    # A promise of an amount on whatever it owes shields all of it, until its day has passed.
    collections.note_promise(session, debtor_id=pair.debtor_id, due_on=ON, amount_minor=500,
                             by=BY, at=AT)  # fmt: skip
    assert counted(session) == {"disputed": (1, 1), "promised": (1, 2)}
    session.get_one(Debtor, pair.debtor_id).insolvent_on = ON
    session.flush()
    assert counted(session) == {"insolvent": (1, 3)}


def test_a_step_may_be_for_some_only_and_for_contested_invoices_too(
    session: Session, pair: Pair
) -> None:
    large = Step(days=3, channel=DunningChannel.LETTER, template="dunning_reminder",
                 min_minor=900_00)  # fmt: skip
    small = Step(days=3, channel=DunningChannel.MAIL, template="dunning_reminder",
                 max_minor=899_99, in_dispute=True)  # fmt: skip
    risky = Step(days=3, channel=DunningChannel.CALL, segments=(Segment.AT_RISK,))
    house(session, Steps((large, small, risky), catch_up_days=0))
    late(session, pair, "LARGE", 3, 900_00)
    books.dispute(session, late(session, pair, "SMALL", 3, 899_99), 1, ON, AT)
    late(session, pair, "PASSED", 4, 900_00)
    assert counted(session) == {"letter": (1, 2)}  # one letter for both
    session.get_one(Debtor, pair.debtor_id).segment = Segment.AT_RISK
    session.flush()
    assert counted(session) == {"letter": (1, 2), "call": (1, 1), "disputed": (1, 1)}


def test_a_debtor_has_its_own_plan_before_its_contract_its_client_and_the_house(
    session: Session, pair: Pair
) -> None:
    house(session)
    late(session, pair, "F-1", 3)
    whom = {"by": BY, "at": AT}
    client = collections.choose_plan(session, plan_id=None, client_id=pair.client_id, **whom)
    assert counted(session) == {}
    calls = collections.add_plan(
        session, name="Calls", steps=Steps((Step(days=2, channel=DunningChannel.CALL),)), **whom
    )
    latest = queries.plan(session, calls).latest.id
    collections.switch_on(session, plan_id=calls, version_id=latest, effective_from=ON, **whom)
    collections.choose_plan(session, plan_id=calls, contract_id=pair.contract_id, **whom)
    assert counted(session) == {"call": (1, 1)}
    debtor = collections.choose_plan(session, plan_id=None, debtor_id=pair.debtor_id, **whom)
    assert counted(session) == {}
    reference = session.get_one(Contract, pair.contract_id).reference
    assert [one.name for one in queries.plan(session, calls).choices] == [reference]
    with pytest.raises(NotAPlan):
        collections.choose_plan(session, plan_id=None, debtor_id=pair.debtor_id, **whom)
    collections.end_choice(session, choice_id=debtor, **whom)
    collections.end_choice(session, choice_id=client, **whom)
    assert counted(session) == {"call": (1, 1)}


def test_one_letter_for_all_our_clients_and_one_in_the_name_of_each_that_stays_unknown(
    session: Session, pair: Pair
) -> None:
    house(session)
    secret = Pair(new_contract(session, notification_mode=NotificationMode.CONFIDENTIAL), 0,
                  pair.debtor_id)  # fmt: skip
    secret = replace(secret, client_id=session.get_one(Contract, secret.contract_id).client_id)
    other = Pair(new_contract(session), 0, pair.debtor_id)
    other = replace(other, client_id=session.get_one(Contract, other.contract_id).client_id)
    for one, number in ((pair, "A-1"), (other, "B-1"), (secret, "C-1")):
        late(session, one, number, 3)
    assert counted(session) == {"mail": (2, 3)}
    version = next(iter(queries.versions_in_force(session, ON).values()))
    found = chosen_letters(session, used(session), version_id=version,
                           what=DunningChannel.MAIL, most=9)  # fmt: skip
    assert [(one.writer_name, one.line_count) for one in found] == [(None, 2), ("Alpha", 1)]


def test_without_a_mail_address_a_letter_goes_and_without_any_somebody_is_told(
    session: Session,
) -> None:
    house(session)
    pair = books.new_pair(session)
    late(session, pair, "F-1", 3)
    assert counted(session) == {"no_address": (1, 1)}
    addressed(session, pair.debtor_id)
    assert counted(session) == {"letter": (1, 1)}
