"""Who may do what, which passwords are refused, how long guessing takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cessio.identity import rules
from cessio.identity.rules import (
    CLIENT_ROLES,
    PERMISSIONS,
    STAFF_ROLES,
    Permission,
    Role,
    Scope,
    SignInFacts,
    Tries,
)

AT = datetime(2026, 11, 16, 9, tzinfo=UTC)
MOVES_MONEY = {
    Permission.DECIDE_DRAWDOWNS, Permission.APPROVE_DRAWDOWNS, Permission.PREPARE_PAYMENTS,
    Permission.RELEASE_PAYMENTS, Permission.APPLY_CASH, Permission.SETTLE,
    Permission.CONFIRM_ACCOUNTS, Permission.DECIDE_REMITTANCES, Permission.DECIDE_LIMITS,
}  # fmt: skip


def test_every_permission_is_somebodys_and_every_role_may_see_something() -> None:
    assert frozenset().union(*PERMISSIONS.values()) == frozenset(Permission)
    assert {role for role in Role if not PERMISSIONS[role]} == {Role.GUEST}  # it reads by shares


def test_staff_hold_no_client_permission_and_clients_no_staff_permission() -> None:
    for role in STAFF_ROLES:
        assert not any(each.startswith("own_") for each in PERMISSIONS[role])
    for role in CLIENT_ROLES:
        assert all(each.startswith("own_") for each in PERMISSIONS[role])


def test_who_gives_access_moves_no_money() -> None:
    assert not PERMISSIONS[Role.ADMIN] & MOVES_MONEY
    givers = {role for role in Role if rules.may(role, Permission.MANAGE_PEOPLE)}
    assert givers == {Role.ADMIN}


def test_an_auditor_and_a_reader_begin_nothing() -> None:
    """An auditor is the second person for what an administrator asks, and asks for nothing."""
    looking = ("see_", "own_see", "own_export", "export", "approve_people", "approve_settings")
    for role in (Role.AUDITOR, Role.READER):
        assert all(each.startswith(looking) for each in PERMISSIONS[role])


def test_an_operator_prepares_what_only_a_signatory_assigns_and_draws() -> None:
    assert rules.may(Role.OPERATOR, Permission.OWN_PREPARE)
    for permission in (Permission.OWN_ASSIGN, Permission.OWN_DRAW, Permission.OWN_MANAGE_PEOPLE):
        assert rules.may(Role.SIGNATORY, permission)
        assert not rules.may(Role.OPERATOR, permission)


def test_a_role_that_does_not_exist_may_nothing() -> None:
    assert not any(rules.may("owner", permission) for permission in Permission)


def test_a_scope_gives_no_more_than_the_role() -> None:
    assert rules.may_use(Role.SIGNATORY, Scope.FUNDING_WRITE)
    assert not rules.may_use(Role.READER, Scope.FUNDING_WRITE)
    assert not rules.may_use(Role.SIGNATORY, Scope.CASH_WRITE)
    assert rules.may_use(Role.TREASURY, Scope.CASH_WRITE)


@pytest.mark.parametrize(
    "password",
    [
        "un cheval violet sur le toit", "4Tr0cK!pq7Zé", "xK" * 3 + "q!9w2e", "p" * 12 + "q7#Kd",
        "日本語のパスワードはどう", "z" * 5 + "correct horse",
    ],
)  # fmt: skip
def test_a_long_uncommon_password_is_taken_without_composition_rules(password: str) -> None:
    assert rules.password_problem(password, about=["Alice Martin", "alice@cessio.example"]) is None


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("Kd7#pQ2!xZ", "password_too_short"),
        ("x7" * 200, "password_too_long"),
        ("motdepasse2026", "password_common"),
        ("!!Affacturage!!", "password_common"),
        ("Février-2026!", "password_common"),
        ("AzertyUiop1234", "password_common"),
        ("123456789012", "password_common"),
        ("aaaaaaaaaaaaaaa", "password_common"),
        ("abcabcabcabca", "password_common"),
        ("abcdefghijklmnop", "password_common"),
        ("AliceMartin!1984", "password_common"),
        ("martin-19841984", "password_common"),
        ("Cessio-2026-2026", "password_common"),
    ],
)
def test_a_guessable_password_is_refused(password: str, code: str) -> None:
    problem = rules.password_problem(password, about=["Alice Martin", "alice@cessio.example"])
    assert problem is not None
    assert problem.code == code


def test_a_password_is_one_text_on_every_keyboard() -> None:
    assert rules.password_text("e\u0301te\u0301 perdu au loin") == "été perdu au loin"


@pytest.mark.parametrize("email", ["alice@cessio.example", "a.b+c@sub.domain.fr"])
def test_an_address_is_readable(email: str) -> None:
    assert rules.email_problem(email) is None


@pytest.mark.parametrize(
    "email", ["", "alice", "a@b", "a b@c.fr", "a@-b.fr", "a@b..fr", "x" * 70 + "@c.fr", "a@b.fr\n"]
)
def test_a_text_that_is_no_address_is_refused(email: str) -> None:
    assert rules.email_problem(email) is not None


def test_the_wait_doubles_with_each_failure_and_is_bounded() -> None:
    def wait(count: int) -> float | None:
        end = rules.wait_until(SignInFacts(pair=Tries(count, AT)))
        return None if end is None else (end - AT).total_seconds()

    assert [wait(count) for count in range(7)] == [None, None, None, 2, 4, 8, 16]
    assert wait(50) == 900


def test_guessing_from_everywhere_does_not_lock_the_person_out() -> None:
    attack = Tries(5000, AT)
    stranger = SignInFacts(account=attack)
    at_home = SignInFacts(account=attack, known_network=True)
    assert rules.wait_until(stranger) == AT + timedelta(seconds=30)
    assert rules.wait_until(at_home) is None


def test_one_network_that_tries_many_accounts_is_slowed() -> None:
    assert rules.wait_until(SignInFacts(network=Tries(29, AT))) is None
    assert rules.wait_until(SignInFacts(network=Tries(30, AT))) == AT + timedelta(seconds=2)
    assert rules.wait_until(SignInFacts(network=Tries(500, AT))) == AT + timedelta(minutes=5)


def test_an_input_hash_tells_where_a_part_ends() -> None:
    assert rules.input_hash(b"ab", b"c") != rules.input_hash(b"a", b"bc")
    assert rules.input_hash(b"ab", b"c") == rules.input_hash(b"ab", b"c")
