"""The migrations say exactly what the models say, go both ways, and never wait long for a lock."""

from __future__ import annotations

import ast
import importlib

from sqlalchemy import Engine, text
from sqlalchemy.engine import URL

from cessio.plumbing import migrate
from cessio.plumbing.database import Base, make_engine
from tests.house.sources import modules

CATALOGUE = """
    SELECT 'column', table_name, column_name, data_type, is_nullable, column_default,
           identity_generation, generation_expression
      FROM information_schema.columns
      JOIN information_schema.tables USING (table_schema, table_name)
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE'  -- a view is migrations/sql's own
    UNION ALL
    SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid, true),
           NULL, NULL, NULL, NULL
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
       AND contype <> 't' AND contype <> 'n'
    UNION ALL
    SELECT 'index', tablename, indexname, indexdef, NULL, NULL, NULL, NULL
      FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT 'storage', relname, reloptions::text, relpersistence::text, NULL, NULL, NULL, NULL
      FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
"""


def _import_all_models() -> None:
    for module in modules():
        if "Base)" in module.path.read_text(encoding="utf-8") and module.role != "database":
            name = ".".join(("cessio", *module.parts)).removesuffix(".__init__")
            importlib.import_module(name)


def catalogue(engine: Engine) -> set[tuple[str | None, ...]]:
    with engine.connect() as connection:
        rows = connection.execute(text(CATALOGUE))
        return {tuple(row) for row in rows if row[1] != "alembic_version"}


def test_the_migrated_database_is_what_the_models_say(engine: Engine, empty_url: URL) -> None:
    """Tables, columns, defaults, checks, keys and indexes, compared in PostgreSQL's own words."""
    _import_all_models()
    fresh = make_engine(empty_url, pool_size=1)
    with fresh.begin() as connection:
        for extension in ("pg_trgm", "btree_gist", "unaccent"):
            connection.execute(text(f"CREATE EXTENSION {extension}"))
        for path in sorted((migrate.MIGRATIONS / "sql").glob("0*.sql")):
            migrate.run_sql(connection, path.name)
        Base.metadata.create_all(connection, checkfirst=False)
    migrated, modelled = catalogue(engine), catalogue(fresh)
    fresh.dispose()
    only_migrated, only_modelled = migrated - modelled, modelled - migrated
    assert not only_migrated
    assert not only_modelled


def test_the_schema_goes_down_to_nothing_and_up_again(database_url: URL) -> None:
    engine = make_engine(database_url, pool_size=1)
    before = catalogue(engine)
    assert migrate.downgrade(database_url, "base")
    assert not catalogue(engine)
    assert migrate.upgrade(database_url)
    assert catalogue(engine) == before
    assert not migrate.upgrade(database_url)
    engine.dispose()


def test_every_migration_sets_a_lock_timeout_first() -> None:
    files = sorted((migrate.MIGRATIONS / "versions").glob("*.py"))
    assert files
    for path in files:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name in {"upgrade", "downgrade"}:
                first = ast.unparse(node.body[0])
                assert first.startswith("op.execute(\"SET lock_timeout = '"), path.name


def test_the_template_of_migrations_sets_it_too() -> None:
    template = (migrate.MIGRATIONS / "script.py.mako").read_text(encoding="utf-8")
    assert template.count("SET lock_timeout = '5s'") == 2


def test_migrations_form_one_line() -> None:
    assert migrate.head() is not None
