from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tests.books import BY, EARLY, SIGNED, new_client, new_contract, new_debtor

from cessio import audit
from cessio.contracts import operations, queries
from cessio.contracts.rules import (
    CoverOrderKey,
    IndexName,
    IneligibleReason,
    Product,
    ReserveKind,
    Terms,
    product_defaults,
)
from cessio.kernel.calendar import end_of_day
from cessio.kernel.errors import CessioError, Conflict, Invalid, NotFound, Problems

EURIBOR = IndexName.EURIBOR_3M
LATER = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MARCH, APRIL = date(2026, 3, 2), date(2026, 4, 1)


def codes(problems: Problems) -> set[str]:
    return {problem.code for problem in problems.problems}


# -- signing and ending --------------------------------------------------------------------


def test_a_signed_contract_has_its_terms_from_the_signature_on(session: Session) -> None:
    terms = product_defaults(
        Product.ABL,
        facility_limit_minor=100_000_00,
        cover_order_key=CoverOrderKey.ISSUE_DATE,
        ineligible_reasons=(IneligibleReason.DISPUTED, IneligibleReason.ON_HOLD),
        concentration_rate=Decimal("0.35"),
        new_debtor_days=90,
        new_debtor_limit_minor=5_000_00,
    )
    client_id = new_client(session, "Alpha Industrie")
    contract_id = operations.sign_contract(
        session, client_id=client_id, product=Product.ABL, terms=terms, signed_on=SIGNED,
        starts_on=date(2026, 2, 1), by=BY, at=EARLY,
    )  # fmt: skip
    session.expire_all()
    assert queries.terms_in_force(session, contract_id, SIGNED) == terms
    found = queries.contract(session, contract_id)
    assert (found.client_name, found.product, found.currency) == (
        "Alpha Industrie", Product.ABL, "EUR",
    )  # fmt: skip
    assert found.reference == f"CT-{contract_id:06d}"
    assert [found.is_live(on) for on in (date(2026, 1, 31), date(2026, 2, 1))] == [False, True]
    assert queries.contracts(session, client_id=client_id) == (found,)


@pytest.mark.parametrize("product", list(Product))
def test_every_field_of_the_terms_comes_back_from_the_database(
    session: Session, product: Product
) -> None:
    terms = product_defaults(product)
    contract_id = operations.sign_contract(
        session, client_id=new_client(session), product=product, terms=terms, signed_on=SIGNED,
        by=BY, at=EARLY,
    )  # fmt: skip
    session.expire_all()
    found = queries.terms_in_force(session, contract_id, SIGNED)
    assert found == terms
    assert {type(getattr(found, n)) for n in Terms.__dataclass_fields__} == {
        type(getattr(terms, n)) for n in Terms.__dataclass_fields__
    }


def test_a_contract_that_makes_no_sense_is_refused_with_every_reason(session: Session) -> None:
    with pytest.raises(Problems) as refused:
        operations.sign_contract(
            session, client_id=new_client(session), product=Product.FULL,
            terms=product_defaults(Product.FULL, commission_rate=Decimal(2)),
            signed_on=date(2026, 2, 1), starts_on=SIGNED, currency="XXX", reference=" ",
            language="de", by=BY, at=EARLY,
        )  # fmt: skip
    assert codes(refused.value) == {
        "rate_out_of_range", "start_before_signature", "currency_unknown", "reference_length",
        "language_unknown",
    }  # fmt: skip


def test_a_contract_needs_a_client_and_a_reference_of_its_own(session: Session) -> None:
    with pytest.raises(NotFound, match="no client"):
        new_contract(session, 10**9)
    with pytest.raises(NotFound, match="no contract"):
        queries.contract(session, 10**9)


def test_an_ended_contract_takes_no_more_decisions(session: Session) -> None:
    contract_id = new_contract(session)
    with pytest.raises(Invalid, match="why"):
        operations.end_contract(
            session, contract_id=contract_id, ended_on=APRIL, reason=" ", by=BY, at=LATER
        )
    with pytest.raises(Invalid, match="started on"):
        operations.end_contract(
            session, contract_id=contract_id, ended_on=date(2025, 1, 1), reason="x", by=BY, at=LATER
        )
    operations.end_contract(
        session, contract_id=contract_id, ended_on=APRIL, reason="client left", by=BY, at=LATER
    )
    found = queries.contract(session, contract_id)
    assert (found.ended_on, found.ended_by) == (APRIL, BY)
    assert [c.id for c in queries.contracts(session, live_on=APRIL)] == []
    assert [c.id for c in queries.contracts(session, live_on=MARCH)] == [contract_id]
    with pytest.raises(operations.ContractEnded):
        operations.change_terms(
            session, contract_id=contract_id, terms=Terms(facility_limit_minor=1),
            effective_from=APRIL, by=BY, at=LATER,
        )  # fmt: skip
    with pytest.raises(operations.ContractEnded):
        operations.end_contract(
            session, contract_id=contract_id, ended_on=APRIL, reason="again", by=BY, at=LATER
        )


# -- terms ---------------------------------------------------------------------------------


def change(session: Session, contract_id: int, on: date, at: datetime = LATER,
           reason: str | None = None, **new: object) -> operations.TermsChanged:  # fmt: skip
    held = queries.terms_in_force(session, contract_id, on)
    return operations.change_terms(
        session, contract_id=contract_id, terms=replace(held, **new), effective_from=on,  # type: ignore[arg-type]
        reason=reason, by=BY, at=at,
    )  # fmt: skip


def test_a_change_holds_from_its_date_and_the_past_keeps_its_terms(session: Session) -> None:
    contract_id = new_contract(session)
    done = change(session, contract_id, APRIL, facility_limit_minor=7)
    assert (done.version, [c.name for c in done.changes]) == (2, ["facility_limit_minor"])
    limits = [
        queries.terms_in_force(session, contract_id, on).facility_limit_minor
        for on in (SIGNED, APRIL - timedelta(days=1), APRIL, APRIL + timedelta(days=999))
    ]
    assert limits == [0, 0, 7, 7]


def test_of_two_versions_of_one_date_the_later_recorded_holds(session: Session) -> None:
    contract_id = new_contract(session)
    change(session, contract_id, APRIL, facility_limit_minor=7)
    change(session, contract_id, APRIL, facility_limit_minor=8)
    assert queries.terms_in_force(session, contract_id, APRIL).facility_limit_minor == 8


def test_what_was_known_of_a_day_does_not_change_afterwards(session: Session) -> None:
    contract_id = new_contract(session)
    february = date(2026, 2, 1)
    change(session, contract_id, february, reason="agreed by phone", facility_limit_minor=7)
    asked = {"on": february, "recorded_before": end_of_day(february)}
    then = queries.terms_in_force(session, contract_id, **asked)
    now = queries.terms_in_force(session, contract_id, february)
    assert (then.facility_limit_minor, now.facility_limit_minor) == (0, 7)
    assert queries.terms_of_all(session, **asked)[contract_id] == then
    assert queries.terms_of_all(session, february)[contract_id] == now
    assert queries.terms_of_all(session, february, contract_ids=[]) == {}


def test_a_past_date_needs_a_reason(session: Session) -> None:
    contract_id = new_contract(session)
    for reason in (None, "  "):
        with pytest.raises(Problems) as refused:
            change(session, contract_id, MARCH - timedelta(days=1), reason=reason,
                   facility_limit_minor=7)  # fmt: skip
        assert codes(refused.value) == {"reason_missing"}
    change(session, contract_id, MARCH, facility_limit_minor=7)
    with pytest.raises(Problems) as refused:
        operations.change_terms(
            session, contract_id=contract_id, terms=Terms(), by=BY, at=LATER, reason="r",
            effective_from=SIGNED - timedelta(days=1),
        )  # fmt: skip
    assert codes(refused.value) == {"terms_before_signature"}


def test_terms_that_change_nothing_or_make_no_sense_are_refused(session: Session) -> None:
    contract_id = new_contract(session)
    with pytest.raises(Conflict, match="already"):
        change(session, contract_id, APRIL)
    with pytest.raises(Problems) as refused:
        change(session, contract_id, APRIL, value_days_in=-1)
    assert codes(refused.value) == {"days_out_of_range"}


def test_whoever_changes_terms_is_told_of_versions_that_come_later(session: Session) -> None:
    contract_id = new_contract(session)
    assert change(session, contract_id, APRIL, facility_limit_minor=7).later == ()
    done = change(session, contract_id, MARCH, interest_margin=Decimal("0.02"))
    assert done.later == ((2, APRIL),)


def test_the_history_shows_what_each_version_changed(session: Session) -> None:
    contract_id = new_contract(session)
    change(session, contract_id, APRIL, facility_limit_minor=7)
    change(session, contract_id, MARCH, facility_limit_minor=5)
    change(session, contract_id, APRIL, facility_limit_minor=9, value_days_in=1)
    history = queries.term_history(session, contract_id)
    shown = [
        (v.version, v.effective_from, [(c.name, c.before, c.after) for c in v.changes])
        for v in history
    ]
    limit, value = "facility_limit_minor", "value_days_in"
    assert shown == [
        (4, APRIL, [(limit, 7, 9), (value, 2, 1)]),
        (3, MARCH, [(limit, 0, 5)]),
        (2, APRIL, [(limit, 0, 7)]),
        (1, SIGNED, []),
    ]


def test_there_are_no_terms_before_the_signature(session: Session) -> None:
    contract_id = new_contract(session)
    with pytest.raises(queries.TermsMissing, match="2025-12-31"):
        queries.terms_in_force(session, contract_id, date(2025, 12, 31))


def test_a_version_cannot_be_edited(session: Session) -> None:
    new_contract(session)
    with pytest.raises(IntegrityError):
        session.execute(text("UPDATE contract_terms SET facility_limit_minor = 1"))


def test_every_change_leaves_its_trace(session: Session) -> None:
    contract_id = new_contract(session)
    change(session, contract_id, APRIL, reason="review", facility_limit_minor=7)
    latest = audit.history(session, "contract", contract_id)[0]
    assert (latest.verb, latest.by, latest.why) == ("change_terms", BY, "review")
    assert {(c.field, c.before, c.after) for c in latest.changes} == {
        ("facility_limit_minor", 0, 7), ("effective_from", None, "2026-04-01"),
    }  # fmt: skip
    assert latest.client_id == queries.contract(session, contract_id).client_id


# -- reserves and exclusions ---------------------------------------------------------------


def test_a_reserve_is_withheld_until_it_is_ended(session: Session) -> None:
    contract_id = new_contract(session)
    reserve_id = operations.set_reserve(
        session, contract_id=contract_id, kind=ReserveKind.URSSAF, amount_minor=3_000_00,
        reason="temp agency", by=BY, at=EARLY,
    )  # fmt: skip
    assert [r.amount_minor for r in queries.reserves(session, contract_id)] == [3_000_00]
    operations.end_reserve(session, reserve_id=reserve_id, reason="paid", by=BY, at=LATER)
    assert queries.reserves(session, contract_id) == ()
    assert len(queries.reserves(session, contract_id, with_ended=True)) == 1
    assert len(queries.reserves(session, contract_id, recorded_before=LATER)) == 1
    assert queries.reserves(session, contract_id, recorded_before=EARLY) == ()
    with pytest.raises(NotFound):
        operations.end_reserve(session, reserve_id=reserve_id, reason="paid", by=BY, at=LATER)
    verbs = [event.verb for event in audit.history(session, "contract", contract_id)]
    assert verbs == ["end_reserve", "set_reserve", "sign"]


def test_a_reserve_is_an_amount_with_a_reason(session: Session) -> None:
    with pytest.raises(Problems) as refused:
        operations.set_reserve(
            session, contract_id=new_contract(session), kind=ReserveKind.OTHER, amount_minor=0,
            reason="", by=BY, at=EARLY,
        )  # fmt: skip
    assert codes(refused.value) == {"amount_out_of_range", "reason_missing"}


def test_a_debtor_is_excluded_once_and_may_come_back(session: Session) -> None:
    contract_id, debtor_id = new_contract(session), new_debtor(session, "Delta SA")
    facts = {"contract_id": contract_id, "debtor_id": debtor_id, "reason": "group", "by": BY}
    operations.exclude_debtor(session, **facts, at=EARLY)
    assert queries.is_excluded(session, contract_id, debtor_id)
    assert [e.debtor_name for e in queries.excluded_debtors(session, contract_id)] == ["Delta SA"]
    with pytest.raises(operations.AlreadyExcluded):
        operations.exclude_debtor(session, **facts, at=LATER)
    operations.end_exclusion(session, **facts, at=LATER)
    assert not queries.is_excluded(session, contract_id, debtor_id)
    assert len(queries.excluded_debtors(session, contract_id, recorded_before=LATER)) == 1
    operations.exclude_debtor(session, **facts, at=LATER)
    with pytest.raises(NotFound):
        operations.exclude_debtor(session, **{**facts, "debtor_id": 10**9}, at=LATER)


# -- fixings -------------------------------------------------------------------------------


def record(session: Session, on: date, rate: str, at: datetime = LATER) -> bool:
    return operations.record_fixing(
        session, index=EURIBOR, fixed_on=on, rate=Decimal(rate), source="EMMI", by=BY, at=at
    )


def test_the_fixing_of_a_day_is_the_last_published_on_or_before_it(session: Session) -> None:
    record(session, date(2026, 2, 2), "0.02015")
    record(session, date(2026, 2, 4), "0.02027")
    found = [queries.fixing_on(session, EURIBOR, date(2026, 2, day)).rate for day in (2, 3, 4, 28)]
    assert found == [Decimal("0.02015"), Decimal("0.02015"), Decimal("0.02027"), Decimal("0.02027")]
    series = queries.fixing_series(
        session, EURIBOR, from_on=date(2026, 2, 3), to_on=date(2026, 2, 9)
    )
    assert series.on(date(2026, 2, 3)) == Decimal("0.02015")
    assert series.on(date(2026, 2, 9)) == Decimal("0.02027")


def test_a_missing_fixing_names_the_index_and_the_date(session: Session) -> None:
    with pytest.raises(queries.FixingMissing, match=r"euribor_3m.*2026-02-01"):
        queries.fixing_on(session, EURIBOR, date(2026, 2, 1))
    record(session, date(2026, 2, 2), "0.02")
    with pytest.raises(queries.FixingMissing):
        queries.fixing_series(session, EURIBOR, from_on=date(2026, 2, 1), to_on=date(2026, 2, 9))


def test_a_corrected_fixing_leaves_what_was_known(session: Session) -> None:
    day = date(2026, 2, 2)
    assert record(session, day, "0.02015", EARLY + timedelta(days=40))
    assert not record(session, day, "0.02015", LATER)
    assert record(session, day, "0.02016", LATER)
    assert queries.fixing_on(session, EURIBOR, day).rate == Decimal("0.02016")
    then = queries.fixing_on(session, EURIBOR, day, recorded_before=LATER)
    assert then.rate == Decimal("0.02015")
    with pytest.raises(Conflict, match="later instant"):
        record(session, day, "0.02017", LATER)


def test_a_fixing_is_a_plausible_rate_with_a_source(session: Session) -> None:
    with pytest.raises(Problems) as refused:
        operations.record_fixing(
            session, index=EURIBOR, fixed_on=date(2027, 1, 1), rate=Decimal("2.015"), source=" ",
            by=BY, at=LATER,
        )  # fmt: skip
    assert codes(refused.value) == {"rate_out_of_range", "fixing_in_future", "source_missing"}
    for rate in ("NaN", "0.0200001"):
        with pytest.raises(Problems):
            record(session, date(2026, 2, 2), rate)


@pytest.mark.parametrize(
    "content",
    [
        b"date,rate,source\n2026-02-02,2.015,EMMI\n2026-02-03,2.027,EMMI\n",
        "\ufeffDate;Taux;Source\r\n02/02/2026;2,015 %;EMMI\r\n03/02/2026;2,027 %;EMMI\r\n".encode(),
        b"Source\tOBS_VALUE\tTIME_PERIOD\nEMMI\t2.015\t2026-02-02\n\nEMMI\t2.027\t2026-02-03",
        "indice;taux;date;origine\nEuribor 3M;2,015;02.02.2026;EMMI\n"
        "EURIBOR-3M;2,027;03.02.2026;EMMI".encode("cp1252"),
    ],
)  # fmt: skip
def test_fixings_are_imported_from_any_usual_csv(session: Session, content: bytes) -> None:
    facts = {"content": content, "index": EURIBOR, "by": BY}
    done = operations.import_fixings(session, **facts, at=LATER)
    assert (done.recorded, done.unchanged) == (2, 0)
    assert queries.fixing_on(session, EURIBOR, date(2026, 2, 2)).rate == Decimal("0.02015")
    again = operations.import_fixings(session, **facts, at=LATER)
    assert (again.recorded, again.unchanged) == (0, 2)


def test_a_faulty_file_of_fixings_records_nothing_and_names_every_line(session: Session) -> None:
    content = (
        b"date;index;rate\n2026-02-02;estr;2.015\n31/02/2026;estr;2.0\n2026-02-03;libor;x\n"
        b"2026-02-02;estr;2.02\n2026-02-04;estr;201.5\n2027-02-04;ECB refi;2.15\n"
    )
    with pytest.raises(Problems) as refused:
        operations.import_fixings(session, content=content, source="BCE", by=BY, at=LATER)
    assert [(p.field, p.params["problem"].code) for p in refused.value.problems] == [
        ("line 3", "date_unreadable"),
        ("line 4", "rate_unreadable"),
        ("line 4", "index_unknown"),
        ("line 5", "fixing_twice"),
        ("line 6", "rate_out_of_range"),
        ("line 7", "fixing_in_future"),
    ]
    assert queries.fixings(session, IndexName.ESTR, from_on=SIGNED, to_on=APRIL) == ()


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "file_empty"), (b"date,rate\n", "column_missing"), (b"\xff\xfe\x00", "column_missing"),
     (b"date,rate,source\n", "file_empty"), (b"a,b\n1,2\n", "column_missing")],
)  # fmt: skip
def test_a_file_that_is_no_table_of_fixings_is_refused(
    session: Session, content: bytes, code: str
) -> None:
    with pytest.raises(CessioError) as refused:
        operations.import_fixings(session, content=content, index=EURIBOR, by=BY, at=LATER)
    assert isinstance(refused.value, Problems)
    assert code in codes(refused.value)
