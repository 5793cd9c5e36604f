"""Thousands of debtors are known or created in a handful of statements, each once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from random import Random

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from stdnum import luhn
from tests import people
from tests.counting import counted
from tests.people import People

from cessio import audit, parties
from cessio.parties import CompanyDetails, queries
from cessio.plumbing.database import transaction

BY = "person:1"


def _siren(number: int) -> str:
    body = f"{number:08d}"
    return body + luhn.calc_check_digit(body)


@pytest.fixture
def there(session: Session, now: datetime) -> People:
    return people.settle_in(session, at=now)


def test_known_debtors_are_found_and_unknown_ones_created_as_new(
    session: Session, there: People, now: datetime
) -> None:
    rows = [
        CompanyDetails("DURAND", siren=people.DURAND.siren),
        CompanyDetails("Fresh SAS", siren=_siren(30000001)),
        CompanyDetails("Fresh again", siret=_siren(30000001) + "00000"),
        CompanyDetails("Fresh once more", siren=_siren(30000001)),
        CompanyDetails("Nord Bau", country="DE", vat_number="136695976"),
        CompanyDetails("Neu GmbH", country="DE", registration_number="HRB 99"),
        CompanyDetails("Alpha", siren=people.ALPHA.siren),
    ]
    ensured = parties.ensure_debtors(session, rows=rows, by=BY, at=now)
    fresh = ensured.debtor_ids[1]
    assert ensured.debtor_ids[0] == there.durand.id
    assert ensured.debtor_ids[3] == fresh
    assert ensured.debtor_ids[4] == there.nordbau.id
    assert ensured.created == 3
    assert fresh is not None
    assert queries.debtor_file(session, fresh).segment == "new"
    assert queries.debtor_file(session, fresh).company.name == "Fresh SAS"
    assert [each.verb for each in audit.history(session, "debtor", fresh)] == ["register"]
    again = parties.ensure_debtors(session, rows=rows, by=BY, at=now)
    assert (again.debtor_ids, again.created) == (ensured.debtor_ids, 0)


def test_a_row_with_faults_stops_no_other(session: Session, there: People, now: datetime) -> None:
    rows = [
        CompanyDetails("A", siren="123456789"),
        CompanyDetails("B", siren=_siren(30000002)),
        CompanyDetails("", country="XX"),
        CompanyDetails("C", country="DE", vat_number="DE136695976", registration_number="HRB 1"),
        CompanyDetails("D", country="DE", registration_number="hrb  2"),
    ]
    ensured = parties.ensure_debtors(session, rows=rows, by=BY, at=now)
    assert [each is None for each in ensured.debtor_ids] == [True, False, True, False, False]
    codes = {number: [each.code for each in faults] for number, faults in ensured.problems.items()}
    assert codes == {0: ["siren_invalid"], 2: ["name_missing", "country_unknown"]}


def test_numbers_of_two_companies_are_told_and_create_no_debtor(
    session: Session, there: People, now: datetime
) -> None:
    other = CompanyDetails("O", country="DE", registration_number="HRB 7")
    parties.register_debtor(session, details=other, by=BY, at=now)
    both = CompanyDetails("B", country="DE", registration_number="HRB 7", vat_number="DE136695976")
    ensured = parties.ensure_debtors(session, rows=[both], by=BY, at=now)
    assert ensured.debtor_ids == (None,)
    assert [each.code for each in ensured.problems[0]] == ["identity_split"]


def test_no_rows_are_no_work(session: Session, now: datetime) -> None:
    assert parties.ensure_debtors(session, rows=[], by=BY, at=now) == parties.Ensured((), {}, 0)


def test_the_number_of_statements_does_not_grow_with_the_rows(
    session: Session, now: datetime
) -> None:
    rows = [CompanyDetails(f"Debtor {each}", siren=_siren(40000000 + each)) for each in range(5000)]
    with counted(session.connection()) as statements:
        ensured = parties.ensure_debtors(session, rows=rows, by=BY, at=now)
    assert ensured.created == len(set(ensured.debtor_ids)) == 5000
    assert len(statements) == 6, "two look-ups of companies, two of debtors, two inserts"
    assert session.execute(text("SELECT count(*) FROM audit_event")).scalar() == 10_000


def test_imports_at_the_same_moment_do_not_deadlock_and_agree(
    engine: Engine, now: datetime
) -> None:
    rows = [CompanyDetails(f"D {each}", siren=_siren(50000000 + each)) for each in range(300)]

    def ensure(seed: int) -> dict[str | None, int | None]:
        mine = list(rows)
        Random(seed).shuffle(mine)
        with transaction(engine) as session:
            ids = parties.ensure_debtors(session, rows=mine, by=BY, at=now).debtor_ids
        return {row.siren: each for row, each in zip(mine, ids, strict=True)}

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(ensure, range(12)))
    assert all(answer == answers[0] for answer in answers)
    assert len(set(answers[0].values())) == 300
