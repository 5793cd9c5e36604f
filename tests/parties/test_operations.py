"""A company is known once, whoever meets it first, and money goes only where two people said."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tests import people
from tests.people import People

from cessio import audit, parties
from cessio.identity.operations import issue_token
from cessio.identity.rules import Scope
from cessio.kernel.errors import Conflict, Forbidden, NotFound, Problems
from cessio.parties import CompanyDetails, ContactDetails, Segment, operations, queries
from cessio.plumbing.database import transaction

BY = people.SETUP
NEW_IBAN = "FR7616958000010009876543244"


@pytest.fixture
def there(session: Session, now: datetime) -> People:
    return people.settle_in(session, at=now)


# -- companies ---------------------------------------------------------------------------------


def test_a_company_met_first_as_a_debtor_is_the_same_as_a_client(
    session: Session, now: datetime
) -> None:
    met = parties.register_debtor(session, details=people.ALPHA.details, by=BY, at=now)
    registered = parties.register_client(session, details=people.ALPHA.details, by=BY, at=now)
    assert registered.company_id == met.company_id
    hit = parties.find_by_siren(session, "812 340 016")
    assert hit is not None
    assert (hit.client_id, hit.debtor_id) == (registered.id, met.id)


def test_registering_a_debtor_again_gives_the_one_that_is_there(
    session: Session, there: People, now: datetime
) -> None:
    described_otherwise = CompanyDetails("DURAND DISTRIB", vat_number=people.DURAND.vat_number)
    again = parties.register_debtor(session, details=described_otherwise, by=BY, at=now)
    assert (again.id, again.created) == (there.durand.id, False)
    assert queries.company(session, again.company_id).name == people.DURAND.name


def test_a_foreign_debtor_is_found_by_either_of_its_numbers(
    session: Session, there: People, now: datetime
) -> None:
    for details in (
        CompanyDetails("N", country="DE", vat_number="DE 136695976"),
        CompanyDetails("N", country="DE", registration_number="HRB 12345 Hamburg"),
    ):
        found = parties.register_debtor(session, details=details, by=BY, at=now)
        assert found.id == there.nordbau.id


def test_numbers_of_two_companies_are_a_contradiction(
    session: Session, there: People, now: datetime
) -> None:
    other = CompanyDetails("O", country="DE", registration_number="HRB 7")
    parties.register_debtor(session, details=other, by=BY, at=now)
    with pytest.raises(Conflict) as refused:
        parties.register_debtor(
            session, details=replace(other, vat_number="DE136695976"), by=BY, at=now
        )
    assert refused.value.code == "identity_split"


def test_a_known_company_is_not_registered_twice(
    session: Session, there: People, now: datetime
) -> None:
    with pytest.raises(Conflict) as refused:
        operations.register_company(session, details=people.LEROY.details, by=BY, at=now)
    assert refused.value.params["company_id"] == there.leroy.company_id


def test_a_client_is_opened_once_under_a_code_of_its_own(
    session: Session, there: People, now: datetime
) -> None:
    with pytest.raises(Conflict) as refused:
        parties.register_client(session, details=people.ALPHA.details, by=BY, at=now)
    assert refused.value.code == "client_known"
    with pytest.raises(Conflict) as refused:
        parties.register_client(session, details=people.LEROY.details, code="alpha", by=BY, at=now)
    assert (refused.value.code, refused.value.field) == ("code_taken", "code")
    first = parties.register_client(session, details=people.LEROY.details, by=BY, at=now)
    twin = CompanyDetails("Garages Leroy", siren="332211077")
    second = parties.register_client(session, details=twin, by=BY, at=now)
    assert (first.code, second.code) == ("GARAGES-LERO", "GARAGES-LERO-2")


def test_all_faults_of_a_client_are_told_at_once(
    session: Session, there: People, now: datetime
) -> None:
    with pytest.raises(Problems) as refused:
        parties.register_client(
            session, details=CompanyDetails("", siren="123"), code="é", by=BY, at=now,
            account_manager_id=there.fanny.id, collector_id=0,
        )  # fmt: skip
    assert [each.field for each in refused.value.problems] == [
        "name", "siren", "code", "account_manager_id", "collector_id",
    ]  # fmt: skip


def test_a_change_of_identity_is_kept_with_its_history(
    session: Session, there: People, now: datetime
) -> None:
    seen = queries.company(session, there.alpha.company_id)
    moved = replace(people.ALPHA.details, name="Alpha Métal Groupe", city="Villeurbanne")
    version = operations.change_company(
        session, company_id=seen.id, details=moved, version=seen.version, why="moved",
        by=there.alice.by, at=now,
    )  # fmt: skip
    assert version == seen.version + 1
    event = audit.history(session, "company", seen.id)[0]
    assert {(each.field, each.before, each.after) for each in event.changes} == {
        ("name", "Alpha Métallerie SAS", "Alpha Métal Groupe"), ("city", "Lyon", "Villeurbanne"),
    }  # fmt: skip
    assert (event.why, event.client_id) == ("moved", there.alpha.id)
    assert [each.client_id for each in queries.search(session, "metal groupe")] == [there.alpha.id]


def test_a_change_of_nothing_is_no_event(session: Session, there: People, now: datetime) -> None:
    seen = queries.company(session, there.alpha.company_id)
    events = len(audit.history(session, "company", seen.id))
    assert seen.version == operations.change_company(
        session, company_id=seen.id, details=people.ALPHA.details, version=seen.version, by=BY,
        at=now,
    )  # fmt: skip
    assert len(audit.history(session, "company", seen.id)) == events


def test_a_change_on_an_old_version_or_to_anothers_number_is_refused(
    session: Session, there: People, now: datetime
) -> None:
    def change(details: CompanyDetails, version: int) -> None:
        operations.change_company(
            session, company_id=there.alpha.company_id, details=details, version=version, by=BY,
            at=now,
        )  # fmt: skip

    with pytest.raises(Conflict) as refused:
        change(replace(people.ALPHA.details, city="Paris"), 99)
    assert refused.value.code == "stale"
    with pytest.raises(Conflict) as refused:
        change(replace(people.BRAVO.details, city="Paris"), 1)
    assert refused.value.code == "identity_taken"
    with pytest.raises(Problems):
        change(replace(people.ALPHA.details, siren="812340017"), 1)


def test_companies_under_one_control_are_read_together(
    session: Session, there: People, now: datetime
) -> None:
    ids = [there.durand.company_id, there.leroy.company_id]
    group = operations.join_group(session, company_ids=ids, name=" Groupe  Durand ", by=BY, at=now)
    assert group == operations.join_group(
        session, company_ids=[there.mercier.company_id], name="Groupe Durand", by=BY, at=now
    )
    members = [each.debtor_id for each in queries.group_members(session, group)]
    assert members == [there.durand.id, there.leroy.id, there.mercier.id]
    operations.leave_group(session, company_id=there.leroy.company_id, by=BY, at=now)
    assert len(queries.group_members(session, group)) == 2
    assert queries.company(session, there.durand.company_id).group_name == "Groupe Durand"


def test_a_clients_and_a_debtors_own_fields_change_with_their_history(
    session: Session, there: People, now: datetime
) -> None:
    operations.change_client(
        session, client_id=there.alpha.id, account_manager_id=there.chloe.id, collector_id=None,
        credit_analyst_id=there.chloe.id, segment="gold", by=there.eva.by, at=now,
    )  # fmt: skip
    operations.change_debtor(
        session, debtor_id=there.durand.id, segment=Segment.AT_RISK, payment_terms_days=45,
        language="en", insolvent_on=now.date(), why="judgment of Nanterre", by=there.chloe.by,
        at=now,
    )  # fmt: skip
    client = queries.client_file(session, there.alpha.id)
    assert (client.account_manager, client.collector, client.segment) == (
        "Chloé Bernard", None, "gold",
    )  # fmt: skip
    assert client.credit_analyst == "Chloé Bernard"
    debtor = queries.debtor_file(session, there.durand.id)
    assert (debtor.segment, debtor.insolvent_on) == ("at_risk", now.date())
    assert debtor.history[0].why == "judgment of Nanterre"
    with pytest.raises(Problems):
        operations.change_debtor(
            session, debtor_id=there.durand.id, segment=Segment.NEW, payment_terms_days=-1,
            language="xx", insolvent_on=None, by=BY, at=now,
        )  # fmt: skip


# -- accounts ----------------------------------------------------------------------------------


FANNY = ContactDetails("Fanny Roux", phone="+33472000000")


def _add(session: Session, there: People, at: datetime, **changes: Any) -> int:
    wanted: dict[str, Any] = {
        "company_id": there.alpha.company_id, "iban": NEW_IBAN, "is_payout": True,
        "by": there.alice.by, "at": at,
    }  # fmt: skip
    return parties.add_account(session, **(wanted | changes))


def _payout_iban(session: Session, there: People) -> str:
    account = parties.payout_account(session, there.alpha.id)
    assert account is not None
    return account.iban


def test_a_new_payout_account_receives_nothing_until_a_second_person_confirms(
    session: Session, there: People, now: datetime
) -> None:
    known = operations.add_contact(
        session, company_id=there.alpha.company_id, contact=FANNY,
        by=people.SETUP, at=now - timedelta(days=90),
    )  # fmt: skip
    added = _add(session, there, now)
    assert _payout_iban(session, there) == people.ALPHA.iban
    waiting = queries.accounts_to_confirm(session)
    assert [(account.id, name) for account, name in waiting] == [(added, people.ALPHA.name)]

    parties.confirm_account(session, account_id=added, why="called Fanny", contact_id=known,
                            by=there.bruno.by, at=now)  # fmt: skip

    assert _payout_iban(session, there) == NEW_IBAN
    states = [(each.iban, each.state) for each in
              queries.accounts(session, there.alpha.company_id, ended=True)]  # fmt: skip
    assert states == [(NEW_IBAN, "confirmed"), (people.ALPHA.iban, "ended")]
    assert queries.accounts_to_confirm(session) == ()


def test_who_adds_an_account_does_not_confirm_it_under_any_name(
    session: Session, there: People, now: datetime
) -> None:
    token = issue_token(session, person_id=there.alice.id, name="t", scopes=[Scope.PARTIES_READ],
                        expires_at=now + timedelta(days=1), by=there.alice.by, at=now)  # fmt: skip
    added = _add(session, there, now, by=f"token:{token.id}")
    for by, code in ((there.alice.by, "own_account"), (f"token:{token.id}", "own_account"),
                     ("job:import", "person_needed")):  # fmt: skip
        with pytest.raises(Forbidden) as refused:
            parties.confirm_account(session, account_id=added, by=by, at=now)
        assert refused.value.code == code


def test_an_account_is_confirmed_once_and_never_after_its_end(
    session: Session, there: People, now: datetime
) -> None:
    added = _add(session, there, now)
    operations.end_account(session, account_id=added, why="typed wrong", by=there.alice.by, at=now)
    with pytest.raises(Conflict) as refused:
        parties.confirm_account(session, account_id=added, by=there.bruno.by, at=now)
    assert refused.value.code == "account_ended"
    with pytest.raises(Conflict) as refused:
        parties.confirm_account(
            session, account_id=there.alpha.account_id, by=there.bruno.by, at=now
        )
    assert refused.value.code == "account_confirmed"
    with pytest.raises(NotFound):
        parties.confirm_account(session, account_id=0, by=there.bruno.by, at=now)


def test_a_known_account_becomes_a_payout_account_only_by_being_added_and_confirmed_again(
    session: Session, there: People, now: datetime
) -> None:
    known = _add(session, there, now, is_payout=False)
    parties.confirm_account(session, account_id=known, by=there.bruno.by, at=now)
    assert _payout_iban(session, there) == people.ALPHA.iban
    _add(session, there, now)
    assert _payout_iban(session, there) == people.ALPHA.iban
    for is_payout in (True, False):
        with pytest.raises(Conflict) as refused:
            _add(session, there, now, is_payout=is_payout)
        assert refused.value.code == "account_known"


def test_an_ended_account_may_be_added_again(
    session: Session, there: People, now: datetime
) -> None:
    first = _add(session, there, now)
    operations.end_account(session, account_id=first, by=there.alice.by, at=now)
    assert _add(session, there, now) != first


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE party_account SET iban = 'FR00'",
        "UPDATE party_account SET is_payout = NOT is_payout",
        "UPDATE party_account SET confirmed_by = added_by WHERE confirmed_at IS NULL",
        "UPDATE party_account SET confirmed_by = 'person:1' WHERE confirmed_at IS NOT NULL",
        "DELETE FROM party_account",
    ],
)
def test_the_database_refuses_to_edit_an_account(
    session: Session, there: People, statement: str
) -> None:
    with pytest.raises(IntegrityError):
        session.execute(text(statement))


def test_two_companies_that_share_an_account_are_seen(
    session: Session, there: People, now: datetime
) -> None:
    _add(session, there, now, iban=people.LEROY.iban, is_payout=False)
    sharing = queries.companies_with_iban(session, people.LEROY.iban)
    assert sharing == (there.alpha.company_id, there.leroy.company_id)


def test_contacts_come_and_go(session: Session, there: People, now: datetime) -> None:
    company_id = there.alpha.company_id
    contact = ContactDetails("Paul Roy", email="p.roy@alpha.example")
    added = operations.add_contact(session, company_id=company_id, contact=contact, by=BY, at=now)
    assert [each.name for each in queries.contacts(session, company_id)] == ["Paul Roy"]
    operations.end_contact(session, contact_id=added, by=BY, at=now)
    assert queries.contacts(session, company_id) == ()
    assert len(queries.contacts(session, company_id, ended=True)) == 1
    with pytest.raises(Conflict):
        operations.end_contact(session, contact_id=added, by=BY, at=now)
    with pytest.raises(Problems):
        operations.add_contact(
            session, company_id=company_id, contact=ContactDetails("Nobody"), by=BY, at=now
        )


# -- at the same moment ------------------------------------------------------------------------


def test_a_debtor_met_by_many_at_once_is_one_debtor(engine: Engine, now: datetime) -> None:
    def meet(_: int) -> int:
        with transaction(engine) as session:
            details = people.DURAND.details
            return parties.register_debtor(session, details=details, by=BY, at=now).id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(meet, range(16)))) == 1


def test_two_payout_accounts_confirmed_at_once_leave_one(engine: Engine, now: datetime) -> None:
    with transaction(engine) as session:
        there = people.settle_in(session, at=now)
        known = operations.add_contact(
            session, company_id=there.alpha.company_id, contact=FANNY,
            by=people.SETUP, at=now - timedelta(days=90),
        )  # fmt: skip
        added = [_add(session, there, now, iban=iban) for iban in
                 (NEW_IBAN, people.LEROY.iban, people.MERCIER.iban)]  # fmt: skip

    def confirm(account_id: int) -> None:
        with transaction(engine) as session:
            parties.confirm_account(session, account_id=account_id, why="called", by=there.bruno.by,
                                    contact_id=known, at=now)  # fmt: skip

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(confirm, added))
    with transaction(engine) as session:
        open_ones = queries.accounts(session, there.alpha.company_id)
    assert len([each for each in open_ones if each.is_payout]) == 1
