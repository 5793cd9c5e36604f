from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from tests.books import BY, EARLY, Pair, new_contract, new_debtor, new_pair

from cessio import audit
from cessio.contracts import change_terms, terms_in_force
from cessio.contracts.rules import FundingLimitRule
from cessio.kernel.calendar import end_of_day, start_of_day
from cessio.kernel.errors import Invalid, NotFound, Problems
from cessio.limits import operations, queries
from cessio.limits.models import CreditLimit
from cessio.limits.operations import Decided, NewLimit
from cessio.limits.rules import (
    LimitAction,
    LimitDecision,
    LimitKind,
    LimitSource,
    RequestAnswer,
    limit_in_force,
)

TODAY = date(2026, 2, 2)
NOW = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def decide(
    session: Session, pair: Pair, amount: int, at: datetime = NOW, reason: str = "review",
    **more: Any,
) -> Decided:  # fmt: skip
    limit = NewLimit(contract_id=pair.contract_id, debtor_id=pair.debtor_id, amount_minor=amount,
                     reason=reason, **more)  # fmt: skip
    return operations.record_limit(session, limit=limit, by=BY, at=at)


def in_force(
    session: Session, pair: Pair, on: date = TODAY, **more: Any
) -> queries.EffectiveLimits:
    return queries.effective_limits(
        session, contract_id=pair.contract_id, debtor_id=pair.debtor_id, on=on, **more
    )


def codes(problems: Problems) -> set[str]:
    return {problem.code for problem in problems.problems}


# -- deciding ------------------------------------------------------------------------------


def test_a_decision_replaces_the_one_before_and_says_what_it_does(session: Session) -> None:
    pair = new_pair(session)
    actions = [
        decide(session, pair, amount, NOW + timedelta(hours=hour)).action
        for hour, amount in enumerate([50_000_00, 60_000_00, 60_000_00, 30_000_00, 0, 0, 10_000_00])
    ]
    assert actions == [
        LimitAction.GRANT, LimitAction.RAISE, LimitAction.RENEW, LimitAction.REDUCE,
        LimitAction.CANCEL, LimitAction.REFUSE, LimitAction.GRANT,
    ]  # fmt: skip
    history = queries.limit_history(session, contract_id=pair.contract_id, debtor_id=pair.debtor_id)
    assert [row.ended_by for row in history] == [None] + [BY] * 6
    assert {row.ended_on for row in history[1:]} == {TODAY}
    assert history[1].end_reason == "review"
    assert in_force(session, pair).cover_minor == 10_000_00


def test_a_first_decision_of_nothing_is_a_refusal(session: Session) -> None:
    pair = new_pair(session, blanket_cover_minor=5_000_00)
    assert in_force(session, pair).cover_source is LimitSource.BLANKET
    assert decide(session, pair, 0).action is LimitAction.REFUSE
    found = in_force(session, pair)
    assert (found.cover_minor, found.cover_source) == (0, LimitSource.NONE)


def test_every_decision_leaves_its_trace(session: Session) -> None:
    pair = new_pair(session)
    decide(session, pair, 50_000_00, insurer="COFACE", insurer_reference="A-17")
    done = decide(session, pair, 30_000_00, reason="insurer cut")
    latest = audit.history(session, "limit", done.limit_id)[0]
    assert (latest.verb, latest.why, latest.client_id) == (
        "reduce_limit", "insurer cut", pair.client_id,
    )  # fmt: skip
    changed = {change.field: (change.before, change.after) for change in latest.changes}
    assert changed["amount_minor"] == (50_000_00, 30_000_00)


def test_a_decision_may_start_later_and_the_one_before_holds_until_then(session: Session) -> None:
    pair = new_pair(session)
    decide(session, pair, 50_000_00)
    decide(session, pair, 20_000_00, valid_from=TODAY + 10 * DAY)
    found = [in_force(session, pair, TODAY + days * DAY).cover_minor for days in (0, 9, 10, 99)]
    assert found == [50_000_00, 50_000_00, 20_000_00, 20_000_00]


def test_a_decision_taken_before_one_to_come_replaces_it_too(session: Session) -> None:
    pair = new_pair(session)
    decide(session, pair, 50_000_00)
    decide(session, pair, 20_000_00, valid_from=TODAY + 10 * DAY)
    decide(session, pair, 30_000_00, valid_from=TODAY + 5 * DAY)
    found = [in_force(session, pair, TODAY + days * DAY).cover_minor for days in (4, 5, 10, 99)]
    assert found == [50_000_00, 30_000_00, 30_000_00, 30_000_00]


def test_a_temporary_limit_stands_beside_and_the_higher_holds(session: Session) -> None:
    pair = new_pair(session)
    decide(session, pair, 50_000_00, cover_rate=Decimal("0.9"))
    decide(session, pair, 80_000_00, is_temporary=True, valid_to=TODAY + 30 * DAY)
    assert decide(session, pair, 40_000_00, is_temporary=True, valid_to=TODAY + DAY).ended_ids == ()
    during, after = in_force(session, pair), in_force(session, pair, TODAY + 31 * DAY)
    assert (during.cover_minor, during.cover_source) == (80_000_00, LimitSource.TEMPORARY)
    assert (during.cover_rate, during.cover_valid_to) == (Decimal(1), TODAY + 30 * DAY)
    assert (after.cover_minor, after.cover_source, after.cover_rate) == (
        50_000_00, LimitSource.PERMANENT, Decimal("0.9"),
    )  # fmt: skip
    decide(session, pair, 60_000_00)
    assert in_force(session, pair).cover_minor == 80_000_00
    decide(session, pair, 0)
    assert in_force(session, pair).cover_minor == 0


def test_what_was_known_of_a_day_does_not_change_afterwards(session: Session) -> None:
    pair = new_pair(session)
    decide(session, pair, 50_000_00)
    decide(session, pair, 20_000_00, start_of_day(TODAY + DAY), valid_from=TODAY)
    then = in_force(session, pair, recorded_before=end_of_day(TODAY))
    assert (then.cover_minor, in_force(session, pair).cover_minor) == (50_000_00, 20_000_00)
    before = in_force(session, pair, recorded_before=NOW)
    assert (before.cover_minor, before.cover_source) == (0, LimitSource.NONE)


def test_a_decision_that_makes_no_sense_is_refused_with_every_reason(session: Session) -> None:
    pair = new_pair(session)
    with pytest.raises(Problems) as refused:
        decide(session, pair, -1, valid_from=TODAY + DAY, valid_to=TODAY, cover_rate=Decimal("1.1"))
    assert codes(refused.value) == {"amount_out_of_range", "validity_over", "rate_out_of_range"}
    for more, code in [
        ({"is_temporary": True}, "temporary_limit_ends"),
        ({"valid_to": TODAY - DAY, "valid_from": TODAY - 9 * DAY}, "validity_over"),
        ({"cover_rate": Decimal("0.9"), "kind": LimitKind.FUNDING}, "cover_rate_of_funding"),
        ({"cover_rate": Decimal("0.1234567")}, "rate_too_precise"),
        ({"cover_rate": Decimal("NaN")}, "rate_out_of_range"),
    ]:
        with pytest.raises(Problems) as refused:
            decide(session, pair, 1, **more)
        assert codes(refused.value) == {code}
    assert queries.open_limits(session) == ()


def test_taking_something_away_needs_a_reason(session: Session) -> None:
    pair = new_pair(session)
    with pytest.raises(Problems):
        decide(session, pair, 0, reason=" ")
    decide(session, pair, 50_000_00, reason="")
    for less in (49_999_99, 0):
        with pytest.raises(Problems) as refused:
            decide(session, pair, less, reason="")
        assert codes(refused.value) == {"reason_missing"}


def test_a_decision_needs_a_contract_and_a_debtor(session: Session) -> None:
    pair = new_pair(session)
    for wrong in (replace(pair, contract_id=10**9), replace(pair, debtor_id=10**9)):
        with pytest.raises(NotFound):
            decide(session, wrong, 1)


# -- funding and blanket -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "unnamed", "named"),
    [
        (FundingLimitRule.EXPLICIT, 0, 30_000_00),
        (FundingLimitRule.COVER_LIMIT, 50_000_00, 30_000_00),
        (FundingLimitRule.UNLIMITED, None, 30_000_00),
    ],
)
def test_the_funding_limit_follows_the_contract_and_a_named_one_caps_it(
    session: Session, rule: FundingLimitRule, unnamed: int | None, named: int
) -> None:
    pair = new_pair(session, funding_limit_rule=rule)
    decide(session, pair, 50_000_00)
    assert in_force(session, pair).funding_minor == unnamed
    done = decide(session, pair, 30_000_00, kind=LimitKind.FUNDING)
    assert in_force(session, pair).funding_minor == named
    assert in_force(session, pair).cover_minor == 50_000_00
    operations.end_limit(session, limit_id=done.limit_id, reason="not needed", by=BY, at=NOW)
    assert in_force(session, pair).funding_minor == unnamed
    with pytest.raises(NotFound):
        operations.end_limit(session, limit_id=done.limit_id, reason="again", by=BY, at=NOW)
    with pytest.raises(Invalid):
        operations.end_limit(session, limit_id=done.limit_id, reason="", by=BY, at=NOW)


def test_limits_can_be_seen_under_terms_that_are_only_planned(session: Session) -> None:
    pair = new_pair(session, blanket_cover_minor=5_000_00)
    planned = replace(
        terms_in_force(session, pair.contract_id, TODAY),
        blanket_cover_minor=8_000_00, cover_rate_default=Decimal("0.8"),
    )  # fmt: skip
    found = in_force(session, pair, terms=planned)
    assert (found.cover_minor, found.cover_rate) == (8_000_00, Decimal("0.8"))
    assert in_force(session, pair).cover_minor == 5_000_00


def test_all_limits_are_each_limit(session: Session) -> None:
    pairs = [new_pair(session, blanket_cover_minor=blanket) for blanket in (0, 7_000_00)]
    decide(session, pairs[0], 50_000_00)
    decide(session, pairs[0], 9_000_00, kind=LimitKind.FUNDING)
    change_terms(
        session, contract_id=pairs[1].contract_id, by=BY, at=NOW, effective_from=TODAY + DAY,
        terms=replace(terms_in_force(session, pairs[1].contract_id, TODAY), blanket_cover_minor=1),
    )  # fmt: skip
    wanted = [(pair.contract_id, pair.debtor_id) for pair in pairs]
    for on in (TODAY, TODAY + DAY):
        everything = queries.all_effective_limits(session, on=on, pairs=wanted)
        assert everything == {
            key: in_force(session, pair, on) for key, pair in zip(wanted, pairs, strict=True)
        }
    assert set(queries.all_effective_limits(session, on=TODAY)) == {wanted[0]}


dates = st.integers(0, 9).map(lambda days: TODAY + days * DAY)
facts = st.builds(
    lambda start, length, ended, amount, temporary: LimitDecision(
        amount, start, start + length * DAY if length is not None or temporary else None,
        ended, temporary,
    )
    if not (temporary and length is None)
    else LimitDecision(amount, start, start, ended, True),
    dates, st.none() | st.integers(0, 5), st.none() | dates, st.integers(0, 9), st.booleans(),
)  # fmt: skip


@settings(max_examples=60)
@given(known=st.lists(facts, max_size=5), on=dates)
def test_the_set_based_limit_in_force_is_the_rule(
    session: Session, known: list[LimitDecision], on: date
) -> None:
    pair = session.info.setdefault("pair", None) or new_pair(session, blanket_cover_minor=5)
    session.info["pair"] = pair
    with session.begin_nested() as savepoint:
        open_permanent = [d for d in known if d.ended_on is None and not d.is_temporary]
        kept = [d for d in known if d not in open_permanent[1:]]
        session.add_all(_row(pair, decision) for decision in kept)
        session.flush()
        found = in_force(session, pair, on)
        assert found.cover_minor == limit_in_force(kept, on, blanket_minor=5)
        savepoint.rollback()
        session.expunge_all()


def _row(pair: Pair, decision: LimitDecision) -> CreditLimit:
    ended = decision.ended_on is not None
    return CreditLimit(
        contract_id=pair.contract_id, debtor_id=pair.debtor_id, kind="cover",
        amount_minor=decision.amount_minor, is_temporary=decision.is_temporary,
        valid_from=decision.valid_from, valid_to=decision.valid_to, decided_at=EARLY,
        decided_by=BY, ended_on=decision.ended_on, ended_at=NOW if ended else None,
        ended_by=BY if ended else None,
    )  # fmt: skip


# -- requests ------------------------------------------------------------------------------


def test_a_request_waits_for_one_answer(session: Session) -> None:
    pair = new_pair(session)
    asked: dict[str, Any] = {"contract_id": pair.contract_id, "debtor_id": pair.debtor_id,
                             "amount_minor": 50_000_00, "by": "person:7", "at": NOW}  # fmt: skip
    request_id = operations.ask_for_limit(session, **asked, comment="new market")
    with pytest.raises(operations.RequestOpen):
        operations.ask_for_limit(session, **asked)
    waiting = queries.requests(session, open_only=True)
    assert [(r.id, r.amount_minor, r.answer_due_on) for r in waiting] == [
        (request_id, 50_000_00, date(2026, 2, 4))
    ]
    answer: dict[str, Any] = {"request_id": request_id, "by": BY, "at": NOW}
    with pytest.raises(Invalid, match="why"):
        operations.answer_request(session, **answer, answer=RequestAnswer.REFUSED)
    limit_id = decide(session, pair, 30_000_00).limit_id
    operations.answer_request(
        session, **answer, answer=RequestAnswer.PARTLY, limit_id=limit_id, reason="young company"
    )
    with pytest.raises(operations.RequestAnswered):
        operations.answer_request(session, **answer, answer=RequestAnswer.GRANTED)
    found = queries.request(session, request_id)
    assert (found.answer, found.limit_id, found.answered_by) == (RequestAnswer.PARTLY, limit_id, BY)
    assert queries.requests(session, open_only=True) == ()
    assert queries.requests(session, client_id=pair.client_id) == (found,)
    operations.ask_for_limit(session, **asked)


def test_a_request_is_for_an_amount_on_a_known_debtor(session: Session) -> None:
    contract_id = new_contract(session)
    with pytest.raises(Invalid):
        operations.ask_for_limit(
            session, contract_id=contract_id, debtor_id=new_debtor(session), amount_minor=0,
            by=BY, at=NOW,
        )  # fmt: skip
    with pytest.raises(NotFound):
        operations.ask_for_limit(
            session, contract_id=contract_id, debtor_id=10**9, amount_minor=1, by=BY, at=NOW
        )
    with pytest.raises(NotFound):
        queries.request(session, 10**9)


# -- what needs watching -------------------------------------------------------------------


def test_limits_about_to_run_out_are_watched(session: Session) -> None:
    soon, later = new_pair(session), new_pair(session)
    decide(session, soon, 1_00, valid_to=TODAY + 30 * DAY)
    decide(session, later, 1_00, valid_to=TODAY + 31 * DAY)
    found = queries.expiring_limits(session, on=TODAY)
    assert [row.contract_id for row in found] == [soon.contract_id]
    assert queries.expiring_limits(session, on=TODAY, client_id=later.client_id) == ()
