"""The login of readers from outside sees rows by a rule and writes next to nothing.

Read off the catalogue of a migrated database, so that a new table without an answer fails here.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio import app
from cessio.plumbing.database import make_engine
from cessio.plumbing.readers import SUFFIX
from cessio.plumbing.settings import Settings
from cessio.web.requests import LINKS, NARROWED, OFFICE

#: What is nobody's own: the factor's name and account, its calendar and thresholds, index rates.
EVERYBODYS = {
    "factor_account", "factor_identity", "house_cut_off", "house_day", "house_reason",
    "index_fixing", "payout_limits",
}  # fmt: skip
#: What a look leaves, and nothing else is written.
LEFT_BY_A_LOOK = {
    ("issued_statement", "INSERT"), ("share_access", "INSERT"), ("notification", "UPDATE"),
}  # fmt: skip
SECRET = {"password_hash", "token_hash", "csrf_token", "seed", "code_sha256", "public_key"}


def _all(session: Session, statement: str, **values: Any) -> list[Any]:
    return list(session.execute(text(statement), values).all())


@pytest.fixture
def readers(session: Session) -> str:
    """The name of that role."""
    return f"{session.execute(text('SELECT current_user')).scalar()}{SUFFIX}"


def test_every_table_says_who_of_outside_sees_its_rows(session: Session) -> None:
    silent = _all(
        session,
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relrowsecurity"
        " AND relnamespace = 'public'::regnamespace ORDER BY relname",
    )
    assert not silent, (
        f"{_names(silent)}: let the migration that makes the table say SELECT hide_rows('table'),"
        " or SELECT show_rows('table', 'rule') if the portal reads it (sql/98_readers_rules.sql)"
    )


def test_a_rule_opens_own_rows_only(session: Session) -> None:
    shown = "SELECT tablename, qual FROM pg_policies WHERE cmd IN ('SELECT', 'ALL')"
    rules = {row.tablename: row.qual for row in _all(session, shown)}
    assert {table for table, rule in rules.items() if rule == "true"} == EVERYBODYS
    own = _all(
        session,
        "SELECT DISTINCT conrelid::regclass::text AS name FROM pg_constraint WHERE contype = 'f'"
        " AND confrelid IN ('client'::regclass, 'contract'::regclass)"
        " UNION SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " AND attname IN ('client_id', 'contract_id', 'receivable_id', 'remittance_id')",
    )
    assert not EVERYBODYS & set(_names(own))
    assert len(rules) > 50


def test_readers_may_write_what_a_look_leaves_and_read_no_secret(
    session: Session, readers: str
) -> None:
    granted = _all(
        session,
        "SELECT table_name, column_name, privilege_type FROM information_schema.column_privileges"
        " WHERE grantee = :readers",
        readers=readers,
    )
    assert {row.privilege_type for row in granted} == {"SELECT", "INSERT", "UPDATE"}
    written = {(r.table_name, r.privilege_type) for r in granted if r.privilege_type != "SELECT"}
    assert written == LEFT_BY_A_LOOK
    changed = {row.column_name for row in granted if row.privilege_type == "UPDATE"}
    assert changed == {"read_at"}
    read = {row.column_name for row in granted if row.privilege_type == "SELECT"}
    shown = {
        (row.table_name, row.column_name) for row in granted
        if row.column_name in SECRET and row.privilege_type == "SELECT"
    }  # fmt: skip
    assert shown == {("share", "token_hash"), ("verification", "code_sha256")}, (
        "hashes of secrets of the reader's own client alone"
    )
    assert "content" in read  # documents are read, so the list above is not of an empty grant
    whole = _all(
        session,
        "SELECT table_name FROM information_schema.role_table_grants WHERE grantee = :readers"
        " AND privilege_type IN ('DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES', 'UPDATE')",
        readers=readers,
    )
    assert not whole


def test_the_role_is_nobody_and_owns_nothing(session: Session, readers: str) -> None:
    (role,) = _all(session, "SELECT * FROM pg_roles WHERE rolname = :readers", readers=readers)
    assert role.rolcanlogin
    assert not any([role.rolsuper, role.rolbypassrls, role.rolcreaterole, role.rolcreatedb])
    assert not _all(session, "SELECT 1 FROM pg_class WHERE relowner = :id", id=role.oid)
    assert not _all(session, "SELECT 1 FROM pg_auth_members WHERE member = :id", id=role.oid)


def test_no_view_or_function_goes_round_the_rules(session: Session) -> None:
    views = _all(
        session,
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND (relkind = 'm' OR relkind = 'v'"
        " AND NOT COALESCE(reloptions @> ARRAY['security_invoker=true'], false))",
    )
    assert not views, f"{_names(views)}: ALTER VIEW … SET (security_invoker = true)"
    trusted = _all(
        session,
        "SELECT proname AS name, proconfig FROM pg_proc WHERE prosecdef"
        " AND pronamespace = 'public'::regnamespace",
    )
    assert {row.name for row in trusted} == {
        "reader_clients", "reader_contracts", "reader_person", "reader_shares",
        "verification_draws",
    }  # fmt: skip
    assert all(row.proconfig == ["search_path=public, pg_temp"] for row in trusted)


def test_few_addresses_of_readers_are_read_by_the_office(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, secret_file=tmp_path / "secret")
    built = app.build(make_engine("postgresql://nobody@127.0.0.1:1/none"), settings)
    found = {
        route.path for route in built.routes for handler in getattr(route, "route_handlers", ())
        if OFFICE in handler.opt
    }  # fmt: skip
    assert found == {
        "/api/v1/clients/{client_id:int}", "/guest/account", "/portal/users",
        "/portal/users/people/{person_id:int}",
    }  # fmt: skip
    assert all(path.startswith((*NARROWED, LINKS)) for path in found)


def _names(rows: Iterable[Any]) -> list[str]:
    return [str(row[0]) for row in rows]
