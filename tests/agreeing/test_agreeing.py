"""What one asks for and another lets happen: never the same person, never something else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tests import people
from tests.people import Named, People
from tests.receivables.books import Book, assigned, invoice, open_book

from cessio import agreeing, approvals, audit, contracts, house, identity
from cessio.agreeing import Deed
from cessio.agreeing.deeds.book import ReverseRemittance
from cessio.agreeing.deeds.contracts import ChangeTerms, EndContract
from cessio.agreeing.deeds.house import SetAuthority, SetPayoutLimits
from cessio.agreeing.deeds.people import StaffAccess
from cessio.banking.operations import open_account
from cessio.correspondence import set_identity
from cessio.funding import queries as funding
from cessio.funding.operations import set_payout_limits
from cessio.house import Act
from cessio.identity import Permission, Role
from cessio.identity import queries as identities
from cessio.identity.operations import DIRECTORY, disable_person, issue_token, set_password
from cessio.identity.rules import STAFF_ROLES, Scope, is_within
from cessio.kernel.errors import Conflict, Forbidden
from cessio.limits import LimitKind, NewLimit
from cessio.limits import queries as limits
from cessio.limits.operations import propose_limit
from cessio.receivables.operations.due_dates import move_due_date
from cessio.receivables.queries.due_dates import due_date_change
from cessio.receivables.rules.due_dates import DueDateReason

LIMITS = SetPayoutLimits(1_000_00, None, None, None, 48)


@pytest.fixture
def there(session: Session, now: datetime) -> People:
    return people.settle_in(session, at=now)


@pytest.fixture
def book(session: Session, now: datetime) -> Book:
    return open_book(session, now)


def _ask(session: Session, deed: Deed, maker: Named, at: datetime) -> int:
    return agreeing.ask(session, deed=deed, by=maker.by, at=at)


def _agree(session: Session, asked: int, checker: Named, at: datetime) -> int | None:
    seen = approvals.approval(session, asked).subject_hash
    return agreeing.agree(session, approval_id=asked, seen=seen, by=checker.by, at=at)


def _role(session: Session, who: Named) -> Role:
    return identities.person(session, who.id).role


@pytest.mark.parametrize("lost", ["access", "right"])
def test_what_was_sent_while_its_maker_lost_the_right_is_not_agreed_to(
    session: Session, there: People, now: datetime, lost: str
) -> None:
    """Both at once: whoever took the right saw nothing yet to void."""
    asked = _ask(session, LIMITS, there.eva, now)
    if lost == "access":
        disable_person(session, person_id=there.eva.id, by=there.karine.by, at=now)
    else:
        session.execute(text("ALTER TABLE person DISABLE TRIGGER USER"))
        session.execute(text("UPDATE person SET role = 'collector' WHERE id = :id"),
                        {"id": there.eva.id})  # fmt: skip
    with pytest.raises(Conflict, match="may no longer"):
        _agree(session, asked, there.karine, now)
    assert funding.limits_now(session).per_payout_minor is None


def test_a_role_holds_once_a_second_person_agreed_and_never_by_its_own_bearer(
    session: Session, there: People, now: datetime
) -> None:
    signed = people.let_in(session, there.denis, at=now)
    asked = _ask(session, StaffAccess(there.denis.id, Role.TREASURY, "moves"), there.eva, now)
    assert _role(session, there.denis) is Role.CASH_CLERK
    for wrong, code in ((there.eva, "own_request"), (there.denis, "own_role"),
                        (there.alice, "not_the_second")):  # fmt: skip
        with pytest.raises(Forbidden) as refused:
            _agree(session, asked, wrong, now)
        assert refused.value.code == code
    assert there.karine.name in str(refused.value.params["names"])
    _agree(session, asked, there.karine, now + timedelta(minutes=1))
    assert _role(session, there.denis) is Role.TREASURY
    assert identity.resume(session, token=signed.token, at=now) is None  # signs in anew, as that
    verbs = [event.verb for event in audit.history(session, "person", there.denis.id)]
    assert "give_rights" in verbs


def test_nobody_asks_for_rights_of_their_own(
    session: Session, there: People, now: datetime
) -> None:
    with pytest.raises(Forbidden) as refused:
        _ask(session, StaffAccess(there.eva.id, Role.TREASURY, "me too"), there.eva, now)
    assert refused.value.code == "own_role"
    with pytest.raises(Forbidden):
        _ask(session, StaffAccess(there.denis.id, Role.TREASURY, "he asked"), there.karine, now)


def test_a_new_colleague_waits_at_the_door_and_chooses_the_password_alone(
    session: Session, there: People, now: datetime
) -> None:
    asked = agreeing.hire(session, email="zoe@cessio.example", name="Zoé Neuve",
                          role=Role.TREASURY, language="fr", by=there.eva.by, at=now)  # fmt: skip
    zoe = approvals.approval(session, asked).subject_id
    assert identities.person(session, zoe).disabled_at is not None
    assert zoe not in identities.staff_who_may(session, Permission.RELEASE_PAYMENTS)
    _agree(session, asked, there.karine, now)
    assert zoe in identities.staff_who_may(session, Permission.RELEASE_PAYMENTS)
    with pytest.raises(Forbidden) as refused:
        set_password(session, person_id=zoe, password="un mot de passe connu d’Eva",
                     by=there.eva.by, at=now)  # fmt: skip
    assert refused.value.code == "password_theirs"


def test_declined_or_withdrawn_nothing_changes(
    session: Session, there: People, now: datetime
) -> None:
    deed = StaffAccess(there.denis.id, Role.TREASURY, "moves")
    asked = _ask(session, deed, there.eva, now)
    with pytest.raises(Conflict):
        _ask(session, replace(deed, role=Role.COLLECTOR), there.eva, now)
    seen = approvals.approval(session, asked).subject_hash
    agreeing.decline(session, approval_id=asked, seen=seen, reason="not now", by=there.karine.by,
                     at=now)  # fmt: skip
    again = _ask(session, deed, there.eva, now)
    with pytest.raises(Forbidden):
        agreeing.withdraw(session, approval_id=again, by=there.karine.by, at=now)
    agreeing.withdraw(session, approval_id=again, by=there.eva.by, at=now)
    assert _role(session, there.denis) is Role.CASH_CLERK
    with pytest.raises(Conflict):
        _agree(session, again, there.karine, now)


def test_whoever_loses_a_right_loses_what_they_asked_for(
    session: Session, there: People, now: datetime
) -> None:
    asked = _ask(session, LIMITS, there.eva, now)
    with pytest.raises(Forbidden):
        agreeing.close_access(session, person_id=there.eva.id, by=there.karine.by, at=now)
    other = agreeing.hire(session, email="max@cessio.example", name="Max Autre", role=Role.ADMIN,
                          language="fr", by=there.eva.by, at=now)  # fmt: skip
    _agree(session, other, there.karine, now)
    max_id = approvals.approval(session, other).subject_id
    agreeing.close_access(session, person_id=there.eva.id, by=f"person:{max_id}", at=now)
    assert approvals.approval(session, asked).decision == "void"


def test_a_checker_who_lost_the_right_decides_nothing_any_more(
    session: Session, there: People, now: datetime
) -> None:
    """ASVS 8.3.2: a page opened before does not help."""
    asked = _ask(session, LIMITS, there.eva, now)
    disable_person(session, person_id=there.karine.id, by=there.eva.by, at=now)
    with pytest.raises(Forbidden) as refused:
        _agree(session, asked, there.karine, now)
    assert refused.value.code == "not_the_second"


def test_what_it_depends_on_changed_and_it_is_asked_for_again(
    session: Session, there: People, now: datetime
) -> None:
    asked = _ask(session, LIMITS, there.eva, now)
    set_payout_limits(
        session, per_payout_minor=5_00, per_payee_day_minor=None, per_person_day_minor=None,
        per_order_minor=None, cooling_hours=48, by=people.SETUP, at=now,
    )  # fmt: skip
    assert agreeing.is_stale(session, approvals.approval(session, asked))
    with pytest.raises(Conflict) as refused:
        _agree(session, asked, there.karine, now)
    assert refused.value.code == "approval_stale"
    assert funding.limits_now(session).per_payout_minor == 5_00


def test_a_hash_that_was_not_shown_agrees_to_nothing(
    session: Session, there: People, now: datetime
) -> None:
    asked = _ask(session, LIMITS, there.eva, now)
    with pytest.raises(Conflict):
        agreeing.agree(session, approval_id=asked, seen=b"\0" * 32, by=there.karine.by, at=now)


def test_ones_own_key_is_not_a_second_person(
    session: Session, there: People, now: datetime
) -> None:
    key = issue_token(session, person_id=there.eva.id, name="script",
                      scopes=[Scope.SETTINGS_WRITE], expires_at=now + timedelta(days=5),
                      by=there.eva.by, at=now)  # fmt: skip
    asked = agreeing.ask(session, deed=LIMITS, by=f"token:{key.id}", at=now)
    with pytest.raises(Forbidden) as refused:
        _agree(session, asked, there.eva, now)
    assert refused.value.code == "own_request"


def test_terms_are_changed_by_two_and_stale_once_another_version_came(
    session: Session, book: Book, now: datetime
) -> None:
    on = now.date()
    terms = contracts.terms_in_force(session, book.alpha, on)
    more = replace(terms, facility_limit_minor=terms.facility_limit_minor + 100)
    alice, chloe = book.people.alice, book.people.chloe
    asked = _ask(session, ChangeTerms(book.alpha, more, on, "more"), alice, now)
    assert contracts.terms_in_force(session, book.alpha, on) == terms
    contracts.change_terms(
        session, contract_id=book.alpha, effective_from=on + timedelta(days=1),
        terms=replace(terms, value_days_out=1), by=people.SETUP, at=now,
    )  # fmt: skip
    with pytest.raises(Conflict):
        _agree(session, asked, chloe, now)
    agreeing.withdraw(session, approval_id=asked, by=alice.by, at=now)
    _agree(session, _ask(session, ChangeTerms(book.alpha, more, on, "more"), alice, now), chloe,
           now + timedelta(minutes=1))  # fmt: skip
    assert contracts.terms_in_force(session, book.alpha, on) == more


def test_whoever_agrees_needs_the_authority_for_the_amount(
    session: Session, book: Book, now: datetime
) -> None:
    amounts = SetAuthority(Act.SIGN_FACILITY, {"credit_analyst": 1_00}, None)
    _agree(session, _ask(session, amounts, book.people.eva, now), book.people.karine, now)
    terms = contracts.terms_in_force(session, book.alpha, now.date())
    more = replace(terms, facility_limit_minor=terms.facility_limit_minor + 100)
    asked = _ask(session, ChangeTerms(book.alpha, more, now.date(), "more"), book.people.alice,
                 now)  # fmt: skip
    with pytest.raises(house.BeyondAuthority), session.begin_nested():
        _agree(session, asked, book.people.chloe, now + timedelta(minutes=1))
    _agree(session, asked, book.people.bruno, now + timedelta(minutes=1))


def test_a_whole_remittance_is_reversed_by_two(session: Session, book: Book, now: datetime) -> None:
    done = assigned(session, book, now, invoice(book, "F-1", 100_00))
    alice, chloe = book.people.alice, book.people.chloe
    asked = _ask(session, ReverseRemittance(done.remittance_id, "wrong file"), alice, now)
    with pytest.raises(Forbidden):
        _agree(session, asked, alice, now)
    _agree(session, asked, chloe, now)
    states = session.execute(
        text("SELECT by FROM remittance_state WHERE state = 'reversed'")
    ).scalars()
    assert list(states) == [chloe.by]


def test_a_contract_is_ended_by_two_and_once(session: Session, book: Book, now: datetime) -> None:
    alice, chloe, denis = book.people.alice, book.people.chloe, book.people.denis
    deed = EndContract(book.alpha, now.date() + timedelta(days=30), "they leave")
    with pytest.raises(Forbidden):
        _ask(session, deed, denis, now)
    asked = _ask(session, deed, alice, now)
    assert contracts.queries.contract(session, book.alpha).ended_on is None
    for wrong in (alice, denis):
        with pytest.raises(Forbidden):
            _agree(session, asked, wrong, now)
    _agree(session, asked, chloe, now + timedelta(minutes=1))
    held = contracts.queries.contract(session, book.alpha)
    assert (held.ended_on, held.ended_by) == (deed.ended_on, chloe.by)
    with pytest.raises(Conflict):
        _ask(session, deed, alice, now)
    forged = "UPDATE contract SET ended_on = starts_on, ended_at = now(), ended_by = :by"
    for attack in ("UPDATE contract SET ended_on = NULL WHERE id = :id",
                   "UPDATE contract SET ended_on = ended_on + 1 WHERE id = :id",
                   f"{forged} WHERE ended_on IS NULL"):  # fmt: skip
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(attack), {"id": book.alpha, "by": alice.by})


def test_what_somebody_proposed_ends_with_their_access_and_what_is_behind_waits_again(
    session: Session, book: Book, now: datetime
) -> None:
    who, on = book.people, now.date()
    debtor_id = who.durand.id
    proposed = propose_limit(
        session, request_id=None, why=(), currency="EUR", client_id=who.alpha.id,
        limit=NewLimit(contract_id=book.alpha, debtor_id=debtor_id, kind=LimitKind.COVER,
                       amount_minor=90_000_00, valid_from=on),
        by=who.chloe.by, at=now,
    )  # fmt: skip
    assigned(session, book, now, invoice(book, "F-1", 100_00))
    [receivable_id] = session.execute(text("SELECT id FROM receivable")).scalars()
    moved = move_due_date(
        session, receivable_id=receivable_id, to_on=date(2027, 3, 1), by=who.chloe.by, at=now,
        reason=DueDateReason.OTHER, comment="asked by their buyer",
    )  # fmt: skip
    assert moved.waits
    assert agreeing.close_access(session, person_id=who.chloe.id, by=who.eva.by, at=now) == 2
    ended = limits.proposal(session, proposed)
    assert (ended.outcome, ended.end_reason) == ("withdrawn", "rights changed")
    assert due_date_change(session, moved.change_id).outcome == "withdrawn"
    assert approvals.queries.pending(session, by=who.chloe.id) == ()


INSERT = (
    "INSERT INTO approval (subject_kind, subject_id, subject_hash, summary, maker, maker_id,"
    " asked_at, checker, checker_id, decision, decided_at) VALUES ('payout', 1, '', '{}', :maker,"
    " :maker_id, now(), :checker, :checker_id, 'approved', now())"
)


@pytest.mark.parametrize("forged", [
    {"maker": "person:{ines}", "maker_id": None, "checker": "person:{ines}", "checker_id": "ines"},
    {"maker": "token:{key}", "maker_id": None, "checker": "person:{ines}", "checker_id": "ines"},
    {"maker": "token:{key}", "maker_id": "bruno", "checker": "person:{ines}",
     "checker_id": "ines"},
    {"maker": "person:{ines}", "maker_id": "ines", "checker": "person:{ines}",
     "checker_id": "bruno"},
    {"maker": "person:{ines}", "maker_id": "ines", "checker": "job:payouts", "checker_id": None},
    {"maker": "person:{ines}", "maker_id": "ines", "checker": "token:{key}", "checker_id": "ines"},
    {"maker": "person:{ines}", "maker_id": "ines", "checker": "person:{gone}",
     "checker_id": "gone"},
])  # fmt: skip
def test_the_database_refuses_one_person_as_two(
    session: Session, there: People, now: datetime, forged: dict[str, Any]
) -> None:
    key = issue_token(session, person_id=there.ines.id, name="script",
                      scopes=[Scope.PAYMENTS_WRITE], expires_at=now + timedelta(days=5),
                      by=there.ines.by, at=now)  # fmt: skip
    disable_person(session, person_id=there.jules.id, by=there.eva.by, at=now)
    ids = {"ines": there.ines.id, "bruno": there.bruno.id, "key": key.id, "gone": there.jules.id}
    values = {
        name: ids.get(value) if name.endswith("_id") else value.format_map(ids)
        for name, value in forged.items()
    }
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text(INSERT), values)


def test_the_database_takes_two_people(session: Session, there: People) -> None:
    session.execute(text(INSERT), {
        "maker": there.ines.by, "maker_id": there.ines.id, "checker": there.bruno.by,
        "checker_id": there.bruno.id})  # fmt: skip


GIVEN = (
    "INSERT INTO approval (subject_kind, subject_id, subject_hash, summary, maker, maker_id,"
    " asked_at, checker, checker_id, decision, decided_at) VALUES ('staff_access', :whom, '',"
    ' \'{"args": {"role": "treasury"}}\', :maker, :maker_id, now(), :checker, :checker_id,'
    " 'approved', now());"
    "UPDATE person SET role = 'treasury', rights_at = now(), rights_by = :checker"
    " WHERE id = :whom"
)


@pytest.mark.parametrize(("maker", "checker", "whom", "holds"), [
    ("eva", "karine", "denis", True), (DIRECTORY, "karine", "denis", True),
    ("denis", "karine", "denis", False), ("eva", "denis", "denis", False),
    ("eva", "karine", "karine", False), ("alice", "karine", "denis", False),
    ("eva", "alice", "denis", False), ("karine", "eva", "denis", False),
    ("job:any", "karine", "denis", False), ("eva", "karine", "fanny", False),
])  # fmt: skip
def test_the_database_gives_rights_as_the_operation_does(
    session: Session, there: People, maker: str, checker: str, whom: str, *, holds: bool
) -> None:
    """Also where an approval was written by hand: who may ask, who may agree, about whom."""
    makes = None if ":" in maker else getattr(there, maker)
    checks, gains = getattr(there, checker), getattr(there, whom)
    values = {"maker": makes.by if makes else maker, "maker_id": makes and makes.id,
              "checker": checks.by, "checker_id": checks.id, "whom": gains.id}  # fmt: skip
    if whom == "fanny":
        session.execute(text("ALTER TABLE person DROP CONSTRAINT ck_person_client_of_client"))
    try:
        with session.begin_nested():
            for one in GIVEN.split(";"):
                session.execute(text(one), values)
    except IntegrityError:
        assert not holds
    else:
        assert holds


@pytest.mark.parametrize(("before", "after", "holds"), [
    ("account_manager", "collector", True), ("collector", "account_manager", False),
    ("cash_clerk", "admin", False), ("admin", "cash_clerk", False),
])  # fmt: skip
def test_the_directory_alone_narrows_rights_and_opens_no_door(
    session: Session, there: People, before: str, after: str, *, holds: bool
) -> None:
    update = (f"UPDATE person SET role = '{after}', rights_at = now() + interval '1 s',"
              f" rights_by = '{DIRECTORY}', disabled_at = NULL WHERE id = :id")  # fmt: skip
    start = "UPDATE person SET role = :role, rights_at = now(), rights_by = 'system:test'"
    who = {"id": there.denis.id, "role": before}
    session.execute(text(f"{start} WHERE id = :id"), who)
    try:
        with session.begin_nested():
            session.execute(text(update), who)
    except IntegrityError:
        assert not holds
    else:
        assert holds
    session.execute(text("UPDATE person SET disabled_at = now() WHERE id = :id"), who)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text(update), who)


def test_the_database_knows_the_same_roles_within_others(session: Session) -> None:
    for narrow in STAFF_ROLES:
        for wide in STAFF_ROLES - {narrow}:
            said = session.scalar(text("SELECT is_role_within(:one, :other)"),
                                  {"one": narrow.value, "other": wide.value})  # fmt: skip
            assert said is is_within(narrow, wide), (narrow, wide)


def test_who_the_house_is_and_where_it_is_paid_is_ended_and_never_edited(
    session: Session, now: datetime
) -> None:
    set_identity(session, name="Atlas", legal="SA", siren="812340016", street="1 rue A",
                 post_code="75002", city="Paris", by=people.SETUP, at=now)  # fmt: skip
    open_account(session, name="A", iban="DE89370400440532013000", bic="COBADEFFXXX", holder="A",
                 by=people.SETUP, at=now)  # fmt: skip
    for attack in ("UPDATE factor_identity SET street = '2 rue B'",
                   "UPDATE factor_account SET iban = 'FR7630006000011234567890189'"):  # fmt: skip
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(attack))


@pytest.mark.parametrize("attack", [
    ("INSERT INTO payout_limits (cut_off, cooling_hours, set_at, set_by)"
    " VALUES ('12:00', 0, now(), 'person:{eva}')"),
    ("INSERT INTO house_authority (act, role, amount_minor, set_at, set_by)"
    " VALUES ('approve_drawdown', 'treasury', 1, now(), 'person:{eva}')"),
    ("INSERT INTO matching_settings (auto_apply_from, tolerance_minor, set_at, set_by)"
    " VALUES (0.8, 1000, now(), 'token:999')"),
    ("INSERT INTO index_fixing (index_name, fixed_on, rate, source, recorded_at, recorded_by)"
    " VALUES ('estr', '2026-11-01', 0.5, 'me', now(), 'person:{eva}')"),
    ("INSERT INTO factor_identity (name, legal, siren, street, post_code, city, set_at, set_by)"
    " VALUES ('X', 'SA', '552100554', 'rue', '75002', 'Paris', now(), 'person:{eva}')"),
    ("INSERT INTO factor_account (name, iban, bic, holder, currency, opened_at, opened_by)"
    " VALUES ('X', 'DE89370400440532013000', 'COBADEFFXXX', 'X', 'EUR', now(), 'person:{eva}')"),
    ("INSERT INTO cash_application (bank_line_id, kind, amount_minor, applied_on, at, by, reasons)"
    " VALUES (1, 'capital', 5, '2026-11-01', now(), 'person:{eva}', '[]')"),
    "UPDATE person SET role = 'treasury' WHERE id = {eva}",
    ("UPDATE person SET role = 'treasury', rights_at = now(), rights_by = 'person:{karine}'"
    " WHERE id = {eva}"),
    ("INSERT INTO person (email, name, audience, role, password_hash, created_at, created_by)"
    " VALUES ('x@x.example', 'X', 'staff', 'treasury', '!', now(), 'person:{eva}')"),
])  # fmt: skip
def test_the_database_refuses_what_nobody_else_agreed_to(
    session: Session, there: People, attack: str
) -> None:
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text(attack.format(eva=there.eva.id, karine=there.karine.id)))
