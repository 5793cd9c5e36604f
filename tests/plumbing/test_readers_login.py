"""The login of readers from outside, where the owner of the database may not make roles."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import URL

from cessio.plumbing import migrate
from cessio.plumbing.readers import SUFFIX, LoginMissing, check_login, reader_url


@pytest.fixture
def administrator(server_url: URL) -> Iterator[psycopg.Connection]:
    """Who may make roles and databases."""
    plain = server_url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        yield connection


@pytest.fixture
def plain_url(administrator: psycopg.Connection, server_url: URL) -> Iterator[URL]:
    """A database of an owner who may make nothing else."""
    name = f"plain_{uuid.uuid4().hex[:12]}"
    owner, readers = sql.Identifier(name), sql.Identifier(f"{name}{SUFFIX}")
    administrator.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'own'").format(owner))
    administrator.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(owner))
    administrator.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(owner, owner))
    yield server_url.set(username=name, password="own", database=name)
    administrator.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(owner))
    administrator.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(readers))
    administrator.execute(sql.SQL("DROP ROLE {}").format(owner))


def test_what_an_administrator_must_type_is_said_and_is_enough(
    administrator: psycopg.Connection, plain_url: URL
) -> None:
    with pytest.raises(LoginMissing) as refused:
        migrate.upgrade(plain_url)
    statements = refused.value.params["statements"]
    assert str(statements) in str(refused.value)
    administrator.execute(str(statements).encode())
    migrate.upgrade(plain_url)
    check_login(plain_url)
    assert reader_url(plain_url).password not in (None, "own")
